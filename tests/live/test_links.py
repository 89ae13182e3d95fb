"""A link carries an experiment there and back, names only what differs, and opens the same world again."""

from urllib.parse import parse_qsl

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.worlds import WORLDS, preset_config
from engine.config import KNOBS
from engine.errors import InvalidInput, InvalidKnob, UnknownName
from engine.live.links import Experiment, experiment_in
from engine.load.named import named_load
from engine.observe.metric import Metric
from engine.write_path.strategies import STRATEGIES, with_strategy
from tests.live.helpers import Wall, ask, small_config, unthreaded

EVENTS = ("celebrity", "viral", "herd")
LINKED = {"world", "seed", "strategy", "scenario"}


def values(knob):
    """What a knob may be set to."""
    if knob.choices:
        return st.sampled_from(knob.choices)
    if isinstance(knob.default, bool):
        return st.booleans()
    if isinstance(knob.default, int):
        return st.integers(int(knob.lo), int(knob.hi))
    return st.floats(knob.lo, knob.hi)


OTHERS = [name for name in KNOBS if name != "tick_ms"]


@st.composite
def experiments(draw):
    config = with_strategy(preset_config(draw(st.sampled_from(list(WORLDS)))), draw(st.sampled_from(list(STRATEGIES))))
    chosen = draw(st.lists(st.sampled_from(OTHERS), unique=True, max_size=12))
    config = config.with_knobs({name: draw(values(KNOBS[name])) for name in chosen})
    return Experiment(config, draw(st.sampled_from([None, *EVENTS])))


def parsed(experiment):
    return dict(parse_qsl(experiment.to_query(), strict_parsing=True))


@settings(max_examples=300, deadline=None)
@given(experiments())
def test_there_and_back(experiment):
    assert experiment_in(parsed(experiment)) == experiment


@settings(max_examples=300, deadline=None)
@given(experiments())
def test_only_what_differs_from_the_preset_is_named(experiment):
    preset = preset_config(experiment.config.world)
    differing = {name for name in OTHERS if experiment.config.knob(name) != preset.knob(name)}
    query = parsed(experiment)
    assert set(query) - LINKED == differing - {"seed"}
    assert set(query) & LINKED == (LINKED if experiment.scenario else LINKED - {"scenario"})


def test_a_preset_is_its_three_words():
    config = with_strategy(preset_config("classroom", seed=7), "hybrid")
    assert Experiment(config, "celebrity").to_query() == "world=classroom&seed=7&strategy=hybrid&scenario=celebrity"
    changed = config.with_knobs({"workers.count": 8, "fanout.lanes": False, "tick_ms": 10})
    query = "world=classroom&seed=7&strategy=hybrid&fanout.lanes=False&workers.count=8"
    assert Experiment(changed).to_query() == query
    assert experiment_in(dict(parse_qsl(query))).config == changed.with_knobs({"tick_ms": config.tick_ms})


@pytest.mark.parametrize(
    ("query", "experiment"),
    [
        ({"world": "classroom"}, Experiment(preset_config("classroom"))),
        ({"world": "city", "seed": "3"}, Experiment(preset_config("city", seed=3))),
        (
            {"world": "classroom", "strategy": "hybrid:threshold=50"},
            Experiment(with_strategy(preset_config("classroom"), "hybrid:threshold=50")),
        ),
        ({"world": "classroom", "scenario": "steady"}, Experiment(preset_config("classroom"))),
        (
            {"world": "classroom", "view": "projector", "user": "412", "twin": "0123", "story": "off"},
            Experiment(preset_config("classroom")),
        ),
        ({}, None),
        ({"world": "0123456789abcdef", "seed": "nonsense"}, None),
        ({"world": "CLASSROOM"}, None),
        ({"world": ""}, None),
        ({"seed": "7", "strategy": "push"}, None),
    ],
)
def test_what_an_address_names(query, experiment):
    assert experiment_in(query) == experiment


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"seed": "-1"}, InvalidKnob),
        ({"seed": "1.5"}, InvalidKnob),
        ({"seed": ""}, InvalidKnob),
        ({"seed": str(2**31)}, InvalidKnob),
        ({"seed": "9" * 5_000}, InvalidKnob),
        ({"strategy": "telepathy"}, UnknownName),
        ({"strategy": ""}, UnknownName),
        ({"strategy": "hybrid:threshold=0"}, InvalidKnob),
        ({"strategy": "push:threshold=3"}, InvalidKnob),
        ({"strategy": "hybrid:threshold"}, InvalidKnob),
        ({"scenario": "earthquake"}, UnknownName),
        ({"load": "twitter-1812"}, UnknownName),
        ({"scenario": "trace"}, UnknownName),
        ({"scenario": ""}, UnknownName),
        ({"workers.count": "0"}, InvalidKnob),
        ({"workers.count": "10001"}, InvalidKnob),
        ({"workers.count": "many"}, InvalidKnob),
        ({"workers.count": "2.5"}, InvalidKnob),
        ({"costs.scale": "nan"}, InvalidKnob),
        ({"costs.scale": "inf"}, InvalidKnob),
        ({"costs.scale": "-inf"}, InvalidKnob),
        ({"load.reads_per_s": "1e999"}, InvalidKnob),
        ({"load.posts_per_s": "-0.1"}, InvalidKnob),
        ({"fanout.lanes": "perhaps"}, InvalidKnob),
        ({"timeline.backend": "floppy"}, InvalidKnob),
        ({"no.such": "1"}, InvalidKnob),
        ({"workers.count.": "1"}, InvalidKnob),
        ({"__class__.__init__": "1"}, InvalidKnob),
        ({".": ""}, InvalidKnob),
        ({"tick_ms": "0"}, InvalidKnob),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(wrong, error):
    with pytest.raises(error) as refused:
        experiment_in({"world": "classroom"} | wrong)
    assert str(refused.value).rstrip().endswith((".", "?"))
    assert "\n" not in str(refused.value)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from([*KNOBS, *LINKED, "view", "a.b"]), st.text(max_size=20), max_size=5))
def test_no_address_is_too_strange(query):
    refusal = ""
    try:
        experiment_in({"world": "classroom"} | query)
    except InvalidInput as refused:
        refusal = str(refused)
    assert len(refusal) < 500


def test_a_named_load_stands_for_its_settings_and_gives_way_to_those_that_are_named():
    query = {"world": "country", "load": "twitter-2012", "load.posts_per_s": "1000", "strategy": "hybrid"}
    wanted = {**named_load("twitter-2012"), "load.posts_per_s": 1_000}
    assert experiment_in(query).config == with_strategy(preset_config("country", **wanted), "hybrid")


@pytest.fixture
def worlds():
    registry = unthreaded(Wall())
    yield registry
    registry.stop()


def seen(live):
    """All that there is, after ten seconds."""
    run = live._stage.run
    for _ in range(100):
        run.step(100_000_000, pooled=False)
    run.catch_up()
    world = run.world
    posts, everybody = world.tables.posts, np.arange(300, dtype=np.int32)
    lists = world.tables.lists.entries(everybody)
    return {
        "posts": [
            getattr(posts, name)[: posts.size].tolist()
            for name in ("key", "accepted_ns", "author", "kind", "ref", "likes", "reposts", "replies", "pushed")
        ],
        "lists": (lists.values.tolist(), lists.offsets.tolist()),
        "graph": [column.tolist() for column in world.tables.graph.edges()],
        "series": [np.nan_to_num(world.metrics.series(metric, 0)[1], nan=-1).tolist() for metric in Metric],
        "charts": {name: np.nan_to_num(column, nan=-1).tolist() for name, column in run.series.columns.items()},
        "flags": [(flag.at_ns, flag.label) for flag in run.chronicle.flags],
        "config": world.config,
    }


@pytest.mark.parametrize("scenario", [None, *EVENTS])
def test_two_worlds_of_one_link_are_the_same_bit_for_bit(worlds, scenario):
    config = with_strategy(small_config(seed=11, **{"load.follows_per_s": 5, "fanout.fail_rate": 0.1}), "hybrid")
    query = dict(parse_qsl(Experiment(config, scenario).to_query()))
    one, other = (worlds.open(*experiment_in(query)) for _ in range(2))
    first = seen(one)
    assert first == seen(other)
    assert len(first["posts"][0]) > 50
    assert bool(first["flags"]) == (scenario is not None)
    other_seed = seen(worlds.open(*experiment_in(query | {"seed": "12"})))
    assert other_seed["posts"] != first["posts"]


def test_a_world_tells_its_own_link_with_its_present_design_and_its_last_event(worlds):
    live = worlds.open(small_config())
    assert experiment_in(dict(parse_qsl(ask(worlds, live.link)))) == Experiment(live.config)
    ask(worlds, live.inject, "viral")
    ask(worlds, live.inject, "celebrity")
    ask(worlds, live.set_strategy, "hybrid:threshold=42")
    ask(worlds, live.set_knobs, {"workers.count": 9})
    told = experiment_in(dict(parse_qsl(ask(worlds, live.link))))
    assert told == Experiment(live.config, "celebrity")
    assert (told.config.strategy.threshold, told.config.workers.count) == (42, 9)
