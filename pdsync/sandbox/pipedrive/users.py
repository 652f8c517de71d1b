"""The two calls of API v1 that pdsync makes: who am I, and who else is there.

[spec] the shape; the values are those of an invented company. Times are in v1's form. The numbers of roles,
permission sets and languages are invented.
"""

from __future__ import annotations

import sqlite3
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from pdsync.sandbox.account import Account
from pdsync.sandbox.clock import Clock
from pdsync.sandbox.database import Database
from pdsync.sandbox.pipedrive.access import current_user
from pdsync.sandbox.pipedrive.tables import OWNER_ID
from pdsync.sandbox.switches import Switches
from pdsync.sandbox.wire import JsonResponse


@dataclass(frozen=True, slots=True)
class UserRoutes:
    """Handlers."""

    db: Database
    clock: Clock
    switches: Switches
    account: Account

    async def me(self, request: Request) -> Response:
        """GET /v1/users/me."""
        me = current_user(request).id
        row = self.db.row("SELECT * FROM pipedrive_users WHERE id = ?", (me,))
        if row is None:
            raise LookupError(f"user {me} is gone")
        company = {
            "company_id": int(self.account.pipedrive_company_id),
            "company_name": self.account.pipedrive_company_name,
            "company_domain": self.account.pipedrive_company_domain,
            "company_country": "FR",
            "company_industry": "Consulting",
            "language": {"language_code": "en", "country_code": "US"},
        }
        return JsonResponse({"success": True, "data": self._user(row, me) | company})

    async def everybody(self, request: Request) -> Response:
        """GET /v1/users: all users, on one page."""
        me = current_user(request).id
        rows = self.db.rows("SELECT * FROM pipedrive_users ORDER BY id")
        return JsonResponse({"success": True, "data": [self._user(row, me) for row in rows]})

    def _user(self, row: sqlite3.Row, me: int) -> dict[str, Any]:
        zone = self.switches.text("pipedrive.time_zone")
        created = row["add_time"][:19].replace("T", " ")
        apps = ("global", "sales", "account_settings") if row["is_admin"] else ("sales",)
        return {
            "id": row["id"],
            "name": row["name"],
            "default_currency": "EUR",
            "locale": "fr_FR",
            "lang": 1,
            "email": row["email"],
            "phone": None,
            "activated": True,
            "last_login": self.clock.utc().strftime("%Y-%m-%d 06:00:00"),
            "created": created,
            "modified": created,
            "has_created_company": row["id"] == OWNER_ID,
            "access": [
                {
                    "app": app,
                    "admin": bool(row["is_admin"]),
                    "permission_set_id": str(
                        uuid.uuid5(uuid.NAMESPACE_DNS, f"{app}.{row['is_admin']}.example")
                    ),
                }
                for app in apps
            ],
            "active_flag": bool(row["active"]),
            "timezone_name": zone,
            "timezone_offset": _offset(self.clock.utc().astimezone(ZoneInfo(zone))),
            "role_id": 1,
            "icon_url": None,
            "is_you": row["id"] == me,
            "is_deleted": not row["active"],
        } | ({"is_admin": int(row["is_admin"])} if self.switches.on("pipedrive.shows_is_admin") else {})


def _offset(local: datetime) -> str:
    """``+02:00``."""
    text = local.strftime("%z")
    return f"{text[:3]}:{text[3:]}"
