"""What the address says of the Failures page: the story, what is switched on, the seed, and what was predicted.

    /failures?story=cache_wiped&on=coalescing,cache_warming&seed=7&said=database

A prediction in the address says that the story was run: whoever reloads, or follows the link, sees the run again, which
is the same to the last figure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.experiments.stories import STORIES, Story

SEED = 7
MOST_SEED = 2**31 - 1
_SHOWN = 40
"""Characters of nonsense that are repeated."""


@dataclass(frozen=True)
class Asked:
    """One state of the page."""

    story: str
    on: tuple[str, ...] = ()
    """Mitigations, in the story's order."""
    seed: int = SEED
    said: str | None = None
    """The option that was predicted; None: not run yet."""

    @property
    def told(self) -> Story:
        """The story itself."""
        return STORIES[self.story]

    @property
    def plain(self) -> "Asked":
        """The same with nothing switched on."""
        return replace(self, on=())

    def to_params(self) -> dict[str, str]:
        """As they stand in the address; what is usual is left out."""
        parts = {
            "story": self.story,
            "on": ",".join(self.on),
            "seed": "" if self.seed == SEED else str(self.seed),
            "said": self.said or "",
        }
        return {name: text for name, text in parts.items() if text}


PARAMS = ("story", "on", "seed", "said")


def asked_in(params: Mapping[str, str]) -> tuple[Asked, list[str]]:
    """What an address asks for, and a sentence for each part of it that makes no sense and was left out."""
    wrong: list[str] = []
    name = params.get("story", "")
    if name and name not in STORIES:
        wrong.append(f"There is no story {_shown(name)}; allowed: {', '.join(STORIES)}.")
        return Asked(next(iter(STORIES))), wrong
    story = STORIES[name] if name else next(iter(STORIES.values()))
    on = _switched_on(story, params.get("on", ""), wrong)
    said = params.get("said") or None
    keys = [option.key for option in story.options]
    if said is not None and said not in keys:
        wrong.append(f"{_shown(said)} is no answer of this story; allowed: {', '.join(keys)}.")
        said = None
    return Asked(story.name, on, _seed(params.get("seed", ""), wrong), said), wrong


def in_order(story: Story, names: Sequence[str]) -> tuple[str, ...]:
    """Mitigations as the story lists them, each once."""
    return tuple(name for name in story.mitigations if name in names)


def _switched_on(story: Story, text: str, wrong: list[str]) -> tuple[str, ...]:
    names = [part.strip() for part in text.split(",") if part.strip()]
    unknown = [name for name in names if name not in story.mitigations]
    if unknown:
        wrong.append(f"This story has no switch {_shown(unknown[0])}; allowed: {', '.join(story.mitigations)}.")
    return in_order(story, names)


def _seed(text: str, wrong: list[str]) -> int:
    if not text:
        return SEED
    if text.isascii() and text.isdigit() and len(text) < 11 and int(text) <= MOST_SEED:
        return int(text)
    wrong.append(f"{_shown(text)} is no seed; allowed: a whole number from 0 to {MOST_SEED:,}.")
    return SEED


def _shown(text: str) -> str:
    """What somebody wrote, as code: it is no markup, and not endless."""
    shortened = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    plain = "".join(letter if letter.isprintable() and letter != "`" else "?" for letter in shortened)
    return f"`{plain}`"
