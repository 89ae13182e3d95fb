"""Graphs generated to resemble the real Twitter graphs: how far the generator of the worlds can follow reality.

draw_likeness("twitter_follow_bofa.csv", rng)   # a Graph with the file's people, links and six largest accounts

The parameters are measured on the files, or fitted where `fitted` is said. What comes of them, with tolerances, and
what the generator cannot match: datasets/README.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from engine.errors import UnknownName
from engine.graph.generate import communities
from engine.graph.graph import Graph


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """What the generator is told, so that its graph resembles one file."""

    users: int
    links: int
    largest: tuple[int, ...]
    """Followers of the largest accounts, which are made as they are."""
    tail_cap: int
    """Followers of the next largest."""
    exponent: float
    """Of the tail asked for; fitted, since capping and duplicates bend it."""
    reciprocity: float
    """Share of returned links asked for; fitted, since the largest accounts return none."""


LIKENESSES: Mapping[str, Likeness] = MappingProxyType(
    {
        "twitter_follow_bofa.csv": Likeness(
            users=13_688,
            links=68_328,
            largest=(3_469, 3_108, 2_252, 2_021, 1_142, 1_008),
            tail_cap=930,
            exponent=1.86,
            reciprocity=0.39,
        ),
        "twitter_follow_hershey.csv": Likeness(
            users=3_726,
            links=23_939,
            largest=(1_627, 1_208, 1_030, 579, 436, 401),
            tail_cap=373,
            exponent=1.95,
            reciprocity=0.48,
        ),
    }
)
"""By the name of the file that is resembled."""
_COMMUNITIES = 20
_LOCAL_SHARE = 0.3
"""The people of these files follow the same account: one crowd more than many."""


def draw_likeness(name: str, rng: np.random.Generator) -> Graph:
    """A graph that resembles the file of this name.

    Raises:
        UnknownName: there are no parameters for it.
    """
    if name not in LIKENESSES:
        raise UnknownName(f"There is no likeness of {name!r}; allowed: {', '.join(LIKENESSES)}.")
    likeness = LIKENESSES[name]
    return communities(
        likeness.users,
        likeness.links / likeness.users,
        rng,
        exponent=likeness.exponent,
        communities=_COMMUNITIES,
        local_share=_LOCAL_SHARE,
        stars=likeness.largest,
        tail_cap=likeness.tail_cap,
        reciprocity=likeness.reciprocity,
    ).graph()
