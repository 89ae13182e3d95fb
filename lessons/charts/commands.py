"""`python -m lessons chart [NUMBER] [--answer KEY] [--json]`."""

import argparse
import json
from typing import Any

from engine.errors import InvalidInput
from lessons.charts.puzzle import Puzzle, show


def add(commands: Any) -> None:
    """The command of charts to read."""
    parser = commands.add_parser("chart", help="what happened here? a run, four explanations, and what decides")
    parser.add_argument("number", nargs="?", type=int, default=0, help="which puzzle")
    parser.add_argument("--answer", metavar="KEY", help="the explanation that you take for right")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(handle=_chart)


def _chart(options: argparse.Namespace) -> int:
    puzzle = Puzzle(options.number)
    keys = [cause.key for cause in puzzle.options]
    if options.answer is not None and options.answer not in keys:
        raise InvalidInput(f"{options.answer[:40]!r} is no explanation of this chart; allowed: {', '.join(keys)}.")
    shown = show(puzzle)
    said: dict[str, Any] = {"chart": puzzle.number, "question": puzzle.family.question}
    said["options"] = {cause.key: cause.label for cause in puzzle.options}
    said["series"] = {
        str(metric): [None if value != value else value for value in shown.series[metric][1].tolist()]
        for metric in puzzle.family.watch
    }
    if options.answer is not None:
        said["right"] = options.answer == puzzle.cause.key
        said["why"] = {cause.key: shown.against(cause) for cause in puzzle.options}
    if options.json:
        print(json.dumps(said))
    else:
        print(said["question"])
        for metric, values in said["series"].items():
            print(f"  {metric}: {' '.join('-' if value is None else f'{value:.4g}' for value in values)}")
        for key, label in said["options"].items():
            print(f"  {key}: {label}{'  ' + said['why'][key] if 'why' in said else ''}")
    return 0
