"""The settings as frozen values: what the rest of pdsync reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pdsync.model import Side
from pdsync.settings.secret import Secret
from pdsync.settings.table import SETTINGS, PipedrivePlan

__all__ = ["PipedriveSettings", "PleziSettings", "ScreenSettings", "Settings", "SideSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SideSettings:
    """What both sides have in common."""

    url: str
    """Without a slash at the end; for Plezi empty means: the one that the profile names."""
    file: Path | None
    """An export that stands for the account."""
    confirm_complete_read: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PipedriveSettings(SideSettings):
    """How to reach Pipedrive."""

    plan: PipedrivePlan
    seats: int
    token: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class PleziSettings(SideSettings):
    """How to reach Plezi. Which of the credentials are needed is the profile's business."""

    profile: str
    """A shipped profile's name, or the path of a YAML file."""
    tenant: str
    api_key: Secret
    public_key: Secret
    secret_key: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenSettings:
    """How the terminal UI looks and listens."""

    theme: str = ""
    """Empty: the one that it comes with."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Id of an action -> its keys, separated by commas; ``?`` on each screen names the ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that a person may set, read once."""

    mapping: Path
    state: Path
    columns: Path | None
    """Where the map of an export's columns is, or is written to."""
    read_only: bool
    pipedrive: PipedriveSettings
    plezi: PleziSettings
    tui: ScreenSettings = field(default_factory=ScreenSettings)
    origins: Mapping[str, str] = field(default_factory=dict)
    """Key -> where its value came from: ``--state``, ``PDSYNC_STATE``, the settings file, or ``default``."""

    def from_file(self, key: str) -> bool:
        """Whether the settings file says so, rather than the person (flag, environment) or nobody."""
        said = {"default"} | {
            one for setting in SETTINGS if setting.key == key for one in (setting.flag, setting.variable)
        }
        return self.origins.get(key, "default") not in said

    def on(self, side: Side) -> PipedriveSettings | PleziSettings:
        """The settings of one side."""
        return self.pipedrive if side is Side.PIPEDRIVE else self.plezi
