"""The fifteen things that can be said about a world, in order of precedence: when each holds, and its words.

A line has at most 20 words and every number its unit. Rules are pure functions of `Vitals`; what makes them calm is in
engine/observe/verdict.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from engine.observe import words
from engine.observe.vitals import Vitals

Status = Literal["ok", "watch", "bad", "off"]

FINE_LAG_S = 1.0
"""Lag up to this is never remarked on."""
MOVING = 0.05
"""Seconds of lag per second from which it is called growing (or falling)."""
NOTICED_S = 3.0
"""For how long a growing line goes unremarked, and for how long an injection is the news."""
FOR_GOOD_S = 10.0
"""After so long, growth that the steady load explains is called overload for good."""
NEWS_S = 10.0
"""How long a recovery is the news, and an event explains a line that grows."""
ENOUGH_POSTS = 30
FRESH_TARGET = 0.99
COLD_FACTOR, COLD_SHARE = 2.0, 0.1
"""A cache is cold at twice the usual misses, if they are at least a tenth of the reads."""


@dataclass(frozen=True)
class Verdict:
    """One sentence on how the world is doing, why, and what to try. `rule`: 1-15 of the list in this module."""

    status: Status
    rule: int
    line: str
    why: str
    try_: str


@dataclass(frozen=True)
class Rule:
    """When it holds, and what it says then. `say` gives (status, line, why, try)."""

    number: int
    holds: Callable[[Vitals], bool]
    say: Callable[[Vitals], tuple[Status, str, str, str]]

    def verdict(self, v: Vitals) -> Verdict:
        """The rule's sentence for this moment."""
        status, line, why, try_ = self.say(v)
        return Verdict(status, self.number, line, why, try_)


def judge(v: Vitals) -> Verdict:
    """The sentence of the first rule that holds at this very moment."""
    return next(rule.verdict(v) for rule in RULES if rule.holds(v))


# 1-4: said as soon as true


def _paused(v: Vitals) -> tuple[Status, str, str, str]:
    waiting = f"{words.count(v.queue_copies)} deliveries wait"
    line = f"Paused at {words.clock(v.t_s)}. {waiting}; nothing moves, and you can still look and post."
    return "off", line, "Virtual time stands still; what you do now happens at this instant.", "Resume, or step on."


def _just_injected(v: Vitals) -> bool:
    return v.injected is not None and v.injected.age_s < NOTICED_S


def _injected(v: Vitals) -> tuple[Status, str, str, str]:
    assert v.injected is not None
    author, posts, copies = v.injected.author, v.injected.posts, v.injected.deliveries
    said = f"{author} posted {words.count(posts)} {'time' if posts == 1 else 'times'}"
    if copies == 0:
        why = "These posts are not pushed, so they cost the workers nothing and the readers a little."
        return "watch", f"{said}: no deliveries, readers will fetch them.", why, "Watch what opening home costs."
    line = f"{said}: {words.count(copies)} deliveries joined the line."
    return "watch", line, "A post costs one delivery for each follower.", "Guess how far behind the crowd will fall."


def _given_up(v: Vitals) -> tuple[Status, str, str, str]:
    people = f"{words.count(v.people_missing)} {'person' if v.people_missing == 1 else 'people'}"
    line = f"{words.count(v.given_up)} deliveries given up; {people} will find those posts only by pull."
    why = "They were shed from a full line, or failed at every attempt; they stay in the measured share."
    return "bad", line, why, "Redrive the dead letters, or widen the line."


def _down(v: Vitals) -> tuple[Status, str, str, str]:
    said = [f"{down} of {count} {what}" for what, down, count in _parts(v) if down]
    broken = f"{' and '.join(said)} down"
    if not v.shards_down:
        line = f"{broken}: the others deliver {words.rate(v.leave_per_s)}, {words.rate(v.arrive_per_s)} arrive."
        why = "Any worker can take any job, so nobody is cut off, only later."
        return "bad", line, why, "Wait until they are back, or add some."
    if not v.cut_off_share:
        line = f"{broken}: nobody's list was there, so nobody is cut off."
        return "watch", line, "Under this strategy readers fetch all posts.", "Watch what opening home costs."
    cut = f"{words.share(v.cut_off_share)} of people"
    if v.fallback:
        line = f"{broken}: {cut} have no list and pull."
        return "bad", line, "Each list lives in one place; a pull goes around it.", "Watch the author index."
    fine = ", the rest are fine" if _rest_fine(v) else ""
    line = f"{broken}: {cut} are cut off from new posts{fine}."
    return "bad", line, "Each list lives in one place; nobody else can write it.", "Let them pull: fallback."


def _parts(v: Vitals) -> tuple[tuple[str, int, int], ...]:
    return ("shards", v.shards_down, v.shards), ("workers", v.workers_down, v.workers)


def _rest_fine(v: Vitals) -> bool:
    return v.cut_off_share < 1 and not v.workers_down and not _late(v) and not _slow(v)


# 5-6: fan-out does not keep up


def _late(v: Vitals) -> bool:
    return v.lag_s > v.slo_s


def _for_good(v: Vitals) -> bool:
    return _late(v) and v.steady_need > v.workers and v.grown_for_s >= FOR_GOOD_S


def _overloaded(v: Vitals) -> bool:
    return _late(v) and v.growth_s_per_s > -MOVING and not _for_good(v)


def _overloaded_now(v: Vitals) -> tuple[Status, str, str, str]:
    growing = v.growth_s_per_s > MOVING
    move = f"growing {words.seconds(v.growth_s_per_s)} each second" if growing else "stays there"
    if v.arrive_per_s > v.leave_per_s:
        flow = f"{words.rate(v.arrive_per_s)} arrive, {words.rate(v.leave_per_s)} leave"
        why = "More copies arrive than the workers write, so every new one waits longer."
    else:
        flow = f"{words.count(v.queue_copies)} copies wait, {words.rate(v.leave_per_s)} leave"
        why = "The burst stands in one line: its last copy waits for all the others."
    line = f"Fan-out is {words.seconds(v.lag_s)} behind and {move}: {flow}."
    author = v.injected.author if v.injected else "the big accounts"
    return "bad", line, why, f"More workers, or let readers fetch {author}."


def _overloaded_for_good(v: Vitals) -> tuple[Status, str, str, str]:
    need = words.number(v.steady_need)
    line = f"Overloaded for good: steady load needs {need} of {words.count(v.workers)} workers."
    why = f"Fan-out is {words.seconds(v.lag_s)} behind and, without any burst, falls further back."
    return "bad", line, why, "More workers, or push less: Hybrid."


# 7-9: reads


def _cold(v: Vitals) -> bool:
    if v.miss_share is None or v.usual_miss_share is None:
        return False
    return v.miss_share >= max(COLD_SHARE, COLD_FACTOR * v.usual_miss_share)


def _herd(v: Vitals) -> bool:
    return v.herd_people > 0


def _slow(v: Vitals) -> bool:
    return v.home_p99_ms is not None and v.home_p99_ms > v.home_slo_ms


def _reads_overloaded(v: Vitals) -> bool:
    # a cold cache or a herd explains slow reads better than "full" does, and "in time" must be true
    return _slow(v) and not _late(v) and not _cold(v) and not _herd(v)


def _home(v: Vitals) -> str:
    return "" if v.home_p99_ms is None else f"opening home takes {words.millis(v.home_p99_ms)} (p99)"


def _slow_reads(v: Vitals) -> tuple[Status, str, str, str]:
    line = f"Posts arrive in time, but {_home(v)}; {v.hottest_station or 'the read path'} is full."
    why = "Reads arrive faster than that station serves them; the rest is waiting."
    try_ = "More servers there, or let readers fetch less." if v.pulls else "More servers there."
    return "bad", line, why, try_


def _cold_cache(v: Vitals) -> tuple[Status, str, str, str]:
    assert v.miss_share is not None
    assert v.usual_miss_share is not None
    usual = f"{words.times(v.miss_share / v.usual_miss_share)} the usual" if v.usual_miss_share else "usually none"
    warm = f"; warm again in about {words.seconds(v.warm_in_s)}" if v.warm_in_s is not None else ""
    line = f"Cache is cold: {words.share(v.miss_share)} of reads go to the database ({usual}){warm}."
    why = "Memory has to see each post once before it can answer for it."
    return "bad" if _slow(v) else "watch", line, why, "Wait until it is warm, or keep more posts in memory."


def _herd_reads(v: Vitals) -> tuple[Status, str, str, str]:
    wait = words.millis(v.read_wait_ms)
    line = f"{words.count(v.herd_people)} people refreshed at once: reads wait {wait} in line, not in work."
    why = "Each page costs what it always costs; they only came at the same moment."
    return "bad" if _slow(v) else "watch", line, why, "Spread the refreshes over a second, or coalesce them."


# 10-12: an episode and its end


def _recovering(v: Vitals) -> bool:
    return v.peak_lag_s > v.slo_s and v.recovered_for_s is None and v.growth_s_per_s <= MOVING


def _catching_up(v: Vitals) -> tuple[Status, str, str, str]:
    lag, peak = words.seconds(v.lag_s), words.seconds(v.peak_lag_s)
    why = "Everyday posts take most of the workers; only the rest drains the line."
    if v.lag_s <= FINE_LAG_S:
        line = f"Caught up to {lag}, down from {peak}; normal after 5 s under {words.exactly(FINE_LAG_S)} s."
        return "watch", line, why, "Wait, or compare another strategy."
    clear = f"; clear in about {words.seconds(v.clear_in_s)}" if v.clear_in_s is not None else ""
    return "watch", f"Catching up: {lag} behind, down from {peak}{clear}.", why, "Wait, or add workers."


def _warming(v: Vitals) -> bool:
    after_event = v.injected is not None and v.injected.deliveries > 0 and v.injected.age_s < NEWS_S
    grows = v.grown_for_s >= NOTICED_S or (after_event and v.grown_for_s > 0)
    return FINE_LAG_S < v.lag_s <= v.slo_s and grows


def _line_grows(v: Vitals) -> tuple[Status, str, str, str]:
    grown = words.seconds(v.grown_for_s)
    line = f"Warming: lag is still fine ({words.seconds(v.lag_s)}), but the line has grown for {grown}."
    why = f"{words.rate(v.arrive_per_s)} arrive, {words.rate(v.leave_per_s)} leave."
    return "watch", line, why, "More workers, before it is late."


def _recovered(v: Vitals) -> bool:
    return v.recovered_for_s is not None and v.recovered_for_s <= NEWS_S and v.peak_lag_s > v.slo_s


def _back_to_normal(v: Vitals) -> tuple[Status, str, str, str]:
    peak, late = words.seconds(v.peak_lag_s), words.share(v.late_share)
    line = f"Back to normal: peak {peak}, {late} of copies late, {words.seconds(v.recovery_s)} to recover."
    why = "Recovered: p99 of each second's deliveries was under 1 s for 5 s on end."
    return "ok", line, why, "Run the same event under another strategy."


# 13-15: nothing is going on


def _enough(v: Vitals) -> bool:
    return v.posts >= ENOUGH_POSTS


def _kept(v: Vitals) -> bool:
    """Is the promise kept: posts in time, pages in time."""
    return (v.fresh_share is None or v.fresh_share >= FRESH_TARGET) and not _slow(v) and not _late(v)


def _promise(v: Vitals) -> str:
    """The share in time and the price of a page, as the second half of a sentence."""
    if v.fresh_share is not None:
        reach = f"{words.share(v.fresh_share)} reach readers within {words.exactly(v.slo_s)} s"
    else:
        reach = "nobody waits" if v.lag_s <= FINE_LAG_S else f"fan-out is {words.seconds(v.lag_s)} behind"
    return "; ".join(filter(None, [reach, _home(v)]))


def _below_promise(v: Vitals) -> tuple[Status, str, str, str]:
    broken = []
    if v.fresh_share is not None and v.fresh_share < FRESH_TARGET:
        broken.append(f"{words.share(v.fresh_share)} reach readers within {words.exactly(v.slo_s)} s")
    if _late(v):
        broken.append(f"fan-out is {words.seconds(v.lag_s)} behind")
    if _slow(v):
        broken.append(_home(v))
    why = f"The promise is {words.share(FRESH_TARGET)} within {words.exactly(v.slo_s)} s, and quick pages."
    return "watch", f"Below promise: {'; '.join(broken)}.", why, "Look which line is longest."


def _healthy_push(v: Vitals) -> tuple[Status, str, str, str]:
    if not _kept(v):
        return _below_promise(v)
    why = "Every post is copied to all followers when it is written; reading is one list."
    return "ok", f"Healthy: {_promise(v)}.", why, "Let a big account post, and see who waits."


def _healthy_pull(v: Vitals) -> tuple[Status, str, str, str]:
    if not _kept(v):
        return _below_promise(v)
    cost = [f"{words.number(v.rows_per_read)} rows"] if v.rows_per_read is not None else []
    cost += [f"{words.millis(v.home_p99_ms)} per home (p99)"] if v.home_p99_ms is not None else []
    line = f"Nobody waits for {v.pulls}: readers fetch the posts" + (f", {' and '.join(cost)}." if cost else ".")
    why = "Posts that are not pushed are visible at once; every reader pays for them when opening home."
    return "ok", line, why, "Raise the reads and watch home, or switch to push and watch the lag."


def _starting(v: Vitals) -> tuple[Status, str, str, str]:
    line = f"Starting: {words.count(v.posts)} posts so far, {ENOUGH_POSTS} needed for a verdict."
    return "off", line, "Percentiles of a handful of posts say nothing.", "Wait a moment, or go faster."


RULES: tuple[Rule, ...] = (
    Rule(1, lambda v: v.paused, _paused),
    Rule(2, _just_injected, _injected),
    Rule(3, lambda v: v.given_up > 0, _given_up),
    Rule(4, lambda v: v.workers_down > 0 or v.shards_down > 0, _down),
    Rule(5, _overloaded, _overloaded_now),
    Rule(6, _for_good, _overloaded_for_good),
    Rule(7, _reads_overloaded, _slow_reads),
    Rule(8, _cold, _cold_cache),
    Rule(9, _herd, _herd_reads),
    Rule(10, _recovering, _catching_up),
    Rule(11, _warming, _line_grows),
    Rule(12, _recovered, _back_to_normal),
    Rule(13, lambda v: _enough(v) and not v.pulls, _healthy_push),
    Rule(14, lambda v: _enough(v) and bool(v.pulls), _healthy_pull),
    Rule(15, lambda v: True, _starting),
)
