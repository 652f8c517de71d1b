"""Every text can be read in every theme: contrast by WCAG 2.2 (1.4.3, 1.4.6), measured on the colours that are drawn."""

from __future__ import annotations

from itertools import product

import pytest
from textual.color import Color
from textual.theme import Theme

from pdsync.tui.themes import COLOURLESS, THEMES

TEXTS = ("foreground", "foreground-muted", "primary", "secondary", "warning", "error", "success")
GROUNDS = ("background", "surface", "panel")
IN_ROWS = tuple(text for text in TEXTS if text != "primary")
"""What a listing draws with; keys are drawn in the primary colour, and stand in the foot."""


def contrast(text: str, ground: str) -> float:
    """The ratio of the lighter to the darker one."""
    light, dark = sorted((_luminance(text), _luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def drawn(theme: Theme) -> dict[str, str]:
    """Its colours by their names."""
    return theme.to_color_system().generate() | theme.variables


def _luminance(colour: str) -> float:
    shares = [
        one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4
        for one in Color.parse(colour).normalized
    ]
    return 0.2126 * shares[0] + 0.7152 * shares[1] + 0.0722 * shares[2]


@pytest.mark.parametrize("theme", THEMES, ids=[theme.name for theme in THEMES])
def test_every_text_has_enough_contrast(theme: Theme) -> None:
    """4.5 to 1, in high contrast 7 to 1 where the ground is the screen's; what is switched off 3 to 1, in the foot."""
    colours = drawn(theme)
    pairs = [*product(TEXTS, GROUNDS), *((text, "cursor") for text in IN_ROWS)]
    poor = {pair: round(contrast(*(colours[one] for one in pair)), 2) for pair in pairs}
    least = 7.0 if theme.name == "high contrast" else 4.5

    assert not {pair: ratio for pair, ratio in poor.items() if ratio < (4.5 if "panel" in pair else least)}
    assert contrast(colours["foreground-disabled"], colours["surface"]) >= 3


@pytest.mark.long
def test_without_colour_there_are_only_greys() -> None:
    """Nothing is told by a colour there, so nothing may have one."""
    theme = next(one for one in THEMES if one.name == COLOURLESS)
    colours = drawn(theme)

    for name in (*TEXTS, *GROUNDS, "cursor", "foreground-disabled"):
        assert len(set(Color.parse(colours[name]).rgb)) == 1
