"""Relations inside a clause: what makes what, what is slower than what, and measures against numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from lessons.interview.reading.claims import Claim, Scene
from lessons.interview.reading.clauses import Clause, cues
from lessons.interview.reading.forms import Found
from lessons.interview.reading.guards import HEAPED
from lessons.interview.reading.mentions import Mention, kind, negations, numbers
from lessons.interview.reading.tables import table
from lessons.interview.reading.words import NUMBER, stemmed

NEAR = 6
"""Words between a verb and what it relates."""
CLOSE = 4
"""Words between a mechanism and the state it is said to be in."""
COUNTING = 3
"""Words between a bill and what says how much of it there is."""
FOR = 8
"""Words between waiting and what is waited for."""
LATER = 14
"""Words between an early answer and what is done later."""
_BILLS = ("LOOKUP", "WRITES", "DELIVERIES")
_WAITED_FOR = ("WRITES", "DELIVERIES", "FANOUT_WRITE")
_MEASURES = ("measure", "event")
_COMPARED = (*_MEASURES, "people", "thing")


def inner_claims(scene: Scene) -> Iterator[Claim]:
    """The claims that single clauses make by themselves; growth apart."""
    for one in scene.sentence.found:
        if one.form.name == "over a line" and scene.clause_of(one.first).first < one.first:
            yield from _against(scene, one)
        elif one.form.name == "for a group" and scene.clause_of(one.first).first < one.first:
            yield from _for_group(scene, one, cues("inner")["to a group"]["needs"])
        elif one.form.kind == "inner":
            entry = cues("inner")[one.form.name]
            if entry["relation"] == "CAUSE":
                yield from _makes(scene, one)
            elif entry["relation"] == "CONTRAST":
                yield from _better(scene, one, entry["better"])
            elif entry["relation"] == "COMPARE":
                yield from _against(scene, one)
            elif entry["relation"] == "COND":
                yield from _for_group(scene, one, entry["needs"])
    yield from _beside(scene)
    yield from _waits(scene)
    yield from _answers_first(scene)
    for clause in scene.sentence.clauses:
        yield from _is(scene, clause)
        yield from _priced(scene, clause)
        yield from _factors(scene, clause)
        yield from _group_gets(scene, clause)


def _sides(scene: Scene, cue: Found) -> tuple[Clause, list[Mention], list[Mention]]:
    clause = scene.clause_of(cue.first)
    there = scene.within(clause)
    return clause, [one for one in there if one.last < cue.first], [one for one in there if one.first > cue.last]


def _makes(scene: Scene, cue: Found) -> Iterator[Claim]:
    """ "A star with 30M followers makes 30M inserts"."""
    clause, left, right = _sides(scene, cue)
    triggers = negations(scene.sentence, scene.text, cue.indices)
    left = [one for one in left if cue.first - one.last <= NEAR and kind(one.concept) != "thing"]
    for subject in left:
        for object_ in right:
            if subject.concept != object_.concept and object_.first - cue.last <= NEAR:
                yield scene.claim(subject, "CAUSE", object_, (clause,), negations=triggers, ignore_rejections=True)


def _is(scene: Scene, clause: Clause) -> Iterator[Claim]:
    """ "Pull is too slow": a mechanism, and behind it a state, or a measure with its number, with no comma between."""
    there = scene.within(clause)
    for subject in there:
        if kind(subject.concept) != "mechanism":
            continue
        for object_ in there:
            apart = range(subject.last + 1, object_.first)
            if object_.first <= subject.last or len(apart) > CLOSE or _parted(scene, apart):
                continue
            counted = any(scene.text[at].stem == NUMBER for at in apart[-3:])
            if kind(object_.concept) == "state" or (kind(object_.concept) == "measure" and counted):
                yield scene.claim(subject, "CAUSE", object_, (clause,), ignore_rejections=True)


def _priced(scene: Scene, clause: Clause) -> Iterator[Claim]:
    """ "The filter costs one lookup", "filter at read, price = one lookup": what it costs is what it brings about."""
    there = scene.within(clause)
    for cost in there:
        payers = [one for one in there if 0 < cost.first - one.last <= CLOSE and kind(one.concept) == "mechanism"]
        paid = [one for one in there if cost.last < one.first <= cost.last + CLOSE]
        if cost.concept == "COST" and payers and paid and kind(paid[0].concept) == "measure":
            yield scene.claim(payers[-1], "CAUSE", paid[0], (clause,), negations=cost.negations, ignore_rejections=True)


def _beside(scene: Scene) -> Iterator[Claim]:
    """ "Filter at read (one more check)", "taking it out is as many writes again": a way, and behind it its bill."""
    if _mere_list(scene):
        return
    for bill in scene.mentions:
        if bill.concept not in _BILLS or not _counted(scene, bill):
            continue
        ways = [one for one in scene.mentions if kind(one.concept) == "mechanism" and one.last < bill.first]
        if ways and not ways[-1].negations and _adjacent(scene, ways[-1], bill):
            clauses = tuple(dict.fromkeys((scene.clause_of(ways[-1].first), scene.clause_of(bill.first))))
            claim = scene.claim(ways[-1], "CAUSE", bill, clauses, ignore_rejections=True)
            yield replace(claim, grounded=True)  # how much of it there is was said


def _counted(scene: Scene, bill: Mention) -> bool:
    """Whether it is said how many there are, or that there are more: "one more check", "the same 2M writes"."""
    near = range(max(scene.sentence.first, bill.first - COUNTING), bill.last + 1)
    return any(scene.text[at].stem in _counts() or scene.text[at].stem == NUMBER for at in near)


@cache
def _counts() -> frozenset[str]:
    return frozenset(map(stemmed, table("relations")["counting"]["words"]))


def _adjacent(scene: Scene, one: Mention, other: Mention) -> bool:
    """Whether two mentions stand in one clause or in two that follow each other."""
    clauses = scene.sentence.clauses
    places = [clauses.index(clause) for at in (one.first, other.first) if (clause := scene.clause_of(at)) in clauses]
    return len(places) == 2 and abs(places[0] - places[1]) <= 1


def _waits(scene: Scene) -> Iterator[Claim]:
    """ "Nobody waits while we update two million lists": what is waited for."""
    for wait in scene.mentions:
        if wait.concept != "WAIT" or wait.opposite:
            continue
        behind = (one for one in scene.mentions if wait.last < one.first <= wait.last + FOR)
        what = next((one for one in behind if one.concept in _WAITED_FOR), None)
        if what is not None:
            clauses = tuple(dict.fromkeys((scene.clause_of(wait.first), scene.clause_of(what.first))))
            yield scene.claim(wait, "COND", what, clauses)


def _answers_first(scene: Scene) -> Iterator[Claim]:
    """ "It returns once the row is stored, the rest goes through a log": the later part is what lets it answer; and
    "the log gets longer, and the workers take it at their own pace"."""
    there = (*scene.before, *scene.mentions)
    if _mere_list(scene):
        return
    for answer in there:
        early = answer.concept == "WAIT" and answer.opposite and scene.text[answer.first].stem in _answers()
        if not early and answer.concept != "ABSORB":
            continue
        later = [one for one in there if one.concept in ("ASYNC", "QUEUE") and abs(one.first - answer.last) <= LATER]
        new = [one for one in later if max(one.first, answer.first) >= scene.sentence.first]
        if new:
            clauses = tuple(dict.fromkeys((_place(scene, answer), _place(scene, new[0]))))
            yield scene.claim(new[0], "CAUSE", answer, clauses)


def _mere_list(scene: Scene) -> bool:
    """Whether a sentence has hardly a word beside its terms, and so says nothing of what stands next to each other."""
    places = range(scene.sentence.first, scene.sentence.last)
    words = [at for at in places if not scene.text[at].mark]
    named = {at for one in scene.mentions for at in range(one.first, one.last + 1)}
    return len(named.intersection(words)) > HEAPED * len(words)


def _place(scene: Scene, one: Mention) -> Clause:
    """The clause of a mention, of this sentence or the one before."""
    sentence = scene.sentence if one.first >= scene.sentence.first else scene.previous
    clauses = sentence.clauses if sentence else ()
    return next((clause for clause in clauses if clause.holds(one.first)), scene.clause_of(one.first))


@cache
def _answers() -> frozenset[str]:
    return frozenset(map(stemmed, table("relations")["answering"]["words"]))


def _parted(scene: Scene, apart: range) -> bool:
    """Whether a word stands between that begins something else; "millions of" does not."""
    return any(
        scene.text[at].stem in _parting() and not (scene.text[at].stem == "of" and scene.text[at - 1].stem == NUMBER)
        for at in apart
    )


@cache
def _parting() -> frozenset[str]:
    return frozenset([",", *map(stemmed, table("relations")["parting"]["words"])])


def _better(scene: Scene, cue: Found, better: str) -> Iterator[Claim]:
    """ "Pull is slower than push" prefers push."""
    clause, left, right = _sides(scene, cue)
    triggers = negations(scene.sentence, scene.text, cue.indices)
    left = [one for one in left if kind(one.concept) == "mechanism"] or left
    if left and right:
        first, second = (left[-1], right[0]) if better == "left" else (right[0], left[-1])
        yield scene.claim(first, "CONTRAST", second, (clause,), negations=triggers)


def _against(scene: Scene, cue: Found) -> Iterator[Claim]:
    """ "Lag is under 5 s", "reads exceed posts by a factor of 100", "peak = 5 x mean"."""
    clause, *sides = _sides(scene, cue)
    left, right = ([one for one in side if kind(one.concept) in _COMPARED] for side in sides)
    triggers = negations(scene.sentence, scene.text, cue.indices)
    places = [at for at in numbers(clause, scene.text) if cue.last < at or cue.first <= at <= cue.last]
    amount = scene.text[places[0]].quantity if places else None
    if amount is None and not left:
        return
    measured = [
        one for one in right if places and places[0] < one.first <= places[0] + 3 and kind(one.concept) == "measure"
    ]
    for subject in measured[:1]:  # "no more than 80 % busy"
        yield scene.claim(subject, "COMPARE", None, (clause,), negations=triggers, quantity=amount)
    subjects = left or right[:1]
    if amount is not None:
        for subject in subjects:
            yield scene.claim(subject, "COMPARE", None, (clause,), negations=triggers, quantity=amount)
    others = right if left else right[1:]
    for subject in left[-1:]:
        for object_ in others[:1]:
            if subject.concept != object_.concept:
                yield scene.claim(subject, "COMPARE", object_, (clause,), negations=triggers, quantity=amount)


def _factors(scene: Scene, clause: Clause) -> Iterator[Claim]:
    """ "Reads are 50 times as frequent as posts", "peak 10x mean", "75 times as many deliveries as posts"."""
    there = [one for one in scene.within(clause) if kind(one.concept) in _MEASURES or one.concept in ("POST", "READER")]
    for at in numbers(clause, scene.text):
        amount = scene.text[at].quantity
        if amount is None or amount.unit != "times":
            continue
        left = [one for one in there if one.last < at]
        right = [one for one in there if one.first > at]
        subject = left[-1] if left else right[0] if right else None
        if subject is None:
            continue
        other = right[0] if left and right else left[-2] if len(left) > 1 else right[1] if len(right) > 1 else None
        if len(left) > 1 and not right:
            subject = left[-2]
            other = left[-1]
        triggers = negations(scene.sentence, scene.text, (at,))
        yield scene.claim(subject, "COMPARE", other, (clause,), negations=triggers, quantity=amount)
        yield replace(
            scene.claim(subject, "COMPARE", None, (clause,), negations=triggers, quantity=amount), confidence="low"
        )


def _for_group(scene: Scene, cue: Found, groups: Sequence[str]) -> Iterator[Claim]:
    """ "Push only for active users", "we do not push to celebrities"."""
    clause, left, right = _sides(scene, cue)
    if right and right[0].concept in groups and right[0].first <= cue.last + 3:
        for subject in left:
            yield scene.claim(subject, "COND", right[0], (clause,))


def _group_gets(scene: Scene, clause: Clause) -> Iterator[Claim]:
    """ "Authors with more than 20k followers are pulled": a group, and what is done, with no "and" between."""
    there = scene.within(clause)
    for group in there:
        counted = group.concept == "FOLLOWERS" and any(
            scene.text[at].stem == NUMBER for at in range(max(clause.first, group.first - 2), group.first)
        )
        if group.concept not in ("CELEBRITY", "ACTIVE", "INACTIVE") and not counted:
            continue
        behind = [one for one in there if one.first > group.last and kind(one.concept) == "mechanism"]
        for subject in behind[:1]:
            if not any(scene.text[at].stem in ("and", "or") for at in range(group.last + 1, subject.first)):
                yield replace(scene.claim(subject, "COND", group, (clause,)), confidence="low")
