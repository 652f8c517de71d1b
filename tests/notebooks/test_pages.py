"""Every notebook run from first to last cell on the demo data, and what its page shows."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path

import pytest

import pdsync
from pdsync.api.notebook_files import shipped_notebooks

NEEDS_SPLINK = pytest.mark.skipif(
    find_spec("splink") is None, reason="Splink is not installed: pip install 'pdsync[near-duplicates]'"
)
NAMES = [
    pytest.param(path.stem, marks=[NEEDS_SPLINK] if path.stem.startswith("07") else [])
    for path in shipped_notebooks()
]
Pages = Callable[[str], Path]

pytestmark = pytest.mark.long
"""Running all of them takes a minute; ``make check`` runs one as a report (``test_reports``), ``make check-all`` each."""


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            if name in {"src", "href", "xlink:href"}:
                self.addresses.append(value or "")


def _words(page: Path) -> str:
    """What the page says, the titles of its charts included."""
    text = page.read_text(encoding="utf-8")
    return unescape(re.sub(r"<[^>]+>", " ", re.sub(r'<img alt="([^"]*)"', r"\1 <img", text)))


@pytest.mark.parametrize("name", NAMES)
def test_run_all(name: str, page: Pages) -> None:
    """Run all works on a fresh machine; the page is whole: contents, date, accounts, mapping, charts, and no code."""
    text = page(name).read_text(encoding="utf-8")
    parsed = _Page(text)

    assert "Made on " in text
    assert "Contents" in text
    assert "Sandbox SAS" in text
    assert "contacts.yaml, " in text
    charts = re.findall(r'<img alt="([^"]*)" src="data:image/svg', text)
    assert charts
    assert not [words for words in charts if len(words.split()) < 4], "a chart whose title states no finding"
    assert not re.search(r"alt\.Chart|import pdsync|Traceback|In&nbsp;\[", text)
    assert not {"script", "iframe", "object", "link", "form"} & set(parsed.tags)
    assert [one for one in parsed.addresses if not one.startswith(("#", "data:", "https://sandbox-"))] == []
    assert page(name).stat().st_mode & 0o077 == 0


def test_duplicates_are_those_of_the_audit(page: Pages, demo_account: pdsync.Account) -> None:
    """The notebook counts from the rows of findings, and comes to the audit's own headline (R17)."""
    (row,) = [
        one for one in demo_account.audit().summary.to_arrow().to_pylist() if one["code"] == "duplicate-email"
    ]
    persons, clusters = (
        row["headline"].split(" persons")[0].split(", ")[1],
        row["headline"].split(" clusters")[0],
    )
    overwritten = row["headline"].split("overwrite ")[1].split(" of")[0]

    words = _words(page("02-duplicate-emails"))
    assert (
        f"Plezi's own connector would overwrite {overwritten} of {persons} persons who share an address"
        in words
    )
    assert f"of {clusters} clusters; several people in the others" in words


def test_names_are_those_of_the_audit(page: Pages, demo_account: pdsync.Account) -> None:
    """Persons and contacts without names, as the audits count them (R13)."""
    summary = demo_account.audit().summary.to_arrow().to_pylist()
    missing = [one for one in summary if one["code"].startswith("missing-") and one["code"].endswith("-name")]
    persons, contacts = (sum(one[who] for one in missing) for who in ("persons", "contacts"))

    assert f"{persons} names of persons and {contacts} of contacts are missing" in _words(
        page("03-missing-names")
    )


def test_options_are_those_of_the_audit(page: Pages, demo_account: pdsync.Account) -> None:
    """Values that would be left out, as the audit counts them (R24)."""
    (row,) = [
        one for one in demo_account.audit().summary.to_arrow().to_pylist() if one["code"] == "option-mismatch"
    ]
    lost = row["headline"].split("; ")[-1].split(" records")[0]

    assert f"{lost} values would be left out" in _words(page("04-dropdown-options"))


def test_readiness_is_the_gate(page: Pages, demo_account: pdsync.Account) -> None:
    """The answer, its reasons and the trend are the audits' own."""
    report = demo_account.audit()
    words = _words(page("05-go-live-readiness"))

    assert (
        f"Not ready: {report.blocked_records} of {sum(report.records.values()):,} records are kept out"
        in words
    )
    for reason in report.reasons:
        assert reason in words
    trend = demo_account.trend().to_arrow().to_pylist()
    before = next(row["persons"] + row["contacts"] for row in trend if row["severity"] == "blocking")
    assert f"{report.blocked_records} records are blocked, after {before} at the first of 3 reads" in words


def test_what_would_change_is_the_plan(page: Pages, demo_account: pdsync.Account) -> None:
    """Same plan, same id, same number of values."""
    plan = demo_account.plan()
    words = _words(page("06-what-would-change"))

    assert f"Plan {plan.id}: {plan.writes:,} writes; nothing is written yet" in words
    values = sum(side["values"] + side["deferred"] for side in plan.totals.values())
    assert f"of {values:,} values replace something" in words


def test_history_is_the_journal(page: Pages, demo_account: pdsync.Account) -> None:
    """Records, values and stale ones are those of the journal (R26)."""
    run = demo_account.run("last")
    words = _words(page("08-sync-history"))

    assert f"{run.values:,} of {run.journal.rows:,} values were written as planned" in words
    assert run.outcomes["stale"] == 3


@NEEDS_SPLINK
def test_near_duplicates_are_those_of_the_audit(page: Pages, demo_account: pdsync.Account) -> None:
    """As many people and records as the audit says, each record with what speaks for it."""
    doubles = demo_account.audit(near_duplicates=True).near_duplicates.to_polars()
    people = doubles["person"].n_unique()
    words = _words(page("07-near-duplicates"))

    assert f"{people} people probably have {doubles.height} records: {doubles.height - people} more" in words
    for address in doubles["address"]:
        assert address in words


@pytest.mark.chromium
@pytest.mark.parametrize("name", NAMES)
def test_in_chromium(name: str, page: Pages, tmp_path: Path) -> None:
    """A browser shows the page: every chart has its size, nothing is wider than the page, nothing is asked of a network."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        pytest.skip("no Chromium: apt-get install chromium")
    picture, profile = tmp_path / "page.png", tmp_path / "profile"
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr"]
    flags.append(f"--user-data-dir={profile}")
    done = subprocess.run(
        [browser, *flags, "--window-size=1060,2600", f"--screenshot={picture}", page(name).as_uri()],
        capture_output=True,
        text=True,
        check=True,
        timeout=90,
    )

    assert "Content Security Policy" not in done.stderr
    from PIL import Image

    with Image.open(picture) as image:
        colours = image.convert("RGB").getcolors(maxcolors=2**24) or []
    seen = {colour for count, colour in colours if count > 200}
    assert image.size == (1060, 2600)
    assert (255, 255, 255) in seen
    assert {(0, 114, 178), (230, 159, 0), (0, 158, 115)} & seen, "no bar of any chart is there"
