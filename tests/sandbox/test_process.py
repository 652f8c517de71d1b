from __future__ import annotations

import json
import re
import socket
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.sandbox.pipedrive.scenario import V2, make_field, make_person
from tests.sandbox_process import SandboxProcess

PERSONS = f"{V2}/persons"


def run(*options: str) -> subprocess.CompletedProcess[str]:
    """The process with options that end it at once."""
    command = [sys.executable, "-m", "pdsync.sandbox", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_the_line_says_everything(tmp_path: Path) -> None:
    """Addresses on loopback, keys, file and process; and the ports answer when it is printed."""
    with SandboxProcess(tmp_path / "sandbox.db") as sandbox:
        ready = sandbox.ready
        assert ready.keys() == {"pipedrive", "plezi", "control", "db", "pid"}
        assert ready["plezi"].keys() == {"url", "api_key", "tenant", "public_key", "secret_key"}
        assert re.fullmatch(r"[0-9a-f]{40}", ready["pipedrive"]["token"])
        assert (ready["db"], ready["pid"] > 0) == (str(tmp_path / "sandbox.db"), True)
        for url in (sandbox.pipedrive_url, sandbox.plezi_url):
            assert url.startswith("http://127.0.0.1:")
            assert httpx.get(url).status_code in {401, 404}
        assert sandbox.stop() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have one loopback address")
def test_it_listens_on_loopback_only(sandbox: SandboxProcess) -> None:
    """The same port of another address of this machine is free."""
    port = int(sandbox.pipedrive_url.rsplit(":", 1)[1])
    with socket.socket() as another:
        another.bind(("127.0.0.2", port))  # would be taken, if the sandbox listened everywhere


@pytest.mark.long
def test_state_survives_a_restart(tmp_path: Path) -> None:
    """Records, keys, identities, switches, faults with their counters, budget, ledger and clock."""
    with SandboxProcess(tmp_path / "sandbox.db") as first, first.pipedrive() as client:
        code = make_field(client, "varchar")["field_code"]
        person = make_person(client, custom_fields={code: "x"})
        first.control.turn(pipedrive__plan="lite")
        first.control.advance_clock(3600)
        first.control.faults({"kind": "status", "status": 500, "route": f"{PERSONS}/*", "nth": 2})
        client.get(f"{PERSONS}/1")
        state, ready = first.control.state(), first.ready
    with SandboxProcess(tmp_path / "sandbox.db") as second, second.pipedrive() as client:
        for part, key in (("pipedrive", "token"), ("plezi", "api_key"), ("control", "key")):
            assert second.ready[part][key] == ready[part][key]
        again = second.control.state()
        assert {name: again[name] for name in ("account", "counts", "budget")} == {
            name: state[name] for name in ("account", "counts", "budget")
        }
        assert again["clock"]["offset_seconds"] == 3600
        assert second.control.switches()["pipedrive.plan"]["value"] == "lite"
        assert client.get(f"{PERSONS}/1").status_code == 500
        assert client.get(f"{PERSONS}/1").json()["data"] == person


def test_a_killed_process_loses_nothing_it_answered(tmp_path: Path) -> None:
    """What was answered is in the file; what was put off is lost, as it would be."""
    with SandboxProcess(tmp_path / "sandbox.db") as first, first.pipedrive() as client:
        for number in range(20):
            make_person(client, name=f"Person {number}")
        first.control.faults({"kind": "late_commit", "method": "POST", "seconds": 3600})
        with pytest.raises(httpx.RemoteProtocolError):
            client.post(PERSONS, json={"name": "Lost"})
        first.kill()
    with SandboxProcess(tmp_path / "sandbox.db") as second:
        assert second.control.state()["counts"]["persons"] == 20


@pytest.mark.long
def test_late_writes_happen_before_a_clean_end(tmp_path: Path) -> None:
    """A server that is stopped finishes what it took on."""
    with SandboxProcess(tmp_path / "sandbox.db") as first, first.pipedrive() as client:
        first.control.faults({"kind": "late_commit", "method": "POST", "seconds": 3600})
        with pytest.raises(httpx.RemoteProtocolError):
            client.post(PERSONS, json={"name": "Late"})
        assert first.stop() == 0
    with SandboxProcess(tmp_path / "sandbox.db") as second:
        assert second.control.state()["counts"]["persons"] == 1


@pytest.mark.long
def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    """When stdin closes, it stops as if asked to."""
    with SandboxProcess(tmp_path / "sandbox.db") as sandbox:
        assert sandbox.close_stdin() == 0


@pytest.mark.long
def test_it_does_not_need_a_parent(tmp_path: Path) -> None:
    """Without --exit-with-parent an empty stdin means nothing."""
    command = [sys.executable, "-m", "pdsync.sandbox", "--db", str(tmp_path / "sandbox.db")]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert httpx.get(ready["pipedrive"]["url"]).status_code == 401
        process.terminate()
        assert process.wait(10) == 0


def test_files_are_private(tmp_path: Path) -> None:
    """A rehearsal puts copies of real people in there."""
    with SandboxProcess(tmp_path / "sandbox.db"):
        modes = {file.name: oct(file.stat().st_mode & 0o777) for file in tmp_path.iterdir()}
    assert modes == dict.fromkeys(modes, "0o600")
    assert len(modes) > 1, "the write-ahead log is looked at too"


@pytest.mark.long
def test_two_files_are_two_accounts(tmp_path: Path) -> None:
    """Nothing of one is the other's."""
    with SandboxProcess(tmp_path / "a.db") as one, SandboxProcess(tmp_path / "b.db") as other:
        mine, theirs = (process.control.state()["account"] for process in (one, other))
    shared = {name for name in mine if mine[name] == theirs[name]}
    assert shared == {"pipedrive_company_name"}


def test_keys_may_be_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By option or by environment, for recordings that must look the same every time."""
    monkeypatch.setenv("PDSYNC_SANDBOX_PIPEDRIVE_TOKEN", "a" * 40)
    options = ("--account", "pipedrive_company_id=4711", "--account", "plezi_tenant=acme")
    with SandboxProcess(tmp_path / "sandbox.db", *options) as sandbox:
        assert sandbox.pipedrive_token == "a" * 40
        assert sandbox.ready["plezi"]["tenant"] == "acme"
        assert sandbox.control.state()["account"]["pipedrive_company_id"] == "4711"


@pytest.mark.long
def test_switches_given_at_the_start_outlive_a_reset(tmp_path: Path) -> None:
    """A reset goes back to the position that the process was started with."""
    options = ("--plan", "lite", "--switch", "pipedrive.seats=3", "--switch", "pipedrive.campaigns_app=true")
    with SandboxProcess(tmp_path / "sandbox.db", *options) as sandbox:
        sandbox.control.turn(pipedrive__plan="premium")
        sandbox.control.reset()
        assert sandbox.control.state()["budget"]["limit"] == 90_000
        assert sandbox.control.switches()["pipedrive.campaigns_app"]["value"] is True


@pytest.mark.long
def test_it_may_start_with_people(tmp_path: Path) -> None:
    """A seeded world is there when the line is printed; the same file cannot be seeded twice."""
    with SandboxProcess(tmp_path / "sandbox.db", "--seed", "demo") as sandbox:
        assert sandbox.control.state()["counts"]["persons"] == 2000
        assert sandbox.control.call("GET", "/seed")["world"] == "demo"
    again = run("--db", str(tmp_path / "sandbox.db"), "--seed", "demo")
    assert (again.returncode, again.stdout) == (2, "")
    assert "not empty" in again.stderr


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--plan", "gold"], "invalid choice"),
        (["--switch", "pipedrive.plan=gold"], "is one of lite, growth, premium, ultimate"),
        (["--account", "colour=red"], "no such part of an account: colour"),
        *(
            pytest.param(options, problem, marks=pytest.mark.long)
            for options, problem in (
                (["--switch", "pipedrive.colour=red"], "there is no switch 'pipedrive.colour'"),
                (["--switch", "pipedrive.seats=many"], "pipedrive.seats is a number"),
                (["--switch", "pipedrive.any_label=perhaps"], "pipedrive.any_label is true or false"),
                (["--switch", "pipedrive.plan"], "is not NAME=VALUE"),
                (["--account", "pipedrive_company_id=x"], "pipedrive_company_id is a whole number"),
                (["--pipedrive-port", "99999"], "a port is a number from 0 to 65535"),
            )
        ),
    ],
)
def test_wrong_options_end_it(tmp_path: Path, options: list[str], problem: str) -> None:
    """With a sentence, exit code 2 and nothing on stdout."""
    ended = run("--db", str(tmp_path / "sandbox.db"), *options)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert problem in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_taken_port_ends_it(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """It says so instead of serving half."""
    port = sandbox.pipedrive_url.rsplit(":", 1)[1]
    ended = run("--db", str(tmp_path / "sandbox.db"), "--plezi-port", port)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "in use" in ended.stderr


def foreign_database() -> bytes:
    """A database of somebody else."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE letters (text)")
        return db.serialize()


@pytest.mark.parametrize(
    "content", [b"Dear Zoe, " * 500, b"x", foreign_database()], ids=["long", "short", "SQLite"]
)
def test_a_foreign_file_ends_it(tmp_path: Path, content: bytes) -> None:
    """And is left as it is."""
    file = tmp_path / "letter.txt"
    file.write_bytes(content)
    ended = run("--db", str(file))
    assert (ended.returncode, "is not a sandbox file" in ended.stderr) == (2, True)
    assert file.read_bytes() == content


@pytest.mark.long
def test_a_file_of_another_version_ends_it(tmp_path: Path) -> None:
    """With the advice to make a new one."""
    with SandboxProcess(tmp_path / "sandbox.db"):
        pass
    with closing(sqlite3.connect(tmp_path / "sandbox.db")) as db, db:
        db.execute("UPDATE sandbox_schemas SET version = 0 WHERE name = 'pipedrive'")
    ended = run("--db", str(tmp_path / "sandbox.db"))
    assert (ended.returncode, "another version" in ended.stderr) == (2, True)


def test_a_served_file_is_not_served_twice(sandbox: SandboxProcess) -> None:
    """Two processes on one file would not know of each other's changes."""
    ended = run("--db", str(sandbox.db))
    assert (ended.returncode, "served by another process" in ended.stderr) == (2, True)


@pytest.mark.long
def test_many_at_once(sandbox: SandboxProcess) -> None:
    """Parallel writes are all kept, each once, each charged, in ids without gaps."""
    sandbox.control.turn(pipedrive__limits_enforced=False)
    with sandbox.pipedrive() as client, ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda number: make_person(client, name=f"Person {number}")["id"], range(200)))
        assert sorted(made) == list(range(1, 201))
        list(pool.map(lambda id_: client.patch(f"{PERSONS}/{id_}", json={"last_name": "Same"}), made))
        assert {person["last_name"] for person in client.get(f"{PERSONS}?limit=500").json()["data"]} == {
            "Same"
        }
    assert sandbox.control.tokens(side="pipedrive") == 200 * 5 + 200 * 5 + 10
