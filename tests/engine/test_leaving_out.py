"""What a review takes out of a plan: what is left is a plan of its own, and nothing in it was decided anew."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from pdsync.engine.leaving_out import Without, leave_out, named, remaining
from pdsync.engine.prepare import prepare
from pdsync.engine.standing import look
from pdsync.errors import UsageError
from pdsync.model import Change, ChangeKind, Plan, Side
from pdsync.store import read_plan
from tests.engine.planning_world import World
from tests.engine.test_prepare import CONTACTS, PERSONS


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a world, and its plan: one link that fills, one create on each side with what follows it."""
    folder = tmp_path_factory.mktemp("planned")
    world = World(folder)
    world.read(PERSONS, CONTACTS)
    plan = asyncio.run(prepare(world.ws))
    world.ws.state.close()
    return folder, plan.header.id


@pytest.fixture
def plan(tmp_path: Path, planned: tuple[Path, str]) -> tuple[World, Plan]:
    """A copy of both."""
    folder, number = planned
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    world = World(tmp_path)
    return world, read_plan(world.ws.folder.plans / f"{number}.pdsync")


def kept(plan: Plan) -> list[tuple[str, str, tuple[str, ...]]]:
    """Kind, side and fields of every change that writes."""
    return [
        (str(one.kind), str(one.side), tuple(field.key for field in one.fields))
        for one in plan.changes()
        if not one.kind.ledger_only
    ]


def writes(plan: Plan) -> list[Change]:
    """Every change for which a request leaves."""
    return [one for one in plan.changes() if not one.kind.ledger_only]


async def test_nothing_left_out_is_the_same_plan(plan: tuple[World, Plan]) -> None:
    """Numbers, totals and changes stay; only the id says that somebody reviewed it."""
    world, whole = plan
    same = await leave_out(world.ws, whole, [])

    assert list(same.changes()) == list(whole.changes())
    assert same.header.totals == whole.header.totals


async def test_a_person_left_out_is_gone_with_all_that_depends_on_it(plan: tuple[World, Plan]) -> None:
    """By the id on either side; the numbers in the file are whole again, and so is its checksum."""
    world, whole = plan
    create = next(one for one in writes(whole) if one.kind is ChangeKind.CREATE and one.side is Side.PLEZI)
    smaller = await leave_out(world.ws, whole, [f"pipedrive:person/{create.pipedrive_id}"])

    changes = list(smaller.changes())
    assert not [one for one in changes if one.pipedrive_id == create.pipedrive_id]
    assert [one.number for one in changes] == list(range(1, len(changes) + 1))
    assert all(one.depends_on < one.number for one in changes)
    assert smaller.header.id != whole.header.id
    assert smaller.header.narrowed == (f"without pipedrive:person/{create.pipedrive_id}",)
    assert smaller.header.totals.sides[Side.PLEZI].creates == 0
    assert read_plan(Path(smaller.path)).header == smaller.header


async def test_a_field_left_out_is_written_nowhere(plan: tuple[World, Plan]) -> None:
    """An update of that field alone is gone; other changes lose the field."""
    world, whole = plan
    update = next(one for one in writes(whole) if one.kind is ChangeKind.UPDATE and one.side is Side.PLEZI)
    key = update.fields[0].key
    smaller = await leave_out(world.ws, whole, [key])

    assert not [one for one in kept(smaller) if key in one[2]]
    assert len(kept(smaller)) < len(kept(whole))


async def test_a_side_left_out_is_not_written(plan: tuple[World, Plan]) -> None:
    """Nothing is written there, and what waited for it is gone too."""
    world, whole = plan
    smaller = await leave_out(world.ws, whole, ["plezi"])

    assert {side for _, side, _ in kept(smaller)} == {"pipedrive"}
    assert smaller.header.totals.sides[Side.PLEZI].writes == 0


async def test_the_count_is_that_of_the_plan_that_would_be_made(plan: tuple[World, Plan]) -> None:
    """What the screen shows before is what the header says after."""
    world, whole = plan
    for texts in (["plezi"], ["pipedrive:person/1"], []):
        made = await leave_out(world.ws, whole, texts)
        assert await remaining(world.ws, whole, texts) == made.header.totals


async def test_the_same_left_out_gives_the_same_id(plan: tuple[World, Plan]) -> None:
    """In whatever order it was named."""
    world, whole = plan
    one = await leave_out(world.ws, whole, ["plezi", "pipedrive:person/1"])
    other = await leave_out(world.ws, whole, ["pipedrive:person/1", "plezi"])

    assert one.header.id == other.header.id


async def test_what_identifies_a_record_cannot_be_left_out(plan: tuple[World, Plan]) -> None:
    """Without its address nobody can tell a record from another."""
    world, whole = plan
    create = next(one for one in writes(whole) if one.kind is ChangeKind.CREATE)
    email = next(one.key for one in create.fields if one.key.startswith("email"))

    with pytest.raises(UsageError, match="cannot be left out"):
        await leave_out(world.ws, whole, [email])


def test_other_words_are_refused() -> None:
    """A misspelt record must not silently leave out nobody."""
    with pytest.raises(UsageError, match="no record, field mapping or side"):
        Without.parse(["Lucile"])


async def test_people_fields_and_sides_are_named_as_people_name_them(plan: tuple[World, Plan]) -> None:
    """An address and an id are somebody's record, a field by its name on either side its mapping; a side is itself."""
    world, _ = plan
    address = str(PERSONS[0].values["email"][0]["value"])  # type: ignore[index, call-overload]

    assert named(world.ws, ["plezi", address, PERSONS[1].id]) == [
        "plezi",
        f"pipedrive:person/{PERSONS[0].id}",
        f"pipedrive:person/{PERSONS[1].id}",
    ]
    assert all("=" in key for key in named(world.ws, ["first_name"]))
    with pytest.raises(UsageError, match="obody"):
        named(world.ws, ["nobody@example.com"])


async def test_the_standing_names_the_plan_that_waits(plan: tuple[World, Plan]) -> None:
    """Accounts, what was read and the newest plan that no run carried out, without a request."""
    world, whole = plan
    standing = look(world.ws)

    assert standing.plan is not None
    assert standing.plan.id == whole.header.id
    assert standing.sides[Side.PIPEDRIVE].records == len(PERSONS)
    assert standing.audit is None


def test_looking_makes_nothing(tmp_path: Path) -> None:
    """A folder that was never used stays as it is."""
    world = World(tmp_path)
    before = sorted(path.name for path in world.ws.folder.root.rglob("*"))

    standing = look(world.ws)

    assert standing.runs == ()
    assert standing.sides[Side.PLEZI].taken_at is None
    assert sorted(path.name for path in world.ws.folder.root.rglob("*")) == before
