"""The lessons that come with it: their words, and what they cover. `python -m lessons check` runs them (in CI too)."""

import re
from pathlib import Path

import pytest

from lessons.coverage import uncovered
from lessons.figure import figure
from lessons.front import CONTENT, read_lessons
from lessons.play import requests
from lessons.words import PAGES, problems

LESSONS = read_lessons(CONTENT)


def test_nothing_that_the_engine_has_goes_without_a_lesson():
    missing = {kind: names for kind, names in uncovered(LESSONS.values()).items() if names}
    assert missing == {}


def test_there_are_lessons_enough_and_their_numbers_count_up():
    assert [lesson.number for lesson in LESSONS.values()] == list(range(1, len(LESSONS) + 1))
    assert len(LESSONS) >= 18


@pytest.mark.parametrize("name", LESSONS)
def test_words_links_and_names_are_right(name):
    lesson = LESSONS[name]
    assert list(problems(lesson, tuple(LESSONS))) == []
    assert requests(lesson.front)
    for read in lesson.front.figures.values():
        assert figure(read.read)
    numbered = [note.says for note in lesson.front.note if re.match(r"\d+: ", note.says)]
    assert numbered == [], "the page numbers the marks"


def test_every_page_that_a_lesson_may_link_to_is_there():
    there = {f"/{path}" for path in re.findall(r'url_path="(\w+)"', Path("app.py").read_text(encoding="utf-8"))}
    assert set(PAGES) == {"/", *there}
