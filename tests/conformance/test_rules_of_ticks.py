"""What happens without the rules of exactness (docs/architecture.md, Segments): each is broken once, and it shows.

That no segment is so long that what it feeds back is due in it is shown in test_feedback.py.
"""

from functools import cache
from typing import Any

import numpy as np
import pytest

from engine.caches.post_cache import PostCache
from engine.clock import GROUP_NS, NS_PER_MS, QUANTUM_NS
from engine.load.arrivals import Arrivals
from engine.observe.metric import Metric
from engine.posts.store import PostStore
from engine.queueing import pending
from engine.queueing.broker import Broker, _Lane
from engine.queueing.pending import Pending
from engine.queueing.station import Station
from engine.read_path import gather as gather_module
from engine.tables import KeptLists, Unpushed
from engine.world import World
from engine.write_path import accept, attempts, fanout, upkeep
from tests.conformance.runs import NASTY, ROOMY, differs, run

FAULTY = {**ROOMY, "fanout.fail_rate": 0.3, "fanout.max_attempts": 2, "fanout.retry_base_ms": 100}
COARSE_NS = 5 * NS_PER_MS


def at_once(at_ns: int) -> int:
    """Instead of the next multiple of the quantum."""
    return at_ns


# What leaves a station later waits, and numbers are whole


def test_what_is_handed_on_before_it_is_due_depends_on_the_tick(population, monkeypatch):
    take_before = Pending.take_before
    monkeypatch.setattr(Pending, "take_before", lambda rows, t_ns: take_before(rows, t_ns + QUANTUM_NS))
    assert Metric.FANOUT_LAG in differs(population, "push", ROOMY)


def test_instants_in_floating_point_depend_on_the_tick(population, monkeypatch):
    """Whole nanoseconds add up to the same however they are grouped; what is rounded at each call does not."""
    serve = Station.serve

    def rounding(station: Station, *columns: np.ndarray) -> np.ndarray:
        done_ns = serve(station, *columns)
        station._free_ns = station._free_ns.astype(np.float32).astype(np.int64)
        return done_ns

    monkeypatch.setattr(Station, "serve", rounding)
    assert Metric.FANOUT_LAG in differs(population, "push", ROOMY, tick_ms=10)


# What flows back waits for the quantum


class Hasty(World):
    """Lets what flows back take effect at once, at any tick, instead of at the next multiple of the quantum."""

    def _draw(self, end_ns: int) -> Arrivals:
        if self.now_ns % QUANTUM_NS:
            self._feed_back()
        return super()._draw(end_ns)


def test_looking_more_often_for_what_waits_for_the_quantum_changes_nothing(population):
    assert differs(population, "push", FAULTY, Hasty, tick_ms=10) == set()


def test_without_the_quantum_the_graph_depends_on_the_tick(population, monkeypatch):
    monkeypatch.setattr(accept, "ceil_group", at_once)
    assert Metric.PLANNED in differs(population, "push", ROOMY, Hasty)


class Hopeful(World):
    """Works up to the graph's next group, whatever may flow back before it."""

    def _barrier_ns(self) -> int:
        return (self.now_ns // GROUP_NS + 1) * GROUP_NS


@pytest.mark.parametrize(
    ("strategy", "metric"),
    [("push_active:days=20", Metric.TIMELINE_MISSES), ("cached_pull:ttl=0.2", Metric.VISIBLE_LAG)],
)
def test_segments_that_last_although_something_flows_back_depend_on_the_tick(population, strategy, metric):
    assert metric in differs(population, strategy, ROOMY, Hopeful)


def test_what_is_kept_for_less_than_a_segment_does_not_depend_on_the_tick(population):
    assert differs(population, "cached_pull:ttl=0.2", ROOMY, tick_ms=10) == set()


@pytest.mark.parametrize("strategy", ["push", "hybrid:threshold=30", "pull", "cached_pull:ttl=0.5"])
def test_where_nothing_flows_back_segments_last_until_the_graph_changes(population, strategy):
    lasted = []

    class Noting(World):
        def _segment(self, end_ns: int) -> None:
            lasted.append(end_ns - self.now_ns)
            super()._segment(end_ns)

    run(population, strategy, {**ROOMY, "load.return_share": 0}, 500, make=Noting, name="steady")
    assert lasted.count(GROUP_NS) >= 3


def test_segments_end_where_a_rebuild_goes_on_and_not_at_every_quantum(population):
    lasted = []

    class Noting(World):
        def _segment(self, end_ns: int) -> None:
            began_ns = self.now_ns
            super()._segment(end_ns)
            lasted.append(end_ns - began_ns)
            assert self.rebuilds.next_ns(np.zeros(0, np.int64)) >= end_ns

    found = run(
        population, "push_active:days=20", {**ROOMY, "load.return_share": 0.01}, 500, make=Noting, name="steady"
    )
    assert found.world.metrics.total(Metric.REBUILDS) > 0
    assert lasted.count(GROUP_NS) >= 1
    assert {QUANTUM_NS, GROUP_NS} < set(lasted)


def test_without_the_quantum_rebuilds_depend_on_the_tick(population, monkeypatch):
    monkeypatch.setattr(upkeep, "ceil_quantum", at_once)
    assert Metric.TIMELINE_MISSES in differs(population, "push_active:days=20", ROOMY, Hasty)


def test_without_the_quantum_what_readers_are_told_was_given_up_depends_on_the_tick(population, monkeypatch):
    monkeypatch.setattr(fanout, "ceil_quantum", at_once)
    assert "pages" in differs(population, "push", FAULTY, Hasty)


def test_without_the_quantum_retries_depend_on_the_tick(population, monkeypatch):
    enqueue = Broker.enqueue

    def not_into_the_past(broker: Broker, jobs):
        enqueue(broker, jobs._replace(enqueued_ns=np.maximum(jobs.enqueued_ns, broker._worked_ns)))

    monkeypatch.setattr(attempts, "_again_ns", lambda done_ns, *_: done_ns)
    with pytest.raises(ValueError, match="workers have worked until"):
        differs(population, "push", FAULTY)
    monkeypatch.setattr(Broker, "enqueue", not_into_the_past)
    assert Metric.FANOUT_LAG in differs(population, "push", FAULTY)


# A read sees the world as of its own instant


def test_reads_that_see_all_posts_of_their_segment_depend_on_the_tick(population, monkeypatch):
    monkeypatch.setattr(PostStore, "mark", lambda posts, at_ns: np.full(len(at_ns), posts.size, np.int32))
    assert "pages" in differs(population, "pull", ROOMY)


def test_reads_that_see_all_entries_of_their_segment_depend_on_the_tick(population, monkeypatch):
    arrived = gather_module._arrived

    def too_early(tables, readers, horizon, arriving):
        return arrived(tables, readers, horizon, arriving._replace(at_ns=np.zeros_like(arriving.at_ns)))

    monkeypatch.setattr(gather_module, "_arrived", too_early)
    assert "pages" in differs(population, "push", ROOMY)


def test_reads_that_see_no_entry_of_their_segment_depend_on_the_tick(population, monkeypatch):
    nothing = (np.zeros(0, np.int64), np.zeros(0, np.int32))
    monkeypatch.setattr(gather_module, "_arrived", lambda *_: nothing)
    assert "pages" in differs(population, "push", ROOMY)


def test_trims_that_wait_for_the_end_of_the_segment_depend_on_the_tick(population, monkeypatch):
    monkeypatch.setattr(gather_module, "_raise_by_trim", lambda *_: None)
    assert Metric.TIMELINE_MISSES in differs(population, "push", {**NASTY, "timeline.cap": 8})


def test_reads_that_know_of_what_was_not_pushed_after_them_depend_on_the_tick(population, monkeypatch):
    monkeypatch.setattr(Unpushed, "as_of", lambda unpushed, authors, *rest: unpushed.last[authors])
    assert Metric.AUTHORS_ASKED in differs(population, "hybrid:threshold=30", ROOMY)


def test_posts_that_meet_a_list_kept_after_them_depend_on_the_tick(population, monkeypatch):
    def of_now(kept: KeptLists, users: np.ndarray, at_ns: np.ndarray) -> np.ndarray:
        return np.maximum(0, kept.until_ns[users] - at_ns)

    monkeypatch.setattr(KeptLists, "stale_ns", of_now)
    assert Metric.VISIBLE_LAG in differs(population, "cached_pull:ttl=0.5", ROOMY)


# Order: caches by request, lines by when jobs were enqueued, ties by content


def test_a_cache_that_takes_all_new_posts_of_a_segment_first_depends_on_the_tick(population, monkeypatch):
    play = PostCache.play

    def new_posts_first(cache: PostCache, rows: np.ndarray, is_insert: np.ndarray) -> np.ndarray:
        order = np.argsort(~is_insert, kind="stable")
        hits = np.empty(len(rows), np.bool_)
        hits[order] = play(cache, rows[order], is_insert[order])
        return hits

    monkeypatch.setattr(PostCache, "play", new_posts_first)
    assert Metric.BODY_HITS in differs(population, "push", ROOMY)


def test_lines_in_order_of_arrival_depend_on_the_tick(population, monkeypatch):
    """Jobs tried again are due at a multiple of the quantum: they may come to the broker after later ones."""
    add = _Lane.add

    def at_the_end(lane: _Lane, partition: int, job: tuple[int, int, int, int]) -> None:
        line = lane.lines.get(partition)
        if line:
            line.append(job)
        else:
            add(lane, partition, job)

    monkeypatch.setattr(_Lane, "add", at_the_end)
    assert Metric.FANOUT_LAG in differs(population, "push", FAULTY)


class Coarse(World):
    """Whose load comes at multiples of 5 ms, so that much of it comes at one instant."""

    def __init__(self, *rest: Any) -> None:
        super().__init__(*rest)
        block = self.load.block

        @cache
        def coarse(k: int) -> Arrivals:
            drawn = block(k)
            at_ns = drawn.at_ns // COARSE_NS * COARSE_NS
            order = np.lexsort((drawn.key, at_ns))
            return Arrivals(at_ns[order], *(c[order] for c in (drawn.op, drawn.actor, drawn.target, drawn.key)))

        self.load.block = coarse  # type: ignore[method-assign]


def test_what_comes_at_one_instant_is_the_same_at_any_tick(population):
    assert differs(population, "push", ROOMY, Coarse, tick_ms=10) == set()


def test_ties_that_do_not_break_by_content_depend_on_the_tick(population, monkeypatch):
    def as_the_batch_falls(due_ns: np.ndarray, key: np.ndarray) -> np.ndarray:
        """As a sort that is not stable would leave ties: by what else is in the batch."""
        place = np.arange(len(due_ns))
        return np.lexsort((place if len(place) % 2 else -place, due_ns))

    monkeypatch.setattr(pending, "by_due_and_key", as_the_batch_falls)
    assert "posts" in differs(population, "push", ROOMY, Coarse)
