"""Estimates on the page: the estimate is kept, then the answer is shown; and how estimates go."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from engine.clock import SystemWallClock
from engine.experiments.studies import Studies
from lessons.estimates.draw import question
from lessons.estimates.record import Taken, reveal, take
from lessons.estimates.score import Done, Range
from lessons.progress import Progress
from pages.parts import estimates_view, shelf
from pages.parts.estimates_charts import calibration_chart, errors_chart, in_words
from pages.parts.palette import DARK, LIGHT
from tests.experiments.executors import Synchronous
from tests.experiments.test_studies import Later
from tests.pages.conftest import ROOT

NOW_S = 1_700_000_000.0
NONSENSE = ("abc", "-1", "<script>alert(1)</script>", "ünï ☃ `x` $x$")
MEASURED = next(seed for seed in range(1, 30) if question(seed, 1).measured)
PLAIN = next(seed for seed in range(1, 30) if question(seed, 1).family.name == "posts_per_s")


@pytest.fixture
def progress(progress_folder: Path) -> Progress:
    return Progress.open(progress_folder / "me.jsonl", lambda: NOW_S)


@pytest.fixture
def turns() -> Later | Synchronous:
    """Runs are over at once."""
    return Synchronous()


@pytest.fixture(autouse=True)
def studies(monkeypatch: pytest.MonkeyPatch, turns: Any) -> Iterator[None]:
    registry = Studies(SystemWallClock(), turns=turns)
    monkeypatch.setattr(shelf, "STUDIES", registry)
    shelf.SHELF.clear()
    yield
    shelf.SHELF.clear()
    registry.close()


def opened(**address: Any) -> AppTest:
    page = AppTest.from_file(str(ROOT / "pages" / "practise" / "estimates.py"), default_timeout=60)
    for name, value in address.items():
        page.query_params[name] = str(value)
    return shown(page.run())


def shown(page: AppTest) -> AppTest:
    assert not page.exception
    assert "Traceback" not in words(page)
    return page


def words(page: AppTest) -> str:
    kinds = (page.title, page.header, page.markdown, page.caption, page.info, page.warning, page.success, page.error)
    return "\n".join(str(each.value) for kind in kinds for each in kind)


def say(page: AppTest, estimate: str, low: str = "", high: str = "") -> AppTest:
    for field, text in zip(page.text_input, (estimate, low, high), strict=True):
        field.set_value(text)
    return shown(press(page, "Keep it and show the answer"))


def press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click()
    return shown(page.run())


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def metrics(page: AppTest) -> dict[str, str]:
    return {one.label: one.value for one in page.metric}


def test_the_first_visit_asks_a_question_and_tells_what_will_be_drawn(progress: Progress):
    page = opened()
    assert "Nothing yet" in words(page)
    assert "reckoned" not in metrics(page)
    assert (page.query_params["level"], page.query_params["seed"]) == ("1", "1")
    assert progress.events() == ()


def test_an_estimate_is_kept_the_answer_shown_and_the_record_drawn(progress: Progress):
    page = say(opened(level=1, seed=PLAIN), "1,000", "10", "1 million")
    one = question(PLAIN, 1)
    assert metrics(page)["You said"] == "1,000 posts/s"
    assert metrics(page)["Answer (reckoned)"] == one.shown(one.worked.value)
    assert "range held the answer" in words(page)
    assert one.worked.steps[-1] in page.code[0].value
    assert len(page.get("plotly_chart")) == 2
    assert [event.kind for event in progress.events()] == ["estimated", "revealed"]


def test_a_wrong_estimate_says_that_it_comes_back_and_a_right_one_does_not(progress: Progress):
    assert "comes back tomorrow" in words(say(opened(level=1, seed=PLAIN), "1"))
    other = next(seed for seed in range(PLAIN + 1, 60) if question(seed, 1).family.name == "posts_per_s")
    good = f"{question(other, 1).worked.value:.0f}"
    assert "comes back tomorrow" not in words(say(opened(level=1, seed=other), good))


def test_a_reload_cannot_take_an_estimate_back(progress: Progress):
    say(opened(level=1, seed=PLAIN), "1")
    page = opened(level=1, seed=PLAIN)
    assert metrics(page)["You said"] == "1 posts/s"
    assert len(page.text_input) == 0


def test_an_estimate_without_its_answer_is_answered_at_the_next_visit(progress: Progress):
    """The tab was closed between the two."""
    take(progress, question(PLAIN, 1), "77")
    assert metrics(opened(level=1, seed=PLAIN))["You said"] == "77 posts/s"
    assert len(progress.events("revealed")) == 1


@pytest.mark.parametrize("text", ["", *NONSENSE])
def test_nonsense_is_refused_in_a_sentence_and_nothing_is_kept(progress: Progress, text: str):
    page = say(opened(level=1, seed=PLAIN), text)
    assert [one for one in page.warning if "allowed" in one.value or "bounds" in one.value]
    assert len(page.text_input) == 3
    assert progress.events() == ()


def test_a_range_that_does_not_hold_the_estimate_is_refused(progress: Progress):
    page = say(opened(level=1, seed=PLAIN), "5", "6", "7")
    assert "outside your own range" in page.warning[0].value
    assert progress.events() == ()


def test_a_number_is_read_back_before_it_counts(progress: Progress):
    page = opened(level=1, seed=PLAIN)
    page.text_input[0].set_value("60B")
    assert "Read as 60B posts/s" in words(shown(page.run()))
    assert progress.events() == ()


def test_next_and_level_lead_to_questions_without_an_estimate(progress: Progress):
    page = press(say(opened(), "5"), "Next question")
    assert (page.query_params["level"], page.query_params["seed"]) == ("1", "2")
    page.segmented_control[0].set_value(3)
    page = shown(page.run())
    assert (page.query_params["level"], page.query_params["seed"]) == ("3", "1")
    assert page.header[0].value == question(1, 3).family.title


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("level", "x"),
        ("level", "0"),
        ("level", "²"),
        ("seed", "-1"),
        ("seed", "9999999"),
        ("seed", ""),
        ("seed", "9" * 400),
    ],
)
def test_an_address_that_makes_no_sense_is_said_and_the_next_question_stands_in(
    progress: Progress, name: str, text: str
):
    page = opened(**({"level": 1, "seed": 1} | {name: text}))
    assert page.warning
    assert "allowed" in page.warning[0].value
    assert len(page.text_input) == 3


def test_an_address_with_a_level_alone_asks_the_next_of_it(progress: Progress):
    assert opened(level=2).query_params["seed"] == "1"


def test_a_measured_question_runs_after_the_estimate_and_says_so(progress: Progress, monkeypatch: pytest.MonkeyPatch):
    kept: list[int] = []

    def truth(one: object, told: object) -> float:
        kept.append(len(progress.events("estimated")))
        return 40.0

    monkeypatch.setattr(estimates_view, "truth_of", truth)
    page = opened(level=1, seed=MEASURED)
    assert "Measured" in words(page)
    assert kept == []
    page = say(page, "50")
    assert kept == [1]
    assert metrics(page)["Answer (measured)"] == "40 copies"
    assert any("python -m engine run" in code.value for code in page.code)


class TestWhileItsTurnHasNotCome:
    @pytest.fixture
    def turns(self) -> Later | Synchronous:
        return Later()

    def test_a_measured_question_waits_with_a_line_and_no_answer(self, progress: Progress):
        page = say(opened(level=1, seed=MEASURED), "50")
        assert "It is kept" in words(page)
        assert "Answer (measured)" not in metrics(page)
        assert [event.kind for event in progress.events()] == ["estimated"]


def test_a_run_that_fails_is_a_sentence_and_can_be_tried_again(progress: Progress, monkeypatch: pytest.MonkeyPatch):
    def broken(one: object, told: object) -> float:
        raise RuntimeError("no room")

    monkeypatch.setattr(estimates_view, "truth_of", broken)
    page = say(opened(level=1, seed=MEASURED), "50")
    assert any("no room" in one.value for one in page.warning)
    assert "Try again" in labels(page)
    monkeypatch.setattr(estimates_view, "truth_of", lambda one, told: 40.0)
    assert metrics(press(page, "Try again"))["Answer (measured)"] == "40 copies"


def done(factor: float, number: int, range_: Range | None = None) -> Done:
    return Done(f"q.{number}", "Title", 0.0, 10.0**number * factor, 10.0**number, "said", "shown", range_)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
@pytest.mark.parametrize("count", [1, 2, 30, 200])
def test_charts_have_a_mark_for_each_estimate_and_a_name_for_each_band(palette: Any, count: int):
    factors = (1.0, 1.5, 5.0, 1e5, 1e-9)
    drawn = [done(factors[n % 5], n % 12 - 3, Range(1e-12, 1e20) if n % 2 else None) for n in range(count)]
    for figure in (errors_chart(drawn, palette), calibration_chart(drawn, palette)):
        marks = [trace for trace in figure.data if trace.mode == "markers"]
        assert sum(len(trace.x) for trace in marks) == min(count, 60)
        assert len({trace.marker.symbol for trace in marks}) == len(marks) == min(count, 4)
        edge = figure.layout.yaxis.range
        if figure.layout.yaxis.type != "log":
            assert all(edge[0] < y < edge[1] for trace in marks for y in trace.y)
    assert f"Of {count} estimates" in in_words(drawn)


def test_the_record_counts_what_is_in_the_file(progress: Progress):
    for seed in range(1, 7):
        one = question(seed, 3)
        if not one.measured:
            truth = one.worked.value
            reveal(progress, one, Taken(10 * truth), truth)
    page = opened(level=1, seed=PLAIN)
    assert metrics(page)["Bias"] == "10 times too high"
    assert metrics(page)["Typically off by"] == "10 times"
    assert metrics(page)["Within twice"].startswith("0 of")
