"""What every route of the Plezi stand-in works with, and how a request proves that it may."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from pdsync.sandbox.account import Account
from pdsync.sandbox.clock import Clock
from pdsync.sandbox.database import Database
from pdsync.sandbox.plezi import signature
from pdsync.sandbox.plezi.contacts import Contacts
from pdsync.sandbox.plezi.fieldbook import FieldBook
from pdsync.sandbox.plezi.problems import RefusedError
from pdsync.sandbox.switches import Switches

SIDE: Final = "plezi"


@dataclass(frozen=True, slots=True)
class Plezi:
    """The stand-in behind its routes."""

    db: Database
    clock: Clock
    switches: Switches
    account: Account
    fields: FieldBook
    contacts: Contacts

    @classmethod
    def open(cls, db: Database, clock: Clock, switches: Switches, account: Account) -> Plezi:
        """The Plezi of this file."""
        fields = FieldBook(db)
        return cls(db, clock, switches, account, fields, Contacts(db, clock, switches, fields))

    @property
    def tenant_id(self) -> str:
        """24 hexadecimal digits, like the legacy generation's ids; always the same for the same company name."""
        return hashlib.sha256(self.account.plezi_tenant.encode()).hexdigest()[:24]

    def require_header_pair(self, request: Request) -> None:
        """Refuse a request without the right `X-Tenant-Company` and `X-API-Key` (Plezi notes 3.1)."""
        tenant = request.headers.get("x-tenant-company", "")
        key = request.headers.get("x-api-key", "")
        tenants = {
            "name": {self.account.plezi_tenant},
            "id": {self.tenant_id},
            "either": {self.account.plezi_tenant, self.tenant_id},
        }[self.switches.text("plezi.tenant_header")]
        if tenant not in tenants:
            raise self._refusal("X-Tenant-Company is missing or names no company of this service")
        if key != self.account.plezi_api_key:
            raise self._refusal("X-API-Key is missing or wrong")

    def require_signature(self, request: Request) -> None:
        """Refuse a request that the holder of the secret key has not signed (Plezi notes 4.4)."""
        claim = signature.parse(request.headers.get("x-authorization", ""))
        if claim is None:
            raise self._refusal("X-AUTHORIZATION is missing or not of the known form")
        if claim.public_key != self.account.plezi_public_key or claim.algorithm != signature.ALGORITHM:
            raise self._refusal("unknown API key or algorithm")
        if claim.nonce != signature.NONCE and not self.switches.on("plezi.brain_accepts_any_nonce"):
            raise self._refusal("unknown nonce")
        tolerance = self.switches.number("plezi.brain_tolerance_seconds")
        if tolerance and abs(self.clock.now() - claim.ts) > tolerance:
            raise self._refusal("ts is too far from the time of this server")
        query = request.scope["query_string"].decode("latin-1")
        raw_path = request.scope.get("raw_path") or request.scope["path"].encode()
        if not signature.matches(
            claim,
            self.account.plezi_secret_key,
            raw_path.decode("latin-1"),
            query,
            line_feeds_too=self.switches.on("plezi.brain_accepts_line_feeds"),
        ):
            raise self._refusal("the signature does not fit the request")

    def _refusal(self, detail: str) -> RefusedError:
        return RefusedError(self.switches.number("plezi.refusal_status"), "Unauthorized", detail)
