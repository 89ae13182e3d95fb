"""`python -m lessons estimate` and `due`: the same estimates, cards and file as on the pages."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from engine.errors import InvalidInput
from lessons.drills import commands as drills
from lessons.drills.spacing import DAY_S
from lessons.estimates import commands as estimates
from lessons.progress import Progress

NOW_S = 1_700_000_000.0


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    at(monkeypatch, NOW_S)
    monkeypatch.setenv("MURMURATION_PROGRESS", str(tmp_path))
    return tmp_path / "me.jsonl"


def at(monkeypatch: pytest.MonkeyPatch, now_s: float) -> None:
    for module in (estimates, drills):
        monkeypatch.setattr(module, "wall_epoch_s", lambda: now_s)


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    estimates.add(commands)
    drills.add(commands)
    options = parser.parse_args(words)
    assert options.handle(options) == 0
    return capsys.readouterr().out


def told(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said(capsys, *words, "--json"))
    return found


def test_a_question_is_asked_without_its_answer_and_answered_once(file: Path, capsys: pytest.CaptureFixture[str]):
    asked = told(capsys, "estimate", "--seed", "1")
    assert "truth" not in asked
    assert not file.exists()
    done = told(capsys, "estimate", "--seed", "1", "--answer", "1 ms", "--range", "1us", "1 h")
    assert (done["estimate"], done["band"], done["id"]) == (0.001, "off", asked["id"])
    again = told(capsys, "estimate", "--seed", "1", "--answer", "5 h")
    assert again["estimate"] == 0.001
    assert told(capsys, "estimate")["seed"] == 2  # without a seed, the next one
    assert "You: 1 ms" in said(capsys, "estimate", "--seed", "1")


def test_a_measured_question_names_the_run(file: Path, capsys: pytest.CaptureFixture[str]):
    asked = told(capsys, "estimate", "--seed", "8")
    assert asked["kind"] == "measured"
    done = told(capsys, "estimate", "--seed", "8", "--answer", "50")
    assert done["reproduce"].startswith("python -m engine run --world classroom")
    assert 30 < done["truth"] < 80


def test_what_was_wrong_is_due_tomorrow_and_then_answered(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    assert "No cards yet" in said(capsys, "due")
    said(capsys, "estimate", "--seed", "1", "--answer", "1 ms")
    assert said(capsys, "due").strip() == "Due: tomorrow 1."
    at(monkeypatch, NOW_S + DAY_S)
    (due,) = told(capsys, "due")["due"]
    assert due["id"] in said(capsys, "due")
    assert "  a  " in said(capsys, "due", "--card", due["id"])
    done = told(capsys, "due", "--card", due["id"], "--answer", "a")
    assert done["right"] == (done["answer"] == "a")
    assert Progress.open(file, lambda: 0.0).last("drilled", due["id"]) is not None
    with pytest.raises(InvalidInput, match="not due today"):
        said(capsys, "due", "--card", due["id"], "--answer", "a")


@pytest.mark.parametrize(
    "words",
    [("estimate", "--level", "9"), ("estimate", "--seed", "0"), ("estimate", "--answer", "abc"),
     ("estimate", "--range", "1", "2"), ("due", "--card", "zzz"), ("due", "--answer", "a")],
)  # fmt: skip
def test_what_is_not_allowed_is_refused(file: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]):
    with pytest.raises(InvalidInput, match="allowed"):
        said(capsys, *words)
    assert not file.exists()
