"""How tests of load compare and collect."""

from dataclasses import fields

import numpy as np

from engine.domain import Op
from engine.load.arrivals import Arrivals
from engine.load.recording import Load


def assert_same(a: Arrivals, b: Arrivals) -> None:
    """Equal in every column, dtype included."""
    for column in fields(Arrivals):
        left, right = getattr(a, column.name), getattr(b, column.name)
        assert left.dtype == right.dtype, column.name
        np.testing.assert_array_equal(left, right, err_msg=column.name)


def differ(a: Arrivals, b: Arrivals) -> bool:
    return a.to_bytes() != b.to_bytes()


def recorded(load: Load, seconds: int, start: int = 0) -> Arrivals:
    return Arrivals.concat(load.block(k) for k in range(start, seconds))


def only(arrivals: Arrivals, *ops: Op) -> Arrivals:
    """Those of the given kinds, in the same order."""
    chosen = np.isin(arrivals.op, [int(op) for op in ops])
    return Arrivals(*(getattr(arrivals, column.name)[chosen] for column in fields(Arrivals)))


def assert_poisson(count: int, expected: float, sigmas: float = 4.0) -> None:
    """A Poisson count agrees with its mean within `sigmas` standard errors."""
    assert abs(count - expected) <= sigmas * np.sqrt(expected), f"{count} against {expected} expected"
