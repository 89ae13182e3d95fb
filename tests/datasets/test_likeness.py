"""The generated graphs resemble the real ones as closely as datasets/README.md says, and no closer where it says so."""

import numpy as np
import pytest

from datasets.likeness import LIKENESSES, draw_likeness
from engine.errors import UnknownName
from engine.graph.files import load_graph
from engine.graph.generate import communities
from engine.graph.measures import (
    gamma_for_mean_fanout,
    mean_fanout_per_post,
    posting_weights,
    reciprocity,
    tail_exponent,
    top_share,
)
from engine.load.streams import stream
from tests.conftest import missing
from tests.datasets.readme import SHARED, number, table

FILES = list(LIKENESSES)
TOLERANCES = {"links": 0.002, "tail exponent": 0.15, "top 1 %": 0.04, "reciprocity": 0.02, "exponent for 75": 0.1}
"""Largest difference from the file; of the links as a share of them."""


def real(column):
    """This column of the two Twitter files: its least and its largest."""
    rows = table("graph")
    return sorted(number(rows[name][column]) for name in FILES)


def generated(world, column):
    return number(table("graph")[f"{world} (generated)"][column])


def drawn(name, seed):
    return draw_likeness(name, stream(seed, f"likeness.{name}", 0))


def differences(graph, name):
    """The properties in which a graph is further from a file than TOLERANCES allow."""
    row, counts = table("graph")[name], graph.follower_counts
    measured = {
        "links": counts.sum() / number(row["links"]),
        "tail exponent": tail_exponent(counts, 20),
        "top 1 %": top_share(counts),
        "reciprocity": reciprocity(graph),
        "exponent for 75": gamma_for_mean_fanout(counts, 75),
    }
    expected = {column: 1.0 if column == "links" else number(row[column]) for column in measured}
    return [column for column in measured if abs(measured[column] - expected[column]) > TOLERANCES[column]]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("seed", [7, 8, 9])
def test_a_likeness_resembles_its_file(name, seed):
    assert differences(drawn(name, seed), name) == []


@pytest.mark.parametrize("name", FILES)
def test_the_largest_accounts_of_a_likeness_are_those_of_its_file(name):
    counts = np.sort(drawn(name, 7).follower_counts)[::-1]
    assert tuple(counts[:6].tolist()) == LIKENESSES[name].largest
    assert counts[6] <= 1.1 * LIKENESSES[name].tail_cap


def test_the_ruler_refuses_a_graph_of_another_kind():
    users = LIKENESSES[FILES[1]].users
    mean = LIKENESSES[FILES[1]].links / users
    other = communities(users, mean, stream(7, "other", 0), exponent=3.0, communities=20, reciprocity=0.6).graph()
    assert differences(other, FILES[1]) == ["tail exponent", "top 1 %", "reciprocity", "exponent for 75"]
    assert "reciprocity" in differences(drawn(FILES[0], 7), FILES[1])


def test_a_likeness_of_an_unknown_file_is_answered_with_the_known_ones():
    with pytest.raises(UnknownName, match=r"'nobody\.csv'; allowed: twitter_follow_bofa\.csv, twitter_follow_her"):
        drawn("nobody.csv", 7)


def test_the_likenesses_are_told_what_the_files_measure():
    for name, likeness in LIKENESSES.items():
        row = table("graph")[name]
        assert (likeness.users, likeness.links) == (number(row["users"]), number(row["links"]))
        assert likeness.largest[0] == number(row["largest"])


@pytest.mark.parametrize(
    ("name", "nobody", "here", "most", "posts"),
    [(FILES[0], 0.54, 0.31, 567, 55), (FILES[1], 0.48, 0.16, 417, 53)],
)
def test_what_the_generator_cannot_match_is_as_the_readme_says(name, nobody, here, most, posts):
    graph = drawn(name, 7)
    counts = graph.follower_counts
    assert (counts == 0).mean() == pytest.approx(here, abs=0.02)
    assert 20 < graph.followee_counts.max() < 45
    own = number(table("graph")[name]["exponent for 75"])
    assert mean_fanout_per_post(counts, posting_weights(counts, own)) == pytest.approx(posts, abs=2)
    if not (SHARED / "graphs" / name).is_file():
        missing(f"the real graphs are not at {SHARED}")
    file, _ = load_graph(SHARED / "graphs" / name)
    assert (file.follower_counts == 0).mean() == pytest.approx(nobody, abs=0.005)
    assert file.followee_counts.max() == most
    assert tuple(np.sort(file.follower_counts)[:-7:-1].tolist()) == LIKENESSES[name].largest
    assert np.sort(file.follower_counts)[-7] == LIKENESSES[name].tail_cap


@pytest.mark.parametrize("world", ["classroom", "city"])
def test_a_worlds_tail_and_reciprocity_are_those_of_the_files(world):
    low, high = real("tail exponent")
    assert low - 0.3 <= generated(world, "tail exponent") <= high + 0.3
    low, high = real("reciprocity")
    assert low <= generated(world, "reciprocity") <= high


def test_a_worlds_concentration_is_lower_than_the_files_by_as_much_as_is_meant():
    assert real("top 1 %") == [0.45, 0.60]
    assert 0.30 <= generated("city", "top 1 %") <= 0.45
    assert 0.04 <= generated("classroom", "top 1 %") <= 0.07


def test_a_post_of_the_city_has_the_published_fan_out_and_one_of_the_classroom_its_own():
    assert generated("city", "fan-out of a post") == pytest.approx(75, rel=0.05)
    assert generated("classroom", "fan-out of a post") == pytest.approx(39, abs=2)
    assert generated("city", "mean") == pytest.approx(50, rel=0.02)
    assert generated("classroom", "mean") == pytest.approx(40, abs=1)
