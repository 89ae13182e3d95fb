"""`python -m engine story`, `faults` and `mitigations`: arguments in, one JSON object or sentences to stdout."""

import argparse
import json
from typing import Protocol

from engine.errors import InvalidInput
from engine.experiments.stories.catalogue import STORIES, find_story
from engine.experiments.stories.effects import moved
from engine.experiments.stories.story import MITIGATIONS
from engine.experiments.stories.tell import tell
from engine.faults.kinds import KINDS


class _Commands(Protocol):
    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser: ...


def add_stories(commands: _Commands) -> None:
    """Declare the three commands."""
    telling = commands.add_parser("story", help="something breaks in a classroom: what, when, what helps")
    telling.add_argument("name", nargs="?", metavar="NAME", help=f"one of: {', '.join(STORIES)}")
    telling.add_argument("--list", action="store_true", help="all stories, a name first on each line")
    telling.add_argument(
        "--on", action="append", default=[], metavar="MITIGATION", help="see `mitigations`; again for more"
    )
    telling.add_argument("--seed", type=int, default=7)
    telling.add_argument("--effects", action="store_true", help="also what each mitigation alone would have moved")
    telling.add_argument("--json", action="store_true", help="print one JSON object")
    telling.set_defaults(handle=_story)
    commands.add_parser("faults", help="what can be broken, and how that is written").set_defaults(handle=_faults)
    commands.add_parser("mitigations", help="what may help, and its knob").set_defaults(handle=_mitigations)


def _story(options: argparse.Namespace) -> None:
    if options.list:
        for story in STORIES.values():
            print(f"{story.name}  {story.title}. {story.what}")
        return
    if options.name is None:
        raise InvalidInput(f"Which story? Allowed: {', '.join(STORIES)}; `story --list` says what happens in each.")
    story = find_story(options.name)
    told = tell(story, options.on, options.seed)
    told.world.close()
    effects = moved(story, options.on, options.seed) if options.effects else ()
    if options.json:
        print(json.dumps(told.to_json() | ({"effects": [vars(one) for one in effects]} if options.effects else {})))
        return
    switched_on = ", ".join(sorted(told.on)) or "nothing"
    print(f"{story.title}. {story.what}\nSwitched on: {switched_on}. Load {told.digest[:12]}.\n")
    print("\n".join(told.debrief.lines))
    print("\n".join(["", *(one.sentence for one in effects)]) if effects else "")
    print(f"Audit: {', '.join(f'{name} {value:g}' for name, value in told.audit.items())}.")


def _faults(_: argparse.Namespace) -> None:
    for kind in KINDS.values():
        lasts = f"+{kind.lasts_s:g}" if kind.lasts_s else ""
        size = f"x{kind.size.default:g}" if kind.size else ""
        server = "[#SERVER]" if kind.servers else ""
        which = f" #: 0 to {kind.servers} - 1." if kind.servers else ""
        unit = f" x: {kind.size.name}, {kind.size.lo:g} to {kind.size.hi:g} {kind.size.unit}." if kind.size else ""
        print(f"{kind.name}@AT{lasts}{size}{server}  {kind.title}. {kind.text}{unit}{which}")


def _mitigations(_: argparse.Namespace) -> None:
    for one in MITIGATIONS.values():
        told_in = ", ".join(story.name for story in STORIES.values() if one.name in story.mitigations)
        print(f"{one.name}  {one.title}: {one.text}. --set {one.knob}=on; in {told_in or 'no story'}.")
