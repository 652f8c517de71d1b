"""The addresses at which people see the records that were found: put beside the ids of an audit, once it has found them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdsync.audits.inputs import AuditInputs
from pdsync.model import Side
from pdsync.snapshots.columns import compared
from pdsync.snapshots.engines import collect_frame

if TYPE_CHECKING:
    import polars as pl

__all__ = ["with_links"]

_API = "api.pipedrive.com"
"""Where no company has its pages: what an account is called whose own address did not come back."""


def with_links(inputs: AuditInputs, rows: pl.DataFrame) -> pl.DataFrame:
    """``rows`` (``side``, ``noun``, ``id``), in their order, plus ``link``; null where none is known.

    Pipedrive: ``https://DOMAIN/person/ID``, the form that a dozen unrelated public programs use; Pipedrive does not
    document it. Where only the address of its API is known, there is none. Plezi: what it delivers as ``plezi_url``
    (R7); how its addresses are made is not public, so none is guessed. Anything but a web address is left out.
    """
    import polars as pl

    link, about = pl.lit(None, pl.String), pl.concat_str("side", pl.lit(" "), "noun")
    domain = inputs.sides[Side.PIPEDRIVE].schema.account.domain
    if domain and domain != _API:
        person = about == f"{Side.PIPEDRIVE} {Side.PIPEDRIVE.noun}"
        link = pl.when(person).then(pl.concat_str(pl.lit(f"https://{domain}/person/"), "id"))
    if "plezi_url" not in inputs.sides[Side.PLEZI].codes:
        return rows.with_columns(link.alias("link"))
    contact = about == f"{Side.PLEZI} {Side.PLEZI.noun}"
    pages = inputs.once("pages of contacts", lambda: _pages(inputs))
    joined = rows.join(pages, on="id", how="left", maintain_order="left")
    return joined.with_columns(pl.when(contact).then("page").otherwise(link).alias("link")).drop("page")


def _pages(inputs: AuditInputs) -> pl.DataFrame:
    """``id`` and ``page`` of the contacts that have one."""
    import narwhals as nw

    url = nw.col(compared("plezi_url"))
    safe = url.str.starts_with("https://") | url.str.starts_with("http://")
    records = inputs.sides[Side.PLEZI].frames.records
    return collect_frame(records.filter(safe).select("id", url.alias("page")))
