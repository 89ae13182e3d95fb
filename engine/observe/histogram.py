"""Latencies counted in logarithmic buckets: small, mergeable, and right to 2 % at every quantile.

A bucket is named by the exponent and the five leading mantissa bits of the value as a float64, so there are 32 buckets
for each doubling. Finding it takes a conversion and a shift, and no logarithm, whose last bit may differ between two
machines. Neighbouring edges are at most 33/32 apart; the geometric midpoint is then at most
sqrt(33/32) - 1 = 1.6 % away from any value in the bucket. Whole numbers below 64 have a bucket each and are exact.
Source: the manner of HdrHistogram (G. Tene), with bits of a float instead of its own index arithmetic.
"""

import math

import numpy as np

from engine.domain import F64, I64

_SUB_BITS = 5
_SHIFT = 52 - _SUB_BITS
_BASE = (1023 << _SUB_BITS) - 1
"""The name of the bucket below that of the value 1; it becomes bucket 0, where the zeros go."""

TOP_NS = 10**15
"""About 11.6 days. Larger values are counted in the bucket of this one; the maximum is kept exactly."""


_LAST = (int(np.float64(TOP_NS).view(np.int64)) >> _SHIFT) - _BASE
BUCKETS = _LAST + 1


def bucket_of(values: I64) -> I64:
    """The bucket of each value in ns, 0 .. BUCKETS - 1; values below 1 are in bucket 0. Shape (n,)."""
    names = values.astype(np.float64).view(np.int64)
    names >>= _SHIFT
    names -= _BASE
    np.maximum(names, 0, out=names)
    return np.minimum(names, _LAST, out=names)


def _midpoints() -> F64:
    """What a value in each bucket is taken for, ns: the geometric mean of the whole numbers at its ends."""
    edges = (np.arange(1, BUCKETS + 1, dtype=np.int64) + _BASE << _SHIFT).view(np.float64)
    lowest = np.ceil(edges[:-1])
    highest = np.maximum(np.ceil(edges[1:]) - 1, lowest)
    return np.concatenate([[0.0], np.sqrt(lowest * highest)])


_MIDPOINT = _midpoints()


class Histogram:
    """How often each latency occurred. `count`, `max` and `mean` are exact; quantiles are right to 1.6 %.

    Only the span of buckets in use is stored: a few hundred integers for a slot of half a second.
    """

    __slots__ = ("_counts", "_first", "_sum", "count", "max")

    def __init__(self) -> None:
        self.count = 0
        self.max = 0
        """The largest value in ns; 0 when empty."""
        self._sum = 0
        self._first = 0
        self._counts: I64 = np.zeros(0, dtype=np.int64)

    def add(self, values: I64, weights: I64 | None = None) -> None:
        """Count `values` in ns, shape (n,), each `weights` times (whole, >= 0); once where no weights are given."""
        if weights is not None and not weights.all():
            values, weights = values[weights > 0], weights[weights > 0]
        if len(values) == 0:
            return
        buckets = bucket_of(values)
        first = int(buckets.min())
        buckets -= first
        # bincount sums weights as float64: exact up to 2**53 copies
        counts = np.bincount(buckets, weights)
        largest = int(values.max())
        self.count += len(values) if weights is None else int(weights.sum())
        self.max = max(self.max, largest)
        self._sum += _exact_sum(values, weights, largest)
        self._count_in(first, counts.astype(np.int64, copy=False))

    def merge(self, other: "Histogram") -> None:
        """Count all that `other` has counted."""
        if other.count:
            self.count += other.count
            self.max = max(self.max, other.max)
            self._sum += other._sum
            self._count_in(other._first, other._counts)

    def quantile(self, q: float) -> float | None:
        """The smallest value, in ns, that at least `q` of the counted ones do not exceed; None when empty.

        0 < q <= 1. Within 1.6 % of the sorted list's value at rank ceil(q * count), and exact at the largest.
        """
        if self.count == 0:
            return None
        # the tolerance keeps 0.07 * 100 = 7.000000000000001 at rank 7
        rank = min(max(math.ceil(q * self.count - 1e-9), 1), self.count)
        if rank == self.count:
            return float(self.max)
        position = int(np.searchsorted(np.cumsum(self._counts), rank))
        return min(float(_MIDPOINT[self._first + position]), float(self.max))

    def share_within(self, limit_ns: int) -> float | None:
        """The share of values in or below the bucket of `limit_ns`, 0 to 1; None when empty."""
        if self.count == 0:
            return None
        buckets = int(bucket_of(np.array([limit_ns], dtype=np.int64))[0]) + 1 - self._first
        return int(self._counts[: max(buckets, 0)].sum()) / self.count

    @property
    def mean(self) -> float | None:
        """The mean in ns, of an exact sum; None when empty."""
        return self._sum / self.count if self.count else None

    def buckets(self) -> tuple[F64, I64]:
        """The midpoints in ns and the counts of the span in use, ascending; for charts."""
        return _MIDPOINT[self._first : self._first + len(self._counts)].copy(), self._counts.copy()

    def _count_in(self, first: int, counts: I64) -> None:
        """Add `counts` to the buckets from `first` on, widening the stored span where needed."""
        if len(self._counts) == 0:
            self._first, self._counts = first, counts.copy()
            return
        end, stored_end = first + len(counts), self._first + len(self._counts)
        if first < self._first or end > stored_end:
            low = min(first, self._first)
            wide = np.zeros(max(end, stored_end) - low, dtype=np.int64)
            wide[self._first - low : stored_end - low] = self._counts
            self._first, self._counts = low, wide
        self._counts[first - self._first : end - self._first] += counts


def _exact_sum(values: I64, weights: I64 | None, largest: int) -> int:
    """The weighted sum in ns, never overflowing: by halves where int64 might not hold it."""
    copies = len(values) if weights is None else int(weights.sum())
    if largest * copies < 2**62:
        return int(values.sum() if weights is None else values @ weights)
    weights = np.ones_like(values) if weights is None else weights
    return (int((values >> 25) @ weights) << 25) + int((values & (1 << 25) - 1) @ weights)
