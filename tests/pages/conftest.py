"""Pages are run head-less by Streamlit's AppTest, on the real engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from engine.live import LiveWorlds
from engine.live.openings import Openings
from pages.parts import session

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def progress_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where learners' files are kept: not among those of whoever runs the tests."""
    monkeypatch.setenv("MURMURATION_PROGRESS", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="session")
def openings() -> Openings:
    """Worlds with little history, which is run once for all tests; each gets a copy."""
    return Openings(history_s=2.0)


@pytest.fixture
def worlds(monkeypatch: pytest.MonkeyPatch, openings: Openings) -> Iterator[LiveWorlds]:
    """The registry that the pages use, all its worlds closed at the end."""
    registry = LiveWorlds()
    monkeypatch.setattr(registry, "_openings", openings)
    monkeypatch.setattr(session, "LIVE", registry)
    yield registry
    registry.stop()


@pytest.fixture
def page(worlds: LiveWorlds) -> AppTest:
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
