"""``pdsync login``: puts a token into the system's keyring, once the service has taken it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.verbs import Session, verb
from pdsync.errors import UsageError
from pdsync.model import Account, Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pdsync.settings import Secret

__all__ = ["login"]


@verb("state")
@click.argument("side", type=click.Choice([side.value for side in Side]))
@click.option("--delete", is_flag=True, help="Take it out of the keyring.")
def login(session: Session, *, side: str, delete: bool) -> ExitCode:
    """Put the token or the keys of a side into the system's keyring.

    Asks for each without showing what is typed (or reads lines from standard input), asks the service whose it is, and
    stores it only then. Which account: pipedrive.url, plezi.profile and plezi.tenant say.
    """
    from pdsync.engine.login import needed_secrets

    where = Side(side)
    secrets = needed_secrets(session.settings, where)
    if delete:
        gone = [secret.keyring_name for secret in secrets.values() if secret.forget()]
        session.deliver(
            lambda _: [f"Deleted from the keyring: {name}" for name in gone] or ["The keyring held nothing."],
            lambda: _document(where, None, deleted=gone),
        )
        return ExitCode.OK
    account = _verified(session, where, {name: _asked(secret) for name, secret in secrets.items()}, secrets)
    stored = [secret.keyring_name for secret in secrets.values()]
    session.deliver(
        lambda _: _lines(where, account, stored), lambda: _document(where, account, stored=stored)
    )
    for secret in secrets.values():
        if secret.found_in() == "environment":
            session.narration.problem(f"{secret.variable} is set, and wins over the keyring: unset it.")
    return ExitCode.OK


def _asked(secret: Secret) -> str:
    """What was typed, unseen, or the next line of standard input."""
    if sys.stdin.isatty():
        text = str(click.prompt(secret.says, hide_input=True, err=True, default="", show_default=False))
    else:
        text = sys.stdin.readline()
    if not text.strip():
        raise UsageError(
            f"No {secret.says} was given.", untouched="Nothing was stored.", next_step="Type it, or paste it."
        )
    return text.strip()


def _verified(
    session: Session, side: Side, values: Mapping[str, str], secrets: Mapping[str, Secret]
) -> Account:
    """The account that the keys open; then they are in the keyring."""
    from pdsync.engine.login import opened_account, with_secrets

    session.use_settings(with_secrets(session.settings, side, values), keeps_state=True)
    account = session.work(lambda ws, _: opened_account(ws, side))
    for name, secret in secrets.items():
        secret.store(values[name])
    return account


def _lines(side: Side, account: Account, stored: list[str]) -> Iterator[str]:
    from pdsync.report.text.values import account_words

    yield f"{side.label} {account_words(account)} (id {account.id})"
    yield from (f"Stored in the keyring: {name}" for name in stored)


def _document(
    side: Side, account: Account | None, *, stored: list[str] | None = None, deleted: list[str] | None = None
) -> dict[str, object]:
    return {
        "kind": "login",
        "version": 1,
        "side": str(side),
        "account": {"id": account.id, "name": account.name, "domain": account.domain} if account else None,
        "stored": stored or [],
        "deleted": deleted or [],
    }
