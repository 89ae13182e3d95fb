"""A report as a file: HTML to read, CSV and Parquet to go on with, PNG for a slide. The name's end says which."""

import csv
import io
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import numpy as np

from engine.errors import HistoryError, InvalidInput
from engine.experiments.history.figures import FIGURES
from engine.experiments.history.overlay import overlay
from engine.experiments.report.subject import Subject
from engine.observe.metric import Metric

Table = dict[str, list[Any]]
"""Columns by name, all of one length."""


def series_table(subject: Subject) -> Table:
    """A row for each run and half second; the names carry the units, None where nothing was measured."""
    metrics = [metric for metric in Metric if any(metric in series for series in subject.series)]
    table: Table = {"run_id": [], "t_s": [], **{_heading(metric): [] for metric in metrics}}
    for run, series in zip(subject.runs, subject.series, strict=False):  # a long study has series of its first runs
        laid = {found.metric: found for found in overlay(series)}
        t_s = np.unique(np.concatenate([found.t_s for found in laid.values()])) if laid else np.empty(0)
        table["run_id"] += [run.run_id] * len(t_s)
        table["t_s"] += t_s.tolist()
        for metric in metrics:
            values = np.full(len(t_s), np.nan)
            if metric in laid:
                values[np.searchsorted(t_s, laid[metric].t_s)] = laid[metric].values[0]
            table[_heading(metric)] += [None if np.isnan(value) else float(value) for value in values]
    return table


def figures_table(subject: Subject) -> Table:
    """A row for each run: what it was, its figures and its settings."""
    settings = dict.fromkeys(name for run in subject.runs for name in run.config)
    table: Table = {
        "run_id": [run.run_id for run in subject.runs],
        "digest": [run.digest for run in subject.runs],
        "code_version": [run.code_version for run in subject.runs],
    }
    table |= {f"{f.name} ({f.unit})": [f.of(run.summary) for run in subject.runs] for f in FIGURES}
    return table | {name: [_text(run.config.get(name)) for run in subject.runs] for name in settings}


def to_csv(table: Table) -> bytes:
    """CSV with a header, empty where there is nothing. A text that a spreadsheet would calculate is quoted for it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table)
    writer.writerows([_cell(value) for value in row] for row in zip(*table.values(), strict=True))
    return text.getvalue().encode()


def to_parquet(table: Table) -> bytes:
    """Parquet, written by DuckDB; columns have the type of their values."""
    columns = ", ".join(f"unnest(${number}) AS {_quoted(name)}" for number, name in enumerate(table, 1))
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        place = Path(folder, "table.parquet")
        relation = connection.sql(f"SELECT {columns}", params=list(table.values()))
        relation.write_parquet(str(place))
        return place.read_bytes()


def _html(subject: Subject, _table: Table) -> bytes:
    from engine.experiments.report.page import report_html  # charts take half a second to load; a table needs none

    return report_html(subject).encode()


def _png(subject: Subject, _table: Table) -> bytes:
    from engine.experiments.report.charts import charts_of, png

    charts = charts_of(subject)
    if not charts:
        raise InvalidInput(f"There are no series to draw of {subject.title}.")
    return png(subject.title, charts)


FORMATS: Mapping[str, Callable[[Subject, Table], bytes]] = MappingProxyType(
    {
        ".html": _html,
        ".csv": lambda _, table: to_csv(table),
        ".parquet": lambda _, table: to_parquet(table),
        ".png": _png,
    }
)
"""What a report can be written as, by the end of its name."""


def report_bytes(subject: Subject, suffix: str, *, figures: bool = False) -> bytes:
    """A report as a file's content; `suffix`: one of FORMATS.

    `figures`: a table has one row for each run with its figures and settings, rather than the series.

    Raises:
        InvalidInput: another suffix, or nothing to draw.
    """
    if suffix not in FORMATS:
        raise InvalidInput(f"{suffix!r} is no format of a report; allowed: {', '.join(FORMATS)}.")
    table = {}
    if suffix in (".csv", ".parquet"):
        table = figures_table(subject) if figures else series_table(subject)
    return FORMATS[suffix](subject, table)


def write_report(subject: Subject, out: Path, *, figures: bool = False) -> None:
    """Write a report, whole or not at all. `figures`: as of `report_bytes`.

    Raises:
        InvalidInput: a name that ends otherwise, or nothing to draw.
        HistoryError: the file cannot be written.
    """
    if out.suffix not in FORMATS:
        raise InvalidInput(f"--out is {str(out)!r}; allowed: a name that ends in {', '.join(FORMATS)}.")
    content = report_bytes(subject, out.suffix, figures=figures)
    draft = out.with_name(f".{out.name}.{os.getpid()}.new")
    try:
        draft.write_bytes(content)
        draft.replace(out)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise HistoryError(f"{out} cannot be written: {error.strerror or error}.") from error


def _heading(metric: Metric) -> str:
    return f"{metric} p99 ({metric.unit})" if metric.kind == "latency" else f"{metric} ({metric.unit})"


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _cell(value: object) -> object:
    """A formula that came in a name stays a name. Source: OWASP, CSV Injection."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
