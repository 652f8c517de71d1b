"""The manifest of a snapshot: written last, so that a folder without one is no snapshot."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pdsync import __version__
from pdsync.errors import InputFileError
from pdsync.model import Account, Capabilities, Coverage, Field, Side

__all__ = [
    "ADDRESSES",
    "FORMAT",
    "MANIFEST",
    "OPTIONS",
    "RECORDS",
    "TABLES",
    "Manifest",
    "as_text",
    "damaged",
    "read_manifest",
]

FORMAT: Final = 1
"""Of the folder's layout. A snapshot of another format is read again instead of guessed at."""

MANIFEST: Final = "manifest.json"
RECORDS: Final = "records.parquet"
ADDRESSES: Final = "addresses.parquet"
OPTIONS: Final = "options.parquet"
TABLES: Final = (RECORDS, ADDRESSES, OPTIONS)

_LARGEST: Final = 64 * 1024 * 1024
"""Bytes. Hundreds of fields with thousands of options each stay far below; more is not a manifest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a snapshot says of itself."""

    id: str
    side: Side
    account: Account
    fields: tuple[Field, ...]
    capabilities: Capabilities
    coverage: Coverage
    taken_at: str
    """RFC 3339, UTC: when the read began, by the clock of this machine."""
    service_time: str = ""
    """RFC 3339: when the read began by the service's clock, from which an increment goes on; empty: not known."""
    rows: int
    """Records."""
    highest_id: str = ""
    """Of the records, by number: what is above it is new in the next increment."""
    sizes: dict[str, int] = field(default_factory=dict)
    """Bytes of each table, so that a truncated one is noticed before it is used."""
    digest_basis: str = ""
    """``BoundMapping.version`` that the digests rest on; empty: pulled without a mapping, no digests."""
    increment_of: str = ""
    """The snapshot that this one renews; empty: every record was read."""
    format: int = FORMAT
    pdsync: str = __version__

    def to_json(self) -> str:
        """The file's text. ASCII: labels of a service may hold what UTF-8 cannot."""
        import msgspec

        return json.dumps(msgspec.to_builtins(self), indent=1) + "\n"


def read_manifest(folder: Path) -> Manifest:
    """The manifest in this folder.

    Raises:
        InputFileError: none there, not readable, of another format, or not a manifest.
    """
    import msgspec

    path = folder / MANIFEST
    try:
        if path.stat().st_size > _LARGEST:
            raise damaged(folder, f"{MANIFEST} is larger than any manifest")
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise InputFileError(
            f"{folder} is not a snapshot: it has no {MANIFEST}.",
            next_step="Read both sides again: pdsync pull",
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise damaged(folder, f"{MANIFEST} cannot be read ({type(error).__name__})") from error
    found = content.get("format") if isinstance(content, dict) else None
    if found != FORMAT:
        raise InputFileError(
            f"The snapshot {folder} has format {found!r}; this version of pdsync reads format {FORMAT}.",
            untouched="It was left as it is.",
            next_step="Read both sides again with this version: pdsync pull",
        )
    try:
        return msgspec.convert(content, Manifest)
    except msgspec.ValidationError as error:
        raise damaged(folder, f"{MANIFEST}: {error}") from error


def as_text(moment: datetime) -> str:
    """A moment as the manifest keeps it: RFC 3339, UTC, with microseconds, so that order survives within a second."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def damaged(folder: Path, why: str) -> InputFileError:
    """The one message for a snapshot that cannot be used."""
    return InputFileError(
        f"The snapshot {folder} is damaged: {why}.",
        untouched="It was left as it is, and nothing was planned from it.",
        next_step="Read both sides again: pdsync pull",
    )
