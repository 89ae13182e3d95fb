"""Lessons written for tests: short ones, with a part replaced."""

from pathlib import Path

from lessons.front import read_lesson
from lessons.lesson import Lesson

LESSON = """+++
title = "A short one"
question = "What does push cost?"
level = "mid"
minutes = 3
covers = ["C14"]
explains = []

[experiment]
scenario = "celebrity"
seconds = 8
watch = ["fanout_lag", "queue_rest"]

[[experiment.variants]]
name = "push"
label = "Push"

[[experiment.variants]]
name = "hybrid"
label = "Hybrid"
strategy = "hybrid"

[prediction]
ask = "How many copies does push write?"
figure = { of = "push", over = "hybrid", read = "deliveries" }
options = [
    { key = "same", label = "As many", below = 2 },
    { key = "more", label = "Many more" },
]

[[claim]]
id = "more"
says = "Push writes many more copies."
figure = { of = "push", over = "hybrid", read = "deliveries" }
low = 2

[[claim]]
id = "quick"
says = "Pages stay quick."
figure = { of = "push", read = "home_p99_ms" }
high = 300
control = true

[withheld]
what = "Nobody is pulled."
only = ["hybrid"]
strategy = "push"

[change]
ask = "More workers?"
of = "push"
knob = "workers.count"
values = [8, 16]

[[note]]
chart = "queue_rest"
of = "push"
at = "max"
says = "the line"
+++
## Before
Push copies each post to all.

## What you saw
It wrote {more} the copies. Pages took {quick}.

## Why
Each reader has a list. See [the lab](/load).

## Change one thing
Look at the line.

## Say it in the interview
Push moves work to the write.
"""


def write(folder: Path, *changes: tuple[str, str], name: str = "01-short") -> Path:
    """A folder with this lesson, each (old, new) replaced; an old part that is not there is an error of the test."""
    text = LESSON
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path = folder / name
    path.mkdir(parents=True, exist_ok=True)
    (path / "lesson.md").write_text(text, encoding="utf-8")
    return path


def lesson(folder: Path, *changes: tuple[str, str]) -> Lesson:
    """The same, read."""
    return read_lesson(write(folder, *changes))
