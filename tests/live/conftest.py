"""A module's live worlds, and their API, asked without a socket of the machine. A module may have its own `worlds`."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from engine.api import make_api
from engine.live import LiveWorld, LiveWorlds
from tests.live.guests import QUIET, STAR, Asked
from tests.live.helpers import small_config, small_world


@pytest.fixture(scope="module")
def worlds() -> Iterator[LiveWorlds]:
    """Small worlds that run by themselves, with a past long enough to look back."""
    registry = LiveWorlds(build=small_world, history_s=4.0)
    yield registry
    registry.stop()


@pytest.fixture
def live(worlds: LiveWorlds) -> Iterator[LiveWorld]:
    """A fresh world, closed at the end."""
    live = worlds.open(small_config())
    yield live
    worlds.close(live.id)


@pytest.fixture(scope="module")
def http(worlds: LiveWorlds) -> Iterator[TestClient]:
    """A client of the module's worlds."""
    with TestClient(make_api(worlds), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def say() -> Asked:
    """A quiet world, in which only people do something."""
    return Asked(small_config(**QUIET))


@pytest.fixture(scope="module")
def busy() -> Asked:
    """A world with load, two seconds old; for asking only."""
    asked = Asked(small_config(**{"load.posts_per_s": 60}), history_s=2.0)
    asked("act", what="post", user=STAR, text="hello")
    return asked
