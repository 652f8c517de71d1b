"""The ledger: what is put in comes out, for the right pair and side, and only what planning needs moves the revision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pdsync.errors import AccountMismatch, StateError
from pdsync.model import (
    Account,
    Change,
    ChangeKind,
    Link,
    LinkState,
    MergeBase,
    Side,
    UndoneMark,
)
from pdsync.store import LINK_COLUMNS, State, StateWriter, Transaction
from tests.store.test_codec import VALUES

PAIR, OTHER = ("1", "a"), ("2", "b")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    """A new state."""
    with State.open(tmp_path / "state.sqlite3", tmp_path / "lock") as opened:
        yield opened


def change(state: State, *steps: Callable[[Transaction], object]) -> None:
    """Carry out steps in one transaction."""
    with state.writing("test") as writer, writer.transaction() as transaction:
        for step in steps:
            step(transaction)


def link(pair: tuple[str, str] = PAIR, **more: str) -> Callable[[Transaction], object]:
    """Make a link."""
    return lambda t: t.ledger.set_link(pair, address=more.get("address", "l@example.com"))


def test_a_new_state_knows_nobody(state: State) -> None:
    """The questions of a planner have answers before the first run."""
    ledger = state.ledger
    assert ledger.revision() == 0
    assert ledger.is_new()
    assert ledger.count_links() == 0
    assert ledger.links_table().column_names == list(LINK_COLUMNS)
    assert ledger.accounts() == {}
    assert not ledger.has_existing(Side.PLEZI)
    assert ledger.links_of([PAIR]) == {}
    assert ledger.bases([PAIR]) == {}
    assert ledger.undone([PAIR]) == {}
    assert ledger.not_stored([PAIR]) == {}
    assert state.history.runs() == []
    assert state.history.last_write_at() is None


def test_the_file_is_for_its_owner_only(state: State, tmp_path: Path) -> None:
    """Ledger and journal hold personal data (design 10): 0600, the files beside it and the lock included."""
    change(state, link())
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_a_file_with_loose_rights_is_tightened(tmp_path: Path) -> None:
    """A copy made with other rights does not stay readable for others."""
    State.open(tmp_path / "s", tmp_path / "lock").close()
    (tmp_path / "s").chmod(0o644)
    State.open(tmp_path / "s", tmp_path / "lock").close()
    assert (tmp_path / "s").stat().st_mode & 0o777 == 0o600


def test_what_a_link_holds_comes_out_for_its_pair_only(state: State) -> None:
    """Bases, marks and memories belong to one pair, one field mapping and, memories, one side."""
    change(
        state,
        link(),
        link(OTHER),
        lambda t: t.ledger.set_bases(PAIR, {"k": MergeBase("x", None), "l": MergeBase(1, [2])}),
        lambda t: t.ledger.set_bases(OTHER, {"k": MergeBase("o", "o")}),
        lambda t: t.ledger.set_undone(PAIR, {"k": UndoneMark("here", "there")}),
        lambda t: t.ledger.set_not_stored(PAIR, Side.PLEZI, {"k": ("sent", "stored")}),
        lambda t: t.ledger.set_not_stored(PAIR, Side.PIPEDRIVE, {"k": (1, None)}),
    )
    assert state.ledger.links_of([PAIR, ("1", "b")]) == {PAIR: Link("1", "a", "l@example.com")}
    assert state.ledger.bases([PAIR]) == {PAIR: {"k": MergeBase("x", None), "l": MergeBase(1, [2])}}
    assert state.ledger.undone([PAIR, OTHER]) == {PAIR: {"k": UndoneMark("here", "there")}}
    memory = {("k", Side.PLEZI): ("sent", "stored"), ("k", Side.PIPEDRIVE): (1, None)}
    assert state.ledger.not_stored([OTHER, PAIR]) == {PAIR: memory}
    assert set(state.ledger.links_by_id(Side.PLEZI, ["a", "z"])) == {"a"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(here=VALUES, there=VALUES)
def test_a_base_comes_back_exactly(state: State, here: object, there: object) -> None:
    """Whatever a service delivers, the ledger remembers exactly that."""
    base = MergeBase(here, there)  # type: ignore[arg-type]
    change(state, link(), lambda t: t.ledger.set_bases(PAIR, {"k": base}))
    assert repr(base) == repr(state.ledger.bases([PAIR])[PAIR]["k"])


def test_what_is_set_to_none_is_forgotten(state: State) -> None:
    """Bases are dropped, marks lifted, memories cleared, one by one."""
    change(
        state,
        link(),
        lambda t: t.ledger.set_bases(PAIR, {"k": MergeBase(1, 1), "l": MergeBase(2, 2)}),
        lambda t: t.ledger.set_undone(PAIR, {"k": UndoneMark(1, 1)}),
        lambda t: t.ledger.set_not_stored(PAIR, Side.PLEZI, {"k": (1, 2)}),
    )
    change(
        state,
        lambda t: t.ledger.set_bases(PAIR, {"k": None}),
        lambda t: t.ledger.set_undone(PAIR, {"k": None}),
        lambda t: t.ledger.set_not_stored(PAIR, Side.PLEZI, {"k": None}),
    )
    assert state.ledger.bases([PAIR]) == {PAIR: {"l": MergeBase(2, 2)}}
    assert state.ledger.undone([PAIR]) == {}
    assert state.ledger.not_stored([PAIR]) == {}


def test_a_removed_link_takes_everything_with_it(state: State) -> None:
    """Nothing of a pair stays behind that a later link of the same records could inherit."""
    change(
        state,
        link(),
        lambda t: t.ledger.set_bases(PAIR, {"k": MergeBase(1, 1)}),
        lambda t: t.ledger.set_undone(PAIR, {"k": UndoneMark(1, 1)}),
        lambda t: t.ledger.set_not_stored(PAIR, Side.PLEZI, {"k": (1, 2)}),
    )
    change(state, lambda t: t.ledger.remove_link(PAIR), link())
    assert state.ledger.bases([PAIR]) == {}
    assert state.ledger.undone([PAIR]) == {}
    assert state.ledger.not_stored([PAIR]) == {}


def test_a_record_is_linked_once(state: State) -> None:
    """A person is one contact and a contact is one person."""
    change(state, link())
    for pair in (("1", "b"), ("2", "a")):
        with pytest.raises(ValueError, match="linked to another"):
            change(state, link(pair))
    assert state.ledger.count_links() == 1


def test_without_a_link_nothing_is_remembered(state: State) -> None:
    """What follows a write of a lone record does not invent a link."""
    change(
        state,
        lambda t: t.ledger.touch_link(PAIR, address="x@example.com"),
        lambda t: t.ledger.set_bases(PAIR, {"k": MergeBase(1, 1)}),
        lambda t: t.ledger.set_undone(PAIR, {"k": UndoneMark(1, 1)}),
        lambda t: t.ledger.set_not_stored(PAIR, Side.PLEZI, {"k": (1, 2)}),
    )
    assert state.ledger.is_new()


def settle(state: State, *changes: Change) -> dict[int, str]:
    """Carry out ledger-only changes as one block."""
    with state.writing("test") as writer, writer.transaction() as transaction:
        return transaction.ledger.settle(changes, "v1")


def ledger_only(kind: ChangeKind, pair: tuple[str, str] = PAIR, number: int = 1, **more: object) -> Change:
    """A change of the ledger only."""
    return Change(kind, Side.PIPEDRIVE, pair[0], pair[1], number=number, **more)  # type: ignore[arg-type]


def rows(state: State) -> list[dict[str, object]]:
    """The links without the time at which they were made."""
    return [
        {k: v for k, v in row.items() if k != "made_at"} for row in state.ledger.links_table().to_pylist()
    ]


def test_settling_links_pairs_with_bases_and_digests(state: State) -> None:
    """A first sync links many pairs in one transaction."""
    refused = settle(
        state,
        ledger_only(
            ChangeKind.LINK,
            PAIR,
            1,
            address="l@example.com",
            bases={"k": MergeBase(1, 2)},
            digests=("p", "q"),
        ),
        ledger_only(ChangeKind.LINK, OTHER, 2, address="o@example.com"),
    )
    assert refused == {}
    shared = {"state": "ok"}
    assert rows(state) == [
        shared
        | {"pipedrive_id": "1", "plezi_id": "a", "address": "l@example.com", "version": "v1", "open": False}
        | {"digest_pipedrive": "p", "digest_plezi": "q"},
        shared
        | {"pipedrive_id": "2", "plezi_id": "b", "address": "o@example.com", "version": "", "open": True}
        | {"digest_pipedrive": None, "digest_plezi": None},
    ]
    assert state.ledger.bases([PAIR, OTHER]) == {PAIR: {"k": MergeBase(1, 2)}}


def test_settling_changes_what_it_says_and_keeps_the_rest(state: State) -> None:
    """A settled base replaces one field mapping's; an empty address stays as it was; marks are lifted by key."""
    change(
        state,
        link(),
        lambda t: t.ledger.set_bases(
            PAIR, {"k": MergeBase(1, 1), "l": MergeBase(2, 2), "m": MergeBase(3, 3)}
        ),
        lambda t: t.ledger.set_undone(PAIR, {"k": UndoneMark(1, 1), "l": UndoneMark(2, 2)}),
    )
    bases = {"k": MergeBase("new", "new"), "m": None}
    settle(state, ledger_only(ChangeKind.SETTLE, bases=bases, unmark=("k",), digests=("p", "q")))
    assert state.ledger.bases([PAIR]) == {PAIR: {"k": MergeBase("new", "new"), "l": MergeBase(2, 2)}}
    assert state.ledger.undone([PAIR]) == {PAIR: {"l": UndoneMark(2, 2)}}
    (row,) = rows(state)
    assert (row["address"], row["version"], row["open"]) == ("l@example.com", "v1", False)


def test_a_broken_link_stays_broken_until_it_is_linked_again(state: State) -> None:
    """Unlink marks a link as broken (design 6, Absence); settling does not heal it, linking does."""
    change(state, link())
    settle(state, ledger_only(ChangeKind.UNLINK))
    assert state.ledger.links_of([PAIR])[PAIR].state is LinkState.BROKEN
    settle(state, ledger_only(ChangeKind.SETTLE, bases={"k": MergeBase(1, 1)}))
    assert state.ledger.links_of([PAIR])[PAIR].state is LinkState.BROKEN
    settle(state, ledger_only(ChangeKind.LINK, address="n@example.com"))
    assert state.ledger.links_of([PAIR]) == {PAIR: Link("1", "a", "n@example.com")}


def test_what_does_not_fit_is_refused_alone(state: State) -> None:
    """One pair that was linked otherwise meanwhile does not hold up the others."""
    change(state, link())
    refused = settle(
        state,
        ledger_only(ChangeKind.LINK, ("1", "b"), 1),
        ledger_only(ChangeKind.LINK, ("3", "c"), 2),
        ledger_only(ChangeKind.LINK, ("4", "c"), 3),
        ledger_only(ChangeKind.SETTLE, ("5", "d"), 4, bases={"k": MergeBase(1, 1)}),
    )
    assert set(refused) == {1, 3, 4}
    assert {row["pipedrive_id"] for row in rows(state)} == {"1", "3"}


def test_many_pairs_are_settled(state: State) -> None:
    """More than fit into one statement."""
    pairs = [(str(n), f"z{n}") for n in range(2_500)]
    changes = [
        ledger_only(ChangeKind.LINK, pair, n, bases={"k": MergeBase(n, n)}) for n, pair in enumerate(pairs, 1)
    ]
    assert settle(state, *changes) == {}
    assert state.ledger.links_table().num_rows == len(state.ledger.bases(pairs)) == 2_500
    assert state.ledger.bases(pairs)[pairs[-1]] == {"k": MergeBase(2_500, 2_500)}


def test_a_written_pair_is_looked_at_again(state: State) -> None:
    """The digests of a settled pair do not hold once one of its records was written."""
    settle(state, ledger_only(ChangeKind.LINK, address="l@example.com", digests=("p", "q")))
    change(state, lambda t: t.ledger.touch_link(PAIR))
    (row,) = rows(state)
    assert (row["digest_pipedrive"], row["open"], row["address"]) == (None, True, "l@example.com")
    change(state, lambda t: t.ledger.touch_link(PAIR, address="n@example.com"))
    assert state.ledger.links_of([PAIR])[PAIR].address == "n@example.com"


@pytest.mark.parametrize(
    "step",
    [
        link(),
        lambda t: t.ledger.bind_account(Account(Side.PLEZI, "t")),
        lambda t: t.ledger.bind_fields({(Side.PLEZI, "n"): "c"}),
        lambda t: t.ledger.sign_fields({"k": "s"}),
        lambda t: t.ledger.record_existing(Side.PLEZI, ["1"]),
        lambda t: t.ledger.enrol("1"),
        lambda t: t.ledger.hold_create(Side.PLEZI, "1", why="undone", run_id="r"),
        lambda t: t.ledger.settle([ledger_only(ChangeKind.LINK)], "v"),
    ],
)
def test_whatever_may_alter_a_plan_raises_the_revision(
    state: State, step: Callable[[Transaction], object]
) -> None:
    """A plan made before is refused afterwards (exit 4); saying the same once more alters nothing more."""
    change(state, step)
    assert state.ledger.revision() == 1


@pytest.mark.parametrize(
    "step",
    [
        lambda t: t.ledger.touch_link(PAIR),
        lambda t: t.ledger.remove_link(PAIR),
        lambda t: t.ledger.adopt(Side.PLEZI, ["nobody"]),
        lambda t: t.ledger.release_create(Side.PLEZI, "1"),
        lambda t: t.ledger.sign_fields({}),
        lambda t: t.ledger.settle([ledger_only(ChangeKind.SETTLE)], "v"),
    ],
)
def test_what_changes_nothing_keeps_the_revision(state: State, step: Callable[[Transaction], object]) -> None:
    """Plans stay valid as long as nothing happened."""
    change(state, step)
    assert state.ledger.revision() == 0


def test_a_failed_transaction_changes_nothing(state: State) -> None:
    """All of it, or nothing: ledger and journal cannot be torn apart."""

    def fail(_transaction: Transaction) -> None:
        raise StateError("half way")

    with pytest.raises(StateError, match="half way"):
        change(state, link(), fail)
    assert state.ledger.is_new()
    assert state.ledger.revision() == 0


def test_the_reader_sees_only_what_is_committed(state: State) -> None:
    """A plan made while a run writes sees whole steps."""
    with state.writing("test") as writer, writer.transaction() as transaction:
        transaction.ledger.set_link(PAIR, address="l@example.com")
        assert state.ledger.is_new()
    assert not state.ledger.is_new()


def test_the_readers_connection_cannot_write(state: State) -> None:
    """Planning is given a reader that the database itself holds to reading."""
    with (
        pytest.raises(StateError, match="may not be written"),
        state.ledger._database.reading() as connection,
    ):
        connection.exec_driver_sql("DELETE FROM meta")


def test_a_state_belongs_to_its_accounts(state: State) -> None:
    """Another account than the state's is refused (design 6, Accounts); a new name of the same one is not."""
    with state.writing("test") as writer:
        writer.bind_account(Account(Side.PIPEDRIVE, "42", "Acme", "acme.pipedrive.com"))
        writer.bind_account(Account(Side.PIPEDRIVE, "42", "Acme SAS", "acme.pipedrive.com"))
        with pytest.raises(AccountMismatch, match=r"Acme SAS \(42\).*Other \(43\)"):
            writer.bind_account(Account(Side.PIPEDRIVE, "43", "Other"))
    assert state.ledger.accounts()[Side.PIPEDRIVE].name == "Acme SAS"
    state.check_account(Account(Side.PLEZI, "never seen"))
    with pytest.raises(AccountMismatch):
        state.check_account(Account(Side.PIPEDRIVE, "43"))


def test_only_the_first_complete_snapshot_says_who_existed(state: State) -> None:
    """Records that come later were not there before the first run (design 6)."""

    def record(writer: StateWriter, *ids: str) -> bool:
        return writer.record_existing(Side.PLEZI, ids)

    with state.writing("test") as writer:
        assert record(writer, "a", "b")
        assert not record(writer, "c")
        writer.adopt(Side.PLEZI, ["a"])
    assert state.ledger.existing_ids(Side.PLEZI) == {"b"}
    assert state.ledger.existing_ids(Side.PIPEDRIVE) == set()
    assert (state.ledger.has_existing(Side.PLEZI), state.ledger.has_existing(Side.PIPEDRIVE)) == (True, False)


def test_nobody_existed_is_an_answer_too(state: State) -> None:
    """An account that was empty at first was read completely all the same."""
    with state.writing("test") as writer:
        writer.record_existing(Side.PLEZI, [])
        assert state.ledger.has_existing(Side.PLEZI)
        assert not writer.record_existing(Side.PLEZI, ["1"])


def test_a_name_keeps_the_code_that_it_was_first_bound_to(state: State) -> None:
    """A name that later means another field is noticed, not followed (design 5)."""
    change(state, lambda t: t.ledger.bind_fields({(Side.PIPEDRIVE, "Secteur"): "c1"}))
    change(
        state,
        lambda t: t.ledger.bind_fields({(Side.PIPEDRIVE, "Secteur"): "c2", (Side.PLEZI, "Secteur"): "c3"}),
    )
    assert state.ledger.field_bindings() == {(Side.PIPEDRIVE, "Secteur"): "c1", (Side.PLEZI, "Secteur"): "c3"}


def test_a_new_signature_drops_the_bases_of_its_field_mapping_only(state: State) -> None:
    """Other fields or option pairs: what both sides agreed on means nothing any more (design 6, R22)."""
    bases = {"k": MergeBase(1, 1), "l": MergeBase(2, 2)}
    change(
        state,
        link(),
        lambda t: t.ledger.sign_fields({"k": "s1", "l": "s1"}),
        lambda t: t.ledger.set_bases(PAIR, bases),
    )
    change(state, lambda t: t.ledger.sign_fields({"k": "s1", "l": "s1"}))
    assert state.ledger.bases([PAIR]) == {PAIR: bases}
    change(state, lambda t: t.ledger.sign_fields({"k": "s2", "l": "s1"}))
    assert state.ledger.bases([PAIR]) == {PAIR: {"l": MergeBase(2, 2)}}
    assert state.ledger.signatures() == {"k": "s2", "l": "s1"}


def test_a_new_signature_settles_nobody(state: State) -> None:
    """R22: a pair whose base is dropped is looked at again, also if the mapping becomes what it was when it was settled.

    Else the next edit of one side, without a base, is a conflict, and a policy may decide it against the person.
    """
    settled = Change(ChangeKind.SETTLE, Side.PIPEDRIVE, *PAIR, digests=("here", "there"), number=1)
    change(
        state,
        link(),
        lambda t: t.ledger.sign_fields({"k": "s1"}),
        lambda t: t.ledger.settle([settled], "v1"),
    )
    assert state.ledger.links_table().column("version").to_pylist() == ["v1"]
    change(state, lambda t: t.ledger.sign_fields({"k": "s1"}))
    assert state.ledger.links_table().column("version").to_pylist() == ["v1"]
    change(state, lambda t: t.ledger.sign_fields({"k": "s2"}))
    assert state.ledger.links_table().column("version").to_pylist() == [""]


def test_a_first_signature_keeps_the_bases(state: State) -> None:
    """Bases that were settled before their field mapping was signed are of that very signature."""
    change(state, link(), lambda t: t.ledger.set_bases(PAIR, {"k": MergeBase(1, 1)}))
    change(state, lambda t: t.ledger.sign_fields({"k": "s1"}))
    assert state.ledger.bases([PAIR]) == {PAIR: {"k": MergeBase(1, 1)}}


def test_held_creates_and_enrolled_persons_are_remembered(state: State) -> None:
    """What an undo deleted is not created again, and a flag is never set twice (R10)."""
    change(
        state,
        lambda t: t.ledger.enrol("1"),
        lambda t: t.ledger.enrol("1"),
        lambda t: t.ledger.hold_create(Side.PLEZI, "a", why="undone", run_id="r"),
        lambda t: t.ledger.hold_create(Side.PLEZI, "b", why="unknown", run_id="r"),
    )
    assert state.ledger.enrolled() == {"1"}
    assert state.ledger.undone_creates(Side.PLEZI) == {"a", "b"}
    change(state, lambda t: t.ledger.release_create(Side.PLEZI, "a"))
    assert state.ledger.undone_creates(Side.PLEZI) == {"b"}
    assert state.ledger.undone_creates(Side.PIPEDRIVE) == set()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.lists(st.tuples(st.sampled_from("123"), st.sampled_from("abc")), max_size=6))
def test_links_are_always_one_to_one(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]
) -> None:
    """Whatever is asked to be linked in one block: the first come, nobody twice, and every refusal is said."""
    folder = tmp_path_factory.mktemp("state")
    with State.open(folder / "s", folder / "lock") as state:
        unique = list(dict.fromkeys(pairs))
        refused = settle(state, *(ledger_only(ChangeKind.LINK, pair, n) for n, pair in enumerate(unique, 1)))
        made = [(row["pipedrive_id"], row["plezi_id"]) for row in rows(state)]
        assert len({p for p, _ in made}) == len({z for _, z in made}) == len(made)
        assert made == [pair for n, pair in enumerate(unique, 1) if n not in refused]


def test_one_record_is_remembered_by_itself(state: State) -> None:
    """What the ledger holds on one record is told without reading what it holds on all."""
    with state.writing("test") as writer:
        writer.record_existing(Side.PIPEDRIVE, ["1", "2"])
        writer.adopt(Side.PIPEDRIVE, ["2"])
    change(
        state,
        lambda t: t.ledger.hold_create(Side.PIPEDRIVE, "3", why="undone", run_id="r"),
        lambda t: t.ledger.enrol("4"),
    )
    told = {one: state.ledger.remembered(Side.PIPEDRIVE, one) for one in "12345"}

    assert [one for one in told if told[one].existed_before] == ["1"]
    assert {one: held.create_held for one, held in told.items() if held.create_held} == {"3": "undone"}
    assert [one for one in told if told[one].enrolled] == ["4"]
    assert not state.ledger.remembered(Side.PLEZI, "4").enrolled


def test_links_are_found_by_the_address_that_they_rest_on(state: State) -> None:
    """By the key, and when each was made."""
    change(state, link(), link(OTHER, address="b@example.com"))

    assert [one.plezi_id for one in state.ledger.links_on("b@example.com")] == ["b"]
    assert state.ledger.links_on("c@example.com") == []
    assert state.ledger.linked_at(OTHER)
    assert state.ledger.linked_at(("1", "b")) == ""
