"""Planted defects are found, all of them and nothing else: precision and recall are 1, on both engines."""

from __future__ import annotations

import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pdsync.model import Kind, Side
from tests.audits.build import FIELDS, World, option_field, sector, subjects

CODES = ("duplicate-email", "missing-first-name", "missing-last-name", "one-word-name", "option-mismatch")

MAILBOXES = (
    "ana@example.com",
    "zoé@example.com",
    "nguyễn@münchen.example",
    "محمد@example.org",
    "🦊@example.net",
)
SPELLINGS: st.SearchStrategy[Callable[[str], str]] = st.sampled_from(
    [
        lambda text: text,
        lambda text: text.upper(),
        lambda text: f" {text}\u00a0",
        lambda text: f"\u200b{text}",
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: text.replace("münchen", "xn--mnchen-3ya"),
    ]
)
NAMES = st.sampled_from(
    ["Lucile", "Zoé", "Nguyễn Thị", "محمد", "🦊", "Jean\u00a0Marc", None, "", " ", "\u200b", "\u3164\u2800"]
)
OPTIONS = (("1", "Énergie"), ("2", "Sante"), ("3", "Numérique"))
HELD = st.lists(st.sampled_from([1, 2, 3, 34]), max_size=3)
BLANK = frozenset({None, "", " ", "\u200b", "\u3164\u2800"})


@dataclass(frozen=True)
class Somebody:
    """One generated person."""

    mailboxes: tuple[int, ...]
    addresses: tuple[str, ...]
    first: str | None
    last: str | None
    held: tuple[int, ...]


@st.composite
def somebody(draw: st.DrawFn) -> Somebody:
    """A person with up to two of a few mailboxes, each in some spelling."""
    mailboxes = tuple(draw(st.lists(st.integers(0, len(MAILBOXES) - 1), max_size=2)))
    addresses = tuple(draw(SPELLINGS)(MAILBOXES[number]) for number in mailboxes)
    return Somebody(mailboxes, addresses, draw(NAMES), draw(NAMES), tuple(dict.fromkeys(draw(HELD))))


def clusters(persons: Sequence[Somebody], contacts: Sequence[Somebody]) -> list[set[str]]:
    """By brute force: records joined by mailboxes that several records of one side hold."""
    people = {f"person/{n}": set(one.mailboxes) for n, one in enumerate(persons)}
    others = {f"contact/{n}": set(one.mailboxes[:1]) for n, one in enumerate(contacts)}
    shared = {
        box
        for side in (people, others)
        for box in range(len(MAILBOXES))
        if sum(box in boxes for boxes in side.values()) > 1
    }
    groups: list[tuple[set[str], set[int]]] = []
    for name, held in (people | others).items():
        boxes = held & shared
        if boxes:
            near = [group for group in groups if group[1] & boxes]
            groups = [group for group in groups if group not in near]
            groups.append(({name}.union(*(g[0] for g in near)), boxes.union(*(g[1] for g in near))))
    return [members for members, _ in groups]


def words(name: str | None) -> int:
    """How many words a person sees."""
    return 0 if name in BLANK else len((name or "").split())


@pytest.mark.parametrize("engine", ["polars", pytest.param("duckdb", marks=pytest.mark.long)])
@settings(
    max_examples=settings().max_examples // 12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(persons=st.lists(somebody(), max_size=24), contacts=st.lists(somebody(), max_size=8))
def test_sets_find_what_brute_force_finds(
    engine: str, persons: list[Somebody], contacts: list[Somebody]
) -> None:
    """R11, R13, R17, R24: any mixture of people gives the findings that a plain reading of the rules gives."""
    here = option_field("sector", "S", *OPTIONS, kind=Kind.OPTIONS)
    there = option_field("plz_sector", "S", ("energie", "É"), ("santé", "Santé"), kind=Kind.OPTIONS)
    fields = {Side.PIPEDRIVE: (*FIELDS[Side.PIPEDRIVE], here), Side.PLEZI: (*FIELDS[Side.PLEZI], there)}
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), fields=fields, mapped=[sector()])
        for number, one in enumerate(persons):
            world.person(
                str(number), *one.addresses, first_name=one.first, last_name=one.last, sector=list(one.held)
            )
        for number, one in enumerate(contacts):
            world.contact(str(number), *one.addresses[:1], first_name=one.first, last_name=one.last)
        result = world.audited(engine, *CODES)

    everybody = [*(("person", n, one) for n, one in enumerate(persons))]
    everybody += [("contact", n, one) for n, one in enumerate(contacts)]

    def named(*which: bool) -> list[set[str]]:
        return [{f"{noun}/{n}"} for (noun, n, _), yes in zip(everybody, which, strict=True) if yes]

    def same(found: Iterable[set[str]], expected: Iterable[set[str]]) -> bool:
        return sorted(map(sorted, found)) == sorted(map(sorted, expected))

    people = [one for _, _, one in everybody]
    assert same(subjects(result, "duplicate-email"), clusters(persons, contacts))
    assert same(subjects(result, "missing-first-name"), named(*(words(one.first) == 0 for one in people)))
    assert same(subjects(result, "missing-last-name"), named(*(words(one.last) == 0 for one in people)))
    assert same(
        subjects(result, "one-word-name"), named(*(words(one.first) + words(one.last) == 1 for one in people))
    )
    holders = {f"person/{n}": set(one.held) for n, one in enumerate(persons)}
    expected = [
        {"option/sector/2", "option/plz_sector/santé"} | {who for who, held in holders.items() if 2 in held},
        {"option/sector/3"} | {who for who, held in holders.items() if 3 in held},
    ]
    if deleted := {who for who, held in holders.items() if 34 in held}:
        expected.append({"option/sector/34"} | deleted)
    assert same(subjects(result, "option-mismatch"), expected)
