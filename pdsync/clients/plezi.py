"""Plezi, as far as an API profile knows it: every call, path and place in an answer comes from ``profiles``.

What the profile has no call for raises ``Unsupported`` here and is False in the capabilities, so that plans report it
before anything is sent. The one known write of the real service, submitting a form, creates and does nothing else: it
is no upsert for records in step, it is never repeated, and its answer is not read (reference plezi-api 3.1).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NoReturn, Unpack
from urllib.parse import quote, urlsplit

from pdsync.clients.addresses import check_address
from pdsync.clients.budget import Budget, OnWait, quiet
from pdsync.clients.clock import Clock, SystemClock
from pdsync.clients.credentials import PleziCredentials
from pdsync.clients.failures import Service
from pdsync.clients.http import Call, Http
from pdsync.clients.plezi_keys import key_value, keys_for
from pdsync.clients.plezi_wire import Answers, at, form_text
from pdsync.clients.profiles import CallSpec, Profile
from pdsync.clients.protocol import Requests
from pdsync.errors import BadAnswer, NotFound, PdsyncError, SettingsError, Unsupported
from pdsync.model import (
    Account,
    Capabilities,
    Field,
    Finding,
    Option,
    Record,
    RemoteSchema,
    Side,
    Value,
    is_empty,
)

if TYPE_CHECKING:
    import httpx

__all__ = ["PleziClient", "connect"]

_MOST_PASSES: Final = 3
"""Readings of a list that keeps losing contacts while it is read."""


def connect(
    credentials: PleziCredentials,
    profile: Profile,
    base_url: str = "",
    *,
    on_wait: OnWait = quiet,
    clock: Clock | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> PleziClient:
    """A client that made no request yet. ``base_url`` replaces the profile's.

    Raises:
        SettingsError: no or an unusable address, a missing credential, the sandbox's profile for another machine.
    """
    if not (base_url or profile.base_url):
        raise SettingsError(
            f"The API profile {profile.name!r} has no address of its own.",
            untouched="Nothing was read or written.",
            next_step="Set plezi.url; pdsync sandbox prints the sandbox's.",
        )
    address = check_address(
        base_url or profile.base_url, setting="plezi.url", loopback_only=profile.loopback_only
    )
    clock = clock or SystemClock()
    host = urlsplit(address).netloc
    service = Service(
        "Plezi",
        host,
        "plezi.url",
        "Copy the keys again from Plezi's API settings, then: pdsync login plezi",
    )
    http = Http(
        address,
        service,
        auth=keys_for(profile.authentication, credentials, clock),
        secrets=[credentials.api_key, credentials.public_key, credentials.secret_key],
        budget=Budget(clock, service="Plezi", at_once=profile.at_once, on_wait=on_wait),
        clock=clock,
        transport=transport,
    )
    return PleziClient(http, profile, credentials, host)


class PleziClient:
    """One account of Plezi. See ``protocol.Client`` for what each call promises."""

    side = Side.PLEZI

    def __init__(self, http: Http, profile: Profile, credentials: PleziCredentials, host: str) -> None:
        self._http = http
        self._host = host
        self._credentials = credentials
        self._account: Account | None = None
        self._schema: RemoteSchema | None = None
        self._asking = asyncio.Lock()
        self._loading = asyncio.Lock()
        self._answers = Answers(profile, host)
        self.profile = profile

    @property
    def budget(self) -> Budget:
        """Waiting so far; no limit of Plezi's is known (reference plezi-api 8)."""
        return self._http.budget

    async def account(self) -> Account:
        async with self._asking:
            if self._account is None:
                self._account = await self._ask_account()
            return self._account

    async def _ask_account(self) -> Account:
        """Asked where a call is known; else from the settings, after the keys were checked where they can be."""
        spec = self.profile.calls.get("account")
        if spec is not None:
            try:
                found = at(await self._json(spec, "who am I"), spec.answer.get("item", ""))
            except NotFound as error:
                raise self._not_plezi() from error
            identity = at(found, spec.answer.get("id", "id"))
            if identity in (None, ""):
                raise self._answers.odd("who am I", "no id of the account")
            return Account(
                Side.PLEZI, str(identity), str(at(found, spec.answer.get("name", "")) or ""), self._host
            )
        check = self.profile.calls.get("check")
        if check is not None:
            await self._send(check, "check the keys")
        tenant = self._credentials.tenant
        if tenant:
            return Account(Side.PLEZI, tenant, tenant, self._host)
        # The current generation names no tenant: what stays the same is the public key, of which state keeps a digest.
        digest = hashlib.sha256(self._credentials.public_key.encode()).hexdigest()[:16]
        return Account(Side.PLEZI, f"key-{digest}", "", self._host)

    async def schema(self) -> RemoteSchema:
        async with self._loading:
            if self._schema is None:
                account = await self.account()
                self._schema = RemoteSchema(account, await self._fields(), self._capabilities())
            return self._schema

    def _capabilities(self) -> Capabilities:
        calls = self.profile.calls
        listing, submit = calls.get("list"), calls.get("submit_form")
        by_form = submit is not None and self.profile.side_effects_accepted and self.profile.form is not None
        side_effects = "" if "create" in calls or submit is None else submit.side_effects
        return Capabilities(
            read_all=listing is not None,
            read_by_id="read" in calls or "read_many" in calls,
            incremental=listing is not None and bool(listing.since),
            create="create" in calls or by_form,
            update="update" in calls,
            delete="delete" in calls,
            create_side_effects=side_effects,
            read_batch=calls["read_many"].ids_most if "read_many" in calls else 1,
            recent_first="newest" in calls,
        )

    async def _fields(self) -> tuple[Field, ...]:
        spec = self.profile.calls.get("fields")
        if spec is None:
            return self.profile.fields
        rows = self._answers.items(spec, await self._json(spec, "list fields"), "list fields")
        listed = [self._answers.field(spec.answer, row) for row in rows]
        codes = {field.code for field in listed}
        return (*listed, *(field for field in self.profile.fields if field.code not in codes))

    async def pages(
        self,
        *,
        since: datetime | None = None,
        known_highest_id: str = "",  # noqa: ARG002 - Plezi's contacts have a time of change from the start
    ) -> AsyncIterator[Sequence[Record]]:
        spec = self._need("list", "list contacts")
        query = [(spec.since, _moment(since))] if since is not None and spec.since else []
        async for page in self._list(spec, query, "read contacts"):
            yield page

    async def newest(self) -> AsyncIterator[Sequence[Record]]:
        spec = self._need("newest", "list contacts by time of creation")
        async for page in self._list(spec, [], "read newest contacts"):
            yield page

    async def _list(
        self, spec: CallSpec, query: Sequence[tuple[str, str]], what: str
    ) -> AsyncIterator[Sequence[Record]]:
        """Every record once. Pages are cut by position: a deletion meanwhile moves an unread contact to a page already read.

        So when the total shrinks, or fewer came than there are, the list is read again for what is new.
        """
        seen: set[str] = set()
        for _ in range(_MOST_PASSES):
            shrunk, total, most = False, 0, 0
            async for records, total in self._positions(spec, query, what):
                shrunk = shrunk or total < most
                most = max(most, total)
                fresh = [record for record in records if record.id not in seen]
                seen.update(record.id for record in fresh)
                if fresh:
                    yield fresh
            if not shrunk and len(seen) >= most:
                return
        raise BadAnswer(
            f"Plezi's list of contacts changed too much while it was read ({len(seen):,} came).",
            untouched="Nothing was written.",
            next_step="Run the same command again when nobody deletes contacts.",
        )

    async def _positions(
        self, spec: CallSpec, query: Sequence[tuple[str, str]], what: str
    ) -> AsyncIterator[tuple[list[Record], int]]:
        """Pages in order with the total that each states, until one is not full (or the total is reached)."""
        paging = spec.paging
        position, came, before = paging.first if paging else 0, 0, ""
        while True:
            cut = (
                [(paging.parameter, str(position)), (paging.size_parameter, str(paging.size))]
                if paging
                else []
            )
            body = await self._json(spec, what, query=[*query, *cut])
            records = [
                self._answers.record(spec, item, what) for item in self._answers.items(spec, body, what)
            ]
            stated = at(body, spec.answer["total"]) if "total" in spec.answer else None
            total = stated if isinstance(stated, int) and not isinstance(stated, bool) else 0
            came += len(records)
            if records and records[0].id == before:
                raise self._answers.odd(what, "the same page twice")
            before = records[0].id if records else ""
            yield records, total
            if paging is None or not records or (came >= total if total else len(records) < paging.size):
                return
            position += 1 if paging.by == "page" else len(records)

    async def read(self, ids: Sequence[str]) -> Mapping[str, Record]:
        wanted = list(dict.fromkeys(ids))
        many = self.profile.calls.get("read_many")
        if many is None or (len(wanted) == 1 and "read" in self.profile.calls):
            found = await asyncio.gather(*(self._read_one(id_) for id_ in wanted))
            return {record.id: record for record in found if record is not None}
        records: dict[str, Record] = {}
        for start in range(0, len(wanted), many.ids_most):
            batch = ",".join(wanted[start : start + many.ids_most])
            what = "read contacts again"
            body = await self._json(many, what, query=[(many.ids_parameter, batch)])
            for item in self._answers.items(many, body, what):
                record = self._answers.record(many, item, what)
                records[record.id] = record
        return records

    async def _read_one(self, record_id: str) -> Record | None:
        spec = self._need("read", "read a contact")
        what = f"read contact {record_id}"
        try:
            body = await self._json(spec, what, record_id=record_id)
        except NotFound:
            return None
        return self._answers.record(spec, at(body, spec.answer.get("item", "")), what)

    async def create(self, values: Mapping[str, Value], *, within: float | None = None) -> Record:
        if "create" not in self.profile.calls:
            return await self._submit(values, within)
        spec = self.profile.calls["create"]
        given = {code: value for code, value in values.items() if not is_empty(value)}
        body = await self._json(
            spec, "create contact", content=given, writes=True, repeatable=False, within=within
        )
        return self._answers.written(spec, body, "create contact")

    async def update(
        self, record_id: str, values: Mapping[str, Value], *, within: float | None = None
    ) -> Record:
        spec = self._need("update", "change a contact by id")
        what = f"update contact {record_id}"
        given = {code: None if is_empty(value) else value for code, value in values.items()}
        body = await self._json(spec, what, record_id=record_id, content=given, writes=True, within=within)
        return self._answers.written(spec, body, what)

    async def delete(self, record_id: str, *, within: float | None = None) -> None:
        spec = self._need("delete", "delete a contact")
        try:
            await self._send(
                spec, f"delete contact {record_id}", record_id=record_id, writes=True, within=within
            )
        except NotFound:
            return

    async def options(self, code: str) -> Sequence[Option] | None:
        self._refuse(f"read the list of {code} alone")

    async def add_options(self, code: str, labels: Sequence[str]) -> Sequence[Option]:
        self._refuse(f"add {len(labels)} options to {code}")

    async def remove_options(self, code: str, ids: Sequence[str]) -> None:
        self._refuse(f"take {len(ids)} options off {code}")

    async def owner_id(self, address: str) -> str:
        self._refuse(f"look up a user such as {address}")

    async def forms(self) -> list[tuple[str, str]]:
        """(id, title) of every form of the account.

        Raises:
            Unsupported: the profile has no such call.
        """
        spec = self._need("forms", "list forms")
        found: dict[str, str] = {}
        paging, what = spec.paging, "list forms"
        position = paging.first if paging else 0
        while True:
            cut = (
                [(paging.parameter, str(position)), (paging.size_parameter, str(paging.size))]
                if paging
                else []
            )
            rows = self._answers.items(spec, await self._json(spec, what, query=cut), what)
            before = len(found)
            for row in rows:
                title = at(row, spec.answer.get("name", "name"))
                found[str(at(row, spec.answer.get("id", "id")))] = str(title or "")
            if paging is None or len(rows) < paging.size or len(found) == before:
                return list(found.items())
            position += 1 if paging.by == "page" else len(rows)

    async def probe(self) -> dict[str, str]:
        """Ask each candidate of the profile for one contact (GET only): name -> what came of it, in words.

        Nothing of the answer is kept. For ``doctor --probe``.
        """
        outcomes: dict[str, str] = {}
        for name, spec in self.profile.candidates.items():
            paging = spec.paging
            cut = [(paging.parameter, str(paging.first)), (paging.size_parameter, "1")] if paging else []
            try:
                body = await self._json(spec, f"probe {name}", query=cut)
                rows = self._answers.items(spec, body, f"probe {name}")
                outcomes[name] = f"answers: a list of {len(rows)}"
            except PdsyncError as error:
                outcomes[name] = error.message
        return outcomes

    def server_time(self) -> datetime | None:
        return self._http.server_time

    def cost(self, **counts: Unpack[Requests]) -> tuple[int, int]:
        writes = counts.get("creates", 0) + counts.get("updates", 0) + counts.get("deletes", 0)
        return writes + -(-counts.get("reads", 0) // self._capabilities().read_batch), 0

    def problems(self) -> Sequence[Finding]:
        return ()

    async def aclose(self) -> None:
        await self._http.aclose()

    # the form call

    async def _submit(self, values: Mapping[str, Value], within: float | None) -> Record:
        """Create by submitting a form. What was stored, and under which id, no known answer says: the record is blank."""
        spec = self._need("submit_form", "create a contact")
        form = self.profile.form
        if form is None or not self.profile.side_effects_accepted:
            raise Unsupported(
                f"The API profile {self.profile.name!r} creates contacts by a form only, which {spec.side_effects}.",
                untouched="This contact was not created.",
                next_step="Write a profile that extends it, with form ids and 'side_effects_accepted: true'.",
            )
        query = [
            *form.items(),
            *((code, form_text(code, value)) for code, value in values.items() if not is_empty(value)),
        ]
        await self._send(spec, "submit a form", query=query, writes=True, repeatable=False, within=within)
        return Record(Side.PLEZI, "", {})

    # calls

    def _need(self, name: str, what: str) -> CallSpec:
        return self.profile.calls.get(name) or self._refuse(what)

    def _refuse(self, what: str) -> NoReturn:
        raise Unsupported(
            f"The API profile {self.profile.name!r} knows no call to {what}.",
            untouched="Nothing was sent.",
            next_step="Use an export (plezi.file), or a profile that has this call.",
        )

    def _call(
        self,
        spec: CallSpec,
        what: str,
        *,
        record_id: str = "",
        query: Sequence[tuple[str, str]] = (),
        content: object = None,
        writes: bool = False,
        repeatable: bool = True,
        within: float | None = None,
    ) -> Call:
        form = {key: key_value(self._credentials, name) for key, name in spec.form}
        return Call(
            spec.method,
            spec.path.replace("{id}", _segment(record_id)),
            what,
            query=[*spec.query, *query],
            json=content,
            form=form or None,
            writes=writes,
            repeatable=repeatable,
            within=within,
            # A call that carries its keys in the body is not signed as well (reference plezi-api 4.1).
            anonymous=bool(form),
        )

    async def _send(self, spec: CallSpec, what: str, **parts: Any) -> None:  # noqa: ANN401 - those of _call
        await self._http.send(self._call(spec, what, **parts))

    async def _json(self, spec: CallSpec, what: str, **parts: Any) -> object:  # noqa: ANN401 - those of _call
        return await self._http.decode(self._call(spec, what, **parts), object)

    def _not_plezi(self) -> BadAnswer:
        return BadAnswer(
            f"There is no Plezi API of the profile {self.profile.name!r} at {self._host}.",
            untouched="Nothing was read or written.",
            next_step="Check plezi.url and plezi.profile.",
        )


def _segment(record_id: str) -> str:
    """An id as one part of a path; ids come out of snapshots and journals."""
    if record_id in (".", ".."):
        raise NotFound(f"{record_id!r} is no id of a contact.")
    return quote(record_id, safe="")


def _moment(since: datetime) -> str:
    """Whole seconds, UTC, rounded down, as it is inclusive."""
    return since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
