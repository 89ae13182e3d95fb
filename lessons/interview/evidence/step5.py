"""Cache, queue, hot users."""

from lessons.interview.base import Level
from lessons.interview.estimates import estimates_of
from lessons.interview.evidence.credit import (
    Credit,
    Judge,
    Seen,
    better,
    choice,
    estimate,
    lacking,
    named,
    reasoned,
    unless_run,
    with_run,
)  # fmt: skip
from lessons.interview.evidence.own import largest, promises, smallest
from lessons.interview.evidence.step3 import closed
from lessons.interview.figures import figure, told
from lessons.interview.reader import Reading
from lessons.interview.transcript import Transcript

BUYS = ("post_does_not_wait", "bursts_are_smoothed", "failed_writes_are_retried", "workers_scale_apart")
"""What a queue really buys."""
_FLAT = 1.5
"""Posts of the largest account may be accepted so many times as slowly as those of small ones."""
_COPY_NOTHING = ("pull", "cached_pull")
"""Strategies without a fan-out."""
HALF = 0.5
PEAK_S = 60.0
"""How long the peak of the base run is."""
_FULL, _NO_ROOM, _IDLE = 1.0, 0.8, 0.1
"""Utilisations."""
_HITS = (0.8, 0.5)
_REFILLS = (2.0, 4.0)
"""Database reads for each key that expires."""
_REMEDIES = ("coalescing", "soft_ttl", "ttl_jitter", "warming", "copies_of_the_key", "local_cache")
_MOST_REMEDIES = 4
_MOST_LANES = 6
_OWN_LANE = "own_timeline"


def leaves_the_request(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """5a."""
    sheet = transcript.steps.s5.structured
    if sheet.queue is None:
        return lacking("queue")
    if sheet.queue == "none":
        return choice(0, "queue: none", "The post's request waits for every follower.")
    said, why = reasoned(reading.reason("5a")), [one for one in sheet.queue_why if one in BUYS]
    shown = f"queue: {sheet.queue}, why: {named(sheet.queue_why)}"
    wrong = len(why) < len(sheet.queue_why)
    listed = choice(0.5 if wrong else 1, shown, "It buys what is named.") if why else lacking("reason for the queue")
    best = better(said, closed(listed, level, reading, 5))
    if sheet.queue == "in_process" and best.credit > 0.5:
        best = Credit(0.5, best.kind, "What waits in a process is lost with it.", shown, best.quote, best.confidence)
    kind = "S+T" if best.kind == "T" else best.kind
    found = Credit(best.credit, kind, best.reason, best.figure or shown, best.quote, best.confidence)
    return unless_run(found, _flat(transcript))


def workers(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """5b. Where nothing is copied ahead there are no workers to size: what makes the pages has to keep the promise."""
    if transcript.steps.s3.structured.strategy in _COPY_NOTHING:
        return _assembled(transcript)
    one = estimates_of(transcript)["util"]
    found = estimate(one)
    if not found.credit or one.reference is None:
        return found
    if one.reference >= _FULL:
        return Credit(0.0, "E", "They are asked for as much as they can do, or more: the line only grows.",
                      found.figure)  # fmt: skip
    if one.reference > _NO_ROOM or one.reference < _IDLE:
        why = "Busy less than a tenth of the time." if one.reference < _IDLE else "Over 0.8 at the mean: no room."
        return Credit(min(found.credit, 0.5), "E", why, found.figure)
    return found


def _assembled(transcript: Transcript) -> Credit:
    """Whether pages that are made when they are read were made in time, and with room left."""
    base = transcript.run.base
    if base is None:
        return Credit(0.0, "R", "No design was run, and only a run can show this.", "no run")
    home, busy = promises(transcript, base)[1], figure(base, "stations.indexes.util")
    shown = f"{home.figure}; author indexes {told(busy, 'of their time')} busy (measured)"
    if not home.verdict or busy is None:
        return Credit(0.0, "R", "Nothing is copied ahead, and the pages were not made in time.", shown)
    if busy > _NO_ROOM:
        return Credit(0.5, "R", "Nothing is copied ahead; what makes the pages has no room left.", shown)
    return Credit(1.0, "R", "Nothing is copied ahead, and what makes the pages keeps up with room left.", shown)


def bodies(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """5c."""
    given = transcript.steps.s5.structured.body_cache
    if given is None:
        return lacking("cache of bodies")
    shown = f"body_cache: {given}"
    if given == "three_tiers":
        chosen = choice(0.5, shown, "Apart and in batches, in more tiers than were needed.")
    elif given != "one_batch":
        return choice(0, shown, "A page needs its bodies apart from the lists, in one batch.")
    else:
        chosen = choice(1, shown, "One batch for each page.")
    base = transcript.run.base
    hits, failed = figure(base, "post_hit_rate"), figure(base, "failed_hydrations")
    seen = f"post_hit_rate = {told(hits, 'share')}, failed hydrations = {told(failed, '')} (measured)"
    if hits is None or failed is None:
        return with_run(chosen, Seen(None, seen))
    verdict = 0.0 if failed else 1.0 if hits >= _HITS[0] else 0.5 if hits >= _HITS[1] else 0.0
    return with_run(chosen, Seen(verdict, seen))


def stampede(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """5d."""
    sheet = transcript.steps.s5.structured
    named_all = (*sheet.stampede, *sheet.hot_key)
    if not named_all:
        return lacking("remedy for a hot post or an expired entry")
    good = [one for one in named_all if one in _REMEDIES]
    shown = f"remedies: {named(named_all)}"
    if not good:
        return choice(0, shown, "Living longer only moves the instant at which everybody asks.")
    many = len(good) > _MOST_REMEDIES
    why = "More remedies than one run can tell apart." if many else "Something stands between many readers and one key."
    return with_run(choice(0.5 if many else 1, shown, why), _refills(transcript))


def peak(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """5e."""
    one = estimates_of(transcript)["drain_s"]
    found = estimate(one)
    busy = figure(transcript.run.base, "stations.workers.util")
    if found.credit and busy is not None and busy >= _FULL:
        why = "More comes than goes already at the mean, so nothing drains."
        return Credit(0.0, "E", why, found.figure)
    own = _own_drain_s(transcript)
    if found.credit < HALF and one.value and own and max(own / one.value, one.value / own) <= one.factor:
        why = f"It follows from the own numbers (backlog over what is left of the capacity: {told(own, 's')}); the run "
        return Credit(HALF, "E", f"{why}had another queue.", found.figure)
    return found


def _own_drain_s(transcript: Transcript) -> float | None:
    """Seconds to an empty queue by the own numbers: what a minute of the peak leaves, over capacity less the mean."""
    s1, s5 = transcript.steps.s1.structured.estimate, transcript.steps.s5.structured
    parts = (s1.deliveries_s, s1.peak_deliveries_s, s5.workers, s5.per_worker_s)
    mean, peak, workers, each = (part or 0.0 for part in parts)
    capacity = workers * each
    if not mean or not peak or capacity <= mean:
        return None
    return PEAK_S * max(0.0, peak - capacity) / (capacity - mean)


def pressure(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """5f."""
    sheet = transcript.steps.s5.structured
    if not sheet.lanes and sheet.bound is None:
        return lacking("order in which things wait")
    shown = f"lanes: {named(sheet.lanes)}; bound: {sheet.bound}"
    if sheet.bound == "drop_oldest":
        return choice(0, shown, "Posts would vanish, and nobody would be told.")
    first = bool(sheet.lanes) and sheet.lanes[0] == "own_timeline" and len(sheet.lanes) >= 2
    bounded = sheet.bound not in (None, "none")
    many = len(sheet.lanes) > _MOST_LANES
    why = f"{'The own list never waits' if first else 'Nobody is served first'}; the queue has "
    chosen = choice(0.5 if many else (first + bounded) / 2, shown, f"{why}{'a' if bounded else 'no'} bound.")
    return with_run(chosen, _lanes_seen(transcript))


def _flat(transcript: Transcript) -> Seen:
    """Whether posting takes as long for the largest account as for small ones."""
    top, low = largest(transcript.run.base), smallest(transcript.run.base)
    if not top or not low or top is low or top.post_p99_ms is None or not low.post_p99_ms:
        return Seen(None, "not measured")
    shown = f"post p99: {told(low.post_p99_ms, 'ms')} for small accounts, {told(top.post_p99_ms, 'ms')} for the largest"
    return Seen(float(top.post_p99_ms <= _FLAT * low.post_p99_ms), f"{shown} (measured)")


def _refills(transcript: Transcript) -> Seen:
    """Reads of the database for each key that expired or was lost, in the first run that has them."""
    runs = transcript.run
    for name, part in (("U2", runs.unforeseen.get("U2")), ("base", runs.base)):
        if part and part.expiry.keys and part.expiry.database_reads is not None:
            each = part.expiry.database_reads / part.expiry.keys
            verdict = 1.0 if each <= _REFILLS[0] else 0.5 if each <= _REFILLS[1] else 0.0
            return Seen(verdict, f"{told(each, 'database reads a key')} in {name} (measured)")
    return Seen(None, "no expiry measured")


def _lanes_seen(transcript: Transcript) -> Seen:
    """Whether the first lane waited no longer than the others, in a load that made a backlog or in the base run."""
    runs = transcript.run
    parts = [*(runs.unforeseen[name] for name in sorted(runs.unforeseen)), *([runs.base] if runs.base else [])]
    part = next((one for one in parts if len(one.lanes) >= 2), None)
    order = transcript.steps.s5.structured.lanes
    if part is None or not order:
        return Seen(None, "no lanes measured")
    waits = {name: lag for name, lag in sorted(part.lanes.items()) if name != _OWN_LANE}
    shown = ", ".join(f"{name} {told(lag, 'ms')}" for name, lag in waits.items()) + " (measured)"
    if _OWN_LANE in part.lanes:
        shown += "; the own list is written with the post"
    first = part.lanes.get(order[0])
    if first is None:
        return Seen(None, f"lag p99 by lane: {shown}")
    others = [lag for name, lag in part.lanes.items() if name != order[0]]
    ahead = len([lag for lag in others if first <= lag])
    return Seen(1.0 if ahead == len(others) else 0.5 if ahead else 0.0, f"lag p99 by lane: {shown}")


JUDGES: dict[str, Judge] = {
    "5a": leaves_the_request, "5b": workers, "5c": bodies, "5d": stampede, "5e": peak, "5f": pressure,
}  # fmt: skip
