"""A file with people in it stays out of git, by an entry that the team sees; what git tracks already is refused."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from pdsync.engine.fix_git import keep_out_of_git
from pdsync.errors import UsageError

HAS_GIT = shutil.which("git") is not None
needs_git = pytest.mark.skipif(not HAS_GIT, reason="git is not installed")


def git(folder: Path, *words: str) -> str:
    """What git says."""
    return subprocess.run(
        ["git", "-C", str(folder), *words], check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture
def work_tree(tmp_path: Path) -> Path:
    """A folder in git, and one below it."""
    if HAS_GIT:
        git(tmp_path, "init", "-q")
    else:
        (tmp_path / ".git").mkdir()
    (tmp_path / "sub").mkdir()
    return tmp_path


def test_outside_of_git_nothing_is_done(tmp_path: Path) -> None:
    """No entry where nobody needs one."""
    assert keep_out_of_git(tmp_path / "fixes.yaml") == ""
    assert list(tmp_path.iterdir()) == []


@needs_git
@pytest.mark.parametrize("name", ["fixes.yaml", "my fixes [1]*.yaml", "#fixes", "!fixes", "-fixes.yaml"])
def test_an_entry_beside_the_file(work_tree: Path, name: str) -> None:
    """Once; git confirms it; other entries stay."""
    (work_tree / "sub" / ".gitignore").write_text("*.log", "utf-8")
    path = work_tree / "sub" / name
    assert ".gitignore" in keep_out_of_git(path)
    path.write_text("people", "utf-8")
    assert git(work_tree, "status", "--porcelain", "-uall") == "?? sub/.gitignore\n"
    assert keep_out_of_git(path) == ""
    assert (work_tree / "sub" / ".gitignore").read_text("utf-8").startswith("*.log\n/")
    assert len((work_tree / "sub" / ".gitignore").read_text("utf-8").splitlines()) == 2


@needs_git
def test_what_git_ignores_already_needs_no_entry(work_tree: Path) -> None:
    """By whatever rule of whatever file."""
    (work_tree / ".gitignore").write_text("fix*\n", "utf-8")
    assert keep_out_of_git(work_tree / "sub" / "fixes.yaml") == ""
    assert not (work_tree / "sub" / ".gitignore").exists()


@needs_git
def test_a_file_that_git_tracks_is_refused(work_tree: Path) -> None:
    """An entry would not keep it out."""
    path = work_tree / "fixes.yaml"
    path.write_text("x", "utf-8")
    git(work_tree, "add", "fixes.yaml")
    with pytest.raises(UsageError, match="git tracks"):
        keep_out_of_git(path)


def test_without_git_the_entry_is_made_all_the_same(work_tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder may be in git on another machine."""

    def no_git(*_: object, **__: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr("pdsync.engine.fix_git.subprocess.run", no_git)
    assert keep_out_of_git(work_tree / "fixes.yaml")
    assert keep_out_of_git(work_tree / "fixes.yaml") == ""
    assert (work_tree / ".gitignore").read_text("utf-8") == "/fixes.yaml\n"


def test_an_entry_that_cannot_be_made(work_tree: Path) -> None:
    """Then no file with people is written there."""
    (work_tree / "sub" / ".gitignore").mkdir()
    with pytest.raises(UsageError, match=r"\.pdsync"):
        keep_out_of_git(work_tree / "sub" / "fixes.yaml")
    with pytest.raises(UsageError, match="no name"):
        keep_out_of_git(work_tree / "a\nb")
