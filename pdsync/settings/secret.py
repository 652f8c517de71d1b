"""Tokens: from the environment or the system's keyring, looked up when needed, hidden everywhere else.

Never from a file, because files get copied, backed up and committed, and never from a flag, because a process list
shows flags. The keyring is imported only when no variable holds the token: it is slow, and may ask for a password.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Final

from pdsync.errors import SettingsError
from pdsync.settings.table import Setting

__all__ = ["KEYRING_SERVICE", "Secret"]

KEYRING_SERVICE: Final = "pdsync"
"""The keyring's service name; the user name is ``Secret.keyring_name``."""


class Secret:
    """A token that may not be known yet. Only ``reveal`` shows it; ``repr`` and errors name the setting."""

    __slots__ = ("_account", "_setting", "_value")

    def __init__(self, setting: Setting, value: str, account: str) -> None:
        self._setting = setting
        self._value = value.strip()
        self._account = account

    def __repr__(self) -> str:
        return f"Secret({self._setting.key})"

    @property
    def keyring_name(self) -> str:
        """The user name in the keyring: ``pipedrive.token@acme.pipedrive.com``, so that two accounts can live there."""
        return f"{self._setting.key}@{self._account}"

    @property
    def how_to_set(self) -> str:
        """Where to put it, ready to type."""
        return (
            f"Put it into the keyring: pdsync login {self._setting.side}; "
            f"or into the environment as {self._setting.variable}"
        )

    @property
    def says(self) -> str:
        """What it is, in a few words: ``Pipedrive API token``."""
        return self._setting.says

    @property
    def variable(self) -> str:
        """The environment's name for it."""
        return self._setting.variable

    def holding(self, value: str) -> Secret:
        """The same secret with this value, wherever it was found before."""
        return Secret(self._setting, value, self._account)

    def store(self, value: str) -> None:
        """Put it into the keyring.

        Raises:
            SettingsError: there is no keyring, it is locked, or stores plain text.
        """
        keyring = _keyring()
        with _keyring_errors(f"take {self.keyring_name}", untouched="Nothing was stored."):
            keyring.set_password(KEYRING_SERVICE, self.keyring_name, value)

    def forget(self) -> bool:
        """Take it out of the keyring; whether it was there.

        Raises:
            SettingsError: there is no keyring, it is locked, or stores plain text.
        """
        keyring = _keyring()
        with _keyring_errors(f"delete {self.keyring_name}", untouched="Nothing was deleted."):
            if keyring.get_password(KEYRING_SERVICE, self.keyring_name) is None:
                return False
            keyring.delete_password(KEYRING_SERVICE, self.keyring_name)
        return True

    def found_in(self) -> str:
        """``environment``, ``keyring``, or empty when it is nowhere.

        Raises:
            SettingsError: the keyring is locked, or stores plain text.
        """
        if self._value:
            return "environment"
        return "keyring" if _from_keyring(self.keyring_name) else ""

    def reveal(self) -> str:
        """The token itself.

        Raises:
            SettingsError: it is nowhere (the message says where to put it), or the keyring cannot be used.
        """
        value = self._value or _from_keyring(self.keyring_name)
        if value:
            return value
        raise SettingsError(
            f"There is no {self._setting.says}.",
            untouched="Nothing was read or written.",
            next_step=self.how_to_set,
        )


def _from_keyring(name: str) -> str:
    """The keyring's entry, or empty. A machine without a keyring has no entries."""
    keyring = _keyring()
    from keyring.errors import NoKeyringError

    with _keyring_errors(f"give {name}", untouched="Nothing was read or written."), suppress(NoKeyringError):
        return keyring.get_password(KEYRING_SERVICE, name) or ""
    return ""


def _keyring() -> ModuleType:
    """The keyring library, unless it would keep tokens in a readable file."""
    import keyring

    backend = type(keyring.get_keyring()).__module__
    if backend.startswith("keyrings.alt"):
        raise SettingsError(
            f"The keyring in use ({backend}) stores tokens as plain text.",
            untouched="Nothing was read or written.",
            next_step="Uninstall keyrings.alt, or put the tokens into the environment.",
        )
    return keyring


@contextmanager
def _keyring_errors(what: str, *, untouched: str) -> Iterator[None]:
    """Foreign exceptions are named here."""
    from keyring.errors import KeyringError, NoKeyringError

    try:
        yield
    except NoKeyringError as error:
        raise SettingsError(
            "This machine has no keyring.",
            untouched=untouched,
            next_step="Put the token into the environment; pdsync --help lists the names.",
        ) from error
    except KeyringError as error:
        raise SettingsError(
            f"The system's keyring did not {what}: {error}.",
            untouched=untouched,
            next_step="Unlock it, or put the token into the environment.",
        ) from error
