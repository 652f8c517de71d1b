from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from pdsync.sandbox.plezi import signature

FORMS_QUERY = "sort_by=title&sort_dir=asc&page=1&per_page=20"
RIGHT = [
    ("content_web_forms", FORMS_QUERY, "iVpt/SZw0mf+C78Y8asa84GJaxvfeS4eLZjWmU8wRds="),
    ("analytics_script", "", "ht9i9O8lAmQTp+pp7O2iU+1nkFQEfpBG+w9MbWng3tc="),
]
"""The vectors of Plezi notes 4.4: keys PUBLIC and SECRET, ts 1700000000."""

WRONG = [
    ("content_web_forms", FORMS_QUERY, "oPGJdWNpo7a1wapTBlDeR5Kb8afO4sSlO/HPRerXx+o="),
    ("analytics_script", "", "0IfmsQUMARKrK1coSiwU9huVoi/ma/eyp676uqyyySo="),
]
"""What real line feeds give."""


def claim(value: str) -> signature.SignedBy:
    """The claim of a header with this signature and the keys of the vectors."""
    header = f"plezi id=PUBLIC,algo=hmac-sha256,nonce=WP-PLEZI,signature={value},ts=1700000000"
    parsed = signature.parse(header)
    assert parsed is not None
    return parsed


@pytest.mark.parametrize(("endpoint", "query", "value"), RIGHT)
def test_right_vectors_are_accepted(endpoint: str, query: str, value: str) -> None:
    """The two signatures of the notes verify."""
    assert signature.expected(claim(value), "SECRET", f"/api/v1/{endpoint}", query) == value
    assert signature.matches(claim(value), "SECRET", f"/api/v1/{endpoint}", query)


@pytest.mark.parametrize(("endpoint", "query", "value"), WRONG)
def test_line_feeds_are_refused_unless_switched_on(endpoint: str, query: str, value: str) -> None:
    """The two wrong signatures of the notes fail, and verify where line feeds are allowed."""
    assert not signature.matches(claim(value), "SECRET", f"/api/v1/{endpoint}", query)
    assert signature.matches(claim(value), "SECRET", f"/api/v1/{endpoint}", query, line_feeds_too=True)


def test_host_is_the_plugins_constant() -> None:
    """A signature over the loopback host is refused: the plugin signs brain.plezi.co whatever it calls."""
    text = (
        r"GET\n127.0.0.1\n/api/v1/analytics_script\n\nid=PUBLIC&algo=hmac-sha256&nonce=WP-PLEZI&ts=1700000000"
    )
    value = base64.b64encode(hmac.new(b"SECRET", text.encode(), hashlib.sha256).digest()).decode()
    assert not signature.matches(claim(value), "SECRET", "/api/v1/analytics_script", "")


@pytest.mark.parametrize(
    ("secret", "path", "query"),
    [
        ("OTHER", "/api/v1/content_web_forms", FORMS_QUERY),
        ("SECRET", "/api/v1/analytics_script", FORMS_QUERY),
        ("SECRET", "/api/v1/content_web_forms", ""),
        ("SECRET", "/api/v1/content_web_forms", "sort_dir=asc&sort_by=title&page=1&per_page=20"),
    ],
)
def test_another_secret_path_or_order_does_not_verify(secret: str, path: str, query: str) -> None:
    """Everything that is signed counts, the order of the parameters too."""
    assert not signature.matches(claim(RIGHT[0][2]), secret, path, query)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "plezi",
        "Bearer x",
        "plezi id=PUBLIC,algo=hmac-sha256,nonce=WP-PLEZI,signature=abc=",
        "plezi id=PUBLIC,algo=hmac-sha256,nonce=WP-PLEZI,signature=abc=,ts=soon",
        "plezi id=PUBLIC, algo=hmac-sha256, nonce=WP-PLEZI, signature=abc=, ts=1700000000",
        "plezi algo=hmac-sha256,id=PUBLIC,nonce=WP-PLEZI,signature=abc=,ts=1700000000",
        "plezi id=PUBLIC,algo=hmac-sha256,nonce=WP-PLEZI,signature=é=,ts=1700000000",
    ],
)
def test_other_forms_of_the_header_are_not_understood(header: str) -> None:
    """Only the form that the plugin sends is known to work."""
    assert signature.parse(header) is None
