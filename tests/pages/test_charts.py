"""The page of charts to read, without a browser: nothing gives the answer away, an answer stays, the records decide."""

import pytest
from streamlit.testing.v1 import AppTest

from engine.clock import SystemWallClock
from engine.experiments.studies import Studies
from lessons.charts.puzzle import Puzzle
from lessons.progress import Progress, default_path
from pages.parts import shelf
from tests.experiments.executors import Synchronous
from tests.pages.conftest import ROOT
from tests.pages.test_lessons import click, shown, words


@pytest.fixture(autouse=True)
def progress(monkeypatch, tmp_path):
    monkeypatch.setenv("MURMURATION_PROGRESS", str(tmp_path))
    registry = Studies(SystemWallClock(), turns=Synchronous())
    monkeypatch.setattr(shelf, "STUDIES", registry)
    yield Progress.open(default_path({"MURMURATION_PROGRESS": str(tmp_path)}), lambda: 0.0)
    registry.close()


def opened(**address: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "pages" / "learn" / "charts.py"), default_timeout=60)
    for name, value in address.items():
        page.query_params[name] = value
    return shown(page.run())


def test_before_the_answer_nothing_speaks_for_any_explanation():
    puzzle = Puzzle(0)
    page = opened()
    assert puzzle.family.question in words(page)
    assert {button.key for button in page.button} == {f"chart_0_{cause.key}" for cause in puzzle.options}
    assert puzzle.cause.why not in words(page)


def test_an_answer_is_kept_and_the_records_speak_to_all_four(progress):
    puzzle = Puzzle(0)
    wrong = next(cause for cause in puzzle.options if cause is not puzzle.cause)
    page = click(opened(), f"chart_0_{wrong.key}")
    said = words(page)
    assert f"Not that: {puzzle.cause.label.lower()}" in said
    assert puzzle.cause.why in said
    assert f"*{wrong.label}* (your answer): Then " in said
    (answered,) = progress.events("answered")
    assert not answered.data["right"]
    again = opened(chart="0")
    assert not [button for button in again.button if button.key.startswith("chart_0_")], "it cannot be taken back"
    following = click(page, "chart_next")
    assert following.query_params["chart"] == "1"
    assert "Read so far: 1, right: 0" in words(following)


def test_the_right_one_is_told_so(progress):
    puzzle = Puzzle(2)
    page = click(opened(chart="2"), f"chart_2_{puzzle.cause.key}")
    assert f"Right: {puzzle.cause.label.lower()}" in words(page)
    assert progress.events("answered")[0].data["right"]


@pytest.mark.parametrize("nonsense", ["x", "-1", "99999999", "1000000", "²", "1.5"])
def test_an_address_that_makes_no_sense_is_said(nonsense):
    page = opened(chart=nonsense)
    assert "allowed: a whole number from 0 to 999,999" in words(page)
    assert Puzzle(0).family.question in words(page)


def test_an_answer_that_cannot_be_kept_is_one_sentence(tmp_path):
    page = opened()
    (tmp_path / "me.jsonl").mkdir()  # where a file has to be
    page = click(page, f"chart_0_{Puzzle(0).cause.key}")
    assert "Your progress could not be" in words(page)
