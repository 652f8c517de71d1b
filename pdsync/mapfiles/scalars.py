"""What a word without quotes means in YAML 1.2: nothing, true, false, a number, or the text that it is.

PyYAML reads YAML 1.1, where ``no`` is false, ``010`` is eight and ``12:30:00`` is 45000. Country codes, article numbers
and times are what mappings hold, so its resolvers are not used.
"""

from __future__ import annotations

import re

from pdsync.model import Value

__all__ = ["is_plain_text", "meaning"]

_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", re.ASCII)
_BASES = {"0o": 8, "0x": 16}
_MOST_DIGITS = 300


def meaning(text: str) -> Value:
    """What a plain scalar means in YAML 1.2's core schema.

    Raises:
        ValueError: a number that cannot be held.
    """
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE"):
        return True
    if text in ("false", "False", "FALSE"):
        return False
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is not a number that can be used here; put it in quotes if it is text")
    if len(text) > _MOST_DIGITS and _FLOAT.fullmatch(text):
        raise ValueError(f"a number of more than {_MOST_DIGITS} digits; put it in quotes if it is text")
    if _INTEGER.fullmatch(text):
        return int(text[2:], _BASES[text[:2]]) if text[:2] in _BASES else int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if number in (float("inf"), float("-inf")):
            raise ValueError(f"{text} is beyond every number; put it in quotes if it is text")
        return number
    return text


def is_plain_text(text: str) -> bool:
    """Whether these characters without quotes mean text, not a number, true, false or nothing."""
    try:
        return isinstance(meaning(text), str)
    except ValueError:
        return False
