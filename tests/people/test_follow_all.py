"""Many follows at once: the same world as one after the other, one transaction, and the same again from the journal."""

import numpy as np
import pytest

from datasets.worlds import preset_config
from engine.clock import NS_PER_S
from engine.errors import NotAllowed, UnknownUser
from engine.journal import actions as act
from engine.reopen import Inhabited, inhabit, reopen
from engine.write_path.strategies import with_strategy
from tests.law.small import STRATEGIES, Small

BUSY = {"load.posts_per_s": 100.0, "load.follows_per_s": 0.0, "load.unfollows_per_s": 0.0}
FEW_PULLED = "hybrid:threshold=200"
"""In a classroom this leaves four accounts to be pulled."""


def lived(strategy: str = "push", **knobs: float) -> Inhabited:
    """A classroom with posts under way, in which the second largest account has posted, and two people are blocked."""
    inhabited = inhabit(with_strategy(preset_config("classroom", **BUSY, **knobs), strategy))
    inhabited.world.step(NS_PER_S)
    star = star_of(inhabited)
    for number in range(30):
        inhabited.people.post(star, f"post {number}")
    inhabited.people.block(7, star)
    inhabited.people.block(star, 8)
    inhabited.world.evict(9)
    return inhabited


def star_of(inhabited: Inhabited) -> int:
    return int(inhabited.world.population.largest[1])


def one_by_one(inhabited: Inhabited, followers: list[int], user: int) -> int:
    made = 0
    for follower in followers:
        try:
            made += inhabited.people.follow(follower, user)
        except NotAllowed:
            continue
    return made


def state(inhabited: Inhabited) -> dict[str, object]:
    """All that a follow touches, after everything on its way has arrived."""
    world, tables = inhabited.world, inhabited.world.tables
    world.step(2 * NS_PER_S)
    everybody = np.arange(tables.graph.n, dtype=np.int32)
    lists = tables.lists.entries(everybody)
    place, author = tables.unpushed.followed_by(everybody)
    return {
        "edges": [column.tolist() for column in tables.graph.edges()],
        "lists": (lists.values.tolist(), lists.offsets.tolist()),
        "horizons": tables.lists.horizons(everybody).tolist(),
        "pulled": (place.tolist(), author.tolist()),
        "kept": tables.kept.until_ns.tolist(),
        "rebuilds": len(world.rebuilds),
        "homes": [[view.row for view in inhabited.people.home(user).posts] for user in range(0, 2_000, 97)],
    }


MADE_ALIKE = [
    pytest.param(strategy, cap, marks=[] if strategy == "push" or i % 2 == j else [pytest.mark.long])
    for i, strategy in enumerate([*STRATEGIES, FEW_PULLED])
    for j, cap in enumerate([800, 20])
]
"""Push with lists of both lengths, the others in turn."""


@pytest.mark.parametrize(("strategy", "cap"), MADE_ALIKE)
def test_many_at_once_leave_the_same_world_as_one_after_the_other(strategy, cap):
    """With a cap of 20 the star's 30 posts outnumber a list, so that horizons rise."""
    together, apart = (lived(strategy, **{"timeline.cap": cap}) for _ in range(2))
    star = star_of(together)
    followers = [user for user in (*range(5, 1_000, 3), 20, 20, 7, 8, 9) if user != star]
    made = together.people.follow_all(followers, star)
    assert made == one_by_one(apart, followers, star) > 250
    assert state(together) == state(apart)
    kinds = [
        [(entry.at_ns, entry.kind, entry.body) for entry in world.journal.entries()] for world in (together, apart)
    ]
    assert kinds[0] == kinds[1]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_audit_finds_nothing_wrong_afterwards(strategy):
    small = Small(strategy, {(0, 1), (2, 1), (1, 2)})
    row = small.post(1)
    assert small.people.follow_all([0, 3, 4, 5], 1) == 3
    assert small.audit().missing == small.audit().foreign == 0
    small.settle()
    assert all(small.home(user) == [row] for user in (0, 2, 3, 4, 5))


def test_who_is_blocked_or_follows_already_is_passed_over():
    small = Small("push", {(0, 1)})
    small.people.block(2, 1)
    small.people.block(1, 3)
    assert small.people.follow_all([0, 2, 3, 4, 4], 1) == 1
    assert small.world.tables.graph.followers([1]).values.tolist() == [0, 4]
    assert small.people.follow_all([], 1) == 0


@pytest.mark.parametrize(
    ("followers", "user", "error"),
    [([2, 1], 1, NotAllowed), ([2, 8], 1, UnknownUser), ([2, -1], 1, UnknownUser), ([2], 8, UnknownUser)],
)
def test_one_impossible_follower_stops_all(followers, user, error):
    small = Small("push")
    before = small.people.journal.last_seq
    with pytest.raises(error):
        small.people.follow_all(followers, user)
    assert small.world.tables.graph.follower_counts.sum() == 0
    assert small.people.journal.last_seq == before


def test_all_of_them_are_one_transaction(monkeypatch):
    small = Small("push")
    journal = small.people.journal
    written: list[int] = []
    append_many = journal.append_many
    monkeypatch.setattr(journal, "append_many", lambda entries: written.append(len(entries)) or append_many(entries))
    small.people.follow_all(range(1, 8), 0)
    assert written == [7]
    assert [entry.action() for entry in journal.entries()] == [act.Followed(user, 0) for user in range(1, 8)]


def test_a_journal_that_fails_leaves_the_graph_alone(monkeypatch):
    small = Small("push")

    def fail(_entries):
        raise OSError("disk full")

    monkeypatch.setattr(small.people.journal, "append_many", fail)
    with pytest.raises(OSError, match="disk full"):
        small.people.follow_all([1, 2], 0)
    assert small.world.tables.graph.follower_counts.sum() == 0


def test_the_journal_makes_the_same_graph_again(tmp_path):
    path = tmp_path / "world.journal"
    config = preset_config("classroom", **{"load.follows_per_s": 20.0, "load.unfollows_per_s": 20.0})
    before = inhabit(config, path=path)
    before.world.step(NS_PER_S)
    assert before.people.follow_all(range(1_500), 1_999) > 1_400
    before.world.step(NS_PER_S)
    before.journal.watermark(before.world.now_ns)
    before.journal.close()
    after = reopen(path)
    both = [[column.tolist() for column in world.world.tables.graph.edges()] for world in (before, after)]
    assert both[0] == both[1]
    after.journal.close()
