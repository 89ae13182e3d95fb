"""A debrief of one transcript and its report: ten sections in a fixed order. Pure: no clock, no network, no chance."""

from lessons.interview.base import LEVELS, Level
from lessons.interview.debrief.broke import broke_sentences, first_broken
from lessons.interview.debrief.foreseen import foreseen, readings
from lessons.interview.debrief.kept import NO_RUN, held, numbers
from lessons.interview.debrief.losses import line_table, losses
from lessons.interview.debrief.practices import Practice, practices
from lessons.interview.debrief.shape import (
    Bar,
    Bars,
    Block,
    Debrief,
    Flow,
    Listed,
    Loss,
    Number,
    Paragraph,
    Ratio,
    Ratios,
    Scale,
    Section,
    Table,
    Way,
)  # fmt: skip
from lessons.interview.debrief.words import choice_word, many, quoted, shown, spoken, tidy, times
from lessons.interview.figures import told
from lessons.interview.labels import title as field_title
from lessons.interview.report import EstimateLine, Report
from lessons.interview.rubric import BANDS, Rubric, standard
from lessons.interview.transcript import Transcript

HEADINGS = {
    "summary": "In one sentence", "design": "Your design", "held": "What held", "broke": "What broke first",
    "foreseen": "The change and the unforeseen loads", "lines": "Line by line", "estimates": "Estimates",
    "unread": "Not judged, not read", "practices": "Three practices", "next": "What the next level would have asked",
}  # fmt: skip
STEPS = ("Requirements", "Entities, API", "Strategy", "Storage", "Cache, queue, hot users", "Reliability",
         "Read and improve")  # fmt: skip
_SMALL = "Settings are those of the run's small world."
_SAME = 0.02
"""In powers of ten: what is off by less than a twentieth is on its reference."""
_MET = {True: "kept", False: "broken", None: "not judged"}


def debrief(transcript: Transcript, report: Report, rubric: Rubric | None = None) -> Debrief:
    """All of it. `rubric`: the one that the report was made with, where that is not the standard one."""
    rubric = rubric or standard()
    lost, practised, four = losses(transcript, report), practices(transcript, report), numbers(transcript)
    scale = _scale(report, rubric)
    blocks: dict[str, tuple[Block, ...]] = {
        "summary": (Paragraph(_sentence(report, lost)), scale, Paragraph(_other_levels(report)), _steps(report)),
        "design": _design(transcript, four),
        "held": (Listed(kept) if (kept := held(transcript, report)) else Paragraph(_nothing_held(four)),),
        "broke": _broke(transcript),
        "foreseen": foreseen(transcript),
        "lines": (line_table(report), *_lost(lost), *_deducted(report), *readings(report)),
        "estimates": _estimates(report),
        "unread": _unread(report),
        "practices": _practised(practised),
        "next": _next_level(report, rubric),
    }
    sections = tuple(Section(key, heading, blocks[key]) for key, heading in HEADINGS.items())
    mode = transcript.mode or "practice"
    return Debrief(
        tidy(report.transcript), report.level, mode, f"Debrief: mock interview, level {report.level}, {mode}", scale,
        four, lost, practised, sections, f"Rubric {report.rubric}, reader {report.reader}.",
    )  # fmt: skip


def _scale(report: Report, rubric: Rubric) -> Scale:
    band = _band(report)
    low, high = report.interval
    text = f"{report.score:g} of 100 points, interval {low:g} to {high:g} points: {band}."
    borders = tuple((str(name), rubric.bands[name]) for name in BANDS)
    return Scale(report.score, low, high, band, borders, text)


def _band(report: Report) -> str:
    """Never more precise than the interval."""
    between = report.between
    return report.band if len(between) == 1 else f"between {between[0]} and {between[-1]}"


def _sentence(report: Report, lost: tuple[Loss, ...]) -> str:
    """Band, interval, and the one thing that moved it."""
    band = _band(report)
    band = band[:1].upper() + band[1:]
    low, high = report.interval
    interval = f", with an interval from {low:g} to {high:g} points" if low != high else ""
    told_of = f"{band} at level {report.level}: {report.score:g} of 100 points{interval}"
    holding = [one for one in report.caps if one.startswith(f"{report.band} at most: ")]
    if holding and not report.caps[0].startswith("Meets"):
        return f"{told_of}; what holds the band there: {spoken(holding[0].partition(': ')[2])}"
    worst = max(report.deductions, key=lambda one: one.points, default=None)
    largest = max(lost, key=lambda one: one.points, default=None)
    if worst is not None and (largest is None or worst.points > largest.points):
        return f"{told_of}; what moved it most is {worst.kind}, {worst.points:g} points off."
    if largest is not None:
        return f"{told_of}; what moved it most is {largest.criterion}, with {largest.points:.1f} points left in it."
    return f"{told_of}; nothing that this level expects was lost."


def _other_levels(report: Report) -> str:
    others = [(level, report.other_levels[str(level)]) for level in LEVELS if str(level) in report.other_levels]
    levels = [f"as {level} {one.score:g} of 100 points ({one.band})" for level, one in others]
    return f"The same answer: {', '.join(levels)}."


def _steps(report: Report) -> Bars:
    rows = tuple(
        Bar(f"{one.step} {STEPS[one.step - 1]}", one.points, one.of, f"{one.points:.1f} of {one.of:g} points")
        for one in report.steps
    )
    return Bars("Points by step", rows)


def _design(transcript: Transcript, four: tuple[Number, ...]) -> tuple[Block, ...]:
    flow = Flow("The design, as the sheet has it", (_write_way(transcript), _read_way(transcript)))
    if not four:
        return Paragraph(NO_RUN), flow
    rows = tuple((one.label, one.value, one.promise, _MET[one.met]) for one in four)
    table = Table("The base run beside its promises", ("Number", "Base run", "Promise", "Result"), rows)
    factor = f"Counts are shown in real units; the run is {transcript.scale:,.4g} times smaller (modelled)."
    return table, Paragraph(factor), flow


def _write_way(transcript: Transcript) -> Way:
    s3, s4, s5 = (getattr(transcript.steps, f"s{step}").structured for step in (3, 4, 5))
    size = [f"{told(s5.workers, 'workers')}"] if s5.workers is not None else []
    size += [f"{told(s5.per_worker_s, 'copies/s')} each"] if s5.per_worker_s is not None else []
    return Way("A post", (
        ("Posts", _chosen("post_partition", s4.post_partition)),
        ("Queue", _chosen("queue", s5.queue)),
        ("Workers", ", ".join(size) or "not found"),
        ("Fan-out", _chosen("strategy", s3.strategy)),
        ("Home lists", "not found" if s4.cap is None else f"{told(s4.cap, 'entries')} each"),
    ))  # fmt: skip


def _read_way(transcript: Transcript) -> Way:
    s2, s3, s5 = (getattr(transcript.steps, f"s{step}").structured for step in (2, 3, 5))
    return Way("A home page", (
        ("Page", _chosen("paging", s2.paging)),
        ("Home list", _chosen("timeline_holds", s2.timeline_holds)),
        ("Large accounts", _chosen("celebrity", s3.celebrity)),
        ("Bodies", _chosen("body_cache", s5.body_cache)),
    ))  # fmt: skip


def _chosen(field: str, value: str | None) -> str:
    return "not found" if value is None else choice_word(field, value).strip("‘’")


def _nothing_held(four: tuple[Number, ...]) -> str:
    return NO_RUN if not four else "No promise was kept in the base run, and no criterion was borne out by a run."


def _broke(transcript: Transcript) -> tuple[Block, ...]:
    told_of: tuple[Block, ...] = (Paragraph(" ".join(broke_sentences(transcript))),)
    broken = first_broken(transcript)
    if broken is not None and broken.moved is not None:
        told_of += (Paragraph(_SMALL),)
    return told_of


def _lost(lost: tuple[Loss, ...]) -> tuple[Block, ...]:
    if not lost:
        return (Paragraph("Nothing that this level expects was lost."),)
    return Paragraph("What was lost, each with its next action:"), Listed(tuple(one.text for one in lost))


def _deducted(report: Report) -> tuple[Block, ...]:
    told_of = tuple(
        f"Minus {one.points:g} points, {one.kind}: {spoken(one.figure)}. {spoken(one.reason)}"
        for one in report.deductions
    )
    told_of += tuple(f"The band is {spoken(one)}" for one in report.caps)
    if report.deductions:
        told_of += (f"All deductions together: {report.deducted:.1f} of the {report.earned:.1f} points earned.",)
    return (Listed(told_of),) if told_of else ()


def _estimates(report: Report) -> tuple[Block, ...]:
    if not report.estimates:
        return (Paragraph("No estimate was found."),)
    rows = tuple(
        (field_title(one.name), f"{shown(one.estimate, one.unit)} (your estimate)", _reference(one),
         "not told" if one.ratio is None else _times(one.ratio), f"{one.credit:g} of 1")
        for one in report.estimates
    )  # fmt: skip
    table = Table(
        "Each estimate beside its reference", ("Figure", "Your estimate", "Reference", "Off by", "Credit"), rows
    )
    known = tuple(Ratio(field_title(one.name), one.off, _side(one.off)) for one in report.estimates
                  if one.off is not None)  # fmt: skip
    if report.bias is None or report.spread is None:
        return table, Paragraph("No estimate has a reference, so bias and spread cannot be told.")
    lean = (
        f"Bias: {_middle(report.bias)}. Spread: half of the estimates lie within a factor of "
        f"{times(10**report.spread)} of that."
    )
    return Paragraph(lean), Ratios("Estimates around their references, in powers of ten", known), table


def _reference(one: EstimateLine) -> str:
    if one.reference is None:
        return f"none: {one.source} are missing" if one.source.endswith("s") else f"none: {one.source} is missing"
    tag = "(measured)" if one.source == "own run" else "(from your assumptions)"
    return f"{shown(one.reference, one.unit)} {tag}"


def _times(ratio: float) -> str:
    return "one of the two is 0" if ratio == float("inf") else f"{times(ratio)} times"


def _side(off: float) -> str:
    way = "too high" if off > 0 else "too low"
    return "on the reference" if abs(off) < _SAME else f"{times(10 ** abs(off))} times {way}"


def _middle(bias: float) -> str:
    if abs(bias) < _SAME:
        return "the middle estimate lies on its reference"
    return f"the middle estimate is {times(10 ** abs(bias))} times too {'high' if bias > 0 else 'low'}"


def _unread(report: Report) -> tuple[Block, ...]:
    items = tuple(f"I could not read: {quoted(one)}" for one in report.not_read)
    items += tuple(f"Not judged: {spoken(one)}." for one in report.not_judged)
    nothing = Paragraph("Every part of the text was read, and nothing is left without a judgement.")
    return (Listed(items) if items else nothing), Paragraph(report.limits)


def _practised(found: tuple[Practice, ...]) -> tuple[Block, ...]:
    if not found:
        return (Paragraph("Nothing is left to practise here. A new seed brings another graph, change and loads."),)
    return (*(block for one in found for block in _practice(one)), Paragraph(_SMALL))


def _practice(one: Practice) -> tuple[Block, ...]:
    why = f"{one.lost:.1f} points are left in {one.criterion}" + (", and it holds the band down" if one.gate else "")
    cards = tuple(f"Card: {card.question}" for card in one.cards)
    also = (f"More of the kind: {one.also}",) if one.also else ()
    return (
        Paragraph(f"Lesson “{one.lesson_title}”, {one.minutes} minutes ({one.link}). {why}."),
        Listed((f"Experiment: {one.experiment.text} It opens at {one.experiment.link}",
                f"On the command line: {one.experiment.command}", *cards, *also)),
    )  # fmt: skip


def _next_level(report: Report, rubric: Rubric) -> tuple[Block, ...]:
    place = LEVELS.index(report.level) + 1
    if place == len(LEVELS):
        told_of = "This is the highest level. Above it counts 7c with its whole credit, and no idle part in the design."
        return (Paragraph(told_of),)
    above: Level = LEVELS[place]
    credit = {line.criterion: line.credit for line in report.lines}
    asked = [one for one in rubric.criteria.values() if one.expected(above) and not one.expected(report.level)]
    rows = tuple((f"{one.id} {one.title}", f"{credit[one.id]:.2g} of 1", one.wrong) for one in asked)
    standing = report.other_levels[str(above)]
    lead = (
        f"Level {above} expects {many(len(asked), 'further criterion').replace('criterions', 'criteria')}. There this "
        f"answer has {standing.score:g} of 100 points ({standing.band})."
    )
    gates = ", ".join(" or ".join(gate) for gate in rubric.gates[above])
    held_by = f"Its gates are {gates}: each needs half of its credit, and 3a any."
    table = Table(f"Expected from {above} on", ("Criterion", "Found here", "What would be wrong"), rows)
    return Paragraph(lead), Paragraph(held_by), table
