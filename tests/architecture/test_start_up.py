"""Starts are short also where JupyterLab lives in the same environment."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from pdsync.draft7 import lean_jsonschema, validator

GRAMMARS = "rfc3987_syntax"


def _loaded(program: str) -> bool:
    """Whether a fresh interpreter has those grammars in memory after the program."""
    asked = f"{program}\nimport sys\nprint({GRAMMARS!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    return done.stdout.split()[-1] == "True"


def test_a_mapping_is_checked_without_the_grammars_of_web_addresses() -> None:
    """Reading a mapping or a profile needs no grammar of international addresses, which takes seconds to build."""
    mapping = "from pdsync.mapfiles import load_mapping, shipped_mapping; load_mapping(shipped_mapping())"
    profile = "from pdsync.clients.profiles import load_profile; load_profile('sandbox')"

    assert not _loaded(mapping)
    assert not _loaded(profile)


def test_what_is_hidden_is_there_again() -> None:
    """Another library that asks for the grammars afterwards gets them."""
    if importlib.util.find_spec(GRAMMARS) is None:
        pytest.skip(f"{GRAMMARS} is not installed")
    program = (
        "from pdsync.draft7 import validator; validator({}); import importlib.util\n"
        f"assert importlib.util.find_spec({GRAMMARS!r})"
    )

    assert not _loaded(program)
    before = sys.modules.get(GRAMMARS)
    with lean_jsonschema():
        pass
    assert sys.modules.get(GRAMMARS) is before


def test_the_validator_validates() -> None:
    """It is draft-07, whole."""
    checks = validator(
        {"type": "object", "properties": {"a": {"const": 1}}, "propertyNames": {"maxLength": 1}}
    )

    assert checks.is_valid({"a": 1})
    assert not checks.is_valid({"a": 2})
    assert not checks.is_valid({"ab": 2})
