"""A debrief as one HTML file: everything in it, no script, nothing fetched, everything that somebody wrote escaped."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from lessons.interview.debrief.shape import Bars, Debrief, Flow, Ratios, Scale

_WIDE = 640.0
"""Of a picture, in its own units."""
_LEFT = 210.0
"""Room for the names of rows."""
_DECADES = 2.0
"""The scale of estimates goes from a hundredth to a hundred times; what is further off stands at its end."""
_BOX_LEFT, _PITCH = 88.0, 110.4
"""Of the boxes of a diagram; a box is 103 wide."""
_LETTERS = 17
"""That fit into a box, at the size of its notes."""


def html(told: Debrief) -> str:
    """The page. A browser that opens it asks nobody for anything, and its own policy forbids it to."""
    environment = Environment(
        loader=PackageLoader("lessons.interview.debrief", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sections = [(section, [(type(block).__name__, block, _drawn(block)) for block in section.blocks])
                for section in told.sections]  # fmt: skip
    return environment.get_template("debrief.html.j2").render(told=told, sections=sections, wide=_WIDE)


def _drawn(block: object) -> Any:
    """Where the parts of a picture stand; None of what is no picture."""
    match block:
        case Scale():
            return _scale(block)
        case Bars():
            room = _WIDE - _LEFT - 130
            most = max((bar.of for bar in block.rows), default=0.0) or 1.0
            return [(bar, 26 * place, _one(room * bar.of / most), _one(room * bar.value / most))
                    for place, bar in enumerate(block.rows)]  # fmt: skip
        case Ratios():
            return [(row, 26 * place, _one(_x_of(row.off))) for place, row in enumerate(block.rows)]
        case Flow():
            return [
                (way, 96 * place, [(name, _lines(note), _one(_BOX_LEFT + number * _PITCH))
                                   for number, (name, note) in enumerate(way.boxes)])
                for place, way in enumerate(block.ways)
            ]  # fmt: skip
    return None


def _scale(scale: Scale) -> dict[str, Any]:
    def at(value: float) -> float:
        return _one(10 + value / 100 * (_WIDE - 20))

    ends = [*(border for _, border in scale.borders[1:]), 100.0]
    bands = [(name, at(begin), _one(at(end) - at(begin)), place)
             for place, ((name, begin), end) in enumerate(zip(scale.borders, ends, strict=True))]  # fmt: skip
    wide = max(3.0, at(scale.high) - at(scale.low))
    return {"bands": bands, "low": at(scale.low), "wide": _one(wide), "score": at(scale.score)}


def _x_of(off: float) -> float:
    held = max(-_DECADES, min(_DECADES, off))
    return _LEFT + (held + _DECADES) / (2 * _DECADES) * (_WIDE - _LEFT - 130)


def _lines(note: str) -> list[str]:
    """A note in up to three lines of a box; whole words, and an ellipsis where there is more."""
    lines: list[str] = [""]
    for word in note.split():
        if len(lines[-1]) + len(word) + 1 > _LETTERS and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    shown = [line[:_LETTERS] for line in lines[:3]]
    return [*shown[:-1], f"{shown[-1]} …"] if len(lines) > 3 else shown


def _one(value: float) -> float:
    """One decimal, so that the page is the same everywhere."""
    return round(value, 1)
