"""The published JSON Schemas are what the renderers write: a schema that is not run is a lie."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import pdsync.report
from pdsync.model import (
    AcknowledgedState,
    ChangeKind,
    GateState,
    Outcome,
    Reason,
    RunKind,
    RunState,
    Severity,
)
from pdsync.report.json import audit_json, history_json, plan_json, run_json
from tests.report import build

SCHEMAS = Path(pdsync.report.__path__[0]) / "schemas"


def schema(name: str) -> Any:
    """A published schema."""
    return json.loads((SCHEMAS / f"{name}-v1.schema.json").read_text(encoding="utf-8"))


def documents() -> list[tuple[str, str]]:
    """Every document that is printed, with the name of its schema."""
    return [
        ("audit", audit_json(build.audit_report())),
        ("plan", "".join(plan_json(build.plan()))),
        ("plan", "".join(plan_json(build.empty_plan()))),
        ("run", "".join(run_json(build.RUN, build.journal()))),
        ("run", "".join(run_json(build.UNDO))),
        ("run", "".join(history_json([build.UNDO, build.RUN]))),
        ("run", "".join(history_json([]))),
    ]


@pytest.mark.parametrize(
    ("name", "text"), [pytest.param(*one, id=f"{n}-{one[0]}") for n, one in enumerate(documents())]
)
def test_output_fits_its_schema(name: str, text: str) -> None:
    """Programs may rely on the published shape."""
    jsonschema.Draft7Validator(schema(name)).validate(json.loads(text))


@pytest.mark.parametrize("name", ["audit", "plan", "run", "verbs"])
def test_schema_is_sound_and_describes_every_property(name: str) -> None:
    """The schema is the manual of the document: each property says what it is, and no other may appear."""
    whole = schema(name)
    jsonschema.Draft7Validator.check_schema(whole)

    described = list(_objects(whole))

    assert len(described) > 3
    for properties in described:
        for key, value in properties["properties"].items():
            assert "description" in value or "$ref" in value or "properties" in value, key
        assert properties["additionalProperties"] is False


def test_schemas_know_every_value_of_the_model() -> None:
    """A new reason, outcome or state in the model has to be published before it is printed."""
    plan, run, audit = (
        schema("plan")["definitions"],
        schema("run")["definitions"],
        schema("audit")["definitions"],
    )

    assert plan["field_change"]["properties"]["reason"]["enum"] == [str(reason) for reason in Reason]
    assert plan["change"]["properties"]["kind"]["enum"] == [str(kind) for kind in ChangeKind]
    assert plan["finding"]["properties"]["severity"]["enum"] == [str(severity) for severity in Severity]
    assert plan["gate"]["properties"]["state"]["enum"] == [str(state) for state in GateState]
    assert run["run"]["properties"]["kind_of_run"]["enum"] == [str(kind) for kind in RunKind]
    assert run["run"]["properties"]["state"]["enum"] == [str(state) for state in RunState]
    assert run["entry"]["properties"]["outcome"]["enum"] == [str(outcome) for outcome in Outcome]
    states = audit["acknowledgement"]["properties"]["state"]["enum"]
    assert states == [str(state) for state in AcknowledgedState]
    assert audit["gate"] == plan["gate"]
    assert run["change"] == plan["change"]


def test_a_wrong_document_does_not_fit() -> None:
    """The schemas refuse something: an unknown key, a lost one, an unknown reason."""
    text = json.loads("".join(plan_json(build.plan())))
    validator = jsonschema.Draft7Validator(schema("plan"))
    for wrong in (
        text | {"more": 1},
        {key: value for key, value in text.items() if key != "gate"},
        json.loads(json.dumps(text).replace('"fill"', '"because"')),
    ):
        assert not validator.is_valid(wrong)


def _objects(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        if "properties" in node and "required" in node:
            yield node
        for value in node.values():
            yield from _objects(value)
    elif isinstance(node, list):
        for value in node:
            yield from _objects(value)
