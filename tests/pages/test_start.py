"""Start without a browser: the first paint, and the same world after a rerun."""

from streamlit.testing.v1 import AppTest

from engine.live import LiveWorlds
from tests.pages.helpers import data_of


def test_the_first_paint_has_verdict_and_the_two_tiles_of_the_story(page: AppTest) -> None:
    data = data_of(page.run())
    assert data["part"] == "start"
    assert data["first"]["verdict"]["line"]
    assert [tile["label"] for tile in data["first"]["tiles"]] == ["Fan-out lag p99", "Home read p99"]
    assert all(tile["value"] and tile["window"] for tile in data["first"]["tiles"])
    assert [chart["id"] for chart in data["charts"]] == ["lag", "home"]


def test_a_rerun_in_the_middle_of_the_story_changes_nothing(page: AppTest, worlds: LiveWorlds) -> None:
    first = data_of(page.run())
    worlds.get(first["world"]).bet("about_3")
    assert data_of(page.run()) == first


def test_the_doors_lead_to_pages_of_the_navigation(page: AppTest) -> None:
    doors = data_of(page.run())["doors"]
    assert [door["label"] for door in doors] == ["Compare side by side", "Be a user", "Load lab", "Mock interview"]
    assert all(door["path"].startswith("/") and door["text"] for door in doors)


def test_the_projector_view_is_the_same_world_with_six_charts(page: AppTest) -> None:
    world = data_of(page.run())["world"]
    page.query_params["view"] = "projector"
    page.switch_page("pages/lab/load.py").run()
    data = data_of(page)
    assert data["part"] == "projector"
    assert data["world"] == world
    assert len(data["charts"]) == 6
