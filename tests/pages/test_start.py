"""Start without a browser: the first paint, the same world after a rerun, and refusals in a sentence."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from engine.errors import TooManyWorlds
from engine.live import LiveWorlds


def start_data(page: AppTest) -> dict[str, Any]:
    assert not page.exception
    (element,) = page.get("bidi_component")
    return json.loads(element.proto.json)


def test_the_first_paint_has_verdict_and_the_two_tiles_of_the_story(page: AppTest) -> None:
    data = start_data(page.run())
    assert data["part"] == "start"
    assert data["first"]["verdict"]["line"]
    assert [tile["label"] for tile in data["first"]["tiles"]] == ["Fan-out lag p99", "Home read p99"]
    assert all(tile["value"] and tile["window"] for tile in data["first"]["tiles"])
    assert [chart["id"] for chart in data["charts"]] == ["lag", "home"]


def test_a_rerun_in_the_middle_of_the_story_changes_nothing(page: AppTest, worlds: LiveWorlds) -> None:
    first = start_data(page.run())
    worlds.get(first["world"]).bet("about_3")
    assert start_data(page.run()) == first


def test_the_doors_lead_to_pages_of_the_navigation(page: AppTest) -> None:
    doors = start_data(page.run())["doors"]
    assert [door["label"] for door in doors] == ["Compare side by side", "Be a user", "Load lab"]
    assert all(door["path"].startswith("/") and door["text"] for door in doors)


def test_a_server_that_is_full_says_so_in_a_sentence(
    page: AppTest, worlds: LiveWorlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_config: object) -> None:
        raise TooManyWorlds("All 24 worlds of this server are in use; try again when somebody has left.")

    monkeypatch.setattr(worlds, "open", refuse)
    page.run()
    assert not page.exception
    assert "All 24 worlds" in page.warning[0].value
    assert page.button[0].label == "Try again"


def test_the_projector_view_is_the_same_world_with_six_charts(page: AppTest) -> None:
    world = start_data(page.run())["world"]
    page.query_params["view"] = "projector"
    page.switch_page("pages/lab/load.py").run()
    data = start_data(page)
    assert data["part"] == "projector"
    assert data["world"] == world
    assert len(data["charts"]) == 6
