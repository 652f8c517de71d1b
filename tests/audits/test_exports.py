"""The same people, live and as exports: the same findings, whatever the file is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pdsync.engine.auditing import Audited, audit
from pdsync.engine.inputs import bind_mapping
from pdsync.engine.pull import pull
from pdsync.engine.workspace import Workspace
from pdsync.model import GateState, Side
from pdsync.settings import load_settings
from pdsync.snapshots.reader import open_snapshot
from tests.audits.demo import MAPPING, read_demo
from tests.audits.exporting import export
from tests.sandbox_process import SandboxProcess

WAYS = (
    {Side.PIPEDRIVE: ".xlsx", Side.PLEZI: ".csv"},
    {Side.PIPEDRIVE: ".csv", Side.PLEZI: ".parquet"},
    {Side.PIPEDRIVE: ".parquet", Side.PLEZI: ".xlsx"},
)


async def audited_files(files: Mapping[Side, Path], state: Path) -> Audited:
    """What ``pdsync audit --pipedrive FILE --plezi FILE`` finds."""
    environment = {"PDSYNC_STATE": str(state), "PDSYNC_MAPPING": str(MAPPING)}
    environment |= {f"PDSYNC_{side.upper()}_FILE": str(path) for side, path in files.items()}
    async with Workspace.open(load_settings(environment=environment)) as ws:
        snapshots = await pull(ws)
        bound, _ = bind_mapping(ws, {side: snapshot.schema for side, snapshot in snapshots.items()}, None)
        return audit(snapshots, bound)


def findings(audited: Audited) -> dict[str, set[tuple[str, frozenset[str]]]]:
    """By audit, the field and the subjects of each finding."""
    found: dict[str, tuple[str, str, set[str]]] = {}
    rows: list[dict[str, Any]] = audited.table.to_pylist()
    for row in rows:
        subject = f"{row['side']}:{row['noun']}/{row['id']}"
        found.setdefault(row["finding"], (row["code"], row["field"], set()))[2].add(subject)
    by_code: dict[str, set[tuple[str, frozenset[str]]]] = {}
    for code, field, subjects in found.values():
        by_code.setdefault(code, set()).add((field, frozenset(subjects)))
    return by_code


def only_spaces(audited: Audited) -> set[tuple[str, frozenset[str]]]:
    """Addresses that are untidy by nothing but blanks around them: an export has several in a cell, and keeps none."""
    found = set()
    for row in audited.table.to_pylist():
        if row["code"] == "email-spelling":
            held = json.loads(row["details"])["addresses"]
            if all(one["delivered"].strip() == one["suggested"] for one in held):
                found.add((row["field"], frozenset({f"{row['side']}:{row['noun']}/{row['id']}"})))
    assert found
    return found


@pytest.mark.long
async def test_an_export_is_as_good_as_the_account(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """The demo world as XLSX, CSV and Parquet, in Pipedrive's own column naming: every finding of the live audit.

    What lies in the state gives the same table, row by row: no audit knows more than a snapshot holds. An export does
    not prove that it shows everybody, so the gate says that, and never plain "ready".
    """
    demo = await read_demo(sandbox, tmp_path / "live")
    live = audit(demo.snapshots, demo.bound)
    expected = findings(live)
    assert len(expected) > 8
    stored = {side: open_snapshot(snapshot.folder) for side, snapshot in demo.snapshots.items()}
    assert audit(stored, demo.bound).table.equals(live.table)
    expected["email-spelling"] -= only_spaces(live)
    for number, way in enumerate(WAYS):
        files = {
            side: export(demo.snapshots[side], tmp_path / f"{side}{number}{ending}")
            for side, ending in way.items()
        }
        audited = await audited_files(files, tmp_path / f"state {number}")
        found = findings(audited)
        assert found.keys() == expected.keys(), way
        for code, wanted in expected.items():
            assert found[code] == wanted, (way, code, len(found[code] - wanted), len(wanted - found[code]))
        assert audited.report.gate.blocked_records == live.report.gate.blocked_records
        assert audited.report.gate.state is GateState.NOT_READY
        assert len([line for line in audited.report.gate.not_checked if "not complete" in line]) == len(Side)


async def test_what_an_export_does_not_hold(tmp_path: Path) -> None:
    """A field that the file has no column for was not read: its audits say so by name, and the gate is never plain ready."""
    persons = tmp_path / "persons.csv"
    persons.write_text(
        "Person - ID;Person - Name;Person - First name;Person - Last name;Person - Email - Work;Person - Date de naissance\n"
        "1;Zoé Lefèvre;Zoé;Lefèvre;zoé@example.com;31/12/1980\n",
        encoding="utf-8",
    )
    contacts = tmp_path / "contacts.csv"
    contacts.write_text(
        "id,email,first_name,last_name,plz_secteur\na,zoé@example.com,Zoé,Lefèvre,agroalimentaire\n",
        encoding="utf-8",
    )

    audited = await audited_files({Side.PIPEDRIVE: persons, Side.PLEZI: contacts}, tmp_path / "state")

    by_code = {summary.code: summary for summary in audited.report.summaries}
    assert by_code["wrong-format"].findings == 1
    assert by_code["wrong-format"].not_checked == (
        '"Chiffre d\'affaires" was not read from Plezi; "Chiffre d\'affaires" was not read from Pipedrive; '
        "'Date de naissance' was not read from Plezi"
    )
    assert by_code["option-mismatch"].not_checked == (
        "what was read from Pipedrive holds no option values; "
        'who holds options of "Centres d\'intérêt" was not read from Plezi'
    )
    assert by_code["option-mismatch"].records == {Side.PIPEDRIVE: 0, Side.PLEZI: 1}
    assert audited.report.gate.state is not GateState.READY
