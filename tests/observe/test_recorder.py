"""The deepest queue is exact, however many copies join and leave within one segment."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import NS_PER_MS
from engine.config import SloConfig
from engine.observe.metrics import Metrics
from engine.observe.recorder import Recorder
from engine.posts.store import PostStore
from engine.queueing.broker import JobBatch
from engine.write_path.fanout import Copies

INSTANT = st.integers(0, 6 * NS_PER_MS)
SEGMENT_NS = 500 * NS_PER_MS


def joined(recorder: Recorder, start_ns: int, posts: list[tuple[int, int]]) -> None:
    at_ns, copies = np.array(posts, np.int64).reshape(-1, 2).T
    jobs = JobBatch.empty()._replace(lane=np.zeros(len(posts), np.int8), length=copies.astype(np.int32))
    recorder.joined(start_ns + at_ns, copies, jobs)


def left(recorder: Recorder, start_ns: int, at_ns: list[int], first: list[bool]) -> None:
    nothing = np.zeros(len(at_ns), np.int32)
    at = start_ns + np.array(at_ns, np.int64)
    recorder.left(Copies(at, nothing, nothing, nothing.astype(np.int8), np.array(first, np.bool_)))


@given(
    st.lists(
        st.tuples(
            st.lists(st.tuples(INSTANT, st.integers(0, 9)), max_size=8).map(sorted),
            st.lists(st.tuples(INSTANT, st.booleans()), max_size=30),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_the_peak_is_that_of_a_count_event_by_event(segments):
    recorder = Recorder(Metrics(), PostStore(1), SloConfig())
    depth = peak = waiting = 0
    for number, (posts, gone) in enumerate(segments):
        start_ns = number * SEGMENT_NS
        waiting += sum(copies for _, copies in posts)
        gone = gone[:waiting]  # no more can leave than are there
        waiting -= sum(first for _, first in gone)
        recorder.begin(start_ns)
        if posts:
            joined(recorder, start_ns, posts)
        left(recorder, start_ns, [at for at, _ in gone], [first for _, first in gone])
        events = [(at, 1, copies) for at, copies in posts] + [(at, 0, -1) for at, first in gone if first]
        for _, _, change in sorted(events):  # what leaves at an instant leaves before what joins at it
            depth += change
            peak = max(peak, depth)
    assert recorder.depth_peak == max(peak, 0)
