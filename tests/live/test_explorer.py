"""The Graph explorer's acts on a live world: measured before and after, through the journal, on every side."""

import pytest

from datasets.worlds import preset_config
from engine.errors import NotAllowed, UnknownUser
from engine.live import LiveWorlds, explorer
from engine.observe.metrics import Metric
from engine.write_path.strategies import with_strategy
from tests.live.helpers import small_config, small_world

QUIET = {"load.posts_per_s": 0, "load.reads_per_s": 0, "load.follows_per_s": 0, "load.unfollows_per_s": 0}
USERS = 300
STAR = 0
"""Followed by 224 of the 300."""


@pytest.fixture
def worlds():
    registry = LiveWorlds(build=small_world, history_s=0.5)
    yield registry
    registry.stop()


@pytest.fixture
def live(worlds):
    return worlds.open(small_config(**QUIET))


def follower_ids(live, user, side=0):
    return live.do(lambda world: world.tables.graph.followers([user]).values.tolist(), side=side)


def test_a_look_is_of_one_instant_and_independent_of_the_world(live):
    seen = explorer.look(live)
    counts = seen.overview.counts.copy()
    assert (seen.overview.largest, seen.around.standing.user, seen.around.standing.followers) == (STAR, STAR, 224)
    explorer.make_celebrity(live, 5)
    assert (seen.overview.counts == counts).all()
    assert explorer.look(live, 5).around.standing.followers == 225


@pytest.mark.parametrize(
    "spec", ["push", "push_active:days=30", "hybrid:threshold=200", "hybrid:threshold=500", "pull"]
)
def test_a_bill_is_what_the_next_post_really_costs(worlds, spec):
    live = worlds.open(with_strategy(small_config(**QUIET), spec))
    live.do(lambda world: world.evict(17))
    for user in (STAR, 5):
        bill = explorer.look(live, user).around.bill

        def post(people, world, author=user):
            before = world.metrics.total(Metric.PLANNED)
            people.post(author, "hello")
            return world.metrics.total(Metric.PLANNED) - before

        assert live.as_people(post) == bill.copies
        assert bill.pulled == (bill.copies == 0)
        assert bill.work_s == pytest.approx(bill.copies * live.config.costs.delivery_us / 1e6)


def test_a_follow_is_measured_before_and_after(live):
    follower = explorer.stranger(live, STAR)
    assert follower not in [*follower_ids(live, STAR), STAR]
    effect = explorer.follow(live, follower, STAR)
    assert (effect.changed, effect.before.followers, effect.after.followers) == (1, 224, 225)
    assert effect.after.copies == effect.before.copies + 1
    assert follower in follower_ids(live, STAR)
    back = explorer.unfollow(live, follower, STAR)
    assert (back.changed, back.after) == (1, effect.before)
    assert explorer.unfollow(live, follower, STAR).changed == 0


def test_what_is_refused_changes_nothing(live):
    for act in (explorer.follow, explorer.unfollow):
        with pytest.raises(NotAllowed):
            act(live, STAR, STAR)
        with pytest.raises(UnknownUser):
            act(live, USERS, STAR)
    for ask in (explorer.make_celebrity, explorer.look, explorer.stranger):
        with pytest.raises(UnknownUser):
            ask(live, USERS)
    assert len(follower_ids(live, STAR)) == 224


def test_a_celebrity_has_three_quarters_of_the_world_drawn_from_the_seed(worlds):
    first, again, other = (worlds.open(small_config(**QUIET, seed=seed)) for seed in (1, 1, 2))
    fans = []
    for live in (first, again, other):
        before = follower_ids(live, 5)
        effect = explorer.make_celebrity(live, 5)
        fans.append(follower_ids(live, 5))
        assert set(before) < set(fans[-1])
        assert (effect.before.followers, effect.changed) == (len(before), 225 - len(before))
        assert len(fans[-1]) == effect.after.followers == 225
    assert fans[0] == fans[1] != fans[2]
    left_out = set(range(USERS)) - set(fans[0])
    assert min(left_out - {5}) < 75 < 225 < max(left_out)  # of all numbers, and so of all communities


def test_who_is_blocked_does_not_become_a_follower_and_others_take_the_place(live):
    strangers = [user for user in range(6, USERS) if user not in follower_ids(live, 5)]

    def quarrel(people, _world):
        for user in strangers[:20]:
            people.block(user, 5)
        people.mute(5, strangers[20])

    live.as_people(quarrel)
    explorer.make_celebrity(live, 5)
    fans = follower_ids(live, 5)
    assert len(fans) == 225
    assert not set(fans) & set(strangers[:20])


def test_a_large_crowd_comes_in_portions_each_a_transaction(live, monkeypatch):
    monkeypatch.setattr(explorer, "PORTION", 50)
    calls = []
    as_people = live.as_people
    monkeypatch.setattr(live, "as_people", lambda action: calls.append(action) or as_people(action))
    before = len(follower_ids(live, 5))
    effect = explorer.make_celebrity(live, 5)
    assert len(calls) == -(-(225 - before) // 50)
    assert (effect.before.followers, effect.after.followers, effect.changed) == (before, 225, 225 - before)


def test_all_of_it_is_in_the_journal(live):
    effect = explorer.make_celebrity(live, 5)
    entries = live.as_people(lambda people, _world: [entry.body for entry in people.journal.entries()])
    assert len(entries) == effect.changed
    assert {entry["user"] for entry in entries} <= set(follower_ids(live, 5))


def test_both_sides_of_a_twin_get_the_same_followers(worlds):
    config = small_config(**QUIET)
    live = worlds.open_twin(config, with_strategy(config, "hybrid:threshold=200"))
    effect = explorer.make_celebrity(live, 5)
    assert effect.rule.strategy == "Push"
    assert follower_ids(live, 5) == follower_ids(live, 5, side=1)
    assert len(follower_ids(live, 5)) == 225


def test_find_gives_the_exact_one_first_and_then_those_that_begin_so_by_followers(live):
    names = live.do(lambda world: world.population.names)
    counts = live.do(lambda world: world.tables.graph.follower_counts.tolist())
    assert explorer.find(live, "@NOVA") == [0]
    assert explorer.find(live, "42")[0] == 42
    assert explorer.find(live, names(42)) == [42]
    start = names(42)[:2]
    found = explorer.find(live, start)
    alike = [user for user in range(USERS) if names(user).casefold().startswith(start)]
    assert found == sorted(alike, key=lambda user: -counts[user])[:8]
    assert explorer.find(live, "") == explorer.find(live, "@") == explorer.find(live, "300") == []


def test_the_celebrity_among_the_shortcuts_is_who_is_the_largest_now():
    registry = LiveWorlds(history_s=0.5)
    live = registry.open(preset_config("classroom"))
    live.pause()
    explorer.make_celebrity(live, 5)
    live.do(lambda world: [world.follow(user, 5) for user in range(6, 1_900)])
    seen = explorer.look(live)
    registry.stop()
    (celebrity,) = [shortcut for shortcut in seen.shortcuts if shortcut.label == "Celebrity"]
    assert celebrity.user == seen.overview.largest == 5
