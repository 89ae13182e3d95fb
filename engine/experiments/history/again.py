"""From a kept run back to a run: as a request, as a command line, and run again.

A row holds every setting, so what it says does not hang on today's defaults. Files are kept by name, hash and place: a
run is only made again with the very file it was made with.
"""

import json
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from datasets.worlds import preset_config
from engine.config import KNOBS, WorldConfig
from engine.errors import InvalidInput, RunCancelled, UnknownRun
from engine.experiments.acts import parse_act
from engine.experiments.history.history import RunHistory
from engine.experiments.history.inputs import inputs_of, sha256_of
from engine.experiments.history.rows import KeptRun
from engine.experiments.prices import BUILT_IN, PriceList
from engine.experiments.run import RunRequest, RunResult, config_of, run, series_of
from engine.faults.fault import parse_fault
from engine.write_path.strategies import with_strategy


def run_and_keep(
    request: RunRequest,
    history: RunHistory,
    *,
    study_id: int | None = None,
    play: Callable[[RunRequest], RunResult] = run,
) -> tuple[int, RunResult]:
    """Run, and keep it: noted when it begins, with its result when it has ended. Returns its number and the result.

    Raises:
        InvalidInput: as `run`; nothing was run, and nothing is kept.
        RunCancelled: `play` was stopped; nothing is kept.
        HistoryError: the history cannot be used.
    """
    run_id = history.begin(config_of(request), inputs_of(request), study_id)
    try:
        result = play(request)
    except (InvalidInput, RunCancelled):
        history.discard(run_id)
        raise
    except BaseException as error:
        history.interrupt(run_id, f"{type(error).__name__}: {error}".splitlines()[0][:200])
        raise
    history.finish(run_id, result.report, series_of(result.world))
    return run_id, result


def request_of(kept: KeptRun, redis_url: str | None = None, *, own: bool = False) -> RunRequest:
    """The request that a kept run was made with. The address of a Redis is not kept and has to be given.

    `own`: also if its strategy is somebody's own code, which is then loaded and run in this process.

    Raises:
        InvalidInput: a setting, world or strategy that this version does not have, or a file that is not what it was.
    """
    return RunRequest(
        config=_checked_config(kept, own),
        scenario=kept.config["scenario"],
        seconds=kept.config["seconds"],
        graph=_file(kept, "graph"),
        trace=_file(kept, "trace"),
        redis_url=redis_url,
        prices=_prices(kept),
        celebrity_share=kept.config.get("celebrity_share"),
        faults=tuple(map(parse_fault, kept.config.get("faults", []))),
        acts=tuple(map(parse_act, kept.config.get("acts", []))),
    )


def run_again(
    history: RunHistory,
    run_id: int,
    *,
    redis_url: str | None = None,
    own: bool = False,
    play: Callable[[RunRequest], RunResult] = run,
) -> tuple[int, RunResult]:
    """Make a kept run again, as a new run of the same history; same code, same numbers but for the wall's seconds.

    `own`: as `request_of`.

    Raises:
        UnknownRun: there is none of this number.
        InvalidInput: as `request_of`.
    """
    return run_and_keep(request_of(history.run(run_id), redis_url, own=own), history, play=play)


def command_of(kept: KeptRun, *, places: bool = True) -> str:
    """The command line that makes a kept run again: its world, strategy and files, and every setting that is not the
    world's own today.

    `places`: files where they were; without, by their bare names, for what is handed to others.
    """
    config, settings = _config(kept), kept.config
    strategy = _strategy(kept) if places else settings["strategy"]
    words = ["python", "-m", "engine", "run", "--world", config.world, "--strategy", strategy]
    words += ["--scenario", settings["scenario"], "--seconds", str(settings["seconds"]), "--seed", str(config.seed)]
    for kind in ("graph", "trace"):
        if kind in kept.inputs:
            words += [f"--{kind}", kept.inputs[kind]["place" if places else "name"]]
    if settings.get("celebrity_share") is not None:
        words += ["--celebrity", str(settings["celebrity_share"])]
    for fault in settings.get("faults", []):
        words += ["--fault", fault]
    for act in settings.get("acts", []):
        words += ["--act", act]
    prices, usual = _prices(kept), preset_config(config.world)
    if prices is not None and BUILT_IN.get(prices.name) == prices:
        words += ["--costs", prices.name]
        usual = prices.apply(usual)
    for changed in _changed(config, usual):
        words += ["--set", f"{changed.name}={_written(changed.value)}"]
    return shlex.join([*words, "--json"])


@dataclass(frozen=True)
class Changed:
    """A setting of a run that its world does not have by itself."""

    name: str
    value: Any
    usual: Any
    unit: str


def changed_settings(kept: KeptRun) -> list[Changed]:
    """The settings of a run that are not those of its world today, seed and strategy apart.

    Raises:
        InvalidInput: a setting or world that this version does not have.
    """
    return list(_changed(_config(kept), preset_config(kept.config["world"])))


def _changed(config: WorldConfig, usual: WorldConfig) -> Iterator[Changed]:
    for name, knob in KNOBS.items():
        if name != "seed" and config.knob(name) != usual.knob(name):
            yield Changed(name, config.knob(name), usual.knob(name), knob.unit)


def _config(kept: KeptRun) -> WorldConfig:
    """The settings of a run, as its row has them.

    Raises:
        UnknownRun: this version does not have its world, or one of its settings.
    """
    settings = kept.config
    if "world" not in settings or "strategy" not in settings:
        raise UnknownRun(f"Run {kept.run_id} does not say which world and strategy it was of.")
    knobs = {name: value for name, value in settings.items() if name == "seed" or "." in name or name == "tick_ms"}
    unknown = sorted(set(knobs) - set(KNOBS))
    if unknown:
        raise UnknownRun(
            f"Run {kept.run_id} was made with the setting {unknown[0]!r}, which this version does not have."
        )
    config = preset_config(settings["world"]).with_knobs(knobs)
    return replace(config, strategy=replace(config.strategy, name=_strategy(kept)))


def _checked_config(kept: KeptRun, own: bool) -> WorldConfig:
    """With a strategy that there is."""
    if "strategy" in kept.inputs:
        if not own:
            raise UnknownRun(f"Run {kept.run_id} was made with somebody's own code, which is not run here.")
        _file(kept, "strategy")
    return with_strategy(_config(kept), _strategy(kept), own=own)


def _strategy(kept: KeptRun) -> str:
    """As the command line takes it."""
    named: str = kept.config["strategy"]
    given = kept.inputs.get("strategy")
    return f"{given['place']}:{named.rpartition(':')[2]}" if given else named


def _file(kept: KeptRun, kind: str) -> Path | None:
    given = kept.inputs.get(kind)
    if given is None:
        return None
    path = Path(given["place"])
    if not path.is_file():
        raise UnknownRun(f"Run {kept.run_id} was made with the {kind} file {path}, which is not there any more.")
    if sha256_of(path) != given["sha256"]:
        raise UnknownRun(f"Run {kept.run_id} was made with another {path}: the file has changed since.")
    return path


def _prices(kept: KeptRun) -> PriceList | None:
    given = kept.inputs.get("prices")
    if given is None:
        return None
    listed = json.loads(given["list"])
    return PriceList(**{**listed, "kept": tuple(listed["kept"])})


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)
