"""The port of the home lists: what every backend promises, and tests/contracts/test_timeline_store.py checks.

A home list is raw: rows of posts (int32, larger = newer), unique, judged only when a page is assembled. Each
user has a *horizon*: NO_LIST says that there is no list; otherwise the list holds every row pushed to this user
that is >= the horizon, or that row is on its way. So no entry ever lies below its list's horizon, and whatever is
asked below it must be pulled. An emptied list is still a list.

Shapes: `owners` and `rows` of one length are pairs; k owners give k answers, in the order asked. Owners are
0..users-1 and rows 0..NO_LIST-1: callers have checked them. Where pairs are given, an owner may come several times.
Every method may raise `StoreError` (a backend failed), and then may have done part of its work; all of
them are idempotent, so the caller may try again.
"""

from typing import Literal, NamedTuple, Protocol

from engine.domain import I32, I64, NO_LIST, Bool, Ragged
from engine.errors import StoreError


class PushResult(NamedTuple):
    """What a push did, as if the pairs had been offered one at a time in the order given.

    inserted: shape (m,): the row was not held, and was held right after its turn. False for duplicates, rows below
        the horizon, users without a list, and rows older than everything in a full list. A later pair of
        the same call may have trimmed it again.
    trims: entries that stood in a list and that the cap dropped. Always: sizes after = sizes before + inserted - trims.
    """

    inserted: Bool
    trims: int


class ListPage(NamedTuple):
    """One page of each list asked for.

    rows: shape (k, limit), newest first, padded with NO_ROW at the right.
    floors: shape (k,): every pushed row >= floor (and below the cursor) is among rows, or on its way.
        The lowest row returned if the list goes on below it, else the horizon; NO_LIST without a list.
    """

    rows: I32
    floors: I32


class Outage(NamedTuple):
    """A server was lost, and its lists go on in this process: since which virtual instant, and what it met."""

    at_ns: int
    error: StoreError


class StoredKey(NamedTuple):
    """One user's list as the backend holds it, for people who look.

    key, type: under which name, and in what; the type is "none" where nothing is stored.
    size: entries; rows: all of them, newest first. horizon: as `horizons` answers.
    raw: what the backend holds, one line for each thing in it, newest first, in its own words.
    bytes, bytes_are: memory it takes, "measured" by the backend or "computed" from what is in it.
    """

    key: str
    type: str
    size: int
    horizon: int
    rows: list[int]
    raw: list[str]
    bytes: int
    bytes_are: Literal["measured", "computed"]

    @classmethod
    def nothing(cls, key: str, bytes_are: Literal["measured", "computed"]) -> "StoredKey":
        """What is to be seen of a user without a list."""
        return cls(key, "none", 0, NO_LIST, [], [], 0, bytes_are)


class TimelineStore(Protocol):
    """Keeps, per user, the `cap` newest of the rows pushed to them. At first nobody has a list."""

    users: int
    cap: int
    place: str
    """Where the lists are, in words."""
    by_owners: bool
    """Whether lists of different owners may be pushed to from several threads at once."""
    outage: Outage | None
    """Since when the lists are not where they were asked for; None while they are."""

    def push(self, owners: I32, rows: I32) -> PushResult:
        """Offer each row to its owner's list, which takes it iff row >= horizon.

        Idempotent; the order of arrival never shows in a list. Above `cap` entries the lowest go, and the horizon rises
        to the lowest row kept; so a redelivered row that was trimmed does not come back. A user without a list gets
        none.
        Pushing a + b is pushing a, then b: lists, `inserted` and the sum of `trims` agree, however a batch is cut.
        """

    def read(self, owners: I32, limit: int, before: I32) -> ListPage:
        """The newest `limit` >= 1 entries of each list that are < `before` (shape (k,); NO_LIST: from the top)."""

    def horizons(self, owners: I32) -> I32:
        """Horizon of each user, shape (k,): NO_LIST = no list; 0 = holds all that was ever pushed."""

    def sizes(self, owners: I32) -> I64:
        """Number of entries of each user, shape (k,); 0 without a list."""

    def contains(self, owners: I32, rows: I32) -> Bool:
        """Whether each pair (owner, row) is held, shape (m,)."""

    def entries(self, owners: I32) -> Ragged:
        """The whole list of each user, ascending; empty without a list."""

    def create(self, owners: I32) -> None:
        """Give each user an empty and complete list: horizon 0. Whatever they had is forgotten."""

    def drop(self, owners: I32) -> None:
        """Take each user's list and horizon away, in one step; without a list nothing happens."""

    def remove(self, owners: I32, rows: I32) -> None:
        """Take exactly these pairs out; those not held do nothing. The horizon stays, also of a list left empty."""

    def merge(self, owner: int, rows: I32, floor: int) -> None:
        """Back-fill one list: take each row >= horizon (any order, duplicates allowed), then trim as `push` does.

        The horizon rises to `floor`, if that is higher, and entries below it go: a back-fill that was cut short is
        complete only from its lowest row on. A user without a list gets none.
        """

    def begin_rebuild(self, owners: I32, at_row: int | I32) -> None:
        """Give each user an empty list with horizon `at_row` (one, or shape (k,)), so that pushes land in it."""

    def commit_rebuild(self, owner: int, rows: I32, floor: int, at_row: int) -> bool:
        """Finish a rebuild in one step: horizon = floor, take the rows >= floor, keep what was pushed meanwhile, trim.

        Only if the horizon is still `at_row`, as `begin_rebuild` set it; otherwise the list is dropped and the answer
        is False: start again.
        """

    def load(self, lists: Ragged, floors: I32) -> None:
        """Replace everything: list i (ascending, no duplicates) becomes that of user i, with horizon floors[i].

        One list per user of the store. Rows below a floor are left out, so NO_LIST gives no list; trimmed like a push.
        """

    def clear(self) -> None:
        """Forget everything and give the space back: nobody has a list. A Redis world leaves no key behind."""

    # For people who look

    def glance(self, owners: I32) -> I32:
        """Horizons as they were when they last passed through here, shape (k,): asks no server.

        For spectators, many times a second. It may lag behind `horizons` where the cap trimmed a list, or where
        somebody else took a key away.
        """

    def key(self, user: int) -> str:
        """The name under which a user's list is kept, whether they have one or not."""

    def keys(self, prefix: str = "", limit: int = 100) -> list[str]:
        """The first `limit` of the keys that exist and begin with `prefix`, by the number of their users."""

    def count(self) -> int:
        """How many users have a list."""

    def stored(self, owner: int) -> StoredKey:
        """One user's list as it lies in the backend; changes nothing."""
