"""What people look at that is a quotient or a sum of raw measurements, each with the definition that they read."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.domain import F64
from engine.observe.metric import Metric
from engine.observe.metrics import Metrics


@dataclass(frozen=True)
class Derived:
    """`top / bottom` of counts in the same window, each summed over its metrics; a sum of levels has no `bottom`."""

    name: str
    label: str
    unit: Literal["share", "copies/post", "rows/page", "authors/page", "copies"]
    text: str
    top: tuple[Metric, ...]
    bottom: tuple[Metric, ...] = ()

    def total(self, metrics: Metrics) -> float | None:
        """Over the whole run; None where there was nothing to divide by. For quotients only."""
        below = sum(metrics.total(metric) for metric in self.bottom)
        return sum(metrics.total(metric) for metric in self.top) / below if below else None

    def value(self, metrics: Metrics, now_ns: int, seconds: float) -> float | None:
        """Over the last `seconds` before `now_ns`; None where there was nothing to divide by. For quotients only."""
        below = sum(metrics.count_in(metric, now_ns, seconds) for metric in self.bottom)
        return sum(metrics.count_in(metric, now_ns, seconds) for metric in self.top) / below if below else None

    def series(self, metrics: Metrics, since_ns: int, until_ns: int | None = None) -> tuple[F64, F64]:
        """As `Metrics.series`; NaN in slots where there was nothing to divide by."""
        ends, above = _summed(metrics, self.top, since_ns, until_ns)
        if not self.bottom:
            return ends, above
        _, below = _summed(metrics, self.bottom, since_ns, until_ns)
        return ends, np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)


def _summed(metrics: Metrics, parts: tuple[Metric, ...], since_ns: int, until_ns: int | None) -> tuple[F64, F64]:
    series = [metrics.series(metric, since_ns, until_ns=until_ns) for metric in parts]
    return series[0][0], np.sum([values for _, values in series], axis=0)


TIMELINE_HIT_RATE = Derived(
    "timeline_hit_rate",
    "Timeline hit rate",
    "share",
    "Pages answered from the ready-made list alone. Misses fetch from authors. Measured.",
    (Metric.TIMELINE_HITS,),
    (Metric.TIMELINE_HITS, Metric.TIMELINE_MISSES),
)
POST_HIT_RATE = Derived(
    "post_hit_rate",
    "Post cache hit rate",
    "share",
    "Post bodies found in memory; the rest ask the database. Measured.",
    (Metric.BODY_HITS,),
    (Metric.BODY_HITS, Metric.BODY_MISSES),
)
FRESH_SHARE = Derived(
    "fresh_share",
    "Fresh share",
    "share",
    "Of all pairs of a post and a follower: visible within the SLO. What was given up stays in. Measured.",
    (Metric.FRESH_PAIRS,),
    (Metric.PAIRS,),
)
WRITE_AMPLIFICATION = Derived(
    "write_amplification",
    "Write amplification",
    "copies/post",
    "Copies written for each post. Push: the mean audience. Pull: 0. Measured.",
    (Metric.DELIVERIES,),
    (Metric.POSTS,),
)
ROWS_PER_READ = Derived(
    "rows_per_read",
    "Rows per read",
    "rows/page",
    "Rows touched for one home page: what pull pays. Measured.",
    (Metric.ROWS_READ,),
    (Metric.READS,),
)
AUTHORS_PER_READ = Derived(
    "authors_per_read",
    "Authors asked per read",
    "authors/page",
    "Author indexes asked for one home page: 0 where everything was pushed. Measured.",
    (Metric.AUTHORS_ASKED,),
    (Metric.READS,),
)
QUEUE_DEPTH = Derived(
    "queue_depth",
    "Queue depth",
    "copies",
    "Copies accepted, not yet written. Divide by the workers' rate: seconds of wait. Measured.",
    (Metric.QUEUE_CLOSE, Metric.QUEUE_REST),
)

DERIVED = (
    TIMELINE_HIT_RATE,
    POST_HIT_RATE,
    FRESH_SHARE,
    WRITE_AMPLIFICATION,
    ROWS_PER_READ,
    AUTHORS_PER_READ,
    QUEUE_DEPTH,
)
UTILISATION_TEXT = (
    "Utilisation (rho): share of time busy. Fine at 0.73 if arrivals are calm; the wait grows as 1/(1 - rho). Measured."
)
