"""Recording and replaying: where cassettes lie, what is scrubbed, and against whom they are recorded.

Replayed by default, with the network blocked. Recorded by ``make record`` against a sandbox of its own, or against
live accounts if the environment names them (CONTRIBUTING.md):

    RECORD_PIPEDRIVE_URL, RECORD_PIPEDRIVE_TOKEN
    RECORD_PLEZI_URL, RECORD_PLEZI_TENANT, RECORD_PLEZI_API_KEY, RECORD_PLEZI_PUBLIC_KEY, RECORD_PLEZI_SECRET_KEY
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from pdsync.clients import PipedriveCredentials, PleziCredentials
from tests.clients.recording import GuardedPersister, Scrubber
from tests.sandbox_process import SandboxProcess

CASSETTES = Path(__file__).parents[2] / "cassettes"
PIPEDRIVE_HOST, PLEZI_HOST = "pipedrive.example.com", "plezi.example.com"
NOBODY = "http://127.0.0.1:9"
"""Where nobody listens, for replaying: on this machine, as the profile ``sandbox`` demands."""


@dataclass(frozen=True)
class Accounts:
    """Against whom a cassette is recorded, or as whom it is replayed."""

    pipedrive_url: str
    pipedrive: PipedriveCredentials
    plezi_url: str
    plezi: PleziCredentials
    sandbox: SandboxProcess | None = None
    """Running only while a sandbox is recorded."""


@pytest.fixture(scope="session")
def recording_sandbox(
    tmp_path_factory: pytest.TempPathFactory, record_mode: str
) -> Iterator[SandboxProcess | None]:
    """The sandbox to be recorded; none when replaying, or when live accounts are named."""
    if record_mode == "none" or "RECORD_PIPEDRIVE_URL" in os.environ or "RECORD_PLEZI_URL" in os.environ:
        yield None
        return
    with SandboxProcess(tmp_path_factory.mktemp("recording") / "sandbox.db") as process:
        yield process


@pytest.fixture
def accounts(recording_sandbox: SandboxProcess | None, record_mode: str) -> Accounts:
    """Sandbox, live accounts, or, when replaying, addresses where nobody is."""
    if recording_sandbox is not None:
        keys = recording_sandbox.ready["plezi"]
        return Accounts(
            recording_sandbox.pipedrive_url,
            PipedriveCredentials(recording_sandbox.pipedrive_token),
            recording_sandbox.plezi_url,
            PleziCredentials(keys["tenant"], keys["api_key"], keys["public_key"], keys["secret_key"]),
            recording_sandbox,
        )
    given = {} if record_mode == "none" else dict(os.environ)
    plezi = {
        name: given.get(f"RECORD_PLEZI_{name.upper()}", "none")
        for name in ("api_key", "public_key", "secret_key")
    }
    return Accounts(
        given.get("RECORD_PIPEDRIVE_URL", NOBODY),
        PipedriveCredentials(given.get("RECORD_PIPEDRIVE_TOKEN", "none")),
        given.get("RECORD_PLEZI_URL", NOBODY.replace(":9", ":19")),
        PleziCredentials(tenant=given.get("RECORD_PLEZI_TENANT", "Acme"), **plezi),
    )


@pytest.fixture(scope="module")
def vcr_cassette_dir() -> str:
    """All cassettes in one folder at the top."""
    return str(CASSETTES)


@pytest.fixture
def vcr_config(accounts: Accounts) -> dict[str, Any]:
    """Scrubbed, and matched by everything but headers: what the clients send is pinned as well."""
    hosts = {
        urlsplit(accounts.pipedrive_url).netloc: PIPEDRIVE_HOST,
        urlsplit(accounts.plezi_url).netloc: PLEZI_HOST,
    }
    plezi = accounts.plezi
    known = [accounts.pipedrive.token, plezi.api_key, plezi.public_key, plezi.secret_key, plezi.tenant]
    live = accounts.pipedrive.token != "none" or plezi.api_key != "none"
    scrubber = Scrubber(hosts, [secret for secret in known if live and len(secret) > 4])
    return {
        "before_record_request": scrubber.request,
        "before_record_response": scrubber.response,
        "decode_compressed_response": True,
        "match_on": ["method", "scheme", "host", "path", "query", "body"],
        "drop_unused_requests": True,
        "allow_playback_repeats": False,
    }


def pytest_recording_configure(config: pytest.Config, vcr: Any) -> None:
    """Nothing is written that the guard does not pass."""
    vcr.register_persister(GuardedPersister)
