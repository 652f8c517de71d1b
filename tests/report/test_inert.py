"""Text from a CRM does nothing, wherever it is printed (design 10)."""

from __future__ import annotations

import json
import re
import unicodedata
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from pdsync.model import Change, Note, Outcome, Progress, RecordOutcome, Side, Waiting
from pdsync.report.inert import for_json, for_markdown, for_markdown_code, for_terminal, one_line
from pdsync.report.json import audit_json, plan_json, run_json
from pdsync.report.markdown import audit_markdown, plan_markdown, run_markdown
from pdsync.report.text import audit_lines, history_lines, narrate, plan_lines, run_lines
from tests.report import build

ANY = st.text(st.characters(), max_size=40)
HARMLESS_FORMATS = set("\u200c\u200d") | set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u08e2")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lucile Rivière", "Lucile Rivière"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\x9b31mb", "a\\x9b31mb"),
        ("bell\x07 back\x08 del\x7f nul\x00", "bell\\x07 back\\x08 del\\x7f nul\\x00"),
        ("exe.\u202egnp", "exe.\\u202egnp"),
        ("\u2067hidden\u2069", "\\u2067hidden\\u2069"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("soft\u00adhyphen", "soft\\xadhyphen"),
        ("no\u00a0break\u202fthin\u3000wide", "no break thin wide"),
        ("line\r\nend\u2028", "line\\x0d\\nend\\u2028"),
        ("tab\there", "tab\\there"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("half\ud83d", "half\\ud83d"),
        ("none\ufffe\ufdd0\U0001ffff", "none\\ufffe\\ufdd0\\U0001ffff"),
        ("filler\u3164\u2800", "filler\\u3164\\u2800"),
        ("[bold]markup[/bold]", "[bold]markup[/bold]"),
        ("Nguyễn Thị Ánh", "Nguyễn Thị Ánh"),
        ("محمد بن سلمان", "محمد بن سلمان"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("👩\u200d💻 and 👍🏽", "👩\u200d💻 and 👍🏽"),
        ("lat\u200din", "lat\\u200din"),
        ("\u200dfirst", "\\u200dfirst"),
        ("陳大文", "陳大文"),
    ],
)
def test_terminal(text: str, expected: str) -> None:
    """Names of all languages stay as they are; what acts or hides is shown as its code."""
    assert for_terminal(text) == expected


@given(ANY)
def test_terminal_prints_nothing_that_acts(text: str) -> None:
    """No control, direction, surrogate or line end gets through, whatever was typed."""
    for character in for_terminal(text):
        category = unicodedata.category(character)
        assert category not in {"Cc", "Cs", "Zl", "Zp"}
        assert category != "Cf" or character in HARMLESS_FORMATS


def test_lines_stay_where_they_are_wanted() -> None:
    """A text of several lines may keep them, and only them."""
    assert for_terminal("a\n\tb\rc", lines=True) == "a\n\tb\\x0dc"


def test_a_megabyte_stays_a_line() -> None:
    """A field filled by a paste does not fill the screen."""
    assert one_line("é" * 1_000_000, 10) == "é" * 10 + "..."


@given(ANY)
def test_json_is_exact_and_visible(text: str) -> None:
    """Escaping what cannot be seen changes no value, and the document can be written as UTF-8."""
    document = for_json(json.dumps({"name": text}, ensure_ascii=False))

    assert json.loads(document) == {"name": text}
    document.encode()
    assert not re.search("[\x00-\x1f\x7f-\x9f\u200b\u202e\ufeff]", document)


@pytest.mark.parametrize(
    "text", ["<script>", "@all", "[x](http://a)", "a|b", "# head", "`code`", "$math$", "&amp;", "1. x"]
)
def test_markdown_means_nothing(text: str) -> None:
    """Words in Markdown are words: no HTML, mention, link, table, heading, code or formula."""
    escaped = for_markdown(text)

    assert not re.search(r"(?<!\\)[`*_{}\[\]()#|<>@$]", escaped)
    assert re.sub(r"\\(.)", r"\1", escaped).replace("&lt;", "<").replace("&amp;", "&") == text


def test_code_in_markdown_cannot_end_early() -> None:
    """An id with a backtick or a bar closes neither the code nor the table's cell."""
    assert for_markdown_code("a`b|c\n") == "`a'b\\|c\\n`"


def test_reports_on_a_terminal_hold_no_hostile_character() -> None:
    """Every text report, over values that clear screens and reverse lines."""
    bound = build.bound()
    lines = [
        *audit_lines(build.audit_report()),
        *plan_lines(build.plan(), bound=bound),
        *plan_lines(build.plan()),
        *history_lines([build.RUN]),
        *run_lines(build.RUN, build.journal(), bound=bound),
        *audit_markdown(build.audit_report()),
        *plan_markdown(build.plan()),
        *run_markdown(build.RUN, build.journal()),
    ]

    assert len(lines) > 100
    assert not [line for line in lines if re.search("[\x00-\x1f\x7f-\x9f\u200b\u202e]", line)]


def test_colour_is_the_only_control_sequence() -> None:
    """With colour on, only pdsync's own codes are in the text, each closed on its line."""
    for line in plan_lines(build.plan(), colour=True, bound=build.bound()):
        left = re.sub("\x1b\\[[0-9;]+m[^\x1b]*\x1b\\[0m", "", line)
        assert "\x1b" not in left


def test_colour_says_nothing_alone() -> None:
    """Without its colours, a report says the same."""
    for make in (audit_lines(build.audit_report(), colour=True), plan_lines(build.plan(), colour=True)):
        coloured = [re.sub("\x1b\\[[0-9;]+m", "", line) for line in make]
        plain = (
            list(audit_lines(build.audit_report()))
            if "NOT READY" in coloured[0]
            else list(plan_lines(build.plan()))
        )
        assert coloured == plain


def test_lines_can_be_printed_by_rich() -> None:
    """A caller that prints the lines with markup off gets them unchanged."""
    stream = StringIO()
    console = Console(file=stream, width=300, markup=False, highlight=False, emoji=False)
    lines = list(plan_lines(build.plan(), bound=build.bound()))
    for line in lines:
        console.print(line, soft_wrap=True)

    assert stream.getvalue().splitlines() == lines


def test_json_holds_hostile_text_exactly() -> None:
    """Programs get the very value that the service delivered."""
    plan = json.loads("".join(plan_json(build.plan())))
    run = json.loads("".join(run_json(build.RUN, build.journal())))
    audit = json.loads(audit_json(build.audit_report()))

    assert plan["changes"][2]["title"] == build.HOSTILE
    assert "before" not in plan["changes"][2]["fields"][0]
    assert plan["changes"][2]["fields"][0]["after"] == build.HOSTILE
    assert run["message"].endswith(build.HOSTILE)
    assert audit["audits"][1]["groups"][1]["name"] == build.HOSTILE


def test_markdown_names_nobody() -> None:
    """What goes into a pull request holds counts, codes and ids: no name, address, value, form or message of a service."""
    text = "\n".join(
        [
            *audit_markdown(build.audit_report()),
            *plan_markdown(build.plan()),
            *run_markdown(build.RUN, build.journal()),
        ]
    )

    for private in (
        "Lucile",
        "Zoé",
        "陳",
        "@",
        "O'Br",
        "Paris",
        "Engaged",
        "Newsletter",
        "owned",
        "meantime",
        "Acme",
    ):
        assert private not in text
    assert "pipedrive:person/1042" in text


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Progress("read persons", 1500, 2000, Side.PIPEDRIVE), "read persons: 1,500 of 2,000"),
        (Progress("apply", 3, 0, Side.PLEZI), "apply (Plezi): 3"),
        (Waiting(Side.PIPEDRIVE, 61.4, "budget\x1b[2J"), "waiting 61 s for Pipedrive: budget\\x1b[2J"),
        (
            RecordOutcome(build.update(), Outcome.DONE, values=4),
            "update pipedrive:person/1042: done, 4 values",
        ),
        (
            RecordOutcome(build.create(), Outcome.NOT_STORED, "the\x07 name"),
            "create pipedrive:person/new: not stored as sent: the\\x07 name",
        ),
        (Note("all \u202egood"), "all \\u202egood"),
    ],
)
def test_events_in_one_line(event: Progress | Waiting | RecordOutcome | Note, expected: str) -> None:
    """Each event is one line; records go by id, never by name."""
    assert narrate(event) == expected


def test_a_change_without_values_is_a_line() -> None:
    """A delete has nothing to show but itself."""
    from pdsync.model import ChangeKind

    plan = build.plan([Change(ChangeKind.DELETE, Side.PLEZI, plezi_id="5f09", number=1, title="X")], ())

    assert list(plan_lines(plan))[-1] == "- delete plezi:contact/5f09  X"
