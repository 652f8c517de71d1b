"""One command per intention, on a machine with only Python and make; what is missing is said in one line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.code import ROOT

TARGETS = {
    "help",
    "demo",
    "test",
    "check",
    "check-all",
    "bench",
    "bench-peers",
    "record",
    "node-client",
    "venv",
    "clean",
}
NEWER_MAKE = (".ONESHELL", "::=", "!=", "$(file", ".RECIPEPREFIX", "&:")
"""Words of GNU make that macOS's 3.81 does not know."""
NOT_BSD = (
    "sed -i",
    "grep -P",
    "readlink -f",
    "xargs -r",
    "date -d",
    "mktemp --",
    "cp --",
    "stat -c",
    "find -",
)
"""Spellings that BSD tools do not know."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What ``.ci/venv`` needs of a checkout."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "venv", tmp_path / ".ci")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _tools(folder: Path) -> Path:
    """A PATH with the POSIX tools that the script calls, and no Python."""
    folder.mkdir()
    for tool in ("sh", "cat", "cksum", "dirname", "rm", "pwd", "echo"):
        found = shutil.which(tool)
        if found:
            (folder / tool).symlink_to(found)
    return folder


def _python(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def _make_venv(checkout: Path, path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [path / "sh", ".ci/venv", "dev"],
        cwd=checkout,
        env={"PATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_python_is_one_line(checkout: Path, tmp_path: Path) -> None:
    """Without any Python: what is needed, and how Debian and macOS install it."""
    result = _make_venv(checkout, _tools(tmp_path / "bin"))

    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("Python 3.11 or newer is needed and none was found: apt-get install")


def test_an_old_python_is_one_line(checkout: Path, tmp_path: Path) -> None:
    """Apple ships 3.9: the message says which version was found."""
    path = _tools(tmp_path / "bin")
    _python(path, "python3", 'case "$2" in *version_info*) exit 1;; *python_version*) echo 3.9.6;; esac')

    result = _make_venv(checkout, path)

    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("Python 3.11 or newer is needed, python3 is 3.9.6: ")


def test_debian_without_venv_is_one_line(checkout: Path, tmp_path: Path) -> None:
    """Debian's Python without ensurepip: the package to install."""
    path = _tools(tmp_path / "bin")
    _python(path, "python3", 'case "$2" in *ensurepip*) exit 1;; *"%d.%d"*) echo 3.11;; esac')

    result = _make_venv(checkout, path)

    assert result.returncode == 1
    assert result.stderr.splitlines() == [
        "python3 cannot make virtual environments: apt-get install python3-venv (or python3.11-venv)"
    ]


def test_a_shim_that_does_not_run_is_passed_over(checkout: Path, tmp_path: Path) -> None:
    """A version manager's shim may stand on the PATH and refuse: the next Python is taken."""
    path = _tools(tmp_path / "bin")
    _python(path, "python3.13", "echo 'not installed' >&2; exit 127")
    _python(
        path,
        "python3.12",
        'case "$1" in -m) echo "would make $3" >&2; exit 9;; --version) echo Python 3.12.1;; esac',
    )

    result = _make_venv(checkout, path)

    assert result.stderr.splitlines() == ["Making .venv with Python 3.12.1", "would make .venv"]


def test_nothing_is_done_twice(checkout: Path, tmp_path: Path) -> None:
    """A stamp with folder and checksum: a second call is silent, a changed pyproject.toml is not."""
    path = _tools(tmp_path / "bin")
    venv = checkout / ".venv" / "bin"
    venv.mkdir(parents=True)
    _python(venv, "python", 'case "$*" in *install*) echo "installs $*" >&2;; esac')

    first = _make_venv(checkout, path)
    second = _make_venv(checkout, path)
    with (checkout / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    third = _make_venv(checkout, path)

    assert "--group dev" in first.stderr
    assert second.stderr == ""
    assert "--group dev" in third.stderr


def test_every_target_is_there_and_explained() -> None:
    """``make help`` names what the documents promise."""
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed = set(re.findall(r"^make ([a-z-]+)\s+\S", shown, flags=re.MULTILINE))

    assert listed >= TARGETS


def test_the_makefile_is_old_enough_for_macos() -> None:
    """GNU make 3.81 and BSD tools: nothing newer, nothing that only GNU tools know."""
    for file in ("Makefile", ".ci/venv"):
        text = (ROOT / file).read_text(encoding="utf-8")
        assert [word for word in (*NEWER_MAKE, *NOT_BSD) if word in text.replace("2>&1", "")] == [], file


def test_scripts_may_be_run() -> None:
    """The bit that git keeps."""
    assert all(os.access(ROOT / ".ci" / script, os.X_OK) for script in ("run", "venv"))
