from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pyarrow as pa
import pytest

import pdsync
from pdsync.api import html
from pdsync.api.audits import Finding
from pdsync.api.pictures import harmless
from pdsync.api.tables import in_memory
from pdsync.model import Finding as Found
from pdsync.model import Severity, Side, Subject

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>\x1b[31m\u202egnp.exe\u200b'


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def _parsed(shown: Any) -> _Tags:
    parser = _Tags()
    parser.feed(shown._repr_mimebundle_()["text/html"])
    return parser


def _assert_static(tags: _Tags) -> None:
    assert not {"script", "img", "iframe", "object", "link", "form"} & set(tags.tags)
    assert not [name for name, _ in tags.attributes if name.startswith("on")]
    assert all((value or "").startswith("http") for name, value in tags.attributes if name == "href")


@pytest.fixture
def everything(
    demo_account: pdsync.Account, audited: pdsync.AuditReport, planned: pdsync.Plan
) -> dict[str, Any]:
    """One of each kind of result."""
    account = demo_account
    oldest, newest = account.snapshots("pipedrive")[-1], account.persons
    return {
        "account": account,
        "snapshot": newest,
        "table": newest.records,
        "mapping": account.mapping(),
        "audit": audited,
        "finding": audited.samples("duplicate-email")[0],
        "plan": planned,
        "run": account.run("last"),
        "difference": pdsync.diff(oldest, newest),
    }


def test_every_display_is_static_and_says_the_same_in_plain_text(everything: dict[str, Any]) -> None:
    """Each result shows itself in HTML without scripts, and as text where there is no HTML."""
    for name, shown in everything.items():
        bundle = shown._repr_mimebundle_()
        assert set(bundle) == {"text/plain", "text/html"}, name
        assert bundle["text/plain"].strip(), name
        tags = _parsed(shown)
        _assert_static(tags)
        assert "table" in tags.tags, name


def test_a_display_answers_first(audited: pdsync.AuditReport, planned: pdsync.Plan) -> None:
    """An audit begins with the gate, a plan with what would be written."""
    assert _parsed(audited).text.split("}")[-1].startswith("not ready")
    words = f"Plan {planned.id}: {planned.writes:,} writes; nothing is written yet"
    assert words in _parsed(planned).text


@pytest.mark.parametrize("part", ["message", "fix", "field"])
def test_hostile_text_does_nothing(part: str) -> None:
    """Markup, terminal sequences, direction overrides and links to scripts are shown, never run."""
    said = {"message": "m", "fix": "f", "field": "x", part: HOSTILE}
    subject = Subject(Side.PLEZI, "contact", HOSTILE)
    link = {"subject": str(subject), "link": "javascript:alert(1)"}
    shown = Finding(Found("c", Severity.INFO, subjects=(subject,), details={"subjects": [link]}, **said))  # type: ignore[arg-type]
    tags = _parsed(shown)

    _assert_static(tags)
    assert "<script>" in tags.text
    assert "\\x1b" in tags.text
    assert "\\u202e" in tags.text
    assert not {"\x1b", "\u202e", "\u200b"} & set(tags.text)


def test_hostile_cells_and_columns_do_nothing() -> None:
    """Field names come from the CRM as well."""
    table = in_memory(HOSTILE, lambda: pa.table({HOSTILE: [HOSTILE, None]}))

    _assert_static(_parsed(table))


def test_hostile_text_in_charts_does_nothing() -> None:
    """What draws charts ends the process at a control character: labels, titles and lists of values hold none."""
    hostile = f"{HOSTILE}\x00\ufffe"
    chart = {"title": hostile, "datasets": {"data": [{"a": hostile, "n": 1}]}, "scale": {"domain": [hostile]}}

    said = harmless(chart)

    shown = said["title"]
    assert said == {
        "title": shown,
        "datasets": {"data": [{"a": shown, "n": 1}]},
        "scale": {"domain": [shown]},
    }
    assert "<script>" in shown
    assert "\\x1b" in shown
    assert not {"\x1b", "\u202e", "\u200b", "\x00", "\ufffe"} & set(shown)


def test_only_web_addresses_become_links() -> None:
    """What opens when somebody clicks is a page."""
    assert 'href="https://acme.pipedrive.com/person/1"' in html.link(
        "x", "https://acme.pipedrive.com/person/1"
    )
    for address in ("javascript:alert(1)", "data:text/html,x", "", " https://example.com"):
        assert html.link("x", address) == "x"
