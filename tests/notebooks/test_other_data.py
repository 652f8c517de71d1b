"""Notebooks on data unlike the demo: nobody there, one side only, names that attack; sense or one box, never a traceback."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path

import pytest

import pdsync
from pdsync.api.notebook_files import parameters_of, read_notebook, shipped_notebooks
from tests.cli.accounts import put_mapping
from tests.notebooks.cells import run_cells

pytestmark = pytest.mark.long

NOTEBOOKS = [
    pytest.param(path, id=path.stem)
    for path in shipped_notebooks()
    if find_spec("splink") or not path.stem.startswith("07")
]
Open = Callable[..., Path]

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>\x1b[31m\u202egnp.exe\ufffe'
PERSONS = ("ID", "Name", "First name", "Last name", "Email", "Secteur", "source", "Function", "sync_to_plezi")
CONTACTS = ("id", "first_name", "last_name", "email", "plz_secteur", "source", "form", "function")


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """A folder whose account are exports with these rows, read; a side without rows is None: no export of it."""

    def open_(persons: list[tuple[str, ...]] | None, contacts: list[tuple[str, ...]] | None) -> Path:
        monkeypatch.chdir(tmp_path)
        put_mapping(tmp_path)
        settings = ""
        for side, heads, rows in (("pipedrive", PERSONS, persons), ("plezi", CONTACTS, contacts)):
            if rows is None:
                continue
            with (tmp_path / f"{side}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([heads, *rows])
            settings += f'[{side}]\nfile = "{side}.csv"\nconfirm_complete_read = true\n'
        (tmp_path / "pdsync.toml").write_text(settings, encoding="utf-8")
        account = pdsync.open_account(tmp_path, progress=False)
        if persons is not None and contacts is not None:
            account.pull()
        return tmp_path

    return open_


NOTHING_WAS_WRITTEN = "08-sync-history"
"""The one notebook that two snapshots alone do not do for."""


def show(path: Path, account: Path, patch: pytest.MonkeyPatch) -> list[str]:
    """Everything a notebook shows of that account, as a report page would have it."""
    plain = {"searchable": False} if "searchable" in parameters_of(read_notebook(path)) else {}
    return run_cells(path, patch, account=str(account), **plain)


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_nobody_is_there(path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two empty accounts: every chart is drawn, and its title does not name what is not there."""
    account = opened([], [])
    if path.stem == NOTHING_WAS_WRITTEN:
        with pytest.raises(pdsync.PdsyncError, match="no run yet"):
            show(path, account, monkeypatch)
        return

    shown = show(path, account, monkeypatch)

    titles = " ".join(re.findall(r'font-size="14px"[^>]*>([^<]+)<', "".join(shown)))
    assert titles
    assert not re.search(r"None|nan|null|\b0 of 0\b|''", titles), titles


@pytest.mark.parametrize("path", NOTEBOOKS)
@pytest.mark.parametrize("side", ["pipedrive", "plezi"])
def test_an_export_of_one_side_only(
    path: Path, side: str, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What compares two sides says in one box which of them was never read, and what reads it."""
    person, contact = (
        ("1", "Zoé Roy", "Zoé", "Roy", "zoe@example.com", "", "", "", ""),
        ("a", "", "", "b@example.com"),
    )
    account = opened([person] if side == "pipedrive" else None, [contact] if side == "plezi" else None)

    with pytest.raises(pdsync.PdsyncError) as caught:
        show(path, account, monkeypatch)

    box = "\n".join(caught.value._render_traceback_())  # type: ignore[attr-defined]
    history = path.stem == NOTHING_WAS_WRITTEN
    assert ("There is no run yet." if history else "was never read into") in box
    assert ("pdsync plan" if history else "pdsync pull") in box


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_names_that_attack(path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever people wrote into names, sources, forms and options is text in tables and charts."""
    persons = [
        (
            str(number),
            HOSTILE,
            HOSTILE,
            HOSTILE,
            f"p{number // 2}@example.com",
            HOSTILE,
            HOSTILE,
            HOSTILE,
            "Yes",
        )
        for number in range(6)
    ]
    contacts = [
        (f"c{number}", HOSTILE, "", f"p{number}@example.com", HOSTILE, HOSTILE, HOSTILE, HOSTILE)
        for number in range(4)
    ]
    account = opened(persons, contacts)
    if path.stem == NOTHING_WAS_WRITTEN:
        pytest.skip("nothing was written yet: it ends with a box")

    shown = show(path, account, monkeypatch)

    for text in shown:
        found = _Tags(text)
        assert not found.tags & {"script", "img", "iframe", "object", "form"}
        assert not {name for name in found.attributes if name.startswith("on")}
        assert "\x1b" not in text
