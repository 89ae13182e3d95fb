"""Naming cause and fix: what is offered, what is right, what it is worth. The right ones follow from the defect."""

from dataclasses import dataclass
from importlib import import_module
from inspect import getsource
from textwrap import dedent
from zlib import crc32

import numpy as np

from engine.errors import InvalidInput, UnknownName
from lessons.hunts.diagnoses import DIAGNOSES
from lessons.hunts.hunt import Diagnosis, Hunt

HINT_COSTS = (10, 20, 30)
"""Points that the first, second and third hint cost."""
WRONG_COSTS = 15
"""Points for each cause or fix that was named wrongly."""
FULL = 100


@dataclass(frozen=True)
class Option:
    """One cause or fix on offer. `key`: a to e for causes, 1 to 5 for fixes, as this learner sees them."""

    key: str
    defect: str
    label: str


@dataclass(frozen=True)
class Offer:
    """What may be named in one hunt, in this learner's order."""

    causes: tuple[Option, ...]
    fixes: tuple[Option, ...]


@dataclass(frozen=True)
class Verdict:
    """What came of an answer."""

    cause_right: bool
    fix_right: bool
    sentence: str

    @property
    def right(self) -> bool:
        """Both."""
        return self.cause_right and self.fix_right

    @property
    def wrong(self) -> int:
        """How many of the two were named wrongly."""
        return 2 - self.cause_right - self.fix_right


@dataclass(frozen=True)
class Explained:
    """What is shown when a hunt is over."""

    title: str
    what: str
    because: str
    right: str
    real_engine: str
    cause: str
    fix: str
    code: str
    """Module and name of the right way."""
    source: str
    """Its source text."""


def offer(hunt: Hunt, seed: int) -> Offer:
    """The causes and fixes of a hunt, shuffled by the learner's seed, the two differently."""
    names = (hunt.defect, *hunt.decoys)
    causes = [(name, DIAGNOSES[name].cause) for name in _shuffled(names, hunt, seed, "cause")]
    fixes = [(name, DIAGNOSES[name].fix) for name in _shuffled(names, hunt, seed, "fix")]
    return Offer(
        tuple(Option(chr(ord("a") + place), *option) for place, option in enumerate(causes)),
        tuple(Option(str(1 + place), *option) for place, option in enumerate(fixes)),
    )


def _shuffled(names: tuple[str, ...], hunt: Hunt, seed: int, what: str) -> list[str]:
    drawn = np.random.default_rng([seed, crc32(f"{hunt.name} {what}".encode())])
    return [names[place] for place in drawn.permutation(len(names))]


def chosen(options: tuple[Option, ...], key: str) -> Option:
    """The option of this key.

    Raises:
        UnknownName: there is none.
    """
    for option in options:
        if option.key == key.casefold():
            return option
    raise UnknownName(f"There is no answer {key!r}; allowed: {', '.join(option.key for option in options)}.")


def judge(hunt: Hunt, cause: str, fix: str) -> Verdict:
    """A cause and a fix, each by the defect that it belongs to, against the one that was planted."""
    cause_right, fix_right = cause == hunt.defect, fix == hunt.defect
    said = {
        (True, True): "Found: cause and fix are right.",
        (True, False): "The cause is right. The fix would not mend it: what would have to happen, and when?",
        (False, True): "The fix would mend it. But the cause is another one: what does the evidence exclude?",
        (False, False): "Neither is it. Ask of each cause what it would do to the evidence, and whether that is there.",
    }
    return Verdict(cause_right, fix_right, said[cause_right, fix_right])


def score(hints: int, wrong: int) -> int:
    """Points for a hunt that was solved with so many hints and wrong names; 0 to 100.

    Raises:
        InvalidInput: fewer than none, or more hints than there are.
    """
    if not 0 <= hints <= len(HINT_COSTS) or wrong < 0:
        raise InvalidInput(f"{hints} hints and {wrong} wrong names cannot be; allowed: 0 to 3 hints, 0 wrong or more.")
    return max(0, FULL - sum(HINT_COSTS[:hints]) - WRONG_COSTS * wrong)


def diagnosis(hunt: Hunt) -> Diagnosis:
    """What is right in this hunt."""
    return DIAGNOSES[hunt.defect]


def explained(hunt: Hunt) -> Explained:
    """The whole story of a hunt, for when it is over."""
    found, defect = diagnosis(hunt), hunt.planted
    return Explained(
        defect.title, defect.what, found.because, found.right, defect.real_engine, found.cause, found.fix,
        found.code, source_of(found.code),
    )  # fmt: skip


def source_of(path: str) -> str:
    """The source of a module, or of what stands in one, given as `module.name` or `module.Class.method`."""
    parts = path.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for name in parts[cut:]:
            found = getattr(found, name)
        return dedent(getsource(found))
    raise UnknownName(f"There is no code {path!r}.")
