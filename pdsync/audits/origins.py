"""Where a Plezi contact came from: the form that it was left in, else the source of the visit (R14).

Findings about contacts are grouped by it, so that the form at fault is named and mended once instead of contact by contact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pdsync.audits.inputs import AuditInputs, SideInputs
from pdsync.model import Side
from pdsync.snapshots.columns import compared

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["ORIGINS", "origin", "with_origin"]

ORIGINS: Final = ("form", "source")
"""Fields that say where a contact came from, the more telling first."""


def origin(held: SideInputs) -> nw.Expr:
    """The origin of a record; null for persons, and where nothing is known of it."""
    import narwhals as nw

    known = [code for code in ORIGINS if code in held.codes] if held.side is Side.PLEZI else []
    if not known:
        return nw.lit(None, nw.String).alias("group")
    return nw.coalesce(*(nw.col(compared(code)) for code in known)).alias("group")


def with_origin(inputs: AuditInputs, held: SideInputs, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """``frame`` (with ``id``) grouped by origin, where there is one; the origins are read once."""
    if held.side is not Side.PLEZI or not held.codes.intersection(ORIGINS):
        return frame

    def read() -> nw.LazyFrame[Any]:
        import narwhals as nw

        known = held.frames.records.select("id", origin(held))
        return inputs.engine.keep(known.filter(~nw.col("group").is_null()))

    return frame.join(inputs.once("origins of contacts", read), on="id", how="left")
