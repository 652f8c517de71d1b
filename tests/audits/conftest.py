"""Every audit test that asks for ``engine`` runs on each engine: equal results are the default, not an extra.

At every commit on polars; on DuckDB, which takes longer over small tables, in make check-all, and at every commit over the
demo's people (``test_demo_world``), in whom most audits find something.
"""

from __future__ import annotations

import pytest

from pdsync.snapshots.engines import ENGINES


@pytest.fixture(
    params=[
        "polars",
        *(pytest.param(name, marks=pytest.mark.long) for name in sorted(ENGINES.keys() - {"polars"})),
    ]
)
def engine(request: pytest.FixtureRequest) -> str:
    """polars, then DuckDB."""
    name: str = request.param
    return name
