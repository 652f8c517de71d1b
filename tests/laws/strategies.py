"""Worlds, mappings and edits drawn by hypothesis: few people, few values, so that they collide often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from pdsync.model import (
    BoundMapping,
    Condition,
    ConflictPolicy,
    Consent,
    Direction,
    EmptyPolicy,
    Enrolment,
    Existing,
    FieldMapping,
    OptionPair,
    OptionRules,
    Scope,
    Side,
    UnknownOption,
    Value,
    WhenLeft,
)
from tests.laws.world import World
from tests.planning.build import R6, YES, bind_fields, emails

ADDRESSES = (
    "ana@example.com",
    "Ana@Example.com ",
    "bo@example.org",
    "cy@example.net",
    "dé@example.com",
    "not an address",
)
TEXTS = (None, "", "  ", "Paris", "Lyon", "Paris ", "x" * 300)
DIRECTIONS = st.sampled_from([Direction.BOTH, Direction.TO_PLEZI, Direction.TO_PIPEDRIVE])

CHAINS: tuple[list[FieldMapping], ...] = (
    [],
    [FieldMapping("phone_text", "plz_city", Direction.TO_PIPEDRIVE)],
    [FieldMapping("city", "plz_phone", Direction.TO_PLEZI)],
    [
        FieldMapping("phone_text", "plz_city", Direction.TO_PIPEDRIVE),
        FieldMapping("city", "plz_phone", Direction.TO_PLEZI),
    ],
    [FieldMapping("first_name", "plz_phone", Direction.TO_PLEZI)],
    [FieldMapping("phone_text", "last_name", Direction.TO_PIPEDRIVE)],
    [FieldMapping("sync", "plz_phone", Direction.TO_PIPEDRIVE)],
    [FieldMapping("sync", "plz_phone", Direction.BOTH)],
    [FieldMapping("sync", "plz_phone", Direction.TO_PLEZI)],
    [FieldMapping("label_ids", "plz_phone", Direction.TO_PIPEDRIVE)],
)
"""A field that one field mapping writes and another passes on; and flags that field mappings write."""

VALUES: dict[Side, dict[str, st.SearchStrategy[Value]]] = {
    Side.PIPEDRIVE: {
        "first_name": st.sampled_from([None, "Ana", "Bo"]),
        "last_name": st.sampled_from([None, "Le Gall", "O'Brien"]),
        "city": st.sampled_from(TEXTS),
        "phone_text": st.sampled_from(TEXTS),
        "revenue": st.sampled_from([None, 0, 12, 12.5]),
        "born": st.sampled_from([None, "1990-02-03", "2001-12-31"]),
        "sector": st.sampled_from([None, 1, 2, 3, 4, 99]),
        "interests": st.sampled_from([None, [], [None], [11], [12, 11], [11, 12, 13]]),
        "sync": st.sampled_from([None, 35, 36]),
        "marketing_status": st.sampled_from([None, "subscribed", "unsubscribed"]),
        "score": st.sampled_from([None, "3"]),
        "label_ids": st.sampled_from([None, [5], [6]]),
    },
    Side.PLEZI: {
        "first_name": st.sampled_from([None, "Ana", "Bo"]),
        "last_name": st.sampled_from([None, "Le Gall", "O'Brien"]),
        "plz_city": st.sampled_from(TEXTS),
        "plz_phone": st.sampled_from([None, "Yes", "No", "Lyon", "Customer"]),
        "plz_revenue": st.sampled_from([None, 0, 12, 99]),
        "plz_born": st.sampled_from([None, "1990-02-03", "1991-01-01"]),
        "plz_sector": st.sampled_from([None, "energie", "banque", "industrie-energie", "gone"]),
        "plz_interests": st.sampled_from([None, [], [""], ["crm"], ["crm", "seo"]]),
        "opted_out": st.sampled_from([None, False, True]),
        "behaviour_score": st.sampled_from([0, 7, None]),
        "plezi_url": st.sampled_from(["https://p/1", None]),
    },
}


@st.composite
def mappings(draw: st.DrawFn, *, consent: bool = True) -> BoundMapping:
    """A mapping with every direction and policy."""
    policy = st.sampled_from([None, *ConflictPolicy])
    empty = st.sampled_from(EmptyPolicy)
    pairs = [
        ("city", "plz_city"),
        ("revenue", "plz_revenue"),
        ("born", "plz_born"),
        ("interests", "plz_interests"),
    ]
    fields = [
        FieldMapping(here, there, draw(DIRECTIONS), empty=draw(empty), conflicts=draw(policy))
        for here, there in pairs
    ]
    rules = OptionRules(
        draw(st.sampled_from(UnknownOption)), (OptionPair("Industrie & énergie", "industrie-energie"),)
    )
    fields.append(FieldMapping("sector", "plz_sector", draw(DIRECTIONS), empty=draw(empty), options=rules))
    fields += [*R6, *draw(st.sampled_from(CHAINS))]
    extra: dict[str, Any] = {}
    if consent and draw(st.booleans()):
        extra["consent"] = {
            Side.PIPEDRIVE: Consent("marketing_status", ("unsubscribed",)),
            Side.PLEZI: Consent("opted_out", (True,)),
        }
        if draw(st.booleans()):
            fields.append(FieldMapping("marketing_status", "opted_out", draw(DIRECTIONS)))
    if draw(st.booleans()):
        extra["enrol"] = Enrolment("sync_to_plezi", "Yes", Condition("label_ids", has=("Customer",)))
    scope = {
        Side.PLEZI: Scope(
            where=draw(st.sampled_from([None, YES])), when_left=draw(st.sampled_from(WhenLeft))
        ),
        Side.PIPEDRIVE: Scope(require=draw(st.sampled_from([(), ("first_name", "last_name")]))),
    }
    return bind_fields(
        *fields,
        scope=scope,
        conflicts=draw(st.sampled_from(ConflictPolicy)),
        existing=draw(st.sampled_from(Existing)),
        **extra,
    )


@st.composite
def records(draw: st.DrawFn, side: Side) -> dict[str, Value]:
    """The values of one record."""
    values = {code: draw(strategy) for code, strategy in VALUES[side].items()}
    if side is Side.PIPEDRIVE:
        held = draw(st.lists(st.sampled_from(ADDRESSES), max_size=2, unique=True))
        values["email"] = emails(*held)
    return values


@st.composite
def worlds(draw: st.DrawFn, *, consent: bool = True) -> World:
    """Up to four persons and three contacts who share a handful of addresses. Plezi holds no address twice (R17)."""
    world = World(draw(mappings(consent=consent)))
    for side in Side:
        blank: dict[str, Value] = {field.code: None for field in world.bound.schemas[side].fields}
        contacts = draw(st.lists(st.sampled_from([ADDRESSES[0], *ADDRESSES[2:5]]), max_size=3, unique=True))
        count = draw(st.integers(0, 4)) if side is Side.PIPEDRIVE else len(contacts)
        for index in range(count):
            values = draw(records(side))
            if side is Side.PLEZI:
                values["email"] = contacts[index]
            world.servers[side][f"{index + 1}" if side is Side.PIPEDRIVE else f"c{index + 1}"] = (
                blank | values
            )
    return world


@dataclass(frozen=True)
class Edit:
    """Somebody changes one value of one record between two syncs."""

    side: Side
    index: int
    code: str
    value: Value

    def make(self, world: World) -> None:
        ids = sorted(world.servers[self.side])
        if ids:
            world.servers[self.side][ids[self.index % len(ids)]][self.code] = self.value


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    """One edit, of a field or of an address."""
    side = draw(st.sampled_from(Side))
    if draw(st.integers(0, 4)) == 0:
        if side is Side.PIPEDRIVE:
            value: Value = emails(*draw(st.lists(st.sampled_from(ADDRESSES), max_size=2, unique=True)))
        else:
            value = draw(st.sampled_from(["new@example.com", "newer@example.org"]))
        return Edit(side, draw(st.integers(0, 5)), "email", value)
    code = draw(st.sampled_from(sorted(VALUES[side])))
    return Edit(side, draw(st.integers(0, 5)), code, draw(VALUES[side][code]))
