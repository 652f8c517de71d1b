"""The field mappings one direction at a time, and findings about them: one per field with all records, or one per record.

Rows are grouped by the field as the mapping names it, and come in the order of the mapping.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pdsync.audits.inputs import AuditInputs, SideInputs
from pdsync.model import BoundField, Field, Side, Value
from pdsync.planning.merging import PLEZI_COMPUTED
from pdsync.planning.wording import quoted

if TYPE_CHECKING:
    import narwhals as nw

    Frame = nw.LazyFrame[Any]

__all__ = ["Flow", "every_flow", "field_row", "flows", "holder_rows", "in_target", "single_rows", "unread"]


@dataclass(frozen=True, slots=True)
class Flow:
    """One field mapping in one direction in which it is written."""

    number: int
    """In the order of the mapping, Plezi's fields written after Pipedrive's."""
    bound: BoundField
    target: Side
    held: SideInputs
    """The side that values come from."""

    @property
    def source(self) -> Field:
        return self.bound.on(self.target.other)

    @property
    def field(self) -> Field:
        """The field that is written."""
        return self.bound.on(self.target)

    @property
    def was_read(self) -> bool:
        """Whether the source's values are known."""
        return self.source.code in self.held.codes

    @property
    def takes_writes(self) -> bool:
        """Whether the target takes values for this field at all (R6)."""
        return self.field.writable and not (self.target is Side.PLEZI and self.field.code in PLEZI_COMPUTED)

    @property
    def key(self) -> str:
        """The identity of a finding about this flow."""
        return f"{self.bound.key}\n{self.target}"

    @property
    def order(self) -> str:
        return f"{self.number:06}"

    @property
    def name(self) -> str:
        """How findings are grouped: the field as the mapping names it."""
        return self.bound.written.pipedrive


def flows(inputs: AuditInputs) -> Iterator[Flow]:
    """Every direction in which a field mapping writes and whose source was read.

    Addresses are matched, not copied, and left out.
    """
    return (flow for flow in every_flow(inputs) if flow.was_read)


def unread(inputs: AuditInputs, concerns: Callable[[Flow], bool]) -> tuple[str, ...]:
    """What cannot be checked because its source was not read, in words: of the directions that concern an audit."""
    lost = (flow for flow in every_flow(inputs) if not flow.was_read and concerns(flow))
    return tuple(f"{quoted(flow.source.name)} was not read from {flow.held.side.label}" for flow in lost)


def every_flow(inputs: AuditInputs) -> Iterator[Flow]:
    """``flows``, and the directions whose source was not read."""
    number = 0
    for bound in inputs.bound.fields:
        for target in Side:
            number += 1
            if bound.writes(target) and bound.on(target.other).code != inputs.bound.email[target.other]:
                yield Flow(number, bound, target, inputs.sides[target.other])


def in_target(flow: Flow) -> str:
    """``'Fonction' in Plezi``."""
    return f"{quoted(flow.field.name)} in {flow.target.label}"


def field_row(
    inputs: AuditInputs,
    side: Side,
    code: str,
    said: Mapping[str, str],
    details: Mapping[str, Value] | None = None,
    *,
    noun: str = "field",
) -> Frame:
    """One row whose subject is a field (or, by ``noun``, an option). ``said``: ``key``, ``order``, ``message`` and so on."""
    row = {"side": str(side), "noun": noun, "id": code, **said}
    if details is not None:
        row["details"] = json.dumps(dict(details), ensure_ascii=False)
    return inputs.frame({name: [text] for name, text in row.items()})


def holder_rows(held: SideInputs, records: Frame, said: Mapping[str, str]) -> Frame:
    """One row per record (``id``) of one finding. ``said`` as for ``field_row``."""
    import narwhals as nw

    texts = [nw.lit(text).alias(name) for name, text in {"side": str(held.side), **said}.items()]
    return records.select("id", *texts)


def single_rows(held: SideInputs, records: Frame, said: Mapping[str, str]) -> Frame:
    """One finding per record: of ``id`` and what else ``records`` says (``message``, ``details``).

    ``said`` holds for all of them: ``key`` and ``order`` to begin with, ``group``, ``field``.
    """
    import narwhals as nw

    length = (nw.col("id").str.len_chars() + 1_000).cast(nw.String)
    own = {"side": str(held.side), **said}
    texts = [nw.lit(text).alias(name) for name, text in own.items() if name not in ("key", "order")]
    return records.with_columns(
        nw.concat_str([nw.lit(own["key"] + "\n"), nw.col("id")]).alias("key"),
        nw.concat_str([nw.lit(own["order"] + " "), length]).alias("order"),
        *texts,
    )
