"""Work on big arrays by all cores at once: numpy lets go of the interpreter while it computes.

What comes out never depends on how many cores there are.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import TypeVar

_R = TypeVar("_R")

CORES = os.cpu_count() or 1
"""How many there are."""


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(CORES, thread_name_prefix="cores")


def on_all_cores(tasks: Iterable[Callable[[], _R]]) -> list[_R]:
    """The results of all tasks, in their order; of one task without any thread. Tasks must not call this again."""
    every = list(tasks)
    if len(every) == 1:
        return [every[0]()]
    return list(_pool().map(lambda task: task(), every))


def shares(count: int, few: int, most: int | None = None) -> list[slice]:
    """0..count in equal parts, as many for every core: one in all up to `few`, and none longer than `most`."""
    if count <= few:
        return [slice(0, count)]
    parts = CORES * -(-count // (CORES * (most or count)))
    cuts = [count * part // parts for part in range(parts + 1)]
    return [slice(start, end) for start, end in pairwise(cuts)]
