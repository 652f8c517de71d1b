"""The lines of a mapping: a row per field mapping with a real person's values, what is wrong below it, one row in full."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from pdsync.model import Direction, FieldStanding, Finding, Kind, Match, Severity, Side
from pdsync.report.text.layout import Line, Piece, Role, cells, fit, line, pad, wrap
from pdsync.report.text.values import SEVERITY_ROLE, Names, counted
from pdsync.tui.widgets.listing import Column, Row, Wide
from pdsync.tui.widgets.paint import inert

if TYPE_CHECKING:
    from pdsync.engine.mapping_preview import Preview
    from pdsync.engine.mapping_view import DraftView, MappingRow
    from pdsync.model import ExplainedField

__all__ = [
    "ARROWS",
    "COLUMNS",
    "MappingRows",
    "finding_lines",
    "preview_line",
    "row_lines",
    "state_line",
]

ARROWS: Final = {
    Direction.BOTH: "<->",
    Direction.TO_PIPEDRIVE: "<--",
    Direction.TO_PLEZI: "-->",
    Direction.OFF: " x ",
}
"""Pipedrive stands on the left."""
COLUMNS: Final = (
    Column("", 2),
    Column("Pipedrive", 15, grow=2),
    Column("holds", 11, grow=4),
    Column("way", 3),
    Column("holds", 11, grow=4),
    Column("Plezi", 15, grow=2),
    Column("", 7),
)
_WAYS: Final = {
    Direction.BOTH: "both ways",
    Direction.TO_PIPEDRIVE: "to Pipedrive only",
    Direction.TO_PLEZI: "to Plezi only",
    Direction.OFF: "switched off",
}
_SIGNS: Final = {Severity.BLOCKING: "!", Severity.WARNING: "?", Severity.INFO: "i"}
_MATCHES: Final = {
    Match.LINKED: "linked",
    Match.PAIRED: "same address, not linked yet",
    Match.ALONE: "on one side only",
    Match.AMBIGUOUS: "nobody can tell who is who",
}
_WHY_NOT: Final = {
    "out-of-scope": "out of scope",
    "out-of-scope-held": "out of scope, updates stop",
    "existed-before": "there before the first run: plan --adopt",
    "opted-out": "opted out",
    "consent-unread": "consent was not read",
    "direction": "the address does not go that way",
    "no-address": "no address",
    "create-undone": "an undo deleted it",
    "not-complete": "the other side was read in part only",
}


class MappingRows:
    """The field mappings and the findings, as rows of a listing."""

    def __init__(self, view: DraftView, preview: Preview | None) -> None:
        self._items: list[tuple[MappingRow | None, Finding | None]] = []
        self._preview = preview
        for row in view.rows:
            self._items.append((row, None))
            self._items += [(row, finding) for finding in row.findings]
        if view.elsewhere and view.rows:
            self._items.append((None, None))
        self._items += [(None, finding) for finding in view.elsewhere]

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> Row:
        row, finding = self._items[index]
        if finding is not None:
            return Wide(_finding_line(finding, indent=4 if row is not None else 1))
        if row is None:
            return Wide(line((" Elsewhere in the file", Role.STRONG)))
        return self._row(row)

    def row(self, index: int) -> MappingRow | None:
        """The field mapping at this row, or the one that a finding here is about."""
        return self._items[index][0] if 0 <= index < len(self._items) else None

    def finding(self, index: int) -> Finding | None:
        """The finding at this row."""
        return self._items[index][1] if 0 <= index < len(self._items) else None

    def next_finding(self, index: int) -> int | None:
        """Where the next finding stands, from the top again after the last."""
        places = [place for place, (_, finding) in enumerate(self._items) if finding is not None]
        return next((place for place in places if place > index), places[0] if places else None)

    def place_of(self, number: int) -> int:
        """The row of a field mapping, by its place in the file."""
        for place, (row, finding) in enumerate(self._items):
            if row is not None and finding is None and row.entry.number == number:
                return place
        return 0

    def _row(self, row: MappingRow) -> tuple[Piece, ...]:
        off = row.direction is Direction.OFF
        quiet = Role.DIM if row.locked or off else None
        gravest = min((one.severity for one in row.findings), key=lambda one: one.rank, default=None)
        mark = (f" {_SIGNS[gravest]}", SEVERITY_ROLE[gravest]) if gravest is not None else ("", Role.PLAIN)
        arrow = ARROWS[row.direction] if row.direction is not None else "???"
        state = "locked" if row.locked else "off" if off else counted(row.pairs, "pair") if row.pairs else ""
        return (
            mark,
            (inert(row.name(Side.PIPEDRIVE)) or "-", quiet or Role.STRONG),
            self._value(row, Side.PIPEDRIVE, quiet),
            (arrow, quiet or (Role.NAME if row.direction is not None else Role.BAD)),
            self._value(row, Side.PLEZI, quiet),
            (inert(row.name(Side.PLEZI)) or "-", quiet or Role.STRONG),
            (state, Role.DIM),
        )

    def _value(self, row: MappingRow, side: Side, quiet: Role | None) -> Piece:
        """What the person holds there; what would be written has a star."""
        explained = _explained(row, self._preview)
        if (
            explained is None
            or self._preview is None
            or (side not in self._preview.ids and side not in explained.writes)
        ):
            return "", Role.DIM
        names = Names(self._preview.bound)
        change = explained.writes.get(side)
        if change is not None:
            after = "(known then)" if change.deferred else names.value(side, change.code, change.after)
            return f"* {after}", Role.GOOD
        text = names.value(side, explained.codes[side], explained.values[side])
        if explained.standing in (FieldStanding.CONFLICT, FieldStanding.PROBLEM):
            return f"! {text}", Role.BAD
        return text, Role.DIM if quiet or text == "(empty)" else Role.PLAIN


def state_line(view: DraftView, checked: str, key: Callable[[str], str]) -> Line:
    """The file, what is wrong with it, and whether it is saved.

    Args:
        view: The draft.
        checked: ``2 problems and 1 warning``.
        key: How the key of an action is written.
    """
    role = Role.BAD if view.problems else Role.WARN if view.findings else Role.GOOD
    pieces: list[Piece] = [(inert(str(view.path)), Role.STRONG), ("   ", Role.PLAIN), (checked, role)]
    if view.changed_on_disk:
        pieces.append((f"   changed on disk as well: {key('mapping.save')} says what now", Role.BAD))
    elif view.unsaved:
        pieces.append((f"   {counted(view.edits, 'change')} not saved: {key('mapping.save')}", Role.WARN))
    return tuple(pieces)


def preview_line(preview: Preview | None, nobody: str, width: int, key: Callable[[str], str]) -> Line:
    """Who the mapping is looked at with, and what it would do to them."""
    if preview is None:
        return line((nobody or "Looking for somebody to show it with ...", Role.DIM))
    does = _does(preview)
    who = f"{inert(preview.title)}"
    which = f"  {preview.number + 1:,} of {preview.people:,}"
    how = f"  {_MATCHES[preview.match]}"
    if preview.stale:
        does = (f"read before the last run wrote: press {key('overview.read')} on the Overview", Role.WARN)
    room = width - cells(which) - cells(does[0]) - 2
    pieces: list[Piece] = [(who if cells(who) <= room else pad(who, max(room, 8)), Role.NAME)]
    if cells(who) + cells(how) <= room:
        pieces.append((how, Role.PLAIN))
    return (*pieces, (which, Role.DIM), ("  ", Role.PLAIN), does)


def _does(preview: Preview) -> Piece:
    if preview.creates is not None:
        return f"* would be created in {preview.creates.label}", Role.GOOD
    if preview.writes:
        parts = [f"{counted(values, 'value')} to {side.label}" for side, values in preview.writes.items()]
        return f"* would write {' and '.join(parts)}", Role.GOOD
    why = next((_WHY_NOT[count] for count in preview.counts if count in _WHY_NOT), "")
    if preview.match is Match.ALONE and preview.findings:
        why = inert(preview.findings[0].message)
    return f"nothing would be written{f': {why}' if why else ''}", Role.DIM


def row_lines(
    row: MappingRow, finding: Finding | None, preview: Preview | None, width: int, note: str = ""
) -> Iterator[Line]:
    """One field mapping in full: its fields, its rules, the person's values, and what happens to them.

    Args:
        row: The field mapping.
        finding: The one in focus; None: all of them.
        preview: The person.
        width: Cells.
        note: What the last change of it ran into.
    """
    yield _title(row, width)
    yield from _labelled("i", note, width, Role.WARN)
    for one in (finding,) if finding is not None else row.findings:
        yield from _labelled(_SIGNS[one.severity], _said(one), width, SEVERITY_ROLE[one.severity])
    if row.locked:
        yield from _labelled("locked", row.locked, width, Role.DIM)
    explained = _explained(row, preview)
    if explained is None or preview is None:
        return
    names = Names(preview.bound)
    for side in Side:
        if side in preview.ids:
            held = names.value(side, explained.codes[side], explained.values[side])
            yield from _labelled(side.label, held, width, Role.PLAIN)
    for side, change in explained.writes.items():
        after = "(known then)" if change.deferred else names.value(side, change.code, change.after)
        said = f"would write {after} to {side.label}: {explained.why}"
        yield from _labelled("*", said, width, Role.GOOD)
    if not explained.writes:
        trouble = explained.standing in (FieldStanding.CONFLICT, FieldStanding.PROBLEM)
        mark, role = ("!", Role.BAD) if trouble else ("", Role.DIM)
        yield from _labelled(mark, f"nothing is written: {explained.why}", width, role)


def finding_lines(finding: Finding, width: int) -> Iterator[Line]:
    """A finding that is about no field mapping, in full, and what can be done about it."""
    yield from _labelled(_SIGNS[finding.severity], _said(finding), width, SEVERITY_ROLE[finding.severity])
    said = "Change it in the file, with an editor; it is read again by itself."
    yield from _labelled("", said, width, Role.DIM)


def _title(row: MappingRow, width: int) -> Line:
    way = (
        _WAYS[row.direction] if row.direction is not None else f"direction {inert(row.written) or 'missing'}"
    )
    rules: list[str] = [way]
    if row.field is not None and row.direction is not Direction.OFF:
        written = row.field.written
        rules.append(f"empty: {written.empty}")
        rules.append(f"conflicts: {row.field.policy}")
        if row.field.pipedrive.kind in (Kind.OPTION, Kind.OPTIONS):
            rules.append(f"unknown options: {written.options.unknown}, {counted(row.pairs, 'pair')}")
    fields = [_field_words(row, side) for side in Side]
    arrow = ARROWS[row.direction] if row.direction is not None else "???"
    first = f"{fields[0]} {arrow} {fields[1]}"
    rest = f"   line {row.place.line}: {'; '.join(rules)}"
    if cells(first) + cells(rest) > width:
        first = f"{inert(row.name(Side.PIPEDRIVE))} {arrow} {inert(row.name(Side.PLEZI))}"
    first = fit(first, width)
    return line((first, Role.STRONG), (fit(rest, max(width - cells(first), 0)), Role.DIM))


def _field_words(row: MappingRow, side: Side) -> str:
    name = inert(row.name(side))
    if row.field is None:
        return name
    one = row.field.on(side)
    kind = one.remote_type or str(one.kind)
    called = f"{name} '{inert(one.name)}'" if one.name != row.name(side) else name
    return f"{called} ({inert(kind)})"


def _finding_line(finding: Finding, *, indent: int) -> Line:
    where = f"{finding.place.line}:{finding.place.column}" if finding.place is not None else ""
    role = SEVERITY_ROLE[finding.severity]
    return line((f"{' ' * indent}{_SIGNS[finding.severity]} {pad(where, 7)}", role), (_said(finding), role))


def _said(finding: Finding) -> str:
    return inert(finding.message) + (f"; {inert(finding.fix)}" if finding.fix else "")


def _explained(row: MappingRow, preview: Preview | None) -> ExplainedField | None:
    return preview.fields.get((row.place.line, row.place.column)) if preview is not None else None


def _labelled(label: str, text: str, width: int, role: Role) -> Iterator[Line]:
    for number, part in enumerate(wrap(text, width - 11) if text else ()):
        yield line(
            (pad(label if number == 0 else "", 11), role if label in ("!", "?", "*", "i") else Role.DIM),
            (part, role),
        )
