"""Pictures of every screen: what changes on them is looked at before it is accepted.

To accept: ``.venv/bin/python -m pytest -p no:xdist tests/tui/test_pictures.py --snapshot-update``, then look at the SVG.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from textual.pilot import Pilot
from textual.widgets import Checkbox, Input

from tests.tui.fake_desk import make_app
from tests.tui.test_screens import settled

SIZES = ((80, 24), (120, 40), (200, 60))
LOOKS = [*product(SIZES, ("dark", "light")), ((120, 40), "high contrast"), ((120, 40), "no colour")]
SCREENS = {
    "overview": "1",
    "audit": "2",
    "plan": "p",
    "run": "pA",
    "held": "pH",
    "history": "6",
    "help": "?",
    "confirm": "pa",
}


@pytest.mark.parametrize(
    ("size", "theme"), LOOKS, ids=[f"{w}x{h}-{theme.replace(' ', '-')}" for (w, h), theme in LOOKS]
)
@pytest.mark.parametrize("screen", SCREENS)
def test_picture(screen: str, size: tuple[int, int], theme: str, snap_compare: Callable[..., bool]) -> None:
    """The screen at this size in this theme."""

    async def visit(pilot: Pilot[None]) -> None:
        await settled(pilot)
        for key in SCREENS[screen]:
            if key in "AH":
                await _apply(pilot, hold=key == "H")
            else:
                await pilot.press("A" if key == "a" else key)
            await pilot.pause(0.2)
            await settled(pilot)
        for box in pilot.app.screen.query(Input):
            box.cursor_blink = False
        await pilot.pause()

    assert snap_compare(make_app(theme=theme), terminal_size=size, run_before=visit)


async def _apply(pilot: Pilot[None], *, hold: bool) -> None:
    desk = pilot.app.desk  # type: ignore[attr-defined]
    desk.slow = hold
    await pilot.press("A")
    await settled(pilot)
    for box in pilot.app.screen.query(Checkbox):
        box.value = True
    pilot.app.screen.query_one("#typed", Input).value = "5d41"
    await pilot.press("enter")
    await pilot.pause(0.3)
    if hold:
        await pilot.press("space")
        await pilot.pause(0.3)
