"""What happens in an interview's run beside the load of every day: injections of its own, seeded as the engine's."""

from dataclasses import dataclass

import numpy as np

from engine.clock import NS_PER_S
from engine.domain import I32, I64, Op
from engine.load.arrivals import Arrivals, Stream, content_keys
from engine.load.audience import Audience
from engine.load.streams import instants, stream


@dataclass(frozen=True, kw_only=True)
class Spam:
    """A share of all accounts post as often as they may, all at once."""

    at_s: float
    posts: int
    """In all."""
    lasts_s: float = 20.0
    accounts_share: float = 0.01

    def arrivals(self, audience: Audience, seed: int, number: int, at_ns: int) -> Arrivals:
        rng = stream(seed, f"interview.spam@{at_ns}", number)
        small = np.flatnonzero(audience.author_weight > 0).astype(np.int32)
        spammers = rng.choice(small, max(1, round(self.accounts_share * audience.users)), replace=False)
        at = instants(rng, self.posts, at_ns, round(self.lasts_s * NS_PER_S))
        author = rng.choice(spammers, self.posts).astype(np.int32)
        return Arrivals.of(Op.POST, at, author, content_keys(Stream.INJECTED, number, self.posts))


@dataclass(frozen=True, kw_only=True)
class Burst:
    """Many accounts post within a moment, as at a final whistle."""

    at_s: float
    posts: int
    lasts_s: float = 1.0

    def arrivals(self, audience: Audience, seed: int, number: int, at_ns: int) -> Arrivals:
        rng = stream(seed, f"interview.burst@{at_ns}", number)
        weight = audience.author_weight / audience.author_weight.sum()
        at = instants(rng, self.posts, at_ns, round(self.lasts_s * NS_PER_S))
        author = rng.choice(audience.users, self.posts, p=weight).astype(np.int32)
        return Arrivals.of(Op.POST, at, author, content_keys(Stream.INJECTED, number, self.posts))


@dataclass(frozen=True, kw_only=True)
class ComeBack:
    """A share of all people, who were away for a month or more, open home within a few seconds."""

    at_s: float
    share: float = 0.01
    lasts_s: float = 10.0

    def arrivals(self, audience: Audience, seed: int, number: int, at_ns: int) -> Arrivals:
        rng = stream(seed, f"interview.back@{at_ns}", number)
        count = min(round(self.share * audience.users), len(audience.away))
        reader: I32 = rng.permutation(audience.away)[:count]
        at = instants(rng, count, at_ns, round(self.lasts_s * NS_PER_S))
        return Arrivals.of(Op.READ_HOME, at, reader, content_keys(Stream.INJECTED, number, count))


@dataclass(frozen=True, kw_only=True)
class Cross:
    """An account just below a threshold gains followers until it is above, loses them, and posts all the while."""

    at_s: float
    threshold: int
    lasts_s: float = 30.0
    every_s: float = 6.0
    margin: float = 0.1
    """So far above the threshold it comes, as a share of it."""

    def arrivals(self, audience: Audience, seed: int, number: int, at_ns: int) -> Arrivals:
        rng = stream(seed, f"interview.cross@{at_ns}", number)
        counts = audience.follower_counts
        author = int(np.argmin(np.where(counts < self.threshold, self.threshold - counts, np.iinfo(np.int64).max)))
        gain = max(1, round((1 + self.margin) * self.threshold) - int(counts[author]))
        theirs = set(audience.followers.values[audience.followers.offsets[author] :][: int(counts[author])].tolist())
        others = [one for one in rng.permutation(audience.users).tolist() if one != author and one not in theirs][:gain]
        new, third_ns = np.array(others, np.int32), round(self.lasts_s / 3 * NS_PER_S)
        posts = max(1, int(self.lasts_s / self.every_s))
        keys = content_keys(Stream.INJECTED, number, posts + 2 * len(new))
        at: I64 = at_ns + (np.arange(posts) * self.every_s * NS_PER_S).astype(np.int64)
        parts = [Arrivals.of(Op.POST, at, np.full(posts, author, np.int32), keys[:posts])]
        for op, from_ns, of in (
            (Op.FOLLOW, at_ns, keys[posts : posts + len(new)]),
            (Op.UNFOLLOW, at_ns + 2 * third_ns, keys[posts + len(new) :]),
        ):
            when = instants(rng, len(new), from_ns, third_ns)
            parts.append(Arrivals.of(op, when, new, of, np.full(len(new), author, np.int64)))
        return Arrivals.concat(parts)
