"""A desk that answers at once with invented values: what the screens show is then the same every time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from pdsync.engine.findings import FindingsTable
from pdsync.engine.fixes import Decided, FixesWritten
from pdsync.engine.mapping_draft import MappingDraft
from pdsync.engine.mapping_options import Held, count_holders
from pdsync.engine.mapping_preview import People
from pdsync.engine.pausing import Pause
from pdsync.engine.run_review import FINE
from pdsync.engine.side_by_side import SideBySide
from pdsync.engine.standing import Budget, SideStanding, Standing
from pdsync.engine.stored_audits import StoredAudit
from pdsync.errors import PdsyncError, UsageError
from pdsync.mapfiles import shipped_mapping
from pdsync.model import (
    Account,
    AuditReport,
    Coverage,
    Event,
    Explanation,
    Finding,
    Gate,
    GateState,
    JournalEntry,
    MergeProposal,
    MissingOption,
    Outcome,
    PairProposal,
    Plan,
    PlanTotals,
    Progress,
    Proposal,
    Record,
    RecordOutcome,
    Repair,
    RunSummary,
    Side,
    Subject,
    Value,
)
from pdsync.settings import load_settings
from pdsync.tui.app import PdsyncApp
from pdsync.tui.desk import Desk, Reviewed, RunRecord
from pdsync.tui.errands import Errand
from pdsync.tui.widgets.plan_pages import PlanPages
from tests.engine.mapping_world import MappingWorld
from tests.report.build import (
    ACCOUNTS,
    HEADER,
    HOSTILE,
    RUN,
    UNDO,
    ambiguous,
    audit_report,
    bound,
    conflict,
    create,
    journal,
    opt_out,
    plan,
    update,
)
from tests.report.build_explanation import pair

__all__ = ["NOW", "FakeDesk", "make_app"]

NOW = datetime(2026, 11, 2, 12, 6, tzinfo=UTC)
PLAN_ID = "5d41402abc4b2a76"
"""Of a plan that no run has carried out."""
T = TypeVar("T")


def _standing(read_only: bool) -> Standing:
    taken = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
    report = replace(audit_report(), table=__file__)  # a file that is there: the fake opens none
    return Standing(
        mapping=Path("mappings/contacts.yaml"),
        read_only=read_only,
        sides={
            Side.PIPEDRIVE: SideStanding(
                Side.PIPEDRIVE,
                ACCOUNTS[Side.PIPEDRIVE],
                2000,
                taken,
                Coverage(complete=True),
                Budget(207_440, 210_000),
            ),
            Side.PLEZI: SideStanding(
                Side.PLEZI,
                ACCOUNTS[Side.PLEZI],
                1400,
                taken,
                Coverage(complete=False, reason="nobody confirmed that this key shows every contact"),
            ),
        },
        audit=StoredAudit("20261102T120400Z-00c0ffee", taken.replace(minute=4), report),
        audit_is_current=True,
        runs=(UNDO, RUN),
    )


def _proposed() -> tuple[Decided, ...]:
    """One of each kind: a repair, two that exclude each other, a pair, options here and there, a merge."""
    person, other = (Subject(Side.PIPEDRIVE, "person", number) for number in ("1042", "1043"))
    email = {"Email": ["zoe@example.com", "team@example.com"]}
    without: Mapping[str, Value] = {"Email": ["zoe@example.com"]}
    proposals: tuple[Proposal, ...] = (
        Repair("damaged-name", person, {"First name": HOSTILE}, {"First name": "Zoé"}),
        Repair("duplicate-email", person, email, without, one_of="00c0ffee"),
        Repair("duplicate-email", other, email, without, one_of="00c0ffee"),
        PairProposal("Secteur", "Bâtiment et travaux publics", "batiment-travaux-publics"),
        MissingOption(Side.PIPEDRIVE, "Secteur", "Agroalimentaire et restauration collective", 16),
        MissingOption(Side.PLEZI, "Secteur", "Numérique", 24),
        MergeProposal(person, (other,), "it has more fields filled than the others (9 against 4)"),
    )
    return tuple(Decided(one, None) for one in proposals)


def _nothing_read(standing: Standing) -> Standing:
    """The first day: the accounts are known, and nothing was read yet."""
    sides = {side: SideStanding(side, ACCOUNTS[side]) for side in Side}
    return replace(standing, sides=sides, audit=None, audit_is_current=False, runs=())


def findings_rows() -> pl.DataFrame:
    """The findings of the invented audit as the audit keeps them: a row per finding and subject."""
    rows = []
    for summary in audit_report().summaries:
        for number, finding in enumerate(summary.samples):
            held = finding.details.get("subjects")
            assert isinstance(held, Sequence)
            for item in held:
                assert isinstance(item, Mapping)
                subject = Subject.parse(str(item["subject"]))
                details = {key: value for key, value in item.items() if key not in ("subject", "link")}
                rows.append(
                    {
                        "code": finding.code,
                        "severity": str(finding.severity),
                        "finding": f"{number:016x}",
                        "group": "",
                        "side": str(subject.side),
                        "noun": subject.noun,
                        "id": subject.id,
                        "field": finding.field,
                        "message": finding.message,
                        "fix": finding.fix,
                        "rule": finding.rule,
                        "link": item.get("link"),
                        "details": json.dumps(details),
                    }
                )
    return pl.DataFrame(rows, infer_schema_length=None)


class _Journal:
    """The journal of the invented run, what did not succeed first."""

    def __init__(self) -> None:
        entries = [one for one in journal() if not one.change.kind.ledger_only]
        self._entries = sorted(entries, key=lambda one: one.outcome in FINE)

    @property
    def sizes(self) -> Sequence[int]:
        return [1 + len(one.change.fields) + bool(one.error) for one in self._entries]

    def entry(self, number: int, /) -> JournalEntry:
        return self._entries[number]


class FakeDesk(Desk):
    """Every question has its answer; what was asked for is in ``asked``."""

    def __init__(
        self,
        *,
        read_only: bool = False,
        refused: bool = False,
        slow: bool = False,
        mapping: MappingWorld | None = None,
        fresh: bool = False,
    ) -> None:
        """``mapping``: the file on the Mapping screen, and who is shown with it; None: the shipped one, and nobody.

        ``fresh``: nothing was read, planned or written yet.
        """
        settings = replace(load_settings(environment={}), read_only=read_only)
        self.mapping = mapping
        super().__init__(settings)
        self.asked: list[str] = []
        self.fresh = fresh
        self.standing = _nothing_read(_standing(read_only)) if fresh else _standing(read_only)
        self.proposed = _proposed()
        self.trouble: PdsyncError | None = None
        self.slow = slow
        self.running: list[Errand[Any]] = []
        gate = HEADER.gate if refused else Gate(GateState.READY)
        header = replace(HEADER, id=PLAN_ID, gate=gate, narrowed=())
        self.the_plan = plan([update(), create(), opt_out()], [conflict(), ambiguous()], header)
        self._findings = FindingsTable(findings_rows())

    def _done(
        self,
        name: str,
        value: T,
        *events: Event,
        long: bool = False,
        gate: Pause | None = None,
        called: str = "",
    ) -> Errand[T]:
        self.asked.append(name)
        errand: Errand[T] = Errand(called or name, "", gate)
        for event in events:
            errand.tell(event)
        if long and self.slow:
            self.running.append(errand)
        elif long and self.trouble is not None:
            errand.fail(self.trouble)
        else:
            errand.succeed(value)
        return errand

    def look(self) -> Errand[Standing]:
        return self._done("look", self.standing)

    def budgets(self) -> Errand[Mapping[Side, Budget | None]]:
        return self._done("budgets", {Side.PIPEDRIVE: Budget(206_111, 210_000), Side.PLEZI: None})

    def identify(self, side: Side) -> Errand[Account]:
        return self._done("identify", ACCOUNTS[side])

    def read(self) -> Errand[bool]:
        return self._done("read", True, Progress("read persons", 500, 0, Side.PIPEDRIVE), long=True)

    def audit(self) -> Errand[AuditReport]:
        return self._done("audit", audit_report(), long=True)

    def findings(self, table: str) -> Errand[FindingsTable]:
        return self._done("findings", self._findings)

    def side_by_side(self, subjects: Sequence[Subject]) -> Errand[SideBySide]:
        records = {
            Side.PIPEDRIVE: [
                Record(
                    Side.PIPEDRIVE, "1042", {"first_name": HOSTILE, "last_name": "Rivière", "city": "Lyon"}
                ),
            ],
            Side.PLEZI: [Record(Side.PLEZI, "5f00", {"first_name": "Lucile", "last_name": "Rivière"})],
        }
        return self._done("side_by_side", SideBySide(records, bound(), {Side.PIPEDRIVE: 1, Side.PLEZI: 0}))

    def mapping_draft(self) -> Errand[MappingDraft]:
        draft = MappingDraft(shipped_mapping()) if self.mapping is None else self.mapping.draft()
        return self._done("mapping_draft", draft)

    def people(self) -> Errand[People]:
        errand: Errand[People] = Errand("looking who is there", "")
        if self.mapping is None:
            errand.fail(UsageError("Nobody was read in this test."))
        else:
            errand.succeed(People(self.mapping.ws))
        return errand

    def option_holders(self) -> Errand[Held]:
        return self._done("option_holders", {} if self.mapping is None else count_holders(self.mapping.ws))

    def explain(self, who: str) -> Errand[Explanation]:
        errand = self._done(f"explain {who}", pair())
        if "nobody" in who:
            errand = Errand("", "")
            errand.fail(UsageError("Nobody is known by that.", next_step="pdsync pull"))
        return errand

    def export(self, report: AuditReport, file: Path) -> Errand[Path]:
        return self._done(f"export {file}", file)

    def proposals(self, finding: Finding) -> Errand[tuple[Decided, ...]]:
        if finding.code != "duplicate-email":
            return self._done(f"proposals {finding.code}", ())
        return self._done(f"proposals {finding.code}", self.proposed)

    def decide(self, finding: Finding, wanted: Sequence[Decided]) -> Errand[FixesWritten]:
        del finding
        held = [one for one in wanted if one.accepted is not None]
        accepted = sum(one.accepted is True for one in held)
        self.standing = replace(self.standing, fixes=Path("fixes.yaml"))
        words = f"{len(wanted)} proposals {'are in' if held else 'left'} fixes.yaml"
        written = FixesWritten(Path("fixes.yaml"), len(wanted), accepted, words, counts={"damaged-name": 1})
        return self._done(f"decide {[one.accepted for one in wanted]}", written)

    def acknowledge(self, finding: Finding, why: str, *, undo: bool = False) -> Errand[str]:
        return self._done(
            f"acknowledge {finding.code} {why!r} {undo}", "Taken out." if undo else "Acknowledged."
        )

    def ask(
        self, name: str, question: Callable[[], T], on_stop: Callable[[], None] = lambda: None
    ) -> Errand[T]:
        errand: Errand[T] = Errand(name, "")
        try:
            errand.succeed(question())
        except PdsyncError as error:
            errand.fail(error)
        return errand

    def plan(self, *, only: Collection[str] = (), adopt: bool = False) -> Errand[Reviewed]:
        return self._done("plan", Reviewed(self.the_plan, bound()), long=True)

    def plan_fixes(self) -> Errand[Reviewed]:
        header = replace(self.the_plan.header, narrowed=("the accepted repairs of fixes.yaml",))
        return self._done("plan_fixes", Reviewed(replace(self.the_plan, header=header), bound()), long=True)

    def open_plan(self, name: str) -> Errand[Reviewed]:
        return self._done(f"open_plan {name}", Reviewed(self.the_plan, bound()))

    def pages(self, reviewed: Reviewed) -> Errand[PlanPages]:
        return self._done("pages", PlanPages(reviewed.plan, reviewed.names))

    def remaining(self, plan: Plan, without: Collection[str]) -> Errand[PlanTotals]:
        held = plan.header.totals
        sides = {side: replace(one, values=one.values - len(without)) for side, one in held.sides.items()}
        return self._done(f"remaining {sorted(without)}", replace(held, sides=sides))

    def leave_out(self, plan: Plan, without: Collection[str]) -> Errand[Reviewed]:
        smaller = replace(plan, header=replace(plan.header, id="60303ae22b998861"))
        return self._done(f"leave_out {sorted(without)}", Reviewed(smaller, bound()))

    def apply(
        self, plan: Plan, *, allow: Mapping[str, float], first_run: bool, accept_unguarded: bool
    ) -> Errand[RunSummary]:
        events = [
            RecordOutcome(update(), Outcome.DONE, values=3),
            RecordOutcome(create(), Outcome.FAILED, message=HOSTILE),
        ]
        said = f"apply {plan.header.id} {dict(allow)} {first_run} {accept_unguarded}"
        run = replace(RUN, undone_by="", plan_id=plan.header.id)
        return self._done(said, run, *events, long=True, gate=Pause(), called="applying")

    def plan_undo(self, run_id: str, *, delete_created: bool = False) -> Errand[Reviewed]:
        undo = replace(self.the_plan, header=replace(self.the_plan.header, undoes=run_id))
        return self._done(f"plan_undo {run_id} {delete_created}", Reviewed(undo, bound()), long=True)

    def runs(self) -> Errand[list[RunSummary]]:
        return self._done("runs", [] if self.fresh else [UNDO, replace(RUN, undone_by="")])

    def run(self, run_id: str) -> Errand[RunRecord]:
        run = UNDO if run_id == UNDO.id else replace(RUN, undone_by="")
        return self._done(f"run {run_id}", RunRecord(run, _Journal(), bound()))

    async def close(self) -> None:
        await asyncio.sleep(0)


def make_app(desk: FakeDesk | None = None, **options: Any) -> PdsyncApp:
    """The app over a fake desk, at a fixed time."""
    return PdsyncApp(desk or FakeDesk(), now=lambda: NOW, **options)
