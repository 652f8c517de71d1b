"""A mapping file while a person changes it: what it says of itself, the way back, and what happens on the disk."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pdsync.engine.checking import check, in_words
from pdsync.engine.mapping_draft import MappingDraft
from pdsync.errors import InputFileError, MappingError
from pdsync.model import Direction, Field, Side
from tests.engine.mapping_world import TEXT, MappingWorld, row_of, said, sides


@pytest.fixture
def world(tmp_path: Path) -> MappingWorld:
    """The mapping of these tests."""
    return MappingWorld(tmp_path)


def test_rows_are_the_entries_in_order(world: MappingWorld) -> None:
    """What people see: names as written, directions, pairs, the line in the file."""
    view = world.draft().view()

    assert [(row.entry.pipedrive, row.written, row.pairs, row.place.line) for row in view.rows] == [
        ("email", "both", 0, 7),
        ("first_name", "both", 0, 8),
        ("last_name", "both", 0, 9),
        ("City", "both", 0, 11),
        ("source", "to_pipedrive", 0, 12),
        ("Secteur", "both", 1, 13),
        ("Revenue", "to_plezi", 0, 19),
    ]
    assert not view.unsaved
    assert (view.undo, view.redo, view.difference) == ("", "", ())


def test_locked_ones_say_why_and_stay_as_they_are(world: MappingWorld) -> None:
    """R12, R15: Plezi's mandatory fields, whatever they are called in the file, and what the file locks."""
    draft = world.draft()
    locked = [row for row in draft.view().rows if row.locked]

    assert [row.entry.pipedrive for row in locked] == ["email", "first_name", "last_name", "Revenue"]
    assert "R12" in locked[1].locked
    assert locked[3].locked.startswith("The file says locked: true in line 19")
    for row in locked:
        for change in (draft.turn, draft.remove):
            with pytest.raises(MappingError, match="R15"):
                change(row.entry)
    assert not draft.view().unsaved


def test_a_direction_goes_round_and_comes_back(world: MappingWorld) -> None:
    """R16: both, to Pipedrive, to Plezi, off, and the file is as it was."""
    draft = world.draft()
    ways = [draft.turn(row_of(draft, "City").entry).direction for _ in range(4)]

    assert ways == [Direction.TO_PIPEDRIVE, Direction.TO_PLEZI, Direction.OFF, Direction.BOTH]
    assert not draft.view().unsaved
    assert draft.view().edits == 4


def test_ways_that_cannot_be_are_passed_over_with_the_reason(world: MappingWorld) -> None:
    """R6: what Plezi computes goes to Pipedrive or nowhere."""
    draft = world.draft()
    turned = draft.turn(row_of(draft, "source").entry)

    assert turned.direction is Direction.OFF
    assert [way for way, _ in turned.skipped] == [Direction.TO_PLEZI]
    assert "R6" in turned.skipped[0][1]
    assert draft.turn(row_of(draft, "source").entry).direction is Direction.TO_PIPEDRIVE


def test_a_wrong_direction_is_mended_by_turning_it(tmp_path: Path) -> None:
    """What the file says is shown as it is, with the problem at its line."""
    world = MappingWorld(tmp_path, TEXT.replace("plz_city, direction: both", "plz_city, direction: bothways"))
    draft = world.draft()
    row = row_of(draft, "City")

    assert (row.written, row.direction) == ("bothways", None)
    assert row.findings[0].message.startswith("direction: 'bothways' is not one of")
    draft.turn(row.entry)
    assert row_of(draft, "City").direction is Direction.BOTH
    assert draft.view().problems == 0


def test_findings_are_those_of_check(world: MappingWorld) -> None:
    """Same words, same places, while the draft changes; a saved file says the same as its draft did."""
    draft = world.draft()
    draft.pair(row_of(draft, "City").entry, [("Lyon", "lyon")])
    draft.pair(row_of(draft, "Secteur").entry, [("Nowhere", "industrie-energie")])
    view = draft.view()
    assert view.problems == 2
    assert [len(row.findings) for row in view.rows] == [0, 0, 0, 1, 0, 2, 0]
    assert view.elsewhere == ()

    draft.save(view.difference)

    assert asyncio.run(check(world.ws)) == view.findings
    assert in_words(view.findings) == "2 problems and 1 warning"


def test_findings_about_no_entry_stand_apart(tmp_path: Path) -> None:
    """What is wrong with the scope is not at a field mapping."""
    world = MappingWorld(
        tmp_path, TEXT.replace('is: "Yes"', 'is: "Oui"') + "audits: {no-such: {off: true}}\n"
    )
    view = world.draft().view()

    assert [one.place.line for one in view.elsewhere if one.place] == [5, 21]
    assert not any(row.findings for row in view.rows)


@pytest.mark.parametrize("text", ["a: [", "", "fields: 3\n"])
def test_what_cannot_be_read_is_said_and_not_changed(tmp_path: Path, text: str) -> None:
    """A broken file is shown as broken; saving or adding is out of the question."""
    world = MappingWorld(tmp_path, text)
    draft = world.draft()

    assert draft.view().problems
    fields = schemas_of(world)
    with pytest.raises(MappingError):
        draft.add(*fields)
    assert world.text == text


def test_a_file_that_is_not_there_is_said(world: MappingWorld) -> None:
    """And it is found once somebody makes it."""
    world.path.unlink()
    draft = world.draft()
    assert said(draft) == ["1:1 there is no such file"]

    world.write(TEXT)

    assert "read again" in draft.look()
    assert len(draft.view().rows) == 7


def test_without_field_lists_what_was_read_last_helps_with_names(tmp_path: Path) -> None:
    """Findings are those of check, which has no lists; fields are known from the snapshots all the same."""
    world = MappingWorld(tmp_path, lists=False)
    assert world.draft().view().bound is None
    world.read([], [])
    view = world.draft().view()

    assert view.bound is not None
    assert all(row.field is not None for row in view.rows)
    assert asyncio.run(check(world.ws)) == view.findings


def schemas_of(world: MappingWorld) -> tuple[Field, Field]:
    """Two fields to be mapped with each other."""
    from tests.planning.build import schemas

    both = schemas()
    return both[Side.PIPEDRIVE].named("phone_text")[0], both[Side.PLEZI].named("plz_phone")[0]


def test_a_field_mapping_is_added_last_in_the_best_direction(world: MappingWorld) -> None:
    """R18; named as people name it: Pipedrive's field by its name, Plezi's by its key."""
    from tests.planning.build import schemas

    both = schemas()
    draft = world.draft()

    def add(here: str, there: str) -> Direction:
        return draft.add(both[Side.PIPEDRIVE].by_code[here], both[Side.PLEZI].by_code[there])

    assert add("phone_text", "plz_phone") is Direction.BOTH
    assert (
        add("function", "function") is Direction.TO_PIPEDRIVE
    )  # R23: the other way is free text into a list
    assert add("status", "state") is Direction.TO_PIPEDRIVE  # R6
    assert sides(draft)[-3:] == [("Phone", "both"), ("Function", "to_pipedrive"), ("status", "to_pipedrive")]
    with pytest.raises(MappingError, match="R5"):
        add("score", "plz_born")
    assert len(draft.view().rows) == 10


def test_undo_and_redo_go_step_by_step(world: MappingWorld) -> None:
    """Each step has words; a change after an undo forgets what was taken back."""
    draft = world.draft()
    draft.remove(row_of(draft, "City").entry)
    draft.turn(row_of(draft, "source").entry)
    assert (draft.view().undo, draft.view().redo) == ("'source': off", "")

    assert draft.undo() == "'source': off"
    assert draft.undo() == "remove 'City'"
    assert draft.undo() == ""
    assert not draft.view().unsaved
    assert draft.redo() == "remove 'City'"
    assert draft.view().redo == "'source': off"
    draft.turn(row_of(draft, "Secteur").entry)
    assert draft.redo() == ""


def test_saving_writes_what_was_shown_and_nothing_else(world: MappingWorld) -> None:
    """Comments stay; permissions stay; the difference is a unified diff against the disk."""
    world.path.chmod(0o640)
    draft = world.draft()
    draft.turn(row_of(draft, "City").entry)
    shown = draft.view().difference
    assert [line for line in shown[2:] if line[0] in "+-"] == [
        "-  - {pipedrive: City, plezi: plz_city, direction: both} # ask Florent",
        "+  - {pipedrive: City, plezi: plz_city, direction: to_pipedrive} # ask Florent",
    ]

    draft.save(shown)

    assert world.text == TEXT.replace("plz_city, direction: both", "plz_city, direction: to_pipedrive")
    assert world.path.stat().st_mode & 0o777 == 0o640
    assert not draft.view().unsaved
    assert draft.look() == ""
    draft.undo()
    assert draft.view().unsaved
    draft.save(draft.view().difference)
    assert world.text == TEXT


def test_what_was_not_shown_is_not_written(world: MappingWorld) -> None:
    """A change after the difference was shown, here or on the disk, is not written unseen."""
    draft = world.draft()
    draft.turn(row_of(draft, "City").entry)
    shown = draft.view().difference
    draft.turn(row_of(draft, "City").entry)
    with pytest.raises(MappingError, match="since its difference was shown"):
        draft.save(shown)

    world.write(TEXT + "# theirs\n")
    with pytest.raises(MappingError, match="since its difference was shown"):
        draft.save(draft.view().difference)
    assert world.text == TEXT + "# theirs\n"


def test_a_disk_that_refuses_leaves_file_and_draft(
    world: MappingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is lost: it can be saved later."""

    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    draft = world.draft()
    draft.turn(row_of(draft, "City").entry)
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(InputFileError):
        draft.save(draft.view().difference)
    assert world.text == TEXT
    assert draft.view().unsaved


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_the_file_keeps_its_encoding(world: MappingWorld, encoding: str) -> None:
    """Some editors put a mark first, or write two bytes a letter."""
    world.path.write_bytes(TEXT.replace("\n", "\r\n").encode(encoding))
    draft = world.draft()
    draft.turn(row_of(draft, "City").entry)

    draft.save(draft.view().difference)

    wanted = TEXT.replace("plz_city, direction: both", "plz_city, direction: to_pipedrive").replace(
        "\n", "\r\n"
    )
    assert world.path.read_bytes() == wanted.encode(encoding)


# -- somebody else changes the file


def test_a_change_on_disk_is_read_where_nothing_is_lost_by_it(world: MappingWorld) -> None:
    """Without changes here the file is simply read again, and said to be."""
    draft = world.draft()
    assert draft.look() == ""
    world.write(TEXT.replace("plz_city, direction: both", "plz_city, direction: to_plezi"))

    assert draft.look() == f"{world.path} changed on disk and was read again."
    assert row_of(draft, "City").written == "to_plezi"
    world.path.touch()
    assert draft.look() == ""


def test_looking_often_costs_nothing(world: MappingWorld) -> None:
    """A screen looks every second: as long as nothing changes, nothing is checked again."""
    draft = world.draft()
    before = draft.view()
    assert draft.look() == ""
    assert draft.view() is before

    world.path.touch()
    assert draft.look() == ""
    assert draft.view().rows == before.rows
    draft.turn(row_of(draft, "City").entry)
    assert draft.view() is not before


def test_field_lists_are_read_again_too(world: MappingWorld) -> None:
    """Pdsync pull --fields may run meanwhile."""
    draft = world.draft()
    fields = world.path.parent / "fields" / "plezi.yaml"
    fields.write_text(fields.read_text(encoding="utf-8").replace("plz_city", "plz_ville"), encoding="utf-8")

    assert "field lists" in draft.look()
    assert "unknown field 'plz_city'" in said(draft)[0]


def changed_meanwhile(world: MappingWorld, theirs: str) -> MappingDraft:
    """A draft with two changes, when somebody else has written the file."""
    draft = world.draft()
    draft.turn(row_of(draft, "City").entry)
    draft.pair(row_of(draft, "Secteur").entry, [("Énergie", "energie")])
    world.write(theirs)
    assert "not saved" in draft.look()
    assert draft.view().changed_on_disk
    assert draft.view().can_rebase
    return draft


def test_both_changes_are_kept_by_making_ours_again(world: MappingWorld) -> None:
    """The changes say what is to be different, so they can be made in another text."""
    draft = changed_meanwhile(world, "# a new first line\n" + TEXT.replace("# (R24)", "# theirs"))

    assert draft.rebase() == ()
    draft.save(draft.view().difference)

    assert "# a new first line" in world.text
    assert "# theirs" in world.text
    assert "plz_city, direction: to_pipedrive" in world.text
    assert "{pipedrive: Énergie, plezi: energie}" in world.text


def test_what_cannot_be_made_again_is_named(world: MappingWorld) -> None:
    """They took the field mapping out that we turned."""
    line = "  - {pipedrive: City, plezi: plz_city, direction: both} # ask Florent\n"
    draft = changed_meanwhile(world, TEXT.replace(line, ""))

    assert draft.rebase() == ("'City': to_pipedrive",)
    assert draft.view().edits == 1


def test_theirs_can_be_taken_and_ours_can_be_kept(world: MappingWorld) -> None:
    """Ours is kept only under a difference that shows what of theirs it takes back."""
    theirs = TEXT.replace("# (R24)", "# theirs")
    draft = changed_meanwhile(world, theirs)
    draft.keep_mine()
    view = draft.view()
    assert not view.changed_on_disk
    assert any(line.startswith("-") and "# theirs" in line for line in view.difference)

    draft.take_theirs()
    assert not draft.view().unsaved
    assert world.text == theirs


def test_a_change_on_disk_that_is_taken_back_is_none(world: MappingWorld) -> None:
    """Git checkout and back: nothing has to be decided."""
    draft = changed_meanwhile(world, TEXT + "# theirs\n")
    world.write(TEXT)

    assert draft.look() == ""
    assert not draft.view().changed_on_disk


def test_what_was_saved_and_taken_back_is_not_made_again(world: MappingWorld) -> None:
    """Then the changes here are no list of changes to the file any more."""
    draft = world.draft()
    draft.turn(row_of(draft, "City").entry)
    draft.save(draft.view().difference)
    draft.undo()
    draft.turn(row_of(draft, "source").entry)
    world.write(world.text + "# theirs\n")
    draft.look()

    assert draft.view().changed_on_disk
    assert not draft.view().can_rebase
