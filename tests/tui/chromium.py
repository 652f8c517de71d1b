"""A headless Chromium, driven over its own protocol: opens a page, types, and tells what came over the wire."""

from __future__ import annotations

import asyncio
import base64
import itertools
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp

__all__ = ["CHROMIUM", "Page", "chromium"]

CHROMIUM: Final = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
_ESCAPES: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-_]")
_PATIENCE: Final = 180
"""Seconds until something is given up: every wait is for a state, and a busy machine takes its time."""
_KEYS: Final = {"\r": ("Enter", 13), "\t": ("Tab", 9), "\x1b": ("Escape", 27)}


class Page:
    """One tab."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.session = ""
        self.addresses: list[str] = []
        """Whatever it asked for, wherever."""
        self.complaints: list[str] = []
        """What the page's console says is wrong."""
        self._drawn = b""

    async def listen(self) -> None:
        """Take what the browser tells, until it ends."""
        async for message in self._socket:
            said = message.json()
            if said.get("id") in self._answers:
                self._answers.pop(said["id"]).set_result(said)
                continue
            held = said.get("params", {})
            match said.get("method"):
                case "Network.requestWillBeSent":
                    self.addresses.append(held["request"]["url"])
                case "Network.webSocketCreated":
                    self.addresses.append(held["url"])
                case "Network.webSocketFrameReceived" if held["response"]["opcode"] == 2:
                    self._drawn += base64.b64decode(held["response"]["payloadData"])
                case "Runtime.exceptionThrown":
                    self.complaints.append(str(held["exceptionDetails"]))
                case "Log.entryAdded" if held["entry"]["level"] == "error":
                    self.complaints.append(held["entry"]["text"])

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One call of the protocol.

        Raises:
            RuntimeError: the browser refuses it.
        """
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        request = {"id": number, "method": method, "params": params}
        await self._socket.send_json(request | ({"sessionId": self.session} if self.session else {}))
        said = await asyncio.wait_for(answer, _PATIENCE)
        if "error" in said:
            raise RuntimeError(f"{method}: {said['error']}")
        result: dict[str, Any] = said["result"]
        return result

    async def open(self, address: str) -> None:
        """Go there."""
        await self.call("Page.navigate", url=address)

    async def text(self) -> str:
        """The words of the page itself, without those of the terminal."""
        found = await self.call("Runtime.evaluate", expression="document.body.innerText", returnByValue=True)
        return str(found["result"].get("value", ""))

    async def says(self, words: str) -> None:
        """Wait until these words stand on the page itself."""
        for _ in range(_PATIENCE * 10):
            if words in await self.text():
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"{words!r} is not on the page: {await self.text()!r}")

    async def press(self, keys: str) -> None:
        """Keys, one after the other."""
        self._drawn = b""
        for key in keys:
            await asyncio.sleep(
                0.05
            )  # as fast as nobody types: a key goes to what had the focus when it came
            if key not in _KEYS:
                await self.call("Input.dispatchKeyEvent", type="char", text=key)
                continue
            name, code = _KEYS[key]
            text = {"text": key} if key == "\r" else {}
            for kind in ("keyDown" if text else "rawKeyDown", "keyUp"):
                await self.call(
                    "Input.dispatchKeyEvent",
                    type=kind,
                    key=name,
                    code=name,
                    windowsVirtualKeyCode=code,
                    **text,
                )
        await asyncio.sleep(0.1)

    async def press_back_tab(self) -> None:
        """Shift and tab."""
        for kind in ("rawKeyDown", "keyUp"):
            await self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key="Tab",
                code="Tab",
                windowsVirtualKeyCode=9,
                modifiers=8,
            )

    async def see(self, pattern: str) -> re.Match[str]:
        """Wait until the terminal has drawn this since the last key; the last place where it stands."""
        for _ in range(_PATIENCE * 20):
            text = self._drawn.decode("utf-8", "replace")  # all of it: a letter may come in two pieces
            if found := list(re.finditer(pattern, _ESCAPES.sub("\n", text))):
                return found[-1]
            await asyncio.sleep(0.05)
        text = _ESCAPES.sub(" ", self._drawn.decode("utf-8", "replace"))[-2000:]
        raise AssertionError(f"{pattern!r} was not drawn; the last was {text!r}")

    async def picture(self, path: Path) -> None:
        """What it looks like, as PNG."""
        found = await self.call("Page.captureScreenshot", format="png")
        await asyncio.to_thread(path.write_bytes, base64.b64decode(found["data"]))


@asynccontextmanager
async def chromium(width: int = 1200, height: int = 760) -> AsyncIterator[Page]:
    """A browser with one empty tab and a profile of its own."""
    with tempfile.TemporaryDirectory(prefix="pdsync-chromium-", ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--mute-audio",
            "--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0",
            f"--window-size={width},{height}", f"--user-data-dir={profile}", "about:blank",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            port, path = await _listening(Path(profile) / "DevToolsActivePort")
            async with (
                aiohttp.ClientSession() as http,
                http.ws_connect(f"ws://127.0.0.1:{port}{path}", max_msg_size=0) as socket,
            ):
                page = Page(socket)
                listening = asyncio.create_task(page.listen())
                target = await page.call("Target.createTarget", url="about:blank")
                found = await page.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
                page.session = found["sessionId"]
                for domain in ("Page", "Network", "Log", "Runtime"):
                    await page.call(f"{domain}.enable")
                await page.call(
                    "Emulation.setDeviceMetricsOverride",
                    width=width, height=height, deviceScaleFactor=1, mobile=False,
                )  # fmt: skip
                yield page
                listening.cancel()
        finally:
            process.terminate()
            await process.wait()


async def _listening(file: Path) -> tuple[int, str]:
    """Port and path of the browser's own socket."""
    for _ in range(600):
        lines = await asyncio.to_thread(_lines, file)
        if len(lines) == 2:
            return int(lines[0]), lines[1]
        await asyncio.sleep(0.05)
    raise AssertionError("Chromium does not listen")


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="ascii").splitlines() if file.exists() else []
