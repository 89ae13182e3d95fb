"""Work on big arrays by all cores at once: numpy lets go of the interpreter while it computes.

What comes out never depends on how many cores there are.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

_R = TypeVar("_R")


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="cores")


def on_all_cores(tasks: Iterable[Callable[[], _R]]) -> list[_R]:
    """The results of all tasks, in their order; of one task without any thread. Tasks must not call this again."""
    every = list(tasks)
    if len(every) == 1:
        return [every[0]()]
    return list(_pool().map(lambda task: task(), every))
