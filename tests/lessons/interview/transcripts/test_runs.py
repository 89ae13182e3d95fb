"""The kept runs are those of the kept answers, small, and what the code still gives."""

import json
import time

import pytest

from lessons.interview.grade import grade
from tests.lessons.interview.transcripts.kept import RUNS, kept, names, runs_of
from tests.lessons.interview.transcripts.make import inputs, made

RAN = tuple(name for name in names() if kept(name).runs)
NEAR = 1e-3
"""Relative: the kept numbers have six digits, and the world is the same to the last bit on one machine."""


@pytest.mark.parametrize("name", RAN)
def test_the_kept_runs_are_those_of_this_answer(name):
    assert runs_of(kept(name).runs)["inputs"] == inputs(kept(name)), "make it anew: see make.py"


def test_they_are_small_and_none_is_left_over():
    files = sorted(RUNS.glob("*.json"))
    assert {file.stem for file in files} == {kept(name).runs for name in RAN}
    assert max(file.stat().st_size for file in files) < 60_000


@pytest.mark.long
@pytest.mark.parametrize("name", sorted({kept(name).runs for name in RAN}))
def test_the_code_still_gives_them(name):
    """The first stage, run anew; the others are made by the same code."""
    told, again = runs_of(name), made(kept(name), "first")
    assert again["config"] == told["config"]
    assert again["scale"] == told["scale"]
    for scope in again["run"]:
        _near(f"{name}.{scope}", told["run"][scope], again["run"][scope])


def _near(place: str, one: object, other: object) -> None:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in other:
            if key != "noise":
                _near(f"{place}.{key}", one.get(key), other[key])
    elif isinstance(one, list) and isinstance(other, list):
        assert len(one) == len(other), place
        for at, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            _near(f"{place}[{at}]", mine, theirs)
    elif isinstance(one, float | int) and isinstance(other, float | int):
        assert one == pytest.approx(other, rel=NEAR, abs=1e-9), place
    else:
        assert one == other, place


def test_grading_the_largest_takes_less_than_a_second_beside_its_runs():
    largest = max(RAN, key=lambda name: len(json.dumps(runs_of(kept(name).runs))) + len(str(kept(name).told)))
    transcript = kept(largest).transcript()
    grade(transcript)
    start = time.process_time()
    grade(transcript)
    took_s = time.process_time() - start
    print(f"{largest}: graded in {took_s:.3f} s of one core, {1 / took_s:.0f} times in a second")
    assert took_s < 1
