"""Relations between clauses: because, so, but, instead of, if, and a colon."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any, cast

from lessons.interview.reading.claims import Claim, Relation, Scene
from lessons.interview.reading.clauses import Clause, Link, Sentence, cues
from lessons.interview.reading.guards import is_case
from lessons.interview.reading.mentions import Mention, kind, numbers

MOST = 5
"""Concepts of a clause that one cue relates, those nearest to it."""


REACH = 10
"""Words between a cue and a concept that it relates."""


def with_rejections(sentence: Sentence, mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """The mentions, where "instead of" and its like dismiss what is on one of their sides."""
    for link in sentence.links:
        side = cues("cut")[link.cue].get("rejects")
        if side:
            clause = (link.right if side == "right" else link.left)[0]
            mark = frozenset([-1 - link.right[0].first])
            mentions = tuple(
                replace(one, rejections=one.rejections | mark) if clause.holds(one.first) else one for one in mentions
            )
    return mentions


def linked_claims(scene: Scene) -> Iterator[Claim]:
    """The claims that the cues between clauses make."""
    for link in scene.sentence.links:
        cue = cues("cut")[link.cue]
        relations = [cue["relation"], *([cue["also"]] if "also" in cue else [])]
        for relation in relations:
            for near, left in enumerate(link.left):
                yield from _claims(scene, link, cue, cast(Relation, relation), left, near > 0)


def _claims(
    scene: Scene, link: Link, cue: dict[str, Any], relation: Relation, left: Clause, far: bool
) -> Iterator[Claim]:
    right = link.right[0]
    flips = int(bool(cue.get("negates"))) + int(bool(cue.get("without")))
    relative = bool(cue.get("relative"))
    if relation == "COND" and "also" in cue:  # an arrow or a colon leads from the condition to what follows
        yield from (claim for claim in _conditions(scene, right, left, flips) if _is_case(claim))
        return
    if relation == "COND":
        yield from _conditions(scene, left, right, flips)
        return
    sides = (right, left) if cue.get("cause") == "right" else (left, right)
    if cue.get("rejects"):
        sides = (left, right) if cue["rejects"] == "right" else (right, left)
    if relative and far:
        return
    for subject, object_ in product(_nearest(scene, sides[0], right), _nearest(scene, sides[1], right)):
        if subject.concept == object_.concept:
            continue
        if cue.get("rejects"):  # the preference itself; that the other is dismissed is its meaning, no negation
            claim = scene.claim(subject, relation, object_, (left, right), flips=flips, ignore_rejections=True)
        else:
            claim = scene.claim(subject, relation, object_, (left, right), flips=flips, ignore_rejections=relative)
        yield replace(claim, confidence="low") if far else claim


def _is_case(claim: Claim) -> bool:
    """Whether the object is something that may be so or not: a group of people with its size, an event."""
    counted = claim.object == "FOLLOWERS" and claim.quantity is not None
    return counted or is_case(claim.object)


def _conditions(scene: Scene, said: Clause, condition: Clause, flips: int) -> Iterator[Claim]:
    under = _nearest(scene, condition, condition)
    for subject in _nearest(scene, said, condition):
        for object_ in under:
            if subject.concept != object_.concept:
                yield scene.claim(subject, "COND", object_, (condition, said), flips=flips)
        if numbers(condition, scene.text) and not any(one.concept == "FOLLOWERS" for one in under):
            claim = scene.claim(subject, "COND", None, (condition, said), flips=flips)
            yield replace(claim, object="THRESHOLD")


def _nearest(scene: Scene, clause: Clause, cue: Clause) -> tuple[Mention, ...]:
    """The mentions of a clause that are nearest to the cue, which stands before `cue`."""
    there = scene.within(clause)
    there = tuple(one for one in there if kind(one.concept) != "thing") or there
    if clause.first >= cue.first:
        there = tuple(one for one in there if one.first - clause.first <= REACH)
    else:
        there = tuple(one for one in there if clause.last - 1 - one.last <= REACH)
    return there[:MOST] if clause.first >= cue.first else there[-MOST:]
