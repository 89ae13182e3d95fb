"""All cards of a learner, from their events."""

from pathlib import Path

import pytest

from engine.errors import InvalidInput
from lessons.drills import cards
from lessons.drills.cards import Card, card_of
from lessons.drills.deck import answer, deck
from lessons.drills.spacing import DAY_S
from lessons.progress import Event, Progress

NOON_S = 20_000.5 * DAY_S


class Clock:
    now = NOON_S

    def __call__(self) -> float:
        return self.now


def made(event: Event) -> Card | None:
    """A card of a question of our own; junk where the event says so."""
    if event.data["right"]:
        return None
    return Card(f"own.{event.subject}", "Own", "Why?", (("a", "this"), ("b", "that")), "b", "Because.", "/load")


@pytest.fixture(autouse=True)
def maker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cards.MAKERS, "answered", made)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def progress(tmp_path: Path, clock: Clock) -> Progress:
    return Progress.open(tmp_path / "me.jsonl", clock)


def test_nobody_who_did_nothing_has_cards(progress: Progress):
    today = deck(progress.events(), NOON_S)
    assert (today.due, today.later, today.known, today.calendar) == ((), (), (), {})


def test_several_cards_each_go_their_own_way(progress: Progress, clock: Clock):
    for subject in ("one", "two", "three"):
        progress.append("answered", subject, right=False)
    progress.append("answered", "fine", right=True)
    clock.now += DAY_S
    due = {one.card.id: one.card for one in deck(progress.events(), clock.now).due}
    assert set(due) == {"own.one", "own.two", "own.three"}
    assert answer(progress, due["own.one"], "b") is True
    assert answer(progress, due["own.two"], "a") is False
    today = deck(progress.events(), clock.now)
    assert [one.card.id for one in today.due] == ["own.three"]
    assert today.calendar == {0: 1, 1: 1, 2: 1}
    assert [one.card.id for one in today.later] == ["own.two", "own.one"]


def test_a_card_that_is_right_four_times_is_known_and_a_new_mistake_brings_it_back(progress: Progress, clock: Clock):
    progress.append("answered", "one", right=False)
    for days in (1, 2, 4, 7):
        clock.now += days * DAY_S
        (due,) = deck(progress.events(), clock.now).due
        answer(progress, due.card, "b")
    today = deck(progress.events(), clock.now)
    assert ([one.card.id for one in today.known], today.calendar) == (["own.one"], {})
    progress.append("answered", "one", right=False)
    assert deck(progress.events(), clock.now).calendar == {1: 1}


def test_those_that_have_waited_longest_come_first(progress: Progress, clock: Clock):
    for subject in ("z", "m", "a"):
        progress.append("answered", subject, right=False)
        clock.now += DAY_S
    assert [one.card.id for one in deck(progress.events(), clock.now).due] == ["own.z", "own.m", "own.a"]


def test_an_answer_that_is_no_option_is_refused_and_not_kept(progress: Progress):
    card = made(progress.append("answered", "one", right=False))
    assert card is not None
    with pytest.raises(InvalidInput, match="allowed: a, b"):
        answer(progress, card, "c")
    assert progress.events("drilled") == ()


@pytest.mark.parametrize("data", [{}, {"right": []}])
def test_an_event_that_its_maker_cannot_read_makes_no_card(progress: Progress, data: dict[str, object]):
    event = progress.append("answered", "one", **data)
    assert (card_of(event) is None) == ("right" not in data)
    assert card_of(progress.append("nobody knows", "one")) is None


@pytest.mark.parametrize(
    "change",
    [{"options": (("a", "one"),)}, {"options": (("a", "x"), ("a", "y"))}, {"options": (("a", "x"), ("b", "x"))},
     {"answer": "z"}, {"question": ""}, {"link": "https://elsewhere"}, {"link": "//elsewhere"}, {"because": 5}],
)  # fmt: skip
def test_a_card_whose_parts_do_not_fit_is_refused(change: dict[str, object]):
    fine = {"id": "i", "source": "s", "question": "q", "options": (("a", "x"), ("b", "y")), "answer": "a",
            "because": "b", "link": "/load"}  # fmt: skip
    Card(**fine)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="card"):
        Card(**fine | change)  # type: ignore[arg-type]


def test_two_tabs_that_answer_the_same_card_step_it_once(progress: Progress, clock: Clock):
    progress.append("answered", "one", right=False)
    clock.now += DAY_S
    (due,) = deck(progress.events(), clock.now).due
    answer(progress, due.card, "b")
    answer(progress, due.card, "b")
    (later,) = deck(progress.events(), clock.now).later
    assert later.standing.step == 1


def test_every_maker_can_be_imported(tmp_path: Path):
    """With an event that says nothing, each at least exists and refuses in a way that is expected."""
    for kind in cards.MAKERS:
        assert card_of(Event("0" * 32, 0.0, kind, "x", {})) is None
