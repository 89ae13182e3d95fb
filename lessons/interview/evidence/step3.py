"""Strategy: what it did in the run, who pays, large accounts, the threshold, the alternative."""

from lessons.interview.base import Level
from lessons.interview.estimates import estimates_of
from lessons.interview.evidence.credit import (
    Credit,
    Judge,
    Seen,
    better,
    choice,
    halves,
    lacking,
    reasoned,
    tell_estimate,
    why_estimate,
    with_estimate,
    with_run,
)  # fmt: skip
from lessons.interview.evidence.own import clean, configured, keeps_all, kept, lag_promised_ms, largest, promises
from lessons.interview.figures import figure, told
from lessons.interview.measured import Part, SweepPoint
from lessons.interview.reader import Reading
from lessons.interview.rubric import standard
from lessons.interview.transcript import Transcript

_DEAREST = 1.2
"""A threshold whose cost is at most so many times the best of a tenth, itself and ten times itself is borne out."""
_FLAT = 1.01
"""A sweep that costs the same everywhere bears nothing out."""
_APART = ("hybrid", "adaptive", "delayed", "per_edge", "pull", "cached_pull")
"""Strategies of the engine that do not push the posts of large accounts at once."""
_COSTS = {
    "push": ("write_cost", "memory_cost", "lag_of_large_accounts"),
    "pull": ("read_cost",),
    "cached_pull": ("staleness", "read_cost"),
    "hybrid": ("merge_complexity", "read_cost"),
    "active_only": ("rebuild_cost",),
    "other": (),
}
"""What each strategy costs, so what it may be rejected for."""
_STRONG = {
    "pull": ("push", "hybrid", "cached_pull", "active_only"), "cached_pull": ("push", "hybrid", "active_only"),
    "push": ("hybrid", "active_only", "pull"), "hybrid": ("push", "pull", "active_only"),
    "active_only": ("hybrid", "push"), "other": ("push", "hybrid", "pull"),
}  # fmt: skip


def own_promises(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """3a."""
    base = transcript.run.base
    if base is None or not transcript.config:
        return Credit(0.0, "R", "No design was run, and only a run can show this.", "no run")
    lag, home = promises(transcript, base)
    shown = f"{lag.figure}; {home.figure}"
    if lag.verdict == home.verdict == 1:
        return Credit(1.0, "R", "The own promises were kept under the own load.", shown)
    if keeps_all(transcript, transcript.run.change_after):
        return Credit(0.5, "R", "Broken at first, kept after the repair.", shown)
    if 1 in (lag.verdict, home.verdict):
        return Credit(0.5, "R", "One of the two promises was kept.", shown)
    return Credit(0.0, "R", "Neither promise was kept, or neither was measured.", shown)


def who_pays(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """3b. A closed choice is easier than a reason: where a text could be read and has none, it counts less from senior
    on."""
    said = reasoned(reading.reason("3b"))
    grid = transcript.steps.s3.structured.who_pays
    cells = (grid.push.write, grid.push.read, grid.pull.write, grid.pull.read)
    right = [cell == wanted for cell, wanted in zip(cells, ("high", "low", "low", "high"), strict=True)]
    if not any(cells):
        return said
    shown = f"push: write {cells[0]}, read {cells[1]}; pull: write {cells[2]}, read {cells[3]}"
    credit = 1.0 if all(right) else 0.5 if sum(right) == 3 else 0.0
    return better(said, closed(choice(credit, shown, f"{sum(right)} of 4 directions are right."), level, reading, 3))


def large_accounts(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """3c."""
    given, strategy = transcript.steps.s3.structured.celebrity, configured(transcript)
    if given is None or given == "none":
        return lacking("treatment of large accounts")
    if given == "pull" and strategy is not None and strategy not in _APART:
        return choice(0, f"celebrity: {given}; configured: {strategy}", "It is not in the design that was run.")
    named = choice(1, f"celebrity: {given}", "Large accounts are treated apart.")
    if level == "mid":
        return named
    return with_run(named, _lag_of_the_largest(transcript))


def threshold(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """3d."""
    made = estimates_of(transcript)
    two = [made["deliveries_saved_share"], made["rows_per_read"]]
    told_them = [one for one in two if one.value is not None]
    swept = _sweep(transcript)
    if not told_them and swept.verdict is None:
        return lacking("estimate of writes saved and reads added", "E,R")
    shown = "; ".join([*(tell_estimate(one) for one in told_them), swept.figure])
    estimated = halves(sum(one.credit for one in two) / 2)
    if swept.verdict == 0:
        return Credit(0.0, "E,R", "The own sweep has a much cheaper threshold within ten times of this one.", shown)
    if not estimated:
        found = transcript.steps.s3.structured.threshold is not None and swept.verdict == 1
        why = "Without estimates, but the own sweep bears the threshold out." if found else why_estimate(two[0])
        return Credit(0.5 if found else 0.0, "R" if found else "E", why, shown)
    worst = min(two, key=lambda one: one.credit)
    return Credit(estimated, "E,R" if swept.verdict else "E", why_estimate(worst), shown)


def crossing(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """3e."""
    given = transcript.steps.s3.structured.pulls
    if given is None:
        return lacking("word on what readers pull")
    if given == "celebrities_now":
        why = "Posts from when an account was small are pushed; those from when it was large are found by nobody later."
        return choice(0, "pulls: celebrities_now", why)
    chosen = choice(1, "pulls: not_pushed", "Readers pull what was not pushed, whatever an account is now.")
    return with_run(chosen, clean(transcript.run.unforeseen.get("U5"), "U5"))


def alternative(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """3f."""
    said = reasoned(reading.reason("3f"))
    sheet, made = transcript.steps.s3.structured, estimates_of(transcript)
    if not sheet.rejected:
        return said
    strong = _STRONG[sheet.strategy or "other"]
    good = [one for one in sheet.rejected if one.option in strong and one.reason in _COSTS[one.option or "other"]]
    if not good:
        shown = "; ".join(f"{one.option}: {one.reason}" for one in sheet.rejected)
        return better(said, choice(0, shown, "No strong alternative was rejected for what it costs."))
    chosen = choice(1, f"rejected {good[0].option} for {good[0].reason}", "A strong alternative, and its cost.")
    best = max((made["deliveries_saved_share"], made["rows_per_read"]), key=lambda one: one.credit)
    return better(said, closed(with_estimate(chosen, best), level, reading, 3))


def closed(chosen: Credit, level: Level, reading: Reading, step: int) -> Credit:
    """A closed choice in the place of a reason: full where the text could not be read, less where it has no reason.

    The one place where a credit is not 0, 0.5 or 1: recognising is easier than recalling.
    """
    if not chosen.credit or reading.unread(step):
        return chosen
    share = standard().factors.closed_after_text[level]
    if share == 1:
        return chosen
    reason = f"{chosen.reason} Chosen, not said: counts {share:g}."
    return Credit(chosen.credit * share, chosen.kind, reason, chosen.figure, chosen.quote, chosen.confidence)


def _lag_of_the_largest(transcript: Transcript) -> Seen:
    """Of the posts of the largest account; of all posts, at worst, where they were not told apart."""
    base = transcript.run.base
    if base is None:
        return Seen(None, "no run")
    top, promised = largest(base), lag_promised_ms(transcript, base)
    if top is not None and top.lag_p99_ms is not None:
        shown = f"lag p99 of the largest account's posts = {told(top.lag_p99_ms, 'ms')} (measured)"
        return Seen(kept(promised, top.lag_p99_ms), f"{shown}, promised {told(promised, 'ms', 'nothing')}")
    worst = figure(base, "visible_lag_ms.max")
    return Seen(kept(promised, worst), f"longest lag of all posts = {told(worst, 'ms')} (measured)")


def _sweep(transcript: Transcript) -> Seen:
    """The cost at the own setting against the best of a tenth and ten times of it. The knob is the strategy's own."""
    points = [one for one in transcript.run.sweep if one.knob.startswith("strategy.") or one.knob == "cache.ttl_s"]
    if not points:
        return Seen(None, "no sweep")
    knob = points[0].knob
    own = transcript.config.get(knob)
    if isinstance(own, bool) or not isinstance(own, int | float) or not own:
        return Seen(None, f"{knob} is not set")
    costs = {round(one.value / own, 3): _work_s(one) for one in points if one.knob == knob}
    at_own = costs.get(1.0)
    near = [cost for ratio, cost in costs.items() if cost is not None and 0.09 <= ratio <= 11]
    if at_own is None or len(near) < 3:
        return Seen(None, f"the sweep of {knob} has no tenth, itself and ten times")
    if max(near) <= _FLAT * min(near):
        return Seen(None, f"from a tenth to ten times of {knob} = {own:g} nothing costs more or less (measured)")
    shown = f"cost at {knob} = {own:g}: {told(at_own / min(near) if min(near) else 1.0, 'times the best')} (measured)"
    return Seen(float(at_own <= _DEAREST * min(near)), shown)


def _work_s(point: Part | SweepPoint) -> float | None:
    """All machine time of a run."""
    seconds = [
        value for name, value in sorted(point.cost.items())
        if name.endswith("_s") and isinstance(value, int | float) and not isinstance(value, bool)
    ]  # fmt: skip
    return sum(seconds) if seconds else None


JUDGES: dict[str, Judge] = {
    "3a": own_promises, "3b": who_pays, "3c": large_accounts, "3d": threshold, "3e": crossing, "3f": alternative,
}  # fmt: skip
