"""The charts of the audit page: Altair's, drawn as SVG before the page is written.

An SVG needs no script and no network, prints sharply and is a few kilobytes, where the interactive form brings a megabyte of
scripts that want to evaluate code. What a chart shows also stands beside it in words or in a table. Colours are marks in
the drawing that the page's style gives their light or dark value, so that one drawing fits both.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from pdsync.model import AuditSummary, Severity, Side
from pdsync.report.inert import for_html, for_terminal

if TYPE_CHECKING:
    import altair as alt

__all__ = ["CLEAN", "COLOURS", "audits_chart", "groups_chart", "records_chart"]

CLEAN: Final = "no finding"
COLOURS: Final[Mapping[str, tuple[str, str]]] = {
    "blocking": ("#b03a00", "#ff8a50"),
    "warning": ("#b87a00", "#f2b632"),
    "info": ("#2f7fb5", "#6fc1f2"),
    CLEAN: ("#8b969e", "#66727b"),
    "bar": ("#3d6b8a", "#86b7d6"),
    "ink": ("#1d2327", "#e8ebed"),
    "quiet": ("#56616a", "#a9b4bc"),
    "line": ("#d8dde1", "#3a444c"),
}
"""What a mark means -> its colour on white, on dark. Okabe and Ito's hues; each at least 3 to 1 against its page (WCAG
1.4.11), but for the lines behind the bars."""
_MARKS: Final = {name: f"#0000{number:02x}" for number, name in enumerate(COLOURS, start=16)}
"""Colours that stand for these in a drawing, and that nothing else there uses."""

_LABEL: Final = 200
"""Characters of one label that are looked at; lines and width cut further."""
_LINES: Final = 3
"""Of one label: names of forms begin alike and differ at their end."""
_WIDTHS: Final = {"wide": (340, 220), "narrow": (180, 120)}
"""Pixels of the bars, and of the labels before them at most: on a screen, and on a phone of 360."""
_LETTER: Final = 7.6
"""Pixels of a letter in the widest of usual fonts: the page is not shown in the font that the drawing was measured in."""
_MOST_AUDITS: Final = 20
_MOST_GROUPS: Final = 8


def records_chart(totals: Mapping[Side, int], worst: Mapping[Side, Mapping[Severity, int]]) -> str:
    """How many records of each side are blocked, have a warning, a remark, or nothing: bars of one length.

    Args:
        totals: Records read.
        worst: Records by the gravest finding that each has.
    """
    rows: list[dict[str, Any]] = []
    names = [f"{side.label} ({totals[side]:,})" for side in Side]
    for side, name in zip(Side, names, strict=True):
        held = worst.get(side, {})
        counts = {str(severity): held.get(severity, 0) for severity in Severity}
        counts[CLEAN] = max(totals[side] - sum(counts.values()), 0)
        rows += [
            {
                "side": name,
                "what": what,
                "records": count,
                "share": count / totals[side] if totals[side] else 0,
                "order": number,
            }
            for number, (what, count) in enumerate(counts.items())
        ]

    def draw(width: int, labels: int) -> Any:  # noqa: ANN401 - Altair's charts of several kinds have no common type
        import altair as alt

        return (
            alt.Chart(alt.Data(values=rows))  # type: ignore[no-untyped-call]
            .mark_bar(size=24, stroke=_MARKS["line"], strokeWidth=1)
            .encode(
                x=alt.X("share:Q", title=None, axis=_axis("%", 4), scale=alt.Scale(domain=[0, 1])),
                y=alt.Y("side:N", title=None, sort=None, axis=_names(labels, names)),
                color=_severities("what:N"),
                order=alt.Order("order:Q"),
            )
            .properties(width=width, height={"step": 40})
        )

    return _both(draw, "Records by their gravest finding")


def audits_chart(summaries: Sequence[AuditSummary]) -> str:
    """Records concerned by each audit that found something, in the order of the report."""
    rows = [
        {
            "code": one.code,
            "what": str(one.severity),
            "records": sum(one.records.values()),
        }
        for one in summaries
        if sum(one.records.values())
    ][:_MOST_AUDITS]
    return _bars(rows, "code", "what", "Records concerned, by audit") if rows else ""


def groups_chart(groups: Mapping[str, int], title: str) -> str:
    """Findings of one audit by form, source or field: the largest groups."""
    largest = list(groups.items())[:_MOST_GROUPS]
    rows = [{"group": for_terminal(name), "what": "bar", "records": count} for name, count in largest]
    return _bars(rows, "group", "what", title)


def _in_lines(texts: Sequence[str], room: int) -> list[str]:
    """Labels broken into lines that fit, no two of them alike."""
    broken: list[str] = []
    for number, text in enumerate(texts, start=1):
        lines = textwrap.wrap(text[:_LABEL], int(room / _LETTER), max_lines=_LINES, placeholder=" …")
        label = "\n".join(lines) or " "
        broken.append(f"{label} ({number})" if label in broken else label)  # they differ further on
    return broken


def _bars(rows: Sequence[Mapping[str, Any]], label: str, colour: str, title: str) -> str:
    """Horizontal bars, each with its number behind it."""

    def draw(width: int, labels: int) -> Any:  # noqa: ANN401
        import altair as alt

        most = max(row["records"] for row in rows)
        texts = [str(row[label]) for row in rows]
        names = _in_lines(texts, labels) if label == "group" else texts
        named = [{**row, label: name} for row, name in zip(rows, names, strict=True)]
        high = max(name.count("\n") for name in names)
        base = alt.Chart(alt.Data(values=named)).encode(  # type: ignore[no-untyped-call]
            x=alt.X(
                "records:Q",
                title=None,
                axis=_axis(",d", 4 if width > 200 else 2),
                # room for the number behind the longest bar
                scale=alt.Scale(domain=[0, most * (1 + 60 / width)], nice=False),
            ),
            y=alt.Y(
                f"{label}:N",
                title=None,
                sort=names,
                axis=_names(labels, names),
            ),
        )
        return (
            base.mark_bar(size=16).encode(color=_severities(f"{colour}:N"))
            + base.mark_text(align="left", dx=5, fontSize=12, color=_MARKS["ink"]).encode(
                text=alt.Text("records:Q", format=",d")
            )
        ).properties(width=width, height={"step": 26 + 12 * high})

    return _both(draw, title)


def _both(draw: Any, title: str) -> str:  # noqa: ANN401
    """The drawing for screens and the one for phones; the page shows one of them."""
    import altair as alt
    import vl_convert

    drawn = []
    for name, (width, labels) in _WIDTHS.items():
        chart = (
            draw(width, labels)
            .properties(background="transparent", padding={"left": 2, "top": 2, "right": 12, "bottom": 2})
            .configure(font="sans-serif", view=alt.ViewConfig(stroke="transparent"))
        )
        svg = vl_convert.vegalite_to_svg(chart.to_json(), show_warnings=False)
        drawn.append(_inlined(svg, name))
    return f'<figure class="chart"><figcaption>{for_html(title)}</figcaption>{"".join(drawn)}</figure>'


def _inlined(svg: str, name: str) -> str:
    """One drawing as a part of a page: marks become classes of colours, and readers are sent to the words beside it."""
    opening = re.compile(r'<svg [^>]*width="([\d.]+)" height="([\d.]+)" viewBox="([^"]+)">')
    begin = opening.match(svg)
    if begin is None:  # another form of the same library
        raise ValueError(svg[:200])
    width, height, box = begin.groups()
    drawing = svg[begin.end() :]
    for meaning, mark in _MARKS.items():
        css = meaning.replace(" ", "-")
        drawing = drawing.replace(f'fill="{mark}"', f'class="f-{css}"').replace(
            f'stroke="{mark}"', f'class="s-{css}"'
        )
    drawing = re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", drawing)
    return (
        f'<svg class="{name}" width="{width}" height="{height}" viewBox="{box}" aria-hidden="true" focusable="false">'
        f"{drawing}"
    )


def _severities(field: str) -> alt.Color:
    import altair as alt

    names = [str(severity) for severity in Severity] + [CLEAN, "bar"]
    return alt.Color(
        field, legend=None, scale=alt.Scale(domain=names, range=[_MARKS[name] for name in names])
    )


def _axis(form: str, ticks: int) -> alt.Axis:
    import altair as alt

    return alt.Axis(
        format=form,
        tickCount=ticks,
        labelColor=_MARKS["quiet"],
        labelFontSize=12,
        gridColor=_MARKS["line"],
        domain=False,
        ticks=False,
        labelPadding=6,
    )


def _names(width: int, names: Sequence[str]) -> alt.Axis:
    import altair as alt

    longest = max(len(part) for name in names for part in name.split("\n"))
    room = min(longest * _LETTER, width * 1.25) + 12

    return alt.Axis(
        labelExpr="split(datum.label, '\\n')",
        labelColor=_MARKS["ink"],
        labelFontSize=12,
        labelLineHeight=13,
        labelLimit=width,
        minExtent=room,
        domainColor=_MARKS["quiet"],
        ticks=False,
        labelPadding=8,
    )
