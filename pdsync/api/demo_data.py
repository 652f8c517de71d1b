"""Data to explore without any account: the sandbox, read once into a folder of the user's cache.

The sandbox is a process of its own (``pdsync sandbox``), asked over HTTP like the real services, and gone when the data
is there. The story it tells: the accounts are read, a pilot of a few people is synced, somebody tidies up in Pipedrive,
the accounts are read again. So there is a history, a trend, and still something to plan.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pdsync.api.accounts import Account
from pdsync.api.boxes import boxed_errors
from pdsync.api.working import work
from pdsync.errors import ServiceFault

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace
    from pdsync.model import Event, Plan
    from pdsync.settings import Settings

__all__ = ["FOLDER_VARIABLE", "demo"]

FOLDER_VARIABLE: Final = "PDSYNC_DEMO_FOLDER"
"""Where the demo data is kept instead of the user's cache."""
_STORY: Final = 1
"""Raised when the story changes, so that nobody goes on with the data of another one."""
_START_SECONDS: Final = 60.0
_PILOTS: Final = (25, 60)
"""People of the two pilots."""
_TIDIED: Final = 6
"""Duplicates that somebody deletes between the first and the last read."""
_EDITED: Final = 3
"""Persons whom somebody edits between planning and applying the second pilot: their changes are stale."""


def demo(*, fresh: bool = False, progress: bool = True) -> Account:
    """Two accounts of invented people with every defect the audits look for. Made once, in about 15 seconds.

    Args:
        fresh: Make it again, with today's dates.
        progress: Whether to show bars while it is made.

    Raises:
        ServiceFault: the sandbox did not start.
        StorageFull, StateError: there is no place for it.

    >>> import pdsync
    >>> pdsync.demo().mapping().name
    'contacts'
    """
    with boxed_errors():
        folder = _home() / f"demo-{_version()}-{_STORY}"
        if fresh:
            shutil.rmtree(folder, ignore_errors=True)
        if not (folder / ".pdsync").is_dir():
            _make(folder, progress=progress)
        return Account(_settings(folder, _nowhere()), progress=progress)


def _home() -> Path:
    import platformdirs

    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named) if named else platformdirs.user_cache_path("pdsync")


def _version() -> str:
    from pdsync import __version__

    return __version__


def _make(folder: Path, *, progress: bool) -> None:
    """Build it beside its place and move it there whole, so that nobody ever sees half of it."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
    try:
        _copy_mapping(making)
        with _sandbox(making / "sandbox.sqlite3") as environment:
            _tell_story(_settings(making, environment), environment, progress=progress)
        for leftover in making.glob("sandbox.sqlite3*"):
            leftover.unlink()
        with suppress(OSError):  # somebody else was faster, with the same data
            making.rename(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _copy_mapping(folder: Path) -> None:
    from pdsync.mapfiles import shipped_fields, shipped_mapping
    from pdsync.model import Side

    mapping = folder / "mappings" / "contacts.yaml"
    (mapping.parent / "fields").mkdir(parents=True)
    text = shipped_mapping().read_text(encoding="utf-8")
    # Everybody in the sandbox "was there before"; a demo that creates nobody would show half.
    mapping.write_text(text.replace("existing: link_only\n", "existing: create\n"), encoding="utf-8")
    for side in Side:
        shutil.copyfile(shipped_fields(side), mapping.parent / "fields" / f"{side}.yaml")


def _settings(folder: Path, environment: dict[str, str]) -> Settings:
    from pdsync.settings import load_settings

    nothing = folder / "pdsync.toml"
    if not nothing.exists():
        nothing.write_text(
            "# The sandbox that this came from is gone: it cannot be read again.\n", encoding="utf-8"
        )
    flags = {"mapping": folder / "mappings" / "contacts.yaml", "state": folder / ".pdsync"}
    return load_settings(flags, environment=environment, config=nothing)


def _nowhere() -> dict[str, str]:
    """Settings that know what requests would cost, at an address where nobody answers."""
    return {
        "PDSYNC_PIPEDRIVE_URL": "http://127.0.0.1:9",
        "PDSYNC_PIPEDRIVE_TOKEN": "demo",
        "PDSYNC_PIPEDRIVE_PLAN": "ultimate",
        "PDSYNC_PLEZI_URL": "http://127.0.0.1:9",
        "PDSYNC_PLEZI_PROFILE": "sandbox",
        "PDSYNC_PLEZI_TENANT": "demo",
        "PDSYNC_PLEZI_API_KEY": "demo",
    }


@contextmanager
def _sandbox(database: Path) -> Iterator[dict[str, str]]:
    """A sandbox with the demo's people; gives the environment that points pdsync at it."""
    command = [sys.executable, "-m", "pdsync", "sandbox", "--seed", "demo", "--db", str(database), "--json"]
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PDSYNC_")}
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=ours,
    ) as process:
        try:
            yield _environment(process)
        finally:
            process.terminate()


def _environment(process: subprocess.Popen[str]) -> dict[str, str]:
    """What the sandbox says when it listens: one JSON document over several lines."""
    said = ""
    deadline = time.monotonic() + _START_SECONDS
    while process.stdout is not None and time.monotonic() < deadline:
        line = process.stdout.readline()
        said += line
        with suppress(ValueError):
            environment: dict[str, str] = json.loads(said)["environment"]
            return environment
        if not line:
            break
    raise ServiceFault(
        "The sandbox did not start.",
        untouched="Nothing was read or written.",
        next_step="See what it says: pdsync sandbox --seed demo",
    )


def _tell_story(settings: Settings, environment: dict[str, str], *, progress: bool) -> None:
    def do(step: Callable[[Workspace, Callable[[Event], None]], Any]) -> Any:  # noqa: ANN401 - each step gives its own
        return work(settings, step, progress=progress)

    do(_read)
    do(lambda ws, tell: _pilot(ws, tell, _PILOTS[0], lambda _: None))
    do(_read)
    do(lambda ws, tell: _pilot(ws, tell, _PILOTS[1], lambda plan: _edit(environment, plan)))
    _tidy_up(environment, do(_duplicates))
    do(_read)


async def _read(ws: Workspace, tell: Callable[[Event], None]) -> None:
    from pdsync.engine.pull import pull

    await pull(ws, on_event=tell)


async def _pilot(
    ws: Workspace, tell: Callable[[Event], None], people: int, meanwhile: Callable[[Plan], None]
) -> None:
    from pdsync.engine.apply import apply
    from pdsync.engine.prepare import prepare

    plan = await prepare(ws, sample=people, on_event=tell)
    meanwhile(plan)
    await apply(ws, plan, first_run=True, on_event=tell)


async def _duplicates(ws: Workspace, tell: Callable[[Event], None]) -> list[str]:
    """The second person of some clusters that share an address."""
    from pdsync.engine.auditing import audit
    from pdsync.engine.inputs import bind_mapping, newest_snapshots
    from pdsync.model import Side

    snapshots = newest_snapshots(ws)
    bound, _ = bind_mapping(ws, {side: one.schema for side, one in snapshots.items()}, ws.state.ledger)
    found: dict[str, list[str]] = {}
    for row in (
        audit(snapshots, bound, ws.state.ledger, on_event=tell)
        .table.select(["code", "finding", "noun", "side", "id"])
        .to_pylist()
    ):
        if row["code"] == "duplicate-email" and row["noun"] == Side.PIPEDRIVE.noun:
            found.setdefault(row["finding"], []).append(row["id"])
    return [ids[1] for ids in found.values() if len(ids) == 2][:_TIDIED]


def _tidy_up(environment: dict[str, str], ids: list[str]) -> None:
    for person in ids:
        _request(environment, "DELETE", f"/api/v2/persons/{person}")


def _edit(environment: dict[str, str], plan: Plan) -> None:
    """Somebody types into fields that are about to be written."""
    from pdsync.model import ChangeKind, Side

    edited = 0
    for change in plan.changes():
        if change.kind is ChangeKind.UPDATE and change.side is Side.PIPEDRIVE and edited < _EDITED:
            codes = [one.code for one in change.fields if len(one.code) == 40 and isinstance(one.after, str)]
            if codes:
                values = {"custom_fields": {codes[0]: "typed meanwhile"}}
                _request(environment, "PATCH", f"/api/v2/persons/{change.record_id}", values)
                edited += 1


def _request(environment: dict[str, str], method: str, path: str, body: object = None) -> None:
    request = urllib.request.Request(  # noqa: S310 - the sandbox's address on this machine
        environment["PDSYNC_PIPEDRIVE_URL"] + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"x-api-token": environment["PDSYNC_PIPEDRIVE_TOKEN"], "content-type": "application/json"},
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30):
        pass
