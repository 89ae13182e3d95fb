"""What words, fields and figures of a sheet are called, for pages and the debrief; and the order of a closed list."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType

from engine.errors import UnknownName
from engine.load.streams import stream
from lessons.interview.units import FIGURES

_FILE = Path(__file__).with_name("labels.toml")
_SAME = {"non_goals": "must", "option": "strategy", "metric": "alarmed", "cost_largest": "bottleneck"}
"""Fields that take the words of another."""
IN_ORDER = ("home_pct", "write", "read")
"""Lists that have an order of their own; all others are shuffled."""
ALARM_UNITS: Mapping[str, str] = MappingProxyType(
    {
        "visible_lag_p99": "ms", "home_latency": "ms", "hit_rate": "share", "queue_depth": "copies",
        "failed_hydrations": "reads/s", "cpu": "share", "disk": "share", "memory": "share", "errors": "reads/s",
    }
)  # fmt: skip
"""In which an alarm's limit is kept, in real units."""
_STATIONS = "bottleneck"
_LAG = {"p50": "50 in 100", "p95": "95 in 100", "p99": "99 in 100", "max": "the longest"}
_TIMED = {
    "fanout_lag_ms": "Fan-out lag", "visible_lag_ms": "Visible lag", "post_ms": "Time to accept a post",
    "home_ms": "Time of a home page",
}  # fmt: skip
_PLAIN = {
    "timeline_hit_rate": "Hit rate of home lists", "post_hit_rate": "Hit rate of bodies",
    "queue_depth_peak": "Longest queue", "deliveries": "Deliveries", "write_amplification": "Copies for each post",
    "rows_per_read": "Rows for each home page", "fresh_goodput": "Fresh goodput", "trims": "Entries trimmed",
    "failed_hydrations": "Failed hydrations", "shed": "Posts refused", "dead_lettered": "Dead letters",
    "retries": "Jobs retried", "failed_reads": "Failed reads", "refused_reads": "Refused reads",
    "stale_reads": "Stale reads", "incomplete_reads": "Incomplete reads",
    "below_horizon_share": "Reads beyond the list's end", "breached_at_s": "First broken promise, at",
    "peak.queue_depth_peak": "Longest queue after the peak", "peak.drain_s": "From end of peak to empty queue",
    "paging.repeats": "Posts seen twice while paging", "paging.skips": "Posts skipped while paging",
    "shards.per_profile_read": "Shards asked by a profile", "shards.max_over_mean": "Busiest shard over the mean",
    "expiry.database_reads": "Database reads at expiry", "expiry.keys": "Keys that expired",
    "deleted.served": "Deleted posts served", "deleted.longest_s": "Deleted post served for, at most",
    "audit.missing": "Audit: missing entries", "audit.duplicate": "Audit: doubled entries",
    "audit.foreign": "Audit: foreign entries", "audit.out_of_order": "Audit: entries out of order",
}  # fmt: skip
_STATION = {"util": "utilisation", "wait_ms": "mean wait", "breached_at_s": "first broken promise, at"}


@cache
def _tables() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return MappingProxyType(tomllib.loads(_FILE.read_text(encoding="utf-8")))


def words(field: str) -> Mapping[str, str]:
    """Label by word for a field of closed words, named by its path or the last part of it.

    Raises:
        UnknownName: it has none.
    """
    leaf = field.rpartition(".")[2]
    tables = _tables()["words"]
    found = tables.get(_SAME.get(leaf, leaf))
    if found is None:
        raise UnknownName(f"There are no words for {field!r}; allowed: {', '.join(sorted({*tables, *_SAME}))}.")
    return found


def label(field: str, word: str | bool | int) -> str:
    """What a word of a field is called: ("celebrity", "none") -> "The same as for everybody else".

    Raises:
        UnknownName: no such field, or no such word of it.
    """
    if isinstance(word, bool):
        return "Yes" if word else "No"
    known = words(field)
    if str(word) not in known:
        raise UnknownName(f"{field} has no word {str(word)[:40]!r}; allowed: {', '.join(known)}.")
    return known[str(word)]


def title(path: str) -> str:
    """What a field asks for: "assume.fanout_mean" -> "Followers that the mean post goes to".

    Raises:
        UnknownName: there is no such field.
    """
    titles: Mapping[str, str] = _tables()["titles"]  # type: ignore[assignment]
    named = ".".join(part for part in path.split(".") if not part.isdecimal())
    found = titles.get(named) or titles.get(named.rpartition(".")[2])
    if found is None:
        raise UnknownName(f"There is no field {path[:60]!r}.")
    return found


def topic(criterion: str) -> str:
    """What a criterion is about, without what it wants: "3c" -> "Large accounts".

    Raises:
        UnknownName: there is no such criterion.
    """
    topics: Mapping[str, str] = _tables()["topics"]  # type: ignore[assignment]
    if criterion not in topics:
        raise UnknownName(f"There is no criterion {criterion[:10]!r}; allowed: {', '.join(topics)}.")
    return topics[criterion]


def topics(step: int) -> tuple[str, ...]:
    """The criteria of one step, 1 to 7."""
    return tuple(name for name in _tables()["topics"] if name.startswith(str(step)))


def figure_label(path: str) -> str:
    """What a figure of a run is called: "home_ms.p99" -> "Time of a home page, 99 in 100".

    Raises:
        UnknownName: there is no such figure.
    """
    if path not in FIGURES:
        raise UnknownName(f"There is no figure {path[:60]!r}; allowed: such as home_ms.p99 or stations.workers.util.")
    if path in _PLAIN:
        return _PLAIN[path]
    first, _, rest = path.partition(".")
    if first in _TIMED:
        return f"{_TIMED[first]}, {_LAG[rest]}"
    if first == "cost":
        return f"{label(_STATIONS, rest.removesuffix('_s'))}: work"
    name, _, what = rest.partition(".")
    return f"{label(_STATIONS, name)}: {_STATION[what]}"


def shuffled(field: str, seed: int) -> tuple[str, ...]:
    """The words of a field in the order in which this interview shows them: the same for all who have its seed."""
    known, leaf = tuple(words(field)), field.rpartition(".")[2]
    return known if leaf in IN_ORDER else drawn_order(leaf, known, seed)


def drawn_order(name: str, those: Sequence[str], seed: int) -> tuple[str, ...]:
    """The members of a list, `name`, in the order that a seed gives them."""
    order = stream(seed, f"interview.options.{name}", 0).permutation(len(those))
    return tuple(those[place] for place in order)
