"""`python -m lessons hunt`: the list, a hunt's evidence, an answer."""

import argparse
import json
from typing import Any

from engine.errors import InvalidInput
from engine.observe import words
from lessons.hunts.catalogue import HUNTS, find_hunt
from lessons.hunts.evidence import Evidence, ListLook, investigate
from lessons.hunts.grade import HINT_COSTS, Offer, chosen, explained, judge, offer, score
from lessons.hunts.hunt import LEVELS, Hunt
from lessons.hunts.play import SEED

_Commands = Any  # argparse keeps the type of subparsers to itself


def add(commands: _Commands) -> None:
    """The command of the hunts."""
    hunting = commands.add_parser("hunt", help="a feed engine with one planted defect: find it")
    hunting.add_argument("name", nargs="?", metavar="NAME", help=f"one of: {', '.join(HUNTS)}")
    hunting.add_argument("--list", action="store_true", help="all hunts, a name first on each line")
    hunting.add_argument("--seed", type=int, default=SEED, help="of people, load, and the order of the answers")
    hunting.add_argument("--hints", type=int, default=0, metavar="N", help="show so many hints (0 to 3); each costs")
    hunting.add_argument(
        "--answer", nargs=2, metavar=("CAUSE", "FIX"), help="a letter and a number, as the hunt offers them"
    )
    hunting.add_argument("--json", action="store_true", help="print one JSON object")
    hunting.set_defaults(handle=_hunt)


def _hunt(options: argparse.Namespace) -> None:
    if options.list:
        for hunt in HUNTS.values():
            print(f"{hunt.name}  {LEVELS[hunt.level]}: {hunt.title}. {hunt.symptom}")
        return
    if options.name is None:
        raise InvalidInput(f"Which hunt? Allowed: {', '.join(HUNTS)}; `hunt --list` says what is complained of.")
    if not 0 <= options.hints <= len(HINT_COSTS):
        raise InvalidInput(f"--hints is {options.hints}; allowed: from 0 to {len(HINT_COSTS)}.")
    hunt = find_hunt(options.name)
    hunt.request(options.seed)  # refuses a seed out of bounds before anything is offered
    offered = offer(hunt, options.seed)
    if options.answer:
        _answered(options, hunt, offered)
        return
    evidence = investigate(hunt, options.seed)
    if options.json:
        print(json.dumps(_to_json(hunt, offered, evidence, options.hints)))
        return
    print("\n".join(_told(hunt, offered, evidence, options.hints)))


def _answered(options: argparse.Namespace, hunt: Hunt, offered: Offer) -> None:
    (cause_key, fix_key) = options.answer
    cause, fix = chosen(offered.causes, cause_key), chosen(offered.fixes, fix_key)
    verdict = judge(hunt, cause.defect, fix.defect)
    points = score(options.hints, verdict.wrong) if verdict.right else None
    story = explained(hunt) if verdict.right else None
    if options.json:
        told = {"cause_right": verdict.cause_right, "fix_right": verdict.fix_right, "right": verdict.right}
        print(json.dumps({"hunt": hunt.name, **told, "sentence": verdict.sentence, "points": points}
                         | ({"explained": vars(story)} if story else {})))  # fmt: skip
        return
    print(verdict.sentence)
    if story:
        print(
            f"{points} points. {story.because} {story.right}\nSeen in: {story.real_engine}. The right way: {story.code}"
        )


def _to_json(hunt: Hunt, offered: Offer, evidence: Evidence, hints: int) -> dict[str, Any]:
    return {
        "hunt": hunt.name, "title": hunt.title, "level": hunt.level, "symptom": hunt.symptom,
        "strategy": hunt.strategy, "faults": list(hunt.faults), "hints": list(hunt.hints[:hints]),
        "causes": {option.key: option.label for option in offered.causes},
        "fixes": {option.key: option.label for option in offered.fixes},
        "evidence": evidence.to_json(),
    }  # fmt: skip


def _told(hunt: Hunt, offered: Offer, evidence: Evidence, hints: int) -> list[str]:
    """Symptom, figures, audit, one list, one request, what may be named."""
    lines = [f"{hunt.title} ({LEVELS[hunt.level].lower()}). {hunt.symptom}", ""]
    lines.append(f"{'Figure (measured)':<40} {'here':>14} {'healthy':>14}")
    for figure in evidence.figures:
        label = f"{figure.label}{f', {figure.unit}' if figure.unit else ''}"
        lines.append(f"{label:<40} {_number(figure.here):>14} {_number(figure.healthy):>14}")
    lines += [
        "",
        "Audit: " + ", ".join(f"{name.replace('_', ' ')} {here}" for name, (here, _) in evidence.audit.items()),
    ]
    for look in evidence.lists[:1]:
        lines += ["", *_list_told(look)]
    for trace in evidence.traces:
        lines.append(f"{trace['at_s']:.2f} s, user {trace['user']}, {trace['what']}: {trace['summary']}")
    for place, hint in enumerate(hunt.hints[:hints]):
        lines.append(f"Hint {place + 1} (costs {HINT_COSTS[place]}): {hint}")
    lines += ["", "Causes:", *(f"  {option.key}  {option.label}" for option in offered.causes)]
    lines += ["Fixes:", *(f"  {option.key}  {option.label}" for option in offered.fixes)]
    return lines


def _list_told(look: ListLook) -> list[str]:
    lines = [f"User {look.user} ({look.name}): {look.sentence}"]
    for entry in look.entries:
        mark = "!=" if entry.differs else "  "
        lines.append(
            f"  {entry.place:>4} {mark} {entry.stored:<28} {entry.should_be:<28} {entry.kind:<7} "
            f"{entry.written_s:>9.2f} s  follows: {entry.follows}"
        )
    return [*lines, *(f"  {why}" for why in look.whys)]


def _number(value: float | None) -> str:
    return "–" if value is None else words.exactly(round(value, 3))
