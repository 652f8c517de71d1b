"""Fix files as text: read as written, bad ones told where they are, and changed in place without touching anything else."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdsync.errors import MappingError
from pdsync.mapfiles.document import MAX_BYTES, MAX_VALUES, Source
from pdsync.mapfiles.fixes import load_fixes, read_fixes, read_text
from pdsync.mapfiles.fixes_writing import MOST, added, fixes_lines, removed
from pdsync.model import (
    FixFile,
    MergeProposal,
    MissingOption,
    PairProposal,
    Proposal,
    Repair,
    Side,
    Subject,
    Value,
)

ACCOUNTS = {Side.PIPEDRIVE: "4711", Side.PLEZI: "acme"}
HEAD = 'version: 1\nmapping: contacts\naccounts: {pipedrive: "4711", plezi: acme}\n'
PERSON, OTHER = Subject.parse("pipedrive:person/1"), Subject.parse("pipedrive:person/2")
TRIM = Repair("outer-spaces", PERSON, {"last_name": " Rivière"}, {"last_name": "Rivière"}, accepted=True)
SWAP = Repair(
    "name-order",
    Subject.parse("plezi:contact/5f1e"),
    {"first_name": "RIVIÈRE", "last_name": "Lucile"},
    {"first_name": "Lucile", "last_name": "RIVIÈRE"},
    one_of="a1b2",
)
DROP = Repair(
    "duplicate-email", OTHER, {"email": ["l@example.com", "m@example.com"]}, {"email": ["l@example.com"]}
)
PAIR = PairProposal("Secteur", "Énergie", "energie")
OPTION = MissingOption(Side.PIPEDRIVE, "Secteur", "Banque", 40)
MERGE = MergeProposal(PERSON, (OTHER,), "it is linked", ("https://acme.pipedrive.com/person/1",))
WHOLE = FixFile("contacts", ACCOUNTS, (TRIM, SWAP, DROP), (PAIR,), (OPTION,), (MERGE,))


def text_of(fixes: FixFile) -> str:
    """The file as it is written."""
    return "\n".join(fixes_lines(fixes, {"outer-spaces": "White space."})) + "\n"


def read(text: str) -> FixFile:
    """What a text says; nothing is wrong with it."""
    fixes, _, findings = read_text(Source("fixes.yaml", text))
    assert [finding.message for finding in findings] == []
    assert fixes is not None
    return fixes


def problems(text: str, *audits: str) -> list[str]:
    """What is wrong with a text, as compilers say it."""
    fixes, _, findings = read_text(Source("fixes.yaml", text), audits=audits)
    assert fixes is None
    return [f"{f.place.line}:{f.place.column} {f.message}" for f in findings if f.place]


def test_what_is_written_is_read_again() -> None:
    """Every kind of proposal, with every part of it."""
    assert read(text_of(WHOLE)) == WHOLE


def test_a_new_file_is_for_people() -> None:
    """One line per proposal, the decision first, and at the head of each group what it is about."""
    lines = text_of(WHOLE).splitlines()
    assert "  # White space." in lines
    assert (
        '    - {accept: yes, record: pipedrive:person/1, now: {last_name: " Rivière"}, set: {last_name: Rivière}}'
        in lines
    )
    assert any(line.startswith("# Records that are probably one person.") for line in lines)


TEXT = st.text(st.characters(), max_size=20)
VALUES = st.none() | TEXT | st.lists(TEXT, max_size=3)


@given(name=TEXT.filter(bool), now=VALUES, wanted=VALUES, label=TEXT.filter(bool))
def test_hostile_text_comes_back_exactly_and_stays_a_value(
    name: str, now: Value, wanted: Value, label: str
) -> None:
    """Names come from a CRM: YAML in them, controls, half emojis and turns of direction do nothing (design 10)."""
    repair = Repair("name-order", PERSON, {name: now}, {name: wanted})
    fixes = FixFile("contacts", ACCOUNTS, (repair,), (PairProposal(label, label, label),))
    text = text_of(fixes)
    assert read(text) == fixes
    text.encode("utf-8")
    shown = "".join(text.split("\n"))
    assert not any("\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069" or c < " " for c in shown)


def test_a_comment_holds_no_word_from_a_crm() -> None:
    """A label cannot end a comment, because none stands in one."""
    evil = "x\n- {accept: yes}"
    fixes = FixFile("contacts", ACCOUNTS, pairs=(PairProposal(evil, evil, evil),))
    comments = [line for line in text_of(fixes).splitlines() if line.lstrip().startswith("#")]
    assert not any(word == "x" for line in comments for word in line.split())
    assert len(read(text_of(fixes)).pairs) == 1


@pytest.mark.parametrize(
    ("written", "accepted"), [("yes", True), ("no", False), ("true", True), ("'no'", False)]
)
def test_a_decision_is_yes_or_no(written: str, accepted: bool) -> None:
    """In the words of YAML 1.1 or 1.2, whichever an editor writes."""
    body = f"pairs:\n  - {{accept: {written}, field: F, pipedrive: a, plezi: b}}\n"
    assert read(HEAD + body).pairs[0].accepted is accepted


BAD = {
    "repairs:\n  name-order:\n    - {accept: perhaps, record: pipedrive:person/1, now: {a: x}, set: {a: y}}\n": [
        "6:16 accept: 'perhaps': write yes or no"
    ],
    "repairs:\n  name-order:\n    - {acept: yes, record: pipedrive:person/1, now: {a: x}, set: {a: y}}\n": [
        "6:7 'accept' is missing in this entry of name-order",
        "6:8 unknown key 'acept'; did you mean 'accept'?",
    ],
    "repairs:\n  name-order:\n    - {accept: yes, record: person 1, now: {a: x}, set: {a: y}}\n": [
        "6:29 record: 'person 1': not a record; write pipedrive:person/ID or plezi:contact/ID"
    ],
    "repairs:\n  name-oder: []\n": ["5:3 unknown audit 'name-oder'; did you mean 'name-order'?"],
    "repairs:\n  name-order:\n    - {accept: no, record: pipedrive:person/1, "
    "now: {first_name: x}, set: {frist_name: y}}\n": [
        "6:54 'first_name': it is missing under 'set'; did you mean 'frist_name'?",
        "6:76 'frist_name': the value that the repair was made for is missing under 'now'; did you mean 'first_name'?",
    ],
    "repairs:\n  name-order:\n    - {accept: yes, record: pipedrive:person/1, now: {a: x}, set: {a: x}}\n": [
        "6:68 'a': 'set' is what stands under 'now' already"
    ],
    "repairs:\n  name-order:\n"
    "    - {accept: yes, record: pipedrive:person/1, now: {a: x}, set: {a: y}}\n"
    "    - {accept: yes, record: pipedrive:person/1, now: {a: x}, set: {a: z}}\n": [
        "7:68 'a' of pipedrive:person/1 is set in line 6 already; accept one of them"
    ],
    "repairs:\n  name-order:\n"
    "    - {accept: yes, record: pipedrive:person/1, now: {a: x}, set: {a: y}, one_of: k}\n"
    "    - {accept: no, record: pipedrive:person/2, now: {a: x}, set: {a: z}, one_of: k}\n"
    "    - {accept: yes, record: plezi:contact/2, now: {a: x}, set: {a: z}, one_of: k}\n": [
        "8:7 'k': at most one of these may be accepted, and in line 6 is one already"
    ],
    "merges:\n  - {keep: pipedrive:person/1, merge: [plezi:contact/2], why: x}\n": [
        "5:5 records of one side only can be merged"
    ],
    "merges:\n  - {keep: pipedrive:person/1, merge: [], why: x, accept: yes}\n": [
        "5:39 merge: may not be empty",
        "5:51 unknown key 'accept'; known here: keep, merge, why, links",
    ],
    "options:\n  - {side: hubspot, field: F, label: x}\n": [
        "5:12 side: 'hubspot' is not one of pipedrive, plezi"
    ],
}


@pytest.mark.parametrize("body", BAD, ids=range(len(BAD)))
def test_a_bad_file_is_told_what_is_wrong_and_where(body: str) -> None:
    """All at once, with line and column, and the likeliest word meant."""
    assert problems(HEAD + body, "name-order") == BAD[body]


def test_two_repairs_of_one_value_may_be_proposed() -> None:
    """Only what is accepted has to agree; and what merely tidies a value yields to what corrects it."""
    first, second = (Repair("name-order", PERSON, {"a": " x"}, {"a": new}) for new in "yz")
    tidy = Repair("outer-spaces", PERSON, {"a": " x"}, {"a": "x"}, accepted=True)
    assert len(read(text_of(FixFile("contacts", ACCOUNTS, (tidy, first, second)))).repairs) == 3


def test_a_file_that_cannot_be_read_is_an_error_with_its_problems(tmp_path: Path) -> None:
    """No such file, another version: one error, its text for people."""
    with pytest.raises(MappingError, match="there is no such file"):
        load_fixes(tmp_path / "fixes.yaml")
    path = tmp_path / "fixes.yaml"
    path.write_text(HEAD.replace("version: 1", "version: 2"), "utf-8")
    assert read_fixes(path)[0] is None
    with pytest.raises(MappingError, match=r"fixes\.yaml:1:10 .*this pdsync reads version 1 of fix files"):
        load_fixes(path)


def test_a_full_file_can_be_read_again() -> None:
    """The most that is written is within the bounds of the reader, also where every repair is a long one."""
    part = 10
    repairs = tuple(
        Repair(
            "name-order",
            Subject.parse(f"pipedrive:person/{number:010}"),
            {"first_name": "RIVIÈRE DU LOUP" * 2, "last_name": "Lucile-Marguerite"},
            {"first_name": "Lucile-Marguerite", "last_name": "RIVIÈRE DU LOUP" * 2},
            one_of="0123abcd",
        )
        for number in range(MOST // part)
    )
    text = text_of(FixFile("contacts", ACCOUNTS, repairs))
    fixes, document, _ = read_text(Source("fixes.yaml", text))
    assert fixes is not None
    assert document is not None
    assert len(fixes.repairs) == MOST // part
    assert len(text.encode()) * part < MAX_BYTES
    assert (len(document.values) + len(document.keys)) * part < MAX_VALUES


# -- changes in place -------------------------------------------------------------------------------------------------

MINE = (
    "# mine\n"
    + HEAD
    + """\
repairs:
  # look at these first
  outer-spaces:
    - {accept: no, record: pipedrive:person/1, now: {last_name: " Rivière"}, set: {last_name: Rivière}} # ask Zoé
    - accept: yes # by hand
      record: pipedrive:person/7
      now: {first_name: x}
      set: {first_name: Xavier}
# the end
"""
)


SWAPPED = (
    "{accept: no, record: plezi:contact/5f1e, now: {first_name: RIVIÈRE, last_name: Lucile}, "
    "set: {first_name: Lucile, last_name: RIVIÈRE}, one_of: a1b2}"
)
PAIRED = "{accept: no, field: Secteur, pipedrive: Énergie, plezi: energie}"
MERGED = (
    "{keep: pipedrive:person/1, merge: [pipedrive:person/2], why: it is linked, "
    'links: ["https://acme.pipedrive.com/person/1"]}'
)


def changes(before: str, after: str) -> list[str]:
    """The lines that came and went."""
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line[0] in "+-"]


@pytest.mark.parametrize(
    ("text", "proposals", "lines"),
    [
        (MINE, [TRIM], []),
        (
            MINE,
            [Repair("outer-spaces", OTHER, {"last_name": "a "}, {"last_name": "a"}, accepted=True)],
            [
                '+     - {accept: yes, record: pipedrive:person/2, now: {last_name: "a "}, set: {last_name: a}}'
            ],
        ),
        (
            MINE,
            [SWAP, PAIR],
            [
                "+   name-order:",
                f"+     - {SWAPPED}",
                "+ pairs:",
                f"+   - {PAIRED}",
            ],
        ),
        (
            HEAD + "repairs: # none yet\nmerges:\n",
            [MERGE],
            [f"+   - {MERGED}"],
        ),
        (
            HEAD + "repairs: {}\n",
            [TRIM],
            [
                "- repairs: {}",
                "+ repairs:",
                "+   outer-spaces:",
                '+     - {accept: yes, record: pipedrive:person/1, now: {last_name: " Rivière"}, set: {last_name: Rivière}}',
            ],
        ),
        (
            HEAD,
            [OPTION],
            ["+ options:", "+   - {accept: no, side: pipedrive, field: Secteur, label: Banque, records: 40}"],
        ),
        (
            HEAD + "pairs: [{accept: no, field: A, pipedrive: b, plezi: c}] # one line\n",
            [PAIR],
            [
                "- pairs: [{accept: no, field: A, pipedrive: b, plezi: c}] # one line",
                f"+ pairs: [{{accept: no, field: A, pipedrive: b, plezi: c}}, {PAIRED}] # one line",
            ],
        ),
    ],
)
def test_proposals_are_added_in_place(text: str, proposals: Sequence[Proposal], lines: list[str]) -> None:
    """Behind those of their group; comments, decisions and every other character stay."""
    source, count = added(Source("fixes.yaml", text), proposals)
    assert changes(text, source.text) == lines
    assert count == sum(line.startswith("+") and "{" in line for line in lines)
    again, none = added(source, proposals)
    assert (again.text, none) == (source.text, 0)


def test_a_proposal_leaves_with_its_decision_and_nothing_else() -> None:
    """What a person decided about it does not keep it; its neighbours and all comments of their own lines stay."""
    source, count = removed(Source("fixes.yaml", MINE), [TRIM])
    assert count == 1
    assert [line[:19] for line in changes(MINE, source.text)] == ["-     - {accept: no"]
    assert [repair.record.id for repair in read(source.text).repairs] == ["7"]
    assert removed(source, [TRIM])[1] == 0


def test_an_emptied_group_stays_and_can_be_filled_again() -> None:
    """What stands at its head explains it still."""
    text = text_of(WHOLE)
    everything: list[Proposal] = [*WHOLE.repairs, PAIR, OPTION, MERGE]
    source, count = removed(Source("fixes.yaml", text), everything)
    assert count == len(everything)
    assert "  outer-spaces: []\n" in source.text
    back, count = added(source, everything)
    assert (read(back.text), count) == (WHOLE, len(everything))
    assert back.text == text


def test_a_file_with_problems_is_not_changed() -> None:
    """It is refused with the problems, and a text that cannot be changed in place as well."""
    with pytest.raises(MappingError, match="unknown key"):
        added(Source("fixes.yaml", HEAD + "repair: {}\n"), [TRIM])
    with pytest.raises(MappingError):
        added(Source("fixes.yaml", "{version: 1"), [TRIM])


def test_a_decision_that_contradicts_another_does_not_keep_proposals_out() -> None:
    """Who is in the middle of deciding can go on adding."""
    twice = text_of(FixFile("contacts", ACCOUNTS, (SWAP, SWAP))).replace("accept: no", "accept: yes")
    assert read_text(Source("f", twice))[0] is None
    assert added(Source("f", twice), [PAIR])[1] == 1
