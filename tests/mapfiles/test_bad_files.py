"""Every file in ``bad/`` says in its first comment what is wrong with it, and where: one line per finding.

Lines read ``# problem 7:12 message``, ``# warning ...`` or ``# note ...``, in the order in which pdsync prints them.
The files are checked against the field lists that come with pdsync.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pdsync.mapfiles import check_mapping
from pdsync.model import RemoteSchema, Severity, Side
from tests.mapfiles.reading import HERE, shipped_schemas

BAD = sorted((HERE / "bad").glob("*.yaml"))
AUDITS = ("duplicate-email", "missing-last-name", "option-mismatch")
WORDS = {Severity.BLOCKING: "problem", Severity.WARNING: "warning", Severity.INFO: "note"}


@pytest.fixture(scope="module")
def schemas() -> dict[Side, RemoteSchema]:
    """The field lists, read once."""
    return shipped_schemas()


def test_there_are_enough_bad_files() -> None:
    """The folder is found, and holds what people get wrong."""
    assert len(BAD) > 100


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_is_told_what_is_wrong_and_where(path: Path, schemas: dict[Side, RemoteSchema]) -> None:
    """All findings, with line, column and words, and nothing else."""
    lines = path.read_text("utf-8").splitlines()
    expected = [line[2:] for line in lines if line.startswith(tuple(f"# {word} " for word in WORDS.values()))]
    mapping, findings = check_mapping(path, schemas, audits=AUDITS)
    found = [f"{WORDS[f.severity]} {f.place.line}:{f.place.column} {f.message}" for f in findings if f.place]
    assert expected == found
    assert len(found) == len(findings) > 0
    assert (mapping is None) == any(f.severity is Severity.BLOCKING for f in findings)
