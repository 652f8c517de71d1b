"""The whole way on the real engine and the sandbox, as a person goes it: read, audit, plan, leave out, apply, undo."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Checkbox, Input

from pdsync.model import RunState, Side
from pdsync.tui.app import PdsyncApp
from pdsync.tui.desk import Desk
from pdsync.tui.screens.confirm import Confirm
from tests.sandbox_process import SandboxProcess
from tests.tui.demo_settings import settings_for


async def until(pilot: Pilot[None], what: Callable[[], object]) -> None:
    """Wait for the engine, which works in another thread."""
    deadline = time.monotonic() + 180  # a state is waited for; a busy machine takes its time
    while not what():
        assert time.monotonic() < deadline, pilot.app.said[-3:]  # type: ignore[attr-defined]
        await asyncio.sleep(0.05)
    await pilot.pause()


@pytest.mark.long
async def test_from_nothing_to_an_undo(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """Everything that a person does on a first day; what was left out is not written, and the undo takes it all back."""
    sandbox.control.turn(pipedrive__plan="ultimate")
    sandbox.control.seed("bench", size=30, changed_percent=20)
    app = PdsyncApp(Desk(settings_for(sandbox, tmp_path)), demo=True)

    def idle() -> bool:
        return app.errand is not None and app.errand.is_over

    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: len(app.accounts) == len(Side) and app.standing)
        assert app.accounts[Side.PIPEDRIVE].domain.endswith("pipedrive.com")
        await pilot.press("r")
        await until(pilot, lambda: app.standing and app.standing.audit and idle())
        await pilot.press("p")
        await until(pilot, lambda: app.reviewed and idle() and app.current_mode == "plan")
        whole = app.reviewed.plan.header if app.reviewed else None
        assert whole is not None

        await until(pilot, lambda: len(app.screen.query_one("#changes").rows))  # type: ignore[attr-defined]
        app.screen.query_one("#words", Input).value = "update"
        await pilot.pause()
        await pilot.press("d")
        await until(pilot, lambda: app.screen._totals != whole.totals)  # type: ignore[attr-defined]
        await pilot.press("A")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert isinstance(app.screen, Confirm)
        smaller = app.screen._header
        assert smaller.id != whole.id
        for box in app.screen.query(Checkbox):
            box.value = True
        app.screen.query_one("#typed", Input).value = smaller.id
        await pilot.press("enter")
        await until(pilot, lambda: app.watched and app.watched.ended)

        watched = app.watched
        assert watched is not None
        assert watched.summary is not None, app.said
        run = watched.summary
        assert run.state is RunState.DONE
        assert run.plan_id == smaller.id
        assert 0 < sum(run.writes.values()) < whole.totals.writes
        assert sum(side.writes for side in smaller.totals.sides.values()) == sum(run.writes.values())

        await pilot.press("u")
        await until(pilot, lambda: idle() and app.reviewed and app.reviewed.plan.header.undoes == run.id)
        await pilot.pause(0.5)
        await pilot.press("A")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        app.screen.query_one("#typed", Input).value = app.screen._header.id
        await pilot.press("enter")
        await until(pilot, lambda: app.watched is not watched and app.watched and app.watched.ended)
        assert app.watched is not None
        assert app.watched.summary is not None, app.said
        assert app.watched.summary.undoes == run.id
        await pilot.press("6")
        await pilot.pause(0.3)
    await app.desk.close()
