"""An instructor's file: what is read from it, and one sentence for each thing that is not allowed."""

from pathlib import Path

import pytest

from engine.errors import InvalidInput
from lessons.interview.rubric import standard, with_overrides
from lessons.interview.sitting.instructor import Instructor, of_text, read

PROBE = {"id": '"I1"', "after": "5", "open": '"Who waits?"', "directed": '"Which lane waits?"'}


def probe(**changes: str | None) -> str:
    fields = {**PROBE, **changes}
    return "[[probes]]\n" + "\n".join(f"{name} = {value}" for name, value in fields.items() if value is not None) + "\n"


def test_weights_points_and_questions(tmp_path: Path):
    path = tmp_path / "own.toml"
    path.write_text("[weights]\n3c = 4\n[points]\nmid = [18, 12, 28, 12, 12, 10, 8]\n" + probe(missing='"lanes"'))
    found = read(path)
    assert found.rubric.criteria["3c"].weight == 4
    assert found.rubric.points["mid"][5] == 10
    assert [(one.id, one.after, one.missing, one.criterion) for one in found.probes] == [("I1", 5, "lanes", None)]
    assert with_overrides(path).hash == found.rubric.hash, "the command line takes the same file"
    assert Instructor.kept(found.table) == found


def test_nothing_is_the_standard():
    assert of_text("", "empty").rubric.hash == standard().hash
    assert of_text("", "empty").probes == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("=", "is no TOML"),
        ("bands = 3", "bands cannot be set here"),
        ("[weights]\n9z = 1", "weights has '9z'"),
        ("[points]\nmid = [1, 2, 3]", "points"),
        ("[weights]\n3b = 90", "free text could decide"),
        ("probes = 3", "has to be a list"),
        (probe(id='"P1"'), "id is P1; allowed: I1 to I99"),
        (probe(id='"X"'), "probe 1: id"),
        (probe(after="7"), "probe 1: after"),
        (probe(open=None), "probe 1: open"),
        (probe(open='"' + "word " * 26 + '"'), "open has 26 words; allowed: 25"),
        (probe(directed='"' + "word " * 30 + '"'), "directed has 30 words"),
        (probe(missing='"celebrity"'), "missing is 'celebrity'; allowed: queue"),
        (probe(fields='["lanes"]'), "fields has 'lanes'; allowed"),
        (probe(criterion='"9z"'), "criterion is '9z'"),
        (probe(criterion='"5e"'), "counts for 5e through fields of step 5: queue_why, drain_s, hot_key, stampede"),
        (probe(criterion='"5e"', fields='["celebrity"]'), "counts for 5e"),
        (probe(criterion='"2a"'), "counts for 2a through fields of step 2: none"),
        (probe(more="1"), "probe 1: more"),
        (probe() + probe(), "I1 is the id of two probes"),
        (probe() * 21, "up to 20"),
    ],
)
def test_what_is_not_allowed_is_one_sentence(text: str, said: str):
    with pytest.raises(InvalidInput) as refused:
        of_text(text, "own.toml")
    sentence = str(refused.value)
    assert said in sentence
    assert sentence.startswith("own.toml")
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_reason_in_words_counts_without_a_field():
    found = of_text(probe(criterion='"5a"'), "own.toml")
    assert found.probes[0].criterion == "5a"


def test_a_file_that_cannot_be_read(tmp_path: Path):
    with pytest.raises(InvalidInput, match="cannot be read"):
        read(tmp_path / "nowhere.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidInput, match="cannot be read"):
        read(tmp_path / "bytes.toml")


def test_one_that_is_kept_and_does_not_fit_any_more_is_none():
    assert Instructor.kept(None) is None
    assert Instructor.kept({"weights": {"9z": 1}}) is None
    assert Instructor.kept({"weights": [[[]]]}) is None
