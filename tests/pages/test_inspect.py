"""Inspect without a browser: each view opens on a running world, answers nonsense in a sentence, says what is so."""

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.clock import NS_PER_S
from engine.domain import NO_LIST
from engine.live import LiveWorld, LiveWorlds
from engine.live.inspection import newest_posts
from engine.requests.book import Ask
from tests.pages.conftest import ROOT

NONSENSE = [
    "nobody at all",
    "-1",
    "99999999999999999999",
    "<script>alert(1)</script>",
    "x" * 5_000,
    "ünïcödé ☃",
    "'; --",
]


@pytest.fixture
def inspect(worlds: LiveWorlds) -> AppTest:
    return AppTest.from_file(str(ROOT / "pages/lab/inspect.py"), default_timeout=30)


def opened(page: AppTest, view: str) -> AppTest:
    page.query_params["inspect"] = view
    page.run()
    assert not page.exception
    return page


def live_of(page: AppTest, worlds: LiveWorlds) -> LiveWorld:
    return worlds.get(page.session_state["live_world"])


def said(page: AppTest) -> list[str]:
    return [element.value for kind in (page.warning, page.info) for element in kind]


def metric(page: AppTest, label: str) -> str:
    (found,) = [shown.value for shown in page.metric if shown.label == label]
    return found


def field(page: AppTest, label: str) -> Any:
    widgets = [*page.text_input, *page.selectbox, *page.button]
    (found,) = [widget for widget in widgets if widget.label == label]
    return found


def table(page: AppTest, column: str) -> list[Any]:
    """The column of the table that has one of this name."""
    (found,) = [frame.value for frame in page.dataframe if column in frame.value.columns]
    return found[column].tolist()


def step(live: LiveWorld, seconds: float) -> None:
    """Virtual time passes, however slow the machine is."""
    live.do(lambda world: world.step(round(seconds * NS_PER_S)))


@pytest.mark.parametrize(
    ("view", "label"), [("Store", "Whose list"), ("Post", "Or find one"), ("Traces", "Search"), ("Log", "Search")]
)
def test_each_view_opens_by_its_address(inspect, view, label):
    assert field(opened(inspect, view), label).label == label


def test_an_address_that_names_no_view_opens_the_first(inspect):
    assert field(opened(inspect, "no such view"), "Whose list")


# Store


def test_the_list_that_is_shown_is_the_one_in_the_store(inspect, worlds):
    page = opened(inspect, "Store")
    live = live_of(page, worlds)
    live.pause()
    field(page, "Whose list").set_value("Nova").run()
    nova = int(live.do(lambda world: world.population.find("nova")))
    stored = live.do(lambda world: world.tables.lists.stored(nova))
    assert stored.size > 0
    assert table(page, "Row") == stored.rows
    assert metric(page, "Entries") == f"{stored.size} of 800"
    assert page.subheader[0].value == "Nova"
    assert any(block.value == "\n".join([*stored.raw[:199], "...", stored.raw[-1]]) for block in page.code) or any(
        block.value == "\n".join(stored.raw) for block in page.code
    )


@pytest.mark.parametrize("text", NONSENSE)
def test_a_person_who_does_not_exist_is_a_sentence(inspect, text):
    page = opened(inspect, "Store")
    field(page, "Whose list").set_value(text).run()
    assert not page.exception
    (sentence,) = [element.value for element in page.warning]
    assert sentence.startswith("Nobody here is called")
    assert len(sentence) < 150


def test_a_dropped_list_is_gone_and_the_next_read_rebuilds_it(inspect, worlds):
    page = opened(inspect, "Store")
    live = live_of(page, worlds)
    live.pause()
    field(page, "Whose list").set_value("7").run()
    before = table(page, "Row")
    field(page, "Drop this list").click().run()
    assert metric(page, "Entries") == "no list"
    assert any("Their next home page is pulled" in text for text in said(page))
    assert field(page, "Drop this list").disabled
    assert metric(page, "Keys in this world") == "1,999"
    field(page, "Open their home").click().run()
    assert any("from the authors themselves" in text and "being made anew" in text for text in said(page))
    step(live, 0.5)
    field(page, "Look again").click().run()
    assert set(table(page, "Row")) >= set(before[:20])
    assert metric(page, "Keys in this world") == "2,000"


def test_a_list_that_is_dropped_twice_says_so(inspect, worlds):
    page = opened(inspect, "Store")
    live = live_of(page, worlds)
    live.pause()
    field(page, "Whose list").set_value("7").run()
    live.do(lambda world: world.evict(7))
    field(page, "Drop this list").click().run()
    assert any("nothing to drop" in text for text in said(page))


def test_searching_keys_narrows_them(inspect):
    page = opened(inspect, "Store")
    assert table(page, "Key")[:2] == ["timeline:0", "timeline:1"]
    field(page, "Key begins with").set_value("199").run()
    assert table(page, "Key") == ["timeline:199", *(f"timeline:{user}" for user in range(1_990, 2_000))]
    field(page, "Key begins with").set_value("no such key").run()
    assert any(text.startswith("No key begins so") for text in said(page))


def test_where_nobody_has_a_list_the_page_teaches_why(inspect, worlds):
    page = opened(inspect, "Store")
    live_of(page, worlds).set_strategy("pull")
    page.run()
    assert metric(page, "Keys in this world") == "0"
    assert any("every home page is pulled" in text for text in said(page))


def test_on_redis_the_keys_are_those_of_redis(inspect, worlds):
    page = opened(inspect, "Store")
    live = live_of(page, worlds)
    live.pause()
    live.do(lambda world: world.move_lists("redis"))
    page.run()
    keys = live.do(lambda world: [key.decode() for key in world.tables.lists._server.client.scan_iter()])
    assert len(keys) == 2_000
    assert set(table(page, "Key")) <= set(keys)
    assert metric(page, "Type") == "zset"
    assert any("ZREVRANGE mm:" in caption.value for caption in page.caption)
    assert any(block.value.splitlines()[-1].startswith("h ") for block in page.code)


# Post


def test_the_newest_post_of_a_celebrity_is_told_from_its_acceptance_on(inspect, worlds):
    page = opened(inspect, "Post")
    live = live_of(page, worlds)
    live.pause()
    live.inject("celebrity")
    step(live, 4)
    field(page, "Or find one").set_value("Nova").run()
    assert not page.exception
    nova = int(live.do(lambda world: world.population.find("nova")))
    row = int(live.do(lambda world: world.last_posts(nova, 1)[0]))
    life = live.life(row)
    assert page.subheader[0].value == f"Post {row} by Nova"
    assert metric(page, "Received") == f"{life.counts['received']:,}"
    assert len(set(zip(table(page, "Lane"), table(page, "Chunk"), strict=True))) == len(life.chunks) > 10


def test_a_chosen_post_is_shown(inspect, worlds):
    page = opened(inspect, "Post")
    live_of(page, worlds).pause()
    page.run()
    live = live_of(page, worlds)
    post = newest_posts(live)[5]
    field(page, "Choose among the newest posts").set_value(post.row).run()
    assert page.subheader[0].value == f"Post {post.row} by {post.name}"
    assert field(page, "Or find one").value == str(post.row)


def test_the_most_followed_authors_stand_first(inspect, worlds):
    live = live_of(opened(inspect, "Post"), worlds)
    live.pause()
    live.inject("celebrity")
    step(live, 3)
    posts = newest_posts(live)
    assert {post.name for post in posts[:3]} == {"Nova"}
    assert all(post.age_s >= 0 for post in posts)


@pytest.mark.parametrize("text", NONSENSE)
def test_a_post_that_does_not_exist_is_a_sentence(inspect, text):
    page = opened(inspect, "Post")
    field(page, "Or find one").set_value(text).run()
    assert not page.exception
    assert len(page.warning) == 1


# Traces


def test_a_request_is_shown_hop_by_hop_and_fills_in(inspect, worlds):
    page = opened(inspect, "Traces")
    live = live_of(page, worlds)
    live.pause()
    assert any(text.startswith("Nobody has asked for anything by hand yet") for text in said(page.run()))
    nova = int(live.do(lambda world: world.population.find("nova")))
    live.ask(lambda run: run.requests.page(Ask("home", 7)))
    live.ask(lambda run: run.requests.act(Ask("post", nova, text="hello all")))
    page.run()
    assert page.subheader[0].value.endswith("Nova: post")
    assert metric(page, "Took") == "under way"
    step(live, 30)
    page.run()
    (trace,) = live.traces("nova")
    assert trace.done
    assert metric(page, "Took") != "under way"
    assert table(page, "What it did") == [hop.facts for hop in trace.hops]
    assert set(table(page, "State")) <= {"done", "skipped"}


def test_a_search_narrows_the_traces(inspect, worlds):
    page = opened(inspect, "Traces")
    live = live_of(page, worlds)
    live.pause()
    for user in (7, 8):
        live.ask(lambda run, user=user: run.requests.page(Ask("home", user)))
    page.run()
    name = live.do(lambda world: world.population.name(7))
    assert page.subheader[0].value.endswith(f"{live.do(lambda world: world.population.name(8))}: home")
    field(page, "Search").set_value(name.upper()).run()
    assert page.subheader[0].value.endswith(f"{name}: home")
    field(page, "Search").set_value("no such word").run()
    assert any(text.startswith("No request fits") for text in said(page))


# Log


def test_a_search_narrows_the_log(inspect, worlds):
    page = opened(inspect, "Log")
    live = live_of(page, worlds)
    live.pause()
    live.set_knobs({"fanout.fail_rate": 0.5})
    live.inject("celebrity")
    step(live, 3)
    page.run()
    everything = table(page, "What")
    assert any("crashed" in text for text in everything)
    field(page, "Source").select("operator").run()
    operator = table(page, "What")
    assert [text for text in operator if "Event" in text or "Settings" in text] == operator
    assert 2 <= len(operator) < len(everything)
    field(page, "Search").set_value("SETTINGS fail_rate").run()
    assert table(page, "What") == ["Settings changed: fanout.fail_rate 0 -> 0.5."]
    field(page, "Search").set_value("no such word").run()
    assert any(text.startswith("No entry fits") for text in said(page))


def test_warnings_only(inspect, worlds):
    page = opened(inspect, "Log")
    live = live_of(page, worlds)
    live.pause()
    live.do(lambda world: world.evict(7))
    page.run()
    field(page, "Level").select("warn").run()
    assert set(table(page, "Level")) <= {"warn", "error"}
    assert any("dropped by hand" in text for text in table(page, "What"))


def test_a_paused_world_is_said_to_be_and_not_asked_again(inspect, worlds):
    page = opened(inspect, "Log")
    live_of(page, worlds).pause()
    page.run()
    assert any("paused, so nothing new" in caption.value for caption in page.caption)


def test_an_empty_log_teaches_what_comes_into_it(inspect, worlds):
    page = opened(inspect, "Log")
    live = live_of(page, worlds)
    live.pause()
    live.do(lambda world: world.logbook._entries.clear())
    live.do(lambda world: setattr(world.logbook, "written", 0))
    page.run()
    assert any(text.startswith("Nothing is written yet") for text in said(page))


def test_a_world_without_a_log_says_so(inspect, worlds):
    page = opened(inspect, "Log")
    live = live_of(page, worlds)
    live.do(lambda world: setattr(world.notes, "book", None))
    page.run()
    assert not page.exception
    assert [element.value for element in page.warning] == ["This world keeps no log; worlds that are opened here do."]


def test_a_store_that_fails_is_outlived_and_the_page_says_where_the_lists_are_now(inspect, worlds):
    page = opened(inspect, "Store")
    live = live_of(page, worlds)
    live.pause()
    live.do(lambda world: world.move_lists("redis"))
    live.do(lambda world: world.tables.lists._server.client.set(world.tables.lists.key(7), "not ours"))
    field(page, "Whose list").set_value("7").run()
    assert not page.exception
    outage = live.do(lambda world: world.tables.lists.outage)
    assert "WRONGTYPE" in str(outage.error)
    assert any("no longer" in element.value for element in page.run().caption)
    horizons = live.do(lambda world: world.tables.lists.glance(np.array([8], np.int32)))
    assert horizons[0] != NO_LIST
