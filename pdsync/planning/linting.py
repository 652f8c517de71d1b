"""Whether a bound mapping can work: every field mapping against the two fields that it joins, before any record is read.

Pure, so that ``pdsync check`` (offline, with field lists) and every plan (with what the services say now) ask the same
questions. An error (``BLOCKING``) means that no plan may be made; a ``WARNING`` that single values or records will be
left out or pile up; an ``INFO`` that something deserves a look. What a value of one kind becomes in another is in
``transforms``; nothing here is a second opinion.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pdsync.model import (
    BoundField,
    BoundMapping,
    Direction,
    EmptyPolicy,
    Field,
    Finding,
    Kind,
    Mapping,
    Severity,
    Side,
)
from pdsync.planning.fieldrules import Named, list_rules, rules
from pdsync.planning.scopelinting import lint_scope
from pdsync.planning.transforms import translates
from pdsync.planning.wording import did_you_mean, listed, quoted

__all__ = ["lint", "unknown_audits"]

_LISTS = (Kind.OPTION, Kind.OPTIONS)
_NOT_YET = (Kind.REFERENCE, Kind.COMPOSITE, Kind.OTHER)
_TO_TEXT = (Kind.NUMBER, Kind.DATE, Kind.DATETIME, Kind.BOOLEAN, Kind.OPTION, Kind.OPTIONS, Kind.PHONES)
_FITS = frozenset(
    {(kind, Kind.TEXT) for kind in _TO_TEXT}
    | {(Kind.OPTION, Kind.OPTIONS), (Kind.DATETIME, Kind.DATE)}
    | {(kind, kind) for kind in Kind if kind not in _NOT_YET}
)
"""(source, target): every value translates, unless it is too long or not in the list."""
_MAY_FIT = frozenset(
    {(Kind.TEXT, kind) for kind in (Kind.NUMBER, Kind.DATE, Kind.BOOLEAN, *_LISTS)}
    | {(kind, other) for kind in (Kind.NUMBER, Kind.DATE, Kind.BOOLEAN) for other in _LISTS}
    | {(Kind.OPTIONS, Kind.OPTION)}
)
"""(source, target): some values translate; each of the others is a finding of its own."""


def lint(bound: BoundMapping) -> tuple[Finding, ...]:
    """Everything that is wrong, or worth knowing, about a mapping between these two accounts, in the order of the file.

    ``bind`` has said which names mean no field; entries without a field are not looked at here.
    """
    entries = [Named.bound(field) for field in bound.fields]
    found: list[Finding] = []
    for entry, field in zip(entries, bound.fields, strict=True):
        found += rules(entry, has_consent=bool(bound.mapping.consent))
        if field.written.direction is not Direction.OFF:
            found += _field(entry, field)
    found += list_rules(entries)
    found += lint_scope(bound)
    for target in Side:
        found += _required(bound, target)
    return tuple(sorted(found, key=_position))


def unknown_audits(mapping: Mapping, codes: Collection[str]) -> tuple[Finding, ...]:
    """The codes under ``audits:`` that are no audit's; the audits stand above this layer, so the caller names them."""
    return tuple(
        Finding(
            "unknown-audit",
            Severity.BLOCKING,
            f"there is no audit {quoted(code)}{did_you_mean(code, codes)}",
            place=mapping.places.get(f"audits.{code}"),
        )
        for code in mapping.audits
        if code not in codes
    )


def _position(finding: Finding) -> tuple[bool, int, int]:
    place = finding.place
    return (True, 0, 0) if place is None else (False, place.line, place.column)


def _field(entry: Named, field: BoundField) -> Iterator[Finding]:
    unready = next((side for side in Side if field.on(side).kind in _NOT_YET), None)
    if unready is not None:
        yield _not_yet(entry, field, unready)
        return
    for target in Side:
        if field.written.direction.writes(target):
            yield from _written(entry, field, target)
    for side in Side:
        if field.on(side).observed:
            message = f"the type of {quoted(entry.written.name(side))} in {side.label} is a guess; look at the field list"
            yield _finding("guessed-type", Severity.INFO, entry, side, message, "")
    yield from _free_text(entry, field)
    yield from _pairs(entry, field)


def _not_yet(entry: Named, field: BoundField, side: Side) -> Finding:
    remote = field.on(side)
    kind = remote.remote_type or str(remote.kind)
    message = (
        f"{quoted(entry.written.name(side))} is a field of type {kind} in {side.label}; "
        "such fields cannot be mapped yet, only audited"
    )
    return _error("not-yet", entry, side, message)


def _written(entry: Named, field: BoundField, target: Side) -> Iterator[Finding]:
    """What stands in the way of writing to ``target``."""
    written, here, there = entry.written, field.on(target.other), field.on(target)
    name = quoted(written.name(target))
    if not there.writable:
        way = f"to_{target.other}" if written.direction is Direction.BOTH else Direction.OFF
        message = f"direction: {name} is read-only in {target.label}; use {way}"
        yield _error("read-only", entry, "direction", message)
        return
    fit = (here.kind, there.kind)
    if fit not in _FITS | _MAY_FIT or not translates(here, there):
        message = (
            f"{_kind(here)} of {target.other.label} does not become {_kind(there)} in {target.label}; "
            "map fields of the same type"
        )
        yield _error("type-mismatch", entry, target, message)
        return
    if fit in _MAY_FIT and not (here.kind is Kind.TEXT and there.kind in _LISTS):
        yield _advice("type-mismatch", entry, target, _partial(here, there, target))
    if here.kind is Kind.TEXT and there.kind is Kind.TEXT:
        longest, room = here.max_length, there.max_length
        if longest is not None and room is not None and longest > room:
            message = f"{name} in {target.label} takes {room} characters, its source {longest}; longer values are rejected"
            yield _advice("too-long", entry, target, message)
    if written.empty is EmptyPolicy.PROPAGATE and not there.clearable:
        message = f"empty: it is not known that {target.label} lets {name} be emptied, so that is left out"
        yield _advice("unsupported-clear", entry, "empty", message)


def _kind(remote: Field) -> str:
    words = {
        Kind.OPTION: "a drop-down list",
        Kind.OPTIONS: "a multiple choice",
        Kind.EMAILS: "email addresses",
        Kind.PHONES: "phone numbers",
        Kind.TEXT: "text",
        Kind.DATETIME: "a date with time",
        Kind.BOOLEAN: "yes or no",
    }
    return words.get(remote.kind, f"a {remote.kind}")


def _partial(here: Field, there: Field, target: Side) -> str:
    if there.kind is Kind.OPTION and here.kind is Kind.OPTIONS:
        return f"{target.label} takes one option here; a record with several is rejected"
    if there.kind in _LISTS:
        return f"only values that are in {target.label}'s list of {quoted(there.name)} arrive there"
    return f"{_kind(here)} goes into {_kind(there)}; values that are none are rejected"


def _free_text(entry: Named, field: BoundField) -> Iterator[Finding]:
    """R23: free text fills a list with every spelling of it, and Plezi's function field as well."""
    written = entry.written
    for target in Side:
        here, there = field.on(target.other), field.on(target)
        if here.kind is not Kind.TEXT or not written.direction.writes(target):
            continue
        name = quoted(written.name(target.other))
        if there.kind in _LISTS:
            message = (
                f"{name} is free text in {target.other.label}; only spellings that are in {target.label}'s list of "
                f"{quoted(there.name)} arrive there (R23); use to_{target.other}"
            )
        elif target is Side.PLEZI and there.code == "function":
            message = f"{name} is free text in Pipedrive and would fill Plezi with every spelling (R23); use to_pipedrive"
        else:
            continue
        yield _advice("free-text", entry, "direction", message, rule="R23")


def _pairs(entry: Named, field: BoundField) -> Iterator[Finding]:
    pairs = entry.written.options.pairs
    if not any(field.on(side).kind in _LISTS for side in Side):
        if pairs:
            message = "options: neither field has a list, so the pairs change nothing"
            yield _advice("unused-pairs", entry, "options", message)
        return
    for side in Side:
        remote = field.on(side)
        if remote.kind not in _LISTS:
            continue
        ids = dict.fromkeys(option.id for option in remote.options)
        labelled: dict[str, list[str]] = {}
        for option in remote.options:
            labelled.setdefault(option.label, []).append(option.id)
        for number, pair in enumerate(pairs):
            text = pair.pipedrive if side is Side.PIPEDRIVE else pair.plezi
            key, where = f"options.pairs.{number}.{side}", f"{quoted(remote.name)} in {side.label}"
            bearers = labelled.get(text, [])
            if not bearers and text not in ids:
                message = f"{where} has no option {quoted(text)}{did_you_mean(text, [*labelled, *ids])}"
                yield _error("unknown-option", entry, key, message, rule="R24")
            elif len(bearers) > 1 and text not in ids:
                message = f"{where} has {len(bearers)} options labelled {quoted(text)}: {listed(bearers)}"
                yield _error("ambiguous-option", entry, key, f"{message}; use the id, in quotes", rule="R24")


def _required(bound: BoundMapping, target: Side) -> Iterator[Finding]:
    """Fields that the target demands of a new record, and that creates would leave empty."""
    identity = next((f for f in bound.fields if f.on(target).code == bound.email[target]), None)
    if identity is None or not identity.writes(target):
        return  # nobody is created there
    scope = bound.mapping.scope.get(target)
    names = scope.require if scope is not None else ()
    asked = {remote.code for name in names for remote in bound.schemas[target.other].named(name)}
    place = bound.mapping.places.get(
        f"scope.to_{target}.require", bound.mapping.places.get(f"scope.to_{target}")
    )
    for remote in bound.schemas[target].fields:
        if not remote.required or not remote.writable or remote.code == bound.email[target]:
            continue
        sources = [f for f in bound.fields if f.on(target).code == remote.code and f.writes(target)]
        name = quoted(remote.name)
        if not sources:
            message = f"{target.label} demands {name} of new records, and no field mapping fills it; none will be created"
            yield Finding("required-unmapped", Severity.WARNING, message, field=remote.name, place=place)
        elif all(f.on(target.other).code not in asked for f in sources):
            wanted = quoted(sources[0].written.name(target.other))
            message = (
                f"{target.label} demands {name} of new records; add {wanted} to scope.to_{target}.require"
            )
            yield Finding("required-unasked", Severity.INFO, message, field=remote.name, place=place)


def _error(code: str, entry: Named, key: str, message: str, *, rule: str = "") -> Finding:
    return _finding(code, Severity.BLOCKING, entry, key, message, rule)


def _advice(code: str, entry: Named, key: str, message: str, *, rule: str = "") -> Finding:
    return _finding(code, Severity.WARNING, entry, key, message, rule)


def _finding(code: str, severity: Severity, entry: Named, key: str, message: str, rule: str) -> Finding:
    return Finding(code, severity, message, field=entry.written.pipedrive, place=entry.place(key), rule=rule)
