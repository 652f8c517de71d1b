"""Pipedrive's official OpenAPI files as strict schemas of its answers.

The files are loose: hardly a property is required, none is forbidden, and some that are null in life are declared as
plain strings. Here every declared property has to be there and no other may be; what differs from that is listed, with
its source, in `openapi_overrides.yaml`. The files are Pipedrive's and not in this repository; PDSYNC_OPENAPI_DIR names
the folder that holds `pipedrive-v1.yaml` and `pipedrive-v2.yaml`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from jsonschema import Draft7Validator

JsonObject: TypeAlias = dict[str, Any]

OVERRIDES_FILE = Path(__file__).parents[1] / "openapi_overrides.yaml"
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Override:
    """One thing in which the official file is not to be taken at its word."""

    operation: str
    """`GET /persons`, as in the file."""

    field: str
    """Place in the answer: `data[].org_id`."""

    differs: str
    """`nullable`, `undeclared` or `absent`: see the head of the list."""

    source: str

    def apply(self, schema: JsonObject) -> None:
        """Change the schema of an answer."""
        *path, name = re.findall(r"[^.\[\]]+|\[\]", self.field)
        parent = schema
        for step in path:
            parent = parent["items"] if step == "[]" else parent["properties"][step]
        if self.differs == "undeclared":
            parent["properties"][name] = {}
        elif self.differs == "absent":
            parent["required"].remove(name)
        else:
            _allow_null(parent["properties"][name])


def load_overrides() -> list[Override]:
    """The committed list."""
    entries = yaml.safe_load(OVERRIDES_FILE.read_text(encoding="utf-8"))
    return [
        Override(operation, field, entry["differs"], entry["source"])
        for entry in entries
        for operation, fields in entry["places"].items()
        for field in fields
    ]


@dataclass(frozen=True)
class Operation:
    """One operation of a file."""

    name: str
    path: str
    spec: JsonObject

    @property
    def cost(self) -> int:
        """Tokens."""
        cost: int = self.spec["x-token-cost"]
        return cost

    @property
    def query_parameters(self) -> set[str]:
        """Names."""
        return {item["name"] for item in self.spec.get("parameters", ()) if item["in"] == "query"}

    @property
    def body_properties(self) -> JsonObject:
        """What the body of a request may hold."""
        schema = self.spec["requestBody"]["content"]["application/json"]["schema"]
        properties: JsonObject = schema["properties"]
        return properties

    def answer_schema(self, overrides: Iterable[Override]) -> JsonObject:
        """The strict schema of its answer to a success."""
        answers = self.spec["responses"]
        answer = next(answers[status] for status in sorted(answers) if status.startswith("2"))
        schema = strict(answer["content"]["application/json"]["schema"])
        for override in overrides:
            if self.name == override.operation:
                override.apply(schema)
        return schema

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches the end of a path as requested."""
        return re.compile(
            "".join(r"[^/]+" if part[0] == "{" else re.escape(part) for part in _parts(self.path)) + "$"
        )


class OpenApi:
    """The operations of one file."""

    def __init__(self, file: Path) -> None:
        content = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)  # a safe loader, in C
        assert "$ref" not in str(content["paths"].get("/persons", "")), (
            "the file has references: resolve them"
        )
        self.operations = {
            f"{method.upper()} {path}": Operation(f"{method.upper()} {path}", path, spec)
            for path, methods in content["paths"].items()
            for method, spec in methods.items()
            if method in _METHODS
        }

    def find(self, method: str, path: str) -> Operation:
        """The operation of a request; a path without parameters wins over one with."""
        found = [
            operation
            for operation in self.operations.values()
            if operation.name.startswith(f"{method} ") and operation.pattern.fullmatch(path)
        ]
        assert found, f"{method} {path} is in no operation"
        return min(found, key=lambda operation: operation.path.count("{"))


def strict(schema: JsonObject) -> JsonObject:
    """OpenAPI 3.0 to draft 7: `allOf` merged, `nullable` spelt out, properties required, others refused."""
    schema = _merged(copy.deepcopy(schema))
    for name, value in schema.get("properties", {}).items():
        schema["properties"][name] = strict(value)
    if isinstance(schema.get("items"), dict):
        schema["items"] = strict(schema["items"])
    if "properties" in schema:
        schema["required"] = list(schema["properties"])
        schema.setdefault("additionalProperties", False)
    if schema.pop("nullable", False):
        _allow_null(schema)
    return schema


def problems(schema: JsonObject, answer: object) -> Iterator[str]:
    """What is wrong with an answer."""
    for error in Draft7Validator(schema).iter_errors(answer):
        yield f"{error.json_path}: {error.message[:200]}"


def _allow_null(schema: JsonObject) -> None:
    assert isinstance(schema["type"], str), "the file allows null already"
    schema["type"] = [schema["type"], "null"]
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]


def _merged(schema: JsonObject) -> JsonObject:
    parts = [_merged(part) for part in schema.pop("allOf", ())]
    for part in parts:
        schema.setdefault("properties", {}).update(part.pop("properties", {}))
        schema |= {name: value for name, value in part.items() if name not in schema}
    return schema


def _parts(path: str) -> list[str]:
    return re.findall(r"\{[^}]+\}|[^{]+", path)
