"""The sentences of the first minute, each out of numbers that one run has measured.

A sentence is made from its facts, or not made at all: every function here gives None where what it would say is not so.
The learner's own bet is put in when a line is sent, because everybody who watches has their own.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from engine.live.bursts import Burst, Course
from engine.observe import words
from engine.observe.rules import FINE_LAG_S

Facts = dict[str, float]
"""The numbers of a sentence, as they were before rounding; units are in the names."""

SURE = 0.1
"""Two numbers that differ by less are called the same: a measured rate and the configured one, two latencies."""
_RATE_DIGITS = 3


class Answer(NamedTuple):
    """One of the bets. `lag_s`: the lag that it says, in seconds; None where it says none."""

    slug: str
    label: str
    lag_s: float | None = None


HOW_FAR = (
    Answer("under_1", "under 1 s", 1.0),
    Answer("about_3", "about 3 s", 3.0),
    Answer("about_7", "about 7 s", 7.0),
    Answer("over_20", "over 20 s", 20.0),
)
AND_NOW = (Answer("calm", "calm"), Answer("late", "just as late"))
ROUNDS = (HOW_FAR, AND_NOW)
"""Of the first bet and of the second."""


class Bets(NamedTuple):
    """What one learner has bet, by slug; None where they have not."""

    first: str | None = None
    second: str | None = None


@dataclass(frozen=True)
class Line:
    """One sentence, told at virtual `t_s`. The bet of `round` (0: none) is named after the first of its parts."""

    key: str
    t_s: float
    parts: tuple[str, ...]
    facts: Facts = field(default_factory=dict)
    round: int = 0

    def to_wire(self, bets: Bets) -> dict[str, Any]:
        """As in a tick's story, for somebody with these bets."""
        said = [self.parts[0], *self._named(bets), *self.parts[1:]]
        return {"key": self.key, "t": self.t_s, "text": " ".join(said), "facts": self.facts}

    def _named(self, bets: Bets) -> list[str]:
        slug = bets[self.round - 1] if self.round else None
        return [f"You said {answer.label}." for answer in ROUNDS[self.round - 1] if answer.slug == slug]


def dots(t_s: float, people_per_dot: int) -> Line:
    """What the crowd is."""
    whom = "a person" if people_per_dot == 1 else f"one of {words.count(people_per_dot)} people"
    return Line("dots", t_s, (f"Each dot is {whom}. Bigger and warmer: further behind.",))


def follow(t_s: float, author: str, followers: int, users: int) -> Line:
    """Why this author matters."""
    text = f"{words.count(followers)} of these {words.count(users)} people follow {author}."
    return Line("follow", t_s, (text,), {"followers": followers, "users": users})


def question(t_s: float, author: str, posts: int) -> Line:
    """The first bet."""
    times = f"{words.count(posts)} times"
    return Line("bet", t_s, (f"{author} posts {times} in a second. How far behind will the crowd fall?",))


def joined(t_s: float, burst: Burst) -> Line:
    """What the click has caused."""
    facts = {"copies": burst.copies, "capacity_per_s": burst.capacity_per_s}
    if not burst.copies:
        said = f"{burst.author} posted {words.count(burst.posts)} times"
        text = f"{said}, and no copies joined the line: readers fetch them."
        return Line("burst", t_s, (text,), facts)
    moves = words.number(burst.capacity_per_s, _RATE_DIGITS)
    text = f"{words.count(burst.copies)} deliveries just joined a line that moves {moves} a second."
    return Line("burst", t_s, (text,), facts)


def growing(t_s: float, lag_s: float, slo_s: float) -> Line | None:
    """The promise is broken, and it gets worse; true for as long as it does."""
    if lag_s <= slo_s:
        return None
    text = f"Fan-out is more than {words.exactly(slo_s)} s behind and growing."
    return Line("growing", t_s, (text,), {"lag_s": lag_s})


def peak(t_s: float, burst: Burst, course: Course) -> Line:
    """How far it went, and why, if the copies in the line explain it."""
    facts = {"peak_s": course.peak_s, "copies": burst.copies, "rate_per_s": course.rate_per_s, "others": course.others}
    return Line("peak", t_s, (f"{words.seconds(course.peak_s)} at the worst.", *_why(burst, course)), facts, round=1)


def _why(burst: Burst, course: Course) -> tuple[str, ...]:
    """The arithmetic: copies in the line, divided by the rate at which it moved."""
    rate = course.rate_per_s
    as_configured = abs(rate - burst.capacity_per_s) <= SURE * burst.capacity_per_s
    if course.disturbed or course.peak_s <= FINE_LAG_S or not as_configured:
        return ()
    said = f"{words.count(burst.copies)} copies at {words.number(burst.capacity_per_s, _RATE_DIGITS)} a second"
    alone_s, all_s = burst.copies / rate, (burst.copies + course.others) / rate
    if abs(alone_s - course.peak_s) <= SURE * course.peak_s:
        return (f"{said}: about {words.number(alone_s, 1)}.",)
    # the last of the burst is accepted within its second, and waits from then on
    if alone_s < course.peak_s <= all_s <= course.peak_s + 2:
        others = f"{words.number(course.others)} others went in between"
        return (f"{said} are about {words.number(alone_s, 1)}; {others}.",)
    return ()


def draining(t_s: float, burst: Burst, lag_s: float) -> Line | None:
    """Why the way down is slow."""
    if burst.busy is None or not 0 < burst.busy < 1 or lag_s <= FINE_LAG_S:
        return None
    text = f"Everyday posts take {words.share(burst.busy)} of the workers; only the rest drains the line."
    return Line("draining", t_s, (text,), {"busy": burst.busy})


def caught_up(t_s: float, burst: Burst, after_s: float, course: Course) -> Line | None:
    """That it is over; `after_s` virtual seconds after the burst."""
    if course.peak_s <= FINE_LAG_S:
        return None
    text = f"Caught up, {words.number(after_s)} s after {burst.author} posted."
    return Line("caught_up", t_s, (text,), {"after_s": after_s})


def again(t_s: float, burst: Burst, title: str) -> Line:
    """The second bet; `title`: of the strategy that it is about."""
    text = (
        f"Again {words.count(burst.posts)} posts, but with {title} readers fetch {burst.author}'s. The crowd will be:"
    )
    return Line("second_bet", t_s, (text,))


def fetched(t_s: float, burst: Burst) -> Line:
    """What the second click has caused."""
    said = f"{burst.title} is on, and {burst.author} posted {words.count(burst.posts)} times"
    copies = f"{words.count(burst.copies)} copies joined the line" if burst.copies else "no copies this time"
    return Line("second_burst", t_s, (f"{said}: {copies}.",), {"copies": burst.copies})


def calm(t_s: float, first: Course, second: Course) -> Line | None:
    """The difference, if it went better than before."""
    if not second.peak_s < (1 - SURE) * first.peak_s:
        return None
    text = f"{words.seconds(second.peak_s)} instead of {words.seconds(first.peak_s)}."
    return Line("calm", t_s, (text,), {"peak_s": second.peak_s, "before_s": first.peak_s}, round=2)


def never_late(t_s: float, burst: Burst, course: Course) -> Line | None:
    """For a world whose readers fetch these posts from the beginning: there is no run before to compare with."""
    if burst.copies or course.peak_s > FINE_LAG_S:
        return None
    text = f"{words.seconds(course.peak_s)} at the worst."
    why = f"Nobody waits for {burst.author}: readers fetch."
    return Line("calm", t_s, (text, why), {"peak_s": course.peak_s}, round=1)


def bill(t_s: float, burst: Burst, home_ms: float | None, rows: float | None) -> Line | None:
    """What the readers pay now; None if they pay no more than before `burst`."""
    if home_ms is None or burst.home_ms is None or home_ms <= (1 + SURE) * burst.home_ms:
        return None
    before, after = words.number(burst.home_ms), words.number(home_ms)
    facts = {"home_ms": home_ms, "before_ms": burst.home_ms}
    times = ""
    if rows is not None and burst.rows and rows > (1 + SURE) * burst.rows:
        facts["rows"] = rows / burst.rows
        times = f", {words.times(rows / burst.rows)} the rows"
    text = f"Not free: opening home went from {before} to {after} ms (p99){times}."
    return Line("bill", t_s, (text,), facts)


def tried(t_s: float, first: Burst, before: Course, burst: Burst, course: Course) -> Line:
    """What another design made of the event, after the end."""
    design = [burst.title] if burst.title != first.title or burst.workers == first.workers else []
    design += [f"{words.count(burst.workers)} workers"] if burst.workers != first.workers else []
    text = f"{', '.join(design)}: {words.seconds(course.peak_s)} at the worst; it was {words.seconds(before.peak_s)}."
    return Line("tried", t_s, (text,), {"peak_s": course.peak_s, "before_s": before.peak_s})


def end(t_s: float) -> Line:
    """Where it is the learner's turn."""
    return Line("end", t_s, ("Every number here came from this run. Your turn.",))
