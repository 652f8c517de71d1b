"""``pdsync sandbox``: starts a process, says how to point at it, ends with it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pdsync.cli.shell.stand_in import StandIn, export_lines
from pdsync.errors import SettingsError
from pdsync.settings import load_settings
from tests.cli.published import check_published


@contextmanager
def _serving(*words: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "pdsync", "sandbox", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _is_open(url: str) -> bool:
    parts = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((parts.hostname, parts.port)) == 0


def test_it_says_how_to_point_at_it_and_ends_with_ctrl_c() -> None:
    """The lines are settings that load; Ctrl-C is the way to end it, and no error."""
    with _serving("--json") as process:
        assert process.stdout is not None
        text = ""
        while not text.rstrip().endswith("}\n}") and (line := process.stdout.readline()):
            text += line
            if line == "}\n":
                break
        said = json.loads(text)
        check_published(said)
        settings = load_settings(environment=said["environment"])
        assert settings.plezi.profile == "sandbox"
        assert settings.pipedrive.token.found_in() == "environment"
        assert _is_open(settings.pipedrive.url)
        assert _is_open(settings.plezi.url)
        assert urlsplit(settings.pipedrive.url).hostname == "127.0.0.1"

        process.send_signal(signal.SIGINT)

        _, narration = process.communicate(timeout=20)
        assert process.returncode == 0
        assert "The sandbox has ended." in narration
        assert not _is_open(settings.pipedrive.url)


def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    """A killed pdsync leaves no server behind."""
    with _serving("--json", "--db", str(tmp_path / "s.sqlite3")) as process:
        assert process.stdout is not None
        text = "".join(iter(process.stdout.readline, "}\n")) + "}"
        said = json.loads(text)
        url = said["environment"]["PDSYNC_PIPEDRIVE_URL"]
        assert _is_open(url)

        process.kill()
        process.wait()

        for _ in range(200):
            if not _is_open(url):
                break
            signal.sigtimedwait([], 0.05)
        assert not _is_open(url)


def test_a_sandbox_that_cannot_start_is_one_message(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A file that is no sandbox: what it said, and how to see it again."""
    (tmp_path / "s.sqlite3").write_text(
        "not a database, but long enough to look like something", encoding="utf-8"
    )

    with pytest.raises(SettingsError, match="The sandbox did not start"), StandIn(tmp_path / "s.sqlite3"):
        pass

    assert "python -m pdsync.sandbox" in capfd.readouterr().err


def test_a_kept_sandbox_outlives_its_starter(tmp_path: Path) -> None:
    """With --keep the process goes on, reachable by its id."""
    with StandIn(tmp_path / "s.sqlite3", stays=True) as stand_in:
        pid, url = stand_in.pid, stand_in.pipedrive_url
        stand_in.let_go()
    try:
        assert _is_open(url)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def test_export_lines_are_safe_in_a_shell() -> None:
    """Values are quoted: a company's name may hold anything."""
    line = export_lines({"NAME": "L'Atelier $(touch x); é"})

    shown = subprocess.run(
        ["sh", "-c", f'{line}; printf %s "$NAME"'], capture_output=True, text=True, check=True
    ).stdout
    assert shown == "L'Atelier $(touch x); é"
