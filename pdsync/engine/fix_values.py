"""Values as a fix file has them, and as a service takes them.

People review labels and addresses, not option ids and objects. So a fix file holds texts: an option by its label, a
person's addresses as a list with the primary one first. This module goes both ways, and refuses what it cannot be sure of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pdsync.model import Field, Kind, Value, is_empty
from pdsync.model.values import Missing
from pdsync.planning.comparison import addresses, comparison_form
from pdsync.planning.emails import is_address
from pdsync.planning.keys import address_key
from pdsync.planning.scoping import option_value
from pdsync.planning.wording import did_you_mean, quoted

__all__ = ["NotPossible", "as_file", "as_sent", "is_still"]


class NotPossible(ValueError):
    """Why a value cannot be set, in words."""


def as_file(field: Field, value: Value | Missing) -> Value:
    """A delivered value as a fix file shows it; empty is None."""
    if isinstance(value, Missing) or is_empty(value):
        return None
    if field.kind is Kind.EMAILS:
        return value if isinstance(value, str) else list(addresses(value))
    if field.kind is Kind.OPTIONS:
        return [_label(field, item) for item in _items(value)]
    if field.kind is Kind.OPTION:
        return _label(field, value)
    return value if isinstance(value, str) else comparison_form(field.kind, value)


def is_still(field: Field, now: Value, value: Value | Missing) -> bool:
    """Whether a delivered value is the one that a fix file was made for, to the letter."""
    shown = as_file(field, value)
    if is_empty(now) or is_empty(shown):
        return is_empty(now) and is_empty(shown)
    if field.kind in (Kind.EMAILS, Kind.OPTIONS):
        return _items(now) == _items(shown)
    return now == shown


def as_sent(field: Field, wanted: Value, value: Value | Missing) -> Value:
    """What is written for a wanted value; ``value``: what the record holds.

    Raises:
        NotPossible: an option that is not in the list, a text that is too long, addresses that are none, or more
            addresses than there are.
    """
    if is_empty(wanted):
        return None
    match field.kind:
        case Kind.EMAILS:
            return _addresses(_items(wanted), value)
        case Kind.OPTIONS:
            return [_option(field, item) for item in _items(wanted)]
        case Kind.OPTION:
            return _option(field, wanted)
        case _:
            return _text(field, wanted)


def _text(field: Field, wanted: Value) -> str:
    if not isinstance(wanted, str):
        raise NotPossible("a text is expected here, not a list")
    if field.max_length is not None and len(wanted) > field.max_length:
        raise NotPossible(f"{len(wanted):,} characters, and {field.max_length:,} fit")
    return wanted


def _option(field: Field, wanted: Value) -> Value:
    if not isinstance(wanted, str):
        raise NotPossible("one option is expected here, not a list")
    found = option_value(field, wanted)
    if found is None:
        meant = did_you_mean(wanted, (option.label for option in field.options))
        raise NotPossible(f"{quoted(wanted)} is not in the list {quoted(field.name)}{meant}")
    return found[0] if isinstance(found, list) else found


def _addresses(wanted: Sequence[Value], value: Value | Missing) -> Value:
    """The addresses of a record, each as it is, written differently, or left out."""
    texts = [text for text in wanted if isinstance(text, str)]
    held = addresses(value)
    for text in texts:
        if text not in held and not is_address(address_key(text)):
            raise NotPossible(f"{quoted(text)} is no email address")
    if isinstance(value, (str, Missing)) or value is None:
        if len(texts) != 1:
            raise NotPossible("one address is expected here")
        return texts[0]
    if len(texts) > len(held):
        raise NotPossible("a repair adds no address")
    if len(texts) == len(held):
        written = list(zip(held, texts, strict=True))
    else:
        if not texts or texts[0] != held[0]:
            raise NotPossible("the first address cannot be left out")
        if not _in_order(texts, held):
            raise NotPossible("addresses can be left out or written differently, not both at once")
        left = list(texts)
        written = []
        for text in held:
            if left and left[0] == text:
                written.append((text, left.pop(0)))
    return _entries(value, written)


def _in_order(texts: Sequence[str], held: Sequence[str]) -> bool:
    rest = iter(held)
    return all(text in rest for text in texts)


def _entries(value: Value, written: list[tuple[str, str]]) -> Value:
    """The list of a record with these (old, new) addresses; the entries of all others are left out."""
    entries: list[Value] = []
    for entry in _items(value):
        old = entry.get("value") if isinstance(entry, Mapping) else entry
        if not isinstance(old, str) or is_empty(old):
            entries.append(entry)
            continue
        place = next((number for number, (one, _) in enumerate(written) if one == old), None)
        if place is None:
            continue
        _, new = written.pop(place)
        entries.append({**entry, "value": new} if isinstance(entry, Mapping) else new)
    return entries


def _items(value: Value) -> list[Value]:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]


def _label(field: Field, value: Value) -> str:
    identity = comparison_form(Kind.OPTION, value) or ""
    option = field.option(identity)
    return option.label if option is not None else identity
