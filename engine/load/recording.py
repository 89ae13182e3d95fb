"""The recorded load: what arrives in each virtual second, as a pure function.

A block is one virtual second. Its arrivals depend on (seed, stream, block, the load knobs in force in it) and on
nothing else: not on ticks, strategies, speed, nor on which blocks were asked for before.
"""

import copy
import hashlib
from collections.abc import Iterator
from typing import TypeVar

import numpy as np

from engine.clock import NS_PER_S
from engine.config import LoadConfig
from engine.domain import F64, I8, I32, I64, Op
from engine.load.arrivals import Arrivals, Stream, content_keys
from engine.load.audience import Audience, pick
from engine.load.scenarios import SCENARIOS, Scenario, scenario
from engine.load.streams import Weighted, instants, stream

OLDEST_BLOCKS_AGO = 30
NEWEST_BLOCKS_AGO = 2
"""Replies, reposts and likes go to posts of the blocks k - 30 .. k - 2: recent, and recorded over 1 s earlier."""

_V = TypeVar("_V")
_KEPT_DRAWS = 64
_KEPT_BLOCKS = 64
_KEPT_ARRIVALS = 12_000_000
"""Half a minute of a country, 350 MB: a run need not draw again what its digest was taken of."""


class _Posts:
    """The posts stream of one block, before anything is aimed at earlier posts."""

    def __init__(self, at_ns: I64, op: I8, author: I32, key: I64, audience: Audience) -> None:
        self.at_ns = at_ns
        self.op = op
        self.author = author
        self.key = key
        # Somebody must have seen a post to answer it: only originals that have followers can be a target.
        seen = (op == Op.POST) & (audience.follower_counts[author] > 0)
        self.target_key: I64 = key[seen]
        self.target_author: I32 = author[seen]


class Load:
    """All that arrives in a world by itself; immutable but for what it remembers of earlier answers."""

    def __init__(
        self, audience: Audience, config: LoadConfig, seed: int, scenario: Scenario = SCENARIOS["steady"]
    ) -> None:
        """`scenario` as it shall be played: see `Scenario.fitted` for runs of a given length."""
        self.audience = audience
        self.seed = seed
        self.scenario = scenario
        self._epochs: tuple[tuple[int, LoadConfig], ...] = ((0, config),)
        self._profile = scenario.profile()
        self._injected = scenario.arrivals(audience, seed)
        self._readers = Weighted.of(audience.reader_weight)
        self._authors: dict[float, Weighted] = {}
        self._draws: dict[int, _Posts] = {}
        self._blocks: dict[int, Arrivals] = {}

    def block(self, k: int) -> Arrivals:
        """What arrives in virtual second [k, k + 1); read-only arrays.

        Raises:
            ValueError: k is negative: the load begins at 0.
        """
        if k < 0:
            raise ValueError(f"Block {k} lies before the load began; allowed: 0 and later.")
        if k not in self._blocks:
            config = self.config_of(k)
            target_key, target_author = self._targets(k)
            parts = (
                self._posts(k, target_key, target_author),
                self._likes(k, config, target_key, target_author),
                self._reads(k, config),
                self._follows(k, config),
                self._unfollows(k, config),
                self._injected.between(k * NS_PER_S, (k + 1) * NS_PER_S),
            )
            drawn = Arrivals.concat(parts).freeze()
            _remember(self._blocks, k, drawn, max(1, min(_KEPT_BLOCKS, _KEPT_ARRIVALS // max(1, len(drawn)))))
        return self._blocks[k]

    def between(self, start_ns: int, end_ns: int) -> Arrivals:
        """What arrives in [start, end), 0 <= start; however a run is cut, the pieces add up to the blocks."""
        blocks = range(start_ns // NS_PER_S, -(-end_ns // NS_PER_S))
        return Arrivals.concat(self.block(k).between(start_ns, end_ns) for k in blocks)

    def with_config(self, config: LoadConfig, from_block: int) -> "Load":
        """The same load, its knobs changed from a block on; earlier blocks stay, later changes are forgotten."""
        changed = copy.copy(self)
        changed._epochs = (*(epoch for epoch in self._epochs if epoch[0] < from_block), (from_block, config))
        changed._draws = {k: posts for k, posts in self._draws.items() if k < from_block}
        changed._blocks = {k: arrivals for k, arrivals in self._blocks.items() if k < from_block}
        return changed

    def config_of(self, k: int) -> LoadConfig:
        """The knobs in force in block k."""
        return next(config for start, config in reversed(self._epochs) if start <= k)

    def inject(self, name: str, at_ns: int, number: int) -> Arrivals:
        """A scenario triggered now: its first injection starts at `at_ns`. Not part of any block.

        Args:
            number: which injection of this world's life it is, from 1; 0 is the scenario it was opened with.

        Raises:
            UnknownName: no such scenario, or one that is only a course of load with nothing to trigger.
            ValueError: `number` is below 1; keys would collide with those of the world's own scenario.
        """
        if number < 1:
            raise ValueError(f"Injection number {number}; allowed: 1 and above.")
        return scenario(name).triggered(self.audience, self.seed, at_ns, number)

    def digest(self, seconds: int) -> str:
        """sha256 of all that is recorded in the first `seconds`, as hexadecimal digits."""
        sha = hashlib.sha256()
        for block in self._recorded(seconds):
            sha.update(block.to_bytes())
        return sha.hexdigest()

    def counts(self, seconds: int) -> dict[str, int]:
        """How much of each is recorded in the first `seconds`; `posts` counts replies and reposts too."""
        ops = np.zeros(len(Op), dtype=np.int64)
        for block in self._recorded(seconds):
            ops += np.bincount(block.op, minlength=len(Op))
        return {
            "posts": int(ops[[Op.POST, Op.REPLY, Op.REPOST]].sum()),
            "replies": int(ops[Op.REPLY]),
            "reposts": int(ops[Op.REPOST]),
            "likes": int(ops[Op.LIKE]),
            "follows": int(ops[Op.FOLLOW]),
            "unfollows": int(ops[Op.UNFOLLOW]),
            "reads": int(ops[Op.READ_HOME]),
        }

    def _recorded(self, seconds: int) -> Iterator[Arrivals]:
        return (self.block(k) for k in range(seconds))

    # One method per stream. Each draws from its own generator, so that a knob of one leaves the others alone.

    def _instants(self, rng: np.random.Generator, rate_per_s: float, k: int) -> I64:
        return instants(rng, int(rng.poisson(rate_per_s)), k * NS_PER_S, NS_PER_S)

    def _drawn_posts(self, k: int) -> _Posts:
        if k not in self._draws:
            config = self.config_of(k)
            rng = stream(self.seed, "posts", k)
            at_ns = self._instants(rng, config.posts_per_s * self._multiplier(k) * _burst(config, k), k)
            author = self._author_table(config.author_exponent).draw(rng, len(at_ns))
            lot = rng.random(len(at_ns))
            op = np.full(len(at_ns), Op.POST, dtype=np.int8)
            op[lot < config.reply_share] = Op.REPLY
            op[lot >= 1 - config.repost_share] = Op.REPOST
            posts = _Posts(at_ns, op, author, content_keys(Stream.POSTS, k, len(at_ns)), self.audience)
            _remember(self._draws, k, posts, _KEPT_DRAWS)
        return self._draws[k]

    def _targets(self, k: int) -> tuple[I64, I32]:
        """Keys and authors of the recent posts that arrivals of block k may be aimed at."""
        blocks = range(max(0, k - OLDEST_BLOCKS_AGO), k - NEWEST_BLOCKS_AGO + 1)
        recent = [self._drawn_posts(earlier) for earlier in blocks]
        if not recent:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32)
        return np.concatenate([p.target_key for p in recent]), np.concatenate([p.target_author for p in recent])

    def _posts(self, k: int, target_key: I64, target_author: I32) -> Arrivals:
        drawn = self._drawn_posts(k)
        if not len(target_key):
            # Nothing to answer yet: they write something of their own.
            return Arrivals.of(Op.POST, drawn.at_ns, drawn.author, drawn.key)
        rng = stream(self.seed, "posts.targets", k)
        aimed = np.flatnonzero(drawn.op != Op.POST)
        chosen = rng.integers(0, len(target_key), len(aimed))
        actor, target = drawn.author.copy(), np.full(len(drawn.op), -1, dtype=np.int64)
        target[aimed] = target_key[chosen]
        actor[aimed] = pick(self.audience.followers, target_author[chosen], rng.random(len(aimed)))
        return Arrivals.of(drawn.op, drawn.at_ns, actor, drawn.key, target)

    def _likes(self, k: int, config: LoadConfig, target_key: I64, target_author: I32) -> Arrivals:
        if not len(target_key):
            return Arrivals.empty()
        rng = stream(self.seed, "likes", k)
        at_ns = self._instants(rng, config.likes_per_s, k)
        chosen = rng.integers(0, len(target_key), len(at_ns))
        actor = pick(self.audience.followers, target_author[chosen], rng.random(len(at_ns)))
        return Arrivals.of(Op.LIKE, at_ns, actor, content_keys(Stream.LIKES, k, len(at_ns)), target_key[chosen])

    def _reads(self, k: int, config: LoadConfig) -> Arrivals:
        rng = stream(self.seed, "reads", k)
        at_ns = self._instants(rng, config.reads_per_s, k)
        reader = self._readers.draw(rng, len(at_ns))
        away = self.audience.away
        if len(away):
            back = np.flatnonzero(rng.random(len(at_ns)) < config.return_share)
            reader[back] = away[rng.integers(0, len(away), len(back))]
        return Arrivals.of(Op.READ_HOME, at_ns, reader, content_keys(Stream.READS, k, len(at_ns)))

    def _follows(self, k: int, config: LoadConfig) -> Arrivals:
        """New follows: half by popularity, half of people whom somebody they follow follows."""
        users, followees = self.audience.users, self.audience.followees
        rng = stream(self.seed, "follows", k)
        at_ns = self._instants(rng, config.follows_per_s, k)
        n = len(at_ns)
        if not n or users < 2:
            return Arrivals.empty()
        actor = rng.integers(0, users, n, dtype=np.int32)
        target = rng.integers(0, users, n, dtype=np.int32)
        popular, lots = rng.random(n) < 0.5, rng.random((3, n))
        if len(followees.values):
            # The end of a random edge is an account drawn by its follower count.
            end_of_edge = followees.values[(lots[0] * len(followees.values)).astype(np.int64)]
            target = np.where(popular, end_of_edge, self._two_steps_away(actor, target, lots[1:]))
        target = np.where(target == actor, (target + 1) % users, target)
        return Arrivals.of(Op.FOLLOW, at_ns, actor, content_keys(Stream.FOLLOWS, k, n), target.astype(np.int64))

    def _two_steps_away(self, actor: I32, otherwise: I32, lots: F64) -> I32:
        """A followee of a followee, or `otherwise` where there is none; lots F64[2, n] decide which."""
        followees = self.audience.followees
        reached, alive = actor.copy(), np.ones(len(actor), dtype=np.bool_)
        for lot in lots:
            alive &= followees.offsets[reached + 1] > followees.offsets[reached]
            reached[alive] = pick(followees, reached[alive], lot[alive])
        result: I32 = np.where(alive, reached, otherwise)
        return result

    def _unfollows(self, k: int, config: LoadConfig) -> Arrivals:
        """Edges of the base graph; one that was given up before is asked for again, and changes nothing."""
        following = self.audience.with_followees
        if not len(following):
            return Arrivals.empty()
        rng = stream(self.seed, "unfollows", k)
        at_ns = self._instants(rng, config.unfollows_per_s, k)
        if not len(at_ns):
            return Arrivals.empty()
        actor = following[rng.integers(0, len(following), len(at_ns))]
        target = pick(self.audience.followees, actor, rng.random(len(at_ns))).astype(np.int64)
        return Arrivals.of(Op.UNFOLLOW, at_ns, actor, content_keys(Stream.UNFOLLOWS, k, len(at_ns)), target)

    def _multiplier(self, k: int) -> float:
        """Of posts_per_s in block k; a profile starts again at its end."""
        return 1.0 if self._profile is None else float(self._profile[k % len(self._profile)])

    def _author_table(self, exponent: float) -> Weighted:
        if exponent not in self._authors:
            weight = self.audience.author_weight
            raised = weight * self.audience.follower_counts.astype(np.float64) ** exponent
            # Where nobody who posts has followers the exponent has nothing to say.
            self._authors[exponent] = Weighted.of(raised if raised.any() else weight)
        return self._authors[exponent]


def _burst(config: LoadConfig, k: int) -> float:
    """Of posts_per_s in block k: the last second of every burst interval is a burst; 1 on average."""
    every, factor = config.burst_every_s, config.burst_factor
    return factor if k % every == every - 1 else (every - factor) / (every - 1)


def _remember(memory: dict[int, _V], k: int, value: _V, most: int) -> None:
    """Keep an answer; the oldest one goes when there are too many."""
    memory[k] = value
    while len(memory) > most:
        del memory[next(iter(memory))]
