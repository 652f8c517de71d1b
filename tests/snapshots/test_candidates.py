"""The candidate query against its definition, on both engines (design 6, Who is who; R17)."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pdsync.model import Match, Record, Side, Subject
from pdsync.snapshots.candidates import CandidateRow, Candidates, find_candidates
from pdsync.snapshots.digests import record_digest
from tests.snapshots.build import bound, links_table, record, write
from tests.snapshots.naive import LinkRow, naive_candidates

EACH_ENGINE = pytest.mark.parametrize("engine", ["polars", pytest.param("duckdb", marks=pytest.mark.long)])
P, Z = Side.PIPEDRIVE, Side.PLEZI
World = tuple[list[Record], list[LinkRow]]


def find(records: Sequence[Record], links: Sequence[LinkRow], engine: str) -> Candidates:
    """Write both sides and ask for the candidates."""
    with tempfile.TemporaryDirectory() as folder:
        snapshots = {
            side: write(Path(folder), side, [one for one in records if one.side is side], mapping=bound())
            for side in Side
        }
        return find_candidates(snapshots[P], snapshots[Z], links_table(links), version="v1", engine=engine)


def link(person: Record | str, contact: Record | str, **rest: str | bool) -> LinkRow:
    """A link whose digests are those of the records given, so that it is not due."""
    row: dict[str, str | bool | None] = {"address": "kept@example.com", "state": "ok", "version": "v1"}
    for side, one in ((P, person), (Z, contact)):
        row[f"{side}_id"] = one if isinstance(one, str) else one.id
        row[f"digest_{side}"] = "absent" if isinstance(one, str) else record_digest(bound(), one)
    return {**row, "open": False, **rest}


def without_address_of_components(rows: Sequence[CandidateRow]) -> list[CandidateRow]:
    """An ambiguous row names one of its shared keys; which one is not part of the definition."""
    return [replace(row, address="") if row.match is Match.AMBIGUOUS else row for row in rows]


ids = st.integers(1, 12).map(str) | st.sampled_from(["a9", "a10", "B1", "é1"])
mailboxes = st.sampled_from("abcdefgh").map("{}@example.com".format)
lists = st.lists(mailboxes | st.sampled_from(["", " \u200b", "A@EXAMPLE.com"]), max_size=3)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Records of both sides with few addresses to share, and links of every state."""
    persons = [
        record(P, key, draw(lists), text=draw(st.sampled_from("xy")))
        for key in draw(st.sets(ids, max_size=9))
    ]
    contacts = [record(Z, key, draw(lists)[:1]) for key in draw(st.sets(ids, max_size=9))]
    left: list[Record | str] = draw(st.permutations([*persons, "999"]))
    right: list[Record | str] = draw(st.permutations([*contacts, "998"]))
    count = draw(st.integers(0, min(len(left), len(right))))
    links: list[LinkRow] = [
        link(
            left[place],
            right[place],
            state=draw(st.sampled_from(["ok", "ok", "broken"])),
            open=draw(st.booleans()),
            version=draw(st.sampled_from(["v1", "v1", "v0"])),
            **draw(st.sampled_from([{}, {}, {"digest_plezi": "other"}, {"digest_pipedrive": ""}])),
        )
        for place in range(count)
    ]
    return draw(st.permutations([*persons, *contacts])), links


@settings(max_examples=settings().max_examples // 6, suppress_health_check=[HealthCheck.too_slow])
@given(world=worlds())
def test_candidates_are_those_of_the_definition(world: World) -> None:
    """In the same order, whatever the order of rows (design 6; law: input order does not matter)."""
    _check("polars", world)


@settings(max_examples=settings().max_examples // 20, suppress_health_check=[HealthCheck.too_slow])
@given(world=worlds())
@pytest.mark.long
def test_candidates_on_duckdb_are_those_of_the_definition(world: World) -> None:
    """The same query text on the second engine; fewer examples, as it takes longer to begin."""
    _check("duckdb", world)


def _check(engine: str, world: World) -> None:
    records, links = world
    found = find(records, links, engine)
    rows = list(found)
    assert without_address_of_components(rows) == naive_candidates(records, links, "v1")
    assert sum(found.counts.values()) == len(found) == len(rows)


# -- the sentences of design 6, one by one -------------------------------------------------------------------------

ANN = record(P, "1", ["ann@example.com"])
ANN_THERE = record(Z, "c1", ["ann@example.com"])


def told(candidates: Candidates) -> list[tuple[object, ...]]:
    """Rows in short: how, who."""
    return [
        (row.match, *map(str, row.members)) if row.members else (row.match, row.pipedrive_id, row.plezi_id)
        for row in candidates
    ]


@EACH_ENGINE
@pytest.mark.parametrize(
    ("records", "links", "expected"),
    [
        pytest.param(
            [ANN, ANN_THERE], [link(ANN, ANN_THERE)], [], id="a link that nothing happened to is not due"
        ),
        pytest.param([ANN, ANN_THERE], [], [(Match.PAIRED, "1", "c1")], id="one person, one contact: a pair"),
        pytest.param(
            [record(P, "1", ["new@example.com", "ann@example.com"]), ANN_THERE],
            [],
            [(Match.PAIRED, "1", "c1")],
            id="a secondary address pairs as well",
        ),
        pytest.param(
            [ANN, record(P, "2", ["ANN@example.com"])],
            [],
            [(Match.AMBIGUOUS, "pipedrive:person/1", "pipedrive:person/2")],
            id="two persons who share an address are ambiguous, without any contact",
        ),
        pytest.param(
            [ANN, record(P, "2", ["ann@example.com"]), ANN_THERE],
            [link(ANN, ANN_THERE)],
            [(Match.AMBIGUOUS, "pipedrive:person/1", "pipedrive:person/2", "plezi:contact/c1")],
            id="an unlinked person beside a linked pair is ambiguous, and the pair goes on by id",
        ),
        pytest.param(
            [ANN, ANN_THERE, record(P, "2", ["other@example.com"])],
            [link(record(P, "2", ["other@example.com"]), ANN_THERE)],
            [(Match.AMBIGUOUS, "pipedrive:person/1", "plezi:contact/c1")],
            id="an unlinked person whose contact is linked to somebody else",
        ),
        pytest.param(
            [
                record(P, "1", ["a@example.com", "b@example.com"]),
                record(Z, "c1", ["a@example.com"]),
                record(Z, "c2", ["b@example.com"]),
            ],
            [],
            [(Match.AMBIGUOUS, "pipedrive:person/1", "plezi:contact/c1", "plezi:contact/c2")],
            id="a person with the addresses of two contacts",
        ),
        pytest.param(
            [record(P, "9"), record(P, "10", ["b@example.com"]), record(Z, "c1", ["c@example.com"])],
            [],
            [(Match.ALONE, "9", ""), (Match.ALONE, "10", ""), (Match.ALONE, "", "c1")],
            id="alone: nobody holds their addresses; 9 before 10, contacts last",
        ),
        pytest.param(
            [ANN], [link(ANN, "c1")], [(Match.LINKED, "1", "c1")], id="a linked record that is absent"
        ),
        pytest.param(
            [ANN],
            [link(ANN, "c1", state="broken")],
            [],
            id="a broken link stays quiet, its person is not alone",
        ),
        pytest.param(
            [ANN, ANN_THERE],
            [link(ANN, ANN_THERE, state="broken")],
            [(Match.LINKED, "1", "c1")],
            id="a broken link whose two records are there again",
        ),
        pytest.param(
            [ANN, record(Z, "c2", ["ann@example.com"])],
            [link(ANN, "c1", state="broken")],
            [(Match.AMBIGUOUS, "pipedrive:person/1", "plezi:contact/c2")],
            id="no automatic re-pairing of a broken link",
        ),
        pytest.param(
            [ANN, ANN_THERE],
            [link(ANN, ANN_THERE, open=True)],
            [(Match.LINKED, "1", "c1")],
            id="an open finding",
        ),
        pytest.param(
            [ANN, ANN_THERE],
            [link(ANN, ANN_THERE, version="v0")],
            [(Match.LINKED, "1", "c1")],
            id="another mapping (R22)",
        ),
        pytest.param(
            [ANN, ANN_THERE],
            [link(ANN, ANN_THERE, digest_plezi="x")],
            [(Match.LINKED, "1", "c1")],
            id="a change there",
        ),
    ],
)
def test_who_is_a_candidate(
    records: list[Record], links: list[LinkRow], expected: list[tuple[object, ...]], engine: str
) -> None:
    """Each sentence of design 6 on who is who, with its smallest example (R17, R22)."""
    assert told(find(records, links, engine)) == expected


@EACH_ENGINE
def test_a_pair_rests_on_the_contacts_first_shared_address(engine: str) -> None:
    """An export may give a contact several addresses; the person's order does not count."""
    person = record(P, "1", ["b@example.com", "a@example.com", "z@example.com"])
    contact = Record(Z, "c1", {"email": ["x@example.com", "a@example.com", "b@example.com"]})
    (row,) = find([person, contact], [], engine)
    assert (row.match, row.address) == (Match.PAIRED, "a@example.com")


@EACH_ENGINE
def test_what_others_hold_of_a_linked_pair_is_taken(engine: str) -> None:
    """Design 6, email of a linked pair: a key that another record of the opposite side holds is never written there."""
    person = record(P, "1", ["ann@example.com", "second@example.com", "third@example.com"])
    others = [
        record(Z, "c2", ["second@example.com"]),
        record(P, "2", ["ann@example.com"]),
        record(P, "3", ["third@example.com"]),
    ]
    links = [link(person, ANN_THERE, open=True)]
    (linked,) = (
        row for row in find([person, ANN_THERE, *others], links, engine) if row.match is Match.LINKED
    )
    assert linked.taken == {"second@example.com", "ann@example.com"}


@EACH_ENGINE
@pytest.mark.parametrize("side", [P, Z])
def test_an_address_that_two_linked_records_move_to_is_contested(engine: str, side: Side) -> None:
    """R17: on either side, whether or not the other pair is due; who kept the address of the link moves nowhere."""
    new = "new@example.com"
    held = {"1": [new], "2": [new], "3": [new, "3@example.com"]}
    ours = [record(side, one, keys) for one, keys in held.items()]
    theirs = [record(side.other, one, [f"{one}@example.com"]) for one in held]
    links = [
        link(
            *((mine, other) if side is P else (other, mine)),
            open=mine.id == "1",
            address=f"{mine.id}@example.com",
        )
        for mine, other in zip(ours, theirs, strict=True)
    ]
    rows = {row.pipedrive_id: row for row in find([*ours, *theirs], links, engine)}
    assert rows["1"].contested == {new}
    assert "3" not in rows or rows["3"].contested == frozenset()


@EACH_ENGINE
def test_alone_rows_say_where_there_is_no_address(engine: str) -> None:
    """Such a record can be created nowhere that knows people by address."""
    rows = list(find([record(P, "1"), record(P, "2", ["b@example.com", "a@example.com"])], [], engine))
    assert [(row.pipedrive_id, row.address, row.no_address) for row in rows] == [
        ("1", "", True),
        ("2", "b@example.com", False),
    ]


@EACH_ENGINE
def test_without_valid_digests_every_link_is_due(engine: str, tmp_path: Path) -> None:
    """A snapshot taken without the mapping, or under another version, proves of nobody that he is unchanged."""
    for place, mapping in enumerate((None, bound("v0"))):
        person = write(tmp_path / str(place), P, [ANN], mapping=bound())
        contact = write(tmp_path / str(place), Z, [ANN_THERE], mapping=mapping)
        found = find_candidates(
            person, contact, links_table([link(ANN, ANN_THERE)]), version="v1", engine=engine
        )
        assert told(found) == [(Match.LINKED, "1", "c1")]


@EACH_ENGINE
def test_an_address_that_hundreds_share_is_one_component(engine: str) -> None:
    """noreply@ and the like: no product of all persons with all contacts, neither in pairs nor in what is taken."""
    persons = [record(P, str(number), ["noreply@example.com"]) for number in range(400)]
    contacts = [record(Z, str(number), ["noreply@example.com"]) for number in range(400)]
    rows = list(find([*persons, *contacts], [link(persons[0], contacts[0], open=True)], engine))
    assert [row.match for row in rows] == [Match.AMBIGUOUS, Match.LINKED]
    assert rows[1].taken == {"noreply@example.com"}
    assert len(rows[0].members) == 800
    assert rows[0].members[9:11] == (Subject(P, "person", "9"), Subject(P, "person", "10"))


def test_batches_hold_all_rows_in_order() -> None:
    """For consumers that work in windows."""
    candidates = find([record(P, str(number)) for number in range(25)], [], "polars")
    batches = list(candidates.batches(10))
    assert [len(batch) for batch in batches] == [10, 10, 5]
    assert [row for batch in batches for row in batch] == list(candidates)
    assert len(candidates) == candidates.counts[Match.ALONE] == 25


def test_hostile_ids_and_addresses_are_only_compared() -> None:
    """Whatever a service or an export calls its records; both engines agree."""
    strange = ["' OR 1=1 --", "a\x00b", "%", "\u00e9", "e\u0301", " 1", "1 ", "\u202e", "\U0001f467"]
    records = [record(P, one, [f"{one}@example.com"]) for one in strange]
    records += [record(Z, one, [f"{one}@example.com"]) for one in strange]
    polars, duckdb = (list(find(records, [], engine)) for engine in ("polars", "duckdb"))
    assert polars == duckdb
    assert without_address_of_components(polars) == naive_candidates(records, [], "v1")
