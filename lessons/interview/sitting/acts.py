"""What may be done in an interview: each act as the events that it makes of the state, or one sentence on why not."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from engine.errors import InvalidInput, NotAllowed
from lessons.interview.base import Model, as_tuples
from lessons.interview.sheet import Steps
from lessons.interview.sitting import events as said
from lessons.interview.sitting.changed import changes
from lessons.interview.sitting.events import Phase, told
from lessons.interview.sitting.flow import TITLES
from lessons.interview.sitting.fold import CLAIM, SILENCE, Folded
from lessons.interview.sitting.hints import GRADES, MOST_HINTS
from lessons.interview.sitting.log import Told
from lessons.interview.sitting.probes import Next, draw, satisfied, silent
from lessons.interview.sitting.sentence import difference
from lessons.interview.sitting.understood import RELATIONS, Chip
from lessons.interview.transcript import Answer, Claim, Predicted

MOST_CLAIMS = 200
MOST_RESTATED = 300
_SHEETS = {step: getattr(Steps(), f"s{step}") for step in range(1, 8)}


def write(state: Folded, step: int, structured: Model, free_text: str) -> list[Told]:
    """A whole sheet; nothing where nothing changed."""
    if step not in _SHEETS or type(structured) is not type(_SHEETS[step].structured):
        raise InvalidInput(f"Step {step} has no sheet {type(structured).__name__}.")
    sheet, text = told(structured), clean(free_text)
    wrote = made(said.Wrote, step=step, structured=as_tuples(sheet), free_text=text)
    if str(step) not in state.opened:
        raise NotAllowed(f"Step {step} has not been opened yet.")
    now = getattr(state.late if state.too_late else state.steps, f"s{step}")
    unchanged = told(now.structured) == sheet and now.free_text == text
    return [] if unchanged else [("wrote", told(wrote))]


def go(state: Folded, phase: Phase) -> list[Told]:
    """Open or reopen a step."""
    allowed("step", phase, TITLES)
    if state.phase == phase:
        return []
    if phase not in state.may_go:
        named = f"Step {phase}, {TITLES[phase]}," if phase.isdigit() else f"The part {TITLES[phase]!r}"
        raise NotAllowed(closed(state) or f"{named} cannot be opened yet.")
    return [*resume(state), ("went", {"phase": phase})]


def finish_step(state: Folded) -> list[Told]:
    """Done with the step that is open: a question about it, if one is due."""
    check_open(state)
    due = draw(state) if state.pending is None else None
    return [*resume(state), ("done", {"phase": state.phase}), *([_ask(state, due)] if due else [])]


def answer(
    state: Folded, name: str, structured: Answer, free_text: str, outcome: said.Outcome
) -> list[Told]:  # fmt: skip
    """Of the question that stands. "directed" and nothing else makes an open question narrower."""
    allowed("outcome", outcome, ("open", "directed", "do_not_know"))
    text = clean(free_text)
    given = made(said.Answered, probe=name, structured=structured, free_text=text, outcome=outcome)
    check_open(state)
    if state.asking is not None and name == CLAIM:
        if structured.choice is None:
            raise NotAllowed("Which of the two holds: the sentence, or the fields?")
        return [("settled", {"index": state.asking, "keep": structured.choice})]
    ask = state.pending
    if ask is None or ask.probe != name or state.asking is not None:
        raise NotAllowed(f"{name} is not the question that stands.")
    empty = structured == Answer() and not text.strip()
    if name == SILENCE or outcome == "do_not_know":
        return [("answered", told(given))]
    if empty and ask.form == "open" and outcome == "directed":
        return [("narrowed", {"probe": name})]
    if empty:
        raise NotAllowed("The answer is empty: write something, or say that you do not know.")
    return [("answered", told(given.model_copy(update={"outcome": ask.form})))]


def after_answer(state: Folded) -> list[Told]:
    """What is asked then: the same more narrowly, or the next question about a step that is done."""
    if state.pending is not None or state.locked or not state.asks:
        return []
    last = state.asks[-1]
    unsettled = last.form == "open" and last.outcome == "open" and last.probe != SILENCE
    if unsettled and not satisfied(state, last):
        return [("asked", {"probe": last.probe, "phase": last.phase, "form": "directed", "about": last.about})]
    due = draw(state) if state.done is not None else None
    return [_ask(state, due)] if due else []


def hint(state: Folded, criterion: str) -> list[Told]:
    """The next grade for a criterion."""
    if state.begun.mode == "strict":
        raise NotAllowed("There are no hints in strict mode.")
    check_open(state)
    if len(state.hints) >= MOST_HINTS:
        raise NotAllowed(f"All {MOST_HINTS} hints of this interview have been taken.")
    taken = [one.grade for one in state.hints if one.criterion == criterion]
    left = [grade for grade in GRADES if grade not in taken]
    if not left:
        raise NotAllowed(f"All hints for {criterion} have been taken.")
    return [("hinted", {"criterion": criterion, "grade": left[0]})]


def pause(state: Folded) -> list[Told]:
    """The clock stands."""
    if state.begun.mode == "strict":
        raise NotAllowed("There is no pause in strict mode.")
    check_open(state)
    return [] if state.paused else [("paused", {})]


def resume(state: Folded) -> list[Told]:
    """The clock goes on."""
    return [("resumed", {})] if state.paused and not state.finished else []


def change(state: Folded, steps: Steps, predicts: tuple[Predicted, ...], free_text: str) -> list[Told]:
    """The changed sheet; nothing where nothing changed."""
    text = clean(free_text)
    changed = made(said.Changed, steps=steps, predicts=predicts, free_text=text)
    if "change" not in state.opened:
        raise NotAllowed("The new requirement has not been told yet.")
    if state.too_late:
        check_open(state)
    before = state.change
    now = (state.changed, before.structured.predicts, before.free_text)
    return [] if now == (changes(state.steps, steps), predicts, text) else [("changed", told(changed))]


def claim(state: Folded, one: Claim) -> list[Told]:
    """A reading; with the question which holds, where its sentence and its fields differ."""
    check_open(state)
    if "7" not in state.opened:
        raise NotAllowed("Readings belong to step 7, which has not been opened yet.")
    if state.asking is not None:
        raise NotAllowed("First the question that stands: the sentence, or the fields?")
    if len(state.claims) >= MOST_CLAIMS:
        raise NotAllowed(f"An interview has up to {MOST_CLAIMS} readings.")
    differs = difference(one)
    if differs is None:
        return [("claimed", told(said.Claimed(claim=one)))]
    asks = {"sentence": differs.sentence, "fields": differs.fields}
    return [("claimed", told(said.Claimed(claim=one, asks=asks, instead=differs.instead)))]


def retract(state: Folded, index: int) -> list[Told]:
    """A reading that is taken back; until the debrief."""
    if state.finished:
        check_open(state)
    _place("reading", index, len(state.claims))
    return [] if state.claims[index].retracted else [("retracted", {"index": index})]


def drop_chip(state: Folded, step: int, shown: tuple[Chip, ...], index: int) -> list[Told]:
    """A chip that is taken back, of those shown for a step."""
    check_open(state)
    _place(f"chip of step {step}", index, len(shown))
    return [("dropped", {"step": step, "text": shown[index].text, "quote": shown[index].quote})]


def restate(state: Folded, step: int, text: str) -> list[Told]:
    """Something said again in the template; once in each step."""
    allowed("step", step, _SHEETS)
    words = " ".join(clean(text).split())
    sides = next((words.lower().split(f" {one} ") for one in RELATIONS if f" {one} " in words.lower()), [])
    if len(sides) != 2 or not all(side.strip() for side in sides) or len(words) > MOST_RESTATED:
        raise InvalidInput(f"A restatement is one thing, then one of {', '.join(RELATIONS)}, then another thing.")
    check_open(state)
    if str(step) not in state.opened:
        raise NotAllowed(f"Step {step} has not been opened yet.")
    if step in state.restated:
        raise NotAllowed("One restatement a step; the text itself can still be changed.")
    return [("restated", {"step": step, "text": words})]


def tick(state: Folded) -> list[Told]:
    """The process lives; what falls due by time alone."""
    if state.finished:
        return []
    return [("asked", {"probe": SILENCE, "phase": state.phase})] if silent(state) else [("alive", {})]


def closed(state: Folded) -> str | None:
    """Why nothing can be done any more; None while it can."""
    if state.finished:
        return "The interview is over."
    return "The time is over and the sheets are closed." if state.locked else None


def check_open(state: Folded) -> None:
    """Raises NotAllowed where nothing can be done any more."""
    why_not = closed(state)
    if why_not:
        raise NotAllowed(why_not)


def made(kind: type[Any], **parts: Any) -> Any:
    """A model of these parts, or one sentence on what it does not take."""
    try:
        return kind(**parts)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"{place} is not allowed as it is: {first['msg'].lower()}.") from error


def allowed(what: str, value: object, those: Any) -> None:
    """Raises InvalidInput for what is none of those."""
    if isinstance(value, bool) or value not in those:
        raise InvalidInput(f"The {what} is {value!r}; allowed: {', '.join(str(one) for one in those)}.")


def clean(text: str) -> str:
    """Half characters become `?`: no file takes them."""
    return text.encode("utf-8", "replace").decode()


def _ask(state: Folded, due: Next) -> Told:
    form = "directed" if state.narrower else "open"
    about: Mapping[str, str] = due.about
    return "asked", {"probe": due.probe.id, "phase": state.phase, "form": form, "about": dict(about)}


def _place(what: str, index: int, count: int) -> None:
    if isinstance(index, bool) or not 0 <= index < count:
        raise InvalidInput(f"There is no {what} {index}; there are {count}, counted from 0.")
