"""The stand-in against Pipedrive's official OpenAPI files (see `openapi`)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pdsync.sandbox.pipedrive.costs import COSTS, V2
from pdsync.sandbox.pipedrive.listing import LIST_PARAMETERS
from pdsync.sandbox.pipedrive.search import SEARCH_PARAMETERS
from pdsync.sandbox.pipedrive.standard_fields import CAMPAIGNS_FIELDS, MARKETING_STATUSES, OPTIONAL_VALUES
from pdsync.sandbox.pipedrive.values import CREATABLE_TYPES
from tests.sandbox.pipedrive.openapi import OpenApi, Operation, Override, load_overrides, problems
from tests.sandbox.pipedrive.scenario import ALL_TYPES, Exchange, play
from tests.sandbox_process import SandboxProcess

OVERRIDES = load_overrides()


class Official:
    """Both files."""

    def __init__(self, folder: Path) -> None:
        self._v1 = OpenApi(folder / "pipedrive-v1.yaml")
        self._v2 = OpenApi(folder / "pipedrive-v2.yaml")

    def find(self, method: str, path: str) -> Operation:
        """The operation of a request to the stand-in."""
        if path.startswith(V2):
            return self._v2.find(method, path.removeprefix(V2))
        return self._v1.find(method, path.removeprefix("/api").removeprefix("/v1"))


@pytest.fixture(scope="session")
def official() -> Official:
    """The official files, where somebody has them."""
    folder = os.environ.get("PDSYNC_OPENAPI_DIR")
    if not folder:
        pytest.skip("PDSYNC_OPENAPI_DIR does not name a folder with Pipedrive's OpenAPI files")
    return Official(Path(folder))


@pytest.fixture(scope="module")
def exchanges(sandbox_module: SandboxProcess) -> list[Exchange]:
    """All routes, played once."""
    return play(sandbox_module)


def test_everything_is_answered_well(exchanges: list[Exchange]) -> None:
    """The scenario meets no refusal."""
    assert [exchange for exchange in exchanges if exchange.status != 200] == []


def test_every_route_is_played(exchanges: list[Exchange], official: Official) -> None:
    """No route of the stand-in escapes the comparison."""
    played = {official.find(exchange.method, exchange.path).name for exchange in exchanges}
    assert {official.find(*call).name for call in COSTS} == played


def test_every_field_type_is_played() -> None:
    """The scenario fills a field of each of the 16 types."""
    assert set(CREATABLE_TYPES) == set(ALL_TYPES)


def test_answers_fit_the_official_files(exchanges: list[Exchange], official: Official) -> None:
    """Every answer has every property that the file declares, no other, each of its type, but for the overrides."""
    found: dict[str, set[str]] = {}
    for exchange in exchanges:
        operation = official.find(exchange.method, exchange.path)
        schema = operation.answer_schema(OVERRIDES)
        found.setdefault(operation.name, set()).update(problems(schema, exchange.answer))
    assert {name: sorted(texts)[:20] for name, texts in found.items() if texts} == {}


@pytest.mark.parametrize(
    "override", OVERRIDES, ids=[f"{entry.operation} {entry.field} {entry.differs}" for entry in OVERRIDES]
)
def test_every_override_is_needed(override: Override, exchanges: list[Exchange], official: Official) -> None:
    """An override that nothing needs any more is taken out of `openapi_overrides.yaml`."""
    others = [other for other in OVERRIDES if other is not override]
    needed = False
    for exchange in exchanges:
        operation = official.find(exchange.method, exchange.path)
        if operation.name == override.operation and not needed:
            needed = any(problems(operation.answer_schema(others), exchange.answer))
    assert needed, f"take {override.field} of {override.operation} out of openapi_overrides.yaml"


def test_costs_are_the_official_ones(official: Official) -> None:
    """The cost table equals `x-token-cost` of both files."""
    assert {call: official.find(*call).cost for call in COSTS} == COSTS


def test_query_parameters_are_the_official_ones(official: Official) -> None:
    """Lists know the parameters of the file, all of them and no other."""
    assert official.find("GET", f"{V2}/persons").query_parameters == LIST_PARAMETERS
    assert official.find("GET", f"{V2}/persons/search").query_parameters == SEARCH_PARAMETERS


def test_choices_are_the_official_ones(official: Official) -> None:
    """Field types, marketing states and optional fields are the file's."""
    create = official.find("POST", f"{V2}/personFields").body_properties
    assert set(create["field_type"]["enum"]) == set(CREATABLE_TYPES)
    person = official.find("POST", f"{V2}/persons").body_properties
    assert tuple(person["marketing_status"]["enum"]) == MARKETING_STATUSES
    parameters = official.find("GET", f"{V2}/persons").spec["parameters"]
    include = next(item for item in parameters if item["name"] == "include_fields")["schema"]["enum"]
    assert set(include) == set(OPTIONAL_VALUES) | CAMPAIGNS_FIELDS
