"""Invented people: names, an employer, a job title, an address, a telephone number.

Nothing here can reach anybody. Addresses lie in the domains that RFC 2606 reserves for examples; telephone numbers
come from the ranges kept free for fiction: ARCEP decision 2018-0881 for France (01 99 00, 02 61 91, 03 53 01,
04 65 71, 05 36 49, 06 39 98), Ofcom's numbers for drama in the United Kingdom (020 7946 0xxx, 07700 900xxx).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from pdsync.sandbox.seeding import names
from pdsync.sandbox.seeding.dice import Dice

FRENCH_SHARE: Final = 0.8
_DOMAINS: Final = ("example.com", "example.com", "example.com", "example.org", "example.net")
_FRENCH_PREFIXES: Final = (
    "+33 1 99 00",
    "+33 2 61 91",
    "+33 3 53 01",
    "+33 4 65 71",
    "+33 5 36 49",
    "+33 6 39 98",
)
_LOCAL_PARTS: Final = (*7 * ("{first}.{last}",), *2 * ("{initial}.{last}",), "{initial}{last}")
"""How companies build addresses, the commonest way most often."""

_NOT_WORD: Final = re.compile(r"[^a-z0-9]+")
_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "OE", "Æ": "AE", "’": "", "'": ""})


@dataclass(frozen=True, slots=True)
class Identity:
    """One invented human being, before any service knows them."""

    first_name: str
    last_name: str
    company: str
    function: str
    email: str
    phone: str

    @property
    def name(self) -> str:
        """Both names in one line, as Pipedrive's `name` has them."""
        return f"{self.first_name} {self.last_name}"


@lru_cache(maxsize=4096)
def ascii_slug(text: str) -> str:
    """`text` as it would stand in a host name: `Atelier Rivière` becomes `atelier-riviere`."""
    plain = unicodedata.normalize("NFKD", text.translate(_LIGATURES)).encode("ascii", "ignore").decode()
    return _NOT_WORD.sub("-", plain.lower()).strip("-")


class People:
    """An endless supply of people, no two with one address.

    Namesakes do occur, as in life: whoever matches by name instead of by address gets them wrong.
    """

    def __init__(self, seed: int) -> None:
        self._dice = Dice(seed, "people")
        self._addresses: dict[str, int] = {}

    def __iter__(self) -> Iterator[Identity]:
        while True:
            yield self.one()

    def one(self) -> Identity:
        """The next person."""
        dice = self._dice
        french = dice.chance(FRENCH_SHARE)
        return self._complete(
            first_name=self._french_first() if french else dice.pick(names.ENGLISH_FIRST),
            last_name=self._french_family() if french else dice.pick(names.ENGLISH_FAMILY),
            french=french,
        )

    def with_spaced_first_name(self) -> Identity:
        """A person like Jean Marc Rivière, whose first name has two words."""
        first_name = " ".join(self._dice.pick(names.SPACED_FIRST))
        return self._complete(first_name, self._dice.pick(names.FRENCH_FAMILY), french=True)

    def with_accent(self) -> Identity:
        """A person like Zoé Rivière, whose name Unicode can write in two ways."""
        families = [family for family in names.FRENCH_FAMILY if not unicodedata.is_normalized("NFD", family)]
        return self._complete(self._dice.pick(names.FRENCH_FIRST), self._dice.pick(families), french=True)

    def with_apostrophe(self) -> Identity:
        """A person like Zoé O'Driscoll, whose family name is often typed without its apostrophe."""
        families = [family for family in names.ENGLISH_FAMILY if "'" in family]
        return self._complete(self._dice.pick(names.ENGLISH_FIRST), self._dice.pick(families), french=False)

    def role_mailbox(self) -> Identity:
        """A person entered with the address of a desk (`accueil@...`)."""
        person = self.one()
        role = self._dice.pick(names.ROLE_MAILBOXES)
        return replace(person, email=self._unused(role, person.email.partition("@")[2]))

    def private_address(self, identity: Identity) -> str:
        """A second address of the same person."""
        first, last = ascii_slug(identity.first_name), ascii_slug(identity.last_name)
        return self._unused(f"{first}.{last}", "perso.example.net")

    def _french_first(self) -> str:
        compound = self._dice.chance(0.06)
        return self._dice.pick(names.FRENCH_COMPOUND_FIRST if compound else names.FRENCH_FIRST)

    def _french_family(self) -> str:
        particle = self._dice.chance(0.1)
        return self._dice.pick(names.FRENCH_PARTICLE_FAMILY if particle else names.FRENCH_FAMILY)

    def _complete(self, first_name: str, last_name: str, *, french: bool) -> Identity:
        dice = self._dice
        if french:
            company = f"{dice.pick(names.FRENCH_TRADES)} {dice.pick(names.FRENCH_FAMILY)}"
        else:
            company = f"{dice.pick(names.ENGLISH_FAMILY)} {dice.pick(names.ENGLISH_TRADES)}"
        return Identity(
            first_name=first_name,
            last_name=last_name,
            company=company,
            function=dice.pick(names.FUNCTIONS),
            email=self._address(first_name, last_name, company),
            phone=self._phone(french=french),
        )

    def _address(self, first_name: str, last_name: str, company: str) -> str:
        first, last = ascii_slug(first_name), ascii_slug(last_name)
        local = self._dice.pick(_LOCAL_PARTS).format(first=first, initial=first[0], last=last)
        return self._unused(local, f"{ascii_slug(company)}.{self._dice.pick(_DOMAINS)}")

    def _unused(self, local: str, domain: str) -> str:
        """`local@domain`; where somebody has that address, at a branch of the company."""
        address = f"{local}@{domain}"
        earlier = self._addresses.get(address, 0)
        self._addresses[address] = earlier + 1
        return f"{local}@agence-{earlier + 1}.{domain}" if earlier else address

    def _phone(self, *, french: bool) -> str:
        dice = self._dice
        if french:
            return f"{dice.pick(_FRENCH_PREFIXES)} {dice.below(100):02} {dice.below(100):02}"
        if dice.chance(0.5):
            return f"+44 20 7946 0{dice.below(1000):03}"
        return f"+44 7700 900{dice.below(1000):03}"
