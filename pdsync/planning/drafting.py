"""Collects what one decision consists of, so that the deciding code reads as rules and not as bookkeeping."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from pdsync.model import (
    BoundField,
    BoundMapping,
    Candidate,
    Change,
    Decision,
    FieldChange,
    Finding,
    MergeBase,
    Missing,
    Reason,
    Record,
    Severity,
    Side,
    Subject,
    UnknownOption,
    Value,
    is_empty,
)
from pdsync.model.values import MISSING
from pdsync.planning.comparison import addresses, comparison_form, same
from pdsync.planning.merging import PLEZI_COMPUTED
from pdsync.planning.transforms import Untranslatable, translate

__all__ = ["Draft", "title_of"]


def title_of(bound: BoundMapping, *records: Record | None) -> str:
    """A person's name for screens: the first full name, else an address, else the id."""
    for record in records:
        if record is not None:
            parts = [record.get(code) for code in ("first_name", "last_name")]
            name = " ".join(part.strip() for part in parts if isinstance(part, str) and not is_empty(part))
            if name:
                return name
    for record in records:
        if record is not None:
            for address in addresses(record.get(bound.email[record.side])):
                return address
    return next((f"{record.side.noun} {record.id}" for record in records if record is not None), "")


@dataclass
class Draft:
    """A decision in the making."""

    bound: BoundMapping
    candidate: Candidate
    writes: dict[Side, list[FieldChange]] = field(default_factory=lambda: {side: [] for side in Side})
    records: dict[Side, Record] = field(default_factory=dict)
    """Both records of a pair as they will be after what was decided so far: what the next field mapping passes on."""
    written: dict[tuple[Side, str], FieldChange] = field(default_factory=dict)
    """(Side, field code) -> what this decision writes there."""
    at: dict[str, tuple[int, Side]] = field(default_factory=dict)
    """Key of a write -> its step and its side: one step later than what it rests on, if that is on the other side."""
    moved: dict[Side, str] = field(default_factory=dict)
    """Side whose address is written -> the key that the link rests on afterwards."""
    bases: dict[str, MergeBase | None] = field(default_factory=dict)
    unmark: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    open: bool = False

    def finding(
        self,
        code: str,
        message: str,
        *,
        severity: Severity = Severity.WARNING,
        field: str = "",
        fix: str = "",
        rule: str = "",
        subjects: tuple[Subject, ...] = (),
        details: dict[str, Value] | None = None,
    ) -> None:
        """Add a finding about this candidate's records; it makes the pair a candidate next time as well.

        Its details say by ``name`` whom it is about.
        """
        name = title_of(self.bound, self.candidate.pipedrive, self.candidate.plezi)
        self.findings.append(
            Finding(
                code=code,
                severity=severity,
                message=message,
                subjects=subjects or self.subjects(),
                field=field,
                fix=fix,
                rule=rule,
                details={"name": name} | (details or {}),
            )
        )
        self.open = True

    def subjects(self) -> tuple[Subject, ...]:
        """Both records of the candidate, by link where one was not read."""
        found = []
        for side in Side:
            record = self.candidate.record(side)
            if record is not None:
                found.append(record.subject)
            elif self.candidate.link is not None:
                found.append(Subject(side, side.noun, self.candidate.link.id(side)))
        return tuple(found)

    def value_for(self, field: BoundField, value: Value, target: Side) -> Value | Missing:
        """The value to send, or MISSING with a finding or count that says why there is none."""
        written = field.written.name(target)
        remote = field.on(target)
        if not remote.writable or (target is Side.PLEZI and remote.code in PLEZI_COMPUTED):
            self.finding(
                "unsupported",
                f"{written!r} cannot be written in {target.label}",
                field=written,
                fix="change the direction of this field mapping",
                rule="R6",
            )
            return MISSING
        if is_empty(value):
            if remote.clearable:
                return None
            self.finding(
                "unsupported",
                f"clearing {written!r} in {target.label} is not known to work",
                field=written,
                fix="empty it there by hand, or use empty: ignore",
            )
            return MISSING
        translated = translate(field, value, target)
        if not isinstance(translated, Untranslatable):
            return translated
        if translated.code == "unknown-option" and field.written.options.unknown is UnknownOption.SKIP:
            self.counts["unknown-option-skipped"] += 1
            return MISSING
        fix = (
            "pair the option, or add it to the list"
            if translated.code == "unknown-option"
            else "correct the value"
        )
        rule = "R24" if translated.code == "unknown-option" else ""
        self.finding(translated.code, translated.message, field=written, fix=fix, rule=rule)
        return MISSING

    def add(self, target: Side, change: FieldChange) -> None:
        """Note a write to ``target``; whoever passes that field on sees the new value from here on."""
        self.writes[target].append(change)
        rests_on = [self.at[key] for key in change.follows]
        self.at[change.key] = max((step + (side is not target) for step, side in rests_on), default=0), target
        if not self.bound.schemas[target].capabilities.update:
            return  # it becomes a finding, and nothing rests on it
        self.written[target, change.code] = change
        record = self.records[target]
        self.records[target] = replace(record, values={**record.values, change.code: change.after})

    def write(self, field: BoundField, target: Side, reason: Reason, gate: tuple[str, ...] = ()) -> None:
        """Write the other side's value to ``target``, if it can be said there.

        ``gate``: the key of the write without which the record would be out of scope, if there is one.
        """
        source_record, target_record = self.records[target.other], self.records[target]
        source, before = (
            source_record.get(field.on(target.other).code),
            target_record.get(field.on(target).code),
        )
        if source is MISSING or before is MISSING:
            return
        after = self.value_for(field, source, target)
        if after is MISSING:
            return
        if self.known_not_to_be_stored(field, target, before, after):
            self.counts["not-stored-before"] += 1
            return
        fed = self.written.get((target.other, field.on(target.other).code))
        self.add(
            target,
            FieldChange(
                key=field.key,
                code=field.on(target).code,
                before=before,
                after=after,
                reason=reason,
                source=source,
                base=self.candidate.bases.get(field.key),
                follows=gate if fed is None else (fed.key, *fed.follows, *gate),
            ),
        )

    def rests_on(self, side: Side, name: str) -> tuple[str, ...]:
        """This decision's write to the field that a condition reads, and what that rests on; empty: there is none."""
        found = self.bound.schemas[side].named(name)
        change = self.written.get((side, found[0].code)) if len(found) == 1 else None
        return () if change is None else (change.key, *change.follows)

    def steps(self) -> list[dict[Side, tuple[FieldChange, ...]]]:
        """The writes by side, in steps: what rests on a write to the other side waits for it."""
        found: list[dict[Side, tuple[FieldChange, ...]]] = []
        for number in sorted({self.at[change.key][0] for side in Side for change in self.writes[side]}):
            step = {
                side: tuple(change for change in self.writes[side] if self.at[change.key][0] == number)
                for side in Side
            }
            found.append({side: changes for side, changes in step.items() if changes})
        return found

    def known_not_to_be_stored(
        self, field: BoundField, target: Side, before: Value | Missing, after: Value
    ) -> bool:
        """Whether this very value was sent before, and the service kept what it keeps now (design 7)."""
        memory = self.candidate.rejected_before.get((field.key, target))
        if memory is None:
            return False
        sent, stored = memory
        kind = field.on(target).kind
        return same(kind, sent, after) and same(kind, stored, before)

    def undone(self, field: BoundField) -> bool:
        """Whether an undo holds this field mapping still; lifts the mark once either side differs (design 7)."""
        mark = self.candidate.undone.get(field.key)
        if mark is None:
            return False
        for side in Side:
            record, kind = self.candidate.record(side), field.on(side).kind
            value = MISSING if record is None else record.get(field.on(side).code)
            if value is not MISSING and comparison_form(kind, value) != comparison_form(kind, mark.on(side)):
                self.unmark.append(field.key)
                return False
        self.counts["undone"] += 1
        return True

    def decision(self) -> Decision:
        """The finished value."""
        return Decision(
            changes=tuple(self.changes),
            findings=tuple(self.findings),
            counts=dict(self.counts),
            open=self.open,
        )
