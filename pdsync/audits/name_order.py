"""First and last name in each other's place: "RIVIÈRE Lucile", or the other way round than on the other side.

French lists write the family name first and in capitals. So a first name in capitals before a last name that is not is
suspected; and where a person and a contact with one address have the two names exchanged, one of them is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pdsync.audits.capital_names import CAPITALS, FIRST_IN_CAPITALS
from pdsync.audits.declaring import Audit, Found
from pdsync.audits.inputs import AuditInputs, SideInputs
from pdsync.audits.judging import rows
from pdsync.audits.odd_names import NAMES_NEEDED, SPACES, name_columns, names_in_question, shown_names
from pdsync.audits.pair_names import Disagreement, disagreeing_pairs, pair_rows
from pdsync.model import Severity, Side
from pdsync.snapshots.columns import compared, delivered

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["AUDITS"]

_SMALL: Final = r"\p{Ll}"
_REST_SMALL: Final = rf"(?s)^[^{SPACES}]+[{SPACES}].*\p{{Ll}}"


def _find(inputs: AuditInputs) -> Found:
    pairs = disagreeing_pairs(inputs, Disagreement.SWAPPED)
    frames = []
    for held in inputs.having(*NAMES_NEEDED):
        suspects = _capitals_first(inputs, held)
        if pairs is not None:
            suspects = suspects.join(_ids(pairs, held.side), on="id", how="anti")
        frames.append(rows(inputs, held, suspects))
    if pairs is not None:
        frames += pair_rows(pairs, "This person's first and last name are this contact's last and first name")
    return Found(frames)


def _ids(pairs: nw.LazyFrame[Any], side: Side) -> nw.LazyFrame[Any]:
    import narwhals as nw

    return pairs.select(nw.col(f"{side}_id").alias("id")).unique()


def _capitals_first(inputs: AuditInputs, held: SideInputs) -> nw.LazyFrame[Any]:
    """Records whose first name is in capitals and whose last name is not."""
    import narwhals as nw

    whole = len(name_columns(inputs, held)) == 1
    if whole:
        name = nw.col(compared("name"))
        found = name.str.contains(FIRST_IN_CAPITALS) & name.str.contains(_REST_SMALL)
        details = shown_names(inputs, held)
    else:
        first, last = nw.col(compared("first_name")), nw.col(compared("last_name"))
        found = first.str.contains(CAPITALS) & last.str.contains(_SMALL)
        details = shown_names(
            inputs,
            held,
            ',"suggested":{"first_name":',
            nw.col(delivered("last_name")),
            ',"last_name":',
            nw.col(delivered("first_name")),
            "}}",
        )
    return (
        names_in_question(inputs, held)
        .filter(found.fill_null(value=False))
        .select(
            "id",
            nw.lit("name" if whole else "").alias("field"),
            nw.lit(
                "The first name is in capitals and the last name is not: they are probably exchanged"
            ).alias("message"),
            details.alias("details"),
        )
    )


AUDITS = (
    Audit(
        code="name-order",
        severity=Severity.WARNING,
        title="records whose first and last name are probably exchanged (NOM Prénom)",
        why="Mails greet people by their family name; and between two sides that disagree, the sync writes one order over "
        "the other.",
        rule="R11, R12",
        fix="Exchange first and last name where they are wrong.",
        needs=NAMES_NEEDED,
        find=_find,
    ),
)
