"""The Hunts page without a browser: the list, a hunt's evidence, hints, answers, the story; and what is kept of it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from engine.clock import SystemWallClock
from engine.errors import ExperimentFailed
from engine.experiments.studies import Studies
from lessons.hunts import HUNTS, LEVELS, Evidence, explained
from lessons.progress import Progress
from pages.parts import hunts_view, shelf
from pages.parts.hunts_evidence import audit_rows, figure_row, in_words, list_rows, page_rows
from tests.experiments.executors import Synchronous
from tests.experiments.test_studies import Later
from tests.lessons.hunts.found import found
from tests.pages.conftest import ROOT

NAME = "where_is_it"
HUNT = HUNTS[NAME]
NONSENSE = ("zzz", "-1", "9" * 400, "<script>alert(1)</script>", "ünï ☃", "' or 1=1", "`x`", "memory_bill ")


@pytest.fixture
def turns() -> Later | Synchronous:
    """Runs are over at once."""
    return Synchronous()


@pytest.fixture(autouse=True)
def runs(monkeypatch: pytest.MonkeyPatch, turns: Any, tmp_path: Any) -> Iterator[list[str]]:
    """Which hunts were run: real runs, each made once for all tests of this process."""
    asked: list[str] = []

    def once(hunt: Any, seed: int, told: Any) -> Evidence:
        asked.append(hunt.name)
        told(0.5)
        return found(hunt.name)

    registry = Studies(SystemWallClock(), turns=turns)
    monkeypatch.setattr(shelf, "STUDIES", registry)
    monkeypatch.setattr(hunts_view, "investigate", once)
    monkeypatch.setenv("MURMURATION_PROGRESS", str(tmp_path))
    shelf.SHELF.clear()
    yield asked
    shelf.SHELF.clear()
    registry.close()


@pytest.fixture
def progress(tmp_path: Any) -> Progress:
    """What the page keeps."""
    return Progress.open(tmp_path / "me.jsonl", lambda: 1_000.0)


def opened(**address: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "pages" / "practise" / "hunts.py"), default_timeout=60)
    for name, value in address.items():
        page.query_params[name] = value
    return shown(page.run())


def shown(page: AppTest) -> AppTest:
    assert not page.exception
    assert "Traceback" not in words(page)
    return page


def words(page: AppTest) -> str:
    kinds = (page.title, page.header, page.subheader, page.markdown, page.caption, page.info, page.warning,
             page.error, page.success)  # fmt: skip
    return "\n".join(str(each.value) for kind in kinds for each in kind).replace("\\", "")


def click(page: AppTest, label: str) -> AppTest:
    (button,) = [button for button in page.button if button.label == label]
    return shown(button.click().run())


def answer(page: AppTest, cause: str, fix: str) -> AppTest:
    page.radio(key=f"hunts_cause_{NAME}").set_value(cause)
    page.radio(key=f"hunts_fix_{NAME}").set_value(fix)
    return click(page, "Answer")


# The list


def test_all_hunts_stand_in_their_level_and_nothing_is_run(runs):
    page = opened()
    assert [header.value for header in page.header] == [f"{level}. {title}" for level, title in LEVELS.items()]
    assert [button.label for button in page.button] == [hunt.title for hunt in HUNTS.values()]
    assert f"0 of {len(HUNTS)} found, 0 points" in words(page)
    assert runs == []


def test_a_click_opens_a_hunt_and_another_leads_back(runs):
    page = click(opened(), HUNT.title)
    assert "".join(page.query_params["hunt"]) == NAME
    assert runs == [NAME]
    assert HUNT.symptom in words(page)
    page = click(page, "All hunts")
    assert "hunt" not in page.query_params
    assert len(page.button) == len(HUNTS)


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_a_hunt_that_there_is_not_leads_to_the_list(nonsense):
    page = opened(hunt=nonsense)
    assert "There is no hunt" in page.warning[0].value
    assert len(page.button) == len(HUNTS)


# One hunt


def test_the_evidence_is_that_of_the_runs():
    page, evidence = opened(hunt=NAME), found(NAME)
    assert [tab.label for tab in page.tabs] == ["Charts", "Figures", "Audit", "One person", "Requests"]
    figures, audit = page.table[0].value, page.table[1].value
    assert figures.to_dict("records") == [figure_row(line) for line in evidence.figures]
    assert audit.to_dict("records") == audit_rows(evidence)
    said = words(page)
    assert evidence.lists[0].sentence in said
    assert all(why in said for why in evidence.lists[0].whys)
    assert all(in_words(chart) in said for chart in evidence.charts)
    assert evidence.digest[:12] in said
    assert HUNT.planted.title not in said


def test_each_chart_has_both_runs_and_unit():
    page, evidence = opened(hunt=NAME), found(NAME)
    drawn = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")][: len(evidence.charts)]
    for chart, figure in zip(evidence.charts, drawn, strict=True):
        assert [trace["name"] for trace in figure["data"]] == ["healthy", "this feed"]
        assert figure["data"][0]["line"]["dash"] != figure["data"][1]["line"].get("dash")
        assert f"{chart.label}" in words(page)
        assert chart.unit in words(page)


@pytest.mark.parametrize("name", ["memory_bill", "nova_who", "zombie"])
def test_whatever_the_evidence_is_it_can_be_drawn(name):
    """Lists that are right, wrong, or not there; the next list, the next request."""
    page = opened(hunt=name)
    for look in found(name).lists[1:2]:
        shown(page.segmented_control(key=f"hunts_list_{name}").set_value(look.user).run())
        assert look.sentence in words(page)
    if len(found(name).traces) > 1:
        shown(page.selectbox(key=f"hunts_trace_{name}").select_index(1).run())


def test_what_is_shown_twice_in_one_scroll_is_marked():
    rows = page_rows(found("deja_vu"))
    assert any("(seen before)" in value for row in rows for value in row.values())
    assert not any("(seen before)" in value for row in page_rows(found("dead_end")) for value in row.values())


def test_a_list_is_shown_beside_what_it_should_be():
    rows = list_rows(found("nova_who").lists[0])
    assert any(row[""] == "≠" and row["Stored"] == "–" and "Nova" in row["Should be"] for row in rows)


# Naming it


def test_an_answer_needs_both(progress):
    page = click(opened(hunt=NAME), "Answer")
    assert "Choose a cause and a fix first." in words(page)
    assert progress.events() == ()


def test_the_right_answer_tells_the_story_and_is_kept(progress):
    page = answer(opened(hunt=NAME), HUNT.defect, HUNT.defect)
    story, said = explained(HUNT), words(page)
    assert "Found, 100 points: 1 try, 0 hints." in said
    for text in (story.title, story.cause, story.because, story.fix, story.right, story.real_engine):
        assert text in said
    assert page.code[0].value.strip() == story.source.strip()
    event = progress.last("hunted", NAME)
    assert event is not None
    assert dict(event.data) == {"cause": HUNT.defect, "fix": HUNT.defect, "hints": 0, "right": True}
    assert len(page.radio) == 0
    page = opened()
    assert "1 of 27 found, 100 points" in words(page)
    assert f"{HUNT.title} · 100 points" in [button.label for button in page.button]


def test_a_wrong_answer_costs_and_tells_only_which_half(progress):
    page = answer(opened(hunt=NAME), HUNT.defect, HUNT.decoys[0])
    assert "The cause is right." in words(page)
    assert HUNT.planted.title not in words(page)
    assert len(page.radio) == 2
    page = answer(page, HUNT.defect, HUNT.defect)
    assert "Found, 85 points: 2 tries" in words(page)
    assert [event.data["right"] for event in progress.events("hunted", NAME)] == [False, True]


def test_hints_come_one_by_one_and_cost(progress):
    page = opened(hunt=NAME)
    assert HUNT.hints[0] not in words(page)
    page = click(page, "Hint 1, costs 10 points")
    assert HUNT.hints[0] in words(page)
    assert HUNT.hints[1] not in words(page)
    page = click(click(page, "Hint 2, costs 20 points"), "Hint 3, costs 30 points")
    assert all(hint in words(page) for hint in HUNT.hints)
    page = answer(page, HUNT.defect, HUNT.defect)
    assert "Found, 40 points: 1 try, 3 hints." in words(page)


def test_hints_stay_taken_after_an_answer_and_another_visit(progress):
    page = click(opened(hunt=NAME), "Hint 1, costs 10 points")
    answer(page, HUNT.decoys[0], HUNT.decoys[0])
    page = opened(hunt=NAME)
    assert HUNT.hints[0] in words(page)
    page = answer(page, HUNT.defect, HUNT.defect)
    assert "Found, 60 points" in words(page)


def test_one_can_be_told(progress):
    page = click(opened(hunt=NAME), "Tell me")
    assert explained(HUNT).because in words(page)
    assert "points:" not in words(page)
    assert f"{HUNT.title} · told" in [button.label for button in opened().button]
    event = progress.last("hunted", NAME)
    assert event is not None
    assert event.data["right"] is False


def test_from_the_story_one_goes_on_to_the_next():
    names = list(HUNTS)
    following = HUNTS[names[names.index(NAME) + 1]]
    page = click(click(opened(hunt=NAME), "Tell me"), f"Next: {following.title}")
    assert following.symptom in words(page)
    assert len(page.radio) == 2


# While it runs, and when it fails


@pytest.mark.parametrize("turns", [Later()])
def test_while_the_runs_are_under_way_one_can_think(turns):
    page = opened(hunt=NAME)
    assert HUNT.symptom in words(page)
    assert len(page.radio) == 2
    assert len(page.get("progress")) == 1
    assert len(page.tabs) == 0


def test_a_run_that_fails_is_told_in_a_sentence(monkeypatch):
    def fail(*_: Any) -> Evidence:
        raise ExperimentFailed("The run failed: no room.")

    monkeypatch.setattr(hunts_view, "investigate", fail)
    page = opened(hunt=NAME)
    assert "The run failed: no room." in words(page)
    assert "Try again" in [button.label for button in page.button]
