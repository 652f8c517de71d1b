"""The workspace: nothing is opened before it is needed, and everything is closed; plans are found by what people type."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pdsync.engine.folder import StateFolder
from pdsync.engine.planfiles import find_plan, plan_path
from pdsync.engine.sources import open_client
from pdsync.engine.workspace import Workspace
from pdsync.errors import InputFileError, MappingError, SettingsError, StateError, UsageError
from pdsync.model import Event, Side
from pdsync.settings import Settings, load_settings


class Closable:
    """As much of a client as a workspace touches."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.closed = False

    async def aclose(self) -> None:
        """Remember it."""
        self.closed = True


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with everything below a folder of the test's own."""
    flags = {"state": tmp_path / "state", "mapping": tmp_path / "m.yaml"}
    return load_settings(flags, environment={}, config=_empty(tmp_path))


def _empty(folder: Path) -> Path:
    path = folder / "pdsync.toml"
    path.write_text("", encoding="utf-8")
    return path


async def test_opening_touches_nothing(settings: Settings) -> None:
    """A verb that only shows help or fails early leaves no folder behind."""
    async with Workspace.open(settings):
        pass

    assert not settings.state.exists()


async def test_the_state_is_private(settings: Settings) -> None:
    """Folder 0700, files 0600, its own .gitignore: it holds people (design 10)."""
    async with Workspace.open(settings) as ws:
        assert ws.state.ledger.count_links() == 0

    assert stat.S_IMODE(settings.state.stat().st_mode) == 0o700
    assert (settings.state / ".gitignore").read_text(encoding="utf-8") == "*\n"
    for path in settings.state.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o077 == 0, f"{path.name} has mode {mode:o}"


def test_a_folder_that_others_may_read_is_closed(tmp_path: Path) -> None:
    """A state folder made by hand is tightened before anything is put into it."""
    (tmp_path / "state").mkdir(mode=0o755)

    StateFolder(tmp_path / "state").prepare()

    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_one_message(tmp_path: Path) -> None:
    """A file in its place: what is wrong and which setting to change."""
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(StateError, match="--state or PDSYNC_STATE"):
        StateFolder(tmp_path / "file" / "state").prepare()


async def test_clients_are_opened_once_and_closed(settings: Settings) -> None:
    """One client per side, however often it is asked for; an exception closes them as well."""
    opened: list[Closable] = []

    async def open_one(_: Settings, side: Side) -> Any:
        opened.append(Closable(side))
        return opened[-1]

    async def fail() -> None:
        async with Workspace.open(settings, open_client=open_one) as ws:
            assert await ws.client(Side.PLEZI) is await ws.client(Side.PLEZI)
            await ws.client(Side.PIPEDRIVE)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()

    assert [client.side for client in opened] == [Side.PLEZI, Side.PIPEDRIVE]
    assert all(client.closed for client in opened)


async def test_the_mapping_is_read_when_needed(settings: Settings) -> None:
    """A missing mapping is a problem of those who need it."""
    async with Workspace.open(settings) as ws:
        with pytest.raises(MappingError):
            _ = ws.mapping


def _told(_: Event) -> None:
    """Nobody listens."""


async def test_a_missing_token_is_said_before_any_request(settings: Settings) -> None:
    """Opening a client without credentials ends with where to put them."""
    with pytest.raises(SettingsError, match="PDSYNC_PIPEDRIVE_TOKEN"):
        await open_client(settings, Side.PIPEDRIVE, _told)


@pytest.mark.parametrize("side", Side)
async def test_an_export_stands_for_an_account(settings: Settings, side: Side, tmp_path: Path) -> None:
    """With a file there is no need for a token; the client reads and never writes."""
    path = tmp_path / "export.csv"
    path.write_text("Email,First name,Last name\nzoe@example.com,Zoé,Łucja\n", encoding="utf-8")
    flags = {"mapping": settings.mapping, f"{side}.file": path}

    client = await open_client(load_settings(flags, environment={}), side, _told)

    assert client.side is side
    assert [len(page) async for page in client.pages()] == [1]
    assert not (await client.schema()).capabilities.update
    await client.aclose()


@pytest.mark.parametrize("named_by", ["file", "environment", "environment, with an address"])
async def test_a_profile_in_a_settings_file_cannot_send_the_key_to_a_foreign_host(
    tmp_path: Path, named_by: str
) -> None:
    """A folder from somebody else may hold a pdsync.toml and an API profile; the key in the environment is yours."""
    profile = tmp_path / "theirs.yaml"
    profile.write_text(
        "version: 1\nname: theirs\nextends: app-v1\nbase_url: https://plezi.example.com\n", encoding="utf-8"
    )
    config = _empty(tmp_path)
    environment = {"PDSYNC_PLEZI_TENANT": "acme", "PDSYNC_PLEZI_API_KEY": "k" * 20}
    if named_by == "environment":
        environment["PDSYNC_PLEZI_PROFILE"] = str(profile)
    else:
        config.write_text(f'[plezi]\nprofile = "{profile}"\n', encoding="utf-8")
    if named_by == "environment, with an address":
        environment["PDSYNC_PLEZI_URL"] = "https://plezi.example.com"
    settings = load_settings({}, environment=environment, config=config)
    if named_by == "file":
        with pytest.raises(SettingsError, match=r"names plezi\.example\.com, which is not Plezi's"):
            await open_client(settings, Side.PLEZI, _told)
    else:
        await (await open_client(settings, Side.PLEZI, _told)).aclose()


async def test_an_export_that_is_not_there(settings: Settings, tmp_path: Path) -> None:
    """The file's name and what is wrong with it."""
    with_file = replace(settings, plezi=replace(settings.plezi, file=tmp_path / "none.csv"))

    with pytest.raises(InputFileError, match=r"none\.csv"):
        await open_client(with_file, Side.PLEZI, _told)


# plans by name


@pytest.fixture
def plans(settings: Settings) -> Workspace:
    """A state with three plans in it, the second made last."""
    ws = Workspace.open(settings)
    ws.folder.prepare()
    for made, name in enumerate(["aa11", "bb22", "aa33"]):
        path = ws.folder.plans / f"{name}.pdsync"
        path.write_text("no plan\n", encoding="utf-8")
        moment = 1_000 + (10 if name == "bb22" else made)
        os.utime(path, (moment, moment))
    return ws


def test_plans_are_found_by_file_id_and_beginning(plans: Workspace, tmp_path: Path) -> None:
    """What a person has at hand: the file they made, the id on the screen, or "last"."""
    (tmp_path / "mine.pdsync").write_text("", encoding="utf-8")

    assert plan_path(plans, str(tmp_path / "mine.pdsync")) == tmp_path / "mine.pdsync"
    assert plan_path(plans, "aa33").stem == "aa33"
    assert plan_path(plans, "b").stem == "bb22"
    assert plan_path(plans, "last").stem == "bb22"


@pytest.mark.parametrize(
    ("name", "said"), [("aa", "beginning of 2 plans: aa11, aa33"), ("zz", "no plan 'zz'"), ("", "no plan ''")]
)
def test_a_name_that_means_no_plan(name: str, said: str, plans: Workspace) -> None:
    """None, or several: which ones there are."""
    with pytest.raises(UsageError, match=said):
        plan_path(plans, name)


def test_a_damaged_plan_is_refused(plans: Workspace) -> None:
    """A plan file is checked whole before any of it is used."""
    with pytest.raises(InputFileError):
        find_plan(plans, "bb22")
