"""The Playground without a browser: what reaches it, and which world it is in."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from datasets.worlds import preset_config
from engine.live import LiveWorlds
from engine.write_path.strategies import STRATEGIES
from tests.pages.helpers import data_of

PARTS = Path(__file__).parents[2] / "pages" / "parts"


@pytest.fixture
def playground(page: AppTest) -> AppTest:
    """The app, opened at the Playground."""
    return page.switch_page("pages/lab/playground.py")


def test_it_opens_with_all_that_its_script_needs(playground: AppTest, worlds: LiveWorlds) -> None:
    data = data_of(playground.run())
    assert data["part"] == "playground"
    assert worlds.get(data["world"]).users == 2_000
    assert {strategy["slug"] for strategy in data["form"]["strategies"]} == set(STRATEGIES)


def test_a_rerun_changes_nothing(playground: AppTest) -> None:
    first = data_of(playground.run())
    assert data_of(playground.run()) == first


def test_a_second_tab_comes_into_the_same_world_by_its_address(playground: AppTest, worlds: LiveWorlds) -> None:
    world = worlds.open(preset_config("classroom")).id
    playground.query_params["world"] = world
    playground.query_params["user"] = "412"
    assert data_of(playground.run())["world"] == world
    assert playground.query_params["user"] == "412"


def test_it_is_the_world_of_the_load_lab(page: AppTest, worlds: LiveWorlds) -> None:
    lab = data_of(page.switch_page("pages/lab/load.py").run())
    assert data_of(page.switch_page("pages/lab/playground.py").run())["world"] == lab["world"]


def test_everything_that_is_said_to_be_controlled_or_described_is_there() -> None:
    """Markup that names an element by its id names one that exists."""
    markup = (PARTS / "playground" / "playground.html").read_text()
    ids = re.findall(r'\bid="([^"]+)"', markup)
    named = re.findall(r'\b(?:aria-controls|aria-labelledby|aria-describedby|for)="([^"]+)"', markup)
    assert len(ids) == len(set(ids))
    assert set(named) <= set(ids)
