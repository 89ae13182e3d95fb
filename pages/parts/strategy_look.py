"""How each strategy is drawn: colour, dash and mark, the same as on the live charts (`live/theme.js`)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from pages.parts.palette import DARK, Palette

_LIGHT_COLOURS = {
    "pull": "#0072B2", "cached_pull": "#3D97CC", "push": "#D55E00", "hybrid": "#009E73", "push_active": "#B9608F",
    "adaptive": "#8A6D00", "delayed": "#6A4FC9", "per_edge": "#4F7A12", "lossy": "#8A5A33",
}  # fmt: skip
_DARK_COLOURS = {
    "pull": "#2F8FD0", "cached_pull": "#56B4E9", "push": "#E8702A", "hybrid": "#14B388", "push_active": "#CC79A7",
    "adaptive": "#E6C229", "delayed": "#9B8CFF", "per_edge": "#8FB339", "lossy": "#B08968",
}  # fmt: skip
_DASHES = {
    "push": "solid", "hybrid": "12px,3px", "pull": "7px,4px", "cached_pull": "2px,3px",
    "push_active": "10px,3px,2px,3px", "adaptive": "12px,3px,2px,3px", "delayed": "12px,3px,4px,3px",
    "per_edge": "5px,3px,2px,3px", "lossy": "3px,3px",
}  # fmt: skip
_MARKS = (
    "circle", "square", "diamond", "triangle-up", "triangle-down", "pentagon", "hexagon", "star", "x", "cross",
)  # fmt: skip


class Drawn(NamedTuple):
    """Of one strategy: `mark` tells two apart that differ in a parameter only."""

    colour: str
    dash: str
    mark: str

    @property
    def marker(self) -> dict[str, Any]:
        """As Plotly takes it."""
        return {"color": self.colour, "symbol": self.mark, "size": 11}

    def tint(self, share: float) -> str:
        """The colour, so thin that words can stand on it."""
        red, green, blue = (int(self.colour[at : at + 2], 16) for at in (1, 3, 5))
        return f"rgba({red},{green},{blue},{share})"


def looks(specs: Sequence[str], palette: Palette) -> dict[str, Drawn]:
    """Each `name` or `name:param=value` with its look."""
    colours = _DARK_COLOURS if palette is DARK else _LIGHT_COLOURS
    return {
        spec: Drawn(
            colours.get(_name(spec), palette.quiet), _DASHES.get(_name(spec), "solid"), _MARKS[place % len(_MARKS)]
        )
        for place, spec in enumerate(specs)
    }


def _name(spec: str) -> str:
    return spec.partition(":")[0]
