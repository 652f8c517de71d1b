from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pdsync.sandbox.process import _listener
from tests.sandbox.plezi.stand import API
from tests.sandbox_process import NO_TLS

READY_SECONDS = 20


@pytest.fixture(scope="module")
def announced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The sandbox as a process of its own with the demo world; what it said on its first line."""
    path: Path = tmp_path_factory.mktemp("process") / "sandbox.db"
    command = [
        sys.executable,
        "-m",
        "pdsync.sandbox",
        "--db",
        str(path),
        "--seed",
        "demo",
        "--exit-with-parent",
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.stdin.close()
        assert process.wait(READY_SECONDS) == 0


@pytest.fixture
def client(announced: dict[str, Any]) -> Iterator[httpx.Client]:
    """A client with the keys that the process announced."""
    plezi = announced["plezi"]
    headers = {"X-Tenant-Company": plezi["tenant"], "X-API-Key": plezi["api_key"]}
    with httpx.Client(base_url=plezi["url"], headers=headers, verify=NO_TLS) as made:
        yield made


def test_every_contact_is_read_over_the_wire(client: httpx.Client) -> None:
    """1,400 contacts in seven pages, none twice."""
    pages = [
        client.get(f"{API}/contacts", params={"page": page, "per_page": 200}).json() for page in range(1, 8)
    ]
    assert len({contact["id"] for page in pages for contact in page["data"]}) == 1400


async def test_answers_leave_at_once() -> None:
    """With Nagle's algorithm on, each answer would wait 40 ms for a delayed acknowledgement.

    asyncio turns it off, but only on sockets that say themselves that they speak TCP.
    """
    off: list[int] = []

    def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = writer.get_extra_info("socket")
        off.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    with _listener(0) as listening:
        async with await asyncio.start_server(answer, sock=listening):
            reader, writer = await asyncio.open_connection(*listening.getsockname())
            await reader.read()
            writer.close()
    assert off == [1]


def test_planted_defects_can_be_asked_for(announced: dict[str, Any], client: httpx.Client) -> None:
    """Whoever runs an audit against the process can compare with what was planted."""
    control = announced["control"]
    report = httpx.get(f"{control['url']}/seed", headers={"x-sandbox-key": control["key"]}).json()
    nameless = [defect for defect in report["defects"] if defect["kind"] == "missing-first-name"]
    for defect in nameless:
        contact = client.get(f"{API}/contacts/{defect['subjects'][0].rpartition('/')[2]}").json()["data"]
        assert contact["attributes"]["first_name"] is None
        assert contact["attributes"]["form"] == defect["detail"]
    assert len(nameless) == 4
