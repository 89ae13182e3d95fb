"""A report as one HTML file: everything in it, no script, nothing fetched, everything from outside escaped."""

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from engine.config import KNOBS
from engine.errors import InvalidInput
from engine.experiments.history.again import command_of
from engine.experiments.history.figures import FIGURES
from engine.experiments.history.rows import Json, KeptRun
from engine.experiments.history.values import shown, unit_shown, with_unit
from engine.experiments.report.charts import Chart, charts_of, svg
from engine.experiments.report.study import told_by
from engine.experiments.report.subject import Subject

_FAULTS = ("missing", "duplicate", "foreign", "out_of_order")
_KEPT = {True: "kept", False: "broken", None: "not judged"}


def report_html(subject: Subject) -> str:
    """The page. A browser that opens it asks nobody for anything, and its own policy forbids it to."""
    environment = Environment(
        loader=PackageLoader("engine.experiments.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"figure": shown, "unit": unit_shown}
    return environment.get_template("report.html.j2").render(
        title=subject.title,
        runs=[_of_run(run) for run in subject.runs],
        names=subject.names,
        charts=[_of_chart(chart) for chart in charts_of(subject)],
        figures=[(figure, [figure.of(run.summary) for run in subject.runs]) for figure in FIGURES],
        costs=_costs(subject.runs),
        settings=_settings(subject.runs),
        study=told_by(subject.study),
    )


def _of_run(run: KeptRun) -> Json:
    return {
        "run": run,
        "digest": run.digest,
        "promises": [_promise(state) for state in (run.slo or {}).values()],
        "audit": _audit(run.audit),
        "command": _command(run),
        "inputs": [(kind, given["name"], given.get("sha256")) for kind, given in run.inputs.items()],
    }


def _command(run: KeptRun) -> str | None:
    """None where this version cannot make the run again."""
    try:
        return command_of(run, places=False)
    except InvalidInput:
        return None


def _promise(state: Mapping[str, Any]) -> tuple[str, str]:
    """(kept, broken or not judged; the sentence)."""
    unit = state["unit"]
    target = f"{state['label']} {with_unit(state['target'], unit)}"
    if unit == "share":
        target = f"{state['label']}: at least {with_unit(state['target'], unit)}"
    measured = "nothing was counted" if state["measured"] is None else f"measured {with_unit(state['measured'], unit)}"
    return _KEPT[state["met"]], f"{target}; {measured}"


def _audit(audit: Mapping[str, Any] | None) -> str | None:
    if audit is None:
        return None
    wrong = [f"{audit[name]:,} {name.replace('_', ' ')}" for name in _FAULTS if audit.get(name)]
    found = ", ".join(wrong) if wrong else "nothing missing, duplicate, foreign or out of order"
    lost = f"; {audit['lost_by_design']:,} left out by design" if audit.get("lost_by_design") else ""
    return f"After the drain, in the home timelines of {audit['users']:,} users: {found}{lost}."


def _of_chart(chart: Chart) -> Json:
    return {
        "heading": chart.heading,
        "text": chart.metric.text,
        "in_words": chart.in_words,
        "svg": Markup(svg(chart)),  # matplotlib has escaped what it was given
    }


def _costs(runs: tuple[KeptRun, ...]) -> list[tuple[str, list[float | None]]]:
    stations = dict.fromkeys(name for run in runs for name in (run.cost or {}) if name.endswith("_s"))
    return [(name[:-2].replace("_", " "), [(run.cost or {}).get(name) for run in runs]) for name in stations]


def _settings(runs: tuple[KeptRun, ...]) -> list[tuple[str, str, list[Any], bool]]:
    """(name, unit, value of each run, whether they differ), those that differ first."""
    names = dict.fromkeys(name for run in runs for name in run.config)
    rows = []
    for name in names:
        values = [run.config.get(name) for run in runs]
        rows.append((name, KNOBS[name].unit if name in KNOBS else "", values, any(v != values[0] for v in values)))
    return sorted(rows, key=lambda row: not row[3])
