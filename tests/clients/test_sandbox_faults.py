"""Both live clients against a server that misbehaves: real sockets, real lost connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from pdsync import errors
from pdsync.clients import Client, PipedriveCredentials, PleziCredentials, open_pipedrive, open_plezi
from pdsync.clients.http import ATTEMPTS
from pdsync.clients.pipedrive import PipedriveClient
from pdsync.model import Side, Value
from tests.clients.fakes import FakeClock
from tests.sandbox_process import SandboxProcess

NEW: dict[Side, dict[str, Value]] = {
    Side.PIPEDRIVE: {
        "first_name": "Zoé",
        "last_name": "Lefèvre",
        "email": [{"value": "zoe@example.com", "primary": True, "label": "work"}],
    },
    Side.PLEZI: {"first_name": "Zoé", "last_name": "Lefèvre", "email": "zoe@example.com"},
}
LIST = {Side.PIPEDRIVE: "/api/v2/persons", Side.PLEZI: "/api/sandbox/v1/contacts"}
ONE = {side: f"{route}/{{id}}" for side, route in LIST.items()}


class Live:
    """A client of the sandbox, with waits that take no time and are written down."""

    def __init__(self, sandbox: SandboxProcess, side: Side, **given: Any) -> None:
        self.clock = FakeClock()
        self.side = side
        self.sandbox = sandbox
        self.client: Client
        if side is Side.PIPEDRIVE:
            token = given.get("token", sandbox.pipedrive_token)
            self.client = open_pipedrive(
                PipedriveCredentials(token), sandbox.pipedrive_url, plan="ultimate", clock=self.clock
            )
        else:
            keys = sandbox.ready["plezi"]
            credentials = PleziCredentials(keys["tenant"], given.get("token", keys["api_key"]))
            self.client = open_plezi(credentials, "sandbox", sandbox.plezi_url, clock=self.clock)

    def fault(self, kind: str, method: str = "*", route: str = "*", **more: Any) -> None:
        """One kind of fault for some requests of this side; the session's set-up has its answers first."""
        self.sandbox.control.faults(
            {"kind": kind, "side": str(self.side), "method": method, "route": route, **more}
        )

    def sent(self, method: str) -> int:
        """Requests of this method that reached the sandbox."""
        return self.sandbox.control.requests(side=str(self.side), method=method)

    async def count(self) -> int:
        """How many records there are, without faults."""
        self.sandbox.control.faults()
        return sum([len(page) async for page in self.client.pages()])


@pytest.fixture(params=list(Side), ids=str)
async def live(sandbox: SandboxProcess, request: pytest.FixtureRequest) -> AsyncIterator[Live]:
    """A client of each side, whose field list is loaded."""
    one = Live(sandbox, request.param)
    await one.client.schema()
    yield one
    await one.client.aclose()


async def test_a_create_whose_request_is_dropped(live: Live) -> None:
    """Before the commit: the client cannot know, so AnswerLost, one request, and nothing was made."""
    live.fault("drop_before_commit", "POST")
    with pytest.raises(errors.AnswerLost):
        await live.client.create(NEW[live.side])
    assert live.sent("POST") == 1
    assert await live.count() == 0


async def test_a_create_whose_answer_is_dropped(live: Live) -> None:
    """After the commit: the same error, one request, and one record, which newest() finds."""
    live.fault("drop_after_commit", "POST")
    with pytest.raises(errors.AnswerLost):
        await live.client.create(NEW[live.side])
    assert live.sent("POST") == 1
    assert await live.count() == 1
    (found,) = [record async for page in live.client.newest() for record in page]
    assert found.values["first_name"] == "Zoé"


@pytest.mark.parametrize("kind", ["truncated_body", "html"])
async def test_a_create_whose_answer_cannot_be_read(live: Live, kind: str) -> None:
    """Half an answer or a web page after a create: it was made, so AnswerLost and no second request."""
    live.fault(kind, "POST")
    with pytest.raises(errors.AnswerLost):
        await live.client.create(NEW[live.side])
    assert live.sent("POST") == 1
    assert await live.count() == 1


@pytest.mark.parametrize("status", [500, 502])
async def test_a_create_that_met_an_error_of_the_service(live: Live, status: int) -> None:
    """Whether something was made behind a 500 or 502 nobody knows."""
    live.fault("status", "POST", status=status)
    with pytest.raises(errors.AnswerLost):
        await live.client.create(NEW[live.side])
    assert live.sent("POST") == 1


@pytest.mark.parametrize("status", [429, 503])
async def test_a_create_that_was_surely_refused(live: Live, status: int) -> None:
    """429 and 503 refuse before anything is done: sent again, made once."""
    live.fault("status", "POST", status=status, times=2)
    await live.client.create(NEW[live.side])
    assert live.sent("POST") == 3
    assert await live.count() == 1


@pytest.mark.parametrize("kind", ["drop_before_commit", "drop_after_commit", "truncated_body"])
async def test_an_update_is_repeated(live: Live, kind: str) -> None:
    """A PATCH with the same values may be sent twice: whatever was lost, the record holds them, and one answer came."""
    record = await live.client.create(NEW[live.side])
    live.fault(kind, "PATCH", times=2)
    updated = await live.client.update(record.id, {"last_name": "Garnier"})
    assert updated.values["last_name"] == "Garnier"
    assert live.sent("PATCH") == 3


async def test_an_update_that_never_gets_an_answer(live: Live) -> None:
    """AnswerLost: it may have happened, and here it did."""
    record = await live.client.create(NEW[live.side])
    live.fault("drop_after_commit", "PATCH")
    with pytest.raises(errors.AnswerLost):
        await live.client.update(record.id, {"last_name": "Garnier"})
    assert live.sent("PATCH") == ATTEMPTS
    live.sandbox.control.faults()
    assert (await live.client.read([record.id]))[record.id].values["last_name"] == "Garnier"


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ({"kind": "html"}, errors.BadAnswer),
        ({"kind": "truncated_body"}, errors.BadAnswer),
        ({"kind": "drop_before_commit"}, errors.Unreachable),
        ({"kind": "status", "status": 500}, errors.ServiceFault),
        ({"kind": "status", "status": 502}, errors.ServiceFault),
        ({"kind": "status", "status": 503}, errors.ServiceFault),
        ({"kind": "status", "status": 429}, errors.BudgetExhausted),
        ({"kind": "expired_token"}, errors.Unauthorised),
    ],
    ids=lambda value: "-".join(str(v) for v in value.values()) if isinstance(value, dict) else "",
)
async def test_reads_under_faults_that_stay(
    live: Live, rule: dict[str, Any], error: type[errors.PdsyncError]
) -> None:
    """Each ends in its own error, with the host, what is untouched and what to do."""
    await live.client.create(NEW[live.side])
    live.fault(method="GET", route=LIST[live.side], **rule)
    with pytest.raises(error) as caught:
        async for _ in live.client.pages():
            pass
    assert type(caught.value) is error
    assert caught.value.untouched
    assert caught.value.next_step


async def test_reads_go_on_after_faults_that_pass(live: Live) -> None:
    """A truncated page, a lost connection, a 500: the page is read again, and nobody is missing or double."""
    made = [(await live.client.create({**NEW[live.side], **_email(live.side, n)})).id for n in range(3)]
    for rule in (
        {"kind": "truncated_body"},
        {"kind": "drop_after_commit"},
        {"kind": "status", "status": 500},
    ):
        live.fault(method="GET", route=LIST[live.side], nth=1, **rule)
        assert sorted([record.id async for page in live.client.pages() for record in page]) == sorted(made)
    assert live.clock.slept


def _email(side: Side, number: int) -> dict[str, Value]:
    address = f"zoe{number}@example.com"
    return {"email": address if side is Side.PLEZI else [{"value": address, "primary": True}]}


@pytest.mark.parametrize("side", list(Side), ids=str)
async def test_a_proxy_of_the_environment_sees_nothing_of_this_machine(
    sandbox: SandboxProcess, side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody listens at the proxy's address: a client of this machine does not even try it."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    live = Live(sandbox, side)
    assert (await live.client.account()).id
    await live.client.aclose()


async def test_wrong_keys(sandbox: SandboxProcess) -> None:
    """401 on both sides: says whose key, for which host, and what to do; the key itself is nowhere."""
    for side in Side:
        wrong = "feedface" * 5
        live = Live(sandbox, side, token=wrong)
        with pytest.raises(errors.Unauthorised) as caught:
            await live.client.schema()
        assert side.label in caught.value.message
        assert wrong not in str(caught.value)
        await live.client.aclose()


@pytest.mark.parametrize("side", list(Side), ids=str)
async def test_an_address_where_something_else_answers(sandbox: SandboxProcess, side: Side) -> None:
    """Each service's client at the other's address: one clear message, and no write was tried."""
    keys = sandbox.ready["plezi"]
    client: Client
    if side is Side.PIPEDRIVE:
        client = open_pipedrive(
            PipedriveCredentials(sandbox.pipedrive_token), sandbox.plezi_url, clock=FakeClock()
        )
    else:
        credentials = PleziCredentials(keys["tenant"], keys["api_key"])
        client = open_plezi(credentials, "sandbox", sandbox.pipedrive_url, clock=FakeClock())
    with pytest.raises((errors.BadAnswer, errors.Unauthorised)):
        await client.schema()
    await client.aclose()
    assert sandbox.control.requests(method="POST") == 0


async def test_a_burst_is_never_exceeded(sandbox: SandboxProcess) -> None:
    """With the plan's own pace and the real clock the sandbox refuses nothing, sixteen requests at once or not."""
    sandbox.control.turn(pipedrive__plan="lite")
    client = open_pipedrive(PipedriveCredentials(sandbox.pipedrive_token), sandbox.pipedrive_url, plan="lite")
    await client.schema()
    await asyncio.gather(*(client.read([str(n)]) for n in range(1, 31)))
    await client.aclose()
    statuses = {s for row in sandbox.control.ledger()["routes"] for s in row["statuses"]}
    assert statuses == {"200", "404"}
    assert client.budget.waited > 0


@pytest.mark.long
async def test_a_plan_stated_too_high_is_corrected_by_headers(sandbox: SandboxProcess) -> None:
    """Settings say Ultimate, the account is Lite: the first answer's x-ratelimit-limit sets the pace."""
    sandbox.control.turn(pipedrive__plan="lite")
    client = open_pipedrive(
        PipedriveCredentials(sandbox.pipedrive_token), sandbox.pipedrive_url, plan="ultimate"
    )
    await client.schema()
    await asyncio.gather(*(client.read([str(n)]) for n in range(1, 25)))
    await client.aclose()
    assert {s for row in sandbox.control.ledger()["routes"] for s in row["statuses"]} == {"200", "404"}


async def test_a_burst_without_headers_recovers(sandbox: SandboxProcess) -> None:
    """Headers may be missing: then a 429 tells, everything waits, and every read comes through in the end."""
    sandbox.control.turn(pipedrive__plan="lite", pipedrive__rate_limit_headers=False)
    client = open_pipedrive(
        PipedriveCredentials(sandbox.pipedrive_token), sandbox.pipedrive_url, plan="ultimate"
    )
    await client.schema()
    found = await asyncio.gather(*(client.read([str(n)]) for n in range(1, 25)))
    await client.aclose()
    assert found == [{}] * 24
    assert "429" in {s for row in sandbox.control.ledger()["routes"] for s in row["statuses"]}
    assert client.budget.waited >= 2.0


async def test_the_day_is_used_up(sandbox: SandboxProcess) -> None:
    """429 with a balance that buys nothing: BudgetExhausted at once, and nothing more is sent until told otherwise."""
    live = Live(sandbox, Side.PIPEDRIVE)
    await live.client.schema()
    sandbox.control.spend_tokens(210_000 - 12 - 4)
    with pytest.raises(errors.BudgetExhausted, match="used up"):
        async for _ in live.client.pages():
            pass
    assert live.clock.slept == []
    await live.client.aclose()


async def test_hammering_gets_a_block_that_is_not_retried(sandbox: SandboxProcess) -> None:
    """The firewall's 403 with a web page: Blocked, one request, no waiting."""
    sandbox.control.turn(pipedrive__plan="lite", pipedrive__block_after_refusals=1)
    raw = sandbox.pipedrive()
    while raw.get("/api/v2/persons/1").status_code != 403:
        pass
    raw.close()
    live = Live(sandbox, Side.PIPEDRIVE)
    before = live.sent("GET")
    with pytest.raises(errors.Blocked, match="firewall"):
        await live.client.account()
    assert live.sent("GET") == before + 1
    assert live.clock.slept == []
    await live.client.aclose()


async def test_a_token_of_a_user_who_sees_little(sandbox: SandboxProcess) -> None:
    """A read with such a token is partial, and only users/me tells."""
    users = [user["id"] for user in sandbox.control.state()["users"] if not user["is_admin"]]
    live = Live(sandbox, Side.PIPEDRIVE, token=sandbox.control.new_token(users[0]))
    administrator = Live(sandbox, Side.PIPEDRIVE)
    assert not (await live.client.account()).sees_everything
    assert (await administrator.client.account()).sees_everything
    await live.client.aclose()
    await administrator.client.aclose()


@pytest.mark.parametrize(
    ("persons", "calls"),
    [
        (0, 1),
        (1, 1),
        *(pytest.param(*case, marks=pytest.mark.long) for case in [(500, 1), (1200, 3)]),
        (501, 2),
    ],
)
async def test_a_full_read_costs_what_it_should(sandbox: SandboxProcess, persons: int, calls: int) -> None:
    """max(1, ceil(N/500)) list calls, ceil(fields/500) field calls and one users/me, by the sandbox's own ledger."""
    if persons:
        sandbox.control.seed("bench", size=persons)
    live = Live(sandbox, Side.PIPEDRIVE)
    assert await live.count() == persons
    routes = {row["route"]: row["requests"] for row in sandbox.control.ledger()["routes"]}
    assert routes == {"/api/v1/users/me": 1, "/api/v2/personFields": 1, "/api/v2/persons": calls}
    client = live.client
    assert isinstance(client, PipedriveClient)
    assert sandbox.control.tokens() == 2 + 10 + calls * 10 == client.budget.spent
    await client.aclose()


async def test_reading_again_costs_what_it_should(sandbox: SandboxProcess) -> None:
    """Below ten ids one GET each, from ten on one list call for up to a hundred (design 7); `cost` says the same."""
    sandbox.control.seed("bench", size=120)
    live = Live(sandbox, Side.PIPEDRIVE)
    await live.client.schema()
    for wanted, requests, tokens in [(1, 1, 1), (9, 9, 9), (10, 1, 10), (100, 1, 10), (105, 2, 20)]:
        sandbox.control.clear_ledger()
        records = await live.client.read([str(n) for n in range(1, wanted + 1)])
        assert len(records) == wanted
        assert (sandbox.control.requests(), sandbox.control.tokens()) == (requests, tokens)
        if wanted <= 100:
            assert live.client.cost(creates=0, updates=0, reads=wanted) == (requests, tokens)
    await live.client.aclose()


async def test_new_persons_without_a_time_of_change_are_read(sandbox: SandboxProcess) -> None:
    """The sandbox's updated_since misses persons that were never touched, as the real one may (reference 6.3)."""
    live = Live(sandbox, Side.PIPEDRIVE)
    first = await live.client.create({"name": "Before"})
    touched = await live.client.create({"name": "Touched"})
    sandbox.control.advance_clock(100)
    since = datetime.fromisoformat(sandbox.control.state()["clock"]["now"]).astimezone(UTC)
    await live.client.update(touched.id, {"name": "Touched now"})
    new = await live.client.create({"name": "New"})
    records = [r.id async for p in live.client.pages(since=since, known_highest_id=touched.id) for r in p]
    assert sorted(records) == sorted([touched.id, new.id])
    assert first.id not in records
    await live.client.aclose()
