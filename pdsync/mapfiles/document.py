"""YAML text as plain data that remembers where everything stands, or every reason why it is not.

The mapping is written by people, reviewed in git, and may come from elsewhere. So it is read by a safe loader with
YAML 1.2 meanings (``yes``, ``no`` and ``on`` are words, 010 is ten, dates and times are text), without tags that make
objects, and within bounds: a file of a few hundred bytes cannot become a gigabyte. Lines and columns are those of
editors: they count from 1, in characters, and only CR, LF and CRLF end a line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import yaml

from pdsync.mapfiles.events import read_twice
from pdsync.mapfiles.scalars import meaning
from pdsync.mapfiles.syntax import syntax_problem
from pdsync.model import Finding, Place, Severity, Value
from pdsync.planning.wording import quoted

if TYPE_CHECKING:
    from yaml.events import Event

__all__ = [
    "MAX_ALIASES",
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_VALUES",
    "Document",
    "Path",
    "Source",
    "Span",
    "parse",
]

MAX_BYTES = 2_000_000
"""Of the file. The default mapping has 6 kB; a list of 10,000 option pairs has 600 kB."""
MAX_DEPTH = 20
"""Of lists and groups within each other. A mapping needs 7."""
MAX_VALUES = 300_000
"""Of values, keys included, after aliases are followed."""
MAX_ALIASES = 200

Path: TypeAlias = tuple[str | int, ...]
"""Where a value is: ``("fields", 3, "pipedrive")``."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_NOT_TEXT = re.compile("[^\x09\x0a\x0d\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What YAML forbids in a file: control characters, NUL, lone surrogates."""
_TEXT_TAGS = (None, "!", "tag:yaml.org,2002:str")


class Source:
    """The text of one file, and the line and column of each of its characters."""

    def __init__(self, path: str, text: str, *, mark: bytes = b"", encoding: str = "utf-8") -> None:
        self.path = path
        self.text = text
        self.mark = mark
        """What an editor put before the first character."""
        self.encoding = encoding
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def place(self, index: int) -> Place:
        """Line and column of the character at ``index``."""
        index = min(index, len(self.text))
        line = bisect_right(self._starts, index)
        return Place(self.path, line, index - self._starts[line - 1] + 1)

    def index(self, line: int, column: int) -> int:
        """The character at a place: ``place`` the other way round."""
        return self._starts[line - 1] + column - 1

    def content_end(self, start: int, end: int) -> int:
        """``end`` without the white space before it."""
        while end > start and self.text[end - 1].isspace():
            end -= 1
        return end

    def problem(self, code: str, index: int, message: str, *, fix: str = "") -> Finding:
        """A finding at ``index``."""
        return Finding(code, Severity.BLOCKING, message, place=self.place(index), fix=fix)


class Span(NamedTuple):
    """The characters of a value, for ``editing``."""

    start: int
    end: int
    """Behind its last character; comments and white space after it do not belong to it."""
    flow: bool
    """Written in braces or brackets."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file's data. Keys are always text; places are by path. It is shared (``parse``): nobody changes it."""

    path: str
    data: Value
    values: dict[Path, Place] = field(default_factory=dict)
    """Where each value starts."""
    spans: dict[Path, Span] = field(default_factory=dict)
    aliased: list[Path] = field(default_factory=list)
    """Values that are aliases of others: their characters stand elsewhere."""
    keys: dict[Path, Place] = field(default_factory=dict)
    """Where the key of each value starts."""
    raw: dict[Path, str] = field(default_factory=dict)
    """How numbers, true, false and null are written: ``010``."""

    def place(self, path: Path) -> Place:
        """Where the value stands, or the nearest value around it."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Place(self.path, 1, 1))

    def key_place(self, path: Path) -> Place:
        """Where the key of a value stands; for an item of a list, the item."""
        return self.keys.get(path) or self.place(path)


def parse(source: Source) -> tuple[Document | None, tuple[Finding, ...]]:
    """The data of a YAML text, or what keeps it from being read. A syntax error ends the list; the others do not.

    A text that was read just now is not read again: editing a mapping asks for the same text four times with every key.
    """
    return _parsed(source.path, source.text)


@lru_cache(maxsize=8)
def _parsed(path: str, text: str) -> tuple[Document | None, tuple[Finding, ...]]:
    source = Source(path, text)
    bad = _NOT_TEXT.search(source.text)
    if bad is not None:
        message = f"the character U+{ord(bad[0]):04X} may not stand in a YAML file"
        return None, (source.problem("yaml-character", bad.start(), message, fix="delete it"),)
    hidden = _stand_ins(source.text)
    problems: list[Finding] = []
    document: Document | None = None

    def read(events: Iterator[Event]) -> Document:
        problems.clear()
        builder = _Builder(source, events, hidden, problems)
        root = builder.document()
        document = Document(source.path, None)
        walk = _Walk(builder, document)
        walk.check_size(root)
        return replace(document, data=walk.value(root, ()))

    try:
        document = read_twice(source.text.translate(hidden), read)
    except yaml.MarkedYAMLError as error:
        problems.append(syntax_problem(source, error))
    except _Bound as bound:
        problems.append(bound.finding)
    return (None, tuple(problems)) if problems else (document, ())


class _Bound(Exception):
    """A bound is exceeded: nothing more can be said about this file."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


@dataclass(slots=True)
class _Scalar:
    at: int
    end: int
    value: Value
    raw: str


@dataclass(slots=True)
class _List:
    at: int
    end: int = 0
    flow: bool = False
    items: list[_Node] = field(default_factory=list)


@dataclass(slots=True)
class _Group:
    at: int
    end: int = 0
    flow: bool = False
    entries: dict[str, tuple[int, _Node]] = field(default_factory=dict)


@dataclass(slots=True)
class _Alias:
    at: int
    end: int
    target: _Node


_Node: TypeAlias = _Scalar | _List | _Group | _Alias


class _Builder:
    """Reads parser events into nodes; an alias is one node, so a bomb stays small here."""

    def __init__(
        self, source: Source, events: Iterator[Event], hidden: dict[int, int], problems: list[Finding]
    ) -> None:
        """``hidden``: the stand-ins in the text of the events; ``problems``: where what is wrong is noted."""
        self.source = source
        self.problems = problems
        self._shown = {new: old for old, new in hidden.items()}
        self._events = events
        self._anchors: dict[str, _Node | None] = {}
        self._count = 0
        self._aliases = 0

    def document(self) -> _Node:
        """The one document of the file; an empty file is an empty value."""
        next(self._events)  # the start of the stream
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            return _Scalar(0, 0, None, "")
        node = self._node(next(self._events), 1)
        next(self._events)  # the end of the document
        event = next(self._events)
        if not isinstance(event, yaml.StreamEndEvent):
            self._problem("yaml-documents", event, "a second YAML document starts here; a file holds one")
        return node

    def _node(self, event: Event, depth: int) -> _Node:
        self._count += 1
        if self._count > MAX_VALUES:
            raise _Bound(self._finding("yaml-too-large", event, f"more than {MAX_VALUES:,} values"))
        if depth > MAX_DEPTH:
            message = f"more than {MAX_DEPTH} lists and groups within each other"
            raise _Bound(self._finding("yaml-too-deep", event, message))
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        anchor: str | None = getattr(event, "anchor", None)
        if anchor is not None:
            self._anchors[anchor] = None
        node = self._content(event, depth)
        if anchor is not None:
            self._anchors[anchor] = node
        return node

    def _alias(self, event: yaml.AliasEvent) -> _Node:
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            raise _Bound(self._finding("yaml-aliases", event, f"more than {MAX_ALIASES} aliases"))
        name = event.anchor or ""
        if name not in self._anchors:
            self._problem(
                "yaml-alias", event, f"the alias *{name} stands for nothing: no &{name} comes before it"
            )
            return _Scalar(_index(event), _index(event), None, "")
        target = self._anchors[name]
        if target is None:
            raise _Bound(self._finding("yaml-alias", event, f"the alias *{name} stands within itself"))
        return _Alias(_index(event), _end(event), target)

    def _content(self, event: Event, depth: int) -> _Node:
        tag: str | None = getattr(event, "tag", None)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if tag not in (None, "!"):
            self._problem("yaml-tag", event, f"the tag {quoted(tag)} is not supported here; leave it out")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(event, depth)
        return self._group(event, depth)

    def _list(self, event: yaml.SequenceStartEvent, depth: int) -> _Node:
        items = _List(_index(event), _end(event), bool(event.flow_style))
        while not isinstance(inner := next(self._events), yaml.SequenceEndEvent):
            items.items.append(self._node(inner, depth + 1))
            items.end = items.items[-1].end
        if items.flow:
            items.end = _end(inner)
        return items

    def _group(self, event: Event, depth: int) -> _Node:
        group = _Group(_index(event), _end(event), bool(getattr(event, "flow_style", False)))
        while not isinstance(inner := next(self._events), yaml.MappingEndEvent):
            key, at = self._key(inner, depth + 1), _index(inner)
            node = self._node(next(self._events), depth + 1)
            group.end = node.end
            if key is None:
                continue
            if key in group.entries:
                first = self.source.place(group.entries[key][0])
                message = f"the key {quoted(key)} stands twice here; first in line {first.line}"
                self.problems.append(self.source.problem("duplicate-key", at, message))
            else:
                group.entries[key] = (at, node)
        if group.flow:
            group.end = _end(inner)
        return group

    def _key(self, event: Event, depth: int) -> str | None:
        """The text of a key, as written; None (with a problem) where a list or a group is one."""
        if isinstance(event, yaml.ScalarEvent):
            self._count += 1
            return event.value.translate(self._shown)
        self._problem("yaml-key", event, "a key has to be one word; a list or a group cannot be one")
        self._node(event, depth)
        return None

    def _scalar(self, event: yaml.ScalarEvent) -> _Node:
        at, text = _index(event), event.value.translate(self._shown)
        if event.tag not in _TEXT_TAGS:
            self._problem(
                "yaml-tag", event, f"the tag {quoted(event.tag)} is not supported here; leave it out"
            )
        plain = not event.style and event.tag is None
        try:
            value = meaning(text) if plain else text
        except ValueError as error:
            self._problem("yaml-number", event, str(error))
            value = None
        return _Scalar(at, _end(event), value, text)

    def _finding(self, code: str, event: Event, message: str) -> Finding:
        return self.source.problem(code, _index(event), message)

    def _problem(self, code: str, event: Event, message: str) -> None:
        self.problems.append(self._finding(code, event, message))


def _inside(node: _List | _Group) -> Sequence[_Node]:
    return node.items if isinstance(node, _List) else [entry for _, entry in node.entries.values()]


class _Walk:
    """Follows aliases into plain data with places, once it is known that they do not unfold to too much."""

    def __init__(self, builder: _Builder, document: Document) -> None:
        self._builder = builder
        self._document = document
        self._count = 0
        self._sizes: dict[int, int] = {}
        """Of lists and groups, by identity: how many values they unfold to."""

    def _unfolded(self, node: _Node) -> int:
        """How many values a node unfolds to, without unfolding it: a bomb is refused before it goes off."""
        while isinstance(node, _Alias):
            node = node.target
        if isinstance(node, _Scalar):
            return 1
        if id(node) not in self._sizes:
            self._sizes[id(node)] = 1 + sum(map(self._unfolded, _inside(node)))
        return self._sizes[id(node)]

    def check_size(self, node: _Node) -> None:
        """Stop at the first alias that makes it too much, before anything is unfolded.

        Raises:
            _Bound: ``MAX_VALUES`` is exceeded.
        """
        self._count += self._unfolded(node) if isinstance(node, _Alias) else 1
        if self._count > MAX_VALUES:
            message = f"more than {MAX_VALUES:,} values once its aliases are followed"
            raise _Bound(self._builder.source.problem("yaml-too-large", node.at, message))
        if isinstance(node, _List | _Group):
            for inner in _inside(node):
                self.check_size(inner)

    def value(self, node: _Node, path: Path, alias: int | None = None) -> Value:
        """The data of a node, noted under ``path``; ``alias`` is where the outermost alias on the way stands."""
        source = self._builder.source
        at = node.at
        if isinstance(node, _Alias):
            self._document.aliased.append(path)
            alias = at if alias is None else alias
        while isinstance(node, _Alias):
            node = node.target
        place = at if alias is None else alias
        if len(path) > MAX_DEPTH:
            message = (
                f"more than {MAX_DEPTH} lists and groups within each other once its aliases are followed"
            )
            raise _Bound(source.problem("yaml-too-large", place, message))
        self._document.values[path] = source.place(at)
        flow = not isinstance(node, _Scalar) and node.flow
        self._document.spans[path] = Span(node.at, source.content_end(node.at, node.end), flow)
        if isinstance(node, _List):
            return [self.value(item, (*path, number), alias) for number, item in enumerate(node.items)]
        if isinstance(node, _Group):
            data: dict[str, Value] = {}
            for key, (key_at, entry) in node.entries.items():
                inner = (*path, key)
                self._document.keys[inner] = source.place(key_at)
                data[key] = self.value(entry, inner, alias)
            return data
        if not isinstance(node.value, str):
            self._document.raw[path] = node.raw
        return node.value


def _stand_ins(text: str) -> dict[int, int]:
    """Private characters for those that end a line in YAML 1.1, which PyYAML reads, and not in YAML 1.2."""
    separators = [mark for mark in (0x85, 0x2028, 0x2029) if chr(mark) in text]
    free = (mark for mark in range(0xE000, 0xF8FF) if chr(mark) not in text)
    return dict(zip(separators, free, strict=False))


def _index(event: Event) -> int:
    return 0 if event.start_mark is None else int(event.start_mark.index)


def _end(event: Event) -> int:
    return 0 if event.end_mark is None else int(event.end_mark.index)
