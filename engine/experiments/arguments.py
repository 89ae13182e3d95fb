"""What the commands that run worlds have in common: the arguments of a run, and the request that they make."""

import argparse
import os
from pathlib import Path

from datasets.worlds import WORLDS, find_world, preset_config, with_celebrity
from engine.config import WorldConfig
from engine.errors import InvalidInput, InvalidKnob, StoreError
from engine.experiments.acts import parse_act
from engine.experiments.prices import BUILT_IN, PriceList, find_prices
from engine.experiments.run import RunRequest
from engine.faults.fault import parse_fault
from engine.load.named import LOADS, named_load
from engine.write_path.strategies import with_strategy


def add_run_arguments(parser: argparse.ArgumentParser, seconds: int = 60) -> None:
    """World, scenario, load, graph, trace, length, seed, prices and knobs; not the strategy."""
    parser.add_argument("--world", default="classroom", help=", ".join(WORLDS))
    parser.add_argument("--scenario", default="steady", help="NAME[+NAME...]; see `scenarios`")
    parser.add_argument("--load", metavar="NAME", help=f"a published load: {', '.join(LOADS)}; see `loads`")
    parser.add_argument("--graph", type=Path, help="edge list `follower followee`, or .mtx")
    parser.add_argument("--trace", type=Path, help="CSV `timestamp,value`: the course of posts per second")
    parser.add_argument(
        "--celebrity", type=float, metavar="SHARE", help="of all people, who follow the largest account"
    )
    parser.add_argument("--seconds", type=int, default=seconds, help="virtual seconds under load (1 to 86400)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--costs", metavar="FILE|NAME", help=f"price list: {', '.join(BUILT_IN)}, or a JSON file")
    parser.add_argument("--set", action="append", default=[], metavar="KNOB=VALUE", help="see `knobs`")
    parser.add_argument(
        "--fault", action="append", default=[], metavar="KIND@AT[+SPAN][xSIZE][#SERVER]",
        help="what breaks when, in virtual seconds; see `faults`",
    )  # fmt: skip
    parser.add_argument(
        "--act", action="append", default=[], metavar="VERB@ATxCOUNT",
        help="what people do beside the load: delete@8x500 or restore@12x500, posts at a virtual second",
    )  # fmt: skip
    parser.add_argument(
        "--redis", metavar="URL", default=os.environ.get("REDIS_URL"), help="server for --set timeline.backend=redis"
    )


def run_request(options: argparse.Namespace, strategy: str) -> RunRequest:
    """The run that these arguments describe, under this strategy.

    Raises:
        InvalidInput: a name, number or file that is not allowed.
        StoreError: a Redis is asked for without its address.
    """
    if not 1 <= options.seconds <= 86_400:
        raise InvalidKnob(f"--seconds is {options.seconds}; allowed: 1 to 86400.")
    prices = find_prices(options.costs) if options.costs is not None else None
    config = _configure(options, strategy, prices)
    if config.timeline.backend == "redis" and not options.redis:
        raise StoreError("The timeline backend 'redis' needs the address of a server: --redis URL, or REDIS_URL.")
    for path in (options.graph, options.trace):
        if path is not None and not path.exists():
            raise InvalidInput(f"{path}: there is no such file.")
    if options.celebrity is not None:
        with_celebrity(find_world(options.world), options.celebrity)
    return RunRequest(
        config=config,
        scenario=options.scenario,
        seconds=options.seconds,
        graph=options.graph,
        trace=options.trace,
        redis_url=options.redis,
        prices=prices,
        celebrity_share=options.celebrity,
        faults=tuple(sorted(parse_fault(text) for text in options.fault)),
        acts=tuple(sorted(parse_act(text) for text in options.act)),
    )


def _configure(options: argparse.Namespace, strategy: str, prices: PriceList | None) -> WorldConfig:
    """A world's own settings, under the named load, under the price list, under --set."""
    changes = {}
    for pair in options.set:
        name, equals, value = pair.partition("=")
        if not equals:
            raise InvalidKnob(f"--set {pair!r} has no value; write --set knob=value.")
        changes[name] = value
    load = named_load(options.load) if options.load is not None else {}
    config = with_strategy(preset_config(options.world, **load), strategy, own=True)
    config = prices.apply(config) if prices else config
    return config.with_knobs({"seed": options.seed, **changes})
