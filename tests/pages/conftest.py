"""Pages are run head-less by Streamlit's AppTest, on the real engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from engine.live import LiveWorlds
from pages.parts import session

ROOT = Path(__file__).parents[2]


@pytest.fixture
def worlds(monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveWorlds]:
    """The registry that the pages use: worlds with little history, all closed at the end."""
    registry = LiveWorlds(history_s=2.0)
    monkeypatch.setattr(session, "LIVE", registry)
    yield registry
    registry.stop()


@pytest.fixture
def page(worlds: LiveWorlds) -> AppTest:
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
