"""How Plezi's API says no: `{"errors": [{"title": "...", "detail": "..."}]}`.

The form is the one that customers' code reads (`errors[0].title` and `errors[0].detail`, reference 3.1, `[code]`).
Which status codes Plezi uses is not known; those here are our choice. All problems of a body are told at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from starlette.responses import JSONResponse


class RefusedError(Exception):
    """A request that is answered with errors instead of data."""

    def __init__(self, status: int, title: str, *details: str) -> None:
        super().__init__(f"{status} {title}: {'; '.join(details)}")
        self.status = status
        self.title = title
        self.details: Sequence[str] = details or (title,)

    def response(self) -> JSONResponse:
        """The answer on the wire."""
        return JSONResponse(
            {"errors": [{"title": self.title, "detail": detail} for detail in self.details]},
            status_code=self.status,
        )


def not_found(what: str) -> RefusedError:
    """404: nothing has that identifier."""
    return RefusedError(HTTPStatus.NOT_FOUND, "Not found", f"{what} does not exist")


def bad_request(*details: str) -> RefusedError:
    """400: the request cannot be read."""
    return RefusedError(HTTPStatus.BAD_REQUEST, "Bad request", *details)


def invalid(*details: str) -> RefusedError:
    """422: the request can be read, and its values are not acceptable."""
    return RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, "Invalid attributes", *details)


def email_taken(email: str) -> RefusedError:
    """409: the address is somebody else's; it is the identity of a contact (R17)."""
    return RefusedError(
        HTTPStatus.CONFLICT, "Email has already been taken", f"another contact has the email {email}"
    )
