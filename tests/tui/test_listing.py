"""Tables on screens: what is shown at a width fits into it."""

from __future__ import annotations

import pytest

from pdsync.tui.widgets.listing import Listing
from tests.tui.fake_desk import FakeDesk
from tests.tui.test_screens import shown

GAP = 2


@pytest.mark.parametrize("screen", ["1", "2", "3", "6"])
async def test_columns_fit_at_every_width(screen: str) -> None:
    """A column that comes in at a width leaves the others whole: a figure that is cut off is a wrong figure."""
    async with shown(FakeDesk(), screen) as (app, _):
        tables = [one._columns for one in app.screen.query(Listing) if one._columns]
        assert tables
        for columns in tables:
            for width in range(78, 240):
                taken = [column.width for column in columns if width >= column.from_width]
                assert sum(taken) + GAP * (len(taken) - 1) <= width, (width, [one.title for one in columns])
