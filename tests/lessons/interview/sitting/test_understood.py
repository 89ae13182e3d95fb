"""Chips: what was understood, never what is missing; taken back, and said again."""

from pathlib import Path

import pytest

from engine.errors import InvalidInput, NotAllowed
from lessons.interview.grade import grade
from lessons.interview.sitting.sentence import difference
from lessons.interview.sitting.understood import RELATIONS, chips
from lessons.interview.transcript import Claim
from tests.lessons.interview.sitting.hand import Hand, begun, fill, sheet

SAID = "Pushing costs one insert for each follower, so it grows with followers; pulling grows with followees."


@pytest.fixture
def hand() -> Hand:
    return Hand()


def test_what_was_understood_in_the_order_of_the_text():
    found = chips(3, SAID, "hybrid")
    assert [one.text for one in found][-1] == "pull grows with accounts followed"
    assert "push grows with followers" in found[0].text
    assert all(one.quote in SAID for one in found)
    places = [SAID.index(one.quote) for one in found]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "text", ["", "   ", "Kafka, Redis and scalability.", "porque la cola es buena para los usuarios"]
)
def test_nothing_understood_is_no_chip_and_no_word_on_it(text: str):
    assert chips(3, text, "other") == ()


def test_each_chip_has_words_of_its_own():
    text = (SAID + " ") * 3 + "We do not push to celebrities because 30 million inserts would take too long."
    found = chips(3, text, "hybrid")
    end = 0
    for one in found:
        at = text.find(one.quote, end)
        assert at >= 0
        end = at + len(one.quote)
    assert len(found) <= 8


def test_a_chip_that_is_taken_back_counts_no_more_and_its_words_stay(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    grid = sheet(3).who_pays.model_copy(
        update={"push": type(sheet(3).who_pays.push)(), "pull": type(sheet(3).who_pays.pull)()}
    )
    fill(sitting, 3, s3_text=SAID, s3_who_pays=grid)
    assert credit(sitting, "3b") == 1
    place = next(at for at, one in enumerate(sitting.state().chips[3]) if "pull" in one.text)
    sitting.drop_chip(3, place)
    state = sitting.state()
    assert state.steps.s3.free_text == SAID
    assert not [one for one in state.chips[3] if "pull" in one.text]
    assert "pulling" not in sitting.transcript().steps.s3.free_text
    assert credit(sitting, "3b") == 0.5
    sitting.restate(3, "pulling grows with followees")
    assert sitting.state().restated == {3: "pulling grows with followees"}
    assert credit(sitting, "3b") == 1
    with pytest.raises(InvalidInput, match="no chip"):
        sitting.drop_chip(3, 99)


def credit(sitting: object, criterion: str) -> float:
    report = grade(sitting.transcript(), "mid")  # type: ignore[attr-defined]
    return next(one.credit for one in report.lines if one.criterion == criterion)


def test_a_restatement_is_in_the_template_and_once_a_step(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    for text in (
        "push is good",
        "grows with followers",
        "push grows with",
        "",
        "a because b because c",
        "x" * 400 + " if y",
    ):
        with pytest.raises(InvalidInput, match="A restatement is"):
            sitting.restate(1, text)
    for step, relation in enumerate(RELATIONS, 2):
        sitting.go(str(step))  # type: ignore[arg-type]
        sitting.restate(step, f"one thing  {relation} another thing")
        assert sitting.state().restated[step] == f"one thing {relation} another thing"
        with pytest.raises(NotAllowed, match="One restatement"):
            sitting.restate(step, f"one thing {relation} another thing")
        if step == 5:
            break
    with pytest.raises(NotAllowed, match="not been opened"):
        sitting.restate(6, "a if b")
    with pytest.raises(InvalidInput, match="step"):
        sitting.restate(0, "a if b")


def test_a_restatement_never_makes_a_text_too_long(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    sitting.write(1, sheet(1), "a" * 20_000)
    sitting.restate(1, "push grows with followers")
    text = sitting.transcript().steps.s1.free_text
    assert len(text) == 20_000
    assert text.endswith("\npush grows with followers.")


# A reading as a sentence and as fields


def reading(text: str, metric: str = "visible_lag_ms.p99", value: float | None = 900.0, **more: object) -> Claim:
    return Claim(text=text, metric=metric, value=value, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "claim",
    [
        reading(""),
        reading("It was slow."),
        reading("The p99 is 900 ms."),
        reading("The lag is 0.9 s at most."),
        reading("About 1 s."),
        reading("Of 2,000 posts the lag was 900 ms."),
        reading("lag 900 ms, because the workers wait", cause="workers"),
        reading("It is 70 %.", "stations.workers.util", 0.7),
        reading("It is 0.7.", "stations.workers.util", 0.7),
        reading("5,000 copies waited for 30 s.", "queue_depth_peak", 5000.0),
        reading("above 800 ms", value=800.0, op="above"),
        reading("Lag is above that of the queue, 3 s.", value=None, other="fanout_lag_ms.p99"),
        reading("the post cache is to blame", cause="post_caches"),
        reading("more than 900 ms but under 2 s", op="above"),
    ],
)
def test_a_sentence_that_says_the_same_or_nothing_is_not_asked_about(claim: Claim):
    assert difference(claim) is None


@pytest.mark.parametrize(
    ("claim", "sentence", "fields", "instead"),
    [
        (reading("The lag is 4 s."), "4,000 ms", "900 ms", 4000.0),
        (reading("It is 70 %.", "stations.workers.util", 0.2), "0.7 share", "0.2 share", 0.7),
        (reading("5k copies waited.", "queue_depth_peak", 50.0), "5,000 copies", "50 copies", 5000.0),
        (reading("below 900 ms", op="above"), "below", "above", None),
        (reading("at least 900 ms", op="at_most"), "at least", "at most", None),
        (reading("because the replicas are full", cause="workers"), "replicas", "workers", None),
    ],
)
def test_a_sentence_that_says_something_else_is(claim: Claim, sentence: str, fields: str, instead: float | None):
    found = difference(claim)
    assert found is not None
    assert (found.sentence, found.fields) == (sentence, fields)
    assert found.instead == (pytest.approx(instead) if instead is not None else None)
