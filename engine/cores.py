"""Work on big arrays by all cores at once: numpy lets go of the interpreter while it computes.

What comes out never depends on how many cores there are.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from itertools import pairwise
from typing import TypeVar, cast

_R = TypeVar("_R")
_S = TypeVar("_S")

CORES = os.cpu_count() or 1
"""How many this process shares its work among: all there are, until `use_at_most` leaves some to other processes."""


def use_at_most(cores: int) -> None:
    """From now on share work among no more cores than these, and on one at least: other processes have the rest."""
    global CORES
    CORES = max(1, min(CORES, cores))


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, CORES - 1), thread_name_prefix="cores")


def on_all_cores(tasks: Iterable[Callable[[], _R]]) -> list[_R]:
    """The results of all tasks, in their order; the calling thread works too. Tasks must not call this again."""
    every = list(tasks)
    results: dict[int, _R] = {}
    turn = iter(range(len(every)))  # each core takes the next task that nobody has begun

    def work() -> None:
        try:
            for i in turn:
                results[i] = every[i]()
        except BaseException:
            for _ in turn:  # what nobody has begun is not begun any more
                pass
            raise

    others = [_pool().submit(work) for _ in range(min(CORES, len(every)) - 1)]
    try:
        work()
    finally:
        wait(others)  # whatever failed, nothing of it goes on behind the caller's back
    for other in others:
        other.result()
    return [results[i] for i in range(len(every))]


def beside(first: Callable[[], _R], others: Iterable[Callable[[], _S]]) -> tuple[_R, list[_S]]:
    """The results of a task, and those of others in their order: all by all cores, as `on_all_cores`."""
    answer: list[_R] = []

    def do_first() -> None:
        answer.append(first())

    _, *rest = on_all_cores([do_first, *others])
    return answer[0], cast("list[_S]", rest)


def shares(count: int, few: int, most: int | None = None) -> list[slice]:
    """0..count in equal parts, as many for every core: one in all up to `few`, and none longer than `most`."""
    if count <= few:
        return [slice(0, count)]
    parts = CORES * -(-count // (CORES * (most or count)))
    cuts = [count * part // parts for part in range(parts + 1)]
    return [slice(start, end) for start, end in pairwise(cuts)]
