"""The school's command line: results to stdout, progress to stderr; 0 done, 1 something is wrong, 2 bad input."""

import argparse
import sys
from importlib import import_module

from engine.errors import MurmurationError

_PARTS = ("lessons.commands", "lessons.capacity.commands", "lessons.estimates.commands", "lessons.drills.commands",
          "lessons.hunts.commands", "lessons.charts.commands", "lessons.interview.commands")  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Run one command; its exit status."""
    parser = argparse.ArgumentParser(prog="python -m lessons", description="The school on top of the engine.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for part in _PARTS:
        import_module(part).add(commands)
    options = parser.parse_args(argv)
    try:
        status: int = options.handle(options) or 0
    except MurmurationError as refused:
        print(refused, file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())
