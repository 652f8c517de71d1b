"""``pdsync tui``: the same, on a screen: audit, review, run and watch without leaving the keyboard."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.verbs import SOURCES, Session, verb
from pdsync.errors import UsageError

if TYPE_CHECKING:
    from pdsync.settings import ScreenSettings

__all__ = ["tui"]

_BROWSER: Final = "TEXTUAL_DRIVER"
"""Set by the server for the terminal UI behind a page: it draws into a pipe then, and there is no terminal."""


@verb("mapping", "state", "read_only", *SOURCES)
@click.option("--demo", is_flag=True, help="On invented people, with no account, on this machine only.")
@click.option("--web", is_flag=True, help="In a browser on this machine; the address it prints works once.")
@click.option("--host", default="127.0.0.1", show_default=True, help="With --web: a loopback address.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="With --web [any that is free].")
@click.option("--of-demo", is_flag=True, hidden=True, help="A tab of --web --demo: the people are invented.")
def tui(session: Session, *, demo: bool, web: bool, host: str, port: int, of_demo: bool) -> ExitCode:
    """Do all of this on a screen: audit, review, run and watch.

    Every action there is also a command, and each screen names it. With --read-only nothing can be written to either
    service. --demo starts stand-ins of both services with invented people, and removes everything at the end. --web shows
    it in a browser on this machine.
    """
    if session.json:
        raise UsageError(
            "The terminal UI has no JSON.",
            untouched="Nothing was read or written.",
            next_step="For scripts there are the other verbs: pdsync --help",
        )
    if web:
        return _in_browser(session, host, port, demo=demo)
    # textual draws on standard error.
    if _BROWSER not in os.environ and not all(one.isatty() for one in (sys.stdin, sys.stdout, sys.stderr)):
        raise UsageError(
            "The terminal UI needs a terminal.",
            untouched="Nothing was read or written.",
            next_step="For scripts there are the other verbs: pdsync --help",
        )
    if not demo:
        return _run(session, demo=of_demo)
    with _invented(session):
        return _run(session, demo=True)


@dataclass(frozen=True, slots=True)
class _Demo:
    """Where the invented people are, for another process."""

    flags: list[str] = field(default_factory=list)
    environment: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def _invented(session: Session) -> Iterator[_Demo]:
    """The sandbox with invented people, and settings that point at it."""
    import tempfile

    from pdsync.cli.demo import point_at
    from pdsync.cli.shell.stand_in import PLAN, StandIn

    with tempfile.TemporaryDirectory(prefix="pdsync-tui-") as folder:
        session.say("Starting the sandbox ...")
        here = Path(folder)
        with StandIn(here / "sandbox.sqlite3", ["--seed", "demo", "--plan", PLAN]) as stand_in:
            own = session.settings
            point_at(session, stand_in, here, keep=False)
            with (here / "pdsync.toml").open("a", encoding="utf-8") as file:
                file.writelines(_screen_lines(own.tui))
            read_only = own.read_only
            settings = replace(session.settings, read_only=read_only, tui=own.tui)
            session.use_settings(settings, keeps_state=False)
            flags = ["--config", str(here / "pdsync.toml"), "--of-demo", "--mapping", str(settings.mapping)]
            flags += ["--state", str(settings.state), *(["--read-only"] if read_only else [])]
            yield _Demo(flags, stand_in.environment())


def _screen_lines(screen: ScreenSettings) -> Iterator[str]:
    """The person's own theme and keys, for a settings file; a text of JSON is one of TOML."""
    yield f"[tui]\ntheme = {json.dumps(screen.theme, ensure_ascii=False)}\n[tui.keys]\n"
    yield from (
        f"{json.dumps(action)} = {json.dumps(keys, ensure_ascii=False)}\n"
        for action, keys in screen.keys.items()
    )


def _in_browser(session: Session, host: str, port: int, *, demo: bool) -> ExitCode:
    try:
        from pdsync.tui.browser.serving import serve
    except ModuleNotFoundError as error:
        raise UsageError(
            f"The terminal UI in a browser needs {error.name}, which is not installed.",
            untouched="Nothing was started.",
            next_step="pip install 'pdsync[web]'",
        ) from error
    from pdsync.cli.shell import output

    command = [sys.executable, "-m", "pdsync", "tui"]

    def ready(address: str) -> None:
        output.write_lines([address])
        session.say("Open this address; it works once. Ctrl-C ends everything.")

    if not demo:
        _ = session.settings  # a problem with them is said here, and not in the browser
        serve([*command, *session.given_flags()], host=host, port=port, on_ready=ready)
        return ExitCode.OK
    with _invented(session) as made:
        os.environ.update(made.environment)  # never as flags: a process list shows those
        serve([*command, *made.flags], host=host, port=port, on_ready=ready)
    return ExitCode.OK


def _run(session: Session, *, demo: bool) -> ExitCode:
    from pdsync.tui import run

    return ExitCode(run(session.settings, demo=demo))
