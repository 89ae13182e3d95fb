"""What was understood of a text, as chips; where two statements, or a statement and the design, collide."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lessons.interview.reader import PATTERN_OF
from lessons.interview.reading import Claim, Reading, credit, patterns, read
from lessons.interview.reading.tables import table
from lessons.interview.sheet import Steps

RELATIONS = ("grows with", "because", "instead of", "if")
"""Of the template in which something may be restated: X, one of these, Y."""
MOST_CHIPS = 8
_IN_CHIP = 2
_WORDS = 6
"""Of a quotation within a question."""
_SAYS = {
    ("CAUSE", True): "{s} leads to {o}", ("CAUSE", False): "{s} does not lead to {o}",
    ("GROWS", True): "{s} grows with {o}", ("GROWS", False): "{s} does not grow with {o}",
    ("SHRINKS", True): "{s} shrinks with {o}", ("SHRINKS", False): "{s} does not shrink with {o}",
    ("COND", True): "{s} if {o}", ("COND", False): "no {s} if {o}",
    ("CONTRAST", True): "{s} against {o}", ("CONTRAST", False): "not {s} against {o}",
    ("COMPARE", True): "{s} beside {o}", ("COMPARE", False): "not {s} beside {o}",
}  # fmt: skip


@dataclass(frozen=True)
class Chip:
    """One thing that was understood, and the words it was read from."""

    text: str
    quote: str


@lru_cache(maxsize=512)
def chips(step: int, text: str, strategy: str) -> tuple[Chip, ...]:
    """What was understood of a step's text, in its order, for a design with this strategy; each chip has words of its
    own."""
    found = _read(text)
    counted = _counted(step, found, strategy)
    by_worth = sorted(
        (claim for claim in found.claims if claim.subject and claim.object),
        key=lambda one: (one not in counted, one.confidence == "low", one.span[1] - one.span[0], one.span),
    )
    groups: list[list[Claim]] = []
    for claim in by_worth:
        same = next((group for group in groups if group[0].span == claim.span), None)
        if same is not None:
            same.append(claim)
        elif not any(_overlap(group[0].span, claim.span) for group in groups):
            groups.append([claim])
    groups = sorted(groups[:MOST_CHIPS], key=lambda group: group[0].span)
    return tuple(Chip(_told(group), text[slice(*group[0].span)].strip()) for group in groups)


def without(text: str, quotes: Sequence[str]) -> str:
    """A text without the words that were taken back."""
    for quote in quotes:
        text = text.replace(quote, "", 1) if quote else text
    return text


def collision(steps: Steps) -> dict[str, str] | None:
    """What was said of the design in one step and configured otherwise in another, the first of such."""
    for said, configured, collides in _COLLISIONS:
        if collides(steps):
            strategy = str(steps.s3.structured.strategy).replace("_", " ")
            return {"claimed": said, "configured": configured.format(strategy=strategy)}
    return None


def opposed(text: str) -> dict[str, str] | None:
    """Two statements of one text that cannot both hold, in its words."""
    found = _read(text)
    if not found.opposed:
        return None
    pair = found.opposed[0]
    return {"claimed": _short(found, pair.one), "configured": _short(found, pair.other)}


@lru_cache(maxsize=512)
def _read(text: str) -> Reading:
    return read(text)


def _counted(step: int, found: Reading, strategy: str) -> tuple[Claim, ...]:
    name = PATTERN_OF.get(step)
    return credit(patterns()[name], found, strategy).claims if name else ()


def _told(claims: Sequence[Claim]) -> str:
    names = table("concepts")
    told: list[str] = []
    for claim in claims:
        line = _SAYS[claim.relation, claim.polarity].format(
            s=names[claim.subject]["says"], o=names.get(claim.object, {}).get("says", claim.object.lower())
        )
        if line not in told:
            told.append(line)
    return "; ".join(told[:_IN_CHIP])


def _short(found: Reading, claim: Claim) -> str:
    return f'"{found.quote(claim, _WORDS)}"'


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _decided(decision: str, strategies: Sequence[str]) -> Callable[[Steps], bool]:
    return lambda steps: steps.s1.structured.driver.decision == decision and steps.s3.structured.strategy in strategies


_COLLISIONS: tuple[tuple[str, str, Callable[[Steps], bool]], ...] = (
    ("that large accounts are pulled", "{strategy} for everybody",
     lambda s: s.s3.structured.celebrity == "pull" and s.s3.structured.strategy in ("push", "active_only")),
    ("ready-made lists", "{strategy}", _decided("ready_made_lists", ("pull",))),
    ("merging at the read", "{strategy}", _decided("merge_at_read", ("push", "active_only"))),
    ("lists of active people only", "{strategy}", _decided("active_lists_only", ("push", "pull", "cached_pull"))),
    ("lists of references", "lists of bodies",
     lambda s: s.s1.structured.driver.decision == "references_only" and s.s2.structured.timeline_holds == "bodies"),
    ("lists of references", "bodies kept with the lists",
     lambda s: s.s2.structured.timeline_holds == "references" and s.s5.structured.body_cache == "with_lists"),
    ("that the fan-out happens later", "no queue",
     lambda s: s.s1.structured.driver.decision == "fan_out_later" and s.s5.structured.queue == "none"),
    ("what the queue is for", "no queue",
     lambda s: s.s5.structured.queue == "none" and bool(s.s5.structured.queue_why)),
)  # fmt: skip
"""(what was said, what was configured, when they collide)."""
