"""`python -m tests.lessons.interview.transcripts.make [NAME ...] [--stage first]`: runs the designs anew.

What the grader reads of it is kept in runs/NAME.json. Answers with the same inputs share
one file (`runs` in their table).

`first` alone is what a candidate has seen when the new requirement is put; the rest needs the change on the sheet.
"""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

from lessons.interview.measured import Part, Runs
from lessons.interview.runs import Ran, config_of_change, design_of, drawn, first, last, second
from lessons.interview.transcript import Transcript
from tests.lessons.interview.transcripts.kept import RUNS, Json, Kept, kept, names

DIGITS = 6
_NOT_READ = {"config", "load", "wall_seconds", "build_seconds", "virtual_seconds"}


def inputs(one: Kept) -> str:
    """Of everything that decides its runs: the design before and after the change, what is watched, level and seed."""
    start = one.transcript({})
    designs = [design_of(start, steps, one.seed) for steps in (None, one.changed_steps())]
    watched = [start.steps.s1.structured.slo, *start.steps.s6.structured.alarms]
    told = [one.seed, one.level, [[dict(each.knobs), each.scale] for each in designs],
            [each.model_dump() for each in watched], start.steps.s7.structured.next.change]  # fmt: skip
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]


def made(one: Kept, stage: str = "last") -> Json:
    """The runs of one answer, up to a stage."""
    seed, start = drawn(one.seed), one.transcript({})
    begun = first(start, seed)
    told: Json = {"inputs": inputs(one), "stage": stage, "config": dict(begun.knobs), "scale": begun.scale,
                  "why": begun.why, "change": {"variant": begun.variant},
                  "run": {ran.scope: _part(ran.part) for ran in begun.ran}}  # fmt: skip
    if stage == "first":
        return _rounded(told)  # type: ignore[no-any-return]
    changed = one.changed_steps() if one.changed else None
    if changed is not None:
        told["change"]["config_diff"] = dict(config_of_change(start, changed))
    asked = _asked(start, begun.variant)
    for ran in second(asked, seed, changed=changed):
        _put(told["run"], ran)
    if stage == "last":
        _join(told["run"], last(asked, seed, changed=changed))
    return _rounded(told)  # type: ignore[no-any-return]


def _asked(start: Transcript, variant: str) -> Transcript:
    return start.model_copy(update={"change": start.change.model_copy(update={"variant": variant})})


def _put(run: Json, ran: Ran) -> None:
    if ran.scope.startswith("U"):
        run.setdefault("unforeseen", {})[ran.scope] = _part(ran.part)
    elif ran.scope == "shard_down":
        run.setdefault("faults", {})[ran.scope] = _part(ran.part)
    else:
        run[ran.scope] = _part(ran.part)


def _join(run: Json, runs: Runs) -> None:
    """What the debrief adds, into what was run before."""
    whole = _plain(runs.model_dump(mode="json", exclude_none=True))
    noise = whole.pop("base", {}).get("noise")
    if noise:
        run["base"]["noise"] = noise
    for name, value in whole.items():
        run[name] = {**run.get(name, {}), **value} if isinstance(value, dict) else value


def _part(part: Part) -> Json:
    return _plain(part.model_dump(mode="json", exclude_none=True))  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    """Without what the grader does not read, and without what is empty."""
    if isinstance(value, dict):
        pruned = {name: _plain(inner) for name, inner in value.items() if name not in _NOT_READ}
        return {name: inner for name, inner in pruned.items() if inner not in ({}, [], None)}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def write(one: Kept, stage: str = "last") -> Path:
    """Runs it and keeps it."""
    path = RUNS / f"{one.name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(made(one, stage), separators=(",", ":"), sort_keys=True) + "\n", "utf-8")
    return path


def main() -> None:
    """As the module says."""
    parser = argparse.ArgumentParser(prog="make", description="Runs the designs of the transcripts anew.")
    parser.add_argument("names", nargs="*", help="which; all that have a run of their own, if none is given")
    parser.add_argument("--stage", choices=("first", "second", "last"), default="last")
    options = parser.parse_args()
    for name in options.names or names():
        one = kept(name)
        if one.runs == name:
            path = write(one, options.stage)
            print(f"{name}: {path.stat().st_size / 1000:.1f} kB")


if __name__ == "__main__":
    main()
