"""Plan files: JSON Lines that are written once, read lazily, and never trusted without their checksum.

A header, the changes in the order in which they happen, the findings, and a footer with counts and the SHA-256 of all
lines before it. What the header says (totals, id) is only known once every change was seen, and the changes of a large
plan do not fit into memory: so they are spooled beside the target first, and the whole is put in place by one rename.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import IO, Generic, Self, TypeVar

from pdsync import __version__
from pdsync.errors import InputFileError, PlanOutdated
from pdsync.model import PLAN_FORMAT, Change, Decision, Finding, Plan, PlanHeader, Severity
from pdsync.store.border import unusable
from pdsync.store.codec import decode, decode_value, encode, encode_plain, encode_value, from_plain, to_plain

__all__ = ["SUFFIX", "PlanLines", "PlanWriter", "about", "copy_plan", "read_plan"]

SUFFIX = ".pdsync"

_LONGEST_LINE = 64 * 1024 * 1024
"""Bytes. No change of a person is that long; a file without line ends must not fill the memory."""

T = TypeVar("T", Change, Finding)


class PlanWriter:
    """Takes decisions as they come, numbers their changes, and makes a plan file of them.

    Use it as a context manager: what is not finished leaves nothing behind.
    """

    def __init__(self, folder: Path) -> None:
        """Spool in ``folder``, which has to exist and is where the plan belongs unless ``finish`` is told otherwise.

        Raises:
            StateError, StorageFull
        """
        self._folder = folder
        self._count = 0
        self._findings: Counter[str] = Counter()
        self._digest = hashlib.sha256()
        self._changes = _spool(folder)
        self._by_severity = {severity: _spool(folder) for severity in Severity}

    @property
    def count(self) -> int:
        """Changes so far."""
        return self._count

    @property
    def findings(self) -> dict[str, int]:
        """Findings so far, by code."""
        return dict(self._findings)

    @property
    def digest(self) -> str:
        """SHA-256 of the changes so far, 64 hex digits: what a plan's id may rest on."""
        return self._digest.hexdigest()

    def add(self, decision: Decision) -> tuple[Change, ...]:
        """Add a decision's changes and findings.

        Returns:
            The changes as they stand in the plan: numbered, ``depends_on`` absolute.
        """
        numbered = self.add_changes(decision.changes)
        for finding in decision.findings:
            self.add_finding(finding)
        return numbered

    def add_changes(self, changes: Iterable[Change]) -> tuple[Change, ...]:
        """Add changes whose ``depends_on`` counts from 1 within them."""
        first = self._count
        numbered = tuple(
            replace(
                change,
                number=first + position,
                depends_on=first + change.depends_on if change.depends_on else 0,
            )
            for position, change in enumerate(changes, 1)
        )
        for change in numbered:
            line = encode(change).encode() + b"\n"
            self._digest.update(line)
            self._write(self._changes, line)
        self._count += len(numbered)
        return numbered

    def add_finding(self, finding: Finding) -> None:
        """Add a finding; they stand in the plan gravest first, and in this order within a severity."""
        self._findings[finding.code] += 1
        self._write(self._by_severity[finding.severity], encode(finding).encode() + b"\n")

    def finish(self, header: PlanHeader, path: Path | None = None) -> Plan:
        """Put header, changes, findings and footer in place, by one rename, mode 0600.

        Args:
            header: With totals and id.
            path: Where to; by default ``ID.pdsync`` in the folder.

        Raises:
            StateError, StorageFull: no plan was written; one that was there before is as it was.
        """
        target = path if path is not None else self._folder / f"{header.id}{SUFFIX}"
        first = _line({"pdsync_plan": header.format, "written_by": __version__, "header": to_plain(header)})
        digest, content = hashlib.sha256(first), hashlib.sha256()
        try:
            with _beside(target) as (file, put_in_place):
                file.write(first)
                for block in self._blocks():
                    digest.update(block)
                    content.update(block)
                    file.write(block)
                footer = {
                    "changes": self._count,
                    "findings": sum(self._findings.values()),
                    "sha256": digest.hexdigest(),
                }
                file.write(_line(footer))
                put_in_place()
        except OSError as error:
            raise unusable(target, error, "written") from error
        return _plan(target, header, _Content(self._count, sum(self._findings.values()), content.hexdigest()))

    def _blocks(self) -> Iterator[bytes]:
        for spool in (self._changes, *self._by_severity.values()):
            spool.seek(0)
            while block := spool.read(1 << 20):
                yield block
            spool.seek(0, os.SEEK_END)

    def _write(self, spool: IO[bytes], line: bytes) -> None:
        try:
            spool.write(line)
        except OSError as error:
            raise unusable(self._folder, error, "written") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for spool in (self._changes, *self._by_severity.values()):
            with suppress(OSError):  # a buffer that did not fit; whoever wrote it has been told
                spool.close()


def read_plan(path: Path) -> Plan:
    """Check a plan file whole, then open it: the header at once, changes and findings when they are asked for.

    Raises:
        InputFileError: it cannot be read, is no plan, or was damaged or edited since it was written.
        PlanOutdated: it is of another format than this pdsync writes.
    """
    try:
        with path.open("rb") as file:
            first = file.readline(_LONGEST_LINE)
            header = _header(path, first)
            content = _check(path, file, first)
        return _plan(path, header, content)
    except OSError as error:
        raise _unreadable(path, error.strerror or "it cannot be opened") from error


def about(plan: Plan, ids: Iterable[str]) -> tuple[Iterator[Change], Iterator[Finding]]:
    """The changes and findings of a plan that may be about records with these ids, without decoding all others.

    Any text of a line may be such an id: who asks looks at the subjects again.
    """
    texts = [encode_value(one).encode() for one in ids]
    if not texts:
        return iter(()), iter(())
    changes, findings = plan.read_changes, plan.read_findings
    return (
        changes.holding(texts) if isinstance(changes, PlanLines) else iter(changes()),
        findings.holding(texts) if isinstance(findings, PlanLines) else iter(findings()),
    )


def _header(path: Path, line: bytes) -> PlanHeader:
    said = _parsed(line)
    if not isinstance(said, dict) or "pdsync_plan" not in said:
        raise _unreadable(path, "it is not a plan of pdsync")
    if said["pdsync_plan"] != PLAN_FORMAT:
        raise PlanOutdated(
            f"{path} is a plan of format {said['pdsync_plan']}, written by pdsync {said.get('written_by', '')}; "
            f"this is pdsync {__version__}, which carries out format {PLAN_FORMAT}.",
            untouched="Nothing was written.",
            next_step="Plan again: pdsync plan",
        )
    try:
        return from_plain(PlanHeader, said["header"])
    except (ValueError, KeyError) as error:
        raise _unreadable(path, "its header is damaged") from error


@dataclass(frozen=True)
class _Content:
    """What is between header and footer: how many changes and findings, and the SHA-256 of their lines."""

    changes: int
    findings: int
    sha256: str


def _check(path: Path, file: IO[bytes], first: bytes) -> _Content:
    """Compare every line after the ``first``, which was read, with the footer."""
    digest, content = hashlib.sha256(first), hashlib.sha256()
    previous, lines = b"", -1
    while line := file.readline(_LONGEST_LINE):
        digest.update(previous)
        content.update(previous)
        previous, lines = line, lines + 1
    footer = _parsed(previous)
    if not isinstance(footer, dict) or "sha256" not in footer:
        raise _unreadable(path, "its end is missing")
    changes, findings = footer.get("changes"), footer.get("findings")
    if not isinstance(changes, int) or not isinstance(findings, int):
        raise _unreadable(path, "its end is damaged")
    if footer["sha256"] != digest.hexdigest() or changes + findings != lines:
        raise _unreadable(path, "it was changed after it was written")
    return _Content(changes, findings, content.hexdigest())


@dataclass(frozen=True)
class PlanLines(Generic[T]):
    """Some lines of a checked plan, each time read anew; refused if the file holds another plan by now.

    Planning again from the same inputs puts the same plan in its place, which is no reason to refuse.
    """

    path: Path
    kind: type[T]
    first: int
    """Line of the first one, from 1."""
    count: int
    identity: tuple[int, ...]
    content: _Content

    def __call__(self) -> Iterator[T]:
        return self.holding(())

    def holding(self, texts: Sequence[bytes]) -> Iterator[T]:
        """Those whose line holds one of these texts; without texts all. Only they are decoded."""
        for place, line in self.raw():
            if not texts or any(text in line for text in texts):
                yield self._parsed(place, line)

    def raw(self) -> Iterator[tuple[int, bytes]]:
        """Every line undecoded, with its place in the file in bytes."""
        with self._opened() as file:
            place = sum(map(len, islice(file, self.first - 1)))
            for line in islice(file, self.count):
                yield place, line
                place += len(line)

    def at(self, place: int) -> T:
        """The one that begins there."""
        with self._opened() as file:
            file.seek(place)
            return self._parsed(place, file.readline(_LONGEST_LINE))

    @contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        try:
            with self.path.open("rb") as file:
                if _identity(file) != self.identity and not self._is_same(file):
                    raise _unreadable(self.path, "it was replaced while it was in use")
                yield file
        except OSError as error:
            raise _unreadable(self.path, error.strerror or "it cannot be read") from error

    def _is_same(self, file: IO[bytes]) -> bool:
        same = _check(self.path, file, file.readline(_LONGEST_LINE)) == self.content
        file.seek(0)
        return same

    def _parsed(self, place: int, line: bytes) -> T:
        try:
            return decode(self.kind, line)
        except ValueError as error:
            raise _unreadable(self.path, f"the line at byte {place:,} is damaged") from error


def _plan(path: Path, header: PlanHeader, content: _Content) -> Plan:
    with path.open("rb") as file:
        identity = _identity(file)
    return Plan(
        header,
        PlanLines(path, Change, 2, content.changes, identity, content),
        PlanLines(path, Finding, 2 + content.changes, content.findings, identity, content),
        str(path),
    )


def _identity(file: IO[bytes]) -> tuple[int, ...]:
    stat = os.fstat(file.fileno())
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns


def _line(plain: object) -> bytes:
    return encode_plain(plain).encode() + b"\n"


def _spool(folder: Path) -> IO[bytes]:
    """A file without a name: it is gone with the process, whatever happens."""
    try:
        return tempfile.TemporaryFile(dir=folder)
    except OSError as error:
        raise unusable(folder, error, "written") from error


def copy_plan(plan: Path, target: Path) -> None:
    """The same plan in another place, whole or not at all, for this user only.

    Raises:
        StateError, StorageFull
    """
    try:
        with plan.open("rb") as source, _beside(target) as (file, put_in_place):
            shutil.copyfileobj(source, file)
            put_in_place()
    except OSError as error:
        raise unusable(target, error, "written") from error


@contextmanager
def _beside(target: Path) -> Iterator[tuple[IO[bytes], Callable[[], None]]]:
    """A file beside ``target`` (0600), and the step that puts it in its place; without that step it vanishes."""
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:

            def put_in_place() -> None:
                file.flush()
                os.fsync(file.fileno())
                Path(name).replace(target)

            yield file, put_in_place
    finally:
        Path(name).unlink(missing_ok=True)


def _parsed(line: bytes) -> object:
    try:
        return decode_value(line.decode())
    except ValueError:
        return None


def _unreadable(path: Path, why: str) -> InputFileError:
    return InputFileError(
        f"The plan {path} cannot be used: {why}.",
        untouched="Nothing was written.",
        next_step="Plan again: pdsync plan",
    )
