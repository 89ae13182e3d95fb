"""Posts that are pushed some time after their acceptance: pulled meanwhile, and until the last copy is readable."""

import numpy as np

from engine.domain import I32, I64
from engine.queueing.pending import Pending


class Later:
    """Which posts wait for their fan-out, and how many copies each of those that have begun still lacks."""

    def __init__(self) -> None:
        self._due = Pending(row=np.int32)
        self._left: dict[int, int] = {}

    def put_off(self, rows: I32, due_ns: I64) -> None:
        """These posts, not pushed at acceptance, are to be pushed at these instants."""
        self._due.push(due_ns, rows.astype(np.int64), row=rows)

    def take_before(self, until_ns: int) -> tuple[I32, I64]:
        """(rows ascending, instants) of the posts whose fan-out is due."""
        due = self._due.take_before(until_ns)
        order = due["row"].argsort(kind="stable")
        return due["row"][order], due["due_ns"][order]

    def begun(self, rows: I32, copies: I64) -> None:
        """So many copies of each post have been queued."""
        self._left.update(zip(rows.tolist(), copies.tolist(), strict=True))

    def readable(self, rows: I32) -> None:
        """A first copy of each of these rows, which may come several times, became readable or was not needed."""
        if not self._left:
            return
        arrived, counts = np.unique(rows, return_counts=True)
        for row, count in zip(arrived.tolist(), counts.tolist(), strict=True):
            if row in self._left:
                self._left[row] -= count

    def given_up(self, rows: I32) -> None:
        """Copies of these posts went to the dead letters: they are pulled for good."""
        for row in rows.tolist():
            self._left.pop(row, None)

    def settled(self) -> list[int]:
        """The posts whose copies have all become readable since this was asked last."""
        done = [row for row, left in self._left.items() if left == 0]
        for row in done:
            del self._left[row]
        return done

    def due_ns(self, row: int) -> int | None:
        """When a post's fan-out begins; None if it is not put off."""
        waiting = self._due.peek()
        mine = waiting["due_ns"][waiting["row"] == row]
        return int(mine[0]) if len(mine) else None

    def __len__(self) -> int:
        """Posts put off, and posts with copies on their way."""
        return len(self._due) + len(self._left)
