"""Charts in notebooks: pictures that look the same everywhere, and that no text from a CRM can break.

A chart of Altair carries data of the CRM into its labels and titles, and what draws it as SVG ends the whole process, the
kernel, at a control character. So every text goes through the same filter as in tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pdsync.api.boxes import boxed_errors
from pdsync.errors import UsageError
from pdsync.report.inert import for_terminal

if TYPE_CHECKING:
    from altair.theme import ThemeConfig

__all__ = ["charts", "harmless"]

_FONTS: Final = "Verdana, DejaVu Sans, Arial, sans-serif"
"""Of nearly the same widths, and one of the first two is on most machines. A picture is measured where it is made and shown
in whatever font the reader has: a wider one would cut off titles and labels."""
_TITLE: Final = {"anchor": "start", "fontSize": 14, "offset": 10, "limit": 760}
"""Begins where the chart begins, and is never wider than a report's page."""


def charts() -> None:
    """Let Altair's charts be pictures (SVG), which need neither scripts nor a network: in Jupyter, in reports, in print.

    Text of the data is shown as in tables: control, direction and invisible characters as codes in letters.

    Raises:
        UsageError: Altair is not installed.

    >>> import altair as alt, pdsync
    >>> pdsync.charts()
    >>> alt.renderers.active
    'pdsync'
    """
    with boxed_errors():
        try:
            import altair as alt
        except ImportError:
            raise UsageError(
                "Altair is not installed.",
                untouched="Nothing was read or written.",
                next_step="pip install 'pdsync[notebooks]'",
            ) from None
    alt.renderers.enable("svg")
    draw: Any = alt.renderers.get()
    alt.renderers.register("pdsync", lambda spec, **how: draw(harmless(spec), **how))
    alt.renderers.enable("pdsync")
    alt.theme.register("pdsync", enable=True)(_theme)


def harmless(part: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """A chart's specification whose texts, those of the data included, hold nothing that acts."""
    if isinstance(part, str):
        return for_terminal(part)
    if isinstance(part, dict):
        return {name: harmless(value) for name, value in part.items()}
    if isinstance(part, list):
        return [harmless(value) for value in part]
    return part


def _theme() -> ThemeConfig:
    return {"config": {"font": _FONTS, "title": _TITLE, "axis": {"labelSeparation": 8}}}  # type: ignore[typeddict-item]
