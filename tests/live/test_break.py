"""Something is broken in a running world by a command, on both sides of a twin, and is in its journal."""

import pytest

from engine.errors import InvalidInput, UnknownName
from engine.live.commands import perform
from engine.observe.metric import Metric
from engine.write_path.strategies import with_strategy
from tests.live.helpers import Wall, ask, small_config, unthreaded


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


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
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
