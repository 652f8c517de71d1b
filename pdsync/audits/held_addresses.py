"""The addresses of a side, read once for all audits of a run, and who shares one.

A dozen audits look at every address, and an address costs more to decode than to test. So they are kept in memory: the
key, and the spelling only where it is another text, which for most it is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pdsync.audits.inputs import AuditInputs, SideInputs
from pdsync.snapshots.pairing import address_clusters

if TYPE_CHECKING:
    import narwhals as nw

    Frame = nw.LazyFrame[Any]

__all__ = ["clusters", "each_address", "every_address", "spelling"]


def each_address(inputs: AuditInputs, held: SideInputs) -> Frame:
    """``id``, ``key``, ``rank``, ``position``, ``primary`` and ``spelt``: each key of a record once.

    ``spelt`` is null where the address was delivered as its key; see ``spelling``.
    """
    import narwhals as nw

    return inputs.once(
        f"addresses of {held.side}",
        lambda: inputs.engine.keep(_read(held).filter(~nw.col("rank").is_null())),
    )


def every_address(inputs: AuditInputs, held: SideInputs) -> Frame:
    """``each_address``, and the rows that repeat a key of their record, of which ``rank`` is null: few, and read anew."""
    import narwhals as nw

    return nw.concat([each_address(inputs, held), _read(held).filter(nw.col("rank").is_null())])


def _read(held: SideInputs) -> Frame:
    import narwhals as nw

    spelt = nw.when(nw.col("delivered") != nw.col("key")).then(nw.col("delivered")).alias("spelt")
    return held.frames.addresses.select("id", "key", "rank", "position", "primary", spelt)


def spelling() -> nw.Expr:
    """An address of ``each_address`` as delivered."""
    import narwhals as nw

    return nw.coalesce("spelt", "key").alias("delivered")


def clusters(inputs: AuditInputs, held: SideInputs) -> Frame:
    """``key``, ``id``, ``size``: the keys that several records of this side hold, with their holders."""
    return inputs.once(
        f"shared addresses of {held.side}",
        lambda: inputs.engine.keep(address_clusters(each_address(inputs, held))),
    )
