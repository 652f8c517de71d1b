"""The table [tui] of pdsync.toml: themes and keys, and nothing that is silently ignored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pdsync.errors import SettingsError
from pdsync.settings import load_settings
from tests.tui.fake_desk import make_app


def written(folder: Path, text: str) -> Path:
    """A settings file."""
    file = folder / "pdsync.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_theme_and_keys_are_read(tmp_path: Path) -> None:
    """As they stand in the file; the other settings are as they would be without."""
    file = written(
        tmp_path, 'state = "here"\n[tui]\ntheme = "light"\n[tui.keys]\n"overview.read" = "ctrl+r"\n'
    )
    settings = load_settings(environment={}, config=file)

    assert settings.tui.theme == "light"
    assert dict(settings.tui.keys) == {"overview.read": "ctrl+r"}
    assert settings.state == tmp_path / "here"


def test_without_the_table_everything_is_as_it_comes() -> None:
    """Nobody has to choose."""
    assert load_settings(environment={}).tui.theme == ""
    assert dict(load_settings(environment={}).tui.keys) == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[tui]\ncolour = "red"', "unknown setting 'colour'"),
        ("[tui]\ntheme = 3", "theme is not a text"),
        ('[tui]\nkeys = "r"', "does not give each action a text"),
        ("[tui.keys]\nx = 1", "does not give each action a text"),
        ('tui = "dark"', "tui is not a table"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, said: str) -> None:
    """With the file, and with what is known."""
    with pytest.raises(SettingsError, match=said):
        load_settings(environment={}, config=written(tmp_path, text))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"theme": "lihgt"}, "did you mean 'light'"),
        ({"keys": {"overview.raed": "x"}}, "did you mean 'overview.read'"),
    ],
)
def test_a_theme_or_an_action_that_is_not_there_is_said(options: dict[str, Any], said: str) -> None:
    """A key for no action would be pressed in vain."""
    with pytest.raises(SettingsError, match=said):
        make_app(**options)
