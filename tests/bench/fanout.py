"""Deliveries of whole posts: everything the engine does for an accepted post, against a bare numpy scatter.

The scatter appends the very entries that the engine has just delivered to the very same array, once more: the plain
numpy that perf.md's figures of a scatter stand for (one post: where each list ends, write, move the end on; many
posts: sorted by owner first, so that each list's entries go side by side). Nothing else: no queue, no horizon, no trim,
no second look at what is held; of one post with the histogram of given lags. Owners and rows of the copies are given to
it, in order of the posts.
"""

import numpy as np

from engine.clock import NS_PER_MS
from engine.domain import I32, I64, NO_ROW, Kind, ranges, runs
from engine.load.arrivals import Stream, content_keys
from engine.observe.histogram import Histogram
from engine.observe.metric import Metric
from engine.posts.store import NewPosts
from engine.timelines.ring import RingStore
from engine.world import World
from tests.bench.crowds import quiet_world, small_audiences, star
from tests.bench.row import Row, Timer, in_turns

STEP_NS = 500 * NS_PER_MS
INCLUDED = (
    "author index, expansion, close lane, jobs, broker and workers, shards, lag histograms, lists with their horizons"
)


def celebrity(short: bool) -> Row:
    """One post to a million followers (short: 200,000)."""
    followers = 200_000 if short else 1_000_000
    measured = Measured(quiet_world(star(followers)), short)
    author = np.zeros(1, np.int32)
    pair = in_turns(lambda _: measured.post(author), lambda _: measured.scatter(), 6 if short else 9)
    return Row(
        name="celebrity",
        what=f"one post to {followers:,} followers from acceptance to rest ({INCLUDED}) against a bare scatter of the "
        "same entries into the same array, with a histogram of lags",
        ours=pair.ours,
        reference=pair.reference,
        unit="deliveries/s",
        ratio=pair.ratio,
        spread=pair.spread,
        floor=0.3,
        wrong=measured.fault,
    )


def small_posts(short: bool) -> Row:
    """10,000 posts (short: 2,000) to 75 to 200 followers each, all accepted at one instant."""
    posts, users = (2_000, 200_000) if short else (10_000, 1_000_000)
    measured = Measured(quiet_world(small_audiences(posts, users)), short)
    authors = np.arange(posts, dtype=np.int32)
    pair = in_turns(lambda _: measured.post(authors), lambda _: measured.scatter(), 6 if short else 9)
    return Row(
        name="small posts",
        what=f"{posts:,} posts to {measured.deliveries / posts:,.0f} of {users:,} users each from acceptance to rest "
        f"({INCLUDED}) against a bare scatter of the same entries into the same array",
        ours=pair.ours,
        reference=pair.reference,
        unit="deliveries/s",
        ratio=pair.ratio,
        spread=pair.spread,
        floor=0.3,
        wrong=measured.fault,
    )


class Measured:
    """A quiet world in which posts are accepted and played until all is at rest."""

    def __init__(self, world: World, short: bool) -> None:
        self.world, self._short = world, short
        self.fault = ""
        """What was not delivered."""
        self.deliveries = 0
        """Of the last posts."""
        self._ring = world.tables.lists
        self._owner: I32 = np.zeros(0, np.int32)
        self._row: I32 = np.zeros(0, np.int32)
        self._lag_ns: I64 = np.zeros(0, np.int64)
        """As many lags as entries, within the longest there was."""
        self._before: I64 = np.zeros(0, np.int64)
        """Where each list ends without the last posts."""

    def post(self, authors: I32) -> float:
        """Accept one post of each author now, and step until all copies are readable; deliveries a second."""
        world, before = self.world, self.world.metrics.total(Metric.DELIVERIES)
        world.step(STEP_NS)  # so that every round begins with a full segment
        with Timer(self._short) as timer:
            rows = self._accept(authors)
            while not world.at_rest:
                world.step(STEP_NS)
        self.deliveries = world.metrics.total(Metric.DELIVERIES) - before
        self._find(authors, rows)
        return self.deliveries / timer.seconds

    def scatter(self) -> float:
        """Append the last posts' entries once more, where they stand; entries a second."""
        assert isinstance(self._ring, RingStore)
        end = self._before.copy()
        append = append_one_post if self._row[0] == self._row[-1] else append_posts
        with Timer(self._short) as timer:
            append(self._ring._flat, end, self._owner, self._row)
            if append is append_one_post:
                Histogram().add(self._lag_ns)
        if not (end == self._ring._end).all() or self._missing():
            self.fault = "what the scatter wrote is not what the engine delivered"
        return len(self._row) / timer.seconds

    def _accept(self, authors: I32) -> I32:
        count, posts = len(authors), self.world.tables.posts
        rows = posts.append(
            NewPosts(
                author=authors,
                accepted_ns=np.full(count, self.world.now_ns, np.int64),
                kind=np.full(count, Kind.POST, np.int8),
                ref=np.full(count, NO_ROW, np.int32),
                key=content_keys(Stream.PEOPLE, 0, count) + posts.size,
            )
        )
        self.world.publish(rows, int(posts.key[rows[0]]))
        return rows

    def _find(self, authors: I32, rows: I32) -> None:
        """The entries, in order of the posts, the authors' own among them; none may be missing."""
        assert isinstance(self._ring, RingStore)
        audience = self.world.tables.graph.followers(authors)
        owner, row = np.append(authors, audience.values), np.append(rows, rows[audience.owner()])
        order = np.lexsort((owner, row))
        self._owner, self._row = owner[order], row[order]
        self._before = self._ring._end - np.bincount(owner, minlength=self._ring.users)
        longest_ns = self.world.metrics.histogram(Metric.FANOUT_LAG).max
        self._lag_ns = np.linspace(0, longest_ns, len(row)).astype(np.int64)
        missing = self._missing() + abs(len(audience.values) - self.deliveries)
        if missing:
            self.fault = f"of {len(row):,} entries {missing:,} are not there, or not counted"

    def _missing(self) -> int:
        there = self._ring.contains(self._owner, self._row)
        return len(there) - int(np.count_nonzero(there))


def append_one_post(flat: I32, end: I64, owner: I32, row: I32) -> None:
    """Write a post behind the last entry of each list, and move the lists' ends on."""
    at = end.take(owner)
    flat[at] = row
    end[owner] = at + 1


def append_posts(flat: I32, end: I64, owner: I32, row: I32) -> None:
    """As `append_one_post`, of many posts: all entries of a list side by side, in order of the rows."""
    key = owner.astype(np.int64) << 32 | row
    key.sort()
    owners = key >> 32
    starts, counts = runs(owners)
    lists = owners.take(starts)
    at = ranges(end.take(lists), counts)
    flat[at] = key.astype(np.int32)  # the low half
    end[lists] += counts
