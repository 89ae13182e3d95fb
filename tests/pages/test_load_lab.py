"""The Load lab without a browser: what reaches it, what a rerun changes, and which world an address gives."""

import pytest
from streamlit.testing.v1 import AppTest

from datasets.worlds import preset_config
from engine.live import LiveWorlds
from tests.pages.helpers import data_of


@pytest.fixture
def page(page: AppTest) -> AppTest:
    return page.switch_page("pages/lab/load.py")


def test_the_first_paint_has_the_numbers_of_the_world(page: AppTest) -> None:
    data = data_of(page.run())
    assert data["first"]["verdict"]["line"]
    assert [tile["label"] for tile in data["first"]["tiles"]] == [
        "Fan-out lag p99",
        "Home read p99",
        "Timeline hit rate",
        "Queue depth",
    ]
    assert all(tile["value"] and tile["window"] and tile["text"] for tile in data["first"]["tiles"])


def test_a_rerun_changes_nothing_that_is_on_the_screen(page: AppTest, worlds: LiveWorlds) -> None:
    first = data_of(page.run())
    worlds.get(first["world"]).inject("celebrity")
    assert data_of(page.run()) == first


def test_the_address_brings_a_reloaded_page_back_to_its_world(page: AppTest, worlds: LiveWorlds) -> None:
    world = worlds.open(preset_config("classroom")).id
    page.query_params["world"] = world
    assert data_of(page.run())["world"] == world


def test_each_session_drives_its_own_world(page: AppTest) -> None:
    other = AppTest.from_file(page._script_path, default_timeout=30).switch_page("pages/lab/load.py")
    assert data_of(page.run())["world"] != data_of(other.run())["world"]


def test_a_world_that_was_closed_is_replaced_by_one_of_the_same_configuration(
    page: AppTest, worlds: LiveWorlds
) -> None:
    live = worlds.get(data_of(page.run())["world"])
    live.set_knobs({"workers.count": 9})
    page.run()
    worlds.close(live.id)
    fresh = worlds.get(data_of(page.run())["world"])
    assert fresh.id != live.id
    assert fresh.config.knob("workers.count") == 9


GONE = "The world of this address is not here, nor a journal of it. So this is a new one."


@pytest.mark.parametrize("world", ["nonsense", "", "../../etc/passwd", "<script>", "0" * 5_000, "ünïcödé ☃", "w\x00"])
def test_a_bad_address_opens_a_new_world_and_shows_no_traceback(page: AppTest, world: str) -> None:
    page.query_params["world"] = world
    page.query_params["no_such_parameter"] = "1"
    data = data_of(page.run())
    assert data["world"] != world
    assert data["notice"] == (None if world == "" else {"count": 1, "text": GONE})
