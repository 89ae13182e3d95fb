"""From accepted posts to fan-out jobs: the strategy decides, once and for all."""

from typing import NamedTuple

import numpy as np

from engine.config import FanoutConfig
from engine.domain import I32, I64, Bool, Ragged, ranges
from engine.ordering import stable_order
from engine.queueing.broker import JobBatch
from engine.queueing.hashing import uniform
from engine.tables import Tables
from engine.write_path.arena import FollowerArena
from engine.write_path.strategies import Strategy, Writers

CLOSE, REST = 0, 1
"""Lanes: mutual follows are served before the rest."""


class Plan(NamedTuple):
    """What becomes of a batch of accepted posts."""

    jobs: JobBatch
    copies: I64
    """Deliveries planned for each post, shape (n,)."""
    pairs: I64
    """Followers of each post's author at acceptance, shape (n,)."""
    dropped: I64
    """Of those, followers who should have got a copy and get none on purpose, shape (n,)."""


def plan(
    rows: I32,
    tables: Tables,
    strategy: Strategy,
    arena: FollowerArena,
    config: FanoutConfig,
    seed: int = 0,
    largest: int | None = None,
) -> Plan:
    """Decide for accepted posts (rows ascending) whether they are pushed, and cut the followers into jobs.

    The decision is kept with the row and never taken again. Followers are named by id, as of acceptance;
    whoever has no list is skipped. `seed` of the world: of the chance by which a lossy strategy drops copies.
    `largest`: accounts with so many followers are not pushed whatever the strategy says, for now.
    """
    posts, graph = tables.posts, tables.graph
    authors, accepted_ns = posts.author[rows], posts.accepted_ns[rows]
    pairs = graph.follower_counts[authors].astype(np.int64)
    writers = Writers(authors, graph.follower_counts[authors], accepted_ns)
    reached = _reached(rows, writers, tables, strategy) if strategy.by_edge else None
    pushed = strategy.pushes(writers) if reached is None else reached.any(axis=1)
    if largest is not None and reached is None:
        pushed = pushed & (writers.followers < largest)
    posts.pushed[rows] = pushed
    tables.unpushed.raise_to(authors[~pushed], rows[~pushed])

    audience = graph.followers(authors[pushed])
    close = graph.close(authors[pushed], audience) if config.lanes else np.zeros(len(audience.values), np.bool_)
    gets = tables.holders(audience.values)
    if reached is not None and tables.unpushed.edges is not None:
        gets &= reached[pushed][audience.owner(), tables.unpushed.edges.reader[audience.values]]
    dropped = np.zeros(len(rows), np.int64)
    if strategy.lossy:
        dropped[pushed] = _drop(rows[pushed], audience, gets, tables, strategy, seed)
    jobs, copies_pushed = _cut(rows[pushed], accepted_ns[pushed], audience, close, gets, arena, config)
    copies = np.zeros(len(rows), np.int64)
    copies[pushed] = copies_pushed
    return Plan(jobs, copies, pairs, dropped)


def plan_later(
    rows: I32, due_ns: I64, tables: Tables, arena: FollowerArena, config: FanoutConfig
) -> tuple[JobBatch, I64]:
    """The jobs of posts (rows ascending) that were not pushed when they were accepted and are pushed now, to those who
    follow now and hold a list; and the copies of each post, shape (n,)."""
    authors = tables.posts.author[rows]
    audience = tables.graph.followers(authors)
    close = tables.graph.close(authors, audience) if config.lanes else np.zeros(len(audience.values), np.bool_)
    return _cut(rows, due_ns, audience, close, tables.holders(audience.values), arena, config)


def _reached(rows: I32, writers: Writers, tables: Tables, strategy: Strategy) -> Bool:
    """Which classes of readers get which posts, shape (n, classes); the others are told to pull them."""
    edges = tables.unpushed.edges
    assert edges is not None
    reached = strategy.reaches(writers, edges.reads_per_s)
    some = np.flatnonzero(reached.any(axis=1) & ~reached.all(axis=1))
    tables.unpushed.raise_to(writers.author[some], rows[some], edges.bits(reached[some]))
    return reached


def _drop(rows: I32, audience: Ragged, gets: Bool, tables: Tables, strategy: Strategy, seed: int) -> I64:
    """Take from `gets` the followers whose copies a lossy strategy does not make; how many of each post."""
    pair = np.flatnonzero(gets)
    owners, posts = audience.values[pair], audience.owner()[pair]
    chance = uniform(seed, "lossy", rows[posts], owners)
    lost = ~strategy.keeps(tables.graph.followee_counts[owners], chance)
    gets[pair[lost]] = False
    tables.dropped.add(owners[lost], rows[posts[lost]], tables.lists)
    return np.bincount(posts[lost], minlength=len(rows))


def _cut(
    rows: I32, enqueued_ns: I64, audience: Ragged, close: Bool, gets: Bool, arena: FollowerArena, config: FanoutConfig
) -> tuple[JobBatch, I64]:
    """Jobs of at most `chunk` followers, for each post the close lane first; and the copies of each post."""
    posts = len(rows)
    group, followers = 2 * audience.owner() + ~close, audience.values  # post and lane
    if not gets.all():
        group, followers = group.compress(gets), followers.compress(gets)
    if not (group[1:] >= group[:-1]).all():
        followers = followers.take(stable_order(group, 0, 2 * posts))  # ids stay ascending within a group
    lengths = np.bincount(group, minlength=2 * posts)
    start = arena.append(followers)
    chunks = -(-lengths // config.chunk)
    chunk_no = ranges(np.zeros(2 * posts, np.int64), chunks)
    group_of = np.repeat(np.arange(2 * posts), chunks)
    group_start = start + np.cumsum(lengths) - lengths
    row, lane = rows[group_of // 2], (group_of % 2).astype(np.int8)
    jobs = JobBatch(
        row=row,
        lane=lane,
        partition=((row + chunk_no) % config.partitions).astype(np.int32),
        start=group_start[group_of] + chunk_no * config.chunk,
        length=np.minimum(config.chunk, lengths[group_of] - chunk_no * config.chunk).astype(np.int32),
        enqueued_ns=enqueued_ns[group_of // 2],
        attempt=np.ones(len(row), np.int32),
        key=(row.astype(np.int64) << 24) | (lane.astype(np.int64) << 23) | chunk_no,
        duplicate=np.zeros(len(row), np.bool_),
    )
    copies: I64 = lengths.reshape(posts, 2).sum(axis=1)
    return jobs, copies


def cut_off_ns(rows: I32, tables: Tables) -> I64:
    """Until a post is visible, for every follower whose list is out of reach: when its shard is back. Shape (pairs,).

    For readers who do not pull instead.
    """
    if tables.back_ns is None:
        return np.zeros(0, np.int64)
    audience = tables.graph.followers(tables.posts.author[rows])
    back_ns = tables.back_ns[audience.values]
    cut_off = np.flatnonzero(back_ns)
    lag_ns: I64 = back_ns[cut_off] - tables.posts.accepted_ns[rows[audience.owner()[cut_off]]]
    return lag_ns


def stale_ns(rows: I32, tables: Tables) -> I64:
    """Until a post is visible, for every follower who goes on being served a kept list. Shape (pairs,).

    Asked after the segment's reads, which keep lists; the answer is as of each post's acceptance.
    """
    authors, accepted_ns = tables.posts.author[rows], tables.posts.accepted_ns[rows]
    audience = tables.graph.followers(authors)
    lag_ns = tables.kept.stale_ns(audience.values, accepted_ns[audience.owner()])
    return lag_ns[lag_ns > 0]
