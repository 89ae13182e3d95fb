"""Whole reports: what moves the score and where to, what may not, and that nothing else decides."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.interview.base import LEVELS
from lessons.interview.grade import grade
from lessons.interview.report import Report
from lessons.interview.rubric import BANDS, standard
from tests.lessons.interview.candidates import REASONS, Learned, made, part, senior, silent

S = "steps.{}.structured.".format


def graded(changes=None, level="senior", **more) -> Report:
    return grade(made(changes), level, reader=Learned(), **more)


def credit(report: Report, criterion: str) -> float:
    return next(one.credit for one in report.lines if one.criterion == criterion)


def test_the_strong_senior_has_all_that_is_expected():
    report = graded()
    assert report.score == 100
    assert report.band == "Meets"
    assert report.caps == ("Meets at most: 1 of 2 criteria above the level.",)
    assert report.deductions == ()
    assert report.interval == (100, 100)
    assert report.other_levels["staff"].score < 100
    assert set(report.other_levels) == {"mid", "staff"}


def test_silence_is_0_and_has_no_mistakes():
    for level in LEVELS:
        report = grade(silent(), level, reader=Learned())
        assert (report.score, report.band, report.interval, report.deductions) == (0, "Not yet", (0, 0), ())


@pytest.mark.parametrize("level", LEVELS)
def test_the_same_transcript_gives_the_same_report_byte_for_byte(level):
    one, other = (json.dumps(grade(made(), level).to_json()) for _ in range(2))
    assert one == other
    told = json.loads(one)
    assert {"score", "interval", "band", "lines"} <= set(told)
    for line in told["lines"]:
        assert line["quote"] or line["figure"]
        assert line["reason"]
        assert 0 <= line["credit"] <= 1
    assert {line["criterion"] for line in told["lines"]} == set(standard().criteria)


def test_the_points_of_the_lines_are_the_points_of_the_steps():
    report = graded({S(1) + "estimate.posts_s": None, "steps.3.free_text": ""}, level="mid")
    for step in report.steps:
        lines = sum(one.points for one in report.lines if one.step == step.step)
        assert step.points == pytest.approx(min(step.of, lines))
    assert report.score == pytest.approx(report.earned - report.deducted, abs=0.051)


@pytest.mark.parametrize(
    "changes",
    [
        {S(3) + "celebrity": None},
        {S(1) + "estimate.deliveries_s": 35.0},
        {"claims": None},
        {"steps.3.free_text": ""},
        {"run.base.summary.visible_lag_ms.p99": 9000.0},
        {"change": None},
        {"run": None},
        {"config": None},
        {S(4) + "access": None},
        {S(5) + "queue_why": None, "steps.5.free_text": ""},
    ],
)
def test_taking_something_away_or_making_it_wrong_lowers_the_score(changes):
    assert graded(changes).score < graded().score


def test_without_a_run_or_a_config_the_band_is_developing_at_most():
    for changes in ({"run": None}, {"config": None}, {"run.base": {}}):
        assert BANDS.index(graded(changes).band) <= BANDS.index("Developing")


def test_with_nothing_in_steps_3_and_5_the_band_is_not_yet():
    assert graded({"steps.3": None, "steps.5": None}).band == "Not yet"


def test_free_text_emptied_loses_at_most_20_points():
    emptied = {f"steps.{step}.free_text": "" for step in range(1, 8)} | {"run.base.deleted": None}
    for level in LEVELS:
        assert 0 < graded(level=level).score - graded(emptied, level).score + 1 <= 21


def test_two_charts_swapped_contradict_the_readings():
    whole = senior()["run"]
    report = graded({"run.base": whole["change_before"], "run.change_before": whole["base"]})
    assert {one.kind for one in report.deductions} == {"contradicted by the own run"}
    assert sum(one.points for one in report.deductions) == 4
    assert credit(report, "7a") == 0
    retracted = [{**claim, "retracted": True} for claim in senior()["claims"]]
    taken_back = graded({"run.base": whole["change_before"], "run.change_before": whole["base"], "claims": retracted})
    assert taken_back.deductions == ()
    assert taken_back.score > report.score


# the three common mistakes


def test_services_before_requirements():
    report = graded({"opened_order": ["3", "1", "2", "4", "5", "6", "7"]})
    assert [(one.kind, one.points) for one in report.deductions] == [("services before requirements", 4)]
    assert graded({S(1) + "must": None, S(1) + "slo": None}).deductions[0].kind == "services before requirements"
    assert graded({"opened_order": ["2", "1", "3"]}).deductions == ()
    assert graded({"opened_order": None}).deductions == ()


def test_a_product_as_an_explanation():
    without = {S(5) + "queue_why": None, "steps.5.free_text": "use Kafka"}
    report = graded(without)
    assert [(one.kind, one.points) for one in report.deductions] == [("a product as an explanation", 4)]
    assert credit(report, "5a") == 0
    answered = {**without, "probes": [{"id": "P3", "structured": {"queue_why": ["post_does_not_wait"]},
                                       "outcome": "open"}]}  # fmt: skip
    assert graded(answered).deductions == ()
    assert graded({**without, "steps.5.free_text": "# porque a fila"}).deductions == ()


def test_large_accounts_that_are_treated_apart_in_vain_are_not_ignored():
    report = graded({S(1) + "slo.fresh_s": 0.01})
    assert credit(report, "3c") == 0
    assert report.deductions == ()


def test_skew_ignored():
    without = {S(3) + "celebrity": "none"}
    report = graded(without)
    assert [(one.kind, one.points) for one in report.deductions] == [("skew ignored", 8)]
    assert report.band == "Developing"
    assert graded(without, "staff").band == "Not yet"
    asked = {**without, "probes": [{"id": "P1", "structured": {"celebrity": "pull"}, "outcome": "directed"}]}
    assert graded(asked).deductions == ()


# questions and hints


@pytest.mark.parametrize(
    ("level", "outcome", "worth"),
    [("mid", "open", 1), ("senior", "open", 0.75), ("staff", "open", 0.5), ("mid", "directed", 0.75),
     ("senior", "directed", 0.5), ("staff", "directed", 0.25), ("senior", "do_not_know", 0), ("senior", None, 0.5)],
)  # fmt: skip
def test_what_was_asked_for_counts_less(level, outcome, worth):
    probe = {"id": "P1", "structured": {"celebrity": "pull"}, "outcome": outcome}
    assert credit(graded({S(3) + "celebrity": None, "probes": [probe]}, level), "3c") == worth


def test_a_question_never_lowers_what_stood_on_the_sheet():
    probe = {"id": "P1", "structured": {"celebrity": "none"}, "outcome": "directed"}
    assert credit(graded({"probes": [probe]}), "3c") == 1


def test_a_reason_may_be_given_as_an_answer():
    changes = {S(5) + "queue_why": None, "steps.5.free_text": "use Kafka"}
    probe = {"id": "P3", "free_text": REASONS["5a"], "outcome": "open"}
    report = graded({**changes, "probes": [probe]})
    assert credit(report, "5a") == 0.75
    assert next(one.quote for one in report.lines if one.criterion == "5a") == REASONS["5a"]


@pytest.mark.parametrize(("grades", "worth"), [(["H1"], 0.9), (["H2"], 0.6), (["H1", "H2"], 0.6), (["H3"], 0), ([], 1)])
def test_of_hints_the_one_that_told_most_counts(grades, worth):
    hints = [{"criterion": "3c", "grade": one} for one in grades]
    assert credit(graded({"hints": hints}), "3c") == worth


def test_factors_of_question_and_hint_do_not_multiply():
    probe = {"id": "P1", "structured": {"celebrity": "pull"}, "outcome": "open"}
    changes = {S(3) + "celebrity": None, "probes": [probe], "hints": [{"criterion": "3c", "grade": "H1"}]}
    assert credit(graded(changes), "3c") == 0.75


# over-engineering


def test_what_changes_nothing_when_taken_out_is_idle():
    nothing = {"base": part(), "change_after": part(summary={"visible_lag_ms": {"p99": 1440.0}})}
    idle = {f"mechanism_{number}": nothing for number in range(4)}
    report = graded({"run.ablation": idle})
    assert len(report.idle) == 4
    assert [(one.kind, one.points) for one in report.deductions] == [("over-engineering", 3.0)]
    assert graded({"run.ablation": dict(list(idle.items())[:2])}).deductions == ()
    same = {"summary": {"visible_lag_ms": {"p99": 1400.0}}}
    for change in ({"summary": {"visible_lag_ms": {"p99": 1500.0}}}, {**same, "audit": {"missing": 1}}):
        needed = {name: {**one, "change_after": part(**change)} for name, one in idle.items()}
        assert graded({"run.ablation": needed}).idle == ()


def test_a_mechanism_is_not_idle_where_nothing_was_measured_without_it():
    assert graded({"run.ablation": {"cache": {"U1": part()}, "lanes": {"base": {}}, "queue": {}}}).idle == ()
    assert graded({"run.base": {}, "run.ablation": {"cache": {"base": {}}}}).idle == ()


def test_ten_idle_parts_are_borderline_at_most():
    whole = senior()["run"]["base"]
    idle = {f"mechanism_{number}": {"base": whole} for number in range(10)}
    assert graded({"run.ablation": idle}).band == "Borderline"


def test_declared_parts_are_idle_where_nothing_asks_for_them():
    parts = ["graph_database", "object_store"]
    assert graded({S(4) + "extra_stores": parts}).idle == tuple(parts)
    media = {S(4) + "extra_stores": ["object_store"], S(1) + "must": ["home", "post", "follow", "profile", "media"]}
    assert graded(media).idle == ()


def test_a_part_that_moves_a_figure_when_taken_out_is_justified():
    slow = {"graph_database": {"base": part(summary={"home_ms": {"p99": 60.0}})}}
    probe = {"id": "P10", "structured": {"component": "graph_database", "moves": "home_ms.p99"}, "outcome": "open"}
    declared = {S(4) + "extra_stores": ["graph_database"], "run.ablation": slow}
    assert graded({**declared, "probes": [probe]}).idle == ()
    assert graded(declared).idle == ("graph_database",)
    wrong = {**probe, "structured": {"component": "graph_database", "moves": "post_ms.p99"}}
    assert graded({**declared, "probes": [wrong]}).idle == ("graph_database",)


def test_far_more_than_enough_counts_as_one():
    points = [{"knob": "workers.count", "value": value, **part()} for value in (1.0, 2.0, 4.0)]
    assert graded({"run.sweep": [*senior()["run"]["sweep"], *points]}).idle == ("workers.count",)
    assert graded({"run.sweep": [*senior()["run"]["sweep"], *points[1:]]}).idle == ()
    assert graded({"run.sweep": points, "config/workers.count": 3}).idle == ()


# estimates, doubts


def test_bias_is_the_median_of_the_orders_of_magnitude():
    report = graded({
        S(1) + "estimate": {"posts_s": 46296.2963, "deliveries_s": 347222.2222},
        S(3) + "estimate": None, S(4) + "estimate": {"posts_gb_day": 60000.0}, S(5) + "estimate": {"util": 0.7},
    })  # fmt: skip
    assert [round(one.off or 0, 3) for one in report.estimates] == [1, 0, 2, 0]
    assert report.bias == pytest.approx(0.5, abs=1e-6)
    assert report.spread == pytest.approx(0.5, abs=1e-6)


def test_doubts_make_an_interval_and_a_band_between():
    report = graded({S(3) + "who_pays": None, "steps.3.free_text": f"?{REASONS['3b']}"}, "mid")
    assert report.interval[0] < report.score == report.interval[1]
    assert report.between == ("Borderline", "Meets", "Exceeds")
    assert "between Borderline and Exceeds" in report.summary
    lost = graded({S(3) + "who_pays": None, "steps.3.free_text": "? something"}, "mid")
    assert lost.interval == (lost.score, report.score)


def test_text_that_was_not_read_is_kept_and_takes_no_points_away_for_good():
    report = graded({"steps.3.free_text": "# outra lingua"})
    assert report.not_read == ("# outra lingua",)
    assert report.interval[1] == 100
    assert "1 part of your text was not read" in report.limits


# properties

_PARTS = [
    "steps.1", "steps.2", "steps.3", "steps.4", "steps.5", "steps.6", "steps.7", "change", "config", "claims", "run",
    "run.base", "run.change_before", "run.change_after", "run.unforeseen", "run.faults", "run.next", "run.sweep",
    "run.ablation", "run.base.stations", "run.base.summary", "run.base.audit", "run.base.cost", "steps.3.structured",
    "steps.3.free_text", "steps.5.free_text", "opened_order",
]  # fmt: skip
_COSTS: dict[str, tuple[str, ...]] = {
    "steps.2": ("2", "4c"), "steps.4": ("4",), "steps.6": ("6",), "steps.7": ("7",), "change": ("7c",),
    "claims": ("7a",), "run.next": ("7d",), "run.unforeseen": ("3e", "6a", "6d"), "run.faults": ("6b",),
    "run.sweep": ("3d",), "run.ablation": (), "run.base.cost": ("7e",), "opened_order": (),
    "steps.5.free_text": ("5a",), "steps.3.free_text": ("3b", "3f"), "run.change_before": ("6e", "7a", "7c", "7b"),
}  # fmt: skip
"""Which steps or criteria a missing part may cost, by the beginning of their ids."""


@given(st.sets(st.sampled_from(_PARTS), max_size=6), st.sampled_from(LEVELS))
@settings(max_examples=40, deadline=None)
def test_whatever_is_missing_there_is_a_report_and_trying_is_never_below_silence(missing, level):
    report = graded(dict.fromkeys(sorted(missing, reverse=True)), level)
    assert 0 <= report.interval[0] <= report.score <= report.interval[1] <= 100
    assert report.deducted <= report.earned / 2
    assert report.band in report.between


@pytest.mark.parametrize("path", sorted(_COSTS))
def test_a_missing_part_costs_its_own_criteria_alone(path):
    whole, without = graded(), graded({path: None})
    pairs = zip(whole.lines, without.lines, strict=True)
    changed = {one.criterion for one, other in pairs if one.credit != other.credit}
    assert all(name.startswith(_COSTS[path]) for name in changed)


_EVIDENCE = [
    "run.base.paging", "run.base.own_posts", "run.base.shards", "run.base.expiry", "run.base.deleted",
    "run.base.by_followers", "run.unforeseen", "run.faults", "run.next", "run.sweep", "run.base.peak",
    "steps.1.free_text", "steps.3.free_text", "steps.5.free_text", "steps.6.free_text", "steps.5.structured.queue_why",
    "steps.3.structured.who_pays", "steps.3.structured.rejected", "steps.4.structured.estimate",
    "steps.5.structured.estimate", "steps.1.structured.estimate", "steps.7.structured.next",
]  # fmt: skip


@given(st.sets(st.sampled_from(_EVIDENCE), max_size=8), st.sampled_from(_EVIDENCE), st.sampled_from(LEVELS))
@settings(max_examples=40, deadline=None)
def test_more_evidence_never_lowers_a_credit(missing, more, level):
    less = graded(dict.fromkeys(missing | {more}), level)
    plus = graded(dict.fromkeys(missing - {more}), level)
    for one, other in zip(less.lines, plus.lines, strict=True):
        assert one.credit <= other.credit, one.criterion
    assert less.score <= plus.score
