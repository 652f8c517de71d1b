"""What may never be in git: tokens, real people, and paths of somebody's machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.code import ROOT, tracked

TEXT = {
    ".py",
    ".md",
    ".toml",
    ".yaml",
    ".yml",
    ".json",
    ".txt",
    ".csv",
    ".cfg",
    ".ini",
    ".sh",
    ".ipynb",
    ".js",
    ".mjs",
    "",
}
MACHINE = re.compile(r"(?<![\w.])/(?:work|home/\w+|Users/\w+|opt/pypi|opt/wheels)/")
ADDRESS = re.compile(r"[\w.+'’-]+@((?:[\w-]+\.)+[^\W\d_]{2,})")
INVENTED = re.compile(r"(^|\.)(example\.(com|org|net)|example|test|invalid|localhost)$")
NOT_ADDRESSES = {"acme.pipedrive.com", "-example.com", "ex_ample.com", "notexample.com", "example.de"}
"""``me:secret@acme.pipedrive.com`` in a test of refused URLs; spellings that guards and audits must not take for a
reserved name."""


def _texts() -> list[Path]:
    return [path for path in tracked() if path.suffix in TEXT]


@pytest.fixture(autouse=True)
def _needs_git() -> None:
    if not tracked():
        pytest.skip("not a git checkout")


def test_no_path_of_a_machine() -> None:
    """A path of the machine it was written on works nowhere else."""
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in _texts()
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if MACHINE.search(line)
    ]

    assert found == []


def test_every_address_is_invented() -> None:
    """Addresses belong to example.com, .org, .net or a reserved name: nobody real is in this repository."""
    found = {
        f"{path.relative_to(ROOT)}: {match.group(0)}"
        for path in _texts()
        for match in ADDRESS.finditer(path.read_text(encoding="utf-8", errors="replace"))
        if not INVENTED.search(match.group(1).lower()) and match.group(1).lower() not in NOT_ADDRESSES
    }

    assert sorted(found) == []


def test_state_cannot_be_committed() -> None:
    """.gitignore keeps state folders, plans and fix files out, wherever they lie."""
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()

    assert {".pdsync/", "*.pdsync", "fixes*.yaml", ".venv/"} <= set(ignored)


def test_the_licence_is_whole() -> None:
    """The Apache License 2.0, unabridged."""
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
