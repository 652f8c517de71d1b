"""A decision in a few words, so that an example's expectation can be read aloud."""

from __future__ import annotations

from pdsync.model import ChangeKind, Decision


def tell(decision: Decision) -> list[str]:
    """One line per effect: writes, ledger changes, findings by code, counts."""
    lines: list[str] = []
    for change in decision.changes:
        after = f" after {change.depends_on}" if change.depends_on else ""
        if change.kind in (ChangeKind.CREATE, ChangeKind.UPDATE):
            fields = ", ".join(
                f"{f.code}={'<' + f.deferred + '>' if f.deferred else repr(f.after)} ({f.reason})"
                for f in change.fields
            )
            lines.append(f"{change.kind} {change.side}{after}: {fields}")
        else:
            bases = ", ".join(f"{k}" for k in change.bases)
            lines.append(f"{change.kind} {change.address}: {bases}".rstrip(": "))
    lines += [f"finding {f.code}" for f in decision.findings]
    lines += [f"count {name} {number}" for name, number in sorted(decision.counts.items())]
    return lines
