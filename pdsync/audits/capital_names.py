"""Names all in capitals: "RIVIÈRE", "LUCILE RIVIÈRE".

A part counts if three capitals stand in a row and no small letter anywhere, so that initials (J.P., DJ) do not; scripts
without capitals (Arabic, Chinese) never do. Which letters are capitals is Unicode's affair and the same on every engine,
which a test goes through letter by letter; so the query decides alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.inputs import AuditInputs, SideInputs
from pdsync.audits.judging import rows
from pdsync.audits.odd_names import NAMES_NEEDED, SPACES, name_columns, names_in_question, shown_names
from pdsync.model import Severity
from pdsync.snapshots.columns import compared

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["AUDITS", "CAPITALS", "FIRST_IN_CAPITALS", "REST_IN_CAPITALS"]

CAPITALS: Final = r"^[^\p{Ll}]*\p{Lu}{3}[^\p{Ll}]*$"
FIRST_IN_CAPITALS: Final = rf"^[^\p{{Ll}}{SPACES}]*\p{{Lu}}{{3}}[^\p{{Ll}}{SPACES}]*(?:[{SPACES}]|$)"
"""Of a whole name, the first word."""
REST_IN_CAPITALS: Final = rf"^[^{SPACES}]+[{SPACES}][^\p{{Ll}}]*\p{{Lu}}{{3}}[^\p{{Ll}}]*$"


def _find(inputs: AuditInputs) -> Found:
    return Found([rows(inputs, held, _of_side(inputs, held)) for held in inputs.having(*NAMES_NEEDED)])


def _of_side(inputs: AuditInputs, held: SideInputs) -> nw.LazyFrame[Any]:
    import narwhals as nw

    columns = name_columns(inputs, held)
    whole = len(columns) == 1
    texts = [nw.col(compared(code)).fill_null("") for code in columns]
    if whole:
        first, last = texts[0].str.contains(FIRST_IN_CAPITALS), texts[0].str.contains(REST_IN_CAPITALS)
    else:
        first, last = (text.str.contains(CAPITALS) for text in texts)
    fields = ("name", "name", "name") if whole else ("", "first_name", "last_name")
    both = first & last
    return (
        names_in_question(inputs, held)
        .filter(first | last)
        .select(
            "id",
            nw.when(both)
            .then(nw.lit(fields[0]))
            .when(first)
            .then(nw.lit(fields[1]))
            .otherwise(nw.lit(fields[2]))
            .alias("field"),
            nw.when(both)
            .then(nw.lit("First and last name are all in capitals"))
            .when(first)
            .then(nw.lit("The first name is all in capitals"))
            .otherwise(nw.lit("The last name is all in capitals"))
            .alias("message"),
            shown_names(inputs, held).alias("details"),
        )
    )


AUDITS = (
    Audit(
        code="all-caps-name",
        severity=Severity.INFO,
        title="records with a name all in capitals",
        why="The sync copies names letter for letter: what is in capitals here shouts in every mail from there, and "
        "overwrites the same name in proper spelling.",
        rule="R12",
        fix="Write the name with one capital; mind particles and names like McIntosh.",
        needs=NAMES_NEEDED,
        find=_find,
    ),
)
