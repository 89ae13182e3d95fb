"""Many entries into many lists, by all cores, beside other work."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import TypeVar

import numpy as np

from engine import cores
from engine.cores import beside
from engine.domain import I32
from engine.timelines.port import PushResult, TimelineStore

_R = TypeVar("_R")

_MANY = 4_096
"""From here a second core is worth its while."""
_AT_ONCE = 65_536
"""Larger pushes go in parts: what is worked out of one stays in the processor's cache, and cores share them evenly."""


def push_beside(other: Callable[[], _R], lists: TimelineStore, owners: I32, rows: I32) -> tuple[_R, PushResult]:
    """Push pairs, sorted by owner, while another task that does not touch the lists is done; the results of both."""
    if len(rows) < _MANY:
        return other(), lists.push(owners, rows)
    parts = _by_owner(owners) if lists.by_owners else [slice(None)]
    result, pushed = beside(other, [partial(lists.push, owners[part], rows[part]) for part in parts])
    inserted = np.concatenate([part.inserted for part in pushed])
    return result, PushResult(inserted, sum(part.trims for part in pushed))


def _by_owner(owner: I32) -> list[slice]:
    """Pairs sorted by owner, in equal parts for the cores; nobody's are in two."""
    parts = max(cores.CORES, len(owner) // _AT_ONCE)
    cuts = owner.searchsorted(owner[[len(owner) * part // parts for part in range(1, parts)]])
    return [slice(start, end) for start, end in pairwise([0, *cuts.tolist(), len(owner)])]
