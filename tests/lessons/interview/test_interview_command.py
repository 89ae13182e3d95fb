"""`python -m lessons interview`."""

import json

import pytest

from lessons.__main__ import main
from lessons.interview.transcript import schema
from tests.lessons.interview.candidates import senior


def test_grading_a_file(tmp_path, capsys):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(senior()))
    assert main(["interview", "--grade", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["level"] == "senior"
    assert told["score"] > 90
    assert len(told["interval"]) == 2
    assert main(["interview", "--grade", str(path), "--level", "mid"]) == 0
    assert "at level mid" in capsys.readouterr().out


def test_an_instructors_rubric(tmp_path, capsys):
    path, own = tmp_path / "mine.json", tmp_path / "own.toml"
    path.write_text(json.dumps(senior()))
    own.write_text("[weights]\n7a = 1\n")
    hashes = []
    for more in ([], ["--rubric", str(own)]):
        assert main(["interview", "--grade", str(path), "--json", *more]) == 0
        hashes.append(json.loads(capsys.readouterr().out)["rubric"])
    assert hashes[0] != hashes[1]


def test_the_schema(capsys):
    assert main(["interview", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == schema()


@pytest.mark.parametrize("text", ["{", '{"steps": {"9": {}}}', None])
def test_bad_input_is_one_line_and_status_2(tmp_path, capsys, text):
    path = tmp_path / "mine.json"
    if text is not None:
        path.write_text(text)
    assert main(["interview", "--grade", str(path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("mine.json: ")
    assert said.err.count("\n") == 1
    assert main(["interview"]) == 2
