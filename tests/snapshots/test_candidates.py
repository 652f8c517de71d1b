"""The candidate query against its definition, on both engines (design 6, Who is who; R17)."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pdsync.model import Match, Record, Side
from pdsync.snapshots.candidates import CandidateRow, Candidates, find_candidates
from pdsync.snapshots.digests import record_digest
from tests.snapshots.build import bound, links_table, record, write
from tests.snapshots.naive import LinkRow, naive_candidates

ENGINES = ("polars", "duckdb")
P, Z = Side.PIPEDRIVE, Side.PLEZI


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
def worlds(draw: st.DrawFn) -> tuple[list[Record], list[LinkRow]]:
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


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(world=worlds())
def test_candidates_are_those_of_the_definition(
    engine: str, world: tuple[list[Record], list[LinkRow]]
) -> None:
    """On both engines, in the same order, whatever the order of rows (design 6; law: input order does not matter)."""
    records, links = world
    found = find(records, links, engine)
    rows = list(found)
    assert without_address_of_components(rows) == naive_candidates(records, links, "v1")
    assert sum(found.counts.values()) == len(found) == len(rows)
