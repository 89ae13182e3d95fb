"""Storage by access pattern."""

from lessons.interview.base import Level
from lessons.interview.estimates import estimates_of
from lessons.interview.evidence.credit import (
    Credit,
    Judge,
    Seen,
    choice,
    estimate,
    lacking,
    named,
    with_estimate,
    with_run,
)  # fmt: skip
from lessons.interview.evidence.own import keeps_lists
from lessons.interview.figures import figure, told
from lessons.interview.reader import Reading
from lessons.interview.sheet import AccessPatterns
from lessons.interview.transcript import Transcript

_KEYS = {
    "followers_of": ("followee_id",),
    "followees_of": ("follower_id",),
    "follows_check": ("follower_followee",),
    "latest_by_author": ("author_time",),
    "timeline_of": ("owner",),
    "posts_by_ids": ("post_id",),
}
_CANNOT = ("graph_db", "search_index", "queue")
"""Stores for other questions than one look-up by key."""
_DRAWBACKS = {
    "post_id": "profile_asks_all_shards", "author": "hot_author", "post_id_plus_author_index": "index_written_too",
}  # fmt: skip
_CAP, _CAP_AT_ALL = (200, 2000), (100, 5000)
_SELDOM, _OFTEN = 0.01, 0.05
"""Shares of reads that go beyond the end of a list."""
_HOT = 1.2
"""A shard that has so much more than the mean shows the drawback of authors as keys."""


def access(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """4a."""
    given = transcript.steps.s4.structured.access
    rows = {name: getattr(given, name) for name in AccessPatterns.model_fields}
    filled = {name: row for name, row in rows.items() if row.store is not None or row.key is not None}
    if not filled:
        return lacking("access pattern with store and key")
    right = [
        name for name, row in filled.items()
        if row.key in _KEYS[name] and row.store is not None and row.store not in _CANNOT
    ]  # fmt: skip
    shown = "; ".join(f"{name}: {row.store} by {row.key}" for name, row in filled.items())
    wrong = named(name for name in _KEYS if name not in right)
    why = "All six are answered from one place." if len(right) == 6 else f"Not answered from one place: {wrong}."
    return choice(1 if len(right) >= 5 else 0.5 if len(right) >= 3 else 0, shown, why)


def partition(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """4b."""
    sheet = transcript.steps.s4.structured
    if sheet.post_partition is None:
        return lacking("partition of posts")
    shown = f"posts by {sheet.post_partition}, drawback: {sheet.consequence}"
    drawback = _DRAWBACKS.get(sheet.post_partition)
    if drawback is None or sheet.consequence != drawback:
        return choice(0, shown, "Every key makes something dear; this drawback is not that of this key.")
    chosen = choice(1, shown, "The key comes with its own drawback.")
    return with_run(chosen, _drawback_seen(transcript, sheet.post_partition))


def references(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """4c."""
    given = transcript.steps.s2.structured.timeline_holds
    if given is None:
        return lacking("word on what lists hold")
    if given == "bodies":
        return choice(0, "lists hold bodies", "Each follower's list would have a copy of the whole post.")
    chosen = choice(1, "lists hold references", "A reference is a few bytes.")
    return with_estimate(chosen, estimates_of(transcript)["timeline_gb"])


def cap(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """4d."""
    given = transcript.steps.s4.structured.cap
    if given is None:
        return lacking("end of lists")
    within, near = _CAP[0] <= given <= _CAP[1], _CAP_AT_ALL[0] <= given <= _CAP_AT_ALL[1]
    chosen = choice(
        1 if within else 0.5 if near else 0, f"cap = {told(given, 'entries')}", "Common lists end at 200 to 2,000."
    )
    base = transcript.run.base
    below = base.below_horizon_share if base else None
    hits = figure(base, "timeline_hit_rate")
    if below is None and hits is not None and keeps_lists(transcript):
        below = 1 - hits
    verdict = None if below is None else 1.0 if below <= _SELDOM else 0.5 if below <= _OFTEN else 0.0
    return with_run(chosen, Seen(verdict, f"reads beyond the list = {told(below, 'of all')} (measured)"))


def bytes_a_day(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """4e."""
    return estimate(estimates_of(transcript)["posts_gb_day"])


def _drawback_seen(transcript: Transcript, partition: str) -> Seen:
    """Whether the run shows it: shards asked for a profile, or how uneven they are."""
    if transcript.run.base is None:
        return Seen(None, "no run")
    shards = transcript.run.base.shards
    asked, uneven = shards.per_profile_read, shards.max_over_mean
    shown = f"{told(asked, 'shards a profile')}, fullest shard {told(uneven, 'times the mean')} (modelled)"
    needed, there = {
        "post_id": (asked, asked is not None and asked > 1),
        "author": (uneven, uneven is not None and uneven >= _HOT),
        "post_id_plus_author_index": (asked, asked is not None and asked <= 2),
    }[partition]
    return Seen(None if needed is None else 1.0 if there else 0.5, shown)


JUDGES: dict[str, Judge] = {"4a": access, "4b": partition, "4c": references, "4d": cap, "4e": bytes_a_day}
