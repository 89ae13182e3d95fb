"""What may be asked, what is refused, and how requests are remembered."""

import pytest

from engine.errors import (
    InvalidCursor,
    InvalidInput,
    InvalidPost,
    NotAllowed,
    UnknownName,
    UnknownPost,
    UnknownUser,
)
from engine.requests import ACTS, PAGES
from engine.requests.book import KEPT
from tests.requests.helpers import STAR, USERS, Scene

HUGE = 2**70


def state(scene: Scene) -> tuple[object, ...]:
    """What no refused request may change."""
    tables = scene.world.tables
    posts = tables.posts
    return (
        scene.people.journal.last_seq,
        posts.size,
        posts.flags[: posts.size].tolist(),
        posts.likes[: posts.size].tolist(),
        [column.tolist() for column in tables.graph.edges()],
        [sorted(tables.relations.hidden(user)) for user in range(20)],
        len(scene.requests.traces(limit=KEPT)),
        scene.world.fanout.broker.waiting_jobs,
    )


@pytest.fixture(scope="module")
def scene() -> Scene:
    """With three posts: a standing one, a deleted one, and one of somebody who blocks user 9."""
    scene = Scene()
    scene.standing = scene.post().post.id  # type: ignore[attr-defined]
    scene.post()
    scene.deleted = scene.post().post.id  # type: ignore[attr-defined]
    scene.act("delete", STAR, post=scene.deleted)
    scene.foreign = scene.post(user=8).post.id  # type: ignore[attr-defined]
    scene.act("block", 8, other=9)
    scene.act("repost", 7, post=scene.standing)
    scene.step(5_000)
    return scene


@pytest.mark.parametrize(
    ("what", "user", "fields", "error"),
    [
        ("sing", 1, {}, UnknownName),
        ("", 1, {}, UnknownName),
        ("home", 1, {}, UnknownName),
        ("post", 1, {}, InvalidInput),
        ("post", 1, {"text": ""}, InvalidPost),
        ("post", 1, {"text": " \n "}, InvalidPost),
        ("post", 1, {"text": "x" * 281}, InvalidPost),
        ("post", 1, {"text": 7}, InvalidInput),
        ("post", USERS, {"text": "x"}, UnknownUser),
        ("post", -1, {"text": "x"}, UnknownUser),
        ("post", HUGE, {"text": "x"}, UnknownUser),
        ("reply", 1, {"text": "x"}, InvalidInput),
        ("reply", 1, {"post": "standing"}, InvalidInput),
        ("reply", 1, {"text": "x", "post": True}, InvalidInput),
        ("reply", 1, {"text": "x", "post": "7"}, InvalidInput),
        ("reply", 1, {"text": "x", "post": 7}, UnknownPost),
        ("reply", 1, {"text": "x", "post": HUGE}, UnknownPost),
        ("reply", 1, {"text": "x", "post": "deleted"}, UnknownPost),
        ("reply", 9, {"text": "x", "post": "foreign"}, NotAllowed),
        ("repost", 7, {"post": "standing"}, NotAllowed),
        ("repost", HUGE, {"post": "standing"}, UnknownUser),
        ("undo_repost", 1, {"post": -HUGE}, UnknownPost),
        ("undo_repost", USERS, {"post": "standing"}, UnknownUser),
        ("like", 9, {"post": "foreign"}, NotAllowed),
        ("like", 1, {"post": "deleted"}, UnknownPost),
        ("unlike", -5, {"post": "standing"}, UnknownUser),
        ("delete", 1, {"post": "standing"}, NotAllowed),
        ("restore", 1, {"post": "deleted"}, NotAllowed),
        ("delete", 1, {}, InvalidInput),
        ("follow", 1, {}, InvalidInput),
        ("follow", 1, {"other": 1}, NotAllowed),
        ("follow", 1, {"other": USERS}, UnknownUser),
        ("follow", 1, {"other": HUGE}, UnknownUser),
        ("follow", 9, {"other": 8}, NotAllowed),
        ("follow", USERS, {"other": 1}, UnknownUser),
        ("unfollow", 1, {"other": False}, InvalidInput),
        ("block", 1, {"other": 1}, NotAllowed),
        ("unblock", 1, {"other": -1}, UnknownUser),
        ("mute", 1, {"other": 1.5}, InvalidInput),
        ("unmute", 1, {"other": None}, InvalidInput),
    ],
)
def test_what_is_refused_says_why_in_a_sentence_and_changes_nothing(scene, what, user, fields, error):
    named = {key: getattr(scene, str(value), value) if key == "post" else value for key, value in fields.items()}
    before = state(scene)
    with pytest.raises(error) as refused:
        scene.act(what, user, **named)
    check_sentence(str(refused.value))
    assert state(scene) == before


def check_sentence(text: str) -> None:
    assert text[0].isupper() or text[0] == "'"
    assert text.endswith(".")
    assert len(text) < 300
    assert "\n" not in text


@pytest.mark.parametrize(
    ("what", "user", "fields", "error"),
    [
        ("away", 1, {}, UnknownName),
        ("post", 1, {}, UnknownName),
        ("home", USERS, {}, UnknownUser),
        ("home", HUGE, {}, UnknownUser),
        ("home", 1, {"limit": 0}, InvalidInput),
        ("home", 1, {"limit": 101}, InvalidInput),
        ("home", 1, {"limit": True}, InvalidInput),
        ("home", 1, {"limit": "20"}, InvalidInput),
        ("home", 1, {"limit": HUGE}, InvalidInput),
        ("home", 1, {"cursor": "nonsense"}, InvalidCursor),
        ("home", 1, {"cursor": ""}, InvalidCursor),
        ("home", 1, {"cursor": "\ud800"}, InvalidCursor),
        ("home", 2, {"cursor": "of user 1"}, InvalidCursor),
        ("profile", 1, {"other": STAR, "cursor": "of user 1"}, InvalidCursor),
        ("profile", 1, {}, InvalidInput),
        ("profile", 1, {"other": USERS}, UnknownUser),
        ("profile", USERS, {"other": 1}, UnknownUser),
        ("replies", 1, {}, InvalidInput),
        ("replies", 1, {"post": HUGE}, UnknownPost),
        ("replies", USERS, {"post": "standing"}, UnknownUser),
    ],
)
def test_pages_that_are_refused_leave_no_trace(scene, what, user, fields, error):
    named = {key: getattr(scene, str(value), value) if key == "post" else value for key, value in fields.items()}
    if named.get("cursor") == "of user 1":
        named["cursor"] = scene.people.home(1, None, 1).next
    before = state(scene)
    with pytest.raises(error) as refused:
        scene.page(what, user, **named)
    check_sentence(str(refused.value))
    assert state(scene) == before


def test_what_is_missing_is_called_by_its_name_on_the_wire(scene):
    for what, name in (("profile", "author"), ("replies", "post")):
        with pytest.raises(InvalidInput, match=f"'{what}' needs a whole number in '{name}'"):
            scene.page(what, 1)
    with pytest.raises(InvalidInput, match="'follow' needs a whole number in 'other'"):
        scene.act("follow", 1)


def test_all_acts_and_pages_are_named_to_whoever_asks_for_another():
    scene = Scene()
    with pytest.raises(UnknownName) as refused:
        scene.act("sing", 1)
    assert all(what in str(refused.value) for what in ACTS)
    with pytest.raises(UnknownName) as refused:
        scene.page("sing", 1)
    assert all(what in str(refused.value) for what in PAGES)


def test_pages_go_on_by_their_cursors_to_the_true_end():
    scene = Scene()
    rows = [scene.post().post.row for _ in range(45)]
    scene.step(20_000)
    found, cursor = [], None
    while True:
        paged = scene.page("home", 5, cursor)
        found += [view.row for view in paged.page.posts]
        cursor = paged.page.next
        if cursor is None:
            break
    assert found == rows[::-1]


def test_traces_are_numbered_and_found_by_all_of_their_words():
    scene = Scene()
    scene.post(text="hello")
    scene.page("home", 77)
    scene.act("follow", 77, other=6)
    scene.step(5_000)
    assert [(trace.id, trace.what) for trace in scene.requests.traces()] == [(3, "follow"), (2, "home"), (1, "post")]
    name = scene.world.population.name(6)
    found = {text: [trace.id for trace in scene.requests.traces(text)] for text in
             ("", "HOME", "user 77", f"follow {name}", "follow home", "copies", "gateway", " ")}  # fmt: skip
    assert found[""] == found[" "] == [3, 2, 1]
    assert found["HOME"] == [2]
    assert found["user 77"] == [3, 2]
    assert found[f"follow {name}"] == [3]
    assert found["follow home"] == []
    assert found["copies"] == [1]
    assert scene.requests.traces("", 2) == scene.requests.traces()[:2]
    assert all(trace.done for trace in scene.requests.traces()), "a search brings them up to date"


def test_only_so_many_are_kept_and_the_others_are_refused():
    scene = Scene()
    for _ in range(KEPT + 5):
        scene.act("unfollow", 1, other=2)
    assert len(scene.requests.traces(limit=10_000)) == KEPT
    assert scene.requests.trace(6).id == 6
    for gone in (5, 0, -1, KEPT + 6, HUGE):
        with pytest.raises(UnknownName, match=f"There is no trace {gone}; the last {KEPT} are remembered"):
            scene.requests.trace(gone)


def test_two_requests_of_one_instant_have_their_own_traces():
    scene = Scene()
    scene.post()
    scene.step(5_000)
    first, second = scene.page("home", 5).trace, scene.page("home", 5).trace
    assert first.id != second.id
    first, second = scene.finished(first), scene.finished(second)
    assert first.total_ns > 0
    assert second.total_ns > first.total_ns, "behind the other one at the list's shard"


def test_a_refusal_is_noted_in_the_logbook_with_its_sentence():
    scene = Scene()
    with pytest.raises(NotAllowed) as refused:
        scene.act("follow", 1, other=1)
    (entry,) = scene.world.logbook.search(level="warn", limit=5)
    assert str(refused.value) in entry.text
