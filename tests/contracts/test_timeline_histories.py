"""Any history of operations leaves every backend with the lists of a model in plain Python."""

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.domain import NO_LIST
from engine.timelines import TimelineStore
from engine.timelines.ring import RingStore
from tests.contracts.timeline_model import ModelStore, ids, ragged

USERS = 3
users = st.integers(0, USERS - 1)
some_rows = st.integers(0, 15)
groups = st.lists(users, max_size=USERS)
pairs = st.lists(st.tuples(users, some_rows), max_size=10)
row_lists = st.lists(some_rows, max_size=8)
horizons = some_rows | st.just(NO_LIST)
operations = st.one_of(
    st.tuples(st.just("push"), pairs),
    st.tuples(st.just("push"), st.lists(st.tuples(st.just(1), some_rows), max_size=10)),
    st.tuples(st.just("remove"), pairs),
    st.tuples(st.just("create"), groups),
    st.tuples(st.just("drop"), groups),
    st.tuples(st.just("merge"), users, row_lists, some_rows),
    st.tuples(st.just("begin_rebuild"), groups, some_rows),
    # Nearly always the row that the rebuild began at, else commits would hardly ever succeed.
    st.tuples(st.just("rebuild"), users, some_rows, pairs, row_lists, some_rows),
    st.tuples(
        st.just("load"),
        st.lists(st.sets(some_rows).map(sorted), min_size=USERS, max_size=USERS),
        st.lists(horizons, min_size=USERS, max_size=USERS),
    ),
)
histories = st.lists(operations, max_size=12).map(lambda rest: [("create", [0, 1]), *rest])


def apply(store: TimelineStore, model: ModelStore, operation: tuple) -> None:
    """Do one operation to both; their answers must agree."""
    name, *args = operation
    match name:
        case "push":
            owners, rows = np.array(args[0], dtype=np.int32).reshape(-1, 2).T
            got = store.push(owners, rows)
            assert (got.inserted.tolist(), got.trims) == model.push(args[0])
        case "remove":
            owners, rows = np.array(args[0], dtype=np.int32).reshape(-1, 2).T
            store.remove(owners, rows)
            model.remove(args[0])
        case "create" | "drop":
            getattr(store, name)(ids(*args[0]))
            model.reset(args[0], 0 if name == "create" else NO_LIST)
        case "begin_rebuild":
            store.begin_rebuild(ids(*args[0]), args[1])
            model.reset(args[0], args[1])
        case "rebuild":
            owner, at_row, landing, rows, floor = args
            apply(store, model, ("begin_rebuild", [owner], at_row))
            apply(store, model, ("push", landing))
            got = store.commit_rebuild(owner, ids(*rows), floor, at_row)
            assert got == model.commit_rebuild(owner, rows, floor, at_row)
        case "merge":
            store.merge(args[0], ids(*args[1]), args[2])
            model.merge(*args)
        case "load":
            store.load(ragged(args[0]), ids(*args[1]))
            model.load(*args)


def assert_same(store: TimelineStore, model: ModelStore) -> None:
    everybody = ids(*range(USERS))
    lists = store.entries(everybody)
    assert lists.values.tolist() == [row for rows in model.lists for row in rows]
    assert store.sizes(everybody).tolist() == lists.lengths().tolist() == [len(rows) for rows in model.lists]
    assert store.horizons(everybody).tolist() == model.horizons


def assert_reads_the_same(store: TimelineStore, model: ModelStore) -> None:
    cursors = [0, 4, 9, NO_LIST]
    owners = ids(*(user for user in range(USERS) for _ in cursors))
    for limit in (1, 2, 4, 30):
        got = store.read(owners, limit, ids(*cursors * USERS))
        expected = [model.read(user, limit, before) for user in range(USERS) for before in cursors]
        assert list(zip(got.rows.tolist(), got.floors.tolist(), strict=True)) == expected
    owners, rows = ids(*(user for user in range(USERS) for _ in range(16))), ids(*list(range(16)) * USERS)
    expected = [row in model.lists[user] for user in range(USERS) for row in range(16)]
    assert store.contains(owners, rows).tolist() == expected


def test_any_history_gives_the_lists_of_the_model(make):
    paths = {"appended": 0, "merged": 0}
    on_ring = isinstance(make(1, 1), RingStore)

    @settings(
        max_examples=250 if on_ring else 50,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @example(cap=2, history=[("create", [1]), ("push", [(1, 5), (1, 6)]), ("push", [(1, 1), (1, 7)])])
    @example(cap=1, history=[("create", [1]), ("push", [(1, 5), (1, 4), (1, 6), (1, 6)])])
    @example(cap=4, history=[("create", [1]), ("push", [(1, 7), (1, 5), (1, 9), (1, 4), (1, 8), (1, 3), (1, 6)])])
    @example(cap=2, history=[("create", [1]), ("push", [(1, 1), (1, 2), (1, 3)]), ("push", [(1, 1), (1, 0)])])
    @example(cap=2, history=[("create", [1]), ("push", [(1, 1), (1, 2)]), ("remove", [(1, 2)]), ("push", [(1, 2)])])
    @example(cap=1, history=[("create", [1]), ("rebuild", 1, 5, [(1, 5), (1, 6)], [1, 2], 0)])
    @example(cap=3, history=[("create", [1]), ("rebuild", 1, 5, [(1, 5), (1, 9)], [1, 2], 7)])
    @example(cap=3, history=[("load", [[1, 2], [], [3]], [0, NO_LIST, 0]), ("merge", 1, [3], 2), ("merge", 0, [], 2)])
    @given(cap=st.integers(1, 5), history=histories)
    def check(cap: int, history: list[tuple]) -> None:
        store, model = make(USERS, cap), ModelStore(USERS, cap)
        for operation in history:
            apply(store, model, operation)
            assert_same(store, model)
        assert_reads_the_same(store, model)
        if isinstance(store, RingStore):
            paths["appended"] += store.appended
            paths["merged"] += store.merged

    check()
    if on_ring:
        assert min(paths.values()) > 300, f"both paths of the ring must be walked: {paths}"
