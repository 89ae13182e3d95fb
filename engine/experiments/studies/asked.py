"""From what somebody filled in to a request; what a page may ask for is smaller than what the command line may."""

from collections.abc import Sequence
from dataclasses import dataclass

from datasets.worlds import preset_config
from engine.errors import InvalidInput, UnknownName
from engine.experiments.compare import CompareRequest
from engine.experiments.compare import designs as compared
from engine.experiments.grid import parse_axis
from engine.experiments.run import RunRequest
from engine.experiments.sweep import SweepRequest
from engine.experiments.sweep import designs as swept

SIZES = ("classroom", "city")
"""Worlds that a page may ask for: a country would keep the server busy for hours."""
MOST_SECONDS = 600
MOST_REPLICATIONS = 50
_MOST_RUNS = 1_000
_MOST_VIRTUAL_S = 60_000
_ANY = "push"
"""Each of the strategies takes its place; it has no parameters that they could inherit."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What all strategies meet; `seconds` of virtual time, `seed` that of the first replication."""

    world: str = "classroom"
    scenario: str = "celebrity"
    seconds: int = 30
    replications: int = 5
    seed: int = 7


def comparison_asked(setting: Setting, strategies: Sequence[str]) -> CompareRequest:
    """The comparison that a page asks for.

    Raises:
        InvalidInput: anything in it that is not allowed.
    """
    request = CompareRequest(run=_run(setting), strategies=_trimmed(strategies), replications=setting.replications)
    _check_size(len(compared(request)), setting)
    return request


def sweep_asked(
    setting: Setting,
    strategies: Sequence[str],
    vary: Sequence[tuple[str, str]],
    measure: str = "machine_s",
    *,
    keep_promises: bool = False,
) -> SweepRequest:
    """The sweep that a page asks for; `vary`: one or two knobs with their values, as `parse_axis` reads them.

    Raises:
        InvalidInput: anything in it that is not allowed.
    """
    axes = tuple(parse_axis(f"{name}={values}") for name, values in vary)
    request = SweepRequest(
        run=_run(setting),
        vary=axes,
        strategies=_trimmed(strategies),
        replications=setting.replications,
        measure=measure,
        keep_promises=keep_promises,
    )
    points = len(axes[0].values) * (len(axes[1].values) if len(axes) > 1 else 1) if axes else 0
    _check_size(points * len(strategies), setting)  # before as many configurations are made
    swept(request)
    return request


def _run(setting: Setting) -> RunRequest:
    if setting.world not in SIZES:
        raise UnknownName(f"World {setting.world!r} cannot be studied on this page; allowed: {', '.join(SIZES)}.")
    _check("Seconds", setting.seconds, MOST_SECONDS)
    _check("Replications", setting.replications, MOST_REPLICATIONS)
    config = preset_config(setting.world).with_knobs({"seed": setting.seed})
    return RunRequest(config=config, scenario=setting.scenario, seconds=setting.seconds)


def _trimmed(strategies: Sequence[str]) -> tuple[str, ...]:
    return tuple(spec.strip() for spec in strategies)


def _check(name: str, value: int, most: int) -> None:
    if not isinstance(value, int) or not 1 <= value <= most:
        raise InvalidInput(f"{name} is {value}; allowed on this page: a whole number from 1 to {most}.")


def _check_size(designs: int, setting: Setting) -> None:
    runs = designs * setting.replications
    if runs > _MOST_RUNS or runs * setting.seconds > _MOST_VIRTUAL_S:
        raise InvalidInput(
            f"This is {runs:,} runs of {setting.seconds} s; allowed on this page: up to {_MOST_RUNS:,} runs and "
            f"{_MOST_VIRTUAL_S:,} s in all; the command line takes more."
        )
