"""What is found of a run when it is over: how busy its stations were, its queue, lags by author, lane and partition."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine import Metric, World
from engine.clock import NS_PER_MS, NS_PER_S
from engine.domain import I64
from engine.observe.histogram import Histogram
from engine.queueing.station import shard_of
from lessons.interview.runs.course import Course
from lessons.interview.runs.draw import POSTED
from lessons.interview.runs.looks import STATION_NAMES, Json

_EMPTY_S = 0.5
"""A queue that workers would empty so soon is empty: one post's copies wait at any time."""
_SMALL = 100
"""Followers at most of a small account."""
_SHARDS = 16


class Demand:
    """How busy each station was while the load was at its mean, and how long things waited there, all run long.

    Work that was asked of a station over what its servers can do: over 1 its line grows. Of workers: the copies that
    were planned, without those of the largest account's single post, which comes in two minutes less often than that.
    """

    def __init__(self, course: Course) -> None:
        self._until_s = course.seconds if course.judged_s is None else course.stretches[1].from_s
        self._util: dict[str, float] = {}

    def second(self, world: World, at_s: int) -> None:
        if at_s != self._until_s:
            return
        span_ns = at_s * NS_PER_S
        for logged, station in world.stations._stations().items():
            self._util[STATION_NAMES[logged]] = station.busy_ns / (station.servers * span_ns)
        posts, largest = world.tables.posts, int(world.population.largest[0])
        mine = (posts.author[: posts.size] == largest) & (posts.accepted_ns[: posts.size] >= 0)
        pushed = int((mine & posts.pushed[: posts.size]).sum()) * int(world.population.graph.follower_counts[largest])
        copies = max(0, world.metrics.total(Metric.PLANNED) - pushed)
        each_ns = 1_000 * world.config.costs.delivery_us * world.config.costs.scale
        self._util["workers"] = copies * each_ns / (world.config.workers.count * span_ns)

    def found(self, world: World) -> Json:
        waits = {
            STATION_NAMES[logged]: station.waited_ns / station.served / NS_PER_MS
            for logged, station in world.stations._stations().items()
            if station.served
        }
        lanes = world.fanout.broker.lane_sums()
        taken = sum(lane.taken_jobs for lane in lanes)
        if taken:
            waits["workers"] = sum(lane.waited_ns for lane in lanes) / taken / NS_PER_MS
        return {
            name: {"util": util, **({"wait_ms": waits[name]} if name in waits else {})}
            for name, util in self._util.items()
        }


class Queue:
    """The deepest queue, and how long after the peak, or after the load, it takes to empty.

    One that empties too slowly for that is followed along its line: the time is then modelled from two measured depths.
    One that does not get shorter never empties, and no time is told.
    """

    def __init__(self, course: Course) -> None:
        self._from_s = course.peak_ends_s if course.peak_ends_s is not None else course.seconds
        self._depths: list[tuple[int, int]] = []
        self._empty_s: int | None = None

    def second(self, world: World, at_s: int) -> None:
        if at_s < self._from_s or self._empty_s is not None:
            return
        waiting = sum(world.fanout.broker.waiting_copies())
        self._depths.append((at_s, waiting))
        capacity_s = world.config.workers.count * 1e6 / (world.config.costs.delivery_us * world.config.costs.scale)
        if waiting <= _EMPTY_S * capacity_s:
            self._empty_s = at_s

    def found(self, world: World) -> Json:
        told: Json = {"queue_depth_peak": float(world.recorder.depth_peak)}
        drain_s = self._drain_s()
        return told | ({"drain_s": drain_s, "extrapolated": self._empty_s is None} if drain_s is not None else {})

    def _drain_s(self) -> float | None:
        if self._empty_s is not None:
            return float(self._empty_s - self._from_s)
        if len(self._depths) < 2:
            return None
        (since_s, deepest), (until_s, left) = self._depths[0], self._depths[-1]
        shrinks_s = (deepest - left) / (until_s - since_s)
        return deepest / shrinks_s if shrinks_s > 0 else None


def _judged_rows(world: World, course: Course) -> I64:
    """The posts of the run that its summary is made of."""
    posts = world.tables.posts
    until_ns = (course.judged_s or course.seconds) * NS_PER_S
    accepted_ns = posts.accepted_ns[: posts.size]
    return np.flatnonzero((accepted_ns >= 0) & (accepted_ns < until_ns))


def by_followers(world: World, course: Course) -> list[Json]:
    """Posts of the largest account, and of small ones: from acceptance to readable by 99 in 100 followers. What was
    pulled is readable at once."""
    if world.deliveries is None:
        return []
    posts, counts = world.tables.posts, world.population.graph.follower_counts
    new = _judged_rows(world, course)
    largest = int(world.population.largest[0])
    sizes = counts[posts.author[new]]
    groups = {float(counts[largest]): new[posts.author[new] == largest], float(_SMALL): new[sizes <= _SMALL]}
    arrived_ns = _arrived_ns(world, course)
    told = []
    for followers, rows in groups.items():
        if not len(rows):
            continue
        lag_ns = _lags(world, rows)
        lag = lag_ns.quantile(0.99)
        entry: Json = {"followers": followers}
        if lag is not None:
            entry["lag_p99_ms"] = lag / NS_PER_MS
        waited = Histogram()
        waited.add(posts.accepted_ns[rows] - np.array([arrived_ns[key] for key in posts.key[rows].tolist()], np.int64))
        entry["post_p99_ms"] = (waited.quantile(0.99) or 0.0) / NS_PER_MS
        told.append(entry)
    return told


def _arrived_ns(world: World, course: Course) -> dict[int, int]:
    """When each post of the load was sent, by its key."""
    sent = world.load.between(0, (course.judged_s or course.seconds) * NS_PER_S)
    posted = np.isin(sent.op, POSTED)
    return dict(zip(sent.key[posted].tolist(), sent.at_ns[posted].tolist(), strict=True))


def _lags(world: World, rows: Any) -> Histogram:
    """Of all copies of these posts that were made, and 0 for each follower of one that is pulled."""
    assert world.deliveries is not None
    posts, lags = world.tables.posts, Histogram()
    for row in rows.tolist():
        _, at_ns = world.deliveries.of(row)
        if len(at_ns):
            lags.add(at_ns - posts.accepted_ns[row])
        elif not posts.pushed[row]:
            lags.add(np.zeros(1, np.int64))
    return lags


def lanes(world: World, course: Course) -> Json:
    """p99 of the lag of copies by the lane they came by; the author's own list is written with the post."""
    if world.deliveries is None or not world.config.fanout.lanes:
        return {}
    posts = world.tables.posts
    lags = Histogram(), Histogram()
    for row in _judged_rows(world, course).tolist():
        at_ns, by_lane = world.deliveries.of(row)[1], world.deliveries.lane_of(row)
        for lane, one in enumerate(lags):
            one.add((at_ns - posts.accepted_ns[row])[by_lane == lane])
    names = ("close_followers", "normal")
    return {"own_timeline": 0.0} | {
        name: (one.quantile(0.99) or 0.0) / NS_PER_MS for name, one in zip(names, lags, strict=True) if one.count
    }


def shards(world: World, chosen: Mapping[str, Any]) -> Json:
    """How many of sixteen partitions of posts a profile asks, and how uneven the reads of bodies by key are (modelled:
    which partition a post of the run would be on)."""
    how = chosen.get("post_partition")
    posts = world.tables.posts
    new = np.flatnonzero(posts.accepted_ns[: posts.size] >= 0).astype(np.int64)
    if how is None or not len(new):
        return {}
    readers = world.population.graph.follower_counts[posts.author[new]].astype(np.float64)
    keys: dict[str, I64] = {"author": posts.author[new].astype(np.int64), "time": np.zeros(len(new), np.int64)}
    load = np.bincount(shard_of(keys.get(how, new), _SHARDS), weights=readers, minlength=_SHARDS)
    asked = {"author": 1.0, "time": 1.0, "post_id": float(_SHARDS), "post_id_plus_author_index": 2.0}[how]
    return {"shards": {"per_profile_read": asked, "max_over_mean": float(load.max() / load.mean())}}
