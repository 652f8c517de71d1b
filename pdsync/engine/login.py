"""Keys are kept only after the service took them, and for the account that they opened."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pdsync.errors import SettingsError
from pdsync.model import Account, Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pdsync.engine.workspace import Workspace
    from pdsync.settings import Secret, Settings

__all__ = ["needed_secrets", "opened_account", "with_secrets"]


def needed_secrets(settings: Settings, side: Side) -> dict[str, Secret]:
    """By name, what this side asks for: Pipedrive's token, or the keys that the API profile of Plezi uses.

    Raises:
        SettingsError: the side is an export, or there is no such profile.
        MappingError: the profile's file is wrong.
    """
    if settings.on(side).file is not None:
        raise SettingsError(
            f"{side.label} is an export ({settings.on(side).file}): it needs no key.",
            untouched="Nothing was stored.",
        )
    if side is Side.PIPEDRIVE:
        return {"token": settings.pipedrive.token}
    from pdsync.clients.profiles import load_profile

    scheme = load_profile(settings.plezi.profile).authentication
    plezi = settings.plezi
    known = {"api_key": plezi.api_key, "public_key": plezi.public_key, "secret_key": plezi.secret_key}
    if scheme.scheme == "headers":
        return {name: known[name] for _, name in scheme.headers if name in known}
    return {name: known[name] for name in ("public_key", "secret_key")}


def with_secrets(settings: Settings, side: Side, values: Mapping[str, str]) -> Settings:
    """The same settings with these keys instead of those that the environment or the keyring hold."""
    held: dict[str, Any] = {
        name: getattr(settings.on(side), name).holding(value) for name, value in values.items()
    }
    if side is Side.PIPEDRIVE:
        return replace(settings, pipedrive=replace(settings.pipedrive, **held))
    return replace(settings, plezi=replace(settings.plezi, **held))


async def opened_account(ws: Workspace, side: Side) -> Account:
    """The account that the keys open: asked of the service, and compared with the account that the state belongs to.

    Raises:
        Unauthorised, Forbidden, Unreachable, ...: as the client says.
        AccountMismatch: this state belongs to another account.
    """
    client = await ws.client(side)
    account = await client.account()
    if ws.folder.database.exists():
        ws.state.check_account(account)
    return account
