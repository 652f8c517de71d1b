"""Options whose names differ in Unicode form only are the same, and each side is sent the form that it holds (R24)."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from pdsync.model import (
    BoundMapping,
    Condition,
    Field,
    FieldMapping,
    Kind,
    Option,
    OptionPair,
    OptionRules,
    Scope,
    Side,
)
from pdsync.planning.binding import bind
from pdsync.planning.decide import decide
from pdsync.planning.linting import lint
from tests.planning.build import COMPLETE, Direction, bind_fields, contact, linked, person, schemas
from tests.planning.tell import tell

COMPOSED = "Énergie"
APART = unicodedata.normalize("NFD", COMPOSED)
SECTOR = FieldMapping("sector", "plz_sector", Direction.BOTH)


def bound(here: str, there: str, *pairs: OptionPair) -> BoundMapping:
    """A list of one option on each side, spelt like this."""
    remote = {
        Side.PIPEDRIVE: (Field("sector", "Secteur", Kind.OPTION, "enum", options=(Option("1", here),)),),
        Side.PLEZI: (
            Field("plz_sector", "Secteur", Kind.OPTION, "drop-down", options=(Option(there, there),)),
        ),
    }
    own = schemas()
    both = {
        side: tuple(f for f in own[side].fields if f.code not in ("sector", "plz_sector")) + remote[side]
        for side in Side
    }
    return bind_fields(replace(SECTOR, options=OptionRules(pairs=pairs)), remote=both)


@pytest.mark.parametrize(("here", "there"), [(COMPOSED, APART), (APART, COMPOSED), (APART, APART)])
def test_they_pair_by_themselves(here: str, there: str) -> None:
    """R24: no pair has to be written; Plezi gets its own spelling, Pipedrive its id."""
    mapping = bound(here, there)
    (to_plezi,) = decide(mapping, linked(person(sector=1), contact()), COMPLETE).changes
    assert to_plezi.fields[0].after == there
    to_pipedrive = decide(mapping, linked(person(), contact(plz_sector=there)), COMPLETE)
    assert tell(to_pipedrive) == ["update pipedrive: sector=1 (fill)"]
    assert tell(decide(mapping, linked(person(sector=1), contact(plz_sector=there)), COMPLETE)) == [
        "settle l@example.com: sector=plz_sector"
    ]


@pytest.mark.parametrize("written", [COMPOSED, APART])
def test_a_pair_may_be_written_in_either_form(written: str) -> None:
    """R24: an editor's form of an accent is nobody's mistake."""
    mapping = bound("Énergies", APART, OptionPair("Énergies", written))
    assert [finding for finding in lint(mapping) if finding.code == "unknown-option"] == []
    (change,) = decide(mapping, linked(person(sector=1), contact()), COMPLETE).changes
    assert change.fields[0].after == APART


def test_a_scope_reads_either_form() -> None:
    """R9: a label in the scope means the option, whichever way both are typed."""
    mapping = bound(APART, APART)
    scope = {Side.PLEZI: Scope(where=Condition("sector", equals=(COMPOSED,)))}
    again, problems = bind(replace(mapping.mapping, scope=scope), mapping.schemas)
    assert not problems
    assert [finding for finding in lint(again) if finding.code == "unknown-option"] == []
