"""The Graph explorer's sentences and pictures at the edges: nobody follows anybody, thresholds crossed either way."""

from dataclasses import astuple

import numpy as np
import pytest

from engine.graph import explore
from engine.graph.graph import Graph
from engine.live.explorer import Around, Bill, Effect, Overview, Rule
from pages.parts import graph_charts as charts
from pages.parts import graph_words as lines
from pages.parts.palette import DARK, LIGHT

RULE = Rule("Push", False, 100)
HYBRID = Rule("Hybrid", True, 100)


def overview(counts, rule=RULE):
    counts = np.array(counts, np.int32)
    return Overview(
        now_s=98.4,
        rule=rule,
        distribution=explore.follower_distribution(counts),
        largest=int(counts.argmax()),
        counts=counts,
        posting=np.ones(len(counts)),
    )


def around(links, user, n=4):
    pairs = np.array(links, np.int32).reshape(-1, 2)
    graph = Graph.from_edges(n, pairs[:, 0], pairs[:, 1])
    drawn = explore.neighbourhood(graph, user, 24)
    person = explore.standing(graph, user)
    bill = Bill(person.followers, person.followers, False, 0.1)
    names = {other: f"u{other}" for other in drawn}
    return Around(standing=person, bill=bill, drawn=drawn, clustering=None, names=names)


def effect(before, after, rule=RULE, changed=1):
    bills = (Bill(n, 0 if pulled else n, pulled, n / 10) for n, pulled in (before, after))
    return Effect(user=0, rule=rule, changed=changed, before=next(bills), after=next(bills))


def test_a_world_without_follows_and_a_person_without_neighbours_are_told_and_drawn():
    seen, lonely = overview([0, 0, 0, 0]), around([], 2)
    assert lines.headline(seen, str) == "4 people live here, and nobody follows anybody yet."
    assert "nobody follows them" in lines.sample_line(lonely)
    assert lines.neighbour_rows(lonely) == []
    (at,) = seen.celebrities([5])
    assert lines.threshold_line(at, seen).startswith("Nobody has 5 followers")
    assert charts.distribution_chart(seen, at, lonely, LIGHT).to_json()
    assert charts.neighbourhood_chart(lonely, LIGHT).to_json()


def test_the_table_says_for_every_neighbour_what_the_picture_shows():
    seen = around([(0, 1), (1, 0), (0, 2), (3, 0), (1, 3)], 0)
    rows = {row["Account"]: row["Relation"] for row in lines.neighbour_rows(seen)}
    assert rows == {"@u1": "Each follows the other", "@u2": "Is followed by @u0", "@u3": "Follows @u0"}
    figure = charts.neighbourhood_chart(seen, LIGHT).to_plotly_json()
    shown = {trace["name"]: len([x for x in trace["x"] if x is not None]) for trace in figure["data"]}
    assert shown == {
        "One follows the other": 6,
        "Follow each other": 2,
        "@u0 and they follow each other": 1,
        "@u0 follows them": 1,
        "They follow @u0": 1,
        "@u0": 1,
    }


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (effect((9, False), (10, False)), "costs 10 copies (1.0 s of all workers' time) instead of 9. That is below"),
        (effect((99, False), (100, False)), "crossed the hybrid threshold of 100; hybrid would leave"),
        (effect((100, False), (99, False)), "fell below the hybrid threshold of 100"),
        (effect((100, False), (101, False)), "is over the hybrid threshold of 100, as before"),
        (effect((99, False), (100, True), HYBRID), "costs no copies instead of 99 copies"),
        (effect((99, False), (100, True), HYBRID), "They crossed the hybrid threshold of 100."),
        (effect((100, True), (99, False), HYBRID), "costs 99 copies (9.9 s of all workers' time) instead of none."),
        (effect((9, False), (9, False), changed=0), "Nothing changed: @mira has 9 followers."),
    ],
)
def test_an_effect_says_what_changed_and_which_side_of_the_threshold_it_is(told, words):
    assert words in lines.effect_line(told, "mira")


def test_a_long_curve_is_thinned_but_keeps_both_ends_and_all_large_accounts():
    kept = charts._thinned(20_000)
    assert len(kept) <= 400
    assert kept[0] == 0
    assert kept[-5:].tolist() == [19_995, 19_996, 19_997, 19_998, 19_999]
    assert (np.diff(kept) > 0).all()
    assert charts._thinned(3).tolist() == [0, 1, 2]


@pytest.mark.parametrize(("colours", "ground"), [(LIGHT, "#FFFFFF"), (DARK, "#0F1722")])
def test_marks_and_words_can_be_told_from_the_ground(colours, ground):
    marks = set(astuple(colours)) - {colours.grid}
    assert {mark for mark in marks if contrast(mark, ground) < 3} == set()
    assert contrast(colours.ink, ground) > 4.5


def contrast(one, other):
    """Source: WCAG 2.2, relative luminance and contrast ratio."""
    low, high = sorted(luminance(colour) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
