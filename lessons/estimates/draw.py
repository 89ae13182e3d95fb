"""Which question comes: a pure function of level and seed."""

from collections.abc import Mapping

import numpy as np

from engine.errors import InvalidInput
from lessons.estimates.families import PLAIN
from lessons.estimates.harder import HARDER
from lessons.estimates.measured import MEASURED
from lessons.estimates.question import LEVELS, Family, Question

FAMILIES: Mapping[str, Family] = {**PLAIN, **HARDER, **MEASURED}
MOST_SEED = 10**6
_STREAM = 7_101
"""Keeps these draws apart from any others with the same seed."""


def question(seed: int, level: int) -> Question:
    """Question number `seed` (from 1) of a level. As many in a row as the level has families are of one family each.

    Raises:
        InvalidInput: no such level, or a seed out of bounds.
    """
    if level not in LEVELS:
        raise InvalidInput(f"There is no level {level}; allowed: {', '.join(map(str, LEVELS))}.")
    if not 1 <= seed <= MOST_SEED:
        raise InvalidInput(f"The seed is {seed}; allowed: a whole number from 1 to {MOST_SEED:,}.")
    there = [name for name, family in FAMILIES.items() if family.level == level]
    round_, place = divmod(seed - 1, len(there))
    order = _rng(level, 0, round_).permutation(len(there))
    return _drawn(FAMILIES[there[order[place]]], seed)


def _drawn(family: Family, seed: int) -> Question:
    rng = _rng(family.level, 1, seed)
    return Question(family, seed, {name: float(rng.choice(list(values))) for name, values in family.given.items()})


def _rng(*key: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(np.random.SeedSequence((_STREAM, *key))))
