"""What a sweep varies: knobs, and two quantities that are no knobs, over values that are listed or spread evenly.

workers.count=2,4,8               these values
strategy.threshold=50:1500:6      six from 50 to 1500, evenly
strategy.threshold=10:2000:8:log  eight from 10 to 2000, each as many times the one before
reads_per_post=1,10,100           load.reads_per_s becomes so many times load.posts_per_s
celebrity_share=0.2,0.4,0.8       so many of all people follow the largest account
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import product
from types import MappingProxyType
from typing import Any

import numpy as np

from datasets.worlds import find_world, with_celebrity
from engine.config import KNOBS, Knob
from engine.errors import InvalidInput, InvalidKnob
from engine.experiments.run import RunRequest

Value = int | float | bool | str
MOST_VALUES = 200
_FORMS = "knob=a,b,c or knob=lo:hi:n or knob=lo:hi:n:log"
_SHOWN = 30
"""Characters of a bad value that an error repeats."""
_SUGGESTED = {
    "strategy.threshold": "10:2000:8:log",
    "reads_per_post": "1,3,10,30,100",
    "celebrity_share": "0.2:0.8:4",
    "workers.count": "2,4,8,16",
}
_NOT_VARIED = {"seed": "replications vary it", "tick_ms": "it never changes a result"}


@dataclass(frozen=True)
class Axis:
    """One thing that is varied: its name, its unit, and at least one value, no two alike."""

    name: str
    values: tuple[Value, ...]
    unit: str = ""

    @property
    def numeric(self) -> bool:
        """Whether its values lie on a line."""
        return all(isinstance(value, int | float) and not isinstance(value, bool) for value in self.values)


def parse_axis(text: str) -> Axis:
    """An axis from `knob=a,b,c`, `knob=lo:hi:n` or `knob=lo:hi:n:log`; ends are values too.

    Of a whole-number knob the values between are rounded, and those that become alike are one.

    Raises:
        InvalidKnob: no such knob, an empty or upside-down grid, or a value out of the knob's bounds.
    """
    name, equals, spec = (part.strip() for part in text.partition("="))
    if not equals:
        raise InvalidKnob(f"--vary {text!r} has no values; write {_FORMS}.")
    if name in _NOT_VARIED:
        raise InvalidKnob(f"{name} cannot be varied: {_NOT_VARIED[name]}; allowed: any other knob.")
    if name not in VARIABLE:
        near = get_close_matches(name, VARIABLE, n=3) or VARIABLE[:3]
        raise InvalidKnob(f"There is no knob {name!r} to vary; did you mean {', '.join(near)}?")
    return axis_of(name, spec)


def axis_of(name: str, spec: str) -> Axis:
    """An axis of something that can be varied (VARIABLE), from `a,b,c`, `lo:hi:n` or `lo:hi:n:log`.

    Raises:
        InvalidKnob: as `parse_axis`; the sentence says of what these are no values.
    """
    knob = _knob_of(name)
    raw = _spread(spec, knob) if ":" in spec else [part.strip() for part in spec.split(",") if part.strip()]
    values = tuple(dict.fromkeys(_value(knob, value) for value in raw))
    if not values:
        raise _refused(knob, f"none are given; {_how_to_write(knob)}")
    if len(values) > MOST_VALUES:
        raise _refused(knob, f"these are {len(values):,}; allowed: up to {MOST_VALUES}")
    return Axis(name, values, knob.unit)


def suggested(name: str) -> str:
    """Values to begin with, as `parse_axis` reads them: from a quarter of the default to four times as much."""
    knob = _knob_of(name)
    if name in _SUGGESTED:
        return _SUGGESTED[name]
    if knob.choices:
        return ",".join(knob.choices)
    if knob.lo is None or knob.hi is None:
        return "on,off"
    if not knob.default:
        return f"{knob.lo:g},{min(knob.hi, knob.lo + 1):g}"
    lo, hi = max(knob.lo, knob.default / 4), min(knob.hi, knob.default * 4)
    if isinstance(knob.default, int):
        lo, hi = math.ceil(lo), math.floor(hi)
    return f"{lo:.10g}:{hi:.10g}:5{':log' if lo > 0 else ''}"


def unit_of(name: str) -> str:
    """The unit of what can be varied; "" for none."""
    return _knob_of(name).unit


def placed(request: RunRequest, at: Mapping[str, Value]) -> RunRequest:
    """The request at one point of a grid.

    Knobs come before the quantities that are made of them: reads_per_post counts on the point's own load.posts_per_s.

    Raises:
        InvalidInput: a value that this world cannot have.
    """
    knobs = {name: value for name, value in at.items() if name not in _DERIVED}
    request = replace(request, config=request.config.with_knobs(knobs))
    for name, value in at.items():
        if name in _DERIVED:
            request = _DERIVED[name].apply(request, float(value))
    return request


def points(axes: Sequence[Axis]) -> list[dict[str, Value]]:
    """Every point of the grid, the last axis running fastest."""
    return [
        dict(zip((axis.name for axis in axes), values, strict=True))
        for values in product(*(axis.values for axis in axes))
    ]


@dataclass(frozen=True)
class _Derived:
    """A quantity that is not a knob by itself."""

    knob: Knob
    apply: Callable[[RunRequest, float], RunRequest]


def _with_reads_per_post(request: RunRequest, ratio: float) -> RunRequest:
    config = request.config
    return replace(request, config=config.with_knobs({"load.reads_per_s": ratio * config.load.posts_per_s}))


def _with_celebrity_share(request: RunRequest, share: float) -> RunRequest:
    if request.graph is not None:
        raise InvalidInput(f"{request.graph} says who follows whom; allowed: no celebrity_share with a graph file.")
    with_celebrity(find_world(request.config.world), share)
    return replace(request, celebrity_share=share)


def _derived(
    name: str,
    default: float,
    unit: str,
    doc: str,
    lo: float,
    hi: float,
    apply: Callable[[RunRequest, float], RunRequest],
) -> tuple[str, _Derived]:
    return name, _Derived(Knob(name, default, unit, doc, lo, hi), apply)


_DERIVED: Mapping[str, _Derived] = MappingProxyType(
    dict(
        (
            _derived(
                "reads_per_post", 10.0, "reads a post", "load.reads_per_s over load.posts_per_s", 0, 1e6,
                _with_reads_per_post,
            ),
            _derived(
                "celebrity_share", 0.75, "of all people", "who follow the largest account", 0.001, 0.95,
                _with_celebrity_share,
            ),
        )
    )
)  # fmt: skip
VARIABLE: tuple[str, ...] = (*(name for name in KNOBS if name not in _NOT_VARIED), *_DERIVED)
"""All that can be varied."""


def _knob_of(name: str) -> Knob:
    return _DERIVED[name].knob if name in _DERIVED else KNOBS[name]


def _spread(spec: str, knob: Knob) -> list[Any]:
    """The values of lo:hi:n or lo:hi:n:log."""
    parts = [part.strip() for part in spec.split(":")]
    is_log = len(parts) == 4 and parts[3] == "log"
    if knob.lo is None or (len(parts) != 3 and not is_log):
        raise _refused(knob, f"{_short(spec)} is no range; {_how_to_write(knob)}")
    lo, hi = (_number(knob, part) for part in parts[:2])
    if not parts[2].isdecimal() or not 1 <= int(parts[2][:9]) <= MOST_VALUES:
        raise _refused(knob, f"{_short(parts[2])} steps; allowed: a whole number from 1 to {MOST_VALUES}")
    if lo > hi:
        raise _refused(knob, f"{lo:g} to {hi:g} runs downwards; write the smaller end first")
    if is_log and lo <= 0:
        raise _refused(knob, f"spread by a factor (log) they begin above 0, not at {lo:g}")
    for end in parts[:2]:
        _value(knob, end)
    values = np.geomspace(lo, hi, int(parts[2])) if is_log else np.linspace(lo, hi, int(parts[2]))
    if isinstance(knob.default, int):
        return [round(value) for value in values.tolist()]
    return [float(f"{value:.12g}") for value in values.tolist()]


def _value(knob: Knob, raw: Any) -> Value:
    """One value, within the bounds of its knob."""
    if knob.lo is not None and isinstance(raw, str):
        _number(knob, raw)
    try:
        value: Value = knob.parse(raw)
    except InvalidKnob:
        raise _refused(knob, f"{_short(raw)} is not allowed; allowed: {knob.allowed}") from None
    return value


def _number(knob: Knob, raw: str) -> float:
    try:
        number = float(raw)
    except ValueError:
        number = math.nan
    if math.isnan(number):
        raise _refused(knob, f"{_short(raw)} is not a number; {_how_to_write(knob)}")
    return number


def _refused(knob: Knob, why: str) -> InvalidKnob:
    return InvalidKnob(f"Values of {knob.name}: {why}.")


def _how_to_write(knob: Knob) -> str:
    if knob.lo is None:
        return f"write them with commas; allowed: {knob.allowed}"
    return "write numbers with commas, or from:to:steps"


def _short(raw: Any) -> str:
    """As it was written, or the beginning of it."""
    text = str(raw)
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
