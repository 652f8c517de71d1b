"""The mapping file as a table that a person can read."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from pdsync.api import html
from pdsync.api.boxes import boxed_errors
from pdsync.api.tables import Table, in_memory
from pdsync.model import Condition, Direction, Side
from pdsync.report.text.values import counted, shown

if TYPE_CHECKING:
    import pyarrow as pa

    from pdsync.model import Mapping as Written

__all__ = ["Mapping", "mapping"]

_ARROWS = {
    Direction.BOTH: "<->",
    Direction.TO_PLEZI: "->",
    Direction.TO_PIPEDRIVE: "<-",
    Direction.OFF: "off",
}


class Mapping:
    """What may flow where, as one YAML file says it.

    >>> import pdsync
    >>> mapping = pdsync.demo().mapping()
    >>> mapping.name, mapping.fields.rows
    ('contacts', 12)
    """

    def __init__(self, written: Written) -> None:
        self._written = written

    @property
    def name(self) -> str:
        return self._written.name

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self._written.path)

    @property
    def digest(self) -> str:
        """SHA-256 of what the file means, 64 hex digits; spelling and comments do not count."""
        return self._written.digest

    @property
    def commit(self) -> str:
        """Which version of the file this is, in words: ``commit 1a2b3c4``, the one that last changed it.

        ``commit 1a2b3c4 with uncommitted changes`` where the file differs from it; ``not in git`` and the beginning of its
        digest where git does not know it.
        """
        return _commit(self.path) or f"not in git (digest {self.digest[:12]})"

    @property
    def fields(self) -> Table:
        """One row per field mapping.

        Columns: ``pipedrive`` and ``plezi`` (the fields as written), ``direction`` (both, to_plezi,
        to_pipedrive, off), ``empty``, ``conflicts`` (who wins), ``pairs`` (option pairs written out).
        """
        return in_memory(f"Mapping {self.name}: fields", self._fields)

    def _fields(self) -> pa.Table:
        import pyarrow as pa

        rows = [
            {
                "pipedrive": field.pipedrive,
                "plezi": field.plezi,
                "direction": str(field.direction),
                "empty": str(field.empty),
                "conflicts": str(field.conflicts or self._written.conflicts),
                "pairs": len(field.options.pairs),
            }
            for field in self._written.fields
        ]
        texts = ("pipedrive", "plezi", "direction", "empty", "conflicts")
        return pa.Table.from_pylist(
            rows, schema=pa.schema([*((name, pa.string()) for name in texts), ("pairs", pa.int64())])
        )

    def __repr__(self) -> str:
        return f"Mapping {self.name} ({self.path}): {counted(len(self._written.fields), 'field mapping')}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        del include, exclude
        written = self._written
        rows = [
            (
                field.pipedrive,
                _ARROWS[field.direction],
                field.plezi,
                str(field.conflicts or written.conflicts) if field.direction is Direction.BOTH else "",
                counted(len(field.options.pairs), "option pair") if field.options.pairs else "",
            )
            for field in written.fields
        ]
        return html.bundle(
            repr(self),
            html.heading(f"Mapping {written.name}: {written.description or self.path.name}"),
            html.table(("Pipedrive", "", "Plezi", "both changed: who wins", ""), rows),
            html.facts({f"Into {side.label}": self._scope(side) for side in Side}),
            html.note(
                f"Limits within 24 hours: {written.limits.creates:,} creates, {written.limits.clears:,} values "
                f"emptied, {written.limits.changed_percent:g} % of linked people changed."
            ),
        )

    def _scope(self, side: Side) -> str:
        """Who may be created there."""
        scope = self._written.scope.get(side)
        if scope is None:
            return "nobody is created"
        nouns = f"{side.other.noun}s"
        words = f"{nouns} where {_condition(scope.where)}" if scope.where else f"all {nouns}"
        return f"{words}, with {' and '.join(scope.require)}" if scope.require else words


def mapping(path: str | Path) -> Mapping:
    """Read a mapping file.

    Raises:
        MappingError: with every problem at once, each with line and column.

    >>> import pdsync
    >>> pdsync.mapping(pdsync.demo().mapping().path).name
    'contacts'
    """
    from pdsync.mapfiles import load_mapping

    with boxed_errors():
        return Mapping(load_mapping(Path(path)))


def _commit(path: Path) -> str:
    """What ``Mapping.commit`` says of a file that git knows; empty without git."""

    def git(*words: str) -> str:
        try:
            done = subprocess.run(  # noqa: S603 - fixed words and the file's own name
                ["git", "-C", str(path.parent), *words, "--", path.name],  # noqa: S607 - whichever git the user has
                capture_output=True,
                text=True,
                check=False,
                timeout=10,
            )
        except (OSError, subprocess.SubprocessError):
            return ""
        return done.stdout.strip() if done.returncode == 0 else ""

    commit = git("log", "-1", "--format=%h")
    if not commit:
        return ""
    return f"commit {commit}{' with uncommitted changes' if git('status', '--porcelain') else ''}"


def _condition(test: Condition) -> str:
    if test.empty is not None:
        return f"{test.field} is {'' if test.empty else 'not '}empty"
    verb, values = ("has", test.has) if test.has else ("is", test.equals)
    return f"{test.field} {verb} {' or '.join(shown(value) for value in values)}"
