"""A key that everybody asks for: requests for one account's list, beside the load's own."""

from typing import TYPE_CHECKING

import numpy as np

from engine.clock import NS_PER_S, QUANTUM_NS
from engine.faults.fault import Fault
from engine.queueing.hashing import uniform
from engine.write_path.fanout import ListReads

if TYPE_CHECKING:
    from engine.world import World

_KEY = 1 << 61
"""Above all content keys."""
NOBODY = -1
"""The slot of a look-up that nobody waits for."""


def hot_reads(world: "World", fault: Fault, until_ns: int) -> ListReads:
    """Look-ups of the largest account's list between now and an instant, spread by chance over each 100 ms.

    With copies of hot keys on all servers, each goes to any of them.
    """
    windows = np.arange(world.now_ns // QUANTUM_NS, -(-until_ns // QUANTUM_NS) + 1)
    numbers = windows * round(fault.size * 1_000) // (1_000 * NS_PER_S // QUANTUM_NS)  # where each window's begin
    number = np.arange(numbers[0], numbers[-1])
    begin_ns = windows[:-1].repeat(np.diff(numbers)) * QUANTUM_NS
    at_ns = begin_ns + (uniform(world.config.seed, "hotkey", number) * QUANTUM_NS).astype(np.int64)
    here = np.flatnonzero((at_ns >= max(world.now_ns, fault.at_ns)) & (at_ns < min(until_ns, fault.until_ns)))
    here = here[at_ns[here].argsort(kind="stable")]
    users = np.full(len(here), world.population.largest[0], np.int32)
    if world.config.mitigations.hot_key_copies:
        users = (number[here] % world.population.users).astype(np.int32)
    return ListReads(at_ns[here], users, _KEY + number[here], np.full(len(here), NOBODY, np.int64))
