"""What a loss means in the own run: one or two short sentences for each criterion, with numbers where the run has them.

Every number says what it is: measured, modelled, or an estimate of the candidate.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lessons.interview import claims
from lessons.interview.debrief.kept import LAG, NO_RUN, all_promises, broke_at_s, promises, scopes, station
from lessons.interview.debrief.words import named, percent, run_word, shown, station_word
from lessons.interview.estimates import estimates_of
from lessons.interview.evidence.own import home_path, lag_promised_ms, largest, wrong_entries
from lessons.interview.figures import figure, measured
from lessons.interview.measured import Part
from lessons.interview.transcript import Transcript

UNSEEN = "No run can show what it costs."
_ROOM = 0.8
"""Utilisation that leaves room."""


@dataclass(frozen=True)
class _Own:
    """The own runs, as the sentences need them."""

    transcript: Transcript
    base: Part

    def number(self, path: str, unit: str, part: Part | None = None) -> str | None:
        """A figure in real units, with its unit; None where it was not measured."""
        value = figure(part or self.base, path, self.transcript.scale)
        return None if value is None else shown(value, unit)


_Sentence = Callable[[_Own], str | None]


def consequence(transcript: Transcript, criterion: str) -> str:
    """What the runs say of a criterion that was lost."""
    base = transcript.run.base
    if base is None or not measured(base):
        return NO_RUN
    say = _SAY.get(criterion)
    if say is None:
        return UNSEEN
    return say(_Own(transcript, base)) or "The run has no number for it."


def _defaults(own: _Own) -> str | None:
    given = own.transcript.steps.s1.structured.slo
    lag = lag_promised_ms(own.transcript, own.base)
    if given.fresh_s is None and lag is not None:
        return f"The run was held against a lag of {shown(lag, 'ms')} (modelled), which nobody had promised."
    return _promise(own)


def _promise(own: _Own) -> str | None:
    found = promises(own.transcript, "base", own.base)
    worst = max(found, key=lambda one: one.share, default=None)
    return None if worst is None else f"In the base run {worst.what} was {worst.told}."


def _copies(own: _Own) -> str | None:
    copies = own.number("write_amplification", "copies")
    fanout = own.transcript.steps.s1.structured.assume.fanout_mean
    if copies is None:
        return None
    beside = "" if fanout is None else f" The assumptions have {shown(fanout, 'followers')} (your estimate)."
    return f"Each post made {copies} in the base run (measured).{beside}"


def _queue(own: _Own) -> str | None:
    depth = own.number("peak.queue_depth_peak", "copies") or own.number("queue_depth_peak", "copies")
    return None if depth is None else f"The queue grew to {depth} at its longest (measured)."


def _busiest(own: _Own) -> str | None:
    one = station(own.base)
    util = own.base.stations[one].util if one else None
    if one is None or util is None:
        return None
    return f"In the base run this station is the busiest: {station_word(one)}, at {percent(util)} (measured)."


def _pages(own: _Own) -> str | None:
    paging = own.base.paging
    if paging.repeats is None and paging.skips is None:
        return None
    repeats, skips = shown(paging.repeats, "posts"), shown(paging.skips, "posts")
    return f"Over pages of 20 posts the run saw {repeats} twice and missed {skips} (measured)."


def _own_posts(own: _Own) -> str | None:
    counted = own.base.own_posts
    if counted.doubled is None and counted.unseen is None:
        return None
    return (
        f"The run has {shown(counted.doubled, 'posts')} doubled, and {shown(counted.unseen, 'own pages')} without the "
        "own post (measured)."
    )


def _both_bills(own: _Own) -> str | None:
    copies, rows = own.number("write_amplification", "copies"), own.number("rows_per_read", "rows")
    parts = [f"each post cost {copies}"] * bool(copies) + [f"each read touched {rows}"] * bool(rows)
    return f"In the base run {' and '.join(parts)} (measured)." if parts else None


def _top(own: _Own) -> str | None:
    top = largest(own.base)
    if top is not None and top.lag_p99_ms is not None:
        return f"Posts of the largest account had a lag p99 of {shown(top.lag_p99_ms, 'ms')} (measured)."
    worst = own.number("visible_lag_ms.max", "ms")
    return None if worst is None else f"The slowest copy of the base run came after {worst} (measured)."


def _crossed(own: _Own) -> str | None:
    return _audit(own.transcript.run.unforeseen.get("U5"), "While an account crossed the threshold")


def _audit(part: Part | None, when: str) -> str | None:
    wrong = wrong_entries(part)
    return None if wrong is None else f"{when}, the audit found {shown(wrong, 'wrong entries')} (measured)."


def _rows(own: _Own) -> str | None:
    rows = own.number("rows_per_read", "rows")
    return None if rows is None else f"Each home read touched {rows} (measured)."


def _shards(own: _Own) -> str | None:
    shards = own.base.shards
    parts = []
    if shards.per_profile_read is not None:
        parts.append(f"a profile asked {shown(shards.per_profile_read, 'shards')}")
    if shards.max_over_mean is not None:
        parts.append(f"the fullest shard had {shown(shards.max_over_mean, 'times')} the mean load")
    return f"In the base run {' and '.join(parts)} (modelled)." if parts else None


def _memory(own: _Own) -> str | None:
    one = estimates_of(own.transcript)["timeline_gb"]
    return None if one.reference is None else f"The lists come to {shown(one.reference, one.unit)} (modelled)."


def _beyond(own: _Own) -> str | None:
    share = own.base.below_horizon_share
    return None if share is None else f"{percent(share)} of home reads went beyond the stored list (measured)."


def _stored(own: _Own) -> str | None:
    one = estimates_of(own.transcript)["posts_gb_day"]
    return None if one.reference is None else f"The posts come to {shown(one.reference, one.unit)} (modelled)."


def _posting(own: _Own) -> str | None:
    took, slow = own.number("post_ms.p99", "ms"), largest(own.base)
    if took is None:
        return None
    beside = ""
    if slow is not None and slow.post_p99_ms is not None:
        beside = f" For the largest account it was {shown(slow.post_p99_ms, 'ms')} (measured)."
    return f"Posting took {took} at p99 in the base run (measured).{beside}"


def _workers(own: _Own) -> str | None:
    """As in the specification's example: how busy, what follows from it, and how many would do."""
    util = figure(own.base, "stations.workers.util")
    if util is None:
        return None
    given = own.transcript.steps.s5.structured.workers
    if util < 1:
        told = f"The workers were busy {percent(util)} of the time (measured)."
        if given is None:
            return told
        return f"{told} {_enough(given, util)} would be busy {percent(_ROOM)} of it (modelled)."
    grows = f"{1 - 1 / util:.2g} s"
    told = f"The run asked {shown(util, 'times')} what the workers can do (measured), so lag grew {grows} each second "
    if given is None:
        return f"{told}(modelled)."
    return (
        f"{told}(modelled). {shown(math.ceil(given * util - 1e-9), 'workers')} would keep up, and "
        f"{_enough(given, util)} would run at {percent(_ROOM)} (modelled)."
    )


def _enough(workers: float, util: float) -> str:
    return shown(max(1, math.ceil(workers * util / _ROOM - 1e-9)), "workers")


def _bodies(own: _Own) -> str | None:
    hits, failed = own.number("post_hit_rate", "share"), own.number("failed_hydrations", "reads")
    parts = [f"the cache had {hits} of the bodies"] * bool(hits) + [f"{failed} lacked a body"] * bool(failed)
    return f"In the base run {' and '.join(parts)} (measured)." if parts else None


def _expired(own: _Own) -> str | None:
    for part in (own.transcript.run.unforeseen.get("U2"), own.base):
        if part and part.expiry.keys and part.expiry.database_reads is not None:
            each = part.expiry.database_reads / part.expiry.keys
            return f"Each key that was lost cost {shown(each, 'database reads')} (measured)."
    return None


def _peak(own: _Own) -> str | None:
    drain = own.number("peak.drain_s", "s")
    kind = "modelled" if own.base.peak.extrapolated else "measured"
    emptied = "" if drain is None else f" It was empty {drain} after the peak ({kind})."
    queue = _queue(own)
    return None if queue is None else queue + emptied


def _lanes(own: _Own) -> str | None:
    runs = own.transcript.run
    for part in (*(runs.unforeseen[name] for name in sorted(runs.unforeseen)), own.base):
        if len(part.lanes) >= 2:
            slow = max(sorted(part.lanes), key=lambda name: part.lanes[name])
            return f"The slowest lane, {named(slow)}, had a lag p99 of {shown(part.lanes[slow], 'ms')} (measured)."
    return _queue(own)


def _redelivered(own: _Own) -> str | None:
    part = own.transcript.run.unforeseen.get("U3")
    doubled = part.audit.duplicate if part else None
    return None if doubled is None else f"Jobs that came twice left {shown(doubled, 'doubled rows')} (measured)."


def _faults(own: _Own) -> str | None:
    good, runs = figure(own.base, "fresh_goodput"), own.transcript.run.faults
    shares = [now / good for name in sorted(runs) if good and (now := figure(runs[name], "fresh_goodput")) is not None]
    return None if not shares else f"With a server down {percent(min(shares))} of the goodput was left (measured)."


def _deleted(own: _Own) -> str | None:
    found = [(part.deleted.longest_s, "modelled" if part.deleted.served is None else "measured")
             for part in own.transcript.run.scopes().values() if part.deleted.longest_s is not None]  # fmt: skip
    if not found:
        return None
    longest, kind = max(found)
    return f"A deleted post was still served after {shown(longest, 's')} ({kind})."


def _spam(own: _Own) -> str | None:
    burst, path = own.transcript.run.unforeseen.get("U4"), home_path(own.transcript)
    before, after = own.number(LAG, "ms"), own.number(LAG, "ms", burst) if burst else None
    if burst is None or before is None or after is None:
        page = own.number(path, "ms", burst) if burst else None
        return None if page is None else f"Under spam a home page took {page} (measured)."
    return f"Lag p99 was {before} in the base run and {after} under spam (measured)."


def _alarms(own: _Own) -> str | None:
    for name, part in scopes(own.transcript).items():
        at_s = broke_at_s(part)
        if at_s is not None:
            first = min((at for fired in part.alarms.values() for at in fired), default=None)
            heard = "no alarm rang" if first is None else f"the first alarm rang at {shown(first, 's')}"
            return f"In {run_word(name)} a promise broke at {shown(at_s, 's')}, and {heard} (measured)."
    return "No promise broke, so no alarm was needed in these runs."


def _readings(own: _Own) -> str | None:
    against = [one for one in claims.check(own.transcript) if one.counts_against]
    if against:
        return f"{len(against)} of the readings {'is' if len(against) == 1 else 'are'} not what the run measured."
    return _promise(own)


def _first_station(own: _Own) -> str | None:
    for name, part in scopes(own.transcript).items():
        if broke_at_s(part) is not None and (one := station(part)) is not None:
            util = part.stations[one].util
            busy = "" if util is None else f", at {percent(util)} (measured)"
            return f"In {run_word(name)} this station broke first: {station_word(one)}{busy}."
    return _busiest(own)


def _changed(own: _Own) -> str | None:
    runs = own.transcript.run
    if runs.change_before is None:
        return None
    told = [one for one in all_promises(own.transcript) if one.scope in ("change_before", "change_after")]
    worst = max((one for one in told if one.scope == "change_before"), key=lambda one: one.share, default=None)
    if worst is None:
        return None
    after = next((one for one in told if one.scope == "change_after" and one.path == worst.path), None)
    tail = "no change was run" if after is None else f"after the change it was {shown(after.found, 'ms')} (measured)"
    return f"Under the new requirement {worst.what} was {shown(worst.found, 'ms')} (measured); {tail}."


def _next(own: _Own) -> str | None:
    if own.transcript.run.next is None:
        return "The next step was not run."
    before, after = own.number(LAG, "ms"), own.number(LAG, "ms", own.transcript.run.next)
    if before is None or after is None:
        return None
    return f"With the next step lag p99 went from {before} to {after} (measured)."


def _cost(own: _Own) -> str | None:
    work = {name.removesuffix("_s"): float(value) for name, value in own.base.cost.items()
            if name.endswith("_s") and isinstance(value, int | float) and not isinstance(value, bool)}  # fmt: skip
    whole = sum(work.values())
    if not whole:
        return None
    most = max(sorted(work), key=lambda name: work[name])
    return f"The largest cost is {station_word(most)}, with {percent(work[most] / whole)} of all work (modelled)."


_SAY: Mapping[str, _Sentence] = {
    "1c": _defaults, "1d": _copies, "1e": _queue, "1f": _busiest, "2c": _pages, "2e": _own_posts, "3a": _promise,
    "3b": _both_bills, "3c": _top, "3d": _both_bills, "3e": _crossed, "3f": _both_bills, "4a": _rows, "4b": _shards,
    "4c": _memory, "4d": _beyond, "4e": _stored, "5a": _posting, "5b": _workers, "5c": _bodies, "5d": _expired,
    "5e": _peak, "5f": _lanes, "6a": _redelivered, "6b": _faults, "6c": _deleted, "6d": _spam, "6e": _alarms,
    "7a": _readings, "7b": _first_station, "7c": _changed, "7d": _next, "7e": _cost,
}  # fmt: skip
"""The others leave no trace in a run: 1a, 1b, 2a, 2b, 2d, 6f, 7f."""
