"""The copies that people get, run by nbmake as Jupyter would run them, and their searchable tables in a browser offline."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nbformat
import pytest

import pdsync
from pdsync.api.notebook_files import copy_notebooks

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

SECONDS = 30
"""That a cell of a notebook may take."""


@pytest.fixture(scope="module")
def run(demo_account: pdsync.Account, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """Every copy, run from its first to its last cell by ``pytest --nbmake``, with what its cells showed."""
    folder = tmp_path_factory.mktemp("copies")
    copies = [
        path for path in copy_notebooks(folder) if find_spec("splink") or not path.stem.startswith("07")
    ]
    words = [
        f"--nbmake-timeout={SECONDS}",
        "--nbmake-kernel=python3",
        "--overwrite",
        "-p",
        "no:cacheprovider",
        "-q",
    ]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-c",
            "/dev/null",
            f"--rootdir={folder}",
            "--nbmake",
            *words,
            *copies,
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5_000:]
    assert f"{len(copies)} passed" in done.stdout
    return {path.stem: nbformat.read(path, as_version=4) for path in copies}  # type: ignore[no-untyped-call]


def _html(notebook: Any) -> list[str]:
    """What cells showed as HTML."""
    return [
        "".join(output.data["text/html"])
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if "text/html" in output.get("data", {})
    ]


def test_every_copy_runs(run: Mapping[str, Any]) -> None:
    """No cell fails, and each notebook shows whose data it is, in static HTML of pdsync."""
    for name, notebook in run.items():
        ours = [text for text in _html(notebook) if text.startswith('<div class="pdsync">')]
        assert any("Sandbox SAS" in text for text in ours), name
        assert not [text for text in ours if "<script" in text], name


def test_searchable_tables_ask_nobody(run: Mapping[str, Any], tmp_path: Path) -> None:
    """Tables to search and sort bring their scripts along: they work in a browser that can reach nothing at all."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        pytest.skip("no Chromium: apt-get install chromium")
    shown = [text for text in _html(run["02-duplicate-emails"]) if "<script" in text]
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
