"""Off in every other mode: the engine does not know its defects, and one planted world leaves all others alone."""

import numpy as np
import pytest

from engine.defects import DEFECTS, find_defect, plant
from engine.domain import Op
from engine.errors import UnknownName
from engine.observe.metric import Metric
from engine.world import World
from tests.law.small import MS, Small, everybody_follows
from tests.test_layers import imports_of, inside

ALLOWED = ("engine.defects", "lessons")
"""Who may import planted defects: they themselves, and the school."""
PARTS = (
    "gateway", "primary", "fanout", "reads", "rebuilds", "later", "incidents", "metrics", "recorder", "strategy",
)  # fmt: skip


def test_nobody_but_the_school_imports_planted_defects():
    found = [
        f"{module} -> {imported}"
        for module, imported in imports_of("engine", "datasets", "pages", "app.py")
        if inside(imported, "engine.defects") and not any(inside(module, name) for name in ALLOWED)
    ]
    assert found == []


def lived() -> Small:
    """A world in which a little of everything has happened."""
    small = Small("push", everybody_follows(1) | {(1, 2), (0, 3)}, {"timeline.cap": 4, "fanout.redeliver_rate": 0.5})
    rows = [small.post(author) for author in (1, 2, 1, 3, 1)]
    small.repost(2, rows[0])
    for user in range(8):
        small.script.add(200 * MS, Op.READ_HOME, user)
    small.people.unfollow(4, 1)
    small.world.evict(5)
    small.settle()
    return small


def state(small: Small) -> list[object]:
    world = small.world
    lists = world.tables.lists.entries(np.arange(8, dtype=np.int32))
    totals = {metric: world.metrics.total(metric) for metric in Metric if metric.kind != "level"}
    return [lists.values.tolist(), lists.offsets.tolist(), totals, [small.home(user) for user in range(8)]]


HEALTHY = state(lived())


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_world_leaves_the_next_one_as_it_would_have_been(defect):
    beside = Small("push", everybody_follows(1))
    plant(beside.world, defect)
    beside.post(1)
    beside.settle()
    assert state(lived()) == HEALTHY


def overridden(world: World) -> set[str]:
    """Methods that stand in an object of this world, and not in its class."""
    parts = {"world": world, **{name: getattr(world, name) for name in PARTS}, **vars(world.tables)}
    parts["followers"] = world.tables.graph._followers
    found = {
        f"{name}.{method}"
        for name, part in parts.items()
        if hasattr(part, "__dict__")
        for method in vars(part)
        if callable(getattr(type(part), method, None))
    }
    return found | ({"lists"} if type(world.tables.lists).__module__.startswith("engine.defects") else set())


def test_a_world_in_which_nothing_was_planted_has_the_methods_of_its_classes():
    assert overridden(Small().world) == set()


@pytest.mark.parametrize("defect", DEFECTS)
def test_each_defect_stands_before_one_thing(defect):
    small = Small()
    plant(small.world, defect)
    places = overridden(small.world)
    assert 1 <= len(places) <= 2
    assert len({place.partition(".")[0] for place in places}) == 1, "in one place"


def test_an_unknown_defect_is_refused_with_the_names_there_are():
    with pytest.raises(UnknownName, match="'zzz'; allowed: undo_ignored"):
        find_defect("zzz")
    world = Small().world
    with pytest.raises(UnknownName):
        plant(world, "zzz")
    assert overridden(world) == set()


def test_each_defect_says_in_a_sentence_what_is_wrong_and_where_it_was_seen():
    for name, defect in DEFECTS.items():
        assert defect.name == name
        assert defect.what.endswith(".")
        assert defect.real_engine
        assert len(defect.what.split()) <= 24
    assert len({defect.what for defect in DEFECTS.values()}) == len(DEFECTS)
