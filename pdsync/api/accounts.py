"""One pair of accounts, as its state folder and mapping show it: the door to everything else."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pdsync.api import html
from pdsync.api.audits import AuditReport, trend
from pdsync.api.boxes import boxed_errors
from pdsync.api.mappings import Mapping as ReadMapping
from pdsync.api.plans import Plan
from pdsync.api.reading import bound_to, journal, newest_pair, reads, tokens
from pdsync.api.runs import Run, runs_table
from pdsync.api.snapshots import Snapshot
from pdsync.api.tables import Table, in_memory
from pdsync.api.temporary import new_folder, remove_with
from pdsync.api.working import Work, work, work_async
from pdsync.errors import PdsyncError, UsageError
from pdsync.model import Event, Side
from pdsync.report.text.values import account_words, counted

if TYPE_CHECKING:
    import pyarrow as pa

    from pdsync.engine.workspace import Workspace
    from pdsync.settings import Settings
    from pdsync.snapshots.reader import Snapshot as Stored

__all__ = ["Account", "open_account"]

T = TypeVar("T")


class Account:
    """A Pipedrive account and a Plezi account, joined by one mapping. Opening it reads nothing.

    Blocking methods work in notebooks too, whose event loop is always running; ``..._async`` twins can be awaited.

    >>> import pdsync
    >>> account = pdsync.demo()
    >>> account.persons.rows > account.contacts.rows > 1_400
    True
    """

    def __init__(self, settings: Settings, *, progress: bool = True) -> None:
        self._settings = settings
        self._progress = progress

    @property
    def state(self) -> Path:
        """The folder of ledger, snapshots and plans."""
        return self._settings.state

    @property
    def persons(self) -> Snapshot:
        """The newest snapshot of Pipedrive.

        Raises:
            UsageError: it was never read.
        """
        return self._newest(Side.PIPEDRIVE)

    @property
    def contacts(self) -> Snapshot:
        """The newest snapshot of Plezi.

        Raises:
            UsageError: it was never read.
        """
        return self._newest(Side.PLEZI)

    def snapshots(self, side: str | None = None) -> list[Snapshot]:
        """Every snapshot that is kept, of one side or of both, newest first."""
        from pdsync.snapshots.reader import list_snapshots

        with boxed_errors():
            return [Snapshot(stored) for stored in list_snapshots(self.state, Side(side) if side else None)]

    def pull(self, *, incremental: bool = False) -> None:
        """Read both services into new snapshots; nothing is written to them.

        Raises:
            ServiceError, SettingsError, AccountMismatch: earlier snapshots are as they were.
        """
        self._do(_pull(incremental=incremental))

    async def pull_async(self, *, incremental: bool = False) -> None:
        """``pull``, to be awaited."""
        await self._await(_pull(incremental=incremental))

    def mapping(self) -> ReadMapping:
        """The mapping file, as it is now.

        Raises:
            MappingError: with every problem at once.
        """
        from pdsync.mapfiles import load_mapping

        with boxed_errors():
            return ReadMapping(load_mapping(self._settings.mapping))

    def audit(self, *, near_duplicates: bool = False) -> AuditReport:
        """Run every audit over the newest snapshots. No request leaves, nothing is stored.

        Args:
            near_duplicates: Also look for one person under several addresses, for information; needs the extra
                ``near-duplicates``, without which the report says that it was not checked.

        Raises:
            UsageError: a side was never read.
            MappingError: the mapping does not fit the fields that were read.
        """
        return self._do(_audit(near_duplicates=near_duplicates))

    async def audit_async(self, *, near_duplicates: bool = False) -> AuditReport:
        """``audit``, to be awaited."""
        return await self._await(_audit(near_duplicates=near_duplicates))

    def trend(self, *, most: int = 5) -> Table:
        """The audits of the last ``most`` reads under today's mapping, oldest first.

        Columns: ``read_at`` (UTC), ``code``,
        ``severity``, ``findings``, ``persons``, ``contacts`` (distinct records concerned).

        Links are left out: the ledger knows those of today only, and an old snapshot would be blamed for them.

        Raises:
            UsageError: a side was never read.
        """

        async def all_of_them(ws: Workspace, tell: Callable[[Event], None]) -> Table:
            from pdsync.engine.auditing import audit

            kept = list(reads(ws, most))
            return trend([(at, audit(pair, bound_to(ws, pair), on_event=tell).report) for at, pair in kept])

        return self._do(all_of_them)

    def plan(
        self,
        *,
        only: Sequence[str] = (),
        sample: int | None = None,
        adopt: bool = False,
        mapping: str | Path | None = None,
    ) -> Plan:
        """Plan a sync from the newest snapshots; nothing is written to either service.

        Args:
            only: Addresses, ids, fields or a side to narrow the plan to.
            sample: Plan for so many people only.
            adopt: Also create partners of records that were there before the first run.
            mapping: Another mapping file than the account's, to see what it would do. Such a plan is kept in a
                temporary folder, so that nobody applies it by accident.

        Raises:
            UsageError: nothing was read yet, or what was read is older than the last run.
            MappingError: the mapping does not fit.
        """
        settings, folder = self._for(mapping)
        return work(settings, _plan(only, sample, folder, adopt=adopt), progress=self._progress)

    async def plan_async(
        self,
        *,
        only: Sequence[str] = (),
        sample: int | None = None,
        adopt: bool = False,
        mapping: str | Path | None = None,
    ) -> Plan:
        """``plan``, to be awaited."""
        settings, folder = self._for(mapping)
        return await work_async(settings, _plan(only, sample, folder, adopt=adopt), progress=self._progress)

    @property
    def options(self) -> Table:
        """Both lists of every mapped drop-down and multiple-choice field.

        Columns: ``field``, ``side``, ``option`` (identity),
        ``label``, ``records`` that hold it, ``counterpart`` (label on the other side; null: none, so that these records
        lose the value in a sync).
        """
        from pdsync.api.options import options_table

        async def both(ws: Workspace, tell: Callable[[Event], None]) -> pa.Table:
            del tell
            pair = newest_pair(ws)
            return options_table(bound_to(ws, pair), pair)

        return in_memory("Drop-down options", lambda: self._do(both))

    @property
    def runs(self) -> Table:
        """One row per run, newest first.

        Columns: ``id``, ``kind`` (apply, undo), ``state``, ``started_at``, ``ended_at`` (UTC),
        ``to_pipedrive``, ``to_plezi`` (records written), ``values`` (written), one column per outcome (changes),
        ``remaining``, ``tokens`` (of Pipedrive's budget, as its plan counted; null where that is gone), ``message``.
        """

        async def all_of_them(ws: Workspace, tell: Callable[[Event], None]) -> pa.Table:
            del tell
            return runs_table((run, tokens(ws, run.plan_id)) for run in ws.state.history.runs())

        return in_memory("Runs", lambda: self._do(all_of_them))

    def run(self, name: str = "last") -> Run:
        """One run with its journal.

        Args:
            name: Its id, the beginning of it, or ``last``.

        Raises:
            UsageError: there is none, or there are several.
        """

        async def find(ws: Workspace, tell: Callable[[Event], None]) -> Run:
            from pdsync.engine.examine import known_names

            del tell
            summary = ws.state.history.run(name)
            return Run(summary, partial(journal, self._settings, summary.id), known_names(ws))

        return self._do(find)

    def _newest(self, side: Side) -> Snapshot:
        from pdsync.snapshots.reader import latest

        with boxed_errors():
            stored = latest(self.state, side)
            if stored is None:
                raise UsageError(
                    f"{side.label} was never read into {self.state}.",
                    untouched="Nothing was read or written.",
                    next_step="Read both sides first: pdsync pull, or here: account.pull()",
                )
            return Snapshot(stored)

    def _for(self, mapping: str | Path | None) -> tuple[Settings, Path | None]:
        """Settings with another mapping, and a temporary folder for what is planned with it."""
        if mapping is None:
            return self._settings, None
        return replace(self._settings, mapping=Path(mapping)), new_folder("pdsync-plan-")

    def _do(self, do: Work[T]) -> T:
        return work(self._settings, do, progress=self._progress)

    async def _await(self, do: Work[T]) -> T:
        return await work_async(self._settings, do, progress=self._progress)

    def __repr__(self) -> str:
        return "\n".join(f"{name}: {words}" for name, words in self._facts().items())

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        del include, exclude
        return html.bundle(repr(self), html.facts(self._facts()))

    def _facts(self) -> Mapping[str, str]:
        """Whose data, how old, under which mapping: what stands on top of a report."""
        from pdsync.snapshots.reader import latest

        facts: dict[str, str] = {}
        for side in Side:
            try:
                stored = latest(self.state, side)
            except PdsyncError as error:
                facts[side.label] = error.message
                continue
            facts[side.label] = (
                _read_words(stored) if stored else "not read yet: account.pull() or pdsync pull"
            )
        try:
            mapping = self.mapping()
            facts["Mapping"] = f"{mapping.name}, {mapping.path.name}, {mapping.commit}"
        except PdsyncError as error:
            facts["Mapping"] = error.message.splitlines()[0]
        return facts


def open_account(where: str | Path = ".", *, progress: bool = True, **flags: str) -> Account:
    """Open a pair of accounts by the folder in which the command line works with them.

    Args:
        where: The folder that holds ``pdsync.toml``, ``.pdsync`` and ``mappings``; or ``demo`` for invented people.
        progress: Whether to show bars while something takes long.
        flags: Settings by name, over those of the folder: ``mapping``, ``state``, and ``pipedrive_file`` and
            ``plezi_file`` for exports instead of accounts. Tokens come from the environment or the keyring, never from
            here: a notebook is a file that gets shared.

    Raises:
        SettingsError: a setting cannot be used.
        UsageError: no such folder, or no such setting.

    >>> import pdsync
    >>> pdsync.open_account("demo").audit().gate
    'not ready'
    """
    from pdsync.settings import CONFIG_FILE, SETTINGS, load_settings

    if str(where) == "demo" and not flags:
        from pdsync.api.demo_data import demo

        return demo(progress=progress)
    with boxed_errors():
        folder = Path(where).expanduser()
        if not folder.is_dir():
            raise UsageError(
                f"There is no folder {folder}.",
                untouched="Nothing was read or written.",
                next_step="Name the folder that holds pdsync.toml and .pdsync, or say 'demo' for invented people.",
            )
        names = {setting.key.replace(".", "_"): setting.key for setting in SETTINGS if not setting.secret}
        for name in flags:
            if name not in names:
                raise UsageError(
                    f"There is no setting {name!r}.", next_step=f"Known are: {', '.join(names)}."
                )
        config = folder / CONFIG_FILE
        settings = load_settings(
            {names[name]: value for name, value in flags.items()}, config=config if config.is_file() else None
        )
        return Account(
            replace(
                settings,
                mapping=_beside(folder, settings.mapping, given="mapping" in flags),
                state=_beside(folder, settings.state, given="state" in flags),
            ),
            progress=progress,
        )


def _beside(folder: Path, path: Path, *, given: bool) -> Path:
    """Paths of the settings are meant from their folder; what the caller gave, from where the caller is."""
    return path if given or path.is_absolute() else folder / path


def _read_words(stored: Stored) -> str:
    coverage = "complete" if stored.coverage.complete else f"not complete: {stored.coverage.reason}"
    noun = counted(stored.rows, stored.side.noun)
    return f"{account_words(stored.account)}: {noun}, read {stored.taken_at:%d %B %Y, %H:%M} UTC, {coverage}"


def _pull(*, incremental: bool) -> Work[None]:
    async def read(ws: Workspace, tell: Callable[[Event], None]) -> None:
        from pdsync.engine.pull import pull

        await pull(ws, incremental=incremental, settle=True, on_event=tell)

    return read


def _audit(*, near_duplicates: bool) -> Work[AuditReport]:
    async def look(ws: Workspace, tell: Callable[[Event], None]) -> AuditReport:
        from pdsync.engine.examine import examined

        audited = examined(ws, on_event=tell, near_duplicates=near_duplicates, keep=False)
        read = max(stored.taken_at for stored in newest_pair(ws).values())
        return AuditReport(audited.report, audited.table, read)

    return look


def _plan(only: Sequence[str], sample: int | None, folder: Path | None, *, adopt: bool) -> Work[Plan]:
    async def make(ws: Workspace, tell: Callable[[Event], None]) -> Plan:
        from pdsync.engine.examine import known_names
        from pdsync.engine.prepare import prepare

        output = folder / "plan.pdsync" if folder else None
        try:
            made = await prepare(ws, only=only, sample=sample, adopt=adopt, output=output, on_event=tell)
        except BaseException:
            if folder:
                shutil.rmtree(folder, ignore_errors=True)
            raise
        plan = Plan(made, known_names(ws))
        return remove_with(plan, folder) if folder else plan

    return make
