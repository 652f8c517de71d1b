"""Pipedrive: API v2 for persons and person fields, v1 only for the users, of which v2 knows nothing.

What each call costs and answers is in the API reference (sections 1-4); numbers and quirks here name their place there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Unpack
from urllib.parse import urlsplit

import httpx
import msgspec

from pdsync.clients import pipedrive_costs as costs
from pdsync.clients.addresses import check_address
from pdsync.clients.budget import BURST, DAILY, Budget, OnWait, quiet
from pdsync.clients.clock import Clock, SystemClock
from pdsync.clients.credentials import PipedriveCredentials
from pdsync.clients.failures import Service
from pdsync.clients.http import Call, Http
from pdsync.clients.pipedrive_fields import LONGEST_OPTION, MARKETING, FieldRow, fields_of
from pdsync.clients.pipedrive_lists import add_options, list_options, remove_options
from pdsync.clients.pipedrive_records import Next, PersonShape, body_of, one_type, page_type
from pdsync.clients.protocol import Requests
from pdsync.errors import AccountMismatch, BadAnswer, NotFound, Rejected, SettingsError
from pdsync.model import Account, Capabilities, Finding, Option, Record, RemoteSchema, Side, Value

__all__ = ["PipedriveClient", "connect"]

_MOST_EMPTY_PAGES: Final = 20
_CENTRAL_HOSTS: Final = frozenset({"api", "api-proxy", "app", "www", "oauth"})
_KNOWN_ENDINGS: Final = ("/api/v2", "/api/v1", "/v1", "/api")


class _Me(msgspec.Struct):
    company_id: int | str
    company_name: str = ""
    company_domain: str = ""
    access: Any = None
    is_admin: Any = None


class _User(msgspec.Struct):
    id: int | str
    email: str | None = None
    active_flag: Any = None


class _One(msgspec.Struct):
    data: Any


class _MeAnswer(msgspec.Struct):
    data: _Me


class _UsersAnswer(msgspec.Struct):
    data: list[_User] | None


class _FieldPage(msgspec.Struct):
    data: list[FieldRow] | None
    additional_data: Next | None = None


class _Token(httpx.Auth):
    """The token in the header; in a query it would end up in logs (reference 1.4)."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Any:  # noqa: ANN401 - a generator, as httpx wants it
        request.headers["x-api-token"] = self._token
        yield request


def connect(
    credentials: PipedriveCredentials,
    base_url: str,
    *,
    plan: str = "lite",
    seats: int = 1,
    on_wait: OnWait = quiet,
    clock: Clock | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> PipedriveClient:
    """A client that made no request yet.

    ``base_url``: ``https://acme.pipedrive.com`` or ``https://api.pipedrive.com``, with or without ``/api/v2``.

    Raises:
        SettingsError: the address cannot be used, or the plan is unknown.
    """
    address = check_address(base_url, setting="pipedrive.url")
    for ending in _KNOWN_ENDINGS:
        address = address.removesuffix(ending)
    if plan not in BURST:
        raise SettingsError(f"pipedrive.plan is one of {', '.join(BURST)}, not {plan!r}.")
    host = urlsplit(address).netloc
    service = Service(
        "Pipedrive",
        host,
        "pipedrive.url",
        "Get a token under Settings > Personal preferences > API, then: pdsync login pipedrive",
        credential="token",
    )
    clock = clock or SystemClock()
    budget = Budget(clock, service="Pipedrive", burst=BURST[plan], daily=DAILY[plan] * seats, on_wait=on_wait)
    http = Http(
        address,
        service,
        auth=_Token(credentials.token),
        secrets=[credentials.token],
        budget=budget,
        clock=clock,
        transport=transport,
    )
    return PipedriveClient(http, host)


class PipedriveClient:
    """One account of Pipedrive. See ``protocol.Client`` for what each call promises."""

    side = Side.PIPEDRIVE

    def __init__(self, http: Http, host: str) -> None:
        self._http = http
        self._host = host
        # On api.pipedrive.com v1 lives under /v1, on a company's domain under /api/v1 (reference 1.4).
        self._v1 = "/v1" if host.partition(".")[0] in _CENTRAL_HOSTS else "/api/v1"
        self._account: Account | None = None
        self._schema: RemoteSchema | None = None
        self._shape: PersonShape | None = None
        self._lists_changed = False
        self._asking = asyncio.Lock()
        self._loading = asyncio.Lock()

    @property
    def budget(self) -> Budget:
        """Pace, tokens and waiting so far."""
        return self._http.budget

    async def account(self) -> Account:
        async with self._asking:
            if self._account is None:
                call = Call("GET", f"{self._v1}/users/me", "who am I", cost=costs.ME)
                try:
                    me = (await self._http.decode(call, _MeAnswer)).data
                except NotFound as error:
                    raise self._not_pipedrive() from error
                self._account = self._checked(me)
            return self._account

    def _checked(self, me: _Me) -> Account:
        """The account, if the address is not another company's: Pipedrive's token decides whose data is answered."""
        label, dot, rest = self._host.partition(".")
        expected = label if dot and rest == "pipedrive.com" and label not in _CENTRAL_HOSTS else ""
        if expected and me.company_domain and me.company_domain != expected:
            raise AccountMismatch(
                f"The token belongs to {me.company_domain}.pipedrive.com, not to {self._host}.",
                untouched="Nothing was read or written.",
                next_step="Correct pipedrive.url, or use a token of the other company.",
            )
        # Administrators of the app "sales" or of the whole account see every person ([infer] from v1 users/me).
        access = me.access if isinstance(me.access, list) else []
        admin = any(
            isinstance(row, dict) and row.get("admin") is True and row.get("app") in ("sales", "global")
            for row in access
        )
        domain = f"{me.company_domain}.pipedrive.com" if me.company_domain else self._host
        sees_everything = admin or me.is_admin in (1, True)
        return Account(Side.PIPEDRIVE, str(me.company_id), me.company_name, domain, sees_everything)

    async def schema(self) -> RemoteSchema:
        async with self._loading:
            if self._schema is None or self._lists_changed:
                account = await self.account()
                rows = [row async for page in self._field_pages() for row in page]
                fields = fields_of(rows)
                self._shape = PersonShape(fields)
                self._schema = RemoteSchema(
                    account,
                    fields,
                    Capabilities(
                        incremental=True,
                        delete=True,
                        read_batch=costs.BATCH,
                        recent_first=True,
                        change_lists=True,
                        longest_option=LONGEST_OPTION,
                    ),
                )
                self._lists_changed = False
            return self._schema

    async def _loaded(self) -> RemoteSchema:
        """The fields as they were read last: what a list offers does not matter to records."""
        return self._schema or await self.schema()

    async def _field_pages(self) -> AsyncIterator[list[FieldRow]]:
        cursor, seen = "", set[str]()
        while True:
            query = [("limit", str(costs.PAGE)), *([("cursor", cursor)] if cursor else [])]
            call = Call("GET", "/api/v2/personFields", "list person fields", query=query, cost=costs.LIST)
            try:
                answer = await self._http.decode(call, _FieldPage)
            except NotFound as error:
                raise self._not_pipedrive() from error
            yield answer.data or []
            cursor = self._next_cursor(answer.additional_data, seen, call)
            if not cursor:
                return

    async def pages(
        self, *, since: datetime | None = None, known_highest_id: str = ""
    ) -> AsyncIterator[Sequence[Record]]:
        if since is None or not known_highest_id.isdecimal():
            async for page in self._by_id():
                yield page
            return
        seen: set[str] = set()
        changed = [("sort_by", "update_time"), ("updated_since", _moment(since))]
        async for page in self._list(changed, "read changed persons"):
            fresh = [record for record in page if record.id not in seen]
            seen.update(record.id for record in fresh)
            if fresh:
                yield fresh
        # A person that nobody touched since its creation has no update_time, and may be missed above (reference 6.3).
        highest = int(known_highest_id)
        async for page in self._list([("sort_by", "id"), ("sort_direction", "desc")], "read new persons"):
            fresh = [record for record in page if int(record.id) > highest and record.id not in seen]
            if fresh:
                yield fresh
            if page and int(page[-1].id) <= highest:
                return

    async def _by_id(self) -> AsyncIterator[Sequence[Record]]:
        """All persons. A cursor that the service no longer takes starts the list again, once, behind what was read."""
        highest, done, again = 0, 0, 0
        while True:
            try:
                async for page in self._list([("sort_by", "id")], "read persons"):
                    fresh = [record for record in page if int(record.id) > highest]
                    if fresh:
                        highest = int(fresh[-1].id)
                        yield fresh
                    elif page and again <= 0:
                        raise self._endless("read persons")
                    done, again = done + 1, again - 1
                return
            except Rejected:
                if not highest or again > 0:
                    raise
                again = done + 1  # so many pages may bring nothing new

    async def newest(self) -> AsyncIterator[Sequence[Record]]:
        seen: set[str] = set()
        order = [("sort_by", "add_time"), ("sort_direction", "desc")]
        async for page in self._list(order, "read newest persons"):
            fresh = [record for record in page if record.id not in seen]
            seen.update(record.id for record in fresh)
            if fresh:
                yield fresh

    async def _list(self, order: Sequence[tuple[str, str]], what: str) -> AsyncIterator[list[Record]]:
        """Pages of ``GET /persons`` until the cursor ends, with a stop for those that never do (reference 9, Prism)."""
        await self._loaded()
        shape = self._need_shape()
        answer_type = page_type(shape.type)
        cursor, seen, empty, last_first = "", set[str](), 0, ""
        while True:
            query = [
                ("limit", str(costs.PAGE)),
                *order,
                *self._included(),
                *([("cursor", cursor)] if cursor else []),
            ]
            call = Call("GET", "/api/v2/persons", what, query=query, cost=costs.LIST)
            answer = await self._http.decode(call, answer_type)
            persons = answer.data or []
            first = str(persons[0].id) if persons else ""
            empty = 0 if persons else empty + 1
            if empty > _MOST_EMPTY_PAGES or (first and first == last_first):
                raise self._endless(what)
            last_first = first
            yield [record for person in persons if (record := shape.record(person)) is not None]
            cursor = self._next_cursor(answer.additional_data, seen, call)
            if not cursor:
                return

    def _next_cursor(self, following: Next | None, seen: set[str], call: Call) -> str:
        cursor = (following.next_cursor if following else None) or ""
        if cursor and cursor in seen:
            raise self._endless(call.what)
        seen.add(cursor)
        return cursor

    def _endless(self, what: str) -> BadAnswer:
        return BadAnswer(
            f"{self._host} answers '{what}' with pages that never end: the same one came twice.",
            untouched="Nothing was written.",
            next_step="Check pipedrive.url: this is not how Pipedrive answers.",
        )

    async def read(self, ids: Sequence[str]) -> Mapping[str, Record]:
        await self._loaded()
        wanted = [id_ for id_ in dict.fromkeys(ids) if _is_id(id_)]
        if len(wanted) < costs.SINGLE_BELOW:
            found = await asyncio.gather(*(self._read_one(id_) for id_ in wanted))
            return {record.id: record for record in found if record is not None}
        records: dict[str, Record] = {}
        for start in range(0, len(wanted), costs.BATCH):
            batch = wanted[start : start + costs.BATCH]
            async for page in self._list([("ids", ",".join(batch))], "read persons again"):
                records.update({record.id: record for record in page})
        return records

    async def _read_one(self, record_id: str) -> Record | None:
        call = Call(
            "GET",
            _person(record_id),
            f"read person {record_id}",
            query=self._included(),
            cost=costs.GET,
        )
        try:
            return await self._one(call)
        except NotFound:
            return None

    async def create(self, values: Mapping[str, Value], *, within: float | None = None) -> Record:
        body = body_of(values, await self._loaded())
        call = Call(
            "POST",
            "/api/v2/persons",
            "create person",
            json=body,
            cost=costs.WRITE,
            writes=True,
            repeatable=False,
            within=within,
        )
        record = await self._one(call)
        if record is None:
            raise BadAnswer("Pipedrive answered the creation of a person with a deleted one.")
        return record

    async def update(
        self, record_id: str, values: Mapping[str, Value], *, within: float | None = None
    ) -> Record:
        body = body_of(values, await self._loaded())
        what = f"update person {record_id}"
        call = Call(
            "PATCH", _person(record_id), what, json=body, cost=costs.WRITE, writes=True, within=within
        )
        record = await self._one(call)
        if record is None:
            raise NotFound(
                f"Pipedrive's person {record_id} is deleted.", untouched="This record was not written."
            )
        return record

    async def delete(self, record_id: str, *, within: float | None = None) -> None:
        what = f"delete person {record_id}"
        try:
            await self._http.send(
                Call("DELETE", _person(record_id), what, cost=costs.DELETE, writes=True, within=within)
            )
        except NotFound:
            return

    async def options(self, code: str) -> Sequence[Option] | None:
        return await list_options(self._http, code)

    async def add_options(self, code: str, labels: Sequence[str]) -> Sequence[Option]:
        self._lists_changed = True
        return await add_options(self._http, code, labels)

    async def remove_options(self, code: str, ids: Sequence[str]) -> None:
        self._lists_changed = True
        await remove_options(self._http, code, ids)

    async def owner_id(self, address: str) -> str:
        call = Call("GET", f"{self._v1}/users", "list users", cost=costs.USERS)
        wanted = address.strip().casefold()
        for user in (await self._http.decode(call, _UsersAnswer)).data or []:
            if user.active_flag is not False and (user.email or "").strip().casefold() == wanted:
                return str(user.id)
        return ""

    def server_time(self) -> datetime | None:
        return self._http.server_time

    def cost(self, **counts: Unpack[Requests]) -> tuple[int, int]:
        return costs.cost(**counts)

    def problems(self) -> Sequence[Finding]:
        return ()

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _one(self, call: Call) -> Record | None:
        shape = self._need_shape()
        answer = await self._http.decode(call, one_type(shape.type))
        return shape.record(answer.data)

    def _included(self) -> list[tuple[str, str]]:
        """Asking for marketing fields without the Campaigns app is not ours to try: the field list says who has it."""
        wanted = [code for code in MARKETING if self._schema and code in self._schema.by_code]
        return [("include_fields", ",".join(wanted))] if wanted else []

    def _need_shape(self) -> PersonShape:
        if self._shape is None:
            raise RuntimeError("the field list is loaded before anything is read")
        return self._shape

    def _not_pipedrive(self) -> BadAnswer:
        return BadAnswer(
            f"There is no Pipedrive API at {self._host}.",
            untouched="Nothing was read or written.",
            next_step="Check pipedrive.url: your company's address, such as https://acme.pipedrive.com",
        )


def _person(record_id: str) -> str:
    """The path of a person. An id comes out of snapshots and journals; nothing but a number may become part of a path."""
    if not _is_id(record_id):
        raise NotFound(f"{record_id!r} is no id of a Pipedrive person.")
    return f"/api/v2/persons/{record_id}"


def _is_id(record_id: str) -> bool:
    return record_id.isascii() and record_id.isdigit()


def _moment(since: datetime) -> str:
    """Whole seconds, UTC, ``Z``: fractions and blanks are refused ([live] AIR, WHAL). Rounded down, as it is inclusive."""
    return since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
