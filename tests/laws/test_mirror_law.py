"""No function exists twice, once per side: swapping the sides mirrors every decision (design 6, Laws).

The swap exchanges the records, the fields, the directions, the policies, the scopes and the capabilities. What is one
service's own by rule is left out of the mapping: the special Plezi fields (R6), enrolment (R10), and a moved address.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pdsync.model import (
    Account,
    BoundField,
    BoundMapping,
    Candidate,
    Capabilities,
    Change,
    Condition,
    ConflictPolicy,
    Decision,
    Direction,
    EmptyPolicy,
    Field,
    FieldMapping,
    Kind,
    Link,
    Mapping,
    Match,
    MergeBase,
    Record,
    RemoteSchema,
    Scope,
    Side,
    Value,
    WhenLeft,
)
from pdsync.planning.decide import decide
from tests.planning.build import COMPLETE, IDENTITY, PIPEDRIVE_FIELDS, PLEZI_FIELDS, emails

TURNED = {
    Direction.BOTH: Direction.BOTH,
    Direction.TO_PLEZI: Direction.TO_PIPEDRIVE,
    Direction.TO_PIPEDRIVE: Direction.TO_PLEZI,
    Direction.OFF: Direction.OFF,
}
TURNED_POLICY = {
    ConflictPolicy.MANUAL: ConflictPolicy.MANUAL,
    ConflictPolicy.PIPEDRIVE: ConflictPolicy.PLEZI,
    ConflictPolicy.PLEZI: ConflictPolicy.PIPEDRIVE,
}
BY_CODE = {field.code: field for field in (*PIPEDRIVE_FIELDS, *PLEZI_FIELDS)}
HERE = (
    BY_CODE["email"],
    *(Field(c, c, Kind.TEXT) for c in ("first_name", "last_name", "city", "note", "flag")),
)
THERE = (
    BY_CODE["email"],
    *(Field(c, c, Kind.TEXT) for c in ("first_name", "last_name", "ville", "remarque", "drapeau")),
)


def turn_mapping(bound: BoundMapping) -> BoundMapping:
    """The same mapping seen from the other side."""
    fields = tuple(
        BoundField(
            replace(
                f.written,
                pipedrive=f.written.plezi,
                plezi=f.written.pipedrive,
                direction=TURNED[f.written.direction],
            ),
            f.plezi,
            f.pipedrive,
            TURNED_POLICY[f.policy],
        )
        for f in bound.fields
    )
    schemas = {
        side: RemoteSchema(
            Account(side, "1"), bound.schemas[side.other].fields, bound.schemas[side.other].capabilities
        )
        for side in Side
    }
    scope = {side: bound.mapping.scope[side.other] for side in Side}
    mapping = replace(bound.mapping, scope=scope, conflicts=TURNED_POLICY[bound.mapping.conflicts])
    return replace(
        bound, mapping=mapping, schemas=schemas, fields=fields, codes={s: bound.codes[s.other] for s in Side}
    )


def turn_key(key: str) -> str:
    """A field mapping's key from the other side."""
    here, _, there = key.partition("=")
    return f"{there}={here}"


def turn_record(record: Record | None) -> Record | None:
    """A record as one of the other side, its address in that side's form."""
    if record is None:
        return None
    values = dict(record.values)
    address = values["email"]
    values["email"] = emails(address) if isinstance(address, str) else address[0]["value"]  # type: ignore[index,call-overload]
    return Record(record.side.other, record.id, values)


def turn_candidate(candidate: Candidate) -> Candidate:
    """A candidate with its two sides exchanged."""
    link = candidate.link
    return replace(
        candidate,
        pipedrive=turn_record(candidate.plezi),
        plezi=turn_record(candidate.pipedrive),
        link=None if link is None else replace(link, pipedrive_id=link.plezi_id, plezi_id=link.pipedrive_id),
        bases={turn_key(k): MergeBase(b.plezi, b.pipedrive) for k, b in candidate.bases.items()},
    )


def essence(decision: Decision, *, turned: bool) -> tuple[object, ...]:
    """What a decision says, in a form that can be compared with its mirror image."""

    def side(one: Side) -> Side:
        return one.other if turned else one

    def key(one: str) -> str:
        return turn_key(one) if turned else one

    def text(one: Value) -> Value:
        return one[0]["value"] if isinstance(one, list) else one

    def ids(change: Change) -> tuple[str, str]:
        pair = (change.pipedrive_id, change.plezi_id)
        return pair[::-1] if turned else pair

    changes = frozenset(
        (
            change.kind,
            change.kind.ledger_only or side(change.side),
            ids(change),
            frozenset((key(f.key), str(text(f.after)), f.reason) for f in change.fields),
            frozenset(
                (key(k), (b.plezi, b.pipedrive) if turned else (b.pipedrive, b.plezi))
                for k, b in change.bases.items()
                if b is not None
            ),
        )
        for change in decision.changes
    )
    findings = frozenset(
        (f.code, frozenset((side(s.side), s.id) for s in f.subjects)) for f in decision.findings
    )
    return changes, findings, tuple(sorted(decision.counts.items())), decision.open


@st.composite
def situations(draw: st.DrawFn) -> tuple[BoundMapping, Candidate]:
    """A mapping without one-sided rules, and one candidate."""
    policy = st.sampled_from(ConflictPolicy)
    pairs = [("city", "ville"), ("note", "remarque")]
    written = (
        *IDENTITY,
        *(
            FieldMapping(
                here,
                there,
                draw(st.sampled_from([Direction.BOTH, Direction.TO_PLEZI, Direction.TO_PIPEDRIVE])),
                empty=draw(st.sampled_from(EmptyPolicy)),
                conflicts=draw(policy),
            )
            for here, there in pairs
        ),
    )
    able = {
        side: Capabilities(update=draw(st.booleans()), create=draw(st.booleans()), delete=True)
        for side in Side
    }
    schemas = {
        Side.PIPEDRIVE: RemoteSchema(Account(Side.PIPEDRIVE, "1"), HERE, able[Side.PIPEDRIVE]),
        Side.PLEZI: RemoteSchema(Account(Side.PLEZI, "1"), THERE, able[Side.PLEZI]),
    }
    flags = {Side.PLEZI: "flag", Side.PIPEDRIVE: "drapeau"}
    scope = {
        side: Scope(
            where=draw(st.sampled_from([None, Condition(flags[side], equals=("a",))])),
            when_left=draw(st.sampled_from(WhenLeft)),
            require=draw(st.sampled_from([(), ("first_name", "last_name")])),
        )
        for side in Side
    }
    mapping = Mapping("mirror", written, scope, conflicts=draw(policy))
    bound = BoundMapping(
        mapping,
        schemas,
        tuple(
            BoundField(
                w,
                schemas[Side.PIPEDRIVE].by_code[w.pipedrive],
                schemas[Side.PLEZI].by_code[w.plezi],
                w.conflicts or mapping.conflicts,
            )
            for w in written
        ),
        {side: tuple(sorted(schemas[side].by_code)) for side in Side},
        "v",
        dict.fromkeys(Side, "email"),
    )
    text = st.sampled_from([None, "", "a", "b", "c"])
    here: dict[str, Value] = {f.code: draw(text) for f in HERE}
    here["email"] = emails("a@example.com")
    there: dict[str, Value] = {f.code: draw(text) for f in THERE}
    there["email"] = "a@example.com"
    person, contact = Record(Side.PIPEDRIVE, "1", here), Record(Side.PLEZI, "c", there)
    match draw(st.sampled_from(["linked", "paired", "alone here", "alone there", "ambiguous"])):
        case "linked":
            bases = {
                f.key: MergeBase(draw(text), draw(text))
                for f in bound.fields
                if f.written not in IDENTITY and draw(st.booleans())
            }
            keep = draw(st.sampled_from(["both", "here", "there"]))
            candidate = Candidate(
                Match.LINKED,
                None if keep == "there" else person,
                None if keep == "here" else contact,
                link=Link("1", "c", "a@example.com"),
                bases=bases,
            )
        case "paired":
            candidate = Candidate(Match.PAIRED, person, contact, address="a@example.com")
        case "alone here":
            candidate = Candidate(Match.ALONE, person, existed_before=draw(st.booleans()))
        case "alone there":
            candidate = Candidate(Match.ALONE, plezi=contact, existed_before=draw(st.booleans()))
        case _:
            candidate = Candidate(Match.AMBIGUOUS, members=(person.subject, contact.subject))
    return bound, candidate


@given(situations())
def test_swapping_the_sides_mirrors_the_decision(situation: tuple[BoundMapping, Candidate]) -> None:
    """Direction is a value: with mapping and capabilities swapped as well, the plan is the mirror image."""
    bound, candidate = situation
    mirrored = decide(turn_mapping(bound), turn_candidate(candidate), COMPLETE)
    plain = decide(bound, candidate, COMPLETE)
    if candidate.match is Match.AMBIGUOUS:
        assert {f.code for f in plain.findings} == {f.code for f in mirrored.findings}
    else:
        assert essence(mirrored, turned=True) == essence(plain, turned=False)
