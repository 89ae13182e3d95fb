"""`python -m lessons list | check | new`."""

import argparse
import json
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from engine.errors import InvalidInput
from lessons.check import SEEDS, Judged, check
from lessons.coverage import uncovered
from lessons.front import FILE, OWN, find_lesson, read_lesson, read_lessons
from lessons.lesson import Lesson

_Commands = Any  # argparse keeps the type of subparsers to itself


def add(commands: _Commands) -> None:
    """The commands of lessons."""
    listed = commands.add_parser("list", help="all lessons, one name first on each line")
    listed.add_argument("--json", action="store_true")
    listed.set_defaults(handle=_list)
    judged = commands.add_parser("check", help="run every lesson, with its mechanism and without, over several seeds")
    judged.add_argument("path", nargs="*", help="a lesson's folder or name; all of them without")
    judged.add_argument("--seeds", type=int, default=SEEDS, help=f"runs of each variant (1 to 20; {SEEDS})")
    judged.add_argument("--json", action="store_true")
    judged.set_defaults(handle=_check)
    new = commands.add_parser("new", help="a folder with a lesson to start from")
    new.add_argument("name", help="lower-case letters, digits and hyphens")
    new.add_argument("--into", type=Path, default=OWN, metavar="FOLDER", help=f"where ({OWN})")
    new.set_defaults(handle=_new)


def _list(options: argparse.Namespace) -> int:
    known = read_lessons()
    if options.json:
        print(json.dumps([_described(lesson) for lesson in known.values()]))
    else:
        for lesson in known.values():
            front = lesson.front
            print(f"{lesson.name}  {front.title} ({front.level}, {front.minutes} min): {front.question}")
    return 0


def _described(lesson: Lesson) -> dict[str, Any]:
    front = lesson.front
    return {"name": lesson.name, "title": front.title, "question": front.question, "level": front.level} | {
        "minutes": front.minutes,
        "covers": list(front.covers),
    }


def _check(options: argparse.Namespace) -> int:
    if not 1 <= options.seeds <= 20:
        raise InvalidInput(f"--seeds is {options.seeds}; allowed: a whole number from 1 to 20.")
    known = read_lessons()
    chosen = [_lesson_at(path, known) for path in options.path] or list(known.values())
    found = check(chosen, known, seeds=options.seeds, told=lambda line: print(line, file=sys.stderr))
    missing = {} if options.path else {kind: names for kind, names in uncovered(known.values()).items() if names}
    if options.json:
        print(json.dumps({"lessons": [_to_json(one) for one in found], "uncovered": missing}))
    else:
        _tell(found, missing)
    return 0 if all(one.right for one in found) and not missing else 1


def _lesson_at(path: str, known: Mapping[str, Lesson]) -> Lesson:
    """By its folder, or by its name."""
    folder = Path(path)
    return read_lesson(folder) if (folder / FILE).exists() or "/" in path else find_lesson(path, known)


def _tell(found: list[Judged], missing: Mapping[str, list[str]]) -> None:
    for one in found:
        claims = f"{len(one.checked)} claim{'s' if len(one.checked) != 1 else ''}"
        print(f"{'right' if one.right else 'WRONG'}  {one.lesson.name}  {claims}")
        for problem in one.problems:
            print(f"       {problem}")
    for kind, names in missing.items():
        print(f"WRONG  no lesson covers these {kind}: {', '.join(names)}")


def _to_json(one: Judged) -> dict[str, Any]:
    claims = [
        {
            "id": each.claim.id,
            "says": each.claim.says,
            "low": each.claim.low,
            "high": each.claim.high,
            "control": each.claim.control,
            "values": list(each.values),
            "without": list(each.without),
        }
        for each in one.checked
    ]
    return {"name": one.lesson.name, "right": one.right, "claims": claims, "problems": list(one.problems)}


def _new(options: argparse.Namespace) -> int:
    name = options.name
    if not name or set(name) - set("abcdefghijklmnopqrstuvwxyz0123456789-") or not name[0].isalnum() or len(name) > 60:
        raise InvalidInput(f"{name[:60]!r} is no name of a lesson; allowed: a-z, 0-9 and hyphens, up to 60 characters.")
    folder = options.into / name
    if folder.exists():
        raise InvalidInput(f"{folder} is there already; allowed: another name.")
    template = files("lessons").joinpath("template.md").read_text(encoding="utf-8")
    folder.mkdir(parents=True)
    (folder / FILE).write_text(template, encoding="utf-8")
    print(f"{folder / FILE}  edit it, and then: python -m lessons check {folder}")
    return 0
