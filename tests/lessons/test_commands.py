"""`python -m lessons list | check | new`: what is printed, and with which status."""

import json

import pytest

from lessons.__main__ import main
from lessons.front import CONTENT, read_lessons
from tests.lessons.written import write


def said(capsys, *argv):
    """(status, stdout, stderr)."""
    status = main([str(part) for part in argv])
    out, err = capsys.readouterr()
    return status, out, err


def test_the_list_has_one_name_first_on_each_line(capsys):
    status, out, _ = said(capsys, "list")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()] == list(read_lessons(CONTENT))
    named = [lesson["name"] for lesson in json.loads(said(capsys, "list", "--json")[1])]
    assert named == list(read_lessons(CONTENT))


def test_a_new_lesson_is_right_as_it_is_made(capsys, tmp_path):
    status, out, _ = said(capsys, "new", "my-lesson", "--into", tmp_path)
    assert status == 0
    assert str(tmp_path / "my-lesson" / "lesson.md") in out
    status, out, err = said(capsys, "check", tmp_path / "my-lesson", "--seeds", 1)
    assert (status, out.splitlines()[0]) == (0, "right  my-lesson  2 claims")
    assert "of 4" in err, "progress is not among the results"


def test_a_wrong_lesson_is_said_with_status_1(capsys, tmp_path):
    folder = write(tmp_path, ('knob = "workers.count"', 'knob = "workers.cont"'))
    status, out, _ = said(capsys, "check", folder)
    assert status == 1
    assert out.startswith("WRONG  01-short")
    assert "workers.cont" in out
    (judged,) = json.loads(said(capsys, "check", folder, "--json")[1])["lessons"]
    assert not judged["right"]


@pytest.mark.parametrize(
    "argv",
    [
        ("new", "../evil"),
        ("new", ""),
        ("new", "x" * 61),
        ("check", "no-such-lesson"),
        ("check", "./nowhere"),
        ("check", "--seeds", "0"),
    ],
)
def test_bad_input_is_one_line_and_status_2(capsys, argv):
    status, out, err = said(capsys, *argv)
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert "allowed" in err or "cannot be read" in err


def test_nothing_is_overwritten(capsys, tmp_path):
    said(capsys, "new", "mine", "--into", tmp_path)
    (tmp_path / "mine" / "lesson.md").write_text("my work", encoding="utf-8")
    status, _, err = said(capsys, "new", "mine", "--into", tmp_path)
    assert status == 2
    assert "is there already" in err
    assert (tmp_path / "mine" / "lesson.md").read_text(encoding="utf-8") == "my work"
