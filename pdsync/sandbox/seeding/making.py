"""Turns invented people into records of either service, and into pairs of records that agree.

A pair agrees in every field that a usual mapping covers, and the person carries `plezi_url`, `score`, `status` and
`source`, as an earlier connector would have left it. Whoever wants a difference makes one in a pair that has none, so a
planted difference is the only one of its record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pdsync.sandbox.seeding import fieldset
from pdsync.sandbox.seeding.dice import Dice
from pdsync.sandbox.seeding.fieldset import ListedOption
from pdsync.sandbox.seeding.people import Identity
from pdsync.sandbox.seeding.records import AGE_DAYS, Contact, Person, Value, before_epoch

STATES: Final = ("New", "Accepted", "Engaged", "Closed")
"""The last three are named by Plezi's help page (Plezi notes 7.4), the first is the stand-in's own."""

ORIGINS: Final = (
    ("Google", "Organic search"),
    ("Google", "Paid search"),
    ("LinkedIn", "Social media"),
    ("Facebook", "Social media"),
    ("direct", "Direct traffic"),
    ("atelier-presse.example.com", "Referer"),
    ("newsletter", "Marketing Email"),
)
"""Source and medium (Plezi notes 7.5)."""

_DAY: Final = 86_400
_SAME_SECTORS: Final = tuple(entry for entry in fieldset.SECTORS if entry.relation == "same")
_SAME_INTERESTS: Final = tuple(entry for entry in fieldset.INTERESTS if entry.relation == "same")


@dataclass(slots=True)
class Pair:
    """A person and a contact who are one human being."""

    person: Person
    contact: Contact


class Maker:
    """Makes records; ids count up in the order of making."""

    def __init__(self, seed: int) -> None:
        self.dice = Dice(seed, "values")
        self._last_person = 0
        self._contacts = 0

    # whole records

    def pair(self, identity: Identity) -> Pair:
        """Two records that agree."""
        pair = Pair(self.person(identity, sync=fieldset.YES), self.contact(identity))
        self._fill_both(pair)
        carry_plezi_values(pair)
        return pair

    def person(self, identity: Identity, *, sync: int | None) -> Person:
        """A person with names, address, telephone number and function, and what `sync_to_plezi` says."""
        dice = self.dice
        self._last_person += 1
        added = dice.between(30 * _DAY, AGE_DAYS * _DAY)
        person = Person(
            id=self._last_person,
            first_name=identity.first_name,
            last_name=identity.last_name,
            emails=[(identity.email, "work")],
            phones=[(identity.phone, "work")] if dice.chance(0.7) else [],
            company=identity.company,
            add_time=before_epoch(added),
            # Null until the first change, as after a create by API (Pipedrive notes 2.1).
            update_time=None if dice.chance(0.1) else before_epoch(dice.between(_DAY, added)),
            label_ids=[dice.between(2, 4)] if dice.chance(0.4) else [],
            marketing_status="subscribed" if dice.chance(0.5) else "no_consent",
            custom={fieldset.FUNCTION.code: identity.function},
        )
        if sync is not None:
            person.custom[fieldset.SYNC_TO_PLEZI.code] = sync
        return person

    def contact(self, identity: Identity) -> Contact:
        """A contact with names, address, company and function, and what Plezi computes."""
        dice = self.dice
        created = dice.between(30 * _DAY, AGE_DAYS * _DAY)
        source, medium = dice.pick(ORIGINS)
        created_at = before_epoch(created)
        return Contact(
            id=self._contact_id(),
            email=identity.email,
            first_name=identity.first_name,
            last_name=identity.last_name,
            company=identity.company,
            function=identity.function,
            behaviour_score=dice.between(0, 120),  # no ceiling is known (Plezi notes 7.4), so some exceed 50
            state=dice.pick(STATES),
            source=source,
            medium=medium,
            form=dice.pick(fieldset.FORMS[:-1]).title,
            created_at=created_at,
            updated_at=before_epoch(dice.between(_DAY, created)),
            consents=[12] if dice.chance(0.6) else [],
        )

    # values

    def sector(self, entries: Sequence[ListedOption] = _SAME_SECTORS) -> ListedOption:
        """An entry of `Secteur`; one that both lists have alike, unless told otherwise."""
        return self.dice.pick(entries)

    def interests(self) -> tuple[ListedOption, ...]:
        """One to three entries of `Centres d'intérêt` that both lists have alike."""
        return self.dice.some(_SAME_INTERESTS, 3)

    def turnover(self) -> float:
        """A year's turnover in thousands of euros, some with cents."""
        whole = self.dice.between(80, 90_000)
        return whole + 0.5 if self.dice.chance(0.2) else whole

    def birthday(self) -> str:
        """A date of birth."""
        return f"{self.dice.between(1950, 2004)}-{self.dice.between(1, 12):02}-{self.dice.between(1, 28):02}"

    def _fill_both(self, pair: Pair) -> None:
        dice = self.dice
        if dice.chance(0.6):
            set_sector(pair, self.sector())
        if dice.chance(0.4):
            set_interests(pair, self.interests())
        if dice.chance(0.3):
            set_both(pair, fieldset.TURNOVER, fieldset.PLZ_TURNOVER, self.turnover())
        if dice.chance(0.15):
            set_both(pair, fieldset.BIRTHDAY, fieldset.PLZ_BIRTHDAY, self.birthday())

    def _contact_id(self) -> str:
        """24 hexadecimal digits that rise in the order of making: far below those of contacts made later."""
        self._contacts += 1
        return f"5f{self._contacts:08x}{self.dice.hexadecimal(14)}"


def set_both(
    pair: Pair, here: fieldset.PipedriveField, there: fieldset.PleziField, value: str | float
) -> None:
    """The same value on both sides."""
    pair.person.custom[here.code] = value
    pair.contact.custom[there.key] = value


def set_sector(pair: Pair, entry: ListedOption) -> None:
    """The same sector on both sides, as far as each side has it."""
    _keep(
        pair.person.custom,
        fieldset.SECTOR.code,
        entry.pipedrive and fieldset.SECTOR.option_id(entry.pipedrive),
    )
    _keep(pair.contact.custom, fieldset.PLZ_SECTOR.key, entry.plezi)


def set_interests(pair: Pair, entries: Sequence[ListedOption]) -> None:
    """The same interests on both sides."""
    pair.person.custom[fieldset.INTEREST.code] = [
        fieldset.INTEREST.option_id(entry.pipedrive) for entry in entries if entry.pipedrive is not None
    ]
    pair.contact.custom[fieldset.PLZ_INTEREST.key] = [
        entry.plezi for entry in entries if entry.plezi is not None
    ]


def carry_plezi_values(pair: Pair) -> None:
    """Put into the person what Plezi gives of the contact (R5, R6)."""
    contact = pair.contact
    pair.person.custom |= {
        fieldset.PLEZI_URL.code: contact.url,
        fieldset.SOURCE.code: contact.source,
        fieldset.SCORE.code: str(contact.behaviour_score),
        fieldset.STATUS.code: contact.state,
    }


def forget(pair: Pair, field: fieldset.PipedriveField | fieldset.PleziField) -> None:
    """Empty a field on its side."""
    if isinstance(field, fieldset.PipedriveField):
        pair.person.custom.pop(field.code, None)
    else:
        pair.contact.custom.pop(field.key, None)


def _keep(custom: dict[str, Value], key: str, value: Value | None) -> None:
    """Set a value, or take the field out where there is none."""
    if value is None:
        custom.pop(key, None)
    else:
        custom[key] = value
