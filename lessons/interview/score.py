"""From credits to a score: steps, deductions, gates and bands. Plain arithmetic on what the evidence gave."""

from collections.abc import Mapping
from dataclasses import dataclass

from lessons.interview.base import LEVELS, Level
from lessons.interview.rubric import BANDS, STEPS, Band, Rubric

HALF = 0.5


@dataclass(frozen=True)
class Facts:
    """What caps a band beside the credits."""

    ran: bool
    """A design was configured and run."""
    built: bool
    """Anything stands in step 3 or step 5."""
    skew_ignored: bool
    idle: int
    """Parts that do nothing, all of them."""


@dataclass(frozen=True)
class Cap:
    """Why a band is not higher."""

    band: Band
    reason: str


def step_scores(credits: Mapping[str, float], level: Level, rubric: Rubric) -> list[float]:
    """Points of each step. Criteria beyond the level make up for others, at a quarter of their weight; never more than
    the step's points."""
    scores = []
    for step in range(1, STEPS + 1):
        whole = rubric.weight_expected(step, level)
        reached = sum(
            credits.get(one.id, 0.0) * one.weight * (1.0 if one.expected(level) else rubric.factors.beyond_level)
            for one in rubric.of_step(step)
        )
        scores.append(rubric.points[level][step - 1] * min(1.0, reached / whole))
    return scores


def over_engineering(idle: int, level: Level, rubric: Rubric) -> float:
    """Points for parts that do nothing, beyond those that are free."""
    rules = rubric.deductions
    return min(rules.idle_most, rules.idle_each * max(0, idle - rules.idle_free[level]))


def contradictions(count: int, rubric: Rubric) -> float:
    """Points for readings that the own run contradicts."""
    return min(rubric.deductions.contradictions_most, rubric.deductions.contradiction_each * count)


def total(steps: list[float], deducted: float, rubric: Rubric) -> float:
    """The score, one decimal. Deductions take at most half of what was earned: trying never scores below silence."""
    earned = sum(steps)
    return round(earned - min(deducted, rubric.deductions.share_of_earned * earned), 1)


def band_of(score: float, rubric: Rubric) -> Band:
    """The band of a score alone."""
    return max((band for band in BANDS if score >= rubric.bands[band]), key=BANDS.index)


def caps(credits: Mapping[str, float], level: Level, facts: Facts, rubric: Rubric) -> list[Cap]:
    """All that keeps the band down, the lowest first."""
    found = [
        Cap("Borderline", f"{' or '.join(gate)} has less than half of its credit")
        for gate in failed_gates(credits, level, rubric)
    ]
    if facts.skew_ignored and level != "mid":
        found.append(Cap("Developing" if level == "senior" else "Not yet", "the largest accounts are ignored"))
    if facts.idle >= rubric.deductions.idle_cap and level != "mid":
        found.append(Cap("Borderline", f"{facts.idle} parts do nothing"))
    if not facts.ran:
        found.append(Cap("Developing", "no design was run"))
    if not facts.built:
        found.append(Cap("Not yet", "steps 3 and 5 are empty"))
    beyond = _lacks_beyond(credits, level, facts, rubric)
    if beyond:
        found.append(Cap("Meets", beyond))
    return sorted(found, key=lambda cap: BANDS.index(cap.band))


def failed_gates(credits: Mapping[str, float], level: Level, rubric: Rubric) -> tuple[tuple[str, ...], ...]:
    """The gates of a level of which no criterion has enough, each with its criteria."""
    return tuple(
        gate for gate in rubric.gates[level] if not any(_passes(one, credits.get(one, 0.0), level) for one in gate)
    )


def capped(band: Band, found: list[Cap]) -> Band:
    """A band, kept down."""
    return min([band, *(cap.band for cap in found)], key=BANDS.index)


def _passes(criterion: str, credit: float, level: Level) -> bool:
    """Half a credit; anything of the own promises, and at mid of skew, which only has to be acknowledged."""
    lenient = criterion == "3a" or (criterion == "3c" and level == "mid")
    return credit > 0 if lenient else credit >= HALF


def _lacks_beyond(credits: Mapping[str, float], level: Level, facts: Facts, rubric: Rubric) -> str:
    """What Exceeds still needs: evidence above the level; at the highest, a change that held and no idle part."""
    if level == "staff":
        if credits.get("7c", 0.0) < 1:
            return "7c is not whole"
        idle = facts.idle > rubric.deductions.idle_free[level]
        return f"{facts.idle} parts do nothing" if idle else ""
    above = LEVELS[LEVELS.index(level) + 1]
    have = [
        one.id for one in rubric.criteria.values()
        if one.expected(above) and not one.expected(level) and credits.get(one.id, 0.0) >= HALF
    ]  # fmt: skip
    need = rubric.exceeds[level]
    return "" if len(have) >= need else f"{len(have)} of {need} criteria above the level"
