"""Claims about reading, measured on readers with exactly the followees that the claim speaks of."""

import numpy as np

from engine.clock import NS_PER_MS, NS_PER_S
from engine.config import WorldConfig
from engine.domain import Op
from engine.experiments.claims.claim import Figure, Finding
from engine.experiments.claims.scenes import FREE_ACCEPT, SEED, UNDRAWN, Runs, finish, quiet, script
from engine.load.streams import stream
from engine.observe.metric import Metric
from engine.world import World

FOLLOWEES, RECENT = 400, 50
"""Accounts that seed 001's reader follows, and recent posts asked of each."""
ASKED_READS_PER_S = 100_000
"""Home reads, seed 001, NFR4."""
_READERS = 800
_OVERLOAD = 1.5
_CELEBRITIES, _GROUP, _FILLERS = 20, 100, 400
_APART_S = 0.03
"""Between reads: longer than any takes, so that none waits for another."""


def pulling(reads: int, reads_per_s: float, **knobs: float) -> World:
    """Readers who follow the same 400 authors of 50 posts each; one read at 2 s, then `reads` from 3 s on; pull."""
    authors = np.arange(_READERS, _READERS + FOLLOWEES)
    follower, followee = np.repeat(np.arange(_READERS), FOLLOWEES), np.tile(authors, _READERS)
    at_s = np.linspace(0.1, 1.0, FOLLOWEES * RECENT)
    posts = script(Op.POST, np.tile(authors, RECENT), at_s)
    one = script(Op.READ_HOME, [0], [2.0])
    many = script(Op.READ_HOME, np.arange(reads) % _READERS, (3.0 + np.arange(reads) / reads_per_s).tolist())
    prices = {**FREE_ACCEPT, "read.per_author": RECENT, **knobs}
    return quiet(_READERS + FOLLOWEES, follower, followee, posts, one, many, strategy="pull", knobs=prices)


def index_s(config: WorldConfig, authors: int, rows: int) -> float:
    """Seconds that an author-index server spends on one pull, by the price list."""
    costs = config.costs
    return costs.scale * (costs.pull_us + costs.author_us * authors + costs.row_us * rows) / 1e6


def c01(_: Runs) -> Finding:
    """400 followees x 50 recent posts (seed 001); rows as the author index bills them to one read."""
    world = finish(pulling(0, 1.0), 2.5)
    rows, authors = world.metrics.total(Metric.ROWS_READ), world.metrics.total(Metric.AUTHORS_ASKED)
    took_ms = world.metrics.histogram(Metric.HOME_LATENCY).max / NS_PER_MS
    return Finding(
        formula=(Figure(FOLLOWEES * RECENT, "rows"),),
        measured=(Figure(rows, "rows"), Figure(authors, "authors asked"), Figure(took_ms, "ms", "for this page")),
        run=f"{FOLLOWEES} authors of {RECENT} posts, pull, one read by a follower of all, class prices, 2.5 s, "
        f"{UNDRAWN}",
        why="All are touched for a page of 20: nobody knows beforehand whose are the newest. "
        "The reader's own posts are asked for too.",
    )


def c02(_: Runs) -> Finding:
    """Rows of C01 x 100,000 reads/s (seed 001, NFR4).

    An index server takes pull + 401 authors + 20,000 rows of the price list for one read; c servers take c times that
    rate, whatever is asked of them. Measured by asking for half as much again, and counting what is answered.
    """
    config = WorldConfig()
    servers = config.stations.indexes
    limit = servers / index_s(config, FOLLOWEES + 1, FOLLOWEES * RECENT)
    offered = _OVERLOAD * limit
    world = pulling(round(2 * offered), offered)
    world.step(5 * NS_PER_S)
    answered = world.metrics.latency_in(Metric.HOME_LATENCY, world.now_ns, 1.0).count
    rows = world.metrics.total(Metric.ROWS_READ) / world.metrics.total(Metric.READS)
    return Finding(
        formula=(
            Figure(FOLLOWEES * RECENT * ASKED_READS_PER_S, "rows/s"),
            Figure(limit, "reads/s", "at most here"),
        ),
        measured=(
            Figure(rows * ASKED_READS_PER_S, "rows/s", "at the asked rate"),
            Figure(answered, "reads/s", "answered at saturation"),
            Figure(answered * rows, "rows/s", "at saturation"),
        ),
        run=f"{_READERS} readers of the same {FOLLOWEES} authors, pull, {offered:.0f} reads/s for 2 s, "
        f"{servers} index servers at class prices, {UNDRAWN}",
        why=f"A page takes an index server {servers / limit * 1e3:.3g} ms; for 100K reads/s it takes "
        f"{ASKED_READS_PER_S * servers / limit:,.0f} of them, not {servers}.",
    )


def c06(_: Runs) -> Finding:
    """20 x 1 ms one after the other (seed 001); by the price list one request that names 20 authors."""
    config = WorldConfig()
    batched, in_turn = (
        _celebrity_read_ms({}),
        _celebrity_read_ms({"costs.pull_us": 0.0, "costs.author_us": 1_000.0, "costs.row_us": 0.0}),
    )
    return Finding(
        formula=(
            Figure(_CELEBRITIES * 1.0, "ms", "in turn, 1 ms each"),
            Figure(1e3 * index_s(config, _CELEBRITIES, 0), "ms", "in one request, before rows"),
        ),
        measured=(
            Figure(batched[1] - batched[0], "ms", "added in one request"),
            Figure(in_turn[1] - in_turn[0], "ms", "added in turn"),
            Figure(batched[0], "ms", "p50 with 0 celebrities"),
            Figure(batched[1], "ms", "p50 with 20"),
        ),
        run=f"{2 * _GROUP} readers of 40 accounts, half of them of 20 celebrities, hybrid:threshold=50, "
        f"one read each, {1 / _APART_S:.0f} reads/s, 16 s, seed {SEED}",
        why="The index is asked once for all twenty, and most of the price is that one request.",
    )


def _celebrity_read_ms(knobs: dict[str, float]) -> tuple[float, float]:
    """p50 of a home read by people who follow 40 accounts: with none, and with 20 celebrities among them."""
    first_star = 2 * _GROUP
    first_filler = first_star + _CELEBRITIES
    follower, followee = [], []
    for reader in range(2 * _GROUP):
        stars = _CELEBRITIES if reader >= _GROUP else 0
        fillers = first_filler + (reader * 40 + np.arange(40 - stars)) % _FILLERS
        followee += [*range(first_star, first_star + stars), *fillers.tolist()]
        follower += [reader] * 40
    authors = np.arange(first_star, first_filler + _FILLERS)
    posts = script(Op.POST, np.tile(authors, 3), np.linspace(0.1, 3.0, 3 * len(authors)))
    order = stream(SEED, "claims.readers", 0).permutation(2 * _GROUP)
    reads = script(Op.READ_HOME, order, (10.0 + _APART_S * np.arange(2 * _GROUP)).tolist())
    quick = {**FREE_ACCEPT, "costs.delivery_us": 1.0, "costs.poll_us": 1.0, **knobs}
    world = quiet(
        first_filler + _FILLERS,
        np.array(follower),
        np.array(followee),
        posts,
        reads,
        strategy="hybrid:threshold=50",
        knobs=quick,
    )
    finish(world, 16.1)
    answered = world.reads_since(0)
    took_ms = (answered.done_ns - answered.arrived_ns) / NS_PER_MS
    with_stars = answered.user >= _GROUP
    return float(np.median(took_ms[~with_stars])), float(np.median(took_ms[with_stars]))
