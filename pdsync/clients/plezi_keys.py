r"""How a request to Plezi proves who sends it: a pair of headers, or a signature (reference plezi-api 3.1, 4.4).

The signature is what Plezi's own WordPress plugin sends. Two things in it look like mistakes and are the protocol: the
parts are joined by a backslash and an ``n``, two characters, because the PHP string has single quotes; and the method
and host in the signed text are constants. The query is signed exactly as it is sent.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Generator, Mapping
from typing import Final

import httpx

from pdsync.clients.clock import Clock
from pdsync.clients.credentials import PleziCredentials
from pdsync.clients.profiles import Authentication
from pdsync.errors import SettingsError

__all__ = ["HeaderKeys", "Signature", "authorization", "key_value", "keys_for"]

_SEPARATOR: Final = "\\n"
"""Two characters."""
_ALGORITHM: Final = "hmac-sha256"


def authorization(scheme: Authentication, public: str, secret: str, path: str, query: str, ts: int) -> str:
    """The header's value for one request. ``path`` from the slash on, ``query`` as sent, without the question mark."""
    tail = f"id={public}&algo={_ALGORITHM}&nonce={scheme.nonce}&ts={ts}"
    text = _SEPARATOR.join([scheme.signed_method, scheme.signed_host, path, query, tail])
    raw = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    signature = base64.b64encode(raw).decode()
    return f"plezi id={public},algo={_ALGORITHM},nonce={scheme.nonce},signature={signature},ts={ts}"


class HeaderKeys(httpx.Auth):
    """Credentials in headers; httpx sends them as UTF-8, for a company's name may hold accents."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        for name, value in self._headers.items():
            request.headers[name] = value  # as UTF-8; update() would insist on ASCII
        yield request


class Signature(httpx.Auth):
    """Signs each request at the moment it leaves, so that a second attempt carries a new time."""

    def __init__(self, scheme: Authentication, public: str, secret: str, clock: Clock) -> None:
        self._scheme = scheme
        self._public = public
        self._secret = secret
        self._clock = clock

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        request.headers[self._scheme.header] = authorization(
            self._scheme, self._public, self._secret, path, query, int(self._clock.unix())
        )
        yield request


def keys_for(scheme: Authentication, credentials: PleziCredentials, clock: Clock) -> httpx.Auth:
    """The authentication of a profile with these credentials.

    Raises:
        SettingsError: a credential that the profile needs is missing.
    """
    if scheme.scheme == "headers":
        return HeaderKeys({header: key_value(credentials, name) for header, name in scheme.headers})
    return Signature(
        scheme, key_value(credentials, "public_key"), key_value(credentials, "secret_key"), clock
    )


def key_value(credentials: PleziCredentials, name: str) -> str:
    """One credential by its name in the profile.

    Raises:
        SettingsError: it is missing.
    """
    value: str = getattr(credentials, name)
    if not value:
        setting = f"plezi.{name}"
        raise SettingsError(
            f"This API profile needs {setting}, and it is empty.",
            untouched="Nothing was read or written.",
            next_step=f"Set PDSYNC_PLEZI_{name.upper()} (keys also in the keyring); see pdsync doctor.",
        )
    return value
