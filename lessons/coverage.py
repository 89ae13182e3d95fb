"""What the lessons together cover, and what no lesson covers."""

from collections.abc import Iterable, Mapping

from engine import SCENARIOS, STRATEGIES
from engine.experiments.claims.declared import DECLARED
from engine.experiments.stories.story import MITIGATIONS
from engine.faults.kinds import KINDS
from engine.observe.metric import Metric
from lessons.figure import figure
from lessons.lesson import Lesson
from lessons.play import requests


def uncovered(lessons: Iterable[Lesson]) -> Mapping[str, list[str]]:
    """By kind, what the engine has and no lesson covers, in the engine's order."""
    there = covered(lessons)
    every: Mapping[str, Iterable[str]] = {
        "strategies": STRATEGIES,
        "scenarios": SCENARIOS,
        "faults": KINDS,
        "mitigations": MITIGATIONS,
        "metrics": map(str, Metric),
        "claims": (declared.id for declared in DECLARED if not declared.missing),
    }
    return {kind: [name for name in names if name not in there[kind]] for kind, names in every.items()}


def covered(lessons: Iterable[Lesson]) -> dict[str, set[str]]:
    """What lessons cover, by kind: strategies, scenarios, faults, mitigations, metrics, claims.

    Strategies, scenarios, faults and mitigations count if a run has them; metrics if a chart draws them, a figure reads
    them, or the text explains them by their name.
    """
    found: dict[str, set[str]] = {kind: set() for kind in ("strategies", "scenarios", "faults", "metrics", "claims")}
    found["mitigations"] = set()
    for lesson in lessons:
        front = lesson.front
        made = [*requests(front).values()]
        for value in front.change.values if front.change else ():
            made += requests(front, change=value).values()
        for run in made:
            found["strategies"].add(run.config.strategy.name)
            found["scenarios"] |= set(run.scenario.split("+"))
            found["faults"] |= {fault.kind for fault in run.faults}
        found["mitigations"] |= _switched(lesson)
        found["claims"] |= set(front.covers)
        found["metrics"] |= {str(metric) for metric in front.experiment.watch}
        found["metrics"] |= {str(metric) for metric in _read(lesson)}
        text = " ".join(lesson.text.values()).lower()
        found["metrics"] |= {str(metric) for metric in front.explains if metric.label.lower() in text}
    return found


def _read(lesson: Lesson) -> set[Metric]:
    reads = [figure(read.read) for read in lesson.front.figures.values()]
    return {metric for read in reads for metric in read.metrics}


def _switched(lesson: Lesson) -> set[str]:
    """Knobs that a run or a change of the lesson sets on purpose."""
    front = lesson.front
    layers = [front.experiment, *front.experiment.runs, front.withheld]
    named = {name for layer in layers for name in layer.knobs} | ({front.change.knob} if front.change else set())
    return {name.removeprefix("mitigations.").removeprefix("fanout.") for name in named}
