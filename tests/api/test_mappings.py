"""Which version of the mapping a report was made with."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import pdsync
from pdsync.mapfiles import shipped_mapping


def _git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=Zoé Roy", "-c", "user.email=zoe@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", "-C", folder, *who, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_the_commit_of_a_mapping(tmp_path: Path) -> None:
    """Not in git, its last commit, or that commit and changes: never silent about a file that nobody can find again."""
    path = tmp_path / "contacts.yaml"
    shutil.copyfile(shipped_mapping(), path)
    digest = pdsync.mapping(path).digest[:12]
    assert pdsync.mapping(path).commit == f"not in git (digest {digest})"

    _git(tmp_path, "init", "-q")
    assert pdsync.mapping(path).commit == f"not in git (digest {digest})"

    _git(tmp_path, "add", "contacts.yaml")
    _git(tmp_path, "commit", "-qm", "mapping")
    commit = _git(tmp_path, "log", "-1", "--format=%h")
    (tmp_path / "other").write_text("", encoding="utf-8")
    assert pdsync.mapping(path).commit == f"commit {commit}"

    path.write_text(path.read_text(encoding="utf-8") + "# later\n", encoding="utf-8")
    assert pdsync.mapping(path).commit == f"commit {commit} with uncommitted changes"
