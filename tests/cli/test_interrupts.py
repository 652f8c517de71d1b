"""Ctrl-C, whenever it comes: exit code 130, one sentence, no traceback."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time

import pytest

_PROGRAM = """
import asyncio, os, signal, sys, types
from pdsync.cli import app
from pdsync.cli.shell.running import run
from pdsync.cli.shell.verbs import verb

def interrupt():
    os.kill(os.getpid(), signal.SIGINT)

async def wait():
    print("ready", flush=True)
    try:
        await asyncio.sleep(30)
    finally:
        print("closed", flush=True)

async def nothing():
    pass

@verb()
def nap(session):
    "Nap."
    {body}

module = types.ModuleType("pdsync.cli.nap"); module.nap = nap; sys.modules["pdsync.cli.nap"] = module
app.VERBS["nap"] = "Nap."
sys.exit(run(["nap"]))
"""


def _start(body: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM.replace("{body}", body)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asynchronous_work_is_closed_in_order(number: signal.Signals) -> None:
    """The real signal, in a process of its own, while the loop waits; kill and service managers send the second."""
    process = _start("session._interrupts.run(wait)")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    threading.Timer(0.1, lambda: process.send_signal(number)).start()
    out, said = process.communicate(timeout=30)

    assert process.returncode == 130
    assert out == "closed\n"
    assert "Interrupted." in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("exec('interrupt()')", id="while a module makes a dataclass"),
        pytest.param(
            "made = asyncio.events.new_event_loop\n"
            "    asyncio.events.new_event_loop = lambda: (interrupt(), made())[1]\n"
            "    session._interrupts.run(wait)",
            id="before the loop is there",
        ),
        pytest.param(
            "closing = asyncio.SelectorEventLoop.close\n"
            "    asyncio.SelectorEventLoop.close = lambda loop: (interrupt(), closing(loop))[1]\n"
            "    session._interrupts.run(nothing)",
            id="while the loop is closed",
        ),
        pytest.param(
            "import weakref\n"
            "    class Module: pass\n"
            "    module = Module()\n"
            "    reference = weakref.ref(module, lambda _: interrupt())\n"
            "    del module\n"
            "    session._interrupts.run(wait)",
            id="in a callback of the interpreter",
        ),
        pytest.param("session._interrupts.run(lambda: asyncio.to_thread(interrupt))", id="as the work ends"),
    ],
)
def test_no_moment_is_a_bad_one(body: str) -> None:
    """Neither a loop that is made or closed, nor a module that is imported, makes a traceback or another exit code of it."""
    process = _start(body)
    _, said = process.communicate(timeout=30)

    assert process.returncode == 130, said
    assert (
        said.lstrip("\n")
        == "Interrupted. What was acknowledged is kept; run the same command again to go on.\n"
    )


def test_a_second_one_does_not_wait() -> None:
    """Work that takes its time to stop is left at once by the second."""
    process = _start(
        "import time\n"
        "    async def busy():\n"
        "        print('ready', flush=True)\n"
        "        while True: time.sleep(0.05)\n"
        "    session._interrupts.run(busy)"
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(2)
    time.sleep(0.3)
    assert process.poll() is None
    process.send_signal(2)
    _, said = process.communicate(timeout=30)

    assert process.returncode == 130
    assert "Traceback" not in said
