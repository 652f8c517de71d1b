"""Plan files: complete, checked, replaced in one step, and refused once they were touched."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pdsync.errors import InputFileError, PlanOutdated, StateError
from pdsync.model import (
    Account,
    Change,
    ChangeKind,
    Decision,
    Finding,
    Gate,
    GateState,
    Plan,
    PlanHeader,
    PlanTotals,
    Severity,
    Side,
    SideTotals,
    Subject,
)
from pdsync.store import PlanWriter, read_plan
from pdsync.store.plans import about

LINK = Change(ChangeKind.LINK, Side.PIPEDRIVE, "1", "a", "l@example.com")
UPDATE = Change(ChangeKind.UPDATE, Side.PLEZI, "1", "a", depends_on=1)


def header(**more: Any) -> PlanHeader:
    """A header with nothing special about it."""
    values: dict[str, Any] = {
        "id": "0123456789abcdef",
        "mapping_name": "contacts",
        "mapping_digest": "d",
        "mapping_version": "v",
        "snapshots": {},
        "ledger_revision": 3,
        "accounts": {Side.PLEZI: Account(Side.PLEZI, "t")},
        "gate": Gate(GateState.READY),
        "totals": PlanTotals({Side.PLEZI: SideTotals(updates=2, writes=2)}),
    }
    return PlanHeader(**(values | more))


def finding(severity: Severity, message: str) -> Finding:
    """A finding of some weight."""
    return Finding("code", severity, message)


def names(folder: Path) -> list[str]:
    """What lies in the folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


def written(folder: Path, **more: Any) -> Plan:
    """A plan of two decisions with three findings."""
    with PlanWriter(folder) as writer:
        writer.add(Decision((LINK, UPDATE), (finding(Severity.INFO, "first"),)))
        writer.add(
            Decision((LINK, UPDATE), (finding(Severity.BLOCKING, "second"), finding(Severity.INFO, "third")))
        )
        assert (writer.count, writer.findings) == (4, {"code": 3})
        return writer.finish(header(**more))


def test_changes_are_numbered_and_depend_on_absolute_numbers(tmp_path: Path) -> None:
    """Inside a decision a change counts from 1; in the plan it has its own number, and knows the one it follows."""
    plan = written(tmp_path)
    assert [(c.number, c.depends_on) for c in plan.changes()] == [(1, 0), (2, 1), (3, 0), (4, 3)]


def test_findings_come_gravest_first(tmp_path: Path) -> None:
    """What blocks stands on top; within a severity the order of planning stays."""
    assert [f.message for f in written(tmp_path).findings()] == ["second", "first", "third"]


def test_a_plan_read_is_the_plan_written(tmp_path: Path) -> None:
    """Header, changes and findings are the same from the file, as often as they are asked for."""
    plan = written(tmp_path)
    again = read_plan(Path(plan.path))
    assert plan.header == again.header
    for _ in range(2):
        assert list(plan.changes()) == list(again.changes())
        assert list(plan.findings()) == list(again.findings())


def test_a_plan_lies_in_the_folder_under_its_id_for_its_owner_only(tmp_path: Path) -> None:
    """Plans hold personal data (design 10)."""
    plan = written(tmp_path)
    assert str(tmp_path / "0123456789abcdef.pdsync") == plan.path
    assert Path(plan.path).stat().st_mode & 0o777 == 0o600
    assert names(tmp_path) == ["0123456789abcdef.pdsync"]


def test_the_same_plan_has_the_same_bytes(tmp_path: Path) -> None:
    """Same inputs, same plan: the file can be compared and signed."""
    first = Path(written(tmp_path).path).read_bytes()
    assert first == Path(written(tmp_path).path).read_bytes()


def half_a_plan(writer: PlanWriter) -> None:
    """Fails after the first decision."""
    writer.add(Decision((LINK,)))
    raise StateError("half way")


def test_a_plan_that_is_not_finished_leaves_nothing(tmp_path: Path) -> None:
    """A planning that fails half way leaves no file behind."""
    with pytest.raises(StateError), PlanWriter(tmp_path) as writer:
        half_a_plan(writer)
    assert names(tmp_path) == []


def test_any_changed_byte_is_noticed(tmp_path: Path) -> None:
    """A plan that was edited or damaged is not carried out, wherever it was touched."""
    path = Path(written(tmp_path).path)
    whole = path.read_bytes()
    accepted = []
    for position in range(len(whole)):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        try:
            list(read_plan(path).changes())
        except (InputFileError, PlanOutdated):
            continue
        accepted.append(position)
    assert accepted == []


def test_a_plan_cut_off_anywhere_is_noticed(tmp_path: Path) -> None:
    """A copy that broke off is not a shorter plan."""
    path = Path(written(tmp_path).path)
    whole = path.read_bytes()
    for length in range(len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(InputFileError):
            read_plan(path)


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"PK\x03\x04", b"{}", b'{"a":1}\n', b"\xff\xfe", b"name;email\n"]
)
def test_another_file_is_not_a_plan(tmp_path: Path, content: bytes) -> None:
    """A wrong file name is said to be one, with what to do."""
    path = tmp_path / "x.pdsync"
    path.write_bytes(content)
    with pytest.raises(InputFileError, match="not a plan") as caught:
        read_plan(path)
    assert "pdsync plan" in caught.value.next_step


def test_a_plan_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    """No traceback for a typing error."""
    with pytest.raises(InputFileError, match="No such file"):
        read_plan(tmp_path / "missing.pdsync")


@pytest.mark.parametrize("number", ["0", "2", "99", '"1"', "null"])
def test_a_plan_of_another_format_is_outdated(tmp_path: Path, number: str) -> None:
    """Exit 4: plan again, whether the file is older or newer than this pdsync."""
    path = Path(written(tmp_path).path)
    text = path.read_text().replace('{"pdsync_plan":1,', f'{{"pdsync_plan":{number},', 1)
    path.write_text(text)
    with pytest.raises(PlanOutdated, match="format") as caught:
        read_plan(path)
    assert caught.value.exit_code == 4


def test_a_plan_replaced_after_it_was_read_is_not_carried_out(tmp_path: Path) -> None:
    """What was checked is what runs: another file under the same name is refused."""
    plan = read_plan(Path(written(tmp_path).path))
    with PlanWriter(tmp_path) as writer:
        writer.finish(header())
    with pytest.raises(InputFileError, match="replaced"):
        list(plan.changes())


def test_a_plan_that_was_made_again_is_still_read(tmp_path: Path) -> None:
    """The same changes at another time: whoever holds the first plan goes on reading."""
    plan = written(tmp_path)
    changes, findings = list(plan.changes()), list(plan.findings())
    again = written(tmp_path, made_at="2026-12-24T00:00:00Z")

    assert again.path == plan.path
    assert read_plan(Path(plan.path)).header == again.header != plan.header
    assert list(plan.changes()) == changes
    assert list(plan.findings()) == findings


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """Foreign exceptions do not pass the border."""
    with pytest.raises(StateError, match="No such file"):
        PlanWriter(tmp_path / "missing")


FULL = """
import resource, sys
from pathlib import Path
from tests.store.test_plans import LINK, header
from pdsync.errors import StorageFull
from pdsync.model import Decision
from pdsync.store import PlanWriter
folder = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    with PlanWriter(folder) as writer:
        for _ in range(2000):
            writer.add(Decision((LINK,)))
        writer.finish(header())
except StorageFull as error:
    sys.exit(0 if str(folder) in str(error) else 3)
sys.exit(4)
"""


@pytest.mark.parametrize("size", [1_000, 100_000, 200_100])
def test_a_full_disk_is_one_clear_error_and_the_old_plan_stays(tmp_path: Path, size: int) -> None:
    """RLIMIT_FSIZE: while spooling, and while putting together; what was there before is as it was."""
    old = Path(written(tmp_path).path)
    before = old.read_bytes()
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path), str(size)], check=False, cwd=Path.cwd())
    assert done.returncode == 0
    assert before == old.read_bytes()
    assert [old.name] == names(tmp_path)


def test_what_is_about_one_record_is_found_without_the_rest(tmp_path: Path) -> None:
    """Changes and findings that name an id, whatever its characters; nobody else's, and nothing without an id."""
    odd = 'é"\\7'
    mine = Change(ChangeKind.UPDATE, Side.PLEZI, "7", odd)
    said = Finding("code", Severity.INFO, "m", (Subject(Side.PLEZI, "contact", odd),))
    with PlanWriter(tmp_path) as writer:
        writer.add(Decision((LINK, UPDATE), (finding(Severity.INFO, "other"),)))
        writer.add(Decision((mine,), (said,)))
        plan = writer.finish(header())

    changes, findings = about(plan, [odd])
    assert [(one.number, one.plezi_id) for one in changes] == [(3, odd)]
    assert list(findings) == [said]
    assert [one.number for one in about(plan, ["1"])[0]] == [1, 2]
    nothing = about(plan, [])
    assert (list(nothing[0]), list(nothing[1])) == ([], [])
