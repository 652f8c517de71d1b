"""The four looks: light, dark, high contrast, and one without colour. Meaning is always in the words as well.

Every text has a contrast of 4.5 to 1 on every ground that it stands on (WCAG 2.2, 1.4.3), in high contrast of 7 to 1; what
cannot be done now has 3 to 1. ``tests/tui/test_themes.py`` measures it.
"""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

__all__ = ["COLOURLESS", "DEFAULT", "THEMES"]

DEFAULT: Final = "dark"
COLOURLESS: Final = "no colour"
"""Also what NO_COLOR asks for."""

THEMES: Final = (
    Theme(
        name="dark",
        primary="#7aa2f7",
        secondary="#7dcfff",
        accent="#bb9af7",
        warning="#e0af68",
        error="#ff8aa0",
        success="#9ece6a",
        foreground="#d5daf0",
        background="#16181f",
        surface="#1d2029",
        panel="#272b37",
        variables={
            "foreground-muted": "#9ea5bb",
            "foreground-disabled": "#6f7585",
            "cursor": "#2a3550",
        },
    ),
    Theme(
        name="light",
        primary="#1f5fbf",
        secondary="#0a5f78",
        accent="#6b3fa0",
        warning="#7d4800",
        error="#a81b34",
        success="#245c19",
        foreground="#1b1f2a",
        background="#fbfbfd",
        surface="#f0f2f7",
        panel="#e0e4ee",
        dark=False,
        variables={
            "foreground-muted": "#545b6b",
            "foreground-disabled": "#858b98",
            "cursor": "#cbd9f2",
        },
    ),
    Theme(
        name="high contrast",
        primary="#ffff00",
        secondary="#00ffff",
        accent="#ffff00",
        warning="#ffcc00",
        error="#ff9a9a",
        success="#5cff5c",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#2b2b2b",
        text_alpha=1.0,
        variables={
            "foreground-muted": "#d0d0d0",
            "foreground-disabled": "#9a9a9a",
            "cursor": "#26264d",
        },
    ),
    Theme(
        name=COLOURLESS,
        primary="#ffffff",
        secondary="#d8d8d8",
        accent="#ffffff",
        warning="#e8e8e8",
        error="#ffffff",
        success="#e8e8e8",
        foreground="#d8d8d8",
        background="#101010",
        surface="#1a1a1a",
        panel="#303030",
        variables={
            "foreground-muted": "#a8a8a8",
            "foreground-disabled": "#787878",
            "cursor": "#3a3a3a",
        },
    ),
)
