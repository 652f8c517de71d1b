"""The demo data, made once for all tests of a run, and what an audit and a plan say of it, made once per process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import pdsync
from tests.api.demo_folder import shared_demo_folder


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What works on the demo's 3,400 people waits for ``make check-all``: making and auditing them takes a while."""
    for item in items:
        if "demo_account" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.long)


@pytest.fixture(scope="session")
def demo_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pdsync.Account]:
    """The account that ``pdsync.demo()`` opens."""
    with shared_demo_folder(tmp_path_factory):
        yield pdsync.demo(progress=False)


@pytest.fixture(scope="session")
def audited(demo_account: pdsync.Account) -> pdsync.AuditReport:
    """Its audit, for tests that only look at it."""
    return demo_account.audit()


@pytest.fixture(scope="session")
def planned(demo_account: pdsync.Account) -> pdsync.Plan:
    """Its plan, for tests that only look at it."""
    return demo_account.plan()
