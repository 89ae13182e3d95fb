"""Questions about a follow graph: who stands where, who is a celebrity at which threshold, what lies around a person.

Counting is on arrays and fits any size; networkx is given neighbourhoods only, of some dozens of people.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, NamedTuple

import networkx as nx
import numpy as np

from engine.domain import F64, I32, I64
from engine.graph.graph import Graph
from engine.graph.measures import tail_exponent, top_share

TOP = 0.01
"""The share of accounts whose part of all follows is told."""
TAIL_FROM = 20
"""Followers from which on an account counts as part of the tail, as in `python -m datasets.measure`."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Distribution:
    """How followers are shared out among accounts. Columns of shape (k,), k the different numbers of followers."""

    followers: I64
    """The numbers of followers that occur, ascending, without 0."""
    accounts: I64
    """How many accounts have at least as many."""
    users: int
    links: int
    """All follows."""
    median: float
    """Followers of the account in the middle."""
    top_accounts: int
    """How many the most followed 1 % are; at least one."""
    top_from: int
    """Followers of the last of these."""
    top_share: float
    """Share of all follows that point at these."""
    exponent: float | None
    """a of P(followers = x) ~ x ** -a from `TAIL_FROM` followers on; None where there is no tail."""


class Celebrities(NamedTuple):
    """Accounts with at least `threshold` followers."""

    threshold: int
    accounts: int
    links: float
    """Share of all follows that point at them."""
    deliveries: float
    """Share of all deliveries that their posts cause, if everything were pushed."""
    silent: int
    """How many of them do not post by themselves."""


class Standing(NamedTuple):
    """One person in numbers."""

    user: int
    followers: int
    followees: int
    mutuals: int
    """Accounts that they follow and that follow them back."""
    rank: int
    """1 for the most followed; accounts with equally many share a place."""


def follower_distribution(follower_counts: I32) -> Distribution:
    """How followers, I32[n], are shared out; there must be at least one account."""
    counts = np.sort(follower_counts)
    values, first = np.unique(counts, return_index=True)
    some = values > 0
    top = max(1, round(len(counts) * TOP))
    return Distribution(
        followers=values[some].astype(np.int64),
        accounts=len(counts) - first[some],
        users=len(counts),
        links=int(counts.sum(dtype=np.int64)),
        median=float(np.median(counts)),
        top_accounts=top,
        top_from=int(counts[-top]),
        top_share=top_share(counts, TOP),
        exponent=_exponent(counts),
    )


def celebrities(follower_counts: I32, posting: F64, thresholds: Iterable[int]) -> list[Celebrities]:
    """Who would be a celebrity at each threshold. `posting`: relative posting rate of each account, shape (n,)."""
    order = np.argsort(follower_counts, kind="stable")
    counts = follower_counts[order].astype(np.int64)
    links = _sums_from(counts.astype(np.float64))
    deliveries = _sums_from(counts * posting[order])
    silent = _sums_from((posting[order] == 0).astype(np.float64))
    lines = []
    for threshold in thresholds:
        first = int(np.searchsorted(counts, threshold))
        of_links, of_deliveries = (float(sums[first] / sums[0]) if sums[0] else 0.0 for sums in (links, deliveries))
        lines.append(Celebrities(int(threshold), len(counts) - first, of_links, of_deliveries, int(silent[first])))
    return lines


def mutuals(graph: Graph, user: int) -> I32:
    """Whom a person follows and is followed by, ids ascending."""
    followers = graph.followers([user])
    both: I32 = followers.values[graph.close([user], followers)]
    return both


def standing(graph: Graph, user: int) -> Standing:
    """One person's numbers."""
    counts = graph.follower_counts
    return Standing(
        user=user,
        followers=int(counts[user]),
        followees=int(graph.followee_counts[user]),
        mutuals=len(mutuals(graph, user)),
        rank=1 + int(np.count_nonzero(counts > counts[user])),
    )


def neighbourhood(graph: Graph, user: int, limit: int) -> "nx.DiGraph[int]":
    """A person, at most `limit` of those they follow or are followed by, and all follows among these.

    Neighbours are taken in turn from the most followed followees and the most followed followers. Nodes carry
    `followers`, `followees`, `follows` and `followed_by` (does the person follow them, and they the person), edges
    `mutual`; the graph itself `user` and `neighbours`, how many there are in all.
    """
    followees, followers = graph.followees([user]).values, graph.followers([user]).values
    chosen = _in_turn(_largest_first(graph, followees), _largest_first(graph, followers), limit)
    members = np.array([user, *chosen], np.int64)
    drawn: nx.DiGraph[int] = nx.DiGraph(user=user, neighbours=len(np.union1d(followees, followers)))
    followed, follow = (np.isin(members, ids).tolist() for ids in (followees, followers))
    for member, is_followed, follows_back in zip(members.tolist(), followed, follow, strict=True):
        drawn.add_node(member, follows=is_followed, followed_by=follows_back, **_counts(graph, member))
    a, b = np.repeat(members, len(members)), np.tile(members, len(members))
    linked = graph.follows(a, b)
    returned = graph.follows(b, a)
    for source, target, mutual in zip(a[linked].tolist(), b[linked].tolist(), returned[linked].tolist(), strict=True):
        drawn.add_edge(source, target, mutual=mutual)
    return drawn


def clustering(drawn: "nx.DiGraph[int]", user: int) -> float | None:
    """Of all pairs of a person's neighbours in this graph, the share that are linked; None with fewer than two.

    Source: Watts and Strogatz, Collective dynamics of small-world networks (Nature 393, 1998), directions left aside.
    """
    plain: Any = drawn.to_undirected(as_view=True)
    return float(nx.clustering(plain, user)) if plain.degree(user) > 1 else None


def _exponent(sorted_counts: I32) -> float | None:
    try:
        return tail_exponent(sorted_counts, TAIL_FROM)
    except ValueError:
        return None


def _sums_from(values: F64) -> F64:
    """Sum of `values[i:]` for every i up to their number, shape (n + 1,)."""
    sums: F64 = np.append(np.cumsum(values[::-1])[::-1], 0.0)
    return sums


def _largest_first(graph: Graph, users: I32) -> list[int]:
    """These users by followers, the most followed first; equals by id."""
    order = np.argsort(-graph.follower_counts[users].astype(np.int64), kind="stable")
    ranked: list[int] = users[order].tolist()
    return ranked


def _in_turn(one: Sequence[int], other: Sequence[int], limit: int) -> list[int]:
    """The first `limit` different ids, taken in turn from both."""
    both = (user for pair in zip_longest(one[:limit], other[:limit]) for user in pair if user is not None)
    return list(dict.fromkeys(both))[:limit]


def _counts(graph: Graph, user: int) -> dict[str, int]:
    return {"followers": int(graph.follower_counts[user]), "followees": int(graph.followee_counts[user])}
