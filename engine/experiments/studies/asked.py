"""From what somebody filled in to a request; what a page may ask for is smaller than what the command line may.

What is refused names its field, so that a page can say it there.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from datasets.worlds import preset_config
from engine.errors import InvalidField, InvalidInput, UnknownName
from engine.experiments.compare import CompareRequest, variants_of
from engine.experiments.compare import designs as compared
from engine.experiments.grid import VARIABLE, Axis, axis_of
from engine.experiments.measures import find_measure
from engine.experiments.run import RunRequest, opening
from engine.experiments.studies.own import OwnCode, OwnComparison, own_designs
from engine.experiments.sweep import SweepRequest
from engine.experiments.sweep import designs as swept

SIZES = ("classroom", "city")
"""Worlds that a page may ask for: a country would keep the server busy for hours."""
MOST_SECONDS = 600
MOST_REPLICATIONS = 50
_MOST_RUNS = 1_000
_MOST_VIRTUAL_S = 60_000
_FEWEST_COMPARED = 2


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What all strategies meet; `seconds` of virtual time, `seed` that of the first replication."""

    world: str = "classroom"
    scenario: str = "celebrity"
    seconds: int = 30
    replications: int = 5
    seed: int = 7


def comparison_asked(setting: Setting, strategies: Sequence[str], code: OwnCode | None = None) -> CompareRequest:
    """The comparison that a page asks for; `code`: somebody's own, where `strategies` has its `spec`.

    Raises:
        InvalidField: anything in it that is not allowed.
    """
    chosen = _trimmed(strategies)
    if len(chosen) < _FEWEST_COMPARED:
        raise InvalidField("strategies", f"{_counted(chosen)} to compare; allowed: at least two.")
    run = _run(setting)
    if code is not None and code.spec in chosen:
        with _of_field("strategies"):
            mine = OwnComparison(run=run, strategies=chosen, replications=setting.replications, code=code)
            designs = own_designs(mine)
        _check_size(len(designs), setting)
        return mine
    with _of_field("strategies"):
        request = CompareRequest(run=run, strategies=chosen, replications=setting.replications)
        designs = compared(request)
    _check_size(len(designs), setting)
    return request


def sweep_asked(
    setting: Setting,
    strategies: Sequence[str],
    vary: Sequence[tuple[str, str]],
    measure: str = "machine_s",
    *,
    keep_promises: bool = False,
) -> SweepRequest:
    """The sweep that a page asks for; `vary`: one or two knobs with their values, as `axis_of` reads them.

    Raises:
        InvalidField: anything in it that is not allowed.
    """
    axes = tuple(_axis(field, *knob) for field, knob in zip(("values", "second_values"), vary, strict=False))
    chosen = _trimmed(strategies)
    if not chosen:
        raise InvalidField("strategies", "No strategy to sweep; allowed: one or more.")
    if not axes:
        raise InvalidField("values", "No knob to vary; allowed: one or two.")
    if len({axis.name for axis in axes}) < len(vary):
        raise InvalidField("second", f"{axes[0].name} is varied twice; allowed: each knob once.")
    run = _run(setting)
    points = len(axes[0].values) * (len(axes[1].values) if len(axes) > 1 else 1)
    _check_size(points * len(chosen), setting)  # before as many configurations are made
    with _of_field("strategies"):
        variants_of(run, chosen)
    with _of_field("measure"):
        find_measure(measure)
    with _of_field("values" if len(axes) == 1 else "second_values"):
        request = SweepRequest(
            run=run, vary=axes, strategies=chosen, replications=setting.replications, measure=measure,
            keep_promises=keep_promises,
        )  # fmt: skip
        swept(request)
    return request


def _axis(field: str, name: str, values: str) -> Axis:
    with _of_field(field):
        if name not in VARIABLE:
            raise UnknownName(f"There is no knob {name!r} to vary; `python -m engine knobs` lists them.")
        return axis_of(name, values)


def _run(setting: Setting) -> RunRequest:
    with _of_field("world"):
        if setting.world not in SIZES:
            raise UnknownName(f"World {setting.world!r} cannot be studied on this page; allowed: {', '.join(SIZES)}.")
        preset = preset_config(setting.world)
    _check("seconds", "Seconds", setting.seconds, MOST_SECONDS)
    _check("replications", "Repeats", setting.replications, MOST_REPLICATIONS)
    with _of_field("seed"):
        config = preset.with_knobs({"seed": setting.seed})
    with _of_field("scenario"):
        run = RunRequest(config=config, scenario=setting.scenario, seconds=setting.seconds)
        opening(run)
    return run


@contextmanager
def _of_field(field: str) -> Iterator[None]:
    """What is refused here is refused of this field."""
    try:
        yield
    except InvalidInput as refused:
        raise InvalidField(field, str(refused)) from refused


def _trimmed(strategies: Sequence[str]) -> tuple[str, ...]:
    return tuple(spec.strip() for spec in strategies)


def _counted(strategies: Sequence[str]) -> str:
    return "One strategy" if strategies else "No strategy"


def _check(field: str, label: str, value: int, most: int) -> None:
    if not isinstance(value, int) or not 1 <= value <= most:
        raise InvalidField(field, f"{label}: {value}; allowed on this page: a whole number from 1 to {most}.")


def _check_size(designs: int, setting: Setting) -> None:
    runs = designs * setting.replications
    if runs > _MOST_RUNS or runs * setting.seconds > _MOST_VIRTUAL_S:
        raise InvalidField(
            "replications",
            f"This is {runs:,} runs of {setting.seconds} s; allowed on this page: up to {_MOST_RUNS:,} runs and "
            f"{_MOST_VIRTUAL_S:,} s in all; the command line takes more.",
        )
