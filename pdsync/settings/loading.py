"""Flags, environment and pdsync.toml become ``Settings``, or one clear message.

Everything unknown is an error with a suggestion: a misspelt setting that is silently ignored would read, or write, the
wrong account.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from pdsync.errors import SettingsError
from pdsync.loopback import is_loopback
from pdsync.model import Side
from pdsync.settings.screen import read_screen
from pdsync.settings.secret import Secret
from pdsync.settings.table import SETTINGS, Read, Setting
from pdsync.settings.values import PipedriveSettings, PleziSettings, ScreenSettings, Settings

__all__ = ["CONFIG_FILE", "CONFIG_VARIABLE", "load_settings", "refuse_foreign_host"]

CONFIG_FILE: Final = "pdsync.toml"
CONFIG_VARIABLE: Final = "PDSYNC_CONFIG"

_SCREEN: Final = "tui"
"""The table of the terminal UI, which is not one of settings with flag and variable."""
_UNTOUCHED: Final = "Nothing was read or written."
_BY_KEY: Final = MappingProxyType({setting.key: setting for setting in SETTINGS})
_DOMAINS: Final = MappingProxyType({Side.PIPEDRIVE: ".pipedrive.com", Side.PLEZI: ".plezi.co"})
"""Where the services live: the only hosts, beside this machine, to which a settings file may send a token."""
_CHECKED_PREFIXES: Final = ("PDSYNC_PIPEDRIVE_", "PDSYNC_PLEZI_")
"""Variables of these families are checked for misspelling; others (PDSYNC_SANDBOX_...) belong to other programs."""


def load_settings(
    flags: Mapping[str, Read] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    config: Path | None = None,
) -> Settings:
    """Settings from flags (by key; None: not given), the environment (default: the process's own) and ``config``.

    Without ``config``, ``PDSYNC_CONFIG`` names the file, else it is ``pdsync.toml`` in the current folder, if it exists.

    Raises:
        SettingsError: a file that cannot be read, an unknown key or variable, a wrong value, a token in the file,
            or a file that would send tokens to a foreign host.
    """
    surroundings = os.environ if environment is None else environment
    _refuse_unknown_variables(surroundings)
    named = config or (Path(surroundings[CONFIG_VARIABLE]) if surroundings.get(CONFIG_VARIABLE) else None)
    file = named or Path(CONFIG_FILE)
    written = _read_file(file) if named or file.is_file() else {}
    screen = read_screen(written.pop(_SCREEN, {}), file)
    values: dict[str, Read] = {}
    origins: dict[str, str] = {}
    for setting in SETTINGS:
        values[setting.key], origins[setting.key] = _resolve(
            setting, flags or {}, surroundings, written, file
        )
    _refuse_foreign_hosts(values, origins, file)
    return _build(values, origins, screen)


def _resolve(
    setting: Setting,
    flags: Mapping[str, Read],
    environment: Mapping[str, str],
    written: Mapping[str, object],
    file: Path,
) -> tuple[Read, str]:
    given = flags.get(setting.key)
    if given is not None:
        return (_read(setting, given, setting.flag) if isinstance(given, str) else given), setting.flag
    if text := environment.get(setting.variable):
        return _read(setting, text, setting.variable), setting.variable
    if setting.key in written:
        value = _read(setting, written[setting.key], str(file))
        return (file.parent / value if isinstance(value, Path) else value), str(file)
    return setting.default, "default"


def _read(setting: Setting, given: object, origin: str) -> Read:
    """The value; or a message that names the setting, where it stands and what is expected."""
    if isinstance(given, (list, dict)):
        expected = "a single value"
    else:
        try:
            return setting.read(str(given))
        except ValueError as error:
            expected = str(error)
    # An address with user:password@ is refused, and not repeated either.
    shown = "the value" if "@" in str(given) else repr(given)
    raise SettingsError(
        f"{setting.key} ({origin}): {shown} is not {expected}.",
        untouched=_UNTOUCHED,
        next_step=f"Set it by {setting.sources}.",
    )


def _read_file(file: Path) -> dict[str, object]:
    import tomllib

    try:
        tree = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(
            f"The settings file {file} cannot be read: {error.strerror}.",
            untouched=_UNTOUCHED,
            next_step=f"Name another one with --config or {CONFIG_VARIABLE}.",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"The settings file {file} is not TOML: {error}.", untouched=_UNTOUCHED
        ) from error
    sections = {side.value for side in Side}
    flat: dict[str, object] = {}
    for key, value in tree.items():
        if isinstance(value, dict) and key in sections:
            flat.update({f"{key}.{name}": entry for name, entry in value.items()})
        else:
            flat[key] = value
    for key in flat:
        if key != _SCREEN:
            _check_key(key, file)
    return flat


def _check_key(key: str, file: Path) -> None:
    setting = _BY_KEY.get(key)
    if setting is None:
        known = [setting.key for setting in SETTINGS if not setting.secret]
        raise SettingsError(
            f"{file}: unknown setting {key!r}{_suggestion(key, [*known, *(side.value for side in Side)])}",
            untouched=_UNTOUCHED,
            next_step=f"Known are: {', '.join(known)}.",
        )
    if setting.secret:
        raise SettingsError(
            f"{file}: {key} may not stand in a file, because files get copied, backed up and committed.",
            untouched=_UNTOUCHED,
            next_step="Take it out, and renew it if the file was ever shared. "
            f"Then put it into the environment as {setting.variable}, or into the keyring: pdsync doctor says how.",
        )


def _suggestion(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else "."


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    known = {setting.variable for setting in SETTINGS}
    for name in sorted(environment):
        if name.startswith(_CHECKED_PREFIXES) and name not in known:
            raise SettingsError(
                f"Unknown environment variable {name}{_suggestion(name, sorted(known))}",
                untouched=_UNTOUCHED,
                next_step="Unset it; pdsync --help lists the names.",
            )


def _refuse_foreign_hosts(values: Mapping[str, Read], origins: Mapping[str, str], file: Path) -> None:
    """A settings file that came with somebody's folder must not be able to send the token elsewhere."""
    for side in Side:
        key = f"{side}.url"
        if origins[key] == str(file):
            refuse_foreign_host(side, str(values[key]), f"{file}: {key}")


def refuse_foreign_host(side: Side, address: str, where: str) -> None:
    """Refuse to send a token to an address that no person named aloud: neither this machine nor one of the service's.

    Args:
        side: Whose token.
        address: Where it would go; empty: nowhere.
        where: What names it, for the message: ``pdsync.toml: plezi.url``.

    Raises:
        SettingsError
    """
    host = urlsplit(address).hostname or ""
    if not host or is_loopback(host) or f".{host}".endswith(_DOMAINS[side]):
        return
    raise SettingsError(
        f"{where} names {host}, which is not {side.label}'s; a settings file may not send your token there.",
        untouched=_UNTOUCHED,
        next_step=f"If you mean it, say so in the environment: {_BY_KEY[f'{side}.url'].variable}={address}",
    )


def _build(values: Mapping[str, Read], origins: Mapping[str, str], screen: ScreenSettings) -> Settings:
    accounts = {
        Side.PIPEDRIVE: urlsplit(str(values["pipedrive.url"])).hostname or "",
        Side.PLEZI: str(values["plezi.tenant"] or urlsplit(str(values["plezi.url"])).hostname or "plezi"),
    }

    def on(side: Side | None) -> dict[str, Any]:
        return {
            setting.name: Secret(setting, str(values[setting.key]), accounts[side])
            if setting.secret and side
            else values[setting.key]
            for setting in SETTINGS
            if setting.side is side
        }

    return Settings(
        pipedrive=PipedriveSettings(**on(Side.PIPEDRIVE)),
        plezi=PleziSettings(**on(Side.PLEZI)),
        tui=screen,
        origins=MappingProxyType(dict(origins)),
        **on(None),
    )
