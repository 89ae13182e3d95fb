"""Something is broken in a running world by a command, on both sides of a twin, and is in its journal."""

import numpy as np
import pytest

from engine.errors import InvalidInput, UnknownName
from engine.live.commands import perform
from engine.observe.metric import Metric
from engine.queueing.hashing import shard_of
from engine.write_path.strategies import with_strategy
from tests.live.helpers import Client, Wall, ask, small_config, unthreaded


@pytest.fixture
def clock():
    return Wall()


@pytest.fixture
def worlds(clock):
    return unthreaded(clock)


def turn(worlds, clock, seconds):
    for _ in range(round(seconds / 0.05)):
        clock.at_s += 0.05
        worlds.scheduler.round()


def failed(live):
    return live._stage.run.world.metrics.total(Metric.FAILED_READS)


def test_what_is_broken_now_is_seen_flagged_journaled_and_over_in_time(worlds, clock):
    live = worlds.open(small_config(**{"load.reads_per_s": 200}))
    turn(worlds, clock, 1)
    assert failed(live) == 0
    answer = ask(worlds, perform, live, {"do": "break", "fault": "cache_tier_down+2"})
    began = live._stage.run.world.now_ns / 1e9
    assert answer == {"type": "done", "do": "break", "fault": f"cache_tier_down@{began:g}+2"}
    turn(worlds, clock, 1)
    run = live._stage.run
    assert failed(live) > 50
    assert [flag.label for flag in run.chronicle.flags] == ["Whole cache tier down"]
    assert [entry.kind for entry in run.people.journal.entries() if entry.kind == "broke"] == ["broke"]
    assert not run.world.whole
    turn(worlds, clock, 2)
    assert run.world.whole
    before = failed(live)
    turn(worlds, clock, 1)
    assert failed(live) == before


def test_both_sides_of_a_twin_break(worlds, clock):
    twin = worlds.open_twin(small_config(), with_strategy(small_config(), "hybrid:threshold=100"))
    turn(worlds, clock, 0.5)
    ask(worlds, perform, twin, {"do": "break", "fault": "workers_gone+5x0.5"})
    turn(worlds, clock, 0.5)
    assert [side.run.world.fanout.workers_share for side in twin._stage.sides] == [0.5, 0.5]


def verdict(live):
    """What the page has on top, as it was last sent."""
    client = Client()
    live.subscribe(client.box)
    return client.receive().full["tick"]["verdict"]


BROKEN = [
    ("workers_gone+5", "3 of 6 workers down: the others deliver "),
    ("shard_down+5", "1 of 8 shards down: 10 % of people are cut off from new posts, the rest are fine."),
    ("cache_tier_down+5", "8 of 8 shards down: 100 % of people are cut off from new posts."),
]
"""Of the 300 people 31 have their list on the first of eight shards."""


@pytest.mark.parametrize(("fault", "line"), BROKEN)
def test_the_verdict_says_within_a_second_what_is_down_and_no_longer_than_it_is(worlds, clock, fault, line):
    live = worlds.open(small_config(**{"workers.count": 6}))
    turn(worlds, clock, 3)
    assert ask(worlds, verdict, live)["rule"] != 4
    ask(worlds, perform, live, {"do": "break", "fault": fault})
    turn(worlds, clock, 0.9)
    said = ask(worlds, verdict, live)
    assert (said["rule"], said["status"]) == (4, "bad")
    assert said["line"].startswith(line)
    turn(worlds, clock, 7)
    assert ask(worlds, verdict, live)["rule"] != 4


def test_what_is_down_is_counted_where_several_faults_meet_and_where_nobody_has_a_list(worlds, clock):
    live = worlds.open(small_config(**{"workers.count": 6}))
    run = live._stage.run
    for fault in ("shard_down+5#1", "shard_down+3#2", "workers_gone+3x0.5", "workers_gone+5x0.3"):
        ask(worlds, perform, live, {"do": "break", "fault": fault})
    turn(worlds, clock, 0.5)

    def down():
        vitals = run.pulse.vitals(False)
        return vitals.shards_down, vitals.workers_down, round(300 * vitals.cut_off_share)

    of = np.bincount(shard_of(np.arange(300), 8))
    assert down() == (2, 4, of[1] + of[2])
    turn(worlds, clock, 3)
    assert down() == (1, 2, of[1])
    ask(worlds, perform, live, {"do": "strategy", "name": "pull"})
    turn(worlds, clock, 0.5)
    assert down() == (1, 2, 0)
    ask(worlds, perform, live, {"do": "knobs", "set": {"mitigations.fallback": True}})
    assert run.pulse.vitals(False).fallback
    turn(worlds, clock, 2)
    assert down() == (0, 0, 0)


def test_a_server_that_one_side_of_a_twin_lacks_is_refused_and_both_go_on(worlds, clock):
    few = with_strategy(small_config(**{"timeline.shards": 4}), "hybrid:threshold=100")
    twin = worlds.open_twin(small_config(), few)
    with pytest.raises(InvalidInput, match="#0 to #3"):
        ask(worlds, perform, twin, {"do": "break", "fault": "shard_down#6"})
    turn(worlds, clock, 0.5)
    assert [side.run.world.whole for side in twin._stage.sides] == [True, True]
    ask(worlds, perform, twin, {"do": "break", "fault": "shard_down#3"})
    turn(worlds, clock, 0.5)
    assert [side.run.world.whole for side in twin._stage.sides] == [False, False]


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("shard_down+3#8", InvalidInput, r"allowed: #0 to #7 \(timeline.shards is 8\)"),
        ("shard_down@3+10", InvalidInput, r"write KIND\[\+SPAN\]"),
        ("nonsense!", InvalidInput, "is no fault"),
        ("shard_dwn+3", UnknownName, "did you mean shard_down"),
        ("workers_gone+5x7", InvalidInput, "allowed: 0.01 to 0.99"),
        ("cache_flushed+5", InvalidInput, "over at once"),
    ],
)
def test_nonsense_breaks_nothing(worlds, text, error, words):
    live = worlds.open(small_config())
    with pytest.raises(error, match=words):
        ask(worlds, perform, live, {"do": "break", "fault": text})
    assert live._stage.run.world.whole
