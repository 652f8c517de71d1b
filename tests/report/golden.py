"""Reports whose bytes are the contract. ``UPDATE_GOLDEN=1`` writes them anew; look at the difference in git."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

__all__ = ["FOLDER", "check"]

FOLDER = Path(__file__).parent / "golden"
_UPDATE = bool(os.environ.get("UPDATE_GOLDEN"))
_HOW = "If that is meant: UPDATE_GOLDEN=1 .venv/bin/python -m pytest -p no:xdist tests/report"


def check(name: str, lines: Iterable[str]) -> None:
    """These lines are what the golden file holds."""
    text = "".join(f"{line}\n" for line in lines)
    path = FOLDER / name
    if _UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
    expected = path.read_bytes().decode() if path.exists() else ""
    assert expected == text, f"{name} differs. {_HOW}"
