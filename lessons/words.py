"""A lesson's text: the figures of the learner's run in their places; and how hard it is to read."""

import re
from collections.abc import Iterator

import textstat

from lessons.lesson import Front, Lesson
from lessons.play import Outcome

HARDEST_GRADE = 9.0
"""Of the Flesch-Kincaid grade: the middle of secondary school."""
PAGES = (
    "/", "/load", "/playground", "/twin", "/graph", "/inspect", "/compare", "/sweep", "/failures", "/servers",
    "/history", "/lessons", "/capacity", "/charts", "/estimates", "/hunts", "/drills",
    "/interview",
)  # fmt: skip
"""Where a lesson may send its reader."""
_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]*)\)")
_MARKUP = re.compile(r"`[^`]*`|[*_#>|]|^\s*[-\d.]+\s", re.MULTILINE)


def filled(text: str, outcome: Outcome) -> str:
    """The text with {name} replaced by that figure of these runs."""
    reads = outcome.front.figures
    return _PLACE.sub(lambda place: outcome.said(reads[place[1]]) if place[1] in reads else place[0], text)


def grade(lesson: Lesson) -> float:
    """Of the whole text, as `grade_of`."""
    return grade_of("\n".join(lesson.text.values()))


def grade_of(text: str) -> float:
    """Flesch-Kincaid grade: school years that a reader needs (J. P. Kincaid et al., 1975)."""
    plain = _PLACE.sub("7", _LINK.sub(lambda link: link[0][1 : link[0].index("]")], text))
    return float(textstat.flesch_kincaid_grade(_MARKUP.sub(" ", plain)))


def problems(lesson: Lesson, others: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with the text: places for figures that the lesson does not have, dead links, sentences too hard.

    others: names of the lessons to which a link may lead.
    """
    known = lesson.front.figures
    for section, text in lesson.text.items():
        strange = [name for name in _PLACE.findall(text) if name not in known]
        if strange:
            yield f"{section}: there is no figure {{{strange[0]}}}; allowed: {', '.join(known)}"
        if section == "Before" and _PLACE.search(text):
            yield f"{section}: it shows {_PLACE.findall(text)[0]}, which nobody has measured yet"
        yield from (f"{section}: the link {link} leads nowhere" for link in _dead(text, others))
    text = " ".join(lesson.text.values()).lower()
    yield from (
        f"`explains` has {metric}, but the text never says {metric.label!r}"
        for metric in lesson.front.explains
        if metric.label.lower() not in text
    )
    hard = grade(lesson)
    if hard > HARDEST_GRADE:
        yield f"the text reads at school year {hard:.1f}; allowed: up to {HARDEST_GRADE:g}; shorter sentences help most"
    unused = [
        claim.id for claim in lesson.front.claim if not claim.control and not _told(claim.id, lesson.front, lesson)
    ]
    if unused:
        yield f"the claim {unused[0]} is checked, but the text never shows its figure"


def _told(name: str, front: Front, lesson: Lesson) -> bool:
    """Its figure stands somewhere in the text, under this name or another."""
    wanted = front.figures[name]
    same = {other for other, read in front.figures.items() if read == wanted}
    return any(place in same for text in lesson.text.values() for place in _PLACE.findall(text))


def _dead(text: str, others: tuple[str, ...]) -> Iterator[str]:
    for link in _LINK.findall(text):
        path, _, query = link.partition("?")
        lesson = query.removeprefix("lesson=") if path == "/lessons" and query.startswith("lesson=") else None
        if path not in PAGES or (lesson is not None and lesson not in others):
            yield link
