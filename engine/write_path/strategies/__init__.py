"""The registry of fan-out strategies: one file each."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from engine.config import WorldConfig
from engine.errors import InvalidKnob, UnknownName
from engine.write_path.strategies.base import Members, Strategy, Writers
from engine.write_path.strategies.cached_pull import CachedPull
from engine.write_path.strategies.hybrid import Hybrid
from engine.write_path.strategies.pull import Pull
from engine.write_path.strategies.push import Push
from engine.write_path.strategies.push_active import PushActive

STRATEGIES: Mapping[str, type[Strategy]] = {s.slug: s for s in (Pull, CachedPull, Push, Hybrid, PushActive)}

_MAKERS: Mapping[str, Callable[[WorldConfig], Strategy]] = {
    Pull.slug: lambda config: Pull(),
    CachedPull.slug: lambda config: CachedPull(config.cache.ttl_s),
    Push.slug: lambda config: Push(),
    Hybrid.slug: lambda config: Hybrid(config.strategy.threshold),
    PushActive.slug: lambda config: PushActive(config.strategy.active_days),
}


def make_strategy(config: WorldConfig) -> Strategy:
    """The strategy that a configuration names, with its parameters.

    Raises:
        UnknownName: no strategy of that name; lists those that exist.
    """
    return _MAKERS[_known(config.strategy.name)](config)


def with_strategy(config: WorldConfig, spec: str) -> WorldConfig:
    """A configuration with another strategy, from `name` or `name:param=value,param=value`.

    Raises:
        UnknownName: no strategy of that name.
        InvalidKnob: a parameter that it does not have, or a value out of bounds.
    """
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


__all__ = ["STRATEGIES", "Members", "Strategy", "Writers", "make_strategy", "with_strategy"]
