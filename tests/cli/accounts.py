"""Settings that point at a sandbox, in a folder with the mapping that comes with pdsync."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pdsync.mapfiles import shipped_fields, shipped_mapping
from pdsync.model import Side
from tests.sandbox_process import SandboxProcess

__all__ = ["point_at", "put_mapping"]


def put_mapping(folder: Path, *, existing: str = "create") -> Path:
    """The shipped mapping and its field lists, below ``folder``."""
    path = folder / "mappings" / "contacts.yaml"
    (path.parent / "fields").mkdir(parents=True)
    text = shipped_mapping().read_text(encoding="utf-8")
    path.write_text(text.replace("existing: link_only", f"existing: {existing}"), encoding="utf-8")
    for side in Side:
        shutil.copyfile(shipped_fields(side), path.parent / "fields" / f"{side}.yaml")
    return path


def point_at(sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ``pdsync sandbox`` prints, in the environment."""
    said = sandbox.ready
    monkeypatch.setenv("PDSYNC_PIPEDRIVE_URL", said["pipedrive"]["url"])
    monkeypatch.setenv("PDSYNC_PIPEDRIVE_TOKEN", said["pipedrive"]["token"])
    monkeypatch.setenv("PDSYNC_PIPEDRIVE_PLAN", "ultimate")
    monkeypatch.setenv("PDSYNC_PLEZI_URL", said["plezi"]["url"])
    monkeypatch.setenv("PDSYNC_PLEZI_PROFILE", "sandbox")
    monkeypatch.setenv("PDSYNC_PLEZI_TENANT", said["plezi"]["tenant"])
    monkeypatch.setenv("PDSYNC_PLEZI_API_KEY", said["plezi"]["api_key"])
