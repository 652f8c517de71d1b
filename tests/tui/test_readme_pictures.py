"""The README's pictures show the screens as they are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.code import ROOT
from tests.tui.readme_pictures import FOLDER, NAMES


@pytest.mark.long
def test_the_pictures_are_those_of_today(tmp_path: Path) -> None:
    """Drawn again from the demo they are the same, to the letter: make pictures, look at them, commit them."""
    subprocess.run([sys.executable, "-m", "tests.tui.readme_pictures", str(tmp_path)], cwd=ROOT, check=True)

    for name in NAMES:
        assert (tmp_path / f"{name}.svg").read_text() == (FOLDER / f"{name}.svg").read_text(), name


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_asks_nobody_for_anything(name: str) -> None:
    """No font, no script, no address outside; and the README shows it."""
    svg = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")

    assert "url(http" not in svg
    assert "<script" not in svg
    assert "/tmp" not in svg
    assert f"(tests/tui/pictures/{name}.svg)" in (ROOT / "README.md").read_text(encoding="utf-8")
