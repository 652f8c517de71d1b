"""Markdown for pull requests and wikis: counts, codes and ids, never people.

What is printed here may end in git for good, so no name, address or value of anybody gets in: only texts that pdsync says
itself, codes, ids of records, names of fields as the mapping has them, and numbers. Messages of services are left out,
because they quote what was sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pdsync.model import (
    Acknowledged,
    AcknowledgedState,
    AuditDifferences,
    AuditReport,
    AuditSummary,
    Change,
    Finding,
    FindingsDifference,
    Gate,
    JournalEntry,
    Outcome,
    Plan,
    RunSummary,
    Side,
)
from pdsync.report.inert import for_markdown, for_markdown_code
from pdsync.report.text.values import list_words, options_words

__all__ = ["COMMENT_LIMIT", "audit_markdown", "history_markdown", "plan_markdown", "run_markdown"]

COMMENT_LIMIT = 65_536
"""Characters that a comment on GitHub takes."""
_SUBJECTS = 10
_FINE = frozenset({Outcome.DONE, Outcome.ADOPTED})


def audit_markdown(report: AuditReport, *, limit: int = COMMENT_LIMIT) -> Iterator[str]:
    """An audit report, line by line, in at most ``limit`` characters.

    The answer and the table of all audits come first. Of the audits one by one, the gravest are there as far as there is
    room; how many are left out is said.
    """
    head = list(_audit_head(report))
    yield from head
    found = [summary for summary in report.summaries if summary.findings]
    room = limit - _length(head) - 200  # for the line about what is left out
    for number, summary in enumerate(found):
        lines: list[str] = []
        for line in _found(summary):
            lines.append(line)
            room -= _length([line])
            if room < 0:
                yield ""
                left = len(found) - number
                yield (
                    f"{left:,} more audits found something; a comment has no room for them. "
                    "All: `pdsync audit --from last`"
                )
                return
        yield from lines


def _people(side: Side, number: int) -> str:
    """``1 contact in Plezi``."""
    return f"{number:,} {side.noun}{'' if number == 1 else 's'} in {side.label}"


def _audit_head(report: AuditReport) -> Iterator[str]:
    """The answer, what it rests on, and one line per audit."""
    yield f"## pdsync audit: {report.gate.state}"
    yield ""
    read = " and ".join(_people(side, report.totals[side]) for side in Side)
    yield f"{read}, mapping {for_markdown_code(report.mapping_name)}."
    yield ""
    yield from _gate(report.gate)
    yield from _since(report.differences)
    yield from _acknowledgements(report.acknowledgements)
    compared = report.differences.by_code if report.differences is not None else {}
    marks = any(summary.acknowledged for summary in report.summaries)
    silent = [one for one in report.summaries if _has_nothing(one, compared.get(one.code))]
    rows = [
        [
            str(summary.severity),
            for_markdown_code(summary.code),
            f"{summary.findings:,}",
            *([f"{summary.acknowledged:,}"] if marks else []),
            *(_changed(compared.get(summary.code)) if compared else []),
            *(f"{summary.records.get(side, 0):,}" for side in Side),
            "**over**" if summary.exceeded else _allowed(summary),
            for_markdown(summary.rule),
        ]
        for summary in report.summaries
        if summary not in silent
    ]
    counts = ["findings", *(["acknowledged"] if marks else []), *(["new", "solved"] if compared else [])]
    counts += [f"{side.noun}s" for side in Side]
    head = ["severity", "audit", *counts, "allowed", "rule"]
    if rows:
        yield from _table(head, rows, right=set(range(2, 2 + len(counts))))
    if silent:
        yield ""
        yield f"Nothing found by: {', '.join(for_markdown_code(summary.code) for summary in silent)}."
    not_checked = [summary.code for summary in report.summaries if summary.not_checked]
    if not_checked:
        yield ""
        yield f"Not checked, or only in part: {', '.join(map(for_markdown_code, not_checked))}."


def _has_nothing(summary: AuditSummary, difference: FindingsDifference | None) -> bool:
    """Whether an audit looked, found nothing, and had nothing the last time either: not worth a line of its own."""
    moved = difference is not None and (difference.new or difference.solved)
    return not (summary.findings or summary.acknowledged or summary.not_checked or moved)


def plan_markdown(plan: Plan, *, most: int = 50) -> Iterator[str]:
    """A plan, line by line; at most ``most`` changes by id. Reads the changes twice, one at a time."""
    header = plan.header
    what = f"undo of {for_markdown_code(header.undoes)}" if header.undoes else "dry run"
    yield f"## pdsync plan {for_markdown_code(header.id)}: {what}"
    yield ""
    yield f"Mapping {for_markdown_code(header.mapping_name)}. " + (
        "Nothing to write." if header.is_empty else f"{header.totals.writes:,} writes."
    )
    yield ""
    yield from _gate(header.gate)
    rows = [
        [
            side.label,
            *(
                f"{number:,}"
                for number in (
                    held.updates, held.creates, held.deletes, held.values, held.deferred, held.clears,
                    held.submissions, held.requests, held.tokens,
                )
            ),
        ]
        for side, held in header.totals.sides.items()
    ]  # fmt: skip
    head = [
        "to",
        "updates",
        "creates",
        "deletes",
        "values",
        "values worked out on create",
        "emptied",
        "form submissions",
        "requests",
        "tokens",
    ]
    yield from _table(head, rows, right=set(range(1, 10)))
    yield from _plan_facts(plan)
    yield from _plan_changes(plan, most)


def run_markdown(run: RunSummary, entries: Iterable[JournalEntry] = (), *, most: int = 50) -> Iterator[str]:
    """One run, line by line; of its journal, the ids of what did not succeed."""
    yield f"## pdsync {run.kind} {for_markdown_code(run.id)}: {run.state}"
    yield ""
    yield f"Plan {for_markdown_code(run.plan_id)}, mapping {for_markdown_code(run.mapping_name)}."
    yield ""
    yield from _table(*_runs([run]))
    failed = 0
    listed: list[str] = []
    for entry in entries:
        if entry.outcome not in _FINE:
            failed += 1
            if failed <= most:
                listed.append(f"- {entry.outcome}: {_what(entry.change)}")
    if failed:
        yield ""
        yield f"Not done: {failed:,}"
        yield ""
        yield from listed
        if failed > most:
            yield f"- and {failed - most:,} more"


def history_markdown(runs: Sequence[RunSummary]) -> Iterator[str]:
    """All runs as a table."""
    yield "## pdsync history"
    yield ""
    yield from _table(*_runs(runs))


def _gate(gate: Gate) -> Iterator[str]:
    """The state of the gate and what closes it; its reasons in words may name people's forms and stay out."""
    said = [f"Gate: **{gate.state}**."]
    if gate.blocked_records:
        said.append(f"{gate.blocked_records:,} records are blocked.")
    if gate.refused:
        said.append("No plan can be applied: " + "; ".join(map(for_markdown, gate.refused)) + ".")
    if gate.not_checked:
        said.append(f"Not checked, or only in part; reasons: {len(gate.not_checked):,}.")
    if gate.acknowledged:
        said.append(f"Acknowledged: {'; '.join(map(for_markdown, gate.acknowledged))}.")
    if gate.held_records:
        said.append(f"{gate.held_records:,} records stay out of plans all the same.")
    yield " ".join(said)
    yield ""


def _since(differences: AuditDifferences | None) -> Iterator[str]:
    """What changed since the audit before, in counts."""
    if differences is None:
        return
    said = (
        f"Since {for_markdown(differences.taken_at[:16].replace('T', ' '))} UTC ({differences.gate}): "
        f"{differences.new:,} new, {differences.solved:,} solved, {differences.persisting:,} still there"
    )
    if differences.unseen:
        said += f", {differences.unseen:,} not seen this time"
    if differences.not_compared:
        said += f"; not compared: {', '.join(map(for_markdown_code, differences.not_compared))}"
    yield f"{said}."
    yield ""


def _changed(difference: FindingsDifference | None) -> list[str]:
    return ["", ""] if difference is None else [f"{difference.new:,}", f"{difference.solved:,}"]


def _acknowledgements(entries: Sequence[Acknowledged]) -> Iterator[str]:
    """The entries that need somebody, by code and id; of an option nothing but the code: somebody typed its name."""
    needy = [one for one in entries if one.state in _NEEDY]
    for one in needy[:_SUBJECTS]:
        subject = one.entry.subject
        about = f" {for_markdown_code(str(subject))}" if subject.noun == subject.side.noun else ""
        yield f"- acknowledgement of {for_markdown_code(one.entry.code)}{about}: {_NEEDY[one.state]}"
    if len(needy) > _SUBJECTS:
        yield f"- and {len(needy) - _SUBJECTS:,} more acknowledgements"
    if needy:
        yield ""


_NEEDY = {
    AcknowledgedState.EXPIRED: "expired, counts again",
    AcknowledgedState.PARTIAL: "names only some of the records, counts",
    AcknowledgedState.NOTHING: "matches nothing any more",
}


def _length(lines: Iterable[str]) -> int:
    """Characters, line ends among them; as UTF-16 counts them, which is never too few."""
    return sum(len(line.encode("utf-16-le")) // 2 + 1 for line in lines)


def _allowed(summary: AuditSummary) -> str:
    parts = [f"{summary.allow:,}"] if summary.allow is not None else []
    if summary.allow_percent is not None:
        parts.append(f"{summary.allow_percent:g} %")
    return ", ".join(parts)


def _found(summary: AuditSummary) -> Iterator[str]:
    yield ""
    yield f"### {for_markdown_code(summary.code)}"
    yield ""
    yield f"{for_markdown(summary.why)} {for_markdown(summary.fix)}"
    yield ""
    for finding in summary.samples:
        subjects = " ".join(map(for_markdown_code, _subjects(finding)))
        hidden = len(finding.subjects) - _SUBJECTS
        aside = _aside(finding)
        yield f"- {subjects}{f' and {hidden:,} more' if hidden > 0 else ''}{aside}"
    hidden = summary.findings - len(summary.samples)
    if hidden > 0:
        yield f"- and {hidden:,} more findings"


def _aside(finding: Finding) -> str:
    """``(new)``, ``(acknowledged)``: who and why stand in the file that is reviewed."""
    parts = ["new"] if finding.details.get("since") == "new" else []
    parts += ["acknowledged"] if finding.details.get("acknowledged") else []
    return f" ({', '.join(parts)})" if parts else ""


def _subjects(finding: Finding) -> Iterator[str]:
    """The ids of a finding; of an option that only the data has, nothing but the field: somebody typed it."""
    details = finding.details.get("subjects")
    held = details if isinstance(details, Sequence) and not isinstance(details, str) else ()
    typed = {str(item["subject"]) for item in held if isinstance(item, Mapping) and item.get("typed") is True}
    for subject in finding.subjects[:_SUBJECTS]:
        text = str(subject)
        yield f"{text.rpartition('/')[0]}/..." if text in typed else _nobody(text)


def _nobody(subject: str) -> str:
    """A record by its id, unless the export that it came from has addresses for ids."""
    return f"{subject.partition('/')[0]}/..." if "@" in subject else subject


def _plan_facts(plan: Plan) -> Iterator[str]:
    header = plan.header
    totals = header.totals
    facts = [
        (f"{totals.conflicts:,} conflicts", totals.conflicts),
        (f"{totals.links:,} new links", totals.links),
    ]
    facts += [(f"{totals.unlinks:,} broken links", totals.unlinks)]
    lists = [
        f"{words} in {side.label}" for side, held in totals.sides.items() if (words := options_words(held))
    ]
    if lists:
        yield ""
        yield f"Lists: {', '.join(lists)}."
    facts += [
        (f"{count:,} {for_markdown_code(code)}", count) for code, count in sorted(totals.counts.items())
    ]
    said = [text for text, count in facts if count]
    if said:
        yield ""
        yield f"Not written, or noted only: {', '.join(said)}."
    if totals.findings:
        codes = (f"{for_markdown_code(code)} {count:,}" for code, count in sorted(totals.findings.items()))
        yield ""
        yield f"Findings: {', '.join(codes)}."
    if header.narrowed:
        yield ""
        yield f"Narrowed; conditions: {len(header.narrowed):,}."
    if header.needs:
        yield ""
        yield f"Apply needs {' '.join(map(for_markdown_code, header.needs))}."
    irreversible = Counter((change.side, why) for change in plan.changes() for why in change.irreversible)
    if irreversible:
        yield ""
        yield "Cannot be undone:"
        yield ""
        for (side, why), count in sorted(irreversible.items(), key=lambda item: (-item[1], item[0])):
            yield f"- {count:,} x {side.label}: {for_markdown(why)}"


def _plan_changes(plan: Plan, most: int) -> Iterator[str]:
    """Values by field, then the records by id."""
    by_field: Counter[tuple[str, Side]] = Counter()
    listed: list[str] = []
    number = 0
    for change in plan.changes():
        if change.kind.ledger_only:
            continue
        number += 1
        values = () if change.kind.of_options else change.fields
        by_field.update((field.key, change.side) for field in values)
        if len(listed) < most:
            codes = ", ".join(for_markdown_code(field.key) for field in values)
            listed.append(f"- {_what(change)}{f': {codes}' if codes else ''}")
    if not number:
        return
    keys = dict.fromkeys(key for key, _ in by_field)
    yield ""
    if keys:
        rows = [[for_markdown_code(key), *(f"{by_field[key, side]:,}" for side in Side)] for key in keys]
        yield from _table(["values by field", *(f"to {side.label}" for side in Side)], rows, right={1, 2})
        yield ""
    yield f"<details><summary>{number:,} changes</summary>"
    yield ""
    yield from listed
    if number > len(listed):
        yield f"- and {number - len(listed):,} more"
    yield ""
    yield "</details>"


def _what(change: Change) -> str:
    side = change.side
    if change.kind.of_options:
        return f"{list_words(change)} {for_markdown_code(str(change.subject))}"
    if change.record_id:
        return f"{change.kind} {for_markdown_code(_nobody(f'{side}:{side.noun}/{change.record_id}'))}"
    source = f"{side.other}:{side.other.noun}/{change.partner_id}"
    return f"{change.kind} in {side.label} from {for_markdown_code(_nobody(source))}"


def _runs(runs: Sequence[RunSummary]) -> tuple[list[str], list[list[str]], set[int]]:
    head = ["run", "kind", "started (UTC)", "state", *(f"to {side.label}" for side in Side), "values"]
    head += ["failed", "stale", "not tried"]
    rows = [
        [
            for_markdown_code(run.id),
            str(run.kind),
            for_markdown(run.started_at[:16].replace("T", " ")),
            str(run.state),
            *(f"{run.writes.get(side, 0):,}" for side in Side),
            f"{run.values:,}",
            f"{run.outcomes.get(Outcome.FAILED, 0) + run.outcomes.get(Outcome.NOT_STORED, 0):,}",
            f"{run.outcomes.get(Outcome.STALE, 0):,}",
            f"{run.remaining:,}",
        ]
        for run in runs
    ]
    return head, rows, {4, 5, 6, 7, 8, 9}


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], right: set[int]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'|'.join('--:' if column in right else '---' for column in range(len(head)))}|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
