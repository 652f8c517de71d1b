"""Near duplicates as notebooks get them: rows for people, or one box that says what to do."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

import pdsync
from pdsync.api.doubles import doubles_schema, doubles_table
from pdsync.audits import near_duplicates
from pdsync.errors import UsageError


@pytest.mark.long
def test_without_the_extra_one_box(demo_account: pdsync.Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing, that everything else was done, and the command that installs it."""
    monkeypatch.setattr(near_duplicates, "is_installed", lambda: False)
    report = demo_account.audit(near_duplicates=True)

    with pytest.raises(UsageError) as caught:
        _ = report.near_duplicates

    box = caught.value._render_traceback_()  # type: ignore[attr-defined]
    assert "Near duplicates were not looked for: Splink is not installed." in box[1]
    assert any("All other audits were made." in line for line in box)
    assert any("Next: pip install 'pdsync[near-duplicates]'" in line for line in box)
    assert report.summary.rows > 30


def test_not_asked_for(audited: pdsync.AuditReport) -> None:
    """An audit that did not look for them says how to."""
    with pytest.raises(UsageError, match="not looked for") as caught:
        _ = audited.near_duplicates
    assert caught.value.next_step == "account.audit(near_duplicates=True)"


@pytest.mark.long
def test_two_snapshots_alone(demo_account: pdsync.Account) -> None:
    """Without an account and a state: the same rows as with them."""
    pytest.importorskip("splink", reason="pip install 'pdsync[near-duplicates]'")
    persons, contacts, path = demo_account.persons, demo_account.contacts, demo_account.mapping().path
    alone = pdsync.audit(persons, contacts, path, near_duplicates=True).near_duplicates

    assert alone.to_arrow().equals(demo_account.audit(near_duplicates=True).near_duplicates.to_arrow())
    assert alone.rows == 6


def test_rows() -> None:
    """People are numbered in the order of findings; names from both parts or the whole; lists stay lists."""
    details: list[dict[str, object]] = [
        {"first_name": "Zoé", "last_name": None, "address": None},
        {"name": "Zoé <b>Martin</b>", "address": "zoe@example.com"},
        {"first_name": "A", "last_name": "B", "address": "a@example.com"},
    ]
    said: dict[str, object] = {
        "nearest": "plezi:contact/2",
        "agree": ["x", "y"],
        "differ": [],
        "probability": 0.995,
        "in_words": "99.5 % sure: x",
    }
    found = pa.table(
        {
            "finding": ["f", "f", "e"],
            "group": ["across both sides"] * 3,
            "side": ["pipedrive", "plezi", "plezi"],
            "id": ["1", "2", "3"],
            "link": [None, "https://example.com/2", None],
            "details": [json.dumps(one | said) for one in details],
        }
    )

    rows = doubles_table(found, doubles_schema()).to_pylist()

    assert [(row["person"], row["name"], row["sure"]) for row in rows] == [
        (1, "Zoé", "99.5 %"),
        (1, "Zoé <b>Martin</b>", "99.5 %"),
        (2, "A B", "99.5 %"),
    ]
    assert rows[0]["agree"] == ["x", "y"]
