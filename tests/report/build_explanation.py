"""One invented person, explained, with everything that a screen has to cope with."""

from __future__ import annotations

from dataclasses import replace

from pdsync.model import (
    MISSING,
    Change,
    ChangeKind,
    Direction,
    ExplainedField,
    ExplainedRecord,
    Explanation,
    FieldChange,
    FieldStanding,
    Finding,
    Hold,
    HoldKind,
    Link,
    Match,
    MergeBase,
    Outcome,
    PlannedFor,
    Reason,
    Record,
    RunKind,
    Severity,
    Side,
    UndoneMark,
    Value,
    WrittenValue,
)
from tests.report.build import HOSTILE, bound, contact, person

__all__ = ["alone", "explanation", "pair"]

CITY = FieldChange(
    "city=plz_city", "plz_city", "Rennes", HOSTILE, Reason.CHANGED, HOSTILE, MergeBase("Rennes", "Rennes")
)
UPDATE = Change(ChangeKind.UPDATE, Side.PLEZI, "1042", "5f00", fields=(CITY,), title=HOSTILE)


def record(side: Side, identifier: str, **values: Value) -> ExplainedRecord:
    """A record as it was read."""
    held = Record(side, identifier, {"first_name": HOSTILE, **values}, "2026-11-20T08:00:00Z")
    return ExplainedRecord(
        side,
        identifier,
        held,
        "2026-11-02T12:00:00+00:00",
        url=f"https://acme.pipedrive.com/person/{identifier}" if side is Side.PIPEDRIVE else "",
        addresses=("Lucile.Riviere@example.com", HOSTILE),
    )


def field(key: str, standing: FieldStanding, why: str, pipedrive: object, plezi: object) -> ExplainedField:
    """One field mapping."""
    here, there = key.split("=")
    values = {Side.PIPEDRIVE: pipedrive, Side.PLEZI: plezi}
    return ExplainedField(
        key,
        {Side.PIPEDRIVE: here, Side.PLEZI: there},
        {Side.PIPEDRIVE: here, Side.PLEZI: there},
        Direction.BOTH,
        values,  # type: ignore[arg-type]
        standing,
        why,
    )


def written(run: str, outcome: Outcome, **more: object) -> WrittenValue:
    """One value of one run."""
    plain = WrittenValue(
        run, RunKind.APPLY, "2026-11-01T21:04:00Z", Side.PLEZI, "5f00", CITY.key, "plz_city",
        "Brest", "Rennes", "Rennes", Reason.CHANGED, outcome,
    )  # fmt: skip
    return replace(plain, **more)  # type: ignore[arg-type]


def pair() -> Explanation:
    """Linked, with something of everything."""
    city = field(
        "city=plz_city", FieldStanding.WRITE, "Pipedrive changed it since both last agreed", HOSTILE, "Rennes"
    )
    sector = field(
        "sector=plz_sector", FieldStanding.PROBLEM, "'Solo' is not in Plezi's list 'Secteur'", 4, "energie"
    )
    phone = field(
        "phone_text=plz_phone",
        FieldStanding.HELD,
        "an undo left it so; it stays until one side changes",
        "1",
        "2",
    )
    blocking = Finding(
        "duplicate-email",
        Severity.BLOCKING,
        "2 persons share 1 email address",
        (person("1042"), person("1043"), contact(HOSTILE)),
        fix="Merge them.",
        details={
            "acknowledged": {"who": HOSTILE, "why": "one mailbox", "until": "2026-12-31"},
            "since": "new",
        },
    )
    conflict = Finding(
        "conflict", Severity.WARNING, "Name: both sides changed it", (person("1042"), contact("5f00"))
    )
    return Explanation(
        asked="pipedrive:1042",
        title=HOSTILE,
        mapping_name="contacts",
        match=Match.LINKED,
        records={Side.PIPEDRIVE: record(Side.PIPEDRIVE, "1042", city=HOSTILE), Side.PLEZI: record(Side.PLEZI, "5f00")},
        verdict="would update 1 field in Plezi; 1 conflict for a person to decide; 1 finding in the way",
        link=Link("1042", "5f00", "lucile.riviere@example.com"),
        linked_at="2026-10-01T08:00:00Z",
        others=(person("1043"),),
        more_others=2,
        fields=(
            field("email=email", FieldStanding.SAME, "both hold the same", "a@example.com", "a@example.com"),
            replace(city, base=MergeBase("Rennes", "Rennes"), writes={Side.PLEZI: CITY}),
            field("last_name=last_name", FieldStanding.CONFLICT, "both sides changed it", "O'Brien", "OBrien"),
            sector,
            replace(phone, undone=UndoneMark("1", "2"), not_stored={Side.PLEZI: ("1", "2")}),
            field("born=plz_born", FieldStanding.NOT_READ, "it was not read from Plezi", None, MISSING),
            field("function=function", FieldStanding.OFF, "the mapping switches it off", HOSTILE, None),
        ),
        holds=(
            Hold(HoldKind.BLOCKED, "duplicate-email: 2 persons share 1 email address", "Merge them."),
            Hold(HoldKind.UNDONE, f"{HOSTILE}: an undo left both sides as they are", "change it", "phone_text=plz_phone"),
        ),
        changes=(UPDATE,),
        decided=(conflict,),
        counts={"undone": 1},
        findings=(blocking,),
        audited_at="2026-11-02T12:01:00+00:00",
        plan=PlannedFor(
            "0123456789abcdef", "2026-11-02T12:02:00+00:00", True, changes=(UPDATE,), findings=(conflict,),
            narrowed=("only pipedrive:person/1042",),
        ),
        written=(
            written("20261101-210400-abcd", Outcome.DONE),
            written("20261101-200400-abcd", Outcome.FAILED, error=HOSTILE, stored=MISSING),
            written("20261101-190400-abcd", Outcome.DONE, kind=ChangeKind.DELETE, key="", code="", before=MISSING),
        ),
        more_written=7,
        not_known=(f"Plezi cannot be asked for one record: {HOSTILE}",),
        bound=bound(),
    )  # fmt: skip


def alone() -> Explanation:
    """A lone contact that only a link and the journal still know; no plan, no audit, no names."""
    gone = ExplainedRecord(Side.PLEZI, "5f09", None, "2026-11-02T12:00:00+00:00")
    return Explanation(
        asked="5f09",
        title="plezi:contact/5f09",
        mapping_name="contacts",
        match=Match.ALONE,
        records={Side.PLEZI: gone},
        verdict="nothing to write: there is no record",
        fields=(
            field(
                "city=plz_city", FieldStanding.ONE_SIDE, "there is a record on neither side", MISSING, MISSING
            ),
        ),
        not_known=("The contact 5f09 of Plezi is not in the newest snapshot.",),
    )


def explanation() -> Explanation:
    """The one that the schema test takes."""
    return pair()
