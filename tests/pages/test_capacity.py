"""The Capacity page without a browser: change an assumption, see what follows, measure, switch tiers, take it away."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from engine.clock import SystemWallClock
from engine.errors import ExperimentFailed
from engine.experiments.studies import Studies
from lessons.capacity import (
    ASSUMED,
    CONSEQUENCES,
    PRESETS,
    TOPICS,
    Assumptions,
    basis,
    bills,
    declared_lines,
    evaluate,
    figure,
    headline,
    measure,
    with_unit,
)
from lessons.capacity.measuring import Measured
from pages.parts import capacity_jobs, shelf
from pages.parts.capacity_flow import flow_chart, in_words
from pages.parts.capacity_state import field_key
from pages.parts.palette import DARK, LIGHT
from tests.experiments.executors import Synchronous
from tests.experiments.test_studies import Later
from tests.pages.conftest import ROOT

NONSENSE = ("zzz", "-1", "9" * 400, "<script>alert(1)</script>", "nan", "`x`", "")


@pytest.fixture(scope="module")
def found() -> Measured:
    return measure(PRESETS["classroom"].assumptions)


@pytest.fixture
def turns() -> Later | Synchronous:
    """Work is over at once."""
    return Synchronous()


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch, turns: Any, found: Measured) -> Iterator[list[Assumptions]]:
    """What was measured: one real run, made once for all tests."""
    made: list[Assumptions] = []

    def once(assumptions: Assumptions, told: Any) -> Measured:
        made.append(assumptions)
        told(0.5)
        return found

    registry = Studies(SystemWallClock(), turns=turns)
    monkeypatch.setattr(shelf, "STUDIES", registry)
    monkeypatch.setattr(capacity_jobs, "measure_apart", once)
    shelf.SHELF.clear()
    yield made
    shelf.SHELF.clear()
    registry.close()


def opened(**address: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "pages" / "learn" / "capacity.py"), default_timeout=60)
    for name, value in address.items():
        page.query_params[name] = value
    return shown(page.run())


def shown(page: AppTest) -> AppTest:
    assert not page.exception
    assert "Traceback" not in words(page)
    return page


def words(page: AppTest) -> str:
    kinds = (page.title, page.header, page.markdown, page.caption, page.info, page.warning, page.error)
    return "\n".join(str(each.value) for kind in kinds for each in kind)


def click(page: AppTest, label: str) -> AppTest:
    (button,) = [button for button in page.button if button.label == label]
    return shown(button.click().run())


def give(page: AppTest, name: str, value: float | None) -> AppTest:
    return shown(page.number_input(key=field_key(name)).set_value(value).run())


def address(page: AppTest) -> dict[str, str]:
    return {name: "".join(value) for name, value in page.query_params.items()}


def consequences(page: AppTest) -> dict[str, dict[str, str]]:
    table = page.table[0].value
    return {row["Consequence"].split(".")[0].lower(): row for row in table.to_dict("records")}


# What is there


def test_every_assumption_has_a_field_with_its_unit_and_source():
    page = opened()
    for name, each in ASSUMED.items():
        if each.switch:
            assert page.toggle(key=field_key(name)).value == each.default
            continue
        field = page.number_input(key=field_key(name))
        assert field.value == pytest.approx(each.default)
        assert each.unit in field.label or f"{each.unit}, " in field.help
        assert f"Source: {PRESETS['seed-004'].source(name)}." in field.help


def test_every_consequence_stands_with_value_formula_and_claims():
    rows, sheet = page_rows(opened()), evaluate(Assumptions())
    assert len(rows) == len(CONSEQUENCES)
    for row, (name, each) in zip(rows, CONSEQUENCES.items(), strict=True):
        assert row["Value"] == f"**{sheet.shown(name)}**"
        assert (row["Formula"], row["With numbers"]) == (each.words, sheet.filled(name))
        assert row["Claims"] == ", ".join(each.claims)


def page_rows(page: AppTest) -> list[dict[str, str]]:
    return page.table[0].value.to_dict("records")


def test_the_sentence_and_the_flow_say_the_same():
    page, sheet = opened(), evaluate(Assumptions())
    assert headline(sheet) in words(page)
    (chart,) = page.get("plotly_chart")
    labels = " ".join(json.loads(chart.proto.spec)["data"][0]["node"]["label"])
    for said in ("3,472/s", "694,444/s", "24 TB", "900 GB/day", "578,704/s", "11.6 million/s", "5.79 billion/s"):
        assert said in labels
    assert "694,444 inserts/s under push, into 24 TB of lists" in in_words(sheet)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
@pytest.mark.parametrize("preset", PRESETS)
def test_bands_of_the_flow_are_wider_for_more_and_none_leaves_the_picture(preset, palette):
    sheet = evaluate(PRESETS[preset].assumptions)
    sankey = flow_chart(sheet, palette).data[0]
    (posts, inserts, _, ready, pulled) = sankey.link.value
    assert posts < inserts < pulled
    assert posts <= min(inserts, ready, pulled)
    assert all(0 < y < 1 for y in sankey.node.y)
    assert len(sankey.link.customdata) == len(sankey.link.value)


# Changing


def test_a_change_moves_what_follows_and_goes_to_the_address():
    page = give(opened(), "follows", 75.0)
    assert address(page) == {"follows": "75"}
    assert consequences(page)["inserts a second"]["Value"] == "**260,417 inserts/s**"
    assert "1 changed" in words(page)
    page = give(page, "follows", 200.0)
    assert address(page) == {}


def test_a_link_brings_the_same_design():
    page = opened(preset="twitter-2012", follows="100", cold_posts="on")
    assert page.number_input(key=field_key("follows")).value == 100
    assert page.toggle(key=field_key("cold_posts")).value
    assert page.selectbox(key="capacity_preset").value == "twitter-2012"
    assert "150 million people" in words(page)


def test_another_preset_begins_anew():
    page = give(opened(), "follows", 75.0)
    page = shown(page.selectbox(key="capacity_preset").set_value("seed-001").run())
    assert address(page) == {"preset": "seed-001"}
    assert page.number_input(key=field_key("follows")).value == 400
    assert consequences(page)["rows a second if all is pulled"]["Value"] == "**2 billion rows/s**"


def test_who_comes_back_by_the_menu_finds_what_was_there():
    page = give(opened(preset="seed-001"), "follows", 75.0)
    for name in list(page.query_params):
        del page.query_params[name]
    shown(page.run())
    assert address(page) == {"preset": "seed-001", "follows": "75"}


@pytest.mark.parametrize(
    ("value", "said"), [(1e9, "1 billion is not allowed"), (0.0, "0 is"), (None, "A number is needed")]
)
def test_what_is_out_of_bounds_is_refused_at_its_field(value, said):
    page = give(opened(), "follows", value)
    (warning,) = page.warning
    assert warning.value.startswith(said)
    assert "(from 1 to 100,000 accounts); it stays at 200 accounts." in warning.value
    assert address(page) == {}
    assert consequences(page)["inserts a second"]["Value"] == "**694,444 inserts/s**"
    assert not give(page, "follows", 80.0).warning


def test_a_refusal_stands_while_another_field_is_changed():
    page = give(give(opened(), "follows", 1e9), "people", 2e8)
    assert len(page.warning) == 1
    assert page.number_input(key=field_key("follows")).value == 1e9
    assert address(page) == {"people": "200000000"}
    page = shown(page.selectbox(key="capacity_preset").set_value("seed-001").run())
    assert not page.warning


@pytest.mark.parametrize("part", ["preset", "people", "cold_posts"])
@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_in_the_address_is_a_sentence(part, text):
    page = opened(**{part: text})
    (warning,) = page.warning
    assert "allowed: " in warning.value
    assert consequences(page)["inserts a second"]["Value"] == "**694,444 inserts/s**"


# Measured


def test_the_engines_figures_stand_beside_the_formulas(asked, found):
    page = opened(preset="classroom")
    assert consequences(page)["inserts a second"]["Measured at the same ratios"] == "not yet"
    assert consequences(page)["one list"]["Measured at the same ratios"] == ""
    page = click(page, "Measure at the same ratios")
    assert asked == [basis(PRESETS["classroom"].assumptions)]
    row = next(row for row in found.rows if row.name == "inserts_s")
    said = f"{with_unit(row.measured, row.unit)} ({figure(row.ratio)}\u00a0x)"
    assert consequences(page)["inserts a second"]["Measured at the same ratios"] == said
    assert found.run in words(page)
    (differences,) = [table.value for table in page.table if "Why they differ" in table.value]
    assert list(differences["Why they differ"]) == [row.why for row in found.rows]
    assert set(differences["Kind"]) == {"measured", "modelled"}
    assert len(click_nothing(page, asked)) == 1


def click_nothing(page: AppTest, asked: list[Assumptions]) -> list[Assumptions]:
    shown(page.run())
    return asked


def test_another_design_has_to_be_measured_anew():
    page = give(click(opened(preset="classroom"), "Measure at the same ratios"), "follows", 50.0)
    assert consequences(page)["inserts a second"]["Measured at the same ratios"] == "not yet"


def test_a_design_of_another_price_is_not_measured_anew(asked):
    page = click(opened(preset="classroom"), "Measure at the same ratios")
    page = shown(give(page, "machine_usd", 0.1).toggle(key=field_key("cold_posts")).set_value(True).run())
    assert "not yet" not in consequences(page)["inserts a second"]["Measured at the same ratios"]
    assert len(asked) == 1


def test_a_run_that_fails_is_a_sentence_and_is_tried_again(monkeypatch):
    def fails(*_: Any) -> Measured:
        raise ExperimentFailed("No world.")

    good = capacity_jobs.measure_apart
    monkeypatch.setattr(capacity_jobs, "measure_apart", fails)
    page = click(opened(), "Measure at the same ratios")
    assert [warning.value for warning in page.warning] == ["No world."]
    monkeypatch.setattr(capacity_jobs, "measure_apart", good)
    assert not click(page, "Measure again").warning


class TestWhileItRuns:
    @pytest.fixture
    def turns(self) -> Later:
        return Later()

    def test_progress_is_told_and_the_page_answers_meanwhile(self, turns):
        page = click(opened(), "Measure at the same ratios")
        assert "it is next" in str(page.get("progress")[0].proto)
        page = give(page, "follows", 75.0)
        assert consequences(page)["copies of a post"]["Value"] == "**75 copies/post**"
        page = give(page, "follows", 200.0)
        turns.give()
        assert "not yet" not in consequences(shown(page.run()))["inserts a second"]["Measured at the same ratios"]

    def test_a_full_queue_is_said(self):
        page = opened()
        for follows in range(50, 56):
            page = click(give(page, "follows", float(follows)), "Measure at the same ratios")
        assert "as many as may" in words(page)


# Tiers


def test_each_switch_shows_the_bill_before_and_after():
    page = opened()
    for bill in bills(Assumptions()):
        assert page.toggle(key=field_key(bill.tier.switch)).label == bill.tier.title
        assert f"**{figure(bill.without_usd)}** → on" in words(page)
        assert f": **{figure(bill.with_usd)}** USD/month" in words(page)


def test_a_switch_moves_the_bill_and_goes_to_the_address():
    page = shown(opened().toggle(key=field_key("cold_posts")).set_value(True).run())
    assert address(page) == {"cold_posts": "on"}
    total = evaluate(Assumptions(cold_posts=True)).shown("total_usd")
    assert consequences(page)["the whole bill"]["Value"] == f"**{total}**"
    assert f"on (now): **{figure(evaluate(Assumptions(cold_posts=True)).value('total_usd'))}**" in words(page)


def test_prices_have_a_date_and_say_what_is_assumed():
    (prices,) = [table.value for table in opened().table if "Date" in table.value]
    assert set(prices["Price"]) == {"machine", "memory", "disk", "cold"}
    assert all(len(day) == 10 for day in prices["Date"])
    assert sum("assumed" in source for source in prices["Source"]) == 2


# Claims


def claims(page: AppTest) -> list[dict[str, str]]:
    tables = [table.value for table in page.table if "The text says" in table.value]
    return [row for table in tables for row in table.to_dict("records")]


def test_all_thirty_claims_are_there_before_anything_is_checked():
    page = opened()
    assert [tab.label for tab in page.tabs if tab.label in TOPICS] == list(TOPICS)
    ids = [row["Claim"][2:5] for row in claims(page)]
    assert sorted(ids) == sorted(declared_lines())
    assert {row["Measured here"] for row in claims(page)} == {"not yet"}


def test_checked_claims_have_their_figures(monkeypatch):
    from dataclasses import replace

    lines = {id_: replace(line, measured=f"{id_} x", formula="f") for id_, line in declared_lines().items()}
    monkeypatch.setattr(capacity_jobs, "check_apart", lambda _: lines)
    page = click(opened(), "Measure all claims here")
    assert {row["Measured here"] for row in claims(page)} == {f"{id_} x" for id_ in lines}
    assert "Measure all claims here" not in [button.label for button in page.button]


# Taken away


def test_it_can_be_taken_away_and_made_again_elsewhere():
    page = give(opened(), "follows", 75.0)
    assert [each.value for each in page.code] == ["python -m lessons capacity --preset seed-004 --set follows=75"]
    labels = [button.proto.label for button in page.get("download_button")]
    assert labels == ["Download Markdown", "Download JSON"]
