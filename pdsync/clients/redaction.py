"""Keys never leave this package in a text: every message made from an answer or an exception goes through here.

Also silences httpx and httpcore, whose own log lines hold addresses with queries (Plezi's form call carries a person in
its query) and headers with keys. What a client did is in pdsync's own log, as method, path and status.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from urllib.parse import quote

__all__ = ["Redactor", "silence_http_logs"]

_PATTERNS = (
    re.compile(
        r"(?i)(api_token|x-api-token|x-api-key|x-authorization|client_secret|client_id)(['\"]?\s*[:=]\s*['\"]?)[^\s&,'\"]+"
    ),
    re.compile(r"(?i)(signature)(=)[A-Za-z0-9+/=%]+"),
)
_SHORTEST = 4
"""A shorter secret is no secret, and hiding it would blot out ordinary words."""
_LOGGERS = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
)


class Redactor:
    """Replaces known secrets, and whatever stands where a secret usually stands, by ``***``."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {secret for secret in secrets if len(secret) >= _SHORTEST}
        self._secrets = sorted(known | {quote(secret, safe="") for secret in known}, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        for pattern in _PATTERNS:
            text = pattern.sub(r"\1\2***", text)
        return text


class _OnlyWarnings(logging.Filter):
    """Lets warnings pass; those of httpx name no request."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING


_ONLY_WARNINGS = _OnlyWarnings()


def silence_http_logs() -> None:
    """Keep httpx and httpcore from logging addresses and headers, whatever level somebody sets. May be called often."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_ONLY_WARNINGS)
