"""Pipedrive's official Node client, unpatched, against the stand-in: a reader of the answers that is not ours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox_process import SandboxProcess

FOLDER = Path(__file__).parent / "node"

pytestmark = pytest.mark.node


@pytest.fixture(scope="module")
def seen(sandbox_module: SandboxProcess) -> dict[str, Any]:
    """What the client saw."""
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules").is_dir():
        pytest.skip("the official Node client is not installed: make node-client")
    environment = {
        "PATH": os.environ["PATH"],
        "NO_PROXY": "127.0.0.1",
        "PIPEDRIVE_URL": sandbox_module.pipedrive_url,
        "PIPEDRIVE_TOKEN": sandbox_module.pipedrive_token,
    }
    run = subprocess.run(
        [node, "drive.js"], cwd=FOLDER, env=environment, capture_output=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stderr.decode()
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def test_it_knows_who_it_is(seen: dict[str, Any]) -> None:
    """API v1, users/me."""
    assert (seen["me"]["id"], seen["me"]["company_name"]) == (7001, "Sandbox SAS")


def test_it_makes_and_pages_fields(seen: dict[str, Any]) -> None:
    """Fields and options are made, renamed, deleted and listed."""
    assert seen["options"] == ["Yes", "No", "Later"]
    assert {"plezi_url", "Sync to Plezi"} <= set(seen["fieldNames"])
    assert len(seen["fieldNames"]) == len(set(seen["fieldNames"]))


def test_it_makes_and_changes_persons(seen: dict[str, Any]) -> None:
    """Creates, patches, reads and deletes."""
    assert (seen["created"]["id"], seen["created"]["update_time"]) == (7, None)
    assert (seen["patched"]["first_name"], seen["patched"]["last_name"]) == ("Zoé", "O'Brien")
    assert seen["patched"]["emails"] == []
    assert sorted(map(str, seen["patched"]["custom_fields"].values())) == [
        "None",
        "https://plezi.example/contacts/1",
    ]
    assert list(seen["one"].values()) == ["https://plezi.example/contacts/2"]
    assert seen["deleted"] == {"id": 7}
    assert [len(codes) for codes in seen["left"]] == [1] * 6


def test_it_pages_and_finds_persons(seen: dict[str, Any]) -> None:
    """Its own way of following cursors comes to an end."""
    assert seen["pages"] == [[1, 2, 3], [4, 5, 6], [7]]
    assert seen["descending"] == [4, 3]
    assert seen["found"] == [3]


def test_it_reads_refusals(seen: dict[str, Any]) -> None:
    """The bodies of errors arrive as errors."""
    assert seen["missing"]["error"] == "Person not found"
    assert seen["invalid"]["code"] == "ERR_SCHEMA_VALIDATION_FAILED"
    assert seen["unauthorized"]["errorCode"] == 401
