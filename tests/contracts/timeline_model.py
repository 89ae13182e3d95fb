"""Home lists as a reader would define them: a sorted list and a horizon per user, one pair at a time."""

from bisect import bisect_left, insort

import numpy as np

from engine.domain import I32, NO_LIST, NO_ROW, Ragged


def ids(*values: int) -> I32:
    return np.array(values, dtype=np.int32)


def ragged(lists: list[list[int]]) -> Ragged:
    offsets = np.cumsum([0] + [len(rows) for rows in lists], dtype=np.int64)
    return Ragged(ids(*(row for rows in lists for row in rows)), offsets)


class ModelStore:
    """The port in plain Python, lists of ints in and out."""

    def __init__(self, users: int, cap: int) -> None:
        self.cap = cap
        self.lists: list[list[int]] = [[] for _ in range(users)]
        self.horizons = [NO_LIST] * users

    def push(self, pairs: list[tuple[int, int]]) -> tuple[list[bool], int]:
        inserted, trims = [], 0
        for owner, row in pairs:
            held = self.lists[owner]
            before = len(held)
            fresh = row >= self.horizons[owner] and row not in held
            if fresh:
                insort(held, row)
                self._trim(owner)
            inserted.append(fresh and row in held)
            trims += before + inserted[-1] - len(held)
        return inserted, trims

    def _trim(self, owner: int) -> None:
        if len(self.lists[owner]) > self.cap:
            del self.lists[owner][: -self.cap]
            self.horizons[owner] = self.lists[owner][0]

    def read(self, owner: int, limit: int, before: int) -> tuple[list[int], int]:
        below = self.lists[owner][: bisect_left(self.lists[owner], before)]
        page = below[::-1][:limit]
        floor = page[-1] if len(below) > limit else self.horizons[owner]
        return page + [NO_ROW] * (limit - len(page)), floor

    def reset(self, owners: list[int], horizon: int) -> None:
        for owner in owners:
            self.lists[owner], self.horizons[owner] = [], horizon

    def remove(self, pairs: list[tuple[int, int]]) -> None:
        for owner, row in pairs:
            self.lists[owner] = [held for held in self.lists[owner] if held != row]

    def merge(self, owner: int, rows: list[int], floor: int) -> None:
        self.push([(owner, row) for row in rows])
        if self.horizons[owner] < floor:
            self._set_horizon(owner, floor)

    def _set_horizon(self, owner: int, floor: int) -> None:
        self.horizons[owner] = floor
        self.lists[owner] = [row for row in self.lists[owner] if row >= floor]

    def commit_rebuild(self, owner: int, rows: list[int], floor: int, at_row: int) -> bool:
        if self.horizons[owner] != at_row:
            self.reset([owner], NO_LIST)
            return False
        self._set_horizon(owner, floor)
        self.push([(owner, row) for row in rows])
        return True

    def load(self, lists: list[list[int]], floors: list[int]) -> None:
        for owner, (rows, floor) in enumerate(zip(lists, floors, strict=True)):
            self.lists[owner], self.horizons[owner] = [row for row in rows if row >= floor], floor
            self._trim(owner)
