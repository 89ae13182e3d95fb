"""A debrief as Markdown: plain headings, paragraphs, lists and tables. Whatever somebody wrote stays text."""

import re

from lessons.interview.debrief.shape import (
    Bars,
    Block,
    Debrief,
    Flow,
    Listed,
    Paragraph,
    Ratios,
    Scale,
    Table,
)  # fmt: skip

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#|~&$!])")
_BEGINS = re.compile(r"^(\s*(?:[-+=:]|\d+(?=[.)])))")
"""What makes a list, a heading or a rule of a line that begins so."""
_LINKED = re.compile(r"://|(?<=\bwww)\.", re.IGNORECASE)
"""What some dialects make a link of by itself."""
_CELLS = 24
"""Of the scale as text."""


def markdown(told: Debrief) -> str:
    """The whole debrief; ends with a line's end."""
    parts = [f"# {_text(told.title)}"]
    for number, section in enumerate(told.sections, 1):
        parts.append(f"## {number}. {_text(section.heading)}")
        parts += [_block(block) for block in section.blocks]
    return "\n\n".join([*parts, _text(told.versions)]) + "\n"


def _text(text: str) -> str:
    """As text, whatever stands in it."""
    escaped = _MARKS.sub(r"\\\1", text)
    escaped = _LINKED.sub(lambda found: f"\\{found[0]}", escaped)
    return _BEGINS.sub(lambda found: f"{found[1][:-1]}\\{found[1][-1]}" if not found[1].strip().isdigit()
                       else f"{found[1]}\\", escaped)  # fmt: skip


def _block(block: Block) -> str:
    match block:
        case Paragraph():
            return _text(block.text)
        case Listed():
            return "\n".join(f"- {_text(item)}" for item in block.items)
        case Table():
            return f"{_text(block.caption)}:\n\n" + _rows(block.columns, block.rows)
        case Scale():
            return f"{_text(_drawn(block))}\n\n{_text(block.text)}"
        case Bars():
            rows = tuple((bar.label, bar.text) for bar in block.rows)
            return f"{_text(block.caption)}:\n\n" + _rows(("Step", "Points"), rows)
        case Ratios():
            return f"{_text(block.caption)}:\n\n" + "\n".join(
                f"- {_text(f'{row.label}: {row.text}')}" for row in block.rows
            )
        case Flow():
            ways = [
                f"- {_text(way.label)}: " + " → ".join(f"{_text(name)} ({_text(note)})" for name, note in way.boxes)
                for way in block.ways
            ]
            return f"{_text(block.caption)}:\n\n" + "\n".join(ways)


def _rows(columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    lines = [columns, ("---",) * len(columns), *rows]
    head, rule, *body = (
        "| " + " | ".join(cell if cell == "---" and place == 1 else _text(cell) for cell in line) + " |"
        for place, line in enumerate(lines)
    )
    return "\n".join([head, rule, *body])


def _drawn(scale: Scale) -> str:
    """The scale in letters: `.` below and above, `=` the interval, `o` the score."""
    cells = ["."] * (_CELLS + 1)
    first, last, own = (round(value / 100 * _CELLS) for value in (scale.low, scale.high, scale.score))
    cells[first : last + 1] = ["="] * (last + 1 - first)
    cells[own] = "o"
    return f"0 {''.join(cells)} 100 points"
