"""The copies that people get, run by nbmake as Jupyter would run them, and their searchable tables in a browser offline."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nbformat
import pytest

import pdsync
from pdsync.api.notebook_files import copy_notebooks, shipped_notebooks

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

SECONDS = 30
"""Of processor time that a notebook may take, from the start of its kernel to its end, and of pytest beside it: that does
not depend on what else the machine does."""
PATIENCE = 300
"""Seconds until a cell is given up as hanging."""
COPIES = [path.stem for path in shipped_notebooks() if find_spec("splink") or not path.stem.startswith("07")]


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every copy that ``pdsync notebooks`` makes."""
    folder = tmp_path_factory.mktemp("copies")
    copy_notebooks(folder)
    return folder


@pytest.fixture(scope="module")
def run(demo_account: pdsync.Account, copies: Path) -> Callable[[str], Any]:
    """A copy, run once from its first to its last cell by ``pytest --nbmake``, with what its cells showed."""

    @cache
    def ran(name: str) -> Any:
        path = copies / f"{name}.ipynb"
        words = [
            f"--nbmake-timeout={PATIENCE}",
            "--nbmake-kernel=python3",
            "--overwrite",
            "-pno:cacheprovider",
            "-q",
        ]
        command: list[str | Path] = [
            sys.executable,
            "-m",
            "pytest",
            "-c",
            "/dev/null",
            f"--rootdir={copies}",
            "--nbmake",
            *words,
            path,
        ]
        with (copies / f"{name}.txt").open("w+", encoding="utf-8") as said:
            process = subprocess.Popen(command, cwd=copies, stdout=said, stderr=said)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            words_said = said.read()
        assert process.returncode == 0, words_said[-5_000:]
        assert "1 passed" in words_said
        seconds = used.ru_utime + used.ru_stime
        assert seconds < SECONDS, f"{name} took {seconds:.0f} s of processor time"
        return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]

    return ran


def _html(notebook: Any) -> list[str]:
    """What cells showed as HTML."""
    return [
        "".join(output.data["text/html"])
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if "text/html" in output.get("data", {})
    ]


@pytest.mark.parametrize("name", COPIES)
def test_every_copy_runs(name: str, run: Callable[[str], Any]) -> None:
    """No cell fails, it takes no longer than it may, and it shows whose data it is, in static HTML of pdsync."""
    ours = [text for text in _html(run(name)) if text.startswith('<div class="pdsync">')]

    assert any("Sandbox SAS" in text for text in ours)
    assert not [text for text in ours if "<script" in text]


def test_searchable_tables_ask_nobody(run: Callable[[str], Any], tmp_path: Path) -> None:
    """Tables to search and sort bring their scripts along: they work in a browser that can reach nothing at all."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        pytest.skip("no Chromium: apt-get install chromium")
    shown = [text for text in _html(run("02-duplicate-emails")) if "<script" in text]
    assert shown
    page = tmp_path / "tables.html"
    inline = "'unsafe-inline' 'unsafe-eval' data: blob:"
    alone = f"default-src 'none'; script-src {inline}; style-src 'unsafe-inline'; img-src data:"
    policy = f'<meta http-equiv="Content-Security-Policy" content="{alone}">'
    page.write_text(f'<!DOCTYPE html><meta charset="utf-8">{policy}{"".join(shown)}', encoding="utf-8")

    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={tmp_path}/profile",
    ]
    done = subprocess.run(
        [browser, *flags, "--virtual-time-budget=10000", "--enable-logging=stderr", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, check=True, timeout=90,
    )  # fmt: skip

    assert re.search(r'<div id="itables_\w+_wrapper"', done.stdout), "the table was not made searchable"
    assert "Content Security Policy" not in done.stderr
    assert not re.search(r"ERR_NAME_NOT_RESOLVED|net::ERR", done.stderr)
