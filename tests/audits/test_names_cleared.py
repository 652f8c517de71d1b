"""Queries clear no name that an audit would find, and clear alike on every engine."""

from __future__ import annotations

import random
import sys
import unicodedata
from pathlib import Path

import narwhals as nw
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdsync.audits import (
    capital_names,
    company_names,
    digit_names,
    honorific_names,
    name_order,
    odd_names,
    placeholder_names,
    split_names,
)
from pdsync.audits import names as names_audits
from pdsync.audits.damaged_names import fault as damaged
from pdsync.audits.email_names import PATTERN as EMAIL_PATTERN
from pdsync.audits.email_names import fault as email_as_name
from pdsync.audits.equal_names import fault as equal
from pdsync.audits.equal_names import maybe_equal
from pdsync.audits.odd_names import NameJudge
from pdsync.audits.repairing import DAMAGE
from pdsync.model import Kind, Value
from pdsync.planning.comparison import comparison_form
from pdsync.snapshots.engines import collect, open_engine
from tests.audits.build import World
from tests.audits.name_codes import strip_accents

PIECES = [
    *(
        "test",
        "Test",
        "TEST",
        "tëst",
        "xxx",
        "Àà",
        "inconnu",
        "n/a",
        "nc",
        "non",
        "renseigné",
        "nom",
        "doe",
        "john",
    ),
    *("M", "M.", "mme", "Dr", "Dr.", "herr", "maître", "Mß", "professeur", "me", "sr", "pr."),
    *(
        "SARL",
        "sarl",
        "s.a.",
        "S.A.R.L.",
        "s.a r.l",
        "GmbH",
        "Ltd",
        "SAS",
        "SA",
        "& Fils",
        "et Cie",
        "société",
        "und Söhne",
    ),
    *(
        "de",
        "la",
        "van",
        "Le",
        "d'",
        "von",
        "Jean",
        "Pierre",
        "Marie",
        "claire",
        "Mary",
        "Beth",
        "Hans",
        "Peter",
    ),
    *(
        "Rivière",
        "RIVIÈRE",
        "Müller",
        "Straße",
        "Ærøskøbing",
        "Nguyễn",
        "محمد",
        "陳",
        "Жуков",
        "🦊",
        "ﬁ",
        "ª",
        "½",
        "²",
    ),
    *("RiviÃ¨re", "√©", "├¿", "Ã", "¨", "&eacute;", "?", "\ufffd", "â€™", "Ð", "Ø", "É’"),
    *("7", "٣", "@", "lucile@example.com", ".", "_", "-", "'", "’", ",", "(", ")", "[", "/", "#"),
    *(" ", " ", " ", "  ", "\u00a0", "\t", "\n", "\u3000", "\u200b", "\u0301", "\u2800"),
]
_NAME = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=5).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=4).map(" ".join),
    st.text(max_size=8),
)
_NAMES = st.lists(st.tuples(_NAME, _NAME), min_size=1, max_size=40)
JUDGED: list[tuple[str, NameJudge]] = [
    (placeholder_names.pattern(), placeholder_names.fault),
    (honorific_names.pattern(), honorific_names.fault),
    (company_names.pattern(), company_names.fault),
    (digit_names.PATTERN, digit_names.fault),
    (EMAIL_PATTERN, email_as_name),
    (DAMAGE, damaged),
    (split_names.misplaced_pattern(), split_names.misplaced),
]


def _as_read(text: str) -> str:
    """A name as a snapshot holds it."""
    return (
        comparison_form(Kind.TEXT, "".join(c for c in text if c != "\0" and not "\ud800" <= c <= "\udfff"))
        or ""
    )


def _missed(engine: str, names: list[tuple[str, str]], *, whole: bool) -> list[tuple[str, tuple[str, str]]]:
    """Names that the queries clear and that are at fault, with the module that says so."""
    if whole:
        columns = {"name": [_as_read(f"{first} {last}") for first, last in names]}
    else:
        columns = {
            "first_name": [_as_read(first) for first, _ in names],
            "last_name": [_as_read(last) for _, last in names],
        }
    frame = open_engine(engine).table(
        pa.table({code: pa.array(texts, pa.string()) for code, texts in columns.items()})
    )
    odd = ~_all_ordinary(*columns, whole=whole)
    kept = [
        (odd & odd_names.any_part(tuple(columns), pattern)).alias(judge.__module__)
        for pattern, judge in JUDGED
    ]
    left = collect(frame.select(*columns, *kept)).to_pylist()
    assert len(left) == len(names)
    missed = []
    for row in left:
        pair = odd_names.split(row["name"]) if whole and row["name"].split() else ("", "")
        pair = pair if whole else (row["first_name"], row["last_name"])
        missed += [
            (judge.__module__, pair) for _, judge in JUDGED if not row[judge.__module__] and judge(*pair)
        ]
    return missed


def _all_ordinary(*columns: str, whole: bool = False) -> nw.Expr:
    return nw.all_horizontal(*(odd_names.ordinary(code, whole=whole) for code in columns), ignore_nulls=False)


def _equal_but_cleared(engine: str, names: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Names that the query takes for different and that are one."""
    pairs = [(_as_read(first), _as_read(last)) for first, last in names]
    table = pa.table(
        {
            "first_name": pa.array([first for first, _ in pairs], pa.string()),
            "last_name": pa.array([last for _, last in pairs], pa.string()),
        }
    )
    cleared = (
        open_engine(engine).table(table).filter(_all_ordinary("first_name", "last_name") & ~maybe_equal())
    )
    return [
        (row["first_name"], row["last_name"])
        for row in collect(cleared).to_pylist()
        if equal(row["first_name"], row["last_name"])
    ]


AUDITS_OF_NAMES = (
    "all-caps-name", "missing-first-name", "missing-last-name", "name-order", "name-rule-wrong", "one-word-name",
)  # fmt: skip
"""These judge by queries of their own over the names in question."""


@pytest.mark.parametrize("whole", [False, True], ids=["parts", "whole"])
@pytest.mark.long
def test_no_name_is_cleared_that_a_query_would_find(
    engine: str, whole: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R11, R13: audits find the same among the names in question as among all names."""
    world = World(tmp_path)
    for number, (first, last) in enumerate(_made_up("in question", 150)):
        names: dict[str, Value] = {"name": f"{first} {last}"}
        if not whole:
            names |= {"first_name": first, "last_name": last}
            names["name"] = [f"{first} {last}", last, None][number % 3]
        world.person(str(number), f"p{number}@example.com", **names)
    found = world.audited(engine, *AUDITS_OF_NAMES).table

    for module in (capital_names, name_order, names_audits, split_names):
        monkeypatch.setattr(module, "names_in_question", lambda inputs, held: held.frames.records)
    everybody = world.audited(engine, *AUDITS_OF_NAMES).table

    assert found.num_rows > 100
    assert found.equals(everybody)


def _made_up(seed: str, count: int) -> list[tuple[str, str]]:
    """Names put together from the pieces, every other pair one name in two spellings."""
    dice = random.Random(seed)

    def name() -> str:
        return dice.choice(["", " ", "-"]).join(dice.choices(PIECES, k=dice.randint(0, 4)))

    pairs = [(name(), name()) for _ in range(count)]
    return pairs + [
        (one, dice.choice([one.upper(), one.lower(), strip_accents(one), one + other]))
        for one, other in pairs
    ]


@settings(max_examples=settings().max_examples // 5)
@given(_NAMES)
@pytest.mark.parametrize("whole", [False, True], ids=["parts", "whole"])
def test_queries_clear_no_name_that_is_at_fault(whole: bool, names: list[tuple[str, str]]) -> None:
    """The cheap tests in front of Python are equivalent to judging every name."""
    assert _missed("polars", names, whole=whole) == []
    assert _equal_but_cleared("polars", names) == []


@pytest.mark.parametrize("whole", [False, True], ids=["parts", "whole"])
def test_queries_clear_alike_on_every_engine(engine: str, whole: bool) -> None:
    """The same on each engine, over 4,000 names put together from what breaks software."""
    names = _made_up("clearing", 2_000)

    assert _missed(engine, names, whole=whole) == []
    assert _equal_but_cleared(engine, names) == []


@pytest.mark.parametrize("name", ["polars", "duckdb"])
def test_engines_and_python_agree_on_every_letter(name: str) -> None:
    """Capitals, small letters and digits are Unicode's: gone through character by character."""
    known = [
        chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) not in {"Cn", "Cs"} and code
    ]
    frame = open_engine(name).table(pa.table({"c": pa.array(known, pa.string())}))
    for pattern, category in ((r"\p{Lu}", "Lu"), (r"\p{Ll}", "Ll"), (r"\p{Nd}", "Nd")):
        matched = collect(frame.filter(nw.col("c").str.contains(pattern)))["c"].to_pylist()
        assert set(matched) == {c for c in known if unicodedata.category(c) == category}


def test_most_names_are_cleared_without_python() -> None:
    """What makes the audits fast: of a thousand ordinary names few are looked at."""
    from pdsync.sandbox.seeding.people import People

    people = [people.one() for people in [People(7)] for _ in range(1_000)]
    table = pa.table(
        {"first_name": [one.first_name for one in people], "last_name": [one.last_name for one in people]}
    )
    cleared = nw.all_horizontal(
        *(odd_names.ordinary(code, whole=False) for code in table.column_names), ignore_nulls=False
    )

    assert collect(open_engine().table(table).filter(cleared)).num_rows > 850
