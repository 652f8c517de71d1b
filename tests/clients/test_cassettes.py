"""Exchanges as they were recorded, replayed with the network blocked: the wire format pinned, byte by byte.

A change in what the clients send breaks the match; a change in what they make of an answer breaks an assertion. Recorded
again with ``make record``.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from pdsync import errors
from pdsync.clients import open_pipedrive, open_plezi
from pdsync.clients.pipedrive import PipedriveClient
from pdsync.model import Kind, Record, Value
from pdsync.sandbox.seeding.fieldset import FORMS
from tests.clients.conftest import Accounts
from tests.clients.fakes import FakeClock

pytestmark = [pytest.mark.vcr, pytest.mark.block_network]


class FixedClock(FakeClock):
    """Today when recording (signatures grow old), any day when replaying."""

    def __init__(self, *, live: bool) -> None:
        super().__init__(time.time() if live else 1_700_000_000.0)


@pytest.fixture(autouse=True)
def _every_exchange_was_needed(vcr: Any, record_mode: str) -> Iterator[None]:
    """What was recorded is still asked for: an exchange that nobody plays is a request that is no longer sent."""
    yield
    if record_mode == "none":
        assert vcr.all_played


def _seeded(accounts: Accounts) -> None:
    """An empty account with the usual fields and forms, if it is a sandbox that is recorded."""
    if accounts.sandbox is not None:
        accounts.sandbox.control.reset()
        accounts.sandbox.control.seed("empty")


@pytest.fixture
async def pipedrive(accounts: Accounts) -> AsyncIterator[PipedriveClient]:
    """Pipedrive, recorded."""
    _seeded(accounts)
    client = open_pipedrive(accounts.pipedrive, accounts.pipedrive_url, plan="lite")
    yield client
    await client.aclose()


def _plezi(accounts: Accounts, profile: str) -> Any:
    _seeded(accounts)
    clock = FixedClock(live=accounts.plezi.public_key != "none")
    return open_plezi(accounts.plezi, profile, accounts.plezi_url, clock=clock)


async def _all(pages: AsyncIterator[Any]) -> list[Record]:
    return [record async for page in pages for record in page]


ZOE: dict[str, Value] = {
    "first_name": "Zoé",
    "last_name": "O'Brien-Lefèvre",
    "email": [
        {"value": "zoe.obrien@example.com", "primary": True, "label": "work"},
        {"value": "zoe@example.org", "primary": False, "label": "home"},
    ],
    "phone": [{"value": "+33 1 99 00 12 34", "primary": True, "label": "work"}],
}


async def test_life_of_a_person(pipedrive: PipedriveClient) -> None:
    """Created, read, changed, emptied, read again one by one and in a batch, deleted, gone."""
    schema = await pipedrive.schema()
    assert schema.account.id.isdigit()
    assert schema.account.sees_everything
    custom = {
        kind: next(f for f in schema.fields if f.custom and f.kind is kind)
        for kind in (Kind.OPTION, Kind.OPTIONS)
    }
    option, options = custom[Kind.OPTION], custom[Kind.OPTIONS]
    made = await pipedrive.create({**ZOE, option.code: int(option.options[0].id)})
    assert made.values["name"] == "Zoé O'Brien-Lefèvre"
    assert made.values["email"] == ZOE["email"]
    assert made.updated_at is None
    several = [int(o.id) for o in options.options[:2]]
    changed = await pipedrive.update(
        made.id, {"last_name": "Garnier", options.code: several, option.code: None}
    )
    assert changed.values["first_name"] == "Zoé"
    assert changed.values[options.code] == several
    assert changed.values[option.code] is None
    emptied = await pipedrive.update(made.id, {options.code: []})
    assert emptied.values[options.code] is None
    others = [(await pipedrive.create({"name": f"Person {n}"})).id for n in range(10)]
    assert set(await pipedrive.read([made.id, others[0]])) == {made.id, others[0]}
    assert set(await pipedrive.read([made.id, *others])) == {made.id, *others}
    for id_ in (made.id, *others):
        await pipedrive.delete(id_)
    await pipedrive.delete(made.id)
    assert await pipedrive.read([made.id]) == {}
    with pytest.raises(errors.NotFound):
        await pipedrive.update(made.id, {"last_name": "X"})


async def test_options_of_a_list(pipedrive: PipedriveClient) -> None:
    """Read, added, read again, taken off; and what is refused."""
    schema = await pipedrive.schema()
    field = next(f for f in schema.fields if f.custom and f.kind is Kind.OPTION)
    made = await pipedrive.add_options(field.code, ["Énergie verte", "Bois"])
    assert await pipedrive.options(field.code) == (*field.options, *made)
    await pipedrive.remove_options(field.code, [option.id for option in made])
    assert await pipedrive.options(field.code) == field.options
    with pytest.raises(errors.Rejected):
        await pipedrive.add_options(field.code, [""])
    assert await pipedrive.options("0" * 40) is None


async def test_lists_of_an_account_that_was_empty(pipedrive: PipedriveClient) -> None:
    """All, newest first, and changed since: only on an account without anybody else (the guard sees to it)."""
    made = [(await pipedrive.create({"name": f"Person {n}"})).id for n in range(3)]
    assert [r.id for r in await _all(pipedrive.pages())] == made
    assert {r.id for r in await _all(pipedrive.newest())} == set(made)
    for id_ in made:
        await pipedrive.delete(id_)
    assert await _all(pipedrive.pages()) == []


async def test_refusals_of_pipedrive(pipedrive: PipedriveClient) -> None:
    """What v2 does not take: the service's own words reach the person."""
    schema = await pipedrive.schema()
    number = next(f for f in schema.fields if f.custom and f.kind is Kind.NUMBER)
    with pytest.raises(errors.Rejected, match="Expected 'number'"):
        await pipedrive.create({"name": "Zoé", number.code: "viel"})
    option = next(f for f in schema.fields if f.custom and f.kind is Kind.OPTION)
    with pytest.raises(errors.Rejected):
        await pipedrive.create({"name": "Zoé", option.code: 99_999_999})


async def test_a_wrong_token(accounts: Accounts) -> None:
    """401, in the words of the gateway."""
    _seeded(accounts)
    wrong = type(accounts.pipedrive)("0" * 40)
    client = open_pipedrive(wrong, accounts.pipedrive_url)
    with pytest.raises(errors.Unauthorised, match="unauthorized access"):
        await client.account()
    await client.aclose()


async def test_life_of_a_contact(accounts: Accounts) -> None:
    """The sandbox's invented contact routes."""
    plezi = _plezi(accounts, "sandbox")
    made = await plezi.create(
        {"email": "zoe.obrien@example.com", "first_name": "Zoé", "plz_secteur": "batiment"}
    )
    assert made.values["plz_secteur"] == "batiment"
    changed = await plezi.update(made.id, {"last_name": "Garnier", "plz_secteur": None})
    assert (changed.values["last_name"], changed.values["plz_secteur"]) == ("Garnier", None)
    with pytest.raises(errors.Rejected, match="another contact"):
        await plezi.create({"email": "ZOE.obrien@example.com"})
    assert [r.id for r in await _all(plezi.pages())] == [made.id]
    assert set(await plezi.read([made.id])) == {made.id}
    await plezi.delete(made.id)
    assert await plezi.read([made.id]) == {}
    await plezi.aclose()


async def test_a_form_submission(accounts: Accounts, tmp_path: Path) -> None:
    """app-v1: one GET with everything in its query, encoded as customers' code encodes it."""
    profile = tmp_path / "ours.yaml"
    form = FORMS[0]
    profile.write_text(
        "version: 1\nname: ours\nextends: app-v1\nside_effects_accepted: true\n"
        f'form: {{form_id: "{form.form_id}", content_web_form_id: "{form.content_web_form_id}"}}\n'
    )
    plezi = _plezi(accounts, str(profile))
    values = {
        "email": "zoe.obrien@example.com",
        "first_name": "Zoé",
        "plz_centres_d_interet": ["crm", "evenements"],
    }
    made = await plezi.create(values)
    assert (made.id, made.values) == ("", {})
    await plezi.aclose()


async def test_keys_and_forms_of_the_current_generation(accounts: Accounts) -> None:
    """brain-v1: the key check, and the signed list of forms."""
    plezi = _plezi(accounts, "brain-v1")
    await plezi.account()
    assert len(await plezi.forms()) == len(FORMS)
    await plezi.aclose()
