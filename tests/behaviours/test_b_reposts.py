"""B. Reposts. User 0 reads; 1 to 4 are followed; 5, who writes originals, is not unless a test says so.

Windows have their default length of 40.
"""

import pytest

from tests.law.small import Small

READER, AUTHOR = 0, 5
FOLLOWS = {(READER, other) for other in (1, 2, 3, 4)}


def world(strategy: str, *more: tuple[int, int]) -> Small:
    return Small(strategy, {*FOLLOWS, *more})


def fill(small: Small, count: int) -> list[int]:
    """Posts that have nothing to do with it."""
    return [small.post(4) for _ in range(count)]


def page(small: Small) -> list[int]:
    """What the reader sees once all is delivered."""
    small.settle()
    return small.home(READER)


def test_row_11_a_repost_of_a_recent_post_is_dropped(strategy):
    small = world(strategy, (READER, AUTHOR))
    root = small.post(AUTHOR)
    small.repost(1, root)
    assert page(small) == [root]


@pytest.mark.parametrize("what", ["root", "repost"])
def test_row_12_repost_boundary_39_hidden_40_shown(strategy, what):
    """Of an original, and in the same way of an earlier repost."""
    for between, is_shown in ((39, False), (40, True)):
        small = world(strategy, *([(READER, AUTHOR)] if what == "root" else []))
        root = small.post(AUTHOR)
        first = root if what == "root" else small.repost(2, root)
        others = fill(small, between)
        second = small.repost(1, root)
        assert page(small) == [second] * is_shown + others[::-1] + [first]


def test_row_13_a_second_repost_is_hidden(strategy):
    small = world(strategy)
    root = small.post(AUTHOR)
    first = small.repost(1, root)
    small.repost(2, root)
    assert page(small) == [first]


def test_row_14_an_original_is_never_hidden_by_its_repost(strategy):
    """Also through a follow: the original comes later than its repost, and the repost goes instead."""
    small = world(strategy)
    root = small.post(AUTHOR)
    repost = small.repost(1, root)
    assert page(small) == [repost]
    small.people.follow(READER, AUTHOR)
    assert page(small) == [root]


def test_row_15_deleting_the_shown_repost_promotes_the_oldest_hidden_one_at_its_own_place(strategy):
    small = world(strategy)
    root = small.post(AUTHOR)
    a, x, b, y, c = small.repost(1, root), small.post(4), small.repost(2, root), small.post(4), small.repost(3, root)
    assert page(small) == [y, x, a]
    small.delete(a)
    assert page(small) == [y, b, x]
    small.delete(b)
    assert page(small) == [c, y, x]


def test_row_16_after_the_only_repost_is_deleted_a_new_one_is_shown(strategy):
    small = world(strategy)
    root = small.post(AUTHOR)
    small.delete(small.repost(1, root))
    assert page(small) == []
    second = small.repost(2, root)
    assert page(small) == [second]


def test_row_17_with_one_of_two_deleted_a_third_is_still_hidden(strategy):
    small = world(strategy)
    root = small.post(AUTHOR)
    a, b = small.repost(1, root), small.repost(2, root)
    small.delete(a)
    assert page(small) == [b]
    small.repost(3, root)
    assert page(small) == [b]


def test_row_20_a_repost_points_at_its_original(strategy):
    """Deleting that takes every repost with it, reposts of reposts too; restoring brings them back."""
    small = world(strategy)
    root = small.post(AUTHOR)
    first = small.repost(1, root)
    fill(small, 41)
    second = small.repost(2, first)
    before = page(small)
    assert (before[0], before[-1]) == (second, first)
    assert small.people.view(second).root == small.key(root)
    small.delete(root)
    assert page(small) == before[1:-1]
    small.restore(root)
    assert page(small) == before
