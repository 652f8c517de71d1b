"""The people of the demo world whom one service knows, and those whose identity is in doubt.

Each method makes the records of one story; `demo` says how often each is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Literal, TypeAlias

from pdsync.sandbox.seeding import fieldset
from pdsync.sandbox.seeding.fieldset import Relation
from pdsync.sandbox.seeding.making import Maker
from pdsync.sandbox.seeding.people import Identity, People
from pdsync.sandbox.seeding.records import Contact, Person
from pdsync.sandbox.seeding.world import World

Variant: TypeAlias = Literal["same", "case", "space", "secondary", "domain"]
"""How the same address stands in the second person of a cluster."""

_MALFORMED: Final[tuple[Callable[[str], str], ...]] = (
    lambda address: address.replace("@", "@@"),
    lambda address: address.replace("@", "(at)"),
    lambda address: address.partition("@")[0] + "@example",
    lambda address: address.replace(".", " ", 1),
    lambda address: address.partition("@")[0] + "@",
    lambda address: address.replace("@", ""),
    lambda address: address.rpartition(".")[0] + ",com",
)


class SingleStories:
    """Makes records without a partner and tells the manifest what is wrong with them."""

    def __init__(self, people: People, maker: Maker, world: World) -> None:
        self._people = people
        self._maker = maker
        self._world = world

    # persons whom Plezi does not know

    def left_alone(self) -> None:
        """Not to be synced: the flag says No, or nothing (R9)."""
        person = self._person(sync=self._maker.dice.pick((fieldset.NO, None)))
        if self._maker.dice.chance(0.5):
            label = self._maker.sector().pipedrive or ""
            person.custom[fieldset.SECTOR.code] = fieldset.SECTOR.option_id(label)

    def to_create_in_plezi(self) -> None:
        """To be synced, and fit for it."""
        person = self._person(sync=fieldset.YES)
        label = self._maker.sector().pipedrive or ""
        person.custom[fieldset.SECTOR.code] = fieldset.SECTOR.option_id(label)
        self._world.figures.contact_creates += 1
        self._world.figures.person_updates_after_creates += 1
        self._world.manifest.plant("create-in-plezi", person)

    def wanted_without_email(self) -> None:
        """To be synced, but without an address: Plezi cannot hold it."""
        person = self._without_email(fieldset.YES)
        self._world.manifest.plant("no-email-in-scope", person, field="email")

    def without_email(self) -> None:
        """No address, and not to be synced."""
        self._without_email(None)

    def wanted_but_opted_out(self) -> None:
        """To be synced, but unsubscribed: must not be created in Plezi."""
        person = self._person(sync=fieldset.YES)
        person.marketing_status = "unsubscribed"
        self._world.manifest.plant("opted-out-without-contact", person, field="marketing_status")

    def with_malformed_email(self) -> None:
        """Something in the field for addresses that is none: Pipedrive does not look (notes 2.2, `[live]`)."""
        planted = len(self._world.manifest.of("malformed-email"))
        person = self._person(sync=None)
        broken = _MALFORMED[planted % len(_MALFORMED)](person.emails[0][0])
        person.emails = [(broken, "work")]
        self._world.manifest.plant("malformed-email", person, field="email")

    def with_role_address(self) -> None:
        """The address of a desk, not of a person."""
        person = self._person(sync=None, identity=self._people.role_mailbox())
        self._world.manifest.plant("role-address", person, field="email")

    def with_deleted_option(self) -> None:
        """Holds a sector that is in no list any more (R24)."""
        person = self._person(sync=fieldset.NO)
        person.custom[fieldset.SECTOR.code] = fieldset.DELETED_SECTOR_ID
        self._world.manifest.plant("deleted-option-in-use", person, field="Secteur")

    def with_odd_option(self, relation: Relation) -> Callable[[], None]:
        """Not to be synced, and holds a sector whose entries in the two lists differ in this way (R24)."""

        def tell() -> None:
            person = self._person(sync=fieldset.NO)
            entry = self._maker.sector([entry for entry in fieldset.SECTORS if entry.relation == relation])
            person.custom[fieldset.SECTOR.code] = fieldset.SECTOR.option_id(entry.pipedrive or "")
            self._world.manifest.plant("option-mismatch", person, field="Secteur", detail=relation)

        return tell

    def customer_without_flag(self) -> None:
        """A customer whose flag nobody set: what `scope.enrol` is for (R10)."""
        person = self._person(sync=None)
        person.label_ids = [fieldset.CUSTOMER]
        self._world.manifest.plant("to-enrol", person, field="sync_to_plezi")

    def with_one_word_name(self) -> None:
        """One word for a name; Pipedrive takes it for the first name (notes 2.3)."""
        person = self._person(sync=None)
        person.last_name = None
        self._world.manifest.plant("missing-last-name", person, field="last_name")

    # contacts whom Pipedrive does not know

    def to_create_in_pipedrive(self) -> None:
        """Fit to become a person."""
        contact = self._contact()
        contact.custom[fieldset.PLZ_SECTOR.key] = self._maker.sector().plezi or ""
        self._world.figures.person_creates += 1
        self._world.manifest.plant("create-in-pipedrive", contact)

    def opted_out_contact(self) -> None:
        """Unsubscribed from everything: must not become a person."""
        contact = self._contact()
        contact.opted_out = True
        self._world.manifest.plant("opted-out-contact", contact, field="opted_out")

    def opted_out_with_odd_option(self, relation: Relation) -> Callable[[], None]:
        """Unsubscribed, and holds a sector whose entries in the two lists differ in this way (R24)."""

        def tell() -> None:
            self.opted_out_contact()
            contact = self._world.contacts[-1]
            entry = self._maker.sector([entry for entry in fieldset.SECTORS if entry.relation == relation])
            contact.custom[fieldset.PLZ_SECTOR.key] = entry.plezi or ""
            self._world.manifest.plant("option-mismatch", contact, field="Secteur", detail=relation)

        return tell

    def without_names(self, *, first_too: bool, form: fieldset.Form) -> Callable[[], None]:
        """Left a form that asks for no names: cannot become a person (R13), and the form is at fault (R14)."""

        def tell() -> None:
            contact = self._contact()
            contact.last_name = None
            contact.form = form.title
            self._world.manifest.plant("missing-last-name", contact, field="last_name", detail=form.title)
            if first_too:
                contact.first_name = None
                self._world.manifest.plant(
                    "missing-first-name", contact, field="first_name", detail=form.title
                )

        return tell

    # people of whom nobody can tell who is who

    def share_address(self, size: int, variants: tuple[Variant, ...], *, known: bool) -> Callable[[], None]:
        """Several persons with one address (R17); `known`: Plezi has a contact of that address as well."""

        def tell() -> None:
            first = self._person(sync=fieldset.YES)
            if "domain" in variants:
                local, _, domain = first.emails[0][0].partition("@")
                first.emails = [(f"{local}@chaumière-{domain}", "work")]
            shared = first.emails[0][0]
            members = [first]
            for number in range(1, size):
                person = self._person(sync=self._maker.dice.pick((fieldset.YES, fieldset.NO, None)))
                if self._maker.dice.chance(0.5):  # entered twice; the others share a mailbox with a colleague
                    person.first_name, person.last_name = first.first_name, first.last_name
                person.company = first.company
                self._take_over(person, shared, variants[(number - 1) % len(variants)])
                members.append(person)
            contacts: list[Contact] = []
            if known:
                contacts.append(self._contact())
                contacts[0].email = shared
                contacts[0].first_name, contacts[0].last_name = first.first_name, first.last_name
            self._world.manifest.plant(
                "duplicate-email", members, related=contacts, field="email", detail=",".join(variants)
            )

        return tell

    def two_contacts(self) -> None:
        """One person with two addresses, each of which is another contact in Plezi."""
        identity = self._people.one()
        person = self._person(sync=fieldset.YES, identity=identity)
        private = replace(identity, email=self._people.private_address(identity))
        person.emails.append((private.email, "home"))
        contacts = [self._contact(identity), self._contact(private)]
        self._world.manifest.plant("two-contacts", person, related=contacts, field="email")

    # the bookkeeping behind the stories

    def _person(self, *, sync: int | None, identity: Identity | None = None) -> Person:
        person = self._maker.person(identity or self._people.one(), sync=sync)
        self._world.persons.append(person)
        return person

    def _without_email(self, sync: int | None) -> Person:
        person = self._person(sync=sync)
        person.emails = []
        person.marketing_status = "no_consent"  # no other is possible (Pipedrive notes 2.5)
        self._world.manifest.plant("no-email", person, field="email")
        return person

    def _contact(self, identity: Identity | None = None) -> Contact:
        contact = self._maker.contact(identity or self._people.one())
        self._world.contacts.append(contact)
        return contact

    def _take_over(self, person: Person, shared: str, variant: Variant) -> None:
        local, _, domain = shared.partition("@")
        match variant:
            case "same":
                person.emails = [(shared, "work")]
            case "case":
                person.emails = [(f"{local.title()}@{domain.upper()}", "work")]
            case "space":
                person.emails = [(f" {shared}\u00a0", "work")]
            case "secondary":
                person.emails.append((shared, "home"))
            case "domain":
                person.emails = [(f"{local}@{domain.encode('idna').decode()}", "work")]
