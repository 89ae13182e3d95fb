"""Served worlds for tests, and a Redis server of one's own that can be killed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from datasets.population import Population
from tests.cluster.own_redis import OwnRedis
from tests.cluster.place import Place

MakePlace = Callable[..., Place]


@pytest.fixture
def place(redis_url: str, tmp_path: Path) -> Iterator[MakePlace]:
    """A function (people, strategy=, knobs=) -> a served world."""
    made: list[Place] = []

    def make(people: Population, *args: Any, **named: Any) -> Place:
        made.append(Place(redis_url, tmp_path, people, *args, **named))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[Callable[..., OwnRedis]]:
    """A function (*options) -> a server for this test alone."""
    made: list[OwnRedis] = []

    def start(*options: str) -> OwnRedis:
        folder = tmp_path / f"redis-{len(made)}"
        folder.mkdir()
        made.append(OwnRedis(folder, *options))
        return made[-1]

    yield start
    for one in made:
        one.kill()
