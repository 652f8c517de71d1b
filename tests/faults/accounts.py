"""Both stand-ins as people use them, past pdsync's own clients, and pdsync's settings for them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx

from pdsync.audits.registry import every_audit
from pdsync.engine.workspace import Workspace
from pdsync.settings import load_settings
from tests.sandbox_process import NO_TLS, SandboxProcess

MAPPING = Path(__file__).parents[2] / "mappings" / "contacts.yaml"
CONTACTS = "/api/sandbox/v1/contacts"
PERSONS = "/api/v2/persons"


class Accounts:
    """What people see and do in Pipedrive and Plezi."""

    def __init__(self, sandbox: SandboxProcess) -> None:
        self.sandbox = sandbox
        self._pipedrive = sandbox.pipedrive(transport=_Patient(verify=NO_TLS, trust_env=False))
        self._plezi = httpx.Client(
            base_url=sandbox.plezi_url,
            headers=sandbox.plezi_headers,
            trust_env=False,
            timeout=30,
            verify=NO_TLS,
        )
        rows = self._ok(self._pipedrive.get("/api/v2/personFields", params={"limit": 500}))["data"]
        self.codes = {row["field_name"]: row["field_code"] for row in rows}
        (flag,) = [row for row in rows if row["field_name"] == "sync_to_plezi"]
        self.yes = next(option["id"] for option in flag["options"] if option["label"] == "Yes")

    def close(self) -> None:
        """Give back the connections."""
        self._pipedrive.close()
        self._plezi.close()

    # -- what people do -------------------------------------------------------------------------------------------

    def person(self, address: str, first: str = "Lucile", last: str = "Rivière", **custom: Any) -> str:
        """A salesperson enters somebody who is to be synced; returns the id."""
        fields = {self.codes["sync_to_plezi"]: self.yes} | {self.codes[name]: v for name, v in custom.items()}
        body = {
            "first_name": first,
            "last_name": last,
            "emails": [{"value": address}],
            "custom_fields": fields,
        }
        return str(self._ok(self._pipedrive.post(PERSONS, json=body))["data"]["id"])

    def contact(self, address: str, first: str = "Lucile", last: str = "Rivière", **values: Any) -> str:
        """Somebody fills a form; returns the id."""
        body = {"email": address, "first_name": first, "last_name": last} | values
        return str(self._ok(self._plezi.post(CONTACTS, json=body))["data"]["id"])

    def edit_person(self, person_id: str, **values: Any) -> None:
        """A salesperson changes standard fields, or custom ones by name."""
        custom = {
            self.codes[name]: value
            for name, value in values.items()
            if name not in ("first_name", "last_name")
        }
        body = {name: value for name, value in values.items() if name in ("first_name", "last_name")}
        self._ok(
            self._pipedrive.patch(
                f"{PERSONS}/{person_id}", json=body | ({"custom_fields": custom} if custom else {})
            )
        )

    def edit_contact(self, contact_id: str, **values: Any) -> None:
        """A marketer changes a contact."""
        self._ok(self._plezi.patch(f"{CONTACTS}/{contact_id}", json=values))

    # -- what people see ------------------------------------------------------------------------------------------

    def persons(self) -> dict[str, dict[str, Any]]:
        """Every person by id, custom fields by name."""
        found: dict[str, dict[str, Any]] = {}
        names = {code: name for name, code in self.codes.items()}
        cursor = None
        while True:
            given = {"limit": 500} | ({"cursor": cursor} if cursor else {})
            page = self._ok(self._pipedrive.get(PERSONS, params=given))
            for person in page["data"]:
                custom = {names[code]: value for code, value in (person.pop("custom_fields") or {}).items()}
                found[str(person["id"])] = person | custom
            cursor = page["additional_data"]["next_cursor"]
            if cursor is None:
                return found

    def contacts(self) -> dict[str, dict[str, Any]]:
        """Every contact by id."""
        found: dict[str, dict[str, Any]] = {}
        for page in range(1, 1000):
            rows = self._ok(self._plezi.get(CONTACTS, params={"page": page, "per_page": 200}))["data"]
            found |= {row["id"]: row["attributes"] for row in rows}
            if not rows:
                break
        return found

    def addresses(self) -> dict[str, list[str]]:
        """By side: every address that is held, as often as it is held."""
        persons = [entry["value"] for person in self.persons().values() for entry in person["emails"]]
        return {"pipedrive": sorted(persons), "plezi": sorted(c["email"] for c in self.contacts().values())}

    @staticmethod
    def _ok(answer: httpx.Response) -> Any:
        assert answer.is_success, answer.text
        return answer.json()


class _Patient(httpx.HTTPTransport):
    """Waits where a run has just used up what the service lets through in two seconds, as a browser's reload would."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        for _ in range(10):
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                break
            answer.read()
            time.sleep(float(answer.headers.get("x-ratelimit-reset", 1)))
            answer = super().handle_request(request)
        return answer


def _mapping(folder: Path) -> Path:
    """The shipped mapping with the two audits that it names; the others cost half a second a plan, and block nothing."""
    path = folder / "mapping.yaml"
    if not path.exists():
        text = MAPPING.read_text(encoding="utf-8")
        named = {"duplicate-email", "missing-last-name"}
        others = sorted(audit.code for audit in every_audit() if audit.code not in named)
        path.write_text(
            f"{text.rstrip()}\n" + "".join(f"  {code}: {{off: true}}\n" for code in others), encoding="utf-8"
        )
    return path


def environment(sandbox: SandboxProcess, folder: Path) -> dict[str, str]:
    """The variables that point pdsync at the stand-ins."""
    plezi = sandbox.ready["plezi"]
    return {
        "PDSYNC_PIPEDRIVE_URL": sandbox.pipedrive_url,
        "PDSYNC_PIPEDRIVE_TOKEN": sandbox.pipedrive_token,
        "PDSYNC_PIPEDRIVE_PLAN": "ultimate",
        "PDSYNC_PLEZI_PROFILE": "sandbox",
        "PDSYNC_PLEZI_URL": sandbox.plezi_url,
        "PDSYNC_PLEZI_TENANT": plezi["tenant"],
        "PDSYNC_PLEZI_API_KEY": plezi["api_key"],
        "PDSYNC_STATE": str(folder / "state"),
        "PDSYNC_MAPPING": str(_mapping(folder)),
    }


def workspace(sandbox: SandboxProcess, folder: Path) -> Workspace:
    """Pdsync's own view of both."""
    return Workspace.open(load_settings(environment=environment(sandbox, folder)))


def doubles(items: Iterable[str]) -> list[str]:
    """What occurs more than once."""
    seen: set[str] = set()
    return sorted({item for item in items if item in seen or seen.add(item)})  # type: ignore[func-returns-value]
