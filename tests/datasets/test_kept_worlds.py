"""A large world is made once and mapped from files after that: the same world, to the last entry."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from datasets import worlds
from datasets.worlds import WorldPreset, build_population, find_world, preset_config
from engine.clock import NS_PER_S
from engine.errors import InvalidKnob, NotEnoughMemory, StoreError
from engine.experiments.run import summarise
from engine.load.scenarios import scenario
from engine.observe.audit import audit
from engine.timelines import ring
from engine.world import World
from engine.write_path.strategies import with_strategy

STRATEGIES = ("push", "hybrid:threshold=200", "push_active:days=20", "pull")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(worlds, "CACHE", tmp_path / "cache")


def become(monkeypatch, **changes) -> WorldPreset:
    """The classroom is such a preset now."""
    preset = replace(find_world("classroom"), **{"defaults": {"load.author_exponent": 0.0}, **changes})
    monkeypatch.setattr(worlds, "WORLDS", MappingProxyType({"classroom": preset}))
    return preset


def opened(strategy: str, **knobs) -> World:
    config = with_strategy(
        preset_config("classroom", **{"timeline.cap": 60, "load.follows_per_s": 20, **knobs}), strategy
    )
    world = World(config, build_population(config), scenario("celebrity").fitted(4))
    world.load_ends_ns = 4 * NS_PER_S
    return world


def run(world: World) -> dict:
    while not world.at_rest or world.now_ns < world.load_ends_ns:
        world.step(NS_PER_S)
    everybody = np.arange(world.population.users, dtype=np.int32)
    checked = audit(world.tables, world.strategy, world.now_ns, world.fanout.outstanding()).to_json()
    lists = world.tables.lists
    return {
        **summarise(world, 4), "audit": checked, "rows": lists.entries(everybody).values.tolist(),
        "horizons": lists.horizons(everybody).tolist(), "follows": world.tables.graph.edges()[0].tolist(),
    }  # fmt: skip


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_kept_world_is_the_world_that_was_made(strategy, monkeypatch):
    become(monkeypatch)
    made = run(opened(strategy))
    become(monkeypatch, memory_gb=0.001)
    first = run(opened(strategy))
    assert first["audit"]["missing"] == first["audit"]["foreign"] == 0
    assert first["summary"]["trims"] > 0 or strategy == "pull"
    assert first == made
    monkeypatch.setattr(worlds, "_drawn", None)  # the second time nothing is made: it could not
    monkeypatch.setattr(ring.RingStore, "arrays", None)
    assert run(opened(strategy)) == made


def test_what_happens_in_a_world_changes_no_file(monkeypatch, tmp_path):
    become(monkeypatch, memory_gb=0.001)
    one, other = opened("push"), opened("push")
    files = sorted((tmp_path / "cache").rglob("*.npy"))
    before = [path.read_bytes() for path in files]
    assert len(files) > 10
    assert run(one) == run(other)
    assert [path.read_bytes() for path in files] == before


def test_one_history_serves_every_load(monkeypatch):
    become(monkeypatch, memory_gb=0.001)
    calm = opened("push")
    monkeypatch.setattr(worlds, "_drawn", None)
    busy = opened("push", **{"load.author_exponent": 0.9})
    size = calm.tables.posts.size
    assert busy.tables.posts.author[:size].tolist() == calm.tables.posts.author[:size].tolist()


def test_another_seed_and_another_preset_are_kept_apart(monkeypatch, tmp_path):
    become(monkeypatch, memory_gb=0.001)
    opened("push")
    opened("push", seed=8)
    become(monkeypatch, memory_gb=0.001, history_posts=100)
    assert opened("push").tables.posts.size == 100
    assert len(list((tmp_path / "cache").iterdir())) == 3


def test_what_a_killed_process_left_behind_is_not_taken_for_a_world(monkeypatch, tmp_path):
    become(monkeypatch, memory_gb=0.001)
    made = run(opened("push"))
    (kept,) = (tmp_path / "cache").iterdir()
    lists = next(kept.glob("lists-*"))
    lists.rename(kept / f".making-1-{lists.name}")  # as it looks before the last step
    assert run(opened("push")) == made
    assert lists.is_dir()


def test_a_folder_that_cannot_be_written_is_an_error_in_a_sentence(monkeypatch, tmp_path):
    become(monkeypatch, memory_gb=0.001)
    (tmp_path / "cache").write_text("a file stands here")
    with pytest.raises(StoreError, match="cannot keep a large world: Not a directory"):
        opened("push")


def test_where_memory_is_short_a_large_world_is_refused_and_says_what_it_needs(monkeypatch):
    become(monkeypatch, memory_gb=1e6)
    with pytest.raises(
        NotEnoughMemory, match=r"World classroom needs 1e\+06 GB of free memory, and [0-9.]+ GB are free"
    ):
        opened("push")


def test_its_lists_stay_in_this_process(monkeypatch, tmp_path):
    become(monkeypatch, memory_gb=0.001)
    with pytest.raises(InvalidKnob, match="are kept in this process only; allowed: ring"):
        opened("push", **{"timeline.backend": "fakeredis"})
