"""What a person can change in the field mappings of a file, each change as a value that can be done again elsewhere.

A change says what is to be different ("this field mapping goes both ways"), not which characters: so it can be done again
on a file that somebody else has changed meanwhile. It is carried out in the text by ``editing``, which touches nothing
else; then the new text is read, and has to say exactly what the old one said but for this change. Otherwise it is
refused: better no change than another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Protocol

from pdsync.errors import MappingError
from pdsync.mapfiles.document import MAX_BYTES, Document, Source, parse
from pdsync.mapfiles.editing import Editor, Word
from pdsync.model import Direction, Value
from pdsync.planning.wording import quoted

__all__ = [
    "AddFieldMapping",
    "AddPairs",
    "Edit",
    "Entry",
    "RemoveFieldMapping",
    "RemovePair",
    "SetDirection",
    "edited",
]

_Data = list[Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """Which field mapping is meant: by its two names as written; where several bear them, the one at this place."""

    pipedrive: str
    plezi: str
    number: int = -1
    """From 0."""

    @property
    def name(self) -> str:
        """For people."""
        return quoted(self.pipedrive or self.plezi)

    def find(self, entries: Sequence[Any]) -> int:
        """Its place among these entries.

        Raises:
            MappingError: it is not there.
        """
        places = [
            place for place, written in enumerate(entries) if _names(written) == (self.pipedrive, self.plezi)
        ]
        if self.number in places:
            return self.number
        if not places:
            raise _refused(f"There is no field mapping of {self.name} with {quoted(self.plezi)} any more.")
        return places[0]


class Edit(Protocol):
    """One change."""

    @property
    def words(self) -> str:
        """What it does, for a list of what can be undone."""

    def in_data(self, entries: _Data) -> None:
        """Make the change in plain data: what the new text has to say."""

    def in_text(self, editor: Editor, entries: _Data) -> None:
        """Make the same change in the text."""


@dataclass(frozen=True, slots=True)
class SetDirection:
    """A field mapping goes another way."""

    entry: Entry
    direction: Direction

    @property
    def words(self) -> str:
        return f"{self.entry.name}: {self.direction}"

    def in_data(self, entries: _Data) -> None:
        entries[self.entry.find(entries)]["direction"] = str(self.direction)

    def in_text(self, editor: Editor, entries: _Data) -> None:
        number = self.entry.find(entries)
        written = entries[number]
        if "direction" in written:
            editor.replace(("fields", number, "direction"), Word(self.direction))
        else:
            editor.add_key(("fields", number), "direction", Word(self.direction), after=list(written)[-1])


@dataclass(frozen=True, slots=True)
class AddFieldMapping:
    """A new field mapping, behind all others (R18)."""

    pipedrive: str
    plezi: str
    direction: Direction

    @property
    def words(self) -> str:
        return f"add {quoted(self.pipedrive)}"

    @property
    def _written(self) -> dict[str, Value]:
        return {"pipedrive": self.pipedrive, "plezi": self.plezi, "direction": Word(self.direction)}

    def in_data(self, entries: _Data) -> None:
        entries.append(self._written)

    def in_text(self, editor: Editor, entries: _Data) -> None:
        if entries:
            editor.append(("fields",), len(entries), self._written, one_line=True)
        else:
            editor.replace(("fields",), [self._written])


@dataclass(frozen=True, slots=True)
class RemoveFieldMapping:
    """A field mapping is taken out, with the comment on its line."""

    entry: Entry

    @property
    def words(self) -> str:
        return f"remove {self.entry.name}"

    def in_data(self, entries: _Data) -> None:
        del entries[self.entry.find(entries)]

    def in_text(self, editor: Editor, entries: _Data) -> None:
        editor.remove(("fields",), self.entry.find(entries), len(entries))


@dataclass(frozen=True, slots=True)
class AddPairs:
    """Options of both sides mean the same, although they are spelt differently (R24)."""

    entry: Entry
    pairs: tuple[tuple[str, str], ...]
    """What an option is called in Pipedrive, and in Plezi, as a pair names it."""

    @property
    def words(self) -> str:
        if len(self.pairs) == 1:
            here, there = self.pairs[0]
            return f"pair {quoted(here)} with {quoted(there)}"
        return f"{len(self.pairs)} pairs of {self.entry.name}"

    @property
    def _written(self) -> list[dict[str, Value]]:
        return [{"pipedrive": here, "plezi": there} for here, there in self.pairs]

    def in_data(self, entries: _Data) -> None:
        options = entries[self.entry.find(entries)].setdefault("options", {})
        options["pairs"] = [*(options.get("pairs") or ()), *self._written]

    def in_text(self, editor: Editor, entries: _Data) -> None:
        number = self.entry.find(entries)
        path, written = ("fields", number), entries[number]
        options = written.get("options")
        if "options" not in written:
            editor.add_group(path, "options", "pairs", self._written, after=list(written)[-1])
        elif not options:
            editor.replace((*path, "options"), {"pairs": self._written})
        elif "pairs" not in options:
            editor.add_list((*path, "options"), "pairs", self._written, after=list(options)[-1])
        elif not options["pairs"]:
            editor.replace((*path, "options", "pairs"), self._written)
        else:
            for pair in self._written:
                editor.append((*path, "options", "pairs"), len(options["pairs"]), pair, one_line=True)


@dataclass(frozen=True, slots=True)
class RemovePair:
    """A pair of options is taken out."""

    entry: Entry
    pipedrive: str
    plezi: str

    @property
    def words(self) -> str:
        return f"unpair {quoted(self.pipedrive)} and {quoted(self.plezi)}"

    def _place(self, pairs: Sequence[Any]) -> int:
        for place, pair in enumerate(pairs):
            if _names(pair) == (self.pipedrive, self.plezi):
                return place
        raise _refused(f"{self.entry.name} has no such pair any more.")

    def in_data(self, entries: _Data) -> None:
        pairs = entries[self.entry.find(entries)].get("options", {}).get("pairs") or []
        del pairs[self._place(pairs)]

    def in_text(self, editor: Editor, entries: _Data) -> None:
        number = self.entry.find(entries)
        pairs = entries[number].get("options", {}).get("pairs") or []
        editor.remove(("fields", number, "options", "pairs"), self._place(pairs), len(pairs))


def edited(source: Source, edit: Edit) -> Source:
    """The text with one change, and every other character as it was.

    Raises:
        MappingError: the text cannot be read, what is to be changed is not there, or it is written in a way (with
            aliases, over each other) in which the change would reach further.
    """
    document, findings = parse(source)
    if document is None:
        raise MappingError(
            f"{source.path} cannot be changed before it can be read.",
            findings=findings,
            untouched="Nothing was changed.",
        )
    entries = _entries(document.data)
    if any(path[:1] == ("fields",) for path in document.aliased):
        raise _refused(
            "The field mappings use aliases (*name): what is changed in one place changes in others."
        )
    wanted: Any = deepcopy(document.data)
    edit.in_data(_entries(wanted))
    try:
        if isinstance(edit, AddPairs):
            source, document = _unfolded(source, document, edit, entries)
        editor = Editor(source, document)
        edit.in_text(editor, entries)
        new = Source(source.path, editor.text(), mark=source.mark, encoding=source.encoding)
    except (KeyError, IndexError, ValueError) as error:
        raise _refused(
            f"{edit.words}: the file is written in a way that cannot be changed in place."
        ) from error
    after, _ = parse(new)
    if after is None or after.data != wanted or len(new.text.encode()) > MAX_BYTES:
        raise _refused(f"{edit.words}: the file is written in a way that cannot be changed in place.")
    return new


def _unfolded(source: Source, document: Document, edit: AddPairs, entries: _Data) -> tuple[Source, Document]:
    """Room for pairs: an entry on one line gets a line for each of its keys before it gets a list."""
    number = edit.entry.find(entries)
    editor = Editor(source, document)
    if "options" in entries[number] or not editor.unfold(("fields", number)):
        return source, document
    roomy = Source(source.path, editor.text(), mark=source.mark, encoding=source.encoding)
    reread, _ = parse(roomy)
    return (source, document) if reread is None or reread.data != document.data else (roomy, reread)


def _entries(data: Any) -> _Data:  # noqa: ANN401 - plain data of any shape
    fields = data.get("fields") if isinstance(data, dict) else None
    if not isinstance(fields, list):
        raise _refused("There is no list of fields in this file.")
    return fields


def _names(written: Any) -> tuple[str, str]:  # noqa: ANN401 - as above
    held = written if isinstance(written, dict) else {}
    return str(held.get("pipedrive", "")), str(held.get("plezi", ""))


def _refused(message: str) -> MappingError:
    return MappingError(
        message,
        findings=(),
        untouched="Nothing was changed.",
        next_step="Change it in the file, with an editor.",
    )
