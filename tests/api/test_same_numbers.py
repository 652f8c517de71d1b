"""Notebooks and command line give the same numbers (R17, R24: the findings; the plan by its id)."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import Any

import polars as pl
import pytest

import pdsync
from pdsync.cli.shell.running import run

_WITHOUT_LINKS = ("duplicate-email", "missing-first-name", "missing-last-name", "no-email", "option-mismatch")


@pytest.fixture
def command(demo_account: pdsync.Account, capsys: pytest.CaptureFixture[str]) -> Any:
    """A verb on the demo's state, its JSON read."""

    def call(*words: str) -> dict[str, Any]:
        capsys.readouterr()
        run(
            [
                *words,
                "--json",
                "--quiet",
                "--state",
                str(demo_account.state),
                "--mapping",
                str(demo_account.mapping().path),
            ]
        )
        document: dict[str, Any] = json.loads(capsys.readouterr().out)
        return document

    return call


def test_audit(audited: pdsync.AuditReport, command: Any) -> None:
    """Gate, counts, headlines and samples are those of ``pdsync audit``."""
    said, ours = command("audit"), audited.to_dict()
    for document in (said, ours):
        del document["seconds"], document["table"]

    assert said == ours


@pytest.mark.long
@pytest.mark.skipif(find_spec("splink") is None, reason="pip install 'pdsync[near-duplicates]'")
def test_near_duplicates(demo_account: pdsync.Account, audited: pdsync.AuditReport, command: Any) -> None:
    """Asked for, here as there: the three people whom the demo gives a second contact under a private address."""
    (said,) = [
        one for one in command("audit", "--near-duplicates")["audits"] if one["code"] == "near-duplicate"
    ]
    findings = demo_account.audit(near_duplicates=True).findings.to_polars()
    found = findings.filter(pl.col("code").cast(pl.String) == "near-duplicate")

    assert (said["findings"], said["records"]) == (3, {"pipedrive": 0, "plezi": 6})
    assert found["finding"].n_unique() == 3
    addresses = found["details"].str.json_path_match("$.address").to_list()
    assert sum(address.endswith("@perso.example.net") for address in addresses) == 3
    assert audited.findings.to_polars().filter(code="near-duplicate").is_empty()


def test_plan(planned: pdsync.Plan, command: Any) -> None:
    """The plan is the same plan: same id, same changes, same order."""
    said, ours = command("plan"), planned.to_dict()

    assert said["id"] == ours["id"]
    assert said["changes"] == ours["changes"]
    assert said["totals"]["counts"] == ours["totals"]["counts"]


def test_run(demo_account: pdsync.Account, command: Any) -> None:
    """The journal is that of ``pdsync history``; the table has a row per value."""
    ours = demo_account.run("last")
    said = command("history", "last")

    assert said == ours.to_dict()
    values = sum(len(entry["change"]["fields"]) for entry in said["journal"])
    assert ours.journal.rows == values
    assert {row["id"] for row in demo_account.runs.to_arrow().to_pylist()} == {
        row["id"] for row in command("history")["runs"]
    }


def test_findings_table_counts_as_the_summary(audited: pdsync.AuditReport) -> None:
    """Rows of findings, counted by audit, are what the summary says."""
    counted = dict(
        audited.findings.to_polars().group_by("code").n_unique().select("code", "finding").iter_rows()
    )

    assert counted == {
        row["code"]: row["findings"] for row in audited.summary.to_arrow().to_pylist() if row["findings"]
    }


def test_changes_table_counts_as_the_totals(planned: pdsync.Plan) -> None:
    """Rows of changes, counted by side, are the plan's values, known or worked out on create."""
    values = dict(planned.changes.to_polars()["side"].value_counts().iter_rows())

    expected = {side: totals["values"] + totals["deferred"] for side, totals in planned.totals.items()}
    assert values == {side: number for side, number in expected.items() if number}


def test_an_account_less_audit_finds_the_same(
    demo_account: pdsync.Account, audited: pdsync.AuditReport
) -> None:
    """Two snapshots and a mapping, without a state, give the same findings, where no link is needed to know them."""
    alone = pdsync.audit(demo_account.persons, demo_account.contacts, demo_account.mapping().path)
    found = [
        one.findings.to_polars().filter(pl.col("code").cast(pl.String).is_in(_WITHOUT_LINKS)).cast(pl.String)
        for one in (alone, audited)
    ]

    assert set(found[0]["code"]) == set(_WITHOUT_LINKS)
    assert found[0].equals(found[1])
