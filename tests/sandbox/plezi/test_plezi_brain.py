from __future__ import annotations

from typing import Any

import pytest

from pdsync.sandbox.seeding import fieldset
from tests.sandbox.plezi.stand import Stand

FORMS = "/api/v1/content_web_forms"
AUTHENTICATE = "/api/v1/api_keys/authenticate"


async def test_key_pair_is_checked(plezi: Stand) -> None:
    """The credential check answers 200 for the pair of this account, and the refusal status for any other."""
    pair = {"client_id": plezi.account.plezi_public_key, "client_secret": plezi.account.plezi_secret_key}
    assert (await plezi.client.post(AUTHENTICATE, data=pair)).status_code == 200
    for wrong in (pair | {"client_secret": "x"}, pair | {"client_id": "x"}, {}):
        assert (await plezi.client.post(AUTHENTICATE, data=wrong)).status_code == 401


async def test_forms_are_listed_in_pages(plezi: Stand) -> None:
    """Pages from 1, the total beside them, sorted as asked."""
    titles = sorted(form.title for form in fieldset.FORMS)
    found: list[str] = []
    for page in (1, 2, 3):
        query = f"sort_by=title&sort_dir=asc&page={page}&per_page=4"
        answer = await plezi.client.get(f"{FORMS}?{query}", headers=plezi.signed("content_web_forms", query))
        assert answer.status_code == 200
        assert answer.json()["meta"]["total_results"] == len(titles)
        found += [form["attributes"]["title"] for form in answer.json()["data"]]
    assert found == titles


async def test_listed_form_has_the_known_shape(plezi: Stand) -> None:
    """id, type and attributes, as the plugin reads them."""
    answer = await plezi.client.get(FORMS, headers=plezi.signed("content_web_forms"))
    form = answer.json()["data"][0]
    assert form.keys() == {"id", "type", "attributes"}
    assert form["attributes"].keys() == {"title", "created_at"}
    assert form["id"] in {known.content_web_form_id for known in fieldset.FORMS}


async def test_page_size_is_cut(plezi: Stand) -> None:
    """The maximum is unknown; a larger page is cut, not refused, so a client has to look at the total."""
    plezi.switches.turn({"plezi.brain_per_page_max": 2})
    query = "sort_by=title&sort_dir=asc&page=1&per_page=20"
    answer = await plezi.client.get(f"{FORMS}?{query}", headers=plezi.signed("content_web_forms", query))
    assert len(answer.json()["data"]) == 2


async def test_script_is_signed_without_a_query(plezi: Stand) -> None:
    """An empty query leaves two separators side by side."""
    answer = await plezi.client.get("/api/v1/analytics_script", headers=plezi.signed("analytics_script"))
    assert answer.status_code == 200
    assert "tracks nobody" in answer.json()["data"]["script"]


@pytest.mark.parametrize(
    "changes",
    [{"newline": "\n"}, {"host": "127.0.0.1"}, {"nonce": "mine"}, {"public": "other"}, {"ts": 1700000000}],
)
async def test_wrongly_signed_request_is_refused(plezi: Stand, changes: dict[str, Any]) -> None:
    """Line feeds, another host, another nonce, another key, an old time: 401."""
    answer = await plezi.client.get(FORMS, headers=plezi.signed("content_web_forms", **changes))
    assert answer.status_code == 401


async def test_query_must_equal_what_was_signed(plezi: Stand) -> None:
    """A query that was added or encoded again after signing does not verify."""
    headers = plezi.signed("content_web_forms", "sort_by=title&page=1")
    assert (await plezi.client.get(FORMS + "?sort_by=title&page=2", headers=headers)).status_code == 401
    assert (await plezi.client.get(FORMS + "?page=1&sort_by=title", headers=headers)).status_code == 401
    assert (await plezi.client.get(FORMS + "?sort_by=title&page=1", headers=headers)).status_code == 200


async def test_unsigned_request_is_refused(plezi: Stand) -> None:
    """The header pair of the legacy generation does not open the current one."""
    assert (await plezi.client.get(FORMS)).status_code == 401


@pytest.mark.parametrize(
    ("switch", "position", "changes"),
    [
        ("plezi.brain_accepts_line_feeds", True, {"newline": "\n"}),
        ("plezi.brain_accepts_any_nonce", True, {"nonce": "mine"}),
        ("plezi.brain_tolerance_seconds", 0, {"ts": 1700000000}),
    ],
)
async def test_unknown_tolerances_are_switches(
    plezi: Stand, switch: str, position: bool | int, changes: dict[str, Any]
) -> None:
    """Whether the server is that tolerant is not known: the strict position is the default."""
    plezi.switches.turn({switch: position})
    answer = await plezi.client.get(FORMS, headers=plezi.signed("content_web_forms", **changes))
    assert answer.status_code == 200
