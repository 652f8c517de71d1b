"""A fix file as a ``FixFile``, or every problem in it at once, by the reader and the schema machinery of mappings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from pdsync.errors import MappingError
from pdsync.mapfiles.checking import check
from pdsync.mapfiles.document import Document, Source, parse
from pdsync.mapfiles.document import Path as DataPath
from pdsync.mapfiles.files import read_source
from pdsync.mapfiles.problems import in_order, render_problems
from pdsync.model import (
    Finding,
    FixFile,
    MergeProposal,
    MissingOption,
    PairProposal,
    Place,
    Repair,
    Severity,
    Side,
    Subject,
    is_empty,
)
from pdsync.planning.wording import did_you_mean, quoted

__all__ = ["SAFE", "is_accepted", "load_fixes", "read_fixes", "read_text"]

SAFE = frozenset({"outer-spaces", "email-spelling"})
"""Audits whose repairs change how a value is written and not what it says: they begin as accepted, and yield to another
accepted repair of the same value."""


def load_fixes(path: Path | str, *, audits: Collection[str] = ()) -> FixFile:
    """The fix file at this place.

    Raises:
        MappingError: with every problem, in the order of the file; its text is what ``render_problems`` prints.
    """
    fixes, findings = read_fixes(path, audits=audits)
    if fixes is None:
        raise MappingError(render_problems(findings), findings=findings)
    return fixes


def read_fixes(
    path: Path | str, *, audits: Collection[str] = ()
) -> tuple[FixFile | None, tuple[Finding, ...]]:
    """The fix file at this place and what is wrong with it; None if anything is. Never raises.

    ``audits``: the codes that audits have; none: they are not compared with anything.
    """
    source, findings = read_source(path, missing="pdsync audit --fixes FILE writes one")
    if source is None:
        return None, findings
    fixes, _, findings = read_text(source, audits=audits)
    return fixes, findings


def read_text(
    source: Source, *, audits: Collection[str] = ()
) -> tuple[FixFile | None, Document | None, tuple[Finding, ...]]:
    """The same of a text: the fix file, its document, and what is wrong with it."""
    document, findings = parse(source)
    if document is None:
        return None, None, findings
    breaches = [finding for _, finding in check(document, "fixes-v1")]
    if breaches:
        return None, document, in_order(breaches)
    fixes = _build(document)
    problems = in_order([*_unknown_codes(document, audits), *_across(fixes)])
    return (None if problems else fixes), document, problems


def _build(document: Document) -> FixFile:
    data: Any = document.data
    return FixFile(
        mapping=data["mapping"],
        accounts={side: data["accounts"][side] for side in Side},
        repairs=tuple(
            _repair(document, code, number, written)
            for code, entries in (data.get("repairs") or {}).items()
            for number, written in enumerate(entries or ())
        ),
        pairs=tuple(
            PairProposal(
                written["field"],
                written["pipedrive"],
                written["plezi"],
                accepted=is_accepted(written),
                place=document.place(("pairs", number)),
            )
            for number, written in enumerate(data.get("pairs") or ())
        ),
        options=tuple(
            MissingOption(
                Side(written["side"]),
                written["field"],
                written["label"],
                int(written.get("records", 0)),
                accepted=is_accepted(written),
                place=document.place(("options", number)),
            )
            for number, written in enumerate(data.get("options") or ())
        ),
        merges=tuple(
            MergeProposal(
                Subject.parse(written["keep"]),
                tuple(map(Subject.parse, written["merge"])),
                written["why"],
                tuple(written.get("links", ())),
                place=document.place(("merges", number)),
            )
            for number, written in enumerate(data.get("merges") or ())
        ),
        path=document.path,
    )


def _repair(document: Document, code: str, number: int, written: dict[str, Any]) -> Repair:
    path: DataPath = ("repairs", code, number)
    places: dict[str, Place] = {"record": document.place((*path, "record"))}
    for part in ("now", "set"):
        places |= {f"{part}.{name}": document.key_place((*path, part, name)) for name in written[part]}
    return Repair(
        code=code,
        record=Subject.parse(written["record"]),
        now=written["now"],
        to=written["set"],
        accepted=is_accepted(written),
        one_of=written.get("one_of", ""),
        place=document.place(path),
        places=places,
    )


def is_accepted(written: Mapping[str, Any]) -> bool:
    """Whether an entry, as it is written in the file, is one that a person wants."""
    return written.get("accept") in ("yes", True)


def _unknown_codes(document: Document, audits: Collection[str]) -> Iterator[Finding]:
    data: Any = document.data
    for code in data.get("repairs") or {}:
        if audits and code not in audits:
            meant = did_you_mean(code, audits)
            yield _problem(
                "unknown-audit", f"unknown audit {quoted(code)}{meant}", document.key_place(("repairs", code))
            )


def _across(fixes: FixFile) -> Iterator[Finding]:
    """What a schema cannot say: parts of one entry, and entries, against each other."""
    chosen: dict[str, Repair] = {}
    setters: dict[tuple[Subject, str], Repair] = {}
    for repair in fixes.repairs:
        yield from _fields(repair)
        if not repair.accepted:
            continue
        if repair.one_of:
            first = chosen.setdefault(repair.one_of, repair)
            if first is not repair:
                message = f"{quoted(repair.one_of)}: at most one of these may be accepted, and{_line(first)} is one already"
                yield _problem("fix-excluded", message, repair.place)
                continue
        if repair.code in SAFE:
            continue
        for name in repair.to:
            first = setters.setdefault((repair.record, name), repair)
            if first is not repair:
                message = (
                    f"{quoted(name)} of {repair.record} is set{_line(first)} already; accept one of them"
                )
                yield _problem("fix-twice", message, repair.places.get(f"set.{name}"))
    for merge in fixes.merges:
        if any(one.side is not merge.keep.side for one in merge.merge):
            yield _problem("fix-merge", "records of one side only can be merged", merge.place)


def _fields(repair: Repair) -> Iterator[Finding]:
    for one, other, said in (
        (repair.to, repair.now, "the value that the repair was made for is missing under 'now'"),
        (repair.now, repair.to, "it is missing under 'set'"),
    ):
        part = "set" if one is repair.to else "now"
        for name in one:
            if name not in other:
                place = repair.places.get(f"{part}.{name}")
                yield _problem("fix-field", f"{quoted(name)}: {said}{did_you_mean(name, other)}", place)
    for name in repair.to:
        if name in repair.now and _same(repair.to[name], repair.now[name]) and repair.accepted:
            place = repair.places.get(f"set.{name}")
            yield _problem("fix-nothing", f"{quoted(name)}: 'set' is what stands under 'now' already", place)


def _same(one: object, other: object) -> bool:
    return one == other or (is_empty(one) and is_empty(other))  # type: ignore[arg-type]


def _line(repair: Repair) -> str:
    return f" in line {repair.place.line}" if repair.place is not None else ""


def _problem(code: str, message: str, place: Place | None) -> Finding:
    return Finding(code, Severity.BLOCKING, message, place=place)
