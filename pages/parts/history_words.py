"""The run history in sentences and tables."""

from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from engine import preset_config
from engine.config import KNOBS
from engine.errors import InvalidInput
from engine.experiments.history import (
    FIGURES,
    KeptRun,
    KeptStudy,
    RunState,
    changed_settings,
    shown,
    unit_shown,
    with_unit,
)
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
_IN_SHORT = 2
_FIGURES = {figure.name: figure for figure in FIGURES}


def headline(runs: Sequence[KeptRun], studies: Sequence[KeptStudy], path: Path, most: int) -> str:
    """How many there are, and where."""
    if not runs and not studies:
        return f"No run is kept yet. What you keep goes to `{path}`, with its settings, figures and series."
    count = f"The newest {most} runs" if len(runs) == most else _counted(len(runs), "run", "runs")
    if studies:
        count += f" and {_counted(len(studies), 'study', 'studies')}"
    stopped = sum(run.state is RunState.INTERRUPTED for run in runs)
    told = f" {stopped} of them did not end." if stopped else ""
    return f"{count} kept in `{path}`.{told}"


def study_rows(studies: Sequence[KeptStudy]) -> list[Row]:
    """The list of comparisons and sweeps."""
    return [
        {
            "Study": study.study_id,
            "Kept (UTC)": study.recorded_at,
            "Kind": study.kind.capitalize(),
            "What": study.title.partition(" of ")[2],
            "Runs": len(study.run_ids),
            "Load": (study.digest or "")[:8] or NOTHING,
        }
        for study in studies
    ]


def study_columns() -> dict[str, Any]:
    """How that list shows its columns."""
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    return {
        "Study": number(width="small", format="%d"),
        "Kept (UTC)": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss"),
        "What": text(width="large"),
        "Runs": number(width="small", format="%d", help="Kept with it; each can be opened under Runs."),
        "Load": text(
            help="First digits of the digest of the recorded load that all strategies met, of the first seed; a sweep "
            "has one for each point."
        ),
    }


def study_name(study: KeptStudy) -> str:
    """In a list to choose from."""
    return f"{study.study_id}: {study.title}"


def study_status(study: KeptStudy) -> str:
    """When it was kept, with which runs, by which code."""
    parts = [f"Kept {study.recorded_at:%F %T} UTC, with {_counted(len(study.run_ids), 'run', 'runs')}"]
    parts[0] += f" ({study.run_ids[0]} to {study.run_ids[-1]})." if len(study.run_ids) > 1 else "."
    if study.digest:
        parts.append(f"Load {study.digest[:8]}.")
    return " ".join([*parts, f"Code {study.code_version.removeprefix('sha256:')}."])


def choice(value: str) -> str:
    """A filter's value as its list shows it."""
    return _NAMES.get(value, value)


def run_table(runs: Sequence[KeptRun]) -> Styler:
    """The list: numbers, so that it can be sorted by them, written as everywhere."""
    figures = {name: partial(with_unit, unit="ms") for name in ("Visible lag p99", "Home p99")}
    table = pd.DataFrame(_run_rows(runs)).astype(dict.fromkeys(figures, float) | {"Study": "Int64"})
    return table.style.format(figures, na_rep=NOTHING)


def _run_rows(runs: Sequence[KeptRun]) -> list[Row]:
    return [
        {
            "Run": run.run_id,
            "Began (UTC)": run.began_at,
            "World": _text(run.config.get("graph") or run.config.get("world")),
            "Strategy": _text(run.config.get("strategy")),
            "Settings": settings_in_short(run) or NOTHING,
            "Scenario": _text(run.config.get("scenario")),
            "Load": (run.digest or "")[:8] or NOTHING,
            "Visible lag p99": _figure("visible_lag_p99_ms", run),
            "Home p99": _figure("home_p99_ms", run),
            "Promises": _PROMISES[run.promises_kept],
            "State": choice(str(run.state)),
            "Study": run.study_id,
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
        "Settings": text(help="Those that the world does not have by itself."),
        "Load": text(help="First digits of the digest of the recorded load: the same ones, the same load."),
        "Study": number(width="small", format="%d", help="The comparison or sweep that it belongs to."),
        "Visible lag p99": number(help=f"Whole run, 99 in 100 pairs of post and follower faster. {modelled}"),
        "Home p99": number(help=f"Whole run, 99 in 100 home pages answered faster. {modelled}"),
        "Promises": text(help="Whether every promise (SLO) that could be judged was kept (measured)."),
    }


def name(run: KeptRun) -> str:
    """In a list to choose from."""
    return f"{run.run_id}: {title(run)}{' (baseline)' if run.pinned else ''}"


def title(run: KeptRun) -> str:
    """What was run, with the settings that are not its world's own."""
    return ", ".join(filter(None, (run.title, settings_in_short(run))))


def settings_in_short(run: KeptRun) -> str:
    """The same settings in a line: 'threshold=50'; of many the first."""
    usual = _usual(str(run.config.get("world")))
    told = [f"{name}={_value(run.config[name])}" for name in usual if run.config.get(name, usual[name]) != usual[name]]
    if run.config.get("celebrity_share") is not None:
        told.append(f"celebrity_share={run.config['celebrity_share']:g}")
    told += run.config.get("faults", [])
    more = [f"and {len(told) - _IN_SHORT} more"] if len(told) > _IN_SHORT else []
    return ", ".join([each.removeprefix("strategy.") for each in told[:_IN_SHORT]] + more)


@cache
def _usual(world: str) -> dict[str, Any]:
    """The settings that a world has by itself, but for its seed; of one that this version does not have, none."""
    try:
        config = preset_config(world)
    except InvalidInput:
        return {}
    return {name: config.knob(name) for name in KNOBS if name != "seed"}


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
        value = _tile(figure_name, figure.of(run.summary))
        beside = None if other is None else _tile(figure_name, figure.of(other.summary))
        told = f"{figure.text[0].upper()}{figure.text[1:]}; whole run ({figure.label})."
        shown.append((label, value, beside, told))
    return shown


def promise_lines(run: KeptRun) -> list[str]:
    """What this Twitter promises, and what was measured."""
    told = []
    for state in (run.slo or {}).values():
        unit, found = state["unit"], state["measured"]
        measured = "nothing was counted" if found is None else f"measured {with_unit(found, unit)}"
        mark = {True: "Kept", False: "Broken", None: "Not judged"}[state["met"]]
        least = ": at least" if unit == "share" else ""
        told.append(f"**{mark}**: {state['label']}{least} {with_unit(state['target'], unit)}; {measured}.")
    return told


def settings_lines(run: KeptRun) -> list[str]:
    """The settings that are not the world's own."""
    try:
        changed = changed_settings(run)
    except InvalidInput as unknown:
        return [str(unknown)]
    share = run.config.get("celebrity_share")
    told = [] if share is None else [f"`celebrity_share` {share:g} of all people follow the largest account."]
    told += [f"Fault `{fault}`." for fault in run.config.get("faults", [])]
    told += [f"`{c.name}` {_value(c.value)} {c.unit}, usually {_value(c.usual)}." for c in changed]
    return told or [f"Every setting is as {run.config.get('world')} has it."]


def figure_rows(run: KeptRun, other: KeptRun | None) -> list[Row]:
    """Every figure, of one run or of two with the change."""
    rows = []
    for figure in FIGURES:
        value = figure.of(run.summary)
        row = {"Figure": figure.name, "Unit": unit_shown(figure.unit), f"Run {run.run_id}": shown(value, figure.unit)}
        if other is not None:
            beside = figure.of(other.summary)
            change = None if value is None or beside is None else value - beside
            row |= {
                f"Run {other.run_id}": shown(beside, figure.unit),
                "Change": _change(change, figure.unit),
            }
        rows.append({**row, "What it is": f"{figure.text} ({figure.label})"})
    return rows


def differing_rows(settings: dict[str, tuple[Any, Any]], first: int, second: int) -> list[Row]:
    """Settings that two runs do not share."""
    return [{"Setting": key, f"Run {first}": _value(a), f"Run {second}": _value(b)} for key, (a, b) in settings.items()]


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _text(value: Any) -> str:
    return NOTHING if value is None else str(value)


def _figure(figure_name: str, run: KeptRun) -> float | None:
    return _FIGURES[figure_name].of(run.summary)


def _tile(figure_name: str, value: float | None) -> str:
    """A figure whose label says what is counted has no unit besides."""
    unit = _FIGURES[figure_name].unit
    return with_unit(value, unit if unit == "ms" or unit.endswith("/s") else "")


def _change(change: float | None, unit: str) -> str:
    if not change:
        return NOTHING if change is None else "none"
    text = shown(abs(change), unit)
    return f"{'+' if change > 0 else '−'}{text}{' points' if unit == 'share' else ''}"


def _seconds(value: float | None) -> str:
    return NOTHING if value is None else words.seconds(value, 3)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int | float):
        return words.exactly(value)
    return NOTHING if value is None else str(value)
