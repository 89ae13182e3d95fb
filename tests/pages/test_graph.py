"""The Graph explorer without a browser: what is said and drawn, what a click does to the graph, and what is refused."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from engine.errors import MurmurationError
from engine.live import LiveWorld, LiveWorlds
from tests.pages.conftest import ROOT


@pytest.fixture
def graph(worlds: LiveWorlds) -> AppTest:
    """The page, in a world that stands still."""
    page = AppTest.from_file(str(ROOT / "pages" / "lab" / "graph.py"), default_timeout=30).run()
    world_of(page, worlds).pause()
    return shown(page.run())


def world_of(page: AppTest, worlds: LiveWorlds) -> LiveWorld:
    return worlds.get(page.session_state["live_world"])


def shown(page: AppTest) -> AppTest:
    assert not page.exception
    return page


def click(page: AppTest, label: str) -> AppTest:
    (button,) = [button for button in page.button if button.label.startswith(label)]
    return shown(button.click().run())


def search(page: AppTest, text: str) -> AppTest:
    return shown(page.text_input(key="graph_find").set_value(text).run())


def person(page: AppTest) -> str:
    return page.header[0].value


def metric(page: AppTest, label: str) -> int:
    (found,) = [each for each in page.metric if each.label == label]
    return int(found.value.replace(",", ""))


def charts(page: AppTest) -> tuple[dict[str, Any], dict[str, Any]]:
    """The neighbourhood and the distribution."""
    near, shared = (json.loads(chart.proto.spec) for chart in page.get("plotly_chart"))
    return near, shared


def trace(chart: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [trace for trace in chart["data"] if trace["name"].startswith(name)]
    return found


def counts_of(worlds: LiveWorlds, page: AppTest) -> list[int]:
    return world_of(page, worlds).do(lambda world: world.tables.graph.follower_counts.tolist())


def test_it_opens_on_the_largest_account_with_the_numbers_of_this_world(graph, worlds):
    counts = counts_of(worlds, graph)
    assert person(graph) == "@Nova"
    assert metric(graph, "Followers") == max(counts) == 1_500
    assert f"2,000 people, {sum(counts):,} follows" in graph.markdown[0].value
    assert not graph.warning


def test_the_distribution_is_drawn_on_log_axes_with_top_threshold_and_person(graph, worlds):
    counts = counts_of(worlds, graph)
    _, chart = charts(graph)
    assert chart["layout"]["xaxis"]["type"] == chart["layout"]["yaxis"]["type"] == "log"
    everybody = trace(chart, "All accounts")
    drawn = dict(zip(everybody["x"], everybody["y"], strict=True))
    assert drawn == {size: sum(other >= size for other in counts) for size in set(counts) - {0}}
    top = sorted(counts)[-20:]
    assert trace(chart, "Most followed 1 %")["name"].endswith(f"{round(100 * sum(top) / sum(counts))} % of follows")
    assert trace(chart, "Hybrid threshold 200")["x"] == [200, 200]
    assert (trace(chart, "@Nova")["x"], trace(chart, "@Nova")["y"]) == ([1_500], [1])
    assert all(chart["layout"][axis]["title"]["text"] for axis in ("xaxis", "yaxis"))


def test_the_neighbourhood_tells_mutual_follows_by_dash_and_relations_by_symbol(graph, worlds):
    chart, _ = charts(graph)
    assert trace(chart, "One follows")["line"]["dash"] != trace(chart, "Follow each other")["line"]["dash"]
    nodes = [each for each in chart["data"] if "markers" in each["mode"]]
    assert len({each["marker"]["symbol"] for each in nodes}) == len(nodes) == 4
    (table, _) = graph.table
    assert len(table.value) == sum(len(each["x"]) for each in nodes) - 1 == 24
    assert table.value["Relation"].nunique() == 3


def test_the_threshold_slider_says_who_is_a_celebrity(graph, worlds):
    counts = counts_of(worlds, graph)
    graph.select_slider[0].set_value(100).run()
    over = [size for size in counts if size >= 100]
    said = next(each.value for each in graph.markdown if "at least 100 followers" in each.value)
    assert said.startswith(f"{len(over)} accounts have")
    assert f"**{round(100 * sum(over) / sum(counts))} %** of all follows" in said
    assert trace(charts(graph)[1], "Chosen threshold 100")["x"] == [100, 100]


@pytest.mark.parametrize(
    ("text", "found"), [("Ines", "@Ines"), ("@ines", "@Ines"), (" 17 ", "@lara17"), ("lara17", "@lara17")]
)
def test_a_person_is_found_by_name_at_name_and_number(graph, text, found):
    assert person(search(graph, text)) == found


def test_a_part_of_a_name_offers_the_others_too(graph):
    search(graph, "mira")
    assert person(graph).startswith("@mira")
    others = [button for button in graph.button if button.label.startswith("@mira")]
    assert len(others) == 7
    label = others[0].label
    assert person(shown(others[0].click().run())) == label


@pytest.mark.parametrize(
    "text", ["zzz", "@", "-1", "2000", "9" * 400, "<script>alert(1)</script>", "ünï ☃ \x00", "' or 1=1", "²"]
)
def test_nonsense_is_answered_in_a_sentence_and_changes_nothing(graph, text):
    search(graph, text)
    assert person(graph) == "@Nova"
    (warning,) = graph.warning
    assert "Nobody here is called" in warning.value
    assert len(warning.value) < 200
    assert not search(graph, "Ines").warning


@pytest.mark.parametrize("label", ["Newcomer", "Normal", "Celebrity", "Lurker"])
def test_the_shortcuts_show_somebody(graph, label):
    click(graph, "Newcomer")
    assert person(click(graph, label)).startswith("@")


def test_a_follow_and_its_end_are_made_and_measured(graph, worlds):
    click(graph, "Normal")
    name, before = person(graph), metric(graph, "Followers")
    click(graph, "Follow")
    assert metric(graph, "Followers") == before + 1
    assert f"{name} has {before + 1} followers instead of {before}." in graph.info[0].value
    assert f"costs {before + 1} copies" in graph.info[0].value
    assert "below the hybrid threshold of 200, as before" in graph.info[0].value
    click(graph, "Follow")
    assert graph.info[0].value == f"Nothing changed: {name} has {before + 1} followers."
    click(graph, "Unfollow")
    assert metric(graph, "Followers") == before


def test_nobody_follows_themselves_and_nobody_acts_as_nobody(graph):
    for actor, words in (("Nova", "cannot follow themselves"), ("zzz", "Nobody here is called"), ("", "Nobody here")):
        graph.text_input(key="graph_actor").set_value(actor)
        click(graph, "Follow")
        assert words in graph.warning[0].value
        assert not graph.info
    assert metric(graph, "Followers") == 1_500


def test_a_celebrity_is_made_of_three_quarters_of_the_world(graph, worlds):
    click(graph, "Normal")
    before = metric(graph, "Followers")
    click(graph, "Make @")
    assert metric(graph, "Followers") == 1_500
    said = graph.info[0].value
    assert f"1,500 followers instead of {before}." in said
    assert "crossed the hybrid threshold of 200" in said
    user = graph.session_state["graph_person"]
    fans, community = world_of(graph, worlds).do(
        lambda world: (world.tables.graph.followers([user]).values.copy(), world.population.community)
    )
    assert len(fans) == 1_500
    assert set(community[fans]) == set(community)
    click(graph, "Make @")
    assert graph.info[0].value.startswith("Nothing changed")


def test_under_hybrid_a_celebrity_costs_no_copies(graph, worlds):
    world_of(graph, worlds).set_strategy("hybrid")
    click(graph, "Normal")
    click(graph, "Make @")
    assert "Under Hybrid a post of theirs costs no copies instead of" in graph.info[0].value


def test_another_world_begins_anew(graph, worlds):
    search(graph, "Ines")
    worlds.close(graph.session_state["live_world"])
    assert person(shown(graph.run())) == "@Nova"
    assert not graph.text_input(key="graph_find").value


def test_a_world_that_does_not_answer_says_so_in_a_sentence(graph, monkeypatch):
    def refuse(*_: object) -> None:
        raise MurmurationError("The world did not answer within 2 s; nothing was changed.")

    monkeypatch.setattr(LiveWorld, "do", refuse)
    shown(graph.run())
    assert "did not answer" in graph.warning[0].value
