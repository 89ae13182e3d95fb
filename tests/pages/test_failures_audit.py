"""The Failures page without a browser, below its charts: each switch alone, the running world, the audit of lists."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine import preset_config
from engine.errors import ExperimentFailed
from engine.experiments.stories import MITIGATIONS, STORIES, Effect, tell
from engine.live import LiveWorlds
from pages.parts import failures_effects, failures_live
from pages.parts.failures_effects import effect_chart
from pages.parts.failures_link import SEED
from pages.parts.palette import LIGHT
from tests.pages.helpers import shown, words
from tests.pages.test_failures import HELPS, STORY, charts, click, opened, predicted, runs, turns

__all__ = ["runs", "turns"]  # fixtures: no story is told twice


# Which switch helps most


def test_each_switch_is_tried_alone_when_asked(monkeypatch):
    effects = tuple(
        Effect(name, "failed_reads", "reads", 500.0, with_, f"{MITIGATIONS[name].title}: so much.")
        for name, with_ in ((HELPS, 0.0), ("hot_key_copies", 500.0))
    )
    calls = []
    monkeypatch.setattr(failures_effects, "moved", lambda *asked: calls.append(asked) or effects)
    page = predicted()
    assert "Which switch helps most" in words(page)
    assert calls == []
    page = click(page, "Try each switch alone")
    assert calls == [(STORIES[STORY], (), SEED)]
    assert effects[0].sentence in words(page)
    bars = charts(page)[1]["data"][0]
    assert bars["x"] == [0.0, None]
    assert bars["y"] == ["Fallback to pull", "Copies of hot keys"]
    (table,) = [table.value for table in page.table if "Switch" in table.value]
    assert list(table["Moves"]) == ["failed home pages", "nothing here"]
    assert list(table["With it"]) == ["0", "–"]


@pytest.mark.parametrize(
    ("without", "with_", "bar"),
    [(28_276.0, 2.0, "under 0.1 %"), (200.0, 126.0, "63 %"), (0.0, 3.0, "over 200 %"), (5.0, 5.0, "")],
)
def test_a_bar_says_its_share_and_nothing_is_no_share(without, with_, bar):
    chart = effect_chart([Effect(HELPS, "failed_reads", "reads", without, with_, "So much.")], LIGHT)
    assert list(chart.data[0].text) == [bar]
    assert [note.text for note in chart.layout.annotations] == (["changes nothing here"] if without == with_ else [])


def test_effects_that_fail_are_a_sentence(monkeypatch):
    def fails(*_: Any) -> Any:
        raise ExperimentFailed("A worker process died; try again.")

    monkeypatch.setattr(failures_effects, "moved", fails)
    page = click(predicted(), "Try each switch alone")
    assert "A worker process died; try again." in [warning.value for warning in page.warning]


# Live


def test_break_it_live_sends_to_the_load_lab_when_no_world_runs(worlds: LiveWorlds, monkeypatch):
    monkeypatch.setattr(failures_live, "LIVE", worlds)
    page = opened()
    assert "None of yours is running" in words(page)
    labels = [button.label for button in page.button]
    assert "Open the Load lab" in labels
    assert "Break it" not in labels


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
    assert all(table["Meaning"])
    assert "Clean: 2,000 people's timelines hold exactly what they should" in words(page)
    page = click(page, "Show a list")
    assert "the same posts in the same order as they should be" in words(page)
    (lists,) = [table.value for table in page.table if "Should be" in table.value]
    assert list(lists["Stored"]) == list(lists["Should be"])
    assert "It was right before, and still is." in click(page, "Rebuild this list").info[-1].value


def test_a_wrong_list_is_found_shown_and_mended():
    told = tell(STORIES[STORY], (), 5)
    lists, user = told.world.tables.lists, 9
    gone = lists.entries(np.array([user], np.int32)).values[-3:-2]
    lists.remove(np.array([user], np.int32), gone)
    told.audit["missing"] = 1
    page = AppTest.from_function(_audit)
    page.session_state["run"] = told
    page = click(shown(page.run()), "Show a wrong list")
    assert "the first is user 9's" in words(page)
    assert "1 missing, 0 foreign" in words(page)
    (rows,) = [table.value for table in page.table if "Should be" in table.value]
    assert (rows["Stored"] != rows["Should be"]).any()
    page = click(page, "Rebuild this list")
    assert "It was wrong, and now it is right." in words(page)
    assert "the same posts in the same order" in words(page)


def _audit() -> None:
    import streamlit as st

    from pages.parts.failures_audit import audit_section

    audit_section(st.session_state["run"])


def test_who_has_no_list_is_told_so_and_a_refusal_is_a_sentence():
    page = opened(story="cache_wiped", said="home_latency")
    page = click(page, "Show a list")
    assert "Under cached pull user 0 has no list" in words(page)
    assert "has no list to be made again" in click(page, "Rebuild this list").info[-1].value
