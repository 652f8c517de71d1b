"""A mapping file while a person changes it: what it would say, what is wrong with that, the way back, and the saving.

The text is the truth, here as on the disk: every change is made in it, and everything shown is read from it again, by the
very functions that ``pdsync check`` uses. So what this says of a file is what the command says once it is saved. Somebody
else may change the file meanwhile, in an editor or with git: nothing of theirs is ever written over unseen.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pdsync.engine.checking import field_list_path, schemas_from_lists
from pdsync.engine.inputs import newest_snapshots
from pdsync.engine.mapping_view import DraftView, MappingRow, mapping_rows
from pdsync.errors import MappingError, PdsyncError
from pdsync.model import BoundMapping, Direction, Field, Finding, RemoteSchema, Severity, Side
from pdsync.planning.binding import bind

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace
    from pdsync.mapfiles import Edit, Entry, Reading, Source

__all__ = ["MappingDraft", "Turned", "open_draft"]

_CYCLE: Final = (Direction.BOTH, Direction.TO_PIPEDRIVE, Direction.TO_PLEZI, Direction.OFF)


def open_draft(ws: Workspace) -> MappingDraft:
    """The mapping of a workspace. What was read last helps with names where there are no field lists."""
    known: Mapping[Side, RemoteSchema] = {}
    with suppress(PdsyncError):
        known = {side: snapshot.schema for side, snapshot in newest_snapshots(ws).items()}
    return MappingDraft(ws.settings.mapping, known)


@dataclass(frozen=True, slots=True)
class Turned:
    """Which way a field mapping goes now, and which ways it cannot go."""

    direction: Direction
    skipped: tuple[tuple[Direction, str], ...] = ()
    """With the reason of each."""


@dataclass(slots=True)
class _Lists:
    """The field lists beside the mapping."""

    mapping: Path
    schemas: Mapping[Side, RemoteSchema] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    seen: object = None

    def reread(self) -> bool:
        """Read them again if they changed."""
        seen = [_signature(field_list_path(self.mapping, side)) for side in Side]
        if seen == self.seen:
            return False
        self.seen = seen
        self.schemas, self.findings = schemas_from_lists(self.mapping)
        return True


class MappingDraft:
    """One file. Not to be used from two threads at once."""

    def __init__(self, path: Path, known: Mapping[Side, RemoteSchema] | None = None) -> None:
        """Read the file.

        Args:
            path: Of the mapping; it need not exist or be readable: then the view says why.
            known: The fields of both sides as they were read last, for names where there are no field lists.
        """
        self.path = path
        self._known = known or {}
        self._lists = _Lists(path)
        self._lists.reread()
        self._seen: object = None
        self._base: Source | None = None
        """The file on the disk, as it was when it was last read or written here."""
        self._unread: tuple[Finding, ...] = ()
        self._origin: Source | None = None
        self._steps: list[tuple[Edit, Source]] = []
        """Each change, and the text after it; from ``_done`` on, those that were taken back."""
        self._done = 0
        self._saved: int | None = 0
        """So many of the steps are in the file; None: what is in it is not on the way to what is here."""
        self._theirs: tuple[Source | None] | None = None
        """The file as somebody else left it, while there are changes here."""
        self._viewed: tuple[object, DraftView] | None = None
        self._load()

    # -- what is there

    def view(self) -> DraftView:
        """Everything that is known of the draft now; the same one as long as nothing changes."""
        state = (
            self._now,
            self._base,
            self._theirs,
            self._lists.seen,
            self._done,
            self._saved,
            len(self._steps),
        )
        if self._viewed is None or self._viewed[0] != state:
            self._viewed = (state, self._view())
        return self._viewed[1]

    def _view(self) -> DraftView:
        reading = self._reading()
        findings = self._findings(reading)
        bound = self._bound(reading)
        rows = tuple(mapping_rows(reading, bound, findings))
        at_rows = {id(finding) for row in rows for finding in row.findings}
        steps = self._steps
        return DraftView(
            path=self.path,
            rows=rows,
            findings=findings,
            elsewhere=tuple(finding for finding in findings if id(finding) not in at_rows),
            mapping=reading.mapping,
            bound=bound,
            undo=steps[self._done - 1][0].words if self._done else "",
            redo=steps[self._done][0].words if self._done < len(steps) else "",
            unsaved=self._is_unsaved,
            edits=abs(self._done - self._saved) if self._saved is not None else self._done + 1,
            changed_on_disk=self._theirs is not None,
            can_rebase=self._theirs is not None and self._saved is not None and self._done >= self._saved,
            difference=tuple(self._difference()),
        )

    def look(self) -> str:
        """Look at the disk: what happened there, in words; empty: nothing that matters here."""
        seen = _signature(self.path)
        said = "The field lists changed on disk and were read again." if self._lists.reread() else ""
        if seen == self._seen:
            return said
        self._seen = seen
        theirs, _ = self._on_disk()
        if _text(theirs) == _text(self._base):
            self._theirs = None
            return said
        if not self._is_unsaved:
            self._load()
            return f"{self.path} changed on disk and was read again."
        self._theirs = (theirs,)
        return f"{self.path} changed on disk while there are changes here that are not saved."

    # -- changes

    def turn(self, entry: Entry) -> Turned:
        """Let a field mapping go the next way that it can: both, to Pipedrive, to Plezi, off, and round again.

        Raises:
            MappingError: it is locked (R15), or the file cannot be changed in place.
        """
        from pdsync.mapfiles import SetDirection

        row = self._row(entry)
        if row.locked:
            raise _refused(row.locked)
        before = row.direction
        first = _CYCLE.index(before) + 1 if before is not None else 0
        order = [way for way in (*_CYCLE[first:], *_CYCLE[:first]) if way is not before]
        tolerated = self._problems(SetDirection(entry, Direction.OFF))
        skipped: list[tuple[Direction, str]] = []
        for way in order:
            edit = SetDirection(entry, way)
            against = self._problems(edit) - tolerated if way is not Direction.OFF else set()
            if not against:
                self._do(edit)
                return Turned(way, tuple(skipped))
            skipped.append((way, min(against)))
        raise _refused(skipped[0][1])

    def add(self, pipedrive: Field, plezi: Field) -> Direction:
        """Add a field mapping, last, in the first direction that nothing speaks against; which one that is.

        Raises:
            MappingError: these fields cannot be mapped with each other; the message says why.
        """
        from pdsync.mapfiles import AddFieldMapping

        names = {side: self._name(side, one) for side, one in zip(Side, (pipedrive, plezi), strict=True)}
        edits = [AddFieldMapping(names[Side.PIPEDRIVE], names[Side.PLEZI], way) for way in _CYCLE]
        now, warned = self._problems(None), self._problems(None, Severity.WARNING)
        against = {edit: self._problems(edit) - now for edit in edits[:-1]}
        usable = [edit for edit in edits[:-1] if not against[edit]]
        if not usable:
            raise _refused(min(against[edits[0]]))
        unwarned = (edit for edit in usable if not self._problems(edit, Severity.WARNING) - warned)
        chosen = next(unwarned, usable[0])
        self._do(chosen)
        return chosen.direction

    def remove(self, entry: Entry) -> None:
        """Take a field mapping out.

        Raises:
            MappingError: it is locked (R12, R15), or the file cannot be changed in place.
        """
        from pdsync.mapfiles import RemoveFieldMapping

        row = self._row(entry)
        if row.locked:
            raise _refused(row.locked)
        self._do(RemoveFieldMapping(entry))

    def pair(self, entry: Entry, pairs: Sequence[tuple[str, str]]) -> None:
        """Pair options, named as ``mapping_options.pair_name`` names them (R24).

        Raises:
            MappingError: the file cannot be changed in place.
        """
        from pdsync.mapfiles import AddPairs

        self._do(AddPairs(entry, tuple(pairs)))

    def unpair(self, entry: Entry, pipedrive: str, plezi: str) -> None:
        """Take a pair out, named as it is written.

        Raises:
            MappingError: there is none, or the file cannot be changed in place.
        """
        from pdsync.mapfiles import RemovePair

        self._do(RemovePair(entry, pipedrive, plezi))

    def undo(self) -> str:
        """Take the last change back; what it was, in words, or nothing."""
        if not self._done:
            return ""
        self._done -= 1
        return self._steps[self._done][0].words

    def redo(self) -> str:
        """Make again what was taken back last; what it was, in words, or nothing."""
        if self._done == len(self._steps):
            return ""
        self._done += 1
        return self._steps[self._done - 1][0].words

    # -- the disk

    def save(self, difference: Sequence[str]) -> None:
        """Write the draft into the file, all of it or nothing.

        Args:
            difference: What the person was shown; nothing else is written.

        Raises:
            MappingError: the file or the draft is not what was shown. Nothing was written.
            InputFileError, StorageFull: it cannot be written. It is unchanged.
        """
        from pdsync.mapfiles import write_whole

        self.look()
        draft = self._now
        if self._theirs is not None or draft is None or tuple(difference) != tuple(self._difference()):
            raise MappingError(
                f"{self.path} changed on disk since its difference was shown.",
                findings=(),
                untouched="Nothing was written.",
                next_step="Look at what changed, then save again.",
            )
        write_whole(self.path, draft.mark + draft.text.encode(draft.encoding))
        self._base, self._saved, self._seen = draft, self._done, _signature(self.path)

    def take_theirs(self) -> None:
        """Read the file again; what was changed here and not saved is gone."""
        self._load()

    def keep_mine(self) -> None:
        """Go on with this draft; the difference shows from now on what of theirs a save would take back."""
        if self._theirs is not None:
            self._base, self._theirs, self._saved = self._theirs[0], None, None

    def rebase(self) -> tuple[str, ...]:
        """Read the file again, and make the changes that were made here again in it; what could not be made, in words."""
        edits = [edit for edit, _ in self._steps[self._saved or 0 : self._done]]
        self._load()
        lost = []
        for edit in edits:
            try:
                self._do(edit)
            except PdsyncError:
                lost.append(edit.words)
        return tuple(lost)

    # -- how

    @property
    def _now(self) -> Source | None:
        return self._steps[self._done - 1][1] if self._done else self._origin

    @property
    def _is_unsaved(self) -> bool:
        return _text(self._now) != _text(self._base)

    def _on_disk(self) -> tuple[Source | None, tuple[Finding, ...]]:
        from pdsync.mapfiles import read_source

        return read_source(self.path)

    def _load(self) -> None:
        self._seen = _signature(self.path)
        self._base, self._unread = self._on_disk()
        self._origin = self._base
        self._steps = []
        self._done = self._saved = 0
        self._theirs = None

    def _do(self, edit: Edit) -> None:
        from pdsync.mapfiles import edited

        if self._now is None:
            raise _refused(f"{self.path} cannot be read.")
        new = edited(self._now, edit)
        if self._saved is not None and self._saved > self._done:
            self._saved = None
        self._steps[self._done :] = [(edit, new)]
        self._done += 1

    def _reading(self, source: Source | None = None) -> Reading:
        from pdsync.audits.registry import audit_codes
        from pdsync.mapfiles import Reading, check_text

        source = source or self._now
        if source is None:
            return Reading(self._unread)
        return check_text(source, self._lists.schemas, audits=audit_codes())

    def _findings(self, reading: Reading) -> tuple[Finding, ...]:
        from pdsync.mapfiles import in_order

        return in_order([*self._lists.findings, *reading.findings])

    def _bound(self, reading: Reading) -> BoundMapping | None:
        if reading.bound is not None or reading.mapping is None or set(self._known) != set(Side):
            return reading.bound
        return bind(reading.mapping, self._known)[0]

    def _problems(self, edit: Edit | None, severity: Severity = Severity.BLOCKING) -> set[str]:
        """What would be wrong after a change, in words that do not depend on where it stands."""
        from pdsync.mapfiles import edited

        if self._now is None:
            raise _refused(f"{self.path} cannot be read.")
        source = edited(self._now, edit) if edit is not None else self._now
        return {one.message for one in self._reading(source).findings if one.severity is severity}

    def _row(self, entry: Entry) -> MappingRow:
        reading = self._reading()
        rows = list(mapping_rows(reading, self._bound(reading), ()))
        return rows[
            entry.find([{"pipedrive": row.entry.pipedrive, "plezi": row.entry.plezi} for row in rows])
        ]

    def _name(self, side: Side, one: Field) -> str:
        """How a mapping names a field: Pipedrive's by its name, if that means this field only; Plezi's by its key."""
        reading = self._reading()
        bound = self._bound(reading)
        if side is Side.PLEZI or bound is None:
            return one.code
        return one.name if bound.schemas[side].named(one.name) == (one,) else one.code

    def _difference(self) -> Iterator[str]:
        if self._now is None or not self._is_unsaved:
            return
        name = str(self.path)
        before, after = _text(self._base) or "", self._now.text
        yield from difflib.unified_diff(
            before.splitlines(), after.splitlines(), f"{name} (on disk)", f"{name} (as shown)", lineterm=""
        )


def _text(source: Source | None) -> str | None:
    return source.text if source is not None else None


def _signature(path: Path) -> object:
    """What changes when a file does; None: it is not there."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return (stat.st_mtime_ns, stat.st_size, stat.st_ino)


def _refused(message: str) -> MappingError:
    return MappingError(message, findings=(), untouched="Nothing was changed.")
