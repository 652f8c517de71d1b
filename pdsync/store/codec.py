"""Model values to JSON and back, exactly: what plan files and the journal are made of.

The shape of a line follows from the dataclass itself, so that a field added to the model is stored from that day on and
cannot be forgotten here. Missing (not read) is a key that is absent, empty is ``null``: the two never mix. Fields that
hold their default are left out, which keeps a plan of 200,000 changes small.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Any, TypeVar, cast

from pdsync.model import MISSING, MergeBase, Missing, Value
from pdsync.model.records import Subject

__all__ = [
    "decode",
    "decode_bases",
    "decode_value",
    "encode",
    "encode_bases",
    "encode_plain",
    "encode_value",
    "from_plain",
    "to_plain",
]

T = TypeVar("T")
_Convert = Callable[[Any], Any]


class _AnyValue:
    """Stands for ``Value`` while annotations are read: JSON as it is."""


_NAMES: dict[str, Any] = {"Value": _AnyValue, "Mapping": Mapping, "Subject": Subject}
"""Names in the model's annotations that are recursive, or imported for annotations only."""


def encode_value(value: Value) -> str:
    """The JSON text of a delivered value; ``decode_value`` gives back an equal value of the same types."""
    return encode_plain(value)


def decode_value(text: str) -> Value:
    """The value that ``encode_value`` wrote.

    Raises:
        ValueError: the text is not JSON.
    """
    return cast("Value", _load(text))


def encode(item: object) -> str:
    """One line of JSON for a dataclass of the model."""
    return encode_plain(to_plain(item))


def decode(kind: type[T], text: str | bytes) -> T:
    """The dataclass that ``encode`` wrote.

    Raises:
        ValueError: the text is not JSON, or not of this shape.
    """
    return from_plain(kind, _load(text))


def to_plain(item: object) -> Any:  # noqa: ANN401 - whatever JSON can say
    """A dataclass of the model as dictionaries, lists and scalars."""
    return _encoder(type(item))(item)


def from_plain(kind: type[T], plain: Any) -> T:  # noqa: ANN401 - whatever JSON can say
    """The dataclass that ``to_plain`` took apart.

    Raises:
        ValueError: ``plain`` has another shape.
    """
    try:
        return cast("T", _decoder(kind)(plain))
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a {kind.__name__}: {error}") from error


def encode_bases(bases: Mapping[str, MergeBase | None]) -> str:
    """Merge bases by field mapping key; None where there was none."""
    return encode_plain({key: None if base is None else to_plain(base) for key, base in bases.items()})


def decode_bases(text: str) -> dict[str, MergeBase | None]:
    """What ``encode_bases`` wrote.

    Raises:
        ValueError: it is not of this shape.
    """
    plain = _load(text)
    return {key: None if base is None else from_plain(MergeBase, base) for key, base in plain.items()}


def encode_plain(plain: Any) -> str:  # noqa: ANN401 - whatever JSON can say
    """Compact UTF-8; with escapes where half an emoji (a lone surrogate) makes plain UTF-8 impossible."""
    import msgspec

    try:
        return msgspec.json.encode(plain).decode()
    except UnicodeEncodeError:
        return json.dumps(plain, ensure_ascii=True, separators=(",", ":"))


def _load(text: str | bytes) -> Any:  # noqa: ANN401 - whatever JSON can say
    import msgspec

    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return json.loads(text)


# -- one converter per type, made once from its annotations ---------------------------------------------------------


def _make_encoder(kind: Any) -> _Convert:  # noqa: ANN401 - a type or an annotation
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind):
        return _dataclass_encoder(cast("type[Any]", kind))
    if kind in (str, int, float, bool, _AnyValue) or (isinstance(kind, type) and issubclass(kind, Enum)):
        return _same
    if isinstance(kind, type) and issubclass(kind, tuple):
        each = [_encoder(hint) for hint in _hints(kind).values()]
        return lambda item: [convert(part) for convert, part in zip(each, item, strict=True)]
    if origin in (types.UnionType, typing.Union):
        inner = _encoder(_optional(kind))
        return lambda item: None if item is None else inner(item)
    if origin is tuple:
        each = [_encoder(argument) for argument in arguments if argument is not ...]
        if arguments[-1] is ...:
            return lambda item: [each[0](part) for part in item]
        return lambda item: [convert(part) for convert, part in zip(each, item, strict=True)]
    if origin is Mapping:
        value = _encoder(arguments[1])
        return lambda item: {str(key): value(part) for key, part in item.items()}
    raise TypeError(f"the codec has no rule for {kind!r}")


def _make_decoder(kind: Any) -> _Convert:  # noqa: ANN401, PLR0911 - an annotation; one return per shape of annotation
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind):
        return _dataclass_decoder(cast("type[Any]", kind))
    if kind is _AnyValue:
        return _same
    if kind in (str, int, bool, float):
        return _scalar_decoder(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if isinstance(kind, type) and issubclass(kind, tuple):
        each = [_decoder(hint) for hint in _hints(kind).values()]
        return lambda plain: kind(*(convert(part) for convert, part in zip(each, plain, strict=True)))
    if origin in (types.UnionType, typing.Union):
        inner = _decoder(_optional(kind))
        return lambda plain: None if plain is None else inner(plain)
    if origin is tuple:
        each = [_decoder(argument) for argument in arguments if argument is not ...]
        if arguments[-1] is ...:
            return lambda plain: tuple(each[0](part) for part in _list(plain))
        return lambda plain: tuple(convert(part) for convert, part in zip(each, _list(plain), strict=True))
    if origin is Mapping:
        key, value = _decoder(arguments[0]), _decoder(arguments[1])
        return lambda plain: {key(name): value(part) for name, part in plain.items()}
    raise TypeError(f"the codec has no rule for {kind!r}")


_encoder: Callable[[Any], _Convert] = cache(_make_encoder)
_decoder: Callable[[Any], _Convert] = cache(_make_decoder)


def _dataclass_encoder(kind: type[Any]) -> _Convert:
    parts = [
        (field.name, _default(field), _encoder(_without_missing(_hints(kind)[field.name])))
        for field in dataclasses.fields(kind)
        if field.init
    ]

    optional = [name for name, default, _ in parts if default is not _NOTHING]

    def convert(item: Any) -> dict[str, Any]:  # noqa: ANN401 - an instance of kind
        plain: dict[str, Any] = {}
        for name, default, encode_part in parts:
            value = getattr(item, name)
            if value is MISSING or (value == default and type(value) is type(default)):
                continue
            plain[name] = encode_part(value)
        # Where absence means the default, missing has to be said.
        missing = [name for name in optional if getattr(item, name) is MISSING]
        if missing:
            plain["missing"] = missing
        return plain

    return convert


def _dataclass_decoder(kind: type[Any]) -> _Convert:
    hints = _hints(kind)
    parts = {
        field.name: _decoder(_without_missing(hints[field.name]))
        for field in dataclasses.fields(kind)
        if field.init
    }
    may_miss = [name for name in parts if _without_missing(hints[name]) is not hints[name]]
    required = {field.name for field in dataclasses.fields(kind) if _default(field) is _NOTHING}

    def convert(plain: Any) -> Any:  # noqa: ANN401 - JSON in, an instance of kind out
        if not isinstance(plain, dict):
            raise TypeError("not an object")
        missing = plain.get("missing", ())
        given = {name: parts[name](part) for name, part in plain.items() if name != "missing"}
        for name in may_miss:
            if name not in given and (name in missing or name in required):
                given[name] = MISSING
        return kind(**given)

    return convert


_NOTHING: Any = object()


def _default(field: dataclasses.Field[Any]) -> Any:  # noqa: ANN401 - any default
    if field.default is not dataclasses.MISSING:
        return field.default
    return field.default_factory() if field.default_factory is not dataclasses.MISSING else _NOTHING


def _read_hints(kind: type[Any]) -> dict[str, Any]:
    return typing.get_type_hints(kind, localns=_NAMES)


_hints: Callable[[Any], dict[str, Any]] = cache(_read_hints)


def _without_missing(hint: Any) -> Any:  # noqa: ANN401 - an annotation
    """``Value | Missing`` is a value whose absence is told by the absence of its key."""
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) not in (types.UnionType, typing.Union) or Missing not in arguments:
        return hint
    (rest,) = [argument for argument in arguments if argument is not Missing]
    return rest


def _optional(hint: Any) -> Any:  # noqa: ANN401 - an annotation
    rest = [argument for argument in typing.get_args(hint) if argument is not type(None)]
    if len(rest) != 1:
        raise TypeError(f"the codec has no rule for {hint!r}")
    return rest[0]


def _scalar_decoder(kind: type[Any]) -> _Convert:
    allowed = (int, float) if kind is float else kind

    def convert(plain: Any) -> Any:  # noqa: ANN401 - JSON in, the same out
        if not isinstance(plain, allowed) or (isinstance(plain, bool) and kind is not bool):
            raise TypeError(f"{plain!r:.40} is not {kind.__name__}")
        return plain

    return convert


def _list(plain: Any) -> list[Any]:  # noqa: ANN401 - JSON in, a list out
    if not isinstance(plain, list):
        raise TypeError("not a list")
    return plain


def _same(item: Any) -> Any:  # noqa: ANN401 - JSON in, the same out
    return item
