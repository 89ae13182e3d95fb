"""All measurements of one world: bounded series in slots of half a virtual second, and whole-run totals beside them.

What is kept depends only on the (instant, value) pairs recorded, never on how they were batched: slots are cut by
instant, histograms and sums are exact integers. Virtual time only; one thread writes and reads.
"""

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np

from engine.clock import NS_PER_MS, NS_PER_S
from engine.domain import F64, I64
from engine.observe.histogram import Histogram
from engine.observe.metric import Metric

__all__ = ["Metric", "Metrics", "Peak"]

SLOT_NS = 500 * NS_PER_MS
QUEUES = (Metric.QUEUE_CLOSE, Metric.QUEUE_REST)


class Peak(NamedTuple):
    """The worst slot of a series: where it ends, and the value there in the series' unit."""

    at_ns: int
    value: float


class Metrics:
    """Records by metric and instant; answers by window, series and whole run.

    A slot covers [k * slot_ns, (k + 1) * slot_ns) for latencies and counts, and ( ... ] for levels, so that the level
    taken at a slot's end is its own. The newest `keep_slots` slots are kept; older values count for the run only.
    """

    def __init__(self, slot_ns: int = SLOT_NS, keep_slots: int = 1200) -> None:
        self.slot_ns = slot_ns
        self._keep = keep_slots
        self._newest: int | None = None
        self._earliest: int | None = None
        self._runs = {m: Histogram() for m in Metric if m.kind == "latency"}
        self._slots: dict[Metric, dict[int, Histogram]] = {m: {} for m in self._runs}
        self._totals = {m: 0 for m in Metric if m.kind == "count"}
        self._amounts: dict[Metric, dict[int, int]] = {m: {} for m in self._totals}
        self._levels: dict[Metric, dict[int, tuple[int, float]]] = {m: {} for m in Metric if m.kind == "level"}

    # Recording

    def observe(self, metric: Metric, at_ns: I64 | int, value_ns: I64, weight: I64 | None = None) -> None:
        """Record latencies `value_ns` of events at `at_ns`, shape (n,) each, `weight` times each (else once).

        One int for `at_ns` says that all of them fall into the slot of that instant.
        """
        if len(value_ns) == 0:
            return
        if isinstance(at_ns, int):
            self._observe_slot((metric,), at_ns // self.slot_ns, value_ns, weight)
            return
        first, last = int(at_ns.min()) // self.slot_ns, int(at_ns.max()) // self.slot_ns
        if first == last:
            self._observe_slot((metric,), first, value_ns, weight)
            return
        order = np.argsort(at_ns, kind="stable")
        slots = at_ns[order] // self.slot_ns
        starts = np.flatnonzero(np.diff(slots, prepend=slots[0] - 1))
        for start, end in zip(starts, [*starts[1:], len(slots)], strict=True):
            part = order[start:end]
            weights = None if weight is None else weight[part]
            self._observe_slot((metric,), int(slots[start]), value_ns[part], weights)

    def observe_alike(self, metrics: Collection[Metric], at_ns: int, value_ns: I64) -> None:
        """As `observe` of each of these metrics with the same latencies, which are counted into buckets once."""
        if len(value_ns):
            self._observe_slot(metrics, at_ns // self.slot_ns, value_ns, None)

    def add(self, metric: Metric, at_ns: I64 | int, amount: I64 | int = 1) -> None:
        """Count `amount` (whole, one for all events or shape (n,)) for each event at `at_ns`, shape (n,).

        One int for `at_ns`: `amount`, or the sum of it, in the slot of that instant.
        """
        if isinstance(at_ns, int):
            if total := amount if isinstance(amount, int) else int(amount.sum()):
                self._add_slot(metric, at_ns // self.slot_ns, total)
            return
        if len(at_ns) == 0:
            return
        first, last = int(at_ns.min()) // self.slot_ns, int(at_ns.max()) // self.slot_ns
        if first == last:
            self._add_slot(metric, first, len(at_ns) * amount if isinstance(amount, int) else int(amount.sum()))
            return
        slots, members = np.unique(at_ns // self.slot_ns, return_inverse=True)
        sums = np.zeros(len(slots), dtype=np.int64)
        np.add.at(sums, members, amount)
        for slot, total in zip(slots.tolist(), sums.tolist(), strict=True):
            self._add_slot(metric, slot, total)

    def level(self, metric: Metric, at_ns: int, value: float) -> None:
        """Record a state at one instant; the latest in a slot stands. Take it at instants that do not depend on
        the tick (multiples of the quantum), else the series depends on it."""
        slot = -(-at_ns // self.slot_ns) - 1
        self._reach(slot)
        before = self._levels[metric].get(slot)
        if before is None or at_ns >= before[0]:
            self._levels[metric][slot] = (at_ns, value)

    # The whole run

    def total(self, metric: Metric) -> int:
        """The whole run's sum of a count; for a latency, how many were recorded."""
        return self._totals[metric] if metric.kind == "count" else self._runs[metric].count

    def histogram(self, metric: Metric) -> Histogram:
        """The whole run's latencies; live, not a copy."""
        return self._runs[metric]

    # Windows and series

    def window(self, metric: Metric, now_ns: int, seconds: float) -> Histogram | int:
        """The last `seconds` in whole slots that had ended by `now_ns`: latencies as `Histogram`, a count as sum."""
        if metric.kind == "count":
            return self.count_in(metric, now_ns, seconds)
        return self.latency_in(metric, now_ns, seconds)

    def latency_in(self, metric: Metric, now_ns: int, seconds: float) -> Histogram:
        """`window` of a latency."""
        slots, merged = self._slots[metric], Histogram()
        for slot in self._last_slots(now_ns, seconds):
            if slot in slots:
                merged.merge(slots[slot])
        return merged

    def count_in(self, metric: Metric, now_ns: int, seconds: float) -> int:
        """`window` of a count."""
        amounts = self._amounts[metric]
        return sum(amounts.get(slot, 0) for slot in self._last_slots(now_ns, seconds))

    def ratio(self, hits: Metric, misses: Metric, now_ns: int, seconds: float) -> float | None:
        """hits / (hits + misses) in the window, 0 to 1; None where neither happened."""
        hit, miss = self.count_in(hits, now_ns, seconds), self.count_in(misses, now_ns, seconds)
        return hit / (hit + miss) if hit + miss else None

    @property
    def begin_ns(self) -> int:
        """Where the series begin: the start of the oldest kept slot in which anything was recorded; 0 when new."""
        if self._earliest is None or self._newest is None:
            return 0
        return max(self._earliest, self._newest - self._keep + 1) * self.slot_ns

    def series(self, metric: Metric, since_ns: int, q: float = 0.99, until_ns: int | None = None) -> tuple[F64, F64]:
        """One point for each kept slot that starts at or after `since_ns` and has ended by `until_ns`.

        Without `until_ns` it goes to the newest slot in which anything was recorded, which may still be filling.

        Returns:
            Slot ends in virtual seconds, and values there: latencies in ms at quantile `q` (NaN where nothing was
            recorded), counts per second, levels (NaN before the first). Shape (points,) each.
        """
        slots = self._range(since_ns, until_ns)
        ends = (np.arange(slots.start, slots.stop, dtype=np.float64) + 1) * (self.slot_ns / NS_PER_S)
        if metric.kind == "latency":
            return ends, self._quantiles(metric, slots, q) / NS_PER_MS
        if metric.kind == "level":
            return ends, self._level_values(metric, slots)
        per_s = NS_PER_S / self.slot_ns
        amounts = self._amounts[metric]
        return ends, np.array([amounts.get(slot, 0) * per_s for slot in slots], dtype=np.float64)

    def peak(self, metric: Metric, since_ns: int, q: float = 0.99, until_ns: int | None = None) -> Peak | None:
        """The highest point of `series`, the earliest of equals; None where there is none."""
        ends, values = self.series(metric, since_ns, q, until_ns)
        if np.isnan(values).all():
            return None
        top = int(np.nanargmax(values))
        return Peak(round(ends[top] * NS_PER_S), float(values[top]))

    def recovered_at(
        self,
        metric: Metric,
        since_ns: int,
        below_ns: int = NS_PER_S,
        for_s: int = 5,
        until_ns: int | None = None,
    ) -> int | None:
        """Since when all was well again after something happened at `since_ns`; None while it is not.

        Well is: in each of `for_s` whole seconds on end, the p99 of what completed was under `below_ns`; a second in
        which nothing completed is well only if no copies were outstanding at its end. The answer is the start of the
        first such stretch after the first bad second; `since_ns` (rounded up) where no second was bad.
        """
        per_second = max(NS_PER_S // self.slot_ns, 1)
        kept = self._range(since_ns, until_ns)
        first = -(-kept.start // per_second) * per_second
        well = [
            self._is_well(metric, range(slot, slot + per_second), below_ns)
            for slot in range(first, kept.stop - per_second + 1, per_second)
        ]
        begin = well.index(False) if False in well else 0
        for second in range(begin, len(well) - for_s + 1):
            if all(well[second : second + for_s]):
                return (first + second * per_second) * self.slot_ns
        return None

    # Inside

    def _observe_slot(self, metrics: Collection[Metric], slot: int, values: I64, weights: I64 | None) -> None:
        batch = Histogram()
        batch.add(values, weights)
        self._reach(slot)
        for metric in metrics:
            self._runs[metric].merge(batch)
            self._slots[metric].setdefault(slot, Histogram()).merge(batch)

    def _add_slot(self, metric: Metric, slot: int, amount: int) -> None:
        self._totals[metric] += amount
        self._reach(slot)
        amounts = self._amounts[metric]
        amounts[slot] = amounts.get(slot, 0) + amount

    def _reach(self, slot: int) -> None:
        """Note that time has come to `slot`, and forget what is too old."""
        self._earliest = slot if self._earliest is None else min(slot, self._earliest)
        if self._newest is not None and slot <= self._newest:
            return
        self._newest = slot
        oldest = slot - self._keep + 1
        for histograms in self._slots.values():
            _forget(histograms, oldest, self._keep)
        for amounts in self._amounts.values():
            _forget(amounts, oldest, self._keep)
        for levels in self._levels.values():
            _forget_levels(levels, oldest)

    def _range(self, since_ns: int, until_ns: int | None) -> range:
        if self._newest is None:
            return range(0)
        stop = self._newest + 1
        if until_ns is not None:
            stop = until_ns // self.slot_ns
        start = max(-(-since_ns // self.slot_ns), self._newest - self._keep + 1)
        return range(start, max(stop, start))

    def _last_slots(self, now_ns: int, seconds: float) -> range:
        end = now_ns // self.slot_ns
        slots = round(seconds * NS_PER_S / self.slot_ns)
        return self._range((end - slots) * self.slot_ns, now_ns)

    def _quantiles(self, metric: Metric, slots: range, q: float) -> F64:
        kept = self._slots[metric]
        values = [kept[slot].quantile(q) if slot in kept else None for slot in slots]
        return np.array(values, dtype=np.float64)  # None becomes NaN

    def _level_values(self, metric: Metric, slots: range) -> F64:
        levels = self._levels[metric]
        value = max(((slot, v) for slot, (_, v) in levels.items() if slot < slots.start), default=(0, np.nan))[1]
        values = np.empty(len(slots), dtype=np.float64)
        for position, slot in enumerate(slots):
            value = levels[slot][1] if slot in levels else value
            values[position] = value
        return values

    def _is_well(self, metric: Metric, slots: range, below_ns: int) -> bool:
        completed = Histogram()
        for slot in slots:
            if slot in self._slots[metric]:
                completed.merge(self._slots[metric][slot])
        worst = completed.quantile(0.99)
        if worst is None:
            return all(not self._level_values(queue, slots)[-1] > 0 for queue in QUEUES)
        return worst < below_ns


def _forget(kept: dict[int, Any], oldest: int, limit: int) -> None:
    """Drop slots before `oldest`, once there may be any."""
    if len(kept) >= limit:
        for slot in [slot for slot in kept if slot < oldest]:
            del kept[slot]


def _forget_levels(levels: dict[int, tuple[int, float]], oldest: int) -> None:
    """Drop levels before slot `oldest` but for the last of them, which still stands in the empty slots after it."""
    old = sorted(slot for slot in levels if slot < oldest)
    for slot in old[:-1]:
        del levels[slot]
