"""Every exception that pdsync raises on purpose, grouped by what the caller should do next.

::

    PdsyncError
    |-- FixInput            exit 2   the person changes a file, a setting or a flag, and runs again
    |   |-- UsageError               a flag or an argument is wrong
    |   |-- SettingsError            pdsync.toml, an environment variable or a missing token
    |   |-- MappingError             the mapping, a field list or an API profile; carries every problem at once
    |   |-- InputFileError           an export or a plan file cannot be read
    |   |-- AccountMismatch          the token's account is not the one this state belongs to
    |   |-- StateError               the state cannot be used as it is
    |   |   |-- StateFromFuture      written by a newer pdsync
    |   |   |-- StateLocked          another run holds the lock
    |   |   `-- StorageFull          no room left on the disk
    |   `-- ConfirmationNeeded       pdsync will not do this without a flag that says so
    |-- ServiceError        exit 3   a service is unreachable or refuses; try again later or fix the account
    |   |-- Unreachable              no connection, or no answer in time
    |   |   `-- AnswerLost           a write was sent and its answer never came: it may have happened
    |   |-- Unauthorised             401
    |   |-- Forbidden                403 with a JSON body; 402
    |   |-- Blocked                  403 with an HTML page: the service's firewall
    |   |-- BudgetExhausted          429 until tomorrow
    |   |-- ServiceFault             5xx after all retries
    |   |   `-- Overdue              a write could not leave in time: what it rests on is to be read again
    |   `-- BadAnswer                an answer that is not what the reference describes
    |-- RecordError         exit 1   one record could not be written; the run goes on
    |   |-- Rejected                 400, 409 or 422: the service does not take these values
    |   |-- NotFound                 404 or 410: the record is gone
    |   `-- Unsupported              the API profile has no such call
    |-- Held                exit 1   a limit or the quality gate holds the plan; nothing was written
    |   |-- LimitExceeded
    |   `-- GateClosed
    |-- PlanOutdated        exit 4   plan again: mapping, ledger, account or format changed
    `-- Interrupted         exit 130 stopped by the person; what was acknowledged is in the journal

Errors say three things: what happened, what is untouched, and what to type next. Foreign exceptions (httpx,
sqlalchemy, yaml) are turned into these at exactly one border each, and no message ever holds a token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pdsync.model.findings import Finding

__all__ = [
    "AccountMismatch",
    "AnswerLost",
    "BadAnswer",
    "Blocked",
    "BudgetExhausted",
    "ConfirmationNeeded",
    "FixInput",
    "Forbidden",
    "GateClosed",
    "Held",
    "InputFileError",
    "Interrupted",
    "LimitExceeded",
    "MappingError",
    "NotFound",
    "Overdue",
    "PdsyncError",
    "PlanOutdated",
    "RecordError",
    "Rejected",
    "ServiceError",
    "ServiceFault",
    "SettingsError",
    "StateError",
    "StateFromFuture",
    "StateLocked",
    "StorageFull",
    "Unauthorised",
    "Unreachable",
    "Unsupported",
    "UsageError",
]


class PdsyncError(Exception):
    """What happened, what is untouched, what to type next."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, untouched: str = "", next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.untouched = untouched
        """What did not happen or is kept: 'Nothing was written; the plan is kept.'"""
        self.next_step = next_step
        """What to do or to type now."""

    def __str__(self) -> str:
        return "\n".join(part for part in (self.message, self.untouched, self.next_step) if part)


class FixInput(PdsyncError):
    """The person changes a file, a setting or a flag, and runs again."""

    exit_code = 2


class UsageError(FixInput):
    """A flag or an argument is wrong."""


class SettingsError(FixInput):
    """pdsync.toml, an environment variable or a missing token."""


class MappingError(FixInput):
    """The mapping, a field list or an API profile is wrong; ``findings`` holds every problem, in the order of the file."""

    def __init__(
        self, message: str, *, findings: Sequence[Finding], untouched: str = "", next_step: str = ""
    ) -> None:
        super().__init__(message, untouched=untouched, next_step=next_step)
        self.findings = tuple(findings)


class InputFileError(FixInput):
    """An export, a plan or a snapshot cannot be read."""


class AccountMismatch(FixInput):
    """The account that answers is not the one that the state, snapshot or plan belongs to (design 6, Accounts)."""


class StateError(FixInput):
    """The state cannot be used as it is."""


class StateFromFuture(StateError):
    """The state was written by a newer pdsync."""


class StateLocked(StateError):
    """Another run holds the lock of this state."""

    def __init__(
        self, message: str, *, holder: str, since: datetime | None, untouched: str = "", next_step: str = ""
    ) -> None:
        super().__init__(message, untouched=untouched, next_step=next_step)
        self.holder = holder
        """Who holds the lock: ``user@host, process 4711, pdsync apply``."""
        self.since = since


class StorageFull(StateError):
    """No room left for the state, a snapshot or a plan."""


class ConfirmationNeeded(FixInput):
    """pdsync will not do this without a flag that says so, such as ``--first-run``."""


class ServiceError(PdsyncError):
    """A service is unreachable or refuses."""

    exit_code = 3


class Unreachable(ServiceError):
    """No connection, or no answer in time."""


class AnswerLost(Unreachable):
    """A write was sent and its answer never came: it may have happened (design 7, lost creates)."""


class Unauthorised(ServiceError):
    """401: the token is wrong, expired or of another company."""


class Forbidden(ServiceError):
    """402, or 403 with a JSON body: the account or the user may not do this."""


class Blocked(ServiceError):
    """403 with an HTML page: the firewall in front of the service. Not retried."""


class BudgetExhausted(ServiceError):
    """The daily budget of tokens is used up: 429 on everything until the service's midnight."""


class ServiceFault(ServiceError):
    """5xx after all retries."""


class Overdue(ServiceFault):
    """A write that had to wait (429, 5xx, a full window) for longer than what it rests on is good for. It was not sent."""


class BadAnswer(ServiceError):
    """An answer that is not what the reference describes: truncated, HTML, or of another shape."""


class RecordError(PdsyncError):
    """One record could not be written; the run goes on with the next."""


class Rejected(RecordError):
    """400, 409 or 422: the service does not take these values."""


class NotFound(RecordError):
    """404 or 410: the record is gone."""


class Unsupported(RecordError):
    """The API profile has no such call, or it was never seen to work."""


class Held(PdsyncError):
    """A limit or the quality gate holds the plan; nothing was written."""


class LimitExceeded(Held):
    """More creates, clears or changed records than the mapping's ``limits`` allow in 24 hours (R29)."""


class GateClosed(Held):
    """An audit found more than its ``allow`` or ``allow_percent``."""


class PlanOutdated(PdsyncError):
    """The plan no longer fits: mapping, ledger, account or format changed since."""

    exit_code = 4


class Interrupted(PdsyncError):
    """Stopped by the person. What was acknowledged is in the journal; the rest can be resumed."""

    exit_code = 130
