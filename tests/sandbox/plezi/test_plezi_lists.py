from __future__ import annotations

import pytest

from tests.sandbox.plezi.stand import API, Stand, details

CONTACTS = API + "/contacts"


async def several(plezi: Stand, count: int) -> list[str]:
    """So many contacts, a second apart; their ids."""
    ids: list[str] = []
    for number in range(count):
        ids.append((await plezi.create(email=f"c{number}@example.com"))["id"])
        plezi.clock.advance(1)
    return ids


async def ids_of(plezi: Stand, **parameters: str | int) -> list[str]:
    """The ids on a page."""
    answer = await plezi.client.get(CONTACTS, params=parameters)
    assert answer.status_code == 200, answer.text
    return [contact["id"] for contact in answer.json()["data"]]


async def test_pages_start_at_one_and_tell_the_total(plezi: Stand) -> None:
    """Pages are numbered from 1; the last one is short, and one past it is empty."""
    ids = await several(plezi, 5)
    answer = await plezi.client.get(CONTACTS, params={"page": 2, "per_page": 2})
    assert [contact["id"] for contact in answer.json()["data"]] == ids[2:4]
    assert answer.json()["meta"] == {"total_results": 5, "page": 2, "per_page": 2}
    assert await ids_of(plezi, page=3, per_page=2) == ids[4:]
    assert await ids_of(plezi, page=4, per_page=2) == []


async def test_empty_account_has_an_empty_page(plezi: Stand) -> None:
    """No contacts is an answer, not an error."""
    answer = await plezi.client.get(CONTACTS)
    assert answer.json() == {"data": [], "meta": {"total_results": 0, "page": 1, "per_page": 50}}


async def test_ids_rise_with_time(plezi: Stand) -> None:
    """Sorting by id is sorting by age, so new contacts come last."""
    ids = await several(plezi, 4)
    assert ids == sorted(ids)
    assert await ids_of(plezi, sort_by="id", sort_dir="desc") == ids[::-1]
    assert await ids_of(plezi, sort_by="created_at") == ids


async def test_changes_shift_pages_that_are_sorted_by_time(plezi: Stand) -> None:
    """A contact that changes while it is read by updated_at is missed on the next page: pages are cut by position."""
    ids = await several(plezi, 4)
    first = await ids_of(plezi, sort_by="updated_at", per_page=2)
    await plezi.client.patch(f"{CONTACTS}/{ids[0]}", json={"company": "Changed"})
    second = await ids_of(plezi, sort_by="updated_at", per_page=2, page=2)
    assert ids[2] not in first + second


async def test_updated_since_is_inclusive(plezi: Stand) -> None:
    """The boundary second belongs to the answer; a fraction above it does not; offsets are understood."""
    ids = await several(plezi, 3)
    answer = await plezi.client.get(f"{CONTACTS}/{ids[1]}")
    moment: str = answer.json()["data"]["attributes"]["updated_at"]
    assert await ids_of(plezi, updated_since=moment) == ids[1:]
    assert await ids_of(plezi, updated_since=moment.replace("Z", ".250Z")) == ids[2:]
    assert await ids_of(plezi, updated_since=moment.replace("Z", "+00:00")) == ids[1:]
    assert await ids_of(plezi, updated_since="2999-01-01T00:00:00+02:00") == []


async def test_updated_since_may_be_missing(plezi: Stand) -> None:
    """Third parties show no incremental filter: with the switch off every read is a full one."""
    plezi.switches.turn({"plezi.contacts_updated_since": False})
    answer = await plezi.client.get(CONTACTS, params={"updated_since": "2026-09-01T00:00:00Z"})
    assert (answer.status_code, details(answer)) == (400, ["unknown parameter updated_since"])


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("per_page=201", "per_page is a whole number from 1 to 200, not '201'"),
        ("per_page=0", "per_page is a whole number from 1 to 200, not '0'"),
        ("page=-1", "page is a whole number from 1 up, not '-1'"),
        ("page=²", "page is a whole number from 1 up, not '²'"),
        ("sort_by=email", "sort_by is one of id, created_at, updated_at, not 'email'"),
        ("sort_dir=up", "sort_dir is one of asc, desc, not 'up'"),
        ("pag=1", "unknown parameter pag"),
        ("page=1&page=2", "page is sent twice"),
        ("updated_since=yesterday", "updated_since is a time such as 2026-09-01T00:00:00Z, not 'yesterday'"),
        (
            "updated_since=2026-09-01T00:00:00",
            "updated_since is a time such as 2026-09-01T00:00:00Z, not '2026-09-01T00:00:00'",
        ),
        (
            "updated_since=2026-09-01",
            "updated_since is a time such as 2026-09-01T00:00:00Z, not '2026-09-01'",
        ),
    ],
)
async def test_wrong_parameters_are_refused(plezi: Stand, query: str, complaint: str) -> None:
    """A misspelt or wrong parameter is never passed over."""
    answer = await plezi.client.get(f"{CONTACTS}?{query}")
    assert (answer.status_code, details(answer)) == (400, [complaint])


async def test_batch_gives_those_that_exist_in_the_order_asked(plezi: Stand) -> None:
    """Up to 100 contacts by id; unknown ids are left out, repeated ones come once."""
    ids = await several(plezi, 3)
    wanted = [ids[2], "f" * 24, ids[0], ids[2]]
    answer = await plezi.client.get(CONTACTS + "/batch", params={"ids": ",".join(wanted)})
    assert [contact["id"] for contact in answer.json()["data"]] == [ids[2], ids[0]]
    assert answer.json()["meta"] == {"total_results": 2}


@pytest.mark.parametrize("count", [0, 101])
async def test_batch_has_bounds(plezi: Stand, count: int) -> None:
    """None, or more than 100, are refused."""
    answer = await plezi.client.get(CONTACTS + "/batch", params={"ids": ",".join(["a"] * count)})
    assert (answer.status_code, details(answer)) == (400, [f"ids holds 1 to 100 identifiers, not {count}"])


async def test_search_finds_exactly_one_address(plezi: Stand) -> None:
    """Found whatever its case, and not by a part of it."""
    created = await plezi.create()
    for address, expected in (("LUCILE.RIVIERE@EXAMPLE.COM", [created]), ("riviere@example.com", [])):
        answer = await plezi.client.get(CONTACTS + "/search", params={"email": address})
        assert answer.json() == {"data": expected, "meta": {"total_results": len(expected)}}
    assert (await plezi.client.get(CONTACTS + "/search")).status_code == 400


async def test_fields_tell_types_options_and_what_may_be_written(plezi: Stand) -> None:
    """The field list is what a mapping is checked against."""
    answer = await plezi.client.get(API + "/fields")
    fields = {field["id"]: field["attributes"] for field in answer.json()["data"]}
    assert answer.json()["meta"] == {"total_results": len(fields)}
    assert fields["email"] | {"label": ""} == {
        "key": "email",
        "label": "",
        "type": "email",
        "read_only": False,
        "required": True,
        "options": None,
    }
    assert {key for key, field in fields.items() if field["read_only"]} == {
        "behaviour_score",
        "state",
        "source",
        "medium",
        "form",
        "plezi_url",
        "consents",
        "subscriptions",
        "created_at",
        "updated_at",
    }
    assert {"value": "santé", "label": "Santé"} in fields["plz_secteur"]["options"]
    assert {key: field["type"] for key, field in fields.items() if key.startswith("plz_")} == {
        "plz_secteur": "drop_down",
        "plz_centres_d_interet": "multiple_selection",
        "plz_chiffre_d_affaires": "number",
        "plz_date_de_naissance": "date",
        "plz_commentaire": "long_text",
        "plz_partenaire": "check_box",
    }


async def test_one_field(plezi: Stand) -> None:
    """A field by its key, 404 for an unknown one."""
    answer = await plezi.client.get(API + "/fields/plz_partenaire")
    assert answer.json()["data"]["attributes"]["type"] == "check_box"
    assert (await plezi.client.get(API + "/fields/nope")).status_code == 404


async def test_option_can_be_added_and_used(plezi: Stand) -> None:
    """A new option stands last and is accepted from then on."""
    option = {"value": "numerique", "label": "Numérique"}
    answer = await plezi.client.post(API + "/fields/plz_secteur/options", json=option)
    assert answer.status_code == 201
    assert answer.json()["data"]["attributes"]["options"][-1] == option
    assert (await plezi.create(plz_secteur="numerique"))["attributes"]["plz_secteur"] == "numerique"
    again = await plezi.client.post(API + "/fields/plz_secteur/options", json=option)
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("key", "body", "status"),
    [
        ("nope", {"value": "a", "label": "A"}, 404),
        ("plz_commentaire", {"value": "a", "label": "A"}, 422),
        ("state", {"value": "a", "label": "A"}, 422),
        ("plz_secteur", {"value": "a"}, 422),
        ("plz_secteur", {"value": "", "label": "A"}, 422),
        ("plz_secteur", {"value": "a,b", "label": "A"}, 422),
        ("plz_secteur", {"value": "a", "label": "A", "colour": "red"}, 422),
    ],
)
async def test_unfit_options_are_refused(plezi: Stand, key: str, body: dict[str, str], status: int) -> None:
    """No option without both texts, with a comma, or on a field that is no list."""
    assert (await plezi.client.post(f"{API}/fields/{key}/options", json=body)).status_code == status
