"""The Failures page without a browser: predict, run, what broke and what was lost, switch on, run again, take away."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.clock import SystemWallClock
from engine.experiments.stories import MITIGATIONS, STORIES, Told, tell
from engine.experiments.studies import Studies
from pages.parts import failures_view, shelf
from pages.parts.failures_charts import bet_of, charted, story_chart
from pages.parts.failures_link import SEED, Asked, asked_in
from pages.parts.failures_place import free_place
from pages.parts.failures_words import difference, in_sentence, names_in_words
from pages.parts.palette import LIGHT
from tests.experiments.executors import Synchronous
from tests.experiments.test_studies import Later
from tests.pages.conftest import ROOT
from tests.pages.helpers import shown, words

STORY = "celebrity_shard_loss"
HELPS = "fallback"
WRONG, RIGHT = "home_latency", "failed_reads"
NONSENSE = ("zzz", "-1", "9" * 400, "<script>alert(1)</script>", "ünï ☃ \x00", "' or 1=1", "`x`", "²")


@cache
def _told(story: str, on: tuple[str, ...], seed: int) -> Told:
    return tell(STORIES[story], on, seed)


@pytest.fixture
def turns() -> Later | Synchronous:
    """Runs are over at once."""
    return Synchronous()


@pytest.fixture(autouse=True)
def runs(monkeypatch: pytest.MonkeyPatch, turns: Any) -> Iterator[list[tuple[str, tuple[str, ...], int]]]:
    """What was run: real runs, each made once for all tests."""
    asked: list[tuple[str, tuple[str, ...], int]] = []

    def once(story: Any, on: tuple[str, ...], seed: int, told: Callable[[float], None]) -> Told:
        asked.append((story.name, on, seed))
        told(story.seconds / 2)
        return _told(story.name, on, seed)

    registry = Studies(SystemWallClock(), turns=turns)
    monkeypatch.setattr(shelf, "STUDIES", registry)
    monkeypatch.setattr(failures_view, "tell", once)
    shelf.SHELF.clear()
    yield asked
    shelf.SHELF.clear()
    registry.close()


def opened(**address: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "pages" / "lab" / "failures.py"), default_timeout=60)
    for name, value in address.items():
        page.query_params[name] = value
    return shown(page.run())


def click(page: AppTest, label: str) -> AppTest:
    (button,) = [button for button in page.button if button.label == label]
    return shown(button.click().run())


def address(page: AppTest) -> dict[str, str]:
    return {name: "".join(value) for name, value in page.query_params.items()}


def charts(page: AppTest) -> list[dict[str, Any]]:
    return [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]


def predicted(said: str = WRONG, **more: str) -> AppTest:
    page = opened(story=STORY, **more)
    page.radio(key=f"failures_bet_{STORY}").set_value(said)
    return click(page, "Run")


# Before


def test_every_story_is_offered_with_its_sentence_and_question():
    page = opened()
    choice = page.radio(key="failures_story")
    assert list(choice.options) == [story.title for story in STORIES.values()]
    for name, story in STORIES.items():
        shown(page.radio(key="failures_story").set_value(name).run())
        assert story.what in words(page)
        bet = page.radio(key=f"failures_bet_{name}")
        assert story.question in bet.label
        assert list(bet.options) == [option.label for option in story.options]
        assert bet.value is None
        assert address(page) == {"story": name}


def test_run_asks_for_a_prediction_first(runs):
    page = click(opened(story=STORY), "Run")
    assert "Choose an answer first" in page.warning[0].value
    assert (runs, "said" in address(page)) == ([], False)


# A run


def test_the_run_answers_the_prediction_and_locks_it(runs):
    page = predicted()
    assert runs == [(STORY, (), SEED)]
    assert address(page) == {"story": STORY, "said": WRONG}
    assert "✗ You predicted “Home pages take longer than promised”; it was “" in words(page)
    assert "Home pages take longer than promised* (locked)" in words(page)
    assert [radio.key for radio in page.radio] == ["failures_story"]


def test_a_right_prediction_is_told_so():
    right = _told(STORY, (), SEED).answer
    assert "✓ Right" in words(predicted(right))


def test_what_could_be_seen_before_the_answer_is_told_as_its_cause():
    told = _told("cold_start", (), SEED)
    first = told.debrief.breaches[0]
    assert str(first.chart) not in {option.key for option in told.story.options}
    page = opened(story="cold_start", said=told.answer)
    what = f"{first.what[:1].lower()}{first.what[1:]}"
    assert f"Something else could be seen before: {what}, from {first.at_s:g} s on." in words(page)
    assert "could be seen before" not in words(opened(story=STORY, said=RIGHT))


def test_the_debrief_says_what_broke_in_order_and_what_was_lost():
    told = _told(STORY, (), SEED)
    page = predicted()
    said = words(page)
    places = [said.index(f"**{breach.what}**, {breach.at_s:g} s to") for breach in told.debrief.breaches]
    assert len(places) > 1
    assert places == sorted(places)
    rows = dict(zip(page.table[0].value["Measured"], page.table[0].value["This run"], strict=True))
    assert rows["Posts lost"] == f"0 of {told.report['load']['posts']:,}"
    assert rows["Completeness: failed home pages"].startswith(f"{told.debrief.lost.failed:,} of ")
    assert told.digest[:12] in said


def test_the_chart_marks_the_fault_the_first_breach_and_the_prediction():
    told = _told(STORY, (), SEED)
    (chart,) = charts(predicted())
    spans = [(shape["x0"], shape["x1"]) for shape in chart["layout"]["shapes"] if shape["type"] == "rect"]
    events = [(at_s, at_s, label) for at_s, label in told.story.events]
    assert events
    for at_s, until_s, label in (*told.marks, *events):
        assert spans.count((at_s, until_s)) >= len(charted(told))
        assert any(label in note["text"] for note in chart["layout"]["annotations"])
    first = told.debrief.breaches[0]
    (mark,) = [
        trace for trace in chart["data"] if trace["mode"] == "markers" and trace["marker"]["symbol"] == "diamond"
    ]
    assert mark["x"] == [first.at_s]
    assert any(note["text"].startswith(f"<b>First: {first.what.lower()}") for note in chart["layout"]["annotations"])
    assert any("predicted: this first" in note["text"] for note in chart["layout"]["annotations"])
    lines = [trace for trace in chart["data"] if trace["mode"] == "lines"]
    assert len(lines) == len(charted(told))


@pytest.mark.parametrize("key", ["soon", "later", "never"])
def test_a_prediction_of_a_time_is_framed_in_time(key):
    told = _told("retry_storm", (), SEED)
    end_s, load_s = told.debrief.faults_end_s, told.debrief.seconds
    bet = bet_of(key, told)
    assert bet
    assert (bet.from_s, bet.until_s) == {
        "soon": (end_s, end_s + 5),
        "later": (end_s + 5, load_s),
        "never": (load_s, None),
    }[key]
    figure = story_chart(told, None, charted(told), bet, LIGHT)
    assert any(shape.line.dash == "dash" and shape.x0 == bet.from_s for shape in figure.layout.shapes)
    assert bet_of("nothing", told) is None


def test_a_label_keeps_off_the_lines():
    x = np.linspace(0, 1, 101)
    noise = np.where(x < 0.6, np.arange(101) % 11 / 10, 0.0)
    for y in (np.full(101, 0.62), np.full(101, 0.38), np.where(x > 0.2, 0.5, np.nan), noise):
        at, height, end = free_place([(x, y)], (0.2, 0.5), 20)
        wide = 20 * 6.2 / 430
        low, high = (at, at + wide) if end == "left" else (at - wide, at)
        assert 0 <= low < high <= 1
        near = y[(x >= low) & (x <= high)]
        assert not (np.abs(near - height) < 0.08).any()


# Again, on the same load


def test_a_switch_is_tried_on_the_same_load_and_laid_over(runs):
    page = predicted()
    page.toggle(key=f"failures_on_{HELPS}").set_value(True)
    page = click(page, "Run again on the same load")
    assert runs == [(STORY, (), SEED), (STORY, (HELPS,), SEED)]
    assert address(page) == {"story": STORY, "said": WRONG, "on": HELPS}
    before, after = (_told(STORY, on, SEED) for on in ((), (HELPS,)))
    assert before.digest == after.digest
    assert "With fallback to pull: failed home pages " in words(page)
    assert f"Over: home pages fail. Both runs met the same load (digest {after.digest[:12]})." in words(page)
    assert all(line in words(page) for line in difference(after, before))
    assert [trace["name"] for trace in charts(page)[0]["data"] if trace.get("showlegend")] == [
        "nothing on",
        "switched on",
    ]
    assert list(page.table[0].value.columns) == ["Measured", "Nothing on", "Switched on"]
    assert "Your prediction was about the run with nothing on" in words(page)


def test_running_the_same_again_is_said_to_change_nothing(runs):
    page = click(predicted(), "Run again on the same load")
    assert "Nothing has changed" in page.info[0].value
    assert len(runs) == 1


def test_a_difference_says_how_much_and_which_way():
    before, after = (_told(STORY, on, SEED) for on in ((), (HELPS,)))
    assert f"Failed home pages: **{before.debrief.figures['failed_reads']:,.0f} → 0**." in difference(after, before)
    half = replace(after, debrief=replace(after.debrief, figures={**before.debrief.figures, "late_pairs": 3.0}))
    many = f"{before.debrief.figures['late_pairs']:,.0f}"
    first, *others = difference(half, before)
    assert first.startswith(f"Pairs visible late: **{many} → 3**, ")
    assert first.endswith("x less.")
    assert all(": unchanged, " in line for line in others)
    assert any(line.startswith("Time with slow home pages: unchanged, 17 s") for line in others)


def test_a_switch_that_changes_nothing_is_told_so():
    plain = _told(STORY, (), SEED)
    assert in_sentence(replace(plain, on=frozenset([HELPS])), plain) == (
        "With fallback to pull, nothing changes of what this story is about."
    )
    assert names_in_words(["ttl_jitter", "soft_ttl"]) == "TTL jitter and soft TTL"


# The address


def test_a_reload_finds_the_run_and_a_link_brings_story_switches_and_seed(runs):
    page = opened(story=STORY, on=HELPS, said=RIGHT)
    assert runs == [(STORY, (), SEED), (STORY, (HELPS,), SEED)]
    assert page.toggle(key=f"failures_on_{HELPS}").value
    opened(story=STORY, on=HELPS, said=RIGHT)
    assert len(runs) == 2, "thirty who ask for the same have it run once"


def test_a_link_without_a_prediction_begins_with_the_question(runs):
    page = opened(story=STORY, on=HELPS, seed="11")
    assert runs == []
    assert page.number_input(key="failures_seed").value == 11
    assert MITIGATIONS[HELPS].title.lower() in words(page)


@pytest.mark.parametrize("part", ["story", "on", "seed", "said"])
@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_in_the_address_is_a_sentence(part, text, runs):
    page = opened(**{"story": STORY, part: text})
    (warning,) = page.warning
    assert "allowed: " in warning.value
    assert "\x00" not in warning.value
    assert len(warning.value) < 400
    assert runs == []


def test_an_address_says_back_what_it_was_made_of():
    for asked in (Asked(STORY), Asked(STORY, (HELPS, "hot_key_copies"), 3, RIGHT)):
        assert asked_in(asked.to_params()) == (asked, [])


def test_who_comes_back_by_the_menu_finds_what_was_there(runs):
    page = predicted()
    for name in list(page.query_params):
        del page.query_params[name]
    shown(page.run())
    assert address(page) == {"story": STORY, "said": WRONG}
    assert "✗ You predicted “Home pages take longer than promised”; it was “" in words(page)


def test_another_story_begins_with_its_own_question():
    page = predicted()
    page.radio(key="failures_story").set_value("poison_post").run()
    assert address(shown(page)) == {"story": "poison_post"}
    assert not charts(page)


def test_predict_anew_begins_from_the_start():
    page = click(predicted(), "Predict anew")
    assert address(page) == {"story": STORY}
    assert page.radio(key=f"failures_bet_{STORY}").value is None


# What goes wrong on the way


def test_a_run_that_fails_is_a_sentence_and_is_tried_again(monkeypatch, runs):
    def fails(*_: Any, **__: Any) -> Told:
        raise ZeroDivisionError("no")

    good = failures_view.tell
    monkeypatch.setattr(failures_view, "tell", fails)
    page = predicted()
    assert page.error[0].value == f"{STORIES[STORY].title} failed: ZeroDivisionError: no"
    monkeypatch.setattr(failures_view, "tell", good)
    assert charts(click(page, "Try again"))


def test_only_so_many_runs_are_kept():
    kept = shelf.Shelf(most=2)
    works = [kept.ask(number, f"Run {number}", lambda _, found=number: found + 1) for number in range(3)]
    assert [kept.there(number) is not None for number in range(3)] == [False, True, True]
    assert works[2].found() == 3
    with pytest.raises(Exception, match="forgotten"):
        works[0].found()


class TestWhileItRuns:
    @pytest.fixture
    def turns(self) -> Later:
        return Later()

    def test_progress_is_told_and_the_page_answers_meanwhile(self, turns):
        page = predicted()
        assert "waits for its turn: it is next" in str(page.get("progress")[0].proto)
        assert not charts(page)
        turns.give()
        assert charts(shown(page.run()))

    def test_a_full_queue_is_said_and_the_prediction_kept(self):
        for seed in range(3):
            opened(story=STORY, said=WRONG, seed=str(seed + 20))
        page = opened(story=STORY, said=WRONG)
        assert "Your prediction is kept" in page.warning[0].value
        assert [button.label for button in page.button].count("Try again") == 1


# Take it away


def test_the_command_repeats_the_story_with_its_switches():
    page = opened(story=STORY, on=HELPS, said=RIGHT)
    assert page.code[-1].value == f"python -m engine story {STORY} --on {HELPS}"
    assert [button.label for button in page.get("download_button")] == ["Download JSON"]
