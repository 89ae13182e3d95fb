"""Home lists in Redis that outlive it: whatever a world changes there it also changes in a copy in this process.

While the server is well it is asked, and the copy only listens. The first call that fails for good (connection.py tries
a few times) is answered by the copy, and so is everything after it: the degraded mode. Both were told the same, so
nobody can tell from a page, a list or a number at which call that happened. Empty lists in place of a copy would be
right too, as after a wiped cache, but then a failing server would change what a world measures.

An entry takes 4 bytes in the copy and some eighty on the server. There is no way back while the world lives: a server
that was away may have forgotten what it was told, as one that was started anew has (connection.py notices).
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from typing import TypeVar

import numpy as np

from engine.domain import I32, I64, NO_LIST, Bool, Ragged
from engine.errors import StoreError
from engine.timelines.port import ListPage, Outage, PushResult, StoredKey, TimelineStore
from engine.timelines.ring import RingStore

log = logging.getLogger(__name__)

T = TypeVar("T")


class Outliving:
    """`TimelineStore` on a server, and on a copy of its lists from when it fails. Both are empty at first.

    Reads may come from several threads at once, as pages are made; changes from one.
    """

    def __init__(self, server: TimelineStore, now_ns: Callable[[], int]) -> None:
        """`now_ns`: the virtual instant, to say since when the server is lost."""
        self.users, self.cap = server.users, server.cap
        self.place = server.place
        self.by_owners = False
        self.outage: Outage | None = None
        self._server = server
        self._copy = RingStore(server.users, server.cap)
        self._now_ns = now_ns
        self._lock = Lock()
        self._differ: Bool = np.zeros(server.users, np.bool_)
        """Whose list the server holds otherwise than the copy, because somebody else was at it."""
        hold = getattr(server, "hold_to_server", None)  # by name: most worlds never need the client of a server
        if hold is not None:
            hold()

    @property
    def _current(self) -> TimelineStore:
        return self._server if self.outage is None else self._copy

    def _asked(self, look: Callable[[TimelineStore], T]) -> T:
        """What the lists answer, now or from the copy."""
        if self.outage is None:
            try:
                return look(self._server)
            except StoreError as error:
                self._lose(error)
        return look(self._copy)

    def _told(self, change: Callable[[TimelineStore], T]) -> tuple[T, T | None]:
        """Change both; what the copy answers, and the server, if it does.

        The copy's answer holds: after a short break the server may have been told twice, and answers the second time.
        """
        self._forget_differing()
        answer = change(self._copy)
        if self.outage is None:
            try:
                return answer, change(self._server)
            except StoreError as error:
                self._lose(error)
        return answer, None

    def _lose(self, error: StoreError) -> None:
        with self._lock:  # threads that make pages may find out at the same time
            if self.outage is None:
                self.place = f"{self._copy.place}, and no longer {self._server.place}"
                self.outage = Outage(self._now_ns(), error)
                log.warning("%s Its world goes on with its home lists in this process.", error)

    def _forget_differing(self) -> None:
        """Drop the lists on which server and copy do not agree; whoever reads one gets it made anew."""
        users = np.flatnonzero(self._differ).astype(np.int32)
        if len(users):
            self._differ[users] = False
            self._copy.drop(users)
            if self.outage is None:
                try:
                    self._server.drop(users)
                except StoreError as error:
                    self._lose(error)

    # --- changes -----------------------------------------------------------------------------------------------------

    def push(self, owners: I32, rows: I32) -> PushResult:
        """See the port."""
        return self._told(lambda lists: lists.push(owners, rows))[0]

    def create(self, owners: I32) -> None:
        """See the port."""
        self._told(lambda lists: lists.create(owners))

    def drop(self, owners: I32) -> None:
        """See the port."""
        self._told(lambda lists: lists.drop(owners))

    def remove(self, owners: I32, rows: I32) -> None:
        """See the port."""
        self._told(lambda lists: lists.remove(owners, rows))

    def merge(self, owner: int, rows: I32, floor: int) -> None:
        """See the port."""
        self._told(lambda lists: lists.merge(owner, rows, floor))

    def begin_rebuild(self, owners: I32, at_row: int | I32) -> None:
        """See the port."""
        self._told(lambda lists: lists.begin_rebuild(owners, at_row))

    def commit_rebuild(self, owner: int, rows: I32, floor: int, at_row: int) -> bool:
        """See the port. A server that was told twice drops the list; then the rebuild begins again."""
        copied, committed = self._told(lambda lists: lists.commit_rebuild(owner, rows, floor, at_row))
        return copied and committed is not False

    def load(self, lists: Ragged, floors: I32) -> None:
        """See the port."""
        self._told(lambda each: each.load(lists, floors))

    def clear(self) -> None:
        """See the port. What stands on a server that does not answer stays there."""
        self._copy.clear()
        self._differ[:] = False
        with suppress(StoreError):
            self._server.clear()

    # --- reading -----------------------------------------------------------------------------------------------------

    def read(self, owners: I32, limit: int, before: I32) -> ListPage:
        """See the port. A list that was taken off the server since it was asked for its horizon is read in the copy:
        a page counts on it."""
        page = self._asked(lambda lists: lists.read(owners, limit, before))
        if self.outage is None:
            gone = np.flatnonzero((page.floors == NO_LIST) & (self._copy.horizons(owners) != NO_LIST))
            if len(gone):
                page.rows[gone], page.floors[gone] = self._copy.read(owners[gone], limit, before[gone])
        return page

    def horizons(self, owners: I32) -> I32:
        """See the port. A list on which server and copy do not agree counts as none: whoever pushes and reads is told
        the same, whichever of the two goes on."""
        horizons = self._asked(lambda lists: lists.horizons(owners))
        differing = horizons != self._copy.horizons(owners)
        if differing.any():
            self._differ[owners[differing]] = True
        return np.where(self._differ[owners], np.int32(NO_LIST), horizons)

    def sizes(self, owners: I32) -> I64:
        """See the port."""
        return self._asked(lambda lists: lists.sizes(owners))

    def contains(self, owners: I32, rows: I32) -> Bool:
        """See the port."""
        return self._asked(lambda lists: lists.contains(owners, rows))

    def entries(self, owners: I32) -> Ragged:
        """See the port."""
        return self._asked(lambda lists: lists.entries(owners))

    # --- looking -----------------------------------------------------------------------------------------------------

    def glance(self, owners: I32) -> I32:
        """See the port."""
        return self._current.glance(owners)

    def key(self, user: int) -> str:
        """See the port."""
        return self._current.key(user)

    def keys(self, prefix: str = "", limit: int = 100) -> list[str]:
        """See the port."""
        return self._asked(lambda lists: lists.keys(prefix, limit))

    def count(self) -> int:
        """See the port."""
        return self._asked(lambda lists: lists.count())

    def stored(self, owner: int) -> StoredKey:
        """See the port."""
        return self._asked(lambda lists: lists.stored(owner))


def outliving(lists: TimelineStore, now_ns: Callable[[], int]) -> TimelineStore:
    """These lists, still empty, so that they outlive a server that they are on."""
    return lists if isinstance(lists, RingStore) else Outliving(lists, now_ns)


def opened(lists: TimelineStore) -> None:
    """Whoever opens a world wants its lists where they were asked for.

    Raises:
        StoreError: their server failed already; nothing is left on it.
    """
    if lists.outage is not None:
        lists.clear()
        raise lists.outage.error
