"""JSON as services send and take it, half emojis included.

Whoever cuts a text at 255 UTF-16 units may cut an emoji in two, and JSON has a way to write the half. The quick decoder
refuses it, and with it the whole page: one such name would keep an account from being read at all. So what it refuses
is read again by the standard library's, which is slower and takes it; numbers that are none stay refused.
"""

from __future__ import annotations

import json
import math
from typing import TypeVar

import msgspec

__all__ = ["decode", "encode"]

_T = TypeVar("_T")


def decode(body: bytes, shape: type[_T]) -> _T:
    """The body as this shape.

    Raises:
        msgspec.MsgspecError, UnicodeDecodeError, RecursionError: not JSON, or of another shape.
    """
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        if b"\\ud" not in body.lower():
            raise
        try:
            plain = json.loads(body, parse_float=_finite, parse_constant=_refuse)
        except ValueError:
            plain = None
        if plain is None:
            raise
    return msgspec.convert(plain, shape)


def encode(value: object) -> bytes:
    """The body for this value: UTF-8, or escapes where half an emoji makes that impossible."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _refuse(name: str) -> None:
    raise ValueError(name)
