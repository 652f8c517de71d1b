"""The audit page: whole, self-contained, and safe with names that nobody should trust."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import pytest

from pdsync.model import AuditReport, Gate, GateState, Severity, Side
from pdsync.report.html import html_pieces
from pdsync.report.html.charts import COLOURS, audits_chart, groups_chart, records_chart
from pdsync.report.inert import one_line
from pdsync.report.rows import FindingRow
from tests.report.build import HOSTILE, audit_report
from tests.report.found import NAMES, finding_rows
from tests.report.golden import check

WORST = {
    Side.PIPEDRIVE: {Severity.BLOCKING: 31, Severity.WARNING: 163, Severity.INFO: 12},
    Side.PLEZI: {Severity.BLOCKING: 10, Severity.WARNING: 101},
}
_EMPTY = frozenset({"meta", "link", "br", "input", "rect", "path", "line"})


def page(
    report: AuditReport | None = None,
    findings: Sequence[FindingRow] | None = None,
    worst: Mapping[Side, Mapping[Severity, int]] = WORST,
) -> str:
    """The page of an audit."""
    held = finding_rows() if findings is None else findings
    return "".join(
        html_pieces(report or audit_report(), held, worst, everything="All: pdsync audit -o all.xlsx")
    )


@cache
def usual() -> str:
    """The page of the usual audit; drawing takes a second."""
    return page()


def clean(state: GateState, not_checked: tuple[str, ...] = ()) -> AuditReport:
    """An audit that found nothing."""
    summaries = tuple(
        replace(one, findings=0, records={}, samples=(), groups={}, headline="", exceeded="", not_checked="")
        for one in audit_report().summaries
    )
    return replace(audit_report(), gate=Gate(state, not_checked=not_checked), summaries=summaries)


class Parsed(HTMLParser):
    """Tags and attributes as a browser sees them; every tag that opens is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in _EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.open):
            self.words += data


def lines(text: str) -> Iterator[str]:
    """The page without what libraries and the style draw, one tag a line, for a golden file."""
    text = re.sub(r"<(style|script)>.*?</\1>", r"<\1>...</\1>", text, flags=re.DOTALL)
    text = re.sub(r'<svg class="(wide|narrow)".*?</svg>', r'<svg class="\1">...</svg>', text, flags=re.DOTALL)
    text = re.sub(r"sha256-[\w+/=]+", "sha256-...", text)
    yield from re.sub(r"(</(?:li|td|tr|dd|p|th|summary|caption|div|dl)>)", r"\1\n", text).splitlines()


def test_html_golden() -> None:
    """Every word and tag."""
    check("audit.html.txt", lines(usual()))


def test_one_page_that_asks_nobody() -> None:
    """Its policy allows the one script and the one style in it, and no request at all."""
    text = usual()
    parsed = Parsed(text)
    policy = next(
        value for tag, name, value in parsed.attributes if tag == "meta" and value.startswith("default-src")
    )

    assert parsed.open == []
    assert parsed.tags.count("script") == parsed.tags.count("style") == 1
    assert not {"img", "iframe", "object", "embed", "form", "base", "image", "use", "foreignobject"} & set(
        parsed.tags
    )
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        (inside,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
        assert not re.search(r"https?://|@import|url\(", inside)
    assert not [
        one for one in parsed.attributes if one[1].startswith("on") or one[1] in {"style", "src", "srcdoc"}
    ]


def test_links() -> None:
    """To records and within the page; what somebody typed for an address is not one."""
    parsed = Parsed(usual())
    links = {value for tag, name, value in parsed.attributes if name == "href" and tag == "a"}
    inside = {link for link in links if link.startswith("#")}
    ids = {value for _, name, value in parsed.attributes if name == "id"}

    assert {link[1:] for link in inside} <= ids
    assert links - inside == {
        "https://acme.pipedrive.com/person/1042",
        "https://acme.pipedrive.com/person/1043",
        "https://app.plezi.co/contacts/5f00",
        "https://app.plezi.co/contacts/5f01?tab=1&x=2",
    }


def test_names_are_text() -> None:
    """Markup is escaped, and what cannot be seen is shown."""
    text = usual()
    words = Parsed(text).words

    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b\ufeff\ud800-\udfff]", text
    )
    for markup in ("<script>alert", "<img", "<b>", '"onmouseover', HOSTILE):
        assert markup not in text
    for name in NAMES:
        assert one_line(name.strip(), 500) in words
    text.encode("utf-8")


def test_how_many_more() -> None:
    """The page holds the first findings of each audit, and says so."""
    words = Parsed(usual()).words

    assert "The first 20 of 75 findings. All: pdsync audit -o all.xlsx" in words
    assert "and 2 more" in words
    assert "63 persons of 2,000 (3.15 %), 2 % allowed" in words


def test_not_checked_is_said() -> None:
    """What the source does not hold stands with the answer, and with its audit."""
    words = Parsed(usual()).words

    assert "Not checked, or only in part" in words
    assert words.count("the list of 'Secteur' in Plezi is not known") == 3


@pytest.mark.parametrize(
    ("state", "not_checked", "said"),
    [
        (GateState.READY, (), "No audit found anything."),
        (
            GateState.WARNINGS,
            ("duplicate-email: no addresses",),
            "duplicate-email: no addresses",
        ),
    ],
)
def test_nothing_found(state: GateState, not_checked: tuple[str, ...], said: str) -> None:
    """All ready; or all ready as far as it could be checked: never an empty page."""
    text = page(clean(state, not_checked), [], {side: {} for side in Side})
    words = Parsed(text).words

    assert said in words
    assert str(state) in words
    assert "Nothing found by:" in words
    assert 'id="search"' not in text
    assert Parsed(text).open == []


def test_nothing_read() -> None:
    """Two empty accounts: no chart of nothing."""
    empty = replace(clean(GateState.READY), totals=dict.fromkeys(Side, 0))
    text = page(empty, [], {side: {} for side in Side})

    assert "<figure" not in text
    assert "0 persons in" in text


def test_charts_are_drawn_for_both_themes_and_sizes() -> None:
    """Every colour is the page's, each drawing is there for screens and for phones, and labels are text."""
    drawn = [
        records_chart({Side.PIPEDRIVE: 2000, Side.PLEZI: 0}, WORST),
        audits_chart(audit_report().summaries),
        groups_chart(
            {"Newsletter (pied de page)": 9, HOSTILE: 3, "<b>" + "x" * 500: 2, "<b>" + "x" * 501: 1}, "<i>"
        ),
    ]
    for chart in drawn:
        parsed = Parsed(chart)
        assert parsed.open == []
        assert [value for tag, name, value in parsed.attributes if (tag, name) == ("svg", "class")] == [
            "wide",
            "narrow",
        ]
        colours = {value for _, name, value in parsed.attributes if name in {"fill", "stroke"}}
        assert colours <= {"none", "transparent"}
        used = {
            value[2:] for _, name, value in parsed.attributes if name == "class" and value[:2] in {"f-", "s-"}
        }
        assert used <= {name.replace(" ", "-") for name in COLOURS}
        assert not [one for one in parsed.attributes if one[1] in {"style", "id", "href"}]
    assert "<b>" not in drawn[2]
    assert "<i>" not in drawn[2]
    assert audits_chart(()) == ""


def test_long_names_of_groups_are_told_apart() -> None:
    """R14: forms that begin alike differ at their end, on a screen and on a phone; no two of them share a bar."""
    contact = "Formulaire de contact de la page"
    names = [f"{contact} d'accueil", f"{contact} produit", "Anticonstitutionnellement" * 9 + "1"]
    names.append(f"{names[-1]}2")
    for drawing in groups_chart({name: 4 - number for number, name in enumerate(names)}, "x").split("<svg")[
        1:
    ]:
        words = re.sub(r"\s+", " ", Parsed(f"<svg{drawing}".replace("</figure>", "")).words)
        assert "d'accueil" in words
        assert "produit" in words
        assert "(4)" in words
        assert len(re.findall(r'aria-label|class="f-bar"', drawing)) == len(names)


def test_contrast() -> None:
    """Words 4.5 to 1, bars 3 to 1 against their page, in both themes (WCAG 1.4.3, 1.4.11)."""
    for index, ground in ((0, "#ffffff"), (1, "#161b1f")):
        for name, pair in COLOURS.items():
            least = 4.5 if name in {"ink", "quiet"} else 0 if name == "line" else 3
            assert _contrast(pair[index], ground) >= least, (name, pair[index])
    style = re.findall(r"<style>(.*?)</style>", usual(), re.DOTALL)[0]
    held = re.findall(r"--([a-z]+-(?:ink|ground)): (#[0-9a-f]{3,6})", style)
    for what in ("blocking", "warning", "info", "ready"):
        inks, grounds = (
            [colour for name, colour in held if name == f"{what}-{part}"] for part in ("ink", "ground")
        )
        assert len(inks) == len(grounds) == 2
        assert all(_contrast(*pair) >= 4.5 for pair in zip(inks, grounds, strict=True)), what


def _contrast(one: str, other: str) -> float:
    """As WCAG 2.2 computes it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
