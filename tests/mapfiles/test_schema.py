"""The JSON Schema and the types say the same, both ways; and the schema is a manual."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from pdsync.mapfiles import read_mapping, schema_path
from pdsync.mapfiles.building import build
from pdsync.mapfiles.checking import schema
from pdsync.mapfiles.document import Document, Source, parse
from pdsync.model import (
    Condition,
    ConflictPolicy,
    Direction,
    EmptyPolicy,
    Existing,
    FieldMapping,
    Kind,
    Limits,
    Mapping,
    Severity,
    Side,
    UnknownOption,
    WhenLeft,
)
from tests.mapfiles.reading import HERE


def data_of(path: Path) -> Any:
    """What a file holds, read as mappings are."""
    document, findings = parse(Source(str(path), path.read_text("utf-8")))
    assert findings == ()
    assert document is not None
    return document.data


FULL: dict[str, Any] = data_of(HERE / "full.yaml")
NAMES = ("mapping-v1", "field-list-v1", "fixes-v1", "accepted-v1")
Path_ = tuple[str, ...]


def resolved(node: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """A subschema with what it refers to, as editors show it."""
    reference = node.get("$ref")
    if reference is None:
        return node
    return resolved(root["definitions"][reference.rsplit("/", 1)[1]], root) | {
        k: v for k, v in node.items() if k != "$ref"
    }


def properties(
    node: dict[str, Any], root: dict[str, Any], path: Path_ = ()
) -> Iterator[tuple[Path_, dict[str, Any]]]:
    """Every property in a schema with its path; ``*`` stands for an item of a list or any key."""
    node = resolved(node, root)
    for key, inner in node.get("properties", {}).items():
        yield (*path, key), resolved(inner, root)
        yield from properties(inner, root, (*path, key))
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            yield from properties(node[key], root, (*path, "*"))
    if "then" in node and "$ref" in node["then"]:
        yield from properties(node["then"], root, path)


MAPPING = dict(properties(dict(schema("mapping-v1")), dict(schema("mapping-v1"))))


def values(data: Any, path: Path_) -> Iterator[Any]:
    """Every value that the data holds at a path."""
    if not path:
        yield data
    elif path[0] == "*":
        for inner in data.values() if isinstance(data, dict) else data:
            yield from values(inner, path[1:])
    elif isinstance(data, dict) and path[0] in data:
        yield from values(data[path[0]], path[1:])


def read(data: Any, folder: Path) -> Mapping:
    """The mapping that this data says."""
    path = folder / "m.yaml"
    path.write_text(json.dumps(data), "utf-8")
    mapping, findings = read_mapping(path)
    assert findings == ()
    assert mapping is not None
    return mapping


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_draft_7(name: str) -> None:
    """What editors' YAML servers speak."""
    Draft7Validator.check_schema(dict(schema(name)))
    assert schema(name)["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema_path(name).is_file()


@pytest.mark.parametrize("name", NAMES)
def test_every_property_is_described(name: str) -> None:
    """The schema is the manual: whoever hovers over a key reads a sentence."""
    root = dict(schema(name))
    bare = [".".join(path) for path, node in properties(root, root) if len(node.get("description", "")) < 8]
    assert bare == []


@pytest.mark.parametrize("name", NAMES)
def test_no_group_takes_unknown_keys(name: str) -> None:
    """A misspelt key is a problem everywhere, never silently left out."""

    def groups(node: Any) -> Iterator[dict[str, Any]]:
        if isinstance(node, dict):
            if node.get("type") == "object" and ("properties" in node or "additionalProperties" in node):
                yield node
            for inner in node.values():
                yield from groups(inner)
        elif isinstance(node, list):
            for inner in node:
                yield from groups(inner)

    found = list(groups(dict(schema(name))))
    assert len(found) > 1
    assert all(g.get("additionalProperties") is False or "propertyNames" in g for g in found)


def test_the_full_example_uses_every_property() -> None:
    """So that the next tests cover the whole schema; a new property fails here until it is in full.yaml."""
    unused = [path for path in MAPPING if not list(values(FULL, path))]
    assert [".".join(path) for path in unused if path[-1] not in {"is", "has", "empty"}] == []
    tests = [path for path in MAPPING if path[-1] in {"is", "has", "empty"} and "where" in path]
    used = {path[-1] for path in tests if path not in unused}
    assert used == {"is", "has", "empty"}, "a test says one of the three; each is said somewhere"


def test_every_attribute_of_the_model_can_be_set(tmp_path: Path) -> None:
    """No attribute that no file can say: each has a value of its own somewhere in the full example."""
    own = frozenset({"path", "place", "places", "digest"})
    seen: dict[tuple[type, str], bool] = {}

    def visit(value: object) -> None:
        if is_dataclass(value) and not isinstance(value, type):
            for attribute in fields(value):
                if attribute.name in own:
                    continue
                held = getattr(value, attribute.name)
                default = (
                    attribute.default_factory()
                    if attribute.default_factory is not MISSING
                    else attribute.default
                )
                key = (type(value), attribute.name)
                seen[key] = seen.get(key, False) or held != default
                visit(held)
        elif isinstance(value, dict):
            for item in value.values():
                visit(item)
        elif isinstance(value, tuple):
            for item in value:
                visit(item)

    visit(read(FULL, tmp_path))
    assert {(Condition, "equals"), (FieldMapping, "conflicts"), (Limits, "clears")} <= seen.keys()
    assert [f"{kind.__name__}.{name}" for (kind, name), is_set in seen.items() if not is_set] == []


NEEDED: dict[str, Any] = {
    "name": "other",
    "scope.to_plezi.where": "everybody",
    "scope.*.where.field": "other",
    "scope.enrol.set": {"field": "other", "to": "other"},
    "scope.enrol.set.field": "other",
    "scope.enrol.set.to": "other",
    "scope.enrol.where": {"field": "label_ids", "has": "Hot lead"},
    "consent.*.field": "other",
    "consent.*.opted_out": ["other"],
    "on_create.pipedrive.owner": "other@example.com",
    "fields.*.pipedrive": "other",
    "fields.*.plezi": "other",
    "fields.*.direction": "to_pipedrive",
    "fields.*.options.pairs.*.pipedrive": "other",
    "fields.*.options.pairs.*.plezi": "other",
}
"""Another value for what has to be there; everything else is left out."""
FIXED = {"version", "identity.match_on"}
"""Only one value is possible."""


@pytest.mark.parametrize("path", [path for path in MAPPING if ".".join(path) not in FIXED], ids=".".join)
def test_every_property_is_read(path: Path_) -> None:
    """A property with another value, or left out, makes another mapping, and another digest if it means something."""
    name = ".".join(path)
    data = copy.deepcopy(FULL)
    other = next((value for needed, value in NEEDED.items() if fnmatch(name, needed)), None)
    holding = [group for group in values(data, path[:-1]) if isinstance(group, dict) and path[-1] in group]
    if not holding:
        assert path[-1] in {"is", "has", "empty"}, "a test says one of the three; others are in full.yaml"
        return
    for group in holding:
        if other is None:
            del group[path[-1]]
        else:
            group[path[-1]] = other
    full, changed = build(Document("m.yaml", FULL), []), build(Document("m.yaml", data), [])
    assert full != changed
    assert (full.digest != changed.digest) is (name != "description")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("identity", "existing"), Existing),
        (("scope", "to_plezi", "when_left"), WhenLeft),
        (("conflicts",), ConflictPolicy),
        (("fields", "*", "direction"), Direction),
        (("fields", "*", "empty"), EmptyPolicy),
        (("fields", "*", "conflicts"), ConflictPolicy),
        (("fields", "*", "options", "unknown"), UnknownOption),
        (("audits", "*", "severity"), Severity),
    ],
)
def test_the_words_are_those_of_the_model(path: Path_, words: type[StrEnum]) -> None:
    """The same words, in the same order."""
    assert MAPPING[path]["enum"] == [str(word) for word in words]


def test_the_words_of_field_lists_are_those_of_the_model() -> None:
    """Sides and kinds."""
    root = dict(schema("field-list-v1"))
    found = dict(properties(root, root))
    assert found["side",]["enum"] == [str(side) for side in Side]
    assert found["fields", "*", "type"]["enum"] == [str(kind) for kind in Kind]


def test_the_defaults_are_those_of_the_model() -> None:
    """What the manual calls the default is what a file without the property means."""
    entry = {"pipedrive": "a", "plezi": "b", "direction": "both"}
    bare: dict[str, Any] = {
        "version": 1,
        "name": "bare",
        "identity": {},
        "scope": {"to_plezi": {"where": "everybody"}, "to_pipedrive": {}},
        "limits": {},
        "fields": [entry | {"options": {}}],
        "audits": {"duplicate-email": {}},
    }
    spelt_out = copy.deepcopy(bare)
    defaults = {path: node["default"] for path, node in MAPPING.items() if "default" in node}
    for path, default in defaults.items():
        for group in values(spelt_out, path[:-1]):
            group.setdefault(path[-1], default)
    assert len(defaults) > 12
    assert [path for path in defaults if not list(values(spelt_out, path))] == []
    assert build(Document("m.yaml", spelt_out), []) == build(Document("m.yaml", bare), [])
