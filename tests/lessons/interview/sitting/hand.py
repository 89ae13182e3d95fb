"""A clock moved by hand, an interview on it, and a design that nothing has to be asked about."""

from pathlib import Path
from typing import Any

from lessons.interview.measured import Part, Runs
from lessons.interview.runs import First, Ran
from lessons.interview.sheet import Sheet1, Sheet3, Sheet4, Sheet5, Sheet6
from lessons.interview.sitting import Sitting
from lessons.interview.sitting.events import as_tuples
from tests.lessons.interview.candidates import part, senior

BEGAN = 1_800_000_000.0


class Hand:
    """Seconds since 1970, as the test wants them."""

    def __init__(self) -> None:
        self.at = BEGAN

    def __call__(self) -> float:
        return self.at

    def on(self, seconds: float) -> None:
        self.at += seconds


def begun(folder: Path, hand: Hand, **more: Any) -> Sitting:
    """An interview that begins now."""
    asked = {"level": "senior", "mode": "strict", "seed": 7, **more}
    return Sitting.begin(folder, now_s=hand, **asked)


def again(sitting: Sitting, hand: Hand, **more: Any) -> Sitting:
    """The same, opened anew."""
    return Sitting.open(sitting.folder, sitting.id, hand, **more)


def spend(sitting: Sitting, hand: Hand, seconds: float) -> None:
    """Somebody looks at the page, and enters something now and then, so that there is no silence."""
    while seconds > 0:
        hand.on(min(seconds, 60.0))
        seconds -= 60.0
        sitting.tick()


def sheet(step: int) -> Any:
    """The strong senior's sheet of one step."""
    kinds = {1: Sheet1, 3: Sheet3, 4: Sheet4, 5: Sheet5, 6: Sheet6}
    return kinds[step].model_validate(as_tuples(senior()["steps"][str(step)]["structured"]))


def text(step: int) -> str:
    """Their text."""
    return str(senior()["steps"][str(step)].get("free_text", ""))


def fill(sitting: Sitting, *steps: int, **changes: Any) -> None:
    """Their sheets 1 to 6, each in its step; `s3_celebrity=None` changes a field."""
    for step in steps:
        sitting.go(str(step))  # type: ignore[arg-type]
        own = {
            name[3:]: value
            for name, value in changes.items()
            if name.startswith(f"s{step}_") and name != f"s{step}_text"
        }
        sitting.write(step, sheet(step).model_copy(update=own), changes.get(f"s{step}_text", text(step)))


def run(scope: str, **changes: Any) -> Ran:
    """A run that kept its promises."""
    whole = Part.model_validate(as_tuples(part(**changes)))
    return Ran(scope, whole, {"visible_lag": ([0.0, 1.0], [0.5, float("nan")])}, ((20.0, 30.0, "the peak"),))


def first(variant: str = "V1") -> First:
    """What comes out of the first runs."""
    knobs = {"strategy": "hybrid", "strategy.threshold": 200, "workers.count": 4}
    return First(knobs, 1000.0, ("Two sizes were assumed.",), variant, "It bites.", (run("base"), run("change_before")))


def last() -> Runs:
    """What is run for the debrief."""
    return Runs.model_validate(as_tuples({"next": part(), "ablation": {"coalescing": {"base": part()}}}))


def ids(sitting: Sitting) -> list[str]:
    """The questions that were asked, each once."""
    return list(dict.fromkeys(one.id for one in sitting.state().asked))
