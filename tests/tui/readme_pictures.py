"""Makes the README's pictures from the demo: the real screens, the real engine, invented people. ``make pictures``.

They stand beside the tests that look at the same screens, because the top level of the repository is fixed and no user
needs them. What differs from one start of the sandbox to the next (its name, its port, ids, seconds) is replaced, so that
a picture changes only when a screen or the demo does.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from textual.pilot import Pilot
from textual.widgets import Input

from pdsync.model import Side
from pdsync.tui.app import PdsyncApp
from pdsync.tui.desk import Desk
from tests.sandbox_process import SandboxProcess
from tests.tui.demo_settings import settings_for

__all__ = ["FOLDER", "NAMES", "draw"]

FOLDER: Final = Path(__file__).with_name("pictures")
NAMES: Final = ("overview", "audit", "plan")
_SIZE: Final = (124, 34)
_SAME: Final = (
    (re.compile(r"sandbox-[0-9a-f]{6}"), "sandbox-acme01"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:8018"),
    (re.compile(r"@font-face \{.*?\}", re.DOTALL), ""),  # fonts from elsewhere, which no README loads
    (re.compile(r"Fira Code"), "ui-monospace, Menlo, Consolas"),
)
"""What is different at each start -> what stands for it, of the same width. The plan's id follows from the accounts."""


def draw(folder: Path) -> None:
    """Write every picture into ``folder``."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="pdsync-pictures-") as temporary:
        os.chdir(temporary)  # the masthead shows the mapping's path as it was given
        try:
            with SandboxProcess(Path(temporary) / "sandbox.db") as sandbox:
                sandbox.control.turn(pipedrive__plan="ultimate")
                sandbox.control.seed("demo")
                pictures = asyncio.run(_pictures(sandbox))
        finally:
            os.chdir(here)
    folder.mkdir(exist_ok=True)
    for name, svg in pictures.items():
        (folder / f"{name}.svg").write_text(_same(svg), encoding="utf-8")


def _same(svg: str) -> str:
    for pattern, stands_for in _SAME:
        svg = pattern.sub(stands_for, svg)
    plan = re.search(r"(?<![0-9a-f])[0-9a-f]{16}(?![0-9a-f])", svg)
    svg = svg.replace(plan[0], "9f86d081884c7d65") if plan else svg
    names = {
        name: f"terminal-{number}"
        for number, name in enumerate(dict.fromkeys(re.findall(r"terminal-\d+", svg)))
    }
    return re.sub(r"terminal-\d+", lambda found: names[found[0]], svg)


async def _pictures(sandbox: SandboxProcess) -> dict[str, str]:
    app = PdsyncApp(Desk(settings_for(sandbox, Path())), demo=True)
    pictures: dict[str, str] = {}

    def idle() -> bool:
        return app.errand is not None and app.errand.is_over

    async with app.run_test(size=_SIZE) as pilot:
        await _until(pilot, lambda: len(app.accounts) == len(Side))
        await pilot.press("r")
        await _until(pilot, lambda: app.standing and app.standing.audit and idle())
        await pilot.press("p")
        await _until(pilot, lambda: app.reviewed and idle() and app.current_mode == "plan")
        await _until(pilot, lambda: len(app.screen.query_one("#changes").rows))  # type: ignore[attr-defined]
        await pilot.press(*["n"] * 11, *["N"] * 3)  # the change in focus, with some behind it
        pictures["plan"] = await _picture(app, pilot)
        await pilot.press("1")
        pictures["overview"] = await _picture(app, pilot)
        await pilot.press("2")
        await pilot.pause(0.5)
        await pilot.press("slash", *"code:duplicate-email")
        await pilot.pause(1)
        await pilot.press("enter", "down")
        pictures["audit"] = await _picture(app, pilot)
    await app.desk.close()
    return pictures


async def _picture(app: PdsyncApp, pilot: Pilot[None]) -> str:
    """The screen at rest, without the last message: it tells seconds."""
    for box in app.screen.query(Input):
        box.cursor_blink = False
    app.said.clear()
    app.tell()
    await pilot.pause(1)
    return app.export_screenshot(title="pdsync tui --demo")


async def _until(pilot: Pilot[None], what: Callable[[], object]) -> None:
    deadline = time.monotonic() + 120
    while not what():
        if time.monotonic() > deadline or pilot.app.bug:  # type: ignore[attr-defined]
            raise TimeoutError("the engine did not come to its end")
        await asyncio.sleep(0.05)
    await pilot.pause()


if __name__ == "__main__":
    where = Path(sys.argv[1]).absolute() if sys.argv[1:] else FOLDER
    draw(where)
    sys.stderr.write(
        f"{len(NAMES)} pictures in {os.path.relpath(where)}; look at them before you commit them\n"
    )
