"""Grade a transcript: a pure function of the transcript, the level, the rubric and the reader."""

from dataclasses import dataclass

from lessons.interview import claims
from lessons.interview.ablation import Idle, idle_parts
from lessons.interview.answers import factor, heard, hint_factor, merged, probes_for
from lessons.interview.base import LEVELS, Level
from lessons.interview.estimates import estimates_of, lean
from lessons.interview.evidence import JUDGES, Credit
from lessons.interview.figures import measured
from lessons.interview.mistakes import Mistake, built, mistakes
from lessons.interview.reader import Reader, Reading, default_reader
from lessons.interview.report import ClaimLine, Deduction, EstimateLine, Line, Report, Standing, StepScore
from lessons.interview.rubric import BANDS, Band, Criterion, Rubric, standard
from lessons.interview.score import (
    Cap,
    Facts,
    band_of,
    capped,
    caps,
    contradictions,
    failed_gates,
    over_engineering,
    step_scores,
    total,
)  # fmt: skip
from lessons.interview.transcript import Transcript

_LIMITS = (
    "Text was matched to reasons by rules. It can miss a good reason and can be satisfied by a learned sentence; at "
    "most 20 points hang on it. {unread} of your text {verb} not read. This is an uncalibrated practice score."
)


@dataclass(frozen=True)
class _Judged:
    """One criterion after questions and hints."""

    found: Credit
    factor: float

    @property
    def value(self) -> float:
        return self.found.credit * self.factor


@dataclass(frozen=True)
class _Core:
    """One level, one way to take doubts."""

    judged: dict[str, _Judged]
    steps: list[float]
    mistakes: list[Mistake]
    idle: list[Idle]
    idle_points: float
    against: list[claims.Checked]
    against_points: float
    caps: list[Cap]
    failed_gates: tuple[tuple[str, ...], ...]
    score: float
    band: Band

    @property
    def deducted(self) -> float:
        return self.idle_points + self.against_points + sum(one.points for one in self.mistakes)


def grade(
    transcript: Transcript, level: Level | None = None, rubric: Rubric | None = None, reader: Reader | None = None
) -> Report:
    """The report at one level: that of the transcript, or mid, where none is given."""
    level, rubric = level or transcript.level_target or "mid", rubric or standard()
    reading = Reading.of(transcript, reader or default_reader())
    core = _core(transcript, level, reading, rubric)
    standings = {one: _standing(transcript, one, reading, rubric) for one in LEVELS}
    own = standings.pop(level)
    made = estimates_of(transcript)
    bias, spread = lean(made)
    unread = reading.unread_parts()
    earned = sum(core.steps)
    return Report(
        transcript=transcript.id, level=level, score=own.score, interval=own.interval, band=own.band,
        between=own.between, summary=_summary(own, core, rubric, level), earned=earned,
        deducted=min(core.deducted, rubric.deductions.share_of_earned * earned),
        steps=tuple(StepScore(step, points, rubric.points[level][step - 1]) for step, points in
                    enumerate(core.steps, 1)),
        deductions=tuple(_deductions(core)),
        caps=tuple(f"{one.band} at most: {one.reason}." for one in core.caps),
        failed_gates=core.failed_gates,
        lines=tuple(_line(one, core.judged[one.id], level, rubric) for one in rubric.criteria.values()),
        estimates=tuple(EstimateLine(one.name, one.value, one.reference, one.unit, one.source, one.ratio, one.off,
                                     one.credit) for one in made.values() if one.value is not None),
        bias=bias, spread=spread, claims=tuple(_claim(one) for one in claims.check(transcript)),
        idle=tuple(one.part for one in core.idle), not_read=unread,
        other_levels={str(name): one for name, one in standings.items()},
        not_judged=_not_judged(transcript), limits=_limits(len(unread)), rubric=rubric.hash,
        reader=reading.memory.reader.version,
    )  # fmt: skip


def judge(
    transcript: Transcript, criterion: Criterion, level: Level, reading: Reading, rubric: Rubric
) -> tuple[Credit, float]:
    """(credit, factor) of one criterion: from the sheet, or from the best answer to a question about it. Of the factors
    of question and hint the lowest counts."""
    hinted = hint_factor(rubric, transcript, criterion.id)
    best = _Judged(JUDGES[criterion.id](transcript, level, reading), hinted)
    for probe in probes_for(transcript, criterion.id):
        answer = JUDGES[criterion.id](merged(transcript, probe), level, heard(reading, probe))
        asked = _Judged(answer, min(hinted, factor(rubric, probe, level)))
        if asked.value > best.value:
            best = asked
    return best.found, best.factor


def _core(transcript: Transcript, level: Level, reading: Reading, rubric: Rubric) -> _Core:
    judged = {one.id: _Judged(*judge(transcript, one, level, reading, rubric)) for one in rubric.criteria.values()}
    credits = {name: one.value for name, one in judged.items()}
    steps = step_scores(credits, level, rubric)
    made = mistakes(transcript, reading, rubric)
    idle = idle_parts(transcript, rubric.tolerances)
    against = [one for one in claims.check(transcript) if one.counts_against]
    facts = Facts(
        ran=bool(transcript.config) and transcript.run.base is not None and measured(transcript.run.base),
        built=bool({3, 5} & set(built(transcript))),
        skew_ignored=any(one.kind == "skew ignored" for one in made),
        idle=len(idle),
    )
    idle_points, against_points = over_engineering(len(idle), level, rubric), contradictions(len(against), rubric)
    score = total(steps, idle_points + against_points + sum(one.points for one in made), rubric)
    found = caps(credits, level, facts, rubric)
    gates = failed_gates(credits, level, rubric)
    return _Core(judged, steps, made, idle, idle_points, against, against_points, found, gates, score,
                 capped(band_of(score, rubric), found))  # fmt: skip


def _standing(transcript: Transcript, level: Level, reading: Reading, rubric: Rubric) -> Standing:
    """With what is not sure as it is, all gains of it withdrawn, and all losses granted."""
    core = _core(transcript, level, reading, rubric)
    low = _core(transcript, level, reading.doubting("withdrawn"), rubric)
    high = _core(transcript, level, reading.doubting("granted"), rubric)
    lowest, highest = sorted((low.band, high.band), key=BANDS.index)
    between = BANDS[BANDS.index(lowest) : BANDS.index(highest) + 1]
    return Standing(core.score, (min(low.score, core.score), max(high.score, core.score)), core.band, between)


def _line(criterion: Criterion, judged: _Judged, level: Level, rubric: Rubric) -> Line:
    found, worth = judged.found, rubric.worth(criterion, level)
    reason = found.reason
    if judged.factor < 1:
        reason += f" After a question or a hint it counts {judged.factor:g}."
    figure = found.figure if found.figure or found.quote else "not found"
    return Line(
        criterion.id, criterion.step, criterion.title, found.kind, criterion.expected(level), found.quote, figure,
        judged.value, judged.factor, judged.value * worth, worth, reason, found.confidence,
    )  # fmt: skip


def _deductions(core: _Core) -> list[Deduction]:
    found = [Deduction(one.kind, one.points, one.figure, one.reason) for one in core.mistakes]
    if core.idle_points:
        parts = ", ".join(one.part for one in core.idle)
        found.append(Deduction("over-engineering", core.idle_points, parts, core.idle[0].reason))
    each = core.against_points / len(core.against) if core.against else 0.0
    return [
        *found,
        *(
            Deduction("contradicted by the own run", each, one.figure, f"Held against {one.scope}.")
            for one in core.against
        ),
    ]


def _claim(one: claims.Checked) -> ClaimLine:
    return ClaimLine(one.claim.text, one.scope, one.verdict, one.figure, one.claim.retracted)


def _limits(unread: int) -> str:
    """What text by rules is worth, and how much of it was not read."""
    return _LIMITS.format(
        unread="1 part" if unread == 1 else f"{unread} parts", verb="was" if unread == 1 else "were"
    )  # fmt: skip


def _not_judged(transcript: Transcript) -> tuple[str, ...]:
    """What is kept and shown, and has no score."""
    found = ["strategy: other"] if transcript.steps.s3.structured.strategy == "other" else []
    if transcript.change.free_text.strip():
        found.append("the free text of the change")
    return (*found, *(f"the free text of step {step}" for step in (2, 4, 7) if transcript.steps.text(step).strip()))


def _summary(own: Standing, core: _Core, rubric: Rubric, level: Level) -> str:
    """One sentence: band, interval, and what moved it most."""
    band = own.band if len(own.between) == 1 else f"between {own.between[0]} and {own.between[-1]}"
    told = f"{band}: {own.score:g} of 100 at level {level}"
    if own.interval[0] != own.interval[1]:
        told += f" ({own.interval[0]:g} to {own.interval[1]:g})"
    if core.caps and core.band == core.caps[0].band and core.band != band_of(core.score, rubric):
        return f"{told}; {core.caps[0].reason}."
    lost = [
        ((1 - core.judged[one.id].value) * rubric.worth(one, level), one) for one in rubric.criteria.values()
        if one.expected(level)
    ]  # fmt: skip
    points, largest = max(lost, key=lambda pair: pair[0])
    return f"{told}; most was left in {largest.id} ({points:.1f} points)." if points > 0 else f"{told}."
