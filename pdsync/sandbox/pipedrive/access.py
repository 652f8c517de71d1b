"""Who is asking, and what this user may see.

Only the header ``x-api-token`` opens the door: ``?api_token=`` works in places but is undocumented ([live],
section 1.4 of the reference), and a client that relies on it leaks its token into logs. A token sees what its
user sees and nothing in an answer says that it is partial ([doc]). Here a user without administration rights
does not see the persons of others that only their owner sees (``visible_to`` 1); groups do not exist.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from pdsync.sandbox.account import Account
from pdsync.sandbox.database import Database
from pdsync.sandbox.pipedrive.persons import Person
from pdsync.sandbox.pipedrive.tables import OWNER_ID

VISIBLE_TO_OWNER = 1


@dataclass(frozen=True, slots=True)
class User:
    """A user of the company."""

    id: int
    is_admin: bool

    def sees(self, person: Person) -> bool:
        """Whether this user may see a person."""
        return self.is_admin or person.visible_to != VISIBLE_TO_OWNER or person.owner_id == self.id


def user_of(db: Database, account: Account, token: str | None) -> User | None:
    """The user whose token it is."""
    if not token:
        return None
    if token == account.pipedrive_token:
        return User(OWNER_ID, is_admin=True)
    row = db.row("SELECT id, is_admin FROM pipedrive_users WHERE token = ? AND active", (token,))
    return None if row is None else User(row["id"], bool(row["is_admin"]))


def current_user(request: Request) -> User:
    """The user of a request that was let in."""
    user = request.state.user
    if not isinstance(user, User):
        raise TypeError("the request was not let in")
    return user
