"""How long a person's page takes: by the price list and the lines before the stations, like any other read."""

import copy
from typing import Any

import numpy as np
import pytest

from engine.domain import Op
from engine.gateway import Gateway
from engine.journal.journal import Journal
from engine.observe.metric import Metric
from engine.observe.trace import Trace
from engine.people import People
from engine.queueing.station import shard_of
from engine.read_path.serve import Visit
from engine.requests import Ask, Requests
from engine.world import World
from engine.write_path.strategies import with_strategy
from tests.law.small import Small
from tests.live.helpers import small_config, small_world
from tests.requests.helpers import MS, Scene, hop

STATIONS = ("gateway", "list", "pull", "hydrate", "database")
SLOW = {"costs.scale": 20.0, "load.reads_per_s": 60, "load.posts_per_s": 30, "cache.posts": 40}
"""Prices at which requests meet each other in line."""
KINDS = ("push", "hybrid:threshold=100", "pull", "cached_pull", "evicted")
HOME = (
    Metric.READS, Metric.TIMELINE_HITS, Metric.TIMELINE_MISSES, Metric.ROWS_READ, Metric.AUTHORS_ASKED,
    Metric.BODY_HITS, Metric.BODY_MISSES,
)  # fmt: skip


def busy(strategy: str, **knobs: Any) -> Scene:
    """A world of 300 with load, two seconds old."""
    spec = "push" if strategy == "evicted" else strategy
    scene = Scene(world=small_world(with_strategy(small_config(**{**SLOW, **knobs}), spec)))
    scene.step(2_037)
    if strategy == "evicted":
        for user in range(0, 300, 10):
            scene.world.evict(user)
    return scene


def prices_ms(scene: Scene, user: int) -> dict[str, float]:
    """Service times of a home page read now, in ms at each hop, by hand: from the page's own counts."""
    costs = scene.world.config.costs
    reading = scene.people.reader.home(user)
    bodies = scene.world.tables.posts.identity[reading.rows].astype(np.int32)
    held = copy.deepcopy(scene.world.tables.cache).play(bodies, np.zeros(len(bodies), np.bool_))
    missing = len(bodies) - int(held.sum())
    us = {"gateway": costs.gateway_us, "list": costs.list_read_us}
    if reading.asked:
        us["pull"] = costs.pull_us + costs.author_us * reading.asked + costs.row_us * reading.touched
    us["hydrate"] = costs.hydrate_us + costs.body_us * len(bodies)
    if missing:
        us["database"] = costs.miss_us + costs.miss_row_us * missing
    return {name: value * costs.scale / 1_000 for name, value in us.items()}


def served_ms(trace: Trace) -> dict[str, float]:
    return {h.hop: h.service_ns / 1e6 for h in trace.hops if h.kind != "real" and h.state == "done"}


def check_adds_up(trace: Trace) -> None:
    """Each station begins where the last one ended; wait and service fill the time between."""
    at_ns = 0
    for visit in [h for h in trace.hops if h.kind != "real" and h.state == "done"]:
        assert visit.start_ns == at_ns
        assert visit.wait_ns >= 0
        assert visit.service_ns > 0
        at_ns = visit.end_ns
        assert at_ns == visit.start_ns + visit.wait_ns + visit.service_ns
    assert trace.total_ns == at_ns


@pytest.mark.parametrize("kind", KINDS)
def test_a_homes_hops_add_up_and_cost_what_the_price_list_says(kind):
    scene = busy(kind)
    waited, missed = 0, set()
    for user in range(0, 300, 20):
        if user % 40:
            scene.page("home", user)  # brings the bodies into the cache
        expected = prices_ms(scene, user)
        trace = scene.page("home", user).trace
        scene.step(13)
        trace = scene.finished(trace)
        check_adds_up(trace)
        assert served_ms(trace) == pytest.approx(expected)
        waited += sum(h.wait_ns or 0 for h in trace.hops)
        missed.add("database" in expected)
    assert waited > 50 * MS, "a test without any line says little about waiting"
    assert missed == {True, False}


@pytest.mark.parametrize("kind", KINDS)
def test_facts_are_the_counts_of_the_page(kind):
    scene = busy(kind)
    reading = scene.people.reader.home(10)
    paged = scene.page("home", 10)
    trace = scene.finished(paged.trace)
    assert [view.row for view in paged.page.posts] == reading.rows.tolist()
    assert hop(trace, "hydrate").facts.startswith("20 bodies asked, ")
    assert trace.summary.startswith(f"20 posts out of {reading.touched:,} rows from ")
    assert ("pull" in served_ms(trace)) == (reading.asked > 0) == ("authors asked" in trace.summary)
    assert hop(trace, "list").facts.startswith("hit: " if reading.listed else "miss: ")
    if reading.asked:
        assert hop(trace, "pull").facts.startswith(f"{reading.asked} author")
    assert hop(trace, "filter").facts.startswith("20 posts shown, ")
    assert paged.mark == scene.world.tables.posts.size - _accepted_since(scene, trace)


def _accepted_since(scene: Scene, trace: Trace) -> int:
    posts = scene.world.tables.posts
    return int((posts.accepted_ns[: posts.size] > trace.at_ns).sum())


@pytest.mark.parametrize("strategy", ["push", "hybrid:threshold=3", "pull", "cached_pull:ttl=2"])
@pytest.mark.parametrize("seed", range(4))
def test_it_takes_as_long_as_a_read_of_the_load_with_the_same_content_at_the_same_instant(strategy, seed):
    """Two worlds under one script; in one of them the last read is the load's, in the other a person's."""
    rng = np.random.default_rng(seed)
    others = [(int(at), int(user)) for at, user in zip(rng.integers(400, 500, 60), rng.integers(0, 8, 60), strict=True)]
    at_ns, user = 500 * MS, int(rng.integers(0, 8))

    def lived() -> Small:
        follows = {(a, b) for a in range(8) for b in range(4) if a != b}
        small = Small(strategy, follows, {"costs.scale": 30.0, "cache.posts": 4, "stations.gateways": 2})
        for author in (0, 1, 2, 3, 0, 1, 0):
            small.post(author)
        for at_ms, reader in others:
            small.script.add(at_ms * MS, Op.READ_HOME, reader)
        return small

    load, person = lived(), lived()
    load.script.add(at_ns, Op.READ_HOME, user)
    person.step(at_ns)
    book = Requests(person.world, person.people)
    asked = book.page(Ask("home", user)).trace
    took: list[int] = []
    for _ in range(100):
        load.step(100 * MS)
        done = load.world.reads_since(load.world.now_ns - 100 * MS)
        mine = (done.user == user) & (done.arrived_ns == at_ns)
        took += (done.done_ns - done.arrived_ns)[mine].tolist()
        person.step(100 * MS)
        if book.trace(asked.id).done and took:
            break
    assert [book.trace(asked.id).total_ns] == took
    assert took[0] > 0


@pytest.mark.parametrize("strategy", ["push", "pull", "cached_pull"])
def test_it_fills_in_while_the_world_goes_on_and_stands_still_with_it(strategy):
    scene = busy(strategy)
    trace = scene.page("home", 7).trace
    order = ["waiting", "running", "done"]
    seen = []
    while not trace.done:
        assert scene.requests.trace(trace.id) == trace, "it moved while the world stood still"
        scene.step(1)
        later = scene.requests.trace(trace.id)
        passed = scene.world.now_ns - later.at_ns
        for before, now in zip(trace.hops, later.hops, strict=True):
            assert now.state == "skipped" or order.index(now.state) >= order.index(before.state)
            assert now.end_ns is None or now.end_ns <= passed
            assert before.end_ns in (None, now.end_ns)
            if now.state == "running":
                assert now.start_ns + now.wait_ns <= passed
                assert now.end_ns is None
        seen.append([h.state for h in later.hops])
        trace = later
    assert len({tuple(states) for states in seen}) > 3
    assert trace.total_ns <= scene.world.now_ns - trace.at_ns < trace.total_ns + 2 * MS
    scene.step(3_000)
    assert scene.requests.trace(trace.id) == trace


def test_a_page_is_fixed_at_the_instant_of_its_request():
    scene = Scene()
    scene.post(text="one")
    scene.step(5_000)
    paged = scene.page("home", 5)
    scene.post(text="two")
    scene.step(5_000)
    assert [view.text for view in paged.page.posts] == ["one"]
    assert scene.requests.trace(paged.trace.id).summary == "1 post out of 1 row from one list."
    assert paged.mark == 1


def totals(world: World) -> dict[str, int]:
    return {metric: world.metrics.total(metric) for metric in Metric if metric.kind == "count"}


def latencies(world: World) -> int:
    return world.metrics.histogram(Metric.HOME_LATENCY).count


@pytest.mark.parametrize(("strategy", "hit"), [("push", True), ("pull", False)])
def test_a_home_is_counted_once_among_all_reads(strategy, hit):
    scene = Scene(strategy, **{"cache.posts": 3})
    for _ in range(7):
        scene.post()
    scene.step(10_000)
    before, answered = totals(scene.world), latencies(scene.world)
    reading = scene.people.reader.home(3)
    trace = scene.page("home", 3).trace
    trace = scene.finished(trace)
    scene.step(2_000)
    added = {name: n - before[name] for name, n in totals(scene.world).items() if n != before[name]}
    missing = 4
    expected = {
        Metric.READS: 1, Metric.TIMELINE_HITS if hit else Metric.TIMELINE_MISSES: 1,
        Metric.ROWS_READ: reading.touched, Metric.AUTHORS_ASKED: reading.asked,
        Metric.BODY_HITS: 7 - missing, Metric.BODY_MISSES: missing,
    }  # fmt: skip
    assert added == {name: n for name, n in expected.items() if n}
    assert latencies(scene.world) == answered + 1
    recorded = scene.world.metrics.histogram(Metric.HOME_LATENCY)
    assert recorded.max == pytest.approx(trace.total_ns, rel=0.03)
    assert scene.world.rows_of_last_read[3] == reading.touched
    assert scene.world.reads.last_ns[3] == trace.at_ns


def test_profiles_and_replies_are_no_reads_of_home():
    scene = Scene(**{"cache.posts": 3})
    root = scene.post().post
    scene.act("reply", 4, post=root.id, text="well")
    for _ in range(5):
        scene.post()
    scene.step(10_000)
    before, answered = totals(scene.world), latencies(scene.world)
    for what, fields in (("profile", {"other": 0}), ("replies", {"post": root.id})):
        trace = scene.finished(scene.page(what, 3, **fields).trace)
        check_adds_up(trace)
        assert [h.hop for h in trace.hops if h.state == "done"][:3] == ["gateway", "pull", "hydrate"]
        costs = scene.world.config.costs
        bodies, touched = (6, 6) if what == "profile" else (1, 1)
        scaled = costs.scale / 1_000
        assert served_ms(trace)["pull"] == pytest.approx(scaled * (costs.pull_us + costs.author_us + touched))
        assert served_ms(trace)["hydrate"] == pytest.approx(scaled * (costs.hydrate_us + 5 * bodies))
    scene.step(2_000)
    assert totals(scene.world) == before
    assert latencies(scene.world) == answered
    assert scene.world.reads.last_ns[3] == -1


def accepted(world: World) -> dict[str, list[int]]:
    posts = world.tables.posts
    return {name: getattr(posts, name)[: posts.size].tolist() for name in ("key", "accepted_ns", "author", "ref")}


def read_on(scene: Scene, ms: int, readers: bool) -> dict[str, list[int]]:
    for instant in range(ms // 100):
        for user in range(0, 300, 20) if readers else ():
            scene.page("home", (user + instant) % 300)
            scene.page("profile", user, other=0)
        scene.step(100)
    return accepted(scene.world)


def crowded() -> Scene:
    return Scene(world=small_world(small_config(**{**SLOW, "stations.gateways": 2, "costs.gateway_us": 150.0})))


def test_however_much_people_read_the_loads_posts_are_accepted_at_the_same_instants():
    """A journal holds no reads: else a world made again from it would be another one."""
    scene = crowded()
    with_readers, without = read_on(scene, 4_000, True), read_on(crowded(), 4_000, False)
    assert with_readers == without
    assert len(without["key"]) > 900 + 100, "the history, and those"
    assert scene.world.metrics.total(Metric.READS) > 800


def test_that_law_sees_a_read_that_takes_its_turn(monkeypatch):
    def take_turn(gateway: Gateway, user: int, at_ns: int) -> Visit:
        server = shard_of(np.array([user], np.int32), gateway.station.servers)
        at, service = np.array([at_ns], np.int64), np.array([gateway._service_ns], np.int64)
        return Visit("gateway", at_ns, gateway._service_ns, int(gateway.station.serve(server, at, service)[0]))

    monkeypatch.setattr(Gateway, "let_in", take_turn)
    assert read_on(crowded(), 2_000, True) != read_on(crowded(), 2_000, False)


def test_a_person_waits_in_the_line_of_their_own_gateway():
    scene = Scene(**{"stations.gateways": 2})
    world, station = scene.world, scene.world.gateway.station
    free = [2 * MS, 50 * MS]
    for user in (1, 2, 3, 4, 5, 6):
        server = int(shard_of(np.array([user], np.int32), 2)[0])
        station._free_ns[:] = free
        visit = world.gateway.let_in(user, 0)
        assert visit.done_ns == free[server] + round(200_000 * world.config.costs.scale)
        assert station._free_ns.tolist() == free


def test_reads_that_are_watched_are_forgotten_when_they_are_answered():
    scene = Scene()
    scene.post()
    for user in range(50):
        scene.page("home", user)
        scene.page("profile", user, other=0)
    scene.step(10_000)
    assert scene.world.reads.stations._watched == {}
    assert len(scene.world.reads) == len(scene.world.gateway) == 0


def run_with_requests(tick_ms: int, strategy: str) -> dict[str, Any]:
    """All that there is to see of a run in which people ask at fixed instants, amid load."""
    knobs = {**SLOW, "load.follows_per_s": 10, "load.unfollows_per_s": 10, "workers.count": 60}
    config = with_strategy(small_config(**knobs), strategy)
    world = small_world(config.with_knobs({"tick_ms": tick_ms}))
    people = People(world, Journal.in_memory())
    book, pages, posts = Requests(world, people), [], []
    for at_ms in (333, 777, 1_201, 1_250, 2_999, 3_000):
        world.step(at_ms * MS - world.now_ns)
        posts.append(book.act(Ask("post", at_ms % 300, f"at {at_ms}")).post.id)
        book.act(Ask("like", 5, post=posts[0]))
        book.act(Ask("follow", at_ms % 300, other=(at_ms + 1) % 300))
        pages += [book.page(Ask("home", user)) for user in range(0, 300, 25)]
        pages.append(book.page(Ask("profile", 3, other=0)))
        pages.append(book.page(Ask("replies", 3, post=posts[0])))
    world.step(4_000 * MS)
    series = [np.nan_to_num(world.metrics.series(metric, 0)[1], nan=-1).tolist() for metric in Metric]
    traces = book.traces(limit=500)
    assert all(trace.done for trace in traces)
    return {
        "pages": [(paged.page, paged.mark) for paged in pages],
        "traces": [(t.id, t.at_ns, t.summary, [h for h in t.hops if h.hop != "journal"]) for t in traces],
        "metrics": series,
        "posts": accepted(world),
    }


@pytest.mark.parametrize("strategy", ["hybrid:threshold=100", "cached_pull:ttl=1"])
def test_what_people_ask_at_fixed_instants_is_the_same_at_any_tick(strategy):
    whole = run_with_requests(100, strategy)
    assert sum(len(page.posts) for page, _ in whole["pages"]) > 1_000
    other = run_with_requests(10, strategy)
    assert {name for name in whole if whole[name] != other[name]} == set()
