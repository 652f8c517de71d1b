from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.plezi.stand import API, LUCILE, Stand, details

CONTACTS = API + "/contacts"


async def test_created_contact_shows_every_field(plezi: Stand) -> None:
    """A create answers 201 with all fields, empty ones as null, and what Plezi computed."""
    created = await plezi.create(plz_secteur="CONSEIL", plz_chiffre_d_affaires=12.5)
    attributes = created["attributes"]
    assert created["type"] == "contact"
    assert len(created["id"]) == 24
    assert attributes == {
        "email": "Lucile.Riviere@example.com",
        "first_name": "Lucile",
        "last_name": "Rivière",
        "company": None,
        "function": None,
        "behaviour_score": 0,
        "state": "New",
        "source": None,
        "medium": "offline",
        "form": None,
        "plezi_url": f"https://plezi.example/contacts/{created['id']}",
        "opted_out": False,
        "consents": [],
        "subscriptions": [],
        "created_at": attributes["created_at"],
        "updated_at": attributes["created_at"],
        "plz_secteur": "CONSEIL",
        "plz_centres_d_interet": None,
        "plz_chiffre_d_affaires": 12.5,
        "plz_date_de_naissance": None,
        "plz_commentaire": None,
        "plz_partenaire": None,
    }


async def test_contact_is_read_as_it_was_created(plezi: Stand) -> None:
    """What a create answers and what a read shows are the same."""
    created = await plezi.create()
    answer = await plezi.client.get(f"{CONTACTS}/{created['id']}")
    assert (answer.status_code, answer.json()) == (200, {"data": created})


async def test_missing_contact_is_404(plezi: Stand) -> None:
    """Reading, changing and deleting what is not there say so."""
    path = f"{CONTACTS}/{'0' * 24}"
    answers = [await plezi.client.request(method, path, json={}) for method in ("GET", "PATCH", "DELETE")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


async def test_patch_changes_only_what_is_named_and_null_clears(plezi: Stand) -> None:
    """A partial update leaves the other fields alone; null, and nothing else, empties a field."""
    created = await plezi.create(company="Atelier Rivière", plz_centres_d_interet=["crm", "emailing"])
    plezi.clock.advance(5)
    answer = await plezi.client.patch(
        f"{CONTACTS}/{created['id']}",
        json={"company": None, "plz_centres_d_interet": None, "function": "DAF"},
    )
    changed = answer.json()["data"]["attributes"]
    assert answer.status_code == 200
    assert changed["updated_at"] > created["attributes"]["updated_at"]
    expected = {
        "company": None,
        "plz_centres_d_interet": None,
        "function": "DAF",
        "updated_at": changed["updated_at"],
    }
    assert changed == created["attributes"] | expected


async def test_blank_text_and_empty_list_are_stored_as_null(plezi: Stand) -> None:
    """An empty field has one form only, whatever was sent."""
    created = await plezi.create(company="  ", plz_centres_d_interet=[])
    assert created["attributes"]["company"] is None
    assert created["attributes"]["plz_centres_d_interet"] is None


async def test_deleted_contact_is_gone(plezi: Stand) -> None:
    """A delete answers 204, frees the address, and its id is never given again."""
    created = await plezi.create()
    assert (await plezi.client.delete(f"{CONTACTS}/{created['id']}")).status_code == 204
    assert (await plezi.client.get(f"{CONTACTS}/{created['id']}")).status_code == 404
    assert (await plezi.create())["id"] != created["id"]


async def test_address_is_unique_whatever_its_case(plezi: Stand) -> None:
    """A second contact of an address is refused on create and on change (R17)."""
    await plezi.create()
    twice = await plezi.client.post(CONTACTS, json={"email": "LUCILE.riviere@EXAMPLE.com"})
    assert twice.status_code == 409
    other = await plezi.create(email="mael.legall@example.com")
    moved = await plezi.client.patch(
        f"{CONTACTS}/{other['id']}", json={"email": "lucile.riviere@example.com"}
    )
    assert moved.status_code == 409
    assert moved.json()["errors"][0]["title"] == "Email has already been taken"


async def test_address_of_a_contact_can_change(plezi: Stand) -> None:
    """An update by id may change the address, also its case only."""
    created = await plezi.create()
    answer = await plezi.client.patch(
        f"{CONTACTS}/{created['id']}", json={"email": "lucile.riviere@example.com"}
    )
    assert answer.json()["data"]["attributes"]["email"] == "lucile.riviere@example.com"
    again = await plezi.client.patch(f"{CONTACTS}/{created['id']}", json={"email": "lucile@example.org"})
    found = await plezi.client.get(CONTACTS + "/search", params={"email": "Lucile@Example.org"})
    assert found.json()["data"] == [again.json()["data"]]


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"email": "lucile"}, "email 'lucile' is not an email address"),
        ({"email": "lucile@example"}, "email 'lucile@example' is not an email address"),
        ({"email": "a b@example.com"}, "email 'a b@example.com' is not an email address"),
        ({"email": " lucile@example.com"}, "email ' lucile@example.com' is not an email address"),
        ({"email": "a@b@example.com"}, "email 'a@b@example.com' is not an email address"),
        ({"email": ""}, "email '' is not an email address"),
        ({"phone": "1"}, "phone is not a field"),
        ({"plz_inconnu": "1"}, "plz_inconnu is not a field"),
        ({"behaviour_score": 5}, "behaviour_score is read-only: Plezi computes it"),
        ({"state": "Closed"}, "state is read-only: Plezi computes it"),
        ({"source": "me"}, "source is read-only: Plezi computes it"),
        ({"plezi_url": "https://example.com"}, "plezi_url is read-only: Plezi computes it"),
        ({"created_at": "2026-09-01T00:00:00Z"}, "created_at is read-only: Plezi computes it"),
        ({"first_name": "x" * 256}, "first_name is too long: 256 characters of at most 255"),
        ({"first_name": 7}, "first_name takes text, not 7"),
        ({"plz_secteur": "conseil"}, "plz_secteur has no option 'conseil'"),
        ({"plz_secteur": "Éducation"}, "plz_secteur has no option 'Éducation'"),
        ({"plz_secteur": ["education"]}, "plz_secteur has no option ['education']"),
        ({"plz_centres_d_interet": "crm"}, "plz_centres_d_interet takes a list of option values, not 'crm'"),
        ({"plz_centres_d_interet": ["crm", "golf"]}, "plz_centres_d_interet has no option 'golf'"),
        ({"plz_chiffre_d_affaires": "12"}, "plz_chiffre_d_affaires takes a number, not '12'"),
        ({"plz_chiffre_d_affaires": True}, "plz_chiffre_d_affaires takes a number, not True"),
        (
            {"plz_date_de_naissance": "1984-02-30"},
            "plz_date_de_naissance takes a date such as 2026-09-01, not '1984-02-30'",
        ),
        (
            {"plz_date_de_naissance": "19840209"},
            "plz_date_de_naissance takes a date such as 2026-09-01, not '19840209'",
        ),
        ({"plz_partenaire": "true"}, "plz_partenaire takes true or false, not 'true'"),
    ],
)
async def test_unacceptable_value_is_422(plezi: Stand, values: dict[str, Any], complaint: str) -> None:
    """Each value that a field cannot hold is refused with a sentence, on create and on change, and nothing is written."""
    created = await plezi.create(email="somebody@example.com")
    for answer in (
        await plezi.client.post(CONTACTS, json=LUCILE | values),
        await plezi.client.patch(f"{CONTACTS}/{created['id']}", json={"company": "Changed"} | values),
    ):
        assert (answer.status_code, details(answer)) == (422, [complaint])
    assert (await plezi.client.get(f"{CONTACTS}/{created['id']}")).json()["data"] == created


async def test_all_problems_are_told_at_once(plezi: Stand) -> None:
    """A body with three mistakes gets three complaints."""
    answer = await plezi.client.post(CONTACTS, json={"email": "x", "state": "New", "nope": 1})
    assert len(details(answer)) == 3


async def test_address_is_required(plezi: Stand) -> None:
    """A contact is made of an address, and cannot lose it."""
    assert details(await plezi.client.post(CONTACTS, json={"first_name": "Lucile"})) == ["email is required"]
    assert details(await plezi.client.post(CONTACTS, json={"email": None})) == ["email is required"]
    created = await plezi.create()
    answer = await plezi.client.patch(f"{CONTACTS}/{created['id']}", json={"email": None})
    assert (answer.status_code, details(answer)) == (422, ["email cannot be emptied"])


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'"text"', b"null"])
async def test_body_must_be_a_json_object(plezi: Stand, body: bytes) -> None:
    """What cannot be read is 400, not 422."""
    assert (await plezi.client.post(CONTACTS, content=body)).status_code == 400


async def test_numbers_that_json_does_not_have_are_refused(plezi: Stand) -> None:
    """Python reads NaN from JSON; no field holds it."""
    body = b'{"email": "a@example.com", "plz_chiffre_d_affaires": NaN}'
    assert (await plezi.client.post(CONTACTS, content=body)).status_code == 422


async def test_long_text_has_no_limit_of_255(plezi: Stand) -> None:
    """The limit belongs to short text."""
    created = await plezi.create(plz_commentaire="é" * 3000)
    assert created["attributes"]["plz_commentaire"] == "é" * 3000


async def test_opting_out_is_final(plezi: Stand) -> None:
    """Nobody but the person takes an opt-out back; a switch allows it."""
    created = await plezi.create(opted_out=True)
    path = f"{CONTACTS}/{created['id']}"
    back = await plezi.client.patch(path, json={"opted_out": False})
    assert (back.status_code, (await plezi.lucile())["opted_out"]) == (422, True)
    plezi.switches.turn({"plezi.opt_out_is_final": False})
    assert (await plezi.client.patch(path, json={"opted_out": False})).status_code == 200


async def test_clearing_can_be_switched_off(plezi: Stand) -> None:
    """Nothing says that Plezi lets a field be emptied; without it null is refused on change, not on create."""
    plezi.switches.turn({"plezi.contacts_can_be_cleared": False})
    created = await plezi.create(company=None)
    answer = await plezi.client.patch(f"{CONTACTS}/{created['id']}", json={"company": None})
    assert (answer.status_code, details(answer)) == (422, ["company cannot be emptied"])


async def test_equal_update_moves_updated_at_by_default(plezi: Stand) -> None:
    """updated_at may move although nothing changed: clients must compare values. A switch keeps it still."""
    created = await plezi.create()
    path = f"{CONTACTS}/{created['id']}"
    plezi.clock.advance(5)
    moved = (await plezi.client.patch(path, json={"first_name": "Lucile"})).json()["data"]["attributes"][
        "updated_at"
    ]
    assert moved > created["attributes"]["updated_at"]
    plezi.switches.turn({"plezi.equal_update_moves_updated_at": False})
    plezi.clock.advance(5)
    again = await plezi.client.patch(path, json={"first_name": "Lucile"})
    assert again.json()["data"]["attributes"]["updated_at"] == moved


async def test_options_may_be_matched_whatever_their_case(plezi: Stand) -> None:
    """With the switch off 'Education' is taken for 'education', and stored as that."""
    plezi.switches.turn({"plezi.options_are_case_sensitive": False})
    created = await plezi.create(plz_secteur="EDUCATION", plz_centres_d_interet=["CRM", "crm"])
    assert created["attributes"]["plz_secteur"] == "education"
    assert created["attributes"]["plz_centres_d_interet"] == ["crm"]
