"""Pictures of the Mapping screen and of the pages that it opens: what changes on them is looked at before it is accepted.

To accept: ``.venv/bin/python -m pytest -p no:xdist -m "" tests/tui/test_mapping_pictures.py --snapshot-update``, then look
at the SVG.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from pdsync.mapfiles import shipped_mapping
from pdsync.tui.widgets.listing import Listing
from tests.tui.fake_desk import FakeDesk, make_app
from tests.tui.looks import cases, resting
from tests.tui.mapping_desk import shipped_world
from tests.tui.test_mapping_screen import ROWS
from tests.tui.test_screens import settled

SHIPPED = shipped_mapping().read_text(encoding="utf-8")
PROBLEMS = (
    SHIPPED.replace("pipedrive: Secteur\n", "pipedrive: Secteurs\n")
    .replace(
        "Function, plezi: function, direction: to_pipedrive", "Function, plezi: function, direction: both"
    )
    .replace("plz_chiffre_d_affaires, direction: both", "plz_chiffre_d_affaires, direction: bothways")
    .replace("{field: sync_to_plezi, is: ", "{field: sync_to_plezzi, is: ")
)
PICTURES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "mapping": (SHIPPED, "secteur", ()),
    "locked": (SHIPPED, "email", ("n",)),
    "turned": (SHIPPED, "source", ("space",)),
    "problems": (PROBLEMS, "function", ("e",)),
    "options": (SHIPPED, "secteur", ("o", "down", "space")),
    "counterpart": (SHIPPED, "secteur", ("o", "A", "space")),
    "difference": (SHIPPED, "secteur", ("space", "o", "A", "escape", "w")),
    "adding": (SHIPPED, "email", ("a",)),
    "unreadable": ("fields: [\n", "", ()),
}
"""File, field mapping in focus, keys."""


VARIANTS = frozenset({"locked", "turned", "counterpart", "unreadable"})
"""States of pages that have their pictures in every look: two looks are enough."""


@pytest.mark.parametrize(("picture", "size", "theme"), cases(PICTURES, variants=VARIANTS))
def test_picture(
    picture: str,
    size: tuple[int, int],
    theme: str,
    snap_compare: Callable[..., bool],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The screen at this size in this theme."""
    monkeypatch.chdir(tmp_path)
    text, row, keys = PICTURES[picture]
    world = shipped_world(tmp_path, text)

    async def visit(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await pilot.press("3")
        await settled(pilot)
        if row:
            pilot.app.screen.query_one("#fields", Listing).cursor = ROWS[row]
        for key in keys:
            await pilot.press(key)
            await settled(pilot)
        await resting(pilot)

    assert snap_compare(make_app(FakeDesk(mapping=world), theme=theme), terminal_size=size, run_before=visit)
