"""Figures of a hunt's run: what anybody may look up without a suspicion. Each with its unit and what it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from engine.domain import NO_LIST
from engine.observe.metric import Metric

if TYPE_CHECKING:
    from lessons.hunts.play import Played

Measure = Callable[["Played"], float | None]


@dataclass(frozen=True)
class Figure:
    """One number of a run; None where nothing was counted."""

    name: str
    label: str
    unit: str
    text: str
    measure: Measure
    of_acts: bool = False
    """Counted by the people who act in a hunt: only there."""


def _audit(name: str) -> Measure:
    return lambda played: float(played.audit[name])


def _total(metric: Metric) -> Measure:
    return lambda played: float(played.world.metrics.total(metric))


def _ratio(above: Metric, *below: Metric, times: float = 1.0) -> Measure:
    def measure(played: "Played") -> float | None:
        under = sum(played.world.metrics.total(metric) for metric in below)
        return times * played.world.metrics.total(above) / under if under else None

    return measure


def _lag(quantile: float) -> Measure:
    def measure(played: "Played") -> float | None:
        found = played.world.metrics.histogram(Metric.VISIBLE_LAG).quantile(quantile)
        return None if found is None else found / 1e6

    return measure


def _sizes(played: "Played") -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    lists = played.world.tables.lists
    return lists.entries(np.arange(lists.users, dtype=np.int32)).lengths()


def _counted(name: str) -> Measure:
    return lambda played: float(played.cast.counts[name])


def _per(name: str, of: str) -> Measure:
    return lambda played: played.cast.counts[name] / played.cast.counts[of] if played.cast.counts[of] else None


def _bodies_per_read(played: "Played") -> float | None:
    total = played.world.metrics.total
    reads = total(Metric.READS)
    return (total(Metric.BODY_HITS) + total(Metric.BODY_MISSES)) / reads if reads else None


def _without_list(played: "Played") -> float:
    lists = played.world.tables.lists
    return float((lists.horizons(np.arange(lists.users, dtype=np.int32)) == NO_LIST).sum())


_AT_REST = "Of all home lists, counted at rest after the run."

FIGURES: Mapping[str, Figure] = MappingProxyType(
    {
        figure.name: figure
        for figure in (
            Figure(
                "missing",
                "Missing in lists",
                "entries",
                f"Due in a list and neither there nor pulled. {_AT_REST}",
                _audit("missing"),
            ),
            Figure("duplicate", "Twice in a list", "entries", f"There twice. {_AT_REST}", _audit("duplicate")),
            Figure(
                "foreign",
                "Foreign in lists",
                "entries",
                f"By somebody who is not followed. {_AT_REST}",
                _audit("foreign"),
            ),
            Figure(
                "out_of_order",
                "Out of order",
                "entries",
                f"Above a newer one. {_AT_REST}",
                _audit("out_of_order"),
            ),
            Figure("stored", "Stored in all lists", "entries", _AT_REST, lambda played: float(_sizes(played).sum())),
            Figure(
                "over_cap",
                "Longer than the cap",
                "lists",
                f"The cap is timeline.cap. {_AT_REST}",
                lambda played: float((_sizes(played) > played.world.config.timeline.cap).sum()),
            ),
            Figure("without_list", "Without a list", "people", "At rest after the run.", _without_list),
            Figure(
                "trims",
                "Trimmed",
                "entries",
                "Cut off at the end of full lists, over the run.",
                _total(Metric.TRIMS),
            ),
            Figure(
                "planned",
                "Planned",
                "copies",
                "One for each follower with a list, of each pushed post.",
                _total(Metric.PLANNED),
            ),
            Figure(
                "deliveries",
                "Delivered",
                "copies",
                "As the dashboard counts them, over the run and its drain.",
                _total(Metric.DELIVERIES),
            ),
            Figure(
                "delivered_share",
                "Deliveries per planned copy",
                "",
                "1 at rest, unless copies were given up or became needless.",
                _ratio(Metric.DELIVERIES, Metric.PLANNED),
            ),
            Figure("retries", "Failed attempts", "jobs", "Tried again later.", _total(Metric.RETRIES)),
            Figure(
                "redeliveries",
                "Handed out twice",
                "jobs",
                "Finished, and handed out again all the same.",
                _total(Metric.REDELIVERIES),
            ),
            Figure(
                "dead_lettered",
                "Given up",
                "copies",
                "After the last attempt had failed.",
                _total(Metric.DEAD_LETTERED),
            ),
            Figure(
                "lag_p50",
                "Visible lag, p50",
                "ms",
                "From a post to its place in a follower's home, as the dashboard has it.",
                _lag(0.5),
            ),
            Figure("lag_p99", "Visible lag, p99", "ms", "As above, for the slowest 1 %.", _lag(0.99)),
            Figure(
                "queue_peak",
                "Longest queue",
                "copies",
                "Accepted and not yet readable.",
                lambda played: float(played.world.recorder.depth_peak),
            ),
            Figure(
                "queue_close_peak",
                "Longest queue of the friends' lane",
                "copies",
                "As above, of the lane for people who follow each other.",
                lambda played: float(np.nanmax(played.world.metrics.series(Metric.QUEUE_CLOSE, 0)[1], initial=0.0)),
            ),
            Figure(
                "queue_end",
                "Queue at the end",
                "copies",
                "What the dashboard still counts as under way after everything has been drained.",
                lambda played: float(sum(played.world.queue_copies())),
            ),
            Figure(
                "hit_rate",
                "Home pages served from a list",
                "%",
                "Share of the home reads.",
                _ratio(Metric.TIMELINE_HITS, Metric.TIMELINE_HITS, Metric.TIMELINE_MISSES, times=100.0),
            ),
            Figure(
                "asked",
                "Asked per home read",
                "authors",
                "0 where the list is enough.",
                _ratio(Metric.AUTHORS_ASKED, Metric.READS),
            ),
            Figure("rebuilds", "Made anew", "lists", "For readers who came and had none.", _total(Metric.REBUILDS)),
            Figure("posts_per_page", "On a home page", "posts", "On average; a full page has 20.", _bodies_per_read),
            Figure(
                "again",
                "Shown again",
                "posts",
                "On pages two and three, of what the same reader had on a page before.",
                _counted("posts shown again"),
                of_acts=True,
            ),
            Figure(
                "scrolled",
                "Found by scrolling",
                "posts",
                "Per reader, down to the end of home.",
                _per("scrolled posts", "scrollers"),
                of_acts=True,
            ),
            Figure(
                "own_missing",
                "Own, not there at once",
                "posts",
                "Looked for by their author right after posting.",
                _counted("own posts not there at once"),
                of_acts=True,
            ),
            Figure(
                "undone",
                "Shown after they were taken back",
                "reposts",
                "By readers who open home two seconds later.",
                _counted("reposts shown after they were taken back"),
                of_acts=True,
            ),
            Figure(
                "seen_blocked",
                "Shown to somebody blocked",
                "posts",
                "By the author who blocks them, through others.",
                _counted("posts shown to somebody blocked"),
                of_acts=True,
            ),
            Figure(
                "not_found",
                "Not found in home",
                "posts",
                "Looked for by followers of their author, page by page.",
                _counted("posts not found in home"),
                of_acts=True,
            ),
        )
    }
)
"""By name."""
