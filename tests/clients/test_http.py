"""The border to HTTP: what is sent again, what becomes which error, what never leaves."""

from __future__ import annotations

import gzip
import logging
import random
import ssl
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import msgspec
import pytest

from pdsync import errors
from pdsync.clients.addresses import check_address
from pdsync.clients.failures import FATES, Failure, Fate
from pdsync.clients.http import ATTEMPTS, Call, _certificates, next_pause, query_string
from pdsync.clients.redaction import Redactor
from tests.clients.fakes import TOKEN, FakeClock, Raising, Reply, Script, answer, html, http_over

GET = Call("GET", "/api/v2/persons", "read persons", cost=10)
PATCH = Call("PATCH", "/api/v2/persons/1", "update person 1", json={"a": 1}, cost=5, writes=True)
POST = Call("POST", "/api/v2/persons", "create person", json={"a": 1}, cost=5, writes=True, repeatable=False)
OK = answer(200, {"data": [1]})


class Data(msgspec.Struct):
    data: list[int]


class Anything(msgspec.Struct):
    data: list[object]


# which failures lead to a second request


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
@pytest.mark.parametrize("call", [GET, PATCH], ids=["GET", "PATCH"])
async def test_repeatable_calls_are_sent_again(call: Call, status: int) -> None:
    """GET, PATCH and DELETE are sent again after 429, 500, 502, 503 and 504."""
    script = Script(answer(status), answer(status), OK)
    assert (await http_over(script, FakeClock()).send(call)).status == 200
    assert len(script.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 409, 410, 415, 422, 501])
async def test_what_would_fail_again_is_not_sent_again(status: int) -> None:
    """A refusal is final."""
    script = Script(answer(status))
    with pytest.raises(errors.PdsyncError):
        await http_over(script, FakeClock()).send(GET)
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("slow"),
        httpx.PoolTimeout("full"),
        answer(429),
        answer(503),
    ],
    ids=lambda f: type(f).__name__ if isinstance(f, Exception) else str(f.status_code),
)
async def test_a_create_is_sent_again_only_if_it_surely_did_not_happen(failure: Reply) -> None:
    """POST: after a failed connection, 429 or 503, and after nothing else (no idempotency key exists; reference 4)."""
    script = Script(failure, OK)
    await http_over(script, FakeClock()).send(POST)
    assert len(script.requests) == 2


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ReadTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.WriteError("reset"),
        httpx.WriteTimeout("slow"),
        httpx.RemoteProtocolError("Server disconnected without sending a response."),
        answer(500),
        answer(502),
        answer(504),
    ],
    ids=lambda f: type(f).__name__ if isinstance(f, Exception) else str(f.status_code),
)
async def test_a_create_whose_answer_is_lost_is_never_sent_again(failure: Reply) -> None:
    """After anything else it may have happened: AnswerLost, one request, and the engine looks for the record."""
    script = Script(failure, OK)
    with pytest.raises(errors.AnswerLost, match="may have been carried out"):
        await http_over(script, FakeClock()).send(POST)
    assert len(script.requests) == 1


async def test_an_update_whose_answer_stays_lost() -> None:
    """A PATCH is repeated, and if no answer ever comes, it may have happened."""
    script = Script(httpx.ReadTimeout("slow"))
    with pytest.raises(errors.AnswerLost):
        await http_over(script, FakeClock()).send(PATCH)
    assert len(script.requests) == ATTEMPTS


@pytest.mark.parametrize(
    "first", [httpx.ReadTimeout("slow"), answer(502), answer(500)], ids=["cut", "502", "500"]
)
@pytest.mark.parametrize(
    "last",
    [
        answer(401),
        answer(400, {"error": "Validation failed"}),
        html(403),
        answer(503),
        answer(429),
        answer(429, x_daily_ratelimit_token_remaining="0"),
    ],
    ids=["401", "400", "html", "503", "429", "empty day"],
)
async def test_a_refusal_after_a_lost_answer_does_not_mean_that_nothing_happened(
    first: Reply, last: Reply
) -> None:
    """The first try may have been carried out, so the last one's error must not be journalled as 'not sent' (design 7)."""
    script = Script(first, last)
    with pytest.raises(errors.AnswerLost, match="earlier try"):
        await http_over(script, FakeClock()).send(PATCH)


async def test_a_record_that_is_gone_after_a_lost_answer_is_gone() -> None:
    """There is nothing left to look at."""
    with pytest.raises(errors.NotFound):
        await http_over(Script(answer(502), answer(404)), FakeClock()).send(PATCH)


async def test_a_read_keeps_its_error_after_a_lost_answer() -> None:
    """A GET changes nothing: its last error says most."""
    with pytest.raises(errors.Unauthorised):
        await http_over(Script(answer(502), answer(401)), FakeClock()).send(GET)


async def test_a_write_leaves_in_time_or_not_at_all() -> None:
    """After a pause that is longer than what was read is good for, a write is given back instead of sent (design 7)."""
    clock = FakeClock()
    script = Script(answer(429, x_ratelimit_reset="30"), OK)
    http = http_over(script, clock)
    with pytest.raises(errors.Overdue):
        await http.send(replace(PATCH, within=10.0))
    assert len(script.requests) == 1
    assert (await http.send(replace(PATCH, within=10.0))).status == 200


@pytest.mark.parametrize(
    ("failure", "error"),
    [(httpx.ConnectError("refused"), errors.Unreachable), (answer(503), errors.ServiceFault)],
)
async def test_a_write_that_failed_until_it_was_too_late_has_failed(
    failure: Reply, error: type[errors.PdsyncError]
) -> None:
    """A service that is down is told as down; only who waits for its turn is asked to look again."""
    with pytest.raises(error) as caught:
        await http_over(Script(failure), FakeClock()).send(replace(PATCH, within=10.0))
    assert type(caught.value) is error


async def test_a_write_that_may_have_happened_is_not_repeated_when_it_is_late() -> None:
    """A PATCH that got no answer for a minute is looked at, not sent over what somebody typed since."""
    clock = FakeClock()

    def hangs(_request: httpx.Request) -> httpx.Response:
        clock.now += 60.0
        raise httpx.ReadTimeout("slow")

    script = Script(hangs, OK)
    with pytest.raises(errors.AnswerLost):
        await http_over(script, clock).send(replace(PATCH, within=10.0))
    assert len(script.requests) == 1


@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_obeyed(status: int) -> None:
    """Pipedrive does not promise it, Plezi's limits are unknown, and gateways send it; up to a minute, seconds only."""
    clock = FakeClock()
    await http_over(Script(answer(status, retry_after="7"), OK), clock).send(GET)
    assert clock.slept == [7.0]
    dated = Failure(None, status, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"})
    pause = next_pause(GET, dated, 1, random.Random(1))
    assert pause is not None
    assert pause <= 3.0


async def test_a_read_that_never_gets_through() -> None:
    """The error names the host and what to do, and says that nothing was sent."""
    script = Script(httpx.ConnectError("[Errno -2] Name or service not known"))
    with pytest.raises(errors.Unreachable) as caught:
        await http_over(script, FakeClock()).send(GET)
    assert not isinstance(caught.value, errors.AnswerLost)
    assert "acme.pipedrive.com" in str(caught.value)
    assert "Name or service not known" in str(caught.value)
    assert "pipedrive.url" in caught.value.next_step
    assert len(script.requests) == ATTEMPTS


# how long is waited


async def test_429_waits_as_long_as_the_service_says() -> None:
    """x-ratelimit-reset, in seconds, and every wait is told."""
    told: list[tuple[float, str]] = []
    clock = FakeClock()
    script = Script(answer(429, x_ratelimit_reset="3"), OK)
    await http_over(script, clock, on_wait=lambda seconds, why: told.append((seconds, why))).send(GET)
    assert clock.slept == [3.0]
    assert told == [(3.0, "it answered 429")]


@pytest.mark.parametrize(
    ("reset", "least", "most"),
    [
        ("3600", 60.0, 60.0),
        ("0", 1.0, 1.0),
        ("", 2.0, 3.0),
        ("soon", 2.0, 3.0),
        ("-1", 2.0, 3.0),
        ("1.5", 2.0, 3.0),
    ],
)
def test_reset_is_capped_and_not_needed(reset: str, least: float, most: float) -> None:
    """At most a minute; without a number two seconds and up to a half more."""
    failure = Failure(None, 429, {"x-ratelimit-reset": reset})
    pause = next_pause(GET, failure, 1, random.Random(1))
    assert pause is not None
    assert least <= pause <= most


def test_pauses_double_with_jitter_up_to_a_minute() -> None:
    """2, 4, 8, 16, 32 seconds after 429s without a header, 0.5, 1, 2 ... after other trouble; then it is given up."""
    dice = random.Random(1)
    refused, broken = Failure(None, 429, {}), Failure(None, 500, {})
    for attempt, least in enumerate([2, 4, 8, 16, 32], 1):
        for failure, wanted in ((refused, least), (broken, least / 4)):
            pause = next_pause(GET, failure, attempt, dice)
            assert pause is not None
            assert wanted <= pause <= wanted * 1.5
    assert next_pause(GET, refused, ATTEMPTS, dice) is None


async def test_429_with_an_empty_day_is_final() -> None:
    """With a balance of zero a 429 means 'until tomorrow': one request, and the rest of the run is not tried."""
    clock = FakeClock()
    script = Script(answer(429, x_ratelimit_reset="2", x_daily_ratelimit_token_remaining="0"))
    with pytest.raises(errors.BudgetExhausted, match="used up"):
        await http_over(script, clock).send(GET)
    assert len(script.requests) == 1
    assert clock.slept == []


async def test_429_with_too_few_tokens_for_this_call() -> None:
    """Seven tokens do not buy a list call of ten: the same as none."""
    script = Script(answer(429, x_daily_ratelimit_token_remaining="7"))
    with pytest.raises(errors.BudgetExhausted):
        await http_over(script, FakeClock()).send(GET)


async def test_endless_429_gives_up() -> None:
    """Headers may be missing (reference 3): then a stubborn 429 ends after some tries, and says what it may mean."""
    script = Script(answer(429))
    with pytest.raises(errors.BudgetExhausted, match="after 6 tries"):
        await http_over(script, FakeClock()).send(GET)


async def test_a_held_client_sends_nothing_else() -> None:
    """While one request waits after a 429, others wait with it."""
    clock = FakeClock()
    script = Script(answer(429, x_ratelimit_reset="5"), OK)
    http = http_over(script, clock)
    await http.send(GET)
    await http.send(GET)
    assert clock.slept == [5.0]


# which error it becomes

CASES: list[tuple[Callable[[], httpx.Response], type[errors.PdsyncError], str]] = [
    (lambda: answer(401, {"error": "unauthorized access"}), errors.Unauthorised, "refused the key (401)"),
    (lambda: answer(402), errors.Forbidden, "not open (402)"),
    (lambda: answer(403, {"error": "Scope and URL mismatch"}), errors.Forbidden, "Scope and URL mismatch"),
    (lambda: html(403), errors.Blocked, "firewall"),
    (lambda: answer(404, {"error": "Person not found"}), errors.NotFound, "Person not found"),
    (lambda: answer(410, {"success": True, "data": {"id": 11}}), errors.NotFound, "410"),
    (lambda: answer(400, {"error": "Validation failed: x"}), errors.Rejected, "Validation failed: x"),
    (lambda: answer(409, {"errors": [{"title": "T", "detail": "D"}]}), errors.Rejected, "D"),
    (lambda: answer(422, {"errors": [{"title": "T"}]}), errors.Rejected, "T"),
    (
        lambda: httpx.Response(302, headers={"location": "https://evil.example.com"}),
        errors.BadAnswer,
        "redirects",
    ),
    (lambda: answer(418), errors.BadAnswer, "418"),
    (lambda: answer(501), errors.ServiceFault, "501"),
]


@pytest.mark.parametrize(("reply", "error", "says"), CASES, ids=[f"{c[1].__name__}-{c[2]}" for c in CASES])
async def test_statuses(
    reply: Callable[[], httpx.Response], error: type[errors.PdsyncError], says: str
) -> None:
    """Reference 4: each status is one kind of error, which says what the service said and that nothing was written."""
    script = Script(reply())
    with pytest.raises(error) as caught:
        await http_over(script, FakeClock()).send(GET)
    assert type(caught.value) is error
    assert says in caught.value.message
    assert caught.value.untouched
    assert len(script.requests) == 1, "no redirect is followed, nothing is tried again"


async def test_a_fault_that_stays() -> None:
    """5xx after all tries."""
    with pytest.raises(errors.ServiceFault, match="500"):
        await http_over(Script(answer(500, {"error": "Internal Server Error"})), FakeClock()).send(GET)


def test_every_exception_of_httpx_is_mapped() -> None:
    """Whatever httpx may raise has a fate here; a class that a new version brings fails this test."""
    classes = {
        name
        for name in httpx.__all__
        if isinstance(kind := getattr(httpx, name), type) and issubclass(kind, Exception)
    }
    assert classes == set(FATES)


@pytest.mark.parametrize("name", sorted(FATES))
async def test_no_exception_of_httpx_gets_through(name: str) -> None:
    """Each of them, raised by the transport, comes out as one of ours."""
    kind = getattr(httpx, name)
    if issubclass(kind, httpx.HTTPStatusError):
        raised: Exception = kind(
            "x", request=httpx.Request("GET", "https://x.example.com"), response=httpx.Response(500)
        )
    elif issubclass(kind, httpx.StreamError) and kind is not httpx.StreamError:
        raised = kind()
    else:
        raised = kind("x")
    for call in (GET, POST):
        with pytest.raises(errors.PdsyncError) as caught:
            await http_over(Script(raised), FakeClock()).send(call)
        lost = call is POST and FATES[name] in (Fate.UNKNOWN, Fate.CUT)
        assert isinstance(caught.value, errors.AnswerLost) is lost


async def test_an_answer_that_breaks_off() -> None:
    """An answer that began and broke off is read again; if it stays so, it is a BadAnswer; for a write, AnswerLost."""

    def broken(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=Raising(b'{"data": [', httpx.RemoteProtocolError("peer closed")))

    assert await http_over(Script(broken, OK), FakeClock()).decode(GET, Data) == Data([1])
    with pytest.raises(errors.BadAnswer, match="broke off"):
        await http_over(Script(broken), FakeClock()).send(GET)
    with pytest.raises(errors.AnswerLost):
        await http_over(Script(broken), FakeClock()).send(POST)


@pytest.mark.parametrize(
    "reply",
    [
        html(),
        httpx.Response(200, content=b'{"data": [1'),
        httpx.Response(200, content=b""),
        httpx.Response(200, content=b"null"),
        answer(200, {"data": "many"}),
        answer(200, {"other": 1}),
        httpx.Response(200, content=b'{"data": ["\xff"]}'),
    ],
    ids=["html", "truncated", "empty", "null", "wrong type", "missing key", "not UTF-8"],
)
async def test_answers_that_are_not_what_they_should_be(reply: httpx.Response) -> None:
    """HTML, half a JSON text, another shape: BadAnswer for a read; after a write nobody knows, so AnswerLost."""
    with pytest.raises(errors.BadAnswer, match=r"acme\.pipedrive\.com"):
        await http_over(Script(reply), FakeClock()).decode(GET, Data)
    with pytest.raises(errors.AnswerLost):
        await http_over(Script(reply), FakeClock()).decode(POST, Data)


async def test_an_answer_nested_without_end() -> None:
    """A body of a hundred thousand brackets is a BadAnswer, not a crash."""
    with pytest.raises(errors.BadAnswer):
        await http_over(Script(httpx.Response(200, content=b"[" * 100_000)), FakeClock()).decode(GET, object)


async def test_bodies_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer without end does not fill the memory, and is not asked for again."""
    monkeypatch.setattr("pdsync.clients.http._LARGEST_BODY", 1000)
    script = Script(httpx.Response(200, content=b"x" * 1001))
    with pytest.raises(errors.BadAnswer, match="too large"):
        await http_over(script, FakeClock()).send(GET)
    assert len(script.requests) == 1


async def test_an_answer_compressed_twice_is_not_unpacked() -> None:
    """300 bytes that would become 100 MB in one step, before any bound could be seen."""
    bomb = gzip.compress(gzip.compress(b"0" * 100_000_000))
    reply = httpx.Response(200, headers={"content-encoding": "gzip, gzip"}, stream=httpx.ByteStream(bomb))
    tracemalloc.start()
    try:
        with pytest.raises(errors.BadAnswer, match="too large"):
            await http_over(Script(reply), FakeClock()).send(GET)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "body",
    [b'{"data": [NaN]}', b'{"data": [1e999]}', b'{"data": [' + b"9" * 6000 + b"]}", b'{"data": [1.5]}'],
    ids=["NaN", "1e999", "6000 digits", "a fraction"],
)
async def test_numbers_that_are_none_are_a_bad_answer(body: bytes) -> None:
    """Neither a crash nor a value that no service can have meant."""
    with pytest.raises(errors.BadAnswer):
        await http_over(Script(httpx.Response(200, content=body)), FakeClock()).decode(GET, Data)


async def test_half_an_emoji_does_not_make_a_page_unreadable() -> None:
    """A text that somebody cut in the middle of one: read as it is, written as it is, next to whole ones."""
    body = rb'{"data": [{"name": "Zo\u00e9 \ud83d", "more": "\ud83d\ude00", "n": 1.5}]}'
    script = Script(httpx.Response(200, content=body))
    http = http_over(script, FakeClock())
    (person,) = (await http.decode(GET, Anything)).data
    assert person == {"name": "Zoé \ud83d", "more": "😀", "n": 1.5}
    await http.send(replace(PATCH, json={"last_name": "\ud83d"}))
    assert script.requests[-1].content == rb'{"last_name":"\ud83d"}'


@pytest.mark.parametrize(
    "body",
    [
        rb'{"data": ["\ud83d", NaN]}',
        rb'{"data": ["\ud83d", 1e999]}',
        rb'{"data": ["\ud83d"',
        rb'{"a": "\ud83d"}',
    ],
)
async def test_half_an_emoji_opens_no_door_to_what_is_no_json(body: bytes) -> None:
    """Numbers that are none, truncation and another shape are refused as ever."""
    with pytest.raises(errors.BadAnswer):
        await http_over(Script(httpx.Response(200, content=body)), FakeClock()).decode(GET, Anything)


async def test_an_endless_error_page_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a huge error page only the status counts."""
    monkeypatch.setattr("pdsync.clients.http._LARGEST_ERROR", 10)
    with pytest.raises(errors.NotFound):
        await http_over(Script(answer(404, {"error": "x" * 100})), FakeClock()).send(GET)


async def test_server_time_is_that_of_the_last_answer() -> None:
    """The Date header; None before the first answer; an odd one changes nothing."""
    http = http_over(
        Script(
            answer(200, date="Mon, 23 Nov 2026 20:45:03 GMT"),
            answer(200, date="soon"),
            answer(200, date="Mon, 23 Nov 2026 20:45:03 -0000"),
        ),
        FakeClock(),
    )
    seen = [http.server_time]
    for _ in range(3):
        await http.send(GET)
        seen.append(http.server_time)
    sent = datetime(2026, 11, 23, 20, 45, 3, tzinfo=UTC)
    assert seen == [None, sent, sent, sent]


# what never leaves


@pytest.mark.parametrize("trust_env", [True, False])
def test_certificates_are_checked(*, trust_env: bool) -> None:
    """Nothing in settings or environment switches it off: the token goes to the service or nowhere."""
    context = _certificates(trust_env=trust_env)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


async def test_no_error_holds_a_key() -> None:
    """A service that echoes the token into its error, and an exception that quotes it, do not get it into ours."""
    echo = answer(400, {"error": f"bad token {TOKEN} in api_token=abcdef"})
    for reply in (
        echo,
        httpx.ReadError(f"illegal header {TOKEN}"),
        httpx.ConnectError(f"https://x/?api_token={TOKEN}"),
    ):
        with pytest.raises(errors.PdsyncError) as caught:
            await http_over(Script(reply), FakeClock()).send(GET)
        text = f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"
        assert TOKEN not in text
        assert "abcdef" not in text
        assert "***" in text


async def test_no_log_line_holds_a_key_or_a_query(caplog: pytest.LogCaptureFixture) -> None:
    """Pdsync logs method, path and status; httpx and httpcore, which would log the rest, are silent at any level."""
    for name in ("", "httpx", "httpcore", "httpcore.http11", "httpcore.connection", "pdsync.clients"):
        caplog.set_level(logging.DEBUG, logger=name)
    call = Call("GET", "/api/v1/create", "submit", query=[("email", "zoe@example.com"), ("key", TOKEN)])
    await http_over(Script(OK), FakeClock()).send(call)
    assert "zoe" not in caplog.text
    assert TOKEN not in caplog.text
    assert "GET /api/v1/create 200" in caplog.text


def test_redaction_knows_keys_and_where_keys_stand() -> None:
    """Known secrets in any spelling, and whatever follows the name of a header or parameter that carries one."""
    redact = Redactor(["s3cr/t+key", "abc"])
    assert redact("a s3cr/t+key b s3cr%2Ft%2Bkey") == "a *** b ***"
    assert redact("abc is too short to hide") == "abc is too short to hide"
    assert redact("GET /x?api_token=1234&y=2") == "GET /x?api_token=***&y=2"
    assert redact("'x-api-token': 'deadbeef'") == "'x-api-token': '***'"
    assert redact("id=P,signature=aGVsbG8=,ts=1") == "id=P,signature=***,ts=1"


# addresses


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.pipedrive.com",
        "https://acme.pipedrive.com/",
        "http://127.0.0.1:8000",
        "http://localhost:1",
        "http://[::1]:9",
    ],
)
def test_addresses_that_may_be_used(url: str) -> None:
    """Https anywhere, http on this machine only."""
    assert check_address(url, setting="pipedrive.url") == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://acme.pipedrive.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "ftp://acme.pipedrive.com",
        "acme.pipedrive.com",
        "https://",
        "https://user:pass@acme.pipedrive.com",
        "https://:pass@acme.pipedrive.com",
        "https://@acme.pipedrive.com",
        "http://127.0.0.1\\@pipedrive.example.com",
        "http://127.0.0.1#@pipedrive.example.com",
        "http://0x7f.example.com",
        "https://acme.pipedrive.com?api_token=1",
        "https://[::1",
        "https://acme.pipedrive.com:port",
        "",
    ],
)
def test_addresses_that_may_not(url: str) -> None:
    """A key is not sent in the clear, nor to something that is no address."""
    with pytest.raises(errors.SettingsError, match=r"pipedrive\.url"):
        check_address(url, setting="pipedrive.url")


def test_query_is_encoded_once_and_in_order() -> None:
    """What is signed must be what is sent: order kept, UTF-8, commas as they are."""
    assert query_string([("b", "é &"), ("a", "1,2"), ("c[0]", "")]) == "b=%C3%A9%20%26&a=1,2&c%5B0%5D="
