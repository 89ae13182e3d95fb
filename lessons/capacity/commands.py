"""`python -m lessons capacity`: assumptions in; a table, Markdown or one JSON object to stdout, progress to stderr."""

import argparse
import json
import sys
from datetime import UTC, datetime
from typing import Any

from engine.clock import wall_epoch_s
from engine.errors import InvalidInput
from lessons.capacity.assumptions import find_assumption
from lessons.capacity.consequences import DECLARED, evaluate
from lessons.capacity.export import as_json, as_markdown, headline, measured_line
from lessons.capacity.link import Asked
from lessons.capacity.measuring import Measured, measure
from lessons.capacity.presets import FIRST, PRESETS, find_preset

_Commands = Any  # argparse keeps the type of subparsers to itself


def add(commands: _Commands) -> None:
    """Declare the command."""
    estimating = commands.add_parser("capacity", help="from assumptions to rates, sizes and cost, and measured beside")
    estimating.add_argument("--preset", default=FIRST, metavar="NAME", help=", ".join(PRESETS))
    estimating.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="an assumption; --json lists them all"
    )
    estimating.add_argument("--measure", action="store_true", help="run the engine at the same ratios, up to a minute")
    shown = estimating.add_mutually_exclusive_group()
    shown.add_argument("--markdown", action="store_true", help="all of it as Markdown")
    shown.add_argument("--json", action="store_true", help="all of it as one JSON object")
    estimating.set_defaults(handle=_estimate)


def asked_for(preset: str, settings: list[str]) -> Asked:
    """The design that these arguments describe.

    Raises:
        InvalidInput: no such preset or assumption, or a value that is not allowed.
    """
    changes: dict[str, float | bool] = {}
    for pair in settings:
        name, equals, value = pair.partition("=")
        if not equals:
            raise InvalidInput(f"--set {pair!r} has no value; write --set name=value.")
        changes[name] = find_assumption(name).parse(value)
    return Asked(preset, find_preset(preset).assumptions.with_changes(changes))


def _estimate(options: argparse.Namespace) -> int:
    asked = asked_for(options.preset, options.set)
    found = measure(asked.assumptions, _told()) if options.measure else None
    if options.json:
        print(json.dumps(as_json(asked, found)))
    elif options.markdown:
        today = datetime.fromtimestamp(wall_epoch_s(), UTC).date()
        print(as_markdown(asked, today, found), end="")
    else:
        print(_in_words(asked, found))
    return 0


def _in_words(asked: Asked, found: Measured | None) -> str:
    sheet = evaluate(asked.assumptions)
    lines = [headline(sheet).replace("**", ""), ""]
    width = max(len(each.label) for each in DECLARED)
    lines += [f"{each.label:<{width}}  {sheet.shown(each.name):<26}  {sheet.filled(each.name)}" for each in DECLARED]
    if found is not None:
        lines += ["", f"measured in {found.run}", f"rates times {found.scale.factor:,.4g}", ""]
        for label, formula, engine, ratio, kind, _ in map(measured_line, found.rows):
            lines.append(f"{label:<{width}}  {formula:<26}  {engine:<26}  {ratio:<8}  {kind}")
    return "\n".join(lines)


def _told() -> Any:
    """Progress in tenths, each once."""
    last = -1

    def told(share: float) -> None:
        nonlocal last
        tenth = int(10 * share)
        if tenth > last:
            last = tenth
            print(f"measuring: {10 * tenth} %", file=sys.stderr)

    return told
