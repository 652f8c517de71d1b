"""Values that say the right thing in an untidy way: spaces at their ends, addresses in capitals or with blanks in them.

No comparison of pdsync sees these, so the sync neither suffers from them nor carries them across. Other programs do: a
greeting reads "Bonjour  Lucile ,", a search for an address misses it. A query clears what is written as it is compared;
the rest is looked at in Python, each value once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pdsync.audits.addresses import find_addresses
from pdsync.audits.declaring import Audit, Found
from pdsync.audits.held_addresses import each_address
from pdsync.audits.inputs import AuditInputs, Need, SideInputs
from pdsync.audits.judging import Verdict, judged, rows
from pdsync.model import Kind, Severity, Side, Value
from pdsync.planning.comparison import trimmed
from pdsync.planning.keys import tidy_address
from pdsync.planning.merging import PLEZI_COMPUTED
from pdsync.planning.wording import listed, quoted
from pdsync.snapshots.columns import compared, delivered
from pdsync.snapshots.encoding import decode_value, storable

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["AUDITS"]

_UNTIDY: Final = "untidily written"
_PLAIN: Final = r"^[!#-\[\]-~]+$"
"""Printable ASCII without blanks, quotation marks and backslashes."""
_ESCAPED: Final = "\ufffe"
"""How a snapshot marks text that holds half a character (``snapshots.encoding``): not what the service delivered."""


def _spaces(inputs: AuditInputs) -> Found:
    frames = []
    for held in inputs.having(Need.MAPPED):
        columns = _text_columns(inputs, held)
        if not columns:
            continue
        suspects = _not_as_compared(held, columns)

        def judge(*texts: str, names: Mapping[str, str] = columns) -> Verdict | None:
            found = [
                (code, value)
                for code, text in zip(names, texts, strict=True)
                if text and _is_untidy(value := decode_value(text))
            ]
            if not found:
                return None
            what = listed(quoted(names[code]) for code, _ in found)
            verb = "begins or ends" if len(found) == 1 else "begin or end"
            details: dict[str, Value] = dict(found)
            details["suggested"] = {code: trimmed(str(value)) for code, value in found}
            field = names[found[0][0]] if len(found) == 1 else ""
            return Verdict(f"{what} {verb} with white space", field, details)

        rest = judged(inputs, suspects, list(columns), judge)
        if rest is not None:
            frames.append(rows(inputs, held, rest))
    return Found(frames)


def _is_untidy(value: Value) -> bool:
    """Whether there is white space to take away; half a character cannot be shown, and is left alone."""
    return isinstance(value, str) and trimmed(value) not in ("", value) and storable(value) == value


def _text_columns(inputs: AuditInputs, held: SideInputs) -> dict[str, str]:
    """Code -> name in the mapping, of the text fields that flow from this side."""
    side = held.side
    return {
        mapped.on(side).code: mapped.written.name(side)
        for mapped in inputs.bound.fields
        if mapped.on(side).kind is Kind.TEXT
        and mapped.writes(side.other)
        and mapped.on(side).code in held.codes
        and not (side is Side.PLEZI and mapped.on(side).code in PLEZI_COMPUTED)
    }


def _not_as_compared(held: SideInputs, columns: Mapping[str, str]) -> nw.LazyFrame[Any]:
    """Records of which a text is not delivered as it is compared; their texts as JSON, empty where there is none."""
    import narwhals as nw

    def plain(code: str) -> nw.Expr:
        form = nw.col(compared(code))
        return form.is_null() | (
            nw.col(delivered(code)) == nw.concat_str([nw.lit('"'), form.fill_null(""), nw.lit('"')])
        )

    clear = nw.all_horizontal(*(plain(code) for code in columns), ignore_nulls=False)
    return held.frames.records.filter(~clear).select(
        "id", *(nw.col(delivered(code)).fill_null("").alias(code) for code in columns)
    )


def _spelling(inputs: AuditInputs) -> Found:
    """Nearly all of them differ from their key in capitals only: a query says so. The rest is looked at in Python."""
    rest = find_addresses(inputs, _odd_otherwise, _UNTIDY, _tidy)
    return Found([*rest.rows, *(_in_capitals(inputs, held) for held in inputs.having(Need.ADDRESSES))])


def _in_capitals(inputs: AuditInputs, held: SideInputs) -> nw.LazyFrame[Any]:
    """Records of which one address is in capitals and all others are as they should be."""
    import narwhals as nw

    odd = _odd(each_address(inputs, held))
    primary = nw.when(nw.col("primary")).then(nw.lit("true")).otherwise(nw.lit("false"))
    said = [nw.lit('{"addresses":[{"delivered":"'), nw.col("spelt"), nw.lit('","primary":'), primary]
    said += [nw.lit(',"suggested":"'), nw.col("key"), nw.lit('"}]}')]
    found = odd.filter(_only_capitals()).join(_several(odd), on="id", how="anti")
    frame = found.select(
        "id",
        nw.lit(f"This {held.side.noun} has 1 {_UNTIDY} email address").alias("message"),
        nw.lit(inputs.bound.email[held.side]).alias("field"),
        nw.concat_str(said).alias("details"),
    )
    return rows(inputs, held, frame)


def _odd_otherwise(addresses: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Addresses that differ from their key in more than capitals, or are not the only ones of their record."""
    import narwhals as nw

    odd = _odd(addresses)
    several = odd.join(_several(odd), on="id", how="semi")
    single = odd.filter(~_only_capitals()).join(_several(odd), on="id", how="anti")
    return nw.concat([several, single])


def _odd(addresses: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    import narwhals as nw

    return addresses.filter(~nw.col("spelt").is_null())


def _several(odd: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """``id`` of the records with more than one."""
    import narwhals as nw

    return odd.group_by("id").agg(nw.len().alias("number")).filter(nw.col("number") > 1).select("id")


def _only_capitals() -> nw.Expr:
    """ASCII that JSON takes as it is, and the key once it is in lower case."""
    import narwhals as nw

    spelt = nw.col("spelt")
    return spelt.str.contains(_PLAIN) & (spelt.str.to_lowercase() == nw.col("key"))


def _tidy(row: Mapping[str, Any]) -> Mapping[str, Value] | None:
    written = row["delivered"]
    tidy = tidy_address(written)
    return None if tidy == written or written.startswith(_ESCAPED) else {"suggested": tidy}


AUDITS = (
    Audit(
        code="outer-spaces",
        severity=Severity.INFO,
        title="records with white space at an end of a text",
        why="pdsync overlooks it, so it is not carried across; greetings, searches and filters of other programs do not.",
        rule="R12",
        fix="Take the white space away.",
        needs=(Need.MAPPED,),
        find=_spaces,
    ),
    Audit(
        code="email-spelling",
        severity=Severity.INFO,
        title="records with an email address in capitals, or with white space or invisible characters in it",
        why="pdsync knows it for the same address; a search, a filter or another program may not, and takes the person for "
        "two.",
        rule="R17",
        fix="Write the address in lower case and without white space.",
        needs=(Need.ADDRESSES,),
        find=_spelling,
    ),
)
