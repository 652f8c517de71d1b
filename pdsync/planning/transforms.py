"""How a value of one field becomes a value of the other: translation between the two sides' spellings.

One place says what translates and how; the planner, lint and the options audit all ask it, so that none can disagree.
A value that does not translate is a result (``Untranslatable``), never an exception: the plan reports it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pdsync.model import BoundField, Field, FieldMapping, Kind, Side, Value, is_empty
from pdsync.planning.comparison import addresses, comparison_form

__all__ = ["Untranslatable", "agree", "option_names", "option_pairs", "slug", "translate", "translates"]

_OPTION_KINDS = (Kind.OPTION, Kind.OPTIONS)
_TEXT_LIKE = (Kind.TEXT, Kind.NUMBER, Kind.DATE, Kind.DATETIME, Kind.BOOLEAN)
_DECIMAL = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


@dataclass(frozen=True, slots=True)
class Untranslatable:
    """Why a value cannot be written on the other side."""

    code: str
    """``unknown-option``, ``rejected`` or ``unsupported``: the finding's code."""
    message: str


def slug(label: str) -> str:
    """Plezi's spelling of a label: lower case, no accents, hyphens (``Énergie & industrie`` -> ``energie-industrie``).

    Seen in customers' code, stated nowhere (reference plezi-api 7.3); only used where the result is unique.
    """
    folded = unicodedata.normalize(
        "NFKD", label.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae")
    ).casefold()
    letters = "".join(c for c in folded if not unicodedata.combining(c))
    return re.sub(r"[^\w]+", "-", letters).replace("_", "-").strip("-")


def option_pairs(written: FieldMapping, pipedrive: Field, plezi: Field) -> tuple[tuple[str, str], ...]:
    """The pairs of option identities (Pipedrive, Plezi) that mean the same, in order of preference.

    An explicit pair, else an exact label = value, else a unique slug(label) = value (design 6). Explicit pairs may
    name an option by label or by identity; those that name none are left out here and reported by lint.
    """
    pairs: list[tuple[str, str]] = []
    names_here, names_there = option_names(pipedrive), option_names(plezi)
    for pair in written.options.pairs:
        here, there = names_here.get(pair.pipedrive), names_there.get(pair.plezi)
        if here is not None and there is not None:
            pairs.append((here, there))
    done_here = {here for here, _ in pairs}
    done_there = {there for _, there in pairs}
    values = {option.id for option in plezi.options} - done_there
    for option in pipedrive.options:
        if option.id not in done_here and option.label in values:
            pairs.append((option.id, option.label))
            done_here.add(option.id)
    values -= {there for _, there in pairs}
    slugs: dict[str, list[str]] = {}
    for option in pipedrive.options:
        if option.id not in done_here:
            slugs.setdefault(slug(option.label), []).append(option.id)
    pairs += [(ids[0], text) for text, ids in slugs.items() if text in values and len(ids) == 1]
    return tuple(pairs)


def option_names(field: Field) -> dict[str, str]:
    """What an option may be called in a pair -> its identity: its label, if no other has it, else its identity."""
    names = {option.id: option.id for option in field.options}
    times = Counter(option.label for option in field.options)
    return names | {option.label: option.id for option in field.options if times[option.label] == 1}


def translates(source: Field, target: Field) -> bool:
    """Whether values of these kinds can be translated at all (some single values still may not)."""
    if source.kind in _OPTION_KINDS:
        return target.kind in (*_OPTION_KINDS, Kind.TEXT)
    if source.kind in _TEXT_LIKE:
        return target.kind in (*_TEXT_LIKE, *_OPTION_KINDS)
    if source.kind is Kind.PHONES:
        return target.kind is Kind.TEXT
    return source.kind is Kind.EMAILS and target.kind is Kind.EMAILS


def translate(bound: BoundField, value: Value, target: Side) -> Value | Untranslatable:
    """The form in which ``value`` of the other side is written to ``target``; empty becomes None.

    ``rejected``: the target field cannot hold it. ``unknown-option``: it has no counterpart in the target's list.
    ``unsupported``: kinds that do not translate.
    """
    if is_empty(value):
        return None
    source_field, target_field = bound.on(target.other), bound.on(target)
    if not translates(source_field, target_field):
        return Untranslatable(
            "unsupported",
            f"{source_field.kind} cannot be written into {target_field.kind} ({target_field.name})",
        )
    if target_field.kind is Kind.EMAILS:
        return _translate_emails(value, target)
    if target_field.kind in _OPTION_KINDS:
        return _translate_to_options(bound, value, target)
    if source_field.kind in _OPTION_KINDS:
        held = _identities(source_field, value)
        unknown = ", ".join(repr(item) for item in held if source_field.option(item) is None)
        if unknown:
            return Untranslatable(
                "unknown-option",
                f"{unknown} is no option of {target.other.label}'s {source_field.name!r} any more",
            )
        value = ", ".join(_label(source_field, item) for item in held)
    elif source_field.kind is Kind.PHONES:
        value = next(iter(addresses(value)), None)
        if value is None:
            return Untranslatable("rejected", f"{source_field.name!r} holds no number that can be read")
    return _to_scalar(value, source_field.kind, target_field)


def agree(bound: BoundField, pipedrive: Value, plezi: Value) -> bool:
    """Whether the two sides hold the same, each in its own spelling. Both empty agree."""
    if is_empty(pipedrive) or is_empty(plezi):
        return is_empty(pipedrive) and is_empty(plezi)
    for target, source_value, target_value in (
        (Side.PLEZI, pipedrive, plezi),
        (Side.PIPEDRIVE, plezi, pipedrive),
    ):
        kind = bound.on(target).kind
        translated = translate(bound, source_value, target)
        if not isinstance(translated, Untranslatable) and comparison_form(
            kind, translated
        ) == comparison_form(kind, target_value):
            return True
    return False


def _translate_emails(value: Value, target: Side) -> Value:
    first = next(iter(addresses(value)), None)
    if first is None:
        return None
    return [{"value": first, "primary": True, "label": "work"}] if target is Side.PIPEDRIVE else first


def _identities(field: Field, value: Value) -> list[str]:
    """The option identities in a delivered value, in the order of the field's list, unknown ones last."""
    items = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    held = {form for item in items if (form := comparison_form(Kind.OPTION, item)) is not None}
    known = [option.id for option in field.options if option.id in held]
    return known + sorted(held.difference(known))


def _label(field: Field, identity: str) -> str:
    option = field.option(identity)
    return option.label if option is not None else identity


def _translate_to_options(bound: BoundField, value: Value, target: Side) -> Value | Untranslatable:
    source, field = bound.on(target.other), bound.on(target)
    if source.kind in _OPTION_KINDS:
        wanted = [(bound.option_to[target].get(i), _label(source, i)) for i in _identities(source, value)]
    else:
        text = comparison_form(source.kind, value) or ""
        wanted = [(_option_of_text(field, text), text)]
    unknown = [label for identity, label in wanted if identity is None]
    if unknown:
        names = ", ".join(repr(label) for label in unknown)
        return Untranslatable("unknown-option", f"{names} is not in {target.label}'s list {field.name!r}")
    chosen = {identity for identity, _ in wanted}
    ordered = [_wire_option(option.sent, target) for option in field.options if option.id in chosen]
    if field.kind is Kind.OPTIONS:
        return ordered
    if len(ordered) > 1:
        return Untranslatable("rejected", f"{field.name!r} takes one option, not {len(ordered)}")
    return ordered[0]


def _option_of_text(field: Field, text: str) -> str | None:
    for option in field.options:
        if text in (option.label, option.id):
            return option.id
    matches = [option.id for option in field.options if slug(option.label) == slug(text)]
    return matches[0] if len(matches) == 1 else None


def _wire_option(identity: str, target: Side) -> Value:
    """Pipedrive's option ids are numbers (reference pipedrive-api 2.4); Plezi's are words, even where they look like 75."""
    return (
        int(identity) if target is Side.PIPEDRIVE and identity.isascii() and identity.isdigit() else identity
    )


def _to_scalar(value: Value, kind: Kind, target: Field) -> Value | Untranslatable:
    text = comparison_form(Kind.TEXT if kind in (*_OPTION_KINDS, Kind.PHONES) else kind, value) or ""
    match target.kind:
        case Kind.NUMBER:
            return _to_number(text, target)
        case Kind.BOOLEAN:
            if text.lower() in ("true", "false"):
                return text.lower() == "true"
            return Untranslatable("rejected", f"{target.name!r} takes true or false")
        case Kind.DATE:
            # Of a moment, the day in the zone that it is written in: midnight in Paris is the day before in UTC.
            day = value.strip()[:10] if kind is Kind.DATETIME and isinstance(value, str) else text
            if _is_day(day):
                return day
            wanted = "a day that exists" if _DAY.fullmatch(text) else "a date as YYYY-MM-DD"
            return Untranslatable("rejected", f"{target.name!r} takes {wanted}")
        case Kind.DATETIME if kind is not Kind.DATETIME:
            return Untranslatable("rejected", f"{target.name!r} takes a date with time")
        case _:
            written = value if isinstance(value, str) else text
            if target.max_length is not None and len(written) > target.max_length:
                return Untranslatable(
                    "rejected",
                    f"{target.name!r} takes {target.max_length} characters, this has {len(written)}",
                )
            return written


def _is_day(text: str) -> bool:
    """Whether this is a day of the calendar, written YYYY-MM-DD."""
    if not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _to_number(text: str, target: Field) -> Value | Untranslatable:
    form = comparison_form(Kind.NUMBER, text) or ""
    if not _DECIMAL.fullmatch(form):
        return Untranslatable("rejected", f"{target.name!r} takes a number")
    return float(form) if "." in form else int(form)
