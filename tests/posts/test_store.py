"""The post store against plain lists: the pull primitive, the chain behind it, references, flags and counters."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.domain import NO_LIST, NO_ROW, Flag, Kind
from engine.posts.store import NewPosts, PostStore

USERS = 3
batches = st.lists(st.lists(st.sampled_from([0, 0, 0, 0, 1]), max_size=90), max_size=6)
"""Authors of posts; user 0 soon has more than the store keeps side by side, user 2 has none."""


def append(store: PostStore, *posts: tuple[int, Kind, int]) -> list[int]:
    """Accept (author, kind, ref) posts at one instant after all others; their rows."""
    author, kind, ref = (np.array(column) for column in zip(*posts, strict=True)) if posts else [np.zeros(0)] * 3
    at_ns = np.full(len(posts), store.size, np.int64)
    key = np.arange(store.size, store.size + len(posts), dtype=np.int64)
    new = NewPosts(author.astype(np.int32), at_ns, kind.astype(np.int8), ref.astype(np.int32), key)
    return store.append(new).tolist()


def plain(author: int) -> tuple[int, Kind, int]:
    return author, Kind.POST, NO_ROW


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    batches=batches,
    questions=st.lists(
        st.tuples(st.integers(0, USERS - 1), st.integers(0, 300), st.integers(0, 300) | st.just(NO_LIST)), max_size=6
    ),
    k=st.sampled_from([1, 2, 5, 63, 64, 65, 200]),
)
def test_latest_gives_the_newest_k_rows_in_between_and_how_far_they_are_complete(batches, questions, k):
    store = PostStore(USERS, capacity=4)
    for batch in batches:
        append(store, *(plain(author) for author in batch))
    authors = [author for batch in batches for author in batch]
    user, floor, before = (np.array(column, np.int32) for column in zip(*questions, strict=True)) if questions else (
        [np.zeros(0, np.int32)] * 3
    )  # fmt: skip
    lists, complete = store.latest(user, floor, before, k)
    for i, (u, low, high) in enumerate(questions):
        qualified = [row for row in range(len(authors) - 1, -1, -1) if authors[row] == u and low <= row < high]
        assert lists.values[lists.offsets[i] : lists.offsets[i + 1]].tolist() == qualified[:k]
        assert complete[i] == (low if len(qualified) <= k else qualified[k - 1])
    for u in range(USERS):
        theirs = [row for row in range(len(authors) - 1, -1, -1) if authors[row] == u]
        assert store.rows_of(u).tolist() == theirs
        assert store.newest(np.array([u])).tolist() == [theirs[0] if theirs else NO_ROW]


def test_posts_accepted_by_an_instant_lie_below_its_mark():
    store = PostStore(USERS)
    for _ in range(3):
        append(store, plain(0), plain(1))  # at 0, 2 and 4 ns
    assert store.mark(np.array([-1, 0, 1, 2, 4, 9])).tolist() == [0, 2, 2, 4, 6, 6]


def test_a_repost_of_a_repost_points_at_the_root_also_within_one_batch():
    store = PostStore(USERS)
    root, first, second = append(store, plain(0), (1, Kind.REPOST, 0), (2, Kind.REPOST, 1))
    (third,) = append(store, (0, Kind.REPOST, second))
    assert store.ref[[first, second, third]].tolist() == [root] * 3
    assert store.identity[[root, first, second, third]].tolist() == [root] * 4
    assert store.reposts[root] == 3


def test_a_reply_remembers_whom_it_answers():
    store = PostStore(USERS)
    append(store, plain(1), (2, Kind.REPLY, 0), (0, Kind.REPLY, 1))
    assert store.parent_author[:3].tolist() == [NO_ROW, 1, 2]
    assert store.replies[:3].tolist() == [1, 1, 0]


@pytest.mark.parametrize("kind", [Kind.REPLY, Kind.REPOST])
def test_counters_follow_deletion_and_restoring_however_often(kind):
    store = PostStore(USERS)
    append(store, plain(1), (2, kind, 0))
    counter = store.replies if kind == Kind.REPLY else store.reposts
    for deleted in (True, True, False, False, True, False):
        store.set_flag(1, Flag.DELETED, deleted)
        assert counter[0] == (0 if deleted else 1)


def test_a_post_is_hidden_while_it_or_its_root_has_a_flag():
    store = PostStore(USERS)
    append(store, plain(1), (2, Kind.REPOST, 0), (2, Kind.REPLY, 0))
    rows = np.arange(3)
    assert not store.hidden(rows).any()
    store.set_flag(0, Flag.DELETED, True)
    store.set_flag(0, Flag.RESTRICTED, True)
    assert store.hidden(rows).tolist() == [True, True, False]
    store.set_flag(0, Flag.DELETED, False)
    assert store.hidden(rows).tolist() == [True, True, False]
    store.set_flag(0, Flag.RESTRICTED, False)
    assert not store.hidden(rows).any()
