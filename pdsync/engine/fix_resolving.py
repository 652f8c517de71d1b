"""What the accepted part of a fix file asks for, in terms of the fields in hand; or every problem of it at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from pdsync.errors import AccountMismatch, MappingError, UsageError
from pdsync.mapfiles.fixes import SAFE
from pdsync.mapfiles.problems import in_order, render_problems
from pdsync.model import (
    BoundMapping,
    Field,
    Finding,
    FixFile,
    Kind,
    MissingOption,
    Place,
    Repair,
    Severity,
    Side,
    Subject,
)
from pdsync.planning.comparison import same
from pdsync.planning.repairs import no_list, not_emptied, not_repaired
from pdsync.planning.wording import did_you_mean, quoted

__all__ = ["Fields", "Wanted", "check_meant", "resolved"]

Fields = dict[str, tuple[Field, Repair, str]]
"""Of one record: code -> the field, the repair that sets it, and what that calls the field."""


@dataclass(slots=True)
class Wanted:
    """What is to be done, in the order of the file."""

    records: dict[Subject, Fields] = field(default_factory=dict)
    """By record, what is to be set."""
    options: dict[Subject, tuple[Field, list[MissingOption]]] = field(default_factory=dict)
    """By field, what its list is to get."""


def check_meant(fixes: FixFile, bound: BoundMapping) -> None:
    """The file is of this mapping and of these accounts.

    Raises:
        UsageError, AccountMismatch
    """
    if fixes.mapping != bound.mapping.name:
        raise UsageError(
            f"{fixes.path} is of the mapping {quoted(fixes.mapping)}; this one is {quoted(bound.mapping.name)}.",
            untouched="Nothing was planned.",
            next_step="Name its mapping with --mapping, or write a new one: pdsync audit --fixes FILE",
        )
    for side in Side:
        account = bound.schemas[side].account
        if fixes.accounts[side] != account.id:
            raise AccountMismatch(
                f"{fixes.path} is of the {side.label} account {fixes.accounts[side]}; what was read is of {account.id} "
                f"({account.name}). One id means two people there.",
                untouched="Nothing was planned.",
                next_step="Write a new one for these accounts: pdsync audit --fixes FILE",
            )


def resolved(fixes: FixFile, bound: BoundMapping) -> Wanted:
    """The accepted repairs and options.

    Raises:
        MappingError: every problem of them at once, each with its place.
    """
    wanted, problems = Wanted(), list[Finding]()
    for repair in fixes.accepted:
        problems += _repair(wanted, bound, repair)
    for option in fixes.accepted_options:
        problems += _option(wanted, bound, option)
    if problems:
        findings = in_order(problems)
        raise MappingError(render_problems(findings), findings=findings)
    return wanted


def _repair(wanted: Wanted, bound: BoundMapping, repair: Repair) -> Iterable[Finding]:
    """Note one repair. Where two set one value, the one that only tidies it yields."""
    side = repair.record.side
    for name in repair.to:
        place = repair.places.get(f"set.{name}", repair.place)
        found = _named(bound, side, name)
        if isinstance(found, str):
            yield _refused(found, place)
            continue
        reason = not_repaired(bound, side, found)
        reason = reason or not_emptied(bound, side, found, repair.to[name])
        if reason:
            yield _refused(f"{quoted(name)} {reason}", place)
            continue
        held = wanted.records.setdefault(repair.record, {})
        earlier = held.get(found.code)
        if earlier is None or earlier[1].code in SAFE:
            held[found.code] = (found, repair, name)
        elif repair.code not in SAFE:
            message = f"{quoted(name)} of {repair.record} is set by another accepted repair already"
            yield Finding("fix-twice", Severity.BLOCKING, message, place=place)


def _option(wanted: Wanted, bound: BoundMapping, option: MissingOption) -> Iterable[Finding]:
    """Note one option that is to be added."""
    found = _named(bound, option.side, option.field)
    if isinstance(found, str):
        yield _refused(found, option.place)
        return
    longest = bound.schemas[option.side].capabilities.longest_option
    problem = _bad_label(option.label, longest) or no_list(bound, option.side, found)
    if problem:
        start = "" if problem.startswith("the label") else f"{quoted(option.field)} "
        yield _refused(f"{start}{problem}", option.place)
        return
    _, held = wanted.options.setdefault(Subject(option.side, "field", found.code), (found, []))
    if any(same(Kind.TEXT, one.label, option.label) for one in held):
        message = (
            f"{quoted(option.label)} is added to {quoted(option.field)} by another accepted line already"
        )
        yield Finding("fix-twice", Severity.BLOCKING, message, place=option.place)
    else:
        held.append(option)


def _bad_label(label: str, longest: int | None) -> str:
    """Why a text is no label of an option."""
    if not label.strip():
        return "the label is blank"
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in label):
        return f"the label {quoted(label)} holds line ends or control characters"
    if longest is not None and len(label) > longest:
        return f"the label {quoted(label)} has {len(label):,} characters; a list takes {longest:,}"
    return ""


def _named(bound: BoundMapping, side: Side, name: str) -> Field | str:
    """The one field that is called so; else what is wrong with that."""
    found = bound.schemas[side].named(name)
    if len(found) == 1:
        return found[0]
    if found:
        return f"{len(found)} fields of {side.label} are called {quoted(name)}; write the code"
    known = [one.name for one in bound.schemas[side].fields]
    return f"unknown field {quoted(name)} in {side.label}{did_you_mean(name, known)}"


def _refused(message: str, place: Place | None) -> Finding:
    return Finding("fix-refused", Severity.BLOCKING, message, place=place)
