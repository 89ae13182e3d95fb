"""What load needs to know of a population, frozen when the world is built.

Load never looks at live follows: otherwise what arrives would depend on what a world had done with earlier
arrivals, and two strategies would no longer get the same recording.
"""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from engine.domain import F64, I32, I64, Ragged


class BaseGraph(Protocol):
    """The two questions load asks of a graph, once (engine/graph/graph.py answers them)."""

    def all_followers(self) -> Ragged: ...
    def all_followees(self) -> Ragged: ...


@dataclass(frozen=True, eq=False, kw_only=True)
class Audience:
    """A population as load sees it.

    Build it before the first live follow: both directions of the graph are taken over here.
    """

    graph: BaseGraph
    author_weight: F64
    """Relative posting rate of each account, shape (users,), before the knob `load.author_exponent`, which
    multiplies it by followers ** exponent. 0: posts only when told to."""
    reader_weight: F64
    """Relative rate of opening home, shape (users,). 0: never reads."""
    away: I32
    """People who have been away for long; `load.return_share` of the reads are theirs."""
    largest: I32
    """The accounts with the most followers, largest first."""
    users: int

    followers: Ragged = field(init=False)
    """The base graph: who follows each user."""
    followees: Ragged = field(init=False)
    follower_counts: I64 = field(init=False)
    with_followees: I32 = field(init=False)
    """Everybody who follows somebody."""

    def __post_init__(self) -> None:
        for name in ("author_weight", "reader_weight"):
            if getattr(self, name).shape != (self.users,):
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, expected ({self.users},).")
        followers, followees = self.graph.all_followers(), self.graph.all_followees()
        frozen = {
            "followers": followers,
            "followees": followees,
            "follower_counts": followers.lengths(),
            "with_followees": np.flatnonzero(followees.lengths()).astype(np.int32),
        }
        for name, value in frozen.items():
            object.__setattr__(self, name, value)


def pick(lists: Ragged, owners: I32, uniforms: F64) -> I32:
    """One value of each owner's list, which must not be empty; shape (len(owners),).

    `uniforms` on [0, 1) decide which, so that equal draws pick equal places whatever the others do.
    """
    starts = lists.offsets[owners]
    lengths = lists.offsets[owners + 1] - starts
    chosen: I32 = lists.values[starts + (uniforms * lengths).astype(np.int64)]
    return chosen
