"""Findings that people acknowledge: read for every audit and plan, written and removed for ``pdsync acknowledge``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pdsync.engine.stored_audits import finding_ids, stored_audits
from pdsync.errors import UsageError
from pdsync.model import Acknowledgement, Side, Subject
from pdsync.planning.wording import did_you_mean, quoted

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace

__all__ = [
    "Written",
    "accepted_file",
    "accepted_findings",
    "acknowledge",
    "parse_subject",
    "remove",
    "this_person",
]

_MOST: Final = 1_000
"""Records that one entry names, by its schema."""
_NOUNS: Final = frozenset({"field", "option", *(side.noun for side in Side)})


@dataclass(frozen=True, slots=True)
class Written:
    """What was written."""

    path: Path
    entry: Acknowledgement
    replaced: bool
    """There was an entry with this code and subject before."""
    findings: int | None
    """Findings of the newest stored audit that it is about; None: there is no audit to look into."""


def accepted_file(ws: Workspace) -> Path:
    """Where the accepted findings of this mapping are."""
    from pdsync.mapfiles import accepted_path

    return accepted_path(ws.settings.mapping)


def accepted_findings(ws: Workspace) -> tuple[Acknowledgement, ...]:
    """What people acknowledged; nothing where there is no file.

    Raises:
        MappingError: with every problem of the file.
    """
    from pdsync.audits.registry import audit_codes
    from pdsync.mapfiles import load_accepted

    return load_accepted(accepted_file(ws), audits=audit_codes())


def acknowledge(
    ws: Workspace, code: str, subjects: Sequence[str], *, why: str, who: str = "", until: date | None = None
) -> Written:
    """Write an entry; the other records of the same finding are named as well, as the newest stored audit has them.

    Args:
        ws: The workspace; its mapping file says where the entry goes.
        code: Of the audit.
        subjects: What it is about, and further records to name.
        why: Without people's names and addresses.
        who: A colleague to ask; empty: this person by the settings of git, else by the login.
        until: The last day; None: until it is removed.

    Raises:
        UsageError: no such audit, no such subject, a text that may not stand in git, a day that is over.
        MappingError: the file is wrong; it is unchanged.
        InputFileError, StorageFull: it cannot be read or written; it is unchanged.
    """
    from pdsync.audits.registry import audit_codes
    from pdsync.mapfiles import add_accepted, holds_address

    if code not in audit_codes():
        raise _refused(f"There is no audit {quoted(code)}{did_you_mean(code, sorted(audit_codes()))}")
    named = list(dict.fromkeys(map(parse_subject, subjects)))
    if not named:
        raise _refused("Nothing was named to acknowledge.")
    if any(holds_address(text) for text in (why, *map(str, named))):
        raise _refused(
            "This looks like an email address; the file is for git and names records by id, never people."
        )
    if not why.strip():
        raise _refused("Say why, for whoever reads this in a year: --why TEXT")
    if until is not None and until < datetime.now().astimezone().date():
        raise _refused(f"{until} is over already; the finding would count again at once.")
    also, findings = _others(ws.folder.audits, code, named)
    if len(also) > _MOST:
        raise _refused(f"This finding is about {len(also) + 1:,} records; an entry names {_MOST:,} at most.")
    entry = Acknowledgement(code, named[0], who.strip() or this_person(), why.strip(), tuple(also), until)
    path = accepted_file(ws)
    return Written(path, entry, add_accepted(path, entry), findings)


def remove(ws: Workspace, code: str, subject: str) -> Path:
    """Take the entry with this code and subject out of the file; the file.

    Raises:
        UsageError: there is none.
        MappingError, InputFileError, StorageFull: as ``acknowledge``.
    """
    from pdsync.mapfiles import remove_accepted

    path = accepted_file(ws)
    remove_accepted(path, code, parse_subject(subject))
    return path


def parse_subject(text: str) -> Subject:
    """``pipedrive:person/1042``, ``plezi:option/plz_secteur/conseil``; also ``pipedrive:1042``.

    Raises:
        UsageError: another form.
    """
    side, _, rest = text.strip().partition(":")
    noun, slash, identifier = rest.partition("/")
    if side in list(Side):
        own = Side(side)
        if not slash:
            noun, identifier = own.noun, rest
        if identifier.strip() and noun in _NOUNS and noun != own.other.noun:
            return Subject(own, noun, identifier)
    raise _refused(
        f"{quoted(text)} is no subject. Write it as the audit shows it: pipedrive:person/1042, plezi:contact/ab12, "
        "pipedrive:field/CODE or plezi:option/CODE/VALUE."
    )


def this_person() -> str:
    """Who is at work: the name in the settings of git, else the login."""
    import getpass
    import shutil
    import subprocess

    git = shutil.which("git")
    if git is not None:
        try:
            asked = subprocess.run(  # noqa: S603 - the user's own git, with fixed words
                [git, "config", "user.name"], capture_output=True, text=True, timeout=5, check=False
            )
        except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
            pass
        else:
            name = " ".join(asked.stdout.split())
            if name:
                return name[:200]
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def _others(folder: Path, code: str, named: Sequence[Subject]) -> tuple[list[Subject], int | None]:
    """The other records of the findings about the first subject, and how many findings that is.

    Raises:
        UsageError: they are about a field or an option, and a record was named.
    """
    extra = list(named[1:])
    newest = next((one for one in stored_audits(folder) if one.has_table), None)
    if newest is None:
        return extra, None
    held = dict(_findings(newest.report.table, code, named[0]))
    things = {one for subjects in held.values() for one in subjects if one.noun != one.side.noun}
    if things and named[0] not in things:
        names = ", ".join(sorted(map(str, things))[:3])
        raise _refused(f"This finding is about {names}, whoever holds it: acknowledge that.")
    if things:
        return extra, len(held)
    members = dict.fromkeys([*extra, *(one for subjects in held.values() for one in subjects)])
    return [one for one in members if one != named[0]], len(held)


def _findings(table: str, code: str, subject: Subject) -> Iterator[tuple[str, list[Subject]]]:
    """The findings of this code about this subject, with all their subjects, the holders of a field or option aside."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = ["finding", "side", "noun", "id"]
    try:
        ids = finding_ids(table, code, subject)
        kept = pq.read_table(table, columns=columns, filters=[("finding", "in", ids)]) if ids else None
    except (OSError, pa.ArrowException):
        return
    rows = kept.to_pylist() if kept is not None else []
    found: dict[str, list[Subject]] = {}
    for row in rows:
        found.setdefault(row["finding"], []).append(Subject(Side(row["side"]), row["noun"], row["id"]))
    for finding, subjects in found.items():
        things = [one for one in subjects if one.noun != one.side.noun]
        yield finding, things or subjects


def _refused(message: str) -> UsageError:
    return UsageError(
        message, untouched="Nothing was written.", next_step="See what was found: pdsync audit --from last"
    )
