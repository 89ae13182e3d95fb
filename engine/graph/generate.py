"""Making a follow graph: communities, a power-law tail of followers, a few stars of known size.

Everybody is a row of a table as often as they should have followers; a follow picks a random place of it. So 5M
follows are a few gathers. Users are numbered community by community, and a community is a slice of the table. Large
worlds are drawn in blocks of users, by all cores, each block with chance of its own.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from engine.cores import on_all_cores
from engine.domain import F64, I32, I64, Bool
from engine.graph.graph import Graph, distinct, merged
from engine.ordering import among

_FOLLOWEE_SIGMA = 0.6
"""Spread (of the logarithm) of how many accounts people follow."""
_COMMUNITY_SIGMA = 0.5
_LOMAX_SHIFT = 0.9
"""Taken off a Pareto variable that starts at 1: some accounts are left with next to no followers."""
_MOST_OF_COMMUNITY = 0.4
"""An account is followed by at most about this share of its community; its other followers come from elsewhere."""
_FRIENDLY_BELOW = 4
"""Accounts expected to have more than this times the mean followers do not follow back."""
_SAMPLE = 20_000
_BLOCK_USERS = 1 << 17
"""Users whose follows are drawn together."""
_MASK = 0xFFFFFFFF


class Links(NamedTuple):
    """A generated graph: the links of users bounds[i] .. bounds[i + 1] - 1 in keys[i], as `Graph.from_blocks` takes
    them, and the community of each user, ascending, I32[n]."""

    bounds: I64
    keys: list[I64]
    community: I32

    def graph(self) -> Graph:
        """Who follows whom."""
        return Graph.from_blocks(len(self.community), self.bounds, self.keys)


def communities(
    n: int,
    mean_followees: float,
    rng: np.random.Generator,
    *,
    exponent: float = 2.2,
    communities: int = 20,
    local_share: float = 0.8,
    largest_share: float = 0.0,
    stars: Sequence[int] = (),
    tail_cap: int | None = None,
    reciprocity: float = 0.3,
) -> Links:
    """Links between n users, `mean_followees` each on average (within about 2 %).

    The largest account has exactly `largest_share` of all users as followers and the `stars` exactly as many as they
    say, drawn from everybody. Followers of all others have a tail P(x) ~ x ** -exponent up to `tail_cap`. A share
    `local_share` of what people follow lies in their own community, less where an account is bigger than its
    community. `reciprocity`: share of links returned, about; never below what chance makes.
    """
    community, bounds = _community_of(n, communities, rng)
    star_sizes = [round(largest_share * n)] * (largest_share > 0) + list(stars)
    star_ids = rng.choice(n, len(star_sizes), replace=False)
    star_keys = [_star_followers(n, star, size, rng) for star, size in zip(star_ids.tolist(), star_sizes, strict=True)]
    wanted = round(n * mean_followees) - sum(star_sizes)

    expected = _expected_followers(n, wanted / n, exponent, tail_cap or n // 4, rng)
    expected[star_ids] = 0
    tables = _Tables(expected, community, bounds, local_share, rng)
    activity = rng.lognormal(0.0, _FOLLOWEE_SIGMA, n)
    activity /= activity.mean()

    bounds = np.append(np.arange(0, n, _BLOCK_USERS), n)
    blocks = range(len(bounds) - 1)
    chances = [rng] if len(blocks) == 1 else [np.random.Generator(_philox(rng).jumped(i + 1)) for i in blocks]

    def draw(counts: I64, i: int) -> I64:
        owners = np.arange(bounds[i], bounds[i + 1])
        return tables.draw(np.repeat(owners, counts[bounds[i] : bounds[i + 1]]), chances[i])

    base = _counts(activity * (wanted / n) * (1 - reciprocity / 2), rng)
    drawn = on_all_cores(partial(lambda i: distinct(draw(base, i)), i) for i in blocks)
    friendly = expected <= _FRIENDLY_BELOW * mean_followees
    friendly[star_ids] = False
    returned = _returned(drawn, bounds, friendly, reciprocity, wanted, rng, chances)
    # as large a part of what is still missing will turn out to be duplicates as it did before
    there, given = sum(map(len, drawn)), sum(map(len, returned))
    missing = max(0, wanted - there - given) * base.sum() / max(1, there)
    extra = _counts(activity * (missing / n), rng)
    starry = _by_block(np.concatenate([*star_keys, np.zeros(0, np.int64)]), bounds)

    def finish(i: int) -> I64:
        return merged([drawn[i], returned[i], np.sort(draw(extra, i)), starry[i]])

    return Links(bounds, on_all_cores(partial(finish, i) for i in blocks), community)


def _philox(rng: np.random.Generator) -> np.random.Philox:
    bits = rng.bit_generator
    assert isinstance(bits, np.random.Philox)
    return bits


def _by_block(keys: I64, bounds: I64) -> list[I64]:
    """The links in order, by the block that their followers are in."""
    keys = np.sort(keys)
    return np.split(keys, np.searchsorted(keys, bounds[1:-1] << 32))


def _community_of(n: int, count: int, rng: np.random.Generator) -> tuple[I32, I64]:
    """Community of each user, ascending, and where each begins, with the end: shapes (n,), (count + 1,)."""
    sizes = rng.lognormal(0.0, _COMMUNITY_SIGMA, count)
    bounds = np.concatenate([[0], np.round(np.cumsum(sizes) / sizes.sum() * n)]).astype(np.int64)
    return np.repeat(np.arange(count, dtype=np.int32), np.diff(bounds)), bounds


def _star_followers(n: int, star: int, size: int, rng: np.random.Generator) -> I64:
    """Packed links of `size` users, all different, to the star."""
    fans = rng.permutation(n - 1)[:size]
    keys: I64 = (fans + (fans >= star)) << 32 | star
    return keys


def _expected_followers(n: int, mean: float, exponent: float, cap: int, rng: np.random.Generator) -> F64:
    """How many followers each account should have: quantiles of the power law, dealt out at random, shape (n,).

    Quantiles rather than draws: worlds of different seeds differ in who is big, not in how big the biggest are.
    """
    shape = ((np.arange(n) + 0.5) / n) ** (-1 / (exponent - 1)) - _LOMAX_SHIFT
    low, high = 0.0, mean / shape.mean()
    while np.minimum(shape * high, cap).mean() < mean:
        high *= 2
    for _ in range(40):
        scale = (low + high) / 2
        low, high = (scale, high) if np.minimum(shape * scale, cap).mean() < mean else (low, scale)
    return rng.permutation(np.minimum(shape * high, cap))


def _counts(expected: F64, rng: np.random.Generator) -> I64:
    """Whole numbers with these means, each at most one off, shape (n,)."""
    counts: I64 = np.floor(expected + rng.random(len(expected))).astype(np.int64)
    return counts


class _Tables:
    """From where follows are drawn: one table of accounts in order, in which each community is a slice, and one of
    the followers that accounts have beyond their own community."""

    def __init__(
        self, expected: F64, community: I32, bounds: I64, local_share: float, rng: np.random.Generator
    ) -> None:
        n = len(expected)
        size = np.diff(bounds)[community]
        local = np.minimum(local_share * expected, _MOST_OF_COMMUNITY * size)
        self._local_share = float(local.sum() / expected.sum())
        places = _counts(local, rng)
        near = np.repeat(np.arange(n, dtype=np.int32), places)
        ends = np.concatenate([[0], np.cumsum(places)])
        self._start, self._length = ends[bounds[:-1]], ends[bounds[1:]] - ends[bounds[:-1]]
        beyond = np.repeat(np.arange(n, dtype=np.int32), _counts(expected - local, rng))
        self._anywhere = beyond if len(beyond) else near
        self._local = near if len(near) else beyond
        self._community = community

    def draw(self, owners: I64, rng: np.random.Generator) -> I64:
        """One follow by each of `owners`, packed `owner << 32 | followee`, shape (len(owners),)."""
        at = rng.random(len(owners))
        home = self._community[owners]
        place = self._start[home] + (at * self._length[home]).astype(np.int64)
        followee = self._local.take(place, mode="clip")
        far = np.flatnonzero((rng.random(len(owners)) >= self._local_share) | (self._length[home] == 0))
        followee[far] = self._anywhere[rng.integers(0, len(self._anywhere), len(far))]
        keys: I64 = owners << 32 | followee
        return keys


def _returned(
    drawn: Sequence[I64],
    bounds: I64,
    friendly: Bool,
    reciprocity: float,
    wanted: int,
    rng: np.random.Generator,
    chances: Sequence[np.random.Generator],
) -> list[I64]:
    """Links back, from ordinary accounts to some of those who follow them, so that `reciprocity` results; by block.

    With M mutual links by chance among what will be `wanted` in all, x new returned links make it (M + 2x) / wanted.
    """
    ends = np.cumsum([len(keys) for keys in drawn])
    by_chance = _mutual_share(drawn, bounds, rng.integers(0, ends[-1], _SAMPLE), ends)
    needed = (reciprocity * wanted - by_chance * int(ends[-1])) / 2

    def able(keys: I64) -> I64:
        chosen: I64 = keys[friendly[keys & _MASK] & friendly[keys >> 32]]
        return chosen

    possible = on_all_cores(partial(able, keys) for keys in drawn)
    share = needed / max(1.0, sum(map(len, possible)) * (1 - by_chance))

    def turn(keys: I64, chance: np.random.Generator) -> list[I64]:
        chosen = keys[chance.random(len(keys)) < share]
        return _by_block((chosen & _MASK) << 32 | chosen >> 32, bounds)

    turned = on_all_cores(partial(turn, keys, chance) for keys, chance in zip(possible, chances, strict=True))

    def fresh(parts: Sequence[I64], already: I64) -> I64:
        back = merged(parts)
        return back[~among(back, already)]

    return on_all_cores(
        partial(fresh, parts, keys) for parts, keys in zip(zip(*turned, strict=True), drawn, strict=True)
    )


def _mutual_share(drawn: Sequence[I64], bounds: I64, places: I64, ends: I64) -> float:
    """The share of the links at these places that are returned."""
    mutual = 0
    for i, keys in enumerate(drawn):
        mine = places[(places < ends[i]) & (places >= ends[i] - len(keys))] - (ends[i] - len(keys))
        back = (keys[mine] & _MASK) << 32 | keys[mine] >> 32
        for part, others in zip(_by_block(back, bounds), drawn, strict=True):
            mutual += int(among(part, others).sum())
    return mutual / len(places)
