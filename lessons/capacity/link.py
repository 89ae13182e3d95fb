"""A design in an address: `preset=seed-004&follows=75&cold_posts=on`. Only what differs from the preset is there."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import InvalidField
from lessons.capacity.assumptions import ASSUMED, Assumptions
from lessons.capacity.figures import plain
from lessons.capacity.presets import FIRST, PRESETS, Preset

PRESET = "preset"
PARAMS = (PRESET, *ASSUMED)
"""All that may stand in an address."""
_OTHERS = ("embed", "embed_options", "learner", "room")
"""What other parts of the site put into addresses."""
_SHOWN = 40
"""Characters of nonsense that are repeated."""


@dataclass(frozen=True)
class Asked:
    """A preset, and the assumptions as somebody changed them."""

    preset: str
    assumptions: Assumptions

    @property
    def begun(self) -> Preset:
        """The preset itself."""
        return PRESETS[self.preset]

    @property
    def changed(self) -> dict[str, float | bool]:
        """What differs from the preset."""
        first = self.begun.assumptions.values()
        return {name: value for name, value in self.assumptions.values().items() if value != first[name]}

    @property
    def command(self) -> str:
        """The same on the command line."""
        settings = "".join(f" --set {name}={written(value)}" for name, value in self.changed.items())
        return f"python -m lessons capacity --preset {self.preset}{settings}"

    def to_params(self) -> dict[str, str]:
        """As it stands in the address."""
        named = {} if self.preset == FIRST else {PRESET: self.preset}
        return named | {name: written(value) for name, value in self.changed.items()}


def of_preset(name: str) -> Asked:
    """A preset as it is."""
    return Asked(name, PRESETS[name].assumptions)


def asked_in(params: Mapping[str, str]) -> tuple[Asked, list[str]]:
    """What an address asks for, and a sentence for each part of it that makes no sense and was left out."""
    wrong: list[str] = []
    name = params.get(PRESET, FIRST)
    if name not in PRESETS:
        wrong.append(f"There is no preset {_shown(name)}; allowed: {', '.join(PRESETS)}.")
        name = FIRST
    changes: dict[str, float | bool] = {}
    for assumed in [each for each in ASSUMED if each in params]:
        changes |= _read(assumed, params[assumed], wrong)
    unknown = [part for part in params if part not in (*PARAMS, *_OTHERS)]
    if unknown:
        wrong.append(f"There is no assumption {_shown(unknown[0])} here; it was ignored.")
    return Asked(name, PRESETS[name].assumptions.with_changes(changes)), wrong


def _read(assumed: str, text: str, wrong: list[str]) -> dict[str, float | bool]:
    try:
        return {assumed: ASSUMED[assumed].parse(text)}
    except InvalidField:
        wrong.append(f"{assumed} is {_shown(text)}; allowed: {ASSUMED[assumed].allowed}.")
        return {}


def written(value: float | bool) -> str:
    """A value as `parse` reads it again."""
    return ("on" if value else "off") if isinstance(value, bool) else plain(value)


def _shown(text: str) -> str:
    """What somebody wrote, as code: it is no markup, and not endless."""
    shortened = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    safe = "".join(letter if letter.isprintable() and letter != "`" else "?" for letter in shortened)
    return f"`{safe}`"
