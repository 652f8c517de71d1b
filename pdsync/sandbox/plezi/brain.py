"""The three calls of Plezi's current API that its WordPress plugin makes (profile `brain-v1`, Plezi notes 4).

`POST /api/v1/api_keys/authenticate` checks a pair of keys; `GET /api/v1/content_web_forms` lists the forms and
`GET /api/v1/analytics_script` gives the tracking script, both signed (see `signature`). No call for contacts is known.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pdsync.sandbox.plezi.problems import RefusedError, bad_request
from pdsync.sandbox.plezi.query import one_of, whole_number
from pdsync.sandbox.plezi.standin import Plezi

_PER_PAGE: Final = 20
"""What the plugin asks for, and here the default."""


class Brain:
    """The routes."""

    def __init__(self, plezi: Plezi) -> None:
        self._plezi = plezi

    async def authenticate(self, request: Request) -> Response:
        """Whether `client_id` and `client_secret` belong together. The answer carries no token: none is used later."""
        form = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
        account = self._plezi.account
        pair = (form.get("client_id", [""])[-1], form.get("client_secret", [""])[-1])
        if pair != (account.plezi_public_key, account.plezi_secret_key):
            status = self._plezi.switches.number("plezi.refusal_status")
            raise RefusedError(status, "Unauthorized", "client_id and client_secret are no valid pair")
        return JSONResponse({})

    async def forms(self, request: Request) -> Response:
        """The forms, in pages from 1."""
        plezi = self._plezi
        plezi.require_signature(request)
        query = request.query_params
        sort_by = one_of(query, "sort_by", ("title", "created_at"))
        direction = one_of(query, "sort_dir", ("asc", "desc"))
        page = whole_number(query, "page", 1)
        per_page = min(
            whole_number(query, "per_page", _PER_PAGE), plezi.switches.number("plezi.brain_per_page_max")
        )
        order = f"{sort_by} {direction}, id {direction}"
        rows = plezi.db.rows(
            f"SELECT id, title, created_at FROM plezi_forms ORDER BY {order} LIMIT ? OFFSET ?",  # noqa: S608 - `order` is ours
            (per_page, (page - 1) * per_page),
        )
        return JSONResponse(
            {
                "data": [
                    {
                        "id": row["id"],
                        "type": "content_web_form",
                        "attributes": {"title": row["title"], "created_at": row["created_at"]},
                    }
                    for row in rows
                ],
                "meta": {"total_results": plezi.db.value("SELECT count(*) FROM plezi_forms")},
            }
        )

    async def analytics_script(self, request: Request) -> Response:
        """The tracking script; here it tracks nobody."""
        self._plezi.require_signature(request)
        if request.query_params:
            raise bad_request("analytics_script takes no parameters")
        return JSONResponse({"data": {"script": f"/* sandbox of {self._plezi.tenant_id}: tracks nobody */"}})
