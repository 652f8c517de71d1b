"""What every test may ask for."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

from pdsync.draft7 import lean_jsonschema
from tests.sandbox_process import SandboxProcess

# Hypothesis: no deadline, because a shared machine pauses at will. CI tries the same examples every time, so that a red
# build is about the commit; people get new ones. `make check-all` looks longer: --hypothesis-profile=long.
settings.register_profile("people", deadline=None, max_examples=25)
settings.register_profile("ci", deadline=None, max_examples=25, derandomize=True, print_blob=True)
settings.register_profile(
    "long", deadline=None, max_examples=500, print_blob=True, derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("ci" if os.environ.get("CI") else "people")
# The user's own settings, tokens and keyring are not this test run's.
for _name in [name for name in os.environ if name.startswith("PDSYNC_") and name != "PDSYNC_OPENAPI_DIR"]:
    del os.environ[_name]
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
# Containers like to switch bytecode files off; then every worker, and each of some hundred processes that tests start,
# would compile everything again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Five thousand collected tests and what they import are no rubbish: looking through all of it over and over took a tenth
# of a run's processor time.
gc.set_threshold(100_000, 20, 20)

# Whichever test or library asks for jsonschema first, it costs 0.2 s and not 2.4.
with lean_jsonschema():
    import jsonschema as _jsonschema  # noqa: F401


def pytest_sessionfinish() -> None:
    """What is left over is looked at once; pytest looks five times, in every worker."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def _sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("sandbox") / "sandbox.db") as process:
        yield process


@pytest.fixture
def sandbox(_sandbox_process: SandboxProcess) -> SandboxProcess:
    """A running sandbox with empty accounts, switches and clock as at the start.

    One process for the session, emptied before each test; started again if a test has ended it.
    """
    if not _sandbox_process.is_running:
        _sandbox_process.start()
    _sandbox_process.control.reset()
    return _sandbox_process


@pytest.fixture(scope="module")
def sandbox_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A running sandbox of this module's own, empty at first, which its tests share."""
    with SandboxProcess(tmp_path_factory.mktemp("sandbox") / "sandbox.db") as process:
        yield process
