"""What the audit page lists: one line per audit, and below the first findings of each with links to their records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pdsync.model import AuditReport, AuditSummary, Severity, Side
from pdsync.report.html.charts import groups_chart
from pdsync.report.inert import for_html
from pdsync.report.rows import FindingRow, SubjectRow
from pdsync.report.text.standing import standing_words
from pdsync.report.text.values import counted

__all__ = ["badge", "counts_of", "overview", "section"]

_SUBJECTS: Final = 10
"""Subjects of one side that a finding names on the page."""


def badge(severity: Severity | str) -> str:
    """The word on its colour."""
    return f'<span class="badge {for_html(severity)}">{for_html(severity)}</span>'


def overview(report: AuditReport) -> Iterator[str]:
    """One row per audit that found something or could not look, then the names of the others."""
    shown = [one for one in report.summaries if one.findings or one.not_checked]
    heads = [("Severity", ""), ("Audit", "")]
    heads += [(f"{side.noun.capitalize()}s", "n") for side in Side]
    heads += [("Findings", "n"), ("Allowed", "n"), ("What was found", "")]
    if shown:
        yield '<table class="overview"><caption>Audits that found something, or could not look</caption>'
        yield _head(heads)
        yield "<tbody>"
        for one in shown:
            yield _overview_row(one, standing_words(one, report.differences))
        yield "</tbody></table>"
    quiet = [one.code for one in report.summaries if not one.findings and not one.not_checked]
    if quiet:
        names = ", ".join(f"<code>{for_html(code)}</code>" for code in quiet)
        yield f'<p class="quiet">Nothing found by: {names}</p>'


def section(
    summary: AuditSummary, findings: Sequence[FindingRow], everything: str, *, opened: bool
) -> Iterator[str]:
    """One audit: why it matters, what to do, and its first findings.

    Args:
        summary: The audit.
        findings: The first of its findings.
        everything: How to get all of them, in words.
        opened: Whether the findings are in sight at once.
    """
    code = for_html(summary.code)
    how = " open" if opened else ""
    yield (
        f'<details class="audit" id="{code}" data-code="{code}" data-severity="{summary.severity}"{how}>'
        f"<summary>{badge(summary.severity)} <code>{code}</code> {for_html(summary.headline or summary.title)}</summary>"
        '<div class="body"><dl class="facts">'
    )
    why = f"{summary.why} ({summary.rule})" if summary.rule else summary.why
    facts = (
        ("Why it matters", why),
        ("What to do", summary.fix),
        ("Exceeded", summary.exceeded),
        ("Not checked", summary.not_checked),
    )
    for name, text in facts:
        if text:
            yield f"<dt>{name}</dt><dd>{for_html(text)}</dd>"
    yield "</dl>"
    if len(summary.groups) > 1:
        yield groups_chart(summary.groups, "Findings by " + ("field" if _by_field(findings) else "group"))
    if findings:
        yield from _listed(summary, findings, everything)
    yield "</div></details>"


def _listed(summary: AuditSummary, findings: Sequence[FindingRow], everything: str) -> Iterator[str]:
    hidden = summary.findings - len(findings)
    said = (
        f"The first {len(findings):,} of {summary.findings:,} findings. {everything}"
        if hidden > 0
        else counted(len(findings), "finding")
    )
    where = any(_where(one) for one in findings)
    sides = [side for side in Side if any(one.ids.get(side) for one in findings)]
    heads = [("Finding", ""), *([("Where", "")] if where else []), *((side.label, "") for side in sides)]
    yield f'<table class="found{" placed" if where else ""}"><caption>{for_html(said)}</caption>'
    yield _head(heads)
    yield "<tbody>"
    for one in findings:
        cells = [f"<td>{_message(one, summary)}</td>"]
        if where:
            cells.append(f'<td data-label="Where">{_where(one)}</td>' if _where(one) else "<td></td>")
        for side in sides:
            people = _people(one, side)
            cells.append(f'<td data-label="{side.label}">{people}</td>' if people else "<td></td>")
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</tbody></table>"


def _overview_row(one: AuditSummary, standing: str) -> str:
    code = for_html(one.code)
    allowed = [f"{one.allow:,}"] if one.allow is not None else []
    allowed += [f"{one.allow_percent:g} %"] if one.allow_percent is not None else []
    found = for_html(one.headline)
    if standing:
        found += f' <span class="quiet">[{for_html(standing)}]</span>'
    if one.exceeded:
        found += f" <strong>over: {for_html(one.exceeded)}</strong>"
    if one.not_checked:
        found += f' <span class="quiet">not checked: {for_html(one.not_checked)}</span>'
    numbers = [(f"{side.noun.capitalize()}s", one.records.get(side, 0)) for side in Side]
    cells = [
        f'<td data-value="{one.severity.rank}">{badge(one.severity)}</td>',
        f'<td><a href="#{code}"><code>{code}</code></a></td>',
        *(_number(label, number) for label, number in (*numbers, ("Findings", one.findings))),
        f'<td class="n" data-label="Allowed">{for_html(", ".join(allowed))}</td>' if allowed else "<td></td>",
        f"<td>{found}</td>",
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _number(label: str, number: int) -> str:
    zero = "" if number else " zero"
    return f'<td class="n{zero}" data-label="{label}" data-value="{number}">{number:,}</td>'


def _head(heads: Sequence[tuple[str, str]]) -> str:
    cells = (f'<th scope="col" data-sort class="{style}">{for_html(name)}</th>' for name, style in heads)
    return f"<thead><tr>{''.join(cells)}</tr></thead>"


def _message(finding: FindingRow, summary: AuditSummary) -> str:
    """The sentence, and what to do where that is not what is said for all."""
    text = for_html(finding.head.message)
    if finding.head.since == "new":
        text = f'<span class="badge">new</span> {text}'
    if finding.head.known:
        text += f'<br><span class="quiet">acknowledged by {for_html(finding.head.known)}</span>'
    if finding.head.fix and finding.head.fix != summary.fix:
        text += f'<br><span class="quiet">{for_html(finding.head.fix)}</span>'
    return text


def _where(finding: FindingRow) -> str:
    parts = dict.fromkeys(part for part in (finding.head.field, finding.head.group) if part)
    return "<br>".join(f"<bdi>{for_html(part)}</bdi>" for part in parts)


def _by_field(findings: Sequence[FindingRow]) -> bool:
    return bool(findings) and all(one.head.group == one.head.field for one in findings)


def _people(finding: FindingRow, side: Side) -> str:
    known = finding.on(side)[:_SUBJECTS]
    hidden = len(finding.ids.get(side, ())) - len(known)
    said = [_person(one) for one in known]
    if hidden > 0:
        said.append(f'<span class="who quiet">and {hidden:,} more</span>')
    return "".join(said)


def _person(one: SubjectRow) -> str:
    """``Lucile Rivière 1042 lucile@example.com``: the name leads to the record, where its address is known."""
    name = f"<bdi>{for_html(one.name or one.short_id)}</bdi>"
    if one.address:
        name = f'<a href="{for_html(one.address)}" target="_blank" rel="noopener noreferrer">{name}</a>'
    rest = [f"<code>{for_html(one.short_id)}</code>"] if one.name else []
    rest += [f"<bdi>{for_html(text)}</bdi>" for text in (one.emails, one.more) if text]
    return f'<span class="who">{name}{f""" <span class="quiet">{" · ".join(rest)}</span>""" if rest else ""}</span>'


def counts_of(worst: Mapping[Severity, int], total: int) -> dict[str, int]:
    """Records by their gravest finding, and those without any."""
    held = {str(severity): worst.get(severity, 0) for severity in Severity}
    return {**held, "no finding": max(total - sum(held.values()), 0)}
