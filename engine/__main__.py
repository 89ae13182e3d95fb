"""The command line: `python -m engine COMMAND`. What it answers goes to stdout, progress to stderr.

Modules of commands that were not asked for are not loaded: they take longer than a short run.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NoReturn

from engine.clock import SystemWallClock
from engine.config import KNOBS
from engine.errors import InvalidInput, MurmurationError, StoreError
from engine.memory import keep_freed


def main(argv: list[str] | None = None) -> int:
    """Exit status: 0 done, 1 failed, 2 bad input, with one line that says what is allowed."""
    keep_freed()
    asked = sys.argv[1:] if argv is None else argv
    try:
        options = _parser(asked[:1]).parse_args(asked)
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


def _parser(asked: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The parser of the command asked for; of all commands, if it is none."""
    parser = _Parser(prog="python -m engine", description="Run a Twitter head-less.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    chosen = [add for names, add in _COMMANDS if set(asked) & set(names)]
    for add in chosen or [add for _, add in _COMMANDS]:
        add(commands)
    return parser


def _add_run(commands: Any) -> None:
    from engine.experiments.arguments import add_run_arguments
    from engine.experiments.history_cli import add_keeping

    running = commands.add_parser("run", help="run one world under one scenario and print the result")
    add_run_arguments(running)
    running.add_argument("--strategy", default="push", help="NAME[:param=value,...] or FILE.py:CLASS; see `strategies`")
    add_keeping(running)
    running.add_argument("--json", action="store_true", help="print the whole result as one JSON object")
    running.set_defaults(handle=_run)


def _add_experiments(commands: Any) -> None:
    from engine.experiments.commands import add_experiments

    add_experiments(commands)


def _add_stories(commands: Any) -> None:
    from engine.experiments.stories.commands import add_stories

    add_stories(commands)


def _add_calibrate(commands: Any) -> None:
    from engine.timelines import BACKENDS

    measuring = commands.add_parser("calibrate", help="measure this machine and print a price list for --costs")
    measuring.add_argument(
        "--redis-url", metavar="URL", default=os.environ.get("REDIS_URL"), help="else a redis-server of this machine"
    )
    measuring.add_argument("--backend", choices=BACKENDS, help="whose prices to list; else redis, if there is one")
    measuring.add_argument("--out", type=Path, metavar="FILE", help="write the price list here instead of to stdout")
    measuring.set_defaults(handle=_calibrate)


def _add_lists(commands: Any) -> None:
    commands.add_parser("knobs", help="all settings").set_defaults(handle=_knobs)
    listing = commands.add_parser("strategies", help="all fan-out strategies, or a template for one of your own")
    listing.add_argument("--template", action="store_true", help="print ten lines to begin with: FILE.py:Mine")
    listing.set_defaults(handle=_strategies)
    commands.add_parser("scenarios", help="all scenarios").set_defaults(handle=_scenarios)
    commands.add_parser("loads", help="all named loads").set_defaults(handle=_loads)


def _add_claims(commands: Any) -> None:
    claiming = commands.add_parser("claims", help="the numbers of the design texts: claimed, computed and measured")
    claiming.add_argument("--json", action="store_true", help="print one JSON object")
    claiming.set_defaults(handle=_claims)


def _add_history(commands: Any) -> None:
    from engine.experiments.history_cli import add_history

    add_history(commands)


def _add_cluster(commands: Any) -> None:
    from engine.cluster.commands import add_cluster

    add_cluster(commands)


_COMMANDS: tuple[tuple[tuple[str, ...], Callable[[Any], None]], ...] = (
    (("run",), _add_run),
    (("compare", "sweep"), _add_experiments),
    (("story", "faults", "mitigations"), _add_stories),
    (("calibrate",), _add_calibrate),
    (("knobs", "strategies", "scenarios", "loads"), _add_lists),
    (("claims",), _add_claims),
    (("history",), _add_history),
    (("serve-world", "worker", "redrive", "audit-world"), _add_cluster),
)
"""Which commands are declared where, in the order in which `--help` has them."""


def _run(options: argparse.Namespace) -> None:
    from engine.experiments.arguments import run_request
    from engine.experiments.history_cli import run_asked
    from engine.own_strategy import require_lawful

    request = run_request(options, options.strategy)
    verdict = require_lawful(options.strategy)
    if verdict:
        print(f"{options.strategy}: {verdict.line}", file=sys.stderr)
    print(f"{options.world}, {options.strategy}, {options.scenario}: {options.seconds} s", file=sys.stderr)
    result = run_asked(request, options)
    result.world.close()
    print(json.dumps(result.report) if options.json else _in_words(result.report))


def _calibrate(options: argparse.Namespace) -> None:
    from engine.experiments.calibrate import calibrate  # DuckDB and Redis, which nothing else here begins with
    from engine.experiments.local_redis import local_redis
    from engine.experiments.prices import save_prices

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


def _in_words(report: dict[str, dict[str, object]]) -> str:
    lines = [f"{name:>20}  {value}" for name, value in report["summary"].items()]
    return "\n".join([*lines, f"{'audit':>20}  {report['audit']}"])


def _knobs(_: argparse.Namespace) -> None:
    for knob in KNOBS.values():
        unit = f" {knob.unit}" if knob.unit else ""
        source = f" [{knob.source}]" if knob.source else ""
        print(f"{knob.name}  default {knob.default}{unit}  ({knob.allowed})  {knob.doc}{source}")


def _strategies(options: argparse.Namespace) -> None:
    from engine.own_strategy import TEMPLATE
    from engine.write_path.strategies import STRATEGIES

    if options.template:
        print(TEMPLATE, end="")
        return
    for slug, strategy in STRATEGIES.items():
        params = "".join(f"  {param}: sets {knob}" for param, knob in strategy.params.items())
        print(f"{slug}  {strategy.idea}{params}")


def _claims(options: argparse.Namespace) -> None:
    from engine.experiments.claims.check import check_claims
    from engine.experiments.claims.table import as_json, as_table

    claims = check_claims(lambda step: print(step, file=sys.stderr))
    print(as_json(claims) if options.json else as_table(claims))


def _loads(_: argparse.Namespace) -> None:
    from engine.load.named import LOADS

    for slug, named in LOADS.items():
        print(f"{slug}  {named.doc} [{named.source}]")


def _scenarios(_: argparse.Namespace) -> None:
    from engine.load.scenarios import SCENARIOS

    for slug, declared in SCENARIOS.items():
        print(f"{slug}  {declared.doc}")


if __name__ == "__main__":
    sys.exit(main())
