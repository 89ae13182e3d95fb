"""The order of an interview: which step may be opened when, and which comes next."""

from collections.abc import Collection

from lessons.interview.base import Level
from lessons.interview.rubric import Rubric
from lessons.interview.sitting.events import PHASES, Phase

WHOLE_S = 45 * 60.0
READING_S = 40 * 60.0
"""Step 7 opens then at the latest: reading the own run is never skipped."""
GRACE_S = 15.0
"""What is still on its way to the disk when the sheets lock counts."""
FREE: tuple[Phase, ...] = ("1", "2", "3", "4", "5")
TITLES: dict[Phase, str] = {
    "1": "requirements", "2": "entities and API", "3": "the strategy of home timelines",
    "4": "storage by access pattern", "5": "cache, queue and hot users", "change": "a new requirement",
    "6": "reliability, abuse and rollout", "7": "reading your own run", "debrief": "the debrief",
}  # fmt: skip


def box_s(rubric: Rubric, level: Level, phase: Phase) -> float:
    """Seconds that a step has by the rubric; advice only."""
    minutes = rubric.minutes[level]
    if phase == "debrief":
        return 0.0
    return 60.0 * (minutes.change if phase == "change" else minutes.steps[int(phase) - 1])


def may_open(opened: Collection[Phase]) -> tuple[Phase, ...]:
    """The steps that may be opened or reopened, in their order."""
    after = {"change": "5" in opened, "6": "change" in opened, "7": "6" in opened, "debrief": "7" in opened}
    return tuple(phase for phase in PHASES if phase in opened or after.get(phase, phase in FREE))


def follows(phase: Phase, opened: Collection[Phase], time_for_reading: bool) -> Phase:
    """The step that the interviewer would go to after this one: the next that was not opened yet; late on, step 7."""
    if time_for_reading and phase not in ("7", "debrief"):
        return "7"
    later = PHASES[PHASES.index(phase) + 1 :]
    allowed = may_open({*opened, phase})
    return next((one for one in later if one not in opened and one in allowed), "debrief")
