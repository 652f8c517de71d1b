"""Faults on request: which requests go wrong, and how.

A rule names a kind, a pattern of requests, and which of the matching requests it hits: every one, each with a
probability, the next N (``times``), or the Kth (``nth``). Rules and their counters are kept in the file, so
that a rule for "the third create" still means the third after a restart. Chance is seeded: the same seed and
the same requests give the same faults.

Kinds (what `gateway` does)
    latency             the request waits ``seconds``, then goes on; adds up with one other fault
    status              ``status`` 429, 500, 502 or 503 is answered, the handler does not run
    expired_token       401 is answered, the handler does not run
    drop_before_commit  the connection is closed, the handler does not run
    drop_after_commit   the handler runs, then the connection is closed: the answer is lost
    late_commit         the connection is closed now, the handler runs ``seconds`` later
    truncated_body      the handler runs, half of its answer is sent, then the connection is closed
    html                the handler runs, a page of HTML is sent instead of its answer
"""

from __future__ import annotations

import json
import math
import random
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any, Self

from pdsync.sandbox.database import Database, Schema

FAULTS_SCHEMA = Schema(
    name="faults",
    version=1,
    statements=(
        """
        CREATE TABLE faults_rules (
            id INTEGER PRIMARY KEY,
            rule TEXT NOT NULL,                -- JSON
            seen INTEGER NOT NULL DEFAULT 0,   -- matching requests so far
            hits INTEGER NOT NULL DEFAULT 0    -- requests that it hit
        ) STRICT
        """,
    ),
)

KINDS = frozenset(
    {
        "latency",
        "status",
        "expired_token",
        "drop_before_commit",
        "drop_after_commit",
        "late_commit",
        "truncated_body",
        "html",
    }
)
STATUSES = frozenset({429, 500, 502, 503})
_TIMED = frozenset({"latency", "late_commit"})


class FaultError(Exception):
    """Not a fault rule."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule."""

    kind: str
    side: str = "*"
    method: str = "*"
    route: str = "*"
    """Pattern over the template of the path, e.g. ``/api/v2/persons*``; ``*`` also stands for slashes."""

    probability: float = 1.0
    times: int | None = None
    """At most so many hits."""

    nth: int | None = None
    """Only the Kth matching request, counted from one."""

    seconds: float = 0.0
    status: int | None = None

    @classmethod
    def parse(cls, rule: object) -> Self:
        """A rule from JSON; says what is wrong with it."""
        if not isinstance(rule, dict):
            raise FaultError("a fault is an object")
        unknown = rule.keys() - set(cls.__slots__)
        if unknown:
            raise FaultError(f"a fault has no {', '.join(sorted(map(str, unknown)))}")
        if not isinstance(rule.get("kind"), str) or rule["kind"] not in KINDS:
            raise FaultError(f"kind is one of {', '.join(sorted(KINDS))}")
        for name in ("side", "method", "route"):
            if not isinstance(rule.get(name, "*"), str):
                raise FaultError(f"{name} is a pattern")
        for name in ("times", "nth"):
            if rule.get(name) is not None and not (type(rule[name]) is int and rule[name] > 0):
                raise FaultError(f"{name} is a whole number from 1")
        if not 0 <= _number(rule, "probability", 1.0) <= 1:
            raise FaultError("probability lies between 0 and 1")
        if _number(rule, "seconds", 0.0) < 0:
            raise FaultError("seconds are not negative")
        _check_details(rule)
        return cls(**rule)

    def matches(self, side: str, method: str, route: str) -> bool:
        """Whether a request is of the kind that this rule is about."""
        return (
            fnmatchcase(side, self.side)
            and fnmatchcase(method, self.method)
            and fnmatchcase(route, self.route)
        )


@dataclass(slots=True)
class _Rule:
    id: int
    fault: Fault
    seen: int
    hits: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is to go wrong with one request."""

    latency: float = 0.0
    fault: Fault | None = None
    """The first rule that hits, other than latency."""

    @property
    def label(self) -> str | None:
        """The name in the ledger."""
        if self.fault is None:
            return "latency" if self.latency else None
        return f"status_{self.fault.status}" if self.fault.kind == "status" else self.fault.kind


NOTHING = Drawn()


class Faults:
    """The rules in force."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._rules: list[_Rule] = []
        self._random = random.Random(0)
        self.load()

    def load(self) -> None:
        """Read the rules from the file."""
        self._rules = [
            _Rule(row["id"], Fault.parse(json.loads(row["rule"])), row["seen"], row["hits"])
            for row in self._db.rows("SELECT id, rule, seen, hits FROM faults_rules ORDER BY id")
        ]

    def replace(self, faults: list[Fault], seed: int = 0) -> None:
        """Put these rules in force instead of the present ones."""
        with self._db.transaction():
            self._db.execute("DELETE FROM faults_rules")
            self._db.executemany(
                "INSERT INTO faults_rules (rule) VALUES (?)",
                [(json.dumps(_sparse(fault)),) for fault in faults],
            )
        self._random = random.Random(seed)
        self.load()

    def listing(self) -> list[dict[str, Any]]:
        """The rules with their counters."""
        return [_sparse(rule.fault) | {"seen": rule.seen, "hits": rule.hits} for rule in self._rules]

    def draw(self, side: str, method: str, route: str) -> Drawn:
        """Decide what goes wrong with this request, and count."""
        if not self._rules:
            return NOTHING
        latency = 0.0
        chosen: Fault | None = None
        for rule in self._rules:
            if not rule.fault.matches(side, method, route):
                continue
            rule.seen += 1
            is_latency = rule.fault.kind == "latency"
            if self._hits(rule) and (is_latency or chosen is None):
                rule.hits += 1
                if is_latency:
                    latency += rule.fault.seconds
                else:
                    chosen = rule.fault
            self._db.execute(
                "UPDATE faults_rules SET seen = ?, hits = ? WHERE id = ?", (rule.seen, rule.hits, rule.id)
            )
        return Drawn(latency, chosen)

    def _hits(self, rule: _Rule) -> bool:
        fault = rule.fault
        if fault.nth is not None and rule.seen != fault.nth:
            return False
        if fault.times is not None and rule.hits >= fault.times:
            return False
        return fault.probability >= 1 or self._random.random() < fault.probability


def _check_details(rule: dict[str, Any]) -> None:
    """What belongs to some kinds only."""
    if (rule["kind"] in _TIMED) != ("seconds" in rule):
        raise FaultError("latency and late_commit, and no other kind, take seconds")
    if (rule["kind"] == "status") != ("status" in rule):
        raise FaultError("the kind 'status', and no other, takes a status")
    if "status" in rule and (type(rule["status"]) is not int or rule["status"] not in STATUSES):
        raise FaultError(f"status is one of {', '.join(map(str, sorted(STATUSES)))}")


def _number(rule: dict[str, Any], name: str, default: float) -> float:
    value = rule.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FaultError(f"{name} is a number")
    if not math.isfinite(value):
        raise FaultError(f"{name} is a finite number")
    return float(value)


def _sparse(fault: Fault) -> dict[str, Any]:
    """The rule as it may be put again: without what is at its default."""
    plain = asdict(Fault(kind=fault.kind))
    given = {name: value for name, value in asdict(fault).items() if value != plain[name]}
    timed = {"seconds": fault.seconds} if fault.kind in _TIMED else {}
    return {"kind": fault.kind} | given | timed
