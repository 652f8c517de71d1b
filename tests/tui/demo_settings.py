"""Settings that point the terminal UI at a sandbox."""

from __future__ import annotations

import shutil
from pathlib import Path

from pdsync.mapfiles import shipped_fields, shipped_mapping
from pdsync.model import Side
from pdsync.settings import Settings, load_settings
from tests.sandbox_process import SandboxProcess

__all__ = ["environment_for", "settings_for"]


def settings_for(sandbox: SandboxProcess, folder: Path) -> Settings:
    """A mapping that creates, and a state folder of the test's own."""
    mapping = folder / "mappings" / "contacts.yaml"
    (mapping.parent / "fields").mkdir(parents=True)
    text = shipped_mapping().read_text(encoding="utf-8")
    mapping.write_text(text.replace("existing: link_only\n", "existing: create\n"), encoding="utf-8")
    for side in Side:
        shutil.copyfile(shipped_fields(side), mapping.parent / "fields" / f"{side}.yaml")
    return load_settings(
        {"mapping": mapping, "state": folder / "state"}, environment=environment_for(sandbox)
    )


def environment_for(sandbox: SandboxProcess) -> dict[str, str]:
    """The variables that point at it; its keys open nothing else."""
    plezi = sandbox.ready["plezi"]
    return {
        "PDSYNC_PIPEDRIVE_URL": sandbox.pipedrive_url,
        "PDSYNC_PIPEDRIVE_TOKEN": sandbox.pipedrive_token,
        "PDSYNC_PIPEDRIVE_PLAN": "ultimate",
        "PDSYNC_PLEZI_URL": sandbox.plezi_url,
        "PDSYNC_PLEZI_PROFILE": "sandbox",
        "PDSYNC_PLEZI_TENANT": plezi["tenant"],
        "PDSYNC_PLEZI_API_KEY": plezi["api_key"],
    }
