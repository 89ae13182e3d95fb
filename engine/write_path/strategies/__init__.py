"""The registry of fan-out strategies: one file each."""

from collections.abc import Mapping
from dataclasses import replace

from engine.config import WorldConfig
from engine.errors import InvalidKnob, UnknownName
from engine.write_path.strategies.adaptive import Adaptive
from engine.write_path.strategies.base import Members, Rates, Seen, Strategy, Writers
from engine.write_path.strategies.cached_pull import CachedPull
from engine.write_path.strategies.delayed import Delayed
from engine.write_path.strategies.hybrid import Hybrid
from engine.write_path.strategies.lossy import Lossy
from engine.write_path.strategies.own import OwnClass, own_spec, read_source
from engine.write_path.strategies.per_edge import PerEdge
from engine.write_path.strategies.pull import Pull
from engine.write_path.strategies.push import Push
from engine.write_path.strategies.push_active import PushActive

_ALL = (Pull, CachedPull, Push, Hybrid, PushActive, Adaptive, Delayed, PerEdge, Lossy)

STRATEGIES: Mapping[str, type[Strategy]] = {s.slug: s for s in _ALL}


_OWN: dict[str, OwnClass] = {}
"""Strategies of people's own that were loaded in this process, by the names that configurations have for them."""


def make_strategy(config: WorldConfig) -> Strategy:
    """The strategy that a configuration names, with its parameters.

    One of somebody's own is loaded if it was not yet: only `with_strategy(own=True)` makes such a configuration.

    Raises:
        UnknownName: no strategy of that name; lists those that exist.
        OwnCodeFailed: one's own cannot be made.
    """
    name = config.strategy.name
    own = own_spec(name)
    if own is not None:
        return (_OWN.get(name) or load_own(read_source(own.file), own.file, own.name)).made_for(config)
    return STRATEGIES[_known(name)].of(config)


def load_own(source: str, file: str, name: str | None = None) -> OwnClass:
    """Load a strategy of somebody's own in this process; configurations may then name it `file:Class`.

    Raises:
        OwnCodeFailed: it cannot be loaded.
    """
    own = OwnClass(source, file, name)
    _OWN[f"{file}:{own.type.__name__}"] = own
    return own


def with_strategy(config: WorldConfig, spec: str, *, own: bool = False) -> WorldConfig:
    """A configuration with another strategy, from `name` or `name:param=value,param=value`.

    `own`: also from `FILE.py:Class[:param=value,...]`, which is loaded and run in this process. Never for what comes
    from another machine: without it, a name of that form is as unknown as any.

    Raises:
        UnknownName: no strategy of that name.
        InvalidKnob: a parameter that it does not have, or a value out of bounds.
        OwnCodeFailed: one's own cannot be loaded.
    """
    mine = own_spec(spec) if own else None
    if mine is not None:
        name, rest = mine.slug, mine.params
        params = load_own(read_source(mine.file), mine.file, mine.name).type.params
    else:
        name, _, rest = spec.partition(":")
        params = STRATEGIES[_known(name)].params
    changes = {}
    for pair in filter(None, rest.split(",")):
        param, _, value = pair.partition("=")
        if param not in params:
            allowed = ", ".join(params) or "none"
            raise InvalidKnob(f"Strategy {name} has no parameter {param!r}; allowed: {allowed}.")
        changes[params[param]] = value
    chosen = replace(config, strategy=replace(config.strategy, name=name))
    return chosen.with_knobs(changes)


def _known(name: str) -> str:
    if name not in STRATEGIES:
        raise UnknownName(f"There is no strategy {name!r}; allowed: {', '.join(STRATEGIES)}.")
    return name


__all__ = [
    "STRATEGIES",
    "Members",
    "OwnClass",
    "Rates",
    "Seen",
    "Strategy",
    "Writers",
    "load_own",
    "make_strategy",
    "with_strategy",
]
