"""`python -m lessons due`: what is to be answered today, and when the rest comes."""

import argparse
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.clock import wall_epoch_s
from engine.errors import InvalidInput
from lessons.drills.deck import Deck, answer, deck
from lessons.progress import Progress, default_path

_Commands = Any  # argparse keeps the type of subparsers to itself


def add(commands: _Commands) -> None:
    """The commands of drills."""
    due = commands.add_parser("due", help="questions that are due today, made from what you got wrong")
    due.add_argument("--card", metavar="ID", help="one of them, with its options")
    due.add_argument("--answer", metavar="KEY", help="your answer to --card; it is kept")
    due.add_argument("--progress", type=Path, metavar="FILE", help="a learner's file (var/progress/me.jsonl)")
    due.add_argument("--json", action="store_true", help="print one JSON object")
    due.set_defaults(handle=_due)


def _due(options: argparse.Namespace) -> int:
    progress = Progress.open(options.progress or default_path(os.environ), wall_epoch_s)
    today = deck(progress.events(), progress.now_s(), _zone_s(progress.now_s()))
    if options.card is not None:
        return _one(progress, today, options)
    if options.answer is not None:
        raise InvalidInput("--answer has no card; allowed: --card ID --answer KEY.")
    if options.json:
        cards = [{"id": one.card.id, "question": one.card.question, "step": one.standing.step} for one in today.due]
        print(json.dumps({"due": cards, "calendar": today.calendar, "known": len(today.known)}))
        return 0
    for one in today.due:
        print(f"{one.card.id}  {one.card.question}")
    print(in_words(today))
    return 0


def _one(progress: Progress, today: Deck, options: argparse.Namespace) -> int:
    card = next((one.card for one in today.due if one.card.id == options.card), None)
    if card is None:
        raise InvalidInput(f"{options.card[:80]!r} is not due today; allowed: one that `python -m lessons due` names.")
    if options.answer is None:
        print("\n".join([card.question, *(f"  {key}  {label}" for key, label in card.options)]))
        return 0
    right = answer(progress, card, options.answer)
    if options.json:
        print(json.dumps({"card": card.id, "right": right, "answer": card.answer, "because": card.because}))
    else:
        print(f"{'Right' if right else 'Wrong'}: {card.label(card.answer)}. {card.because}")
    return 0


def in_words(today: Deck) -> str:
    """What is due when, in a line."""
    if not (today.due or today.later or today.known):
        return "No cards yet: whatever you get wrong comes back here after 1, 3, 7 and 14 days."
    parts = [f"{_when(days)} {count}" for days, count in today.calendar.items()]
    known = [f"known {len(today.known)}"] if today.known else []
    return f"Due: {', '.join(parts + known)}."


def _when(days: int) -> str:
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")


def _zone_s(now_s: float) -> float:
    """How far this machine's calendar is ahead of UTC."""
    offset = datetime.fromtimestamp(now_s).astimezone().utcoffset()
    return offset.total_seconds() if offset else 0.0
