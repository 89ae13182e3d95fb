"""Prints what the worlds' graphs measure, beside real graphs if a folder of them is named.

python -m datasets.measure [FOLDER]     # FOLDER/graphs/*.csv and *.edges, or FOLDER itself
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from datasets.worlds import WORLDS, build_population, preset_config
from engine.domain import I32
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

PUBLISHED_FANOUT = 75.0
"""Deliveries a post at Twitter: 30 billion deliveries and 400 million posts a day (High Scalability, 2013)."""
_TAIL_FROM = 20
_COLUMNS = ("graph", "users", "links", "largest", "median", "mean", "top 1 %", "reciprocity", "tail exponent")
_LAST_COLUMNS = ("exponent for 75", "fan-out of a post")


def main(arguments: list[str]) -> None:
    """Print the table as Markdown."""
    columns = (*_COLUMNS, *_LAST_COLUMNS)
    print("| " + " | ".join(columns) + " |")
    print("|---" * len(columns) + "|")
    for row in _rows(Path(arguments[0]) if arguments else None):
        print("| " + " | ".join(row) + " |")


def _rows(folder: Path | None) -> Iterator[list[str]]:
    for slug in WORLDS:
        people = build_population(preset_config(slug))
        fanout = mean_fanout_per_post(people.graph.follower_counts, people.posting_weight)
        yield [*_measured(f"{slug} (generated)", people.graph), f"{fanout:.1f}"]
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


if __name__ == "__main__":
    main(sys.argv[1:])
