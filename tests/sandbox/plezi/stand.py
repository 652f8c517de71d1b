"""The Plezi stand-in in this process, with a client that has the keys."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

import httpx

from pdsync.sandbox.account import Account
from pdsync.sandbox.clock import Clock
from pdsync.sandbox.database import Database
from pdsync.sandbox.seeding import fieldset
from pdsync.sandbox.service import Service
from pdsync.sandbox.switches import Switches

API = "/api/sandbox/v1"
WEBFORM = "/api/v1/create_contact_after_webform"
FORM = fieldset.FORMS[0]
LUCILE = {"email": "Lucile.Riviere@example.com", "first_name": "Lucile", "last_name": "Rivière"}


@dataclass(frozen=True)
class Stand:
    """Everything that a test of the stand-in looks at."""

    db: Database
    clock: Clock
    switches: Switches
    account: Account
    service: Service
    client: httpx.AsyncClient

    async def create(self, **values: Any) -> dict[str, Any]:
        """A contact by the invented route; Lucile unless told otherwise."""
        answer = await self.client.post(f"{API}/contacts", json=LUCILE | values)
        assert answer.status_code == 201, answer.text
        created: dict[str, Any] = answer.json()["data"]
        return created

    async def submit(self, **parameters: str) -> httpx.Response:
        """A form submission; of Lucile's address unless told otherwise."""
        known = {
            "form_id": FORM.form_id,
            "content_web_form_id": FORM.content_web_form_id,
            "email": "lucile.riviere@example.com",
        }
        return await self.client.get(WEBFORM, params=known | parameters)

    async def lucile(self) -> dict[str, Any]:
        """The attributes of the contact with Lucile's address."""
        answer = await self.client.get(f"{API}/contacts/search", params={"email": LUCILE["email"]})
        found: dict[str, Any] = answer.json()["data"][0]["attributes"]
        return found

    def signed(self, endpoint: str, query: str = "", **changes: Any) -> dict[str, str]:
        """The header of a signed request, made as the plugin makes it: a second reading of Plezi notes 4.4."""
        ts = changes.get("ts", int(self.clock.now()))
        newline = changes.get("newline", "\\n")
        nonce = changes.get("nonce", "WP-PLEZI")
        host = changes.get("host", "brain.plezi.co")
        public = changes.get("public", self.account.plezi_public_key)
        tail = f"id={public}&algo=hmac-sha256&nonce={nonce}&ts={ts}"
        text = newline.join(["GET", host, f"/api/v1/{endpoint}", query, tail])
        raw = hmac.new(self.account.plezi_secret_key.encode(), text.encode(), hashlib.sha256).digest()
        signature = base64.b64encode(raw).decode()
        return {
            "X-AUTHORIZATION": f"plezi id={public},algo=hmac-sha256,nonce={nonce},signature={signature},ts={ts}"
        }


def details(answer: httpx.Response) -> list[str]:
    """What an answer complains of; also checks that each complaint has the known form."""
    errors = answer.json()["errors"]
    assert all(error.keys() == {"title", "detail"} for error in errors)
    return [error["detail"] for error in errors]
