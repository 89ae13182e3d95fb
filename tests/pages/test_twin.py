"""The live twin without a browser: which designs it opens with, and how it comes back."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from datasets.worlds import preset_config
from engine.live import LiveWorlds
from pages.parts.commands import run_command
from tests.pages.helpers import data_of


@pytest.fixture
def page(page: AppTest) -> AppTest:
    return page.switch_page("pages/lab/twin.py")


def test_it_opens_with_push_against_hybrid_under_one_load(page: AppTest, worlds: LiveWorlds) -> None:
    data = data_of(page.run())
    live = worlds.get(data["world"])
    assert [config.strategy.name for config in live.configs] == ["push", "hybrid"]
    assert live.configs[0].load == live.configs[1].load
    assert data["form"]["workers"]["name"] == "workers.count"
    assert [chart["id"] for chart in data["charts"]] == ["lag", "home"]
    assert all(chart["text"] and chart["unit"] and chart["keys"] for chart in data["charts"])


def test_a_rerun_and_a_reload_come_back_to_the_same_twin(page: AppTest, worlds: LiveWorlds) -> None:
    first = data_of(page.run())
    assert data_of(page.run()) == first
    reloaded = AppTest.from_file(page._script_path, default_timeout=30).switch_page("pages/lab/twin.py")
    reloaded.query_params["twin"] = first["world"]
    assert data_of(reloaded.run())["world"] == first["world"]
    assert len(worlds) == 1


def test_an_address_that_names_no_twin_opens_one(page: AppTest, worlds: LiveWorlds) -> None:
    alone = worlds.open(preset_config("classroom"))
    page.query_params["twin"] = alone.id
    assert worlds.get(data_of(page.run())["world"]).sides == 2


def test_the_designs_last_seen_are_opened_again(page: AppTest, worlds: LiveWorlds) -> None:
    live = worlds.get(data_of(page.run())["world"])
    live.set_strategy("pull", side=0)
    live.set_knobs({"workers.count": 9}, side=1)
    page.run()
    worlds.close(live.id)
    fresh = worlds.get(data_of(page.run())["world"])
    assert fresh.id != live.id
    assert [config.strategy.name for config in fresh.configs] == ["pull", "hybrid"]
    assert fresh.configs[1].workers.count == 9


def test_the_browser_may_ask_for_what_it_last_saw(worlds: LiveWorlds, monkeypatch: pytest.MonkeyPatch) -> None:
    from pages.parts import session

    state: dict[str, Any] = {}
    monkeypatch.setattr(session.st, "session_state", state)
    monkeypatch.setattr(session.st, "query_params", {})
    sides = [{"strategy": name, "knobs": {"workers.count": 3}} for name in ("cached_pull", "push")]
    assert run_command({"do": "reopen_twin", "world": "classroom", "sides": sides}) is None
    live = worlds.get(state[session.TWIN])
    assert [config.strategy.name for config in live.configs] == ["cached_pull", "push"]
    assert run_command({"do": "reopen_twin", "world": "classroom", "sides": None}) is None
    assert len(worlds) == 1
    assert run_command({"do": "reopen_twin", "sides": sides}) == "That command is not complete; nothing was changed."
