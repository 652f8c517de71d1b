"""One suite for every client, within what its capabilities say: two services, two generations, three kinds of file.

Whoever writes against the protocol may rely on what is asserted here, and on nothing else.
"""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import xlsxwriter
from pyarrow import parquet

from pdsync import errors
from pdsync.clients import (
    Client,
    PipedriveCredentials,
    PleziCredentials,
    open_file,
    open_pipedrive,
    open_plezi,
)
from pdsync.model import Field, Finding, Kind, Record, RemoteSchema, Side, Value, is_empty
from pdsync.planning.comparison import comparison_form
from pdsync.sandbox.seeding.fieldset import FORMS
from tests.clients.fakes import FakeClock
from tests.sandbox_process import SandboxProcess

SIZE = 620
"""Pairs in the sandbox: more than one page of persons, and several pages of contacts."""


@dataclass
class World:
    """A seeded sandbox, and what the two API clients read from it: the truth that the exports are made of."""

    sandbox: SandboxProcess
    folder: Path
    schemas: dict[Side, RemoteSchema] = field(default_factory=dict)
    records: dict[Side, list[Record]] = field(default_factory=dict)

    def pipedrive(self) -> Client:
        return open_pipedrive(
            PipedriveCredentials(self.sandbox.pipedrive_token),
            self.sandbox.pipedrive_url,
            plan="ultimate",
            clock=FakeClock(),
        )

    def plezi(self, profile: str) -> Client:
        keys = self.sandbox.ready["plezi"]
        names = ("tenant", "api_key", "public_key", "secret_key")
        credentials = PleziCredentials(*(keys[name] for name in names))
        return open_plezi(credentials, profile, self.sandbox.plezi_url, clock=Now())

    async def learn(self) -> None:
        for side, client in ((Side.PIPEDRIVE, self.pipedrive()), (Side.PLEZI, self.plezi("sandbox"))):
            self.schemas[side] = await client.schema()
            self.records[side] = [record async for page in client.pages() for record in page]
            await client.aclose()


class Now(FakeClock):
    """A fake clock that knows today's date: signatures are refused when they are old."""

    def unix(self) -> float:
        return datetime.now(UTC).timestamp()


@pytest.fixture(scope="module")
def world(sandbox_module: SandboxProcess, tmp_path_factory: pytest.TempPathFactory) -> World:
    """One seeded sandbox for the whole suite; whoever changes something puts it back."""
    sandbox_module.control.turn(pipedrive__limits_enforced=False)
    sandbox_module.control.seed("bench", size=SIZE)
    made = World(sandbox_module, tmp_path_factory.mktemp("exports"))
    asyncio.run(made.learn())
    return made


# exports of the same people


def shown(field: Field, value: Value) -> str:
    """A value as an export shows it: labels instead of ids, one address a column."""
    if is_empty(value):
        return ""
    if field.kind in (Kind.OPTION, Kind.OPTIONS):
        items = value if isinstance(value, list) else [value]
        labels = {option.id: option.label for option in field.options}
        return ", ".join(labels.get(str(item), str(item)) for item in items)
    if isinstance(value, list):
        return ", ".join(str(item["value"] if isinstance(item, Mapping) else item) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def table(world: World, side: Side) -> tuple[list[str], list[list[str]]]:
    """Headers in the side's naming, and rows. What an export cannot show in a cell (objects) is left out."""
    fields = [
        f for f in world.schemas[side].fields if f.kind not in (Kind.COMPOSITE, Kind.OTHER) and f.code != "id"
    ]
    prefix = "Person - " if side is Side.PIPEDRIVE else ""
    headers = [f"{prefix}ID", *(f"{prefix}{_header(side, f)}" for f in fields)]
    rows = [
        [record.id, *(shown(f, record.values.get(f.code)) for f in fields)] for record in world.records[side]
    ]
    return headers, rows


def _header(side: Side, field: Field) -> str:
    if side is Side.PLEZI:
        return field.code
    return {"email": "Email - Work", "phone": "Phone - Work", "label_ids": "Label"}.get(
        field.code, field.name
    )


def as_csv(world: World, side: Side) -> Path:
    """Semicolons, a byte order mark and accents, as Excel in French saves it."""
    path = world.folder / f"{side}.csv"
    if path.exists():
        return path
    headers, rows = table(world, side)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(headers)
        writer.writerows(rows)
    return path


def as_xlsx(world: World, side: Side) -> Path:
    """The same as a workbook."""
    path = world.folder / f"{side}.xlsx"
    if path.exists():
        return path
    headers, rows = table(world, side)
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("Export")
    for number, row in enumerate([headers, *rows]):
        for column, cell in enumerate(row):
            sheet.write_string(number, column, cell)
    book.close()
    return path


def as_parquet(world: World, side: Side) -> Path:
    """The same in several row groups."""
    path = world.folder / f"{side}.parquet"
    if path.exists():
        return path
    headers, rows = table(world, side)
    columns = {header: [row[n] for row in rows] for n, header in enumerate(headers)}
    parquet.write_table(pa.table(columns), path, row_group_size=100)
    return path


def submitting(world: World) -> Client:
    """app-v1 with a form of the sandbox, and its side effects accepted."""
    path = world.folder / "ours.yaml"
    form = {"form_id": FORMS[0].form_id, "content_web_form_id": FORMS[0].content_web_form_id}
    path.write_text(
        f"version: 1\nname: ours\nextends: app-v1\nside_effects_accepted: true\nform: {json.dumps(form)}\n"
    )
    return world.plezi(str(path))


def from_file(world: World, side: Side, path: Path) -> Client:
    """An export beside the account's field list."""
    return open_file(side, path, fields=world.schemas[side].fields)


SUBJECTS: dict[str, Any] = {
    "pipedrive": lambda w: w.pipedrive(),
    "plezi-sandbox": lambda w: w.plezi("sandbox"),
    "plezi-app-v1": lambda w: w.plezi("app-v1"),
    "plezi-app-v1-with-form": submitting,
    "plezi-brain-v1": lambda w: w.plezi("brain-v1"),
    "csv-pipedrive": lambda w: from_file(w, Side.PIPEDRIVE, as_csv(w, Side.PIPEDRIVE)),
    "csv-plezi": lambda w: from_file(w, Side.PLEZI, as_csv(w, Side.PLEZI)),
    "xlsx-pipedrive": lambda w: from_file(w, Side.PIPEDRIVE, as_xlsx(w, Side.PIPEDRIVE)),
    "xlsx-plezi": lambda w: from_file(w, Side.PLEZI, as_xlsx(w, Side.PLEZI)),
    "parquet-pipedrive": lambda w: from_file(w, Side.PIPEDRIVE, as_parquet(w, Side.PIPEDRIVE)),
    "parquet-plezi": lambda w: from_file(w, Side.PLEZI, as_parquet(w, Side.PLEZI)),
}


_SELDOM = ("csv-plezi", "xlsx-pipedrive", "xlsx-plezi", "parquet-pipedrive", "parquet-plezi")
"""The same readers on other files: in make check-all."""
FILES = tuple(name for name in SUBJECTS if name.startswith(("csv", "xlsx", "parquet")))
READERS = ("pipedrive", "plezi-sandbox", *FILES)
WRITERS = ("pipedrive", "plezi-sandbox")
LISTERS = ("pipedrive",)
"""Whose lists can be changed."""


def only(*names: str) -> pytest.MarkDecorator:
    """This test is about these clients; `test_who_can_do_what` holds that they are all that can do it."""
    return pytest.mark.parametrize("subject", list(map(_now_or_later, names)), indirect=True)


def _now_or_later(name: str) -> Any:
    return pytest.param(name, marks=pytest.mark.long) if name in _SELDOM else name


@dataclass
class Subject:
    """A client under test."""

    name: str
    client: Client
    schema: RemoteSchema
    world: World

    @property
    def able(self) -> Any:
        return self.schema.capabilities

    @property
    def truth(self) -> list[Record]:
        """What the side held when the world was made."""
        return self.world.records[self.client.side]

    def new(self, number: int) -> dict[str, Value]:
        """Values of somebody who is not there yet."""
        address = f"neu{number}.{self.name}@example.org"
        email: Value = (
            address
            if self.client.side is Side.PLEZI
            else [{"value": address, "primary": True, "label": "work"}]
        )
        return {"first_name": "Élodie", "last_name": "Müller-d'Aÿ", "email": email}


@pytest.fixture(params=map(_now_or_later, SUBJECTS))
async def subject(request: pytest.FixtureRequest, world: World) -> AsyncIterator[Subject]:
    """Each client in turn, with its schema loaded."""
    client: Client = SUBJECTS[request.param](world)
    yield Subject(request.param, client, await client.schema(), world)
    await client.aclose()


async def _all(pages: Any) -> list[Record]:
    return [record async for page in pages for record in page]


async def test_account_and_schema_agree(subject: Subject) -> None:
    """Side and account are one everywhere; asking twice gives the same and costs nothing."""
    before = subject.world.sandbox.control.requests()
    account = await subject.client.account()
    assert account.side is subject.client.side is subject.schema.side
    assert account.id
    assert await subject.client.schema() is subject.schema
    assert subject.schema.account == account
    assert subject.world.sandbox.control.requests() == before


async def test_who_can_do_what(subject: Subject) -> None:
    """What each client says it can do: nothing that was never seen of the real services (design 8)."""
    able = subject.able
    assert able.read_all is (subject.name in READERS)
    assert able.incremental is able.update is able.delete is able.recent_first is (subject.name in WRITERS)
    assert able.read_by_id is (subject.name in WRITERS)
    assert able.create is (subject.name in (*WRITERS, "plezi-app-v1-with-form"))
    assert bool(able.create_side_effects) is subject.name.startswith("plezi-app-v1")


async def test_field_codes_are_unique_and_options_are_text(subject: Subject) -> None:
    """A code means one field; an option has an id that is text."""
    codes = [f.code for f in subject.schema.fields]
    assert len(codes) == len(set(codes))
    assert all(codes)
    assert {type(o.id) for f in subject.schema.fields for o in f.options} <= {str}
    assert all(o.id for f in subject.schema.fields for o in f.options)


async def test_every_record_once(subject: Subject) -> None:
    """A full read gives each record once, in pages, under field codes, with text for an id; twice the same."""
    if not subject.able.read_all:
        with pytest.raises(errors.Unsupported):
            await _all(subject.client.pages())
        return
    pages = [page async for page in subject.client.pages()]
    records = [record for page in pages for record in page]
    assert all(0 < len(page) <= 500 for page in pages)
    assert sorted(r.id for r in records) == sorted(r.id for r in subject.truth)
    assert all(r.side is subject.client.side for r in records)
    assert {code for r in records for code in r.values} <= set(subject.schema.by_code)
    assert records == await _all(subject.client.pages())


@only(*READERS)
async def test_pages_may_be_left_early(subject: Subject) -> None:
    """Whoever has seen enough stops, and may begin again."""
    for _ in range(2):
        pages = subject.client.pages()
        first = await anext(pages)
        assert first
        await pages.aclose()  # type: ignore[attr-defined]


@only(*FILES)
async def test_an_export_says_what_the_service_says(subject: Subject) -> None:
    """Same people, same values: a file with the field list compares equal to the API, field by field."""
    truth = {r.id: r for r in subject.truth}
    compared = 0
    for record in await _all(subject.client.pages()):
        for f in subject.schema.fields:
            value = record.get(f.code)
            if f.code in record.values:
                assert comparison_form(f.kind, value) == comparison_form(
                    f.kind, truth[record.id].get(f.code)
                ), f.code
                compared += 1
    assert compared > SIZE * 10


async def test_read_by_id(subject: Subject) -> None:
    """Records by id, those that do not exist left out; twice the same id is one record."""
    some = [r.id for r in subject.truth[:3]] or ["1"]
    if not subject.able.read_by_id:
        with pytest.raises(errors.Unsupported):
            await subject.client.read(some)
        return
    found = await subject.client.read([*some, some[0], "999999999"])
    assert set(found) == set(some)
    assert all(found[id_].values == record.values for id_, record in zip(some, subject.truth, strict=False))
    assert await subject.client.read([]) == {}
    many = [r.id for r in subject.truth[: subject.able.read_batch]]
    assert set(await subject.client.read(many)) == set(many)


async def test_newest_first(subject: Subject) -> None:
    """The last one made comes first."""
    if not subject.able.recent_first:
        with pytest.raises(errors.Unsupported):
            await _all(subject.client.newest())
        return
    made = await subject.client.create(subject.new(1))
    pages = subject.client.newest()
    assert made.id in [record.id for record in await anext(pages)][:2]
    await pages.aclose()  # type: ignore[attr-defined]
    await subject.client.delete(made.id)


@only(*WRITERS)
async def test_what_changed_since(subject: Subject) -> None:
    """Everything changed at or after the moment, and everything new; not the whole account."""
    control = subject.world.sandbox.control
    control.advance_clock(600)
    since = datetime.fromisoformat(control.state()["clock"]["now"])
    highest = max((r.id for r in subject.truth), key=lambda id_: (len(id_), id_))
    touched = subject.truth[5].id
    await subject.client.update(touched, {"last_name": "Touché"})
    new = await subject.client.create(subject.new(2))
    records = await _all(subject.client.pages(since=since, known_highest_id=highest))
    ids = [record.id for record in records]
    assert {touched, new.id} <= set(ids)
    assert len(ids) == len(set(ids)) < 20
    await subject.client.delete(new.id)
    await subject.client.update(touched, {"last_name": subject.truth[5].values["last_name"]})


async def test_create_update_read_delete(subject: Subject) -> None:
    """What was written is what is read; what was not named stays; what is gone is absent, and deleting it is no error."""
    if subject.able.create and subject.able.create_side_effects:
        return  # creates by a form: see test_a_form_submission
    if not subject.able.create:
        with pytest.raises(errors.Unsupported):
            await subject.client.create(subject.new(3))
        with pytest.raises(errors.Unsupported):
            await subject.client.update("1", {"last_name": "X"})
        with pytest.raises(errors.Unsupported):
            await subject.client.delete("1")
        return
    made = await subject.client.create(subject.new(3))
    assert made.values["last_name"] == "Müller-d'Aÿ"
    changed = await subject.client.update(made.id, {"last_name": "Garnier"})
    assert (changed.id, changed.values["last_name"], changed.values["first_name"]) == (
        made.id,
        "Garnier",
        "Élodie",
    )
    assert (await subject.client.read([made.id]))[made.id].values["last_name"] == "Garnier"
    await subject.client.delete(made.id)
    assert await subject.client.read([made.id]) == {}
    await subject.client.delete(made.id)
    with pytest.raises(errors.NotFound):
        await subject.client.update(made.id, {"last_name": "X"})


@only("plezi-app-v1-with-form")
async def test_a_form_submission(subject: Subject) -> None:
    """Creates, and says nothing of what it created: no id, no values; the side effects are stated beforehand."""
    reader = subject.world.plezi("sandbox")
    before = {r.id for r in await _all(reader.pages())}
    made = await subject.client.create({**subject.new(4), "plz_centres_d_interet": ["crm", "evenements"]})
    assert (made.id, made.values) == ("", {})
    (found,) = [r for r in await _all(reader.pages()) if r.id not in before]
    assert found.values["last_name"] == "Müller-d'Aÿ"
    assert found.values["plz_centres_d_interet"] == ["crm", "evenements"]
    assert "scoring" in subject.able.create_side_effects
    await reader.delete(found.id)
    await reader.aclose()


@only("plezi-app-v1")
async def test_a_profile_that_did_not_accept_side_effects_does_not_create(subject: Subject) -> None:
    """A form call alone is no permission (design 8)."""
    assert not subject.able.create
    with pytest.raises(errors.Unsupported, match="side_effects_accepted"):
        await subject.client.create(subject.new(5))


@only(*WRITERS)
async def test_values_go_round(subject: Subject) -> None:
    """Every writable field: written as it was read, it reads the same; emptied, where that is known to work, it is empty."""
    full = _fullest(subject.truth, subject.schema)
    made = await subject.client.create(subject.new(6))
    fields = [f for f in subject.schema.fields if f.writable and f.kind not in (Kind.EMAILS, Kind.REFERENCE)]
    for f in fields:
        value = full.get(f.code)
        if is_empty(value) or f.code in ("opted_out", "name"):
            continue
        stored = await subject.client.update(made.id, {f.code: value})
        assert comparison_form(f.kind, stored.get(f.code)) == comparison_form(f.kind, value), f.code
        if f.clearable:
            emptied = await subject.client.update(made.id, {f.code: None})
            assert is_empty(emptied.get(f.code)), f.code
    await subject.client.delete(made.id)


def _fullest(records: Sequence[Record], schema: RemoteSchema) -> dict[str, Value]:
    """For each field a value that some record holds."""
    held: dict[str, Value] = {}
    for record in records:
        for f in schema.fields:
            value = record.values.get(f.code)
            if f.code not in held and value and not is_empty(value):
                held[f.code] = value
    return held


@only(*WRITERS)
async def test_values_that_a_service_does_not_take(subject: Subject) -> None:
    """A refusal is about one record, names the service's reason, and changes nothing."""
    record = subject.truth[0]
    number = next(f for f in subject.schema.fields if f.kind is Kind.NUMBER and f.writable)
    with pytest.raises(errors.Rejected) as caught:
        await subject.client.update(record.id, {number.code: "viele"})
    assert number.code in caught.value.message
    assert (await subject.client.read([record.id]))[record.id].values == record.values


@only(*LISTERS)
async def test_options_come_and_go(subject: Subject) -> None:
    """Behind the others, all or none, seen by the next who asks; what is taken off again leaves the list as it was."""
    lists = [f for f in subject.schema.fields if f.custom and f.kind in (Kind.OPTION, Kind.OPTIONS)]
    code, before = lists[0].code, lists[0].options
    assert await subject.client.options(code) == before
    labels = ["Énergie verte", "<script>alert('🙂')</script>", "x" * (subject.able.longest_option or 1)]
    made = await subject.client.add_options(code, labels)
    assert [option.label for option in made] == labels
    assert await subject.client.options(code) == (*before, *made)
    assert (await subject.client.schema()).by_code[code].options == (*before, *made)
    with pytest.raises(errors.Rejected):
        await subject.client.add_options(code, ["Bois", "x" * ((subject.able.longest_option or 1) + 1)])
    assert await subject.client.options(code) == (*before, *made)
    with pytest.raises(errors.NotFound):
        await subject.client.remove_options(code, [made[0].id, "999999999"])
    await subject.client.remove_options(code, [option.id for option in made])
    assert await subject.client.options(code) == before
    assert await subject.client.options("0" * 40) is None
    with pytest.raises(errors.RecordError):
        await subject.client.add_options("first_name", ["Bois"])


async def test_whose_lists_nothing_can_change(subject: Subject) -> None:
    """No public source shows such a call of Plezi, and an export takes nothing (design 8)."""
    assert subject.able.change_lists is (subject.name in LISTERS)
    if subject.able.change_lists:
        return
    for call in (
        subject.client.options("plz_secteur"),
        subject.client.add_options("plz_secteur", ["Bois"]),
        subject.client.remove_options("plz_secteur", ["1"]),
    ):
        with pytest.raises(errors.Unsupported):
            await call


async def test_owner_by_address(subject: Subject) -> None:
    """Only Pipedrive has users."""
    if subject.name != "pipedrive":
        with pytest.raises(errors.Unsupported):
            await subject.client.owner_id("nobody@example.com")
        return
    user = subject.world.sandbox.control.state()["users"][0]
    assert await subject.client.owner_id(user["email"].upper()) == str(user["id"])
    assert await subject.client.owner_id("nobody@example.com") == ""


async def test_server_time(subject: Subject) -> None:
    """The service's clock; a file has none."""
    seen = subject.client.server_time()
    if subject.name.startswith(("csv", "xlsx", "parquet", "plezi-app")):
        assert seen is None
    else:
        assert seen is not None
        assert seen.tzinfo is not None


async def test_cost_is_never_less_than_nothing(subject: Subject) -> None:
    """Nothing costs nothing, and more is never cheaper."""
    assert subject.client.cost(creates=0, updates=0, reads=0) == (0, 0)
    some, more = (subject.client.cost(creates=n, updates=n, reads=n * 7, deletes=n) for n in (3, 30))
    assert some <= more


async def test_no_problems_where_all_could_be_read(subject: Subject) -> None:
    """Problems are rows that were left out."""
    if subject.able.read_all:
        await _all(subject.client.pages())
    problems: Sequence[Finding] = subject.client.problems()
    assert list(problems) == []


@pytest.fixture(autouse=True, scope="module")
def _nothing_is_left_behind(world: World) -> Iterator[None]:
    """The suite cleans up after itself: the tests share one world."""
    yield
    counts = world.sandbox.control.state()["counts"]
    assert (counts["persons"], counts["contacts"]) == (SIZE, SIZE)
