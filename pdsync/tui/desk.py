"""The only door from the screens to the engine: what a screen can ask for, and the command line that does the same.

Nothing is done here: ``workroom`` does it in another thread, so that a screen never waits. A screen gets an ``Errand``
back: it can be awaited, watched, held and stopped.
"""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from pdsync.model import Side
from pdsync.tui.errands import Errand
from pdsync.tui.workroom import Tell, Workroom

if TYPE_CHECKING:
    from pdsync.engine.findings import FindingsTable
    from pdsync.engine.fixes import Decided, FixesWritten
    from pdsync.engine.mapping_draft import MappingDraft
    from pdsync.engine.mapping_options import Held
    from pdsync.engine.mapping_preview import People
    from pdsync.engine.side_by_side import SideBySide
    from pdsync.engine.standing import Budget, Standing
    from pdsync.engine.workspace import OpenClient, Workspace
    from pdsync.model import (
        Account,
        AuditReport,
        BoundMapping,
        Explanation,
        Finding,
        JournalEntry,
        Plan,
        PlanTotals,
        RunSummary,
        Subject,
    )
    from pdsync.settings import Settings
    from pdsync.tui.widgets.plan_pages import PlanPages

__all__ = ["Desk", "Entries", "Reviewed", "RunRecord"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A plan, and what people call the fields and options in it."""

    plan: Plan
    names: BoundMapping | None


class Entries(Protocol):
    """The entries of a run, what did not succeed first (``engine.run_review``)."""

    @property
    def sizes(self) -> Sequence[int]: ...
    def entry(self, number: int, /) -> JournalEntry | None: ...


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run with its journal."""

    run: RunSummary
    entries: Entries
    names: BoundMapping | None


class Desk:
    """One workspace for the whole session. Every method returns at once."""

    def __init__(self, settings: Settings, *, open_client: OpenClient | None = None) -> None:
        self.settings = settings
        self._workroom = Workroom(settings, open_client)
        self._start = self._workroom.start

    async def close(self) -> None:
        """Close what was opened; what is under way is stopped first, and finished properly."""
        await self._workroom.close()

    def look(self) -> Errand[Standing]:
        """How things stand, from what is on this machine."""

        async def do(ws: Workspace, _: Tell) -> Standing:
            from pdsync.engine.standing import look

            return look(ws)

        return self._start("looking", "pdsync history", do)

    def budgets(self) -> Errand[Mapping[Side, Budget | None]]:
        """What each service still lets through today, as its last answer said; no request leaves."""

        async def do(ws: Workspace, _: Tell) -> Mapping[Side, Budget | None]:
            from pdsync.engine.standing import budget_of

            return {side: budget_of(ws, side) for side in Side}

        return self._start("looking at the budget", "pdsync doctor", do)

    def identify(self, side: Side) -> Errand[Account]:
        """Whose account a side is: one cheap request."""

        async def do(ws: Workspace, _: Tell) -> Account:
            from pdsync.engine.standing import identify

            return await identify(ws, side)

        return self._start(f"asking {side.label}", "pdsync doctor", do)

    def read(self) -> Errand[bool]:
        """Read both sides into new snapshots."""

        async def do(ws: Workspace, tell: Tell) -> bool:
            from pdsync.engine.pull import pull

            ws.forget_mapping()
            return bool(await pull(ws, incremental=True, settle=True, on_event=tell))

        return self._start("reading both sides", "pdsync pull", do)

    def audit(self) -> Errand[AuditReport]:
        """Audit what was read last."""

        async def do(ws: Workspace, tell: Tell) -> AuditReport:
            from pdsync.engine.examine import examine

            ws.forget_mapping()
            return examine(ws, on_event=tell, sample=0)

        return self._start("auditing", "pdsync audit", do)

    def findings(self, table: str) -> Errand[FindingsTable]:
        """Every finding of an audit, to be searched."""

        async def do(_: Workspace, __: Tell) -> FindingsTable:
            from pdsync.engine.findings import FindingsTable

            return FindingsTable.open(table)

        return self._start("opening the findings", "pdsync audit --json", do)

    def side_by_side(self, subjects: Sequence[Subject]) -> Errand[SideBySide]:
        """The records that a finding is about, as they were read."""

        async def do(ws: Workspace, _: Tell) -> SideBySide:
            from pdsync.engine.side_by_side import side_by_side

            return await asyncio.to_thread(side_by_side, ws, subjects)

        return self._start("comparing", "", do)

    def mapping_draft(self) -> Errand[MappingDraft]:
        """The mapping file, to be changed."""

        async def do(ws: Workspace, _: Tell) -> MappingDraft:
            from pdsync.engine.mapping_draft import open_draft

            return await asyncio.to_thread(open_draft, ws)

        return self._start("opening the mapping", "pdsync check", do)

    def people(self) -> Errand[People]:
        """Everybody who was read, to look at a mapping with."""

        async def do(ws: Workspace, _: Tell) -> People:
            from pdsync.engine.mapping_preview import People

            return await asyncio.to_thread(People, ws)

        return self._start("looking who is there", "", do)

    def option_holders(self) -> Errand[Held]:
        """Who holds which option, by what was read last."""

        async def do(ws: Workspace, _: Tell) -> Held:
            from pdsync.engine.mapping_options import count_holders

            return await asyncio.to_thread(count_holders, ws)

        return self._start("counting", "", do)

    def explain(self, who: str) -> Errand[Explanation]:
        """Everything known of one person."""

        async def do(ws: Workspace, tell: Tell) -> Explanation:
            from pdsync.engine.explaining import explain

            return explain(ws, who, on_event=tell)

        return self._start("explaining", f"pdsync explain {who}", do)

    def export(self, report: AuditReport, file: Path) -> Errand[Path]:
        """Write an audit into a file; its ending says in which form."""

        async def do(_: Workspace, tell: Tell) -> Path:
            from pdsync.engine.exporting import export_audit

            await asyncio.to_thread(export_audit, report, [file], on_event=tell)
            return file

        return self._start("exporting", f"pdsync audit --from last -o {file}", do)

    def proposals(self, finding: Finding) -> Errand[tuple[Decided, ...]]:
        """What pdsync proposes for a finding, and what the fix file says of it."""

        async def do(ws: Workspace, _: Tell) -> tuple[Decided, ...]:
            from pdsync.engine.fixes import proposals_for

            return await asyncio.to_thread(proposals_for, ws, ws.folder.fixes, finding)

        return self._start("looking what can be done", "pdsync audit --fixes", do)

    def decide(self, finding: Finding, wanted: Sequence[Decided]) -> Errand[FixesWritten]:
        """Put proposals for a finding into the fix file as they are decided, or take them out again."""

        async def do(ws: Workspace, _: Tell) -> FixesWritten:
            from pdsync.engine.fixes import decide

            return decide(ws, ws.folder.fixes, wanted)

        named = ["pdsync", "fixes", "--accept", finding.code, str(finding.subjects[0])]
        return self._start("writing the fix file", shlex.join(named), do)

    def acknowledge(self, finding: Finding, why: str, *, undo: bool = False) -> Errand[str]:
        """Write down that a finding is known and accepted, or take that back; what was done."""

        async def do(ws: Workspace, _: Tell) -> str:
            from pdsync.engine.acknowledging import acknowledge, remove

            named = [str(subject) for subject in finding.subjects]
            if undo:
                path = remove(ws, finding.code, named[0])
                return f"Taken out of {path.name}; it counts again from the next audit on."
            written = acknowledge(ws, finding.code, named, why=why)
            return f"Acknowledged in {written.path.name}; it counts no more from the next audit on."

        return self._start("acknowledging", f"pdsync acknowledge {finding.code}", do)

    def ask(
        self, name: str, question: Callable[[], T], on_stop: Callable[[], None] = lambda: None
    ) -> Errand[T]:
        """Answer a question that takes no request and no state, but too long for a screen: a search, a sum.

        ``on_stop`` is called when nobody waits for the answer any more.
        """

        async def do(_: Workspace, __: Tell) -> T:
            from pdsync.engine.waiting import in_thread

            return await in_thread(question, on_stop)

        return self._start(name, "", do)

    def plan(self, *, only: Collection[str] = (), adopt: bool = False) -> Errand[Reviewed]:
        """Plan a sync from what was read last; nothing is written."""

        async def do(ws: Workspace, tell: Tell) -> Reviewed:
            from pdsync.engine.examine import known_names
            from pdsync.engine.prepare import prepare

            ws.forget_mapping()
            plan = await prepare(ws, only=tuple(only), adopt=adopt, on_event=tell)
            return Reviewed(plan, known_names(ws))

        return self._start("planning", "pdsync plan --adopt" if adopt else "pdsync plan", do)

    def plan_fixes(self) -> Errand[Reviewed]:
        """Plan what is accepted in the fix file of this folder; nothing is written."""

        async def do(ws: Workspace, tell: Tell) -> Reviewed:
            from pdsync.engine.examine import known_names
            from pdsync.engine.fix_plan import prepare_fixes

            ws.forget_mapping()
            plan = await prepare_fixes(ws, ws.folder.fixes, on_event=tell)
            return Reviewed(plan, known_names(ws))

        command = shlex.join(["pdsync", "plan", "--fixes", str(self.settings.state / "fixes.yaml")])
        return self._start("planning the fixes", command, do)

    def open_plan(self, name: str) -> Errand[Reviewed]:
        """A plan that was made before."""

        async def do(ws: Workspace, _: Tell) -> Reviewed:
            from pdsync.engine.examine import known_names
            from pdsync.engine.planfiles import find_plan

            return Reviewed(find_plan(ws, name), known_names(ws))

        return self._start("opening the plan", f"pdsync show {name}", do)

    def pages(self, reviewed: Reviewed) -> Errand[PlanPages]:
        """What a screen shows of a plan."""

        async def do(_: Workspace, __: Tell) -> PlanPages:
            from pdsync.tui.widgets.plan_pages import PlanPages

            return await asyncio.to_thread(PlanPages, reviewed.plan, reviewed.names)

        return self._start("opening the plan", f"pdsync show {reviewed.plan.header.id}", do)

    def remaining(self, plan: Plan, without: Collection[str]) -> Errand[PlanTotals]:
        """What a plan would do without some people, fields or a side."""

        async def do(ws: Workspace, _: Tell) -> PlanTotals:
            from pdsync.engine.leaving_out import remaining

            return await remaining(ws, plan, without)

        return self._start("counting", "", do)

    def leave_out(self, plan: Plan, without: Collection[str]) -> Errand[Reviewed]:
        """The same plan without some people, fields or a side; a plan of its own, with an id of its own."""

        async def do(ws: Workspace, _: Tell) -> Reviewed:
            from pdsync.engine.examine import known_names
            from pdsync.engine.leaving_out import leave_out

            return Reviewed(await leave_out(ws, plan, without), known_names(ws))

        flags = [f"--without={text}" for text in sorted(without)]
        return self._start(
            "leaving out", shlex.join(["pdsync", "plan", "--from", plan.header.id, *flags]), do
        )

    def apply(
        self, plan: Plan, *, allow: Mapping[str, float], first_run: bool, accept_unguarded: bool
    ) -> Errand[RunSummary]:
        """Carry out exactly this plan; it can be held."""
        from pdsync.engine.pausing import Pause

        pause = Pause()

        async def do(ws: Workspace, tell: Tell) -> RunSummary:
            from pdsync.engine.apply import apply

            ws.forget_mapping()
            return await apply(
                ws,
                plan,
                allow=allow,
                first_run=first_run,
                accept_unguarded=accept_unguarded,
                on_event=tell,
                pause=pause,
            )

        flags = [f"--allow {name}={number:g}" for name, number in allow.items()]
        flags += [
            flag
            for flag, said in (("--first-run", first_run), ("--accept-unguarded", accept_unguarded))
            if said
        ]
        name = f"undoing {plan.header.undoes}" if plan.header.undoes else "applying"
        return self._start(name, " ".join(["pdsync apply", plan.header.id, *flags]), do, pause)

    def plan_undo(self, run_id: str, *, delete_created: bool = False) -> Errand[Reviewed]:
        """What taking back a run would write; nothing is written yet."""

        async def do(ws: Workspace, tell: Tell) -> Reviewed:
            from pdsync.engine.examine import known_names
            from pdsync.engine.undo import prepare_undo

            ws.forget_mapping()
            plan = await prepare_undo(ws, run_id, delete_created=delete_created, on_event=tell)
            return Reviewed(plan, known_names(ws))

        return self._start("planning the undo", f"pdsync undo {run_id} --dry-run", do)

    def runs(self) -> Errand[list[RunSummary]]:
        """Every run, newest first."""

        async def do(ws: Workspace, _: Tell) -> list[RunSummary]:
            return ws.state.history.runs() if ws.folder.database.exists() else []

        return self._start("opening the history", "pdsync history", do)

    def run(self, run_id: str) -> Errand[RunRecord]:
        """One run with every value that it wrote."""

        async def do(ws: Workspace, _: Tell) -> RunRecord:
            from pdsync.engine.examine import known_names
            from pdsync.engine.run_review import RunReview

            history = ws.state.history
            run = history.run(run_id)
            entries = await asyncio.to_thread(RunReview, history, run.id)
            return RunRecord(run, entries, known_names(ws))

        return self._start("opening the run", f"pdsync history {run_id}", do)
