"""A world of two services in memory, built from field mappings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pdsync.model import FieldMapping
from tests.engine.world import World
from tests.planning.build import bind_fields

MakeWorld = Callable[..., World]


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[MakeWorld]:
    """Makes worlds, and closes them."""
    made: list[World] = []

    def make(*fields: FieldMapping, **mapping: Any) -> World:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(World(folder, bind_fields(*fields, **mapping)))
        return made[-1]

    yield make
    for world in made:
        world.close()
