"""`python -m lessons interview --grade FILE [--level L] [--rubric FILE] [--json | --markdown | --html OUT]`.

`--schema` prints the transcript's JSON schema.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from engine.errors import InvalidInput
from lessons.interview.base import LEVELS
from lessons.interview.grade import grade
from lessons.interview.report import Report
from lessons.interview.rubric import Rubric, standard
from lessons.interview.transcript import Transcript, read, schema


def add(commands: Any) -> None:
    """The command of the mock interview."""
    parser = commands.add_parser("interview", help="grade the transcript of a mock interview")
    parser.add_argument("--grade", metavar="FILE", type=Path, help="a transcript, as the page exports it")
    parser.add_argument("--level", choices=LEVELS, help="instead of the transcript's own")
    parser.add_argument("--rubric", metavar="FILE", type=Path, help="an instructor's weights, points and probes (TOML)")
    parser.add_argument("--schema", action="store_true", help="print the transcript's JSON schema")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="print the whole report as one JSON object")
    shown.add_argument("--markdown", action="store_true", help="print the debrief as Markdown")
    shown.add_argument("--html", metavar="OUT", type=Path, help="write the debrief as one whole HTML file")
    parser.set_defaults(handle=_interview)


def _interview(options: argparse.Namespace) -> None:
    if options.schema:
        print(json.dumps(schema(), indent=2))
        return
    if options.grade is None:
        raise InvalidInput("Which transcript? Allowed: --grade FILE, or --schema.")
    rubric = _instructors(options.rubric) if options.rubric else standard()
    transcript = read(options.grade)
    report = grade(transcript, options.level, rubric)
    if options.markdown or options.html:
        _debrief(transcript, report, rubric, options.html)
        return
    print(json.dumps(report.to_json()) if options.json else "\n".join(_told(report)))


def _instructors(path: Path) -> Rubric:
    """The rubric of an instructor's file; its questions are checked, too."""
    from lessons.interview.sitting import instructor  # with all of the engine, which grading does not need

    return instructor.read(path).rubric


def _debrief(transcript: Transcript, report: Report, rubric: Rubric, out: Path | None) -> None:
    """Print it as Markdown; or write it as HTML, and print where."""
    from lessons.interview.debrief import debrief, html, markdown  # with all of the engine, which grading does not need

    told = debrief(transcript, report, rubric)
    if out is None:
        print(markdown(told), end="")
        return
    try:
        out.write_text(html(told), encoding="utf-8")
    except OSError as failed:
        raise InvalidInput(f"{out} cannot be written: {failed.strerror or failed}.") from failed
    print(out)


def _told(report: Report) -> list[str]:
    """The report for a terminal."""
    told = [report.summary, ""]
    for line in report.lines:
        if line.expected or line.credit:
            told.append(f"{line.criterion}  {line.credit:g} of 1  {line.points:.1f} of {line.worth:.1f}  {line.title}")
            if line.quote:
                told.append(f'      "{line.quote}"')
            told += [f"      {line.figure}"] * bool(line.figure) + [f"      {line.reason}"]
    told += [f"-{one.points:g}  {one.kind}: {one.figure}. {one.reason}" for one in report.deductions]
    told += [*report.caps, ""]
    told += [f"As {name}: {one.score:g}, {one.band}." for name, one in report.other_levels.items()]
    return [*told, report.limits]
