"""Text from a CRM does nothing on any screen: it is shown, cut to the screen, and moves, hides and paints nothing."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from pdsync.report.text.layout import Role
from pdsync.tui.app import PdsyncApp
from pdsync.tui.screens.contact import Contact
from pdsync.tui.screens.messages import Messages
from tests.report.build import HOSTILE, conflict, create, opt_out, plan, update
from tests.tui.fake_desk import FakeDesk
from tests.tui.test_screens import confirmed, picture, plan_shown, settled, shown

FORBIDDEN = "\x1b\x07\x9b\r\u200b\u202e\u2066\u2069\ufeff\u00ad"
"""Control sequences, direction overrides, what nobody sees."""
LONG = "É" * 100_000


def harmless(app: PdsyncApp) -> str:
    """What is on the screen, which keeps its shape; nothing hostile is in it."""
    text = picture(app)
    assert not set(FORBIDDEN) & set(text)
    assert HOSTILE not in text
    assert "owned" not in str(app.title) + str(app.sub_title)
    return text


async def test_on_the_contact_screen() -> None:
    """Names, addresses, values, reasons and whoever acknowledged something."""
    async with shown(FakeDesk(), "2", "x", size=(120, 80)) as (app, _):
        assert isinstance(app.screen, Contact)
        text = harmless(app)

    assert text.count("\\x1b[2J") > 3
    assert "[red]" in text


async def test_in_the_plan_and_in_what_is_asked_before_writing() -> None:
    """Titles, values, both values of a conflict; by person, by field, by side, and left out."""
    async with shown(FakeDesk(), size=(120, 60)) as (app, pilot):
        await plan_shown(app.desk, app, pilot)  # type: ignore[arg-type]
        for key in ("g", "g", "g", "end", "space", "n", "A"):
            await pilot.press(key)
            await settled(pilot)
            text = harmless(app)
            assert "\\x1b[2J" in text or key == "A"


async def test_in_the_log_of_a_run_and_in_the_messages() -> None:
    """What a service says about a record it refuses, and what the last message was."""
    desk = FakeDesk()
    async with shown(desk) as (app, pilot):
        await plan_shown(desk, app, pilot)
        await confirmed(app, pilot, "5d41")
        await settled(pilot)
        assert "failed: \\x1b[2J" in harmless(app)
        await pilot.press("f")
        await settled(pilot)
        assert "\\x1b[2J" in harmless(app)
        app.say(HOSTILE, Role.BAD)
        await pilot.pause()
        assert "[red]" in harmless(app).splitlines()[-2]
        await pilot.press("m")
        await pilot.pause()
        assert isinstance(app.screen, Messages)
        assert "\\u202e" in harmless(app)


async def test_in_the_name_of_somebody_looked_for() -> None:
    """Also the command line that is shown for it, and copied."""
    async with shown(FakeDesk()) as (app, pilot):
        app.action_contact(f"nobody {HOSTILE}")
        await settled(pilot)
        harmless(app)
        await pilot.press("y")
        await pilot.pause()
        harmless(app)
        assert shlex.split(app.clipboard)[:2] == ["pdsync", "explain"]
        assert len(shlex.split(app.clipboard)) == 3
        assert not set(FORBIDDEN + "\n") & set(app.clipboard)


async def values_of_any_length(pilot: Pilot[None], keys: str) -> None:
    """Keys, one after the other, each drawn."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


@pytest.mark.parametrize("size", [(80, 24), pytest.param((200, 60), marks=pytest.mark.long)])
async def test_a_very_long_value_is_cut(size: tuple[int, int]) -> None:
    """A hundred thousand characters take one line, at once; the end of the line says that there is more."""
    desk = FakeDesk()
    fields = tuple(replace(one, after=LONG, before=LONG[:-1]) for one in update().fields)
    changes = [replace(update(), title=LONG, fields=fields), create(), opt_out()]
    clash = replace(conflict(), field=LONG, details={"pipedrive": LONG, "plezi": LONG + "e", "base": None})
    desk.the_plan = plan(changes, [clash], desk.the_plan.header)
    async with shown(desk, size=size) as (app, pilot):
        await plan_shown(desk, app, pilot)
        await values_of_any_length(pilot, "gggn ")
        lines = picture(app).splitlines()

    assert len(lines) == size[1]
    assert sum("ÉÉÉ" in text for text in lines) >= 4
    assert all("..." in text for text in lines if "ÉÉÉ" in text)
