"""How much may change within 24 hours before a person has to say so (R29; design 7).

Counted per side, over this plan and what earlier runs wrote within the last 24 hours, before the first write. What an
undo writes is neither held nor counted: it only takes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from pdsync.errors import LimitExceeded, UsageError
from pdsync.model import Change, ChangeKind, Limits, Side, is_empty
from pdsync.model.values import MISSING

if TYPE_CHECKING:
    from pdsync.store import Recent

__all__ = ["NAMES", "PERIOD", "Planned", "check_limits", "parse_allow"]

PERIOD = timedelta(hours=24)

NAMES = ("creates", "clears", "changed_percent")
"""What ``--allow`` may name."""

_SMALL = 50
"""``changed_percent`` says nothing about fewer changed records than this (design 7)."""


@dataclass(slots=True)
class Planned:
    """What a plan would write on one side."""

    creates: int = 0
    """Records, and options in lists."""
    clears: int = 0
    changed: set[str] = field(default_factory=set)
    """Ids of linked records."""

    def add(self, change: Change) -> None:
        """Count one change of this side."""
        if change.kind is ChangeKind.CREATE:
            self.creates += 1
        elif change.kind is ChangeKind.ADD_OPTIONS:
            self.creates += len(change.fields)
        elif change.kind is ChangeKind.UPDATE:
            self.clears += sum(
                1
                for one in change.fields
                if not one.deferred
                and is_empty(one.after)
                and one.before is not MISSING
                and not is_empty(one.before)
            )
            if change.pipedrive_id and change.plezi_id:
                self.changed.add(change.record_id)


@dataclass(frozen=True, slots=True)
class _Excess:
    name: str
    side: Side
    count: float
    allowed: float
    words: str


def parse_allow(texts: Iterable[str]) -> dict[str, float]:
    """``creates=1200`` and the like, as given to ``--allow``.

    Raises:
        UsageError: another name, or no number.
    """
    allow: dict[str, float] = {}
    for text in texts:
        name, equals, number = text.partition("=")
        try:
            value = float(number)
        except ValueError:
            value = -1
        if name not in NAMES or not equals or not 0 <= value < float("inf"):
            raise UsageError(
                f"--allow {text}: expected one of {', '.join(f'{name}=NUMBER' for name in NAMES)}.",
                untouched="Nothing was written.",
            )
        allow[name] = value
    return allow


def check_limits(
    limits: Limits,
    planned: Mapping[Side, Planned],
    recent: Mapping[Side, Recent],
    linked: int,
    allow: Mapping[str, float],
) -> None:
    """Hold the whole plan if a side would exceed a limit.

    Args:
        limits: The mapping's.
        planned: What the plan would write, per side.
        recent: What earlier runs wrote within the last 24 hours, per side.
        linked: Linked records, those that this plan links included: what ``changed_percent`` is of.
        allow: Numbers that a person named for this run; each replaces the mapping's where it is higher.

    Raises:
        LimitExceeded: every excess at once, with the flags that lift them.
    """
    excesses = [
        excess
        for side in Side
        for excess in _excesses(limits, side, planned[side], recent[side], linked, allow)
    ]
    if not excesses:
        return
    needed: dict[str, float] = {}
    for excess in excesses:
        needed[excess.name] = max(excess.count, needed.get(excess.name, 0))
    flags = " ".join(f"--allow {name}={_number(count)}" for name, count in needed.items())
    raise LimitExceeded(
        "\n".join(excess.words for excess in excesses),
        untouched="Nothing was written; the plan is kept.",
        next_step=f"Review the plan. If it is meant so, carry it out with {flags}",
    )


def _excesses(
    limits: Limits, side: Side, plan: Planned, past: Recent, linked: int, allow: Mapping[str, float]
) -> Iterable[_Excess]:
    for name, now, earlier, limit, words in (
        ("creates", plan.creates, past.creates, limits.creates, "creates"),
        ("clears", plan.clears, past.clears, limits.clears, "emptied values"),
    ):
        allowed = max(limit, allow.get(name, 0))
        if now and now + earlier > allowed:
            before = f" ({earlier:,} of them by earlier runs)" if earlier else ""
            yield _Excess(
                name,
                side,
                now + earlier,
                allowed,
                f"{side.label}: {now + earlier:,} {words} within 24 hours{before}; limits.{name} allows {_number(allowed)}.",
            )
    changed = plan.changed | past.changed
    percent = 100 * len(changed) / linked if linked else 100.0
    allowed = max(limits.changed_percent, allow.get("changed_percent", 0))
    if plan.changed and len(changed) > _SMALL and percent > allowed:
        rounded = _rounded_up(percent)
        yield _Excess(
            "changed_percent",
            side,
            rounded,
            allowed,
            f"{side.label}: {len(changed):,} of {linked:,} linked records would be changed within 24 hours "
            f"({_number(rounded)} %); limits.changed_percent allows {_number(allowed)} %.",
        )


def _rounded_up(percent: float) -> float:
    """To one decimal, upwards, so that the number that a message names is enough."""
    tenths = int(percent * 10)
    return (tenths if tenths == percent * 10 else tenths + 1) / 10


def _number(value: float) -> str:
    return f"{value:g}" if value != int(value) else str(int(value))
