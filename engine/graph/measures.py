"""What kind of graph this is: concentration, reciprocity, tail, and what a post costs to deliver on it."""

import numpy as np

from engine.domain import F64, I32
from engine.graph.graph import Graph

WEIGHT_FLOOR = 0.001
"""Followers that an account without any counts as when posting weights are taken: it still posts a little (at gamma
0.45 a twentieth of what an account with one follower posts), and gammas stay those of the plain power within 0.01."""

_BISECTIONS = 60
_LARGEST_GAMMA = 4.0


def top_share(follower_counts: I32, share: float = 0.01) -> float:
    """Share of all links that point at the most followed `share` of accounts (at least one); 0 without links."""
    top = max(1, round(len(follower_counts) * share))
    total = int(follower_counts.sum(dtype=np.int64))
    return float(np.sort(follower_counts)[-top:].sum(dtype=np.int64) / total) if total else 0.0


def reciprocity(graph: Graph) -> float:
    """Share of links a -> b for which b -> a exists too; 0 without links."""
    users = np.arange(graph.n)
    mutual = graph.close(users, graph.followers(users))
    return float(mutual.mean()) if len(mutual) else 0.0


def mean_fanout_per_account(follower_counts: I32) -> float:
    """Deliveries per post if every account posts equally often."""
    return float(follower_counts.mean())


def posting_weights(follower_counts: I32, gamma: float) -> F64:
    """Relative posting rate of each account: max(followers, WEIGHT_FLOOR) ** gamma, shape (n,)."""
    weights: F64 = np.maximum(follower_counts, WEIGHT_FLOOR) ** gamma
    return weights


def mean_fanout_per_post(follower_counts: I32, weights: F64) -> float:
    """Deliveries per post if accounts post in proportion to `weights`, shape (n,), not all zero."""
    return float((weights * follower_counts).sum() / weights.sum())


def gamma_for_mean_fanout(follower_counts: I32, target: float) -> float:
    """The gamma >= 0 for which posting weights followers ** gamma give `target` deliveries per post.

    Raises:
        ValueError: the target lies below the mean per account (gamma 0) or above what gamma 4 gives.
    """

    def fanout(gamma: float) -> float:
        return mean_fanout_per_post(follower_counts, posting_weights(follower_counts, gamma))

    low, high = 0.0, _LARGEST_GAMMA
    if not fanout(low) <= target <= fanout(high):
        raise ValueError(f"a mean fan-out of {target:g} is not between {fanout(low):g} and {fanout(high):g}.")
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if fanout(middle) < target else (low, middle)
    return (low + high) / 2


def tail_exponent(follower_counts: I32, at_least: int = 10) -> float:
    """Exponent a of P(followers = x) ~ x ** -a among accounts with `at_least` followers: discrete maximum likelihood.

    Maximises -k ln zeta(a, at_least) - a sum(ln x) over 1 < a <= 10 (concave, so thirds are thrown away).
    Source: Clauset, Shalizi and Newman, Power-law distributions in empirical data (SIAM Review 51, 2009), eq. 3.5.

    Raises:
        ValueError: fewer than two accounts are in the tail, or all of them sit on its edge.
    """
    tail = follower_counts[follower_counts >= at_least]
    if len(tail) < 2 or tail.max() == at_least:
        raise ValueError(f"no tail to measure: {len(tail)} accounts with {at_least} followers or more.")
    mean_log = float(np.log(tail).mean())
    low, high = 1.0 + 1e-6, 10.0
    for _ in range(2 * _BISECTIONS):
        third = (high - low) / 3
        left, right = low + third, high - third
        if np.log(_zeta(left, at_least)) + left * mean_log > np.log(_zeta(right, at_least)) + right * mean_log:
            low = left
        else:
            high = right
    return (low + high) / 2


def _zeta(a: float, first: int) -> float:
    """Hurwitz zeta: sum of k ** -a over k >= first. 20 terms, then Euler-Maclaurin; relative error below 1e-9."""
    end = first + 20.0
    head = float((np.arange(first, end) ** -a).sum())
    slope = a * end ** (-a - 1)
    correction = slope / 12 - (a + 1) * (a + 2) * slope / end**2 / 720
    return head + float(end ** (1 - a) / (a - 1) + end**-a / 2 + correction)
