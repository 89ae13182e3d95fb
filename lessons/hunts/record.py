"""What a learner has done in the hunts, out of their events."""

from collections.abc import Iterable
from dataclasses import dataclass

from lessons.hunts.grade import Verdict, score
from lessons.hunts.hunt import Hunt
from lessons.progress import Event, Progress

KIND = "hunted"


@dataclass(frozen=True)
class Standing:
    """Where a learner is in one hunt."""

    tries: int = 0
    wrong: int = 0
    """Causes and fixes named wrongly so far."""
    hints: int = 0
    """Taken at the last answer."""
    solved: bool = False
    shown: bool = False
    """The learner gave up and was told."""
    points: int | None = None
    """Once it is over; 0 for one who was told."""

    @property
    def over(self) -> bool:
        """Nothing is asked any more."""
        return self.solved or self.shown


def standing(events: Iterable[Event], hunt: Hunt) -> Standing:
    """Out of the events of one hunt; what came after its end counts for nothing."""
    now = Standing()
    for event in events:
        if event.kind != KIND or event.subject != hunt.name or now.over:
            continue
        cause, fix = event.data.get("cause"), event.data.get("fix")
        hints = _hints(event)
        if cause is None and fix is None:
            now = Standing(now.tries, now.wrong, hints, shown=True, points=0)
            continue
        wrong = now.wrong + (cause != hunt.defect) + (fix != hunt.defect)
        solved = cause == fix == hunt.defect
        now = Standing(now.tries + 1, wrong, hints, solved, points=score(hints, wrong) if solved else None)
    return now


def _hints(event: Event) -> int:
    """As the event says; events may come from a file that somebody wrote by hand."""
    said = event.data.get("hints")
    return min(3, max(0, said)) if isinstance(said, int) else 0


def keep_answer(progress: Progress, hunt: Hunt, cause: str, fix: str, hints: int, verdict: Verdict) -> Event:
    """Keep an answer: cause and fix by the defects that they belong to."""
    return progress.append(KIND, hunt.name, cause=cause, fix=fix, hints=hints, right=verdict.right)


def keep_shown(progress: Progress, hunt: Hunt, hints: int) -> Event:
    """Keep that the learner gave up and was told."""
    return progress.append(KIND, hunt.name, cause=None, fix=None, hints=hints, right=False)
