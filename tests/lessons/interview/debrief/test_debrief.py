"""Ten sections in their order, the same for the same transcript; silence, no run, nothing lost."""

import json
from dataclasses import asdict, replace

import pytest

from lessons.interview.base import LEVELS
from lessons.interview.debrief import debrief, html, markdown
from lessons.interview.debrief.shape import Flow, Scale, Table
from lessons.interview.grade import grade
from lessons.interview.rubric import standard, with_overrides
from tests.lessons.interview.candidates import Learned, made, silent
from tests.lessons.interview.debrief.mutations import ALL, OTHERS, of, section, told

ORDER = ["summary", "design", "held", "broke", "foreseen", "lines", "estimates", "unread", "practices", "next"]


@pytest.mark.parametrize("name", ["silent", *OTHERS])
@pytest.mark.parametrize("level", LEVELS)
def test_there_are_ten_sections_in_their_order_and_none_is_empty(name, level):
    one = told(name, level)[2]
    assert [part.key for part in one.sections] == ORDER
    for part in one.sections:
        assert part.blocks, part.key
        assert section(one, part.key).strip(), part.key
    for part in one.sections:
        for block in part.blocks:
            if isinstance(block, Table):
                assert {len(row) for row in block.rows} <= {len(block.columns)}
                assert block.rows


@pytest.mark.parametrize("name", ["silent", "as he is", "5b", "unread"])
def test_the_same_transcript_gives_the_same_debrief_byte_for_byte(name):
    changes = ALL.get(name)
    one, other = (of(silent() if changes is None else made(changes))[2] for _ in range(2))
    assert json.dumps(asdict(one)) == json.dumps(asdict(other))
    assert html(one) == html(other)
    assert markdown(one) == markdown(other)


def test_the_first_sentence_has_band_and_interval_and_what_moved_the_score():
    assert section(told("5e")[2], "summary").startswith("Borderline at level staff: ")
    sure, unsure = told("whole")[2], told("half sure")[2]
    assert "100 of 100 points; nothing that this level expects was lost." in section(sure, "summary")
    score, (low, high) = told("half sure")[1].score, told("half sure")[1].interval
    assert f"{score:g} of 100 points, with an interval from {low:g} to {high:g} points; " in section(unsure, "summary")
    lost = of(made({**OTHERS["whole"], **ALL["2a"]}), "senior")[2]
    assert "what moved it most is 2a, with " in section(lost, "summary")
    costly = of(made({**OTHERS["whole"], **ALL["early services"]}), "senior")[2]
    assert "services before requirements, 4 points off" in section(costly, "summary")


def test_what_holds_the_band_down_is_named_rather_than_what_cost_most():
    assert "what holds the band there: 3c has less than half" in section(told("3c", "mid")[2], "summary")
    assert "no design was run" in section(told("no run", "mid")[2], "summary")


def test_a_band_is_never_more_precise_than_its_interval():
    transcript, report, _ = told("unread")
    doubtful = replace(report, between=("Borderline", "Meets"))
    words = section(debrief(transcript, doubtful), "summary")
    assert words.startswith("Between Borderline and Meets at level staff: ")
    assert "points: between Borderline and Meets." in words


@pytest.mark.parametrize("level", LEVELS)
def test_the_other_two_levels_are_told_with_score_and_band(level):
    _, report, one = told("as he is", level)
    for name, standing in report.other_levels.items():
        assert f"as {name} {standing.score:g} of 100 points ({standing.band})" in section(one, "summary")
    assert f"as {level} " not in section(one, "summary")


def test_the_scale_has_score_interval_and_where_the_bands_begin():
    _, report, one = told("half sure")
    assert report.interval[0] < report.interval[1]
    (scale,) = [block for block in one.sections[0].blocks if isinstance(block, Scale)]
    assert (scale.score, scale.low, scale.high) == (report.score, *report.interval)
    assert dict(scale.borders) == standard().bands


def test_the_design_has_four_numbers_with_their_promises_and_a_diagram():
    one = told("5b")[2]
    assert [(number.value, number.promise, number.met) for number in one.numbers] == [
        ("900 ms (measured)", "5,000 ms at most", True),
        ("6 ms (measured)", "300 ms at most", True),
        ("3.8 ms (measured)", "nothing promised", None),
        ("0 entries (measured)", "0 entries (a list is right or not)", True),
    ]
    (flow,) = [block for block in one.sections[1].blocks if isinstance(block, Flow)]
    assert ("Workers", "40 workers, 800 copies/s each") in flow.ways[0].boxes
    assert told("3a")[2].numbers[0].met is False


def test_what_held_has_three_lines_from_the_own_runs():
    held = section(told("as he is")[2], "held").splitlines()
    assert len(held) == 3
    assert held[0] == "In the base run lag p99 was 900 ms (measured), and 5,000 ms were promised."
    assert held[2] == "The audit found 0 wrong entries in 7 runs (measured)."
    broken = section(told("3a")[2], "held")
    assert "9,000 ms" not in broken


def test_silence_is_told_as_not_found_and_never_as_a_failing():
    one = told("silent", "mid")[2]
    assert section(one, "held") == "No design was run, so nothing was measured."
    assert section(one, "broke") == "No design was run, so nothing was measured."
    assert section(one, "estimates") == "No estimate was found."
    assert len(one.practices) == 3
    assert {loss.consequence for loss in one.losses} == {"No design was run, so nothing was measured."}


def test_where_nothing_was_lost_there_are_no_losses_and_no_practices():
    _, report, one = told("whole")
    assert report.score == 100
    assert one.losses == ()
    assert one.practices == ()
    assert "Nothing is left to practise" in section(one, "practices")
    assert told("whole", "senior")[2].practices == ()


def test_predictions_stand_beside_what_was_measured():
    (table,) = [block for block in told("as he is")[2].sections[4].blocks
                if isinstance(block, Table) and block.caption.startswith("The change")]  # fmt: skip
    assert table.rows == (
        ("Visible lag, 99 in 100", "8,000 ms (measured)", "1,500 ms (your estimate)", "1,400 ms (measured)",
         "1.1 times"),
    )  # fmt: skip


def test_where_nothing_was_changed_the_prediction_stands_beside_the_unchanged_run():
    (table,) = [block for block in of(made({"change.structured.config_diff": None}))[2].sections[4].blocks
                if isinstance(block, Table) and block.caption.startswith("The change")]  # fmt: skip
    assert table.rows[0][3:] == ("8,000 ms (measured)", "5.3 times")


def test_unforeseen_loads_say_what_they_are_and_whether_promises_held():
    late = of(made({"run.unforeseen.U4.summary.visible_lag_ms.p99": 6000.0}))[2]
    (table,) = [block for block in late.sections[4].blocks
                if isinstance(block, Table) and block.caption == "Unforeseen loads"]  # fmt: skip
    assert [row[0][:2] for row in table.rows] == ["U3", "U4", "U5"]
    assert [row[4] for row in table.rows] == ["kept", "broken", "kept"]
    assert table.rows[1][1] == "6,000 ms (measured)"
    assert "broke under U4." in section(late, "foreseen")


def test_a_new_requirement_is_held_against_its_own_promise():
    stricter = {"run.change_after.slo": {"visible_lag": {"target": 1000.0, "unit": "ms"}}}
    assert "After the change: lag p99 was 1,400 ms (measured), and 1,000 ms were promised. Broken." in section(
        of(made(stricter))[2], "foreseen")  # fmt: skip
    assert "and 5,000 ms were promised. Kept." in section(told("as he is")[2], "foreseen")


def test_the_table_has_all_that_is_expected_and_what_was_there_beyond():
    _, report, one = told("as he is", "senior")
    (table,) = [block for block in one.sections[5].blocks
                if isinstance(block, Table) and block.caption.startswith("Every")]  # fmt: skip
    shown = {row[0][:2] for row in table.rows}
    assert shown == {line.criterion for line in report.lines if line.expected or line.credit}
    assert any("(beyond the level)" in row[0] for row in table.rows)
    assert all(all(row) for row in table.rows)


def test_estimates_have_ratio_and_bias():
    words = section(told("5e")[2], "estimates")
    assert "60 times" in words
    assert "Bias: the middle estimate" in words
    high = of(made({"steps.1.structured.estimate": dict.fromkeys(
        ("posts_s", "reads_s", "deliveries_s", "peak_deliveries_s"), 1e8)}))[2]  # fmt: skip
    assert "times too high" in section(high, "estimates").splitlines()[0]


def test_what_was_not_read_is_kept_in_its_own_words():
    words = section(told("unread")[2], "unread")
    assert "I could not read: “# siempre de otra manera”" in words
    assert "uncalibrated practice score" in words
    assert "Not judged: strategy: other." in section(told("other")[2], "unread")


def test_the_next_level_is_told_by_its_criteria_and_gates():
    senior_words = section(told("as he is", "senior")[2], "next")
    for criterion in ("3e", "5f", "6f", "7e", "7f"):
        assert f"\n{criterion} " in senior_words
    assert "gates are 3a, 5f, 6f, 7a, 7c" in senior_words
    assert "highest level" in section(told("as he is")[2], "next")


def test_an_instructors_rubric_is_what_the_debrief_speaks_of(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text("[weights]\n7f = 20\n")
    rubric = with_overrides(own)
    report = grade(made({}), "staff", rubric, Learned())
    lost = {one.criterion: one.points for one in debrief(made({}), report, rubric).losses}
    usual = {one.criterion: one.points for one in told("as he is")[2].losses}
    assert lost["7f"] > 3 * usual["7f"]
