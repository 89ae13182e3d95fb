"""`python -m tests.bench [--short] [--json] [ROW ...]`: the table.

Exit status 1 if a row does not hold, 2 for bad input. The long form takes about two minutes, and one more where the
country has not been made yet.
"""

import argparse
import sys

from engine.memory import keep_freed
from tests.bench.row import Row
from tests.bench.rows import ROWS, SHORT
from tests.bench.table import as_json, as_table


def main(argv: list[str] | None = None) -> int:
    """Measure the rows asked for, one after the other, and print them."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="The engine's speed, as ratios.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"some of: {', '.join(ROWS)}; without any, all")
    parser.add_argument("--short", action="store_true", help="smaller pieces, fewer rounds, without the large worlds")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    unknown = [name for name in options.rows if name not in ROWS]
    if unknown:
        parser.error(f"no row is called {unknown[0]!r}; allowed: {', '.join(ROWS)}")
    keep_freed()
    measured = []
    for name in options.rows or (SHORT if options.short else ROWS):
        print(f"measuring {name}", file=sys.stderr)
        measured.append(ROWS[name](options.short))
    clock = "short form: processor time of this process (Redis: real time)" if options.short else "real time"
    print((as_json if options.json else as_table)(measured, clock))
    return 0 if all(row.holds for row in measured if isinstance(row, Row)) else 1


if __name__ == "__main__":
    sys.exit(main())
