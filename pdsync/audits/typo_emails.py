"""Addresses at a domain that is one slip away from a well-known provider: gmial.com, orange.f, wanado.fr (R17).

Every spelling one slip away is made beforehand (a letter left out, added, replaced or exchanged with its neighbour), so
that finding them is one join. Two slips are not looked for: too many honest domains lie there. Limits that keep honest
domains out:

- a spelling that is a provider itself, or known to be somebody else's domain (``lists/near_providers.txt``), is none;
- in a name of four letters (``free.fr``) only exchanged, doubled or lost double letters count, in a shorter one
  (``sfr.fr``, ``gmx.de``) none: every other letter there is another company;
- a wrong ending must be none that exists (``yahoo.gr`` is Greece), except ``.co`` and its like in place of ``.com``.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pdsync.audits.addresses import find_addresses
from pdsync.audits.declaring import Audit, Found
from pdsync.audits.inputs import AuditInputs, Need
from pdsync.audits.lists import entries
from pdsync.model import Severity, Value

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["AUDITS", "slips"]

_KNOWN: Final = {"gmail.fr": "gmail.com", "googlemail.fr": "googlemail.com", "wanadoo.com": "wanadoo.fr"}
"""Further than one slip, and yet hardly ever meant."""

_LONG: Final = 5
_SHORT: Final = 4
"""Letters before the first dot from which on all slips, and the smallest ones, are looked for."""

_LETTERS: Final = string.ascii_lowercase + string.digits + "-."
_DOMAIN_NAME: Final = re.compile(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z0-9]*[a-z]")
"""Other spellings are malformed, which is another audit's."""
_DOMAIN: Final = "domain"


@cache
def slips() -> Mapping[str, str]:
    """Every wrong domain that is looked for -> the provider that is probably meant; of two, the first of the list."""
    providers = entries("mail_providers")
    honest = {*providers, *entries("near_providers")}
    endings = frozenset(entries("endings"))
    wrong = dict(_KNOWN)
    for provider in providers:
        for spelling in _one_slip_away(provider, endings):
            if spelling not in honest and _DOMAIN_NAME.fullmatch(spelling):
                wrong.setdefault(spelling, provider)
    return wrong


def _one_slip_away(provider: str, endings: frozenset[str]) -> Iterator[str]:
    name, ending = provider.split(".", 1)
    if len(name) >= _LONG:
        yield from (f"{spelling}.{ending}" for spelling in _slips(name))
        yield name + ending  # the dot left out
    elif len(name) >= _SHORT:
        yield from (f"{spelling}.{ending}" for spelling in _small_slips(name))
    # gmail.co is a slip although .co exists: Gmail has one ending only
    alone = ending in {"com", "net"} and len(name) >= _LONG
    for spelling in _slips(ending):
        if spelling not in endings or (alone and len(spelling) == 2):
            yield f"{name}.{spelling}"


def _slips(word: str) -> Iterator[str]:
    """Everything one letter away."""
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        for letter in _LETTERS:
            yield before + letter + after
            if after:
                yield before + letter + after[1:]
        if after:
            yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]


def _small_slips(word: str) -> Iterator[str]:
    """Two letters exchanged, one doubled, one of a pair left out."""
    for place in range(len(word)):
        before, letter, after = word[:place], word[place], word[place + 1 :]
        yield before + letter + letter + after
        if after:
            yield before + after[0] + letter + after[1:]
            if after[0] == letter:
                yield before + after


def _find(inputs: AuditInputs) -> Found:
    wrong = slips()
    table = inputs.frame({_DOMAIN: list(wrong), "provider": list(wrong.values())})

    def near_a_provider(addresses: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        import narwhals as nw

        domain = nw.col("key").str.split("@").list.get(1).alias(_DOMAIN)
        with_domain = addresses.filter(nw.col("key").str.contains("@", literal=True)).with_columns(domain)
        return with_domain.join(table, on=_DOMAIN, how="inner")

    return find_addresses(inputs, near_a_provider, "probably mistyped", _judge)


def _judge(row: Mapping[str, Any]) -> Mapping[str, Value] | None:
    local, _, _ = row["key"].partition("@")
    return {"suggested": f"{local}@{row['provider']}"}


AUDITS = (
    Audit(
        code="mistyped-domain",
        severity=Severity.WARNING,
        title="records with an address at a domain one slip away from a well-known provider (gmial.com)",
        why="What is sent there comes back, or reaches whoever bought the domain; and the same person under the right "
        "address becomes a second contact.",
        rule="R17",
        fix="Ask, then correct the address; the one probably meant is in the details.",
        needs=(Need.ADDRESSES,),
        find=_find,
    ),
)
