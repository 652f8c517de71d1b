"""The terminal UI as a person uses it: a real terminal, real keys, the real engine, and the sandbox."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pdsync.model import RunState
from pdsync.store import State
from tests.sandbox_process import SandboxProcess
from tests.tui.demo_settings import environment_for, settings_for
from tests.tui.terminal import TMUX, Terminal, terminal

pytestmark = [
    pytest.mark.tmux,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not TMUX, reason="no tmux here (apt-get install tmux)"),
]


def test_a_first_day(tmp_path: Path) -> None:
    """Start, read, look at a finding, repair another, plan, leave somebody out, apply, undo, quit; resized on the way."""
    (tmp_path / "pdsync.toml").write_text('[tui.keys]\n"overview.read" = "R"\n', encoding="utf-8")
    with terminal(tmp_path, "--demo", size=(100, 30)) as window:
        window.see("press R to read both sides")
        window.press("R")
        window.see("NOT READY")
        window.see(r"Audited in [\d.]+ s")
        window.press("\r")
        window.see("14 of [0-9,]+ findings")
        window.see("why +The address is how")
        window.resize(140, 45)
        window.see("suggestion|Merge the records")
        _repair(window)
        window.press("1R")
        window.see(r"since the audit .*, 1 solved,")
        window.press("p")
        window.see("DRY RUN  apply would write at least")
        window.press("n" * 8 + " ")
        window.see("left out: p")
        window.press("A")
        window.confirm(flags=1)
        window.resize(90, 28)
        window.see(r"DONE  run \S+, [0-9,]{3,} values", seconds=120)
        window.press("u")
        window.see("UNDO of ")
        window.press("A")
        window.confirm(flags=0)
        window.see(r"Run \S+: done", seconds=120)
        window.press("q")
        _wait(lambda: not window.is_open)


def _repair(window: Terminal) -> None:
    """A repair goes into the fix file; what is accepted there is planned and written."""
    window.press("1" + "j" * 14 + "\r")
    window.see("41 of [0-9,]+ findings")
    window.see("1 untidily written email address")
    window.press("f")
    window.see(r"\[X\] Pipedrive")
    window.press("\r")
    window.see("1 proposal is in fixes.yaml, accepted; F plans")
    window.press("F")
    window.see("DRY RUN  apply would write 1 value to Pipedrive")
    window.press("A")
    window.confirm(flags=0)
    window.see(r"DONE  run \S+, 1 value,", seconds=120)


def test_a_lost_terminal_stops_a_run_safely(tmp_path: Path, sandbox: SandboxProcess) -> None:
    """The terminal goes in the middle of a run: what is under way is written down, and the next session resumes the rest."""
    _lose(tmp_path, sandbox, lambda window: window.tmux("kill-server"))

    _resumes(tmp_path, sandbox, RunState.STOPPED)


def test_a_killed_terminal_ui_resumes(tmp_path: Path, sandbox: SandboxProcess) -> None:
    """Killed in the middle of a run: the next session says so, settles what is open, and one key plans the rest."""
    _lose(tmp_path, sandbox, lambda window: os.kill(window.process, signal.SIGKILL))

    _resumes(tmp_path, sandbox, RunState.RUNNING)


def _lose(folder: Path, sandbox: SandboxProcess, end: Callable[[Terminal], object]) -> None:
    """A slow run that ends in the middle."""
    sandbox.control.turn(pipedrive__plan="ultimate")
    sandbox.control.seed("demo")
    options = _options(folder, sandbox)
    with terminal(folder, *options, environment=environment_for(sandbox)) as window:
        window.see("press r to read both sides")
        window.press("r")
        window.see(r"Audited in [\d.]+ s")
        window.press("p")
        window.see("DRY RUN  apply would write")
        sandbox.control.faults({"kind": "latency", "seconds": 0.5})
        window.press("A")
        window.confirm(flags=1)
        window.see("APPLY ")
        window.see(r"[1-9]\d* of \d+ ")
        process = window.process
        end(window)
        _wait(lambda: not _runs(process))
    sandbox.control.faults()


def _resumes(folder: Path, sandbox: SandboxProcess, left: RunState) -> None:
    with State.open(folder / "state" / "state.sqlite3", folder / "state" / "lock") as state:
        run = state.history.run("last")
        assert run.state is left
    with terminal(folder, *_options(folder, sandbox), environment=environment_for(sandbox)) as window:
        window.see("Unfinished +run")
        window.press("c")
        window.see("DRY RUN  apply would write")
        window.press("A")
        window.confirm(flags=0)
        window.see(r"DONE  run", seconds=120)
        window.press("q")
        _wait(lambda: not window.is_open)
    with State.open(folder / "state" / "state.sqlite3", folder / "state" / "lock") as state:
        assert state.history.open_intents() == []
        assert state.history.run("last").state is RunState.DONE


def _options(folder: Path, sandbox: SandboxProcess) -> list[str]:
    if not (folder / "mappings").exists():
        settings_for(sandbox, folder)
    return ["--mapping", str(folder / "mappings" / "contacts.yaml"), "--state", str(folder / "state")]


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _wait(what: Callable[[], bool], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.1)
