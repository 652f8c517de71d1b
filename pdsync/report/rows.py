"""Findings as rows for reports that hold all of them: CSV, XLSX and HTML.

The rows come from a table that may hold a million findings, one of them with all persons of an account as its subjects.
So a row carries the first subjects in full and of the others no more than their ids; reports that list every record read
the records one by one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pdsync.model import Side, Subject, Value
from pdsync.report.inert import for_terminal, one_line
from pdsync.report.links import web_address
from pdsync.report.text.values import shown

__all__ = ["FindingHead", "FindingRow", "RecordRow", "SubjectRow", "joined"]

_LONGEST: Final = 500
"""Characters of one text from a service that a report shows; the table beside the audit has it whole."""
_NOT_SAID: Final = frozenset(
    {
        "subject", "link", "role", "typed", "primary", "first_name", "last_name", "name", "label", "records", "addresses",
        "option", "problem", "differences",
    }
)  # fmt: skip
"""What of the details is said elsewhere in a row or in the message, or is for programs."""


class FindingHead(NamedTuple):
    """What a finding says, without its subjects. All texts, as the table of findings has them."""

    id: str
    code: str
    severity: str
    field: str
    group: str
    message: str
    fix: str
    rule: str
    since: str = ""
    """``new`` or ``persisting`` against the audit before; empty where there is nothing to compare with."""
    acknowledged: str = ""
    """JSON (``who``, ``why``, ``until``) if people know of it and live with it."""

    @property
    def known(self) -> str:
        """The acknowledgement in words: ``florent until 2026-12-31: one mailbox``. Inert."""
        try:
            held = json.loads(self.acknowledged or "{}")
        except ValueError:
            return ""
        who, why, until = (one_line(str(held.get(name) or ""), _LONGEST) for name in ("who", "why", "until"))
        return f"{who}{f' until {until}' if until else ''}: {why}" if held else ""


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """One subject of a finding: a record, or an option of a list. Everything here is as delivered."""

    subject: Subject
    link: str = ""
    """Where people see it; empty where that is not known."""
    details: Mapping[str, Value] = field(default_factory=dict)
    called: str = ""
    """Its name where the details do not say it: most findings are not about names."""

    @property
    def is_record(self) -> bool:
        """Whether it is a person or a contact."""
        return self.subject.noun == self.subject.side.noun

    @property
    def short_id(self) -> str:
        """Its id where the side is said: ``1042``, ``option/sector/43``. Inert."""
        return one_line(
            self.subject.id if self.is_record else f"{self.subject.noun}/{self.subject.id}", _LONGEST
        )

    @property
    def address(self) -> str:
        """The link, if it is one that a reader may be sent to."""
        return web_address(self.link)

    @property
    def name(self) -> str:
        """What people call it: a name, or an option's label with the number of records that hold it. Inert."""
        held = self.details
        parts = [held.get("first_name"), held.get("last_name")]
        words = [part.strip() for part in parts if isinstance(part, str) and part.strip()]
        whole = held.get("name")
        if words:
            return one_line(" ".join(words), _LONGEST)
        if isinstance(whole, str) and whole.strip():
            return one_line(whole.strip(), _LONGEST)
        label, records = held.get("label"), held.get("records")
        if isinstance(label, str):
            said = shown(label)
            return f"{said} ({records:,})" if isinstance(records, int) else said
        return one_line(self.called, _LONGEST)

    @property
    def emails(self) -> str:
        """The addresses that the finding is about. Inert."""
        addresses = self.details.get("addresses")
        if not isinstance(addresses, Sequence) or isinstance(addresses, str):
            return ""
        held = (item.get("delivered") for item in addresses if isinstance(item, Mapping))
        return joined([one_line(item, _LONGEST) for item in held if isinstance(item, str)])

    @property
    def more(self) -> str:
        """What else the audit says of it: ``suggested: first_name Mary Beth, last_name Vigneron``. Inert."""
        said = ["counterpart"] if self.details.get("role") == "counterpart" else []
        said += [
            f"{for_terminal(key)}: {_value(value)}"
            for key, value in self.details.items()
            if key not in _NOT_SAID and value is not None
        ]
        addresses = self.details.get("addresses")
        if isinstance(addresses, Sequence) and not isinstance(addresses, str):
            said += [
                f"{for_terminal(key)}: {_value(value)}"
                for item in addresses
                if isinstance(item, Mapping)
                for key, value in item.items()
                if key not in {"delivered", "primary"} and value is not None
            ]
        return one_line("; ".join(said), 2 * _LONGEST)


class RecordRow(NamedTuple):
    """One subject with the finding that it belongs to."""

    finding: FindingHead
    subject: SubjectRow


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding."""

    head: FindingHead
    subjects: tuple[SubjectRow, ...]
    """The first of each side."""
    ids: Mapping[Side, Sequence[str]] = field(default_factory=dict)
    """``short_id`` of every subject, by side; those of ``subjects`` first."""
    records: int = 0
    """Persons and contacts among all subjects."""

    def on(self, side: Side) -> list[SubjectRow]:
        """The first subjects of one side."""
        return [one for one in self.subjects if one.subject.side is side]


def joined(texts: Sequence[str], *, most: int = 32_767, total: int | None = None) -> str:
    """Texts in one cell of at most ``most`` characters, which is what a spreadsheet's cell takes.

    Blank ones are left out. Of what does not fit, and of what ``total`` counts beyond the texts, the number is said.
    """
    if len(texts) == 1 and total in {None, 1} and len(texts[0]) <= most:  # most findings are about one record
        return texts[0]
    given = [text for text in texts if text]
    hidden = (total if total is not None else len(texts)) - len(texts)
    room = most - len("; and 1,000,000,000 more")
    kept: list[str] = []
    for text in given:
        room -= len(text) + 2
        if room < 0:
            break
        kept.append(text)
    hidden += len(given) - len(kept)
    return "; ".join([*kept, f"and {hidden:,} more"] if hidden > 0 else kept)


def _value(value: Value) -> str:
    """A value of the details in words."""
    if isinstance(value, Mapping):
        pairs = (f"{for_terminal(key)} {_value(held)}" for key, held in value.items())
        return one_line(", ".join(pairs), _LONGEST)
    if isinstance(value, Sequence) and not isinstance(value, str):
        if any(isinstance(item, Mapping) for item in value):
            return one_line(json.dumps(value, ensure_ascii=False), _LONGEST)
        return one_line(", ".join(_value(item) for item in value), _LONGEST)
    return shown(value)
