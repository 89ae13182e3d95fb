"""Work on big arrays by all cores at once: numpy lets go of the interpreter while it computes.

What comes out never depends on how many cores there are.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_R = TypeVar("_R")


def on_all_cores(tasks: Iterable[Callable[[], _R]]) -> list[_R]:
    """The results of all tasks, in their order; of one task without any thread."""
    every = list(tasks)
    if len(every) == 1:
        return [every[0]()]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda task: task(), every))
