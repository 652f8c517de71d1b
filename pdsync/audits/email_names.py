"""The email address used as name: the whole of it, or what stands before or behind the @.

A name with an @ between words is an address, whoever's. Otherwise it is compared with the record's own addresses, and only
if it cannot be read as a name: it has a dot, an underscore or a digit inside (``jean.riviere``, ``jriviere75``).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.held_addresses import each_address
from pdsync.audits.inputs import AuditInputs, Need, SideInputs
from pdsync.audits.judging import rows
from pdsync.audits.odd_names import (
    NAMES_NEEDED,
    SPACES,
    Fault,
    any_part,
    judge_frame,
    name_columns,
    odd_names,
)
from pdsync.model import Severity
from pdsync.planning.keys import address_key
from pdsync.snapshots.engines import collect

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["AUDITS", "PATTERN", "fault"]

PATTERN: Final = rf"[^{SPACES}][@._][^{SPACES}]|[0-9]"
_ADDRESS: Final = re.compile(r"[^\s@]@[^\s@]")
_NO_NAME: Final = re.compile(r"[^\s][._0-9]")


def _find(inputs: AuditInputs) -> Found:
    frames = []
    for held in inputs.having(*NAMES_NEEDED):
        columns = name_columns(inputs, held)
        suspects = odd_names(inputs, held).filter(any_part(columns, PATTERN))
        found = judge_frame(inputs, held, suspects, fault)
        if found is not None:
            frames.append(rows(inputs, held, found))
        if not inputs.lacks(Need.ADDRESSES, held.side):
            frames += _own_addresses(inputs, held, suspects, columns)
    return Found(frames)


def fault(first: str, last: str) -> Fault | None:
    """Which parts are addresses, whoever's."""
    parts = tuple(
        part for part, text in (("first_name", first), ("last_name", last)) if _ADDRESS.search(text)
    )
    return Fault("is an email address", parts) if parts else None


def _own_addresses(
    inputs: AuditInputs, held: SideInputs, suspects: nw.LazyFrame[Any], columns: tuple[str, ...]
) -> list[nw.LazyFrame[Any]]:
    """Names without an @ that are part of one of the record's addresses."""
    addresses = each_address(inputs, held).select("id", "key")
    found: dict[str, tuple[str, str]] = {}
    for batch in collect(suspects.join(addresses, on="id", how="inner")).to_batches(max_chunksize=10_000):
        for row in batch.to_pylist():
            names = {code: row[code] for code in columns}
            taken = [code for code, text in names.items() if _is_part_of(text, row["key"])]
            if taken and not any(_ADDRESS.search(text) for text in names.values()):
                details = json.dumps(names, ensure_ascii=False)
                found[row["id"]] = (taken[0] if len(taken) == 1 else "", details)
    if not found:
        return []
    cells: dict[str, list[str | None]] = {
        "id": list(found),
        "field": [field for field, _ in found.values()],
        "message": ["The name is part of the record's own email address"] * len(found),
        "details": [details for _, details in found.values()],
    }
    return [rows(inputs, held, inputs.frame(cells))]


def _is_part_of(name: str, key: str) -> bool:
    local, _, domain = key.rpartition("@")
    return bool(_NO_NAME.search(name)) and address_key(name) in {local, domain}


AUDITS = (
    Audit(
        code="email-as-name",
        severity=Severity.WARNING,
        title="records with an email address, or part of one, for a name",
        why="Some tool filled the required field with what it had. It passes for a name, is split like one, and greets the "
        "person with the address.",
        rule="R11, R13",
        fix="Write the name; the address is in its own field already.",
        needs=NAMES_NEEDED,
        find=_find,
    ),
)
