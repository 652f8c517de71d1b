"""The one address key: two addresses mean the same mailbox here if and only if their keys are equal.

Duplicate search, pairing, links and audits all use this function and nothing else, so that no part of pdsync can
think two people are one while another part thinks they are two. It is computed once, when a record is read.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import idna

__all__ = ["address_key", "tidy_address"]

_INVISIBLE = dict.fromkeys(
    map(
        ord,
        "\u200b\u200c\u200d\u2060\ufeff\u00ad"
        "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    )
)
"""Zero-width characters, the soft hyphen and marks of direction: pasted from web pages, documents and address books, seen by
nobody, meant by nobody."""


def address_key(address: str) -> str:
    """Return the comparison key of an email address; empty if nothing is left of it.

    Strip (also no-break space and zero-width characters), NFC, lower case, domain by UTS-46 (design 6). Plus tags and
    Gmail dots stay: whether two such addresses are one mailbox is the provider's secret. An address whose domain is
    not valid is kept, lower-cased, so that two equal broken addresses still meet.
    """
    local, at, domain = tidy_address(address).rpartition("@")
    return f"{local}@{_domain_key(domain)}" if at else domain


def tidy_address(address: str) -> str:
    """The same address in the spelling that people mean: lower case, no white space around its parts, nothing invisible.

    Its domain stays in its own script. Both spellings have one key.
    """
    text = unicodedata.normalize("NFC", address.translate(_INVISIBLE)).strip().lower()
    local, at, domain = text.rpartition("@")
    return f"{local.strip()}@{domain.strip()}" if at else text


@lru_cache(maxsize=65_536)
def _domain_key(domain: str) -> str:
    """The domain in its A-label form: ``münchen.example`` and ``xn--mnchen-3ya.example`` are one."""
    if domain.isascii() and "xn--" not in domain:
        return domain.rstrip(".")
    try:
        return idna.encode(domain, uts46=True, transitional=False).decode("ascii").rstrip(".")
    except (idna.IDNAError, UnicodeError):
        return domain.rstrip(".")
