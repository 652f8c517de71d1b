"""One finding in full: what, why it matters, how to mend it, and its records side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pdsync.engine.side_by_side import SideBySide
from pdsync.model import Finding, Record, Side, Value
from pdsync.report.text.layout import Line, Role, fit, line, pad, wrap
from pdsync.report.text.values import SEVERITY_ROLE, Names, counted, shown
from pdsync.tui.widgets.paint import inert

__all__ = ["finding_lines", "side_by_side_lines"]

_LABEL = 5
_MOST = 12
"""Subjects without a record that are named (options, fields)."""


def finding_lines(
    finding: Finding, why: str, compared: SideBySide | None, width: int, *, comparing: bool = False
) -> Iterator[Line]:
    """The finding as lines of at most ``width`` cells; ``comparing``: its records are on their way."""
    rule = f" ({inert(finding.rule)})" if finding.rule else ""
    first, *rest = wrap(inert(finding.message) + rule, width - len(finding.code) - 2)
    yield line((finding.code, SEVERITY_ROLE[finding.severity]), "  ", (first, Role.STRONG))
    for more in rest:
        yield line((" " * (len(finding.code) + 2) + more, Role.STRONG))
    yield from _labelled("why", inert(why), width)
    yield from _labelled("fix", inert(finding.fix), width)
    yield line()
    if compared is not None and any(compared.records.values()):
        yield from side_by_side_lines(compared, width)
    elif comparing:
        yield line(("Looking at the records ...", Role.DIM))
    else:
        yield from _subjects(finding, width)


def side_by_side_lines(compared: SideBySide, width: int) -> Iterator[Line]:
    """A line per field of the mapping, a column per record; what differs is marked."""
    names = Names(compared.names)
    records = [record for side in Side for record in compared.records[side]]
    if not records or compared.names is None:
        return
    label = min(max((len(names.of_key(field.key)) for field in compared.names.fields), default=8), 20)
    room = max((width - label - 2) // len(records) - 2, 8)
    yield line(" " * (label + 4), *((pad(_title(record), room) + "  ", Role.NAME) for record in records))
    for field in compared.names.fields:
        texts = [_value(names, record, field.on(record.side).code) for record in records]
        differs = len(set(texts)) > 1
        yield line(
            (pad(names.of_key(field.key), label), Role.DIM),
            ("  ! " if differs else "    ", Role.WARN),
            *((pad(fit(text, room), room) + "  ", Role.STRONG if differs else Role.PLAIN) for text in texts),
        )
    for side in Side:
        if compared.more[side]:
            yield line((f"and {compared.more[side]:,} more in {side.label}", Role.DIM))


def _title(record: Record) -> str:
    return f"{record.side.label} {inert(record.id)}"


def _value(names: Names, record: Record, code: str) -> str:
    return names.value(record.side, code, record.get(code))


def _labelled(label: str, text: str, width: int) -> Iterator[Line]:
    for number, part in enumerate(wrap(text, width - _LABEL) if text else ()):
        yield line((pad(label if number == 0 else "", _LABEL), Role.DIM), part)


def _known(held: Mapping[str, Value]) -> str:
    """An option by its label and how many hold it; anything else as it is known."""
    label, records = held.get("label"), held.get("records")
    if isinstance(label, str) and isinstance(records, int):
        return f"{shown(label)}  held by {counted(records, 'record')}"
    return "  ".join(
        f"{key.replace('_', ' ')} {shown(value)}"
        for key, value in held.items()
        if key not in ("subject", "link", "role")
    )


def _subjects(finding: Finding, width: int) -> Iterator[Line]:
    details = finding.details.get("subjects")
    held: Sequence[Value] = details if isinstance(details, Sequence) and not isinstance(details, str) else ()
    for item in held[:_MOST]:
        if isinstance(item, Mapping):
            said = _known(item)
            subject = inert(str(item.get("subject", "")))
            yield line((subject, Role.NAME), "  ", fit(said, max(width - len(subject) - 2, 10)))
    if len(finding.subjects) > _MOST:
        yield line((f"and {len(finding.subjects) - _MOST:,} more", Role.DIM))
