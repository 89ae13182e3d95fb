"""The Failures page without a browser: predict, run, what broke and what was lost, switch on, run again, take away."""

import json
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine import preset_config
from engine.clock import SystemWallClock
from engine.errors import ExperimentFailed
from engine.experiments.stories import MITIGATIONS, STORIES, Effect, Told, tell
from engine.experiments.studies import Studies
from engine.live import LiveWorlds
from pages.parts import failures_effects, failures_job, failures_live, failures_view
from pages.parts.failures_charts import bet_of, charted, story_chart
from pages.parts.failures_link import SEED, Asked, asked_in
from pages.parts.failures_words import difference
from pages.parts.palette import LIGHT
from tests.experiments.executors import Synchronous
from tests.experiments.test_studies import Later
from tests.pages.conftest import ROOT

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
    monkeypatch.setattr(failures_job, "STUDIES", registry)
    monkeypatch.setattr(failures_view, "tell", once)
    failures_job.SHELF.clear()
    yield asked
    failures_job.SHELF.clear()
    registry.close()


def opened(**address: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "pages" / "lab" / "failures.py"), default_timeout=60)
    for name, value in address.items():
        page.query_params[name] = value
    return shown(page.run())


def shown(page: AppTest) -> AppTest:
    assert not page.exception
    assert "Traceback" not in words(page)
    return page


def words(page: AppTest) -> str:
    kinds = (page.title, page.header, page.subheader, page.markdown, page.caption, page.info, page.warning, page.error)
    return "\n".join(str(each.value) for kind in kinds for each in kind)


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
    assert f"What could be seen before it: {first.what.lower()}, from {first.at_s:g} s on." in words(page)
    assert "What could be seen before it" not in words(opened(story=STORY, said=RIGHT))


def test_the_debrief_says_what_broke_in_order_and_what_was_lost():
    told = _told(STORY, (), SEED)
    page = predicted()
    said = words(page)
    places = [said.index(f"{breach.what.lower()}**, first visible at") for breach in told.debrief.breaches]
    assert len(places) > 1
    assert places == sorted(places)
    rows = dict(zip(page.table[0].value["Measured"], page.table[0].value["This run"], strict=True))
    assert rows["Posts lost"] == f"0 of {told.report['load']['posts']:,}"
    assert rows["Completeness: home pages failed"].startswith(f"{told.debrief.lost.failed:,} of ")
    assert told.digest[:12] in said


def test_the_chart_marks_the_fault_the_first_breach_and_the_prediction():
    told = _told(STORY, (), SEED)
    (chart,) = charts(predicted())
    spans = [(shape["x0"], shape["x1"]) for shape in chart["layout"]["shapes"] if shape["type"] == "rect"]
    for at_s, until_s, label in told.marks:
        assert (at_s, until_s) in spans
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


# Again, on the same load


def test_a_switch_is_tried_on_the_same_load_and_laid_over(runs):
    page = predicted()
    page.toggle(key=f"failures_on_{HELPS}").set_value(True)
    page = click(page, "Run again on the same load")
    assert runs == [(STORY, (), SEED), (STORY, (HELPS,), SEED)]
    assert address(page) == {"story": STORY, "said": WRONG, "on": HELPS}
    before, after = (_told(STORY, on, SEED) for on in ((), (HELPS,)))
    assert before.digest == after.digest
    assert f"With {MITIGATIONS[HELPS].title.lower()}, on the same load (digest {after.digest[:12]})" in words(page)
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
    failed = f"{before.debrief.figures['failed_reads']:,.0f} reads → {after.debrief.figures['failed_reads']:,.0f} reads"
    line = next(line for line in difference(after, before) if failed in line)
    assert "less" in line


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
    shelf = failures_job.Shelf(most=2)
    works = [shelf.ask(number, f"Run {number}", lambda _, found=number: found + 1) for number in range(3)]
    assert [shelf.there(number) is not None for number in range(3)] == [False, True, True]
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


# What would have moved it most


def test_each_switch_is_tried_alone_when_asked(monkeypatch):
    effects = tuple(
        Effect(name, "failed_reads", "reads", 500.0, with_, f"{MITIGATIONS[name].title}: so much.")
        for name, with_ in ((HELPS, 0.0), ("hot_key_copies", 500.0))
    )
    calls = []
    monkeypatch.setattr(failures_effects, "moved", lambda *asked: calls.append(asked) or effects)
    page = predicted()
    assert "What would have moved it most" in words(page)
    assert calls == []
    page = click(page, "Try each switch alone")
    assert calls == [(STORIES[STORY], (), SEED)]
    assert effects[0].sentence in words(page)
    bars = charts(page)[1]["data"][0]
    assert bars["x"] == [0.0, 1.0]
    assert bars["y"] == ["Fallback to pull", "Copies of hot keys"]
    (table,) = [table.value for table in page.table if "Switch" in table.value]
    assert list(table["With it"]) == ["0 reads", "500 reads"]


def test_effects_that_fail_are_a_sentence(monkeypatch):
    def fails(*_: Any) -> Any:
        raise ExperimentFailed("A worker process died; try again.")

    monkeypatch.setattr(failures_effects, "moved", fails)
    page = click(predicted(), "Try each switch alone")
    assert "A worker process died; try again." in [warning.value for warning in page.warning]


# Take it away


def test_the_command_repeats_the_story_with_its_switches():
    page = opened(story=STORY, on=HELPS, said=RIGHT)
    assert page.code[-1].value == f"python -m engine story {STORY} --on {HELPS}"
    assert [button.label for button in page.get("download_button")] == ["Download JSON"]


# Live


def test_break_it_live_sends_to_the_load_lab_when_no_world_runs(worlds: LiveWorlds, monkeypatch):
    monkeypatch.setattr(failures_live, "LIVE", worlds)
    page = opened()
    assert "None of yours is running" in words(page)
    assert "Break it" not in [button.label for button in page.button]


def test_break_it_live_breaks_the_sessions_world(worlds: LiveWorlds, monkeypatch):
    monkeypatch.setattr(failures_live, "LIVE", worlds)
    live = worlds.open(preset_config("classroom"))
    page = click(opened(world=live.id), "Timeline cache wiped")
    assert "`cache_flushed@" in page.info[-1].value
    live.resume()
    assert within(10, lambda: "cache_flushed" in live.do(begun))
    page.selectbox(key="failures_live_kind").set_value("shard_down")
    page = click(page, "Break it")
    assert "#0" in page.info[-1].value
    assert within(10, lambda: live.do(begun) == ["cache_flushed", "shard_down"])


def begun(world: Any) -> list[str]:
    return [fault.kind for fault in (*world.incidents.faults.past, *world.incidents.faults.on)]


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    return holds()


# The audit


def test_the_audit_is_a_table_and_any_timeline_can_be_seen_beside_what_it_should_be():
    page = predicted()
    (table,) = [table.value for table in page.table if "Per user" in table.value]
    assert list(table["Entries"]) == ["Missing", "Duplicate", "Foreign", "Out of order", "Lost posts"]
    assert set(table["In total"]) == {"0"}
    assert "Clean: 2,000 people's timelines hold exactly what they should" in words(page)
    page = click(page, "Nothing is wrong: show one")
    assert "the same posts in the same order as they should be" in words(page)
    (lists,) = [table.value for table in page.table if "Should be" in table.value]
    assert list(lists["Stored"]) == list(lists["Should be"])
    assert "It was right before, and is." in click(page, "Rebuild this list").info[-1].value


def test_a_wrong_list_is_found_shown_and_mended():
    told = tell(STORIES[STORY], (), 5)
    lists, user = told.world.tables.lists, 9
    gone = lists.entries(np.array([user], np.int32)).values[-3:-2]
    lists.remove(np.array([user], np.int32), gone)
    told.audit["missing"] = 1
    page = AppTest.from_function(_audit)
    page.session_state["run"] = told
    page = click(shown(page.run()), "Show a wrong one")
    assert "the first is user 9's" in words(page)
    assert "1 missing, 0 foreign" in words(page)
    (rows,) = [table.value for table in page.table if "Should be" in table.value]
    assert (rows["Stored"] != rows["Should be"]).any()
    page = click(page, "Rebuild this list")
    assert "It was wrong, and is right now." in words(page)
    assert "the same posts in the same order" in words(page)


def _audit() -> None:
    import streamlit as st

    from pages.parts.failures_audit import audit_section

    audit_section(st.session_state["run"])


def test_who_has_no_list_is_told_so_and_a_refusal_is_a_sentence():
    page = opened(story="cache_wiped", said="home_latency")
    page = click(page, "Nothing is wrong: show one")
    assert "Under cached pull user 0 has no list" in words(page)
    assert "has no list to be made again" in click(page, "Rebuild this list").info[-1].value
