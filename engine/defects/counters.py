"""Defects of what is measured: the feed is right, and the dashboard is not."""

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.defects.seam import Method, before
from engine.domain import Bool
from engine.timelines.port import PushResult
from engine.write_path.fanout import Copies

if TYPE_CHECKING:
    from engine.world import World


def lag_at_first_follower(world: "World") -> None:
    """A post counts as delivered when the first follower has it."""
    first_ns: dict[int, int] = {}

    def make(original: Method) -> Method:
        def delivered(arriving: Copies, is_own: Bool, result: PushResult, *more: Any) -> None:
            others = np.flatnonzero(~is_own)
            rows, which = np.unique(arriving.row[others], return_inverse=True)
            earliest = np.full(len(rows), np.iinfo(np.int64).max)
            np.minimum.at(earliest, which, arriving.at_ns[others])
            for row, at_ns in zip(rows.tolist(), earliest.tolist(), strict=True):
                first_ns.setdefault(row, at_ns)
            at_ns = arriving.at_ns.copy()
            at_ns[others] = np.array([first_ns[row] for row in rows.tolist()], np.int64)[which]
            original(arriving._replace(at_ns=at_ns), is_own, result, *more)

        return delivered

    before(world.recorder, "delivered", make)


def counts_twice(world: "World") -> None:
    """Every attempt counts its deliveries, also those of a copy that was there already."""

    def make(original: Method) -> Method:
        def delivered(arriving: Copies, is_own: Bool, result: PushResult, *more: Any) -> None:
            every = np.ones(len(arriving.row), np.bool_)
            original(arriving._replace(first=every), is_own, PushResult(every, result.trims), *more)

        return delivered

    before(world.recorder, "delivered", make)
