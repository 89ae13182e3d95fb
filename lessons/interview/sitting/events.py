"""What an event says, by its kind. What does not fit its kind is passed over by whoever reads."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from lessons.interview.base import Level, Model, Name, Text, as_tuples
from lessons.interview.measured import Scalar
from lessons.interview.runs import Variant
from lessons.interview.sheet import Steps
from lessons.interview.sitting.log import Event
from lessons.interview.transcript import Answer, Claim, Predicted

Phase = Literal["1", "2", "3", "4", "5", "change", "6", "7", "debrief"]
PHASES: tuple[Phase, ...] = ("1", "2", "3", "4", "5", "change", "6", "7", "debrief")
Mode = Literal["strict", "practice"]
Stage = Literal["first", "second", "last"]
Form = Literal["open", "directed"]
Outcome = Literal["open", "directed", "do_not_know"]
Keep = Literal["claimed", "configured"]
EXTRAS = (1.0, 1.25, 1.5, 2.0)
"""Times the forty-five minutes."""
Step = Annotated[int, Field(ge=1, le=7)]
ProbeId = Annotated[str, Field(pattern=r"^([PI][1-9]\d?|claim)$")]
Said = Annotated[str, Field(max_length=400)]


class Begun(Model):
    level: Level
    mode: Mode
    seed: int = Field(ge=0, lt=2**63)
    extra: float = Field(default=1.0, ge=1, le=2)
    language: str | None = Field(default=None, max_length=35)
    instructor: dict[str, Any] | None = None
    repeat: bool = False


class Wrote(Model):
    step: Step
    structured: dict[str, Any]
    free_text: Text = ""


class Went(Model):
    phase: Phase


class Done(Model):
    phase: Phase


class Asked(Model):
    """The interviewer asks. `about`: what stands in the gaps of the question."""

    probe: ProbeId
    phase: Phase
    form: Form = "open"
    about: dict[str, Said] = Field(default_factory=dict)


class Narrowed(Model):
    probe: ProbeId


class Answered(Model):
    probe: ProbeId
    structured: Answer = Answer()
    free_text: Text = ""
    outcome: Outcome


class Hinted(Model):
    criterion: Name
    grade: Literal["H1", "H2", "H3"]


class Changed(Model):
    steps: Steps
    predicts: tuple[Predicted, ...] = ()
    free_text: Text = ""


class Claimed(Model):
    """A reading of the own run. `asks`: the sentence and the fields differ, so it is asked which holds."""

    claim: Claim
    asks: dict[str, Said] | None = None
    instead: float | None = None


class Retracted(Model):
    index: int = Field(ge=0)


class Settled(Model):
    """Which of sentence and fields holds, for the claim that was asked about."""

    index: int = Field(ge=0)
    keep: Keep


class Dropped(Model):
    step: Step
    text: Said
    quote: Text


class Restated(Model):
    step: Step
    text: Said


class FirstKept(Model):
    """As `runs.First`, without its runs."""

    knobs: dict[Name, Scalar]
    scale: float = Field(gt=0)
    notes: tuple[str, ...] = ()
    variant: Variant
    why: str = ""


class Kept(Model):
    stage: Stage
    scopes: tuple[Name, ...] = ()
    first: FirstKept | None = None


class Nothing(Model):
    pass


@dataclass(frozen=True)
class Written:
    """A sheet with its text: a `Step1` to `Step7`."""

    step: int
    entry: Model


Payload = (
    Begun | Written | Went | Done | Asked | Narrowed | Answered | Hinted | Changed | Claimed | Retracted | Settled
    | Dropped | Restated | Kept | Nothing
)  # fmt: skip
_KINDS: dict[str, TypeAdapter[Any]] = {
    name: TypeAdapter(kind)
    for name, kind in {
        "begun": Begun, "wrote": Wrote, "went": Went, "done": Done, "asked": Asked, "narrowed": Narrowed,
        "answered": Answered, "hinted": Hinted, "changed": Changed, "claimed": Claimed, "retracted": Retracted,
        "settled": Settled, "dropped": Dropped, "restated": Restated, "kept": Kept, "paused": Nothing,
        "resumed": Nothing, "finished": Nothing, "alive": Nothing,
    }.items()
}  # fmt: skip


@lru_cache(maxsize=16384)
def payload(event: Event) -> Payload | None:
    """What an event says; None for a kind that is not known, or where it does not fit."""
    kind = _KINDS.get(event.kind)
    if kind is None:
        return None
    try:
        said = kind.validate_python(as_tuples(event.data))
        return Written(said.step, _entry(said)) if isinstance(said, Wrote) else said
    except (ValidationError, RecursionError):
        return None


def _entry(said: Wrote) -> Model:
    entry = getattr(Steps(), f"s{said.step}")
    whole: Model = type(entry).model_validate({"structured": said.structured, "free_text": said.free_text})
    return whole


def told(model: Model) -> dict[str, Any]:
    """A model as an event keeps it: without what is missing, by the names that a transcript uses."""
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)
