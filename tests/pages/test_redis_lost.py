"""A world whose Redis is lost, on the pages that show it: each has a banner, which is there from the first paint on."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from datasets.worlds import preset_config
from engine.errors import StoreFull
from engine.live import LiveWorld, LiveWorlds
from engine.timelines import Outage
from engine.world import World
from tests.pages.helpers import data_of

PARTS = Path(__file__).parents[2] / "pages" / "parts"
LIVE = ("lab", "playground", "start", "projector", "twin", "servers")
TOLD = (
    "The timeline store in Redis failed: full. Since 00:00:02 this world goes on with its home lists in this process; "
    "nothing is lost, and no page differs. To have them in Redis again, give the server memory or disk, then reset "
    "this world in the Load lab: it begins anew."
)


@pytest.fixture
def live(worlds: LiveWorlds) -> LiveWorld:
    """A world that stands still and has lost its server."""

    def lose(world: World) -> None:
        world.tables.lists.outage = Outage(world.now_ns, StoreFull("The timeline store in Redis failed: full."))

    live = worlds.open(preset_config("classroom"))
    live.pause()
    live.do(lose)
    return live


@pytest.mark.parametrize("address", ["lab/load.py", "start/start.py", "lab/load.py?view=projector"])
def test_the_first_paint_says_what_happened_since_when_and_what_to_do(
    page: AppTest, live: LiveWorld, address: str
) -> None:
    where, _, view = address.partition("?view=")
    page = page.switch_page(f"pages/{where}")
    page.query_params["world"] = live.id
    if view:
        page.query_params["view"] = view
    assert data_of(page.run())["first"]["banner"] == TOLD


def test_a_world_that_is_well_has_none(page: AppTest) -> None:
    assert data_of(page.switch_page("pages/lab/load.py").run())["first"]["banner"] is None


@pytest.mark.parametrize("part", LIVE)
def test_every_element_that_shows_a_world_has_room_for_the_banner(part: str) -> None:
    assert "<!-- live/banner.html -->" in (PARTS / part / f"{part}.html").read_text()
    scripts = [PARTS / part / "main.js", PARTS / "live" / "link.js"]
    own = scripts[0].read_text()
    assert "showBanner(" in own or "live/link.js" in own
    assert scripts[1].read_text().count("showBanner(this.root, message") == 2
