"""Designs to begin with: two texts, a real service, and the room of this engine. The rest is each one's default."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from engine.errors import UnknownName
from lessons.capacity.assumptions import ASSUMED, Assumptions

DAY_S = 86_400


@dataclass(frozen=True, kw_only=True)
class Preset:
    """One design. `changed`: name -> (value, where it comes from); the others stand as declared."""

    name: str
    title: str
    text: str
    changed: Mapping[str, tuple[float, str]]

    @property
    def assumptions(self) -> Assumptions:
        """As a value."""
        changes: dict[str, Any] = {name: value for name, (value, _) in self.changed.items()}
        return Assumptions(**changes)

    def source(self, name: str) -> str:
        """Where this design's value of an assumption comes from."""
        return self.changed[name][1] if name in self.changed else ASSUMED[name].source


_SEED_001 = Preset(
    name="seed-001",
    title="Seed 001: 500M posts a day",
    text="500 million posts a day, 100,000 home reads a second, a reader who follows 400 accounts.",
    changed={
        "people": (200e6, "assumed: half of seed 001's 400M a month; change it"),
        "posts_each": (2.5, "seed 001: 500M posts (NFR4), of the people assumed"),
        "reads_per_post": (100_000 * DAY_S / 500e6, "seed 001: 100K reads/s (NFR4) for 500M posts"),
        "follows": (400, "seed 001's reader (C01)"),
        "read_peak": (10, "seed 001: busy times are 10 x"),
        "write_us": (1_000, "seed 001: 1 ms a write (C07)"),
        "author_us": (1_000, "seed 001: 20 celebrities add 20 ms (C06)"),
        "workers": (1, "seed 001 (C05)"),
        "largest": (150e6, "seed 001 (C05)"),
        "accounts": (400e6, "seed 001: people a month"),
    },
)
_SEED_004 = Preset(
    name="seed-004",
    title="Seed 004: 300M posts a day",
    text="300 million posts and 50 billion home reads a day, 200 followers each.",
    changed={},
)
_TWITTER = Preset(
    name="twitter-2012",
    title="Twitter, November 2012",
    text="400 million posts a day, 300,000 home reads a second, 75 copies of each post.",
    changed={
        "people": (150e6, "High Scalability, 2013: 150M active users"),
        "posts_each": (400 / 150, "High Scalability, 2013: 400M posts a day"),
        "reads_per_post": (300_000 * DAY_S / 400e6, "High Scalability, 2013: 300K reads/s"),
        "follows": (23e9 / 505e6, "Gabielkov and others, 2014: 23B follows of 505M accounts, July 2012"),
        "author_skew": (75 / (23e9 / 505e6), "derived: 30B deliveries / 400M posts = 75 copies a post"),
        "payload": (230, "median object in Twitter's caches (Yang and others, 2020; second-hand)"),
        "peak": (2.6, "Kleppmann, 2017: 12K posts/s over 4.6K"),
        "read_peak": (2.6, "assumed: as that of posts; change it"),
        "largest": (31e6, "High Scalability, 2013"),
        "accounts": (505e6, "Gabielkov and others, 2014: July 2012"),
        "active_share": (100 * 150 / 505, "derived: 150M of 505M"),
    },
)
_CLASSROOM = Preset(
    name="classroom",
    title="Classroom, as this engine runs it",
    text="2,000 people, 30 posts and 300 home reads a second, on machines slow enough to watch.",
    changed={
        "people": (2_000, "world `classroom`"),
        "posts_each": (30 * DAY_S / 2_000, "world `classroom`: 30 posts/s"),
        "reads_per_post": (10, "world `classroom`: 300 reads/s for 30 posts/s"),
        "follows": (39.8, "world `classroom`, seed 7"),
        "peak": (1, "world `classroom`: steady"),
        "read_peak": (1, "world `classroom`: steady"),
        "author_skew": (0.982, "world `classroom`: the largest account posts only when told to"),
        "write_us": (2_300, "world `classroom`, knob costs.delivery_us"),
        "workers": (4, "world `classroom`"),
        "largest": (1_500, "world `classroom`: Nova"),
        "celebrities": (1, "world `classroom`: Nova"),
        "author_us": (100, "world `classroom`, knob costs.author_us"),
        "read_us": (1_400, "world `classroom`: gateway 200, list 300, bodies 900"),
        "accounts": (2_000, "world `classroom`"),
        "active_share": (70, "world `classroom`: seen in the last 30 days"),
    },
)

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {preset.name: preset for preset in (_SEED_001, _SEED_004, _TWITTER, _CLASSROOM)}
)
"""All presets by name."""
FIRST = _SEED_004.name


def find_preset(name: str) -> Preset:
    """The preset of this name.

    Raises:
        UnknownName: with the ones that exist.
    """
    if name not in PRESETS:
        raise UnknownName(f"There is no preset {name!r}; allowed: {', '.join(PRESETS)}.")
    return PRESETS[name]
