"""One invented audit, plan and history, with everything that a report has to cope with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from pdsync.model import (
    MISSING,
    Account,
    Acknowledged,
    AcknowledgedState,
    Acknowledgement,
    AuditDifferences,
    AuditReport,
    AuditSummary,
    BoundMapping,
    Change,
    ChangeKind,
    FieldChange,
    Finding,
    FindingsDifference,
    Gate,
    GateState,
    JournalEntry,
    MergeBase,
    Outcome,
    Place,
    Plan,
    PlanHeader,
    PlanTotals,
    Reason,
    RunKind,
    RunState,
    RunSummary,
    Severity,
    Side,
    SideTotals,
    Subject,
)
from tests.planning.build import CITY, R6, SECTOR, bind_fields

HOSTILE = "\x1b[2J\x1b]0;owned\x07[red]Zoé\u202egnp.exe\u200b `|<script>@all\r\n# x"
"""Clears the screen, sets the title, is markup of a library, reverses, hides, and is HTML and Markdown."""

ACCOUNTS = {
    Side.PIPEDRIVE: Account(Side.PIPEDRIVE, "4711", "Acme SAS", "acme.pipedrive.com"),
    Side.PLEZI: Account(Side.PLEZI, "acme", "Acme"),
}
SNAPSHOTS = {side: f"{side}-20261102T120000Z-00c0ffee" for side in Side}
GATE = Gate(
    GateState.NOT_READY,
    ("41 records are blocked (duplicate-email)", "missing-last-name: 75 records"),
    ("missing-last-name: 63 persons of 2,000 (3.15 %), 2 % allowed",),
    41,
    ("option-mismatch: the list of 'Secteur' in Plezi is not known",),
    ("duplicate-email: 1 finding",),
    3,
)


def person(identifier: str) -> Subject:
    """A person of Pipedrive."""
    return Subject(Side.PIPEDRIVE, "person", identifier)


def contact(identifier: str) -> Subject:
    """A contact of Plezi."""
    return Subject(Side.PLEZI, "contact", identifier)


def acknowledgements() -> tuple[Acknowledged, ...]:
    """One of each state, by a hostile hand."""
    option = Subject(Side.PLEZI, "option", f"plz_sector/{HOSTILE}")
    place = Place("mappings/accepted/contacts.yaml", 5, 5)
    holds = Acknowledgement(
        "duplicate-email", person("1042"), "florent", HOSTILE, (person("1043"),), place=place
    )
    past = Acknowledgement(
        "role-address", contact("5f00"), HOSTILE, "ours", until=date(2026, 10, 31), place=place
    )
    known = Acknowledgement("option-mismatch", option, "florent", "known")
    states = AcknowledgedState
    return (
        Acknowledged(holds, states.HOLDS, 1),
        Acknowledged(past, states.EXPIRED),
        Acknowledged(replace(past, until=None), states.NOTHING),
        Acknowledged(replace(holds, subject=person("7")), states.PARTIAL, 0, (contact("9"),)),
        Acknowledged(known, states.NOT_CHECKED),
    )


def audit_report() -> AuditReport:
    """Not ready, for several reasons; hostile text in every place that a CRM fills."""
    shared = Finding(
        "duplicate-email",
        Severity.BLOCKING,
        "2 persons share 1 email address in 2 spellings, which 1 contact in Plezi holds as well; Plezi's own connector "
        "would overwrite 1 of the persons with another's data",
        (person("1042"), person("1043"), contact("5f00")),
        fix="Merge them.",
        rule="R17",
        details={
            "id": "0123456789abcdef",
            "subjects": [
                {
                    "subject": "pipedrive:person/1042",
                    "link": "https://acme.pipedrive.com/person/1042",
                    "role": "shares",
                    "addresses": [{"delivered": "Lucile.Riviere@example.com", "primary": True}],
                },
                {
                    "subject": "pipedrive:person/1043",
                    "link": "https://acme.pipedrive.com/person/1043",
                    "role": "shares",
                    "addresses": [{"delivered": "lucile.riviere@example.com\u00a0", "primary": False}],
                },
                {
                    "subject": "plezi:contact/5f00",
                    "link": "https://plezi.example.com/" + HOSTILE,
                    "role": "counterpart",
                    "addresses": [{"delivered": "lucile.riviere@example.com", "primary": True}],
                },
            ],
            "more": 4,
            "acknowledged": {"who": "florent", "why": HOSTILE, "until": "2026-12-31"},
            "since": "persisting",
        },
    )
    nameless = Finding(
        "missing-last-name",
        Severity.WARNING,
        "This contact has no last name",
        (contact("5f01"),),
        field="last_name",
        rule="R13, R14",
        details={
            "since": "new",
            "subjects": [
                {
                    "subject": "plezi:contact/5f01",
                    "first_name": HOSTILE,
                    "last_name": "",
                    "form": "Newsletter",
                }
            ],
        },
    )
    option = Finding(
        "option-mismatch",
        Severity.WARNING,
        "'Sante' in Pipedrive and 'santé' in Plezi differ by accents; without a pair neither crosses",
        (Subject(Side.PIPEDRIVE, "option", "sector/43"), Subject(Side.PLEZI, "option", "plz_sector/santé")),
        field="Secteur",
        rule="R24",
        details={
            "subjects": [
                {"subject": "pipedrive:option/sector/43", "label": "Sante", "records": 112},
                {"subject": "plezi:option/plz_sector/santé", "label": "Santé", "records": 1},
            ]
        },
    )
    return AuditReport(
        gate=GATE,
        summaries=(
            AuditSummary(
                "duplicate-email",
                Severity.BLOCKING,
                "records of one side that share an email address",
                "Plezi's own connector updates the second with the first one's data.",
                "R17",
                14,
                {Side.PIPEDRIVE: 31, Side.PLEZI: 10},
                samples=(shared,),
                headline="14 clusters, 31 persons; Plezi's own connector would overwrite 17 of them with another "
                "person's data",
                fix="Merge the records if they are one person; otherwise give each an address of its own.",
                acknowledged=1,
            ),
            AuditSummary(
                "option-mismatch",
                Severity.WARNING,
                "options of mapped lists that are not the same on both sides",
                "Lists must be exactly the same on both sides.",
                "R24",
                4,
                {Side.PIPEDRIVE: 112, Side.PLEZI: 96},
                groups={"Secteur": 3, HOSTILE: 1},
                samples=(option,),
                headline="Secteur: 3 options differ; 208 records",
                not_checked="the list of 'Secteur' in Plezi is not known",
                fix="Make both lists the same, or pair the options in the mapping.",
            ),
            AuditSummary(
                "missing-last-name",
                Severity.WARNING,
                "records without a last name",
                "A contact without first and last name is rejected on its way to Pipedrive.",
                "R13, R14",
                75,
                {Side.PIPEDRIVE: 63, Side.PLEZI: 12},
                groups={"Newsletter (pied de page)": 9, HOSTILE: 3},
                samples=(nameless,),
                headline="63 persons, 12 contacts, 9 of these from 'Newsletter (pied de page)'",
                allow_percent=2,
                exceeded="63 persons of 2,000 (3.15 %), 2 % allowed",
                fix="Fill in the last name; in Plezi, make it mandatory in the form that the contact came from.",
            ),
            AuditSummary(
                "missing-first-name",
                Severity.WARNING,
                "records without a first name",
                "As above.",
                "R13, R14",
                0,
                allow=10,
            ),
        ),
        mapping_name="contacts",
        accounts=ACCOUNTS,
        snapshots=SNAPSHOTS,
        totals={Side.PIPEDRIVE: 2000, Side.PLEZI: 1400},
        mapping_version="0" * 64,
        sources=dict.fromkeys(Side, "account"),
        complete=dict.fromkeys(Side, True),
        differences=AuditDifferences(
            audit="20261101T210400Z-0badcafe",
            taken_at="2026-11-01T21:04:00+00:00",
            gate=GateState.NOT_READY,
            blocked_records=44,
            by_code={
                "duplicate-email": FindingsDifference(0, 14, 3, 1, (shared,)),
                "missing-last-name": FindingsDifference(5, 70, 12),
                "missing-first-name": FindingsDifference(solved=2),
            },
            not_compared={"option-mismatch": "not everything was checked now"},
        ),
        acknowledgements=acknowledgements(),
        seconds=0.4321,
        table=".pdsync/audits/20261102T120000Z-00c0ffee.parquet",
    )


def bound() -> BoundMapping:
    """Names and options for the plan's fields."""
    return bind_fields(CITY, SECTOR, *R6)


def update() -> Change:
    """A person gets four values, for four reasons."""
    return Change(
        ChangeKind.UPDATE,
        Side.PIPEDRIVE,
        "1042",
        "5f00",
        title="Lucile Rivière",
        number=2,
        depends_on=1,
        irreversible=("First name stays filled: clearing it is not known to work",),
        fields=(
            FieldChange("status=state", "status", "Engaged", "Accepted", Reason.OVERWRITES, "Accepted"),
            FieldChange(
                "score=behaviour_score", "score", "37", 42, Reason.CHANGED, 42, base=MergeBase("37", 37)
            ),
            FieldChange("sector=plz_sector", "sector", None, 1, Reason.FILL, "energie"),
            FieldChange(
                "city=plz_city", "city", "Paris ", None, Reason.CLEAR, "", base=MergeBase("Paris ", "Paris")
            ),
        ),
    )


def create() -> Change:
    """A person with a hostile name is made."""
    return Change(
        ChangeKind.CREATE,
        Side.PIPEDRIVE,
        plezi_id="5f02",
        address="m@example.com",
        title=HOSTILE,
        number=3,
        irreversible=("the new record stays, unless undone with --delete-created",),
        fields=(
            FieldChange("first_name=first_name", "first_name", MISSING, HOSTILE, Reason.CREATE, HOSTILE),
            FieldChange(
                "email=email",
                "email",
                MISSING,
                [{"value": "m@example.com", "primary": True, "label": "work"}],
                Reason.CREATE,
                "m@example.com",
            ),
            FieldChange(
                "plezi_url=plezi_url",
                "plezi_url",
                MISSING,
                None,
                Reason.FOLLOWS_CREATE,
                None,
                deferred="plezi_url",
            ),
        ),
    )


def opt_out() -> Change:
    """An opt-out is carried across; the title has wide characters and an emoji of two."""
    return Change(
        ChangeKind.UPDATE,
        Side.PLEZI,
        "1044",
        "5f03",
        title="陳大文 👩\u200d💻",
        number=4,
        irreversible=("the opt-out in Opted out stays",),
        fields=(FieldChange("sync=opted_out", "opted_out", False, True, Reason.CONSENT, 36),),
    )


def settle() -> Change:
    """What only the ledger notes."""
    return Change(
        ChangeKind.LINK,
        Side.PIPEDRIVE,
        "1042",
        "5f00",
        address="l@example.com",
        bases={"city=plz_city": MergeBase("Paris", "Paris"), "status=state": None},
        number=1,
        title="Lucile Rivière",
    )


def conflict() -> Finding:
    """Both sides changed a value since they agreed."""
    return Finding(
        "conflict",
        Severity.WARNING,
        "last_name: both sides changed it since they last agreed",
        (person("1045"), contact("5f04")),
        field="last_name",
        fix="correct one side, or name the winner: conflicts: pipedrive | plezi",
        rule="R25",
        details={
            "name": "Zoé O'Brien",
            "base": {"pipedrive": "O'Brian", "plezi": "O'Brian"},
            "pipedrive": "O'Brien",
            "plezi": HOSTILE,
            "key": "last_name=last_name",
        },
    )


def ambiguous(*more: Subject) -> Finding:
    """Several records share an address."""
    return Finding(
        "ambiguous-match",
        Severity.BLOCKING,
        "2 persons and 1 contact share addresses: nobody can tell who is who",
        (person("1042"), person("1043"), contact("5f05"), *more),
        field="email",
        fix="merge the duplicates, or correct the shared address; the next sync tries again by itself",
        rule="R17",
    )


HEADER = PlanHeader(
    id="9f86d081884c7d65",
    mapping_name="contacts",
    mapping_digest="ab" * 32,
    mapping_version="cd" * 16,
    snapshots=SNAPSHOTS,
    ledger_revision=7,
    accounts=ACCOUNTS,
    gate=GATE,
    totals=PlanTotals(
        sides={
            Side.PIPEDRIVE: SideTotals(
                updates=1388,
                creates=71,
                values=2412,
                clears=1,
                writes=1459,
                requests=1473,
                tokens=7295,
                linked=11500,
            ),
            Side.PLEZI: SideTotals(
                updates=24,
                creates=25,
                values=49,
                writes=49,
                submissions=25,
                requests=98,
                linked=11500,
                unguarded=True,
            ),
        },
        links=96,
        settles=12,
        conflicts=5,
        counts={"held-back": 12, "blocked": 31, "existed-before": 480},
        findings={"conflict": 5, "ambiguous-match": 14},
    ),
    made_at="2026-11-02T12:00:00+00:00",
    narrowed=("only lucile.riviere@example.com",),
    needs=("--first-run", "--accept-unguarded"),
)


def plan(
    changes: Sequence[Change] | None = None,
    findings: Sequence[Finding] | None = None,
    header: PlanHeader = HEADER,
) -> Plan:
    """A plan of these changes and findings."""
    chosen = [settle(), update(), create(), opt_out()] if changes is None else list(changes)
    found = [conflict()] if findings is None else list(findings)
    return Plan(header, lambda: chosen, lambda: found)


def longer_list() -> Change:
    """A list gets two options, one of them with a hostile label."""
    key = "sector=plz_sector"
    return Change(
        ChangeKind.ADD_OPTIONS,
        Side.PIPEDRIVE,
        title="Secteur",
        number=1,
        irreversible=("an option stays in the list once a record holds it",),
        fields=(
            FieldChange(key, "sector", MISSING, "Énergie verte", Reason.REPAIR, MISSING),
            FieldChange(key, "sector", MISSING, HOSTILE, Reason.REPAIR, MISSING),
        ),
    )


def shorter_list() -> Change:
    """An undo takes one of them off again."""
    field = FieldChange(
        "sector=plz_sector", "sector", "Énergie verte", None, Reason.UNDO, MISSING, option="71"
    )
    return Change(ChangeKind.REMOVE_OPTIONS, Side.PIPEDRIVE, title="Secteur", number=2, fields=(field,))


def list_plan() -> Plan:
    """A plan that changes a list and no record."""
    sides = {
        Side.PIPEDRIVE: SideTotals(options=2, options_off=1, writes=2, requests=5, tokens=20),
        Side.PLEZI: SideTotals(),
    }
    narrowed = ("what is accepted in fixes.yaml",)
    header = replace(HEADER, totals=PlanTotals(sides=sides), narrowed=narrowed, needs=())
    return plan([longer_list(), shorter_list()], (), header)


def empty_plan() -> Plan:
    """A second plan: nothing to write."""
    sides = {side: SideTotals(linked=1150) for side in Side}
    gate = Gate(GateState.READY)
    header = replace(HEADER, totals=PlanTotals(sides=sides), gate=gate, narrowed=(), needs=())
    return plan((), (), header)


RUN = RunSummary(
    id="20261102-120500-ab12",
    kind=RunKind.APPLY,
    state=RunState.STOPPED,
    plan_id="9f86d081884c7d65",
    mapping_name="contacts",
    started_at="2026-11-02T12:05:00+00:00",
    ended_at="2026-11-02T12:05:09+00:00",
    outcomes={Outcome.DONE: 1458, Outcome.STALE: 1, Outcome.FAILED: 1, Outcome.INTENT: 1},
    writes={Side.PIPEDRIVE: 1459, Side.PLEZI: 48},
    values=2412,
    undone_by="20261102-121000-cd34",
    message="The budget of today is used up." + HOSTILE,
    remaining=3,
)
UNDO = RunSummary(
    id="20261102-121000-cd34",
    kind=RunKind.UNDO,
    state=RunState.DONE,
    plan_id="60303ae22b998861",
    mapping_name="contacts",
    started_at="2026-11-02T12:10:00+00:00",
    ended_at="2026-11-02T12:10:04+00:00",
    outcomes={Outcome.DONE: 412},
    writes={Side.PIPEDRIVE: 412},
    values=412,
    undoes=RUN.id,
)


def journal() -> list[JournalEntry]:
    """One change done, one failed, one stale."""
    at = "2026-11-02T12:05:01+00:00"
    return [
        JournalEntry(RUN.id, 2, update(), Outcome.DONE, at, stored={"status": "Accepted"}, record_id="1042"),
        JournalEntry(RUN.id, 3, create(), Outcome.FAILED, at, error="Pipedrive does not take it: " + HOSTILE),
        JournalEntry(RUN.id, 4, opt_out(), Outcome.STALE, at, error="opted_out changed in the meantime"),
    ]
