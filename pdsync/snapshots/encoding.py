"""How delivered values are kept in a table without losing anything.

A column of text cannot tell missing from None from "" by itself, and a column of typed values cannot hold what a
service may deliver next year. So each delivered value is its own small JSON text, and null means: not read.
"""

from __future__ import annotations

import json
from typing import Any, cast

import msgspec

from pdsync.model import Value

__all__ = ["decode_value", "encode_value", "storable"]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_UNSTORABLE = "\ufffe"
"""A code point that Unicode guarantees never to be a character: marks text that had to be escaped."""


def encode_value(value: Value) -> str:
    """The JSON text of a delivered value; ``decode_value`` gives back an equal value of the same types.

    Lone surrogates (half an emoji, cut off by a form) cannot be UTF-8: such a value is written with escapes.
    """
    try:
        return _encode(value).decode()
    except UnicodeEncodeError:
        return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def decode_value(text: str) -> Value:
    """The value that ``encode_value`` wrote.

    Raises:
        ValueError: the text is not JSON.
    """
    try:
        return cast("Value", _decode(text))
    except msgspec.DecodeError:
        return cast("Value", json.loads(text, parse_constant=_refuse))


def storable(text: str) -> str:
    """The text itself, or where it cannot be UTF-8 (lone surrogates) an escaped form that no other text has."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _UNSTORABLE + json.dumps(text)
    return text


def _refuse(constant: str) -> Any:  # noqa: ANN401 - the signature that json asks for
    raise ValueError(f"not JSON: {constant}")
