"""A real terminal for tests: tmux draws what a person would see, and takes the keys that a person would press."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

__all__ = ["TMUX", "Terminal", "terminal"]

TMUX: Final = shutil.which("tmux") or ""
_KEYS: Final = {"\r": "Enter", "\x1b": "Escape", "\t": "Tab", " ": "Space"}


class Terminal:
    """One window with ``pdsync`` in it."""

    def __init__(self, socket: Path) -> None:
        self._command = [TMUX, "-S", str(socket), "-f", os.devnull]

    def tmux(self, *words: str) -> str:
        """A command of tmux; what it says."""
        done = subprocess.run([*self._command, *words], capture_output=True, text=True, check=False)
        return done.stdout

    @property
    def screen(self) -> str:
        """What stands there now."""
        return self.tmux("capture-pane", "-p")

    @property
    def is_open(self) -> bool:
        """Whether pdsync is still there."""
        return bool(self.tmux("list-sessions"))

    @property
    def process(self) -> int:
        """Of the program in the window."""
        return int(self.tmux("display-message", "-p", "#{pane_pid}"))

    def press(self, keys: str) -> None:
        """Keys, as fast as a person who knows them; each goes to what has the focus by then."""
        for key in keys:
            self.tmux("send-keys", *([_KEYS[key]] if key in _KEYS else ["-l", key]))
            time.sleep(0.3 if key == "\t" else 0.05)

    def back_tab(self) -> None:
        """Shift and tab."""
        self.tmux("send-keys", "BTab")
        time.sleep(0.3)

    def resize(self, width: int, height: int) -> None:
        """Another size, while it runs."""
        self.tmux("resize-window", "-x", str(width), "-y", str(height))

    def see(self, pattern: str, *, seconds: float = 60) -> re.Match[str]:
        """Wait until this stands on the screen."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.screen):
                return found
            time.sleep(0.1)
        raise AssertionError(f"{pattern!r} does not stand on the screen:\n{self.screen}")

    def confirm(self, *, flags: int) -> str:
        """Answer the question before writing: tick the flags, type the beginning of the plan's id; the whole id."""
        plan = self.see(r"the plan's id, ([0-9a-f]{16})")[1]
        time.sleep(1)  # a person reads it; on a busy machine it is drawn before it has the focus
        for _ in range(flags + 1 if flags else 0):
            self.back_tab()
        for number in range(flags):
            self.press(" ")
            self.see(r"(\[X\] I confirm.*\n(.*\n)*)" + f"{{{number + 1}}}")
            self.press("\t")
        self.press("\t" * bool(flags) + plan[:4] + "\r")
        return plan


@contextmanager
def terminal(
    folder: Path, *options: str, size: tuple[int, int] = (120, 40), environment: dict[str, str] | None = None
) -> Iterator[Terminal]:
    """``pdsync tui`` in a window of this size; whatever is still there at the end is closed with it."""
    window = Terminal(folder / "tmux")
    given = {
        name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "PYTHONPATH", "LANG")
    }
    given |= {"LC_ALL": "C.UTF-8", "COLORTERM": "truecolor", **(environment or {})}
    words = ["env", "-i", *(f"{name}={value}" for name, value in given.items()), "TERM=tmux-256color"]
    command = shlex.join([*words, sys.executable, "-m", "pdsync", "tui", *options])
    window.tmux(
        "new-session", "-d", "-x", str(size[0]), "-y", str(size[1]), "-c", str(folder), f"exec {command}"
    )
    try:
        yield window
    finally:
        window.tmux("kill-server")
