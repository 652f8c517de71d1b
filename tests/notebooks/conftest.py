"""Each notebook, run once for all tests, as ``pdsync report`` runs it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import pdsync
from pdsync.api.reports import make_report
from tests.api.demo_folder import shared_demo_folder


@pytest.fixture(scope="package", autouse=True)
def _quick_kernels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Kernels import altair and so jsonschema, which takes 0.2 s instead of 2.6 without its grammars (``pdsync.draft7``)."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "sitecustomize.py").write_text("import sys\nsys.modules['rfc3987_syntax'] = None\n", "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)
        yield


@pytest.fixture(scope="session")
def demo_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pdsync.Account]:
    """The account that ``pdsync.demo()`` opens."""
    with shared_demo_folder(tmp_path_factory):
        yield pdsync.demo(progress=False)


@pytest.fixture(scope="session")
def page(demo_account: pdsync.Account, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The HTML of a notebook on the demo data, made when it is first asked for."""
    folder = tmp_path_factory.mktemp("pages")

    def made(name: str) -> Path:
        path = folder / f"{name}.html"
        return path if path.exists() else make_report(name, path)

    return made
