"""Whether lessons are true: their claims hold over several seeds, and fail where the mechanism is taken away."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from engine.errors import InvalidInput
from engine.experiments.replicate import Variant, replicate
from engine.experiments.run import RunRequest, opening
from lessons.figure import figure, spoken
from lessons.front import read_lesson
from lessons.lesson import Claim, Lesson
from lessons.play import Outcome, requests, unit_of
from lessons.words import problems

SEEDS = 3
"""Runs of each variant, with seeds that follow each other."""


@dataclass(frozen=True)
class Checked:
    """One claim: its figure with the mechanism and without it, by seed."""

    claim: Claim
    values: tuple[float | None, ...]
    without: tuple[float | None, ...]

    @property
    def problems(self) -> list[str]:
        """What disproves it, or shows that it proves nothing."""
        unit = unit_of(self.claim.figure)
        wrong = [value for value in self.values if not self.claim.holds(value)]
        found = []
        if wrong:
            found.append(f"claim {self.claim.id}: {spoken(wrong[0], unit, 3)} is not {self._allowed(unit)}")
        if not self.claim.control and any(self.claim.holds(value) for value in self.without):
            held = next(value for value in self.without if self.claim.holds(value))
            found.append(f"claim {self.claim.id}: it also holds without the mechanism ({spoken(held, unit, 3)})")
        return found

    def _allowed(self, unit: str) -> str:
        low, high = self.claim.low, self.claim.high
        bounds = [f"at least {spoken(low, unit, 3)}" if low is not None else ""]
        bounds.append(f"at most {spoken(high, unit, 3)}" if high is not None else "")
        return " and ".join(bound for bound in bounds if bound)


@dataclass(frozen=True)
class Judged:
    """What became of one lesson."""

    lesson: Lesson
    checked: tuple[Checked, ...]
    problems: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Nothing is wrong with it."""
        return not self.problems


def check(
    lessons: Sequence[Lesson],
    others: Iterable[str] = (),
    *,
    seeds: int = SEEDS,
    executor: Executor | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> list[Judged]:
    """Judge lessons: names and text first, then every run, with the mechanism and without, for each seed.

    others: names of lessons beside these to which a text may link. A lesson whose names are wrong is not run.
    """
    known = tuple({*others, *(lesson.name for lesson in lessons)})
    wrong = {lesson.name: [*_names(lesson), *problems(lesson, known)] for lesson in lessons}
    sound = [lesson for lesson in lessons if not any(_names(lesson))]
    outcomes = _outcomes(sound, seeds, executor, told)
    judged = []
    for lesson in lessons:
        checked: tuple[Checked, ...] = ()
        if lesson.name in outcomes:
            with_it, without = outcomes[lesson.name]
            checked = tuple(
                Checked(claim, _values(with_it, claim), _values(without, claim)) for claim in lesson.front.claim
            )
            wrong[lesson.name] += [problem for each in checked for problem in each.problems]
            wrong[lesson.name] += _prediction(lesson, with_it)
        judged.append(Judged(lesson, checked, tuple(wrong[lesson.name])))
    return judged


def check_folder(folder: Path, others: Iterable[str] = ()) -> Judged:
    """Judge somebody's own lesson.

    Raises:
        InvalidLesson: it cannot be read.
    """
    return check([read_lesson(folder)], others)[0]


def _names(lesson: Lesson) -> list[str]:
    """What the engine does not have: settings, strategies, faults, figures."""
    front, found = lesson.front, []
    changes = [None, *(front.change.values if front.change else ())]
    try:
        for change in changes:
            _all_there(requests(front, change=change))
        _all_there(requests(front, withheld=True))
        for read in front.figures.values():
            figure(read.read)
    except InvalidInput as refused:
        found.append(str(refused).rstrip("."))
    return found


def _all_there(asked: Mapping[str, RunRequest]) -> None:
    """A scenario is looked for when it is played."""
    for request in asked.values():
        opening(request)


def _outcomes(
    lessons: Sequence[Lesson], seeds: int, executor: Executor | None, told: Callable[[str], None]
) -> Mapping[str, tuple[list[Outcome], list[Outcome]]]:
    """By lesson: what came out for each seed, with the mechanism and without."""
    if not lessons:
        return {}
    keys = [(lesson, withheld) for lesson in lessons for withheld in (False, True)]
    asked = {(lesson.name, withheld): requests(lesson.front, withheld=withheld) for lesson, withheld in keys}
    variants = [Variant(f"{key[0]} {name}", request) for key, made in asked.items() for name, request in made.items()]
    played = replicate(
        variants,
        seeds,
        executor=executor,
        series=_series_of(lessons),
        progress=lambda done, total, what: told(f"{done} of {total}: {what}"),
    )
    place = iter(range(len(variants)))
    runs = {key: {name: played.of(next(place)) for name in made} for key, made in asked.items()}
    out: dict[str, tuple[list[Outcome], list[Outcome]]] = {}
    for lesson in lessons:
        both = [
            [
                Outcome(
                    lesson.front,
                    asked[lesson.name, withheld],
                    {name: played_runs[seed] for name, played_runs in runs[lesson.name, withheld].items()},
                )
                for seed in range(seeds)
            ]
            for withheld in (False, True)
        ]
        out[lesson.name] = (both[0], both[1])
    return out


def _series_of(lessons: Sequence[Lesson]) -> tuple[str, ...]:
    """Metrics whose series some figure reads."""
    read = [figure(read.read).metrics for lesson in lessons for read in lesson.front.figures.values()]
    return tuple(sorted({str(metric) for metrics in read for metric in metrics}))


def _values(outcomes: Sequence[Outcome], claim: Claim) -> tuple[float | None, ...]:
    return tuple(outcome.value(claim.figure) for outcome in outcomes)


def _prediction(lesson: Lesson, outcomes: Sequence[Outcome]) -> list[str]:
    """The run has to answer what was asked, and every seed the same, or the text would not fit."""
    asked = lesson.front.prediction
    values = [outcome.value(asked.figure) for outcome in outcomes]
    if any(value is None for value in values):
        return ["prediction: a run counted nothing that would answer it"]
    answers = {asked.answer(value).key: value for value in values if value is not None}
    if len(answers) > 1:
        told = ", ".join(f"{key} ({spoken(value, unit_of(asked.figure), 3)})" for key, value in answers.items())
        return [f"prediction: the seeds answer it differently: {told}"]
    return []
