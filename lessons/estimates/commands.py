"""`python -m lessons estimate`: a question; with --answer, your estimate beside the answer."""

import argparse
import json
import os
from pathlib import Path
from typing import Any

from engine.clock import wall_epoch_s
from engine.errors import InvalidInput
from lessons.estimates.draw import MOST_SEED, question
from lessons.estimates.question import LEVELS, Question
from lessons.estimates.record import history, next_seed, reveal, revealed, take, taken, truth_of
from lessons.estimates.score import Done, bias, bias_sentence
from lessons.progress import Progress, default_path

_Commands = Any  # argparse keeps the type of subparsers to itself


def add(commands: _Commands) -> None:
    """The commands of estimates."""
    estimate = commands.add_parser("estimate", help="an estimate question; your estimate is kept before the answer")
    estimate.add_argument("--level", type=int, default=1, help=f"1 to {len(LEVELS)} (1)")
    estimate.add_argument("--seed", type=int, help=f"which question (1 to {MOST_SEED:,}); else your next one")
    estimate.add_argument("--answer", metavar="X", help='your estimate, such as "3.5k/s" or "2 min"')
    estimate.add_argument(
        "--range", nargs=2, metavar=("LOW", "HIGH"), default=("", ""), help="you are 90 %% sure it lies between"
    )
    estimate.add_argument("--progress", type=Path, metavar="FILE", help="a learner's file (var/progress/me.jsonl)")
    estimate.add_argument("--json", action="store_true", help="print one JSON object")
    estimate.set_defaults(handle=_estimate)


def _estimate(options: argparse.Namespace) -> int:
    progress = Progress.open(options.progress or default_path(os.environ), wall_epoch_s)
    if options.answer is None and any(options.range):
        raise InvalidInput("--range has no estimate; allowed: --answer X --range LOW HIGH.")
    question(1, options.level)  # refuses a level that does not exist
    seed = next_seed(progress, options.level) if options.seed is None else options.seed
    asked = question(seed, options.level)
    if options.answer is None:
        said = taken(progress, asked)
        if said is None:
            print(json.dumps(_asked(asked)) if options.json else _asked_in_words(asked))
            return 0
    else:
        said = take(progress, asked, options.answer, *options.range)
    # The estimate is on the disk; only now is the answer looked for.
    done = revealed(progress, asked) or reveal(progress, asked, said, truth_of(asked))
    print(json.dumps(_done(asked, done)) if options.json else _done_in_words(asked, done, progress))
    return 0


def _asked(asked: Question) -> dict[str, Any]:
    family = asked.family
    return {
        "id": asked.id,
        "level": family.level,
        "seed": asked.seed,
        "question": asked.text,
        "unit": family.unit,
        "kind": "measured" if asked.measured else "reckoned",
    }


def _done(asked: Question, done: Done) -> dict[str, Any]:
    graded = done.grade
    return _asked(asked) | {
        "estimate": done.estimate,
        "truth": done.truth,
        "shown": done.shown,
        "off_log10": round(graded.off, 4),
        "band": graded.band,
        "in_range": done.range.holds(done.truth) if done.range else None,
        "steps": list(asked.worked.steps),
        "rule": asked.family.rule,
        "reproduce": asked.run.command if asked.run else None,
    }


def _asked_in_words(asked: Question) -> str:
    kind = "measured: a run of this engine" if asked.measured else "reckoned"
    again = f"python -m lessons estimate --level {asked.family.level} --seed {asked.seed} --answer X"
    return f"{asked.text}\n({asked.id}; the answer is {kind}. Answer with: {again})"


def _done_in_words(asked: Question, done: Done, progress: Progress) -> str:
    lines = [asked.text, f"You: {done.said}. Answer: {done.shown}. {done.grade.sentence}", *asked.worked.steps]
    lines += [f"Measured: {asked.run.command}"] if asked.run else []
    value = bias(history(progress))
    return "\n".join([*lines, asked.family.rule, *([bias_sentence(value)] if value is not None else [])])
