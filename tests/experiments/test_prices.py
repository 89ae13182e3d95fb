"""Price lists: saved and loaded whole, refused in one sentence, applied above the world and below --set."""

import json
from pathlib import Path

import pytest

from datasets.worlds import build_population, preset_config
from engine.__main__ import main
from engine.clock import NS_PER_S
from engine.config import WorldConfig
from engine.errors import InvalidPrices
from engine.experiments.prices import BUILT_IN, PRICES, PriceList, find_prices, load_prices, save_prices
from engine.experiments.run import drain
from engine.journal.journal import Journal
from engine.load.scenarios import scenario
from engine.observe.metric import Metric
from engine.people import People
from engine.world import World

GOOD = {"name": "mine", "date": "2026-11-21", "prices": {"costs.commit_us": 310.5}}


def written(folder: Path, text: str) -> str:
    path = folder / "prices.json"
    path.write_text(text)
    return str(path)


def report(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    assert main(["run", "--json", "--seconds", "3", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_saved_list_is_loaded_as_it_was(tmp_path):
    full = PriceList(
        name="größe",
        date="2026-11-21",
        prices={"costs.commit_us": 310.5, "costs.delivery_us": 0.03},
        sources={"costs.commit_us": "measured"},
        machine={"cpu": "abacus", "cores": 10},
        kept=("costs.poll_us",),
    )
    save_prices(full, tmp_path / "prices.json")
    assert load_prices(tmp_path / "prices.json") == full


def test_a_list_needs_no_more_than_name_date_and_prices(tmp_path):
    assert find_prices(written(tmp_path, json.dumps(GOOD))).prices == {"costs.commit_us": 310.5}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"prices": {"costs.comit_us": 1}}, "'costs.comit_us'; allowed: costs.gateway_us, costs.commit_us"),
        ({"prices": {"costs.scale": 1}}, "'costs.scale'; allowed: costs.gateway_us"),
        ({"prices": {"workers.count": 1}}, "'workers.count'; allowed: costs.gateway_us"),
        ({"prices": {"costs.commit_us": -1}}, "costs.commit_us is -1; allowed: from 0 to 10,000,000 us"),
        ({"prices": {"costs.commit_us": 1e8}}, "allowed: from 0 to 10,000,000 us"),
        ({"prices": {"costs.commit_us": float("nan")}}, "costs.commit_us is nan; allowed: from 0"),
        ({"prices": {"costs.commit_us": "12"}}, "costs.commit_us is '12'; allowed: from 0"),
        ({"prices": {"costs.commit_us": True}}, "costs.commit_us is True; allowed: from 0"),
        ({"prices": {"costs.commit_us": None}}, "costs.commit_us is None; allowed: from 0"),
        ({"prices": {}}, "'prices' is empty; allowed: costs.gateway_us"),
        ({"prices": [1]}, "'prices' is [1]; it must be an object"),
        ({"name": " "}, "'name' is empty"),
        ({"name": 3}, "'name' is 3; it must be a text"),
        ({"date": "21.11.2026"}, "'date' is '21.11.2026'; it must be a day like 2026-11-21"),
        ({"date": 20261121}, "'date' is 20261121; it must be a day"),
        ({"sources": {"costs.fee_us": "x"}}, "'sources' names 'costs.fee_us'; allowed: costs.gateway_us"),
        ({"sources": {"costs.poll_us": 3}}, "The source of costs.poll_us is 3; it must be a text"),
        ({"kept": ["costs.fee_us"]}, "'kept' names 'costs.fee_us'"),
        ({"kept": "costs.poll_us"}, "'kept' is 'costs.poll_us'; it must be a list"),
        ({"machine": "abacus"}, "'machine' is 'abacus'; it must be an object"),
        ({"price": {}}, "no part 'price' in a price list; allowed: name, date, prices"),
    ],
)
def test_a_bad_list_is_refused_with_file_reason_and_what_is_allowed(changes, says, tmp_path):
    path = written(tmp_path, json.dumps({**GOOD, **changes}))
    with pytest.raises(InvalidPrices) as refused:
        find_prices(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert says in str(refused.value)


@pytest.mark.parametrize("part", GOOD)
def test_a_missing_part_is_named(part, tmp_path):
    path = written(tmp_path, json.dumps({name: value for name, value in GOOD.items() if name != part}))
    with pytest.raises(InvalidPrices, match=f"'{part}' is missing"):
        find_prices(path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"name": "x",\n "date" }', "line 2: not JSON"),
        ("", "line 1: not JSON"),
        ("[]", "this is not an object"),
        ('{"prices": {"costs.poll_us": 1, "costs.poll_us": 2}}', "'costs.poll_us' is given twice"),
        ("[" * 100_000, "nested too deeply"),
        ("9" * 5_000, "a number too long"),
    ],
)
def test_what_is_no_json_object_is_refused(text, says, tmp_path):
    path = written(tmp_path, text)
    with pytest.raises(InvalidPrices) as refused:
        find_prices(path)
    assert path in str(refused.value)
    assert says in str(refused.value)


def test_files_that_cannot_be_used_are_named(tmp_path):
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidPrices, match="bytes: not UTF-8"):
        find_prices(str(tmp_path / "bytes"))
    with pytest.raises(InvalidPrices, match="cannot be read: Is a directory"):
        find_prices(str(tmp_path))
    with pytest.raises(InvalidPrices, match="cannot be written: No such file"):
        save_prices(BUILT_IN["seed"], tmp_path / "nowhere" / "prices.json")
    with pytest.raises(InvalidPrices, match="no price list 'sede'; allowed: seed, datacentre, or a JSON file"):
        find_prices("sede")


@pytest.mark.parametrize("arguments", [["--costs", "sede"], ["--costs", "BAD"], ["--costs", ""]])
def test_a_bad_list_ends_with_status_2_and_one_line_before_anything_runs(arguments, tmp_path, capsys):
    bad = written(tmp_path, json.dumps({**GOOD, "prices": {"costs.poll_us": -3}}))
    assert main(["run", *(bad if argument == "BAD" else argument for argument in arguments)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert captured.err.startswith("error: ")


@pytest.mark.parametrize("listed", BUILT_IN.values(), ids=list(BUILT_IN))
def test_a_built_in_list_says_where_each_price_is_from_and_survives_a_file(listed, tmp_path):
    assert set(listed.sources) == set(listed.prices)
    save_prices(listed, tmp_path / "prices.json")
    assert load_prices(tmp_path / "prices.json") == listed


def test_the_published_list_accounts_for_every_price():
    listed = BUILT_IN["datacentre"]
    assert sorted([*listed.prices, *listed.kept]) == sorted(PRICES)


def test_a_list_changes_its_prices_and_nothing_else():
    city = preset_config("city").with_knobs({"costs.scale": 3})
    changed = PriceList(name="x", date="2026-11-21", prices={"costs.poll_us": 7}).apply(city)
    assert changed == city.with_knobs({"costs.poll_us": 7})
    assert changed.costs.delivery_us == 110  # as this world has it
    assert changed.costs.scale == 3


def test_what_a_run_has_differently_is_named():
    listed = PriceList(name="x", date="2026-11-21", prices={"costs.poll_us": 7, "costs.commit_us": 8})
    config = listed.apply(WorldConfig())
    assert listed.label(config)["overridden"] == []
    assert listed.label(config.with_knobs({"costs.poll_us": 9}))["overridden"] == ["costs.poll_us"]


def test_seed_prices_make_a_run_of_their_own_and_set_wins_over_them(capsys):
    world = report(capsys)
    seed = report(capsys, "--costs", "seed")
    own = report(capsys, "--set", "costs.delivery_us=2300", "--costs", "seed")
    assert [run["config"]["costs.delivery_us"] for run in (world, seed, own)] == [2_300, 1_000, 2_300]
    assert [run["config"]["costs.author_us"] for run in (world, seed, own)] == [100, 1_000, 1_000]
    assert seed["summary"]["fanout_lag_ms"]["p50"] < 0.8 * world["summary"]["fanout_lag_ms"]["p50"]
    assert seed["load"] == world["load"]
    label = {"name": "seed", "date": BUILT_IN["seed"].date}
    assert world["cost"]["price_list"] is None
    assert seed["cost"]["price_list"] == {**label, "overridden": []}
    assert own["cost"]["price_list"] == {**label, "overridden": ["costs.delivery_us"]}


def test_at_seed_prices_5000_copies_by_one_worker_take_5_s(tmp_path):
    graph = tmp_path / "graph.csv"
    graph.write_text("".join(f"{i + 1} 0\n" for i in range(5_000)))
    still = {"load.posts_per_s": 0, "load.reads_per_s": 0, "load.likes_per_s": 0, "load.follows_per_s": 0}
    config = BUILT_IN["seed"].apply(preset_config("classroom", **still, **{"workers.count": 1, "costs.poll_us": 0}))
    population = build_population(config, graph)
    world = World(config, population, scenario("steady").fitted(1))
    with Journal.in_memory() as journal:
        People(world, journal).post(int(population.largest[0]), "5,000 writes of 1 ms are 5 s")
        drain(world, 20 * NS_PER_S)
    lag = world.metrics.histogram(Metric.FANOUT_LAG)
    assert lag.count >= 5_000
    assert lag.max == pytest.approx(5 * NS_PER_S, rel=0.01)
