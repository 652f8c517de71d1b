"""Accepted missing options as a plan (R24): what is added, what is there already, what nothing can add; bad lines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pdsync.engine.fix_options import by_hand
from pdsync.engine.leaving_out import leave_out
from pdsync.errors import MappingError
from pdsync.mapfiles.fixes import load_fixes
from pdsync.model import (
    MISSING,
    Capabilities,
    ChangeKind,
    Direction,
    FieldMapping,
    Option,
    Plan,
    Reason,
    Side,
)
from tests.engine.fix_world import FixWorld
from tests.planning.build import CITY, PIPEDRIVE_FIELDS, SECTOR, person

LABELS = FieldMapping("label_ids", "plz_interests", Direction.BOTH)


@pytest.fixture
def world(tmp_path: Path) -> FixWorld:
    """Pipedrive's lists can be changed, Plezi's cannot: as far as is known, that is how it is."""
    world = FixWorld(tmp_path, CITY, SECTOR, LABELS)
    world.world.capabilities[Side.PIPEDRIVE] = Capabilities(
        delete=True, read_batch=100, recent_first=True, change_lists=True, longest_option=255
    )
    world.read([person("1")])
    return world


def put(world: FixWorld, *lines: str) -> None:
    """A fix file of these missing options."""
    head = "version: 1\nmapping: contacts\naccounts: {pipedrive: pipedrive-1, plezi: plezi-1}\noptions:\n"
    world.path.write_text(head + "".join(f"  - {{{line}}}\n" for line in lines), "utf-8")


def options(plan: Plan) -> list[tuple[str, object]]:
    """Field and label of every option that is added."""
    return [(one.code, one.after) for change in plan.changes() for one in change.fields]


def said(plan: Plan, *codes: str) -> list[str]:
    """What findings with these codes say."""
    return [one.message for one in plan.findings() if one.code in codes]


async def test_accepted_options_become_one_change_a_list(world: FixWorld) -> None:
    """In the order of the file, trimmed; counted, priced by the list, and what an undo may not take back is told."""
    put(
        world,
        "accept: yes, side: pipedrive, field: Secteur, label: ' Banques '",
        "accept: no, side: pipedrive, field: Secteur, label: Bois",
        "side: pipedrive, field: Secteur, label: Fer",
        "accept: yes, side: pipedrive, field: sector, label: <script>alert(1)</script>",
    )
    plan = await world.plan()
    (change,) = plan.changes()
    assert (change.kind, change.side, change.title, change.record_id) == (
        ChangeKind.ADD_OPTIONS, Side.PIPEDRIVE, "Secteur", "",
    )  # fmt: skip
    assert [(one.key, one.code, one.before, one.after, one.reason) for one in change.fields] == [
        ("sector=plz_sector", "sector", MISSING, "Banques", Reason.REPAIR),
        ("sector=plz_sector", "sector", MISSING, "<script>alert(1)</script>", Reason.REPAIR),
    ]
    assert change.irreversible == ("an option stays in the list once a record holds it",)
    totals = plan.header.totals.sides[Side.PIPEDRIVE]
    assert (totals.options, totals.made, totals.writes, totals.values) == (2, 2, 1, 0)
    assert not plan.header.is_empty
    assert (await world.plan()).header.id == plan.header.id


@pytest.mark.parametrize("text", ["pipedrive:field/sector", "sector=plz_sector", "pipedrive"])
async def test_a_review_may_leave_a_list_out(world: FixWorld, text: str) -> None:
    """By its field, by its field mapping, or with its side; a person of the same id is somebody else."""
    put(world, "accept: yes, side: pipedrive, field: Secteur, label: Bois")
    plan = await world.plan()
    assert list((await leave_out(world.ws, plan, [text])).changes()) == []
    kept = await leave_out(world.ws, plan, ["pipedrive:person/sector"])
    assert kept.header.totals == plan.header.totals


async def test_a_label_that_is_there_is_only_counted(world: FixWorld) -> None:
    """As repairs that are done already are; the form of accents and blanks at the ends make no other option."""
    put(world, 'accept: yes, side: pipedrive, field: Secteur, label: "E\\u0301nergie "')
    plan = await world.plan()
    assert plan.header.is_empty
    assert plan.header.totals.counts == {"already-repaired": 1}


async def test_what_nothing_can_add_is_unsupported_and_says_why(world: FixWorld) -> None:
    """Plezi's lists, and Pipedrive's own ones: findings of the plan, and work by hand (design 6)."""
    put(
        world,
        "accept: yes, side: plezi, field: Secteur, label: Solo",
        "accept: yes, side: pipedrive, field: Labels, label: Prospect",
        "accept: no, side: pipedrive, field: Secteur, label: Bois",
    )
    plan = await world.plan()
    assert plan.header.is_empty
    assert said(plan, "unsupported") == [
        "'Solo' is not added: 'Secteur' is a list of Plezi that no known call changes",
        "'Prospect' is not added: 'Labels' is one of Pipedrive's own fields; only lists of custom fields can be changed",
    ]
    assert [one.label for one in by_hand(world.ws, load_fixes(world.path))] == ["Prospect", "Solo"]


async def test_a_label_that_will_not_find_its_counterpart_is_told(world: FixWorld) -> None:
    """'Banque' is found by the slug of its name; 'Crédit' is nobody's: it needs a pair once it is there."""
    world.world.remote[Side.PIPEDRIVE] = tuple(
        replace(one, options=(Option("1", "Énergie"), Option("3", "Industrie & énergie")))
        if one.code == "sector"
        else one
        for one in PIPEDRIVE_FIELDS
    )
    world.read([person("1")])
    put(
        world,
        "accept: yes, side: pipedrive, field: Secteur, label: Banque",
        "accept: yes, side: pipedrive, field: Secteur, label: Crédit",
    )
    plan = await world.plan()
    assert options(plan) == [("sector", "Banque"), ("sector", "Crédit")]
    assert said(plan, "option-unpaired") == ["'Crédit' will not find its counterpart in Plezi by its name"]


async def test_every_bad_line_is_told_at_once_with_its_place(world: FixWorld) -> None:
    """Nothing is planned; what is not accepted is nobody's business."""
    put(
        world,
        "accept: yes, side: pipedrive, field: Secteurs, label: Bois",
        "accept: yes, side: pipedrive, field: City, label: Brest",
        f"accept: yes, side: pipedrive, field: Secteur, label: {'x' * 256}",
        'accept: yes, side: pipedrive, field: Secteur, label: "Bois\\e[2J"',
        'accept: yes, side: pipedrive, field: Secteur, label: "  "',
        "accept: yes, side: pipedrive, field: Secteur, label: Fer",
        "accept: yes, side: pipedrive, field: sector, label: 'Fer '",
        "accept: no, side: pipedrive, field: Nowhere, label: Bois",
    )
    with pytest.raises(MappingError) as caught:
        await world.plan()
    lines = [(one.place.line, one.message) for one in caught.value.findings if one.place is not None]
    assert lines == [
        (5, "unknown field 'Secteurs' in Pipedrive; did you mean 'Secteur'?"),
        (6, "'City' has no list of options (text)"),
        (7, f"the label '{'x' * 60}...' has 256 characters; a list takes 255"),
        (8, "the label 'Bois\\x1b[2J' holds line ends or control characters"),
        (9, "the label is blank"),
        (11, "'Fer ' is added to 'sector' by another accepted line already"),
    ]


@pytest.mark.parametrize("letters", [255, 256])
async def test_a_label_is_as_long_as_a_list_takes(world: FixWorld, letters: int) -> None:
    """[spec] 1.2: 255 characters, not bytes."""
    put(world, f"accept: yes, side: pipedrive, field: Secteur, label: {'é' * letters}")
    if letters == 255:
        assert options(await world.plan()) == [("sector", "é" * 255)]
    else:
        with pytest.raises(MappingError, match="256 characters"):
            await world.plan()


async def test_a_field_that_is_not_mapped_gets_nothing(tmp_path: Path) -> None:
    """Pdsync has no business with it."""
    world = FixWorld(tmp_path, CITY)
    world.read([person("1")])
    put(world, "accept: yes, side: pipedrive, field: Secteur, label: Bois")
    with pytest.raises(MappingError, match="'Secteur' is not part of the mapping"):
        await world.plan()


def test_the_lists_of_a_field_that_cannot_be_written_are_left_alone(world: FixWorld) -> None:
    """What the service marks as read-only is not tried."""
    fields = tuple(replace(one, writable=one.code != "sector") for one in PIPEDRIVE_FIELDS)
    world.world.remote[Side.PIPEDRIVE] = fields
    world.world.mapping = world.ws.mapping = replace(
        world.ws.mapping,
        fields=(*world.ws.mapping.fields[:-2], replace(SECTOR, direction=Direction.TO_PLEZI)),
    )
    world.read([person("1")])
    put(world, "accept: yes, side: pipedrive, field: Secteur, label: Bois")
    assert [one.label for one in by_hand(world.ws, load_fixes(world.path))] == ["Bois"]
