"""Every audit test that asks for ``engine`` runs on each engine: equal results are the default, not an extra."""

from __future__ import annotations

import pytest

from pdsync.snapshots.engines import ENGINES


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest) -> str:
    """polars, then DuckDB."""
    name: str = request.param
    return name
