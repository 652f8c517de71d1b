"""One person on a terminal and as JSON: golden files, the published schema, and hostile text that stays text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

import pdsync.report
from pdsync.model import Explanation, FieldStanding, HoldKind, Match
from pdsync.report.explanation_json import explanation_json
from pdsync.report.text import explanation_lines
from pdsync.report.text.layout import cells
from tests.report.build_explanation import alone, pair
from tests.report.golden import check

SCHEMA = json.loads(
    (Path(pdsync.report.__path__[0]) / "schemas" / "explanation-v1.schema.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("width", [80, 120])
def test_a_pair_on_a_terminal(width: int) -> None:
    """The answer first, both records side by side, then all that it rests on."""
    check(f"explanation-{width}.txt", explanation_lines(pair(), width=width))


def test_somebody_who_is_gone() -> None:
    """Little is known, and it says what is not."""
    check("explanation-alone.txt", explanation_lines(alone()))


def test_as_json() -> None:
    """Exact values, people included."""
    check("explanation.json", explanation_json(pair()).split("\n")[:-1])


@pytest.mark.parametrize("make", [pair, alone])
def test_output_fits_its_schema(make: Callable[[], Explanation]) -> None:
    """Programs may rely on the published shape; an unknown key does not fit."""
    validator = jsonschema.Draft7Validator(SCHEMA)
    data = json.loads(explanation_json(make()))
    validator.validate(data)
    assert not validator.is_valid(data | {"more": 1})


def test_the_schema_knows_every_word_of_the_model() -> None:
    """A new standing or hold is published before it is printed; shared parts are those of plans and audits."""
    definitions = SCHEMA["definitions"]
    assert definitions["field"]["properties"]["standing"]["enum"] == [str(one) for one in FieldStanding]
    assert definitions["hold"]["properties"]["kind"]["enum"] == [str(one) for one in HoldKind]
    assert SCHEMA["properties"]["match"]["enum"] == [str(one) for one in Match]
    plan = json.loads(
        (Path(pdsync.report.__path__[0]) / "schemas" / "plan-v1.schema.json").read_text("utf-8")
    )
    for shared in ("change", "field_change", "finding", "base"):
        assert definitions[shared] == plan["definitions"][shared]


@pytest.mark.parametrize("make", [pair, alone])
@pytest.mark.parametrize("width", [40, 80])
def test_hostile_text_is_inert_and_columns_hold(make: Callable[[], Explanation], width: int) -> None:
    """No control sequence reaches the terminal, and a long value does not push its neighbour away."""
    lines = list(explanation_lines(make(), width=width))
    assert not [one for one in lines if any(ord(c) < 32 or c in "\u202e\u200b\x7f" for c in one)]
    head = next(place for place, one in enumerate(lines) if one.strip().startswith("field"))
    assert all(cells(one) <= max(width, 50) for one in lines[head : head + 2])


def test_colour_says_nothing_that_words_do_not() -> None:
    """Without its colours the page is the same."""
    coloured = "\n".join(explanation_lines(pair(), colour=True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == "\n".join(explanation_lines(pair()))
