"""The own design with one setting turned: an address that opens it, and the command that runs it."""

from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from urllib.parse import parse_qsl

from datasets.worlds import WORLDS, preset_config
from engine.config import KNOBS, WorldConfig
from engine.errors import InvalidInput
from engine.live import Experiment
from engine.write_path.strategies import with_strategy
from lessons.interview.figures import figure
from lessons.interview.transcript import Transcript

Value = bool | int | float | str
Turn = float | str | tuple[Value, ...]
PAGE = "/load"
_WORLDS = ("town", "classroom")
"""The world of a design that names none: the first that there is."""
_SECONDS = 60
_ROOM = 0.8
_WITH_THRESHOLD = ("hybrid", "adaptive", "delayed")
_OTHER = {"push": "hybrid", "push_active": "push", "hybrid": "push", "pull": "hybrid", "cached_pull": "pull"}
"""The strategy to hold one's own against; hybrid for all others."""


@dataclass(frozen=True)
class Tried:
    """One experiment. `own`: it starts from the candidate's design; else from the small world as it comes."""

    knob: str
    was: str
    now: str
    own: bool
    link: str
    command: str

    @property
    def text(self) -> str:
        """What is turned, in a sentence."""
        start = "The own design" if self.own else "The small world"
        return f"{start} with {self.knob} = {self.now} in place of {self.was}."


def turned(transcript: Transcript, knob: str, turn: Turn, *, celebrity: bool = False) -> Tried:
    """The own design with one setting as `turn` says; where that is not allowed, turned the other way."""
    config, own = _design(transcript)
    if knob == "strategy" or (knob == "strategy.threshold" and config.strategy.name not in _WITH_THRESHOLD):
        return _tried(config, "strategy", _OTHER.get(config.strategy.name, "hybrid"), own, celebrity)
    if turn == "own":
        knob, turn = _own_turn(transcript, config) or (knob, 2.0)
    for value in _values(transcript, config.knob(knob), turn):
        if value != config.knob(knob):
            try:
                return _tried(config, knob, value, own, celebrity)
            except InvalidInput:  # beyond the bounds of the setting
                continue
    return _tried(config, "strategy", _OTHER.get(config.strategy.name, "hybrid"), own, celebrity)


def _design(transcript: Transcript) -> tuple[WorldConfig, bool]:
    """The design as it was run, and whether it is the own one. What the engine refuses is left out."""
    given = transcript.config
    known = [name for name in (given.get("world"), *_WORLDS) if name in WORLDS]
    config, own = preset_config(str(known[0])), False
    strategy = given.get("strategy")
    if isinstance(strategy, str):
        with suppress(InvalidInput):
            config, own = with_strategy(config, strategy), True
    for name in sorted(given):
        if name in KNOBS and given[name] is not None:
            with suppress(InvalidInput):
                config, own = config.with_knobs({name: given[name]}), True
    return config, own


def _own_turn(transcript: Transcript, config: WorldConfig) -> tuple[str, Turn] | None:
    """The first setting of the own change that the engine has."""
    for name, value in sorted(transcript.change.structured.config_diff.items()):
        if name in KNOBS and name != "seed" and isinstance(value, bool | int | float) and config.knob(name) != value:
            return name, (value,)
    return None


def _values(transcript: Transcript, now: Value, turn: Turn) -> list[Value]:
    """What to turn it to, the best first."""
    if isinstance(turn, tuple):
        return list(turn)
    if turn == "toggle" or isinstance(now, bool | str):
        return [not now]
    if turn == "room":
        util = figure(transcript.run.base, "stations.workers.util")
        factors = [util / _ROOM] if util else []
        return [*(max(1, ceil(now * factor - 1e-9)) for factor in factors), now * 2]
    factor = float(turn)
    return [max(1, round(value)) if isinstance(now, int) else value for value in (now * factor, now / factor)]


def _tried(config: WorldConfig, knob: str, value: Value, own: bool, celebrity: bool) -> Tried:
    was = config.strategy.name if knob == "strategy" else config.knob(knob)
    changed = with_strategy(config, str(value)) if knob == "strategy" else config.with_knobs({knob: value})
    query = Experiment(changed, "celebrity" if celebrity else None).to_query()
    return Tried(knob, _written(was), _written(value), own, f"{PAGE}?{query}", _command(query))


def _command(query: str) -> str:
    options = {"world": "--world", "strategy": "--strategy", "scenario": "--scenario", "seed": "--seed"}
    words = ["python -m engine run", f"--seconds {_SECONDS}"]
    words += [f"{options[name]} {value}" if name in options else f"--set {name}={value}"
              for name, value in parse_qsl(query)]  # fmt: skip
    return " ".join(words)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:,.6g}" if isinstance(value, int | float) else str(value)
