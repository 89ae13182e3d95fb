"""Questions: when each is asked and when not, in which order, and what becomes of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.errors import NotAllowed
from lessons.interview.grade import grade
from lessons.interview.sitting import Sitting
from lessons.interview.sitting.instructor import of_text
from lessons.interview.transcript import Answer
from tests.lessons.interview.sitting.hand import Hand, begun, fill, ids, sheet

MANY_READS = "reads are 100 times writes"


@pytest.fixture
def hand() -> Hand:
    return Hand()


def asked_after(tmp_path: Path, hand: Hand, step: int, changes: Mapping[str, Any], level: str = "senior") -> list[str]:
    """All questions about one step of the strong senior's design with these changes; none is answered."""
    sitting = begun(tmp_path, hand, level=level)
    fill(sitting, *[one for one in (1, 3, 4, 5) if one <= step], **changes)
    if step == 6:
        sitting.go("change")
        fill(sitting, 6, **changes)
    sitting.finish_step()
    while (question := sitting.state().question) is not None:
        sitting.answer(question.id, Answer(), "", "do_not_know")
    return ids(sitting)


def estimates(step: int, **changes: Any) -> Any:
    return sheet(step).estimate.model_copy(update=changes)


CASES = [
    ("P1", 3, {"s3_celebrity": None}),
    ("P1", 3, {"s3_celebrity": "none"}),
    ("P2", 1, {"s1_estimate": estimates(1, deliveries_s=None)}),
    ("P2", 1, {"s1_estimate": estimates(1, deliveries_s=350_000.0 * 4.2)}),
    ("P2", 1, {"s1_estimate": estimates(1, deliveries_s=350_000.0 / 4.2)}),
    ("P3", 5, {"s5_queue_why": (), "s5_text": "we use kafka"}),
    ("P3", 5, {"s5_queue_why": ("industry_standard",), "s5_text": ""}),
    ("P3", 5, {"s5_queue_why": (), "s5_text": "porque la cola es muy buena para los usuarios de la red"}),
    ("P4", 6, {"s6_natural_key": None}),
    ("P4", 6, {"s6_natural_key": "exactly_once"}),
    ("P4", 3, {"s3_strategy": "push", "s3_celebrity": "push_capacity"}),
    ("P5", 6, {"s6_deletes": None}),
    ("P6", 5, {"s5_estimate": estimates(5, drain_s=None)}),
    ("P7", 5, {"s5_stampede": (), "s5_hot_key": ()}),
    ("P8", 4, {"s4_consequence": None}),
    ("P8", 4, {"s4_consequence": "no_drawback"}),
    ("P10", 4, {"s4_extra_stores": ("graph_database",)}),
    ("P10", 5, {"s4_extra_stores": ("search_cluster",)}),
    ("P11", 3, {"s3_strategy": "push"}),
    ("P11", 3, {"s3_strategy": "pull"}),
    ("P11", 5, {"s5_queue": "none"}),
    ("P11", 3, {"s3_text": f"We push because {MANY_READS}. We do not push because {MANY_READS}."}),
]  # fmt: skip


@pytest.mark.parametrize(("probe", "step", "changes"), CASES)
def test_each_is_asked_where_its_trigger_holds(
    tmp_path: Path, hand: Hand, probe: str, step: int, changes: dict[str, Any]
):
    assert probe in asked_after(tmp_path, hand, step, changes)


NOT_ASKED = [
    (3, {"s3_celebrity": "delay_lane"}),
    (1, {"s1_estimate": estimates(1, deliveries_s=350_000.0 * 3.8)}),
    (1, {"s1_estimate": estimates(1, deliveries_s=350_000.0 / 3.8)}),
    (5, {"s5_queue_why": ("bursts_are_smoothed",), "s5_text": ""}),
    (5, {"s5_queue_why": (), "s5_text": "We use a queue so that the post does not wait for all the followers."}),
    (5, {"s5_queue": None, "s5_queue_why": (), "s5_text": ""}),
    (6, {"s6_natural_key": "post"}),
    (6, {"s6_rollout": ()}),
    (5, {"s5_stampede": (), "s5_hot_key": ("local_cache",)}),
    (4, {"s4_post_partition": None, "s4_consequence": None}),
    (4, {"s4_consequence": "profile_asks_all_shards"}),
]


@pytest.mark.parametrize(("step", "changes"), NOT_ASKED)
def test_and_where_it_does_not_nothing_is_asked(tmp_path: Path, hand: Hand, step: int, changes: dict[str, Any]):
    assert asked_after(tmp_path, hand, step, changes) == []


@pytest.mark.parametrize("step", [1, 3, 4, 5, 6])
@pytest.mark.parametrize("level", ["mid", "senior"])
def test_a_whole_sheet_is_not_asked_about(tmp_path: Path, hand: Hand, step: int, level: str):
    assert asked_after(tmp_path, hand, step, {}, level) == []


def test_the_rollout_is_asked_of_staff_alone(tmp_path: Path, hand: Hand):
    assert asked_after(tmp_path, hand, 6, {}, "staff") == ["P9"]
    order = ("shadow_compare", "share_of_users")
    assert asked_after(tmp_path, hand, 6, {"s6_rollout": order}, "staff") == []


def test_in_the_order_of_their_priority_and_two_a_step(tmp_path: Path, hand: Hand):
    everything = {"s5_queue_why": (), "s5_text": "", "s5_estimate": estimates(5, drain_s=None), "s5_stampede": (),
                  "s4_extra_stores": ("graph_database",)}  # fmt: skip
    assert asked_after(tmp_path, hand, 5, everything) == ["P3", "P6"]
    assert asked_after(tmp_path, hand, 5, {**everything, "s5_queue_why": ("bursts_are_smoothed",)}) == ["P6", "P7"]


def test_the_open_form_comes_first_and_the_directed_one_where_the_matter_is_open(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    fill(sitting, 3, s3_celebrity=None)
    sitting.finish_step()
    question = sitting.state().question
    assert question is not None
    assert (question.id, question.form, question.fields) == ("P1", "open", ("celebrity", "seconds"))
    assert {one.key for one in question.options["celebrity"]} == {"pull", "delay_lane", "push_capacity", "none"}
    assert "seconds" not in question.options
    sitting.answer("P1", Answer(), "Somebody with many followers.", "open")
    question = sitting.state().question
    assert question is not None
    assert (question.id, question.form) == ("P1", "directed")
    sitting.answer("P1", Answer(celebrity="delay_lane"), "", "directed")
    assert sitting.state().question is None
    assert [(one.form, one.outcome) for one in sitting.state().asked] == [("open", "open"), ("directed", "directed")]
    probes = sitting.transcript().probes
    assert [(one.id, one.outcome, one.structured.celebrity) for one in probes] == [
        ("P1", "open", None), ("P1", "directed", "delay_lane"),
    ]  # fmt: skip


def test_an_open_answer_that_settles_it_is_enough(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    fill(sitting, 3, s3_celebrity=None)
    sitting.finish_step()
    sitting.answer("P1", Answer(celebrity="pull"), "", "open")
    state = sitting.state()
    assert state.question is None
    assert state.next == "4"
    assert "Shall we go on" in state.line


def test_a_reason_in_words_settles_the_question_about_the_queue(tmp_path: Path, hand: Hand):
    for said, settled in (
        ("The post would wait for every follower.", True),
        ("We use a queue so that the post does not wait for all the followers.", True),
        ("Everything.", False),
        ("Nothing, the post would not wait.", False),
    ):
        sitting = begun(tmp_path, hand)
        fill(sitting, 5, s5_queue_why=(), s5_text="")
        sitting.finish_step()
        question = sitting.state().question
        assert question is not None
        assert (question.id, question.fields) == ("P3", ())
        sitting.answer("P3", Answer(), said, "open")
        question = sitting.state().question
        assert (question is None or question.id != "P3") == settled, said
        if not settled:
            assert question is not None
            assert len(question.options["queue_why"]) == 4
        else:
            line = next(one for one in grade(sitting.transcript()).lines if one.criterion == "5a")
            assert (line.credit, line.factor) == (0.75, 0.75)
            assert line.quote is not None
            assert line.quote.strip() in said, "the words of the answer alone"


def test_not_to_know_is_an_answer_and_ends_it(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    fill(sitting, 3, s3_celebrity=None)
    sitting.finish_step()
    sitting.answer("P1", Answer(), "", "do_not_know")
    assert sitting.state().question is None
    assert sitting.transcript().probes[0].outcome == "do_not_know"
    report = grade(sitting.transcript())
    assert next(one for one in report.lines if one.criterion == "3c").credit == 0


def test_more_narrowly_when_that_is_asked_for(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    fill(sitting, 3, s3_celebrity=None)
    sitting.finish_step()
    sitting.answer("P1", Answer(), "", "directed")
    question = sitting.state().question
    assert question is not None
    assert question.form == "directed"
    sitting.answer("P1", Answer(celebrity="pull"), "", "open")
    assert sitting.transcript().probes[0].outcome == "directed", "the form in which it stood, whatever the page says"


@pytest.mark.parametrize(("form", "factor"), [("open", 1.0), ("directed", 0.75)])
def test_the_form_decides_what_an_answer_counts(tmp_path: Path, hand: Hand, form: str, factor: float):
    sitting = begun(tmp_path, hand, level="mid")
    fill(sitting, 3, s3_celebrity=None)
    sitting.finish_step()
    if form == "directed":
        sitting.answer("P1", Answer(), "", "directed")
    sitting.answer("P1", Answer(celebrity="pull"), "", "open")
    line = next(one for one in grade(sitting.transcript()).lines if one.criterion == "3c")
    assert (line.credit, line.factor) == (factor, factor)


def test_an_empty_answer_or_one_to_another_question_is_none(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    with pytest.raises(NotAllowed, match="not the question that stands"):
        sitting.answer("P1", Answer(), "text", "open")
    fill(sitting, 3, s3_celebrity=None)
    sitting.finish_step()
    for outcome in ("open",):
        with pytest.raises(NotAllowed, match="empty"):
            sitting.answer("P1", Answer(), "  ", outcome)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed, match="not the question that stands"):
        sitting.answer("P2", Answer(), "text", "open")


def test_who_goes_on_leaves_it_unanswered_and_it_is_not_asked_again(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    fill(sitting, 3, s3_celebrity=None)
    sitting.finish_step()
    sitting.go("4")
    assert sitting.state().question is None
    assert sitting.transcript().probes[0].outcome == "unanswered"
    sitting.go("3")
    sitting.finish_step()
    assert sitting.state().question is None


def test_who_leaves_a_step_without_a_word_is_asked_later(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    fill(sitting, 3, s3_celebrity=None)
    fill(sitting, 4)
    sitting.finish_step()
    assert ids(sitting) == ["P1"]
    other = begun(tmp_path, hand)
    other.go("3")
    fill(other, 4)
    other.finish_step()
    assert ids(other) == [], "in which nothing was entered"


def test_what_found_no_room_after_its_step_is_not_asked_later(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    open_ones = {"s5_queue_why": (), "s5_text": "", "s5_estimate": estimates(5, drain_s=None), "s5_stampede": ()}
    fill(sitting, 5, **open_ones)
    sitting.finish_step()
    sitting.answer("P3", Answer(), "", "do_not_know")
    sitting.answer("P6", Answer(), "", "do_not_know")
    sitting.go("change")
    fill(sitting, 6)
    sitting.finish_step()
    assert ids(sitting) == ["P3", "P6"]


def test_a_question_is_answered_after_the_sheet_was_changed(tmp_path: Path, hand: Hand):
    """The second question is drawn when the first is answered, from the sheet as it is then."""
    sitting = begun(tmp_path, hand)
    fill(sitting, 5, s5_queue_why=(), s5_text="", s5_stampede=())
    sitting.finish_step()
    sitting.write(5, sheet(5).model_copy(update={"queue_why": ()}), "")
    sitting.answer("P3", Answer(), "", "do_not_know")
    assert sitting.state().question is None


def silence(sitting: Sitting, hand: Hand, seconds: float) -> str | None:
    hand.on(seconds)
    sitting.tick()
    question = sitting.state().question
    return question.id if question else None


def test_after_ninety_silent_seconds_a_narrower_question_is_offered(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    assert silence(sitting, hand, 89) is None
    assert silence(sitting, hand, 1) == "P12"
    state = sitting.state()
    assert state.question is not None
    assert state.question.yes_no
    assert state.line == "Shall I ask a narrower question?"
    sitting.answer("P12", Answer(), "", "directed")
    sitting.finish_step()
    question = sitting.state().question
    assert question is not None
    assert (question.id, question.form) == ("P2", "directed")
    assert silence(sitting, hand, 500) == "P2", "once"


def test_the_offer_is_for_one_question(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    fill(sitting, 5, s5_queue_why=(), s5_text="", s5_estimate=estimates(5, drain_s=None))
    assert silence(sitting, hand, 90) == "P12"
    sitting.answer("P12", Answer(), "", "directed")
    sitting.go("4")
    sitting.go("5")
    sitting.finish_step()
    question = sitting.state().question
    assert question is not None
    assert (question.id, question.form) == ("P3", "directed")
    sitting.go("3")
    sitting.write(3, sheet(3).model_copy(update={"celebrity": None}), "")
    sitting.finish_step()
    question = sitting.state().question
    assert question is not None
    assert (question.id, question.form) == ("P1", "open")


def test_who_says_no_is_asked_as_before(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    silence(sitting, hand, 90)
    sitting.answer("P12", Answer(), "", "do_not_know")
    sitting.finish_step()
    question = sitting.state().question
    assert question is not None
    assert question.form == "open"


def test_silence_at_a_question_makes_that_one_narrower(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    sitting.finish_step()
    assert silence(sitting, hand, 95) == "P12"
    sitting.answer("P12", Answer(), "", "directed")
    question = sitting.state().question
    assert question is not None
    assert (question.id, question.form) == ("P2", "directed")


def test_writing_ends_a_silence_and_a_pause_is_none(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand, mode="practice")
    hand.on(80)
    sitting.write(1, sheet(1), "a word")
    assert silence(sitting, hand, 80) is None
    sitting.pause()
    assert silence(sitting, hand, 500) is None
    sitting.resume()
    assert silence(sitting, hand, 80) is None
    assert silence(sitting, hand, 20) == "P12"
    sitting.write(1, sheet(1), "another word")
    assert sitting.state().question is None
    assert sitting.transcript().probes[0].outcome == "unanswered"


def test_extra_time_makes_silence_longer_and_step_7_has_none(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand, extra=2.0)
    assert silence(sitting, hand, 170) is None
    assert silence(sitting, hand, 20) == "P12"
    other = begun(tmp_path, hand)
    for phase in ("5", "change", "6", "7"):
        other.go(phase)  # type: ignore[arg-type]
    assert silence(other, hand, 200) is None


def test_a_question_asked_in_no_step_of_a_file_edited_by_hand_can_be_answered(tmp_path: Path, hand: Hand):
    for probe in ("P1", "P3", "P4", "P9", "P11"):
        sitting = begun(tmp_path, hand)
        sitting.go("5")
        sitting.go("change")
        sitting._log.add(lambda _, probe=probe: [("asked", {"probe": probe, "phase": "change"})])
        sitting.answer(probe, Answer(), "A word.", "open")
        question = sitting.state().question
        assert question is None or question.form == "directed"


def test_a_part_that_nothing_asked_for_is_named(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    fill(sitting, 1, 4, s4_extra_stores=("graph_database",))
    sitting.finish_step()
    state = sitting.state()
    assert state.line == "What breaks if I remove the graph database?"
    sitting.answer("P10", Answer(moves="home_ms.p99"), "", "open")
    assert sitting.state().question is None
    answer = sitting.transcript().probes[0].structured
    assert (answer.component, answer.moves) == ("graph_database", "home_ms.p99")


def test_what_collides_is_put_side_by_side(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    fill(sitting, 1, 3, s3_strategy="push")
    sitting.finish_step()
    while (question := sitting.state().question) is not None and question.id != "P11":
        sitting.answer(question.id, Answer(), "", "do_not_know")
    assert question is not None
    assert question.text == "You said that large accounts are pulled and configured push for everybody. Which?"
    assert {one.key for one in question.options["choice"]} == {"claimed", "configured"}
    sitting.answer("P11", Answer(choice="configured"), "", "open")
    assert sitting.state().question is None


OWN = """
[weights]
5e = 4
[[probes]]
id = "I1"
after = 5
missing = "lanes"
open = "Who waits when the queue is full?"
directed = "How long does the queue take to empty?"
fields = ["drain_s"]
criterion = "5e"
[[probes]]
id = "I2"
after = 5
open = "What would you leave for next year?"
directed = "Which part is the least needed?"
"""


def test_questions_of_an_instructor(tmp_path: Path, hand: Hand):
    own = of_text(OWN, "own.toml")
    sitting = begun(tmp_path, hand, instructor=own)
    fill(sitting, 5, s5_estimate=estimates(5, drain_s=500.0))
    sitting.finish_step()
    question = sitting.state().question
    assert question is not None
    assert (question.id, question.text, question.fields) == ("I1", "Who waits when the queue is full?", ("drain_s",))
    sitting.answer("I1", Answer(drain_s=15.0), "", "open")
    assert ids(sitting) == ["I1", "I2"]
    sitting.answer("I2", Answer(), "Nothing.", "open")
    whole = sitting.transcript()
    assert [(one.id, one.criterion, one.outcome) for one in whole.probes] == [
        ("I1", "5e", "open"),
        ("I2", None, "open"),
    ]
    assert sitting.rubric().criteria["5e"].weight == 4
    run = whole.run.model_copy(update={"base": _peak()})
    line = next(one for one in grade(whole.model_copy(update={"run": run})).lines if one.criterion == "5e")
    assert (line.credit, line.factor) == (0.75, 0.75)


def test_marks_in_an_instructors_question_are_only_marks(tmp_path: Path, hand: Hand):
    own = of_text(OWN.replace("Who waits when", "Who {waits} when {").replace('missing = "lanes"', ""), "own.toml")
    sitting = begun(tmp_path, hand, instructor=own)
    fill(sitting, 5)
    sitting.finish_step()
    assert sitting.state().line == "Who {waits} when { the queue is full?"


def test_an_instructors_question_that_is_not_due(tmp_path: Path, hand: Hand):
    own = of_text(OWN.replace('after = 5\nopen = "What', 'after = 6\nopen = "What'), "own.toml")
    sitting = begun(tmp_path, hand, instructor=own)
    fill(sitting, 5, s5_lanes=("own_timeline", "normal"))
    sitting.finish_step()
    assert sitting.state().question is None


def _peak() -> Any:
    from lessons.interview.measured import Part
    from lessons.interview.sitting.events import as_tuples
    from tests.lessons.interview.candidates import part

    return Part.model_validate(as_tuples(part(peak={"queue_depth_peak": 5000, "drain_s": 15.0})))
