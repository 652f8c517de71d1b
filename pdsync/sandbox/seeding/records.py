"""Made-up records as the two services keep them, before they are written into the file.

A value is keyed by its `fieldset` field object's code (Pipedrive) or key (Plezi), options as ids and slugs: the form
that the tables hold, so that loading translates nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

Value: TypeAlias = str | int | float | list[int] | list[str] | bool

EPOCH: Final = datetime(2026, 9, 30, 18, 0, tzinfo=UTC)
"""No record is younger. Fixed, so that the same seed makes the same world on every day."""

AGE_DAYS: Final = 700


@dataclass(slots=True)
class Person:
    """A person of Pipedrive."""

    id: int
    first_name: str | None
    last_name: str | None
    emails: list[tuple[str, str]]
    """(address, label); the first is the primary one."""

    phones: list[tuple[str, str]]
    company: str
    """The organisation that the person is linked to."""

    add_time: str
    update_time: str | None
    label_ids: list[int] = field(default_factory=list)
    marketing_status: str = "no_consent"
    custom: dict[str, Value] = field(default_factory=dict)
    """By field code; empty fields are left out."""

    @property
    def name(self) -> str:
        """The one line that Pipedrive makes of both parts."""
        return " ".join(part for part in (self.first_name, self.last_name) if part)

    @property
    def subject(self) -> str:
        """How findings name this record."""
        return f"pipedrive:person/{self.id}"


@dataclass(slots=True)
class Contact:
    """A contact of Plezi."""

    id: str
    email: str
    first_name: str | None
    last_name: str | None
    company: str | None
    function: str | None
    behaviour_score: int
    state: str
    source: str
    medium: str
    form: str | None
    created_at: str
    updated_at: str
    opted_out: bool = False
    consents: list[int] = field(default_factory=list)
    custom: dict[str, Value] = field(default_factory=dict)
    """By field key; empty fields are left out."""

    @property
    def subject(self) -> str:
        """How findings name this record."""
        return f"plezi:contact/{self.id}"

    @property
    def url(self) -> str:
        """The address of the contact's record, as the stand-in of Plezi gives it."""
        return f"https://plezi.example/contacts/{self.id}"


def stamp(moment: datetime) -> str:
    """A time as both stand-ins write it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def before_epoch(seconds: int) -> str:
    """A time so many seconds before `EPOCH`."""
    return stamp(EPOCH - timedelta(seconds=seconds))
