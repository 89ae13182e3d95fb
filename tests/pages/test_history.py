"""The History page without a browser: the list, a run, two laid over each other, what a click does, the console."""

import json
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from engine.errors import TooManyQueries
from engine.experiments.console import GATE, READY
from engine.experiments.history import FIGURES, RunHistory, command_of, run_and_keep
from engine.experiments.history.rows import PARTS, ProcessMark
from pages.parts import history_console, history_job, history_run, history_studies
from tests.history.conftest import asked
from tests.pages.conftest import ROOT
from tests.pages.helpers import shown, words

NONSENSE = ("' or 1=1 --", "<script>☃</script>", "%")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run 1: push, pinned; run 2: hybrid; run 3: its process is gone."""
    path = tmp_path_factory.mktemp("recorded") / "history.duckdb"
    history = RunHistory(path)
    for spec in ("push", "hybrid:threshold=100"):
        run_and_keep(asked(spec), history)[1].world.close()
    history.pin(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ProcessMark, "own", lambda: ProcessMark(2**22 + 1, 0.0))
        history.begin({**history.run(1).config, "world": "city", "seconds": 600}, {})
    return path


@pytest.fixture
def history(recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunHistory:
    """A copy, which the page uses."""
    path = shutil.copy(recorded, tmp_path / "history.duckdb")
    monkeypatch.setenv("MURMURATION_HISTORY", str(path))
    return RunHistory(path)


def opened(**address: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "pages" / "lab" / "history.py"), default_timeout=30)
    for name, value in address.items():
        page.query_params[name] = value
    return shown(page.run())


@pytest.fixture
def page(history: RunHistory) -> AppTest:
    return opened(run="2")


@pytest.fixture
def console(history: RunHistory) -> AppTest:
    return opened(history="SQL console")


def click(page: AppTest, label: str) -> AppTest:
    (button,) = [button for button in page.button if button.label.startswith(label)]
    return shown(button.click().run())


def choose(page: AppTest, key: str, value: Any) -> AppTest:
    return shown(page.selectbox(key=f"history_{key}").set_value(value).run())


def listed(page: AppTest) -> list[int]:
    return page.dataframe[0].value["Run"].tolist()


def ask(page: AppTest, sql: str) -> AppTest:
    page.text_area(key="history_sql").set_value(sql)
    return click(page, "Ask")


# The list


def test_without_a_history_the_page_teaches_and_makes_the_first_run(tmp_path, monkeypatch):
    monkeypatch.setenv("MURMURATION_HISTORY", str(tmp_path / "new.duckdb"))
    monkeypatch.setattr("pages.parts.history_view._SECONDS", 2)
    page = opened()
    assert "No run is kept yet." in words(page)
    assert "--scenario celebrity --keep" in page.code[0].value
    assert not (tmp_path / "new.duckdb").exists()
    choose(page, "try", "pull")
    click(page, "Run and keep")
    assert page.info[0].value == "Kept as run 1."
    run = RunHistory(tmp_path / "new.duckdb").run(1)
    assert page.header[0].value == f"Run 1: {run.title}" == "Run 1: pull on classroom, celebrity, 2 s, seed 7"


def test_the_list_says_what_was_run_and_what_came_of_it(page, history):
    table = page.dataframe[0].value
    assert table["Run"].tolist() == [3, 2, 1]
    assert table["State"].tolist() == ["Interrupted", "Finished", "Finished"]
    assert table["Baseline"].tolist() == ["", "", "pinned"]
    assert table["Settings"].tolist()[1:] == ["threshold=100", "–"]
    assert table["Settings"].tolist()[0].startswith("load.posts_per_s=30, load.reads_per_s=300, and ")
    assert table["Load"].tolist()[1:] == [history.run(1).digest[:8]] * 2
    lag = [history.run(number).summary["visible_lag_ms"]["p99"] for number in (2, 1)]
    assert table["Visible lag p99"].tolist()[1:] == lag
    assert table["Promises"].tolist()[0] == "–"
    assert set(table["Promises"].tolist()[1:]) <= {"kept", "broken"}
    assert "3 runs kept in" in page.caption[0].value
    assert "1 of them did not end." in page.caption[0].value


def test_filters_say_which_are_listed_and_nonsense_finds_none(page, history):
    choose(page, "world", "city")
    assert listed(page) == [3]
    choose(page, "world", "any")
    choose(page, "state", "finished")
    choose(page, "strategy", "hybrid")
    assert listed(page) == [2]
    click(choose(page, "scenario", "celebrity"), "Unpin" if history.run(2).pinned else "Pin")
    assert listed(shown(page.checkbox(key="history_pinned").check().run())) == [2]
    for text in NONSENSE:
        shown(page.text_input(key="history_digest").set_value(text).run())
        assert "No kept run fits these filters." in words(page)
    click(page, "Show all runs")
    assert listed(page) == [3, 2, 1]
    shown(page.text_input(key="history_digest").set_value(history.run(1).digest[:5].upper()).run())
    assert listed(page) == [2, 1]


@pytest.mark.parametrize("run", ["-1", "9" * 400, "99", "²"])
def test_an_address_that_names_no_run_is_told_so_and_the_newest_is_shown(history, run):
    page = opened(run=run)
    assert page.header[0].value.startswith("Run 3: ")
    assert len(page.info) == 1
    assert "run" in page.info[0].value
    assert len(page.info[0].value) < 120


# A run


def test_a_run_shows_its_figures_promises_settings_series_and_command(page, history):
    run = history.run(2)
    assert page.header[0].value == f"Run 2: {run.title}, threshold=100"
    figures = {each.label: each.value for each in page.metric}
    assert figures["Copies a post"].startswith(f"{run.summary['write_amplification']:.1f}"[:2])
    assert "strategy.threshold` 100 followers, usually 200." in words(page)
    assert command_of(run) in [code.value for code in page.code]
    charts = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    t_s, _ = history.series(2)["visible_lag"]
    assert [len(chart["data"]) for chart in charts] == [1] * 5
    assert charts[0]["data"][0]["x"] == t_s.tolist()
    assert "Run 2: at most" in words(page)
    assert sum(text in words(page) for text in ("**Kept**: ", "**Broken**: ", "**Not judged**: ")) >= 1
    assert len(page.table[0].value) == len(FIGURES)


def test_two_runs_are_laid_over_each_other_with_a_sentence(page, history):
    choose(page, "beside", 1)
    assert "Run 2 (hybrid) against run 1 (push): " in words(page)
    charts = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    assert [trace["name"] for trace in charts[0]["data"]] == ["Run 2", "Run 1"]
    assert len({trace["line"]["dash"] for trace in charts[0]["data"]}) == 2
    assert "Change" in page.table[0].value
    assert page.table[1].value["Setting"].tolist() == ["strategy", "strategy.threshold"]
    choose(page, "open", 1)
    assert "against" not in words(page), "a run is not laid over itself"
    choose(page, "open", 3)
    assert "Lay over it" not in [select.label for select in page.selectbox]


def test_an_interrupted_run_is_marked_and_has_settings_but_no_figures(page):
    choose(page, "open", 3)
    assert page.warning[0].value == (
        "This run was interrupted and has no figures. Its process ended before the run did. Its settings are below."
    )
    assert not page.metric
    assert not page.get("plotly_chart")
    assert "--seconds 600" in page.code[0].value


def test_a_run_is_made_again_and_compared(page, history):
    click(page, "Run it again")
    assert page.info[0].value.startswith("Run 4 repeats run 2: the same load (digest ")
    assert history.run(4).summary == history.run(2).summary
    assert page.header[0].value.startswith("Run 4: ")


def test_a_run_that_takes_long_is_followed_and_can_be_cancelled(page, history, monkeypatch):
    monkeypatch.setattr(history_job, "_PATIENCE_S", 0.05)
    going, go_on = threading.Event(), threading.Event()
    real = history_run.run_and_keep

    def slowly(request: Any, kept_in: RunHistory, *, play: Any) -> Any:
        going.set()
        go_on.wait(20)
        return real(request, kept_in, play=play)

    monkeypatch.setattr(history_run, "run_and_keep", slowly)
    click(page, "Run it again")
    assert going.wait(10)
    job = page.session_state["history_job"]
    assert "0 of 3 s of virtual time." in progress(shown(page.run()))
    assert all(button.disabled for button in page.button if button.label in ("Run it again", "Run and keep"))
    second = click(opened(run="1"), "Run it again")
    assert "waits for its turn: one study or run comes before it." in progress(second)
    click(second, "Cancel")
    assert shown(second.run()).info[0].value == "Cancelled before its turn came; nothing is kept."
    click(page, "Cancel")
    go_on.set()
    assert job.wait(10)
    assert shown(page.run()).info[0].value == "Cancelled after 1 s of virtual time; nothing is kept."
    assert listed(page) == [3, 2, 1]
    assert not page.get("progress")


def test_what_fails_on_its_way_is_one_sentence_and_the_page_goes_on(page, monkeypatch):
    def fails(*_: Any, **__: Any) -> Any:
        raise ArithmeticError("no luck")

    monkeypatch.setattr(history_run, "run_and_keep", fails)
    click(page, "Run it again")
    assert page.warning[0].value == "The run failed: ArithmeticError: no luck"
    assert listed(page) == [3, 2, 1]


def progress(page: AppTest) -> str:
    """What the bar says."""
    (bar,) = page.get("progress")
    return str(bar.proto.text)


def test_a_baseline_is_pinned_and_a_run_deleted_once_that_is_confirmed(page, history):
    click(page, "Pin as baseline")
    assert history.run(2).pinned
    click(page, "Delete run 2 for good")
    assert page.warning[0].value == "Run 2 is pinned as a baseline; unpin it first."
    click(page, "Unpin")
    click(page, "Delete run 2 for good")
    assert page.info[0].value == "Run 2 is deleted."
    assert listed(page) == [3, 1]
    history.delete([3])
    assert shown(page.run()).header[0].value.startswith("Run 1: ")


def test_somebodys_own_code_is_not_run_from_the_page(history, tmp_path):
    file = tmp_path / "my.py"
    file.write_text("raise SystemExit('ran')")
    run_id = history.begin({**history.run(1).config, "strategy": f"{file}:Mine"}, {})
    history.interrupt(run_id, "stopped")
    page = opened(run=str(run_id))
    assert "--strategy my.py:Mine" in page.code[0].value
    assert str(tmp_path) not in page.code[0].value
    click(page, "Run it again")
    assert page.warning[0].value == f"Run {run_id} was made with somebody's own code, which is not run here."
    assert len(history.runs()) == 4


def test_a_row_of_another_version_is_still_a_page(history):
    for config in (
        {},
        {"world": "moon", "strategy": "push"},
        {"world": "classroom", "strategy": "x", "fanout.magic": 1},
    ):
        history.interrupt(history.begin(config, {}), "<b>why</b>")
        page = opened()
        assert page.header[0].value.startswith(f"Run {history.runs()[0].run_id}: ")
        click(page, "Run it again")
        assert len(page.warning) == 2


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_what_is_downloaded_is_made_when_it_is_asked_for(page, history, suffix):
    labels = [button.proto.label for button in page.get("download_button")]
    assert labels == ["HTML report", "CSV of series", "Parquet of series", "PNG of charts"]
    content = history_run._content(history, [2, 1], suffix)
    assert content.startswith({".csv": b"run_id,t_s,", ".parquet": b"PAR1"}[suffix])
    assert history_run._content(history, [9], suffix).startswith(b"There is no run 9")


@pytest.mark.parametrize("content", [b"hello" * 2_000, None])
def test_a_history_that_cannot_be_used_is_one_sentence(tmp_path, monkeypatch, content):
    path = tmp_path / "history.duckdb"
    path.write_bytes(content) if content else path.mkdir()
    monkeypatch.setenv("MURMURATION_HISTORY", str(path))
    assert len(opened().warning) == 1
    assert "not a run history" in opened(history="SQL console").warning[0].value


# Studies


@pytest.fixture
def studies(history: RunHistory) -> RunHistory:
    """Study 1: a comparison that a page began, with runs 4 and 5; study 2: a sweep of the command line, with run 6."""
    reports = [
        {**{part: getattr(run, part) for part in PARTS}, "strategy": run.config["strategy"]}
        for run in map(history.run, (1, 2))
    ]
    found = {"mean": 4.0, "low": 3.0, "high": 5.0, "n": 2}
    columns = [{"strategy": name, "measures": {"home_p99_ms": found}} for name in ("push", "hybrid")]
    words = {"home_p99_ms": {"label": "home page, p99", "unit": "ms", "kind": "measured"}}
    differences = [{"a": "push", "b": "hybrid", "verdict": "higher", "text": "home page, p99: hybrid 4 ms more."}]
    compared = {"digest": history.run(1).digest, "text": "push wins.", "strategies": columns, "measures": words}
    history.keep_study("comparison", {**compared, "differences": differences}, reports, address="ab12")
    swept = {"axes": [{"knob": "workers.count"}], "strategies": ["push"], "points": [], "curves": [{"text": "Curves."}]}
    history.keep_study("sweep", swept, reports[:1])
    return history


def test_studies_are_listed_beside_runs_and_say_what_they_said(studies):
    page = opened(history="Studies", study="1")
    assert "6 runs and 2 studies kept in" in page.caption[0].value
    table = page.dataframe[0].value
    assert table["Study"].tolist() == [2, 1]
    assert table["Kind"].tolist() == ["Sweep", "Comparison"]
    assert table["What"].tolist() == ["workers.count: push", "push, hybrid"]
    assert table["Runs"].tolist() == [1, 2]
    assert table["Load"].tolist() == ["–", studies.run(1).digest[:8]]
    assert page.header[0].value == "Study 1: Comparison of push, hybrid"
    assert "push wins." in words(page)
    assert page.dataframe[1].value["push"].tolist() == ["4 [3, 5]"]
    assert "- home page, p99: hybrid 4 ms more." in words(page)
    choose(page, "study", 2)
    assert page.header[0].value == "Study 2: Sweep of workers.count: push"
    assert page.query_params["study"] == "2"
    assert "Curves." in words(page)


def test_a_study_opens_on_its_page_if_a_page_began_it(studies, monkeypatch):
    went: list[Any] = []
    monkeypatch.setattr("streamlit.switch_page", lambda place, query_params: went.append((place, query_params)))
    page = opened(history="Studies", study="1")
    click(page, "Open on Compare")
    assert went == [("pages/lab/compare.py", {"study": "ab12"})]
    choose(page, "study", 2)
    assert not [button.label for button in page.button if button.label.startswith("Open on")]


def test_the_runs_of_a_study_are_found_and_those_of_none(studies):
    page = click(opened(history="Studies", study="1"), "Show its runs")
    assert listed(page) == [5, 4]
    assert page.header[0].value.startswith("Run 5: ")
    assert "Part of study 1." in words(page)
    choose(page, "belongs", "alone")
    assert listed(page) == [3, 2, 1]
    choose(page, "belongs", "2")
    assert listed(page) == [6]
    studies.delete_study(2)
    assert listed(shown(page.run())) == [6, 5, 4, 3, 2, 1], "a filter for what is gone is none"


def test_a_study_is_deleted_with_its_runs_or_without_them(studies):
    page = opened(history="Studies", study="1")
    studies.pin(5)
    click(page, "Delete it with its 2 runs")
    assert page.warning[0].value == "Run 5 is pinned as a baseline; unpin it first."
    click(page, "Delete it, keep its runs")
    assert page.info[0].value == "Study 1 is deleted, its runs are kept on their own."
    assert page.header[0].value.startswith("Study 2: ")
    click(page, "Delete it with its 1 run")
    assert [run.run_id for run in studies.runs()] == [5, 4, 3, 2, 1]
    assert "No comparison or sweep is kept yet." in words(page)


@pytest.mark.parametrize("study", ["9", "-1", "²", "x' OR 1=1", "9" * 400])
def test_an_address_that_names_no_study_is_told_so(studies, study):
    page = opened(history="Studies", study=study)
    assert page.info[0].value.startswith("There is no study ")
    assert len(page.info[0].value) < 120
    assert page.header[0].value.startswith("Study 2: ")


def test_what_is_downloaded_of_a_study_is_made_when_it_is_asked_for(studies):
    page = opened(history="Studies", study="1")
    labels = [button.proto.label for button in page.get("download_button")]
    assert labels == ["HTML report", "CSV of figures", "Parquet of figures"]
    assert history_studies._content(studies, 1, ".csv").decode().count("\n") == 3
    assert b"push wins." in history_studies._content(studies, 1, ".html")
    assert history_studies._content(studies, 9, ".html").startswith(b"There is no study 9")


# The console


def test_a_question_is_answered_as_a_table_with_its_time(console):
    assert console.selectbox(key="history_question").options == [query.question for query in READY.values()]
    choose(console, "question", "bill")
    assert console.text_area(key="history_sql").value == READY["bill"].sql
    click(console, "Ask")
    assert sorted(console.dataframe[0].value["strategy"]) == ["hybrid", "push"]
    assert "2 rows. Took " in words(console)
    assert all(f"`{name}`" in words(console) for name in ("visible_lag_p99_ms", "t_s", "busy_s"))


def test_whatever_comes_back_is_a_table(console):
    ask(
        console, "SELECT 1 AS a, 'x' AS a, 9223372036854775807 AS b, NULL AS c, 1e400::DOUBLE AS d, [1] AS e, true AS f"
    )
    table = console.dataframe[0].value
    assert list(table.columns) == ["a", "a (2)", "b", "c", "d", "e", "f"]
    assert table["b"].tolist() == ["9223372036854775807"]
    ask(console, "SELECT range AS n FROM range(100000)")
    assert "Truncated: the first 500 rows, there are more. Took " in words(console)
    ask(console, "SELECT * FROM runs WHERE false")
    assert "no row fits" in words(console)


def test_what_is_refused_or_fails_is_one_sentence_and_nothing_else_is_lost(console, history):
    for sql, says in (
        ("SELECT * FROM read_csv('/etc/passwd')", "read_csv() cannot be asked here"),
        ("DROP TABLE runs", "Only SELECT and EXPLAIN are allowed here, not DROP."),
        ("   ", "There is no query"),
        ("SELECT " + "1," * 15_000, "allowed: 20,000"),
    ):
        ask(console, sql)
        (error,) = console.error
        assert says in error.value
        assert "\n" not in error.value
        assert console.text_area(key="history_sql").value == sql
    shown(console.segmented_control(key="history").set_value("runs").run())
    assert listed(console) == [3, 2, 1]
    shown(console.segmented_control(key="history").set_value("console").run())
    assert console.text_area(key="history_sql").value.startswith("SELECT 1,1,")
    assert [run.run_id for run in history.runs()] == [3, 2, 1]


def test_one_query_too_many_is_refused_kindly(console, monkeypatch):
    def full(*_: object) -> None:
        with GATE.turn():
            raise TooManyQueries("2 queries are running and 6 are waiting; try again in a few seconds.")

    monkeypatch.setattr(history_console, "ask", full)
    click(console, "Ask")
    assert console.error[0].value.endswith("try again in a few seconds.")


def test_the_console_of_no_history_says_how_to_begin_one(tmp_path, monkeypatch):
    monkeypatch.setenv("MURMURATION_HISTORY", str(tmp_path / "none.duckdb"))
    page = click(opened(history="SQL console"), "Ask")
    assert "There is no run history at" in page.error[0].value
