"""The terminal UI in a browser: who may come in, and a first day in a headless Chromium."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from PIL import Image

from tests.tui.chromium import CHROMIUM, chromium


@contextmanager
def served(folder: Path, *options: str) -> Iterator[str]:
    """``pdsync tui --web``; the address that it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PDSYNC_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "pdsync", "tui", "--web", *options],
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.communicate()


def refused(*options: str) -> subprocess.CompletedProcess[str]:
    """A start that must not succeed."""
    return subprocess.run(
        [sys.executable, "-m", "pdsync", "tui", "--web", *options],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


async def test_the_key_opens_once_and_nothing_else_does(tmp_path: Path) -> None:
    """A wrong key, no key, a used key, another site's socket, another name for this machine: a plain page, and no more."""
    with served(tmp_path) as address:
        at = urlsplit(address)
        assert at.hostname == "127.0.0.1"
        home = f"http://{at.netloc}/"
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
            paths = ("", "?key=", "?key=wrong", "ws", "static/js/textual.js", "page/page.css", "download/x")
            for path in paths:
                async with http.get(home + path) as answer:
                    assert answer.status == 403
                    assert answer.content_type == "text/plain"
                    assert "belongs to one person" in await answer.text()
            async with http.get(address, headers={"Host": "pdsync.example.com"}) as answer:
                assert answer.status == 403
                assert "only" in await answer.text()
            async with http.get(address) as answer:
                assert (answer.status, str(answer.url)) == (200, home)
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "https" not in await answer.text()
            async with http.get(home + "ws", headers={"Origin": "http://evil.example.com"}) as answer:
                assert answer.status == 403
        async with aiohttp.ClientSession() as other, other.get(address) as answer:
            assert answer.status == 403


def test_it_is_served_on_this_machine_only() -> None:
    """Another address is refused, with the way that is safe."""
    done = refused("--host", "0.0.0.0")  # noqa: S104 - that is what is refused
    assert done.returncode == 2
    assert "can be reached from other machines" in done.stderr
    assert "ssh -L" in done.stderr


@pytest.mark.long
async def test_a_port_that_is_taken_is_said() -> None:
    """And nothing is left running."""
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        done = await asyncio.to_thread(refused, "--port", str(port))
    assert done.returncode == 2
    assert "Nothing can listen" in done.stderr


@pytest.mark.chromium
@pytest.mark.timeout(900)
@pytest.mark.skipif(not CHROMIUM, reason="no Chromium here")
async def test_a_first_day_in_a_browser(tmp_path: Path) -> None:
    """Open, read, filter findings, sync; nothing is asked of anybody but this machine, and it looks like a terminal."""
    with served(tmp_path, "--demo") as address:
        async with chromium() as page:
            await page.open(address)
            await page.see("press r to read both sides")
            await page.press("r")
            await page.see("NOT READY")
            await page.see(r"Audited in [\d.]+ s")
            await page.picture(tmp_path / "overview.png")
            await page.press("2")
            await page.see(r"([\d,]+) of \1 findings")
            await page.press("/code:duplicate-email")
            await page.see(r"\b14 of [\d,]+ findings")
            await page.picture(tmp_path / "audit.png")
            await page.press("\r")
            await page.press("1")
            await page.see("audited")
            await page.press("p")
            await page.see("DRY RUN")
            await page.press("A")
            plan = await page.see(r"the plan's id, ([0-9a-f]{16})")
            for _ in range(2):
                await page.press_back_tab()
            await page.press(" \t\t" + plan[1][:4])
            await page.picture(tmp_path / "confirm.png")
            await page.press("\r")
            await page.see(r"Run [\d-]+\w+: done")
            await page.picture(tmp_path / "run.png")
            assert page.complaints == []
            await page.press("q")
            await page.says("This session has ended")

            home = urlsplit(address).netloc
            outside = [
                one for one in page.addresses if urlsplit(one).netloc != home and not one.startswith("data:")
            ]
            assert outside == []
    for name in ("overview", "audit", "confirm", "run"):
        with Image.open(tmp_path / f"{name}.png") as picture:
            assert len(picture.convert("RGB").getcolors(picture.width * picture.height) or ()) > 50
