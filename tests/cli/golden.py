"""Files whose bytes are the contract. ``UPDATE_GOLDEN=1 make test`` writes them anew; look at the difference in git."""

from __future__ import annotations

import os
import re
from pathlib import Path

__all__ = ["ROOT", "check_block", "check_file"]

ROOT = Path(__file__).resolve().parents[2]
_FOLDER = Path(__file__).parent / "golden"
_UPDATE = bool(os.environ.get("UPDATE_GOLDEN"))
_HOW = "If that is meant: UPDATE_GOLDEN=1 .venv/bin/python -m pytest -p no:xdist tests/cli"


def check_file(name: str, text: str) -> None:
    """``text`` is what the golden file ``name`` holds."""
    path = _FOLDER / name
    if _UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    expected = path.read_text(encoding="utf-8") if path.exists() else ""
    assert expected == text, f"{path.name} differs. {_HOW}"


def check_block(document: str, name: str, text: str) -> None:
    """Between the marks ``<!-- name: begin -->`` and ``end`` of a document of the project stands ``text``."""
    path = ROOT / document
    whole = path.read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- {name}: begin -->\n)(.*?)(<!-- {name}: end -->)", re.DOTALL)
    found = pattern.search(whole)
    assert found is not None, f"{document} has no block {name!r}"
    if _UPDATE:
        path.write_text(f"{whole[: found.end(1)]}{text}\n{whole[found.start(3) :]}", encoding="utf-8")
        return
    assert found.group(2) == f"{text}\n", f"the block {name!r} of {document} is not current. {_HOW}"
