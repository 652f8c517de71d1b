"""Runs a JSON Schema over a document and says in words what is wrong, where, and what was probably meant.

The schema files are the manual that editors show; executing them here means that editor and pdsync cannot disagree.
``errorMessage`` and ``patternErrorMessage`` (known to the editors' YAML servers as well) carry the words that a rule
needs; everything else is said from the schema itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from pdsync.draft7 import validator
from pdsync.mapfiles.document import Document, Path
from pdsync.model import Finding, Severity
from pdsync.planning.wording import did_you_mean, listed, quoted

if TYPE_CHECKING:
    from jsonschema import Draft7Validator
    from jsonschema.exceptions import ValidationError

__all__ = ["check", "schema"]

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a group of keys",
    "null": "nothing",
}


@cache
def schema(name: str) -> Mapping[str, Any]:
    """A JSON Schema of this package: ``mapping-v1`` or ``field-list-v1``."""
    text = resources.files("pdsync.mapfiles").joinpath(f"{name}.schema.json").read_text("utf-8")
    loaded: Mapping[str, Any] = json.loads(text)
    return loaded


@cache
def _validator(name: str) -> Draft7Validator:
    return validator(schema(name))


@dataclass(frozen=True, slots=True)
class _Breach:
    """One error of the validator, in the types of this module."""

    path: Path
    """Of the value at fault."""
    rule: str
    """The schema keyword it breaks: ``enum``."""
    wanted: Any
    found: Any
    schema: Mapping[str, Any]
    said: str
    """The validator's own words."""
    of_a_key: bool
    """A key has the wrong form, not a value."""


def check(document: Document, name: str) -> list[tuple[Path, Finding]]:
    """Every breach of the schema, with the path of the value at fault."""
    if document.data is None:
        return [((), _finding(document, (), "there is nothing in this file"))]
    found: list[tuple[Path, Finding]] = []
    said: set[Path] = set()
    for error in _validator(name).iter_errors(document.data):
        breach = _breach(error)
        for path, finding in _findings(document, breach):
            if path in said and not isinstance(breach.found, (Mapping, list)):
                continue  # one value, one message: the first says what it has to be at all
            said.add(path)
            found.append((path, finding))
    return found


def _breach(error: ValidationError) -> _Breach:
    subschema: Any = error.schema
    path: Path = tuple(error.absolute_path)
    of_a_key = "propertyNames" in error.absolute_schema_path
    found: Any = error.instance
    return _Breach(
        path=(*path, found) if of_a_key else path,
        rule=str(error.validator),
        wanted=error.validator_value,
        found=found,
        schema=subschema if isinstance(subschema, dict) else {},
        said=error.message,
        of_a_key=of_a_key,
    )


def _findings(document: Document, breach: _Breach) -> Iterator[tuple[Path, Finding]]:
    path = breach.path
    if breach.rule == "additionalProperties":
        known = list(breach.schema["properties"])
        for key in breach.found:
            if key not in known:
                meant = did_you_mean(key, (word for word in known if word not in breach.found))
                hint = meant or f"; known here: {', '.join(known)}"
                message = f"unknown key {quoted(key)}{hint}"
                yield (*path, key), _finding(document, (*path, key), message, key=True)
    elif breach.rule == "required":
        missing = next(key for key in breach.wanted if breach.said.startswith(f"{key!r} "))
        yield path, _finding(document, path, f"{quoted(missing)} is missing{_inside(path)}")
    else:
        about = "" if breach.of_a_key else _named(path)
        yield path, _finding(document, path, about + _message(document, breach), key=breach.of_a_key)


def _finding(document: Document, path: Path, message: str, *, key: bool = False) -> Finding:
    place = document.key_place(path) if key else document.place(path)
    return Finding("mapping-schema", Severity.BLOCKING, message, place=place)


_SAID = {
    "minimum": "{found} is less than {wanted}",
    "maximum": "{found} is more than {wanted}",
    "minLength": "may not be empty",
    "minItems": "may not be empty",
    "minProperties": "may not be empty",
    "maxLength": "longer than {wanted} characters",
    "maxItems": "more than {wanted} entries",
    "uniqueItems": "an entry stands twice",
}


def _message(document: Document, breach: _Breach) -> str:
    own = breach.schema.get("patternErrorMessage" if breach.rule == "pattern" else "errorMessage", "")
    if own and breach.rule in ("pattern", "enum", "oneOf"):
        return str(own) if isinstance(breach.found, Mapping) else f"{quoted(breach.found)}: {own}"
    if breach.rule == "type":
        return _wrong_type(document, breach)
    if breach.rule == "enum":
        words = [str(word) for word in breach.wanted]
        meant = did_you_mean(breach.found, words) if isinstance(breach.found, str) else ""
        return f"{quoted(breach.found)} is not one of {', '.join(words)}{meant}"
    said = _SAID.get(breach.rule)
    return said.format(found=quoted(breach.found), wanted=breach.wanted) if said else breach.said


def _wrong_type(document: Document, breach: _Breach) -> str:
    names = [breach.wanted] if isinstance(breach.wanted, str) else list(breach.wanted)
    expected = listed((_TYPES[name] for name in names), "or")
    raw = document.raw.get(breach.path)
    if "string" in names and raw is not None and breach.found is not None:
        kind = _TYPES["boolean" if isinstance(breach.found, bool) else "number"]
        return f"expected text, but {raw} without quotes is {kind}; write '{raw}'"
    return f"expected {expected}, found {quoted(breach.found)}"


def _inside(path: Path) -> str:
    name = _last_word(path)
    if not name:
        return ""
    return f" in {name}" if isinstance(path[-1], str) else f" in this entry of {name}"


def _named(path: Path) -> str:
    """``direction: ``: the key that a message is about."""
    name = _last_word(path)
    return f"{name}: " if name else ""


def _last_word(path: Path) -> str:
    return next((part for part in reversed(path) if isinstance(part, str)), "")
