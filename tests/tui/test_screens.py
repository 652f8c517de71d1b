"""Every action of every screen, pressed, over a desk that answers at once."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from textual.binding import Binding
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Checkbox, Input
from textual.worker import WorkerFailed

from pdsync.errors import Interrupted, LimitExceeded
from pdsync.model import Finding, RunState, Severity
from pdsync.report.text.layout import Role
from pdsync.tui.app import PdsyncApp
from pdsync.tui.errands import Errand
from pdsync.tui.screens.confirm import Confirm
from pdsync.tui.screens.every import PAGES, SCREENS
from pdsync.tui.screens.help import Help
from pdsync.tui.themes import THEMES
from pdsync.tui.widgets.listing import Listing
from tests.report.build import (
    HEADER,
    HOSTILE,
    RUN,
    UNDO,
    ambiguous,
    conflict,
    contact,
    longer_list,
    plan,
    update,
)
from tests.tui.fake_desk import NOW, FakeDesk, make_app


@asynccontextmanager
async def shown(
    desk: FakeDesk, *keys: str, size: tuple[int, int] = (120, 40), **options: Any
) -> AsyncIterator[tuple[PdsyncApp, Pilot[None]]]:
    """The app, after some keys."""
    app = make_app(desk, **options)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        for key in keys:
            await pilot.press(key)
            await settled(pilot)
        yield app, pilot


async def settled(pilot: Pilot[None]) -> None:
    """Workers are done and what they said is drawn; a run that the desk holds back (``slow``) is not waited for."""
    desk = pilot.app.desk  # type: ignore[attr-defined]
    for _ in range(1000):
        await pilot.pause()
        held = any(not errand.is_over for errand in getattr(desk, "running", ()))
        lasting = {"budgets", "errand"} if held else {"budgets"}
        if all(worker.is_finished or worker.group in lasting for worker in pilot.app.workers):
            break
    await pilot.pause()


def picture(app: PdsyncApp) -> str:
    """What is on the screen, as text."""
    return "\n".join(
        "".join(segment.text for segment in line) for line in app.screen._compositor.render_strips()
    )


async def test_overview_says_ready_or_not_and_why() -> None:
    """The first line is the answer: not ready, because; then what is new, solved and still there since the audit before."""
    async with shown(FakeDesk(), size=(150, 40)) as (app, _):
        text = picture(app)

    assert "NOT READY  because 41 records are blocked (duplicate-email)" in text
    assert "since the audit 15 h ago: 5 new, 17 solved, 84 still there, 1 not seen this time" in text
    assert "41 blocked, then 44" in text
    assert "5 new, 12 solved" in text
    assert "acme.pipedrive.com (Acme SAS)" in text
    assert "207,440 of 210,000 tokens left today" in text
    assert "partial: nobody confirmed" in text
    runs = text[text.index(" Runs ") :].splitlines()
    assert "undid 412 values, all well" in runs[0]
    assert "applied 2,412 values, stopped, 1 failed, 1 stale" in runs[1]


async def test_a_sides_line_is_one_line_in_a_narrow_terminal_too() -> None:
    """What is left of the budget stands behind the side that it is of."""
    async with shown(FakeDesk(), size=(80, 24)) as (app, _):
        (line,) = [one for one in picture(app).splitlines() if "2,000 persons" in one]
    assert line.split()[-4:] == ["complete", "207,440", "tokens", "left"]


@pytest.mark.parametrize(("key", "asked"), [("r", "read"), ("a", "audit"), ("p", "plan")])
async def test_overview_keys_do_what_they_say(key: str, asked: str) -> None:
    """Read, audit and plan are one key away."""
    desk = FakeDesk()
    async with shown(desk, key) as (_, pilot):
        await settled(pilot)

    assert asked in desk.asked


async def test_what_is_under_way_can_be_stopped_and_keeps_others_away() -> None:
    """One long thing at a time; the reason is said, and s stops it."""
    desk = FakeDesk(slow=True)
    async with shown(desk, "r") as (app, pilot):
        assert "is under way" in app.why_not("audit")
        await pilot.press("a")
        await pilot.pause()
        assert "audit" not in desk.asked
        assert "is under way" in app.said[-1][1]
        await pilot.press("s")
        await pilot.pause()
        assert desk.running[0].stopping
        desk.running[0].fail(Interrupted("Reading was stopped."))
        await settled(pilot)

        assert app.said[-1][1].startswith("Reading was stopped.")


async def test_enter_on_an_audit_opens_its_findings() -> None:
    """Every number can be opened."""
    async with shown(FakeDesk(), "enter") as (app, _):
        assert app.current_mode == "audit"
        assert app.screen.query_one("#query", Input).value == "code:duplicate-email"
        assert "1 of 3 findings" in picture(app)


async def test_findings_that_are_not_kept_any_more_are_said_to_be() -> None:
    """The audit is known, its table was deleted: an empty screen would look like nothing to find."""
    desk = FakeDesk()
    audit = desk.standing.audit
    assert audit is not None
    gone = replace(audit, report=replace(audit.report, table="gone.parquet"))
    desk.standing = replace(desk.standing, audit=gone)
    async with shown(desk, "2") as (app, _):
        assert "not kept any more: press a." in picture(app)


async def test_audit_filters_while_one_types() -> None:
    """Words are found without case and accents, and what is wrong with a pattern is said."""
    async with shown(FakeDesk(), "2", "slash", *"SANTE") as (app, pilot):
        assert "1 of 3 findings" in picture(app)
        app.screen.query_one("#query", Input).value = "/[/"
        await settled(pilot)
        assert "is no regular expression" in picture(app)
        app.screen.query_one("#query", Input).value = "nobody"
        await settled(pilot)
        assert "Nothing was found." in picture(app)
        await pilot.press("escape")
        assert isinstance(app.focused, Listing)


async def test_audit_sorts_and_groups() -> None:
    """The keys t and g go round; the head of a column sorts by it."""
    async with shown(FakeDesk(), "2", "t") as (app, pilot):
        assert "by code" in picture(app)
        await pilot.press("g")
        await settled(pilot)
        assert "grouped by code" in picture(app)
        await pilot.click("#findings", offset=(2, 0))
        await settled(pilot)
        assert "by code," not in picture(app)


async def test_audit_shows_records_side_by_side() -> None:
    """Why it matters, how to mend it, and both records; what differs is marked."""
    async with shown(FakeDesk(), "2", size=(120, 70)) as (app, _):
        text = picture(app)

    assert "why" in text
    assert "Plezi's own connector updates the second" in text
    assert "Pipedrive 1042" in text
    assert "and 1 more in Pipedrive" in text


async def test_records_on_their_way_are_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until they are there, nothing of what the audit keeps for machines is shown in their place."""
    desk = FakeDesk()
    waiting: Errand[Any] = Errand("comparing", "")
    monkeypatch.setattr(desk, "side_by_side", lambda _: waiting)
    app = make_app(desk)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("2")
        for _ in range(100):
            await pilot.pause()
            if "Looking at the records" in picture(app):
                break
        text = picture(app)
        waiting.fail(Interrupted("The snapshot is gone."))
        await settled(pilot)
        assert "Looking at the records" not in picture(app)
    assert "Looking at the records ..." in text
    assert "delivered" not in text


async def test_audit_opens_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key o opens the address that the audit knows, and nothing else."""
    opened: list[str] = []
    monkeypatch.setattr(PdsyncApp, "open_url", lambda self, url, new_tab=True: opened.append(url))
    async with shown(FakeDesk(), "2", "o", "down", "o") as (app, _):
        assert opened == ["https://acme.pipedrive.com/person/1042"]
        assert app.said[-1][1] == "No address is known for this record."


async def test_plan_says_what_would_be_written_where() -> None:
    """The banner: how much, where, how far the limits are used; conflicts on top with both values."""
    async with shown(FakeDesk(), "p") as (app, pilot):
        await settled(pilot)
        text = picture(app)

    assert "DRY RUN  apply would write 2,412 values to Pipedrive and 49 values to Plezi" in text
    assert "creates 71 of" in text
    assert "! CONFLICT" in text
    assert text.index("! CONFLICT") < text.index("~ update")


async def test_plan_shows_what_else_was_found_below_its_changes() -> None:
    """R17: every finding that keeps values out is named, with whom, why and what to do; searched, and opened by x."""
    desk = FakeDesk()
    missing = Finding(
        "unsupported",
        Severity.WARNING,
        f"Plezi cannot update records: {HOSTILE}",
        (contact("5f77"),),
        field=HOSTILE,
    )
    totals = replace(HEADER.totals, findings={"conflict": 5, "ambiguous-match": 14, "unsupported": 1})
    header = replace(desk.the_plan.header, totals=totals)
    desk.the_plan = plan([update()], [conflict(), ambiguous(*map(contact, "abc")), missing], header)
    async with shown(desk, size=(120, 60)) as (app, pilot):
        await plan_shown(desk, app, pilot)
        text = picture(app)
        await pilot.press("slash", *"unsupported", "enter", "down", "x")
        await settled(pilot)

    assert "15 findings below the changes: ambiguous-match 14, unsupported 1" in text
    assert text.index("~ update") < text.index("ambiguous-match  14 findings") < text.index("nobody can tell")
    assert "pipedrive:person/1042  pipedrive:person/1043  plezi:contact/5f05  and 3 more" in text
    assert "merge the duplicates, or correct the shared address" in text
    assert text.index("and 13 more") < text.index("unsupported  1 finding")
    assert "Plezi cannot update records: \\x1b[2J" in text
    assert "explain plezi:contact/5f77" in desk.asked


@pytest.mark.long
async def test_before_anything_is_linked_no_share_of_it_is_told() -> None:
    """'Changed 1 of 0' would be no limit that anybody could look at."""
    desk = FakeDesk()
    totals = desk.the_plan.header.totals
    sides = {side: replace(held, linked=0) for side, held in totals.sides.items()}
    header = replace(desk.the_plan.header, totals=replace(totals, sides=sides))
    desk.the_plan = replace(desk.the_plan, header=header)
    async with shown(desk) as (app, pilot):
        await plan_shown(desk, app, pilot)
        text = picture(app)
    assert "limits: creates 71 of 500" in text
    assert " of 0" not in text


async def plan_shown(desk: FakeDesk, app: PdsyncApp, pilot: Pilot[None]) -> None:
    """The plan is on the screen."""
    await pilot.press("p")
    await settled(pilot)
    assert app.current_mode == "plan"
    assert "pages" in desk.asked


async def test_plan_leaves_out_a_person_a_field_a_side_and_counts_anew() -> None:
    """What is left out stays in sight, and the numbers are those of what is left."""
    desk = FakeDesk()
    async with shown(desk) as (app, pilot):
        await plan_shown(desk, app, pilot)
        await pilot.press("n", "space")
        await settled(pilot)
        text = picture(app)
        assert "left out" in text
        assert "left out: pipedrive:person/1042" in text
        assert app.screen.command == "pdsync plan --from 5d41402abc4b2a76 --without=pipedrive:person/1042"  # type: ignore[attr-defined]
        assert "2,411 values to Pipedrive" in text
        await pilot.press("space", "down", "f")
        await settled(pilot)
        assert any(one.startswith("remaining ['") and "=" in one for one in desk.asked)
        await pilot.press("d")
        await settled(pilot)
        assert any("'pipedrive'" in one for one in desk.asked)


async def test_plan_groups_filters_and_goes_to_the_next_change() -> None:
    """By person, by field, by side; and a filter over names and fields."""
    desk = FakeDesk()
    async with shown(desk) as (app, pilot):
        await plan_shown(desk, app, pilot)
        await pilot.press("g")
        await settled(pilot)
        assert "Grouped by field." in picture(app)
        await pilot.press("g")
        await settled(pilot)
        assert "to Pipedrive" in picture(app)
        await pilot.press("slash", *"zzz")
        await settled(pilot)
        assert "Nothing was found." in picture(app)


async def test_a_list_that_grows_holds_no_values() -> None:
    """Grouped by field, options that are added to a list are counted as options (R24)."""
    desk = FakeDesk()
    sector = "sector=plz_sector"
    value = replace(update(), fields=tuple(one for one in update().fields if one.key == sector))
    desk.the_plan = plan([longer_list(), value], [], desk.the_plan.header)
    async with shown(desk) as (app, pilot):
        await plan_shown(desk, app, pilot)
        await pilot.press("g")
        await settled(pilot)
        assert "2 options, 1 value\n" in re.sub(r" +\n", "\n", picture(app))


async def confirmed(app: PdsyncApp, pilot: Pilot[None], typed: str) -> None:
    """The question before writing, answered."""
    await pilot.press("A")
    await settled(pilot)
    assert isinstance(app.screen, Confirm)
    for box in app.screen.query(Checkbox):
        box.value = True
    app.screen.query_one("#typed", Input).value = typed
    await pilot.press("enter")
    await settled(pilot)


async def test_apply_asks_for_the_plans_id() -> None:
    """Another id, or a flag that nobody ticked, writes nothing; escape leaves."""
    desk = FakeDesk()
    async with shown(desk) as (app, pilot):
        await plan_shown(desk, app, pilot)
        await confirmed(app, pilot, "0000")
        assert isinstance(app.screen, Confirm)
        assert "That is not the beginning" in picture(app)
        app.screen.query_one("#typed", Input).value = "5d41"
        app.screen.query(Checkbox).first().value = False
        await pilot.press("enter")
        await pilot.pause()
        assert "Confirm what is not ticked yet" in picture(app)
        await pilot.press("escape")
        await pilot.pause()

        assert app.said[-1][1] == "Nothing was written."
    assert not [one for one in desk.asked if one.startswith("apply")]


@pytest.mark.parametrize("height", [24, 18])
async def test_what_is_written_where_is_in_sight_while_it_is_confirmed(height: int) -> None:
    """Whatever scrolls between them, both sides' numbers and the id to be typed stay on the screen."""
    desk = FakeDesk()
    always = (
        "2,412 values to Pipedrive",
        "49 values to Plezi",
        "of the plan's id",
        "nothing is written before",
    )
    async with shown(desk, size=(80, height)) as (app, pilot):
        await plan_shown(desk, app, pilot)
        await pilot.press("A")
        await settled(pilot)
        assert [one for one in always if one not in picture(app)] == []
        for flag in ("", "--accept-unguarded", "--first-run"):
            await pilot.press("shift+tab")
            await settled(pilot)
            assert [one for one in (*always, flag) if one not in picture(app)] == []


async def test_apply_carries_out_exactly_the_plan_and_shows_the_run() -> None:
    """The id that was typed is the plan that runs; failures are in the log, and inert."""
    desk = FakeDesk()
    async with shown(desk) as (app, pilot):
        await plan_shown(desk, app, pilot)
        await confirmed(app, pilot, "5d41402a")
        await settled(pilot)
        assert app.current_mode == "run"
        text = picture(app)
        assert "apply 5d41402abc4b2a76 {} True True" in desk.asked
        assert "STOPPED  run 20261102-120500-ab12" in text
        assert "1 failed" in text
        assert "\x1b" not in text.replace("\x1b[", "")
        assert "206,111 tokens left today" in text
        await pilot.press("f")
        await settled(pilot)
        assert "create" in picture(app)
        await pilot.press("x")
        await settled(pilot)
        assert "explain plezi:contact/5f02" in desk.asked
        await pilot.press("escape", "u")
        await settled(pilot)
        assert f"plan_undo {RUN.id} False" in desk.asked
        assert app.current_mode == "plan"


def is_held(errand: Errand[Any]) -> bool:
    """Whether the engine would send nothing now."""
    return errand.gate is not None and errand.gate.held


async def test_a_run_is_held_and_goes_on() -> None:
    """Space holds the run and lets it go on; a held run can be stopped; the pause is no time that the run took."""
    desk = FakeDesk()
    async with shown(desk, "5", "space") as (app, pilot):
        assert app.said[-1][1] == "No run is under way."
        await plan_shown(desk, app, pilot)
        desk.slow = True
        await confirmed(app, pilot, "5d41")
        errand = desk.running[0]
        await pilot.press("space")
        await pilot.pause()
        assert is_held(errand)
        assert "HELD  APPLY 5d41402abc4b2a76" in picture(app)
        assert "nothing is sent; space goes on" in picture(app)
        assert app.watched is not None
        took = app.watched.seconds(NOW)
        app.now = lambda: NOW + timedelta(hours=1)
        assert app.watched.seconds(app.now()) == took
        await pilot.press("space")
        await pilot.pause()
        assert not is_held(errand)
        assert app.watched.seconds(app.now()) == took
        await pilot.press("space", "s")
        await pilot.pause()
        assert errand.stopping
        assert "stopping: what is under way is finished first" in picture(app)
        assert app.why_not("pause") == "It is being stopped."
        errand.fail(Interrupted("The run was stopped."))
        await settled(pilot)
        assert "STOPPED" in picture(app)


@pytest.mark.parametrize(
    "state",
    [
        RunState.STOPPED,
        *(pytest.param(one, marks=pytest.mark.long) for one in (RunState.FAILED, RunState.RUNNING)),
    ],
)
async def test_an_interrupted_run_is_named_and_resumed(state: RunState) -> None:
    """Stopped, failed, or killed with its process: the Overview says so, and one key reads again and plans the rest."""
    desk = FakeDesk()
    desk.standing = replace(desk.standing, runs=(replace(RUN, state=state, undone_by="", remaining=28),))
    async with shown(desk) as (app, pilot):
        text = picture(app)
        assert "Unfinished" in text
        assert "28 changes not tried; c reads again and plans the rest" in text
        await pilot.press("c")
        await settled(pilot)
        assert desk.asked.index("read") < desk.asked.index("plan")


@pytest.mark.long
async def test_what_came_to_its_end_is_not_resumed() -> None:
    """No line, and c says why not; the rest of an undo is planned in the History."""
    desk = FakeDesk()
    async with shown(desk, "c") as (app, _):
        assert "Unfinished" not in picture(app)
        assert app.said[-1][1] == "No run was interrupted."
    desk.standing = replace(desk.standing, runs=(replace(UNDO, state=RunState.STOPPED, remaining=2),))
    async with shown(desk, "c") as (app, _):
        assert "u in the History undoes the rest" in picture(app)
        assert app.said[-1][1] == "Plan the undo again in the History."
        assert "read" not in desk.asked


@pytest.mark.long
async def test_the_run_screen_asks_nobody_in_circles() -> None:
    """After a run, while its undo is planned, the foot still knows what can be done."""
    desk = FakeDesk()
    async with shown(desk) as (app, pilot):
        await plan_shown(desk, app, pilot)
        await confirmed(app, pilot, "5d41")
        await settled(pilot)
        desk.slow = True
        await pilot.press("u")
        await settled(pilot)

        assert app.current_mode == "run"
        assert app.why_not("app.stop") == ""
        assert "is under way" in app.why_not("undo")
        desk.running[0].fail(Interrupted("Stopped."))
        await settled(pilot)


@pytest.mark.long
async def test_apply_of_what_is_left_is_a_plan_of_its_own() -> None:
    """With something left out, the id to be typed is that of what is left."""
    desk = FakeDesk()
    async with shown(desk) as (app, pilot):
        await plan_shown(desk, app, pilot)
        await pilot.press("n", "space")
        await settled(pilot)
        await confirmed(app, pilot, "6030")
        await settled(pilot)

    assert "apply 60303ae22b998861 {} True True" in desk.asked


async def test_a_limit_that_holds_is_said_and_stays() -> None:
    """What the engine refuses stands on the Run screen, with the way out."""
    desk = FakeDesk()
    async with shown(desk) as (app, pilot):
        await plan_shown(desk, app, pilot)
        desk.trouble = LimitExceeded("96 creates, 50 allowed.", next_step="--allow creates=96")
        await confirmed(app, pilot, "5d41")
        await settled(pilot)

        assert "--allow creates=96" in picture(app)
        assert app.said[-1][2] is Role.BAD


async def test_read_only_plans_but_never_applies() -> None:
    """The banner says READ-ONLY on every screen, and A says why not."""
    desk = FakeDesk(read_only=True)
    async with shown(desk) as (app, pilot):
        await plan_shown(desk, app, pilot)
        await pilot.press("A")
        await pilot.pause()

        assert "READ-ONLY" in picture(app)
        assert app.said[-1][1].startswith("Read only: nothing is written from here")
        assert not isinstance(app.screen, Confirm)


async def test_a_refused_plan_cannot_be_applied() -> None:
    """The quality gate refuses the plan as a whole, and the reason is there."""
    desk = FakeDesk(refused=True)
    async with shown(desk) as (app, pilot):
        await plan_shown(desk, app, pilot)

        assert "missing-last-name" in app.why_not("apply")


async def test_history_opens_each_value_and_plans_an_undo() -> None:
    """Runs above, what one wrote below; u plans the undo, U with what it created."""
    desk = FakeDesk()
    async with shown(desk, "6", "down") as (app, pilot):
        await settled(pilot)
        text = picture(app)
        assert RUN.id in text
        assert "Lucile" in text or "1042" in text
        await pilot.press("U")
        await settled(pilot)
        assert f"plan_undo {RUN.id} True" in desk.asked
        assert "UNDO of" in picture(app)
        await pilot.press("6")
        await settled(pilot)


async def test_everybody_can_be_looked_up_from_everywhere() -> None:
    """The key @ asks whom, on any screen, and shows what is known; escape goes back."""
    desk = FakeDesk()
    async with shown(desk, "5", "at") as (app, pilot):
        await pilot.press(*"ana", "at", *"example.com", "enter")
        await settled(pilot)
        assert "explain ana@example.com" in desk.asked
        assert app.screen.command == "pdsync explain ana@example.com"  # type: ignore[attr-defined]
        await pilot.press("escape")
        await settled(pilot)
        assert app.current_mode == "run"
        assert "No run yet" in picture(app)


@pytest.mark.long
async def test_numbers_and_the_mouse_go_to_the_screens() -> None:
    """1 to 6, and a click on the name."""
    async with shown(FakeDesk()) as (app, pilot):
        for number, mode in enumerate(app.titles, 1):
            await pilot.press(str(number))
            await settled(pilot)
            assert app.current_mode == mode
        await pilot.click("Masthead", offset=(2, 1))
        await settled(pilot)
        assert app.current_mode == "overview"


async def test_help_names_every_key_and_its_id() -> None:
    """? explains what has the focus; the ids are what pdsync.toml remaps."""
    async with shown(FakeDesk(), "question_mark") as (app, pilot):
        assert isinstance(app.screen, Help)
        text = picture(app)
        assert "overview.read" in text
        assert "pdsync audit" in text
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, Help)


async def test_keys_can_be_remapped() -> None:
    """An action keeps its id, whatever key it is on."""
    desk = FakeDesk()
    async with shown(desk, "ctrl+r", keys={"overview.read": "ctrl+r"}) as (_, pilot):
        await settled(pilot)
        assert "read" in desk.asked


@pytest.mark.long
async def test_another_key_leaves_an_action_in_its_place() -> None:
    """The first action of a screen has the first place in the foot, whatever its key: what does not fit is the last."""
    async with shown(FakeDesk(), "2", size=(80, 24), keys={"audit.filter": "ctrl+f"}) as (app, _):
        assert picture(app).splitlines()[-1].startswith(" ^f Filter  t Sort")


def test_every_action_has_an_id_of_its_own() -> None:
    """Ids are stable and unique, so that remapping one key moves one action."""
    owners = (PdsyncApp, *SCREENS, *PAGES, Listing)
    bindings = [one for owner in owners for one in owner.BINDINGS]

    ids = [one.id for one in bindings if isinstance(one, Binding)]
    assert len(ids) == len(bindings)
    assert all(ids)
    assert len(set(ids)) == len(ids)


async def test_copying_the_command_puts_it_on_the_clipboard() -> None:
    """The key y copies what does the same on the command line (OSC 52)."""
    async with shown(FakeDesk(), "y") as (app, _):
        assert app.clipboard == "pdsync audit"


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
@pytest.mark.long
async def test_every_theme_draws_every_screen(theme: str) -> None:
    """No theme lacks a colour that a screen asks for."""
    async with shown(FakeDesk(), theme=theme) as (app, pilot):
        for number in "123456":
            await pilot.press(number)
            await settled(pilot)
            assert picture(app)


async def test_a_click_on_a_key_does_what_the_key_does() -> None:
    """The foot is for the mouse as well."""
    desk = FakeDesk()
    async with shown(desk) as (_, pilot):
        await pilot.click("Foot", offset=(2, 1))
        await settled(pilot)

    assert "read" in desk.asked


async def test_hostile_text_is_shown_and_does_nothing() -> None:
    """No control sequence, markup, override or invisible character of a CRM reaches the terminal."""
    desk = FakeDesk()
    async with shown(desk, "2") as (app, pilot):
        texts = [picture(app)]
        await pilot.press("down")
        await settled(pilot)
        texts.append(picture(app))
        for key in ("1", "p", "6"):
            await pilot.press(key)
            await settled(pilot)
            texts.append(picture(app))

    everything = "\n".join(texts)
    assert "\\x1b[2J" in everything
    assert "[red]" in everything
    for character in "\x1b\x07\u202e\u200b":
        assert character not in everything
    assert HOSTILE not in everything


async def test_keys_typed_fast_go_where_they_belong() -> None:
    """What follows / at once is the filter's, and not a command."""
    async with shown(FakeDesk(), "2") as (app, pilot):
        await pilot.press("slash", *"sante")
        await settled(pilot)

        assert app.screen.query_one("#query", Input).value == "sante"
        assert "1 of 3 findings" in picture(app)


def typed(app: PdsyncApp, *keys: str) -> None:
    """Keys that all come in before any of them was looked at, as on a busy machine."""
    for key in keys:
        event = Key(key, key if len(key) == 1 else None)
        event.set_sender(app)
        app.post_message(event)


async def test_keys_that_come_in_at_once_go_one_after_the_other() -> None:
    """What follows / is the filter's, what follows enter in it is a command, and what is asked for gets its answer."""
    desk = FakeDesk()
    async with shown(desk, "2") as (app, pilot):
        typed(app, "slash", *"sante", "enter", "w", *"known", "enter", "g")
        for _ in range(200):
            await settled(pilot)
            if "grouped by code" in picture(app):
                break

        assert app.screen.query_one("#query", Input).value == "sante"
        assert "1 of 3 findings, grouped by code" in picture(app)
    assert any(one.endswith("'known' False") for one in desk.asked)


async def test_a_bug_ends_the_app_and_shows_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    """A traceback with values would name people: nothing of it is shown, and the error is kept for the report."""
    desk = FakeDesk()
    app = make_app(desk)

    async def meet_it() -> None:
        async with app.run_test() as pilot:
            await settled(pilot)
            desk.trouble = RuntimeError("Lucile Rivière")  # type: ignore[assignment]
            await pilot.press("r")
            await settled(pilot)

    with pytest.raises(WorkerFailed):
        await meet_it()

    assert str(app.bug) == "Lucile Rivière"
    assert app.return_code == 70
    said = capfd.readouterr()
    assert "Rivière" not in said.out + said.err


@pytest.mark.parametrize(
    "size", [(40, 12), *(pytest.param(size, marks=pytest.mark.long) for size in ((80, 24), (320, 90)))]
)
async def test_no_size_is_too_small_or_too_wide(size: tuple[int, int]) -> None:
    """It draws at any size, also while it changes."""
    async with shown(FakeDesk(), "2", size=size) as (app, pilot):
        await pilot.resize_terminal(100, 30)
        await settled(pilot)
        assert "findings" in picture(app)
