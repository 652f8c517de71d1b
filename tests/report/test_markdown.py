"""Markdown for comments: as long as a comment may be, and nobody in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pdsync.model import Change, ChangeKind, Side
from pdsync.report.markdown import COMMENT_LIMIT, audit_markdown, plan_markdown
from tests.report.build import HOSTILE, audit_report, contact, plan


def long_report(findings: int) -> str:
    """Many audits, each with many samples of many subjects."""
    report = audit_report()
    subjects = tuple(contact(f"5f{number:022}é😀") for number in range(40))
    (shared, *_) = report.summaries[0].samples
    many = (replace(shared, subjects=subjects),) * findings
    summaries = [replace(one, samples=many, findings=findings) for one in report.summaries for _ in range(12)]
    return "".join(f"{line}\n" for line in audit_markdown(replace(report, summaries=tuple(summaries))))


@pytest.mark.parametrize("findings", [1, 5, 20, 500])
def test_a_comment_takes_it(findings: int) -> None:
    """However much was found; the table of all audits is always there, and what is left out is counted."""
    text = long_report(findings)

    assert len(text) <= COMMENT_LIMIT
    assert text.count("\n| ") == 1 + 48
    shown = text.count("\n### ")
    assert shown == 48 or f"{48 - shown} more audits found something" in text
    assert (findings == 1) == (shown == 48)


def test_nothing_is_cut_in_the_middle() -> None:
    """What is left out is left out whole: as many audits as fit, then the line that says so."""
    whole = list(audit_markdown(audit_report()))
    for limit in range(0, 6_000, 97):
        cut = list(audit_markdown(audit_report(), limit=limit))
        assert cut == whole or (
            cut[:-2] == whole[: len(cut) - 2] and "more audits found something" in cut[-1]
        )


def test_nobody_is_named() -> None:
    """Neither by a name nor by an address, also where an export has addresses for ids."""
    report = audit_report()
    (shared, *_) = report.summaries[0].samples
    mailed = replace(shared, subjects=(contact("lucile.riviere@example.com"),))
    summaries = (replace(report.summaries[0], samples=(mailed,)), *report.summaries[1:])
    created = Change(ChangeKind.CREATE, Side.PIPEDRIVE, plezi_id="zoe@example.com", title="Zoé", number=1)
    updated = Change(ChangeKind.UPDATE, Side.PLEZI, "1", "ada@example.com", title="Ada", number=2)
    text = "\n".join(
        [*audit_markdown(replace(report, summaries=summaries)), *plan_markdown(plan([created, updated]))]
    )

    assert "`plezi:contact/...`" in text
    for word in ("@example", "Riviere", "Rivière", "Zoé", "Ada", "Newsletter", HOSTILE, "owned"):
        assert word not in text


def test_audits_that_found_nothing_take_one_line_together() -> None:
    """Thirty rows of zeros would hide the three that matter; what could not be checked keeps its row."""
    report = audit_report()
    first, *others = report.summaries
    silent = [replace(one, findings=0, acknowledged=0, records={}, samples=()) for one in others]
    checked = [replace(one, not_checked="") for one in silent]
    text = "\n".join(audit_markdown(replace(report, summaries=(first, *checked), differences=None)))

    assert text.count("\n| ") == 2
    assert f"Nothing found by: {', '.join(f'`{one.code}`' for one in checked)}." in text
    unread = [replace(one, not_checked="the export has no such column") for one in silent]
    text = "\n".join(audit_markdown(replace(report, summaries=(first, *unread), differences=None)))
    assert text.count("\n| ") == 1 + len(report.summaries)
