"""Deliveries of whole posts: everything the engine does for an accepted post, against a bare numpy scatter.

The scatter writes the very entries that the engine has just delivered, to the very slots where they stand, once more:
`flat[slot] = row`, slots worked out before, in order of the posts.
"""

import numpy as np

from engine.clock import NS_PER_MS
from engine.domain import I32, I64, NO_ROW, Kind
from engine.load.arrivals import Stream, content_keys
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
        "same entries into the same array",
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
        self._slot: I64 = np.zeros(0, np.int64)
        self._row: I32 = np.zeros(0, np.int32)

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
        """Write the last posts' entries once more; entries a second."""
        assert isinstance(self._ring, RingStore)
        flat, slot, row = self._ring._flat, self._slot, self._row
        with Timer(self._short) as timer:
            flat[slot] = row
        return len(row) / timer.seconds

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
        """Where the entries stand, in order of the posts; none may be missing."""
        assert isinstance(self._ring, RingStore)
        audience = self.world.tables.graph.followers(authors)
        self._row = rows[audience.owner()]
        self._slot = self._ring._search(audience.values, self._row)
        there = int((self._ring._flat[self._slot] == self._row).sum())
        if not there == self.deliveries == len(self._row):
            self.fault = f"of {len(self._row):,} entries {self.deliveries:,} were counted and {there:,} are there"
