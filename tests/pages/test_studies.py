"""Compare and Sweep without a browser: what they say and draw, keep in the address, refuse, and leave on a cancel."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from engine.clock import SystemWallClock
from engine.experiments.studies import STUDIES, InHistory, Setting, Studies, Study, comparison_asked, sweep_asked
from pages.parts import palette, study_form, study_view
from pages.parts.palette import DARK, LIGHT
from pages.parts.strategy_look import looks
from tests.experiments.executors import Scripted, Synchronous
from tests.experiments.test_studies import Later, figures
from tests.experiments.test_study_keeping import Reporting
from tests.pages.conftest import ROOT

NONSENSE = [
    "zzz",
    "-1",
    "9" * 400,
    "<script>alert(1)</script>",
    "ünï ☃ \x00",
    "' or 1=1",
    "hybrid:threshold=²",
    "x.py:Y",
]


@pytest.fixture
def turns() -> Later | Synchronous:
    """Studies are over at once."""
    return Synchronous()


@pytest.fixture
def studies(monkeypatch: pytest.MonkeyPatch, turns: Any) -> Iterator[Studies]:
    """The registry that the pages use: it plays nothing, but knows what would come out."""
    registry = Studies(SystemWallClock(), Scripted(figures), turns)
    for module in (study_form, study_view):
        monkeypatch.setattr(module, "STUDIES", registry)
    yield registry
    registry.close()


def opened(page: str, study: str = "") -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / "lab" / f"{page}.py"), default_timeout=30)
    if study:
        app.query_params["study"] = study
    return shown(app.run())


def shown(page: AppTest) -> AppTest:
    assert not page.exception
    return page


def click(page: AppTest, label: str) -> AppTest:
    (button,) = [button for button in page.button if button.label == label]
    return shown(button.click().run())


def run(page: AppTest) -> AppTest:
    return click(page, "Run")


def texts(page: AppTest) -> str:
    return "\n".join(each.value for each in (*page.markdown, *page.caption, *page.info, *page.warning, *page.error))


def charts(page: AppTest) -> list[dict[str, Any]]:
    return [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]


def trace(chart: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [trace for trace in chart["data"] if trace.get("name") == name]
    return found


def headline(page: AppTest) -> str:
    return next(each.value for each in page.markdown if each.value.startswith("#### ")).removeprefix("#### ")


def command(page: AppTest) -> str:
    return page.code[-1].value


def the_study(studies: Studies, page: AppTest) -> Study:
    return studies.find("".join(page.query_params["study"]))


def test_compare_teaches_before_there_is_anything(studies):
    page = opened("compare")
    assert "the same recorded load" in texts(page)
    assert page.multiselect[0].value == ["pull", "push", "hybrid"]
    assert not charts(page)


def test_compare_says_draws_and_tables_what_the_engine_found(studies):
    page = run(opened("compare"))
    found = the_study(studies, page).look().found
    assert headline(page) == found.text
    assert found.digest[:12] in texts(page)
    pareto, lag, home = charts(page)
    for column in found.columns:
        drawn, cost = trace(pareto, column.strategy), column.estimates["write_cost_s"]
        assert drawn["x"] == [cost.mean]
        assert drawn["error_x"]["array"] == [cost.half_width]
        assert drawn["marker"]["color"] == looks([column.strategy], LIGHT)[column.strategy].colour
    front = trace(pareto, "the front: nobody beats these")
    assert len(front["x"]) == sum(bool(column.on_front) for column in found.columns)
    assert trace(lag, "p99")["x"] == [column.estimates["visible_lag_p99_ms"].mean for column in found.columns]
    assert trace(home, "p99")["y"] == ["pull", "push", "hybrid"]
    measures, promises, differences = (table.value for table in page.table)
    assert set(measures["Kind"]) == {"real", "measured", "modelled"}
    assert list(promises.columns) == ["Promise", "pull", "push", "hybrid"]
    assert "no difference that five replications can tell" in set(differences["Says"])
    assert command(page).startswith("python -m engine compare --world classroom --scenario celebrity")
    assert len(page.get("download_button")) == 2
    page.selectbox(key="compare_pair").set_value(("push", "hybrid")).run()
    assert "hybrid has less" in set(shown(page).table[2].value["Says"])


def test_another_tab_finds_the_study_by_its_address_and_the_form_as_it_was_asked(studies):
    study = studies.start(comparison_asked(Setting(seconds=9, replications=2, seed=3), ["push", "hybrid:threshold=5"]))
    page = opened("compare", study.id)
    assert headline(page) == study.look().found.text
    assert page.multiselect[0].value == ["push", "hybrid:threshold=5"]
    assert [each.value for each in page.number_input] == [9, 2, 3]


@pytest.mark.parametrize(("page", "study"), [("compare", "0" * 16), ("sweep", "<b>")])
def test_a_link_of_a_forgotten_study_says_so(studies, page, study):
    page = opened(page, study)
    said = page.info[0].value
    assert "There is no study of this address any more" in said
    assert study not in said
    assert not charts(page)
    run(page)
    assert "".join(page.query_params["study"]) != study
    assert "any more" not in texts(page)


def test_a_link_to_the_other_page_says_so(studies):
    compared = studies.start(comparison_asked(Setting(), ["push", "pull"]))
    swept = studies.start(sweep_asked(Setting(replications=1), ["push"], [("workers.count", "2,4")]))
    assert "belongs to the page Compare" in texts(opened("sweep", compared.id))
    assert "belongs to the page Sweep" in texts(opened("compare", swept.id))


def test_nonsense_for_a_strategy_is_refused_in_a_sentence(studies):
    page = opened("compare")
    for strategies in (*(["push", text] for text in NONSENSE), ["push"], []):
        page.session_state["compare_strategies"] = strategies
        (warning,) = run(page).warning
        assert "allowed" in warning.value
    assert "study" not in page.query_params


def test_nonsense_for_values_is_refused_in_a_sentence(studies):
    page = opened("sweep")
    for text in (*NONSENSE, "", ",", "1:2", "nan:8:3", "10:5:3", "1:1e400:3"):
        page.text_input(key="sweep_values").set_value(text)
        (warning,) = run(page).warning
        assert "allowed" in warning.value or "write " in warning.value
    assert "study" not in page.query_params
    page.text_input(key="sweep_values").set_value("10,20")
    assert not run(page).warning


def test_a_refusal_speaks_of_its_field_and_goes_when_the_field_is_changed(studies):
    page = opened("sweep")
    page.text_input(key="sweep_values").set_value("banana:1:")
    (warning,) = run(page).warning
    assert warning.value == (
        "Values of strategy.threshold: 'banana' is not a number; write numbers with commas, or from:to:steps."
    )
    page.text_input(key="sweep_values").set_value("10,20").run()
    assert not shown(page).warning
    page.selectbox(key="sweep_second").set_value("strategy.threshold").run()
    page.text_input(key="sweep_second_values").set_value("1,2")
    assert "varied twice" in run(page).warning[0].value


def test_a_study_is_kept_where_that_is_asked_for_and_found_by_a_later_server(studies, monkeypatch, tmp_path):
    keeper = InHistory(lambda: tmp_path / "history.duckdb")
    executor = Reporting(figures)
    first, later = (Studies(SystemWallClock(), executor, Synchronous(), keeper) for _ in range(2))
    for module in (study_form, study_view):
        monkeypatch.setattr(module, "STUDIES", first)
    page = opened("compare")
    page.checkbox(key="compare_keep").set_value(True)
    study = the_study(first, run(page))
    assert "Kept as study 1, with its 15 runs" in texts(page)
    assert command(page).endswith(" --keep")
    for module in (study_form, study_view):
        monkeypatch.setattr(module, "STUDIES", later)
    again = opened("compare", study.id)
    assert headline(again) == headline(page)
    assert again.checkbox(key="compare_keep").value
    assert [table.value.to_csv() for table in again.table] == [table.value.to_csv() for table in page.table]


def test_what_could_not_be_kept_is_said_beside_the_result(studies, tmp_path, monkeypatch):
    (tmp_path / "history.duckdb").write_text("somebody else's")
    monkeypatch.setattr(studies, "_keeper", InHistory(lambda: tmp_path / "history.duckdb"))
    page = opened("compare")
    page.checkbox(key="compare_keep").set_value(True)
    assert run(page).warning[0].value.startswith("It is not kept in History: ")
    assert charts(page)


def test_charts_find_pandas_whole_whoever_comes_first():
    assert palette.pandas.DataFrame


class TestWhileItRuns:
    @pytest.fixture
    def turns(self) -> Later:
        return Later()

    @pytest.mark.parametrize("page", ["compare", "sweep"])
    def test_progress_is_told_and_a_cancel_leaves_what_has_ended(self, studies, turns, page):
        page = run(opened(page))
        study = the_study(studies, page)
        assert [button.disabled for button in page.button if button.label == "Run"] == [True]
        assert "Waiting for its turn: it is next." in str(page.get("progress")[0].proto)
        stop_after(studies, study, 4)
        turns.give()
        shown(page.run())
        total = study.look().total
        assert f"Cancelled after 4 of {total} runs; what these say is below." in texts(page)
        assert charts(page)
        assert [button.disabled for button in page.button if button.label == "Run"] == [False]

    def test_what_has_ended_is_drawn_while_the_rest_runs(self, studies, turns):
        page = run(opened("compare"))
        study, seen = the_study(studies, page), []

        def look(executor: Scripted, task: Any) -> None:
            if executor.submitted == 3:
                seen.append((texts(shown(page.run())), charts(page), str(page.get("progress")[0].proto)))

        studies._executor = Watched(look)
        turns.give()
        ((said, drawn, progress),) = seen
        assert "So far, 2 of 15 runs." in said
        assert len(drawn) == 3
        assert "Last: push, replication 1." in progress
        assert study.over

    def test_cancel_on_the_page_ends_one_that_waits(self, studies):
        page = click(run(opened("compare")), "Cancel")
        assert "there is nothing to show" in texts(page)
        assert the_study(studies, page).over

    def test_a_full_queue_is_said(self, studies):
        for _ in range(3):
            studies.start(comparison_asked(Setting(), ["push", "pull"]))
        assert "try again when" in run(opened("compare")).warning[0].value


class Watched(Scripted):
    def __init__(self, look: Any) -> None:
        super().__init__(figures)
        self.look = look

    def submit(self, fn, /, *args, **kwargs):
        future = super().submit(fn, *args, **kwargs)
        self.look(self, args[0])
        return future


def stop_after(studies: Studies, study: Study, runs: int) -> None:
    studies._executor = Watched(lambda executor, _: executor.submitted == runs and studies.cancel(study.id))


def test_sweep_teaches_and_its_questions_fill_in_the_form(studies):
    page = opened("sweep")
    assert (page.selectbox(key="sweep_knob").value, page.text_input(key="sweep_values").value) == (
        "strategy.threshold",
        "10:2000:8:log",
    )
    click(page, "Who wins, by reads per post and size of the celebrity?")
    assert page.selectbox(key="sweep_second").value == "celebrity_share"
    page.selectbox(key="sweep_knob").set_value("workers.count").run()
    assert shown(page).text_input(key="sweep_values").value == "2,4,8,16"


def bills(task) -> dict[str, float]:
    """Writing falls and reading rises as the threshold falls; they meet in between."""
    threshold, noise = task.request.config.strategy.threshold, 0.01 * (task.replication % 3)
    write, read = threshold**0.5, 200 / threshold**0.5
    return {"write_cost_s": write + noise, "read_cost_s": read, "machine_s": write + read + noise, "home_p99_ms": read}


def test_the_threshold_sweep_draws_both_bills_and_answers_why_not_everyone(studies):
    studies._executor = Scripted(bills)
    page = run(opened("sweep"))
    (curves,) = the_study(studies, page).look().found.curves
    assert headline(page) == curves.answer
    assert curves.answer.startswith("Because readers would pay more than writers save")
    assert curves.text[1:] in texts(page)
    drawn, measure = charts(page)
    assert drawn["layout"]["xaxis"]["type"] == "log"
    write, read = trace(drawn, "writing: fan-out"), trace(drawn, "reading: home")
    assert write["y"] == sorted(write["y"])
    assert read["y"] == sorted(read["y"], reverse=True)
    assert write["line"]["dash"] != read["line"]["dash"]
    (line,) = [shape for shape in drawn["layout"]["shapes"] if shape["type"] == "line"]
    assert line["x0"] == pytest.approx(curves.crossing.at.mean)
    assert trace(measure, "hybrid")["line"]["color"] == looks(["hybrid"], LIGHT)["hybrid"].colour
    band = next(trace for trace in measure["data"] if trace.get("fill") == "toself")
    assert len(band["x"]) == 2 * 8
    assert len(page.table[0].value) == 8
    assert "--vary strategy.threshold=10,21" in command(page)


def who_wins(task) -> dict[str, float]:
    """Push by one, by as much as there are few workers; at four it is a tie."""
    config, noise = task.request.config, 0.01 * (task.replication % 3)
    cost = 2.0 if config.strategy.name == "pull" else {2: 1.0, 4: 2.0, 8: 3.0}[config.workers.count]
    return {"machine_s": cost + noise}


def test_two_knobs_are_a_map_of_winners_with_ties_marked(studies):
    studies._executor = Scripted(who_wins)
    asked = sweep_asked(
        Setting(replications=2), ["push", "pull"], [("workers.count", "2,4,8"), ("fanout.lanes", "on,off")]
    )
    page = opened("sweep", studies.start(asked).id)
    (chart,) = charts(page)
    (heat,) = chart["data"]
    assert [row[0] for row in heat["text"]] == ["push", "push = pull", "pull"]
    (push, _), (tie, _), (pull, _) = heat["z"]
    assert len({push, tie, pull}) == 3
    assert tie == 0.5
    assert headline(page).startswith("Of six points: push wins 2, pull wins 2, 2 tied")
    assert page.text_input(key="sweep_second_values").value == "on,off"


def test_values_that_are_no_numbers_are_drawn_as_marks(studies):
    studies.start(sweep_asked(Setting(replications=2), ["push", "pull"], [("fanout.lanes", "on,off")]))
    (study,) = studies._jobs.values()
    (chart,) = charts(opened("sweep", study.id))
    assert trace(chart, "push")["x"] == ["on", "off"]
    assert trace(chart, "push")["mode"] == "markers"


def test_strategies_look_as_on_the_live_charts():
    theme = Path(ROOT, "pages", "parts", "live", "theme.js").read_text()
    dark, light = re.findall(r"strategies: \{ (.*?) \}", theme)
    dashes = re.search(r"DASH = \{ (.*?) \}", theme)
    assert dashes
    for theirs, listed in ((DARK, dark), (LIGHT, light)):
        colours = dict(re.findall(r'(\w+): "(#\w+)"', listed))
        assert {spec: look.colour for spec, look in looks(list(colours), theirs).items()} == colours
    dashed = dict(re.findall(r'(\w+): "([^"]+)"', dashes[1]))
    assert {spec: look.dash for spec, look in looks(list(dashed), LIGHT).items()} == dashed
    assert len({look.mark for look in looks(["hybrid:threshold=5", "hybrid"], LIGHT).values()}) == 2


def test_the_process_has_one_registry():
    assert isinstance(STUDIES, Studies)
