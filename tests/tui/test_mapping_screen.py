"""Every action of the Mapping screen and of the pages that it opens, on a real file in a folder of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from pdsync.mapfiles import shipped_mapping
from pdsync.tui.app import PdsyncApp
from pdsync.tui.screens.choose import Choose
from pdsync.tui.screens.difference import Difference
from pdsync.tui.screens.mapping import Mapping
from pdsync.tui.screens.option_pairs import OptionPairs
from pdsync.tui.widgets.listing import Listing
from tests.engine.mapping_world import MappingWorld
from tests.report.build import HOSTILE
from tests.tui.fake_desk import FakeDesk
from tests.tui.mapping_desk import MAPPING, shipped_world
from tests.tui.test_screens import picture, settled, shown

Pressed = Callable[..., object]
SHIPPED = shipped_mapping().read_text(encoding="utf-8")
_ORDER = "email first last url source score status function secteur interets revenue born"
ROWS = {name: place for place, name in enumerate(_ORDER.split())}
"""Field mapping -> its row."""


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MappingWorld:
    """The shipped mapping and some people."""
    monkeypatch.chdir(tmp_path)
    return shipped_world(tmp_path)


@asynccontextmanager
async def at(
    world: MappingWorld, row: str = "", *keys: str, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[PdsyncApp, Pilot[None]]]:
    """The Mapping screen with the cursor on a field mapping, after some keys."""
    async with shown(FakeDesk(mapping=world), "3", size=size) as (app, pilot):
        await settled(pilot)
        if row:
            app.screen.query_one("#fields", Listing).cursor = ROWS[row]
            await settled(pilot)
        await press(pilot, *keys)
        yield app, pilot


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Keys, one after the other, each with what follows from it."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


def last(app: PdsyncApp) -> str:
    """What was said last."""
    return app.said[-1][1]


async def test_field_mappings_stand_in_order_with_arrows_and_a_person(world: MappingWorld) -> None:
    """What flows where, what one person holds, and what would be written to them."""
    async with at(world, "source") as (app, _):
        text = picture(app)
        lines = text.splitlines()

    assert "mappings/contacts.yaml   no problems" in text
    assert "Lucile Rivière  same address, not linked yet  1 of" in text
    assert "* would write" in text
    source = next(line for line in lines if line.strip().startswith("source"))
    assert "* Campagne de" in source
    assert "<--" in source
    assert "would write Campagne de prospection to Pipedrive: it is empty in Pipedrive" in text
    assert "line 68: to Pipedrive only" in text


async def test_locked_ones_are_grey_and_say_why(world: MappingWorld) -> None:
    """R15: the word, the reason below, and the keys that do nothing say it too."""
    async with at(world, "email") as (app, pilot):
        text = picture(app)
        assert "locked" in text
        assert "Part of every mapping (R12)" in text
        for key in ("space", "x"):
            await press(pilot, key)
            assert "R15" in last(app)
        assert not app.drafting.is_unsaved


async def test_space_turns_and_the_person_follows(world: MappingWorld) -> None:
    """R16; the preview is of the draft, not of the file."""
    async with at(world, "source", "space") as (app, _):
        text = picture(app)
        assert "1 change not saved: w" in text
        assert "the mapping switches it off" in text
        assert "not -->: direction: 'to_plezi': Plezi computes this field" in text
        assert last(app).startswith("'source' off; not -->")
        assert world.text == SHIPPED


@pytest.mark.long
async def test_keys_typed_fast_are_done_in_order(world: MappingWorld) -> None:
    """Four turns come round to where it began, however fast."""
    async with at(world, "revenue") as (app, pilot):
        for _ in range(4):
            await pilot.press("space")
        await settled(pilot)
        await settled(pilot)
        view = app.drafting.view
        assert view is not None
        assert (view.edits, view.unsaved) == (4, False)


async def test_remove_undo_and_redo(world: MappingWorld) -> None:
    """What was taken out comes back; each says what it did, or why it does nothing."""
    async with at(world, "born") as (app, pilot):
        await press(pilot, "u")
        assert last(app) == "There is nothing to take back."
        await press(pilot, "x")
        assert "Date de naissance" not in picture(app).split("line ")[0].split("Removed")[0]
        assert last(app) == "Removed 'Date de naissance'; u brings it back."
        await press(pilot, "u")
        assert last(app) == "Taken back: remove 'Date de naissance'"
        assert "Date de nai" in picture(app)
        await press(pilot, "U", "U")
        assert last(app) == "Nothing was taken back."


@pytest.mark.long
async def test_a_problem_stands_below_its_line(world: MappingWorld) -> None:
    """With line and column as pdsync check has them, and in full below; e goes from one to the next."""
    wrong = SHIPPED.replace("pipedrive: Secteur", "pipedrive: Secteurs").replace(
        "{field: sync_to_plezi, is", "{field: sync, is"
    )
    world.write(wrong)
    async with at(world) as (app, pilot):
        text = picture(app)
        assert "2 problems" in text
        rows = text.splitlines()
        place = next(number for number, row in enumerate(rows) if row.startswith(" !") and "Secteurs" in row)
        assert "! 77:16  unknown field 'Secteurs' in Pipedrive; did you mean 'Secteur'?" in rows[place + 1]
        assert "Elsewhere in the file" in text
        assert "unknown field 'sync'" in text
        await press(pilot, "e")
        assert "!          unknown field 'Secteurs'" in picture(app)
        assert "o" in [active.binding.key for active in app.screen.active_bindings.values()]
        await press(pilot, "o")
        assert last(app) == "Its fields are not known on both sides."
        await press(pilot, "e", "e")
        assert app.screen.query_one("#fields", Listing).cursor == ROWS["secteur"] + 1


@pytest.mark.long
async def test_no_problem_to_go_to(world: MappingWorld) -> None:
    """The key says so."""
    async with at(world, "", "e") as (app, _):
        assert last(app) == "There is no problem."


async def test_saving_shows_the_difference_first(world: MappingWorld) -> None:
    """Nothing is written before w was pressed on the difference; comments stay."""
    async with at(world, "function", "w") as (app, pilot):
        assert last(app) == "Nothing to save: the file says the same."
        await press(pilot, "space", "w")
        assert isinstance(app.screen, Difference)
        text = picture(app)
        assert "NOT SAVED YET   mappings/contacts.yaml: 1 line out, 1 line in" in text
        assert "-  - {pipedrive: Function, plezi: function, direction: to_pipedrive}" in text
        await press(pilot, "escape")
        assert world.text == SHIPPED
        assert isinstance(app.screen, Mapping)
        await press(pilot, "w", "w")
        assert last(app) == "Saved mappings/contacts.yaml. The next plan goes by it."
        assert isinstance(app.screen, Mapping)
        changed = world.text.splitlines()
        assert sum(one != two for one, two in zip(changed, SHIPPED.splitlines(), strict=True)) == 1
        assert "not saved" not in picture(app)


@pytest.mark.long
async def test_a_long_line_of_the_difference_is_whole(world: MappingWorld) -> None:
    """What changed may stand at its end."""
    async with at(world, "url", "space", "w", size=(80, 24)) as (app, _):
        text = "".join(line.strip() for line in picture(app).splitlines())

    assert "opens the contact's Plezi record (R7)" in text


@pytest.mark.long
async def test_what_is_saved_with_problems_says_so(world: MappingWorld) -> None:
    """It may be saved: half done is half done; the plan refuses it until it is mended."""
    world.write(SHIPPED.replace("pipedrive: Secteur", "pipedrive: Secteurs"))
    async with at(world, "function", "space", "w") as (app, _):
        assert "1 problem in it: until they are mended, pdsync plan refuses" in picture(app)


# -- options


async def test_options_stand_side_by_side_with_proposals(world: MappingWorld) -> None:
    """R24: who holds what, what is proposed, what is open."""
    async with at(world, "secteur", "o") as (app, pilot):
        assert isinstance(app.screen, OptionPairs)
        text = picture(app)
        assert "2 proposals" in text
        assert "differ by accents" in text
        assert "no counterpart" in text
        assert "would lose the value on its way (R24)" in text
        await press(pilot, "space")
        assert last(app) == "Paired Sante = santé."
        assert "1 proposal" in picture(app)
        await press(pilot, "u")
        assert last(app) == "Taken back: pair 'Sante' with 'santé'"
        await press(pilot, "A")
        assert last(app) == "Paired Sante = santé, Conseil = CONSEIL."
        await press(pilot, "A")
        assert last(app) == "There is no proposal."
        await press(pilot, "escape", "w", "w")

    assert (
        "        - {pipedrive: Sante, plezi: santé}\n        - {pipedrive: Conseil, plezi: CONSEIL}\n"
        in world.text
    )


@pytest.mark.long
async def test_an_option_is_paired_by_choosing_its_counterpart(world: MappingWorld) -> None:
    """The likest come first; escape chooses nothing."""
    async with at(world, "secteur", "o", "A", "space") as (app, pilot):
        assert isinstance(app.screen, Choose)
        assert "What in Plezi means the same as Numérique of Pipedrive?" in picture(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, OptionPairs)
        await press(pilot, "enter", "enter")
        assert last(app) == "Paired Numérique = agroalimentaire."
        assert "every option finds its counterpart" in picture(app)


@pytest.mark.long
async def test_a_pair_is_taken_out(world: MappingWorld) -> None:
    """And only pairs of the file can be."""
    async with at(world, "secteur", "o") as (app, pilot):
        await press(pilot, "x")
        assert last(app) == "No pair of the file stands here."
        place = next(n for n, row in enumerate(app.screen._rows) if row.standing == "paired")  # type: ignore[attr-defined]
        app.screen.query_one("#options", Listing).cursor = place
        await press(pilot, "space")
        assert last(app) == "It is paired; x takes the pair out."
        await press(pilot, "x")
        assert last(app) == "Took out Industrie & énergie = industrie-energie; u brings it back."


@pytest.mark.long
async def test_why_there_are_no_options(world: MappingWorld) -> None:
    """A text is no list; enter is the same as o."""
    async with at(world, "function", "enter") as (app, _):
        assert last(app) == "Function is no list in Pipedrive: there is nothing to pair."


@pytest.mark.long
async def test_options_of_what_is_gone_are_left(world: MappingWorld) -> None:
    """Somebody takes the field mapping out while its options are looked at."""
    async with at(world, "secteur", "o") as (app, pilot):
        world.write(SHIPPED.replace("pipedrive: Secteur", "pipedrive: Branche"))
        await app.drafting.look()
        await settled(pilot)
        assert isinstance(app.screen, Mapping)
        assert any("no longer there" in said for _, said, _ in app.said)


# -- adding


async def test_a_field_mapping_is_added_in_two_steps(world: MappingWorld) -> None:
    """A field here, then one there: those that fit first, the others with the reason."""
    async with at(world, "email", "a") as (app, pilot):
        assert "Which field of Pipedrive?" in picture(app)
        await press(pilot, *"phone", "enter")
        text = picture(app)
        assert "Which field of Plezi goes with Phone" in text
        await press(pilot, *"comment", "enter")
        assert last(app).startswith("Added Phone and Commentaire, last, to_plezi")
        assert app.drafting.view is not None
        assert app.drafting.view.rows[-1].entry.pipedrive == "Phone"


@pytest.mark.long
async def test_what_cannot_be_mapped_says_why_and_is_not_chosen(world: MappingWorld) -> None:
    """It is shown, because people look for it."""
    async with at(world, "email", "a") as (app, pilot):
        await press(pilot, *"double", "enter", *"created", "enter")
        assert isinstance(app.screen, Choose)
        assert "both are read-only" in picture(app) or "do not become each other" in picture(app)
        await press(pilot, "escape")
        assert "Which field of Pipedrive?" in picture(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, Mapping)


@pytest.mark.long
async def test_fields_called_alike_are_proposed(world: MappingWorld) -> None:
    """One step where both sides call it the same."""
    world.write(
        SHIPPED.replace(
            "  - {pipedrive: Date de naissance, plezi: plz_date_de_naissance, direction: both}\n", ""
        )
    )
    async with at(world, "email", "a") as (app, pilot):
        assert "= Date de naissance in Plezi" in picture(app)
        await press(pilot, "enter")

        assert last(app).startswith("Added Date de naissance and Date de naissance, last, both")


# -- the person


@pytest.mark.long
async def test_the_next_person_and_one_that_is_looked_for(world: MappingWorld) -> None:
    """n, N, and / with the beginning of an address; the field closes after it."""
    async with at(world, "secteur", "n") as (app, pilot):
        assert "2 of" in picture(app)
        await press(pilot, "N", "slash")
        assert isinstance(app.focused, Input)
        await press(pilot, *"p12@", "enter")
        assert app.drafting.preview is not None
        assert list(app.drafting.preview.ids.values()) == ["2012", "6f12"]
        assert isinstance(app.focused, Listing)
        await press(pilot, "slash", *"nobody", "enter")
        assert "Nobody is known as 'nobody'" in last(app)
        await press(pilot, "slash", "escape")
        assert isinstance(app.focused, Listing)


@pytest.mark.long
async def test_nobody_to_show_it_with() -> None:
    """The mapping can be changed all the same, and the keys say why there is nobody."""
    async with shown(FakeDesk(), "3") as (app, pilot):
        await press(pilot, "n")
        assert last(app) == "Nobody was read in this test."
        assert "Nobody was read in this test." in picture(app)


# -- somebody else


async def test_a_change_on_disk_is_read_and_said(world: MappingWorld) -> None:
    """Nothing here is lost by it, so nobody is asked."""
    async with at(world, "source") as (app, pilot):
        world.write(SHIPPED.replace("direction: to_pipedrive} # where", "direction: off} # where"))
        await app.drafting.look()
        await settled(pilot)
        assert last(app) == "mappings/contacts.yaml changed on disk and was read again."
        assert "the mapping switches it off" in picture(app)


@pytest.mark.parametrize(
    ("downs", "said", "kept", "theirs"),
    [
        (0, "Read again, with the changes made here on top.", True, True),
        (1, "Read again.", False, True),
        (2, "Going on with what is here.", True, False),
    ],
)
@pytest.mark.long
async def test_a_change_on_disk_under_unsaved_changes_is_asked_about(
    world: MappingWorld, downs: int, said: str, kept: bool, theirs: bool
) -> None:
    """Three ways out; none of them writes anything."""
    async with at(world, "function", "space") as (app, pilot):
        world.write(SHIPPED + "# theirs\n")
        await app.screen._look()  # type: ignore[attr-defined]
        await settled(pilot)
        assert isinstance(app.screen, Choose)
        assert "was changed by somebody else" in picture(app)
        await press(pilot, *["down"] * downs, "enter")
        assert last(app) == said
        assert app.drafting.is_unsaved is kept
        assert world.text == SHIPPED + "# theirs\n"
        if kept:
            await press(pilot, "w")
            assert ("# theirs" in picture(app)) is not theirs
            await press(pilot, "w")
    assert ("# theirs" in world.text) is theirs


@pytest.mark.long
async def test_who_does_not_decide_is_asked_when_saving(world: MappingWorld) -> None:
    """The banner says that something has to be decided, and w asks again."""
    async with at(world, "function", "space") as (app, pilot):
        world.write(SHIPPED + "# theirs\n")
        await app.screen._look()  # type: ignore[attr-defined]
        await settled(pilot)
        await press(pilot, "escape")
        assert "changed on disk as well" in picture(app)
        await press(pilot, "w")
        assert isinstance(app.screen, Choose)


@pytest.mark.long
async def test_what_changed_after_the_difference_was_shown_is_not_written(world: MappingWorld) -> None:
    """The last moment counts."""
    async with at(world, "function", "space", "w") as (app, pilot):
        world.write(SHIPPED + "# theirs\n")
        await press(pilot, "w")
        assert "changed on disk since its difference was shown" in last(app)
        assert world.text == SHIPPED + "# theirs\n"


@pytest.mark.long
async def test_leaving_with_unsaved_changes_asks(world: MappingWorld) -> None:
    """What is hard to get back is asked about; the first answer is to stay."""
    async with at(world, "function", "space", "q") as (app, pilot):
        assert "changes that are not saved" in picture(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, Mapping)
        await press(pilot, "q", "down", "enter")
        assert app._exit


@pytest.mark.long
async def test_a_file_that_cannot_be_read_is_shown_with_its_problem(world: MappingWorld) -> None:
    """And is there again once it is mended."""
    world.write("fields: [\n")
    async with at(world) as (app, pilot):
        text = picture(app)
        assert "1 problem" in text
        assert "! 2:1" in text
        assert "Nobody can be shown with a file that cannot be read." in text
        for key in ("space", "a", "o"):
            await press(pilot, key)
            assert "first" in last(app) or "not known" in last(app)
        world.write(SHIPPED)
        await app.drafting.look()
        await settled(pilot)
        assert "no problems" in picture(app)


async def test_hostile_text_does_nothing(world: MappingWorld) -> None:
    """In the file, in the lists, and in the person."""
    world.write(SHIPPED.replace("pipedrive: Function", 'pipedrive: "\\e[2J[red]\\u202eFunction\\u200b"'))
    async with at(world, "function", "n") as (app, pilot):
        texts = [picture(app)]
        await press(pilot, "space", "w")
        texts.append(picture(app))

    everything = "\n".join(texts)
    assert "\\x1b[2J[red]" in everything
    for character in "\x1b\x07\u202e\u200b":
        assert character not in everything
    assert HOSTILE not in everything


@pytest.mark.parametrize(
    "size", [(40, 12), *(pytest.param(size, marks=pytest.mark.long) for size in ((80, 24), (320, 90)))]
)
@pytest.mark.long
async def test_any_size_will_do(world: MappingWorld, size: tuple[int, int]) -> None:
    """Also while it changes, and with every page open."""
    async with at(world, "secteur", "space", size=size) as (app, pilot):
        for keys in (("o", "space", "escape"), ("a", "escape"), ("w", "escape")):
            await press(pilot, *keys)
            await pilot.resize_terminal(100, 30)
            await settled(pilot)
            await pilot.resize_terminal(*size)
            await settled(pilot)
            assert isinstance(app.screen, Mapping)
        assert "Secteur" in picture(app)


@pytest.mark.long
async def test_the_mouse_does_what_keys_do(world: MappingWorld) -> None:
    """A click on a row, a second one to open, and the names in the foot."""
    async with at(world) as (app, pilot):
        await pilot.click("#fields", offset=(5, ROWS["secteur"] + 1))
        await settled(pilot)
        assert app.screen.query_one("#fields", Listing).cursor == ROWS["secteur"]
        await pilot.click("Foot", offset=(2, 1))
        await settled(pilot)
        assert app.drafting.is_unsaved
        await pilot.click("#fields", offset=(5, ROWS["secteur"] + 1), times=2)
        await settled(pilot)
        assert isinstance(app.screen, OptionPairs)


def test_the_path_of_the_pictures_is_relative() -> None:
    """Pictures are the same on every machine."""
    assert not MAPPING.is_absolute()
