from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pyarrow as pa
import pytest

import pdsync
from pdsync.api import html
from pdsync.api.audits import Finding
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


def _everything(account: pdsync.Account) -> dict[str, Any]:
    plan = account.plan()
    report = account.audit()
    oldest, newest = account.snapshots("pipedrive")[-1], account.persons
    return {
        "account": account,
        "snapshot": newest,
        "table": newest.records,
        "mapping": account.mapping(),
        "audit": report,
        "finding": report.samples("duplicate-email")[0],
        "plan": plan,
        "run": account.run("last"),
        "difference": pdsync.diff(oldest, newest),
    }


def test_every_display_is_static_and_says_the_same_in_plain_text(demo_account: pdsync.Account) -> None:
    """Each result shows itself in HTML without scripts, and as text where there is no HTML."""
    for name, shown in _everything(demo_account).items():
        bundle = shown._repr_mimebundle_()
        assert set(bundle) == {"text/plain", "text/html"}, name
        assert bundle["text/plain"].strip(), name
        tags = _parsed(shown)
        _assert_static(tags)
        assert "table" in tags.tags, name


def test_a_display_answers_first(demo_account: pdsync.Account) -> None:
    """An audit begins with the gate, a plan with what would be written."""
    assert _parsed(demo_account.audit()).text.split("}")[-1].startswith("not ready")
    plan = demo_account.plan()
    assert f"Plan {plan.id}: {plan.writes:,} writes; nothing is written yet" in _parsed(plan).text


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


def test_only_web_addresses_become_links() -> None:
    """What opens when somebody clicks is a page."""
    assert 'href="https://acme.pipedrive.com/person/1"' in html.link(
        "x", "https://acme.pipedrive.com/person/1"
    )
    for address in ("javascript:alert(1)", "data:text/html,x", "", " https://example.com"):
        assert html.link("x", address) == "x"
