"""``pdsync demo``: everything once, on invented people, in under a minute.

Each step calls the engine as its verb does, and names the command that does the same.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pdsync.cli.shell import output
from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.stand_in import PLAN, StandIn, export_lines
from pdsync.cli.shell.verbs import Look, Session, verb
from pdsync.errors import UsageError
from pdsync.model import AuditReport, ChangeKind, Event, Outcome, Plan, RunState, RunSummary, Side, SideTotals

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace
    from pdsync.snapshots.reader import Snapshot

__all__ = ["demo", "point_at"]

_KEPT: Final = Path("pdsync-demo")
_SHOWN: Final = 6
"""Audits that get a line; the gravest come first, and the others are named."""


@verb()
@click.option(
    "--keep", is_flag=True, help="Leave the sandbox running, and say how to point the other verbs at it."
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=_KEPT,
    show_default=True,
    help="Where to keep it, with --keep.",
)
def demo(session: Session, *, keep: bool, folder: Path) -> ExitCode:
    """Show everything on invented people, on this machine only, in under a minute.

    Starts stand-ins of both services, with 2,000 persons and 1,400 contacts that nobody is; then audits, plans, applies
    and plans them again, and takes everything back. No account is needed, and none is touched.
    """
    started = time.monotonic()
    with _place(folder, keep=keep) as here:
        session.say("Starting the sandbox ...")
        with StandIn(here / "sandbox.sqlite3", ["--seed", "demo", "--plan", PLAN], stays=keep) as stand_in:
            point_at(session, stand_in, here, keep=keep)
            story = _Story(session)
            story.data["sandbox"] = {"pid": stand_in.pid, "folder": str(here)} if keep else None
            story.tell()
            story.end(time.monotonic() - started, _kept(stand_in, here) if keep else _next())
            if keep:
                stand_in.let_go()
    return ExitCode.OK if story.went_well else ExitCode.FINDINGS


class _Story:
    """The five steps: told as they happen, or all at once as JSON."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._look = Look.of_output()
        self.data: dict[str, object] = {"kind": "demo", "version": 1}
        self.went_well = True

    def tell(self) -> None:
        """Audit, plan, apply, plan again, undo."""
        snapshots = self._pull()
        self._lines(_opening(snapshots))
        report = self._audit()
        self._step("audit", _audit_lines(report, self._look), _audit_data(report))
        plan = self._plan()
        self._step("plan", _plan_lines(plan), _plan_data(plan))
        run, seconds = self._apply(plan)
        self._step("apply", _apply_lines(plan, run, seconds), _run_data(run))
        self._pull()
        again = self._plan()
        self._step("plan_again", _again_lines(again), _plan_data(again))
        undone = self._undo(run)
        self._step("undo", _undo_lines(plan, undone), _run_data(undone))
        done = all(each.state is RunState.DONE and not _unwell(each) for each in (run, undone))
        self.went_well = done and again.header.is_empty

    def end(self, seconds: float, lines: list[str]) -> None:
        """What to do next; with ``--json`` the whole document."""
        self._lines([f"{seconds:.0f} seconds in all.", "", *lines])
        self.data["seconds"] = round(seconds, 1)
        if self._session.json:
            output.write_json(self.data)

    def _step(self, name: str, lines: Iterator[str], data: dict[str, object]) -> None:
        self.data[name] = data
        self._lines([*lines, ""])

    def _lines(self, lines: list[str]) -> None:
        if not self._session.json:
            output.write_lines(lines)

    def _pull(self) -> dict[Side, Snapshot]:
        from pdsync.engine.pull import pull

        return self._session.work(lambda ws, on_event: pull(ws, on_event=on_event))

    def _audit(self) -> AuditReport:
        from pdsync.engine.examine import examine

        async def audit(ws: Workspace, on_event: Callable[[Event], None]) -> AuditReport:
            return examine(ws, on_event=on_event)

        return self._session.work(audit)

    def _plan(self) -> Plan:
        from pdsync.engine.prepare import prepare

        return self._session.work(lambda ws, on_event: prepare(ws, on_event=on_event))

    def _apply(self, plan: Plan) -> tuple[RunSummary, float]:
        from pdsync.engine.apply import apply

        started = time.monotonic()
        run = self._session.work(lambda ws, on_event: apply(ws, plan, first_run=True, on_event=on_event))
        return run, time.monotonic() - started

    def _undo(self, run: RunSummary) -> RunSummary:
        from pdsync.engine.apply import apply
        from pdsync.engine.undo import prepare_undo

        plan = self._session.work(lambda ws, on_event: prepare_undo(ws, run.id, on_event=on_event))
        return self._session.work(lambda ws, on_event: apply(ws, plan, on_event=on_event))


def _opening(snapshots: dict[Side, Snapshot]) -> list[str]:
    persons, contacts = snapshots[Side.PIPEDRIVE].rows, snapshots[Side.PLEZI].rows
    read = f"{persons:,} persons in Pipedrive, {contacts:,} contacts in Plezi"
    return [f"pdsync demo   {read}: invented people, on this machine only", ""]


def _audit_lines(report: AuditReport, look: Look) -> Iterator[str]:
    from pdsync.report.inert import for_terminal
    from pdsync.report.text.layout import wrap

    gate = report.gate
    yield f"1  Audit      {str(gate.state).upper()}   {gate.blocked_records:,} records are blocked, {report.seconds:.1f} s"
    found = [summary for summary in report.summaries if summary.findings]
    names = max((len(summary.code) for summary in found[:_SHOWN]), default=0)
    for summary in found[:_SHOWN]:
        headline = f"{summary.headline} ({summary.rule})" if summary.rule else summary.headline
        first, *rest = wrap(for_terminal(headline), look.width - names - 6)
        yield f"   {summary.code:<{names}}   {first}"
        for line in rest:
            yield f"   {'':<{names}}   {line}"
    if found[_SHOWN:]:
        others = f"and {len(found) - _SHOWN} more: {', '.join(summary.code for summary in found[_SHOWN:])}"
        yield from (f"   {line}" for line in wrap(others, look.width - 3))
    yield "   pdsync pull && pdsync audit"


def _plan_lines(plan: Plan) -> Iterator[str]:
    totals = plan.header.totals
    sides = totals.sides
    updates, creates = (
        sum(getattr(side, kind) for side in sides.values()) for kind in ("updates", "creates")
    )
    yield (
        f"2  Plan       {updates:,} updates, {creates:,} creates, {totals.conflicts:,} conflicts;"
        " nothing is written yet"
    )
    for side in Side:
        yield (
            f"   -> {side.label:<10} {sides[side].updates:>5,} updates {sides[side].creates:>5,} creates"
            f"   {sides[side].values:>5,} values{_worked_out(sides[side], side)}"
        )
    cost = sides[Side.PIPEDRIVE]
    yield f"   costs {cost.tokens:,} of Pipedrive's tokens, in {sum(side.requests for side in sides.values()):,} requests"
    yield "   pdsync plan -o plan.pdsync"


def _worked_out(totals: SideTotals, side: Side) -> str:
    return f", and up to {totals.deferred:,} that {side.other.label} works out" if totals.deferred else ""


def _apply_lines(plan: Plan, run: RunSummary, seconds: float) -> Iterator[str]:
    yield (
        f"3  Apply      {sum(run.writes.values()):,} of {plan.header.totals.writes:,} writes,"
        f" {run.outcomes.get(Outcome.FAILED, 0):,} failed, {run.outcomes.get(Outcome.STALE, 0):,} stale, {seconds:.1f} s"
    )
    known = sum(side.values for side in plan.header.totals.sides.values())
    more = f", {run.values - known:,} of them worked out on create" if run.values > known else ""
    yield f"   {run.values:,} values are written{more}; {plan.header.totals.links:,} links are remembered"
    yield f"   pdsync apply plan.pdsync {' '.join(plan.header.needs)}".rstrip()


def _again_lines(plan: Plan) -> Iterator[str]:
    writes = plan.header.totals.writes
    yield f"4  Plan again {'nothing to do' if plan.header.is_empty else f'{writes:,} writes: this should not be'}"
    yield "   pdsync pull && pdsync plan"


def _undo_lines(plan: Plan, undone: RunSummary) -> Iterator[str]:
    yield f"5  Undo       {undone.values:,} values restored; what stays is what the plan had listed:"
    for (side, words), count in sorted(_irreversible(plan).items()):
        yield f"   {count:>5,} x {side.label}: {words}"
    yield "   pdsync undo last"


def _irreversible(plan: Plan) -> Counter[tuple[Side, str]]:
    """What no undo takes back, counted by side and reason."""
    return Counter((change.side, words) for change in plan.changes() for words in change.irreversible)


def _unwell(run: RunSummary) -> int:
    return sum(
        run.outcomes.get(outcome, 0) for outcome in (Outcome.FAILED, Outcome.STALE, Outcome.NOT_STORED)
    )


def _audit_data(report: AuditReport) -> dict[str, object]:
    from pdsync.report.json import audit_data

    return audit_data(report)


def _plan_data(plan: Plan) -> dict[str, object]:
    from pdsync.report.json import plan_header_data

    kinds = Counter(str(change.kind) for change in plan.changes() if change.kind is not ChangeKind.SETTLE)
    return {**plan_header_data(plan.header), "changes": dict(kinds)}


def _run_data(run: RunSummary) -> dict[str, object]:
    return {
        "id": run.id,
        "state": str(run.state),
        "outcomes": {str(outcome): count for outcome, count in run.outcomes.items()},
        "writes": {str(side): count for side, count in run.writes.items()},
        "values": run.values,
    }


@contextmanager
def _place(folder: Path, *, keep: bool) -> Iterator[Path]:
    """A temporary folder, or the one that stays."""
    if not keep:
        with tempfile.TemporaryDirectory(prefix="pdsync-demo-") as temporary:
            yield Path(temporary)
        return
    if folder.exists():
        raise UsageError(
            f"There is something at {folder} already.",
            untouched="Nothing was started.",
            next_step="Remove it, or name another place with --folder.",
        )
    folder.mkdir(mode=0o700, parents=True)
    yield folder.resolve()


def point_at(session: Session, stand_in: StandIn, here: Path, *, keep: bool) -> None:
    """A settings file and a mapping in the demo's folder, so that every verb works there."""
    from pdsync.mapfiles import shipped_fields, shipped_mapping
    from pdsync.settings import load_settings

    mapping = here / "mappings" / "contacts.yaml"
    (mapping.parent / "fields").mkdir(parents=True)
    text = shipped_mapping().read_text(encoding="utf-8")
    # Everybody in the sandbox "was there before"; a demo that creates nobody would show half.
    mapping.write_text(text.replace("existing: link_only\n", "existing: create\n"), encoding="utf-8")
    for side in Side:
        shutil.copyfile(shipped_fields(side), mapping.parent / "fields" / f"{side}.yaml")
    environment = stand_in.environment()
    config = here / "pdsync.toml"
    config.write_text(
        "# Points every verb at the sandbox; the keys are in keys.sh.\n"
        "[pipedrive]\n"
        f'url = "{environment["PDSYNC_PIPEDRIVE_URL"]}"\nplan = "{environment["PDSYNC_PIPEDRIVE_PLAN"]}"\n'
        "[plezi]\n"
        f'url = "{environment["PDSYNC_PLEZI_URL"]}"\nprofile = "{environment["PDSYNC_PLEZI_PROFILE"]}"\n'
        f'tenant = "{environment["PDSYNC_PLEZI_TENANT"]}"\n',
        encoding="utf-8",
    )
    keys = {name: environment[name] for name in ("PDSYNC_PIPEDRIVE_TOKEN", "PDSYNC_PLEZI_API_KEY")}
    path = here / "keys.sh"
    path.touch(mode=0o600)
    path.write_text(f"# These open nothing but the sandbox.\n{export_lines(keys)}\n", encoding="utf-8")
    flags = {"mapping": mapping, "state": here / ".pdsync"}
    session.use_settings(load_settings(flags, environment=keys, config=config), keeps_state=keep)


def _kept(stand_in: StandIn, here: Path) -> list[str]:
    return [
        f"The sandbox goes on as process {stand_in.pid}. Point the other verbs at it:",
        f"   cd {here} && . ./keys.sh",
        "   pdsync history last",
        "   pdsync pull && pdsync plan",
        f"End it: kill {stand_in.pid}; rm -r {here}",
    ]


def _next() -> list[str]:
    return [
        "Next: pdsync demo --keep, then the other verbs on the same people; or your own accounts: pdsync doctor"
    ]
