"""Turns what happens in a segment into metrics. It watches; it never changes a run."""

import numpy as np

from engine.clock import NS_PER_MS
from engine.config import SloConfig
from engine.domain import I8, I32, I64, Bool, Kind
from engine.observe.metric import Metric
from engine.observe.metrics import Metrics
from engine.posts.store import PostStore
from engine.queueing.broker import JobBatch
from engine.read_path.home import Answers
from engine.read_path.serve import Answered, ReadBill
from engine.timelines.port import PushResult
from engine.write_path.accept import Accepted
from engine.write_path.fanout import Copies, GivenUp
from engine.write_path.plan import Plan

_SLICE_BITS = 20
"""Slices of 2**20 ns: so finely it is known how many copies left before any instant, without sorting them."""


class Recorder:
    """Knows which metric counts what, and how deep the queue is at any instant.

    All that is recorded between two calls of `begin` lies in one slot of the metrics: no segment straddles a group of
    the graph.
    """

    def __init__(self, metrics: Metrics, posts: PostStore, slo: SloConfig) -> None:
        self.metrics = metrics
        self._posts = posts
        self.configure(slo)
        self._now_ns = 0
        self.depth = [0, 0]
        """Copies accepted and not yet readable, by lane."""
        self.depth_peak = 0
        self._joined: list[tuple[I64, I64]] = []
        self._late = False
        """Copies were made of posts that were not pushed at first."""

    def configure(self, slo: SloConfig) -> None:
        """Take over a changed promise; what was counted stays counted."""
        self._slo_ns = round(slo.lag_ms * NS_PER_MS)

    def begin(self, now_ns: int) -> None:
        """A segment begins."""
        self._now_ns = now_ns

    def _count(self, metric: Metric, amount: int) -> None:
        self.metrics.add(metric, self._now_ns, amount)

    def accepted(self, accepted: Accepted) -> None:
        """Posts and likes of the load that were committed."""
        self.posted(accepted.rows)
        self._count(Metric.LIKES, len(accepted.likes_ns))
        latency_ns = self._posts.accepted_ns[accepted.rows] - accepted.arrived_ns
        self.metrics.observe(Metric.POST_LATENCY, self._now_ns, latency_ns)

    def posted(self, rows: I32) -> None:
        """Posts that got their rows."""
        kinds = np.bincount(self._posts.kind[rows], minlength=3)
        self._count(Metric.POSTS, len(rows))
        self._count(Metric.REPLIES, int(kinds[Kind.REPLY]))
        self._count(Metric.REPOSTS, int(kinds[Kind.REPOST]))

    def graph_changes(self, made: int, ended: int) -> None:
        """Follows made and ended."""
        self._count(Metric.FOLLOWS, made)
        self._count(Metric.UNFOLLOWS, ended)

    def rebuilt(self, lists: int) -> None:
        """Lists whose rebuild was completed."""
        self._count(Metric.REBUILDS, lists)

    def planned(self, at_ns: I64, plan: Plan) -> None:
        """Posts were accepted at these instants (ascending), and their copies joined the line."""
        self._count(Metric.PAIRS, int(plan.pairs.sum()))
        self._count(Metric.DROPPED, int(plan.dropped.sum()))
        self.joined(at_ns, plan.copies, plan.jobs)

    def joined_late(self, at_ns: I64, copies: I64, jobs: JobBatch) -> None:
        """As `joined`, of posts that were not pushed when they were accepted: they could be pulled since then."""
        self._late = True
        self.joined(at_ns, copies, jobs)

    def joined(self, at_ns: I64, copies: I64, jobs: JobBatch) -> None:
        """Copies of some posts joined the line at these instants."""
        self._count(Metric.PLANNED, int(copies.sum()))
        lanes = np.bincount(jobs.lane, weights=jobs.length, minlength=2)
        self.depth[0] += int(lanes[0])
        self.depth[1] += int(lanes[1])
        self._joined.append((at_ns, copies))

    def undelivered(self, plan: Plan, late_ns: I64) -> None:
        """Followers who get no copy see the post at once, or after so long: when the list that was kept for them
        expires, or their shard is back. Those whose copy was dropped on purpose never do, and stay in the denominator.
        """
        self._visible(late_ns)
        at_once = int((plan.pairs - plan.copies - plan.dropped).sum()) - len(late_ns)
        if at_once:
            self._visible(np.zeros(1, np.int64), np.array([at_once], np.int64))

    def _visible(self, lag_ns: I64, pairs: I64 | None = None) -> None:
        self.metrics.observe(Metric.VISIBLE_LAG, self._now_ns, lag_ns, pairs)
        self._count_fresh(lag_ns, pairs)

    def _count_fresh(self, lag_ns: I64, pairs: I64 | None = None) -> None:
        fresh = lag_ns <= self._slo_ns
        self._count(Metric.FRESH_PAIRS, int(np.count_nonzero(fresh) if pairs is None else pairs[fresh].sum()))

    def left(self, delivered: Copies) -> None:
        """Copies left the line, whether or not their follow still exists; the peak is exact, not sampled."""
        if self._joined:
            self._raise_peak(delivered)
        self._leave(delivered.lane if delivered.first.all() else delivered.lane.compress(delivered.first))

    def _raise_peak(self, delivered: Copies) -> None:
        """The queue is deepest right after a post joined it."""
        joined_ns = np.concatenate([at_ns for at_ns, _ in self._joined])
        copies = np.concatenate([copies for _, copies in self._joined])
        if len(self._joined) > 1:  # fan-out that was put off joins among new posts
            order = joined_ns.argsort(kind="stable")
            joined_ns, copies = joined_ns[order], copies[order]
        self._joined.clear()
        depth = sum(self.depth) - int(copies.sum()) + np.cumsum(copies)  # were it not for those that left meanwhile
        if depth.max(initial=0) <= self.depth_peak:
            return
        left_ns = delivered.at_ns if delivered.first.all() else delivered.at_ns.compress(delivered.first)
        slice_ = left_ns - self._now_ns
        slice_ >>= _SLICE_BITS
        gone = np.append(0, np.bincount(slice_.clip(0, out=slice_)).cumsum())
        certainly = gone[((joined_ns - self._now_ns) >> _SLICE_BITS).clip(0, len(gone) - 1)]
        most = depth - certainly
        higher = np.flatnonzero(most > self.depth_peak)
        while len(higher):
            i = higher[most[higher].argmax()]
            exact = int(depth[i]) - int(np.count_nonzero(left_ns <= joined_ns[i]))
            most[i] = self.depth_peak = max(self.depth_peak, exact)
            higher = higher[most[higher] > self.depth_peak]

    def _leave(self, lane: I8) -> None:
        close = len(lane) - int(np.count_nonzero(lane))
        self.depth[0] -= close
        self.depth[1] -= len(lane) - close

    def delivered(
        self, arriving: Copies, is_own: Bool, result: PushResult, trims: int, back_ns: I64 | None = None
    ) -> None:
        """Entries became readable; redelivered ones changed nothing and count for nothing.

        back_ns: when somebody's list can be reached again, shape (users,), for readers who see nothing until then.
        """
        counted = arriving.first & ~is_own
        lag_ns = arriving.at_ns - self._posts.accepted_ns.take(arriving.row)
        inserted = counted & result.inserted
        deliveries = int(np.count_nonzero(inserted))
        self._count(Metric.DELIVERIES, deliveries)
        if self._late:
            counted &= self._posts.pushed.take(arriving.row)
        if back_ns is not None:
            lag_ns = np.maximum(arriving.at_ns, back_ns.take(arriving.owner)) - self._posts.accepted_ns.take(
                arriving.row
            )
        visible_ns = _where(counted, lag_ns)
        if deliveries == len(visible_ns) and np.array_equal(inserted, counted):  # nearly always
            self.metrics.observe_alike((Metric.FANOUT_LAG, Metric.VISIBLE_LAG), self._now_ns, visible_ns)
            self._count_fresh(visible_ns)
        else:
            self.metrics.observe(Metric.FANOUT_LAG, self._now_ns, _where(inserted, lag_ns))
            self._visible(visible_ns)
        self._count(Metric.TRIMS, trims)

    def given_up(self, given_up: GivenUp) -> None:
        """Copies went to the dead letters: from now on their readers pull those posts."""
        self._leave(given_up.lane)
        self._count(Metric.DEAD_LETTERED, len(given_up.row))
        lag_ns = given_up.at_ns - self._posts.accepted_ns[given_up.row]
        self._visible(lag_ns[self._posts.pushed[given_up.row]] if self._late else lag_ns)

    def attempts(self, retries: int, redeliveries: int) -> None:
        """Job attempts that will be made again, and finished jobs that the broker hands out again."""
        self._count(Metric.RETRIES, retries)
        self._count(Metric.REDELIVERIES, redeliveries)

    def reads(self, answers: Answers, answered: Answered) -> None:
        """What reads took when they arrived, and how long those took that were answered."""
        hits, missing = int(np.count_nonzero(answers.hit)), int(answers.missing.sum())
        self._count(Metric.READS, len(answers.user))
        self._count(Metric.TIMELINE_HITS, hits)
        self._count(Metric.TIMELINE_MISSES, len(answers.user) - hits)
        self._count(Metric.ROWS_READ, int(answers.touched.sum()))
        self._count(Metric.AUTHORS_ASKED, int(answers.asked.sum()))
        self._count(Metric.BODY_HITS, int(answers.bodies.sum()) - missing)
        self._count(Metric.BODY_MISSES, missing)
        self._count(Metric.FAILED_HYDRATIONS, answers.unhydrated)
        self._count(Metric.FAILED_READS, answers.failed)
        self._count(Metric.STALE_READS, answers.stale)
        self._count(Metric.INCOMPLETE_READS, answers.incomplete)
        self.metrics.observe(Metric.HOME_LATENCY, self._now_ns, answered.done_ns - answered.arrived_ns)

    def refused_reads(self, reads: int) -> None:
        """Home reads that were turned away at the door."""
        self._count(Metric.REFUSED_READS, reads)

    def given_up_reads(self, timeouts: int, repeated: int) -> None:
        """Home reads that apps gave up, and those that they send once more."""
        self._count(Metric.TIMEOUTS, timeouts)
        self._count(Metric.REPEATED_READS, repeated)

    def person_reads(self, bill: ReadBill) -> None:
        """A person opened a page of home; its time is observed with everybody's when it is answered."""
        self._count(Metric.READS, 1)
        self._count(Metric.TIMELINE_HITS if bill.hit else Metric.TIMELINE_MISSES, 1)
        self._count(Metric.ROWS_READ, bill.touched)
        self._count(Metric.AUTHORS_ASKED, bill.asked)
        self._count(Metric.BODY_HITS, bill.bodies - bill.missing)
        self._count(Metric.BODY_MISSES, bill.missing)

    def levels(self, now_ns: int, jobs: int) -> None:
        """States at one instant."""
        self.metrics.level(Metric.QUEUE_CLOSE, now_ns, self.depth[0])
        self.metrics.level(Metric.QUEUE_REST, now_ns, self.depth[1])
        self.metrics.level(Metric.QUEUE_JOBS, now_ns, jobs)


def _where(mask: Bool, values: I64) -> I64:
    """The values where the mask is set, shape (count,); no copy where that is everywhere."""
    return values if mask.all() else values.compress(mask)
