"""The sheet as settings of the small world: what is entered is set, what is not is said, proportions stay."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InvalidInput
from lessons.interview.runs import config_diff, design_of, drawn
from lessons.interview.runs.design import SWITCHES
from lessons.interview.runs.moves import MOVES
from lessons.interview.runs.scale import scaled
from lessons.interview.sheet import Assume
from tests.lessons.interview.candidates import made, senior

ASSUMED = Assume(**senior()["steps"]["1"]["structured"]["assume"])


def test_one_person_stands_for_so_many():
    size = scaled(ASSUMED)
    assert size.factor == pytest.approx(3e7 / 30_000)
    assert size.posts_per_s * size.factor == pytest.approx(4e8 / 86_400)
    assert size.reads_per_s * size.factor == pytest.approx(2e10 / 86_400)
    assert size.copies_post == pytest.approx(75)
    assert size.copies_factor == pytest.approx(size.factor)
    assert size.notes == ()


@given(st.floats(1e5, 1e10), st.floats(1e5, 1e12), st.floats(1, 1e4), st.floats(10, 1e9), st.floats(1, 1e6))
@settings(max_examples=50, deadline=None)
def test_rates_keep_their_proportion_whatever_is_assumed(posts, reads, fanout, most, peak):
    size = scaled(
        Assume(
            posts_per_day=posts,
            home_reads_per_day=reads,
            fanout_mean=fanout,
            followers_max=most,
            peak=peak,
            follows_mean=100.0,
        )
    )
    assert size.posts_per_s * size.factor == pytest.approx(posts / 86_400)
    assert size.posts_per_s <= 12.0
    assert size.reads_per_s <= 1_500.01
    if not any("largest account" in note for note in size.notes):
        assert size.factor * 30_000 == pytest.approx(most, rel=0.021)
    assert size.copies_post * size.copies_factor == pytest.approx(fanout * size.factor)


def test_a_threshold_keeps_its_place_between_the_mean_and_the_largest():
    size = scaled(ASSUMED)
    assert size.followers_here(75) == 75
    assert size.followers_here(3e7) == pytest.approx(30_000, rel=0.001)
    assert size.followers_here(3e8) > 30_000
    middle = (75 * 3e7) ** 0.5
    assert size.followers_here(middle) == pytest.approx((75 * 30_000) ** 0.5, rel=0.01)
    places = [size.followers_here(followers) for followers in (10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8)]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("steps.1.structured.assume.posts_per_day", "posts a day"),
        ("steps.1.structured.assume.home_reads_per_day", "home pages a day"),
        ("steps.3.structured.strategy", "strategy"),
    ],
)
def test_what_a_run_cannot_do_without_is_named(missing, said):
    with pytest.raises(InvalidInput, match=said):
        design_of(made({missing: None}))


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("steps.1.structured.assume.fanout_mean", "followers of the mean post"),
        ("steps.1.structured.assume.followers_max", "no largest account"),
        ("steps.1.structured.assume.peak", "times the mean at the peak"),
        ("steps.3.structured.threshold", "No threshold"),
        ("steps.5.structured.workers", "no workers"),
        ("steps.1.structured.slo.fresh_s", "no freshness"),
    ],
)
def test_what_the_run_had_to_assume_is_said(missing, said):
    assert any(said in note for note in design_of(made({missing: None})).notes)
    assert not any(said in note for note in design_of(made()).notes)


def test_the_pool_does_what_the_candidates_pool_does():
    design = design_of(made({"steps.5.structured.workers": 700.0, "steps.5.structured.per_worker_s": 900.0}))
    config = design.config
    assert config.workers.count * 1e6 / config.costs.delivery_us == pytest.approx(700 * 900 / design.scale)
    job_s = config.fanout.chunk * config.costs.delivery_us / 1e6
    assert job_s == pytest.approx(100 / 900, rel=0.25)


def test_an_empty_sheet_switches_nothing_on_and_each_choice_switches_one():
    bare = {f"steps.5.structured.{name}": None for name in ("stampede", "hot_key", "lanes", "bound")}
    bare |= {f"steps.6.structured.{name}": None for name in ("degrade", "alarms", "dlq")}
    none = design_of(made(bare))
    assert not any(none.config.knob(knob) for knob in (*SWITCHES, "fanout.lanes"))
    for knob, words in SWITCHES.items():
        for word in words:
            field, _, value = word.partition(":")
            path, choice = {
                "action": ("steps.6.structured.alarms", [{"metric": "queue_depth", "action": value}]),
                "degrade": ("steps.6.structured.degrade", [value]),
                "dlq": ("steps.6.structured.dlq", True),
                "bound": ("steps.5.structured.bound", value),
            }.get(field, (f"steps.5.structured.{field}", [value]))
            chosen = design_of(made({**bare, path: choice}))
            assert {one for one in SWITCHES if chosen.config.knob(one)} >= {knob}
            assert knob in config_diff(none, chosen)


ASKED = [f"steps.1.structured.assume.{name}" for name in Assume.model_fields]
ASKED += [f"steps.5.structured.{name}" for name in ("workers", "per_worker_s", "batch")]
ASKED += ["steps.3.structured.threshold", "steps.4.structured.cap", "steps.1.structured.slo.fresh_s"]
EXTREMES = st.sampled_from([None, 0.0, 1e-9, 0.5, 1.0, 7.0, 1e3, 1e6, 1e12, 1e18])


@given(
    st.dictionaries(st.sampled_from(ASKED), EXTREMES, max_size=6),
    st.sampled_from(["pull", "cached_pull", "push", "hybrid", "active_only", "other"]),
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_entered_there_is_a_design_or_a_sentence_about_what_lacks(numbers, strategy):
    transcript = made({**numbers, "steps.3.structured.strategy": strategy})
    assumed = transcript.steps.s1.structured.assume
    if assumed.posts_per_day and assumed.home_reads_per_day:
        assert design_of(transcript, seed=7).scale > 0
        return
    with pytest.raises(InvalidInput, match="a run needs"):
        design_of(transcript, seed=7)


@pytest.mark.parametrize(
    ("path", "choice", "knob"),
    [
        ("steps.6.structured.degrade", ["pull_instead"], "mitigations.fallback"),
        ("steps.6.structured.degrade", ["serve_stale"], "mitigations.stale_if_error"),
        ("steps.5.structured.bound", "hold_posts", "mitigations.back_pressure"),
        ("steps.5.structured.stampede", ["warming"], "mitigations.cache_warming"),
        ("steps.5.structured.lanes", ["own_timeline", "normal"], "fanout.lanes"),
    ],
)
def test_choices_mean_what_they_say(path, choice, knob):
    assert design_of(made({path: choice})).config.knob(knob) is True


def test_a_change_of_the_pool_is_one_knob():
    before, after = design_of(made()), design_of(made({"steps.5.structured.workers": 1_200.0}))
    assert list(config_diff(before, after)) == ["costs.delivery_us"]
    assert config_diff(before, before) == {}


def test_every_move_is_one_that_the_engine_knows():
    config = design_of(made()).config
    for name, move in MOVES.items():
        changed = move.apply(config) if not name.startswith("to_") else {}
        assert config.with_knobs(changed) is not None
        assert move.title


def test_any_seed_of_an_interview_is_one_of_a_world():
    assert design_of(made(), seed=drawn(2**63 - 1).seed).config.seed == (2**63 - 1) % 1_000_000_000


def test_a_seed_draws_the_same_twice_and_not_always_the_same():
    assert drawn(7) == drawn(7)
    assert len({drawn(seed).variants for seed in range(40)}) > 5
    for seed in range(40):
        assert len(set(drawn(seed).variants)) == 2
        assert len(set(drawn(seed).unforeseen)) == 3
