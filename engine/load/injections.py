"""What can happen in a world on top of its steady load: small declarative objects that become arrivals.

An injection is a value. Its arrivals are a pure function of (audience, seed, number, instant): `number` counts the
injections of one world's life, so that the same button pressed twice gives two different, reproducible events.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engine.clock import NS_PER_S
from engine.domain import F64, I32, I64, Bool, Op, ranges
from engine.load.arrivals import Arrivals, Stream, content_keys
from engine.load.audience import Audience
from engine.load.streams import instants, stream


class Injection(Protocol):
    """An event; `at_s` is when a scenario plays it, in virtual seconds."""

    @property
    def at_s(self) -> float: ...

    def arrivals(self, audience: Audience, seed: int, number: int, at_ns: int) -> Arrivals:
        """What it causes when it starts at `at_ns`; nothing arrives before."""


@dataclass(frozen=True, kw_only=True)
class CelebrityBurst:
    """One of the largest accounts writes several posts of its own in a row."""

    at_s: float
    posts: int = 8
    spread_s: float = 1.0
    rank: int = 0
    """Which account: 0 is the one with the most followers."""

    def arrivals(self, audience: Audience, seed: int, number: int, at_ns: int) -> Arrivals:
        rng = _stream(seed, "celebrity", number, at_ns)
        at = instants(rng, self.posts, at_ns, round(self.spread_s * NS_PER_S))
        author = np.full(self.posts, audience.largest[self.rank], dtype=np.int32)
        return Arrivals.of(Op.POST, at, author, content_keys(Stream.INJECTED, number, self.posts))


@dataclass(frozen=True, kw_only=True)
class Herd:
    """A share of all readers open home within a moment, each once: the whistle blew, the lights came back."""

    at_s: float
    reads_share: float = 0.8
    spread_s: float = 1.0

    def arrivals(self, audience: Audience, seed: int, number: int, at_ns: int) -> Arrivals:
        rng = _stream(seed, "herd", number, at_ns)
        readers = np.flatnonzero(audience.reader_weight > 0).astype(np.int32)
        count = round(self.reads_share * len(readers))
        at = instants(rng, count, at_ns, round(self.spread_s * NS_PER_S))
        reader: I32 = rng.permutation(readers)[:count]
        return Arrivals.of(Op.READ_HOME, at, reader, content_keys(Stream.INJECTED, number, count))


@dataclass(frozen=True, kw_only=True)
class Viral:
    """A post by a mid-size account that is reposted through the graph.

    The cascade grows by generations: of the people whom a generation reaches, a share repost, until the cascade has
    its size. Everybody reposts at most once, follows somebody who posted or reposted before, and names the root.
    Delays have a heavy tail and are then compressed together, so that half of all reposts have come at `half_s`:
    the published median is 2.6 h (TiDeH's 100 cascades, measured), which nobody would wait for. The tail is lighter
    than theirs (nine tenths after 3.3 half-times; theirs: 6.7), so that a run of a minute sees most of it.
    """

    at_s: float
    half_s: float = 6.0
    reach: float = 0.15
    """Reposts, as a share of all users: 300 in a classroom of 2,000."""
    most: int = 10_000
    """Reposts at most; the largest published cascade in our data has 11,454."""
    repost_share: float = 0.2
    """Of those who get to see it, per generation."""
    tail: float = 1.5
    """Exponent of the delays' survival function (1 + t) ** -tail; smaller is heavier."""

    def arrivals(self, audience: Audience, seed: int, number: int, at_ns: int) -> Arrivals:
        rng = _stream(seed, "viral", number, at_ns)
        author = _mid_size_account(rng, audience)
        reposter, delay_s = self._cascade(rng, audience, author)
        order = np.argsort(delay_s, kind="stable")
        key = content_keys(Stream.INJECTED, number, 1 + len(reposter))
        root = Arrivals.of(Op.POST, np.array([at_ns]), np.array([author], dtype=np.int32), key[:1])
        at = at_ns + (delay_s[order] * NS_PER_S).astype(np.int64)
        return Arrivals.concat((root, Arrivals.of(Op.REPOST, at, reposter[order], key[1:], int(key[0]))))

    def _cascade(self, rng: np.random.Generator, audience: Audience, author: int) -> tuple[I32, F64]:
        """Who reposts, and how many seconds after the root; parents come before their children."""
        size = min(round(self.reach * audience.users), self.most)
        reached = np.zeros(audience.users, dtype=np.bool_)
        reached[author] = True
        people, delays = [np.array([author], dtype=np.int32)], [np.zeros(1)]
        while size > 0:
            person, parent = _newly_exposed(rng, audience, people[-1], reached)
            count = min(size, int(np.ceil(self.repost_share * len(person))))
            if not count:
                break
            person, parent = person[:count], parent[:count]
            reached[person] = True
            people.append(person)
            delays.append(delays[-1][parent] + self._delays(rng, count))
            size -= count
        # The first generation is the author, whose post is no repost.
        return np.concatenate(people)[1:], self._compressed(np.concatenate(delays)[1:])

    def _delays(self, rng: np.random.Generator, count: int) -> F64:
        """How long a repost takes after it was seen, in units that `_compressed` replaces.

        The last percent of the tail is cut off, so that no straggler turns up minutes after the story is over.
        """
        delays: F64 = (1 - 0.99 * rng.random(count)) ** (-1 / self.tail) - 1
        return delays

    def _compressed(self, delays: F64) -> F64:
        """Seconds after the root: a first second in which nobody reposts yet, and the median at half_s."""
        if not len(delays):
            return delays
        compressed: F64 = 1.0 + delays * ((self.half_s - 1.0) / np.median(delays))
        return compressed


def _newly_exposed(rng: np.random.Generator, audience: Audience, frontier: I32, reached: Bool) -> tuple[I32, I64]:
    """Everybody not yet reached who follows the frontier, in random order, and through whom (a place in it)."""
    starts = audience.followers.offsets[frontier]
    lengths = audience.followers.offsets[frontier + 1] - starts
    person = audience.followers.values[ranges(starts, lengths)]
    parent = np.repeat(np.arange(len(frontier)), lengths)
    fresh = np.flatnonzero(~reached[person])
    rng.shuffle(fresh)
    # Of several ways to the same person the first in random order counts.
    _, first = np.unique(person[fresh], return_index=True)
    chosen = fresh[np.sort(first)]
    return person[chosen], parent[chosen]


def _mid_size_account(rng: np.random.Generator, audience: Audience) -> int:
    """An account between the 93rd and the 97th percentile of those that have followers."""
    counts = audience.follower_counts
    if not counts.any():
        return int(rng.integers(audience.users))
    low, high = np.quantile(counts[counts > 0], (0.93, 0.97), method="lower")
    return int(rng.choice(np.flatnonzero((counts >= max(low, 1)) & (counts <= high))))


def _stream(seed: int, name: str, number: int, at_ns: int) -> np.random.Generator:
    return stream(seed, f"inject.{name}@{at_ns}", number)
