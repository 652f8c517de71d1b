"""The four looks: light, dark, high contrast, and one without colour. Meaning is always in the words as well."""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

__all__ = ["DEFAULT", "THEMES"]

DEFAULT: Final = "dark"

THEMES: Final = (
    Theme(
        name="dark",
        primary="#7aa2f7",
        secondary="#7dcfff",
        accent="#bb9af7",
        warning="#e0af68",
        error="#ff7a93",
        success="#9ece6a",
        foreground="#d5daf0",
        background="#16181f",
        surface="#1d2029",
        panel="#272b37",
    ),
    Theme(
        name="light",
        primary="#1f5fbf",
        secondary="#0b6e8a",
        accent="#6b3fa0",
        warning="#8f5300",
        error="#b3203a",
        success="#2c6e1f",
        foreground="#1b1f2a",
        background="#fbfbfd",
        surface="#f0f2f7",
        panel="#e0e4ee",
        dark=False,
    ),
    Theme(
        name="high contrast",
        primary="#ffff00",
        secondary="#00ffff",
        accent="#ffff00",
        warning="#ffcc00",
        error="#ff6b6b",
        success="#5cff5c",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#2b2b2b",
        text_alpha=1.0,
    ),
    Theme(
        name="no colour",
        primary="#ffffff",
        secondary="#d8d8d8",
        accent="#ffffff",
        warning="#e8e8e8",
        error="#ffffff",
        success="#e8e8e8",
        foreground="#d0d0d0",
        background="#101010",
        surface="#1a1a1a",
        panel="#303030",
    ),
)
