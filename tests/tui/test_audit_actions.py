"""What a person does with a finding, and with a person, from a screen; and what was said stays readable."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from pdsync.model import Explanation
from pdsync.report.text.layout import Role
from pdsync.tui.app import PdsyncApp
from pdsync.tui.screens.contact import Contact
from pdsync.tui.screens.messages import Messages
from pdsync.tui.widgets.listing import Listing
from tests.report.build import HOSTILE
from tests.report.build_explanation import pair
from tests.tui.fake_desk import FakeDesk
from tests.tui.test_screens import picture, plan_shown, settled, shown

CODE = "duplicate-email"


async def answered(app: PdsyncApp, pilot: Pilot[None], text: str) -> None:
    """A line of text, and enter."""
    app.screen.query_one("#answer", Input).value = text
    await pilot.press("enter")
    await settled(pilot)


async def test_a_finding_goes_into_the_fix_file_and_comes_out_again() -> None:
    """The key f puts it there, z takes it back, and a second z says that there is nothing left."""
    desk = FakeDesk()
    async with shown(desk, "2", "f", "z", "z") as (app, _):
        assert [one for one in desk.asked if one.startswith("repair")] == [
            f"repair {CODE} False",
            f"repair {CODE} True",
        ]
        said = [text for _, text, _ in app.said]
        assert said[-3:] == [
            "2 proposals are in fixes.yaml: fixes.yaml; F plans what is accepted there",
            "2 proposals left fixes.yaml",
            "Nothing was acknowledged or put into the fix file here.",
        ]


async def test_what_is_accepted_in_the_fix_file_is_planned_and_shown() -> None:
    """Without a fix file F says how to begin one; with one it plans what is accepted, as any plan is shown."""
    desk = FakeDesk()
    async with shown(desk, "2", "F") as (app, pilot):
        assert app.said[-1][1] == "There is no fix file yet: f begins one."
        assert "plan_fixes" not in desk.asked
        await pilot.press("f")
        await settled(pilot)
        await pilot.press("F")
        await settled(pilot)
        await settled(pilot)
        assert app.current_mode == "plan"
        assert "DRY RUN" in picture(app)
    assert "plan_fixes" in desk.asked


async def test_a_finding_is_acknowledged_with_a_reason_and_that_is_taken_back() -> None:
    """The key w asks why; without a reason nothing is written."""
    desk = FakeDesk()
    async with shown(desk, "2", "w", "escape") as (app, pilot):
        assert not [one for one in desk.asked if one.startswith("acknowledge")]
        await pilot.press("w")
        await settled(pilot)
        await answered(app, pilot, "two brothers, one mailbox")
        assert f"acknowledge {CODE} 'two brothers, one mailbox' False" in desk.asked
        await pilot.press("z")
        await settled(pilot)
        assert f"acknowledge {CODE} '' True" in desk.asked


async def test_the_head_of_a_group_is_no_finding() -> None:
    """Grouped, the first finding has the focus; on the head itself each key says why it does nothing."""
    desk = FakeDesk()
    async with shown(desk, "2", "g") as (app, pilot):
        assert app.screen.query_one("#findings", Listing).cursor == 1
        assert "why" in picture(app)
        await pilot.press("up")
        await settled(pilot)
        for key in ("f", "w"):
            before = len(app.said)
            await pilot.press(key)
            await settled(pilot)
            assert [text for _, text, _ in app.said[before:]] == ["No finding stands here."]
    assert not [one for one in desk.asked if one.startswith(("repair", "acknowledge"))]


async def test_an_audit_is_exported() -> None:
    """The key e asks for a file; what is in it is said."""
    desk = FakeDesk()
    async with shown(desk, "2", "e") as (app, pilot):
        await answered(app, pilot, "audit.csv")
        assert f"export {Path('audit.csv')}" in desk.asked
        assert "personal data" in app.said[-1][1]


@pytest.mark.parametrize("keys", [("2", "x"), ("6", "tab", "x")])
async def test_a_person_is_explained_from_a_finding_and_from_a_value(keys: tuple[str, ...]) -> None:
    """The key x opens everything known of the person in focus; escape goes back."""
    desk = FakeDesk()
    async with shown(desk, *keys) as (app, pilot):
        assert isinstance(app.screen, Contact)
        assert [one for one in desk.asked if one.startswith("explain p")]
        explanation: Explanation = pair()
        assert explanation.verdict[1:20] in picture(app)
        assert app.screen.command.startswith("pdsync explain p")
        assert HOSTILE not in picture(app)
        await pilot.press("escape")
        await settled(pilot)
        assert not isinstance(app.screen, Contact)


async def test_a_person_is_explained_from_the_plan_and_somebody_else_from_there() -> None:
    """On the Contact screen / asks for another person; who is not known is said there."""
    desk = FakeDesk()
    async with shown(desk) as (app, pilot):
        await plan_shown(desk, app, pilot)
        await pilot.press("n", "x")
        await settled(pilot)
        assert isinstance(app.screen, Contact)
        assert "explain pipedrive:person/1042" in desk.asked
        await pilot.press("slash")
        await settled(pilot)
        await answered(app, pilot, "nobody@example.com")
        assert "Nobody is known by that." in picture(app)


async def test_every_message_can_be_read_again() -> None:
    """The foot shows the last one only; m shows all of them, with their times."""
    async with shown(FakeDesk()) as (app, pilot):
        app.say("The first " + "long " * 40, Role.WARN)
        app.say("The second")
        await pilot.press("m")
        await pilot.pause()
        assert isinstance(app.screen, Messages)
        text = picture(app)
        assert text.index("The second") < text.index("The first")
        assert "12:06:00" in text
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, Messages)
