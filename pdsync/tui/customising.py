"""What a person may choose in pdsync.toml, checked against what there is: themes and keys."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from textual.binding import Binding
from textual.dom import DOMNode

from pdsync.errors import SettingsError
from pdsync.tui.themes import THEMES

__all__ = ["known_keys", "known_theme"]


def known_theme(name: str) -> str:
    """The theme of this name.

    Raises:
        SettingsError: there is none.
    """
    names = [theme.name for theme in THEMES]
    if name not in names:
        raise _unknown(f"[tui] theme: there is no theme {name!r}", names, name)
    return name


def known_keys(keys: Mapping[str, str], owners: Iterable[type[DOMNode]]) -> dict[str, str]:
    """Keys by the id of their action.

    Raises:
        SettingsError: an id that no action has. It would be silently ignored, and the person would press the key in vain.
    """
    ids = [one.id for owner in owners for one in owner.BINDINGS if isinstance(one, Binding) and one.id]
    for name in keys:
        if name not in ids:
            raise _unknown(f"[tui.keys]: there is no action {name!r}", ids, name)
    return dict(keys)


def _unknown(what: str, known: list[str], name: str) -> SettingsError:
    near = difflib.get_close_matches(name, known, n=1)
    return SettingsError(
        f"{what}{f'; did you mean {near[0]!r}?' if near else '.'}",
        untouched="Nothing was read or written.",
        next_step=f"Known are: {', '.join(known)}",
    )
