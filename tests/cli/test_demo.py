"""The demo: what the README shows is what it prints."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.golden import ROOT, check_block
from tests.cli.published import check_published


def _pdsync(
    folder: Path, *words: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pdsync", *words],
        cwd=folder,
        env={**os.environ, "COLUMNS": "110", "XDG_STATE_HOME": str(folder / "own"), **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )


def _steady(text: str) -> str:
    """The same text with every duration as in the README: seconds differ from run to run."""
    shown = re.search(
        r"<!-- demo: begin -->\n(.*?)<!-- demo: end -->", (ROOT / "README.md").read_text("utf-8"), re.DOTALL
    )
    durations = re.findall(_DURATION, shown.group(1)) if shown else []
    found = re.findall(_DURATION, text)
    if len(durations) != len(found):
        return text
    replacements = iter(durations)
    return re.sub(_DURATION, lambda _: next(replacements), text)


_DURATION = r"\b\d+(?:\.\d+)? s(?:econds)?\b"


@pytest.mark.long
def test_the_readme_shows_what_the_demo_prints(tmp_path: Path) -> None:
    """Five steps, with the numbers of a real run; the second plan is empty; nothing is left behind."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    result = _pdsync(tmp_path, "demo", environment={"TMPDIR": str(temporary)})

    assert result.returncode == 0, result.stderr
    check_block("README.md", "demo", f"```\n$ pdsync demo\n{_steady(result.stdout).rstrip()}\n```")
    assert "4  Plan again nothing to do" in result.stdout
    assert list(temporary.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["tmp"]


@pytest.mark.long
def test_a_kept_demo_can_be_worked_with(tmp_path: Path) -> None:
    """--keep: the sandbox goes on, and the printed lines point every other verb at it; the numbers fit the demo's limits."""
    result = _pdsync(tmp_path, "demo", "--keep", "--json")
    assert result.returncode == 0, result.stderr
    story = json.loads(result.stdout)
    check_published(story)
    folder = tmp_path / "pdsync-demo"
    pid = story["sandbox"]["pid"]
    try:
        assert story["plan_again"]["empty"]
        sides = story["plan"]["totals"]["sides"].values()
        known, most = (sum(side[name] for side in sides) for name in ("values", "deferred"))
        assert known < story["apply"]["values"] <= known + most, "the plan says how much will be written"
        writes = {
            side: story["apply"]["writes"][side] + story["undo"]["writes"][side]
            for side in ("pipedrive", "plezi")
        }
        assert all(0 < count <= 600 for count in writes.values()), writes
        assert story["seconds"] < 60

        def typed(command: str) -> subprocess.CompletedProcess[str]:
            program = f'. ./keys.sh && "{sys.executable}" -m pdsync {command}'
            return subprocess.run(
                ["sh", "-c", program], cwd=folder, capture_output=True, text=True, check=False, timeout=110
            )

        history = typed("history --json")
        assert len(json.loads(history.stdout)["runs"]) == 2
        assert typed("doctor").returncode == 0
        assert typed("pull").returncode == 0
        assert json.loads(typed("plan --json").stdout)["empty"]
        assert (folder / "keys.sh").stat().st_mode & 0o077 == 0
        again = _pdsync(tmp_path, "demo", "--keep")
        assert again.returncode == 2
        assert "There is something at pdsync-demo already" in again.stderr
    finally:
        os.kill(pid, signal.SIGTERM)


@pytest.mark.long
def test_an_interrupted_demo_leaves_nothing_behind(tmp_path: Path) -> None:
    """Ctrl-C in the middle: 130, no server, no folder."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "pdsync", "demo"],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert "pdsync demo" in process.stdout.readline()

    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "Traceback" not in said
    assert list(temporary.iterdir()) == []
