"""Request coalescing: what several ask for at the same time is fetched once, and all get it."""

import numpy as np

from engine.clock import QUANTUM_NS
from engine.domain import I32, I64, Bool

_WINDOW_BITS = 32


class Coalescing:
    """Fetches of one key within one window of 100 ms are one fetch; a window's first asker makes it.

    Windows are cut by the clock, so that it makes no difference in which batches the askers come.
    """

    def __init__(self) -> None:
        self._fetched: I64 = np.zeros(0, np.int64)  # window and key, ascending

    def first(self, at_ns: I64, keys: I32) -> Bool:
        """Who, of askers in order of time, is the first to ask for their key in this window; shape (n,)."""
        asked = (at_ns // QUANTUM_NS) << _WINDOW_BITS | keys
        distinct, place = np.unique(asked, return_index=True)
        fresh = np.zeros(len(asked), np.bool_)
        fresh[place] = ~np.isin(distinct, self._fetched)
        if len(asked):
            newest = int(distinct[-1]) >> _WINDOW_BITS
            both = np.union1d(self._fetched, distinct)
            self._fetched = both[both >> _WINDOW_BITS == newest]
        return fresh
