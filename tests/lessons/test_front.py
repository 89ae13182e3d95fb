"""A lesson's file: what is read, and what is refused with the place where it stands."""

import pytest

from engine.errors import UnknownName
from engine.observe.metric import Metric
from lessons.front import CONTENT, InvalidLesson, find_lesson, read_lesson, read_lessons
from lessons.lesson import SECTIONS
from tests.lessons.written import write


def test_a_lesson_is_its_front_matter_and_its_sections(tmp_path):
    lesson = read_lesson(write(tmp_path))
    assert (lesson.name, lesson.number, lesson.link) == ("01-short", 1, "/lessons?lesson=01-short")
    assert lesson.front.experiment.watch == (Metric.FANOUT_LAG, Metric.QUEUE_REST)
    assert [variant.name for variant in lesson.front.experiment.runs] == ["push", "hybrid"]
    assert tuple(lesson.text) == SECTIONS
    assert lesson.text["Before"] == "Push copies each post to all."


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('title = "A short one"\n', ""), "title: Field required"),
        (('title = "A short one"', 'titel = "x"'), "title: Field required"),
        (("minutes = 3", "minutes = 300"), "minutes: Input should be less than or equal to 20"),
        (("minutes = 3", "minutes 3"), "no TOML: Expected '=' after a key in a key/value pair (at line 5"),
        (('level = "mid"', 'level = "hard"'), "level: Input should be 'first steps', 'mid', 'senior' or 'staff'"),
        (('"queue_rest"]', '"queue_length"]'), "experiment.watch.1"),
        (('of = "push", read = "home_p99_ms"', 'of = "pull", read = "home_p99_ms"'), "no variant 'pull'"),
        (("low = 2\n", ""), "claim.0: a claim needs `low` or `high`"),
        (("low = 2\n", "low = 2\nhigh = 1\n"), "low 2 is above high 1"),
        (("low = 2\n", "low = 2\ncontrol = true\n"), "every claim is a control"),
        (('id = "quick"', 'id = "more"'), "two claims or figures have the same name"),
        ((", below = 2 }", " }"), "options have to rise"),
        (('key = "same"', 'key = "more"'), "two options have the same key"),
        (('chart = "queue_rest"', 'chart = "posts"'), "a note in posts, which `watch` does not draw"),
        (('name = "hybrid"', 'name = "push"'), "variants with the same name"),
        (("## Why", "## Because"), "a section 'Because'"),
        (("## Why\n", "## Why\n\n## Why\n"), "a section is there twice"),
        (("It wrote {more} the copies. Pages took {quick}.", ""), "the section 'What you saw' is missing or empty"),
        (("+++\n## Before", "## Before"), "no front matter"),
    ],
)
def test_what_is_wrong_is_named_with_its_file_and_place(tmp_path, change, told):
    folder = write(tmp_path, change)
    with pytest.raises(InvalidLesson) as refused:
        read_lesson(folder)
    assert str(folder / "lesson.md") in str(refused.value)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value), "one sentence"


def test_a_folder_without_a_lesson_and_bytes_that_are_no_text(tmp_path):
    with pytest.raises(InvalidLesson, match="no such file"):
        read_lesson(tmp_path)
    (tmp_path / "lesson.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidLesson, match="cannot be read as text"):
        read_lesson(tmp_path)


def test_lessons_are_found_with_or_without_their_number():
    known = read_lessons(CONTENT)
    first = next(iter(known))
    assert find_lesson(first, known) is known[first]
    assert find_lesson(first.partition("-")[2], known) is known[first]
    with pytest.raises(UnknownName, match="There is no lesson 'x'; allowed: "):
        find_lesson("x", known)
    assert list(known) == sorted(known)
