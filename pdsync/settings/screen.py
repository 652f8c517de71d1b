"""The table ``[tui]`` of pdsync.toml: how the terminal UI looks and listens.

::

    [tui]
    theme = "light"

    [tui.keys]
    "overview.read" = "ctrl+r"
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from pdsync.errors import SettingsError
from pdsync.settings.values import ScreenSettings

__all__ = ["read_screen"]


def read_screen(table: object, file: Path) -> ScreenSettings:
    """The table as it stands in the file. Which actions and themes there are is known only to the terminal UI.

    Raises:
        SettingsError: another key, or a value that is no text.
    """
    if not isinstance(table, Mapping):
        raise _wrong(file, "tui is not a table")
    unknown = sorted(set(table) - {"theme", "keys"})
    if unknown:
        raise _wrong(file, f"[tui] has an unknown setting {unknown[0]!r}")
    theme, keys = table.get("theme", ""), table.get("keys", {})
    if not isinstance(theme, str):
        raise _wrong(file, "[tui] theme is not a text")
    if not isinstance(keys, Mapping) or not all(isinstance(value, str) for value in keys.values()):
        raise _wrong(file, "[tui.keys] does not give each action a text")
    return ScreenSettings(theme=theme, keys=MappingProxyType(dict(keys)))


def _wrong(file: Path, what: str) -> SettingsError:
    return SettingsError(
        f"{file}: {what}.",
        untouched="Nothing was read or written.",
        next_step='Known are theme and keys, for example: [tui.keys] "overview.read" = "ctrl+r"',
    )
