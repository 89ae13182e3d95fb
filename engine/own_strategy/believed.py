"""What comes back from the process of somebody's code, taken only if it has the form of what ours gives.

Nothing here makes it true: a code that sets out to forge its own figures can. It keeps a forged answer from breaking
whoever reads it.
"""

import math
import re
from typing import Any

from engine.errors import OwnCodeFailed
from engine.experiments.measures import MEASURES, Figures
from engine.own_strategy.law import Verdict

_COUNTED = {name for name, measure in MEASURES.items() if measure.unit != "USD"}
"""All measures of a run; money comes later, from a price list."""
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}\Z")
_PARTS = ("load", "summary", "slo", "cost", "audit")
_SECONDS = ("virtual_seconds", "wall_seconds", "build_seconds")
_MOST_ENTRIES, _MOST_CHARACTERS, _DEEPEST = 100, 200, 3


def verdict_in(told: object) -> Verdict:
    """What the process said about the law.

    Raises:
        OwnCodeFailed: it is no verdict.
    """
    kinds = {"lawful": bool, "line": str, "histories": int, "lost": int}
    numbers = ("rule", "history", "user", "row", "code_line")
    if (
        not isinstance(told, dict)
        or set(told) != {*kinds, *numbers}
        or not all(isinstance(told[name], kind) for name, kind in kinds.items())
        or not all(told[name] is None or isinstance(told[name], int) for name in numbers)
    ):
        raise OwnCodeFailed("The process of the code gave no verdict.")
    return Verdict(**told)


def name_in(told: object) -> str | None:
    """The name of a class; None for anything else."""
    return told if isinstance(told, str) and _NAME.match(told) else None


def report_in(told: object) -> dict[str, Any]:
    """A run's report, without its settings: those are known to whoever asked for them.

    Raises:
        OwnCodeFailed: it is no report.
    """
    if not isinstance(told, dict):
        raise OwnCodeFailed("The process of the code gave no report.")
    report: dict[str, Any] = {name: told.get(name) for name in (*_PARTS, *_SECONDS)}
    if (
        not all(isinstance(report[part], dict) and _is_plain(report[part], _DEEPEST) for part in _PARTS)
        or not all(_is_number(report[name]) for name in _SECONDS)
        or not _DIGEST.match(str(report["load"].get("digest")))
        or not all(map(_is_promise, report["slo"].values()))
        or not all(_is_number(value) for name, value in report["cost"].items() if name.endswith("_s"))
    ):
        raise OwnCodeFailed("The process of the code gave a report of another form than a run's.")
    return report


def figures_in(told: object) -> Figures:
    """Every measure of a run but money.

    Raises:
        OwnCodeFailed: there are others, or not numbers.
    """
    if (
        not isinstance(told, dict)
        or set(told) != _COUNTED
        or not all(value is None or _is_number(value) for value in told.values())
    ):
        raise OwnCodeFailed("The process of the code gave figures of another form than a run's.")
    return told


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_promise(told: object) -> bool:
    if not isinstance(told, dict) or set(told) != {"label", "target", "measured", "unit", "met"}:
        return False
    return (
        all(isinstance(told[name], str) for name in ("label", "unit"))
        and _is_number(told["target"])
        and (told["measured"] is None or _is_number(told["measured"]))
        and (told["met"] is None or isinstance(told["met"], bool))
    )


def _is_plain(value: object, depth: int) -> bool:
    """Numbers, short texts, and objects of such, not deep."""
    if isinstance(value, dict):
        return (
            depth > 0
            and len(value) <= _MOST_ENTRIES
            and all(len(name) <= _MOST_CHARACTERS and _is_plain(each, depth - 1) for name, each in value.items())
        )
    if isinstance(value, str):
        return len(value) <= _MOST_CHARACTERS
    return value is None or isinstance(value, bool) or _is_number(value)
