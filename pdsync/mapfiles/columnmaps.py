"""Column maps: which column of an export is which field, as a file that a person corrects and hands back."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pdsync.errors import MappingError, UsageError
from pdsync.mapfiles.checking import check
from pdsync.mapfiles.document import Document, parse
from pdsync.mapfiles.editing import spelled
from pdsync.mapfiles.files import read_source
from pdsync.mapfiles.problems import in_order, render_problems
from pdsync.model import Finding, Severity, Side
from pdsync.planning.wording import did_you_mean, quoted

__all__ = ["ColumnLine", "read_columns", "write_columns"]

ColumnLine = Mapping[str, Any]
"""``column`` (the header), ``field`` (a code, ``@id`` or None), ``label`` where there is one, and ``because`` to write."""

_SEVERAL: Final = frozenset({"email", "phone"})
_TOP: Final = """\
# Which column of an export is which field. Correct what is wrong, and give this file to the next command: --columns FILE
# field: the code of a field, "@id" for the record's id, null to leave the column out. What is marked "assumed" is a guess.
version: 1
"""


def read_columns(path: Path, known: Mapping[Side, Collection[str]]) -> dict[Side, list[ColumnLine]]:
    """The columns by side, for the sides that the file names.

    ``known``: the codes of the fields, for the sides where they are known; a column's own name will do as well.

    Raises:
        MappingError: with every problem, each with its place in the file.
    """
    source, findings = read_source(path)
    document = None
    if source is not None:
        document, findings = parse(source)
    if document is not None:
        findings = in_order(
            [*(finding for _, finding in check(document, "columns-v1")), *_wrong_entries(document, known)]
        )
    if document is None or findings:
        raise MappingError(
            render_problems(findings),
            findings=findings,
            untouched="Nothing was read or written.",
            next_step=f"Correct {path}, or remove it to have the columns matched anew.",
        )
    data: Any = document.data
    return {side: [dict(entry) for entry in data[side]] for side in Side if side in data}


def _wrong_entries(document: Document, known: Mapping[Side, Collection[str]]) -> list[Finding]:
    """Columns that stand twice, fields that two columns hold, and fields that there are not."""
    data: Any = document.data
    found: list[Finding] = []
    for side in Side:
        entries = data.get(side) if isinstance(data, Mapping) else None
        seen: set[tuple[str, str]] = set()
        for number, entry in enumerate(entries if isinstance(entries, list) else ()):
            if not isinstance(entry, Mapping):
                continue
            for key in ("column", "field"):
                value = entry.get(key)
                if not isinstance(value, str) or (key == "field" and value in _SEVERAL):
                    continue
                message = ""
                if (key, value) in seen:
                    message = f"{quoted(value)} stands twice; one {key} has one entry"
                elif key == "field" and not _is_known(value, str(entry.get("column")), known.get(side, ())):
                    message = (
                        f"unknown field {quoted(value)} in {side.label}{did_you_mean(value, known[side])}"
                    )
                if message:
                    place = document.place((side, number, key))
                    found.append(Finding("wrong-column", Severity.BLOCKING, message, place=place))
                seen.add((key, value))
    return found


def _is_known(code: str, header: str, known: Collection[str]) -> bool:
    """A column whose field is on no list is named by its own header."""
    return not known or code == "@id" or code in known or code.casefold() in header.casefold()


def write_columns(path: Path, columns: Mapping[Side, Sequence[ColumnLine]]) -> None:
    """Write a new file.

    Raises:
        UsageError: it is there already, or cannot be written.
    """
    lines = [_TOP]
    for side in Side:
        if side in columns:
            lines.append(f"{side}:\n")
            for entry in columns[side]:
                said = {key: entry[key] for key in ("column", "field", "label") if key in entry}
                lines.append(f"  - {spelled(said)}  # {' '.join(entry['because'].split())}\n")
    try:
        with os.fdopen(
            os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666), "w", encoding="utf-8"
        ) as file:
            file.write("".join(lines))
    except OSError as error:
        raise UsageError(
            f"The column map cannot be written to {path}: {error.strerror or error}.",
            untouched="Nothing was read or written.",
            next_step="Name a file in a folder that is there and may be written: --columns FILE",
        ) from error
