"""`python -m engine history ...`: the run history from the command line, and `run --keep`.

What only one command needs (the history, the charts and their template) is loaded by that command: a plain `run` begins
at once, prints its result and leaves nothing behind. It is kept only where that is asked for.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import InvalidInput
from engine.experiments.place import ENVIRONMENT, history_path
from engine.write_path.strategies.own import own_spec

if TYPE_CHECKING:
    from engine.experiments.history import KeptRun, RunHistory
    from engine.experiments.run import RunRequest, RunResult

Options = argparse.Namespace


def add_history(commands: Any) -> None:
    """Add `history` and its own commands to the program's."""
    own = commands.add_parser("history", help="kept runs: list, compare, report, ask in SQL, make again")
    own = own.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, handle: Callable[[Options], None], doc: str, *, as_json: bool = False) -> Any:
        parser = own.add_parser(name, help=doc)
        parser.add_argument("--history", type=Path, metavar="FILE", help=f"else ${ENVIRONMENT}, or var/history.duckdb")
        if as_json:
            parser.add_argument("--json", action="store_true", help="print JSON")
        parser.set_defaults(handle=handle)
        return parser

    _add_filters(command("list", _list, "kept runs, newest first", as_json=True))
    command("show", _show, "one run: settings and figures", as_json=True).add_argument("run", type=int)
    command("pin", _pin, "make runs a baseline").add_argument("run", type=int, nargs="+")
    command("unpin", _unpin, "no longer a baseline").add_argument("run", type=int, nargs="+")
    command("delete", _delete, "remove runs with their series").add_argument("run", type=int, nargs="+")
    command("command", _command, "the command line that makes a run again").add_argument("run", type=int)
    again = command("rerun", _rerun, "make a run again and keep it", as_json=True)
    again.add_argument("run", type=int)
    again.add_argument("--redis", metavar="URL", default=os.environ.get("REDIS_URL"), help="if it ran on one")
    differing = command("diff", _diff, "two runs side by side", as_json=True)
    differing.add_argument("run", type=int)
    differing.add_argument("other", type=int, nargs="?", help="else the newest baseline of the same load or world")
    reporting = command("report", _report, "runs or a study as .html, .csv, .parquet or .png")
    reporting.add_argument("run", type=int, nargs="*")
    reporting.add_argument("--study", type=int, help="a kept comparison or sweep, instead of runs")
    reporting.add_argument("--figures", action="store_true", help="tables: a row for each run, not the series")
    reporting.add_argument("--out", type=Path, required=True, metavar="FILE")
    command("studies", _studies, "kept comparisons and sweeps", as_json=True)
    asking = command("sql", _sql, "ask in SQL: one SELECT; without one, what there is to ask", as_json=True)
    asking.add_argument("query", nargs="?")
    asking.add_argument("--ready", metavar="NAME", help="a query that is there already")


def add_keeping(parser: Any) -> None:
    """Add to `run` (`compare`, `sweep`) the options that keep what came out; without them nothing is left behind."""
    keeping = parser.add_mutually_exclusive_group()
    keeping.add_argument("--keep", action="store_true", help=f"keep it in the history (${ENVIRONMENT}, or var/)")
    keeping.add_argument("--telemetry", type=Path, metavar="FILE", help="keep it in this DuckDB file")


def run_asked(request: "RunRequest", options: Options) -> "RunResult":
    """Run, and keep the run if that was asked for."""
    from engine.experiments.run import run

    if not is_kept(options):
        return run(request)
    from engine.experiments.history import RunHistory, run_and_keep

    history = RunHistory(options.telemetry if options.telemetry is not None else history_path())
    run_id, result = run_and_keep(request, history)
    print(f"kept as run {run_id} in {history.path}", file=sys.stderr)
    return result


def is_kept(options: Options) -> bool:
    """Whether keeping was asked for."""
    return bool(options.keep or options.telemetry is not None)


def keep_study_asked(
    kind: str, result: dict[str, Any], runs: Sequence[Mapping[str, Any]], request: "RunRequest", options: Options
) -> None:
    """Keep what `compare` or `sweep` printed, with its runs, if that was asked for. `request`: what all runs share.

    In what is kept, somebody's own strategy goes by its file's bare name; hash and place are with each run.
    """
    if not is_kept(options):
        return
    from engine.experiments.history import RunHistory, inputs_of

    history = RunHistory(options.telemetry if options.telemetry is not None else history_path())
    text = json.dumps(result)
    for own in filter(None, map(own_spec, options.strategy)):
        text = text.replace(json.dumps(own.file)[1:-1], json.dumps(Path(own.file).name)[1:-1])
    study_id = history.keep_study(kind, json.loads(text), runs, inputs_of(request))
    print(f"kept as study {study_id} in {history.path}", file=sys.stderr)


def _add_filters(parser: Any) -> None:
    for name in ("world", "strategy", "scenario"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--digest", help="the first digits of the load's digest")
    parser.add_argument("--pinned", action="store_true", default=None, help="baselines only")
    parser.add_argument("--state", choices=("running", "finished", "interrupted"))
    parser.add_argument("--study", type=int, help="runs of this comparison or sweep")
    parser.add_argument("--since", type=_instant, metavar="TIME", help="begun then or later: 2026-11-22[T10:00], UTC")
    parser.add_argument("--until", type=_instant, metavar="TIME", help="begun then or earlier")
    parser.add_argument("--limit", type=int, default=50)


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{text!r} is no time; write it like 2026-11-22 or 2026-11-22T10:00, in UTC.") from None
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


def _path(options: Options) -> Path:
    return options.history if options.history is not None else history_path()


def _open(options: Options) -> "RunHistory":
    from engine.experiments.history import RunHistory

    return RunHistory(_path(options))


def _print_json(value: object) -> None:
    print(json.dumps(value, default=str))


def _list(options: Options) -> None:
    from engine.experiments.history import RunState, Wanted

    wanted = Wanted(
        world=options.world,
        strategy=options.strategy,
        scenario=options.scenario,
        digest=options.digest,
        pinned=options.pinned,
        state=RunState(options.state) if options.state else None,
        study_id=options.study,
        since=options.since,
        until=options.until,
        limit=options.limit,
    )
    found = _open(options).runs(wanted)
    if options.json:
        _print_json([run.to_json() for run in found])
        return
    print("\n".join(map(_line, found)) if found else "no runs; `python -m engine run --keep` keeps one")


def _line(run: "KeptRun") -> str:
    from engine.experiments.history import with_unit

    lag = ((run.summary or {}).get("visible_lag_ms") or {}).get("p99")
    end = f"visible lag p99 {with_unit(lag, 'ms')}" if lag is not None else run.note or ""
    pinned = " (baseline)" if run.pinned else ""
    digest = (run.digest or "")[:8]
    return f"{run.run_id:>5}  {run.began_at:%F %T}  {run.state:<11}  {digest:<8}  {run.title}{pinned}  {end}".rstrip()


def _show(options: Options) -> None:
    from engine.experiments.history import FIGURES, command_of, with_unit

    run = _open(options).run(options.run)
    if options.json:
        _print_json(run.to_json())
        return
    print(_line(run))
    for figure in FIGURES:
        print(f"{figure.name:>24}  {with_unit(figure.of(run.summary), figure.unit)}")
    print(command_of(run))


def _pin(options: Options) -> None:
    for run_id in options.run:
        _open(options).pin(run_id)


def _unpin(options: Options) -> None:
    for run_id in options.run:
        _open(options).pin(run_id, pinned=False)


def _delete(options: Options) -> None:
    _open(options).delete(options.run)


def _command(options: Options) -> None:
    from engine.experiments.history import command_of

    print(command_of(_open(options).run(options.run)))


def _rerun(options: Options) -> None:
    from engine.experiments.history import difference, run_again

    history = _open(options)
    run_id, result = run_again(history, options.run, redis_url=options.redis, own=True)
    result.world.close()
    if options.json:
        _print_json({"run_id": run_id, **result.report})
        return
    print(_line(history.run(run_id)))
    found = difference(history.run(options.run), history.run(run_id))
    changed = [part.figure.name for part in found.figures if part.first != part.second]
    print(found.sentence, f"Figures that differ: {', '.join(changed) or 'none'}.")


def _diff(options: Options) -> None:
    from engine.experiments.history import difference, shown, with_unit

    history = _open(options)
    run = history.run(options.run)
    other = history.run(options.other) if options.other is not None else history.baseline_of(run)
    if other is None:
        raise InvalidInput(f"There is no baseline for run {run.run_id}; name a second run, or pin one.")
    found = difference(other, run)
    if options.json:
        _print_json(found.to_json())
        return
    print(found.sentence)
    for name, (first, second) in found.settings.items():
        print(f"{name:>24}  {first} -> {second}")
    for part in found.figures:
        if part.change:
            unit = part.figure.unit
            print(f"{part.figure.name:>24}  {shown(part.first, unit)} -> {with_unit(part.second, unit)}")


def _report(options: Options) -> None:
    from engine.experiments.report import subject_of_runs, subject_of_study, write_report

    history = _open(options)
    if (options.study is None) == (not options.run):
        raise InvalidInput("A report is about runs or about one study: name runs, or --study NUMBER.")
    if options.study is not None:
        subject = subject_of_study(history, options.study)
    else:
        subject = subject_of_runs(history, options.run)
    write_report(subject, options.out, figures=options.figures)
    print(f"written: {options.out}", file=sys.stderr)


def _studies(options: Options) -> None:
    found = _open(options).studies()
    if options.json:
        _print_json([study.to_json() for study in found])
        return
    for study in found:
        digest = (study.digest or "")[:8]
        print(f"{study.study_id:>5}  {study.recorded_at:%F %T}  {digest:<8}  {study.title}, {len(study.run_ids)} runs")


def _sql(options: Options) -> None:
    from engine.experiments.console import READY, TABLES, ask, ready_query

    if options.query is not None and options.ready is not None:
        raise InvalidInput("Either a query of your own or --ready NAME; not both.")
    if options.query is None and options.ready is None:
        for table in TABLES:
            print(f"{table.name}  {table.text}")
            for column in table.columns:
                print(f"    {column.name}{f' [{column.unit}]' if column.unit else ''}  {column.text}")
        for query in READY.values():
            print(f"--ready {query.slug}  {query.question}")
        return
    answer = ask(options.query if options.ready is None else ready_query(options.ready).sql, _path(options))
    if options.json:
        _print_json({"columns": answer.columns, "rows": answer.rows, "truncated": answer.truncated})
        return
    print("\t".join(answer.columns))
    for row in answer.rows:
        print("\t".join("" if value is None else str(value) for value in row))
    if answer.truncated:
        print("there is more; ask for less of it", file=sys.stderr)
