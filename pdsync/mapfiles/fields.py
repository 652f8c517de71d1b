"""Field lists: what one side's fields are, as a file for git, so that a mapping can be checked without any service.

``pull --fields`` writes Pipedrive's from its API. No call is known that lists Plezi's, so that list is written by hand
or from an export. Neither holds a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pdsync.errors import MappingError
from pdsync.mapfiles.checking import check
from pdsync.mapfiles.document import Document, parse
from pdsync.mapfiles.document import Path as DataPath
from pdsync.mapfiles.files import read_source
from pdsync.mapfiles.problems import in_order, render_problems
from pdsync.model import Account, Field, Finding, Kind, Option, Place, RemoteSchema, Severity, Side
from pdsync.planning.wording import quoted

__all__ = ["checked_schema", "identity_at", "load_fields", "read_fields"]

_LISTS = (Kind.OPTION, Kind.OPTIONS)


def load_fields(path: Path | str, side: Side | None = None) -> RemoteSchema:
    """The remote schema that this field list says; everything can be read and written, as no service was asked.

    Args:
        path: Of the file.
        side: The side that it has to be of; None: any.

    Raises:
        MappingError: with every problem, in the order of the file.
    """
    schema, findings = read_fields(path)
    if schema is not None and side is not None and schema.side is not side:
        message = f"this is the field list of {schema.side.label}, not of {side.label}"
        findings = (Finding("field-list", Severity.BLOCKING, message, place=Place(str(path), 1, 1)),)
        schema = None
    if schema is None:
        raise MappingError(render_problems(findings), findings=findings)
    return schema


def read_fields(path: Path | str) -> tuple[RemoteSchema | None, tuple[Finding, ...]]:
    """The remote schema in a field list, and every problem; None if there is one. Never raises."""
    source, findings = read_source(path, missing="pdsync pull --fields writes one")
    if source is None:
        return None, findings
    document, findings = parse(source)
    if document is None:
        return None, findings
    breaches = [finding for _, finding in check(document, "field-list-v1")]
    return (None, in_order(breaches)) if breaches else checked_schema(document)


def checked_schema(document: Document) -> tuple[RemoteSchema | None, tuple[Finding, ...]]:
    """The remote schema of a document that fits the JSON Schema, unless entries contradict each other."""
    findings = in_order(_double_entries(document))
    return (None, findings) if findings else (_schema(document), ())


def identity_at(document: Document, path: DataPath, value: object) -> str:
    """Text as it is; a number by its digits as written, so that 010 stays 010."""
    return document.raw.get(path, str(value))


def _schema(document: Document) -> RemoteSchema:
    data: Any = document.data
    account = data.get("account", {})
    return RemoteSchema(
        account=Account(
            side=Side(data["side"]),
            id=identity_at(document, ("account", "id"), account.get("id", "")),
            name=account.get("name", ""),
        ),
        fields=tuple(
            _field(document, number, written)
            for number, written in enumerate(data["fields"])
            if not written.get("gone", False)
        ),
    )


def _field(document: Document, number: int, written: dict[str, Any]) -> Field:
    path: DataPath = ("fields", number)
    return Field(
        code=identity_at(document, (*path, "code"), written["code"]),
        name=written["name"],
        kind=Kind(written["type"]),
        remote_type=written.get("remote_type", ""),
        options=tuple(
            _option(document, (*path, "options", position), option)
            for position, option in enumerate(written.get("options", ()))
            if not option.get("gone", False)
        ),
        writable=written.get("writable", True),
        clearable=written.get("clearable", True),
        max_length=int(written["max_length"]) if "max_length" in written else None,
        required=written.get("required", False),
        custom=written.get("custom", False),
        observed=written.get("observed", False),
    )


def _option(document: Document, path: DataPath, written: dict[str, Any]) -> Option:
    identity = identity_at(document, (*path, "id"), written["id"])
    return Option(identity, written.get("label", identity), observed=written.get("observed", False))


def _double_entries(document: Document) -> Iterator[Finding]:
    """A code or an option id that stands twice: nobody could tell which of the two is meant."""
    data: Any = document.data
    codes: dict[str, int] = {}
    for number, written in enumerate(data["fields"]):
        path: DataPath = ("fields", number)
        code = identity_at(document, (*path, "code"), written["code"])
        first = codes.setdefault(code, number)
        if first != number:
            yield _twice(document, (*path, "code"), code, ("fields", first, "code"))
        listed = any(not option.get("gone", False) for option in written.get("options", ()))
        if listed and Kind(written["type"]) not in _LISTS:
            message = f"a field of type {written['type']} has no options"
            yield _problem(document, (*path, "options"), message, key=True)
        ids: dict[str, int] = {}
        for position, option in enumerate(written.get("options", ())):
            here: DataPath = (*path, "options", position, "id")
            identity = identity_at(document, here, option["id"])
            first = ids.setdefault(identity, position)
            if first != position:
                yield _twice(document, here, identity, (*path, "options", first, "id"))


def _twice(document: Document, path: DataPath, identity: str, first: DataPath) -> Finding:
    line = document.place(first).line
    return _problem(document, path, f"{quoted(identity)} stands twice; first in line {line}")


def _problem(document: Document, path: DataPath, message: str, *, key: bool = False) -> Finding:
    place = document.key_place(path) if key else document.place(path)
    return Finding("field-list", Severity.BLOCKING, message, place=place)
