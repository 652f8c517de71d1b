"""Changes values in a YAML text and leaves every other character as it is: comments, order, quotes, blank lines.

Files in git are reviewed line by line, so a tool that writes into them may touch what it changes and nothing else. A
round trip through a YAML library does not keep that promise: it indents anew, and a comment that stands before the next
entry is taken for the end of the last one, so that an appended entry lands between a comment and what it is about. The
reader knows where each value starts and ends; that is all that is needed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from pdsync.mapfiles.document import Document, Path, Source
from pdsync.mapfiles.scalars import is_plain_text
from pdsync.model import Value

__all__ = ["Editor", "Word", "block", "spelled"]


class Word(str):
    """A word that a schema knows, such as ``yes``: written as it is, without quotes."""

    __slots__ = ()


_PLAIN = re.compile(r"[^\W_](?:[\w.'&/()+%-]| (?! ))*(?<! )")
"""Text that needs no quotes anywhere, by a narrow reading of the rules."""
_HIDDEN = re.compile(
    "[\x7f-\xa0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f"
    "\u2800\u3000\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)
"""Controls, turns of direction, half emojis, and whatever looks like a space or like nothing: written as escapes, so that
who reviews a file sees that it is there, and every reader gets back the same."""
_SUBJECT = re.compile(r"(?:pipedrive:person|plezi:contact)/[\w-]+", re.ASCII)
_TWO_BYTES = 0xFFFF
_OLD_WORDS = frozenset({"y", "n", "yes", "no", "on", "off"})
"""Words here, true and false for a YAML 1.1 reader: quoted, so that all agree."""


def spelled(value: Value) -> str:
    """A value on one line, as people would write it; lists and groups in brackets and braces."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{spelled(key)}: {spelled(item)}" for key, item in value.items()) + "}"
    if isinstance(value, str):
        if isinstance(value, Word) or _is_plain(value):
            return str(value)
        return _HIDDEN.sub(_escape, json.dumps(value, ensure_ascii=False))
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(spelled, value)) + "]"
    return json.dumps(value)


def _is_plain(text: str) -> bool:
    if _SUBJECT.fullmatch(text):
        return True
    if not _PLAIN.fullmatch(text) or _HIDDEN.search(text):
        return False
    return is_plain_text(text) and text.lower() not in _OLD_WORDS


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\u{code:04x}" if code <= _TWO_BYTES else f"\\U{code:08x}"


def block(group: Mapping[str, Value]) -> list[str]:
    """The lines of a group, one key each, lists with one line per entry."""
    lines: list[str] = []
    for key, value in group.items():
        if isinstance(value, Sequence) and not isinstance(value, str):
            lines += [f"{key}:", *(f"  - {spelled(item)}" for item in value)]
        else:
            lines.append(f"{key}: {spelled(value)}")
    return lines


class Editor:
    """Collects changes to one text. Paths are those of the document that was read from it."""

    def __init__(self, source: Source, document: Document) -> None:
        self._source = source
        self._document = document
        self._changes: list[tuple[int, int, int, str]] = []
        """Start, end, minus the depth of what is changed, new text. Where several meet, the inner ones come first: a new
        key of the last entry before a new entry behind it."""
        self._newline = "\r\n" if "\r\n" in source.text else "\n"

    def replace(self, path: Path, value: Value) -> None:
        """Put another value in the place of a scalar."""
        span = self._document.spans[path]
        space = " " if span.start == span.end else ""
        self._changes.append((span.start, span.end, -len(path), space + spelled(value)))

    def add_key(self, group: Path, key: str, value: Value, *, after: str) -> None:
        """Add a key to a group, behind the key ``after``."""
        self._insert(
            group, (*group, after), [f"{key}: {spelled(value)}"], self._document.keys[*group, after].column
        )

    def add_list(self, group: Path, key: str, entries: Sequence[Value], *, after: str) -> None:
        """Add a key that holds a list, one entry a line."""
        if self._document.spans[group].flow:
            self.add_key(group, key, entries, after=after)
        else:
            self._insert(
                group, (*group, after), block({key: entries}), self._document.keys[*group, after].column
            )

    def add_group(self, group: Path, key: str, entry: str, entries: Sequence[Value], *, after: str) -> None:
        """Add a key that holds a group of one list, one entry a line; on one line where the group stands in braces."""
        if self._document.spans[group].flow:
            self.add_key(group, key, {entry: entries}, after=after)
            return
        lines = [f"{key}:", *(f"  {line}" for line in block({entry: entries}))]
        self._insert(group, (*group, after), lines, self._document.keys[*group, after].column)

    def append(self, items: Path, count: int, entry: Mapping[str, Value], *, one_line: bool = False) -> None:
        """Add an entry behind the last of the ``count`` entries of a list.

        ``count`` is at least 1: an empty list is ``[]``, which ``replace`` fills.
        """
        last: Path = (*items, count - 1)
        lines = [spelled(entry)] if one_line or self._document.spans[items].flow else block(entry)
        if not self._document.spans[items].flow:
            dash = self._dash(items, last)
            lines = [f"- {lines[0]}", *(f"  {line}" for line in lines[1:])]
            self._insert(items, last, lines, dash)
            return
        self._insert(items, last, lines, 1)

    def remove(self, items: Path, number: int, count: int) -> None:
        """Take an entry out of a list, with what is written on its lines. Comments on lines of their own stay.

        Raises:
            ValueError: it stands on lines that hold something else as well.
        """
        text, span = self._source.text, self._document.spans[*items, number]
        if self._document.spans[items].flow:
            if number + 1 < count:
                start, end = span.start, self._document.spans[*items, number + 1].start
            elif number:
                start, end = self._document.spans[*items, number - 1].end, span.end
            else:
                start, end = span.start, span.end
            self._changes.append((start, end, -len(items), ""))
            return
        start = self._line_of_dash(items, span.start)
        end = self._line_end(span.end)
        if text.startswith("\r\n", end):
            end += 2
        elif end < len(text):
            end += 1
        if count == 1:
            key = self._document.keys[items]
            colon = text.index(":", self._source.index(key.line, key.column)) + 1
            self._changes.append((colon, colon, -len(items), " []"))
        self._changes.append((start, end, -len(items), ""))

    def unfold(self, entry: Path) -> bool:
        """Write an entry of a list that stands in braces on one line with a line for each key; False: it does not.

        Values keep their spelling, and a comment behind the entry stays on its first line. What else is changed in this
        entry has to be changed in the text that comes of it.
        """
        text, span = self._source.text, self._document.spans[entry]
        group = sorted(
            (path for path in self._document.keys if path[:-1] == entry),
            key=lambda path: self._document.spans[path].start,
        )
        if (
            not span.flow
            or self._document.spans[entry[:-1]].flow
            or not group
            or "\n" in text[span.start : span.end]
            or text[text.rfind("\n", 0, span.start) + 1 : span.start].strip() != "-"
        ):
            return False
        indent = " " * (self._document.values[entry].column - 1)
        spellings = [self._document.spans[path] for path in group]
        lines = [
            f"{path[-1]}: {text[value.start : value.end]}"
            for path, value in zip(group, spellings, strict=True)
        ]
        end = self._line_end(span.end)
        comment = text[span.end : end].rstrip()
        new = f"{self._newline}{indent}".join([lines[0] + comment, *lines[1:]])
        self._changes.append((span.start, end, -len(entry), new))
        return True

    def _line_of_dash(self, items: Path, start: int) -> int:
        """Where the line begins on which the dash of an entry stands."""
        text, column = self._source.text, self._document.values[items].column
        while start > 0:
            start = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
            if text[start : start + column] == " " * (column - 1) + "-":
                return start
            start -= 1
        raise ValueError("the entry does not stand on lines of its own")

    def _line_end(self, index: int) -> int:
        text = self._source.text
        while index < len(text) and text[index] not in "\r\n":
            index += 1
        return index

    def _dash(self, items: Path, last: Path) -> int:
        """The column of the dashes of a list: where its last one stands, if that is on the line of its entry."""
        start, column = self._document.spans[last].start, self._document.values[last].column
        before = self._source.text[start - column + 1 : start].rstrip(" ")
        return len(before) if before.endswith("-") else self._document.values[items].column

    def _insert(self, around: Path, after: Path, lines: list[str], column: int) -> None:
        end = self._document.spans[after].end
        if self._document.spans[around].flow:
            self._changes.append((end, end, -len(around), ", " + lines[0]))
            return
        end = self._line_end(end)
        indent = " " * (column - 1)
        new = "".join(f"{self._newline}{indent}{line}" for line in lines)
        self._changes.append((end, end, -len(around), new))

    def text(self) -> str:
        """The text with all changes; those at one place in the order in which they were asked for."""
        parts: list[str] = []
        done = 0
        for start, end, _, new in sorted(self._changes, key=lambda change: change[:3]):
            parts += [self._source.text[done:start], new]
            done = end
        return "".join([*parts, self._source.text[done:]])
