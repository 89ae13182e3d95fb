"""The three common mistakes: services before requirements, a product as an explanation, skew ignored."""

from dataclasses import dataclass
from typing import Literal

from lessons.interview.answers import heard, probes_for
from lessons.interview.evidence.credit import named
from lessons.interview.evidence.step5 import BUYS
from lessons.interview.reader import Reading
from lessons.interview.rubric import Rubric
from lessons.interview.transcript import Transcript

Kind = Literal["services before requirements", "a product as an explanation", "skew ignored"]
_BUILT = (3, 4, 5)
"""Steps that enter a strategy, a store or a component."""


@dataclass(frozen=True)
class Mistake:
    """One of the three, with the points that it costs."""

    kind: Kind
    points: float
    figure: str
    reason: str


def mistakes(transcript: Transcript, reading: Reading, rubric: Rubric) -> list[Mistake]:
    """Those that were made, after all questions."""
    found = [
        services_first(transcript, rubric.deductions.services_first),
        product_as_reason(transcript, reading, rubric.deductions.product_as_reason),
        skew_ignored(transcript, rubric.deductions.skew_ignored),
    ]
    return [one for one in found if one is not None]


def built(transcript: Transcript) -> list[int]:
    """The steps 3 to 5 that have anything on their sheet or in their text."""
    return [step for step in _BUILT if entered(transcript, step)]


def entered(transcript: Transcript, step: int) -> bool:
    """Whether anything was written in a step."""
    one = getattr(transcript.steps, f"s{step}")
    return bool(one.free_text.strip()) or one.structured != type(one.structured)()


def services_first(transcript: Transcript, points: float) -> Mistake | None:
    """A strategy, store or component before any requirement and any promise: by the order in which the steps were
    opened, or because there are none at all."""
    sheet, parts = transcript.steps.s1.structured, built(transcript)
    if not parts:
        return None
    none = not sheet.must and not sheet.slo.model_fields_set
    order = [one for one in transcript.opened_order if one != "change"]
    before = order[: order.index("1")] if "1" in order else order
    early = [step for step in parts if str(step) in before]
    if not none and not early:
        return None
    shown = f"opened: {named(order)}" if early else "no requirement and no promise"
    why = f"Step {early[0]} was filled before step 1." if early else "Parts were chosen, and nothing that they are for."
    return Mistake("services before requirements", points, shown, why)


def product_as_reason(transcript: Transcript, reading: Reading, points: float) -> Mistake | None:
    """A queue or cache, and nothing that it is for: not in the text, not chosen, not asked for. What could not be read
    is no mistake."""
    sheet = transcript.steps.s5.structured
    chosen = [f"queue: {sheet.queue}"] if sheet.queue not in (None, "none") else []
    chosen += [f"body_cache: {sheet.body_cache}"] if sheet.body_cache not in (None, "none") else []
    said = reading.reason("5a")
    answered = any(
        set(probe.structured.queue_why) & set(BUYS)
        or (probe.free_text.strip() and heard(reading, probe).reason("5a").credit)
        for probe in probes_for(transcript, "5a")
    )
    if not chosen or said.credit or said.unread or set(sheet.queue_why) & set(BUYS) or answered:
        return None
    return Mistake("a product as an explanation", points, named(chosen), "What it buys was found nowhere.")


def skew_ignored(transcript: Transcript, points: float) -> Mistake | None:
    """A strategy for the mean account alone, also after the questions about the largest. A treatment that does not work
    in the run is none that was ignored."""
    treatments = [transcript.steps.s3.structured.celebrity]
    treatments += [probe.structured.celebrity for probe in probes_for(transcript, "3c")]
    if transcript.steps.s3.structured.strategy is None or any(one not in (None, "none") for one in treatments):
        return None
    asked = [probe.outcome or "answered" for probe in transcript.probes if probe.id == "P1"]
    shown = f"celebrity: {transcript.steps.s3.structured.celebrity}; asked: {named(asked)}"
    return Mistake("skew ignored", points, shown, "Nothing in the design treats the largest accounts apart.")
