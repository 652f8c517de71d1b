"""Changes to the field mappings of a file: what is asked for is changed, and nothing else is touched."""

from __future__ import annotations

import difflib
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdsync.errors import MappingError
from pdsync.mapfiles import (
    AddFieldMapping,
    AddPairs,
    Edit,
    Entry,
    RemoveFieldMapping,
    RemovePair,
    SetDirection,
    Source,
    edited,
    shipped_mapping,
)
from pdsync.mapfiles.document import parse
from pdsync.mapfiles.editing import spelled
from pdsync.model import Direction

SECTOR = Entry("Secteur", "plz_secteur")

WRITTEN = """# who flows where
version: 1
fields: # in order
  # the identity
  - {pipedrive: email, plezi: email, direction: both, locked: true} # (R12)

  # a drop-down
  - pipedrive: "Secteur" # its name
    plezi: plz_secteur
    direction: both # ask Florent
    options: # (R24)
      # the first of them
      pairs:
        - {pipedrive: Santé, plezi: santé} # accents
        - pipedrive: Énergie
          plezi: energie
        # no more
  # free text
  - {pipedrive: Function, plezi: function, direction: to_pipedrive} # (R23)
# the end
audits: {}
"""


def after(edit: Edit, text: str = WRITTEN) -> str:
    """The text with the change."""
    return edited(Source("m.yaml", text), edit).text


def changed(edit: Edit, text: str = WRITTEN) -> list[str]:
    """The lines that a change takes out and puts in."""
    lines = difflib.ndiff(text.splitlines(), after(edit, text).splitlines())
    return [line for line in lines if line[:2] in ("- ", "+ ")]


def test_a_direction_is_one_word_of_one_line() -> None:
    """Quotes, comments and the other keys of the entry stay."""
    assert changed(SetDirection(SECTOR, Direction.TO_PLEZI)) == [
        "-     direction: both # ask Florent",
        "+     direction: to_plezi # ask Florent",
    ]
    assert changed(SetDirection(Entry("Function", "function"), Direction.OFF)) == [
        "-   - {pipedrive: Function, plezi: function, direction: to_pipedrive} # (R23)",
        "+   - {pipedrive: Function, plezi: function, direction: off} # (R23)",
    ]


def test_a_direction_that_is_missing_is_added() -> None:
    """An entry that does not say its direction gets one; so does one that says nothing after the colon."""
    assert changed(
        SetDirection(Entry("a", "b"), Direction.BOTH), "fields:\n  - pipedrive: a\n    plezi: b # x\n"
    ) == ["+     direction: both"]
    assert after(
        SetDirection(Entry("a", "b"), Direction.BOTH), "fields: [{pipedrive: a, plezi: b, direction: }]"
    ) == ("fields: [{pipedrive: a, plezi: b, direction: both }]")


def test_a_new_field_mapping_comes_last() -> None:
    """R18: behind the others and before the comment that follows them, on one line."""
    assert changed(AddFieldMapping("Chiffre d'affaires, net", "plz_ca", Direction.BOTH)) == [
        """+   - {pipedrive: "Chiffre d'affaires, net", plezi: plz_ca, direction: both}"""
    ]
    assert after(AddFieldMapping("a", "b", Direction.BOTH), "fields: []\n") == (
        "fields: [{pipedrive: a, plezi: b, direction: both}]\n"
    )


def test_a_field_mapping_is_removed_with_its_lines_and_no_others() -> None:
    """Comments on lines of their own stay: whom they are about is for people to say."""
    assert changed(RemoveFieldMapping(Entry("Function", "function"))) == [
        "-   - {pipedrive: Function, plezi: function, direction: to_pipedrive} # (R23)"
    ]
    gone = changed(RemoveFieldMapping(SECTOR))
    assert gone[0] == '-   - pipedrive: "Secteur" # its name'
    assert gone[-1] == "-           plezi: energie"
    assert len(gone) == 9


def test_of_entries_with_the_same_names_the_one_at_its_place_is_meant() -> None:
    """Two entries may bear the same names (that is a problem that can be mended here)."""
    text = "fields:\n- {pipedrive: a, plezi: b, direction: both} # 1\n- {pipedrive: a, plezi: b, direction: both} # 2\n"

    assert "# 1" in after(RemoveFieldMapping(Entry("a", "b", 1)), text)
    assert "# 2" in after(RemoveFieldMapping(Entry("a", "b", 0)), text)
    assert "# 2" in after(RemoveFieldMapping(Entry("a", "b", 7)), text)


def test_a_pair_joins_the_others() -> None:
    """R24: behind the last pair, one line each, whatever the style of the others."""
    assert changed(AddPairs(SECTOR, (("Éducation", "education"), ("No", "75")))) == [
        "+         - {pipedrive: Éducation, plezi: education}",
        '+         - {pipedrive: "No", plezi: "75"}',
    ]


def test_the_first_pair_gives_a_one_line_entry_room() -> None:
    """An entry in braces gets a line for each key; values keep their spelling, its comment stays on its first line."""
    assert changed(AddPairs(Entry("Function", "function"), (("DG", "dg"),))) == [
        "-   - {pipedrive: Function, plezi: function, direction: to_pipedrive} # (R23)",
        "+   - pipedrive: Function # (R23)",
        "+     plezi: function",
        "+     direction: to_pipedrive",
        "+     options:",
        "+       pairs:",
        "+         - {pipedrive: DG, plezi: dg}",
    ]


PAIR = "{pipedrive: x, plezi: z}"
IN_LINES = "fields:\n- pipedrive: a\n  plezi: b\n  options:"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fields: [{pipedrive: a, plezi: b}]", f"fields: [{{pipedrive: a, plezi: b, options: {{pairs: [{PAIR}]}}}}]"),
        (f"{IN_LINES} {{unknown: skip}}", f"{IN_LINES} {{unknown: skip, pairs: [{PAIR}]}}"),
        (f"{IN_LINES}\n    unknown: skip # w\n", f"{IN_LINES}\n    unknown: skip # w\n    pairs:\n      - {PAIR}\n"),
        (f"{IN_LINES}\n    pairs: []\n", f"{IN_LINES}\n    pairs: [{PAIR}]\n"),
        (f"{IN_LINES} {{}}\n", f"{IN_LINES} {{pairs: [{PAIR}]}}\n"),
        ("fields:\r\n- pipedrive: a\r\n  plezi: b\r\n", f"{IN_LINES}\n    pairs:\n      - {PAIR}\n".replace("\n", "\r\n")),
    ],
)  # fmt: skip
def test_a_first_pair_fits_any_style(text: str, expected: str) -> None:
    """Braces and brackets, lines, empty lists, line ends of Windows."""
    assert after(AddPairs(Entry("a", "b"), (("x", "z"),)), text) == expected


def test_a_pair_is_taken_out() -> None:
    """With the comment on its line; the last one leaves an empty list."""
    assert changed(RemovePair(SECTOR, "Santé", "santé")) == [
        "-         - {pipedrive: Santé, plezi: santé} # accents"
    ]
    one = after(RemovePair(SECTOR, "Santé", "santé"))
    assert changed(RemovePair(SECTOR, "Énergie", "energie"), one) == [
        "-       pairs:",
        "+       pairs: []",
        "-         - pipedrive: Énergie",
        "-           plezi: energie",
    ]
    flow = "fields: [{pipedrive: a, plezi: b, options: {pairs: [{pipedrive: x, plezi: y}, {pipedrive: z, plezi: z}]}}]"
    assert "pairs: [{pipedrive: z, plezi: z}]" in after(RemovePair(Entry("a", "b"), "x", "y"), flow)
    assert "pairs: [{pipedrive: x, plezi: y}]" in after(RemovePair(Entry("a", "b"), "z", "z"), flow)


@pytest.mark.parametrize(
    ("text", "entry", "why"),
    [
        (WRITTEN, Entry("Metier", "metier"), "no field mapping of 'Metier'"),
        ("a: [", SECTOR, "cannot be changed before it can be read"),
        ("fields: 3", SECTOR, "no list of fields"),
        ("x: &x both\nfields: [{pipedrive: a, plezi: b, direction: *x}]", Entry("a", "b"), "aliases"),
        ("fields: [{pipedrive: a, plezi: b, direction: &x both}]\nx: *x", Entry("a", "b"), "cannot be changed in place"),
    ],
)  # fmt: skip
def test_what_would_reach_further_is_refused(text: str, entry: Entry, why: str) -> None:
    """Nothing is changed, and the error says what to do instead."""
    with pytest.raises(MappingError, match=why) as caught:
        after(SetDirection(entry, Direction.OFF), text)
    assert caught.value.untouched == "Nothing was changed."


def test_a_pair_that_is_gone_is_not_taken_out() -> None:
    """Somebody else may have taken it out first."""
    with pytest.raises(MappingError, match="no such pair"):
        after(RemovePair(SECTOR, "Santé", "energie"))


WORDS = st.text(
    st.characters(
        codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\ufeff\ufffe\uffff"
    ),
    min_size=1,
    max_size=12,
)
PAIRS = st.tuples(WORDS, WORDS)
ENTRY = st.fixed_dictionaries(
    {"pipedrive": WORDS, "plezi": WORDS, "direction": st.sampled_from([str(way) for way in Direction])},
    optional={"pairs": st.lists(PAIRS, max_size=3)},
)


@st.composite
def files(draw: st.DrawFn) -> tuple[str, list[dict[str, Any]]]:
    """A file with comments everywhere, in any of the styles in which people write entries."""
    entries: list[dict[str, Any]] = draw(
        st.lists(ENTRY, min_size=1, max_size=4, unique_by=lambda one: (one["pipedrive"], one["plezi"]))
    )
    lines = ["# top", "fields: # all"]
    for number, entry in enumerate(entries):
        written = {key: value for key, value in entry.items() if key != "pairs"}
        held: list[tuple[str, str]] = entry.get("pairs", [])
        pairs = [{"pipedrive": here, "plezi": there} for here, there in held]
        lines.append(f"  # about {number}")
        if draw(st.booleans()):
            lines.append(
                f"  - {spelled({**written, 'options': {'pairs': pairs}} if 'pairs' in entry else written)} # {number}"
            )
            continue
        first, *rest = [f"{key}: {spelled(value)}" for key, value in written.items()]
        lines += [f"  - {first} # {number}", *(f"    {line} #" for line in rest)]
        if "pairs" in entry:
            lines += ["    options:", f"      pairs:{'' if pairs else ' []'} # {number}"]
            lines += [f"      - {spelled(pair)} # in {number}" for pair in pairs]
        if draw(st.booleans()):
            lines.append("")
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return end.join([*lines, "# end", "audits: {}", ""]), entries


@st.composite
def edits(draw: st.DrawFn, entries: list[dict[str, Any]]) -> Edit:
    """Any change to one of these."""
    chosen = draw(st.sampled_from(entries))
    entry = Entry(chosen["pipedrive"], chosen["plezi"])
    pairs: list[tuple[str, str]] = chosen.get("pairs") or []
    kinds: list[Edit] = [
        SetDirection(entry, draw(st.sampled_from(Direction))),
        AddFieldMapping(draw(WORDS), draw(WORDS), draw(st.sampled_from(Direction))),
        RemoveFieldMapping(entry),
        AddPairs(entry, tuple(draw(st.lists(PAIRS, min_size=1, max_size=2)))),
        *(RemovePair(entry, here, there) for here, there in pairs[:1]),
    ]
    return draw(st.sampled_from(kinds))


@given(st.data())
def test_a_change_changes_what_it_says_and_no_comment_on_a_line_of_its_own(data: st.DataObject) -> None:
    """Whatever the words and the style: the new text says the old one with the change, and no comment above is lost."""
    text, entries = data.draw(files())
    edit = data.draw(edits(entries))

    new = after(edit, text)

    before, now = (parse(Source("m.yaml", one))[0] for one in (text, new))
    assert before is not None
    assert now is not None
    wanted: Any = deepcopy(before.data)
    edit.in_data(wanted["fields"])
    assert now.data == wanted
    own = [line for line in text.splitlines() if line.strip().startswith("# about")]
    assert [line for line in new.splitlines() if line.strip().startswith("# about")] == own
    assert new.count("# end") == text.count("# end")
    assert ("\r\n" in new) == ("\r\n" in text)


def test_every_change_has_words() -> None:
    """What can be undone is named."""
    words = [
        edit.words
        for edit in (
            SetDirection(SECTOR, Direction.OFF),
            AddFieldMapping("Métier", "metier", Direction.BOTH),
            RemoveFieldMapping(SECTOR),
            AddPairs(SECTOR, (("a", "b"),)),
            AddPairs(SECTOR, (("a", "b"), ("c", "d"))),
            RemovePair(SECTOR, "a", "b"),
        )
    ]

    assert words == [
        "'Secteur': off",
        "add 'Métier'",
        "remove 'Secteur'",
        "pair 'a' with 'b'",
        "2 pairs of 'Secteur'",
        "unpair 'a' and 'b'",
    ]


def test_the_shipped_mapping_takes_every_change() -> None:
    """The file that people start with: each of its entries can be changed, and changed back."""
    text = shipped_mapping().read_text(encoding="utf-8")
    document, _ = parse(Source("m.yaml", text))
    assert document is not None
    data: Any = document.data
    for written in data["fields"]:
        entry = Entry(written["pipedrive"], written["plezi"])
        there = after(SetDirection(entry, Direction.TO_PLEZI), text)
        assert after(SetDirection(entry, Direction(written["direction"])), there) == text
        paired = after(AddPairs(entry, (("a", "b"),)), text)
        assert after(RemoveFieldMapping(entry), paired) == after(RemoveFieldMapping(entry), text)
