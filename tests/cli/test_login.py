"""``pdsync login``: a token goes into the keyring, unseen, and only if the service took it."""

from __future__ import annotations

import io

import keyring
import pytest

from tests.cli.accounts import point_at
from tests.cli.invoking import Run
from tests.sandbox_process import SandboxProcess
from tests.settings.test_secret import MemoryKeyring, _use

ENTRY = ("pdsync", "pipedrive.token@127.0.0.1")


@pytest.fixture
def backend(sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> MemoryKeyring:
    """Settings that point at the sandbox, without the secrets; an empty keyring."""
    point_at(sandbox, monkeypatch)
    monkeypatch.delenv("PDSYNC_PIPEDRIVE_TOKEN")
    monkeypatch.delenv("PDSYNC_PLEZI_API_KEY")
    held = MemoryKeyring({})
    _use(monkeypatch, held)
    return held


def _given(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_a_token_that_the_service_takes_is_stored(
    backend: MemoryKeyring, sandbox: SandboxProcess, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stored for the account that it opened, shown nowhere; then every other verb finds it; --delete takes it away."""
    _given(monkeypatch, f"{sandbox.pipedrive_token}\n")

    done = run("login", "pipedrive")

    assert done.code == 0, done.err
    assert backend.entries == {ENTRY: sandbox.pipedrive_token}
    assert "Sandbox SAS" in done.out
    assert sandbox.pipedrive_token not in done.out + done.err
    checks = {check["name"]: check for check in run("doctor", "--json").data["checks"]}
    assert checks["pipedrive credentials"]["says"] == "token in the keyring"
    assert checks["pipedrive account"]["health"] == "ok"
    assert run("login", "pipedrive", "--delete", "--json").data["deleted"] == ["pipedrive.token@127.0.0.1"]
    assert backend.entries == {}
    assert run("login", "pipedrive", "--delete").out == "The keyring held nothing.\n"


def test_a_token_that_the_service_refuses_is_not_stored(
    backend: MemoryKeyring, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A typing mistake is found where it is made, and what was in the keyring stays."""
    backend.entries[ENTRY] = "as before"
    _given(monkeypatch, "f00dfeedf00dfeedf00dfeedf00dfeedf00dfeed\n")

    refused = run("login", "pipedrive")

    assert refused.code == 3
    assert "Pipedrive refused the token (401)" in refused.err
    assert "f00dfeed" not in refused.out + refused.err
    assert backend.entries == {ENTRY: "as before"}


def test_nothing_typed_is_nothing_stored(
    backend: MemoryKeyring, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty line would delete what works."""
    _given(monkeypatch, "\n")

    assert run("login", "pipedrive").code == 2
    assert backend.entries == {}


def test_plezi_is_asked_for_the_keys_that_its_profile_uses(
    backend: MemoryKeyring, sandbox: SandboxProcess, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One key where the profile sends one, and a variable that would win is named."""
    key = sandbox.ready["plezi"]["api_key"]
    monkeypatch.setenv("PDSYNC_PLEZI_API_KEY", "another")
    _given(monkeypatch, f"{key}\n")

    done = run("login", "plezi", "--json")

    assert done.code == 0, done.err
    assert done.data["stored"] == [f"plezi.api_key@{sandbox.ready['plezi']['tenant']}"]
    assert list(backend.entries.values()) == [key]
    assert "PDSYNC_PLEZI_API_KEY is set, and wins over the keyring" in done.err


def test_on_a_terminal_what_is_typed_is_not_shown(
    backend: MemoryKeyring, sandbox: SandboxProcess, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The question stands on standard error, and the answer is read without an echo."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    asked: list[str] = []

    def hidden(prompt: str) -> str:
        asked.append(prompt)
        return sandbox.pipedrive_token

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("click.termui.hidden_prompt_func", hidden)

    done = run("login", "pipedrive")

    assert done.code == 0, done.err
    assert len(asked) == 1
    assert backend.entries == {ENTRY: sandbox.pipedrive_token}
    assert keyring.get_password(*ENTRY) == sandbox.pipedrive_token
