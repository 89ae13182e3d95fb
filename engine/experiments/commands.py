"""`python -m engine compare` and `sweep`: arguments in, one JSON object or a table to stdout, progress to stderr."""

import argparse
import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from engine.errors import ExperimentFailed
from engine.experiments.arguments import add_run_arguments, run_request
from engine.experiments.compare import CompareRequest, compare
from engine.experiments.grid import parse_axis
from engine.experiments.history_cli import add_keeping, is_kept, keep_study_asked
from engine.experiments.sweep import SweepRequest, sweep
from engine.experiments.tables import comparison_table, sweep_table
from engine.observe.metric import Metric
from engine.own_strategy import require_lawful

_ANY = "push"
"""Each of the strategies takes its place; it has no parameters that they could inherit."""


class _Commands(Protocol):
    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser: ...


def add_experiments(commands: _Commands) -> None:
    """Declare both commands."""
    comparing = commands.add_parser("compare", help="several strategies on the same recordings, with error bars")
    add_run_arguments(comparing)
    _add_strategies(comparing, replications=5)
    comparing.set_defaults(handle=_compare)
    sweeping = commands.add_parser("sweep", help="strategies over a grid of one or two knobs, with error bars")
    add_run_arguments(sweeping)
    _add_strategies(sweeping, replications=3)
    sweeping.add_argument(
        "--vary",
        action="append",
        required=True,
        metavar="KNOB=VALUES",
        help="a,b,c or lo:hi:n or lo:hi:n:log; any of `knobs`, reads_per_post or celebrity_share; at most two",
    )
    sweeping.add_argument("--measure", default="machine_s", help="by which strategies win at a point")
    sweeping.add_argument("--keep-promises", action="store_true", help="only what keeps every SLO can win")
    sweeping.set_defaults(handle=_sweep)


def _add_strategies(parser: argparse.ArgumentParser, replications: int) -> None:
    parser.add_argument(
        "--strategy",
        action="append",
        required=True,
        help="NAME[:param=value,...] or FILE.py:CLASS; give it several times",
    )
    parser.add_argument(
        "--replications", type=int, default=replications, help="each with a seed of its own: --seed, --seed + 1, ..."
    )
    add_keeping(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _compare(options: argparse.Namespace) -> None:
    request = CompareRequest(
        run=run_request(options, _ANY),
        strategies=tuple(options.strategy),
        replications=options.replications,
        series=tuple(Metric) if is_kept(options) else (),
        own=True,
    )
    _check_own(request.strategies)
    with _ctrl_c() as cancelled:
        found = compare(request, progress=_told, cancelled=cancelled)
    answer = found.to_json()
    shown = {**answer, "runs": [{k: v for k, v in run.items() if k != "series"} for run in found.runs]}
    _print(options, shown, lambda: comparison_table(found))
    if found.done:
        keep_study_asked("comparison", answer, found.runs, request.run, options)
    _refuse_half(found.cancelled, found.done, found.total)


def _sweep(options: argparse.Namespace) -> None:
    request = SweepRequest(
        run=run_request(options, _ANY),
        vary=tuple(parse_axis(text) for text in options.vary),
        strategies=tuple(options.strategy),
        replications=options.replications,
        measure=options.measure,
        keep_promises=options.keep_promises,
        own=True,
    )
    _check_own(request.strategies)
    with _ctrl_c() as cancelled:
        found = sweep(request, progress=_told, cancelled=cancelled)
    answer = found.to_json()
    _print(options, answer, lambda: sweep_table(found))
    if found.done:
        keep_study_asked("sweep", answer, found.runs, request.run, options)
    _refuse_half(found.cancelled, found.done, found.total)


def _check_own(strategies: tuple[str, ...]) -> None:
    """Somebody's own strategy is measured only if it keeps the timeline law, as by `run`."""
    for spec in strategies:
        verdict = require_lawful(spec)
        if verdict:
            print(f"{spec}: {verdict.line}", file=sys.stderr)


def _print(options: argparse.Namespace, answer: dict[str, Any], table: Callable[[], str]) -> None:
    print(json.dumps(answer) if options.json else table())


def _told(done: int, total: int, what: str) -> None:
    print(f"{done} of {total}: {what}", file=sys.stderr)


def _refuse_half(cancelled: bool, done: int, total: int) -> None:
    """Whoever waits for the exit status must not take half for the whole."""
    if cancelled:
        raise ExperimentFailed(f"Stopped after {done} of {total} runs; what was printed is of those.")


@contextmanager
def _ctrl_c() -> Iterator[threading.Event]:
    """An event that Ctrl-C sets: what has ended by then is printed. A second Ctrl-C ends everything."""
    cancelled = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield cancelled
        return

    def stop(*_: object) -> None:
        if cancelled.is_set():
            raise KeyboardInterrupt
        cancelled.set()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield cancelled
    finally:
        signal.signal(signal.SIGINT, before)
