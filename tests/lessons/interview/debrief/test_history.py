"""What a learner's file keeps of interviews, and what follows from it."""

import pytest

from engine.errors import InvalidInput
from lessons.drills.deck import deck
from lessons.interview.base import LEVELS
from lessons.interview.debrief.flash import ADVISED
from lessons.interview.debrief.history import INTERVIEWED, Result, lean_over_time, note, results, trend
from lessons.progress import Progress
from tests.lessons.interview.candidates import made
from tests.lessons.interview.debrief.mutations import LOST, OTHERS, of

DAY_S = 86_400.0


@pytest.fixture
def clock():
    return [1_000_000.0]


@pytest.fixture
def progress(tmp_path, clock):
    return Progress.open(tmp_path / "me.jsonl", lambda: clock[0])


def noted(progress, name="one", seed=7, repeat=False, level="senior", changes=None, **more):
    transcript, report, _ = of(made({**(changes or {}), "id": name, **more}), level)
    return report, note(progress, transcript, report, seed, repeat)


def test_an_interview_is_kept_with_all_that_a_trend_needs(progress):
    report, _ = noted(progress, level="staff")
    (one,) = results(progress)
    assert one == Result(
        "one", 1_000_000.0, 7, "staff", "strict", report.score, *report.interval, report.band, report.between, False,
        tuple(round(step.points, 4) for step in report.steps), report.bias, report.spread,
    )  # fmt: skip


@pytest.mark.parametrize("level", LEVELS)
def test_noting_twice_is_noting_once(progress, level):
    noted(progress, level=level)
    before = progress.events()
    noted(progress, level=level)
    assert progress.events() == before
    assert len(progress.events(INTERVIEWED)) == 1


def test_an_interview_without_a_name_is_refused(progress):
    with pytest.raises(InvalidInput):
        noted(progress, name=None)
    assert progress.events() == ()


def test_the_cards_of_the_practices_come_back_in_the_drills(progress, clock):
    noted(progress, changes=LOST["5b"])
    cards = {event.subject for event in progress.events(ADVISED)}
    assert "flash:8" in cards
    clock[0] += DAY_S
    due = {one.card.id for one in deck(progress.events(), clock[0]).due}
    assert due == cards


def test_a_trend_has_first_attempts_of_a_seed_only(progress, clock):
    for place, (name, seed, repeat) in enumerate(
        [("a", 7, False), ("b", 7, True), ("c", 8, False), ("d", 7, False), ("e", 9, True)]
    ):
        clock[0] = 1_000_000.0 + place
        noted(progress, name, seed, repeat)
    found = trend(results(progress))
    assert [one.interview for one in found.strict] == ["a", "c"]
    assert found.practice == ()


def test_strict_and_practice_are_lines_of_their_own(progress, clock):
    noted(progress, "a", 1)
    noted(progress, "b", 2, mode="practice")
    noted(progress, "c", 3, mode=None)
    found = trend(results(progress))
    assert [one.interview for one in found.strict] == ["a"]
    assert [one.interview for one in found.practice] == ["b", "c"]


def test_a_seed_that_was_practised_first_counts_as_practice_alone(progress, clock):
    noted(progress, "a", 1, mode="practice")
    clock[0] += 1
    noted(progress, "b", 1)
    found = trend(results(progress))
    assert (found.strict, [one.interview for one in found.practice]) == ((), ["a"])


def test_a_repeat_is_never_the_best(progress, clock):
    noted(progress, "first", 1, changes=LOST["3a"])
    clock[0] += 1
    noted(progress, "again", 1, True)
    counted = trend(results(progress))
    assert counted.best("senior").interview == "first"
    assert max(one.score for one in results(progress)) > counted.best("senior").score
    assert counted.best("mid") is None
    assert counted.best("senior", "practice") is None


def test_the_best_is_of_one_level(progress, clock):
    noted(progress, "mid", 1, level="mid")
    noted(progress, "senior", 2, level="senior", changes=LOST["3c"])
    counted = trend(results(progress))
    assert (counted.best("mid").interview, counted.best("senior").interview) == ("mid", "senior")


def test_how_estimates_lean_over_time(progress, clock):
    noted(progress, "a", 1)
    clock[0] += 1
    noted(progress, "b", 2, changes={"steps.1.structured.estimate": {"posts_s": 1e9, "reads_s": 1e9}, "run": None})
    clock[0] += 1
    noted(progress, "c", 3, changes={f"steps.{step}.structured.estimate": None for step in (1, 3, 4, 5)})
    found = lean_over_time(results(progress))
    assert len(found) == 2, "an interview without estimates has no lean"
    assert found[0].at < found[1].at
    assert found[1].bias > found[0].bias


@pytest.mark.parametrize("broken", [
    {"score": "x"}, {"score": 101.0}, {"score": True}, {"seed": -1}, {"seed": 1.5}, {"level": "lord"}, {"mode": "easy"},
    {"band": "Great"}, {"interval": [1]}, {"interval": None}, {"steps": [1.0]}, {"between": []}, {"between": ["x"]},
    {"bias": "much"}, {"bias": [1]}, {"level": ["mid"]}, {"band": {}},
])  # fmt: skip
def test_what_is_no_result_is_passed_over(progress, broken):
    _, event = noted(progress)
    whole = dict(event.data)
    progress.append(INTERVIEWED, "imported", **whole)
    progress.append(INTERVIEWED, "broken", **{**whole, **broken})
    assert [one.interview for one in results(progress)] == ["one", "imported"]


def test_an_import_with_the_same_interview_counts_once(progress):
    _, event = noted(progress)
    progress.append(INTERVIEWED, "one", **{**event.data, "score": 1.0})
    (one,) = results(progress)
    assert one.score != 1.0


def test_extra_time_is_not_in_what_is_kept(progress):
    _, event = noted(progress, changes=OTHERS["hinted"])
    assert not {"extra", "minutes", "language", "free_text"} & set(event.data)
