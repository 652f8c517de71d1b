"""Accepted findings as values, or every problem in their file at once, by the reader and the machinery of mappings.

The file is reviewed in git, so it may hold nobody's address. It is left out where nothing was ever acknowledged: that is
not an error.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

from pdsync.errors import MappingError
from pdsync.mapfiles.checking import check
from pdsync.mapfiles.document import Document, Source, parse
from pdsync.mapfiles.document import Path as DataPath
from pdsync.mapfiles.files import read_source
from pdsync.mapfiles.problems import in_order, render_problems
from pdsync.model import Acknowledgement, Finding, Severity, Subject
from pdsync.planning.wording import did_you_mean, quoted

__all__ = ["accepted_path", "holds_address", "load_accepted", "read_accepted", "read_accepted_text"]

_ADDRESS: Final = re.compile(r"[^\s@<>()\"',;:]+\s?[@\uff20]\s?[^\s@<>()\"',;:]+")
"""Anything that a reader could take for an email address, spaces around the sign and its wide form included."""


def accepted_path(mapping: Path) -> Path:
    """Where the accepted findings of a mapping are: ``accepted/contacts.yaml`` beside ``contacts.yaml``."""
    return mapping.parent / "accepted" / mapping.name


def holds_address(text: str) -> bool:
    """Whether a text holds what looks like an email address."""
    return _ADDRESS.search(text) is not None


def load_accepted(path: Path, *, audits: Collection[str] = ()) -> tuple[Acknowledgement, ...]:
    """The entries of this file in its order; none where there is no file.

    Raises:
        MappingError: with every problem, in the order of the file; its text is what ``render_problems`` prints.
    """
    entries, findings = read_accepted(path, audits=audits)
    if entries is None:
        raise MappingError(
            render_problems(findings),
            findings=findings,
            next_step="Correct the file, then: pdsync check",
        )
    return entries


def read_accepted(
    path: Path, *, audits: Collection[str] = ()
) -> tuple[tuple[Acknowledgement, ...] | None, tuple[Finding, ...]]:
    """The entries of this file and what is wrong with it; None if anything is. Never raises.

    ``audits``: the codes that audits have; none: they are not compared with anything.
    """
    if not path.exists():
        return (), ()
    source, findings = read_source(path)
    if source is None:
        return None, findings
    entries, _, findings = read_accepted_text(source, audits=audits)
    return entries, findings


def read_accepted_text(
    source: Source, *, audits: Collection[str] = ()
) -> tuple[tuple[Acknowledgement, ...] | None, Document | None, tuple[Finding, ...]]:
    """The same of a text: the entries, the document, and what is wrong with it."""
    document, findings = parse(source)
    if document is None:
        return None, None, findings
    breaches = [finding for _, finding in check(document, "accepted-v1")]
    if breaches:
        return None, document, in_order(breaches)
    problems = in_order(_problems(document, audits))
    return (None if problems else _entries(document)), document, problems


def _entries(document: Document) -> tuple[Acknowledgement, ...]:
    data: Any = document.data
    return tuple(
        Acknowledgement(
            code=written["code"],
            subject=Subject.parse(written["subject"]),
            who=written["who"],
            why=written["why"],
            also=tuple(map(Subject.parse, written.get("also", ()))),
            until=date.fromisoformat(written["until"]) if "until" in written else None,
            place=document.place(("accepted", number)),
        )
        for number, written in enumerate(data["accepted"])
    )


def _problems(document: Document, audits: Collection[str]) -> Iterator[Finding]:
    """What a schema cannot say: codes, days, addresses, entries against each other."""
    data: Any = document.data
    first: dict[tuple[str, str], int] = {}
    for number, written in enumerate(data["accepted"]):
        path: DataPath = ("accepted", number)
        code, subject = written["code"], written["subject"]
        if audits and code not in audits:
            message = f"there is no audit {quoted(code)}{did_you_mean(code, audits)}"
            yield _problem(document, (*path, "code"), "unknown-audit", message)
        yield from _addresses(document, path, written)
        if "until" in written and not _is_day(written["until"]):
            message = f"until: there is no day {quoted(written['until'])}"
            yield _problem(document, (*path, "until"), "accepted", message)
        if subject in written.get("also", ()):
            message = f"also: {quoted(subject)} is the subject of this entry already"
            yield _problem(document, (*path, "also", written["also"].index(subject)), "accepted", message)
        earlier = first.setdefault((code, subject), number)
        if earlier != number:
            line = document.place(("accepted", earlier, "subject")).line
            message = f"{quoted(code)} of {quoted(subject)} stands twice; first in line {line}"
            yield _problem(document, (*path, "subject"), "accepted", message)


def _addresses(document: Document, path: DataPath, written: dict[str, Any]) -> Iterator[Finding]:
    """This file is for git. Values are not quoted here: a message may end in a log."""
    texts: list[tuple[DataPath, str]] = [((*path, key), written[key]) for key in ("subject", "why")]
    texts += [((*path, "also", place), one) for place, one in enumerate(written.get("also", ()))]
    for where, text in texts:
        if holds_address(text):
            key = next(part for part in reversed(where) if isinstance(part, str))
            message = (
                f"{key}: this looks like an email address; files for git name records by id, never people"
            )
            yield _problem(document, where, "accepted-address", message)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _problem(document: Document, path: DataPath, code: str, message: str) -> Finding:
    return Finding(code, Severity.BLOCKING, message, place=document.place(path))
