"""Steps that are ready together are stored together, in order, whole or not at all."""

from __future__ import annotations

import asyncio

import pytest

from pdsync.engine.apply import apply, settle_interrupted
from pdsync.engine.committing import Committer
from pdsync.engine.workspace import Workspace
from pdsync.errors import SettingsError, StorageFull
from pdsync.settings import load_settings
from pdsync.store import State, StateWriter, Transaction
from tests.engine.conftest import MakeWorld


def count_commits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that grows by one with every commit."""
    commits: list[int] = []
    store = StateWriter.transaction

    def counted(self: StateWriter) -> object:
        commits.append(1)
        return store(self)

    monkeypatch.setattr(StateWriter, "transaction", counted)
    return commits


async def test_what_comes_together_is_committed_together(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred steps at once need few waits for the disk, and keep their order."""
    world = make_world()
    commits = count_commits(monkeypatch)
    order: list[int] = []

    def step(number: int) -> object:
        return lambda _transaction: order.append(number)

    with world.state.writing("test") as writer:
        async with Committer(writer) as committer:
            await asyncio.gather(*(committer.commit(step(n)) for n in range(100)))  # type: ignore[arg-type]
    assert order == list(range(100))
    assert len(commits) <= 3


async def test_a_step_is_stored_before_its_waiter_goes_on(make_world: MakeWorld) -> None:
    """Whoever was told so can rely on it: another connection sees it."""
    world = make_world()
    with world.state.writing("test") as writer:
        async with Committer(writer) as committer:
            for n in range(5):
                await committer.commit(lambda t, n=n: t.ledger.set_link((f"{n}", f"z{n}")))  # type: ignore[misc]
                assert world.state.ledger.count_links() == n + 1


async def test_a_failure_is_told_to_all_that_went_with_it(make_world: MakeWorld) -> None:
    """None of them was stored; steps that come later are stored again."""
    world = make_world()

    def full(_transaction: Transaction) -> None:
        raise StorageFull("no room left")

    with world.state.writing("test") as writer:
        async with Committer(writer) as committer:
            steps = (lambda t: t.ledger.set_link(("1", "a")), full)
            ends = await asyncio.gather(*(committer.commit(step) for step in steps), return_exceptions=True)
            assert [type(end) for end in ends] == [StorageFull, StorageFull]
            assert world.state.ledger.is_new()
            await committer.commit(lambda t: t.ledger.set_link(("1", "a")))
    assert not world.state.ledger.is_new()


async def test_a_step_whose_waiter_left_is_stored_all_the_same(make_world: MakeWorld) -> None:
    """Cancelling who waits takes nothing back that is on its way to the disk; closing waits for it."""
    world = make_world()
    with world.state.writing("test") as writer:
        async with Committer(writer) as committer:
            task = asyncio.create_task(committer.commit(lambda t: t.ledger.set_link(("1", "a"))))
            await asyncio.sleep(0)
            task.cancel()
    assert world.state.ledger.count_links() == 1


async def test_a_machine_set_to_read_only_applies_nothing(make_world: MakeWorld) -> None:
    """``read_only`` is asked before anything else: no lock, no request (exit 2)."""
    world = make_world()
    world.plezi.insert({"email": "c@example.com", "first_name": "Lucile", "last_name": "Rivière"})
    plan = world.plan()
    settings = load_settings(
        environment={"PDSYNC_READ_ONLY": "true", "PDSYNC_STATE": str(world.folder / "other")}
    )
    async with Workspace.open(settings) as ws:
        with pytest.raises(SettingsError, match="read only"):
            await apply(ws, plan)
    assert not (world.folder / "other").exists()


async def test_where_nothing_is_open_nothing_is_asked(make_world: MakeWorld) -> None:
    """Settling costs no request, no lock and no token where no run was killed."""
    world = make_world()
    settings = load_settings(environment={"PDSYNC_STATE": str(world.folder / "other")})
    async with Workspace.open(settings) as ws:
        with State.open(ws.folder.prepare().database, ws.folder.lock) as other, other.writing("apply"):
            assert await settle_interrupted(ws) == 0
