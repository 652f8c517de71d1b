"""A filled sandbox and the settings that point at it, for benchmarks that go through everything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pdsync.settings import Settings, load_settings
from tests.sandbox_process import SandboxProcess

__all__ = ["filled", "settings_for"]

MAPPING = Path(__file__).parents[2] / "mappings" / "contacts.yaml"


@contextmanager
def filled(folder: Path, size: int, changed_percent: float) -> Iterator[SandboxProcess]:
    """``size`` pairs that agree, but for ``changed_percent`` of them."""
    options = ("--seed", "bench", "--size", str(size), "--changed-percent", str(changed_percent))
    with SandboxProcess(folder / "sandbox.sqlite3", *options, patience=600) as sandbox:
        yield sandbox


def settings_for(ready: dict[str, dict[str, str]], folder: Path, plan: str) -> Settings:
    """Settings by the sandbox's ready line; ``plan`` is what pdsync is told of Pipedrive's limits."""
    return load_settings(
        environment={
            "PDSYNC_PIPEDRIVE_URL": ready["pipedrive"]["url"],
            "PDSYNC_PIPEDRIVE_TOKEN": ready["pipedrive"]["token"],
            "PDSYNC_PIPEDRIVE_PLAN": plan,
            "PDSYNC_PLEZI_PROFILE": "sandbox",
            "PDSYNC_PLEZI_URL": ready["plezi"]["url"],
            "PDSYNC_PLEZI_TENANT": ready["plezi"]["tenant"],
            "PDSYNC_PLEZI_API_KEY": ready["plezi"]["api_key"],
            "PDSYNC_STATE": str(folder / "state"),
            "PDSYNC_MAPPING": str(MAPPING),
        }
    )
