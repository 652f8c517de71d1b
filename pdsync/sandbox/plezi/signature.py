r"""The signature of requests to Plezi's current API, checked as Plezi must check it.

Read in Plezi's own WordPress plugin 1.0.5, which is in production; there is no published description. Two things
there look like mistakes and are the protocol:

- the parts are joined with a backslash and an n, two characters, because the PHP string has single quotes;
- the method and the host of the signed text are constants: `GET` and `brain.plezi.co`. So a stand-in on loopback
  verifies against that host as well, whatever name the client called it by. Whoever signs the host that the request
  really goes to is refused here, as there.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Final

SIGNED_METHOD: Final = "GET"
SIGNED_HOST: Final = "brain.plezi.co"
ALGORITHM: Final = "hmac-sha256"
NONCE: Final = "WP-PLEZI"
BACKSLASH_N: Final = "\\n"
"""The separator of the signed text: two characters."""

_HEADER: Final = re.compile(
    r"plezi id=(?P<public_key>[^,]+),algo=(?P<algorithm>[^,]+),nonce=(?P<nonce>[^,]+),"
    r"signature=(?P<signature>[A-Za-z0-9+/]+={0,2}),ts=(?P<ts>[0-9]{1,12})"
)


@dataclass(frozen=True, slots=True)
class SignedBy:
    """What an `X-AUTHORIZATION` header says."""

    public_key: str
    algorithm: str
    nonce: str
    signature: str
    ts: int


def parse(header: str) -> SignedBy | None:
    """The parts of the header, or None if it has not exactly the form that the plugin sends."""
    found = _HEADER.fullmatch(header)
    if found is None:
        return None
    return SignedBy(
        found["public_key"], found["algorithm"], found["nonce"], found["signature"], int(found["ts"])
    )


def expected(claim: SignedBy, secret: str, path: str, query: str, *, separator: str = BACKSLASH_N) -> str:
    """The signature that the holder of `secret` would have sent with this claim.

    `query` is the query string exactly as sent, without the question mark; it is not sorted or encoded again.
    """
    tail = f"id={claim.public_key}&algo={claim.algorithm}&nonce={claim.nonce}&ts={claim.ts}"
    text = separator.join((SIGNED_METHOD, SIGNED_HOST, path, query, tail))
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def matches(claim: SignedBy, secret: str, path: str, query: str, *, line_feeds_too: bool = False) -> bool:
    """Whether the claim was signed with `secret`; `line_feeds_too` accepts the natural misreading of the plugin."""
    separators = (BACKSLASH_N, "\n") if line_feeds_too else (BACKSLASH_N,)
    return any(
        hmac.compare_digest(expected(claim, secret, path, query, separator=separator), claim.signature)
        for separator in separators
    )
