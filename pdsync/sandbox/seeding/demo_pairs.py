"""The people of the demo world whom both services know, and what differs between their two records.

Each method makes one pair with one story; `demo` says how often each is told.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from pdsync.sandbox.seeding import fieldset
from pdsync.sandbox.seeding.fieldset import PleziField, Relation
from pdsync.sandbox.seeding.making import (
    STATES,
    Maker,
    Pair,
    forget,
    set_both,
    set_interests,
    set_sector,
)
from pdsync.sandbox.seeding.manifest import Manifest
from pdsync.sandbox.seeding.people import People
from pdsync.sandbox.seeding.world import World


class PairStories:
    """Makes pairs and tells the manifest what is wrong with them."""

    def __init__(self, people: People, maker: Maker, world: World) -> None:
        self._people = people
        self._maker = maker
        self._world = world

    @property
    def _manifest(self) -> Manifest:
        return self._world.manifest

    # nothing to do

    def agree(self) -> None:
        """Both records say the same. Some are customers, some were left out of the sync on purpose."""
        pair = self._new()
        if self._maker.dice.chance(0.2):
            pair.person.label_ids = [fieldset.CUSTOMER]
        elif self._maker.dice.chance(0.1):
            pair.person.custom[fieldset.SYNC_TO_PLEZI.code] = fieldset.NO

    def agree_but_for_case_of_address(self) -> None:
        """The address is typed in capitals in Pipedrive: the same mailbox, no reason to write."""
        pair = self._new()
        local, _, domain = pair.contact.email.partition("@")
        self._readdress(pair, f"{local.upper()}@{domain.title()}")
        self._manifest.plant("equal-but-for-case", pair.person, related=[pair.contact], field="email")

    def agree_but_for_space_in_address(self) -> None:
        """A space, or one that does not break, came along when the address was pasted into Pipedrive."""
        pair = self._new()
        self._readdress(pair, pair.contact.email + self._maker.dice.pick((" ", "\u00a0", "\u200b")))
        self._manifest.plant("equal-but-for-space", pair.person, related=[pair.contact], field="email")

    def agree_but_for_unicode_form(self) -> None:
        """The names were typed on a Mac: é is an e and an accent there, one character elsewhere."""
        pair = self._keep(self._maker.pair(self._people.with_accent()))
        pair.person.first_name = unicodedata.normalize("NFD", pair.person.first_name or "")
        pair.person.last_name = unicodedata.normalize("NFD", pair.person.last_name or "")
        self._manifest.plant("equal-but-for-unicode", pair.person, related=[pair.contact], field="first_name")

    def meet_in_secondary_address(self) -> None:
        """Plezi knows the address that stands second in Pipedrive."""
        identity = self._people.one()
        pair = self._keep(self._maker.pair(identity))
        pair.person.emails.append((self._people.private_address(identity), "home"))
        pair.contact.email = pair.person.emails[1][0]
        self._manifest.plant(
            "linked-by-secondary-address", pair.person, related=[pair.contact], field="email"
        )

    def have_spaced_first_name(self) -> None:
        """Jean Marc Rivière, right on both sides: the rule "first word, then the rest" would get him wrong (R11)."""
        pair = self._keep(self._maker.pair(self._people.with_spaced_first_name()))
        self._manifest.plant("name-rule-wrong", pair.person, related=[pair.contact], field="first_name")

    # something to write

    def lost_plezi_values(self) -> None:
        """The earlier connector never wrote to this person: link, score, status and source are missing (R7, R8)."""
        pair = self._new()
        for field in (fieldset.PLEZI_URL, fieldset.SOURCE, fieldset.SCORE, fieldset.STATUS):
            forget(pair, field)
        self._updates_person("plezi-values-missing", pair, "plezi_url")

    def moved_on(self) -> None:
        """Score and state have changed in Plezi since the earlier connector last wrote."""
        pair = self._new()
        pair.contact.behaviour_score += self._maker.dice.between(1, 40)
        pair.contact.state = STATES[(STATES.index(pair.contact.state) + 1) % len(STATES)]
        self._updates_person("plezi-values-old", pair, "score")

    def know_last_name_in_plezi_only(self) -> None:
        """Pipedrive has one word for a name, Plezi both."""
        pair = self._new()
        pair.person.last_name = None
        self._updates_person("fill-in-pipedrive", pair, "last_name")
        self._manifest.plant("missing-last-name", pair.person, field="last_name")

    def know_sector_in_plezi_only(self) -> None:
        """A form asked for the sector."""
        pair = self._new()
        set_sector(pair, self._maker.sector())
        forget(pair, fieldset.SECTOR)
        self._updates_person("fill-in-pipedrive", pair, "Secteur")

    def know_function_in_plezi_only(self) -> None:
        """A form asked for the function."""
        pair = self._new()
        forget(pair, fieldset.FUNCTION)
        self._updates_person("fill-in-pipedrive", pair, "Function")

    def know_sector_in_pipedrive_only(self) -> None:
        """A sales person wrote the sector down."""
        pair = self._new()
        set_sector(pair, self._maker.sector())
        forget(pair, fieldset.PLZ_SECTOR)
        self._updates_contact(pair, fieldset.PLZ_SECTOR)

    def know_interests_in_pipedrive_only(self) -> None:
        """A sales person ticked interests."""
        pair = self._new()
        set_interests(pair, self._maker.interests())
        forget(pair, fieldset.PLZ_INTEREST)
        self._updates_contact(pair, fieldset.PLZ_INTEREST)

    def know_turnover_in_pipedrive_only(self) -> None:
        """A sales person looked the turnover up."""
        pair = self._new()
        set_both(pair, fieldset.TURNOVER, fieldset.PLZ_TURNOVER, self._maker.turnover())
        forget(pair, fieldset.PLZ_TURNOVER)
        self._updates_contact(pair, fieldset.PLZ_TURNOVER)

    def know_birthday_in_pipedrive_only(self) -> None:
        """A sales person was invited to the party."""
        pair = self._new()
        set_both(pair, fieldset.BIRTHDAY, fieldset.PLZ_BIRTHDAY, self._maker.birthday())
        forget(pair, fieldset.PLZ_BIRTHDAY)
        self._updates_contact(pair, fieldset.PLZ_BIRTHDAY)

    def know_different_halves(self) -> None:
        """Each side knows something that the other does not."""
        pair = self._new()
        set_sector(pair, self._maker.sector())
        set_interests(pair, self._maker.interests())
        forget(pair, fieldset.PLZ_SECTOR)
        forget(pair, fieldset.INTEREST)
        self._updates_contact(pair, fieldset.PLZ_SECTOR)
        self._updates_person("fill-in-pipedrive", pair, fieldset.INTEREST.name)

    # something that must not be written

    def out_of_scope(self) -> None:
        """The sector could be filled in Plezi, but the person is not to be synced there (R9)."""
        pair = self._new()
        set_sector(pair, self._maker.sector())
        forget(pair, fieldset.PLZ_SECTOR)
        pair.person.custom[fieldset.SYNC_TO_PLEZI.code] = fieldset.NO
        self._manifest.plant("linked-out-of-scope", pair.person, related=[pair.contact], field="Secteur")

    def opted_out(self) -> None:
        """The person unsubscribed in Pipedrive's Campaigns; Plezi does not know."""
        pair = self._new()
        pair.person.marketing_status = "unsubscribed"
        self._manifest.plant("opted-out", pair.person, related=[pair.contact], field="marketing_status")

    def hold_option(self, relation: Relation, *, here: bool) -> Callable[[], None]:
        """One side holds a sector whose entries in the two lists differ in this way; the other side is empty (R24).

        `here`: Pipedrive holds it. Never both sides: two values that cannot be compared are a conflict as well, and a
        record of the demo has one defect only.
        """

        def tell() -> None:
            pair = self._new()
            set_sector(
                pair, self._maker.sector([entry for entry in fieldset.SECTORS if entry.relation == relation])
            )
            forget(pair, fieldset.PLZ_SECTOR if here else fieldset.SECTOR)
            self._mismatch(pair, "Secteur", relation, here=here)

        return tell

    def hold_interest_spelt_differently(self, *, here: bool) -> Callable[[], None]:
        """One side is interested in e-mailing, which one list spells with a hyphen."""

        def tell() -> None:
            pair = self._new()
            set_interests(pair, [entry for entry in fieldset.INTERESTS if entry.relation == "spelling"])
            forget(pair, fieldset.PLZ_INTEREST if here else fieldset.INTEREST)
            self._mismatch(pair, fieldset.INTEREST.name, "spelling", here=here)

        return tell

    # something that a person must decide

    def conflict_about_sector(self) -> None:
        """Both know a sector, not the same one, and no earlier sync tells which is newer."""
        pair = self._new()
        entries = [entry for entry in fieldset.SECTORS if entry.relation == "same"]
        set_sector(pair, entries[0])
        pair.contact.custom[fieldset.PLZ_SECTOR.key] = entries[1].plezi or ""
        self._conflict(pair, "Secteur")

    def conflict_about_birthday(self) -> None:
        """Day and month were swapped by somebody."""
        pair = self._new()
        set_both(pair, fieldset.BIRTHDAY, fieldset.PLZ_BIRTHDAY, "1984-04-09")
        pair.contact.custom[fieldset.PLZ_BIRTHDAY.key] = "1984-09-04"
        self._conflict(pair, "Date de naissance")

    def conflict_about_apostrophe(self) -> None:
        """O'Brien here, OBrien there."""
        pair = self._keep(self._maker.pair(self._people.with_apostrophe()))
        pair.contact.last_name = (pair.person.last_name or "").replace("'", "")
        self._conflict(pair, "last_name")

    def conflict_about_split_name(self) -> None:
        """Pipedrive split `Jean Marc Rivière` after the first word, Plezi's form asked for both names (R11)."""
        identity = self._people.with_spaced_first_name()
        pair = self._keep(self._maker.pair(identity))
        pair.person.first_name, rest = identity.first_name.split(" ", 1)
        pair.person.last_name = f"{rest} {identity.last_name}"
        self._conflict(pair, "first_name", "last_name")
        self._manifest.plant("name-split-differs", pair.person, related=[pair.contact], field="first_name")

    # the bookkeeping behind the stories

    def _new(self) -> Pair:
        return self._keep(self._maker.pair(self._people.one()))

    def _keep(self, pair: Pair) -> Pair:
        self._world.persons.append(pair.person)
        self._world.contacts.append(pair.contact)
        self._world.figures.links += 1
        return pair

    def _readdress(self, pair: Pair, address: str) -> None:
        pair.person.emails[0] = (address, "work")

    def _updates_person(self, kind: str, pair: Pair, field: str) -> None:
        self._world.figures.person_updates += 1
        self._manifest.plant(kind, pair.person, related=[pair.contact], field=field)

    def _updates_contact(self, pair: Pair, field: PleziField) -> None:
        self._world.figures.contact_updates += 1
        self._manifest.plant("fill-in-plezi", pair.contact, related=[pair.person], field=field.key)

    def _mismatch(self, pair: Pair, field: str, relation: Relation, *, here: bool) -> None:
        holder, other = (pair.person, pair.contact) if here else (pair.contact, pair.person)
        self._manifest.plant("option-mismatch", holder, related=[other], field=field, detail=relation)

    def _conflict(self, pair: Pair, *fields: str) -> None:
        self._world.figures.conflicting_pairs += 1
        for field in fields:
            self._manifest.plant("conflict", pair.person, related=[pair.contact], field=field)
