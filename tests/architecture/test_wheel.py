"""What ``pip install .`` gives: the command, the schemas, the default mapping and the API profiles."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.architecture.code import PACKAGE, ROOT

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--no-deps",
            "--no-build-isolation",
            "-q",
            "-w",
            str(folder),
            str(ROOT),
        ],
        check=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel; its dependencies are lent by this one, pdsync itself is not."""
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "-q", str(wheel)],
        check=True,
    )
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder


def _run(venv: Path, *words: str) -> str:
    """Standard output of a command of that environment, run in an empty folder."""
    elsewhere = venv / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    done = subprocess.run(
        [venv / "bin" / words[0], *words[1:]], cwd=elsewhere, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_holds_everything_that_is_no_code(wheel: Path) -> None:
    """Schemas, profiles, report schemas, the default mapping and its field lists, the licence."""
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    wanted = {
        str(path.relative_to(ROOT))
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix not in {".pyc", ".py"} and "__pycache__" not in path.parts
    }

    assert wanted <= inside
    assert {
        "pdsync/mapfiles/shipped/contacts.yaml",
        "pdsync/mapfiles/shipped/fields/pipedrive.yaml",
        "pdsync/mapfiles/shipped/fields/plezi.yaml",
        "pdsync/mapfiles/columns-v1.schema.json",
        "pdsync/mapfiles/fixes-v1.schema.json",
        "pdsync/mapfiles/mapping-v1.schema.json",
        "pdsync/clients/plezi_profiles/app-v1.yaml",
    } <= inside
    assert any(name.endswith("licenses/LICENSE") for name in inside)
    assert not any(name.startswith(("tests/", "mappings/")) for name in inside)


def test_the_command_works_from_the_wheel_alone(installed: Path) -> None:
    """In a folder without a checkout: the command answers, and the shipped mapping has no problem."""
    where = _run(installed, "python", "-c", "import pdsync; print(pdsync.__file__)")
    assert str(installed) in where

    mapping = _run(
        installed, "python", "-c", "from pdsync.mapfiles import shipped_mapping as s; print(s())"
    ).strip()

    assert _run(installed, "pdsync", "--version").startswith("pdsync")
    assert "no problems" in _run(installed, "pdsync", "check", "--mapping", mapping)


def test_the_profiles_load_from_the_wheel(installed: Path) -> None:
    """Each shipped API profile can be read."""
    names = [path.stem for path in (PACKAGE / "clients" / "plezi_profiles").glob("*.yaml")]
    program = f"from pdsync.clients.profiles import load_profile\nfor name in {names!r}: print(load_profile(name).name)"

    assert len(_run(installed, "python", "-c", program).split()) == len(names) >= 3


def test_the_notebooks_come_with_the_wheel(installed: Path) -> None:
    """Every notebook of the checkout is listed by ``pdsync report`` and copied by ``pdsync notebooks``."""
    names = [path.stem for path in sorted((ROOT / "notebooks").glob("[0-9]*.py"))]

    assert [line.split()[0] for line in _run(installed, "pdsync", "report").splitlines()] == names
    _run(installed, "pdsync", "notebooks", "mine")
    assert [path.stem for path in sorted((installed / "elsewhere" / "mine").iterdir())] == names
