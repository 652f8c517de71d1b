from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from pdsync.sandbox.clock import Clock
from pdsync.sandbox.database import Database
from pdsync.sandbox.faults import FAULTS_SCHEMA, Fault, Faults
from pdsync.sandbox.gateway import Gateway
from pdsync.sandbox.late import LateWrites
from pdsync.sandbox.ledger import LEDGER_SCHEMA, Ledger, Selection
from pdsync.sandbox.service import Admission, Service


class Stand:
    """A gateway before a service with two routes, in this process."""

    def __init__(self, path: Path) -> None:
        self.db = Database(path, [LEDGER_SCHEMA, FAULTS_SCHEMA])
        clock = Clock(self.db)
        self.faults = Faults(self.db)
        self.ledger = Ledger(self.db, clock)
        self.late = LateWrites(clock)
        app = Starlette(routes=[Route("/fine/{id}", self._fine), Route("/broken", self._broken)])
        service = Service("test", app, self._refuse, self._admit)
        self.gateway = Gateway(service, clock, self.faults, self.ledger, self.late)

    async def _fine(self, request: Request) -> Response:
        return PlainTextResponse(request.path_params["id"] + (await request.body()).decode())

    async def _broken(self, _request: Request) -> Response:
        raise LookupError("a mistake of ours")

    def _refuse(self, status: int) -> Response:
        return PlainTextResponse(f"refused {status}", status)

    def _admit(self, request: Request, route: str) -> Admission:
        headers = {"x-route": route}
        if "stranger" in request.headers:
            return Admission(headers=headers, refusal=self._refuse(401))
        return Admission(7, headers)


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    """A gateway with an empty ledger."""
    stand = Stand(tmp_path / "sandbox.db")
    yield stand
    stand.db.close()


@pytest.fixture
async def client(stand: Stand) -> AsyncIterator[httpx.AsyncClient]:
    """A client of it."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(stand.gateway), base_url="http://test"
    ) as client:
        yield client


async def test_a_request_is_handled_charged_and_noted(stand: Stand, client: httpx.AsyncClient) -> None:
    """The row has the template, not only the path."""
    answer = await client.request("GET", "/fine/5", content=b"!", params={"a": "b c"})
    assert (answer.text, answer.headers["x-route"]) == ("5!", "/fine/{id}")
    (entry,) = stand.ledger.entries(Selection(), 10)
    assert (entry["route"], entry["path"], entry["query"], entry["tokens"]) == (
        "/fine/{id}",
        "/fine/5",
        "a=b+c",
        7,
    )


async def test_a_refused_request_reaches_no_handler(stand: Stand, client: httpx.AsyncClient) -> None:
    """It costs nothing, and its answer carries the headers too."""
    answer = await client.get("/broken", headers={"stranger": "1"})
    assert (answer.status_code, answer.headers["x-route"]) == (401, "/broken")
    assert stand.ledger.summary(Selection())["tokens"] == 0


async def test_a_mistake_of_ours_becomes_a_500(
    stand: Stand, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """In the form of the service, with the traceback in the log, and the server goes on."""
    with caplog.at_level(logging.ERROR):
        answer = await client.get("/broken")
    assert (answer.status_code, answer.text) == (500, "refused 500")
    assert "a mistake of ours" in caplog.text
    assert (await client.get("/fine/5")).status_code == 200
    assert stand.ledger.summary(Selection(route="/broken"))["routes"][0]["statuses"] == {"500": 1}


async def test_an_unknown_path_has_no_route(stand: Stand, client: httpx.AsyncClient) -> None:
    """Its row says so, and rules for other routes do not match it."""
    stand.faults.replace([Fault("status", route="/fine/*", status=500)])
    assert (await client.get("/fine")).status_code == 404
    assert (await client.get("/fine/5")).status_code == 500
    assert [entry["route"] for entry in stand.ledger.entries(Selection(), 10)] == ["-", "/fine/{id}"]


async def test_a_connection_can_only_be_lost_where_it_is_known(
    stand: Stand, client: httpx.AsyncClient
) -> None:
    """Served by anything but TrackedProtocol, a drop says what is missing."""
    stand.faults.replace([Fault("drop_before_commit")])
    with pytest.raises(RuntimeError, match="TrackedProtocol"):
        await client.get("/fine/5")


async def test_late_work_is_done_in_the_order_of_its_time(stand: Stand) -> None:
    """Not in the order in which it was put off."""
    done: list[str] = []

    def work(name: str) -> None:
        async def note() -> None:
            done.append(name)

        stand.late.after(len(name), note)

    for name in ("ccc", "a", "bb"):
        work(name)
    await stand.late.flush()
    assert (done, len(stand.late)) == (["a", "bb", "ccc"], 0)
