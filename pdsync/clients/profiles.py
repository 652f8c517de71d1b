"""API profiles: what is known about talking to one generation of Plezi, as data with its evidence.

Plezi publishes no API reference. So no path stands in code: a profile names each call, why it is believed, and where
things lie in its answer; what nobody has seen is absent, and guesses stand apart under ``candidates``. When somebody
learns more, a YAML file of theirs extends a shipped profile, and no release is needed.

Read strictly: YAML without aliases, tags or duplicate keys, within a bound, checked by ``profile-v1.schema.json``; every
problem at once, with file, line and column.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pdsync.draft7 import validator
from pdsync.errors import MappingError, SettingsError
from pdsync.model import Field, Finding, Kind, Option, Place, Severity

__all__ = [
    "SHIPPED",
    "Authentication",
    "CallSpec",
    "Evidence",
    "FieldType",
    "Paging",
    "Profile",
    "load_profile",
]

SHIPPED: Final = ("app-v1", "brain-v1", "sandbox")
_LARGEST: Final = 200_000
_DEEPEST: Final = 20
_DEEPEST_EXTENDS: Final = 5
_INVENTED_PATH: Final = "/api/sandbox/"
"""Paths of the sandbox's own routes; a profile that uses one speaks to this machine only, whatever it calls itself."""
_Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a call is believed, and where to look it up."""

    mark: str
    source: str


@dataclass(frozen=True, slots=True)
class Paging:
    """How a list is cut into pages."""

    by: str
    """``page`` or ``offset``."""
    parameter: str
    size_parameter: str
    size: int
    first: int = 0


@dataclass(frozen=True, slots=True)
class CallSpec:
    """One call of a profile."""

    method: str
    path: str
    evidence: Evidence
    query: tuple[tuple[str, str], ...] = ()
    form: tuple[tuple[str, str], ...] = ()
    """Form body: key, and the credential that it carries."""
    paging: Paging | None = None
    since: str = ""
    ids_parameter: str = ""
    ids_most: int = 1
    answer: Mapping[str, str] = field(default_factory=dict)
    side_effects: str = ""


@dataclass(frozen=True, slots=True)
class Authentication:
    """How a request proves who sends it."""

    scheme: str
    headers: tuple[tuple[str, str], ...] = ()
    header: str = ""
    signed_method: str = ""
    signed_host: str = ""
    nonce: str = ""


@dataclass(frozen=True, slots=True)
class FieldType:
    """A field type of the service in pdsync's words."""

    kind: Kind
    max_length: int | None = None
    clearable: bool = True


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything a client of Plezi has to know."""

    name: str
    description: str
    base_url: str
    """Empty: the settings must say."""
    loopback_only: bool
    at_once: int
    authentication: Authentication
    record: Mapping[str, str]
    field_types: Mapping[str, FieldType]
    fields: tuple[Field, ...]
    form: Mapping[str, str] | None
    side_effects_accepted: bool
    calls: Mapping[str, CallSpec]
    candidates: Mapping[str, CallSpec]


def load_profile(name_or_path: str) -> Profile:
    """A shipped profile by name, or the one in a YAML file.

    Raises:
        SettingsError: no such profile or file.
        MappingError: the file is not a profile; ``findings`` holds every problem with its place.
    """
    return _shipped(name_or_path) if name_or_path in SHIPPED else _profile(_joined(name_or_path, None, 0))


@cache
def _shipped(name: str) -> Profile:
    """Read once: it cannot change while the process runs."""
    return _profile(_joined(name, None, 0))


# reading


def _joined(name: str, beside: Path | None, depth: int) -> dict[str, Any]:
    """The file's tree over that of the profile it extends."""
    where, text = _text(name, beside)
    data, places = _parse(text, where)
    places.setdefault((), Place(where, 1, 1))
    problems = (
        _breaches(data, places)
        if data is not None
        else [_finding(places, (), "there is nothing in this file")]
    )
    if isinstance(data, dict) and "extends" not in data and not problems and "authentication" not in data:
        problems = [
            _finding(places, (), "'authentication' is missing, and there is no 'extends' to take it from")
        ]
    if problems:
        raise MappingError(
            f"The API profile {where} cannot be used.",
            findings=problems,
            untouched="Nothing was read or written.",
        )
    tree: dict[str, Any] = data
    base = tree.pop("extends", None)
    if base is None:
        return tree
    if depth >= _DEEPEST_EXTENDS:
        raise SettingsError(
            f"The API profile {where} extends a profile that extends a profile ... without end."
        )
    under = _joined(base, Path(where).parent if name not in SHIPPED else None, depth + 1)
    merged = _merge(under, tree)
    merged["loopback_only"] = bool(under.get("loopback_only")) or bool(tree.get("loopback_only"))
    return merged


def _merge(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Groups are joined key by key, one level down into ``calls`` and the like; everything else is replaced."""
    merged = dict(under)
    for key, value in over.items():
        held = merged.get(key)
        both = (
            isinstance(value, dict)
            and isinstance(held, dict)
            and key in ("calls", "candidates", "field_types")
        )
        merged[key] = {**held, **value} if both and isinstance(held, dict) else value
    return merged


def _text(name: str, beside: Path | None) -> tuple[str, str]:
    if name in SHIPPED:
        found = resources.files("pdsync.clients").joinpath("plezi_profiles", f"{name}.yaml")
        return f"{name}.yaml", found.read_text("utf-8")
    path = Path(name) if beside is None or Path(name).is_absolute() else beside / name
    if not path.is_file():
        raise SettingsError(
            f"There is no API profile {name!r}.",
            untouched="Nothing was read or written.",
            next_step=f"Shipped are {', '.join(SHIPPED)}; or name a YAML file (plezi.profile).",
        )
    try:
        if path.stat().st_size > _LARGEST:
            raise SettingsError(f"The API profile {path} is larger than {_LARGEST:,} bytes.")
        return str(path), path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The API profile {path} cannot be read: {error}.") from error


def _parse(text: str, where: str) -> tuple[Any, dict[_Path, Place]]:
    """YAML -> plain data, and where each value stands."""
    import yaml

    reader = _Reader(where)
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise reader.refusal(event.start_mark, "groups within groups without end")
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise reader.refusal(event.start_mark, "anchors and aliases are not used in profiles")
            if getattr(event, "tag", None) not in (None, "!"):
                raise reader.refusal(event.start_mark, "tags are not used in profiles")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = None if root is None else reader.plain(root, ())
    except yaml.MarkedYAMLError as error:
        raise reader.refusal(error.problem_mark, error.problem or "this is not YAML") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise reader.refusal(None, f"this is not YAML: {' '.join(str(error).split())[:200]}") from None
    return data, reader.places


class _Reader:
    """Turns PyYAML's nodes into plain data and notes where each stood."""

    def __init__(self, where: str) -> None:
        self.places: dict[_Path, Place] = {}
        self._where = where

    def plain(self, node: Any, at: _Path) -> Any:  # noqa: ANN401 - any YAML value
        import yaml

        self.places[at] = self._place(node.start_mark)
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item, (*at, number)) for number, item in enumerate(node.value)]
        if not isinstance(node, yaml.MappingNode):
            return _scalar(node)
        result: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self.refusal(key.start_mark, "a key is a word")
            if key.value in result:
                raise self.refusal(key.start_mark, f"{key.value!r} stands here twice")
            result[key.value] = self.plain(value, (*at, key.value))
            self.places[(*at, key.value)] = self._place(key.start_mark)
        return result

    def refusal(self, mark: Any, message: str) -> MappingError:  # noqa: ANN401 - PyYAML's marks have no types
        finding = Finding("profile-syntax", Severity.BLOCKING, message, place=self._place(mark))
        return MappingError(
            f"The API profile {self._where} cannot be read.",
            findings=[finding],
            untouched="Nothing was read or written.",
        )

    def _place(self, mark: Any) -> Place:  # noqa: ANN401 - PyYAML's marks have no types
        return Place(self._where, mark.line + 1, mark.column + 1) if mark else Place(self._where, 1, 1)


def _scalar(node: Any) -> object:  # noqa: ANN401 - a PyYAML node
    """The meanings of YAML 1.2: yes, no and on are words."""
    text = str(node.value)
    if node.style is not None:
        return text
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else text


def _breaches(data: Any, places: Mapping[_Path, Place]) -> list[Finding]:  # noqa: ANN401 - any YAML value
    """Every breach of the schema, in the order of the file."""
    schema = json.loads(
        resources.files("pdsync.clients").joinpath("profile-v1.schema.json").read_text("utf-8")
    )
    found: list[Finding] = []
    for error in validator(schema).iter_errors(data):
        path: _Path = tuple(error.absolute_path)
        if error.validator == "additionalProperties" and isinstance(error.instance, dict):
            known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
            found += [
                _finding(places, (*path, key), f"unknown key {key!r}{_meant(key, known)}")
                for key in error.instance
                if key not in known
            ]
        else:
            named = f"{path[-1]}: " if path and isinstance(path[-1], str) else ""
            found.append(_finding(places, path, f"{named}{' '.join(error.message.split())[:200]}"))
    return sorted(found, key=lambda finding: finding.place or Place("", 0, 0))


def _meant(key: str, known: Mapping[str, object]) -> str:
    import difflib

    near = difflib.get_close_matches(key, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known here: {', '.join(known)}"


def _finding(places: Mapping[_Path, Place], path: _Path, message: str) -> Finding:
    while path and path not in places:
        path = path[:-1]
    return Finding("profile-schema", Severity.BLOCKING, message, place=places.get(path))


# building


def _profile(tree: Mapping[str, Any]) -> Profile:
    calls = {name: _call(spec) for name, spec in (tree.get("calls") or {}).items() if spec is not None}
    candidates = {
        name: _call(spec) for name, spec in (tree.get("candidates") or {}).items() if spec is not None
    }
    invented = any(spec.path.startswith(_INVENTED_PATH) for spec in (*calls.values(), *candidates.values()))
    auth = tree["authentication"]
    return Profile(
        name=tree["name"],
        description=tree.get("description", ""),
        base_url=tree.get("base_url") or "",
        loopback_only=invented or bool(tree.get("loopback_only")),
        at_once=tree.get("at_once", 4),
        authentication=Authentication(
            scheme=auth["scheme"],
            headers=tuple((auth.get("headers") or {}).items()),
            header=auth.get("header", ""),
            signed_method=auth.get("signed_method", ""),
            signed_host=auth.get("signed_host", ""),
            nonce=auth.get("nonce", ""),
        ),
        record=MappingProxyType({k: v for k, v in (tree.get("record") or {}).items() if v}),
        field_types=MappingProxyType(
            {
                name: FieldType(Kind(spec["kind"]), spec.get("max_length"), spec.get("clearable", True))
                for name, spec in (tree.get("field_types") or {}).items()
            }
        ),
        fields=tuple(_field(spec) for spec in tree.get("fields") or ()),
        form=MappingProxyType(tree["form"]) if tree.get("form") else None,
        side_effects_accepted=bool(tree.get("side_effects_accepted")),
        calls=MappingProxyType(calls),
        candidates=MappingProxyType(candidates),
    )


def _call(spec: Mapping[str, Any]) -> CallSpec:
    paging = spec.get("paging")
    ids = spec.get("ids") or {}
    return CallSpec(
        method=spec["method"],
        path=spec["path"],
        evidence=Evidence(**spec["evidence"]),
        query=tuple((spec.get("query") or {}).items()),
        form=tuple((spec.get("form") or {}).items()),
        paging=Paging(**paging) if paging else None,
        since=spec.get("since", ""),
        ids_parameter=ids.get("parameter", ""),
        ids_most=ids.get("most", 1),
        answer=MappingProxyType(spec.get("answer") or {}),
        side_effects=spec.get("side_effects", ""),
    )


def _field(spec: Mapping[str, Any]) -> Field:
    options: Sequence[Mapping[str, str]] = spec.get("options") or ()
    return Field(
        code=spec["code"],
        name=spec["name"],
        kind=Kind(spec["kind"]),
        remote_type=spec["kind"],
        options=tuple(Option(id=item["value"], label=item.get("label") or item["value"]) for item in options),
        writable=not spec.get("read_only", False),
        clearable=spec.get("clearable", False),
        max_length=spec.get("max_length"),
        required=spec.get("required", False),
        custom=spec["code"].startswith("plz_"),
    )
