"""The command line: `python -m engine COMMAND`. What it answers goes to stdout, progress to stderr."""

import argparse
import json
import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import NoReturn

from datasets.worlds import WORLDS, preset_config
from engine.clock import SystemWallClock
from engine.config import KNOBS, WorldConfig
from engine.errors import InvalidInput, InvalidKnob, MurmurationError, StoreError
from engine.experiments.calibrate import calibrate
from engine.experiments.claims.check import check_claims
from engine.experiments.claims.table import as_json, as_table
from engine.experiments.local_redis import local_redis
from engine.experiments.prices import BUILT_IN, PriceList, find_prices, save_prices
from engine.experiments.run import RunRequest, run, series_of
from engine.experiments.telemetry import record_run
from engine.load.named import LOADS, named_load
from engine.load.scenarios import SCENARIOS
from engine.memory import keep_freed
from engine.timelines import BACKENDS
from engine.write_path.strategies import STRATEGIES, with_strategy


def main(argv: list[str] | None = None) -> int:
    """Exit status: 0 done, 1 failed, 2 bad input, with one line that says what is allowed."""
    keep_freed()
    try:
        options = _parser().parse_args(argv)
        options.handle(options)
    except InvalidInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except MurmurationError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0
    return 0


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage around it."""

    def error(self, message: str) -> NoReturn:
        raise InvalidInput(f"{message}; see `{self.prog} --help`.")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m engine", description="Run a Twitter head-less.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    running = commands.add_parser("run", help="run one world under one scenario and print the result")
    running.add_argument("--world", default="classroom", help=", ".join(WORLDS))
    running.add_argument("--strategy", default="push", help="NAME[:param=value,...]; see `strategies`")
    running.add_argument("--scenario", default="steady", help="NAME[+NAME...]; see `scenarios`")
    running.add_argument("--load", metavar="NAME", help=f"a published load: {', '.join(LOADS)}; see `loads`")
    running.add_argument("--graph", type=Path, help="edge list `follower followee`, or .mtx")
    running.add_argument("--trace", type=Path, help="CSV `timestamp,value`: the course of posts per second")
    running.add_argument("--seconds", type=int, default=60, help="virtual seconds under load (1 to 86400)")
    running.add_argument("--seed", type=int, default=7)
    running.add_argument("--costs", metavar="FILE|NAME", help=f"price list: {', '.join(BUILT_IN)}, or a JSON file")
    running.add_argument("--set", action="append", default=[], metavar="KNOB=VALUE", help="see `knobs`")
    running.add_argument(
        "--redis", metavar="URL", default=os.environ.get("REDIS_URL"), help="server for --set timeline.backend=redis"
    )
    running.add_argument("--telemetry", type=Path, metavar="FILE", help="also record the run in this DuckDB file")
    running.add_argument("--json", action="store_true", help="print the whole result as one JSON object")
    running.set_defaults(handle=_run)
    measuring = commands.add_parser("calibrate", help="measure this machine and print a price list for --costs")
    measuring.add_argument(
        "--redis-url", metavar="URL", default=os.environ.get("REDIS_URL"), help="else a redis-server of this machine"
    )
    measuring.add_argument("--backend", choices=BACKENDS, help="whose prices to list; else redis, if there is one")
    measuring.add_argument("--out", type=Path, metavar="FILE", help="write the price list here instead of to stdout")
    measuring.set_defaults(handle=_calibrate)
    commands.add_parser("knobs", help="all settings").set_defaults(handle=_knobs)
    commands.add_parser("strategies", help="all fan-out strategies").set_defaults(handle=_strategies)
    commands.add_parser("scenarios", help="all scenarios").set_defaults(handle=_scenarios)
    commands.add_parser("loads", help="all named loads").set_defaults(handle=_loads)
    claiming = commands.add_parser("claims", help="the numbers of the design texts: claimed, computed and measured")
    claiming.add_argument("--json", action="store_true", help="print one JSON object")
    claiming.set_defaults(handle=_claims)
    return parser


def _run(options: argparse.Namespace) -> None:
    if not 1 <= options.seconds <= 86_400:
        raise InvalidKnob(f"--seconds is {options.seconds}; allowed: 1 to 86400.")
    prices = find_prices(options.costs) if options.costs is not None else None
    config = _configure(options, prices)
    if config.timeline.backend == "redis" and not options.redis:
        raise StoreError("The timeline backend 'redis' needs the address of a server: --redis URL, or REDIS_URL.")
    request = RunRequest(
        config=config,
        scenario=options.scenario,
        seconds=options.seconds,
        graph=options.graph,
        trace=options.trace,
        redis_url=options.redis,
        prices=prices,
    )
    print(f"{options.world}, {options.strategy}, {options.scenario}: {options.seconds} s", file=sys.stderr)
    result = run(request)
    result.world.close()
    if options.telemetry:
        record_run(options.telemetry, {**result.report, "series": series_of(result.world)})
    print(json.dumps(result.report) if options.json else _in_words(result.report))


def _calibrate(options: argparse.Namespace) -> None:
    out = options.out
    if out is not None and (out.is_dir() or not out.parent.is_dir()):
        raise InvalidInput(f"--out is {str(out)!r}; allowed: a file in a folder that exists.")
    wall = SystemWallClock()
    print("measuring; this takes a quarter of a minute", file=sys.stderr)
    with nullcontext(options.redis_url) if options.redis_url else local_redis(wall) as url:
        if not url:
            print("no Redis: neither --redis-url, REDIS_URL nor a redis-server binary", file=sys.stderr)
        if options.backend == "redis" and not url:
            raise StoreError("There are no prices of 'redis' without a server: --redis-url URL, or REDIS_URL.")
        calibration = calibrate(url, out.parent if out else Path(), wall=wall)
    prices = calibration.price_list(options.backend)
    print(calibration.table(), file=sys.stdout if out else sys.stderr)
    print(f"kept as the world has them: {', '.join(prices.kept)}", file=sys.stderr)
    if out:
        save_prices(prices, out)
    else:
        print(prices.to_json(), end="")


def _configure(options: argparse.Namespace, prices: PriceList | None) -> WorldConfig:
    """A world's own settings, under the named load, under the price list, under --set."""
    changes = {}
    for pair in options.set:
        name, equals, value = pair.partition("=")
        if not equals:
            raise InvalidKnob(f"--set {pair!r} has no value; write --set knob=value.")
        changes[name] = value
    load = named_load(options.load) if options.load is not None else {}
    config = with_strategy(preset_config(options.world, **load), options.strategy)
    config = prices.apply(config) if prices else config
    return config.with_knobs({"seed": options.seed, **changes})


def _in_words(report: dict[str, dict[str, object]]) -> str:
    lines = [f"{name:>20}  {value}" for name, value in report["summary"].items()]
    return "\n".join([*lines, f"{'audit':>20}  {report['audit']}"])


def _knobs(_: argparse.Namespace) -> None:
    for knob in KNOBS.values():
        unit = f" {knob.unit}" if knob.unit else ""
        source = f" [{knob.source}]" if knob.source else ""
        print(f"{knob.name}  default {knob.default}{unit}  ({knob.allowed})  {knob.doc}{source}")


def _strategies(_: argparse.Namespace) -> None:
    for slug, strategy in STRATEGIES.items():
        params = "".join(f"  {param}: sets {knob}" for param, knob in strategy.params.items())
        print(f"{slug}  {strategy.idea}{params}")


def _claims(options: argparse.Namespace) -> None:
    claims = check_claims(lambda step: print(step, file=sys.stderr))
    print(as_json(claims) if options.json else as_table(claims))


def _loads(_: argparse.Namespace) -> None:
    for slug, named in LOADS.items():
        print(f"{slug}  {named.doc} [{named.source}]")


def _scenarios(_: argparse.Namespace) -> None:
    for slug, declared in SCENARIOS.items():
        print(f"{slug}  {declared.doc}")


if __name__ == "__main__":
    sys.exit(main())
