"""The parts of the interview page that run a design and say what came of it, from the jobs to the panel."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from engine.clock import SystemWallClock
from engine.errors import ExperimentFailed
from engine.experiments.studies import Studies
from lessons.interview.debrief import history
from lessons.interview.debrief.panel import Panel, Score, Scores
from lessons.interview.measured import Part, Promise, Runs
from lessons.interview.rubric import BANDS
from lessons.interview.runs import First, Ran, design_of
from lessons.interview.sheet import Step6
from lessons.interview.sitting import Sitting
from lessons.interview.transcript import Claim, Predicted, from_json
from lessons.progress import Progress, default_path
from pages.parts import interview_debrief, interview_jobs, shelf
from pages.parts import interview_scopes as scopes
from pages.parts.interview_run_charts import charts_of, in_words, run_chart
from pages.parts.palette import LIGHT
from tests.experiments.executors import Synchronous
from tests.lessons.interview.candidates import made
from tests.pages.helpers import shown, words

SECONDS = [0.5 * step for step in range(1, 121)]
SERIES = {
    "fanout_lag": (SECONDS, [500.0] * 60 + [7_000.0] * 60),
    "visible_lag": (SECONDS, [400.0] * 60 + [8_000.0] * 60),
    "home_latency": (SECONDS, [6.0] * 120),
    "queue_close": (SECONDS, [0.0] * 120),
    "queue_rest": (SECONDS, [10.0] * 60 + [5_000.0] * 60),
    "timeline_hits": (SECONDS, [95.0] * 120),
    "timeline_misses": (SECONDS, [5.0] * 120),
}
SENIOR = made()
SCALE = 1_000.0
SCOPES = {
    "base": SENIOR.run.base,
    "change_before": SENIOR.run.change_before,
    "change_after": SENIOR.run.change_after,
    "U3": SENIOR.run.unforeseen["U3"],
    "shard_down": SENIOR.run.faults["shard_down"],
}


def ran(scope: str) -> Ran:
    return Ran(scope, SCOPES[scope] or Part(), SERIES, ((30.0, 30.0, "the largest account posts"),))


DESIGN = design_of(SENIOR, SENIOR.steps.model_copy(update={"s6": Step6()}), seed=7)
FIRST = First(
    DESIGN.knobs, SCALE, ("You entered no deliveries per worker.",), "V1", "It breaks a promise.",
    (ran("base"), ran("change_before")),
)  # fmt: skip


@pytest.fixture(autouse=True)
def studies(monkeypatch, tmp_path) -> Iterator[None]:
    """Runs are over at once, and take turns of their own."""
    monkeypatch.setenv("MURMURATION_PROGRESS", str(tmp_path))
    registry = Studies(SystemWallClock(), turns=Synchronous())
    monkeypatch.setattr(shelf, "STUDIES", registry)
    shelf.SHELF.clear()
    yield
    shelf.SHELF.clear()
    registry.close()


@pytest.fixture
def begun(tmp_path) -> Sitting:
    """The senior candidate of the tests, after step 5, before anything was run."""
    sitting = Sitting.begin(tmp_path, level="senior", mode="practice", seed=7, now_s=lambda: 1_000.0)
    for step in range(1, 6):
        if step > 1:
            sitting.go(str(step))  # type: ignore[arg-type]
        write(sitting, step)
    sitting.go("change")
    return sitting


@pytest.fixture
def changing(begun) -> Sitting:
    begun.keep_runs("first", FIRST.ran, FIRST)
    return begun


@pytest.fixture
def reading(changing) -> Sitting:
    changing.go("6")
    write(changing, 6)
    changing.go("7")
    changing.keep_runs("second", (ran("change_after"), ran("U3")))
    return changing


@pytest.fixture
def over(reading) -> Sitting:
    write(reading, 7)
    for claim in SENIOR.claims:
        reading.claim(claim)
    reading.finish()
    reading.keep_last(Runs(sweep=SENIOR.run.sweep, ablation=SENIOR.run.ablation, next=SENIOR.run.next))
    return reading


def write(sitting: Sitting, step: int) -> None:
    entry = getattr(SENIOR.steps, f"s{step}")
    sitting.write(step, entry.structured, entry.free_text)


def part(folder: str, name: str, module: str) -> None:
    """What the interview page does for one part of it."""
    from importlib import import_module
    from pathlib import Path

    from lessons.interview.sitting import Sitting

    sitting = Sitting.open(Path(folder), name, lambda: 1_000.0)
    import_module(f"pages.parts.interview_{module}").draw(sitting, sitting.state())


def opened(sitting: Sitting, module: str) -> AppTest:
    """One part of the page, as somebody who has just come sees it."""
    page = AppTest.from_function(part, kwargs={"folder": str(sitting.folder), "name": sitting.id, "module": module},
                                 default_timeout=30)  # fmt: skip
    return shown(page.run())


def all_of(page: AppTest) -> str:
    """Whatever can be read on it: words, tables, charts, labels."""
    tables = [table.value.to_string() for table in page.table]
    charts = [chart.proto.spec for chart in page.get("plotly_chart")]
    labels = [str(one.label) for kind in (page.button, page.selectbox, page.text_input) for one in kind]
    return "\n".join([words(page), *tables, *charts, *labels])


def field(page: AppTest, kind: str, end: str):
    (found,) = [one for one in getattr(page, kind) if str(one.key).endswith(end)]
    return found


# Jobs


def asked_for(monkeypatch) -> list[str]:
    """Stages that were run; each gives what the senior's would."""
    stages: list[str] = []

    def first(transcript, drawn, told):
        stages.append("first")
        return FIRST

    monkeypatch.setattr(interview_jobs.runs, "first", first)
    return stages


def test_the_first_stage_is_run_after_step_5_and_kept_by_the_work_itself(begun, monkeypatch):
    stages = asked_for(monkeypatch)
    page = opened(begun, "jobs")
    assert stages == ["first"]
    assert begun.state().stages == {"first"}
    assert begun.state().variant == "V1"
    assert begun.ran("base") is not None
    assert "is being run" not in words(page)


def test_nothing_is_run_twice_and_what_the_shelf_lost_is_not_missed(begun, monkeypatch):
    stages = asked_for(monkeypatch)
    opened(begun, "jobs")
    shelf.SHELF.clear()
    opened(begun, "jobs")
    assert stages == ["first"]


class Never(Synchronous):
    """Takes work and does none of it, as a server that is shut down."""

    def submit(self, fn, /, *args, **kwargs):
        from concurrent.futures import Future

        return Future()


def test_a_job_that_was_lost_with_the_server_is_begun_again(begun, monkeypatch):
    stages = asked_for(monkeypatch)
    stopped = Studies(SystemWallClock(), turns=Never())
    with monkeypatch.context() as before:
        before.setattr(shelf, "STUDIES", stopped)
        page = opened(begun, "jobs")
        assert any("is being run" in str(one.proto.text) for one in page.get("progress"))
    assert stages == []
    shelf.SHELF.clear()  # with the process
    opened(begun, "jobs")
    assert stages == ["first"]
    assert begun.state().stages == {"first"}


def test_a_design_that_cannot_be_run_is_told_what_it_lacks_and_may_go_on_without(begun):
    s3 = begun.state().steps.s3
    begun.write(3, s3.structured.model_copy(update={"strategy": None}), s3.free_text)
    page = opened(begun, "jobs")
    assert "Step 3 has no strategy" in words(page)
    assert begun.state().stages == frozenset()
    page = shown(page.button(key="interview_jobs_without").click().run())
    assert begun.state().variant is not None, "the new requirement can be asked all the same"


def test_a_run_that_fails_is_one_sentence_and_can_be_asked_for_again(begun, monkeypatch):
    tries: list[int] = []

    def fails(transcript, drawn, told):
        tries.append(1)
        if len(tries) == 1:
            raise ExperimentFailed("A process that ran the design ended; try again.")
        return FIRST

    monkeypatch.setattr(interview_jobs.runs, "first", fails)
    page = opened(begun, "jobs")
    assert "A process that ran the design ended" in words(page)
    shown(page.run())
    assert len(tries) == 1, "it is not tried for ever"
    shown(page.button(key=interview_jobs.AGAIN).click().run())
    assert begun.state().stages == {"first"}


def test_a_sheet_changed_before_the_change_is_answered_is_run_anew(changing, monkeypatch):
    stages = asked_for(monkeypatch)
    monkeypatch.setattr(interview_jobs, "differs", lambda state, transcript: True)
    state, transcript = changing.state(), changing.transcript()
    assert interview_jobs.due(state, transcript) == "first"
    changing.change(state.steps, (Predicted(metric="visible_lag_ms.p99", to=1_500.0),), "")
    assert interview_jobs.due(changing.state(), transcript) is None, "what was predicted rests on that run"
    assert stages == []


def test_what_is_changed_after_the_second_runs_has_them_made_again(reading, monkeypatch):
    stages: list[str] = []

    def second(transcript, drawn, told, *, changed):
        stages.append("second")
        return tuple(ran(scope) for scope in ("U3", "shard_down"))

    monkeypatch.setattr(interview_jobs.runs, "second", second)
    reading.keep_runs("second", ())
    opened(reading, "jobs")
    assert stages == [], "kept, of a design that nobody noted"
    steps = reading.state().steps
    s5 = steps.s5.model_copy(update={"structured": steps.s5.structured.model_copy(update={"workers": 1_200.0})})
    reading.keep_runs("second", (replace(ran("shard_down"), part=Part(config={"design": "another"})),))
    opened(reading, "jobs")
    opened(reading, "jobs")
    assert stages == ["second"]
    reading.change(steps.model_copy(update={"s5": s5}), (), "")
    opened(reading, "jobs")
    assert stages == ["second", "second"]


# The change


def test_the_change_is_written_beside_the_first_sheet(changing):
    page = opened(changing, "change")
    assert "Visible in two seconds" in words(page)
    assert "one simulated person stands for 1,000 people" in words(page)
    (workers,) = [one for one in page.text_input if one.label.startswith("Fan-out workers")]
    shown(workers.set_value("1200").run())
    state = changing.state()
    assert state.steps.s5.structured.workers == 600.0
    assert state.changed_steps is not None
    assert state.changed_steps.s5.structured.workers == 1200.0
    again = opened(changing, "change")
    assert "600 → 1,200" in words(again)


def test_a_prediction_is_kept_in_the_run_s_unit_and_nonsense_is_refused_in_a_sentence(changing):
    page = opened(changing, "change")
    field(page, "selectbox", "_0_metric").set_value("visible_lag_ms.p99")
    for nonsense in ("zzz", "-1", "9" * 50, ""):
        field(page, "text_input", "_0_value").set_value(nonsense)
        shown(field(page, "button", "_0_keep").click().run())
        assert changing.state().predicts == ()
        assert words(page).count("allowed") + words(page).count("Write the value first") >= 1
    field(page, "text_input", "_0_value").set_value("1.5 s")
    shown(field(page, "button", "_0_keep").click().run())
    assert changing.state().predicts == (Predicted(metric="visible_lag_ms.p99", to=1_500.0),)
    assert "1,500 ms" in words(opened(changing, "change"))


# Reading


def test_step_7_shows_figures_and_no_score_and_no_verdict(reading):
    said = all_of(opened(reading, "reading"))
    assert "8k" in said or "8000" in said.replace(",", "")
    assert "70 %" in said, "utilisation of the workers"
    for word in (*BANDS, "score", "Score", "credit", "points of", "broke", "breach", "✓", "✗"):
        assert word not in said, word


def test_counts_are_in_real_units_and_shares_are_not(reading):
    page = opened(reading, "reading")
    (figures,) = [t.value for t in page.table if "Figure (measured)" in t.value.columns]
    values = dict(zip(figures["Figure (measured)"], figures["Value"], strict=True))
    assert "700k copies" in values.values(), "700 copies of the run, times 1,000"
    assert "900 ms" in values.values()
    spec = json.loads(page.get("plotly_chart")[0].proto.spec)
    tops = [max(v for v in trace["y"] if v is not None) for trace in spec["data"]]
    assert tops == [7_000.0, 8_000.0, 6.0, 5_000_000.0, 95.0]


def test_a_change_is_drawn_over_the_same_load_before_it(reading):
    page = opened(reading, "reading")
    page.button_group(key=f"interview_scope_{reading.id}").set_value("change_after")
    shown(page.run())
    spec = json.loads(page.get("plotly_chart")[0].proto.spec)
    assert {trace["name"] for trace in spec["data"]} == {"before the change", "after the change"}
    assert field(page, "selectbox", "_0_scope").value == "change_after", "a reading is about the run that is looked at"


def test_a_stretch_can_be_drawn_alone_to_its_own_scale():
    base = scopes.seen({"base": ran("base")}, "base", SENIOR)
    near = replace(base, until_s=30.0)
    tops = [[max(trace.y) for trace in run_chart(seen, charts_of(seen), LIGHT).data] for seen in (base, near)]
    assert tops[0][:2] == [7_000.0, 8_000.0]
    assert tops[1][:2] == [500.0, 400.0]
    assert "largest account" in in_words(base, charts_of(base))
    assert "largest account" not in in_words(near, charts_of(near)), "it posts at 30 s"


def test_the_promise_in_a_chart_is_the_one_that_the_run_was_held_against():
    kept = Part(slo={"visible_lag": Promise(target=2_000.0, unit="ms")})
    told = scopes.promises(Ran("change_before", kept), SENIOR)
    assert told == {"slo.lag_ms": 2_000.0, "slo.home_ms": 300.0}, "V1 asks for two seconds; the sheet says five"


def test_readings_are_kept_over_a_reload_and_can_be_taken_back(reading):
    page = opened(reading, "reading")
    field(page, "selectbox", "_0_metric").set_value("visible_lag_ms.p99")
    field(page, "text_input", "_0_value").set_value("zzz")
    shown(field(page, "button", "_0_keep").click().run())
    assert reading.state().claims == ()
    assert "allowed" in words(page)
    field(page, "text_input", "_0_value").set_value("0.9 s")
    field(page, "selectbox", "_0_cause").set_value("workers")
    shown(field(page, "button", "_0_keep").click().run())
    (claim,) = reading.state().claims
    assert claim == Claim(scope="base", metric="visible_lag_ms.p99", op="about", value=900.0, cause="workers")
    again = opened(reading, "reading")
    assert "900 ms" in words(again)
    shown(again.button(key=f"interview_retract_{reading.id}_0").click().run())
    assert reading.state().claims[0].retracted
    assert "Taken back" in words(opened(reading, "reading"))


def test_before_any_run_there_is_nothing_to_read_and_that_is_said(begun):
    begun.keep_runs("first", ())
    begun.go("6")
    begun.go("7")
    assert "no run to read" in words(opened(begun, "reading"))


# The debrief


def test_the_debrief_has_its_ten_sections_in_order_and_the_instant_that_broke(over):
    page = opened(over, "debrief")
    heads = [str(one.value) for one in page.subheader]
    assert [head.partition(".")[0] for head in heads[:10]] == [str(n) for n in range(1, 11)]
    assert "Visible lag" in page.get("plotly_chart")[0].proto.spec
    assert "broke first: 20 s" in page.get("plotly_chart")[0].proto.spec
    assert "8,000 ms" in all_of(page)


def test_the_same_interview_can_be_taken_again_and_others_can_score_it(over):
    page = opened(over, "debrief")
    shown(page.button(key="interview_to_The same interview again").click().run())
    assert dict(page.query_params) == {"seed": "7", "level": "senior"}
    shown(page.button(key="interview_to_Let others score it").click().run())
    assert dict(page.query_params) == {"panel": over.id}


def test_downloads_have_what_the_page_says(over, monkeypatch):
    taken: dict[str, str] = {}
    real = interview_debrief.st.download_button

    def noted(label, data, *args, **kwargs):
        taken[label] = data
        return real(label, data, *args, **kwargs)

    monkeypatch.setattr(interview_debrief.st, "download_button", noted)
    page = opened(over, "debrief")
    graded = interview_debrief.grade(over.transcript())
    first = str(page.markdown[0].value).replace("\\", "")
    assert first.startswith(("Not yet", "Developing", "Borderline", "Meets", "Exceeds", "Between"))
    assert first in taken["Markdown"].replace("\\", "")
    assert f"{graded.score:g} of 100 points" in first
    assert f"{graded.score:g} of 100 points" in taken["HTML, one file"]
    assert from_json(taken["Transcript (JSON)"]) == over.transcript()


def test_while_the_last_runs_are_under_way_the_debrief_is_there_and_says_so(reading, monkeypatch):
    reading.finish()
    page = opened(reading, "debrief")
    assert "still being run" in words(page)
    progress = Progress.open(default_path({"MURMURATION_PROGRESS": str(reading.folder)}), lambda: 0.0)
    assert history.results(progress) == (), "what is not whole is not noted"
    reading.keep_last(Runs(next=SENIOR.run.next))
    assert "still being run" not in words(opened(reading, "debrief"))
    opened(reading, "debrief")
    assert [one.interview for one in history.results(progress)] == [reading.id], "once"


def test_a_design_that_was_never_run_has_a_debrief_without_pictures_of_runs(begun):
    s3 = begun.state().steps.s3
    begun.write(3, s3.structured.model_copy(update={"strategy": None}), s3.free_text)
    begun.keep_runs("first", ())
    begun.go("6")
    begun.go("7")
    begun.finish()
    assert "There are no runs of this design" in words(opened(begun, "jobs"))
    page = opened(begun, "debrief")
    assert "There is no run to draw." in words(page)
    assert "still being run" not in words(page)
    assert "Developing" in words(page) or "Not yet" in words(page)


# History and panel


def results() -> None:
    from pages.parts import interview_history

    interview_history.draw()


def test_without_interviews_the_history_says_what_will_be_there():
    page = AppTest.from_function(results).run()
    assert "Nothing yet" in words(page)
    assert not page.get("plotly_chart")


def test_strict_and_practice_are_lines_of_their_own_and_repeats_are_marked(tmp_path):
    progress = Progress.open(default_path({"MURMURATION_PROGRESS": str(tmp_path)}), lambda: 0.0)
    report = interview_debrief.grade(SENIOR)
    for number, (mode, seed, repeat) in enumerate((("strict", 1, False), ("practice", 2, False), ("strict", 1, True))):
        one = SENIOR.model_copy(update={"id": f"i{number}", "mode": mode})
        history.note(progress, one, replace(report, score=60.0 + number), seed, repeat)
    page = shown(AppTest.from_function(results).run())
    spec = json.loads(page.get("plotly_chart")[0].proto.spec)
    assert {trace["name"]: trace["y"] for trace in spec["data"]} == {
        "strict": [60.0], "practice": [61.0], "repeat of a seed": [62.0]
    }  # fmt: skip
    assert len({trace["marker"]["symbol"] for trace in spec["data"]}) == 3, "colour is never alone"
    assert "repeat" in page.table[0].value["Mode"][0]


def test_a_panel_scores_for_itself_and_sees_the_others_after(over):
    both = {"3a": Score(credit=1.0, note="It held."), "3b": Score(credit=0.0, note="No growth.")}
    Panel.of(over.folder, over.id).write(Scores(name="Bob", scores=both))
    page = opened(over, "panel")
    shown(page.text_input(key="interview_panel_name").set_value("Ada").run())
    assert "Score a criterion first" in words(page)
    control = page.button_group(key="interview_panel_Ada_3a_credit")
    control.set_value(0.5)
    shown(page.run())
    (table,) = [t.value for t in page.table if "Gap" in t.value.columns]
    assert list(table["Ada"]) == ["½"], "of others one sees what one has scored oneself"
    assert "It held." in words(page)
    assert "No growth." not in words(page)
    kept = json.loads((Path(over.folder) / over.id / "panel" / "Ada.json").read_text())
    assert kept["scores"]["3a"]["credit"] == 0.5
    shown(page.text_input(key="interview_panel_name").set_value("../Ada").run())
    assert "cannot be a name here" in words(page)


def test_a_panel_waits_for_the_end(reading):
    assert "scores an interview that is over" in words(opened(reading, "panel"))
