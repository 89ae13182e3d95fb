"""Wrong clocks move what is stamped on posts, and nothing else: no row, no page, no lag."""

import numpy as np

from engine.clock import NS_PER_S
from engine.domain import Op
from engine.faults import parse_fault
from engine.queueing.hashing import shard_of
from engine.views import created_ns
from tests.conformance.runs import ROOMY
from tests.incidents.broken_runs import broken_run
from tests.law.small import Small, everybody_follows

GATEWAYS = 8
AHEAD = next(user for user in range(1, 8) if shard_of(np.array([user]), GATEWAYS)[0] % 2 == 0)
RIGHT = next(user for user in range(1, 8) if shard_of(np.array([user]), GATEWAYS)[0] % 2 == 1)
SKEW = "clock_skew@1+3x2500"


def stamps(posts):
    """What is stamped on all posts."""
    return np.array([created_ns(posts, row) for row in range(posts.size)])


def skewed():
    """Two authors who follow each other, one of them by a server whose clock is 2.5 s ahead for three seconds."""
    small = Small("push", everybody_follows(AHEAD) | everybody_follows(RIGHT))
    small.world.schedule([parse_fault(SKEW)])
    for at_s in (0.5, 1.5, 3.9, 4.5):
        for author in (AHEAD, RIGHT):
            small.script.add(round(at_s * NS_PER_S) + author, Op.POST, author)
    small.settle()
    return small


def test_half_of_the_servers_stamp_posts_ahead_and_only_while_it_lasts():
    small = skewed()
    posts = small.world.tables.posts
    rows = np.arange(posts.size, dtype=np.int32)
    ahead_ns = stamps(posts) - posts.accepted_ns[rows]
    within = (posts.accepted_ns[rows] >= NS_PER_S) & (posts.accepted_ns[rows] < 4 * NS_PER_S)
    assert (ahead_ns == np.where(within & (posts.author[rows] == AHEAD), 2_500_000_000, 0)).all()
    assert np.count_nonzero(ahead_ns) == 2


def test_pages_are_in_the_order_of_acceptance_whatever_is_stamped():
    small = skewed()
    page = small.people.home(5, None, 20).posts
    assert [view.row for view in page] == list(range(small.world.tables.posts.size))[::-1]
    stamped = [view.at_s for view in page]
    assert stamped != sorted(stamped, reverse=True), "as anybody can see"
    ids = [view.snowflake for view in page]
    assert ids == sorted(ids, reverse=True)


def test_a_reply_may_look_older_than_what_it_answers():
    small = Small("push", everybody_follows(AHEAD) | everybody_follows(RIGHT))
    small.world.schedule([parse_fault(SKEW)])
    small.step(2 * NS_PER_S)
    parent = small.post(AHEAD)
    small.step(NS_PER_S)
    reply = small.reply(RIGHT, parent)
    answers = small.people.reader.replies(5, small.key(parent)).page.posts
    assert [view.row for view in answers] == [reply]
    assert answers[0].at_s < small.people.view(parent).at_s
    small.settle()
    assert small.home(5) == [reply, parent]


def test_the_whole_run_is_the_same_but_for_what_is_stamped(population):
    """Lag, order, pages, lists, audit: nothing goes by the stamp."""
    skewed, right = (broken_run(population, "push", faults, knobs=ROOMY) for faults in ([SKEW], []))
    same = right.differences(skewed)
    posts = skewed.world.tables.posts
    assert np.count_nonzero(stamps(posts) != posts.accepted_ns[: posts.size]) > 10
    assert same == set()
