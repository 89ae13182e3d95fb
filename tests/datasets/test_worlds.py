"""The worlds are what their descriptions say, the same for the same seed."""

import numpy as np
import pytest

from datasets.population import LARGEST_NAMES
from datasets.worlds import AWAY_DAYS, WORLDS, build_population, find_world, preset_config
from engine.config import WorldConfig, find_knob
from engine.errors import InvalidGraph, InvalidKnob, UnknownName
from engine.graph.measures import mean_fanout_per_post


@pytest.fixture(scope="module")
def classroom():
    return build_population(preset_config("classroom"))


@pytest.fixture(scope="module")
def city():
    return build_population(preset_config("city"))


def test_the_classroom_is_2000_people_and_nova(classroom):
    assert classroom.users == 2_000
    assert classroom.graph.followee_counts.mean() == pytest.approx(40, abs=1)
    assert classroom.graph.follower_counts[classroom.largest[0]] == 1_500
    others = classroom.graph.follower_counts[classroom.largest[1:]]
    assert ((others >= 150) & (others <= 300)).all()
    assert mean_fanout_per_post(classroom.graph.follower_counts, classroom.posting_weight) == pytest.approx(40, abs=2)


def test_nova_posts_only_when_told_to(classroom):
    assert np.flatnonzero(classroom.author_weight == 0).tolist() == [classroom.largest[0]]
    assert np.unique(classroom.posting_weight).tolist() == [0, 1]


def test_the_city_is_100_000_people_with_a_tail(city):
    counts = city.graph.follower_counts
    assert city.users == 100_000
    assert counts.mean() == pytest.approx(50, rel=0.02)
    assert counts[city.largest].tolist() == sorted(counts[city.largest].tolist(), reverse=True)
    assert counts[city.largest[0]] == 30_000
    assert mean_fanout_per_post(counts, city.posting_weight) == pytest.approx(75, rel=0.05)
    assert np.flatnonzero(city.author_weight == 0).tolist() == sorted(city.largest.tolist())
    spread = np.quantile(counts, [0.5, 0.99, 0.999])
    assert spread[1] > 15 * spread[0]
    assert spread[2] > 60 * spread[0]


def test_some_accounts_above_the_citys_threshold_post_by_themselves(city):
    threshold = preset_config("city").strategy.threshold
    loud = (city.graph.follower_counts >= threshold) & (city.posting_weight > 0)
    assert 5 <= loud.sum() <= 100


@pytest.mark.parametrize("world", ["classroom", "city"])
def test_about_seven_in_ten_were_seen_within_a_month_and_only_they_read(world, request):
    people = request.getfixturevalue(world)
    seen = people.last_seen_days <= AWAY_DAYS
    assert people.last_seen_days.dtype == np.float32
    assert seen.mean() == pytest.approx(0.7, abs=0.03)
    assert (people.last_seen_days == 0).any()
    np.testing.assert_array_equal(people.reader_weight > 0, seen)
    np.testing.assert_array_equal(people.away, np.flatnonzero(~seen))
    assert (people.last_seen_days[people.largest] == 0).all()


@pytest.mark.parametrize("world", ["classroom", "city"])
def test_most_follows_stay_within_the_community_and_communities_are_contiguous(world, request):
    people = request.getfixturevalue(world)
    follower, followee = people.graph.edges()
    assert (np.diff(people.community) >= 0).all()
    assert (people.community[follower] == people.community[followee]).mean() > 0.5


def everything(people):
    return [*people.graph.edges(), people.last_seen_days, people.posting_weight, people.reader_weight, people.largest]


def test_the_same_seed_makes_the_same_people_and_another_seed_others(classroom):
    again, other = (build_population(preset_config("classroom", seed=seed)) for seed in (7, 8))
    for one, same in zip(everything(classroom), everything(again), strict=True):
        np.testing.assert_array_equal(one, same)
    assert not np.array_equal(classroom.last_seen_days, other.last_seen_days)
    assert not np.array_equal(classroom.graph.edges()[0], other.graph.edges()[0])
    assert other.graph.follower_counts[other.largest[0]] == 1_500


def test_the_author_exponent_makes_large_accounts_post_more():
    people = build_population(preset_config("classroom", **{"load.author_exponent": 1.0}))
    posting = people.author_weight > 0
    followers = people.graph.follower_counts
    np.testing.assert_allclose(people.posting_weight[posting], np.maximum(followers, 0.001)[posting])
    assert people.posting_weight[people.largest[0]] == 0


def test_every_name_is_its_users_alone(classroom):
    names = [classroom.name(user) for user in range(2_000)]
    assert len(set(names)) == 2_000
    assert [classroom.find(name) for name in names] == list(range(2_000))
    assert tuple(names[user] for user in classroom.largest) == LARGEST_NAMES
    assert len({name.rstrip("0123456789") for name in names}) > 50
    assert classroom.find("@nova") == classroom.largest[0]


@pytest.mark.parametrize("name", ["", "@", "nobody", "mira", "mira99999", "412", "mira412x", "mira٤"])
def test_names_of_nobody_are_not_found(classroom, name):
    assert classroom.find(name) is None


def test_a_number_with_anothers_name_is_not_found(classroom):
    user = int(classroom.largest[-1]) + 1
    wrong = "zora" if not classroom.name(user).startswith("zora") else "mira"
    assert classroom.find(f"{wrong}{user}") is None


def test_preset_configs_are_the_defaults_of_their_world():
    assert preset_config("classroom") == WorldConfig()
    city = preset_config("city", **{"load.posts_per_s": 600, "seed": 3})
    assert (city.world, city.seed, city.load.posts_per_s, city.strategy.threshold) == ("city", 3, 600.0, 10_000)
    for preset in WORLDS.values():
        for name, value in preset.defaults.items():
            assert find_knob(name).parse(value) == value
    with pytest.raises(InvalidKnob, match="no knob"):
        preset_config("city", nonsense=1)


def test_the_city_has_capacity_for_its_load_and_a_burst_takes_seconds(city):
    """By hand: two jobs a post (close and rest) and full jobs in the burst; the broker itself is tested elsewhere."""
    config = preset_config("city")
    fanout = mean_fanout_per_post(city.graph.follower_counts, city.posting_weight)
    poll_s, delivery_s = config.costs.poll_us / 1e6, config.costs.delivery_us / 1e6
    busy = config.load.posts_per_s * (fanout * delivery_s + 2.3 * poll_s)
    assert busy / config.workers.count == pytest.approx(0.6, abs=0.05)
    burst = 8 * 30_000 / config.fanout.chunk * (poll_s + config.fanout.chunk * delivery_s)
    assert 5 < burst / (config.workers.count - busy) < 10


def test_unknown_worlds_are_answered_with_the_known_ones():
    for ask in (find_world, preset_config, lambda name: build_population(WorldConfig(world=name))):
        with pytest.raises(UnknownName, match=r"'atlantis'; allowed: classroom, town, city, country\."):
            ask("atlantis")


def test_a_graph_file_makes_a_population(tmp_path):
    path = tmp_path / "follows.csv"
    path.write_text("follower,followee\n" + "".join(f"{fan},{fan % 3}\n" for fan in range(10, 100)) + "0,1\n")
    people = build_population(preset_config("classroom", **{"load.author_exponent": 0.5}), path)
    assert people.users == 93
    assert np.sort(people.graph.follower_counts)[::-1][:4].tolist() == [31, 30, 30, 0]
    assert (people.author_weight == 1).all()
    assert people.posting_weight.argmax() == people.largest[0]
    assert (np.diff(people.community) >= 0).all()
    follower, followee = people.graph.edges()
    idols = {int(community): set() for community in people.community}
    for fan, idol in zip(follower.tolist(), followee.tolist(), strict=True):
        idols[int(people.community[fan])].add(idol)
    assert max(len(of_community) for of_community in idols.values()) == 1
    assert people.history_posts == 3 * 93
    assert people.find("Nova") == people.largest[0]


def test_a_graph_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InvalidGraph, match=r"none\.txt"):
        build_population(preset_config("classroom"), tmp_path / "none.txt")
