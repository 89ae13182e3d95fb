"""`hunt` on the command line: the list, the evidence, an answer; bad input in one sentence."""

import argparse
import json

import pytest

from engine.errors import InvalidInput
from lessons.hunts import HUNTS, commands, offer
from tests.lessons.hunts.found import found

NAME = "memory_bill"


@pytest.fixture(autouse=True)
def investigated_once(monkeypatch):
    monkeypatch.setattr(commands, "investigate", lambda hunt, seed: found(hunt.name))


def run(capsys, *arguments: str) -> str:
    parser = argparse.ArgumentParser()
    commands.add(parser.add_subparsers())
    options = parser.parse_args(["hunt", *arguments])
    options.handle(options)
    return capsys.readouterr().out


def keys(seed: int = 7) -> tuple[str, str]:
    offered, defect = offer(HUNTS[NAME], seed), HUNTS[NAME].defect
    cause, fix = (next(option.key for option in options if option.defect == defect) for options in
                  (offered.causes, offered.fixes))  # fmt: skip
    return cause, fix


def test_the_list_has_one_name_first_on_each_line(capsys):
    lines = run(capsys, "--list").splitlines()
    assert [line.split()[0] for line in lines] == list(HUNTS)


def test_symptom_figures_audit_a_list_and_what_may_be_named(capsys):
    hunt, told = HUNTS[NAME], run(capsys, NAME)
    assert hunt.symptom in told
    assert "Longer than the cap, lists" in told
    assert "Audit: missing 0, duplicate 0, foreign 0, out of order 0" in told
    assert told.count("follows: ") == len(found(NAME).lists[0].entries)
    for option in (*offer(hunt, 7).causes, *offer(hunt, 7).fixes):
        assert f"  {option.key}  {option.label}" in told
    assert not any(hint in told for hint in hunt.hints)


def test_hints_are_shown_with_what_they_cost(capsys):
    told = run(capsys, NAME, "--hints", "2")
    assert f"Hint 1 (costs 10): {HUNTS[NAME].hints[0]}" in told
    assert f"Hint 2 (costs 20): {HUNTS[NAME].hints[1]}" in told
    assert HUNTS[NAME].hints[2] not in told


def test_the_same_as_one_json_object(capsys):
    told = json.loads(run(capsys, NAME, "--json", "--hints", "1"))
    assert told["hunt"] == NAME
    assert list(told["causes"]) == list("abcde")
    assert told["hints"] == [HUNTS[NAME].hints[0]]
    assert told["evidence"]["digest"] == found(NAME).digest


def test_the_right_answer_is_explained_and_points_are_told(capsys):
    told = run(capsys, NAME, "--answer", *keys())
    assert told.startswith("Found")
    assert "100 points" in told
    assert "engine.timelines.ring.RingStore._trim" in told
    assert json.loads(run(capsys, NAME, "--json", "--hints", "1", "--answer", *keys()))["points"] == 90


def test_the_keys_of_another_seed_are_others(capsys):
    other = next(seed for seed in range(30) if keys(seed) != keys())
    assert not run(capsys, NAME, "--seed", str(other), "--answer", *keys()).startswith("Found")
    assert run(capsys, NAME, "--seed", str(other), "--answer", *keys(other)).startswith("Found")


def test_a_wrong_answer_says_which_half_is_right_and_explains_nothing(capsys):
    cause, fix = keys()
    wrong = next(key for key in "12345" if key != fix)
    told = run(capsys, NAME, "--answer", cause, wrong)
    assert told.startswith("The cause is right.")
    assert HUNTS[NAME].planted.real_engine not in told


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Which hunt"),
        (("zzz",), "no hunt 'zzz'; allowed: memory_bill"),
        ((NAME, "--hints", "4"), "allowed: from 0 to 3"),
        ((NAME, "--answer", "f", "1"), "no answer 'f'; allowed: a, b, c, d, e"),
        ((NAME, "--seed", "-3"), "seed"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(arguments, says, capsys):
    with pytest.raises(InvalidInput, match=says):
        run(capsys, *arguments)
