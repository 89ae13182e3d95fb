"""What people can do, what they may not, and what of it is seen. Times and deliveries: tests/law, tests/behaviours."""

import pytest

from engine.errors import InvalidCursor, InvalidInput, InvalidPost, NotAllowed, UnknownPost, UnknownUser
from engine.people import People
from tests.law.small import Small

GONE = 7 << 48


@pytest.fixture
def small() -> Small:
    return Small("push", {(0, 1), (0, 2)})


@pytest.fixture
def people(small: Small) -> People:
    return small.people


# Posts


def test_a_post_says_who_when_and_what(small, people):
    small.step(1_500_000_000)
    post = people.post(1, "  good morning\n")
    assert (post.author, post.kind, post.text, post.at_s, post.root) == (1, "post", "good morning", 1.5, None)
    assert people.view(post.row) == post


def test_an_answer_and_a_repost_name_their_root_and_are_counted_there(people):
    root = people.post(1, "hello")
    answer, repost = people.reply(2, root.id, "hi"), people.repost(3, root.id)
    assert (answer.kind, answer.root, repost.kind, repost.root, repost.text) == (
        "reply",
        root.id,
        "repost",
        root.id,
        "",
    )
    assert (people.view(root.row).replies, people.view(root.row).reposts) == (1, 1)
    people.delete(2, answer.id)
    people.undo_repost(3, root.id)
    assert (people.view(root.row).replies, people.view(root.row).reposts) == (0, 0)
    people.restore(2, answer.id)
    assert people.view(root.row).replies == 1


def test_whoever_answers_likes_or_reposts_a_repost_means_what_it_repeats(people):
    root = people.post(1, "hello")
    repost = people.repost(2, root.id)
    answer, again = people.reply(3, repost.id, "hi"), people.repost(3, repost.id)
    assert answer.root == again.root == root.id
    assert people.like(3, repost.id) is True
    assert people.like(3, root.id) is False
    seen = people.view(root.row)
    assert (seen.replies, seen.reposts, seen.likes) == (1, 2, 1)
    assert [view.row for view in people.replies(0, repost.id).posts] == [answer.row]
    assert people.unlike(3, repost.id) is True
    assert people.view(root.row).likes == 0


def test_nobody_reposts_twice_but_again_after_undoing_it(people):
    root = people.post(1, "hello")
    people.repost(2, root.id)
    with pytest.raises(NotAllowed):
        people.repost(2, root.id)
    assert people.undo_repost(2, root.id) is True
    assert people.undo_repost(2, root.id) is False
    assert people.repost(2, root.id).root == root.id


def test_a_like_counts_once_and_can_be_taken_back_once(people):
    post = people.post(1, "hello")
    assert [people.like(2, post.id), people.like(2, post.id), people.like(3, post.id)] == [True, False, True]
    assert people.view(post.row).likes == 2
    assert [people.unlike(2, post.id), people.unlike(2, post.id)] == [True, False]
    assert people.view(post.row).likes == 1


@pytest.mark.parametrize("text", ["", "  \n", "x" * 281, "\x00", 5, None])
def test_a_text_that_is_none_is_refused_and_nothing_is_posted(small, people, text):
    with pytest.raises(InvalidPost):
        people.post(1, text)
    assert small.world.tables.posts.size == 0


@pytest.mark.parametrize("user", [-1, 8, 1.5, "1", None, True])
def test_nobody_acts_for_a_user_that_does_not_exist(small, people, user):
    post = people.post(1, "hello")
    for action in (
        lambda: people.post(user, "x"), lambda: people.follow(user, 1), lambda: people.follow(1, user),
        lambda: people.home(user), lambda: people.profile(1, user), lambda: people.profile(user, 1),
        lambda: people.like(user, post.id), lambda: people.delete(user, post.id), lambda: people.replies(user, post.id),
        lambda: people.repost(user, post.id), lambda: people.reply(user, post.id, "x"), lambda: people.block(user, 1),
    ):  # fmt: skip
        with pytest.raises(UnknownUser):
            action()
    assert small.world.tables.posts.size == 1


@pytest.mark.parametrize("post", [GONE, -1, 2**70, 1.5, "1", None])
def test_a_post_that_does_not_exist_cannot_be_acted_on(people, post):
    people.post(1, "hello")
    for action in (
        lambda: people.reply(0, post, "x"), lambda: people.repost(0, post), lambda: people.undo_repost(0, post),
        lambda: people.like(0, post), lambda: people.unlike(0, post), lambda: people.delete(0, post),
        lambda: people.restore(0, post), lambda: people.replies(0, post),
    ):  # fmt: skip
        with pytest.raises(UnknownPost):
            action()


def test_a_deleted_post_cannot_be_answered_liked_or_reposted_until_it_is_restored(people):
    root = people.post(1, "hello")
    repost = people.repost(2, root.id)
    people.delete(1, root.id)
    for post in (root, repost):
        for action in (people.like, people.repost):
            with pytest.raises(UnknownPost):
                action(3, post.id)
        with pytest.raises(UnknownPost):
            people.reply(3, post.id, "x")
    people.restore(1, root.id)
    assert people.like(3, root.id) is True


def test_people_delete_and_restore_only_what_is_theirs(people):
    post = people.post(1, "hello")
    with pytest.raises(NotAllowed):
        people.delete(2, post.id)
    assert [people.delete(1, post.id), people.delete(1, post.id)] == [True, False]
    with pytest.raises(NotAllowed):
        people.restore(2, post.id)
    assert [people.restore(1, post.id), people.restore(1, post.id)] == [True, False]


# Others


def test_a_block_ends_follows_both_ways_and_forbids_acting_on_each_other(small, people):
    people.follow(1, 0)
    mine, theirs = people.post(0, "mine"), people.post(1, "theirs")
    through = people.repost(2, theirs.id)
    assert [people.block(0, 1), people.block(0, 1)] == [True, False]
    assert small.world.tables.graph.follower_counts[[0, 1]].tolist() == [0, 0]
    for action in (
        lambda: people.reply(1, mine.id, "x"), lambda: people.like(0, theirs.id), lambda: people.repost(1, mine.id),
        lambda: people.follow(0, 1), lambda: people.follow(1, 0),
        lambda: people.like(0, through.id), lambda: people.repost(0, through.id),
        lambda: people.reply(0, through.id, "x"),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            action()
    assert [people.unblock(0, 1), people.unblock(0, 1)] == [True, False]
    assert people.follow(0, 1) is True


def test_follow_block_and_mute_say_whether_anything_changed_and_never_concern_oneself(people):
    assert [people.follow(3, 4), people.follow(3, 4), people.unfollow(3, 4), people.unfollow(3, 4)] == [
        True, False, True, False,
    ]  # fmt: skip
    assert [people.mute(3, 4), people.mute(3, 4), people.unmute(3, 4), people.unmute(3, 4)] == [
        True, False, True, False,
    ]  # fmt: skip
    for verb in (people.follow, people.unfollow, people.block, people.unblock, people.mute, people.unmute):
        with pytest.raises(NotAllowed):
            verb(3, 3)


# Pages


def test_a_profile_has_everything_of_one_account_in_pages(people):
    root = people.post(1, "hello")
    theirs = [people.post(2, "a"), people.reply(2, root.id, "b"), people.repost(2, root.id), people.post(2, "c")]
    gone = people.post(2, "d")
    people.delete(2, gone.id)
    first = people.profile(7, 2, None, 3)
    assert [view.row for view in first.posts] == [theirs[3].row, theirs[2].row, theirs[1].row]
    people.post(2, "newer")
    second = people.profile(7, 2, first.next, 3)
    assert ([view.row for view in second.posts], second.next) == ([theirs[0].row], None)


def test_profile_and_answers_hide_whom_the_viewer_must_not_see(people):
    root = people.post(1, "hello")
    answers = [people.reply(user, root.id, "x").row for user in (2, 3, 4)]
    assert [view.row for view in people.replies(0, root.id).posts] == answers[::-1]
    people.mute(0, 3)
    people.block(4, 0)
    assert [view.row for view in people.replies(0, root.id).posts] == [answers[0]]
    assert people.profile(0, 3).posts == people.profile(0, 4).posts == []
    assert len(people.profile(5, 3).posts) == 1


def test_answers_come_in_pages(people):
    root = people.post(1, "hello")
    rows = [people.reply(2, root.id, str(k)).row for k in range(5)]
    found, cursor = [], None
    while True:
        page = people.replies(0, root.id, cursor, 2)
        found.append([view.row for view in page.posts])
        cursor = page.next
        if cursor is None:
            break
    assert found == [[rows[4], rows[3]], [rows[2], rows[1]], [rows[0]]]


def test_a_cursor_belongs_to_one_list(people):
    root = people.post(1, "hello")
    for k in range(3):
        people.reply(2, root.id, str(k))
    cursor = people.profile(0, 2, None, 1).next
    for page in (
        lambda: people.profile(0, 1, cursor),
        lambda: people.home(0, cursor),
        lambda: people.replies(0, root.id, cursor),
    ):
        with pytest.raises(InvalidCursor):
            page()
    with pytest.raises(InvalidInput):
        people.profile(0, 2, cursor, 0)
