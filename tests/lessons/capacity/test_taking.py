"""A design in an address, in Markdown, in JSON and on the command line: always the same, and nonsense is a sentence."""

import argparse
import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InvalidInput
from lessons.capacity import (
    ASSUMED,
    CONSEQUENCES,
    PRESETS,
    PRICES,
    Asked,
    Assumptions,
    as_json,
    as_markdown,
    asked_in,
    evaluate,
    of_preset,
)
from lessons.capacity import commands as capacity_commands
from lessons.capacity.link import PARAMS

DAY = date(2026, 11, 22)
NONSENSE = ("zzz", "-1", "nan", "inf", "1e999", "", " ", "<b>", "`x`", "\x00", "9" * 400, "1,5")


def values(name):
    declared = ASSUMED[name]
    return st.booleans() if declared.switch else st.floats(declared.lo, declared.hi)


designs = st.builds(
    lambda preset, changes: Asked(preset, PRESETS[preset].assumptions.with_changes(changes)),
    st.sampled_from(list(PRESETS)),
    st.fixed_dictionaries({}, optional={name: values(name) for name in ASSUMED}),
)


@given(designs)
@settings(max_examples=60)
def test_an_address_says_back_what_it_was_made_of(asked):
    params = asked.to_params()
    assert asked_in(params) == (asked, [])
    assert set(params) - {"preset"} == set(asked.changed)
    assert set(params) <= set(PARAMS)


@given(designs)
@settings(max_examples=30)
def test_the_command_says_back_what_it_was_made_of(asked):
    words = asked.command.split()
    settings_ = [words[at + 1] for at, word in enumerate(words) if word == "--set"]
    assert capacity_commands.asked_for(words[words.index("--preset") + 1], settings_) == asked


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_has_nothing_but_its_name_in_the_address(preset):
    assert set(of_preset(preset).to_params()) <= {"preset"}


@pytest.mark.parametrize("name", ["preset", "people", "cold_posts"])
@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_in_an_address_is_said_and_left_out(name, text):
    asked, (sentence,) = asked_in({name: text})
    assert asked == of_preset("seed-004")
    assert "allowed: " in sentence
    assert sentence.isprintable()
    assert len(sentence) < 400


def test_an_unknown_assumption_is_said_and_the_rest_is_taken():
    asked, wrong = asked_in({"folows": "75", "follows": "75", "learner": "ab", "embed": "true"})
    assert asked.changed == {"follows": 75}
    assert wrong == ["There is no assumption `folows` here; it was ignored."]


@given(designs)
@settings(max_examples=10)
def test_markdown_has_every_assumption_formula_and_value(asked):
    text, sheet = as_markdown(asked, DAY), evaluate(asked.assumptions)
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines() if line[:1] == "|"]
    for name, each in CONSEQUENCES.items():
        assert [each.label, sheet.shown(name), each.words, sheet.filled(name), ", ".join(each.claims)] in rows
    for name in ASSUMED:
        assert any(row[0] == ASSUMED[name].label and len(row) == 3 for row in rows), name
    for price in PRICES.values():
        assert [price.name, f"{price.usd:g}", price.per, price.source, price.date] in rows
    assert "2026-11-22" in text
    assert asked.begun.title in text


def test_a_changed_assumption_says_what_it_was():
    asked = Asked("seed-004", Assumptions(follows=75))
    assert "| follows a person | 75 accounts | changed; was 200 accounts |" in as_markdown(asked, DAY)


def test_json_is_plain_and_whole():
    answer = json.loads(json.dumps(as_json(of_preset("seed-001"))))
    assert [each["name"] for each in answer["assumptions"]] == list(ASSUMED)
    assert [each["name"] for each in answer["consequences"]] == list(CONSEQUENCES)
    assert all(each["kind"] == "modelled" for each in answer["consequences"])
    assert "measured" not in answer


# The command line


def told(capsys, *argv):
    parser = argparse.ArgumentParser()
    capacity_commands.add(parser.add_subparsers())
    options = parser.parse_args(["capacity", *argv])
    status = options.handle(options)
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_the_command_prints_every_consequence(capsys):
    status, out, err = told(capsys, "--set", "follows=75")
    assert (status, err) == (0, "")
    assert "260,417 inserts/s" in out
    assert all(each.label in out for each in CONSEQUENCES.values())


def test_json_is_all_that_stdout_has(capsys):
    _, out, _ = told(capsys, "--preset", "twitter-2012", "--json")
    assert json.loads(out)["preset"] == "twitter-2012"


def test_markdown_has_the_day_of_today(capsys):
    _, out, _ = told(capsys, "--markdown")
    day = out.splitlines()[2][:10]
    assert date.fromisoformat(day).year >= 2026


@pytest.mark.parametrize(
    "argv", [["--preset", "x"], ["--set", "x=1"], ["--set", "follows"], ["--set", "follows=x"], ["--set", "peak=1e9"],
             ["--set", "cold_posts=2"], ["--set", "follows=nan"], ["--set", "=1"]],
)  # fmt: skip
def test_nonsense_is_refused_in_one_line(capsys, argv):
    with pytest.raises(InvalidInput) as refused:
        told(capsys, *argv)
    assert "\n" not in str(refused.value)
    assert capsys.readouterr().out == ""
