"""What a fix file holds, as JSON for programs: what is accepted, and the work that is left to people.

The repairs themselves are in the file, which is data already; here they are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from pdsync.model import FixFile, MissingOption, PairProposal, Side
from pdsync.report.json import VERSION

__all__ = ["fixes_data"]


def fixes_data(
    fixes: FixFile, paired: Collection[PairProposal] = (), by_hand: Collection[MissingOption] = ()
) -> dict[str, object]:
    """A fix file in JSON's terms.

    Args:
        fixes: The file.
        paired: The pairs that the mapping has already.
        by_hand: The options that nothing but a person can add.
    """
    accepted = Counter(repair.code for repair in fixes.accepted)
    total = Counter(repair.code for repair in fixes.repairs)
    return {
        "kind": "fixes",
        "version": VERSION,
        "path": fixes.path,
        "mapping": fixes.mapping,
        "accounts": {str(side): fixes.accounts[side] for side in Side},
        "repairs": {code: {"proposed": number, "accepted": accepted[code]} for code, number in total.items()},
        "pairs": [
            {
                "field": pair.field,
                "pipedrive": pair.pipedrive,
                "plezi": pair.plezi,
                "accepted": pair.accepted,
                "in_mapping": pair in paired,
            }
            for pair in fixes.pairs
        ],
        "options": [
            {
                "side": str(one.side),
                "field": one.field,
                "label": one.label,
                "records": one.records,
                "accepted": one.accepted,
                "by_hand": one in by_hand,
            }
            for one in fixes.options
        ],
        "merges": [
            {
                "keep": str(one.keep),
                "merge": [str(subject) for subject in one.merge],
                "why": one.why,
                "links": list(one.links),
            }
            for one in fixes.merges
        ],
    }
