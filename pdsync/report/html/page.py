"""The audit page: the answer first, what it rests on, then every audit with its first findings.

Self-contained: a Content-Security-Policy in its head forbids every request, and allows exactly the one script and the one
style that stand in it. Text from a CRM is escaped wherever it is put, and no attribute but ``href`` holds any.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from pdsync.model import AuditReport, GateState, Severity, Side
from pdsync.report.changes import acknowledged_texts, acknowledgement_texts, since_texts, solved_texts
from pdsync.report.html.charts import CLEAN, COLOURS, audits_chart, records_chart
from pdsync.report.html.tables import counts_of, overview, section
from pdsync.report.inert import for_html
from pdsync.report.links import LINKS_NOTE
from pdsync.report.rows import FindingRow
from pdsync.report.text.values import account_words, counted
from pdsync.report.times import read_at

__all__ = ["PER_AUDIT", "html_pieces"]

PER_AUDIT: Final = 200
"""Findings of one audit that the page holds; it says how many more there are. A page of 40 audits stays under 8 MB."""

_STATES: Final = {GateState.READY: "ready", GateState.WARNINGS: "warning", GateState.NOT_READY: "blocking"}
_OPEN: Final = 25
"""So many blocking findings are in sight at once; more are one click away."""


def html_pieces(
    report: AuditReport,
    findings: Iterable[FindingRow],
    worst: Mapping[Side, Mapping[Severity, int]],
    *,
    everything: str,
) -> Iterator[str]:
    """The page, in pieces.

    Args:
        report: The audit.
        findings: At most ``PER_AUDIT`` of each audit.
        worst: Records of each side by the gravest finding that each has.
        everything: How to get all findings, in words.
    """
    style, script = _style(), _text("page.js")
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    title = f"Audit: {report.gate.state}"
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n'
        f'<title>{title}</title>\n<link rel="icon" href="data:,">\n<style>{style}</style>\n</head>\n<body>\n'
    )
    yield from _answer(report)
    yield from _charts(report, worst)
    yield "<h2>Audits</h2>\n"
    yield from overview(report)
    yield from _sections(report, findings, everything)
    yield (
        f"<footer><p>{for_html(LINKS_NOTE)}</p><p>Made by pdsync. May hold personal data: hand it only to people who may "
        "see it. This page asks nothing of any network.</p></footer>\n"
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def _answer(report: AuditReport) -> Iterator[str]:
    """Ready or not, why, and what was looked at."""
    gate = report.gate
    blocked = (
        counted(gate.blocked_records, "record is blocked", "records are blocked")
        if gate.blocked_records
        else ""
    )
    state = f'<span class="badge state {_STATES[gate.state]}">{gate.state}</span>'
    yield f'<header><h1>{state} {blocked}</h1>\n<dl class="facts">'
    for side in Side:
        words = f"{counted(report.totals[side], side.noun)} in {account_words(report.accounts[side])}"
        read = read_at(report.snapshots[side])
        yield f"<dt>{side.label}</dt><dd>{for_html(words)}{f', read {read}' if read else ''}</dd>"
    yield f"<dt>Mapping</dt><dd>{for_html(report.mapping_name)}</dd>"
    if since := since_texts(report):
        yield f"<dt>Since</dt><dd>{'<br>'.join(map(for_html, since))}</dd>"
    yield "</dl>\n"
    if gate.refused:
        yield _box("refused", "No plan can be applied", gate.refused)
    if gate.reasons:
        yield _box("reasons", "Because", gate.reasons)
    if gate.not_checked:
        yield _box("unchecked", "Not checked, or only in part", gate.not_checked)
    if known := acknowledged_texts(report):
        yield _box("", "Acknowledged", known)
    if stale := acknowledgement_texts(report):
        yield _box("unchecked", "Acknowledgements to look after", stale)
    if solved := solved_texts(report):
        yield _box("solved", "Solved", solved)
    yield "</header>\n"


def _box(style: str, title: str, texts: Sequence[str]) -> str:
    items = "".join(f"<li>{for_html(text)}</li>" for text in texts)
    return f'<div class="{f"box {style}".strip()}"><strong>{title}</strong><ul>{items}</ul></div>\n'


def _charts(report: AuditReport, worst: Mapping[Side, Mapping[Severity, int]]) -> Iterator[str]:
    if not any(report.totals.values()):
        return
    yield '<h2>At a glance</h2>\n<div class="charts"><div>'
    yield records_chart(report.totals, worst)
    yield '<ul class="legend">'
    counts = {side: counts_of(worst.get(side, {}), report.totals[side]) for side in Side}
    for what in (*map(str, Severity), CLEAN):
        said = ", ".join(f"{counted(counts[side][what], side.noun)}" for side in Side)
        square = f'<rect width="10" height="10" class="f-{what.replace(" ", "-")}"/>'
        yield f'<li><svg viewBox="0 0 10 10" aria-hidden="true">{square}</svg><strong>{what}</strong> {said}</li>'
    yield "</ul></div>"
    yield audits_chart(report.summaries)
    yield "</div>\n"


def _sections(report: AuditReport, findings: Iterable[FindingRow], everything: str) -> Iterator[str]:
    held: dict[str, list[FindingRow]] = {}
    for finding in findings:
        held.setdefault(finding.head.code, []).append(finding)
    yield "<h2>Findings</h2>\n"
    shown = [one for one in report.summaries if one.findings or one.not_checked]
    if not any(one.findings for one in report.summaries):
        yield "<p>No audit found anything.</p>\n"
    if held:
        options = "".join(f'<option value="{one}">{one}</option>' for one in Severity)
        yield (
            '<div id="tools" hidden><input type="search" id="search" aria-label="Search in the findings on this page" '
            'placeholder="Search: a name, an address, a field" autocomplete="off" spellcheck="false">'
            f'<select id="severity" aria-label="Severity"><option value="">all severities</option>{options}</select>'
            '<span id="count" class="quiet" role="status"></span></div>\n'
            '<p id="nothing" hidden>Nothing on this page fits.</p>\n'
        )
    for one in shown:
        opened = one.severity is Severity.BLOCKING and one.findings <= _OPEN
        yield from section(one, held.get(one.code, []), everything, opened=opened)
        yield "\n"


@cache
def _style() -> str:
    """The page's style, and the colours of the drawings in it."""
    light, dark = (
        " ".join(f"--{name.replace(' ', '-')}: {pair[index]};" for name, pair in COLOURS.items())
        for index in (0, 1)
    )
    classes = "\n".join(
        f".f-{css} {{ fill: var(--{css}); }} .s-{css} {{ stroke: var(--{css}); }}"
        for css in (name.replace(" ", "-") for name in COLOURS)
    )
    themes = f":root {{ {light} }}\n@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}"
    return f"{themes}\n{classes}\n{_text('page.css')}"


@cache
def _text(name: str) -> str:
    return files("pdsync.report.html").joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """As a Content-Security-Policy names it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
