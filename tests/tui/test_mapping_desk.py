"""The mapping behind the real desk: what was saved is what the next plan goes by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pdsync.errors import SettingsError
from pdsync.model import Side
from pdsync.settings import Settings
from pdsync.tui.desk import Desk
from tests.engine.mapping_world import MappingWorld, row_of
from tests.planning.build import contact, person


async def _nobody(settings: Settings, side: Side) -> Any:
    raise SettingsError(f"{side.label} is not reached in this test")


@pytest.mark.long
async def test_a_plan_goes_by_the_file_as_it_is_now(tmp_path: Path) -> None:
    """The session stays open while the mapping changes; the workspace reads it anew for everything that uses it."""
    world = MappingWorld(tmp_path)
    world.read([person("1", "l@example.com", revenue=12)], [contact("a", "l@example.com", source="Ads")])
    desk = Desk(world.ws.settings, open_client=_nobody)
    try:
        before = await desk.plan().outcome()
        assert sum(held.values for held in before.plan.header.totals.sides.values()) == 2

        draft = await desk.mapping_draft().outcome()
        draft.turn(row_of(draft, "source").entry)
        draft.save(draft.view().difference)
        after = await desk.plan().outcome()

        assert after.plan.header.mapping_digest != before.plan.header.mapping_digest
        assert sum(held.values for held in after.plan.header.totals.sides.values()) == 1
    finally:
        await desk.close()


async def test_people_and_holders_come_from_what_was_read(tmp_path: Path) -> None:
    """In another thread, with no request."""
    world = MappingWorld(tmp_path)
    world.read([person("1", "l@example.com", sector=1)], [contact("a", "l@example.com")])
    desk = Desk(world.ws.settings, open_client=_nobody)
    try:
        people = await desk.people().outcome()
        held = await desk.option_holders().outcome()
    finally:
        await desk.close()

    assert len(people) == 1
    assert held[Side.PIPEDRIVE]["sector", "1"] == 1
