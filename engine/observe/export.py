"""All series as one table for a spreadsheet."""

import csv
import io
import math

from engine.observe.derived import DERIVED
from engine.observe.metrics import Metric, Metrics

_QUANTILES = (0.5, 0.95, 0.99)


def to_csv(metrics: Metrics, until_ns: int | None = None) -> str:
    """CSV with a header: a line for each kept slot, by its end in virtual seconds; empty where nothing was measured.

    Latencies have three columns (p50, p95, p99 in ms), counts are per second; the names carry the units.
    """
    begin_ns = metrics.begin_ns
    columns: dict[str, list[str]] = {}
    times, _ = metrics.series(Metric.POSTS, begin_ns, until_ns=until_ns)
    columns["t_s"] = [_cell(value) for value in times]
    for metric in Metric:
        for q in _QUANTILES if metric.kind == "latency" else (0.99,):
            _, values = metrics.series(metric, begin_ns, q, until_ns)
            columns[_heading(metric, q)] = [_cell(value) for value in values]
    for derived in DERIVED:
        _, values = derived.series(metrics, begin_ns, until_ns)
        columns[f"{derived.name} ({derived.unit})"] = [_cell(value) for value in values]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue()


def _heading(metric: Metric, q: float) -> str:
    return f"{metric} p{round(q * 100)} ({metric.unit})" if metric.kind == "latency" else f"{metric} ({metric.unit})"


def _cell(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.10g}"
