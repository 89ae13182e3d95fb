"""The Lessons page without a browser: the list, a bet that stays, the run's figures in the text, one thing changed."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from engine.clock import SystemWallClock
from engine.errors import ExperimentFailed
from engine.experiments.studies import Studies
from lessons.front import CONTENT, read_lessons
from lessons.play import play_lesson
from lessons.progress import Progress, default_path
from lessons.taken import Bet
from pages.parts import lesson_view, shelf
from pages.parts.lesson_charts import lesson_chart
from pages.parts.palette import LIGHT
from tests.experiments.executors import Synchronous
from tests.lessons.written import write
from tests.pages.conftest import ROOT

KNOWN = read_lessons(CONTENT)
NONSENSE = ("zzz", "-1", "9" * 400, "<script>alert(1)</script>", "../../etc/passwd", "' or 1=1", "²")


@pytest.fixture(autouse=True)
def own(monkeypatch, tmp_path):
    """A short lesson of one's own, and progress in a folder of this test; runs are over at once."""
    monkeypatch.setenv("MURMURATION_PROGRESS", str(tmp_path / "progress"))
    monkeypatch.setattr(lesson_view, "OWN", tmp_path / "own")
    registry = Studies(SystemWallClock(), turns=Synchronous())
    monkeypatch.setattr(shelf, "STUDIES", registry)
    shelf.SHELF.clear()
    yield write(tmp_path / "own")
    shelf.SHELF.clear()
    registry.close()


@pytest.fixture
def progress(tmp_path) -> Iterator[Progress]:
    return Progress.open(default_path({"MURMURATION_PROGRESS": str(tmp_path / "progress")}), lambda: 0.0)


def opened(**address: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "pages" / "learn" / "lessons.py"), default_timeout=60)
    for name, value in address.items():
        page.query_params[name] = value
    return shown(page.run())


def shown(page: AppTest) -> AppTest:
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    kinds = (page.title, page.header, page.subheader, page.markdown, page.caption, page.info, page.warning, page.error)
    return "\n".join(str(each.value) for kind in kinds for each in kind)


def click(page: AppTest, key: str) -> AppTest:
    return shown(page.button(key=key).click().run())


def test_the_list_has_every_lesson_and_ones_own():
    page = opened()
    labels = {button.label for button in page.button}
    assert {f"{lesson.number}. {lesson.front.title}" for lesson in KNOWN.values()} <= labels
    assert "1. A short one" in labels
    assert f"Done: **0 of {len(KNOWN)}**" in words(page)


def test_a_bet_is_locked_and_the_run_answers_it(progress):
    page = click(opened(lesson="01-short"), "bet_01-short_same")
    said = words(page)
    assert "You bet *As many*." in said
    assert "right" not in said.split("You bet *As many*.")[1][:8]
    assert "Pages took" in said
    assert "{" not in said, "every figure is in its place"
    (ran,) = progress.events("ran")
    assert ran.data["answer"] == "more"
    assert not ran.data["right"]
    again = opened(lesson="01-short")
    assert "You bet *As many*." in words(again), "a reload finds it as it was"
    assert len(progress.events("ran")) == 1


def test_a_right_bet_is_told_so():
    page = click(opened(lesson="01-short"), "bet_01-short_more")
    assert "You bet *Many more*: right." in words(page)


def test_nothing_of_the_result_is_shown_before_the_bet():
    said = words(opened(lesson="01-short"))
    assert "Push copies each post to all." in said
    assert "Pages took" not in said
    assert "What you saw" not in said


def test_one_may_begin_anew(progress):
    page = click(opened(lesson="01-short"), "bet_01-short_same")
    page = click(page, "lesson_anew")
    assert any(button.key == "bet_01-short_more" for button in page.button)
    assert len(progress.events("predicted")) == 1


def test_one_thing_changed_stands_beside_the_run():
    page = click(opened(lesson="01-short"), "bet_01-short_more")
    page = click(page, "change_01-short_16")
    assert page.query_params["change"] == "16"
    assert "With your change" in list(page.table[0].value.columns)
    assert "Your change: in the fan-out pool; the same load" in words(page)


def test_a_change_of_the_load_is_not_called_the_same_load(own):
    write(own.parent, ('knob = "workers.count"\nvalues = [8, 16]', 'knob = "load.posts_per_s"\nvalues = [8, 16]'))
    page = click(click(opened(lesson="01-short"), "bet_01-short_more"), "change_01-short_16")
    assert "it changes the load, too" in words(page)
    assert "the same load" not in words(page)


def test_a_bet_that_cannot_be_kept_is_one_sentence_and_nothing_runs(tmp_path):
    page = opened(lesson="01-short")
    (tmp_path / "progress").write_text("a file, where a folder has to be", encoding="utf-8")
    page = click(page, "bet_01-short_more")
    assert "Your progress could not be" in words(page)
    assert "What you saw" not in words(page)


def test_the_way_through_the_lessons():
    first, second, *_ = KNOWN
    page = opened()
    page = click(page, f"lesson_{first}")
    assert page.query_params["lesson"] == first
    page = click(page, "lesson_all")
    assert "lesson" not in page.query_params
    page = click(page, f"lesson_{second}")
    assert KNOWN[second].front.question in words(page)


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_an_address_that_makes_no_sense_is_said(nonsense):
    assert "There is no lesson" in words(opened(lesson=nonsense))
    page = click(opened(lesson="01-short", change=nonsense), "bet_01-short_more")
    assert "With your change" not in list(page.table[0].value.columns)


def test_a_lesson_of_ones_own_that_cannot_be_read_is_said_and_the_others_stay(own):
    (own / "lesson.md").write_text("nothing", encoding="utf-8")
    page = opened()
    assert "has no front matter" in words(page)
    assert len([button for button in page.button if button.key.startswith("lesson_")]) >= len(KNOWN)


def test_a_run_that_fails_is_one_sentence_and_the_bet_is_kept(monkeypatch, progress):
    def fails(*args, **kwargs):
        raise ExperimentFailed("The run failed for want of memory.")

    monkeypatch.setattr(lesson_view, "play_lesson", fails)
    page = click(opened(lesson="01-short"), "bet_01-short_more")
    assert "The run failed for want of memory." in words(page)
    assert progress.last("predicted", "01-short") is not None
    assert progress.events("ran") == ()


def test_the_chart_draws_every_run_and_every_mark_where_the_text_points(own):
    lesson = read_lessons(own.parent)["01-short"]
    outcome = play_lesson(lesson.front)
    figure = lesson_chart(lesson, Bet("more"), outcome, None, LIGHT)
    named = {trace.name for trace in figure.data if trace.mode == "lines"}
    assert named == {"Push", "Hybrid"}
    (mark,) = [trace for trace in figure.data if trace.mode == "markers+text"]
    ends, values = outcome.series["push"][lesson.front.note[0].chart]
    assert mark.y[0] == values.max()
    assert ends[values.argmax()] == mark.x[0]
    assert any("A celebrity posts" in str(note.text) for note in figure.layout.annotations)


def test_a_bet_on_what_a_chart_shows_is_drawn_into_it(own):
    write(
        own.parent,
        (
            'figure = { of = "push", over = "hybrid", read = "deliveries" }\noptions',
            'figure = { of = "push", read = "queue_rest.max" }\noptions',
        ),
    )
    lesson = read_lessons(own.parent)["01-short"]
    outcome = play_lesson(lesson.front)
    bands = [
        [
            shape
            for shape in lesson_chart(lesson, Bet(key), outcome, None, LIGHT).layout.shapes
            if shape.type == "rect" and shape.xref == "paper"
        ]
        for key in ("same", "more")
    ]
    assert [(len(band), band[0].y0, band[0].yref) for band in bands] == [(1, 0, "y2"), (1, 2, "y2")]
    assert bands[0][0].y1 == 2 < bands[1][0].y1


def test_a_bet_on_a_stretch_of_a_chart_is_drawn_over_that_stretch(own):
    old = 'figure = { of = "push", over = "hybrid", read = "deliveries" }\noptions'
    write(own.parent, (old, 'figure = { of = "push", read = "queue_rest.max@3-6" }\noptions'))
    lesson = read_lessons(own.parent)["01-short"]
    figure = lesson_chart(lesson, Bet("more"), play_lesson(lesson.front), None, LIGHT)
    (band,) = [shape for shape in figure.layout.shapes if shape.type == "rect" and shape.yref == "y2"]
    assert (band.xref, band.x0, band.x1) == ("x", 3, 6)
