"""Prints what the worlds' graphs, cascades and days measure, beside real ones if a folder of them is named.

python -m datasets.measure [FOLDER]     # FOLDER/graphs/*.csv and *.edges, or FOLDER itself; FOLDER/cascades/*.txt;
                                        # FOLDER/volumes/*.csv
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple
from pathlib import Path

import numpy as np

from datasets.cascades import LEAST_REPOSTS, CascadeFigures, draw_cascade, draw_sizes, load_cascade, measure_cascade
from datasets.day import DayFigures, day_trace, measure_days
from datasets.likeness import LIKENESSES, draw_likeness
from datasets.worlds import WORLDS, build_population, preset_config
from engine.domain import F64, I32
from engine.graph.files import load_graph
from engine.graph.graph import Graph
from engine.graph.measures import (
    gamma_for_mean_fanout,
    mean_fanout_per_account,
    mean_fanout_per_post,
    reciprocity,
    tail_exponent,
    top_share,
)
from engine.load.streams import stream
from engine.load.trace import DAILY, load_trace

PUBLISHED_FANOUT = 75.0
"""Deliveries a post at Twitter: 30 billion deliveries and 400 million posts a day (High Scalability, 2013)."""
SEED = 7
DRAWN_CASCADES = 200
_TAIL_FROM = 20
_GRAPHS = (
    *("graph", "users", "links", "largest", "median", "mean", "top 1 %", "reciprocity", "tail exponent"),
    *("exponent for 75", "fan-out of a post"),
)
_CASCADES = (
    *("cascade", "reposts", "half-time", "1st hour", "t10", "t25", "t75", "t90", "1st day", "median followers"),
    "9th decile",
)
_DAYS = ("volume", "days", "peak/trough", "with bursts", "busiest hour", "quietest hour", "weekend", "busiest row")
_HOURS = ("level in hour", *(f"{hour:02}" for hour in range(24)))


def main(arguments: list[str]) -> None:
    """Print four tables as Markdown: graphs, cascades, days, hours of the day."""
    folder = Path(arguments[0]) if arguments else None
    _print(_GRAPHS, _graphs(folder))
    _print(_CASCADES, _cascades(folder))
    curves = dict(_curves(folder))
    _print(_DAYS, (_day(name, figures) for name, figures in curves.items()))
    _print(_HOURS, ([name, *(f"{level:.2f}" for level in days.median_day)] for name, days in curves.items()))


def _print(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    for row in (columns, *rows):
        print("| " + " | ".join(row) + " |")
        if row is columns:
            print("|---" * len(columns) + "|")
    print()


def _graphs(folder: Path | None) -> Iterator[list[str]]:
    for slug in WORLDS:
        people = build_population(preset_config(slug, seed=SEED))
        fanout = mean_fanout_per_post(people.graph.follower_counts, people.posting_weight)
        yield [*_measured(f"{slug} (generated)", people.graph), f"{fanout:.1f}"]
    for name in LIKENESSES:
        graph = draw_likeness(name, stream(SEED, f"likeness.{name}", 0))
        yield [*_measured(f"like {name} (generated)", graph), ""]
    if folder is not None:
        graphs = folder / "graphs" if (folder / "graphs").is_dir() else folder
        for path in sorted([*graphs.glob("*.csv"), *graphs.glob("*.edges")]):
            yield [*_measured(path.name, load_graph(path)[0]), ""]


def _measured(name: str, graph: Graph) -> list[str]:
    counts = graph.follower_counts
    whole = (graph.n, int(counts.sum(dtype=np.int64)), int(counts.max()), round(float(np.median(counts))))
    return [
        name,
        *(f"{number:,}" for number in whole),
        f"{mean_fanout_per_account(counts):.1f}",
        f"{top_share(counts):.0%}",
        f"{reciprocity(graph):.2f}",
        f"{tail_exponent(counts, _TAIL_FROM):.2f}",
        _exponent(counts),
    ]


def _exponent(counts: I32) -> str:
    """The author exponent that would give the published fan-out, if one does."""
    try:
        return f"{gamma_for_mean_fanout(counts, PUBLISHED_FANOUT):.3f}"
    except ValueError:
        return "-"


def _cascades(folder: Path | None) -> Iterator[list[str]]:
    rng = stream(SEED, "cascades", 0)
    drawn = [measure_cascade(draw_cascade(rng, size)) for size in draw_sizes(rng, DRAWN_CASCADES).tolist()]
    yield from _summary("drawn", drawn)
    files = sorted((folder / "cascades").glob("*.txt")) if folder is not None else []
    real = [measure_cascade(load_cascade(path)) for path in files]
    if real:
        yield from _summary("real", real)
    for path, figures in zip(files, real, strict=True):
        yield [path.name, *_cascade(astuple(figures))]


def _summary(name: str, cascades: list[CascadeFigures]) -> Iterator[list[str]]:
    """Deciles of each figure over the cascades, and the exponent of their sizes."""
    figures = np.array([astuple(each) for each in cascades])
    for label, decile in (("first decile", 0.1), ("median", 0.5), ("ninth decile", 0.9)):
        yield [f"{len(cascades)} {name}: {label}", *_cascade(np.quantile(figures, decile, axis=0).tolist())]
    exponent = tail_exponent(figures[:, 0].astype(np.int32), LEAST_REPOSTS)
    yield [f"{len(cascades)} {name}: exponent of sizes", f"{exponent:.2f}", *[""] * (len(_CASCADES) - 2)]


def _cascade(figures: Sequence[float]) -> list[str]:
    reposts, half_h, first_hour, t10, t25, t75, t90, first_day, middle, ratio = figures
    relative = (f"{time:.2f}" for time in (t10, t25, t75, t90))
    shares = (f"{half_h:.2f} h", f"{first_hour:.0%}", *relative, f"{first_day:.0%}")
    return [f"{reposts:,.0f}", *shares, f"{middle:,.0f}", f"x {ratio:.1f}"]


def _curves(folder: Path | None) -> Iterator[tuple[str, DayFigures]]:
    """What has a course of a day: ours, that of the scenario `trace`, and the volume files."""
    yield "datasets.day", measure_days(day_trace(7))
    yield "scenario trace", measure_days(DAILY)
    if folder is not None:
        for path in sorted((folder / "volumes").glob("*.csv")):
            yield path.name, measure_days(load_trace(path))


def _day(name: str, figures: DayFigures) -> list[str]:
    median = figures.median_day
    weekend = "" if np.isnan(figures.weekend) else f"{figures.weekend:.2f}"
    hours = (f"{hour:02}" for hour in (int(median.argmax()), int(median.argmin())))
    ratios = (_peak_over_trough(median), _peak_over_trough(figures.mean_day))
    return [name, str(figures.days), *ratios, *hours, weekend, f"{figures.busiest_row:.1f}"]


def _peak_over_trough(day: F64) -> str:
    return f"{day.max() / day.min():.1f}"


if __name__ == "__main__":
    main(sys.argv[1:])
