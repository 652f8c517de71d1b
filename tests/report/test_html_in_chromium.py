"""The audit page in a headless Chromium: nothing is wrong, nothing is asked for, everything fits, search and sort work."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pdsync.model import GateState
from tests.report.build import audit_report
from tests.report.test_html import clean, page, usual
from tests.tui.chromium import CHROMIUM, Page, chromium

pytestmark = [
    pytest.mark.chromium,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium: apt-get install chromium"),
]


@asynccontextmanager
async def opened(folder: Path, text: str, width: int = 1200, scheme: str = "light") -> AsyncIterator[Page]:
    """The page in a window so wide."""
    file = folder / "audit.html"
    file.write_text(text, encoding="utf-8")
    async with chromium(width, 900) as tab:
        await tab.call(
            "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}]
        )
        await tab.open(file.as_uri())
        while await value(tab, "document.readyState") != "complete":
            pass
        yield tab


async def value(tab: Page, expression: str) -> Any:
    """What an expression comes to in the page."""
    found = await tab.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
    assert "exceptionDetails" not in found, found
    return found["result"].get("value")


async def picture(tab: Page, path: Path) -> Image.Image:
    """The whole page."""
    height = await value(tab, "document.documentElement.scrollHeight")
    width = await value(tab, "innerWidth")
    await tab.call(
        "Emulation.setDeviceMetricsOverride",
        width=width,
        height=min(height, 6000),
        deviceScaleFactor=1,
        mobile=False,
    )
    await tab.picture(path)
    with Image.open(path) as image:
        return image.convert("RGB")


@pytest.mark.parametrize(
    ("width", "scheme"),
    [(1200, "light"), (1200, "dark"), (1045, "light"), (800, "light"), (390, "light"), (390, "dark")],
)
async def test_looks(width: int, scheme: str, tmp_path: Path) -> None:
    """Light and dark, on a screen and on a phone: nothing wider than the window, one drawing of each chart, its ground."""
    async with opened(tmp_path, usual(), width, scheme) as tab:
        await value(tab, "document.querySelectorAll('details').forEach((one) => { one.open = true })")
        wide = await value(tab, "document.documentElement.scrollWidth - document.documentElement.clientWidth")
        over = await value(
            tab,
            "[...document.querySelectorAll('body *')].filter((one) => one.checkVisibility() && "
            "!one.closest('svg') && !one.closest('thead') && one.getBoundingClientRect().right > innerWidth + 1)"
            ".map((one) => one.outerHTML.slice(0, 80))",
        )
        labels = await value(
            tab,
            "[...document.querySelectorAll('.chart svg text')].filter((one) => one.checkVisibility())"
            ".map((one) => one.getBoundingClientRect()).filter((box) => box.left < 0 || box.right > innerWidth).length",
        )
        shown = await value(
            tab, "[...document.querySelectorAll('.chart svg')].filter((one) => one.checkVisibility()).length"
        )
        figures = await value(tab, "document.querySelectorAll('.chart').length")
        image = await picture(tab, tmp_path / f"{scheme}-{width}.png")

    assert tab.complaints == []
    assert wide == 0
    assert over == []
    assert labels == 0
    assert shown == figures == 4
    assert image.getpixel((2, 2)) == ((255, 255, 255) if scheme == "light" else (22, 27, 31))
    colours = {colour for count, colour in image.getcolors(2**24) or [] if count > 200}
    assert ((176, 58, 0) if scheme == "light" else (255, 138, 80)) in colours, "no bar of any chart is there"


async def test_long_words_break(tmp_path: Path) -> None:
    """A name of a form without a space in it makes no part of the page wider than a phone, folded or not."""
    word = "Téléchargement_du_livre_blanc_" * 6
    report = audit_report()
    summaries = tuple(replace(one, headline=f"9 of these from {word!r}") for one in report.summaries)
    gate = replace(report.gate, reasons=(word,), not_checked=(word,))
    text = page(replace(report, summaries=summaries, gate=gate, mapping_name=word))
    async with opened(tmp_path, text, 390) as tab:
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        folded = await value(tab, wide)
        await value(tab, "document.querySelectorAll('details').forEach((one) => { one.open = true })")
        assert folded == await value(tab, wide) == 0


async def test_asks_nobody(tmp_path: Path) -> None:
    """Of all that the page could ask for, it asks for itself."""
    async with opened(tmp_path, usual()) as tab:
        await value(tab, "new Promise((done) => setTimeout(done, 300))")
        addresses = {address for address in tab.addresses if not address.startswith(("data:", "about:"))}
        refused = await value(tab, "fetch('https://example.com/').then(() => 'sent', () => 'refused')")

    assert addresses == {(tmp_path / "audit.html").as_uri()}
    assert refused == "refused"


async def test_search_and_sort(tmp_path: Path) -> None:
    """Words in any order, without case and accents, over names, addresses and audits; by severity; any column either way."""
    visible = (
        "[...document.querySelectorAll('details.audit tbody tr')].filter((one) => !one.hidden && "
        "one.closest('details').hidden === false).length"
    )

    async def search(tab: Page, words: str, severity: str = "") -> int:
        await value(
            tab,
            f"search.value = {json.dumps(words)}, severity.value = {json.dumps(severity)}, "
            "search.dispatchEvent(new Event('input')), new Promise((done) => setTimeout(done, 300))",
        )
        found: int = await value(tab, visible)
        return found

    async with opened(tmp_path, usual()) as tab:
        everything = await value(tab, visible)
        assert everything == 22
        assert await search(tab, "RIVIERE lucile") == 1
        assert await value(tab, "count.textContent") == "1 of 22 listed"
        assert await search(tab, "secteur") == 1
        assert await value(tab, "document.getElementById('option-mismatch').open") is True
        assert await search(tab, "missing-last") == 20
        assert await search(tab, "", "blocking") == 1
        assert await search(tab, "<script>") == 4
        assert await search(tab, "nobody of that name") == 0
        assert "Nothing on this page fits." in await tab.text()
        assert await search(tab, "") == everything

        column = (
            "[...document.querySelectorAll('.overview tbody tr')].map((row) => row.children[2].textContent)"
        )
        button = "document.querySelectorAll('.overview th button')[2]"
        assert await value(tab, f"{button}.click(), {column}") == ["31", "63", "112"]
        assert await value(tab, f"{button}.click(), {column}") == ["112", "63", "31"]
        assert await value(tab, f"{button}.closest('th').getAttribute('aria-sort')") == "descending"
        assert await value(tab, "document.querySelector('a[href=\"#missing-last-name\"]').click()") is None
        await value(tab, "new Promise((done) => setTimeout(done, 100))")
        assert await value(tab, "document.getElementById('missing-last-name').open") is True

    assert tab.complaints == []


async def test_prints_everything(tmp_path: Path) -> None:
    """On paper all findings are there, without the tools, and the page is as before afterwards."""
    async with opened(tmp_path, usual(), scheme="dark") as tab:
        closed = "document.querySelectorAll('details:not([open])').length"
        before = await value(tab, closed)
        await value(tab, f"addEventListener('beforeprint', () => {{ window.seen = {closed} }})")
        printed = await tab.call("Page.printToPDF", preferCSSPageSize=True)

        assert before == 2
        assert await value(tab, "window.seen") == 0
        assert await value(tab, closed) == before
        await tab.call(
            "Emulation.setEmulatedMedia",
            media="print",
            features=[{"name": "prefers-color-scheme", "value": "dark"}],
        )
        image = await picture(tab, tmp_path / "print.png")
        assert image.getpixel((2, 2)) == (255, 255, 255), "paper is white, whatever the screen was"
        assert (
            await value(tab, "getComputedStyle(document.querySelector('.box')).backgroundColor")
            == "rgb(244, 246, 248)"
        )
    assert len(printed["data"]) > 20_000
    assert tab.complaints == []


@pytest.mark.parametrize("state", [GateState.READY, GateState.WARNINGS])
async def test_nothing_found(state: GateState, tmp_path: Path) -> None:
    """A clean audit is a clean page."""
    async with opened(tmp_path, page(clean(state), [], {}), 390) as tab:
        words = await tab.text()
        wide = await value(tab, "document.documentElement.scrollWidth - document.documentElement.clientWidth")

    assert "No audit found anything." in words
    assert str(state).upper() in words
    assert wide == 0
    assert tab.complaints == []
