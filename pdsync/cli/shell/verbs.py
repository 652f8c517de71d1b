"""How a verb is declared: its own options, the settings it uses, and a session to work with.

::

    @verb("mapping", "state")
    @click.argument("run")
    def undo(session: Session, run: str) -> ExitCode:
        \"\"\"Take back what a run wrote.\"\"\"

The decorator adds ``--json``, ``--quiet``, ``--config`` and one flag per named setting, all from the table of settings,
and reads the settings before the verb starts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import click

from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.interrupts import Interrupts
from pdsync.cli.shell.narration import Narration, wants_colour

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace
    from pdsync.model import Event
    from pdsync.settings import Setting, Settings

__all__ = ["SOURCES", "Begun", "Look", "Session", "Watcher", "verb"]


T = TypeVar("T")

SOURCES: Final = ("pipedrive.file", "plezi.file", "columns")
"""Settings of the verbs that can read exports instead of accounts."""


@dataclass(frozen=True, slots=True)
class Look:
    """How wide standard output is, and whether it may be coloured."""

    width: int
    colour: bool

    @classmethod
    def of_output(cls) -> Look:
        """The terminal's; a file or a pipe gets 100 columns without colour."""
        import shutil
        import sys

        width = shutil.get_terminal_size((100, 24)).columns
        return cls(max(width, 40), wants_colour(sys.stdout))


class Session:
    """What a verb is given: settings, where to say things, and how to deliver the result."""

    def __init__(
        self,
        flags: dict[str, Any],
        *,
        config: Path | None,
        json: bool,
        quiet: bool,
        interrupts: Interrupts,
    ) -> None:
        self._flags = flags
        self._interrupts = interrupts
        self._config = config
        self._keeps_state = True
        self.json = json
        self.narration = Narration(quiet=quiet)

    @cached_property
    def settings(self) -> Settings:
        """Flag > environment > pdsync.toml > default, read when first asked for.

        Raises:
            SettingsError
        """
        from pdsync.settings import load_settings

        return load_settings(self._flags, config=self._config)

    def was_given(self, key: str) -> bool:
        """Whether the flag of a setting stood on the command line."""
        return self._flags.get(key) is not None

    def given_flags(self) -> list[str]:
        """The settings as they stood on the command line, for another process that does a part of this."""
        from pdsync.settings import SETTINGS

        flags = [] if self._config is None else ["--config", str(self._config)]
        for setting in SETTINGS:
            value = self._flags.get(setting.key)
            if value is not None:
                flags += [setting.flag] if isinstance(value, bool) else [setting.flag, str(value)]
        return flags

    def use_settings(self, settings: Settings, *, keeps_state: bool) -> None:
        """Other settings than the sources give: the demo's, or with a state folder that is removed in the end."""
        self.__dict__["settings"] = settings
        self._keeps_state = keeps_state

    @property
    def report_folder(self) -> Path:
        """Where the report of a bug may stay: the state folder, or the user's own where that is removed."""
        from pdsync.errors import PdsyncError

        if self._keeps_state:
            try:
                return self.settings.state
            except PdsyncError:
                return Path(".pdsync")
        import platformdirs

        return platformdirs.user_state_path("pdsync")

    def say(self, line: str = "") -> None:
        """A line of narration on standard error."""
        self.narration.say(line)

    def deliver(
        self,
        lines: Callable[[Look], Iterable[str]],
        document: Callable[[], Iterable[str] | Mapping[str, object]],
    ) -> None:
        """The verb's result on standard output: ``lines`` for people; with ``--json`` the document, whole or in pieces."""
        from pdsync.cli.shell import output

        if not self.json:
            output.write_lines(lines(Look.of_output()))
            return
        data = document()
        if isinstance(data, Mapping):
            output.write_json(data)
        else:
            output.write_pieces(data)

    def work(self, do: Callable[[Workspace, Callable[[Event], None]], Awaitable[T]]) -> T:
        """Let the engine do something: with a workspace, progress on standard error, everything closed at the end."""
        from pdsync.engine.workspace import Workspace

        async def inside() -> T:
            with self.watch() as on_event:
                async with Workspace.open(self.settings, on_event=on_event) as ws:
                    return await do(ws, on_event)

        return self._interrupts.run(inside)

    def watch(self) -> Watcher:
        """A consumer of the engine's events that shows progress: ``with session.watch() as on_event``."""
        from pdsync.cli.shell.progress import ProgressLines

        return ProgressLines(self.narration)


@dataclass(slots=True)
class Begun:
    """What is known of a command that began: who listens for Ctrl-C, and the session for the report if it goes wrong."""

    interrupts: Interrupts = field(default_factory=Interrupts)
    session: Session | None = None


class Watcher(Protocol):
    """Takes events between entering and leaving."""

    def __enter__(self) -> Callable[[Event], None]: ...

    def __exit__(self, *exc_info: object) -> None: ...


def verb(*settings: str, name: str | None = None) -> Callable[[Callable[..., ExitCode]], click.Command]:
    """Make a command of a function, with the flags of these settings (keys of the table: ``plezi.file``)."""

    def declare(function: Callable[..., ExitCode]) -> click.Command:
        def invoke(*, json: bool, quiet: bool, config: Path | None, **options: object) -> ExitCode:
            flags = {key: options.pop(_parameter(key)) for key in settings}
            begun = click.get_current_context().ensure_object(Begun)
            begun.session = Session(flags, config=config, json=json, quiet=quiet, interrupts=begun.interrupts)
            return function(begun.session, **options)

        invoke.__doc__ = function.__doc__
        invoke.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
        command = click.command(name or function.__name__.rstrip("_"))(invoke)
        command.params.extend(_shared(settings))
        return command

    return declare


def _shared(keys: tuple[str, ...]) -> list[click.Option]:
    from pdsync.settings import SETTINGS

    by_key = {setting.key: setting for setting in SETTINGS}
    return [
        *(_option(by_key[key]) for key in keys),
        click.Option(
            ["--config"], type=click.Path(path_type=Path), metavar="FILE", help="Settings file [pdsync.toml]."
        ),
        click.Option(["--json"], is_flag=True, help="The result as one JSON document on standard output."),
        click.Option(["--quiet", "-q"], is_flag=True, help="Say nothing on standard error but errors."),
    ]


def _option(setting: Setting) -> click.Option:
    declaration = [setting.flag, _parameter(setting.key)]
    if isinstance(setting.default, bool):
        return click.Option(declaration, is_flag=True, flag_value=True, default=None, help=f"{setting.says}.")
    folder = setting.key == "state"
    return click.Option(
        declaration, metavar="FOLDER" if folder else "FILE", help=f"{setting.says}{setting.shown_default}."
    )


def _parameter(key: str) -> str:
    return key.replace(".", "_")
