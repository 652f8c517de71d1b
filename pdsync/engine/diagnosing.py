"""Looks at everything a sync needs, one thing at a time, so that one failure hides no other. Writes nothing.

Each service is asked once who its key belongs to; with ``probe`` also for the calls that Plezi's profile only guesses,
with GET and for one contact, of which nothing is kept.
"""

from __future__ import annotations

import platform
import shutil
import stat
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pdsync import __version__
from pdsync.engine.checking import check as check_mapping
from pdsync.engine.releasing import held
from pdsync.errors import PdsyncError, StateLocked
from pdsync.model import Severity, Side

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace
    from pdsync.settings import Secret

__all__ = ["Examined", "Health", "diagnose"]

_LITTLE_ROOM: Final = 1_000_000_000
"""Bytes. A million contacts are 89 MB as a snapshot (measured), and a dozen snapshots are kept."""


class Health(StrEnum):
    """How one thing is."""

    GOOD = "ok"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Examined:
    """One thing that was looked at."""

    name: str
    health: Health
    says: str
    fix: str = ""
    exit_code: int = 0
    """Of the error that it would end in; 0 if it would not."""


async def diagnose(ws: Workspace, *, probe: bool = False) -> list[Examined]:
    """Everything, in the order in which a sync would need it."""
    found = [
        Examined(
            "versions",
            Health.GOOD,
            f"pdsync {__version__}, Python {platform.python_version()}, {platform.system()}",
        ),
        await _guarded("mapping", _mapping(ws)),
    ]
    for side in Side:
        found += await _side(ws, side)
    if probe:
        found += await _probes(ws)
    found += [await _guarded("state", _state(ws)), *_held(ws)]
    found += [_room(ws.folder.root)]
    return found


async def _side(ws: Workspace, side: Side) -> list[Examined]:
    """Credentials, then the account that they open, then its budget: each makes sense only after the one before."""
    credentials = await _guarded(f"{side} credentials", _credentials(ws, side))
    if credentials.health is Health.BAD:
        return [credentials]
    account = await _guarded(f"{side} account", _account(ws, side))
    if account.health is Health.BAD:
        return [credentials, account]
    return [credentials, account, *_budget(ws, await ws.client(side), side)]


async def _guarded(name: str, look: Awaitable[Examined]) -> Examined:
    try:
        return await look
    except PdsyncError as error:
        return Examined(name, Health.BAD, error.message, error.next_step, error.exit_code)


async def _mapping(ws: Workspace) -> Examined:
    from pdsync.mapfiles import summary

    findings = await check_mapping(ws)
    says = f"{ws.settings.mapping}: {summary(findings)}"
    if any(finding.severity is Severity.BLOCKING for finding in findings):
        return Examined("mapping", Health.BAD, says, "See them: pdsync check", 2)
    return Examined(
        "mapping",
        Health.WARNING if findings else Health.GOOD,
        says,
        "See them: pdsync check" if findings else "",
    )


async def _credentials(ws: Workspace, side: Side) -> Examined:
    name = f"{side} credentials"
    settings = ws.settings.on(side)
    if settings.file is not None:
        return Examined(
            name, Health.GOOD, f"an export, {settings.file}: it can be audited and planned with, not written"
        )
    secrets = _secrets(ws, side)
    where = {key: secret.found_in() for key, secret in secrets.items()}
    held = [f"{key} in the {place}" for key, place in where.items() if place]
    if held:
        return Examined(name, Health.GOOD, ", ".join(held))
    first = next(iter(secrets.values()))
    return Examined(name, Health.BAD, f"no key of {side.label} was found", first.how_to_set, 2)


def _secrets(ws: Workspace, side: Side) -> dict[str, Secret]:
    if side is Side.PIPEDRIVE:
        return {"token": ws.settings.pipedrive.token}
    plezi = ws.settings.plezi
    return {"API key": plezi.api_key, "public key": plezi.public_key, "secret key": plezi.secret_key}


async def _account(ws: Workspace, side: Side) -> Examined:
    client = await ws.client(side)
    account = await client.account()
    name, known = f"{side} account", " ".join(part for part in (account.name, account.domain) if part)
    says = f"{known or account.id} (id {account.id})"
    if ws.folder.database.exists():
        ws.state.check_account(account)
    if not account.sees_everything and not ws.settings.on(side).confirm_complete_read:
        return Examined(
            name,
            Health.WARNING,
            f"{says}; whether it shows every {side.noun} is not known, so nothing counts as absent and nothing is created",
            f"If it does, say so: {side}.confirm_complete_read",
        )
    return Examined(name, Health.GOOD, says)


def _budget(ws: Workspace, client: object, side: Side) -> Iterator[Examined]:
    """What the last answer said about today's tokens (Pipedrive); silent where no limit is known."""
    budget = getattr(client, "budget", None)
    remaining, limit = getattr(budget, "daily_remaining", None), getattr(budget, "daily_limit", None)
    if ws.settings.on(side).file is not None or limit is None:
        return
    if remaining is None:
        yield Examined(
            f"{side} budget",
            Health.GOOD,
            f"{limit:,} tokens a day by the plan; the service did not say what is left",
        )
        return
    low = remaining < limit / 10
    yield Examined(
        f"{side} budget",
        Health.WARNING if low else Health.GOOD,
        f"{remaining:,} of {limit:,} tokens left today",
        "It is renewed at midnight of the service's time zone." if low else "",
    )


async def _probes(ws: Workspace) -> list[Examined]:
    client = await ws.client(Side.PLEZI)
    ask = getattr(client, "probe", None)
    if ask is None:
        return [Examined("probe", Health.GOOD, "an export has nothing to probe")]
    outcomes: dict[str, str] = await ask()
    if not outcomes:
        return [
            Examined("probe", Health.GOOD, f"the profile {ws.settings.plezi.profile} names no candidates")
        ]
    return [Examined(f"probe {name}", Health.GOOD, says) for name, says in outcomes.items()]


async def _state(ws: Workspace) -> Examined:
    folder = ws.folder
    if not folder.database.exists():
        return Examined("state", Health.GOOD, f"{folder.root} does not exist yet; pdsync pull makes it")
    mode = stat.S_IMODE(folder.root.stat().st_mode)
    if mode & 0o077:
        return Examined(
            "state",
            Health.BAD,
            f"{folder.root} is readable by others (mode {mode:o})",
            f"chmod 700 {folder.root}",
            2,
        )
    says = f"{folder.root}: {ws.state.ledger.count_links():,} links, {len(ws.state.history.runs()):,} runs"
    try:
        with ws.state.writing("doctor"):
            unfinished = ws.state.history.unfinished()
    except StateLocked as error:
        return Examined("state", Health.WARNING, f"{says}; {error.message}", error.next_step)
    if unfinished:
        return Examined(
            "state",
            Health.WARNING,
            f"{says}; run {unfinished[-1].id} did not end",
            "The next apply or undo settles what was under way, before anything else.",
        )
    return Examined("state", Health.GOOD, says)


def _held(ws: Workspace) -> Iterator[Examined]:
    """What waits for a person to let go of it; silent where nothing does."""
    try:
        there = held(ws)
    except PdsyncError:
        return  # the check of the state has said why
    parts = [
        f"{len(found):,} {what}"
        for found, what in (
            (there.creates, "records from which nothing is created (again)"),
            (there.fields, "values that stay as an undo left them"),
            (there.links, "broken links"),
        )
        if found
    ]
    if parts:
        yield Examined(
            "held", Health.GOOD, " and ".join(parts), "See them, and let go of them: pdsync release"
        )


def _room(folder: Path) -> Examined:
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    free = shutil.disk_usage(there).free
    says = f"{free / 1e9:,.1f} GB free for {folder}"
    if free < _LITTLE_ROOM:
        return Examined("disk", Health.WARNING, says, "Snapshots are kept by the dozen: make room.")
    return Examined("disk", Health.GOOD, says)
