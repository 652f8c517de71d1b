"""Small builders for planner tests: a mapping over two invented accounts, and records that fit it."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import replace
from typing import Any

from pdsync.model import (
    Account,
    BoundField,
    BoundMapping,
    Candidate,
    Capabilities,
    Condition,
    ConflictPolicy,
    Coverage,
    Direction,
    EmptyPolicy,
    Field,
    FieldMapping,
    Kind,
    Link,
    Mapping,
    Match,
    MergeBase,
    Option,
    OptionPair,
    OptionRules,
    Record,
    RemoteSchema,
    Scope,
    Side,
    UnknownOption,
    Value,
    WhenLeft,
)
from pdsync.planning.transforms import option_pairs

COMPLETE = {side: Coverage(complete=True) for side in Side}

PIPEDRIVE_FIELDS = (
    Field("email", "Email", Kind.EMAILS, "varchar"),
    Field("first_name", "First name", Kind.TEXT, "varchar", clearable=False),
    Field("last_name", "Last name", Kind.TEXT, "varchar", clearable=False),
    Field("city", "City", Kind.TEXT, "varchar", max_length=255, custom=True),
    Field("phone_text", "Phone", Kind.TEXT, "varchar", custom=True),
    Field("revenue", "Revenue", Kind.NUMBER, "double", custom=True),
    Field("born", "Born", Kind.DATE, "date", custom=True),
    Field(
        "sector", "Secteur", Kind.OPTION, "enum",
        options=(Option("1", "Énergie"), Option("2", "banque"), Option("3", "Industrie & énergie"), Option("4", "Solo")),
        custom=True,
    ),
    Field(
        "interests", "Centres d'intérêt", Kind.OPTIONS, "set",
        options=(Option("11", "CRM"), Option("12", "Emailing"), Option("13", "SEO")),
        custom=True,
    ),
    Field("sync", "sync_to_plezi", Kind.OPTION, "enum", options=(Option("35", "Yes"), Option("36", "No")), custom=True),
    Field("plezi_url", "plezi_url", Kind.TEXT, "varchar", custom=True),
    Field("source", "source", Kind.TEXT, "varchar", custom=True),
    Field("score", "score", Kind.TEXT, "varchar", custom=True),
    Field("status", "status", Kind.TEXT, "varchar", custom=True),
    Field("function", "Function", Kind.TEXT, "varchar", custom=True),
    Field("marketing_status", "Marketing status", Kind.OPTION, "enum", options=(
        Option("subscribed", "Subscribed"), Option("unsubscribed", "Unsubscribed"), Option("no_consent", "No consent"),
    )),
    Field("label_ids", "Labels", Kind.OPTIONS, "set", options=(Option("5", "Customer"), Option("6", "Hot lead"))),
)  # fmt: skip

PLEZI_FIELDS = (
    Field("email", "Email", Kind.EMAILS, "email", clearable=False),
    Field("first_name", "First name", Kind.TEXT, "short text"),
    Field("last_name", "Last name", Kind.TEXT, "short text"),
    Field("plz_city", "Ville", Kind.TEXT, "short text", max_length=255),
    Field("plz_phone", "Téléphone", Kind.TEXT, "short text"),
    Field("plz_revenue", "Chiffre d'affaires", Kind.NUMBER, "number"),
    Field("plz_born", "Date de naissance", Kind.DATE, "date"),
    Field(
        "plz_sector", "Secteur", Kind.OPTION, "drop-down",
        options=(Option("energie", "Énergie"), Option("banque", "Banque"), Option("industrie-energie", "Industrie")),
    ),
    Field(
        "plz_interests", "Intérêts", Kind.OPTIONS, "multiple selection",
        options=(Option("crm", "CRM"), Option("emailing", "Emailing"), Option("seo", "SEO")),
    ),
    Field("function", "Fonction", Kind.OPTION, "drop-down", options=(Option("dg", "Directrice générale"),)),
    Field("behaviour_score", "Score", Kind.NUMBER, "number", writable=False),
    Field("state", "State", Kind.TEXT, "text", writable=False),
    Field("source", "Source", Kind.TEXT, "text", writable=False),
    Field("plezi_url", "Plezi URL", Kind.TEXT, "text", writable=False),
    Field("opted_out", "Opted out", Kind.BOOLEAN, "check box"),
)  # fmt: skip

IDENTITY = (
    FieldMapping("email", "email", Direction.BOTH, locked=True),
    FieldMapping("first_name", "first_name", Direction.BOTH, locked=True),
    FieldMapping("last_name", "last_name", Direction.BOTH, locked=True),
)
R6 = (
    FieldMapping("plezi_url", "plezi_url", Direction.TO_PIPEDRIVE),
    FieldMapping("source", "source", Direction.TO_PIPEDRIVE),
    FieldMapping("score", "behaviour_score", Direction.TO_PIPEDRIVE),
    FieldMapping("status", "state", Direction.TO_PIPEDRIVE),
)
CITY = FieldMapping("city", "plz_city", Direction.BOTH)
SECTOR = FieldMapping(
    "sector", "plz_sector", Direction.BOTH,
    options=OptionRules(UnknownOption.BLOCK, (OptionPair("Industrie & énergie", "industrie-energie"),)),
)  # fmt: skip
YES = Condition("sync_to_plezi", equals=("Yes",))
SCOPE = {
    Side.PLEZI: Scope(where=YES, when_left=WhenLeft.STOP),
    Side.PIPEDRIVE: Scope(require=("first_name", "last_name")),
}


def schemas(
    capabilities: MappingType[Side, Capabilities] | None = None,
    fields: MappingType[Side, tuple[Field, ...]] | None = None,
) -> dict[Side, RemoteSchema]:
    """Both remote schemas of the invented accounts."""
    able = {side: Capabilities(delete=True, read_batch=100, recent_first=True) for side in Side} | dict(
        capabilities or {}
    )
    given = {Side.PIPEDRIVE: PIPEDRIVE_FIELDS, Side.PLEZI: PLEZI_FIELDS} | dict(fields or {})
    return {side: RemoteSchema(Account(side, f"{side}-1", "Acme"), given[side], able[side]) for side in Side}


def bind_fields(
    *fields: FieldMapping,
    capabilities: MappingType[Side, Capabilities] | None = None,
    remote: MappingType[Side, tuple[Field, ...]] | None = None,
    **mapping: Any,
) -> BoundMapping:
    """A bound mapping of IDENTITY plus ``fields``; keywords set other parts of the mapping."""
    both = schemas(capabilities, remote)
    whole = Mapping(name="test", fields=(*IDENTITY, *fields), **({"scope": SCOPE} | mapping))
    bound = []
    for written in whole.fields:
        here = both[Side.PIPEDRIVE].named(written.pipedrive)[0]
        there = both[Side.PLEZI].named(written.plezi)[0]
        pairs = option_pairs(written, here, there) if here.options and there.options else ()
        bound.append(
            BoundField(written, here, there, written.conflicts or whole.conflicts, option_pairs=pairs)
        )
    codes = {side: tuple(sorted(field.code for field in both[side].fields)) for side in Side}
    email = {Side.PIPEDRIVE: "email", Side.PLEZI: "email"}
    return BoundMapping(whole, both, tuple(bound), codes, "version-1", email)


def emails(*addresses: str) -> list[dict[str, Value]]:
    """Pipedrive's list form, the first one primary."""
    return [{"value": a, "primary": i == 0, "label": "work"} for i, a in enumerate(addresses)]


def person(identifier: str = "1", /, *addresses: str, **values: Value) -> Record:
    """A Pipedrive person; in scope; other fields that are not named are empty, as delivered."""
    base: dict[str, Value] = {field.code: None for field in PIPEDRIVE_FIELDS}
    base |= {"first_name": "Lucile", "last_name": "Rivière", "sync": 35}
    base["email"] = emails(*(addresses or ("l@example.com",)))
    return Record(Side.PIPEDRIVE, identifier, base | values)


def contact(identifier: str = "a", address: str = "l@example.com", /, **values: Value) -> Record:
    """A Plezi contact; fields that are not named are empty."""
    base: dict[str, Value] = {field.code: None for field in PLEZI_FIELDS}
    base |= {"first_name": "Lucile", "last_name": "Rivière", "email": address}
    return Record(Side.PLEZI, identifier, base | values)


def linked(
    here: Record | None,
    there: Record | None,
    bases: MappingType[str, tuple[Value, Value]] | None = None,
    **more: Any,
) -> Candidate:
    """An existing link between two records, with these merge bases (names agreed already)."""
    agreed: dict[str, tuple[Value, Value]] = {
        "first_name=first_name": ("Lucile", "Lucile"),
        "last_name=last_name": ("Rivière", "Rivière"),
    }
    link = Link(here.id if here else "1", there.id if there else "a", "l@example.com")
    kept = {key: MergeBase(*pair) for key, pair in (agreed | dict(bases or {})).items()}
    return replace(Candidate(Match.LINKED, here, there, link=link, bases=kept), **more)


def paired(here: Record, there: Record, **more: Any) -> Candidate:
    """Two unlinked records that share an address."""
    return Candidate(Match.PAIRED, here, there, address="l@example.com", **more)


def alone(record: Record, **more: Any) -> Candidate:
    """An unlinked record whose addresses nobody else holds."""
    here, there = (record, None) if record.side is Side.PIPEDRIVE else (None, record)
    return Candidate(Match.ALONE, here, there, **more)


__all__ = [
    "CITY",
    "COMPLETE",
    "R6",
    "SCOPE",
    "SECTOR",
    "YES",
    "ConflictPolicy",
    "Direction",
    "EmptyPolicy",
    "FieldMapping",
    "alone",
    "bind_fields",
    "contact",
    "emails",
    "linked",
    "paired",
    "person",
]
