"""Bring your own strategy, on the page Compare: checked, compared on the same load, refused in words, or off."""

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from engine.clock import SystemWallClock
from engine.errors import OwnCodeFailed
from engine.experiments.studies import STUDIES, InHistory, Studies, own
from engine.own_strategy import TEMPLATE, Checked, Limits, Measured, Verdict
from pages.parts import own_strategy, study_form, study_view
from tests.experiments.executors import Scripted, Synchronous
from tests.experiments.test_studies import COSTS
from tests.experiments.test_study_keeping import Reporting
from tests.pages.test_studies import charts, click, command, headline, opened, run, shown, texts, the_study

HELD = "The law holds in 10 random histories of 8 people."
BODY = TEMPLATE[TEMPLATE.index("        return posts") : TEMPLATE.index("\n\n    def holds_list")]
"""What the template's first method answers: line 8."""


def with_body(*lines: str) -> str:
    return TEMPLATE.replace(BODY, "\n".join(f"        {line}" for line in lines))


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MURMURATION_OWN_CODE", "allow")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less time for what never ends, and few histories for what does."""
    monkeypatch.setattr(own_strategy, "LIMITS", Limits(wall_s=3.0, memory_mb=256))


@pytest.fixture
def lawful(monkeypatch: pytest.MonkeyPatch, allowed: None) -> None:
    """A check that is passed at once; the real one is below, and in tests/own_strategy."""
    held = Checked(Verdict(lawful=True, line=HELD, histories=10), "", ("It is held.",), "Mine")
    monkeypatch.setattr(own_strategy, "check", lambda source, policy, limits: held)


def figures(task: Any) -> dict[str, float]:
    cost = COSTS.get(task.request.config.strategy.name, 1.5)
    return {"machine_s": cost, "write_cost_s": cost, "home_p99_ms": 10 - cost, "visible_lag_p99_ms": cost}


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was asked of the fenced process, which is not begun: it answers as the others are made up."""
    asked: list[Any] = []

    def made_up(source: str, work: Any, **how: Any) -> Measured:
        asked.append((source, work, how["policy"]))
        played = Scripted(figures)._made_up(_Task(work))
        report = played.report | {"config": {"world": work.world, "strategy": f"mine.py:{work.name}"}}
        return Measured(report, played.figures, "", ())

    monkeypatch.setattr(own, "measure", made_up)
    return asked


class _Task:
    def __init__(self, work: Any) -> None:
        self.variant = self.replication = 0
        self.request = self
        self.config = self
        self.strategy = self
        self.seed, self.name = work.seed, "mine"


@pytest.fixture
def studies(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[Studies]:
    keeper = InHistory(lambda: tmp_path / "history.duckdb")
    registry = Studies(SystemWallClock(), Reporting(figures), Synchronous(), keeper)
    for module in (study_form, study_view):
        monkeypatch.setattr(module, "STUDIES", registry)
    yield registry
    registry.close()


def checked(source: str, page: AppTest | None = None) -> AppTest:
    page = page or opened("compare")
    page.text_area[0].set_value(source)
    return click(page, "Check it")


def works_on(page: AppTest) -> None:
    """Whatever was in the editor, a comparison of ours runs."""
    page.multiselect[0].set_value(["pull", "push"])
    assert charts(run(page))


@pytest.mark.usefixtures("allowed")
def test_the_template_is_there_checked_for_real_and_then_among_the_strategies(studies):
    page = opened("compare")
    assert page.text_area[0].value == TEMPLATE
    page = checked(TEMPLATE, page)
    (said,) = page.success
    assert said.value.startswith(HELD)
    assert page.multiselect[0].value == ["pull", "push", "hybrid", "mine.py:Mine"]
    assert "What held it here: " in texts(page)


@pytest.mark.usefixtures("allowed", "quick")
@pytest.mark.parametrize(
    ("source", "said", "line"),
    [
        ("class Mine(:", "mine.py, line 1: SyntaxError", "class Mine(:"),
        (with_body("while True:", "    pass"), "it took more than 3 s and was stopped", None),
        (with_body("x = bytearray(10**10)"), "it needs more memory than there is for it", "x = bytearray(10**10)"),
        (with_body("open('/etc/passwd').read()"), "this code may not read files", "open('/etc/passwd').read()"),
        (
            with_body("import socket", "socket.create_connection(('127.0.0.1', 80))"),
            "may not open a network connection",
            "socket.create_connection(('127.0.0.1', 80))",
        ),
        (with_body("return posts.followers"), "expected a numpy array of bool of shape", "def pushes(self, posts):"),
        pytest.param("ünï ☃ \x00", "mine.py", None, marks=pytest.mark.long),
        pytest.param("import os; os._exit(3)", "ended with status 3", None, marks=pytest.mark.long),
        ("x" * 100_001, "100,001 characters; allowed: up to 100,000", None),
    ],
)
def test_nonsense_gets_a_sentence_and_leaves_the_page_working(studies, source, said, line):
    page = checked(source)
    (error,) = page.error
    assert said in error.value
    assert "\n" not in error.value
    assert "Traceback" not in texts(page)
    if line is not None:
        assert line in [code.value.partition("   #")[0].rstrip() for code in page.code]
    assert page.multiselect[0].value == ["pull", "push", "hybrid"]
    works_on(page)


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize("source", ["", "  \n\t"])
def test_empty_text_is_told_where_to_begin(studies, source):
    page = checked(source)
    assert page.warning[0].value.startswith("There is no code to check")
    works_on(page)
    click(page, "Back to the template")
    assert page.text_area[0].value == TEMPLATE
    assert not page.warning


@pytest.mark.usefixtures("allowed")
def test_one_that_breaks_the_law_is_shown_the_history_in_which_it_does(studies):
    source = f"{TEMPLATE.replace('< 200', '< 3')}\n    def pulls(self, last, floor):\n        return last < 0\n"
    page = checked(source)
    (error,) = page.error
    assert error.value.startswith("Rule 4: person ")
    (toggle,) = page.toggle
    toggle.set_value(True).run()
    told = "\n".join(code.value for code in shown(page).code)
    assert "opens home" in told
    assert " posts" in told
    assert "Rule 4 of docs/timeline-law.md" in texts(page)
    page.multiselect[0].set_value(["pull", "mine.py:Mine"])
    assert "is not checked yet" in run(page).warning[0].value
    assert "study" not in page.query_params


@pytest.mark.usefixtures("lawful")
def test_it_is_compared_on_the_same_load_and_found_again_with_its_code(studies, measured):
    source = f"{TEMPLATE}# and a line of mine\n"
    page = run(checked(source))
    found = the_study(studies, page).look().found
    assert headline(page) == found.text
    assert [column.strategy for column in found.columns] == ["pull", "push", "hybrid", "mine.py:Mine"]
    assert len(measured) == 5
    assert {given for given, _, _ in measured} == {source}
    assert [(work.seed, work.seconds, work.scenario) for _, work, _ in measured] == [
        (seed, 30, "celebrity") for seed in range(7, 12)
    ]
    assert len(found.digests) == 5
    assert "--strategy mine.py:Mine" in command(page)
    assert len(page.get("download_button")) == 3
    other = opened("compare", the_study(studies, page).id)
    assert other.text_area[0].value == source
    assert headline(run(other))
    assert len(measured) == 10


@pytest.mark.usefixtures("lawful")
def test_code_that_was_changed_after_its_check_is_checked_again(studies, measured):
    page = checked(TEMPLATE)
    page.text_area[0].set_value(TEMPLATE + "\n")
    assert "was changed after its check" in run(page).warning[0].value
    assert measured == []
    click(page, "Check it")
    assert charts(run(page))


@pytest.mark.usefixtures("lawful")
def test_another_world_is_refused_at_its_strategies(studies, measured):
    page = checked(TEMPLATE)
    page.selectbox(key="compare_world").set_value("city")
    assert "in the world classroom only" in run(page).warning[0].value
    assert measured == []


@pytest.mark.usefixtures("lawful")
def test_one_that_fails_under_the_load_ends_the_comparison_and_what_had_ended_stays(studies, monkeypatch):
    def fails(*_: Any, **__: Any) -> Measured:
        raise OwnCodeFailed("mine.py, line 8, in pushes: ZeroDivisionError: division by zero.", 8)

    monkeypatch.setattr(own, "measure", fails)
    page = run(checked(TEMPLATE))
    (error,) = page.error
    assert "mine.py:Mine failed under the load of seed 7. mine.py, line 8, in pushes: ZeroDivisionError" in error.value
    assert "is below" in error.value
    assert charts(page)


@pytest.mark.usefixtures("lawful")
def test_it_is_kept_with_its_hash_and_opened_again_but_never_run(studies, measured):
    page = checked(TEMPLATE)
    page.checkbox(key="compare_keep").set_value(True)
    study = the_study(studies, run(page))
    look = study.look()
    assert (look.kept, look.not_kept) == (1, None)
    assert command(page).endswith("--keep")
    asked = len(measured)
    again = Studies(SystemWallClock(), Scripted(figures), Synchronous(), studies._keeper).find(study.id)
    assert again.look().found.text == look.found.text
    assert again.request.code.source == TEMPLATE
    assert not again.request.code.policy.allowed
    assert len(measured) == asked


def test_where_others_can_reach_the_server_it_is_off_and_says_how_it_is_allowed(studies, monkeypatch):
    page = opened("compare")
    assert not page.text_area
    assert "Off here" in page.info[0].value
    assert "MURMURATION_OWN_CODE=allow" in page.code[0].value
    page.session_state["compare_strategies"] = ["push", "mine.py:Mine"]
    assert "is not checked yet" in run(page).warning[0].value


@pytest.mark.usefixtures("lawful")
def test_what_was_checked_before_it_was_switched_off_does_not_run(studies, measured, monkeypatch):
    page = checked(TEMPLATE)
    monkeypatch.setenv("MURMURATION_OWN_CODE", "off")
    assert "off in a shared room" in run(page).warning[0].value
    assert measured == []


def test_a_switch_that_is_set_to_something_else_is_said(studies, monkeypatch):
    monkeypatch.setenv("MURMURATION_OWN_CODE", "maybe")
    assert "allowed: allow, off" in opened("compare").error[0].value


def test_the_server_s_studies_are_kept_in_the_history():
    assert isinstance(STUDIES._keeper, InHistory)
