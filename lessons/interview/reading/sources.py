"""What the school says itself: lessons, cards, questions and hints. Repeated, it counts for nothing."""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from lessons.interview.reading.tables import table

SHINGLE, COPIED = 8, 0.6
"""Words in a shingle, and the share of a text's shingles that makes it a copy."""
Shingles = frozenset[tuple[str, ...]]
_WORD = re.compile(r"[^\W_]+")
_ROOT = Path(__file__).parents[2]
_CODE = ("drills", "hunts", "charts", "estimates", "interview/sitting", "interview/debrief", "interview/runs")
"""Folders whose sentences stand in code or in tables: cards, answers, questions, hints, new requirements."""


def shingles(text: str) -> Shingles:
    """All runs of eight words, without marks; tweets are posts here too."""
    same = table("english")["stems"]
    words = [same.get(word, word) for word in _WORD.findall(text.lower())]
    return frozenset(zip(*(words[first:] for first in range(SHINGLE)), strict=False))


def copied(text: str, sources: Shingles) -> bool:
    """Guard (e): whether at least 60 % of its shingles stand in the sources. A text of fewer words is never a copy."""
    own = shingles(text) if sources else frozenset()
    return bool(own) and len(own & sources) >= COPIED * len(own)


def copied_lines(text: str, sources: Shingles) -> tuple[tuple[int, int], ...]:
    """The lines of a text that are copies, as spans: a paragraph that was pasted among own ones."""
    found, start = [], 0
    for line in text.splitlines(keepends=True) if sources else ():
        if copied(line, sources):
            found.append((start, start + len(line)))
        start += len(line)
    return tuple(found)


def shingles_of(texts: Iterable[str]) -> Shingles:
    """Of several texts; none runs from one into the next."""
    return frozenset().union(*map(shingles, texts))


@cache
def school() -> Shingles:
    """Of everything that the school says; collected once."""
    return shingles_of(_texts())


def _texts() -> Iterator[str]:
    for path in sorted(_ROOT.glob("content/**/*.md")):
        yield path.read_text("utf-8")
    for folder in _CODE:
        for path in sorted((_ROOT / folder).glob("*.py")):
            yield from _sentences(ast.parse(path.read_text("utf-8")))
        for path in sorted((_ROOT / folder).glob("*.toml")):
            yield from _strings(tomllib.loads(path.read_text("utf-8")))


def _sentences(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.count(" ") + 1 >= SHINGLE:
            yield node.value


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)
