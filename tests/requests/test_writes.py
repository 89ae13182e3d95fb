"""What a post's trace tells of its fan-out, against the world's records; what other acts tell, against the graph."""

import numpy as np
import pytest

from engine.clock import ceil_quantum
from engine.domain import NO_LIST, Flag
from engine.journal.journal import Journal, Origin
from engine.observe.delivery_log import DeliveryLog
from engine.observe.job_log import Fate, JobLog
from engine.observe.metric import Metric
from engine.observe.trace import Hop, Trace
from engine.requests.writes import journalled
from tests.requests.helpers import AWAY, CROWD, MS, PULLED, STAR, STRATEGIES, USERS, Scene, hop

PUSHED = tuple(spec for spec in STRATEGIES if spec not in PULLED)
CRASHES = {"fanout.fail_rate": 0.4, "fanout.max_attempts": 2, "fanout.retry_base_ms": 100}
TWICE = {"fanout.redeliver_rate": 0.9, "fanout.retry_base_ms": 100, "costs.delivery_us": 23_000, "workers.batch": 10}
"""So slow that some are handed out again before the others are done."""
TROUBLES = {"none": {}, "crashes": CRASHES, "twice": TWICE}
COPYING = ("queue", "worker", "shard")


def journal_free(trace: Trace) -> list[Hop]:
    """Without the one hop whose time is the wall's."""
    return [h for h in trace.hops if h.hop != "journal"]


# Posts


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("strategy", PUSHED)
def test_a_pushed_posts_hops_are_those_of_the_records(strategy, trouble):
    scene = Scene(strategy, **TROUBLES[trouble])
    scene.post(user=1)  # so that there is somebody in line before
    scene.step(37)
    acted = scene.post()
    row, at_ns = acted.post.row, acted.trace.at_ns
    trace = scene.finished(acted.trace)
    log = scene.world.fanout.job_log.of(row)
    log = log.take(~log.duplicate)
    owner, readable_ns = scene.world.deliveries.of(row)
    first = {}
    for key, polled_ns in zip(log.key.tolist(), log.polled_ns.tolist(), strict=True):
        first.setdefault(key, polled_ns)
    written = log.take(log.fate == Fate.WRITTEN)
    dead = log.take(log.fate == Fate.DEAD)
    copies = USERS - 1 - (len(AWAY) if "active" in strategy else 0)
    queue, worker, shard = (hop(trace, name) for name in COPYING)
    assert queue.start_ns == 0
    assert queue.end_ns == queue.wait_ns == max(first.values()) - at_ns > 0
    assert worker.start_ns == min(first.values()) - at_ns
    assert worker.end_ns == int(log.done_ns.max()) - at_ns
    assert (worker.kind, worker.wait_ns, worker.service_ns) == ("measured", None, None)
    assert shard.start_ns == int(written.done_ns.min()) - at_ns
    assert shard.end_ns == int(readable_ns.max()) - at_ns
    assert sum(int(log.length[log.key == key][0]) for key in first) == copies
    assert len(owner) == copies - int(dead.length.sum())
    assert shard.facts.startswith(f"{len(owner)} of {copies} readable")
    assert worker.facts.startswith(f"{len(log.key)} attempts by 2 workers")
    assert queue.facts.startswith(f"{len(first)} chunks (2 in lane close, ")
    assert queue.facts.endswith("; all taken")
    assert trace.summary.startswith(f"{copies} copies in {len(first)} chunks, the last readable after ")
    crashed = int((log.fate != Fate.WRITTEN).sum())
    assert (trouble == "crashes") == (crashed > 0) == (f"{crashed} crashed" in worker.facts)
    assert (len(dead.key) > 0) == (f"; {int(dead.length.sum())} given up, their readers fetch it" in trace.summary)
    assert (len(dead.key) > 0) == (trouble == "crashes")
    assert trace.total_ns == max(queue.end_ns, worker.end_ns, shard.end_ns)


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_post_fills_in_as_its_copies_come_and_tells_nothing_of_the_future(strategy, trouble):
    scene = Scene(strategy, **TROUBLES[trouble])
    acted = scene.post()
    trace, seen, at_ns = acted.trace, [], acted.trace.at_ns
    while not trace.done:
        assert scene.requests.trace(trace.id) == trace, "it moved while the world stood still"
        owner, _ = scene.world.deliveries.of(acted.post.row)
        waiting = int((scene.world.fanout.outstanding()[1] == acted.post.row).sum())
        assert f" chunks: {len(owner)} readable, {waiting} waiting" in trace.summary or not waiting
        scene.step(10)
        trace = scene.requests.trace(trace.id)
        for one in trace.hops:
            assert one.end_ns is None or one.end_ns <= scene.world.now_ns - at_ns
            assert (one.end_ns is None) or one.state == "done"
        seen.append(tuple(h.state for h in trace.hops))
    assert (len(set(seen)) >= 3) == (strategy not in PULLED)
    if trouble == "crashes" and strategy not in PULLED:
        told = ceil_quantum(int(scene.world.fanout.job_log.of(acted.post.row).done_ns.max()) + 1)
        assert scene.world.now_ns <= told + 200 * MS
    kept = trace
    scene.step(5_000)
    assert scene.requests.trace(trace.id) == kept


def test_a_trace_that_is_done_stays_as_it_was_when_the_logs_have_forgotten_the_post():
    scene = Scene()
    kept = scene.finished(scene.post().trace)
    scene.world.fanout.job_log, scene.world.deliveries = JobLog(8), DeliveryLog(8)
    scene.post(user=1)
    scene.step(5_000)
    assert scene.requests.trace(kept.id) == kept


@pytest.mark.parametrize("strategy", PULLED)
def test_a_pulled_post_is_copied_to_nobody_and_says_so_at_once(strategy):
    scene = Scene(strategy)
    trace = scene.post().trace
    assert trace.done
    assert trace.total_ns == 0
    assert [h.state for h in trace.hops if h.hop in COPYING] == ["skipped"] * 3
    assert trace.summary == "No copies: your 119 followers fetch it when they open home."
    assert hop(trace, "plan").facts.startswith("Pulled")
    scene.step(3_000)
    assert scene.world.metrics.total(Metric.PLANNED) == 0


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_somebody_without_followers_copies_nothing(strategy):
    trace = Scene(strategy).post(user=50).trace
    assert trace.done
    assert trace.summary == "Nobody follows you yet, so nothing is copied."


def test_the_way_to_the_plan_is_told():
    scene = Scene()
    acted = scene.post(text="  hej  ")
    assert [h.hop for h in acted.trace.hops] == ["guard", "journal", "accept", "plan", *COPYING]
    assert hop(acted.trace, "guard").facts == "3 of 280 characters"
    assert hop(acted.trace, "journal").facts == "entry 1, in memory before the answer"
    assert hop(acted.trace, "journal").service_ns > 0
    assert hop(acted.trace, "journal").kind == "real"
    assert f"row {acted.post.row}, id {acted.post.id}" in hop(acted.trace, "accept").facts
    assert acted.trace.row == acted.post.row
    assert acted.changed is True
    assert acted.post.text == "hej"


def test_a_journal_on_disk_says_so(tmp_path):
    origin = Origin(config={}, generator="")
    with Journal.open(tmp_path / "a.journal", create=True, origin=origin) as journal:
        journal.append(0, "note", {})
        assert journalled(journal).facts == "entry 1, on disk before the answer"


def test_its_keys_are_the_post_the_authors_list_and_a_followers_and_they_follow_the_copies():
    scene = Scene()
    acted = scene.post()
    post, own, reader = acted.trace.keys
    assert post.key == f"post:{acted.post.id}"
    assert own.rows[0]["row"] == acted.post.row
    assert reader.key == scene.world.tables.lists.key(1)
    assert reader.size == 0
    done = scene.finished(acted.trace)
    assert done.keys[2].size == 1
    assert done.keys[2].rows[0] == {"row": acted.post.row, "author": STAR, "by": scene.world.population.name(STAR)}


def test_replies_and_reposts_have_the_same_way():
    scene = Scene(follows={(2, 1)})
    root = scene.post().post
    for what, fields in (("reply", {"text": "well"}), ("repost", {})):
        acted = scene.act(what, 1, post=root.id, **fields)
        assert (acted.post.kind, acted.post.root) == (what, root.id)
        trace = scene.finished(acted.trace)
        assert trace.what == what
        assert trace.summary.startswith("1 copy in 1 chunk, the last readable after ")
    assert hop(trace, "guard").facts == "not reposted before, no block"


def test_a_picture_is_wanted_or_not():
    scene = Scene()
    assert scene.act("post", 0, text="x", picture=True).post.media is not None
    assert scene.act("post", 0, text="x").post.media is None


# Follows


@pytest.mark.parametrize("strategy", ["push", "hybrid:threshold=100", "pull"])
def test_what_a_follow_says_is_what_the_list_and_the_graph_say(strategy):
    scene = Scene(strategy, follows={(1, STAR), (2, STAR), (2, 3)})
    for author in (STAR, 3, STAR, 3, 3):
        scene.post(user=author)
    scene.step(5_000)
    name = scene.world.population.name(3)
    sizes = [len(scene.list_of(1))]
    acted = scene.act("follow", 1, other=3)
    sizes.append(len(scene.list_of(1)))
    assert acted.changed
    assert hop(acted.trace, "graph").facts == f"you follow {name}; they have 2 followers now"
    filled = hop(acted.trace, "back-fill")
    gone = scene.act("unfollow", 1, other=3)
    sizes.append(len(scene.list_of(1)))
    assert hop(gone.trace, "graph").facts == f"you no longer follow {name}; they have 1 follower now"
    swept = hop(gone.trace, "sweep")
    if strategy == "pull":
        assert (filled.state, swept.state) == ("skipped", "skipped")
        assert sizes == [0, 0, 0]
    else:
        assert filled.facts == f"your list went from {sizes[0]} to {sizes[1]} entries"
        assert swept.facts == f"{sizes[1] - sizes[2]} entries of theirs left your list"
        assert sizes[1] - sizes[0] == sizes[1] - sizes[2] == 3
    assert acted.trace.done
    assert gone.trace.done
    assert gone.trace.summary == f"{swept.facts[0].upper()}{swept.facts[1:]}."


def test_one_entry_is_one_entry():
    scene = Scene(follows={(1, 3)})
    scene.post(user=3)
    scene.step(3_000)
    assert hop(scene.act("unfollow", 1, other=3).trace, "sweep").facts == "1 entry of theirs left your list"


def test_who_has_no_list_has_nothing_filled_or_swept():
    scene = Scene()
    scene.world.evict(5)
    follow = scene.act("follow", 5, other=6).trace
    unfollow = scene.act("unfollow", 5, other=6).trace
    assert (hop(follow, "back-fill").state, hop(unfollow, "sweep").state) == ("skipped", "skipped")
    assert scene.world.tables.lists.horizons(np.array([5], np.int32))[0] == NO_LIST


# Flags and relations


def test_likes_are_those_of_the_post_also_of_what_a_repost_repeats():
    scene = Scene()
    root = scene.post().post
    repost = scene.act("repost", 1, post=root.id).post
    likes = scene.world.tables.posts.likes
    for n, (what, user, post) in enumerate(
        [("like", 2, root), ("like", 3, repost), ("like", 4, repost), ("unlike", 3, repost), ("unlike", 2, root)]
    ):
        acted = scene.act(what, user, post=post.id)
        assert acted.changed
        assert hop(acted.trace, "accept").facts == f"likes: {likes[root.row]:,}", n
        assert acted.trace.keys[0].key == f"post:{root.id}"
        assert acted.trace.keys[0].rows[0]["likes"] == likes[root.row]
        assert acted.post.id == post.id
    assert likes[root.row] == 1
    assert likes[repost.row] == 0


def test_delete_restore_and_undoing_a_repost_are_one_flag_of_one_row():
    scene = Scene()
    root = scene.post().post
    repost = scene.act("repost", 1, post=root.id).post
    scene.step(5_000)
    lists = [scene.list_of(user) for user in range(USERS)]
    flags = scene.world.tables.posts.flags
    for what, user, named, flagged, deleted in (
        ("delete", STAR, root, root, True),
        ("restore", STAR, root, root, False),
        ("undo_repost", 1, root, repost, True),
    ):
        acted = scene.act(what, user, post=named.id)
        assert acted.changed
        assert hop(acted.trace, "accept").facts == f"one flag of row {flagged.row}"
        assert acted.trace.keys[0].key == f"post:{flagged.id}"
        assert bool(flags[flagged.row] & Flag.DELETED) == deleted
        assert acted.trace.summary.startswith("The copies stay" if what != "restore" else "The copies were in")
    assert [scene.list_of(user) for user in range(USERS)] == lists, "copies stay"
    home = [view.row for view in scene.page("home", STAR).page.posts]
    assert root.row in home
    assert repost.row not in home


def seen(scene: Scene, viewer: int, author: int) -> bool:
    rows = scene.world.tables.posts.rows_of(author)
    return bool(set(rows.tolist()) & {view.row for view in scene.page("home", viewer).page.posts})


def test_mutes_and_blocks_do_what_their_words_say():
    scene = Scene()
    scene.post()
    scene.post(user=1)
    scene.step(5_000)
    held = scene.list_of(5)
    assert seen(scene, 5, STAR)
    muted = scene.act("mute", 5, other=STAR)
    assert muted.trace.summary == "Their posts stay in your list and are left out of your pages."
    assert scene.list_of(5) == held
    assert not seen(scene, 5, STAR)
    shown = scene.act("unmute", 5, other=STAR)
    assert shown.trace.summary == "Their posts are in your pages again."
    assert seen(scene, 5, STAR)
    blocked = scene.act("block", STAR, other=1)
    assert hop(blocked.trace, "accept").facts == "a block; follows between you end"
    assert blocked.trace.summary == "Their posts are left out of your pages, and yours out of theirs."
    graph = scene.world.tables.graph
    assert not graph.follows([1, STAR], [STAR, 1]).any()
    assert [view.row for view in scene.page("profile", 1, other=STAR).page.posts] == []
    assert [view.row for view in scene.page("profile", STAR, other=1).page.posts] == []
    lifted = scene.act("unblock", STAR, other=1)
    assert lifted.trace.summary == "Pages show each other's posts again."
    assert not graph.follows([1, STAR], [STAR, 1]).any(), "follows do not come back"
    assert len(scene.page("profile", 1, other=STAR).page.posts) == 1
    assert all(acted.trace.done and acted.post is None for acted in (muted, shown, blocked, lifted))


@pytest.mark.parametrize(
    ("what", "before", "fields", "why"),
    [
        ("like", [("like", 5, {"post": 0})], {"post": 0}, "You like it already."),
        ("unlike", [], {"post": 0}, "You did not like it."),
        ("restore", [], {"post": 2}, "It was not deleted."),
        ("delete", [("delete", 5, {"post": 2})], {"post": 2}, "It is deleted already."),
        ("undo_repost", [], {"post": 0}, "You have not reposted it."),
        ("follow", [], {"other": STAR}, "You follow them already."),
        ("unfollow", [], {"other": 9}, "You did not follow them."),
        ("block", [("block", 5, {"other": 9})], {"other": 9}, "They are blocked already."),
        ("unblock", [], {"other": 9}, "They were not blocked."),
        ("mute", [("mute", 5, {"other": 9})], {"other": 9}, "They are muted already."),
        ("unmute", [], {"other": 9}, "They were not muted."),
    ],
)
def test_where_there_is_nothing_to_do_nothing_is_written(what, before, fields, why):
    scene = Scene(follows=CROWD)
    posts = [scene.post(user).post for user in (STAR, 1, 5)]

    def of(named: dict[str, int]) -> dict[str, int]:
        return {key: posts[value].id if key == "post" else value for key, value in named.items()}

    for done, user, named in before:
        assert scene.act(done, user, **of(named)).changed
    seq, edges = scene.people.journal.last_seq, [c.tolist() for c in scene.world.tables.graph.edges()]
    acted = scene.act(what, 5, **of(fields))
    assert acted.changed is False
    assert acted.trace.done
    assert acted.trace.summary == why
    assert [h.hop for h in acted.trace.hops] == ["guard", "accept"]
    assert scene.people.journal.last_seq == seq
    assert [c.tolist() for c in scene.world.tables.graph.edges()] == edges
