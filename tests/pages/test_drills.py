"""Drills on the page: what is due, answered and put off; a learner's progress out, in and away; and whose it is."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lessons.drills.deck import deck
from lessons.drills.spacing import DAY_S, DAYS
from lessons.estimates.draw import FAMILIES
from lessons.estimates.question import Question
from lessons.estimates.record import reveal, take
from lessons.progress import Progress
from pages.parts import drills_progress, learner
from pages.parts.drills_view import calendar_html, in_days
from pages.parts.inner_link import page_file
from pages.parts.plain_text import plain
from tests.pages.conftest import ROOT

NOW_S = 20_000.5 * DAY_S
POSTS = Question(FAMILIES["posts_per_s"], 4, {"posts": 300e6})
STORAGE = Question(FAMILIES["year_cost"], 2, {"posts": 300e6, "bytes": 1e3, "copies": 3, "price": 0.02})


class Clock:
    now = NOW_S

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(learner, "wall_s", clock)
    return clock


@pytest.fixture
def progress(progress_folder: Path, clock: Clock) -> Progress:
    return Progress.open(progress_folder / "me.jsonl", clock)


@pytest.fixture
def mistaken(progress: Progress, clock: Clock) -> Progress:
    """Two wrong estimates yesterday."""
    clock.now -= DAY_S
    for one in (POSTS, STORAGE):
        reveal(progress, one, take(progress, one, "1"), one.worked.value)
        clock.now += 60
    clock.now = NOW_S
    return progress


def opened() -> AppTest:
    return shown(AppTest.from_file(str(ROOT / "pages" / "practise" / "drills.py"), default_timeout=60).run())


def shown(page: AppTest) -> AppTest:
    assert not page.exception
    assert "Traceback" not in words(page)
    return page


def words(page: AppTest) -> str:
    kinds = (page.title, page.header, page.markdown, page.caption, page.info, page.warning, page.success, page.error)
    return "\n".join(str(each.value) for kind in kinds for each in kind)


def press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click()
    return shown(page.run())


def answer(page: AppTest, label: str) -> AppTest:
    (radio,) = page.radio
    radio.set_value(
        next(key for key, said in zip("abcd", radio.options, strict=True) if said.replace("\\", "") == label)
    )
    return press(page, "Answer")


def test_without_mistakes_the_page_teaches_how_it_works(progress: Progress):
    page = opened()
    assert page.header[0].value == "No cards yet"
    assert "1, 3, 7 and 14 days" in words(page)
    assert not page.radio


def test_a_mistake_of_today_is_not_due_today(progress: Progress):
    reveal(progress, POSTS, take(progress, POSTS, "1"), 3_472.2)
    page = opened()
    assert page.header[0].value == "Nothing is due today"
    assert "**tomorrow**" in words(page)
    assert not page.radio


def test_what_is_due_is_asked_answered_and_put_off(mistaken: Progress):
    page = opened()
    assert page.header[0].value == "2 questions due today"
    assert plain(POSTS.text) in words(page)
    page = answer(page, "3,472 posts/s")
    assert page.header[0].value == "Right"
    assert "300M posts / 86,400 s = 3,472 posts/s" in words(page)
    assert mistaken.events("drilled")[0].data["right"] is True
    page = press(page, "Next")
    assert page.header[0].value == "1 question due today"
    assert plain(STORAGE.text) in words(page)
    wrong = next(said for said in page.radio[0].options if said.replace("\\", "") != "$6,570 a month")
    page = answer(page, wrong.replace("\\", ""))
    assert page.header[0].value == "Not yet"
    assert "comes back tomorrow" in words(page)
    page = press(page, "Done for today")
    assert page.header[0].value == "Nothing is due today"
    assert deck(mistaken.events(), NOW_S).calendar == {1: 1, 2: 1}


def test_an_answer_that_is_not_chosen_is_asked_for(mistaken: Progress):
    page = press(opened(), "Answer")
    assert "Choose an answer first" in words(page)
    assert mistaken.events("drilled") == ()


def test_a_reload_after_an_answer_goes_on_with_the_next(mistaken: Progress):
    answer(opened(), "3,472 posts/s")
    assert opened().header[0].value == "1 question due today"


def test_right_four_times_is_known(mistaken: Progress, clock: Clock):
    began = NOW_S - DAY_S
    for day in DAYS:
        clock.now = began + day * DAY_S
        page = opened()
        while page.radio:
            good = {plain(one.text): one.shown(one.worked.value) for one in (POSTS, STORAGE)}
            right = next(answer for text, answer in good.items() if text in words(page))
            page = answer(page, right)
            page = press(page, "Next" if any(b.label == "Next" for b in page.button) else "Done for today")
    assert "All your cards are known" in words(page)
    assert "**2** are known" in words(page)


def test_the_calendar_names_each_day_and_its_cards(mistaken: Progress, clock: Clock):
    today = calendar_html(deck(mistaken.events(), NOW_S))
    assert today.count("<li") == 15
    assert 'title="today: 2 cards"' in today
    clock.now -= DAY_S
    assert 'title="tomorrow: 2 cards"' in calendar_html(deck(mistaken.events(), clock.now))
    assert [in_days(days) for days in (0, 1, 5)] == ["today", "tomorrow", "in 5 days"]


# A learner's progress


def test_an_import_adds_what_is_new_and_says_how_much(mistaken: Progress, tmp_path: Path):
    other = Progress.open(tmp_path / "other" / "me.jsonl", lambda: NOW_S)
    other.append("ran", "push")
    page = opened()
    for text, sentence in (
        (other.export_text(), "1 new thing added."),
        (other.export_text(), "All of it was here already."),
        ("nonsense", "Line 1 is not an event"),
    ):
        page = taken_in(page, text.encode())
        assert sentence in words(page)
    assert "is not text" in words(taken_in(page, b"\xff\xfe\x00"))
    assert len(mistaken.events()) == 5


def taken_in(page: AppTest, content: bytes) -> AppTest:
    """AppTest cannot upload: what the button does is done."""
    import streamlit as st

    with pytest.MonkeyPatch.context() as patched:
        state: dict[str, object] = {}
        patched.setattr(st, "session_state", state)
        drills_progress._take_in(content)
    for name, value in state.items():
        page.session_state[name] = value
    return shown(page.run())


def test_forgetting_asks_first_and_then_forgets(mistaken: Progress):
    page = press(opened(), "Forget it for good")
    assert "tick the box first" in words(page)
    assert mistaken.events()
    page.checkbox[0].check()
    page = press(page, "Forget it for good")
    assert mistaken.events() == ()
    assert page.header[0].value == "No cards yet"
    assert "All of it is forgotten" in words(page)


def test_the_export_is_what_the_file_has(mistaken: Progress):
    page = opened()
    assert f"**{len(mistaken.events())}** things done here" in words(page)
    lines = mistaken.export_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [event.id for event in mistaken.events()]


# Whose progress it is


@pytest.mark.parametrize(
    ("address", "headers", "here"),
    [
        (None, {}, True),
        (None, {"Host": "localhost:8501"}, True),
        ("127.0.0.1", {"host": "127.0.0.1:8501"}, True),
        ("::1", {"Host": "[::1]:8501"}, True),
        ("192.168.0.7", {"Host": "localhost:8501"}, False),
        ("192.168.0.7", {"Host": "192.168.0.2:8501"}, False),
        (None, {"Host": "feeds.example.org"}, False),
        (None, {"Host": "localhost:8501", "X-Forwarded-For": "192.168.0.7"}, False),
        (None, {"Host": "localhost", "Forwarded": "for=192.168.0.7"}, False),
        (None, {"Host": "localhost.evil.example"}, False),
    ],
)
def test_who_sits_at_the_machine_is_told_from_a_room(address: str | None, headers: dict[str, str], here: bool):
    assert learner.from_here(address, headers) == here


class TestInARoom:
    @pytest.fixture(autouse=True)
    def room(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(learner, "alone", lambda: False)
        monkeypatch.setattr(drills_progress, "alone", lambda: False)

    def test_each_browser_has_its_own_file_and_comes_back_to_it_by_its_address(
        self, progress_folder: Path, clock: Clock
    ):
        one, two = opened(), opened()
        ids = [page.query_params["learner"] for page in (one, two)]
        assert len({*ids}) == 2
        assert "leads back to it" in words(one)
        mine = Progress.open(progress_folder / f"{ids[0]}.jsonl", lambda: NOW_S)
        mine.append("ran", "push")
        again = AppTest.from_file(str(ROOT / "pages" / "practise" / "drills.py"), default_timeout=60)
        again.query_params["learner"] = ids[0]
        assert "**1** thing done here" in words(shown(again.run()))
        assert "**0** things" in words(shown(two.run()))

    @pytest.mark.parametrize("said", ["../../../etc/passwd", "me", "A" * 32, "0" * 31, "0" * 33, "", "0" * 31 + "/"])
    def test_an_id_that_is_none_names_no_file(self, progress_folder: Path, clock: Clock, said: str):
        assert learner.checked(said) is None

    def test_an_id_of_a_learner_is_one(self):
        assert learner.checked("0123456789abcdef" * 2)
        assert learner.checked(None) is None


@pytest.mark.parametrize(
    ("link", "file"),
    [("/load", "pages/lab/load.py"), ("/drills", "pages/practise/drills.py"), ("/", "pages/start/start.py"),
     ("/nowhere", None), ("/../app", None), ("//elsewhere", None)],
)  # fmt: skip
def test_a_link_leads_to_a_page_of_this_app_or_nowhere(link: str, file: str | None):
    assert page_file(link) == file
