"""Queries to begin with: each answers a question that people ask of their runs."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import UnknownName


@dataclass(frozen=True)
class ReadyQuery:
    """One query. `question`: in plain words, what it answers."""

    slug: str
    question: str
    sql: str


_QUERIES = (
    ReadyQuery(
        "runs",
        "What has been run, and how far behind were readers?",
        "SELECT run_id, date_trunc('second', began_at) AS began_at, world, strategy, scenario,\n"
        "       visible_lag_p99_ms, home_p99_ms, deliveries\n"
        "FROM runs WHERE state = 'finished' ORDER BY run_id DESC",
    ),
    ReadyQuery(
        "strategies",
        "Which strategy kept readers least behind, on the same recorded load?",
        "SELECT left(digest, 8) AS load, strategy, count(*) AS runs,\n"
        "       median(visible_lag_p99_ms) AS visible_lag_p99_ms, median(home_p99_ms) AS home_p99_ms\n"
        "FROM runs WHERE state = 'finished'\n"
        "GROUP BY digest, strategy ORDER BY load, visible_lag_p99_ms",
    ),
    ReadyQuery(
        "bill",
        "Who pays: how much is written for each post, and how much is read for each page?",
        "SELECT strategy, avg(write_amplification) AS copies_per_post, avg(rows_per_read) AS rows_per_page,\n"
        "       avg(timeline_hit_rate) AS timeline_hit_rate\n"
        "FROM runs WHERE state = 'finished' GROUP BY strategy ORDER BY copies_per_post DESC",
    ),
    ReadyQuery(
        "promises",
        "Which promises were broken, and by how much?",
        "SELECT run_id, strategy, scenario, promise, target, measured, unit,\n"
        "       CASE WHEN met THEN 'kept' ELSE 'broken' END AS verdict\n"
        "FROM slo JOIN runs USING (run_id) ORDER BY met, run_id DESC",
    ),
    ReadyQuery(
        "busiest",
        "Which station worked most in each run, and what share of all machine time was it?",
        "SELECT run_id, strategy, station, busy_s, busy_s / sum(busy_s) OVER (PARTITION BY run_id) AS share\n"
        "FROM costs JOIN runs USING (run_id)\n"
        "QUALIFY row_number() OVER (PARTITION BY run_id ORDER BY busy_s DESC) = 1 ORDER BY run_id DESC",
    ),
    ReadyQuery(
        "worst_moment",
        "When was each run furthest behind, and how far?",
        "SELECT run_id, strategy, max_by(t_s, value) AS worst_at_s, max(value) AS fanout_lag_p99_ms\n"
        "FROM series JOIN runs USING (run_id) WHERE metric = 'fanout_lag'\n"
        "GROUP BY run_id, strategy ORDER BY fanout_lag_p99_ms DESC NULLS LAST",
    ),
    ReadyQuery(
        "queue",
        "How did the line in front of the fan-out workers grow and drain in the newest run?",
        "SELECT t_s, sum(value) AS copies_waiting\n"
        "FROM series WHERE metric IN ('queue_close', 'queue_rest')\n"
        "  AND run_id = (SELECT max(run_id) FROM runs WHERE state = 'finished')\n"
        "GROUP BY t_s ORDER BY t_s",
    ),
    ReadyQuery(
        "recovery",
        "For how long was the p99 of delivery over a second?",
        "SELECT run_id, strategy, count(*) FILTER (value > 1000) / 2.0 AS seconds_behind\n"
        "FROM series JOIN runs USING (run_id) WHERE metric = 'fanout_lag'\n"
        "GROUP BY run_id, strategy ORDER BY seconds_behind DESC",
    ),
    ReadyQuery(
        "little",
        "Does Little's law hold: mean copies waiting = deliveries a second x mean wait?",
        "WITH levels AS (\n"
        "  SELECT run_id, t_s, sum(value) AS waiting FROM series\n"
        "  WHERE metric IN ('queue_close', 'queue_rest') GROUP BY ALL),\n"
        "rates AS (SELECT run_id, avg(value) AS copies_per_s FROM series WHERE metric = 'deliveries' GROUP BY run_id)\n"
        "SELECT run_id, avg(waiting) AS copies_waiting, any_value(copies_per_s) AS copies_per_s,\n"
        "       1000 * avg(waiting) / nullif(any_value(copies_per_s), 0) AS implied_mean_wait_ms,\n"
        "       any_value(fanout_lag_p50_ms) AS fanout_lag_p50_ms\n"
        "FROM levels JOIN rates USING (run_id) JOIN runs USING (run_id) GROUP BY run_id ORDER BY run_id DESC",
    ),
    ReadyQuery(
        "changed",
        "Which settings of a run are not the usual ones?",
        "SELECT run_id, knob, value, usual, unit FROM knobs\n"
        "WHERE coalesce(number <> TRY_CAST(usual AS DOUBLE), lower(value) <> lower(usual)) OR knob = 'seed'\n"
        "ORDER BY run_id DESC, knob",
    ),
    ReadyQuery(
        "varied",
        "Which settings differ between runs, and over which values?",
        "SELECT knob, any_value(unit) AS unit, count(DISTINCT value) AS values_tried,\n"
        "       string_agg(DISTINCT value, ', ') AS tried\n"
        "FROM knobs GROUP BY knob ORDER BY values_tried DESC, knob LIMIT 12",
    ),
    ReadyQuery(
        "correct",
        "Was any home timeline wrong at the end?",
        "SELECT run_id, strategy, audit_users, audit_missing, audit_duplicate, audit_foreign, audit_out_of_order\n"
        "FROM runs WHERE state = 'finished' ORDER BY audit_missing + audit_duplicate + audit_foreign DESC, run_id",
    ),
    ReadyQuery(
        "read_write",
        "How many home pages are read for each post, and what does that do to the hit rate?",
        "SELECT run_id, strategy, load_reads / nullif(load_posts, 0) AS reads_per_post,\n"
        "       timeline_hit_rate, home_p99_ms\n"
        "FROM runs WHERE state = 'finished' ORDER BY reads_per_post DESC",
    ),
    ReadyQuery(
        "columns",
        "What tables and columns are there, and what do they mean?",
        'SELECT table_name, column_name, unit, meaning FROM "columns"',
    ),
)

READY: Mapping[str, ReadyQuery] = {query.slug: query for query in _QUERIES}
"""All of them by slug, in the order in which they are offered."""


def ready_query(slug: str) -> ReadyQuery:
    """One of them.

    Raises:
        UnknownName: there is none of this name; lists those that exist.
    """
    if slug not in READY:
        raise UnknownName(f"There is no ready query {slug!r}; allowed: {', '.join(READY)}.")
    return READY[slug]
