"""Runs the command in this process, with its streams caught, and gives verbs of a test's own."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import click
import pytest

from pdsync.cli import app
from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.running import run
from tests.cli.published import check_published

__all__ = ["Result", "Run", "add_verb", "runner"]


@dataclass(frozen=True)
class Result:
    """What one command came to."""

    code: ExitCode
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Standard output as JSON: one document, nothing else, and as published."""
        document = json.loads(self.out)
        if isinstance(document, dict) and ({"kind", "version"} <= document.keys() or "error" in document):
            check_published(document)
        return document


Run = Callable[..., Result]


def runner(capsys: pytest.CaptureFixture[str]) -> Run:
    """``run("plan", "--json")``."""

    def invoke(*words: str) -> Result:
        capsys.readouterr()
        code = run(words)
        caught = capsys.readouterr()
        return Result(code, caught.out, caught.err)

    return invoke


def add_verb(monkeypatch: pytest.MonkeyPatch, command: click.Command) -> None:
    """Make ``command`` a verb for the length of a test."""
    name = str(command.name)
    module = ModuleType(f"pdsync.cli.{name}")
    setattr(module, name, command)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(app.VERBS, name, "A verb of a test.")
