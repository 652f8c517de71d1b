"""YAML text as parser events: by libyaml where it reads exactly what PyYAML's own parser reads, which is slow.

A field list of 150 fields and 1,200 options costs PyYAML's parser 0.3 s of processor time and libyaml's 0.02, at every
command and at every key on the Mapping screen. They agree on plain files. Where they are known to part (tabs, directives,
block scalars, explicit keys, tags, empty values between brackets), PyYAML's own decides, and it words every error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, TypeVar

import yaml

if TYPE_CHECKING:
    from yaml.events import Event

__all__ = ["read_twice"]

T = TypeVar("T")
_DELICATE: Final = re.compile(r"[\t%|>?!\ufeff]|:\s*(?:#[^\r\n]*[\r\n]\s*)*[,}\]]")
_FAST: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""A build of PyYAML without libyaml has no such loader."""


def read_twice(text: str, read: Callable[[Iterator[Event]], T]) -> T:
    """What ``read`` makes of the events of a text: by the fast parser, or again by the exact one where that says no.

    Raises:
        yaml.MarkedYAMLError: it is not YAML, in the words of PyYAML's own parser.
    """
    if not _DELICATE.search(text):
        try:
            return read(iter(yaml.parse(text, Loader=_FAST)))
        except yaml.MarkedYAMLError:
            pass
    return read(iter(yaml.parse(text, Loader=yaml.SafeLoader)))
