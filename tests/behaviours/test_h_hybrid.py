"""H. Hybrid."""

from engine.observe.metric import Metric
from tests.law.small import MS, Small, everybody_follows


def test_row_h1_posts_of_celebrities_are_merged_by_id_and_the_page_is_that_of_pull():
    pages, lists = {}, {}
    for spec in ("pull", "hybrid:threshold=3"):
        small = Small(spec, {(0, 1), (0, 2), (3, 1), (4, 1)}, {"timeline.cap": 4})
        for author in (1, 2, 1, 2, 2, 1, 2, 2):
            small.post(author)
        small.settle()
        pages[spec], lists[spec] = small.pages(0, 3), small.list_of(0)
    assert pages["hybrid:threshold=3"] == pages["pull"] == [[7, 6, 5], [4, 3, 2], [1, 0]]
    assert lists["hybrid:threshold=3"] == [3, 4, 6, 7]


def test_row_h2_crossing_the_line_neither_loses_nor_doubles():
    """Over the line while a post is under way, and back under it with a post that was not pushed."""
    small = Small("hybrid:threshold=3", {(0, 1), (2, 1)}, {"costs.delivery_us": 300_000, "workers.count": 1})
    rows = [small.post(1)]
    small.step(100 * MS)
    small.people.follow(3, 1)
    rows.append(small.post(1))
    small.step(200 * MS)
    small.people.unfollow(2, 1)
    rows.append(small.post(1))
    small.settle()
    assert small.world.metrics.total(Metric.DELIVERIES) == 2 + 0 + 2 - 1
    assert small.home(0) == small.home(3) == rows[::-1]
    assert set(small.audit().to_json().values()) == {0, 8}


def test_row_h4_a_reply_can_be_there_before_its_original_and_the_lag_shows_it():
    """All follow 0; 1 gets the post first and answers; 7, a close friend of 1, is last in line for the original."""
    knobs = {
        "costs.delivery_us": 300_000,
        "costs.poll_us": 0,
        "workers.count": 1,
        "fanout.chunk": 1,
        "workers.batch": 1,
    }
    small = Small("push", everybody_follows(0) | {(1, 7), (7, 1)}, knobs)
    original = small.post(0)
    small.step(350 * MS)
    assert small.home(1) == [original]
    answer = small.reply(1, original)
    small.step(750 * MS)
    assert small.home(7) == [answer]
    assert small.world.behind()[7] == 1_100 * MS
    small.settle()
    assert small.home(7) == [answer, original]
