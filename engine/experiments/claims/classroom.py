"""Claims about a whole service, measured on runs of the classroom under its own load."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from datasets.worlds import build_population, preset_config
from engine.clock import NS_PER_MS, NS_PER_S
from engine.domain import I64, Op
from engine.experiments.claims.capacity import PEAK, c13_inserts_per_day, per_s
from engine.experiments.claims.claim import Figure, Finding
from engine.experiments.claims.scenes import BURST_S, NO_LOAD, SEED, Runs
from engine.experiments.run import RunResult, drain
from engine.journal.journal import Journal
from engine.load.injections import CelebrityBurst
from engine.load.scenarios import Scenario, scenario
from engine.observe.metric import Metric
from engine.people import People
from engine.queueing.hashing import shard_of
from engine.world import World
from engine.write_path.strategies import with_strategy

STANDARD_S = 20
SHORT_S = 10
EAGER = {"load.author_exponent": 0.45}
"""Accounts post more the more followers they have: the exponent that gives the published mean of 75 deliveries a post
on real graphs (datasets/README.md)."""
BODY_BYTES = 1_000
"""Of a post, seed 004."""
_LINES = (1, 100, 200, 10_000)
"""Followers from which on accounts are pulled: everybody's, ..., nobody's."""
_MANY_READS = {"load.reads_per_s": 900.0}
_SHARDS = 16
_PAGE_ROWS = 72
"""Rows at least that a page of 20 is made from."""


def quantile_ms(world: World, metric: Metric, q: float) -> float:
    """Quantile of a latency over a whole run, in ms."""
    return (world.metrics.histogram(metric).quantile(q) or 0.0) / NS_PER_MS


def c03(_: Runs) -> Finding:
    """Largest over mean posts in a second; the seeds state 10 (001, 004) and no source for it."""
    seconds, config = 120, preset_config("classroom", seed=SEED)
    people = build_population(config)

    def peak(slug: str, op: Op) -> float:
        load = World(config, people, scenario(slug).fitted(seconds)).load
        counts = [int(np.count_nonzero(load.block(k).op == op)) for k in range(seconds)]
        return max(counts) / (sum(counts) / seconds)

    return Finding(
        formula=(Figure(PEAK, "x", "assumed"),),
        measured=(
            Figure(peak("trace", Op.POST), "x", "posts over a day"),
            Figure(peak("celebrity", Op.POST), "x", "posts with a celebrity"),
            Figure(peak("herd", Op.READ_HOME), "x", "reads when all refresh"),
        ),
        run=f"classroom, recorded load of the scenarios trace, celebrity and herd, counted by the second, {seconds} s, "
        f"seed {SEED}",
        why="Days swing by less than 10 x; what comes at once peaks by as much as comes. A celebrity's peak is in the "
        "copies, not in the posts.",
    )


def c09(runs: Runs) -> Finding:
    """Promises of seed 001 (NFR1-3), each as the share or quantile of a whole run."""
    calm, words = runs.classroom("push", STANDARD_S)
    burst, burst_words = runs.burst()
    metrics = calm.world.metrics
    return Finding(
        formula=(Figure(300, "ms", "home"), Figure(5_000, "ms", "visible"), Figure(99.99, "%", "answered")),
        measured=(
            Figure(quantile_ms(calm.world, Metric.HOME_LATENCY, 0.99), "ms", "home p99"),
            Figure(quantile_ms(calm.world, Metric.VISIBLE_LAG, 0.99), "ms", "visible p99"),
            Figure(100 * metrics.total(Metric.HOME_LATENCY) / metrics.total(Metric.READS), "%", "answered"),
            Figure(quantile_ms(burst, Metric.VISIBLE_LAG, 0.99), "ms", "visible p99 with a celebrity"),
        ),
        run=f"{words}; and {burst_words}",
        why="Kept while it is calm; eight posts of the largest account break freshness for all. "
        "Nothing can fail to answer here, so availability says nothing yet.",
    )


def c10(runs: Runs) -> Finding:
    """Shards asked for one profile (seed 001): all, or one; load of the fullest over the mean, of accepted posts."""
    result, words = runs.classroom("push", SHORT_S, knobs=EAGER)
    posts = result.world.tables.posts
    rows = np.arange(posts.size, dtype=np.int32)
    followers = result.world.population.graph.follower_counts
    users = np.arange(len(followers), dtype=np.int32)

    def skew(shard: I64) -> float:
        counts = np.bincount(shard, minlength=_SHARDS)
        return float(counts.max() / counts.mean())

    return Finding(
        formula=(Figure(_SHARDS, "shards asked", "by post id"), Figure(1, "shard asked", "by author")),
        measured=(
            Figure(skew(shard_of(rows, _SHARDS)), "x", "mean in the fullest shard, by post id"),
            Figure(skew(shard_of(posts.author[: posts.size], _SHARDS)), "x", "mean, by author"),
            Figure(skew(np.repeat(shard_of(users, _SHARDS), followers)), "x", "mean of followers' reads, by author"),
        ),
        run=f"{words}; its posts, and its follows by followee, dealt to {_SHARDS} shards",
        why="Shards by author are as uneven as their authors; the larger the largest account, the hotter its shard.",
    )


def c13(runs: Runs) -> Finding:
    """300M x 200 (seed 004) / 86,400 s. The mean over posts is sum(rate x followers) / sum(rate), over accounts."""
    alike, words = runs.classroom("push", STANDARD_S)
    eager, eager_words = runs.classroom("push", SHORT_S, knobs=EAGER)
    inserts = per_s(c13_inserts_per_day())
    population = eager.world.population
    followers = population.graph.follower_counts
    by_post = float((population.posting_weight * followers).sum() / population.posting_weight.sum())
    return Finding(
        formula=(
            Figure(inserts, "inserts/s"),
            Figure(PEAK * inserts, "inserts/s", "at peak"),
            Figure(by_post, "followers a post", "by rates of posting"),
        ),
        measured=(
            Figure(float(followers.mean()), "followers a user"),
            Figure(amplification(alike), "copies a post", "if all post alike"),
            Figure(amplification(eager), "copies a post", "if the followed post more"),
        ),
        run=f"{words}; and {eager_words}",
        why="Fan-out multiplies by followers per post, not per user: whoever posts more has more of them.",
    )


def amplification(result: RunResult) -> float:
    """Copies written for each post accepted."""
    metrics = result.world.metrics
    return metrics.total(Metric.DELIVERIES) / metrics.total(Metric.POSTS)


def c14(_: Runs) -> Finding:
    """Copies of one post: all followers under push, none above the line (seed 004); the author index takes one row."""
    copies = {spec: celebrity_copies(spec) for spec in ("push", "hybrid", "pull")}
    return Finding(
        formula=(Figure(0, "copies", "above the line"), Figure(1, "row", "in the author index")),
        measured=tuple(Figure(count, "copies", spec) for spec, count in copies.items()),
        run=f"classroom without load, Nova posts once, push, hybrid:threshold=200, pull, 1 s and drained, seed {SEED}",
        why="The writes are gone, not the work: every reader of Nova now asks for her posts.",
    )


def celebrity_copies(strategy: str) -> int:
    """Home-list entries written for one post of the classroom's largest account."""
    config = with_strategy(preset_config("classroom", **{"seed": SEED, **NO_LOAD}), strategy)
    once = Scenario("once", "Once", "Nova posts.", (CelebrityBurst(at_s=0.1, posts=1),))
    world = World(config, build_population(config), once)
    world.step(NS_PER_S)
    drain(world, 1_000 * NS_PER_S)
    return world.metrics.total(Metric.DELIVERIES)


def c16(runs: Runs) -> Finding:
    """Promises of seed 004, each as the quantile of a whole run."""
    result, words = runs.classroom("push", STANDARD_S)
    hits, misses = (result.world.metrics.total(m) for m in (Metric.TIMELINE_HITS, Metric.TIMELINE_MISSES))
    return Finding(
        formula=(Figure(300, "ms", "post p99"), Figure(200, "ms", "home p50"), Figure(1_000, "ms", "home p99")),
        measured=(
            Figure(quantile_ms(result.world, Metric.POST_LATENCY, 0.99), "ms", "post p99"),
            Figure(quantile_ms(result.world, Metric.HOME_LATENCY, 0.5), "ms", "home p50"),
            Figure(quantile_ms(result.world, Metric.HOME_LATENCY, 0.99), "ms", "home p99"),
            Figure(100 * hits / (hits + misses), "%", "of pages warm"),
        ),
        run=words,
        why="Far below: no network, no edge, no ranking here, only service and queues inside one region.",
    )


def c20(runs: Runs) -> Finding:
    """cost(T) = writes saved - reads added (seeds 000, 004), both in machine time by the price list.

    Machines: seconds of work per second of workers, list shards and index servers.
    """
    few, words = _machines_by_line(runs, _LINES, SHORT_S, {})
    many, many_words = _machines_by_line(runs, (_LINES[0], _LINES[-1]), SHORT_S // 2, _MANY_READS)
    told = ("pulling all", *(f"a line of {line}" for line in _LINES[1:-1]), "pushing all")
    return Finding(
        measured=(
            *(Figure(machines, "machines", what) for machines, what in zip(few, told, strict=True)),
            Figure(many[0], "machines", "pulling all, many reads"),
            Figure(many[1], "machines", "pushing all, many reads"),
        ),
        run=f"{words}; many reads: {many_words}; T = {', '.join(map(str, _LINES))} followers",
        why="No number of followers is right everywhere: the cheapest line follows from graph, prices and reads per "
        "post. One pulled account costs a reader most, the next ones little.",
    )


def _machines_by_line(runs: Runs, lines: Sequence[int], seconds: int, knobs: dict[str, Any]) -> tuple[list[float], str]:
    spent, words = [], ""
    for line in lines:
        result, words = runs.classroom(f"hybrid:threshold={line}", seconds, knobs=knobs)
        spent.append(machine_s(result) / seconds)
    return spent, words.replace(f"threshold={lines[-1]}", "threshold=T")


def machine_s(result: RunResult) -> float:
    """Machine time for delivering and for gathering pages, in seconds of service."""
    cost = result.report["cost"]
    return float(cost["workers_s"] + cost["timeline_shards_s"] + cost["indexes_s"])


def c21(runs: Runs) -> Finding:
    """Reads per write (seed 002) at which both cost the same: (time of a push) / (time of a pull).

    Both by the price list: a push is its copies times (delivery + list write), and polls; a pull is the request, 41
    authors and their rows.
    """
    push, words = runs.classroom("push", STANDARD_S)
    pull, pull_words = runs.classroom("pull", SHORT_S)
    config = push.world.config
    written_s = push.world.metrics.total(Metric.DELIVERIES) * config.costs.list_write_us / 1e6
    per_post_ms = 1e3 * (push.report["cost"]["workers_s"] + written_s) / push.world.metrics.total(Metric.POSTS)
    per_read_ms = 1e3 * pull.report["cost"]["indexes_s"] / pull.world.metrics.total(Metric.READS)
    costs, followees = config.costs, float(push.world.population.graph.follower_counts.mean())
    push_us = followees * (costs.delivery_us + costs.list_write_us)
    pull_us = costs.pull_us + (followees + 1) * costs.author_us + _PAGE_ROWS * costs.row_us
    return Finding(
        formula=(Figure(push_us / pull_us, "reads a post", "where both cost the same, without polls"),),
        measured=(
            Figure(per_post_ms / per_read_ms, "reads a post", "where both cost the same"),
            Figure(config.load.reads_per_s / config.load.posts_per_s, "reads a post", "in this load"),
            Figure(per_post_ms, "ms", "to push a post"),
            Figure(per_read_ms, "ms", "to pull a page"),
        ),
        run=f"{words}; and {pull_words}",
        why="With fewer reads a post, pull needs less machine time; push is still chosen, for the readers' latency.",
    )


def c22(runs: Runs) -> Finding:
    """A body of 1 KB (seed 004) in every list: copies a post x 1,000 bytes; apart: once, and 4 bytes in each list."""
    result, words = runs.classroom("push", STANDARD_S)
    without, without_words = runs.classroom("push", SHORT_S, knobs={"cache.posts": 1})
    copies = amplification(result)
    return Finding(
        formula=(
            Figure(copies * BODY_BYTES, "bytes a post", "bodies in the lists"),
            Figure(BODY_BYTES + 4 * copies, "bytes a post", "bodies apart"),
        ),
        measured=(
            Figure(100 * body_hits(result), "%", "of bodies from memory"),
            Figure(100 * body_hits(without), "%", "with room for one"),
            Figure(quantile_ms(result.world, Metric.HOME_LATENCY, 0.5), "ms", "home p50"),
            Figure(quantile_ms(without.world, Metric.HOME_LATENCY, 0.5), "ms", "home p50 with room for one"),
        ),
        run=f"{words}; and {without_words}",
        why="A recent post is on many pages: a small memory of bodies spares most trips to the database.",
    )


def body_hits(result: RunResult) -> float:
    """Share of post bodies found in the post cache."""
    metrics = result.world.metrics
    hits, misses = metrics.total(Metric.BODY_HITS), metrics.total(Metric.BODY_MISSES)
    return hits / (hits + misses)


def c23(runs: Runs) -> Finding:
    """0 duplicates, whatever is handed out again (seed 000): a list holds (user, post) once."""
    knobs: dict[str, Any] = {"fanout.redeliver_rate": 0.3, "fanout.fail_rate": 0.1}
    result, words = runs.classroom("push", SHORT_S, knobs=knobs)
    metrics, audit = result.world.metrics, result.report["audit"]
    return Finding(
        formula=(Figure(0, "duplicates"),),
        measured=(
            Figure(audit["duplicate"], "duplicates"),
            Figure(audit["missing"], "missing"),
            Figure(metrics.total(Metric.REDELIVERIES), "jobs handed out again"),
            Figure(metrics.total(Metric.RETRIES), "jobs retried"),
            Figure(metrics.total(Metric.DELIVERIES), "copies, each once"),
        ),
        run=f"{words}; then drained and audited",
    )


def c29(runs: Runs) -> Finding:
    """p99 of copies by lane, of posts accepted in the 10 s after the burst begins; own posts are in the own list at
    acceptance (seed 004, queue order)."""
    world, words = runs.burst()
    lag_ms, lane = _lags_by_lane(world)
    people, lists = People(world, Journal.in_memory()), world.tables.lists
    own = [lists.contains(np.array([user], np.int32), np.array([people.post(user, "hello").row])) for user in range(20)]
    close, rest = (lag_ms[lane == number] for number in (0, 1))
    return Finding(
        formula=(Figure(0, "ms", "own list"),),
        measured=(
            Figure(int(np.sum(own)), f"of {len(own)} own posts in the own list at once"),
            Figure(float(np.quantile(close, 0.99)), "ms", "p99 close friends"),
            Figure(float(np.quantile(rest, 0.99)), "ms", "p99 the rest"),
            Figure(len(close), "copies", "to close friends"),
            Figure(len(rest), "copies", "to the rest"),
        ),
        run=f"{words}; copies of posts accepted from {BURST_S} s to {BURST_S + 10} s; then 20 people post",
        why="The burst waits in the second lane; close friends hardly notice it.",
    )


def _lags_by_lane(world: World) -> tuple[I64, I64]:
    """(lag in ms, lane) of every logged copy of posts accepted in the ten seconds after the burst begins."""
    posts, log = world.tables.posts, world.deliveries
    assert log is not None
    after_ns = posts.accepted_ns[: posts.size] - BURST_S * NS_PER_S
    lags, lanes = [], []
    for row in np.flatnonzero((after_ns >= 0) & (after_ns < 10 * NS_PER_S)).tolist():
        _, at_ns = log.of(row)
        lags.append((at_ns - posts.accepted_ns[row]) // NS_PER_MS)
        lanes.append(log.lane_of(row).astype(np.int64))
    return np.concatenate(lags), np.concatenate(lanes)


def c30(_: Runs) -> Finding:
    """1/(n+1) of the keys must move to a new node (seed 001); remainders by n move n/(n+1). Here: equal ranges of
    hashes, of which growing moves about half."""
    servers, users = 8, np.arange(100_000, dtype=np.int32)
    moved = float((shard_of(users, servers) != shard_of(users, servers + 1)).mean())
    return Finding(
        formula=(
            Figure(100 / (servers + 1), "%", "by a ring"),
            Figure(100 * servers / (servers + 1), "%", "by remainders"),
        ),
        measured=(Figure(100 * moved, "%", "by this engine's ranges"),),
        run=f"{len(users):,} users dealt to {servers} and to {servers + 1} list shards; no world, nothing drawn",
        why="A range of hashes for each server is even and fast, and moves half of all keys when one is added.",
    )
