"""The vectorised engine against the plain definitions: 0 ns apart, however the time is cut.

Instants are drawn from few values, so that ties, idle servers and long lines all come up.
"""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine import ordering
from engine.queueing import station
from engine.queueing.broker import Broker, JobBatch
from engine.queueing.pending import Pending
from engine.queueing.station import MultiServer, Station
from tests.conformance import reference
from tests.conformance.reference import Job, Taken

INSTANTS = st.integers(0, 60)
CUTS = st.lists(INSTANTS, max_size=12).map(sorted)
SERVERS = 5
END = 10**9


@pytest.fixture(scope="module", autouse=True, params=["few one by one", "always as arrays", "a few at once"])
def every_way(request):
    """Few customers are served by a loop, many by arrays, very many in parts; the examples go each way."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param != "few one by one":
            for module in (ordering, station):
                patch.setattr(module, "_FEW", 0)
        if request.param == "a few at once":
            patch.setattr(station, "_AT_ONCE", 3)
        yield


@st.composite
def customers(draw, stages=1):
    """(at sorted, [(server, service) for each stage]) as lists."""
    at = sorted(draw(st.lists(INSTANTS, max_size=40)))
    column = st.lists(st.integers(0, 12), min_size=len(at), max_size=len(at))
    return at, [([s % SERVERS for s in draw(column)], draw(column)) for _ in range(stages)]


def ticks(cuts):
    """Every tick as (from, until), the last one open."""
    edges = [-1, *cuts, END]
    return pairwise(edges)


def served_in_ticks(serve, at, columns, cuts):
    """Completions when each tick's customers are handed to `serve` in one call."""
    at, done = np.array(at, np.int64), []
    for start, until in ticks(cuts):
        now = (at >= start) & (at < until)
        done += serve(*(np.array(c, np.int64)[now] for c in columns)).tolist()
    return done


@given(customers(), CUTS)
@example((list(range(40)), [([0] * 40, [3] * 40)]), [5, 5, 30])
def test_a_station_is_its_single_servers_to_the_nanosecond(customers, cuts):
    at, [(server, service)] = customers
    expected = reference.single_servers(server, at, service)
    assert served_in_ticks(Station(SERVERS).serve, at, (server, at, service), cuts) == expected


@given(customers(), CUTS)
def test_a_station_of_one_server_needs_no_sorting_and_is_the_same(customers, cuts):
    at, [(_, service)] = customers
    nobody_else = [0] * len(at)
    expected = reference.single_servers(nobody_else, at, service)
    assert served_in_ticks(Station(1).serve, at, (nobody_else, at, service), cuts) == expected


@given(customers(), CUTS, st.integers(1, 6))
def test_a_multi_server_is_one_line_before_many(customers, cuts, servers):
    at, [(_, service)] = customers
    expected = reference.many_servers(servers, at, service)
    assert served_in_ticks(MultiServer(servers).serve, at, (at, service), cuts) == expected


@pytest.mark.parametrize("span_ns", [10**9, 2**57], ids=["seconds", "years: too far apart for one pass"])
@pytest.mark.parametrize("ticks", [1, 7])
def test_five_thousand_customers_at_a_hundred_servers(span_ns, ticks):
    rng = np.random.default_rng(5)
    at = np.sort(rng.integers(0, span_ns, 5_000))
    server, service = rng.integers(0, 100, 5_000), rng.integers(0, span_ns // 50, 5_000)
    station = Station(100)
    done = [station.serve(server[i], at[i], service[i]) for i in np.array_split(np.arange(5_000), ticks)]
    assert np.concatenate(done).tolist() == reference.single_servers(server.tolist(), at.tolist(), service.tolist())


@given(customers(stages=3), CUTS)
def test_stations_in_a_row_are_the_same_at_any_tick(customers, cuts):
    at, stages = customers
    arrivals = [Pending(), Pending(), Pending(), Pending()]
    stations = [Station(SERVERS) for _ in stages]
    number = np.arange(len(at))
    arrivals[0].push(np.array(at, np.int64), number)
    left = {}
    for _, until in ticks(cuts):
        for i, (server, service) in enumerate(stages):
            due = arrivals[i].take_before(until)
            who = due["key"]
            line, work = (np.array(c, np.int64)[who] for c in (server, service))
            arrivals[i + 1].push(stations[i].serve(line, due["due_ns"], work), who)
        out = arrivals[-1].take_before(until)
        left.update(zip(out["key"].tolist(), out["due_ns"].tolist(), strict=True))
    assert [left[i] for i in range(len(at))] == reference.tandem(stages, at)


TIMES = st.lists(st.tuples(INSTANTS, st.dictionaries(st.integers(0, SERVERS - 1), st.integers(2, 9))), max_size=3)
HOLDS = st.lists(st.tuples(st.integers(0, SERVERS - 1), INSTANTS, st.integers(1, 30)), max_size=4)


@given(customers(), CUTS, TIMES, HOLDS)
@example((list(range(40)), [([0] * 40, [3] * 40)]), [5], [(7, {0: 2}), (20, {})], [(0, 9, 5), (0, 30, 90)])
def test_slow_servers_and_held_ones_are_what_the_definition_says_at_any_tick(customers, cuts, times, holds):
    at, [(server, service)] = customers
    slowed, held = sorted(times, key=lambda one: one[0]), sorted((since, s, since + span) for s, since, span in holds)
    station = Station(SERVERS)
    edges = sorted({*cuts, *(since for since, _ in slowed), *(since for since, *_ in held)})
    done, instants = [], np.array(at, np.int64)
    for start, until in ticks(edges):
        for since, by in slowed:
            if since == start:
                station.slow(np.array([by.get(s, 1) for s in range(SERVERS)]) if by else None)
        for since, s, end in held:
            if since == start:
                station.hold(np.array([s]), since, end)
        now = (instants >= start) & (instants < until)
        done += station.serve(*(np.array(c, np.int64)[now] for c in (server, at, service))).tolist()
    holding = [(s, since, end) for since, s, end in held]
    assert done == reference.hampered_servers(server, at, service, slowed, holding)


# Broker and workers


@st.composite
def pools(draw):
    """(jobs, workers, batch, poll, delivery): keys are unique, and in no order."""
    jobs = draw(
        st.lists(
            st.builds(
                Job, INSTANTS, st.just(0), st.integers(0, 1), st.integers(0, 2), st.integers(0, 6)
            ),
            max_size=30,
        )
    )  # fmt: skip
    keys = draw(st.permutations(range(len(jobs))))
    jobs = [job._replace(key=key) for job, key in zip(jobs, keys, strict=True)]
    return jobs, draw(st.integers(1, 4)), draw(st.integers(1, 12)), draw(st.integers(0, 5)), draw(st.integers(0, 3))


def batch_of(jobs):
    enqueued, key, lane, partition, copies = (np.array(c, np.int64) for c in zip(*jobs, strict=True))
    nothing = np.zeros(len(jobs), np.int32)
    return JobBatch(
        row=nothing, lane=lane.astype(np.int8), partition=partition.astype(np.int32), start=key,
        length=copies.astype(np.int32), enqueued_ns=enqueued, attempt=nothing, key=key, duplicate=nothing > 0,
    )  # fmt: skip


def taken(polled):
    columns = (polled.jobs.key, polled.polled_ns, polled.done_ns, polled.worker)
    return [Taken(*entry) for entry in zip(*(c.tolist() for c in columns), strict=True)]


def broker_of(pool):
    _, workers, batch, poll, delivery = pool
    return Broker(3, workers, batch, poll, delivery)


@given(pools(), CUTS)
@example(([Job(9, 1, 0, 0, 6), Job(0, 0, 1, 0, 6)], 1, 6, 5, 0), [3, 9])  # a close job that comes while one is busy
def test_workers_take_what_the_definition_says_at_any_tick(pool, cuts):
    jobs, *_ = pool
    broker, found = broker_of(pool), []
    for start, until in ticks(cuts):
        now = [job for job in jobs if start <= job.enqueued < until]
        if now:
            broker.enqueue(batch_of(now))
        found += taken(broker.work(until))
        keys = {entry.key for entry in found}
        left = sorted(job for job in jobs if job.enqueued < until and job.key not in keys)
        assert broker.waiting().key.tolist() == [job.key for job in left]
        assert broker.waiting_jobs == len(left)
        assert broker.waiting_copies() == tuple(sum(j.copies for j in left if j.lane == lane) for lane in (0, 1))
    assert found == reference.polling_workers(*pool)
    batches = {(entry.worker, entry.polled, entry.done) for entry in found}
    assert broker.busy_ns == sum(done - polled for _, polled, done in batches)


@given(pools(), CUTS)
@example(([Job(0, 0, 0, 0, 6), Job(0, 1, 1, 0, 6), Job(1, 2, 0, 0, 6)], 1, 6, 5, 0), [1])
def test_nothing_of_the_rest_is_taken_while_something_close_waits(pool, cuts):
    """Strict priority, from the definition and not by way of the reference."""
    jobs, *_ = pool
    broker, found, job_of = broker_of(pool), [], {job.key: job for job in jobs}
    for start, until in ticks(cuts):
        now = [job for job in jobs if start <= job.enqueued < until]
        if now:
            broker.enqueue(batch_of(now))
        found += taken(broker.work(until))
    for i, entry in enumerate(found):
        passed_over = [job_of[later.key] for later in found[i:] if job_of[later.key].lane < job_of[entry.key].lane]
        assert all(job.enqueued > entry.polled for job in passed_over)


@given(pools(), st.data())
def test_jobs_handed_over_one_by_one_in_any_order_are_the_same(pool, data):
    jobs, *_ = pool
    broker = broker_of(pool)
    for job in data.draw(st.permutations(jobs)):
        broker.enqueue(batch_of([job]))
    assert taken(broker.work(END)) == reference.polling_workers(*pool)


@given(
    pools(),
    CUTS,
    st.dictionaries(INSTANTS, st.tuples(st.integers(1, 5), st.integers(1, 12), st.integers(1, 4)), max_size=4),
)
def test_changed_knobs_do_not_make_ticks_matter(pool, cuts, changes):
    def run(edges):
        broker, found, start = broker_of(pool), [], -1
        for until in [*edges, END]:
            now = [job for job in pool[0] if start <= job.enqueued < until]
            if now:
                broker.enqueue(batch_of(now))
            found += taken(broker.work(until))
            start = until
            if until in changes:
                workers, batch, partitions = changes[until]
                broker.configure(poll_ns=2, delivery_ns=1, batch_copies=batch, partitions=partitions)
                broker.set_workers(workers, until)
        return found, broker.busy_ns

    assert run(sorted({*cuts, *changes})) == run(sorted(changes))


# The references can say no


AT = [0, 0, 3, 3, 20, 21, 22, 40]
SERVER = [0, 1, 0, 0, 1, 1, 1, 0]
SERVICE = [4, 5, 2, 9, 1, 6, 6, 3]
JOBS = [Job(key // 4, key, key % 2, key % 3, 1 + key % 5) for key in range(24)]
POOL = (JOBS, 2, 6, 5, 1)


@pytest.mark.parametrize("who", range(len(AT)))
def test_the_references_see_one_nanosecond_of_one_customer(who):
    longer = [service + (i == who) for i, service in enumerate(SERVICE)]
    at, server, service = (np.array(column, np.int64) for column in (AT, SERVER, SERVICE))
    done = Station(2).serve(server, at, service).tolist()
    assert done == reference.single_servers(SERVER, AT, SERVICE)
    assert done != reference.single_servers(SERVER, AT, longer)
    done = MultiServer(2).serve(at, service).tolist()
    assert done == reference.many_servers(2, AT, SERVICE)
    assert done != reference.many_servers(2, AT, longer)
    assert reference.tandem([(SERVER, SERVICE)] * 2, AT) != reference.tandem([(SERVER, SERVICE), (SERVER, longer)], AT)


@pytest.mark.parametrize(
    "other",
    [
        ([job._replace(lane=0) for job in JOBS], *POOL[1:]),
        ([job._replace(partition=0) for job in JOBS], *POOL[1:]),
        ([job._replace(key=23 - job.key) for job in JOBS], *POOL[1:]),
        (JOBS, 3, 6, 5, 1),
        (JOBS, 2, 5, 5, 1),
        (JOBS, 2, 6, 6, 1),
        (JOBS, 2, 6, 5, 2),
    ],
    ids=["without lanes", "one partition", "other ties", "a worker more", "a copy fewer", "poll + 1 ns", "copy + 1 ns"],
)
def test_the_reference_of_the_workers_refuses_a_pool_a_little_different(other):
    broker = broker_of(POOL)
    broker.enqueue(batch_of(JOBS))
    found = taken(broker.work(END))
    assert found == reference.polling_workers(*POOL)
    assert found != reference.polling_workers(*other)


RESTART = 7
SPANS = st.tuples(INSTANTS, st.integers(1, 25)).map(lambda one: (one[0], one[0] + one[1]))


@given(pools(), CUTS, st.lists(SPANS, max_size=2), st.lists(st.tuples(INSTANTS, st.integers(1, 3)), max_size=3))
@example(([Job(0, 0, 0, 0, 6), Job(0, 1, 1, 0, 6)], 1, 6, 5, 1), [], [(5, 40)], [(8, 1)])  # it dies while all pause
def test_pauses_and_crashes_are_what_the_definition_says_at_any_tick(pool, cuts, pauses, crashes):
    jobs, *_ = pool
    broker, found, lost = broker_of(pool), [], []
    broker.restart_ns = RESTART
    for start, until in ticks(sorted({*cuts, *(at for at, _ in [*pauses, *crashes])})):
        for since, end in sorted(pauses):
            if since == start:
                broker.pause(since, end)
        for at, count in sorted(crashes):
            if at == start:
                died = broker.crash(count, at)
                lost += [entry.key for entry in found if entry.worker in died and entry.done > at]
        now = [job for job in jobs if start <= job.enqueued < until]
        if now:
            broker.enqueue(batch_of(now))
        found += taken(broker.work(until))
    expected, expected_lost = reference.broken_workers(*pool, pauses, crashes, RESTART)
    assert found == expected
    assert sorted(set(lost)) == sorted(set(expected_lost))
