"""`python -m lessons interview --grade FILE --markdown | --html OUT`."""

import json

import pytest

from lessons.__main__ import main
from lessons.interview.debrief import debrief, html, markdown
from lessons.interview.grade import grade
from lessons.interview.transcript import read
from tests.lessons.interview.candidates import senior


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(senior()))
    return path


def test_the_debrief_as_markdown(mine, capsys):
    assert main(["interview", "--grade", str(mine), "--markdown"]) == 0
    transcript = read(mine)
    assert capsys.readouterr().out == markdown(debrief(transcript, grade(transcript)))


def test_the_debrief_as_one_page(mine, tmp_path, capsys):
    out = tmp_path / "out.html"
    assert main(["interview", "--grade", str(mine), "--level", "staff", "--html", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    transcript = read(mine)
    assert out.read_text("utf-8") == html(debrief(transcript, grade(transcript, "staff")))


def test_a_file_that_cannot_be_written_is_one_line(mine, tmp_path, capsys):
    assert main(["interview", "--grade", str(mine), "--html", str(tmp_path / "no" / "out.html")]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert "cannot be written" in said.err


def test_one_of_the_three_at_a_time(mine, capsys):
    with pytest.raises(SystemExit):
        main(["interview", "--grade", str(mine), "--markdown", "--json"])
    assert "not allowed with" in capsys.readouterr().err
