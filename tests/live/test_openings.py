"""A copied world is a world of its own, and the same one."""

import gc
import threading

import numpy as np

from engine.live.openings import MODELS, Openings, twin
from engine.observe.metrics import Metric
from engine.timelines.outliving import Outliving
from tests.live.helpers import advance, small_config, small_run, small_world

FOLLOWS = {"load.follows_per_s": 10, "load.unfollows_per_s": 5}


def arrays_of(run):
    """Every array that hangs on a run, but for what is shared on purpose."""
    population = run.world.population
    return arrays_below(run, {id(population), id(population.graph), id(run.world.load.audience)})


def arrays_below(thing, seen):
    found, waiting = [], [thing]
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or isinstance(thing, type) or callable(thing):
            continue
        seen.add(id(thing))
        if isinstance(thing, np.ndarray):
            found.append(thing)
        else:
            waiting.extend(gc.get_referents(thing))
    return found


def overlaps(arrays):
    """How many pairs of arrays are views of the same memory."""
    spans = sorted(
        (array.__array_interface__["data"][0], array.nbytes) for array in arrays if array.nbytes and array.base is None
    )
    begins = np.array([begin for begin, _ in spans])
    views = [array for array in arrays if array.nbytes and array.base is not None]
    pairs = 0
    for view in views:
        at = int(np.searchsorted(begins, view.__array_interface__["data"][0], side="right")) - 1
        pairs += at >= 0 and view.__array_interface__["data"][0] < spans[at][0] + spans[at][1]
    return pairs


def same(one, other):
    for key in one.series.columns:
        np.testing.assert_array_equal(one.series.columns[key], other.series.columns[key])
    assert [one.world.metrics.total(metric) for metric in Metric if metric.kind != "level"] == [
        other.world.metrics.total(metric) for metric in Metric if metric.kind != "level"
    ]
    assert one.pulse.vitals(False) == other.pulse.vitals(False)
    everybody = np.arange(one.world.population.users, dtype=np.int32)
    mine, theirs = one.world.tables, other.world.tables
    np.testing.assert_array_equal(mine.lists.entries(everybody).values, theirs.lists.entries(everybody).values)
    np.testing.assert_array_equal(mine.lists.horizons(everybody), theirs.lists.horizons(everybody))
    np.testing.assert_array_equal(mine.graph.edges(), theirs.graph.edges())
    np.testing.assert_array_equal(mine.graph.follower_counts, theirs.graph.follower_counts)


def eventful(run):
    """Everything that can happen, happens."""
    run.inject("celebrity")
    advance(run, 3)
    run.set_strategy("hybrid:threshold=100")
    run.inject("viral")
    advance(run, 3)
    run.set_knobs({"workers.count": 3, "cache.posts": 200})
    run.set_strategy("cached_pull")
    run.inject("herd")
    advance(run, 3)


def test_a_twin_has_the_same_future():
    run = small_run(seconds=3, **FOLLOWS, **{"fanout.fail_rate": 0.1, "fanout.redeliver_rate": 0.1})
    run.inject("celebrity")
    advance(run, 1)
    other = twin(run)
    same(run, other)
    eventful(run)
    eventful(other)
    same(run, other)


def test_what_one_does_the_other_does_not_see():
    run = small_run(seconds=3, **FOLLOWS)
    kept, other = twin(run), twin(run)
    eventful(run)
    same(kept, other)
    assert run.world.now_ns > kept.world.now_ns


def test_a_twin_breaks_no_view_of_shared_memory():
    """A deep copy makes two arrays of an array and its view: what is written to one is no longer seen in the other."""
    run = small_run(seconds=3)
    other = twin(run)
    mine, theirs = arrays_of(run), arrays_of(other)
    assert len(mine) > 80
    assert overlaps(mine) == overlaps(theirs) >= 2
    population = arrays_below(run.world.population, set())  # of whose links a graph makes a copy before it changes
    shared = {id(array) for array in mine} & {id(array) for array in theirs}
    assert shared <= {id(array) for array in population}


def test_the_same_configuration_is_built_once_and_handed_out_often():
    built = []

    def build(config):
        built.append(config)
        return small_world(config)

    openings = Openings(build, history_s=0.5)
    runs = []
    threads = [threading.Thread(target=lambda: runs.append(openings.run(small_config()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 1
    assert len({id(run.world) for run in runs}) == 4
    for seed in range(MODELS):
        openings.run(small_config(seed=seed))
    openings.run(small_config())
    assert len(built) == 1 + MODELS + 1, "only the latest are kept"


def test_lists_on_a_server_are_made_on_the_ring_and_moved_there():
    built = []

    def build(config):
        built.append(config.timeline.backend)
        return small_world(config)

    openings = Openings(build, history_s=0.5)
    ring, *redis = (openings.run(small_config(**{"timeline.backend": kind})) for kind in ("ring", "redis", "redis"))
    assert built == ["ring"], "one history for all"
    assert all(isinstance(run.world.tables.lists, Outliving) for run in redis)
    assert {run.world.config.timeline.backend for run in redis} == {"redis"}
    for run in (ring, *redis):
        run.inject("celebrity")
        advance(run, 3)
        same(run, ring)
