"""A ``plezi_url`` that pdsync did not write: Plezi's own connector, or another state, is active as well (R7).

Two programs that write the same fields undo each other's work, and each calls the other's writes a person's. The field
tells: where it is filled and no link exists, or shows another contact than the link does, somebody else filled it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.flowing import single_rows
from pdsync.audits.inputs import AuditInputs, Need
from pdsync.audits.qualifying import linked_ids, links
from pdsync.audits.wording import records_counted
from pdsync.model import AuditSummary, Severity, Side
from pdsync.planning.wording import quoted
from pdsync.snapshots.columns import compared, delivered

if TYPE_CHECKING:
    import narwhals as nw

    Frame = nw.LazyFrame[Any]

__all__ = ["AUDITS"]

_URL = "plezi_url"


def _find(inputs: AuditInputs) -> Found:
    frames: list[Frame] = []
    codes = _fields(inputs)
    held = inputs.sides[Side.PIPEDRIVE]
    for code in codes:
        if code in held.codes:
            frames += _of_field(inputs, code)
    unread = [f"{quoted(_URL)} was not read from {held.side.label}"] if set(codes) - held.codes else []
    return Found(frames, not_checked=tuple(unread))


def _fields(inputs: AuditInputs) -> list[str]:
    """The persons' fields that hold the address of a contact: what the mapping writes it into, and what bears its name."""
    held = inputs.sides[Side.PIPEDRIVE]
    mapped = [one.pipedrive.code for one in inputs.bound.fields if one.plezi.code == _URL]
    named = [field.code for field in held.schema.named(_URL)]
    return list(dict.fromkeys([*mapped, *named]))


def _of_field(inputs: AuditInputs, code: str) -> list[Frame]:
    import narwhals as nw

    held, theirs = inputs.sides[Side.PIPEDRIVE], inputs.sides[Side.PLEZI]
    url = nw.col(compared(code))
    filled = held.frames.records.filter(~url.is_null()).select(
        "id", url.alias("url"), nw.col(delivered(code)).alias("said")
    )
    details = nw.concat_str([nw.lit('{"plezi_url":'), nw.col("said"), nw.lit("}")]).alias("details")
    name = held.schema.by_code[code].name

    def rows(found: Frame, kind: str, message: str) -> Frame:
        said = {"key": f"{code}\n{kind}", "order": kind, "group": kind, "field": name, "message": message}
        return single_rows(held, found.select("id", details), said)

    unlinked = filled.join(linked_ids(inputs, Side.PIPEDRIVE), on="id", how="anti")
    frames = [
        rows(
            unlinked,
            "no link",
            "This person carries a plezi_url, and pdsync has no link that it could have come from",
        )
    ]
    if inputs.links is not None and _URL in theirs.codes:
        shown = theirs.frames.records.select(
            nw.col("id").alias("plezi_id"), nw.col(compared(_URL)).alias("right")
        ).filter(~nw.col("right").is_null())
        linked = (
            links(inputs)
            .select(nw.col("pipedrive_id").alias("id"), "plezi_id")
            .join(shown, on="plezi_id", how="inner")
        )
        other = filled.join(linked, on="id", how="inner").filter(nw.col("url") != nw.col("right"))
        frames.append(
            rows(
                other,
                "other contact",
                "The plezi_url of this person shows another contact than the one it is linked to",
            )
        )
    return frames


def _headline(summary: AuditSummary) -> str:
    """``1,090 persons (no link 1,090)``."""
    kinds = ", ".join(f"{name} {count:,}" for name, count in summary.groups.items())
    return f"{records_counted(summary)} ({kinds})"


AUDITS = (
    Audit(
        code="foreign-plezi-url",
        severity=Severity.WARNING,
        title="persons whose plezi_url was filled by something else than pdsync",
        why="Plezi's own connector, or a pdsync with another state, has written here. Two of them at once undo each other's "
        "changes, and the connector goes on overwriting persons who share an address.",
        rule="R7",
        fix="Switch Plezi's own Pipedrive connector off before the first run; the first run then takes the fields over.",
        needs=(Need.MAPPED,),
        find=_find,
        headline=_headline,
    ),
)
