"""In which sizes and themes every screen has its picture, and which of them are drawn at every commit."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import product
from typing import Any, Final

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.test_screens import settled

__all__ = ["Look", "cases", "resting"]

Look = tuple[tuple[int, int], str]

_SIZES: Final = ((80, 24), (120, 40), (200, 60))
_ALL: Final[tuple[Look, ...]] = tuple(product(_SIZES, ("dark", "light")))
_OFTEN: Final[Look] = ((80, 24), "dark")
"""The size where most breaks: drawn at every commit of what is used most. A picture takes some 0.7 s of processor time."""
_MAIN: Final = frozenset({"overview", "audit", "plan", "run", "confirm", "mapping", "difference"})
_TWO: Final[tuple[Look, ...]] = (_OFTEN, ((120, 40), "light"))
_OTHER_THEMES: Final[tuple[Look, ...]] = (((120, 40), "high contrast"), ((120, 40), "no colour"))


def cases(
    pictures: Iterable[str], *, variants: Collection[str] = (), other_themes: bool = False
) -> list[Any]:
    """Parameters: a picture, a size, a theme. What is not drawn at every commit is marked ``long`` (make check-all).

    Args:
        pictures: Names.
        variants: States of a screen that has its picture in every look: for them two looks are enough, in make check-all.
        other_themes: High contrast and no colour as well, at one size.
    """
    found = []
    for picture in pictures:
        looks = _TWO if picture in variants else (*_ALL, *(_OTHER_THEMES if other_themes else ()))
        for look in looks:
            (width, height), theme = look
            often = look == _OFTEN and picture in _MAIN
            marks = () if often else (pytest.mark.long,)
            name = f"{picture}-{width}x{height}-{theme.replace(' ', '-')}"
            found.append(pytest.param(picture, *look, id=name, marks=marks))
    return found


async def resting(pilot: Pilot[None]) -> None:
    """Nothing moves any more, not even the cursor of a field."""
    await settled(pilot)
    for box in pilot.app.screen.query(Input):
        box.cursor_blink = False
    await pilot.pause(0.1)
    await settled(pilot)
