"""What grows with what: "grows with", "per", "the more ... the more", and one number for two things."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from lessons.interview.reading.claims import Claim, Relation, Scene
from lessons.interview.reading.clauses import Clause, cues
from lessons.interview.reading.forms import Found
from lessons.interview.reading.mentions import Mention, kind, negations, numbers
from lessons.interview.reading.quantities import Quantity
from lessons.interview.reading.tables import table
from lessons.interview.reading.words import NUMBER, Token, stemmed

REACH = 6
"""Words between "grows with" and what it grows with."""
TIGHT = 2
"""Words between "per" and its thing."""
ONE_BEFORE = 2
"""Words between "one" and what there is one of."""
VAGUE = ("COST", "READER", "AUTHOR", "TIMELINE", "POST")
"""What says nothing of its own: "the work is proportional to ..." goes on about what the clause before named."""
DRIVERS = ("FOLLOWERS", "FOLLOWEES")
"""What a count of something else follows, where one number is given for both."""


def growth_claims(scene: Scene) -> Iterator[Claim]:
    """All claims of growth inside the clauses of a sentence."""
    for one in scene.sentence.found:
        if (
            one.form.kind == "inner"
            and not _is_part(scene, one)
            and (cues("inner")[one.form.name]["relation"] in ("GROWS", "SHRINKS") or _equals(scene, one))
        ):
            yield from _with(scene, one)
    yield from _more(scene)
    yield from _same_number(scene)
    yield from _one_each(scene)


def _is_part(scene: Scene, cue: Found) -> bool:
    """Whether a cue lies inside a concept: "copy it to each follower" says what push is, not how it grows."""
    concepts = (one for one in scene.sentence.found if one.form.kind == "concept")
    return any(one.first < cue.first and cue.last < one.last for one in concepts)


def _equals(scene: Scene, cue: Found) -> bool:
    """ "fan-out writes = followers" is growth too."""
    return scene.text[cue.first].stem in ("=", stemmed("equals"))


def _with(scene: Scene, cue: Found) -> Iterator[Claim]:
    entry = cues("inner")[cue.form.name]
    clause = scene.clause_of(cue.first)
    reach = TIGHT if entry.get("tight") else REACH
    there = scene.within(clause)
    driver = next((one for one in there if cue.last < one.last and cue.last < one.first <= cue.last + 1 + reach), None)
    driver = _owned(there, _people_first(there, driver))
    if driver is None or (_equals(scene, cue) and driver.concept not in DRIVERS):
        return
    relation: Relation = "SHRINKS" if entry["relation"] == "SHRINKS" else "GROWS"
    triggers = negations(scene.sentence, scene.text, cue.indices)
    subjects, clauses = _subjects(scene, clause, cue, driver)
    subjects = tuple(one for one in subjects if one.concept not in VAGUE) or subjects
    for subject in subjects:
        if subject.concept == driver.concept:
            continue
        yield scene.claim(subject, relation, driver, clauses, negations=triggers)
        amount = _amount(scene, clause)
        if entry.get("tight") and amount is not None:
            yield scene.claim(subject, "COMPARE", driver, clauses, negations=triggers, quantity=amount)
    if not subjects:
        claim = scene.claim(None, relation, driver, clauses, negations=triggers)
        yield replace(claim, confidence="low")
    if all(one.concept in VAGUE for one in subjects):
        for way, those in _ways(scene, clause):
            yield scene.claim(way, relation, driver, those, negations=triggers)


def _ways(scene: Scene, clause: Clause) -> Iterator[tuple[Mention, tuple[Clause, Clause]]]:
    """The mechanisms under which a clause is said to hold: "the cost of a post grows with followers, if we push"."""
    for link in scene.sentence.links:
        if cues("cut")[link.cue]["relation"] == "COND" and link.left and clause == link.left[0]:
            for one in scene.within(link.right[0]):
                if kind(one.concept) == "mechanism":
                    yield one, (clause, link.right[0])


def _people_first(there: tuple[Mention, ...], driver: Mention | None) -> Mention | None:
    """People named inside a longer form count before it: "per followed account of the timeline"."""
    if driver is None:
        return None
    inner = [
        one for one in there if driver.first <= one.first and one.last <= driver.last and kind(one.concept) == "people"
    ]
    return inner[0] if inner else driver


def _owned(there: tuple[Mention, ...], driver: Mention | None) -> Mention | None:
    """What somebody has, not who has it: "with the author's followers"."""
    if driver is None or driver.concept not in ("AUTHOR", "READER", "CELEBRITY"):
        return driver
    near = (one for one in there if one.concept in DRIVERS and 0 < one.first - driver.last <= TIGHT)
    return next(near, driver)


def _amount(scene: Scene, clause: Clause) -> Quantity | None:
    found = (scene.text[at].quantity for at in numbers(clause, scene.text))
    return next((amount for amount in found if amount and amount.value >= 2), None)


def _subjects(
    scene: Scene, clause: Clause, cue: Found, driver: Mention
) -> tuple[tuple[Mention, ...], tuple[Clause, ...]]:
    """What grows: named before the cue, else behind its thing, else in the clause before."""
    there = scene.within(clause)
    left = tuple(one for one in there if one.last < cue.first)
    before = _clause_before(scene, clause)
    topic = scene.within(before) if before else ()
    if any(one.concept not in VAGUE for one in left) or (left and not topic):
        return left, (clause,)
    if left and before:
        return (*left, *topic), (clause, before)
    right = tuple(one for one in there if one.first > driver.last and one.concept not in DRIVERS)
    if right:
        return (*right, *topic), ((clause, before) if before and topic else (clause,))
    return (topic, (clause, before)) if before and topic else ((), (clause,))


def _clause_before(scene: Scene, clause: Clause) -> Clause | None:
    clauses = scene.sentence.clauses
    at = clauses.index(clause) if clause in clauses else 0
    return clauses[at - 1] if at else None


@cache
def _stems(key: str) -> frozenset[str]:
    """First words of "more" and its like, or of the effects that a later "more" explains."""
    return frozenset(stemmed(form.split()[0]) for form in table("relations")["more"][key] if form.isalpha())


def _more(scene: Scene) -> Iterator[Claim]:
    """ "The more X, the more Y", and the other way round in "Y is dearer the more X" and "Y is dearer if more X"."""
    sentence, text = scene.sentence, scene.text
    places = range(sentence.first, sentence.last)
    mores = [at for at in places if text[at].stem in ("more", "twice", "double")]
    effects = [at for at in places if text[at].stem in _stems("effects")]
    for second in mores:
        first = next((at for at in effects if at < second - 1), None) or next(
            (at for at in mores if at < second - 1), None
        )
        if first is None:
            continue
        cut = scene.clause_of(first) != scene.clause_of(second)
        comma = any(text[at].stem == "," for at in range(first, second))
        conditional = cut and any(
            link.right[0].holds(second) and cues("cut")[link.cue]["relation"] == "COND" for link in sentence.links
        )
        explains = text[second - 1].stem == "the" and not comma
        triggers = negations(sentence, text, (first,))
        between = [one for one in scene.mentions if first <= one.first < second]
        before = [one for one in scene.mentions if one.last < second]
        after = [one for one in scene.mentions if one.last > second]
        backwards = explains or conditional
        drivers, subjects = (after[:1], before) if backwards else (between[:1], after)
        if not drivers:
            continue
        clauses = tuple(dict.fromkeys((scene.clause_of(first), scene.clause_of(second))))
        for subject in subjects:
            if subject.concept != drivers[0].concept:
                yield scene.claim(subject, "GROWS", drivers[0], clauses, negations=triggers)
        return


def _same_number(scene: Scene) -> Iterator[Claim]:
    """ "When an author has 1,000 followers, push makes 1,000 inserts"."""
    places = [at for at in range(scene.sentence.first, scene.sentence.last) if scene.text[at].stem == NUMBER]
    for first in places:
        for second in places:
            one, other = scene.text[first].quantity, scene.text[second].quantity
            if first == second or one != other or one is None or one.value < 2:
                continue
            driver = next((mention for mention in _behind(scene, first) if mention.concept in DRIVERS), None)
            counted = next(iter(_behind(scene, second)), None)
            if driver and counted and counted.concept not in DRIVERS:
                clauses = tuple(dict.fromkeys((scene.clause_of(second), scene.clause_of(first))))
                for subject in scene.within(scene.clause_of(second)):
                    if subject.concept not in DRIVERS and subject.first != driver.first:
                        yield scene.claim(subject, "GROWS", driver, clauses)


def _one_each(scene: Scene) -> Iterator[Claim]:
    """ "One follower is one write", "1 big followee = 1 query more"."""
    counted = [
        one for one in scene.mentions
        if (one.concept in DRIVERS or kind(one.concept) == "measure") and _there_is_one(scene, one)
    ]  # fmt: skip
    drivers = [one for one in counted if one.concept in DRIVERS]
    for driver in drivers:
        for subject in counted:
            if subject.concept not in DRIVERS and _are(scene, range(driver.last + 1, subject.first)):
                clauses = tuple(dict.fromkeys((scene.clause_of(subject.first), scene.clause_of(driver.first))))
                yield scene.claim(subject, "GROWS", driver, clauses)
                return


def _are(scene: Scene, apart: range) -> bool:
    """Whether what stands between two says that one is the other: "is", "=", "costs", and no comma."""
    stems = {scene.text[at].stem for at in apart}
    return 0 < len(apart) <= REACH and "," not in stems and bool(stems & _copulas())


@cache
def _copulas() -> frozenset[str]:
    return frozenset(map(_stem, table("relations")["copulas"]["words"]))


def _stem(word: str) -> str:
    return stemmed(word) if word.isalpha() else word


def _there_is_one(scene: Scene, mention: Mention) -> bool:
    near = range(max(scene.sentence.first, mention.first - ONE_BEFORE), mention.first + 1)
    return any(_is_one(scene.text[at]) for at in near)


def _is_one(token: Token) -> bool:
    return token.stem == "one" or (token.quantity is not None and token.quantity.value == 1)


def _behind(scene: Scene, number: int) -> list[Mention]:
    """What a number counts, the nearest first: "1,000 live followers"."""
    near = range(number + 1, number + 4)
    return [one for one in scene.mentions if one.first in near or (one.first < number and one.last in near)]
