"""What a person does with a finding, and with a person, from a screen; and what was said stays readable."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from pdsync.model import Explanation
from pdsync.report.text.layout import Role
from pdsync.tui.app import PdsyncApp
from pdsync.tui.screens.audit import Audit
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
    """The key f shows what is proposed, enter accepts it in the file, z takes it back, a second z has nothing left."""
    desk = FakeDesk()
    async with shown(desk, "2", "f") as (app, pilot):
        page = picture(app)
        for words in (
            "[X] Pipedrive 1042",
            "Zoé",
            "<- \\x1b[2J",
            "only one of these",
            "by hand",
            "F plans what is accepted",
        ):
            assert words in page
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("z", "z")
        await settled(pilot)
        assert [one for one in desk.asked if one.startswith("decide")] == [
            "decide [True, False, False, True, True, False, True]",
            "decide [None, None, None, None, None, None, None]",
        ]
        said = [text for _, text, _ in app.said]
        assert said[-3:] == [
            "7 proposals are in fixes.yaml; F plans what is accepted (fixes.yaml)",
            "7 proposals left fixes.yaml",
            "Nothing was acknowledged or put into the fix file here.",
        ]


async def test_each_proposal_is_accepted_or_not() -> None:
    """Space decides about the one in focus; of two that exclude each other the other is left; a merge is only noted."""
    desk = FakeDesk()
    desk.proposed = (*desk.proposed[1:4], desk.proposed[-1])  # two that exclude each other, a pair, a merge
    async with shown(desk, "2", "f") as (_, pilot):
        await pilot.press("space")
        await pilot.press("down", "down", "space")  # rather the second
        await pilot.press("down", "down", "space")
        await pilot.press("end", "space")  # the merge
        await pilot.press("enter")
        await settled(pilot)
    assert desk.asked[-2] == "decide [False, True, False, None]"


@pytest.mark.long
async def test_proposals_are_accepted_with_the_mouse() -> None:
    """A second click on one changes its tick, the button puts all of them into the file."""
    desk = FakeDesk()
    desk.proposed = desk.proposed[3:5]
    async with shown(desk, "2", "f") as (_, pilot):
        await pilot.click("#proposals", offset=(2, 0), times=2)
        await pilot.click("#put")
        await settled(pilot)
    assert "decide [False, True]" in desk.asked


async def test_what_is_decided_already_is_shown_so_and_escape_leaves_it() -> None:
    """The page begins with what the file says; without enter the file stays as it is."""
    desk = FakeDesk()
    desk.proposed = tuple(replace(one, accepted=False) for one in desk.proposed[:1])
    async with shown(desk, "2", "f") as (app, pilot):
        assert "[ ] Pipedrive 1042" in picture(app)
        await pilot.press("space", "escape")
        await settled(pilot)
        assert "only one of these" not in picture(app)
    assert not [one for one in desk.asked if one.startswith("decide")]


async def test_a_finding_without_a_repair_says_so() -> None:
    """The page closes by itself, and nothing is put anywhere."""
    desk = FakeDesk()
    async with shown(desk, "2", "down", "f") as (app, pilot):
        await settled(pilot)
        assert app.said[-1][1] == "pdsync knows no repair for this finding."
        assert isinstance(app.screen, Audit)
    assert not [one for one in desk.asked if one.startswith("decide")]


async def test_what_is_accepted_in_the_fix_file_is_planned_and_shown() -> None:
    """Without a fix file F says how to begin one; with one it plans what is accepted, as any plan is shown."""
    desk = FakeDesk()
    async with shown(desk, "2", "F") as (app, pilot):
        assert app.said[-1][1] == "There is no fix file yet: f begins one."
        assert "plan_fixes" not in desk.asked
        await pilot.press("f")
        await settled(pilot)
        await pilot.press("enter")
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
        app.say("The second\nSee: pdsync history 1\nThen plan again")
        await pilot.press("m")
        await pilot.pause()
        assert isinstance(app.screen, Messages)
        text = picture(app)
        assert text.index("The second") < text.index("The first")
        assert "The second. See: pdsync history 1. Then plan again" in text
        assert "12:06:00" in text
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, Messages)
