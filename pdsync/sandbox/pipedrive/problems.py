"""Pipedrive's refusals: an exception for each, and the bodies they become.

Sources: the envelope is [doc] RESP; 401 with its header is [live] 2026-09-05/26; the 404 of a person is [code];
the code of validation errors and their wording is [live] MMED where a message is quoted in the API reference;
the body of 500 is client-php issue 234. Invented: the wording of every other message, the body of 429 beyond
its first sentence (airbyte's mock), the pages of 502 and 503, and the answer to an unknown route with a token.
"""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from pdsync.sandbox.wire import JsonResponse

_SEE = "Please check developers.pipedrive.com"
_SEE_MORE = "Please check developers.pipedrive.com for more information about Pipedrive API."


class ApiError(Exception):
    """A refusal on its way to the client."""

    def __init__(self, status: int, error: str, *, code: str | None = None, **more: object) -> None:
        super().__init__(error)
        self.status = status
        self.body: dict[str, object] = {
            "success": False,
            "error": error,
            "error_info": _SEE_MORE,
            "data": None,
            "additional_data": None,
        }
        if code is not None:
            self.body["code"] = code
        self.body |= more


def invalid(problem: str) -> ApiError:
    """400: a value in the body or the query that v2 does not take."""
    return ApiError(400, f"Validation failed: {problem}", code="ERR_SCHEMA_VALIDATION_FAILED")


def invalid_search(problem: str) -> ApiError:
    """400, as the search end point words it."""
    return ApiError(400, f"Invalid input: {problem}", code="ERR_INVALID_INPUT")


def not_found(what: str) -> ApiError:
    """404: no such record, or not visible to this user."""
    return ApiError(404, f"{what} not found")


def forbidden(error: str) -> ApiError:
    """403: the account or the user may not do this."""
    return ApiError(403, error, errorCode=403)


async def answer_api_error(_request: Request, error: Exception) -> Response:
    """Exception handler for `ApiError`."""
    if not isinstance(error, ApiError):
        raise error
    return JsonResponse(error.body, error.status)


async def answer_http_error(_request: Request, error: Exception) -> Response:
    """Exception handler for what Starlette refuses itself: unknown routes and methods."""
    if not isinstance(error, HTTPException):
        raise error
    text = {404: "Unknown method.", 405: "Method not allowed"}.get(error.status_code, error.detail)
    return JsonResponse(ApiError(error.status_code, text).body, error.status_code, headers=error.headers)


def refusal(status: int, headers: dict[str, str] | None = None) -> Response:
    """The answer to a request that never reaches a handler."""
    body: dict[str, Any]
    if status == 401:
        body = {"success": False, "error": "unauthorized access", "errorCode": 401, "error_info": _SEE}
        return JsonResponse(body, 401, {"x-401-by-gw": "true"} | (headers or {}))
    if status == 403:
        return HTMLResponse(_BLOCKED, 403, headers)
    if status == 429:
        body = {"success": False, "error": "request over limit", "errorCode": 429, "error_info": _SEE}
        return JsonResponse(body, 429, headers)
    if status == 500:
        body = {"success": False, "error": "Internal Server Error", "code": "ERR_UNKNOWN"}
        return JsonResponse(body, 500, headers)
    page = f"<html><head><title>{status}</title></head><body><center><h1>{_PAGES[status]}</h1></center></body></html>"
    return HTMLResponse(page, status, headers)


_PAGES = {502: "502 Bad Gateway", 503: "503 Service Temporarily Unavailable"}
_BLOCKED = """<!DOCTYPE html>
<html lang="en-US">
<head><title>Access denied | sandbox used Cloudflare to restrict access</title></head>
<body>
<h1>Error 1015</h1>
<p>You are being rate limited. This error is produced by Cloudflare and indicates that too many requests were sent.</p>
</body>
</html>
"""
