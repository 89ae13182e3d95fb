"""The tables that learners ask, declared once: what DuckDB makes of the history, and the documentation beside it."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.config import KNOBS
from engine.experiments.history.figures import FIGURES
from engine.observe.metric import Metric


@dataclass(frozen=True)
class Column:
    """One column. `sql`: how it comes out of the stored tables; `unit`: "" for what has none."""

    name: str
    sql: str
    unit: str
    text: str


@dataclass(frozen=True)
class LearnerTable:
    """One table. `source`: a FROM clause over the history's stored tables, which stand in schema `{h}`."""

    name: str
    text: str
    source: str
    columns: tuple[Column, ...]

    def select(self, schema: str) -> str:
        """The query that makes it."""
        columns = ", ".join(f'{column.sql} AS "{column.name}"' for column in self.columns)
        return f"SELECT {columns} FROM {self.source}".replace("{h}", schema)


def literal(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def _words(rows: Mapping[str, tuple[str, ...]], *columns: str) -> str:
    """A small table of words: (name, ...) for each row."""
    values = ", ".join(f"({', '.join(map(literal, (name, *row)))})" for name, row in rows.items())
    return f"(VALUES {values}) AS words({', '.join(columns)})"


def _figures() -> tuple[Column, ...]:
    return tuple(
        Column(
            figure.name,
            f"CAST(r.summary->>'$.{'.'.join(figure.path)}' AS DOUBLE)",
            figure.unit,
            f"{figure.text}; {figure.label}",
        )
        for figure in FIGURES
    )


_LOADED = ("posts", "replies", "reposts", "likes", "follows", "unfollows", "reads")
_FAULTS = ("missing", "duplicate", "foreign", "out_of_order")

RUNS = LearnerTable(
    "runs",
    "one row for each run: what was run, and its figures",
    "{h}.runs AS r",
    (
        Column("run_id", "r.run_id", "", "number of the run; `python -m engine history show` takes it"),
        Column("state", "r.state", "", "running, finished or interrupted; only a finished run has figures"),
        Column("began_at", "r.began_at", "UTC", "when the run was started"),
        Column("world", "r.config->>'world'", "", "who lives there: classroom, city or country"),
        Column("graph", "r.config->>'graph'", "", "name of the follow graph's file, if it came from one"),
        Column("strategy", "r.config->>'strategy'", "", "fan-out strategy"),
        Column("scenario", "r.config->>'scenario'", "", "what happened on top of the load"),
        Column("seed", "CAST(r.config->>'seed' AS BIGINT)", "", "of world and load"),
        Column("seconds", "CAST(r.config->>'seconds' AS DOUBLE)", "virtual s", "how long load arrived"),
        Column("digest", "r.load->>'digest'", "", "of the recorded load: runs with the same one can be compared"),
        Column("pinned", "r.pinned", "", "whether it is a baseline"),
        Column("study_id", "r.study_id", "", "comparison or sweep that it belongs to, if any"),
        Column("code_version", "r.code_version", "", "hash of the sources that made it"),
        *(
            Column(f"load_{name}", f"CAST(r.load->>'{name}' AS BIGINT)", name, f"{name} that arrived; recorded")
            for name in _LOADED
        ),
        *_figures(),
        *(
            Column(f"audit_{name}", f"CAST(r.audit->>'{name}' AS BIGINT)", "entries", f"{name} after the drain")
            for name in _FAULTS
        ),
        Column(
            "audit_lost_by_design",
            "CAST(r.audit->>'lost_by_design' AS BIGINT)",
            "entries",
            "left out on purpose by a strategy that says so",
        ),
        Column("audit_users", "CAST(r.audit->>'users' AS BIGINT)", "users", "whose lists the audit looked at"),
        Column("drained_at_s", "r.virtual_seconds", "virtual s", "when the last queue was empty"),
        Column("wall_s", "r.wall_seconds", "s", "real time that the run took; measured"),
    ),
)
SERIES = LearnerTable(
    "series",
    "what each run measured every half second",
    "{h}.series AS s LEFT JOIN "
    + _words({str(metric): (metric.unit,) for metric in Metric}, "metric", "unit")
    + " ON words.metric = s.metric",
    (
        Column("run_id", "s.run_id", "", "number of the run"),
        Column("metric", "s.metric", "", "what was measured; table `metrics` says what it means"),
        Column("t_s", "s.t_s", "virtual s", "end of the half second"),
        Column("value", "s.value", "see unit", "value there (latencies: p99); null where nothing was measured"),
        Column("unit", "words.unit", "", "unit of value"),
    ),
)
_KNOB_WORDS = _words({name: (knob.unit, str(knob.default)) for name, knob in KNOBS.items()}, "knob", "unit", "usual")
KNOBS_TABLE = LearnerTable(
    "knobs",
    "every setting of every run",
    "{h}.runs AS r, json_each(r.config) AS k JOIN " + _KNOB_WORDS + " ON words.knob = k.key",
    (
        Column("run_id", "r.run_id", "", "number of the run"),
        Column("knob", "k.key", "", "public name; `python -m engine knobs` says what it does"),
        Column("value", "k.value->>'$'", "see unit", "as text"),
        Column("number", "TRY_CAST(k.value->>'$' AS DOUBLE)", "see unit", "the same as a number, if it is one"),
        Column("unit", "words.unit", "", "unit of value"),
        Column("usual", "words.usual", "see unit", "the default; a world may have its own"),
    ),
)
SLO = LearnerTable(
    "slo",
    "what this Twitter promises, and whether each run kept it",
    "{h}.runs AS r, json_each(r.slo) AS p",
    (
        Column("run_id", "r.run_id", "", "number of the run"),
        Column("promise", "p.key", "", "visible_lag, fresh_share or home_latency"),
        Column("target", "CAST(p.value->>'target' AS DOUBLE)", "see unit", "what is promised"),
        Column("measured", "CAST(p.value->>'measured' AS DOUBLE)", "see unit", "null where nothing was counted"),
        Column("unit", "p.value->>'unit'", "", "of target and measured: ms or share"),
        Column("met", "CAST(p.value->>'met' AS BOOLEAN)", "", "whether the promise was kept"),
    ),
)
COSTS = LearnerTable(
    "costs",
    "machine time by station: modelled, from the price list",
    "{h}.runs AS r, json_each(r.cost) AS c WHERE c.key LIKE '%\\_s' ESCAPE '\\'",
    (
        Column("run_id", "r.run_id", "", "number of the run"),
        Column("station", "left(c.key, length(c.key) - 2)", "", "where the time was spent"),
        Column("busy_s", "CAST(c.value->>'$' AS DOUBLE)", "machine s", "service time, all servers together; modelled"),
    ),
)
METRICS = LearnerTable(
    "metrics",
    "what each series means",
    _words({str(m): (m.unit, str(m.kind), m.label, m.text) for m in Metric}, "metric", "unit", "kind", "label", "text"),
    (
        Column("metric", "words.metric", "", "name in `series`"),
        Column("unit", "words.unit", "", "unit of its values"),
        Column("kind", "words.kind", "", "latency, count (given per second) or level"),
        Column("label", "words.label", "", "its title on charts"),
        Column("meaning", "words.text", "", "what exactly is measured"),
    ),
)
STUDIES = LearnerTable(
    "studies",
    "comparisons and sweeps: groups of runs",
    "{h}.studies AS t",
    (
        Column("study_id", "t.study_id", "", "number of the study"),
        Column("kind", "t.kind", "", "comparison or sweep"),
        Column("recorded_at", "t.recorded_at", "UTC", "when it was kept"),
        Column("digest", "t.digest", "", "of the recorded load that its runs shared"),
        Column("runs", "(SELECT count(*) FROM {h}.runs r WHERE r.study_id = t.study_id)", "runs", "that belong to it"),
    ),
)
_HISTORY_TABLES = (RUNS, SERIES, KNOBS_TABLE, SLO, COSTS, METRICS, STUDIES)


def _columns_of(tables: tuple[LearnerTable, ...]) -> LearnerTable:
    rows = [(table.name, c.name, c.unit, c.text) for table in tables for c in table.columns]
    values = ", ".join(f"({', '.join(map(literal, row))})" for row in rows)
    return LearnerTable(
        "columns",
        "this documentation: every column with its unit",
        f"(VALUES {values}) AS words(t, c, u, m)",
        (
            Column("table_name", "words.t", "", "table"),
            Column("column_name", "words.c", "", "column"),
            Column("unit", "words.u", "", "unit of its values; empty where there is none"),
            Column("meaning", "words.m", "", "what it holds"),
        ),
    )


TABLES: tuple[LearnerTable, ...] = (*_HISTORY_TABLES, _columns_of(_HISTORY_TABLES))
"""All that a query can see, in the order in which it is explained."""
