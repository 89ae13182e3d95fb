"""The run history in sentences and tables."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from engine.errors import InvalidInput
from engine.experiments.history import FIGURES, KeptRun, RunState, changed_settings
from engine.observe import words

Row = dict[str, Any]
NOTHING = "–"
_PROMISES = {True: "kept", False: "broken", None: NOTHING}
_NAMES = {"any": "Any", "running": "Running", "finished": "Finished", "interrupted": "Interrupted"}
_TILES = (
    ("visible_lag_p99_ms", "Visible lag p99"),
    ("home_p99_ms", "Home read p99"),
    ("write_amplification", "Copies a post"),
    ("rows_per_read", "Rows a home page"),
    ("fresh_goodput_per_s", "Fresh goodput"),
)
_FIGURES = {figure.name: figure for figure in FIGURES}


def headline(runs: Sequence[KeptRun], path: Path, most: int) -> str:
    """How many there are, and where."""
    if not runs:
        return f"No run is kept yet. What you keep goes to `{path}`, with its settings, figures and series."
    count = f"The newest {most} runs" if len(runs) == most else f"{len(runs)} run{'' if len(runs) == 1 else 's'}"
    stopped = sum(run.state is RunState.INTERRUPTED for run in runs)
    told = f" {stopped} of them did not end." if stopped else ""
    return f"{count} kept in `{path}`.{told}"


def choice(value: str) -> str:
    """A filter's value as its list shows it."""
    return _NAMES.get(value, value)


def run_rows(runs: Sequence[KeptRun]) -> list[Row]:
    """The list."""
    return [
        {
            "Run": run.run_id,
            "Began (UTC)": run.began_at,
            "World": _text(run.config.get("graph") or run.config.get("world")),
            "Strategy": _text(run.config.get("strategy")),
            "Scenario": _text(run.config.get("scenario")),
            "Load": (run.digest or "")[:8] or NOTHING,
            "Visible lag p99": _figure("visible_lag_p99_ms", run),
            "Home p99": _figure("home_p99_ms", run),
            "Promises": _PROMISES[run.promises_kept],
            "State": choice(str(run.state)),
            "Baseline": "pinned" if run.pinned else "",
        }
        for run in runs
    ]


def run_columns() -> dict[str, Any]:
    """How the list shows its columns, and what it says of them."""
    modelled = "Waiting measured, service times modelled."
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    return {
        "Run": number(width="small", format="%d"),
        "Began (UTC)": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss"),
        "Load": text(help="First digits of the digest of the recorded load: the same ones, the same load."),
        "Visible lag p99": number(
            format="%,.0f ms", help=f"Whole run, 99 in 100 pairs of post and follower faster. {modelled}"
        ),
        "Home p99": number(format="%,.1f ms", help=f"Whole run, 99 in 100 home pages answered faster. {modelled}"),
        "Promises": text(help="Whether every promise (SLO) that could be judged was kept (measured)."),
    }


def name(run: KeptRun) -> str:
    """In a list to choose from."""
    return f"{run.run_id}: {run.title}{' (baseline)' if run.pinned else ''}"


def status(run: KeptRun) -> str:
    """What became of it, in a sentence or two."""
    parts = [f"Began {run.began_at:%F %T} UTC."]
    if run.state is RunState.FINISHED:
        load = f"load {run.digest[:8]}" if run.digest else "load not recorded"
        parts.append(f"{_seconds(run.virtual_seconds)} of virtual time until the last queue was empty, {load}.")
    if run.wall_seconds is not None:
        parts.append(f"Took {_seconds(run.wall_seconds)} of real time.")
    if run.study_id is not None:
        parts.append(f"Part of study {run.study_id}.")
    if run.pinned:
        parts.append("Pinned as a baseline.")
    parts.append(f"Code {run.code_version.removeprefix('sha256:')}.")
    return " ".join(parts)


def tiles(run: KeptRun, other: KeptRun | None) -> list[tuple[str, str, str | None, str]]:
    """(label, value, the other run's value, definition) of the main figures."""
    shown = []
    for figure_name, label in _TILES:
        figure = _FIGURES[figure_name]
        value = _with_unit(figure_name, figure.of(run.summary))
        beside = None if other is None else _with_unit(figure_name, figure.of(other.summary))
        told = f"{figure.text[0].upper()}{figure.text[1:]}; whole run ({figure.label})."
        shown.append((label, value, beside, told))
    return shown


def promise_lines(run: KeptRun) -> list[str]:
    """What this Twitter promises, and what was measured."""
    told = []
    for state in (run.slo or {}).values():
        unit = state["unit"]
        measured = "nothing was counted" if state["measured"] is None else f"measured {_of(state['measured'], unit)}"
        mark = {True: "Kept", False: "Broken", None: "Not judged"}[state["met"]]
        target = f": at least {_of(state['target'], unit)}" if unit == "share" else f" {_of(state['target'], unit)}"
        told.append(f"**{mark}**: {state['label']}{target}; {measured}.")
    return told


def settings_lines(run: KeptRun) -> list[str]:
    """The settings that are not the world's own."""
    try:
        changed = changed_settings(run)
    except InvalidInput as unknown:
        return [str(unknown)]
    share = run.config.get("celebrity_share")
    told = [] if share is None else [f"`celebrity_share` {share:g} of all people follow the largest account."]
    told += [f"`{c.name}` {_value(c.value)} {c.unit}, usually {_value(c.usual)}." for c in changed]
    return told or [f"Every setting is as {run.config.get('world')} has it."]


def figure_rows(run: KeptRun, other: KeptRun | None) -> list[Row]:
    """Every figure, of one run or of two with the change."""
    rows = []
    for figure in FIGURES:
        value = figure.of(run.summary)
        row = {"Figure": figure.name, "Unit": figure.unit, f"Run {run.run_id}": _plain(value)}
        if other is not None:
            beside = figure.of(other.summary)
            change = None if value is None or beside is None else value - beside
            row |= {
                f"Run {other.run_id}": _plain(beside),
                "Change": NOTHING if change is None else f"{change:+,.4g}" if change else "none",
            }
        rows.append({**row, "What it is": f"{figure.text} ({figure.label})"})
    return rows


def differing_rows(settings: dict[str, tuple[Any, Any]], first: int, second: int) -> list[Row]:
    """Settings that two runs do not share."""
    return [{"Setting": key, f"Run {first}": _value(a), f"Run {second}": _value(b)} for key, (a, b) in settings.items()]


def _text(value: Any) -> str:
    return NOTHING if value is None else str(value)


def _figure(figure_name: str, run: KeptRun) -> float | None:
    return _FIGURES[figure_name].of(run.summary)


def _with_unit(figure_name: str, value: float | None) -> str:
    if value is None:
        return NOTHING
    unit = _FIGURES[figure_name].unit
    if unit == "ms":
        return words.millis(value, 3)
    return f"{words.number(value, 3)}" + (f" {unit}" if unit.endswith("/s") else "")


def _of(value: float, unit: str) -> str:
    return words.share(value) if unit == "share" else f"{words.exactly(round(value, 1))} {unit}"


def _plain(value: float | None) -> str:
    return NOTHING if value is None else f"{value:,.6g}" if abs(value) < 1e6 else words.count(value)


def _seconds(value: float | None) -> str:
    return NOTHING if value is None else words.seconds(value, 3)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int | float):
        return words.exactly(value)
    return NOTHING if value is None else str(value)
