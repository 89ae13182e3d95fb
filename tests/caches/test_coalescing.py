"""Coalesced fetches against a plain dict of what was fetched in which 100 ms, in whatever batches the askers come."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from engine.caches.coalescing import Coalescing
from engine.clock import QUANTUM_NS

ASKERS = st.lists(st.tuples(st.integers(0, 5 * QUANTUM_NS), st.integers(0, 4)), max_size=40).map(
    lambda askers: sorted(askers, key=lambda one: one[0])
)


def plainly(askers):
    """Who makes the fetch, asker after asker."""
    fetched = {}
    return [fetched.setdefault((at_ns // QUANTUM_NS, key), i) == i for i, (at_ns, key) in enumerate(askers)]


def asked(coalescing, askers):
    at_ns, keys = (np.array(column) for column in zip(*askers, strict=True)) if askers else (np.zeros(0, int),) * 2
    return coalescing.first(at_ns.astype(np.int64), keys.astype(np.int32)).tolist()


@given(ASKERS, st.lists(st.integers(0, 40), max_size=6).map(sorted))
@example([(0, 1), (QUANTUM_NS - 1, 1), (QUANTUM_NS, 1)], [1, 2])
def test_the_first_of_each_window_fetches_and_nobody_else(askers, cuts):
    coalescing = Coalescing()
    parts = [askers[start:end] for start, end in zip([0, *cuts], [*cuts, len(askers)], strict=True)]
    assert [first for part in parts for first in asked(coalescing, part)] == plainly(askers)


def test_what_was_fetched_long_ago_is_forgotten():
    coalescing = Coalescing()
    for window in range(1_000):
        asked(coalescing, [(window * QUANTUM_NS, key) for key in range(20)])
    assert len(coalescing._fetched) == 20
