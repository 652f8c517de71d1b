"""Who is in scope, who opted out, who stands alone, who would be created: asked of the planner, answered by sets.

Audits and plans must not disagree about a single record. So the planner's own tests (``planning.scoping``) decide, over
each distinct combination of the values that they read; a join finds everybody who has it. Who belongs to whom comes from
the graph of addresses that pairing rests on (``snapshots.pairing``), made once for all audits of a run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pdsync.audits.held_addresses import clusters, each_address
from pdsync.audits.inputs import AuditInputs, Need, SideInputs
from pdsync.model import Field, Record, Side
from pdsync.planning.emails import is_address
from pdsync.planning.scoping import enrolment, find_field, may_create, opted_out
from pdsync.planning.wording import quoted
from pdsync.snapshots.columns import compared, delivered
from pdsync.snapshots.encoding import decode_value
from pdsync.snapshots.engines import collect
from pdsync.snapshots.pairing import Pairing

if TYPE_CHECKING:
    import narwhals as nw

    Frame = nw.LazyFrame[Any]

__all__ = [
    "address_graph",
    "creatable",
    "has_both_addresses",
    "ids_where",
    "in_scope",
    "is_filled",
    "linked_ids",
    "links",
    "opted_out_ids",
    "pairs",
    "required_fields",
    "sharing",
    "unread_scope",
]

_BATCH: Final = 10_000
"""Combinations of values that are Python objects at once."""
_PLAIN: Final = r"^[!-?A-~]+@[!-?A-~]+$"
"""Printable ASCII around one @: has the shape of an address without being looked at in Python."""


def ids_where(
    inputs: AuditInputs, held: SideInputs, codes: Sequence[str], test: Callable[[Record], bool]
) -> Frame:
    """``id`` of each record that passes a test which reads these fields only.

    The test sees a record with these values and no id, once per distinct combination; a value that was not read is
    missing from it.
    """
    import narwhals as nw

    read = [code for code in dict.fromkeys(codes) if code in held.codes]
    names = [f"value {number}" for number in range(len(read))]
    texts = [
        nw.col(delivered(code)).fill_null("").alias(name) for code, name in zip(read, names, strict=True)
    ]
    if not read:
        everybody = held.frames.records.select("id")
        passes = test(Record(held.side, "", {}))
        return everybody if passes else everybody.join(inputs.frame({"id": []}), on="id", how="semi")
    frame = held.frames.records.select("id", *texts)
    chosen: dict[str, list[str | None]] = {name: [] for name in names}
    for batch in collect(frame.select(*names).unique()).to_batches(max_chunksize=_BATCH):
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            values = {code: decode_value(text) for code, text in zip(read, row, strict=True) if text}
            if test(Record(held.side, "", values)):
                for column, text in zip(chosen.values(), row, strict=True):
                    column.append(text)
    return frame.join(inputs.frame(chosen), on=names, how="semi").select("id")


def in_scope(inputs: AuditInputs, target: Side) -> Frame:
    """``id`` of the records of the other side that the scope lets be created on ``target``, enrolment included (R9, R10).

    As if nobody had been enrolled before, and as if the API could write the flag: an export cannot, its account can.
    """
    return inputs.once(f"in scope {target}", lambda: inputs.engine.keep(_in_scope(inputs, target)))


def _in_scope(inputs: AuditInputs, target: Side) -> Frame:
    bound, held = inputs.bound, inputs.sides[target.other]

    def may(record: Record) -> bool:
        enrol = enrolment(bound, record, enrolled_before=False) if rule is not None else None
        return may_create(bound, target, record, {enrol.code: enrol.after} if enrol is not None else {})

    rule = bound.mapping.enrol if target is Side.PLEZI else None
    scope = bound.mapping.scope.get(target)
    names = [scope.where.field] if scope is not None and scope.where is not None else []
    consent = bound.mapping.consent.get(held.side)
    if names and rule is not None:
        names += [rule.field, rule.where.field]
        names += [consent.field] if consent is not None else []
    fields = [find_field(bound, held.side, name) for name in names]
    return ids_where(inputs, held, [field.code for field in fields if field is not None], may)


def unread_scope(inputs: AuditInputs, *targets: Side) -> tuple[str, ...]:
    """Why nobody can tell who is in scope, in words: what the scope, or who opted out, rests on was not read."""
    bound = inputs.bound
    lost: list[str] = []
    for target in targets:
        held, scope = inputs.sides[target.other], bound.mapping.scope.get(target)
        consent = bound.mapping.consent.get(held.side)
        names = [scope.where.field] if scope is not None and scope.where is not None else []
        names += [consent.field] if consent is not None else []
        for name in names:
            field = find_field(bound, held.side, name)
            if field is not None and field.code not in held.codes:
                lost.append(f"{quoted(field.name)} was not read from {held.side.label}")
    return tuple(dict.fromkeys(lost))


def opted_out_ids(inputs: AuditInputs, side: Side) -> Frame:
    """``id`` of the records whose consent field says that the person opted out; nobody where none is named."""
    consent = inputs.bound.mapping.consent.get(side)
    field = find_field(inputs.bound, side, consent.field) if consent is not None else None
    codes = [field.code] if field is not None else []
    return ids_where(inputs, inputs.sides[side], codes, lambda record: opted_out(inputs.bound, record))


def has_both_addresses(inputs: AuditInputs) -> bool:
    """Whether both sources hold addresses, so that somebody can be known to stand alone or to have a partner."""
    return not any(inputs.lacks(Need.ADDRESSES, side) for side in Side)


def links(inputs: AuditInputs) -> Frame:
    """``pipedrive_id``, ``plezi_id``, ``address``, ``state`` of every link; empty before the first run."""
    if inputs.links is not None:
        return inputs.links
    return inputs.frame({"pipedrive_id": [], "plezi_id": [], "address": [], "state": []})


def sharing(inputs: AuditInputs) -> Frame:
    """``pipedrive_id``, ``plezi_id`` of every person and contact with an address in common, each couple once."""
    import narwhals as nw

    def make() -> Frame:
        graph = address_graph(inputs)
        ends = [
            graph.crowded[side].select(nw.col("id").alias(f"{side}_id"), "key")
            for side in (Side.PIPEDRIVE, Side.PLEZI)
        ]
        both = ["pipedrive_id", "plezi_id"]
        crowded = ends[0].join(ends[1], on="key", how="inner").select(both)
        return inputs.engine.keep(nw.concat([graph.edges.select(both), crowded]).unique())

    return inputs.once("people who share an address", make)


def linked_ids(inputs: AuditInputs, side: Side) -> Frame:
    """``id`` of the records of a side that have a link."""
    import narwhals as nw

    return links(inputs).select(nw.col(f"{side}_id").alias("id"))


def pairs(inputs: AuditInputs) -> Frame:
    """``pipedrive_id``, ``plezi_id``: who is linked, and who would be linked by address. Both sides hold addresses."""
    return inputs.once("pairs", lambda: _pairs(inputs))


def _pairs(inputs: AuditInputs) -> Frame:
    import narwhals as nw

    columns = [f"{side}_id" for side in Side]
    pairing = address_graph(inputs)
    whole: dict[str, list[str | None]] = {column: [] for column in columns}
    for component in pairing.others():
        if component.is_pair:
            for side, identifier in component.members:
                whole[f"{side}_id"].append(identifier)
    frames = [links(inputs).select(columns), pairing.paired().select(columns), inputs.frame(whole)]
    return inputs.engine.keep(nw.concat(frames))


def creatable(inputs: AuditInputs, target: Side) -> Frame:
    """``id`` of the records of the other side that would be created on ``target`` if nothing required were missing.

    They stand alone, are in scope, have not opted out and have something like an address; the mapping lets addresses
    flow that way. Who existed before the first run is among them: ``plan --adopt`` creates those as well. Whether the API
    can create records does not matter here, so that an export says the same as the account that it stands for.
    """
    return inputs.once(f"creatable {target}", lambda: _creatable(inputs, target))


def _creatable(inputs: AuditInputs, target: Side) -> Frame:
    import narwhals as nw

    bound, side = inputs.bound, target.other
    identity = next((one for one in bound.fields if one.on(target).code == bound.email[target]), None)
    if identity is None or not identity.writes(target):
        return inputs.frame({"id": []})
    alone = inputs.once("alone", lambda: inputs.engine.keep(address_graph(inputs).alone()))
    own = alone.filter(nw.col(f"{side}_id") != "", ~nw.col("address").is_null()).select(
        nw.col(f"{side}_id").alias("id"), "address"
    )
    plain = nw.col("address").str.contains(_PLAIN)
    odd = collect(own.filter(~plain).select("address").unique())["address"].to_pylist()
    shaped = inputs.frame({"address": [key for key in odd if is_address(key)]})
    fit = nw.concat(
        [
            own.filter(plain).select("id"),
            own.filter(~plain).join(shaped, on="address", how="semi").select("id"),
        ]
    )
    wanted = fit.join(in_scope(inputs, target), on="id", how="semi")
    return inputs.engine.keep(wanted.join(opted_out_ids(inputs, side), on="id", how="anti"))


def required_fields(inputs: AuditInputs, target: Side) -> list[tuple[str, tuple[Field, ...]]]:
    """What a record has to hold to be created on ``target``: the name of it, and the source's fields that would do.

    The scope's ``require`` (R13), and fields that the target demands; those that nothing is mapped to come without fields.
    """
    bound = inputs.bound
    scope = bound.mapping.scope.get(target)
    found: dict[str, tuple[Field, ...]] = {}
    for name in scope.require if scope is not None else ():
        field = find_field(bound, target.other, name)
        found[name] = (field,) if field is not None else ()
    asked = {field.code for fields in found.values() for field in fields}
    for remote in bound.schemas[target].fields:
        given = target is Side.PIPEDRIVE and remote.code == "owner_id" and bound.owner_id
        if not remote.required or not remote.writable or remote.code == bound.email[target] or given:
            continue
        sources = tuple(
            one.on(target.other)
            for one in bound.fields
            if one.on(target).code == remote.code and one.writes(target)
        )
        if not sources or not all(source.code in asked for source in sources):
            found.setdefault(remote.name, sources)
    return list(found.items())


def is_filled(fields: Sequence[Field], held: SideInputs) -> nw.Expr:
    """Whether one of these fields holds a value."""
    import narwhals as nw

    read = [~nw.col(compared(field.code)).is_null() for field in fields if field.code in held.codes]
    if not read:
        return nw.col("id").is_null()  # nobody's; a bare constant is no condition to narwhals
    return nw.any_horizontal(*read, ignore_nulls=True)


def address_graph(inputs: AuditInputs) -> Pairing:
    """Records of both sides, joined by the addresses that they hold. Both sides hold addresses."""

    def make() -> Pairing:
        sides = {
            side: replace(held.frames, addresses=each_address(inputs, held))
            for side, held in inputs.sides.items()
        }
        shared = {side: clusters(inputs, held) for side, held in inputs.sides.items()}
        return Pairing(inputs.engine, sides, links(inputs), shared)

    return inputs.once("address graph", make)
