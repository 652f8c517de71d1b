"""Deep links: where in Pipedrive and Plezi a person can look at a record, and how sure that is.

Audits put the address of a record beside its id (``audits.record_links``). Here it is decided whether a
reader may be sent there: an address may have come from a CRM, where anybody could have typed it.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["LINKS_NOTE", "web_address"]

LINKS_NOTE: Final = (
    "Links to Pipedrive have the form https://COMPANY.pipedrive.com/person/ID, as public programs use it; Pipedrive does "
    "not document it. Links to Plezi are the plezi_url that Plezi delivered. Exports that name no account have no links to "
    "Pipedrive."
)
"""For every report that has links. The form was found in the code of a dozen unrelated public programs."""

_LONGEST: Final = 2_000
"""Excel takes 2,080 characters, browsers some more."""
_ADDRESS: Final = re.compile(
    r"https?://"
    r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?"  # a host and a port; no user, no brackets
    r"(?:[/?#][A-Za-z0-9\-._~:/?#@!$&'()*+,;=%]*)?"  # RFC 3986, nothing that would have to be escaped
)


def web_address(text: str) -> str:
    """The address as it is if it is a plain one of the web, else nothing.

    Refused are other schemes (``javascript:``), user names before the host (``https://app.plezi.co@example.com``), and
    whatever is not plain ASCII, so that no address looks like another one.
    """
    return text if len(text) <= _LONGEST and _ADDRESS.fullmatch(text) else ""
