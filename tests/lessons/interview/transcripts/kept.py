"""Reads the transcripts: an answer, what was said of it beforehand, and the kept runs of its design."""

import copy
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lessons import lesson as lesson_module
from lessons.interview.base import Level
from lessons.interview.rubric import Band
from lessons.interview.sheet import Steps
from lessons.interview.transcript import Transcript, from_json

HERE = Path(__file__).parent
ANSWERS = HERE / "answers"
CONTENT = Path(lesson_module.__file__).parent / "content"
_WRAPPED = 80
"""Characters of a line in a file above which its end is the file's and not the candidate's."""
RUNS = HERE / "runs"
Json = dict[str, Any]


@dataclass(frozen=True)
class Kept:
    """One transcript. `bands`: those in which it has to end; `seed`: of the interview."""

    name: str
    title: str
    bands: tuple[Band, ...]
    seed: int
    told: Json
    """The transcript as JSON has it, without what was run."""
    changed: Json
    """The sheet of steps 3 to 6 after the new requirement, where it differs."""
    runs: str
    """Whose runs it has: its own, those of an answer with the same inputs, or "" where nothing can be run."""
    paraphrases: tuple[Mapping[str, str], ...]
    """The same free texts in other words, by step."""

    @property
    def level(self) -> Level:
        return self.told["level_target"]  # type: ignore[no-any-return]

    def transcript(self, runs: Json | None = None) -> Transcript:
        """With the kept runs, or with others."""
        whole = copy.deepcopy(self.told)
        ran = runs_of(self.runs) if runs is None else runs
        asked = ran.get("change", {})
        change = whole.setdefault("change", {})
        change.update({"variant": asked["variant"]} if asked else {})
        change.setdefault("structured", {})["config_diff"] = asked.get("config_diff", {})
        whole.update({name: ran[name] for name in ("config", "scale", "run") if name in ran})
        return from_json(json.dumps(whole), self.name)

    def changed_steps(self) -> Steps:
        """The whole sheet after the new requirement."""
        whole = from_json(json.dumps({"steps": merged(self.told.get("steps", {}), self.changed)}), self.name)
        return whole.steps

    def with_texts(self, texts: Mapping[str, str], transcript: Transcript | None = None) -> Transcript:
        """With other free texts, by step."""
        start = transcript or self.transcript()
        steps = start.steps.model_copy(update={
            f"s{step}": getattr(start.steps, f"s{step}").model_copy(update={"free_text": text})
            for step, text in texts.items()
        })  # fmt: skip
        return start.model_copy(update={"steps": steps})


def names() -> tuple[str, ...]:
    """All transcripts, by the names of their files."""
    return tuple(sorted(path.stem for path in ANSWERS.glob("*.toml")))


@cache
def kept(name: str) -> Kept:
    """One transcript by its name."""
    table = _table(name)
    for step, lesson in table.get("paste", {}).items():
        table["transcript"]["steps"][step]["free_text"] = pasted(lesson)
    return Kept(
        name,
        table["title"],
        tuple(table["bands"]),
        table["seed"],
        {"id": name, **table["transcript"]},
        table.get("changed", {}).get("steps", {}),
        table.get("runs", name),
        tuple(table.get("paraphrase", ())),
    )


@cache
def runs_of(name: str) -> Json:
    """What was run of it; nothing where its sheet is no design."""
    path = RUNS / f"{name}.json"
    return json.loads(path.read_text("utf-8")) if name and path.exists() else {}


def pasted(lesson: str, least: int = 30) -> str:
    """The first three long paragraphs of a lesson, as somebody would paste them from its page."""
    text = (CONTENT / lesson / "lesson.md").read_text("utf-8")
    long = [one for one in text.split("\n\n") if len(one.split()) >= least and not one.startswith(("---", "|", "```"))]
    return "\n".join(one.replace("\n", " ").replace("*", "") for one in long[:3])


def merged(whole: Json, more: Mapping[str, Any]) -> Json:
    """Tables into tables; anything else takes the place of what was there."""
    made = dict(whole)
    for name, value in more.items():
        old = made.get(name)
        made[name] = merged(old, value) if isinstance(old, dict) and isinstance(value, Mapping) else value
    return made


def _table(name: str) -> Json:
    """A file, upon the one that it is `like`, less what it is `without`."""
    own = _unwrapped(tomllib.loads((ANSWERS / f"{name}.toml").read_text("utf-8")))
    if "like" not in own:
        return own
    start = copy.deepcopy(_table(own["like"]))
    for path in own.pop("without", ()):
        *steps, last = path.split(".")
        place = start
        for step in steps:
            place = place.get(step, {})
        place.pop(last, None)
    return merged(start, own)


def _unwrapped(value: Any) -> Any:
    """The same, its long lines joined: the field in which a candidate writes does not break them."""
    if isinstance(value, dict):
        return {name: _unwrapped(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_unwrapped(inner) for inner in value]
    if not isinstance(value, str):
        return value
    lines = value.strip().splitlines()
    ends = [" " if len(line) > _WRAPPED else "\n" for line in lines]
    return "".join(line.strip() + end for line, end in zip(lines, ends, strict=True)).strip()
