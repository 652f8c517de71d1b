from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from pdsync.sandbox.account import Account
from pdsync.sandbox.clock import Clock
from pdsync.sandbox.database import Database
from pdsync.sandbox.pipedrive.switches import PIPEDRIVE_SWITCHES
from pdsync.sandbox.pipedrive.tables import PIPEDRIVE_SCHEMA
from pdsync.sandbox.plezi.app import plezi_service
from pdsync.sandbox.plezi.switches import PLEZI_SWITCHES
from pdsync.sandbox.plezi.tables import PLEZI_SCHEMA
from pdsync.sandbox.seeding import SEEDING_SCHEMA, seed
from pdsync.sandbox.switches import Switches
from tests.sandbox.plezi.stand import Stand


@pytest.fixture
async def plezi(tmp_path: Path) -> AsyncIterator[Stand]:
    """An account with fields and forms, and no contacts."""
    db = Database(tmp_path / "sandbox.db", [PIPEDRIVE_SCHEMA, PLEZI_SCHEMA, SEEDING_SCHEMA])
    clock = Clock(db)
    switches = Switches(db, [*PIPEDRIVE_SWITCHES, *PLEZI_SWITCHES])
    account = Account.open(db, {"plezi_tenant": "acme", "plezi_api_key": "key"})
    seed("empty", db, clock, switches)
    service = plezi_service(db, clock, switches, account)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(service.app),
        base_url="http://plezi",
        headers={"X-Tenant-Company": "acme", "X-API-Key": "key"},
    ) as client:
        yield Stand(db, clock, switches, account, service, client)
    db.close()
