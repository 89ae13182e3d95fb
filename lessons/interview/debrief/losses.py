"""What was lost, in four parts each: criterion, evidence, consequence in the run, next action. The table of lines."""

from engine.config import KNOBS
from lessons.interview.debrief.consequences import consequence
from lessons.interview.debrief.practices import lesson_for
from lessons.interview.debrief.shape import Loss, Table
from lessons.interview.debrief.words import quoted, spoken
from lessons.interview.report import Line, Report
from lessons.interview.transcript import Transcript

_ENTITIES = "2a"
"""Its evidence is in the candidate's own words."""
_KINDS = {"S": "choice", "E": "estimate", "R": "run", "T": "text"}
_NOTHING = "not found"


def losses(transcript: Transcript, report: Report) -> tuple[Loss, ...]:
    """Of all criteria that this level expects, in their order."""
    return tuple(_loss(transcript, line) for line in report.lines if line.expected and line.credit < 1)


def line_table(report: Report) -> Table:
    """All that this level expects, and what was there beyond it."""
    rows = tuple(
        (
            f"{line.criterion} {line.title}{'' if line.expected else ' (beyond the level)'}",
            said(line), _kind(line.evidence),
            f"{credit_of(line)}; {line.points:.1f} of {line.worth:.1f} points",
            spoken(line.reason),
        )
        for line in report.lines if line.expected or line.credit
    )  # fmt: skip
    return Table("Every criterion that counts at this level", ("Criterion", "Your words or number", "Evidence",
                                                               "Credit", "Why"), rows)  # fmt: skip


def said(line: Line) -> str:
    """The candidate's words or number; both where there are both."""
    figure = line.figure or ""
    if line.criterion == _ENTITIES and figure and figure != _NOTHING:
        figure = quoted(figure)
    parts = [quoted(line.quote)] if line.quote else []
    if figure and not (line.quote and figure == _NOTHING):
        parts.append(figure if figure.startswith("“") else spoken(figure))
    return "; ".join(parts) or _NOTHING


def credit_of(line: Line) -> str:
    """With its reference."""
    return f"{line.credit:.2g} of 1"


def _loss(transcript: Transcript, line: Line) -> Loss:
    lesson = lesson_for(transcript, line.criterion)
    return Loss(
        line.criterion, line.title, credit_of(line), line.worth - line.points,
        _evidence(line), consequence(transcript, line.criterion),
        f"Next: lesson “{lesson.front.title}”, {lesson.front.minutes} minutes.",
    )  # fmt: skip


def _evidence(line: Line) -> str:
    """What was found and why that is not the whole credit."""
    found, why = said(line), spoken(line.reason)
    if found == _NOTHING:
        return why
    first = found.partition(" ")[0].rstrip(":")
    return f"{found if first in KNOBS else found[:1].upper() + found[1:]}. {why}"


def _kind(evidence: str) -> str:
    """S+R is a choice and the run."""
    return ", ".join(dict.fromkeys(_KINDS[one] for one in evidence if one in _KINDS))
