"""Pictures of every screen: what changes on them is looked at before it is accepted.

To accept: ``.venv/bin/python -m pytest -p no:xdist -m "" tests/tui/test_pictures.py --snapshot-update``, then look at each.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot
from textual.widgets import Checkbox, Input

from tests.tui.fake_desk import FakeDesk, make_app
from tests.tui.looks import cases, resting
from tests.tui.test_screens import settled

SCREENS: dict[str, tuple[str, ...]] = {
    "overview": (),
    "audit": ("2",),
    "plan": ("p",),
    "run": ("p", "apply"),
    "held": ("p", "apply and hold"),
    "history": ("6",),
    "contact": ("2", "x"),
    "help": ("question_mark",),
    "confirm": ("p", "A"),
    "ask": ("2", "w"),
    "accept": ("2", "f"),
    "messages": ("a", "p", "f", "m"),
    "palette": ("2", "ctrl+p"),
}
"""Keys, and what is done with more than a key."""
EMPTY: dict[str, tuple[str, ...]] = {
    "nothing-overview": (),
    "nothing-audit": ("2",),
    "nothing-plan": ("4",),
    "nothing-run": ("5",),
    "nothing-history": ("6",),
}
"""Before anything was read."""


@pytest.mark.parametrize(("screen", "size", "theme"), cases(SCREENS, other_themes=True))
def test_picture(screen: str, size: tuple[int, int], theme: str, snap_compare: Callable[..., bool]) -> None:
    """The screen at this size in this theme."""

    async def visit(pilot: Pilot[None]) -> None:
        await settled(pilot)
        for key in SCREENS[screen]:
            if key.startswith("apply"):
                await _apply(pilot, hold=key == "apply and hold")
            else:
                await pilot.press(key)
            await settled(pilot)
        await resting(pilot)

    assert snap_compare(make_app(theme=theme), terminal_size=size, run_before=visit)


@pytest.mark.parametrize(("screen", "size", "theme"), cases(EMPTY, variants=EMPTY))
def test_picture_of_nothing(
    screen: str, size: tuple[int, int], theme: str, snap_compare: Callable[..., bool]
) -> None:
    """What is empty says so, and what to press."""

    async def visit(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await pilot.press(*EMPTY[screen])
        await resting(pilot)

    assert snap_compare(make_app(FakeDesk(fresh=True), theme=theme), terminal_size=size, run_before=visit)


async def _apply(pilot: Pilot[None], *, hold: bool) -> None:
    desk = pilot.app.desk  # type: ignore[attr-defined]
    desk.slow = hold
    await pilot.press("A")
    await settled(pilot)
    for box in pilot.app.screen.query(Checkbox):
        box.value = True
    pilot.app.screen.query_one("#typed", Input).value = "5d41"
    await pilot.press("enter")
    if hold:
        await pilot.pause(0.3)  # what it has told is fetched, time after time, as long as it goes on
        await settled(pilot)
        await pilot.press("space")
        await pilot.pause(0.3)
