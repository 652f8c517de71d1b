"""What may be written into a cassette, and what is taken out of it before.

Cassettes are committed, and they may be recorded against a real account. So two things stand between an exchange and the
file: a scrubber that removes keys, hosts and whose account it was, and a guard that refuses the whole recording if a
body holds a person that this very recording did not create, or an address outside example.com, .org and .net.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

from vcr.persisters.filesystem import FilesystemPersister  # type: ignore[import-untyped]
from vcr.serialize import serialize  # type: ignore[import-untyped]

CONTROL = "/_sandbox"
KEPT_REQUEST_HEADERS = ("content-type",)
KEPT_RESPONSE_HEADERS = (
    "content-type",
    "date",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-daily-ratelimit-token-limit",
    "x-daily-ratelimit-token-remaining",
)
SCRUBBED_KEYS: Mapping[str, Any] = {
    "company_id": 1000001,
    "company_name": "Acme SAS",
    "company_domain": "acme",
    "icon_url": None,
    "last_login": None,
    "locale": "fr_FR",
    "timezone_name": "Europe/Paris",
    "permission_set_id": "00000000-0000-4000-8000-000000000000",
}
"""Wherever these keys stand in an answer, their values are replaced: whose account it was is nobody's business."""
_ADDRESS = re.compile(r"[^\s\"'<>(),;:=&?/\\]+@[^\s\"'<>(),;:=&?/\\]+")
_RESERVED = re.compile(r"(.+\.)?example\.(com|org|net)", re.IGNORECASE)
_PERSONS = re.compile(r"/(persons|contacts)(/|$)")
_KEY_BODY = re.compile(r"/api_keys/authenticate$")


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, as they would be written."""

    method: str
    uri: str
    request: str
    status: int
    response: str


class UnsafeRecording(Exception):
    """A recording that must not be written."""


@dataclass
class Scrubber:
    """Takes out what identifies an account. Works the same when recording and when replaying."""

    hosts: Mapping[str, str]
    """host:port as it is asked -> the name that stands in the cassette."""
    secrets: Sequence[str] = field(default_factory=tuple)

    def request(self, request: Any) -> Any:
        """The request without keys, at a host that does not exist; None for the sandbox's own control calls."""
        parts = urlsplit(request.uri)
        if parts.path.startswith(CONTROL):
            return None
        host = self.hosts.get(parts.netloc, parts.netloc)
        request.uri = urlunsplit(("https", host, parts.path, self._clean(parts.query), ""))
        request.headers = {n: v for n, v in request.headers.items() if n.lower() in KEPT_REQUEST_HEADERS}
        if _KEY_BODY.search(parts.path):
            request.body = b""
        elif request.body:
            request.body = self._clean(bytes(request.body).decode()).encode()
        return request

    def response(self, response: dict[str, Any]) -> dict[str, Any]:
        """The answer without keys, cookies and traces of the account."""
        headers = {n.lower(): v for n, v in response["headers"].items() if n.lower() in KEPT_RESPONSE_HEADERS}
        text = self._clean(response["body"]["string"].decode("utf-8", "replace"))
        with contextlib.suppress(
            ValueError
        ):  # what is no JSON stays as it is; the guard looks at it all the same
            text = json.dumps(_scrub(json.loads(text)), ensure_ascii=False)
        return {**response, "headers": headers, "body": {"string": text.encode()}}

    def _clean(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text


def _scrub(value: Any) -> Any:
    if isinstance(value, list):
        return [_scrub(item) for item in value]
    if not isinstance(value, dict):
        return value
    scrubbed = {key: SCRUBBED_KEYS.get(key, _scrub(item)) for key, item in value.items()}
    if "company_domain" in value or "permission_set_id" in json.dumps(value):
        # A user of the account: name, address and telephone are a colleague's.
        scrubbed |= {
            k: v
            for k, v in {"name": "Florent", "email": "florent@example.com", "phone": None}.items()
            if k in value
        }
    return scrubbed


def problems(exchanges: Iterable[Exchange]) -> list[str]:
    """Why a recording must not be written; empty if it may be."""
    found: list[str] = []
    created: set[str] = set()
    for exchange in exchanges:
        where = f"{exchange.method} {urlsplit(exchange.uri).path}"
        for text in (exchange.uri, exchange.request, exchange.response):
            found += [f"{where}: the address {address!r}" for address in foreign_addresses(text)]
        if not _PERSONS.search(urlsplit(exchange.uri).path):
            continue
        if exchange.method == "POST" and exchange.status in (200, 201):
            created |= set(_ids(exchange.response))
        found += [
            f"{where}: person {id_}, whom this recording did not create"
            for id_ in _named(exchange)
            if id_ not in created
        ]
    return list(dict.fromkeys(found))


def _named(exchange: Exchange) -> Iterator[str]:
    """The ids of persons in an exchange: in its answer, and, unless nobody was there, in its address."""
    if exchange.response and not exchange.response.lstrip().startswith(("{", "[")):
        yield "(an answer that is not JSON)"
        return
    yield from _ids(exchange.response)
    if exchange.status in (404, 410):
        return
    parts = urlsplit(exchange.uri)
    last = parts.path.rstrip("/").rpartition("/")[2]
    if last not in ("persons", "contacts", "batch", "search"):
        yield unquote(last)
    for name, value in parse_qsl(parts.query):
        if name == "ids":
            yield from value.split(",")


def _ids(text: str) -> Iterator[str]:
    """The id of every record in an answer, at whatever depth: an object with an id and anything else."""
    try:
        body = json.loads(text) if text else None
    except ValueError:
        yield "(an answer that is not JSON)"
        return
    data = body.get("data") if isinstance(body, dict) else body
    for item in data if isinstance(data, list) else [data]:
        if isinstance(item, dict):
            yield str(item.get("id", "(a record without an id)"))
        elif item is not None:
            yield "(a record that is not an object)"


def foreign_addresses(text: str) -> list[str]:
    """Addresses outside example.com, .org and .net, also where they are percent-encoded or escaped as JSON does."""
    spellings = {text, unquote(text), unquote(unquote(text))}
    spellings |= {
        re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), each) for each in list(spellings)
    }
    addresses = {address.strip(".,") for each in spellings for address in _ADDRESS.findall(each)}
    return sorted(a for a in addresses if not _RESERVED.fullmatch(a.rpartition("@")[2]))


class GuardedPersister(FilesystemPersister):  # type: ignore[misc]
    """Writes a cassette only if the guard has nothing to say; else the file stays as it was."""

    @staticmethod
    def save_cassette(cassette_path: str, cassette_dict: dict[str, Any], serializer: Any) -> None:
        """Check, then write.

        Raises:
            UnsafeRecording: the recording holds persons or addresses that are not its own.
        """
        exchanges = [
            Exchange(
                request.method,
                request.uri,
                (request.body or b"").decode("utf-8", "replace"),
                response["status"]["code"],
                response["body"]["string"].decode("utf-8", "replace"),
            )
            for request, response in zip(cassette_dict["requests"], cassette_dict["responses"], strict=True)
        ]
        found = problems(exchanges)
        if found:
            listed = "\n".join(f"  {each}" for each in found[:20])
            raise UnsafeRecording(f"{Path(cassette_path).name} was not written; it would hold\n{listed}")
        path = Path(cassette_path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(serialize(cassette_dict, serializer), encoding="utf-8")
