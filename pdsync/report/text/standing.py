"""How findings stand: new, solved or still there since the audit before; acknowledged by whom, until when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pdsync.report.inert import for_terminal, one_line
from pdsync.report.text.layout import Line, Role, hanging, line
from pdsync.report.text.values import counted

if TYPE_CHECKING:
    from pdsync.model import (
        Acknowledged,
        Acknowledgement,
        AuditDifferences,
        AuditSummary,
        Finding,
    )

__all__ = [
    "acknowledged_words",
    "acknowledgement_lines",
    "acknowledgement_words",
    "aside_words",
    "since_lines",
    "solved_lines",
    "standing_words",
]

_LONGEST = 200
_SUBJECTS = 5
_OF_ONE = 2


def since_lines(differences: AuditDifferences | None, width: int) -> Iterator[Line]:
    """What changed over all audits since the one before, and which audits cannot be compared."""
    if differences is None:
        return
    parts = [
        f"{differences.new:,} new",
        f"{differences.solved:,} solved",
        f"{differences.persisting:,} still there",
    ]
    if differences.unseen:
        parts.append(f"{differences.unseen:,} not seen this time")
    was = f"then {differences.gate}"
    if differences.blocked_records:
        was += f", {counted(differences.blocked_records, 'record')} blocked"
    said = f"{_moment(differences.taken_at)}: {', '.join(parts)} ({was})"
    yield from hanging(line(("since", Role.STRONG), "  "), said, width)
    reasons: dict[str, list[str]] = {}
    for code, why in differences.not_compared.items():
        reasons.setdefault(why, []).append(code)
    for why, codes in reasons.items():
        yield from hanging(line("       not compared: "), f"{', '.join(codes)} ({why})", width)


def solved_lines(differences: AuditDifferences | None, width: int) -> Iterator[Line]:
    """Audit by audit, some of what is solved."""
    solved = differences.by_code.items() if differences is not None else ()
    if any(one.solved for _, one in solved):
        yield line()
    for code, one in solved:
        if not one.solved:
            continue
        who = [_subjects(finding) for finding in one.solved_samples]
        more = one.solved - len(who)
        if more > 0:
            who.append(f"{more:,} more" if who else f"{more:,}")
        yield from hanging(line(("solved", Role.GOOD), f"  {code}  "), ", ".join(who), width)


def _subjects(finding: Finding) -> str:
    """``pipedrive:person/1 pipedrive:person/2 and 58 others``."""
    more = finding.details.get("more")
    others = len(finding.subjects) - _OF_ONE + (more if isinstance(more, int) else 0)
    said = for_terminal(" ".join(str(subject) for subject in finding.subjects[:_OF_ONE]))
    return f"{said} and {counted(others, 'other')}" if others > 0 else said


def standing_words(summary: AuditSummary, differences: AuditDifferences | None) -> str:
    """``3 new, 2 solved, 1 acknowledged``; empty where there is nothing to say."""
    since = differences.by_code.get(summary.code) if differences is not None else None
    parts = [f"{since.new:,} new"] if since is not None and since.new else []
    if since is not None and since.solved:
        parts.append(f"{since.solved:,} solved")
    if summary.acknowledged:
        parts.append(f"{summary.acknowledged:,} acknowledged")
    return ", ".join(parts)


def aside_words(finding: Finding) -> str:
    """What stands behind a finding's message: that it is new, or who acknowledged it until when."""
    said = acknowledged_words(finding)
    parts = [*(["new"] if finding.details.get("since") == "new" else []), *([said] if said else [])]
    return f" [{'; '.join(parts)}]" if parts else ""


def acknowledged_words(finding: Finding) -> str:
    """``acknowledged by florent until 2026-12-31: one mailbox``; empty if nobody did."""
    held = finding.details.get("acknowledged")
    if not isinstance(held, Mapping):
        return ""
    until = f" until {_text(held.get('until'))}" if held.get("until") else ""
    return f"acknowledged by {_text(held.get('who'))}{until}: {_text(held.get('why'))}"


def acknowledgement_words(entry: Acknowledgement) -> str:
    """One entry on one line: ``duplicate-email  pipedrive:person/1042 (+2)  until 2026-12-31, florent: one mailbox``."""
    also = f" (and {counted(len(entry.also), 'other')})" if entry.also else ""
    until = f"until {entry.until}, " if entry.until is not None else ""
    subject = one_line(str(entry.subject), _LONGEST)
    return f"{for_terminal(entry.code)}  {subject}{also}  {until}{_text(entry.who)}: {_text(entry.why)}"


def acknowledgement_lines(entries: Sequence[Acknowledged], width: int) -> Iterator[Line]:
    """The entries that need somebody: expired, in part, of nothing."""
    for one in entries:
        said = _what_to_do(one)
        if said:
            place = f"{one.entry.place}  " if one.entry.place is not None else ""
            what = for_terminal(f"{place}{one.entry.code} {one.entry.subject}: {said}")
            yield from hanging(line(("acknowledgement", Role.WARN), "  "), what, width)


def _what_to_do(one: Acknowledged) -> str:
    from pdsync.model import AcknowledgedState

    match one.state:
        case AcknowledgedState.EXPIRED:
            return f"expired on {one.entry.until}; it counts again"
        case AcknowledgedState.NOTHING:
            return "nothing is found about it any more; the entry can be removed"
        case AcknowledgedState.PARTIAL:
            more = " and more" if len(one.unnamed) > _SUBJECTS else ""
            names = " ".join(str(subject) for subject in one.unnamed[:_SUBJECTS])
            return f"it counts, because the finding is also about {names}{more}; name them under also:"
        case _:
            return ""


def _text(value: object) -> str:
    return one_line(value, _LONGEST) if isinstance(value, str) else ""


def _moment(stamp: str) -> str:
    """``2026-11-22 21:04 UTC`` of an RFC 3339 stamp in UTC."""
    return for_terminal(f"{stamp[:16].replace('T', ' ')} UTC")
