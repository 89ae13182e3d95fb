"""A whole interview through its interface, opened anew after every act; nothing is lost, and nothing raises but a
sentence."""

import json
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from engine.errors import InvalidInput, MurmurationError, NotAllowed, UnknownName
from lessons.interview.grade import grade
from lessons.interview.runs import config_of_change
from lessons.interview.sheet import Next, Sheet1, Sheet2, Sheet5, Sheet6, Sheet7
from lessons.interview.sitting import Sitting, SittingError, kept
from lessons.interview.sitting.state import State
from lessons.interview.transcript import Answer, Claim, Predicted, from_json
from tests.lessons.interview.sitting.hand import BEGAN, Hand, again, begun, fill, first, ids, last, run, sheet, text

Act = Callable[[Sitting], None]


@pytest.fixture
def hand() -> Hand:
    return Hand()


def whole_interview(practice: bool) -> Iterator[Act]:
    """Every act there is, in a plausible order."""
    wider = {"s3_celebrity": None, "s4_extra_stores": ("search_cluster",)}
    yield lambda s: s.write(1, sheet(1), text(1))
    if practice:
        yield lambda s: s.hint("1f") and None
        yield lambda s: s.pause()
        yield lambda s: s.resume()
    yield lambda s: s.finish_step()
    yield lambda s: s.go("2")
    yield lambda s: s.write(2, Sheet2(api=("post", "home"), paging="cursor", read_your_writes=False), "")
    yield lambda s: fill(s, 3, **wider)
    yield lambda s: s.restate(3, "push grows with followers")
    yield lambda s: s.drop_chip(3, 0)
    yield lambda s: s.finish_step()
    yield lambda s: s.answer("P1", Answer(), "", "directed")
    yield lambda s: s.answer("P1", Answer(celebrity="pull", seconds=100.0), "They wait behind it.", "directed")
    yield lambda s: fill(s, 4, 5, **wider)
    yield lambda s: s.finish_step()
    yield lambda s: s.answer("P10", Answer(), "", "do_not_know")
    yield lambda s: s.go("change")
    yield lambda s: s.keep_runs("first", first().ran, first())
    yield lambda s: s.change(
        s.state().steps.model_copy(
            update={"s5": s.state().steps.s5.model_copy(update={"structured": Sheet5(queue="durable", workers=900.0)})}
        ),
        (Predicted(metric="visible_lag_ms.p99", to=1500.0),),
        "More workers.",
    )
    yield lambda s: fill(s, 6)
    yield lambda s: s.finish_step()
    yield lambda s: s.keep_runs("second", (run("change_after"), run("U3"), run("U5"), run("shard_down")))
    yield lambda s: s.go("7")
    yield lambda s: s.write(7, Sheet7(bottleneck="workers", next=Next.model_validate({"from": 900.0})), "")
    yield lambda s: s.claim(Claim(metric="visible_lag_ms.p99", value=900.0, scope="base", cause="workers"))
    yield lambda s: s.claim(Claim(text="Home took 6 s.", metric="home_ms.p99", value=6.0))
    yield lambda s: s.answer("claim", Answer(choice="configured"), "", "directed")
    yield lambda s: s.retract(1)
    yield lambda s: s.tick()
    yield lambda s: s.finish()
    yield lambda s: s.keep_last(last())


@pytest.mark.parametrize("practice", [False, True])
def test_whatever_happens_a_reload_finds_the_same(tmp_path: Path, hand: Hand, practice: bool):
    sitting = begun(tmp_path, hand, mode="practice" if practice else "strict")
    seen: list[State] = []
    for number, act in enumerate(whole_interview(practice)):
        hand.on(20)
        act(sitting)
        state = sitting.state()
        sitting = again(sitting, hand)
        assert sitting.state() == state, number
        assert len(state.line.split()) <= 25
        seen.append(state)
    assert len({state.line for state in seen}) > 8
    state = seen[-1]
    assert state.over
    assert state.stages == {"first", "second", "last"}
    assert state.steps.s1.structured == sheet(1)
    assert state.steps.s7.structured.next.from_ == 900
    assert state.steps.s2.structured.read_your_writes is False
    assert [one.retracted for one in state.claims] == [False, True]
    assert state.hints_left == (4 if practice else 0)
    assert [(one.id, one.form, one.outcome) for one in state.asked if one.id == "P1"] == [
        ("P1", "directed", "directed")
    ]


def test_a_process_that_is_killed_after_any_event_loses_nothing_but_its_time(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand, process="0")
    clock = 0.0
    for number, act in enumerate(whole_interview(False)):
        hand.on(20)
        act(sitting)
        before = sitting.state()
        clock += 20
        hand.on(3600)
        sitting = again(sitting, hand, process=str(number + 1))
        after = sitting.state()
        assert after.steps == before.steps
        assert (after.phase, after.opened_order, after.question) == (before.phase, before.opened_order, before.question)
        assert (after.claims, after.changed_steps, after.chips) == (before.claims, before.changed_steps, before.chips)
        sitting.tick()
    assert sitting.state().clock.elapsed_s <= clock


def write_on(sitting: Sitting, told: Connection) -> None:
    """Until it is killed; tells each text when it is kept."""
    for number in range(10**6):
        sitting.write(1, Sheet1(), f"text {number}")
        told.send(number)


def test_what_was_acknowledged_before_a_kill_is_there(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    here, there = multiprocessing.get_context("fork").Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=write_on, args=(sitting, there))
    child.start()
    there.close()
    while here.recv() < 20:
        pass
    child.kill()
    child.join()
    last_told = 20
    with suppress(EOFError):
        while True:
            last_told = here.recv()
    found = int(again(sitting, hand).state().steps.s1.free_text.removeprefix("text "))
    assert found in (last_told, last_told + 1)
    sitting.write(1, Sheet1(), "and on")
    assert again(sitting, hand).state().steps.s1.free_text == "and on"


def test_the_file_torn_anywhere_still_opens(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    for act in whole_interview(False):
        act(sitting)
    path = tmp_path / sitting.id / "events.jsonl"
    whole = path.read_bytes()
    first_line = whole.index(b"\n") + 1
    for cut in range(first_line, len(whole), len(whole) // 12):
        path.write_bytes(whole[:cut])
        opened = again(sitting, hand)
        assert len(opened.state().line.split()) <= 25
    grade(opened.transcript())


@pytest.mark.parametrize("number", range(12))
def test_any_line_may_be_gone_or_twice_or_nonsense(tmp_path: Path, hand: Hand, number: int):
    sitting = begun(tmp_path, hand)
    for act in whole_interview(False):
        act(sitting)
    path = tmp_path / sitting.id / "events.jsonl"
    lines = path.read_text().splitlines()[1:]
    head = path.read_text().splitlines()[0]
    chosen = [place for place in range(len(lines)) if place % 12 == number]
    broken = []
    for place, line in enumerate(lines):
        event = json.loads(line)
        if place in chosen:
            for data in (
                {},
                {**event["data"], "step": 99, "phase": "9", "probe": "P77", "index": 10**9},
                {"x": [[[]]]},
            ):
                broken.append(json.dumps({**event, "id": f"{place}-{len(broken)}", "data": data}))
        else:
            broken.append(line)
    for those in (broken, [one for place, one in enumerate(lines) if place not in chosen], lines[::-1]):
        path.write_text("\n".join([head, *those]) + "\n")
        opened = again(sitting, hand)
        assert len(opened.state().line.split()) <= 25
        grade(opened.transcript())


def test_what_cannot_be_read_at_all_is_one_sentence(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    for name in ("000000000000", "../etc", "", sitting.id.upper() + "x", "a" * 500):
        with pytest.raises(UnknownName, match="There is no interview"):
            Sitting.open(tmp_path, name, hand)
    path = tmp_path / sitting.id / "events.jsonl"
    for content in (b"", b"\x00\xff\n", b'{"id":"a","at":1,"by":"b","kind":"begun","data":{"level":"boss"}}\n'):
        path.write_bytes(content)
        with pytest.raises(UnknownName, match="can be read"):
            again(sitting, hand)
        with pytest.raises(UnknownName):
            sitting.write(1, Sheet1(), "x")
        assert kept(tmp_path) == ()


def test_runs_that_cannot_be_read_are_as_if_not_kept(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    sitting.keep_runs("first", first().ran, first())
    sitting.keep_last(last())
    runs = tmp_path / sitting.id / "runs"
    assert sitting.transcript().run.base is not None
    for content in ("", "null", "[1]", '{"scope": "base"}', '{"scope":"base","part":{"cost":3},"series":{},"marks":[]}',
                    '{"scope":"base","part":{},"series":{"x":[1]},"marks":[[1]]}', "[" * 10_000):  # fmt: skip
        for path in runs.iterdir():
            path.write_text(content)
        assert sitting.ran("base") is None
        whole = sitting.transcript()
        assert whole.run.base is None
        grade(whole)


def test_runs_come_back_as_they_were_kept(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    one = run("base")
    sitting.keep_runs("first", [one], first())
    back = again(sitting, hand).ran("base")
    assert back is not None
    assert (back.part, back.marks) == (one.part, one.marks)
    assert str(back.series) == str(one.series)
    assert not [path for path in (tmp_path / sitting.id / "runs").iterdir() if path.name.startswith(".")]
    with pytest.raises(InvalidInput, match="no scope"):
        sitting.keep_runs("second", [run("../x")])
    assert sitting.state().stages == {"first"}


def test_the_transcript_has_all_of_it_and_can_be_graded(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand, language="en")
    for act in whole_interview(False):
        hand.on(30)
        act(sitting)
    whole = sitting.transcript()
    exported = from_json(whole.model_dump_json(by_alias=True, exclude_none=True))
    assert exported.model_dump(exclude={"run"}) == whole.model_dump(exclude={"run"})
    assert grade(exported).to_json() == grade(whole).to_json()
    assert (whole.id, whole.level_target, whole.mode, whole.language) == (sitting.id, "senior", "strict", "en")
    assert whole.opened_order == ("1", "2", "3", "4", "5", "change", "6", "7")
    assert set(whole.minutes) == {"1", "2", "3", "4", "5", "change", "6", "7"}
    assert sum(whole.minutes.values()) == pytest.approx(sitting.state().clock.elapsed_s / 60, abs=0.01)
    assert whole.config == first().knobs
    assert whole.scale == 1000
    assert whole.run.base == run("base").part
    assert set(whole.run.unforeseen) == {"U3", "U5"}
    assert set(whole.run.faults) == {"shard_down"}
    assert set(whole.run.ablation) == {"coalescing"}
    assert whole.change.variant == "V1"
    assert whole.change.structured.predicts[0].to == 1500
    changed = sitting.state().changed_steps
    assert changed is not None
    assert whole.change.structured.config_diff == dict(config_of_change(whole, changed)) != {}
    assert "deletes" not in whole.change.structured.config_diff, "step 6 was written after the change, and is the same"
    assert [(one.id, one.outcome) for one in whole.probes[:1]] == [("P1", "directed")]
    assert len(whole.claims) == 2
    report = grade(whole, rubric=sitting.rubric())
    line = next(one for one in report.lines if one.criterion == "3c")
    assert (line.credit, line.factor) == (0.5, 0.5), "an answer to the narrower question, at senior"


def test_hints_arrive_in_the_report(tmp_path: Path, hand: Hand):
    factors = []
    for count in range(4):
        sitting = begun(tmp_path, hand, mode="practice")
        sitting.write(1, sheet(1), text(1))
        for _ in range(count):
            sitting.hint("1a")
        line = next(one for one in grade(sitting.transcript()).lines if one.criterion == "1a")
        assert line.credit == line.factor
        factors.append(line.factor)
    assert factors == [1, 0.9, 0.6, 0]


def test_five_hints_in_practice_and_none_in_strict(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand, mode="practice")
    told = [sitting.hint("3c") for _ in range(3)]
    assert len(set(told)) == 3
    with pytest.raises(NotAllowed, match="for 3c"):
        sitting.hint("3c")
    sitting.hint("3d")
    sitting.hint("3d")
    assert sitting.state().hints_left == 0
    with pytest.raises(NotAllowed, match="All 5"):
        sitting.hint("4a")
    with pytest.raises(InvalidInput, match="criterion"):
        sitting.hint("9z")
    hints = sitting.state().hints
    assert [(one.criterion, one.grade, one.lesson) for one in hints[:3]] == [
        ("3c", "H1", None), ("3c", "H2", None), ("3c", "H3", "celebrity"),
    ]  # fmt: skip
    assert [one.text for one in hints[:3]] == told
    strict = begun(tmp_path, hand)
    assert strict.state().hints_left == 0
    with pytest.raises(NotAllowed, match="no hints in strict"):
        strict.hint("3c")
    strict._log.add(lambda _: [("hinted", {"criterion": "3c", "grade": "H1"})])
    assert strict.state().hints == strict.transcript().hints == ()


def test_steps_open_in_their_order(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    assert sitting.state().may_go == ("2", "3", "4", "5")
    for phase in ("change", "6", "7"):
        with pytest.raises(NotAllowed, match="cannot be opened yet"):
            sitting.go(phase)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="step"):
        sitting.go("9")  # type: ignore[arg-type]
    with pytest.raises(NotAllowed, match="not been opened"):
        sitting.write(7, Sheet7(), "x")
    with pytest.raises(NotAllowed, match="not been told"):
        sitting.change(sitting.state().steps, (), "")
    with pytest.raises(NotAllowed, match="step 7"):
        sitting.claim(Claim(metric="deliveries", value=1.0))
    sitting.go("5")
    assert "change" in sitting.state().may_go
    sitting.go("change")
    assert "6" in sitting.state().may_go
    sitting.go("6")
    assert "7" in sitting.state().may_go
    sitting.go("7")
    assert sitting.state().may_go == ("1", "2", "3", "4", "5", "change", "6", "debrief")
    sitting.go("1")
    assert sitting.state().opened_order == ("1", "5", "change", "6", "7", "1")
    assert "open again" in sitting.state().line


def test_the_new_requirement_waits_for_the_first_runs(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    sitting.go("5")
    sitting.go("change")
    state = sitting.state()
    assert state.variant is None
    assert "being run" in state.line
    sitting.keep_runs("first", first("V3").ran, first("V3"))
    state = sitting.state()
    assert (state.variant, state.notes, state.why) == ("V3", ("Two sizes were assumed.",), "It bites.")
    assert "final whistle" in state.line
    other = begun(tmp_path, hand)
    other.go("5")
    other.go("change")
    other.keep_runs("first", ())
    state = other.state()
    assert state.variant == state.drawn.variants[0]
    assert "New requirement" in state.line
    assert other.transcript().config == {}
    grade(other.transcript())


def test_a_part_entered_before_the_requirements_is_told_to_the_grader(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    fill(sitting, 3)
    fill(sitting, 1)
    assert sitting.transcript().opened_order == ("3", "1")
    assert [one.kind for one in grade(sitting.transcript()).deductions] == ["services before requirements"]
    other = begun(tmp_path, hand)
    fill(other, 1, 3, 1)
    assert other.transcript().opened_order == ("1", "3", "1")
    assert grade(other.transcript()).deductions == ()


def test_the_changed_sheet_follows_the_first_one_but_for_what_was_changed(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    fill(sitting, 3, 5)
    sitting.go("change")
    steps = sitting.state().steps
    deletes = steps.s6.model_copy(update={"structured": Sheet6(deletes="filter")})
    slower = steps.s3.model_copy(update={"structured": sheet(3).model_copy(update={"threshold": None})})
    sitting.change(steps.model_copy(update={"s6": deletes, "s3": slower}), (), "A filter, and no threshold.")
    fill(sitting, 6, s6_deletes="remove")
    sitting.go("5")
    sitting.write(5, sheet(5).model_copy(update={"workers": 700.0}), "more of them")
    state = sitting.state()
    changed = state.changed_steps
    assert changed is not None
    assert changed.s6.structured == sheet(6).model_copy(update={"deletes": "filter"})
    assert changed.s3.structured == sheet(3).model_copy(update={"threshold": None})
    assert changed.s5 == state.steps.s5
    assert state.steps.s6.structured.deletes == "remove", "the first one stays as it was written"
    path = tmp_path / sitting.id / "events.jsonl"
    before = path.read_bytes()
    sitting.change(changed, (), "A filter, and no threshold.")
    assert path.read_bytes() == before, "nothing was changed"


def test_what_a_change_takes_away_is_no_setting(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    fill(sitting, 1, 3, 5)
    sitting.go("change")
    fill(sitting, 6)
    steps = sitting.state().steps
    without = steps.s6.model_copy(update={"structured": sheet(6).model_copy(update={"deletes": None, "degrade": ()})})
    sitting.change(steps.model_copy(update={"s6": without}), (), "")
    whole = sitting.transcript()
    assert whole.change.structured.config_diff
    assert None not in whole.change.structured.config_diff.values()
    assert from_json(whole.model_dump_json(by_alias=True)).change == whole.change


def test_writing_the_same_again_writes_nothing(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    path = tmp_path / sitting.id / "events.jsonl"
    sitting.write(1, sheet(1), "text")
    before = path.read_bytes()
    sitting.write(1, sheet(1), "text")
    assert path.read_bytes() == before
    sitting.write(1, Sheet1(), "")
    assert sitting.state().steps.s1.free_text == ""
    assert sitting.state().steps.s1.structured == Sheet1()


def test_what_is_no_sheet_is_refused(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    for step, structured in ((1, Sheet2()), (0, Sheet1()), (9, Sheet1()), (1, Answer())):
        with pytest.raises(InvalidInput, match="no sheet"):
            sitting.write(step, structured, "")
    with pytest.raises(InvalidInput, match="free_text"):
        sitting.write(1, Sheet1(), "a" * 20_001)
    sitting.write(1, Sheet1(), "half \ud800 a character, and \x00")
    assert sitting.state().steps.s1.free_text == "half ? a character, and \x00"
    from_json(sitting.transcript().model_dump_json(by_alias=True))


def test_two_tabs_write_to_one_interview(tmp_path: Path, hand: Hand):
    one = begun(tmp_path, hand)
    other = again(one, hand)
    one.write(1, Sheet1(must=("home",)), "one")
    other.go("2")
    other.write(2, Sheet2(paging="cursor"), "")
    one.finish_step()
    state = one.state()
    assert state == other.state()
    assert state.phase == "2"
    one.write(1, Sheet1(must=("post",)), "two")
    assert other.state().steps.s1.structured.must == ("post",)


@pytest.mark.parametrize(
    "wrong", [{"level": "boss"}, {"mode": "easy"}, {"seed": -1}, {"seed": 2**63}, {"seed": True}, {"seed": 1.5},
              {"language": "x" * 40}],
)  # fmt: skip
def test_what_no_interview_begins_with(tmp_path: Path, hand: Hand, wrong: dict[str, Any]):
    with pytest.raises(InvalidInput):
        begun(tmp_path, hand, **wrong)
    assert kept(tmp_path) == ()


def test_kept_interviews_the_newest_first_and_repeats(tmp_path: Path, hand: Hand):
    assert kept(tmp_path / "nowhere") == ()
    one = begun(tmp_path, hand)
    hand.on(10)
    other = begun(tmp_path, hand, seed=8, mode="practice", level="mid")
    hand.on(10)
    third = begun(tmp_path, hand)
    one.finish()
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "0123456789ab").mkdir()
    found = kept(tmp_path)
    assert [(entry.id, entry.seed, entry.over) for entry in found] == [
        (third.id, 7, False), (other.id, 8, False), (one.id, 7, True),
    ]  # fmt: skip
    assert found[-1].began_at == BEGAN
    assert [entry.state().repeat for entry in (one, other, third)] == [False, False, True]


def test_readings_are_taken_back_by_their_place(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    hand.on(2400)
    sitting.tick()
    sitting.claim(Claim(metric="deliveries", value=1.0))
    for index in (-1, 1, True):
        with pytest.raises(InvalidInput, match="no reading"):
            sitting.retract(index)
    hand.on(400)
    assert sitting.state().locked
    sitting.retract(0)
    assert sitting.state().claims[0].retracted, "until the debrief"
    sitting.finish()
    with pytest.raises(NotAllowed, match="over"):
        sitting.retract(0)


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path, hand: Hand):
    place = tmp_path / "file"
    place.write_text("")
    with pytest.raises(SittingError, match="could not be begun"):
        begun(place, hand)
    sitting = begun(tmp_path / "ok", hand)
    (tmp_path / "ok" / sitting.id / "runs").write_text("")
    with pytest.raises(MurmurationError, match="could not be written"):
        sitting.keep_runs("first", first().ran, first())
    assert sitting.state().stages == frozenset()


def test_no_more_than_six_questions_and_two_a_step(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand, level="staff")
    for step in ("1", "3", "4", "5", "6"):
        if step == "6":
            sitting.go("change")
        sitting.go(step)  # type: ignore[arg-type]
        if step == "3":
            sitting.write(3, sheet(3).model_copy(update={"strategy": "push", "celebrity": None}), "")
        if step == "5":
            sitting.write(5, Sheet5(queue="durable"), "")
        if step == "4":
            sitting.write(4, sheet(4).model_copy(update={"consequence": None, "extra_stores": ("search_cluster",)}), "")
        sitting.finish_step()
        while (question := sitting.state().question) is not None:
            sitting.answer(question.id, Answer(), "", "do_not_know")
        sitting.finish_step()
        assert sitting.state().question is None, "two a step, however often it is done"
    assert ids(sitting) == ["P2", "P1", "P4", "P8", "P10", "P3"]
    assert len(sitting.transcript().probes) == 6
