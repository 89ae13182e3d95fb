"""A server on which no world has a place left, as every page of the app tells it."""

import pytest
from streamlit.testing.v1 import AppTest

from engine.errors import TooManyWorlds
from engine.live import LiveWorlds

PAGES = ["start/start.py", *(f"lab/{name}.py" for name in ("load", "playground", "twin", "graph", "inspect"))]


@pytest.mark.parametrize("path", PAGES)
def test_a_server_that_is_full_says_so_in_a_sentence(
    page: AppTest, worlds: LiveWorlds, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def refuse(*_configs: object) -> None:
        raise TooManyWorlds("All 24 worlds of this server are in use; try again when somebody has left.")

    monkeypatch.setattr(worlds, "open", refuse)
    monkeypatch.setattr(worlds, "open_twin", refuse)
    page.switch_page(f"pages/{path}").run()
    assert not page.exception
    assert "All 24 worlds" in page.warning[0].value
    assert page.button[0].label == "Try again"
