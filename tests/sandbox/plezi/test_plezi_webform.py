from __future__ import annotations

import json

import httpx
import pytest

from pdsync.sandbox.switches import Value
from tests.sandbox.plezi.stand import FORM, WEBFORM, Stand, details


async def test_submission_makes_a_contact(plezi: Stand) -> None:
    """A submission of an unknown address makes a contact, with its form of origin and points for the submission."""
    answer = await plezi.submit(first_name="Lucile", last_name="Rivière", company="Atelier Rivière")
    assert (answer.status_code, answer.json()) == (201, {})
    lucile = await plezi.lucile()
    assert (lucile["first_name"], lucile["last_name"], lucile["company"]) == (
        "Lucile",
        "Rivière",
        "Atelier Rivière",
    )
    assert (lucile["form"], lucile["medium"], lucile["behaviour_score"]) == (FORM.title, "offline", 5)


async def test_address_alone_is_enough(plezi: Stand) -> None:
    """One customer sends nothing but the address."""
    assert (await plezi.submit()).status_code == 201
    assert (await plezi.lucile())["first_name"] is None


async def test_query_string_as_customers_write_it(plezi: Stand) -> None:
    """The example of the notes, byte for byte: percent-encoded brackets, commas not encoded."""
    query = (
        f"form_id={FORM.form_id}&content_web_form_id={FORM.content_web_form_id}"
        "&email=lucile.riviere%40example.com&first_name=Lucile&last_name=Rivi%C3%A8re"
        "&company=Atelier%20Rivi%C3%A8re&consents%5B0%5D=12"
        "&plz_centres_d_interet=emailing,crm&keep_multiple_select_values=true"
    )
    assert (await plezi.client.get(f"{WEBFORM}?{query}")).status_code == 201
    lucile = await plezi.lucile()
    assert lucile["company"] == "Atelier Rivière"
    assert lucile["consents"] == [12]
    assert lucile["plz_centres_d_interet"] == ["emailing", "crm"]


async def test_known_address_is_updated(plezi: Stand) -> None:
    """Whatever its case: named fields change, others stay, the address keeps its spelling, and the answer is 200."""
    await plezi.create(company="Atelier Rivière")
    plezi.clock.advance(5)
    answer = await plezi.submit(first_name="Lucie")
    assert answer.status_code == 200
    lucile = await plezi.lucile()
    assert (lucile["email"], lucile["first_name"]) == ("Lucile.Riviere@example.com", "Lucie")
    assert (lucile["last_name"], lucile["company"]) == ("Rivière", "Atelier Rivière")
    assert lucile["updated_at"] > lucile["created_at"]
    assert lucile["form"] is None


async def test_known_address_may_be_refused(plezi: Stand) -> None:
    """That a submission updates is inferred; with the switch off it is refused and leaves no trace."""
    plezi.switches.turn({"plezi.webform_updates_known_email": False})
    before = (await plezi.create())["attributes"]
    assert (await plezi.submit(first_name="Lucie")).status_code == 422
    assert await plezi.lucile() == before
    assert plezi.db.value("SELECT count(*) FROM plezi_submissions") == 0


async def test_every_submission_has_side_effects(plezi: Stand) -> None:
    """Sending the same twice scores twice and leaves two rows: this call is no way to keep records in step."""
    for _ in range(2):
        await plezi.submit(utm_source="fb", subscriptions="0" * 24)
    lucile = await plezi.lucile()
    assert lucile["behaviour_score"] == 10
    assert lucile["subscriptions"] == ["0" * 24]
    rows = plezi.db.rows("SELECT contact_id, form, points, parameters FROM plezi_submissions")
    assert [(row["form"], row["points"]) for row in rows] == [(FORM.content_web_form_id, 5)] * 2
    assert ["utm_source", "fb"] in json.loads(rows[0]["parameters"])


async def test_points_are_a_switch(plezi: Stand) -> None:
    """Customers set what a submission is worth."""
    plezi.switches.turn({"plezi.webform_points": 20})
    await plezi.submit()
    assert (await plezi.lucile())["behaviour_score"] == 20


@pytest.mark.parametrize(
    ("mode", "kept", "expected"),
    [
        ("replace_unless_kept", "false", ["crm"]),
        ("replace_unless_kept", "true", ["evenements", "crm"]),
        ("always_replace", "true", ["crm"]),
        ("always_add", "false", ["evenements", "crm"]),
    ],
)
async def test_multiple_values_replace_or_add(
    plezi: Stand, mode: str, kept: str, expected: list[str]
) -> None:
    """Replace by default, add with keep_multiple_select_values=true; both are inferred, so both are a switch."""
    plezi.switches.turn({"plezi.webform_multiple_values": mode})
    await plezi.create(plz_centres_d_interet=["evenements"])
    await plezi.submit(plz_centres_d_interet="crm", keep_multiple_select_values=kept)
    assert (await plezi.lucile())["plz_centres_d_interet"] == expected


async def test_types_are_read_from_text(plezi: Stand) -> None:
    """A query string knows text only: numbers, dates and check boxes are read from it."""
    await plezi.submit(
        plz_chiffre_d_affaires="12.5",
        plz_date_de_naissance="1984-04-09",
        plz_partenaire="true",
        plz_secteur="education",
        plz_commentaire="Rappeler, merci",
    )
    lucile = await plezi.lucile()
    assert lucile["plz_chiffre_d_affaires"] == 12.5
    assert lucile["plz_date_de_naissance"] == "1984-04-09"
    assert lucile["plz_partenaire"] is True
    assert lucile["plz_secteur"] == "education"
    assert lucile["plz_commentaire"] == "Rappeler, merci"


async def test_unknown_values_are_dropped_in_silence(plezi: Stand) -> None:
    """The harder of two possibilities: 201, and the label instead of the slug is not there afterwards."""
    answer = await plezi.submit(
        plz_secteur="Éducation",
        plz_centres_d_interet="crm,golf",
        plz_chiffre_d_affaires="much",
        plz_partenaire="perhaps",
        plz_inconnu="x",
        colour="red",
    )
    assert answer.status_code == 201
    lucile = await plezi.lucile()
    assert (lucile["plz_secteur"], lucile["plz_centres_d_interet"]) == (None, ["crm"])
    assert (lucile["plz_chiffre_d_affaires"], lucile["plz_partenaire"]) == (None, None)


async def test_unknown_values_may_be_refused(plezi: Stand) -> None:
    """With the switches turned every problem is told, and no contact is made."""
    plezi.switches.turn(
        {"plezi.webform_unknown_values": "refuse", "plezi.webform_unknown_parameters": "refuse"}
    )
    answer = await plezi.submit(
        plz_secteur="Éducation", plz_centres_d_interet="golf", plz_inconnu="x", colour="red"
    )
    assert answer.status_code == 422
    assert details(answer) == [
        "colour is not a parameter",
        "plz_secteur has no option 'Éducation'",
        "plz_centres_d_interet has no option 'golf'",
        "plz_inconnu is not a field",
    ]
    assert plezi.db.value("SELECT count(*) FROM plezi_contacts") == 0


async def test_empty_parameters_do_not_clear(plezi: Stand) -> None:
    """An empty parameter leaves the field alone; a switch makes it empty the field."""
    await plezi.create(company="Atelier Rivière")
    await plezi.submit(company="")
    assert (await plezi.lucile())["company"] == "Atelier Rivière"
    plezi.switches.turn({"plezi.webform_empty_values_clear": True})
    await plezi.submit(company="")
    assert (await plezi.lucile())["company"] is None


async def test_empty_address_never_clears(plezi: Stand) -> None:
    """Not even with that switch: without an address there is no contact to speak of."""
    plezi.switches.turn({"plezi.webform_empty_values_clear": True})
    answer = await plezi.submit(email="")
    assert (answer.status_code, details(answer)) == (422, ["email is required"])


async def test_computed_fields_are_no_parameters(plezi: Stand) -> None:
    """Nobody sets a score by submitting one."""
    await plezi.submit(behaviour_score="99", state="Closed")
    lucile = await plezi.lucile()
    assert (lucile["behaviour_score"], lucile["state"]) == (5, "New")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"form_id": "0" * 24}, "form_id and content_web_form_id name no form"),
        ({"content_web_form_id": ""}, "form_id and content_web_form_id name no form"),
        ({"email": "lucile"}, "email 'lucile' is not an email address"),
    ],
)
async def test_refused_submission(plezi: Stand, changes: dict[str, str], complaint: str) -> None:
    """A form must exist, an address must be one; the errors have the form that callers read."""
    answer = await plezi.submit(**changes)
    assert (answer.status_code, details(answer)) == (422, [complaint])
    assert answer.json()["errors"][0]["title"] == "Submission refused"


@pytest.mark.parametrize(
    ("tracking", "source", "medium"),
    [
        ({}, None, "offline"),
        ({"gclid": "x", "utm_source": "fb"}, "Google", "Paid search"),
        ({"utm_source": "fb", "utm_medium": "Social media"}, "Facebook", "Social media"),
        ({"utm_source": "partner"}, "partner", "Other mediums"),
        ({"referer": "https://press.example.com"}, "https://press.example.com", "Referer"),
        ({"visitor": "abc"}, "direct", "Direct traffic"),
    ],
)
async def test_tracking_gives_source_and_medium(
    plezi: Stand, tracking: dict[str, str], source: str | None, medium: str
) -> None:
    """The origin of a new contact follows from the tracking parameters; without any it came offline."""
    await plezi.submit(**tracking)
    lucile = await plezi.lucile()
    assert (lucile["source"], lucile["medium"]) == (source, medium)


@pytest.mark.parametrize(
    ("switch", "position", "new", "known", "wrong"),
    [
        ("plezi.webform_new_status", 200, 200, 200, 422),
        ("plezi.webform_failure_status", 404, 201, 200, 404),
    ],
)
async def test_status_codes_are_switches(
    plezi: Stand, switch: str, position: Value, new: int, known: int, wrong: int
) -> None:
    """Callers accept 200 and 201; which failure has which status nobody knows."""
    plezi.switches.turn({switch: position})
    answers: list[httpx.Response] = [
        await plezi.submit(),
        await plezi.submit(),
        await plezi.submit(email="x"),
    ]
    assert [answer.status_code for answer in answers] == [new, known, wrong]


async def test_body_may_hold_the_contact(plezi: Stand) -> None:
    """The shape of a success is unknown: by default there is nothing to rely on."""
    plezi.switches.turn({"plezi.webform_body": "contact"})
    assert (await plezi.submit()).json()["data"]["attributes"]["email"] == "lucile.riviere@example.com"


async def test_opt_out_survives_a_submission(plezi: Stand) -> None:
    """Submitting a form with a consent does not subscribe somebody again who opted out."""
    await plezi.create(opted_out=True)
    await plezi.submit(**{"consents[0]": "12", "consents[1]": "13"})
    lucile = await plezi.lucile()
    assert (lucile["opted_out"], lucile["consents"]) == (True, [12, 13])
