"""What the interviewer says and asks, from script.toml; every text checked once, when it is read."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from engine.load.streams import stream
from lessons.interview.base import LEVELS, Level, Model, as_tuples
from lessons.interview.runs import NEW_REQUIREMENTS
from lessons.interview.sitting.flow import TITLES
from lessons.interview.sitting.options import Option, shuffled
from lessons.interview.transcript import Answer

_FILE = Path(__file__).with_name("script.toml")
_OUTCOMES = 4
"""Of a queue, two that it buys and two that it does not."""


class Probe(Model):
    """One question of the bank, in its two forms."""

    id: str
    after: tuple[Annotated[int, Field(ge=1, le=6)], ...] = ()
    levels: tuple[Level, ...] = LEVELS
    open: str
    directed: str
    open_fields: tuple[str, ...] | None = None
    fields: tuple[str, ...] = ()
    criterion: str | None = None
    """Of an instructor's own question."""

    def asks_for(self, form: str) -> tuple[str, ...]:
        """The fields of an answer that it wants in one form."""
        return self.open_fields if form == "open" and self.open_fields is not None else self.fields


class Script(Model):
    version: int
    opens: dict[str, str]
    lines: dict[str, str]
    probes: tuple[Probe, ...]
    parts: dict[str, str]
    options: dict[str, dict[str, str]]


@cache
def script() -> Script:
    """The texts."""
    return Script.model_validate(as_tuples(tomllib.loads(_FILE.read_text("utf-8"))))


@cache
def own_lines() -> frozenset[str]:
    """The lines that have nothing of the candidate in them: no answer, no number, no choice of theirs."""
    texts = script()
    asked = [text for probe in texts.probes for text in (probe.open, probe.directed)]
    asked += [line for one in NEW_REQUIREMENTS.values() for line in one.lines.values()]
    offered = [
        line.format(title=title) for line in texts.lines.values() if "{title}" in line for title in TITLES.values()
    ]
    return frozenset(
        line for line in [*texts.opens.values(), *texts.lines.values(), *asked, *offered] if "{" not in line
    )


def choices(field: str, seed: int, about: Mapping[str, str]) -> tuple[Option, ...]:
    """The closed list of one field of an answer, in an order that the seed draws; empty where numbers are asked."""
    if field == "choice":
        labels = {"claimed": about.get("claimed", "What was said"),
                  "configured": about.get("configured", "What was configured")}  # fmt: skip
    else:
        labels = script().options.get(field, {})
    if field == "queue_why":
        labels = _four_outcomes(labels, seed)
    return tuple(Option(key, labels[key]) for key in shuffled(seed, f"probe.{field}", tuple(labels)))


def is_choice(field: str) -> bool:
    """Whether a field of an answer is a closed list; else it is a number."""
    return field == "choice" or field in script().options


def many(field: str) -> bool:
    """Whether several may be chosen, in an order."""
    return isinstance(Answer.model_fields[field].default, tuple)


def _four_outcomes(labels: Mapping[str, str], seed: int) -> dict[str, str]:
    """Two that a queue buys, and two that are true of something else."""
    keys, half = tuple(labels), len(labels) // 2
    rng = stream(seed, "interview.outcomes", 0)
    chosen = [*rng.choice(half, _OUTCOMES // 2, replace=False), *half + rng.choice(half, _OUTCOMES // 2, replace=False)]
    return {keys[place]: labels[keys[place]] for place in sorted(int(one) for one in chosen)}
