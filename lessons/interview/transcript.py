"""The transcript of one interview: what the page writes, what the grader reads."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from engine.config import KNOBS
from engine.errors import InvalidInput
from lessons.interview.base import Amount, Figure, Level, Model, Name, Text
from lessons.interview.measured import Runs, Scalar
from lessons.interview.sheet import (
    Celebrity,
    Consequence,
    Deletes,
    HotKey,
    NaturalKey,
    QueueWhy,
    Rollout,
    Stampede,
    Station,
    Steps,
)  # fmt: skip

_MOST_BYTES = 8_000_000
_MOST_DIGITS = 300
Opened = Literal["1", "2", "3", "4", "5", "6", "7", "change"]
Knobs = dict[Name, Scalar]
"""Settings of a world by their public names, as `python -m engine knobs` lists them; `strategy` and `world` too."""
_CHOSEN_BY_NAME = (
    "world", "strategy", "scenario", "seconds", "graph", "trace", "celebrity_share", "faults",
    "paging", "post_partition", "deletes", "region", "limits",
)  # fmt: skip
"""Beside the engine's settings: what a run is made of, and choices that decide what is looked at in it."""


class Answer(Model):
    """The closed part of an answer to the interviewer's question; which fields belong to which question is fixed."""

    celebrity: Celebrity | None = None
    seconds: Amount | None = None
    deliveries_s: Amount | None = None
    queue_why: tuple[QueueWhy, ...] = ()
    natural_key: NaturalKey | None = None
    deletes: Deletes | None = None
    queue_depth: Amount | None = None
    drain_s: Amount | None = None
    hot_key: tuple[HotKey, ...] = ()
    stampede: tuple[Stampede, ...] = ()
    consequence: Consequence | None = None
    rollout: tuple[Rollout, ...] = ()
    component: Name | None = None
    moves: Figure | None = Field(default=None, description="the figure that the component moves")
    choice: Literal["claimed", "configured"] | None = None


ProbeId = Annotated[str, Field(pattern=r"^(P([1-9]|1[0-2])|I[1-9][0-9]?)$")]
"""P1 to P12, and I1 to I99 of an instructor's own."""


class Probe(Model):
    """One question of the interviewer. `outcome`: the form in which it was answered, or how it ended. `criterion`: what
    one of an instructor's own counts for; the others have theirs."""

    id: ProbeId
    structured: Answer = Answer()
    free_text: Text = ""
    outcome: Literal["open", "directed", "do_not_know", "unanswered"] | None = None
    criterion: Name | None = None


class Hint(Model):
    """A hint that was taken. `grade`: how much it told."""

    criterion: Name
    grade: Literal["H1", "H2", "H3"]


class Predicted(Model):
    """What the change is said to do, before it is run; in real units."""

    metric: Figure
    to: Amount


class Changed(Model):
    config_diff: Knobs = Field(default_factory=dict)
    predicts: tuple[Predicted, ...] = ()


class Change(Model):
    """The changed requirement and the answer to it."""

    variant: Literal["V1", "V2", "V3", "V4", "V5", "V6"] | None = None
    structured: Changed = Changed()
    free_text: Text = ""


class Claim(Model):
    """A reading of the own run: figure, comparison, and a value or another figure. `scope`: the run it is about;
    None: any. `retracted`: taken back before the debrief."""

    text: Text = ""
    scope: Name | None = None
    metric: Figure
    op: Literal["about", "at_least", "at_most", "above", "below"] = "about"
    value: Amount | None = None
    other: Figure | None = None
    cause: Station | None = None
    retracted: bool = False


class Transcript(Model):
    """One interview. `scale`: real units divided by those of the run (one factor for users, rates, followers and
    thresholds); times, shares and figures per post or read are the same in both."""

    id: str = Field(default="", max_length=200)
    level_target: Level | None = None
    mode: Literal["strict", "practice"] | None = None
    language: str | None = Field(default=None, max_length=35)
    minutes: dict[Opened, Amount] = Field(default_factory=dict)
    opened_order: tuple[Opened, ...] = ()
    steps: Steps = Steps()
    probes: tuple[Probe, ...] = Field(default=(), max_length=100)
    hints: tuple[Hint, ...] = Field(default=(), max_length=100)
    change: Change = Change()
    config: Knobs = Field(default_factory=dict)
    scale: float = Field(default=1.0, gt=0)
    run: Runs = Runs()
    claims: tuple[Claim, ...] = Field(default=(), max_length=200)


def from_json(text: str | bytes, source: str = "transcript") -> Transcript:
    """The transcript in a JSON text. `source`: what an error calls it.

    Raises:
        InvalidInput: what stands where is not allowed; one sentence that names the place.
    """
    if len(text) > _MOST_BYTES:
        raise InvalidInput(f"{source}: {len(text):,} bytes; allowed: up to {_MOST_BYTES:,}.")
    try:
        read_in = Transcript.model_validate_json(_without_nulls(text))
    except (ValidationError, ValueError, RecursionError) as error:
        raise InvalidInput(f"{source}: {_sentence(error)}") from error
    for place, knobs in (("config", read_in.config), ("change.structured.config_diff",
                                                      read_in.change.structured.config_diff)):  # fmt: skip
        _check_knobs(source, place, knobs)
    return read_in


def read(path: Path) -> Transcript:
    """The transcript in a file.

    Raises:
        InvalidInput: as `from_json`, or a file that cannot be read.
    """
    try:
        return from_json(path.read_bytes(), path.name)
    except OSError as error:
        raise InvalidInput(f"{path.name}: cannot be read: {error.strerror or error}.") from error


def schema() -> dict[str, Any]:
    """The transcript's JSON schema."""
    return Transcript.model_json_schema()


def _without_nulls(text: str | bytes) -> bytes:
    """A part that is null is a part that is missing, wherever it stands in an object. Half characters become `?`."""

    def pruned(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: pruned(inner) for name, inner in value.items() if inner is not None}
        return [pruned(inner) for inner in value] if isinstance(value, list) else value

    try:
        whole = pruned(json.loads(text, parse_int=_whole_number))
        return json.dumps(whole, ensure_ascii=False).encode("utf-8", "replace")
    except UnicodeDecodeError as error:
        raise ValueError("not UTF-8 text") from error


def _whole_number(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MOST_DIGITS else float("inf")


def _check_knobs(source: str, place: str, knobs: Knobs) -> None:
    for name in knobs:
        if name not in KNOBS and name not in _CHOSEN_BY_NAME:
            raise InvalidInput(
                f"{source}: {place} has {name!r}, which is no knob; allowed: those that `python -m engine knobs` lists."
            )


def _sentence(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"no JSON at line {error.lineno}, column {error.colno}: {error.msg}."
    if isinstance(error, RecursionError):
        return "nested too deeply to be a transcript."
    if not isinstance(error, ValidationError):
        return f"{error}."
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "the whole"
    if first["type"] == "extra_forbidden":
        return f"{place} is not a part of a transcript; see `python -m lessons interview --schema`."
    if first["type"] == "missing":
        return f"{place} is missing."
    value = json.dumps(first["input"], default=str)
    shown = value if len(value) <= 60 else value[:59] + "…"
    said = first["msg"].removeprefix("Input should be ").removeprefix("Value error, ").replace("Tuple", "List")
    return f"{place} is {shown}; allowed: {said[:1].lower()}{said[1:]}."
