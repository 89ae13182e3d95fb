"""The API of a module's live worlds, asked without a socket of the machine."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from engine.api import make_api
from engine.live import LiveWorlds


@pytest.fixture(scope="module")
def http(worlds: LiveWorlds) -> Iterator[TestClient]:
    """A client of `worlds`, a fixture of the module that asks."""
    with TestClient(make_api(worlds), raise_server_exceptions=False) as client:
        yield client
