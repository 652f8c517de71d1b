"""Tokens come from the environment or the keyring, and show nowhere."""

from __future__ import annotations

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, NoKeyringError

from pdsync.errors import SettingsError
from pdsync.settings import load_settings


class MemoryKeyring(KeyringBackend):
    """A keyring that forgets everything at the end of the test."""

    priority = 1

    def __init__(self, entries: dict[tuple[str, str], str], failure: Exception | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries = entries
        self.failure = failure
        self.asked: list[tuple[str, str]] = []

    def get_password(self, service: str, username: str) -> str | None:
        self.asked.append((service, username))
        if self.failure:
            raise self.failure
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


def _use(monkeypatch: pytest.MonkeyPatch, backend: KeyringBackend) -> None:
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    for name in ("get_password", "set_password", "delete_password"):
        monkeypatch.setattr(keyring, name, getattr(backend, name))


TOKEN = "f00dfeedf00dfeedf00dfeedf00dfeedf00dfeed"


def test_the_environment_holds_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable wins, and the keyring is not even asked."""
    backend = MemoryKeyring({})
    _use(monkeypatch, backend)
    token = load_settings(environment={"PDSYNC_PIPEDRIVE_TOKEN": f" {TOKEN}\n"}).pipedrive.token

    assert token.reveal() == TOKEN
    assert token.found_in() == "environment"
    assert backend.asked == []


def test_the_keyring_holds_the_token_of_each_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two companies on one machine do not share a token."""
    _use(monkeypatch, MemoryKeyring({("pdsync", "pipedrive.token@acme.pipedrive.com"): TOKEN}))

    acme = load_settings(environment={"PDSYNC_PIPEDRIVE_URL": "https://acme.pipedrive.com"}).pipedrive.token
    other = load_settings(environment={"PDSYNC_PIPEDRIVE_URL": "https://other.pipedrive.com"}).pipedrive.token

    assert acme.reveal() == TOKEN
    assert acme.found_in() == "keyring"
    assert other.found_in() == ""


def test_a_missing_token_says_where_to_put_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the variable and the keyring command, ready to type."""
    _use(monkeypatch, MemoryKeyring({}))
    settings = load_settings(environment={"PDSYNC_PLEZI_TENANT": "Acme"})

    with pytest.raises(SettingsError) as caught:
        settings.plezi.api_key.reveal()

    assert "PDSYNC_PLEZI_API_KEY" in caught.value.next_step
    assert "pdsync login plezi" in caught.value.next_step


def test_a_token_is_stored_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the name of its account; forgetting says whether there was anything."""
    backend = MemoryKeyring({})
    _use(monkeypatch, backend)
    token = load_settings(environment={"PDSYNC_PIPEDRIVE_URL": "https://acme.pipedrive.com"}).pipedrive.token

    token.store(TOKEN)

    assert backend.entries == {("pdsync", "pipedrive.token@acme.pipedrive.com"): TOKEN}
    assert token.forget() is True
    assert token.forget() is False
    assert backend.entries == {}


def test_nothing_is_stored_without_a_keyring_or_in_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server has no keyring, and a readable file is none: one message each, and what to do instead."""
    token = load_settings(environment={}).pipedrive.token
    backend = MemoryKeyring({})
    monkeypatch.setattr(backend, "set_password", _no_keyring)
    _use(monkeypatch, backend)
    with pytest.raises(SettingsError, match="has no keyring") as caught:
        token.store(TOKEN)
    assert "environment" in caught.value.next_step
    monkeypatch.setattr(MemoryKeyring, "__module__", "keyrings.alt.file")
    with pytest.raises(SettingsError, match="plain text"):
        token.store(TOKEN)
    assert backend.entries == {}


def _no_keyring(*_words: str) -> None:
    raise NoKeyringError


def test_a_machine_without_a_keyring_has_no_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server without a keyring uses variables; the missing keyring is no error of its own."""
    _use(monkeypatch, MemoryKeyring({}, NoKeyringError()))

    assert load_settings(environment={}).pipedrive.token.found_in() == ""


def test_a_locked_keyring_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keyring's own exception is mapped at this border."""
    _use(monkeypatch, MemoryKeyring({}, KeyringLocked("locked")))

    with pytest.raises(SettingsError, match="did not give pipedrive"):
        load_settings(environment={}).pipedrive.token.reveal()


def test_a_keyring_that_stores_plain_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """keyrings.alt writes a readable file, silently."""
    monkeypatch.setattr(MemoryKeyring, "__module__", "keyrings.alt.file")
    _use(monkeypatch, MemoryKeyring({}))

    with pytest.raises(SettingsError, match="stores tokens as plain text"):
        load_settings(environment={}).pipedrive.token.found_in()


def test_no_representation_shows_a_token() -> None:
    """Settings may be printed, logged or land in a traceback."""
    settings = load_settings(environment={"PDSYNC_PIPEDRIVE_TOKEN": TOKEN, "PDSYNC_PLEZI_SECRET_KEY": TOKEN})

    assert TOKEN not in f"{settings!r} {settings} {settings.pipedrive.token!r} {settings.pipedrive.token}"
