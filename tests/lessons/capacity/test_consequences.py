"""The estimate: the texts' own figures, units that fit, and what a change of an assumption moves."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.worlds import build_population, preset_config
from engine.config import WorldConfig
from engine.errors import InvalidField, InvalidPrices, UnknownName
from engine.experiments.claims.declared import DECLARED as CLAIMS
from engine.experiments.machine_price import M7G_LARGE
from engine.experiments.prices import BUILT_IN
from lessons.capacity import ASSUMED, CONSEQUENCES, PRESETS, PRICES, TIERS, TOPICS, Assumptions, bills, evaluate
from lessons.capacity.consequences import CONSTANTS, LABELS, unit_of
from lessons.capacity.figures import figure, room, with_unit
from lessons.capacity.presets import find_preset
from lessons.capacity.prices import load_prices
from lessons.capacity.units import parse_unit

S001, S004, TWITTER, CLASSROOM = (
    evaluate(PRESETS[name].assumptions) for name in ("seed-001", "seed-004", "twitter-2012", "classroom")
)
RATE = 0.01


def within(value: float, said: float, share: float = RATE) -> bool:
    return abs(value / said - 1) <= share


# The texts' own figures, written down here from claims.md and numbers.md


@pytest.mark.parametrize(
    ("sheet", "name", "said", "share"),
    [
        (S001, "rows_pull", 20_000, 0),  # C01
        (S001, "pull_s", 2e9, 1e-9),  # C02
        (S001, "largest_s", 150_000, 1e-9),  # C05: 41.7 h for one worker at 1 ms
        (S001, "celebrity_ms", 20, 0),  # C06
        (S001, "drain_s", 1_000, 0),  # C07: 5,000 take 5 s
        (S001, "posts_s", 5_787, 1e-4),  # C08
        (S001, "posts_peak", 60_000, 0.04),  # C08, as the text rounds it
        (S001, "down_month", 4.38, 1e-3),  # C09: 99.99 %
        (S004, "posts_s", 3_472, 1e-4),  # C11
        (S004, "posts_peak", 35_000, 0.01),  # C11
        (S004, "reads_s", 578_704, 1e-6),  # C12
        (S004, "reads_peak", 5e6, 1e-3),  # C12
        (S004, "inserts_day", 60e9, 1e-9),  # C13
        (S004, "inserts_s", 694_444, 1e-6),  # C13
        (S004, "inserts_peak", 7e6, 0.01),  # C13
        (S004, "posts_gb_day", 300, 1e-9),  # C15
        (S004, "kept_gb_day", 900, 1e-9),  # C15
        (S004, "list_bytes", 16_000, 0),  # C19: 800 entries of 20 bytes
        (TWITTER, "posts_s", 4_630, 1e-3),
        (TWITTER, "posts_peak", 12_000, 0.01),
        (TWITTER, "reads_s", 300_000, 1e-6),
        (TWITTER, "copies_post", 75, 1e-9),
        (TWITTER, "inserts_day", 30e9, 1e-9),
        (TWITTER, "inserts_s", 347_222, 1e-5),
        (CLASSROOM, "posts_s", 30, 1e-9),
        (CLASSROOM, "reads_s", 300, 1e-9),
    ],
)
def test_the_figures_of_the_texts_come_out(sheet, name, said, share):
    assert sheet.value(name) == pytest.approx(said, rel=share or 1e-12)


def test_the_classroom_is_the_classroom():
    config, a = preset_config("classroom", seed=7), PRESETS["classroom"].assumptions
    people = build_population(config)
    assert (a.people, a.workers) == (people.graph.n, config.workers.count)
    assert within(a.follows, people.graph.follower_counts.mean())
    by_post = (people.posting_weight * people.graph.follower_counts).sum() / people.posting_weight.sum()
    assert within(CLASSROOM.value("copies_post"), by_post)
    assert a.largest == people.graph.follower_counts.max()
    assert (a.write_us, a.author_us) == (config.costs.delivery_us, config.costs.author_us)
    assert (CLASSROOM.value("posts_s"), CLASSROOM.value("reads_s")) == (
        pytest.approx(config.load.posts_per_s), pytest.approx(config.load.reads_per_s),
    )  # fmt: skip
    assert a.read_us == config.costs.gateway_us + config.costs.list_read_us + config.costs.hydrate_us + 20 * 5


def test_times_of_a_read_are_those_of_the_price_list_that_is_named():
    prices = BUILT_IN["datacentre"].prices
    page = prices["costs.list_read_us"] + prices["costs.hydrate_us"] + 20 * prices["costs.body_us"]
    assert round(page + WorldConfig().costs.gateway_us) == Assumptions().read_us
    assert prices["costs.author_us"] == Assumptions().author_us


# Units


@pytest.mark.parametrize("name", CONSEQUENCES)
def test_every_formula_comes_out_at_the_unit_that_is_shown(name):
    assert unit_of(name) == parse_unit(CONSEQUENCES[name].unit)


def test_labels_are_told_apart_within_a_formula():
    for each in CONSEQUENCES.values():
        labels = [LABELS[name] for name in each.formula.names]
        assert len(set(labels)) == len(labels), each.name


# What a change moves


@given(st.floats(2.0, 1e4))
@settings(max_examples=25)
def test_twice_the_people_are_twice_the_work_and_touch_nothing_else(people):
    once, twice = (evaluate(replace(Assumptions(), people=people * times)) for times in (1, 2))
    work = {
        "posts_day", "posts_s", "posts_peak", "reads_day", "reads_s", "reads_peak", "failed_day", "inserts_day",
        "inserts_s", "inserts_peak", "hybrid_s", "pull_s", "push_s", "bodies_s", "posts_gb_day", "kept_gb_day",
        "hot_gb", "bodies_gb_day", "workers_peak", "readers_peak", "machines_usd", "posts_usd",
    }  # fmt: skip
    for name in set(CONSEQUENCES) - {"total_usd", "cold_gb"}:
        factor = 2 if name in work else 1
        assert twice.value(name) == pytest.approx(factor * once.value(name), rel=1e-9), name
    assert once.value("total_usd") < twice.value("total_usd") < 2 * once.value("total_usd")


@pytest.mark.parametrize("name", [name for name, each in ASSUMED.items()])
def test_every_assumption_moves_something(name):
    declared = ASSUMED[name]
    base = Assumptions(cold_posts=True, lists_for_active=True)
    value = base.values()[name]
    moved = not value if declared.switch else value * 0.9
    if name == "keep_copies":
        moved = False
    before, after = evaluate(base), evaluate(base.with_changes({name: moved}))
    assert any(before.value(each) != after.value(each) for each in CONSEQUENCES), name


@pytest.mark.parametrize("name", [name for name, each in ASSUMED.items() if not each.switch])
def test_bounds_hold_at_both_ends_and_refuse_beyond(name):
    declared = ASSUMED[name]
    for inside in (declared.lo, declared.hi):
        sheet = evaluate(Assumptions().with_changes({name: inside}))
        assert all(sheet.shown(each) for each in CONSEQUENCES)
    for outside in (declared.lo - 1, declared.hi * 1.01 + 1, float("nan"), float("inf"), -float("inf")):
        with pytest.raises(InvalidField, match="allowed: from") as refused:
            Assumptions().with_changes({name: outside})
        assert refused.value.field == name


def test_a_number_is_no_switch_and_a_switch_no_number():
    with pytest.raises(InvalidField, match="allowed: on, off"):
        Assumptions().with_changes({"cold_posts": 1})
    with pytest.raises(InvalidField, match="allowed: from"):
        Assumptions().with_changes({"people": True})


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_names_only_what_there_is_and_says_where_from(preset):
    for name in ASSUMED:
        assert PRESETS[preset].source(name)
    for name, (value, _) in PRESETS[preset].changed.items():
        assert value != ASSUMED[name].default, f"{name} is the default anyway"
    assert all(evaluate(PRESETS[preset].assumptions).value(name) >= 0 for name in CONSEQUENCES)


def test_unknown_names_are_refused():
    with pytest.raises(UnknownName, match="allowed: seed-001"):
        find_preset("x")
    with pytest.raises(InvalidField, match="allowed: people"):
        Assumptions().with_changes({"x": 1.0})


# Tiers and prices


def test_each_switch_moves_its_own_lines_and_the_bill_by_as_much():
    base = Assumptions()
    for bill in bills(base):
        without, with_ = (evaluate(base.with_changes({bill.tier.switch: on})) for on in (False, True))
        for line in ("machines_usd", "lists_usd", "posts_usd"):
            assert (without.value(line) != with_.value(line)) == (line in bill.tier.moves), line
        assert bill.change_usd == pytest.approx(
            sum(with_.value(line) - without.value(line) for line in bill.tier.moves)
        )  # fmt: skip
        assert bill.on == getattr(base, bill.tier.switch)


def test_tiers_save_what_they_should():
    base = Assumptions()
    sheet = evaluate(base)
    active, cold, copies = bills(base)
    assert active.change_usd == pytest.approx(-0.7 * sheet.value("lists_usd"))
    assert cold.change_usd == pytest.approx(-0.9 * 4 / 5 * sheet.value("posts_usd"))
    assert copies.change_usd == pytest.approx(2 / 3 * (sheet.value("lists_usd") + sheet.value("posts_usd")))
    young = replace(base, retention=0.5, cold_posts=True)
    assert evaluate(young).value("cold_gb") == 0, "nothing is a year old yet"


def test_prices_are_dated_and_the_machine_is_the_engines():
    assert (PRICES["machine"].usd, PRICES["machine"].date) == (M7G_LARGE.usd_per_hour, M7G_LARGE.date)
    assert PRICES["memory"].usd == pytest.approx(M7G_LARGE.usd_per_hour * 730 / 8, abs=0.005)
    for price in PRICES.values():
        assert price.assumed == price.source.startswith("assumed")
        assert ASSUMED[f"{price.name}_usd"].default == price.usd
        assert price.date in ASSUMED[f"{price.name}_usd"].source


@pytest.mark.parametrize(
    "text",
    ["[", "a = 1", "[a]\nusd = 1", '[a]\nusd = -1\nper = "x"\ndate = "2026-01-01"\nsource = "s"\nassumed = true',
     '[a]\nusd = 1\nper = "x"\ndate = "yesterday"\nsource = "s"\nassumed = true'],
)  # fmt: skip
def test_a_bad_price_list_is_refused_in_a_sentence(tmp_path, text):
    path = tmp_path / "list.toml"
    path.write_text(text)
    with pytest.raises(InvalidPrices, match=r"list\.toml: "):
        load_prices(path)


# Completeness


def test_every_claim_stands_once_under_a_question_and_every_named_one_exists():
    ids = [claim.id for claim in CLAIMS]
    assert sorted(id_ for ids_ in TOPICS.values() for id_ in ids_) == ids
    assert {id_ for each in CONSEQUENCES.values() for id_ in each.claims} <= set(ids)
    assert {"C01", "C02", "C08", "C11", "C12", "C13", "C15"} <= {i for e in CONSEQUENCES.values() for i in e.claims}


def test_every_constant_and_switch_is_used():
    used = {name for each in CONSEQUENCES.values() for name in each.formula.names}
    assert set(CONSTANTS) <= used
    assert {tier.switch for tier in TIERS} == {name for name, each in ASSUMED.items() if each.switch} <= used


# Words


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0"), (6_944.4, "6,944"), (694_444.4, "694,444"), (6.944e6, "6.94 million"), (60e9, "60 billion"),
     (2e12, "2 trillion"), (999.96, "1,000"), (999_999.9, "1 million"), (99.99, "99.99"), (0.0251, "0.0251"),
     (12.3456, "12.3"), (1e-9, "1.00e-09"), (1e22, "1.00e+22"), (39.0836, "39.1")],
)  # fmt: skip
def test_numbers_read_as_people_say_them(value, said):
    assert figure(value) == said


def test_units_are_said_with_one_and_with_hours():
    assert with_unit(1, "years") == "1 year"
    assert with_unit(150_000, "s/post") == "150,000 s/post (41.7 h)"
    assert with_unit(86_400, "s/day") == "86,400 s/day"
    assert [room(gb) for gb in (0.5, 24_000, 1.6e6)] == ["0.5 GB", "24 TB", "1.6 PB"]
