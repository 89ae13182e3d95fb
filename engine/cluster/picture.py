"""A watched world in words, tiles and series: the form of the Load lab's, measured in wall time."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from engine.cluster.crew import pid_of
from engine.cluster.watch import Frame
from engine.live.series import LAG_WINDOW_S, RATE_S, rounded, thinned
from engine.observe import words

MEASURED = "measured, wall time"
ALIVE_MS = 10_000
"""Who has asked for work within this time is at work; a poll waits four seconds at most."""
SILENT_S = 2.5
"""A frame that is older says nothing of now: the server holds the line and does not answer."""
_TREND_POINTS = 60
_NOTHING = "–"
LAG_TEXT = (
    "From a post's acceptance to the instant at which its copy was in the follower's list in Redis, for the copies "
    "written in this window: 99 in 100 (p99), or half of them (p50), took at most this."
)
QUEUE_TEXT = (
    "Jobs in the stream that are not done. A job is one post for a range of its author's followers. Waiting: nobody "
    "has taken it. In hand: in the name of a worker, alive or dead."
)
DELIVERIES_TEXT = "Copies that were let into followers' lists, as workers counted them."
_PLANNED_TEXT = "Entries of the journal (posts, follows, unfollows) that the server gave to the queue."
_BEHIND_TEXT = "Entries that are in the journal, and so accepted, and whose fan-out is not in the queue yet."
_DEAD_TEXT = "Jobs given up after too many attempts. Readers pull their posts until they are redriven. "


class Local(NamedTuple):
    """What is known besides of a world whose processes were started here."""

    pids: Collection[int] = ()
    """Of the workers that are there."""
    state: Mapping[str, Any] = {}
    """What its server said last."""
    ended: bool = False
    """Its server has accepted all that it should."""
    failed: str | None = None
    """Why its server is gone."""


class Verdict(NamedTuple):
    """As the page's first line: `status` ok, watch, bad or off; a sentence, why, and what to try."""

    status: str
    line: str
    why: str = ""
    advice: str = ""


def trouble(frame: Frame, now_s: float) -> str | None:
    """What is wrong with Redis, in one sentence; a server that says nothing is trouble too."""
    silent_s = now_s - frame.at_s
    if frame.trouble is None and frame.at_s and silent_s > SILENT_S:
        return "The Redis server holds the line and does not answer."
    return frame.trouble


def verdict(frame: Frame, now_s: float, slo_s: float, local: Local | None) -> Verdict:
    """How the world is; the worst first."""
    wrong = trouble(frame, now_s)
    reached = frame.reached and not (wrong and frame.trouble is None)
    if local and local.failed:
        return Verdict("bad", "The server is gone: nothing is accepted.", local.failed, "Post on, or stop everything.")
    if wrong:
        line = "Redis takes no writes: lists stand still." if reached else "Degraded: Redis cannot be asked."
        since_s = frame.at_s if frame.troubled_since_s is None else frame.troubled_since_s
        return Verdict("bad", line, f"For {words.seconds(max(now_s - since_s, 0.0))}; asking goes on.")
    if not frame.reached:
        return Verdict("off", "Asking Redis.")
    if not frame.served:
        if local:
            return Verdict("off", "Starting: the world is being brought to Redis.", "People, follows and lists first.")
        return Verdict(
            "off", "No world of this name is served there.", "Redis answers, and has nothing under the name.",
            "Start `python -m engine serve-world` with this name.",
        )  # fmt: skip
    return _served(frame, slo_s, local)


def _served(frame: Frame, slo_s: float, local: Local | None) -> Verdict:
    at_work = [one for one in frame.workers if state_of(one.name, one.idle_ms, local) == "at work"]
    gone = [one for one in frame.workers if one not in at_work and one.pending]
    jobs = frame.waiting + frame.taken
    lag_s = max(frame.lag_p99_ms or 0.0, frame.oldest_ms or 0.0) / 1000
    if not at_work and jobs:
        return Verdict("bad", f"No worker is at work: {_many(jobs, 'job')} {_do(jobs)} not move.", "", "Add a worker.")
    if gone:
        held = sum(one.pending for one in gone)
        return Verdict(
            "watch", f"{_many(held, 'job')} of a dead worker {_do(held, 'waits', 'wait')} to be taken over.",
            "Whoever has had a job for too long is taken to be dead, and another worker claims it (XAUTOCLAIM).",
        )  # fmt: skip
    if lag_s > slo_s:
        return Verdict(
            "bad", f"Copies are late: {words.seconds(lag_s)}, promised are {words.exactly(slo_s)} s.",
            f"{_many(jobs, 'job')} in the queue, {_many(len(at_work), 'worker')} at work.", "Add a worker.",
        )  # fmt: skip
    if frame.dead:
        return Verdict(
            "watch", f"{_many(frame.dead, 'job')} {_do(frame.dead, 'was', 'were')} given up.",
            "Readers pull these posts meanwhile.", "Mend the cause, then redrive.",
        )  # fmt: skip
    if frame.lag_p99_ms is None:
        told = "All that was to be posted is posted." if local and local.ended else "Nothing was posted just now."
        return Verdict("ok", "At rest: every job is done.", told)
    rate = f"{words.number(frame.deliveries_per_s or 0.0, 3)} copies/s"
    return Verdict(
        "ok", f"On time: p99 {words.seconds(frame.lag_p99_ms / 1000)}, {rate}.",
        f"{_many(len(at_work), 'worker')} at work, {_many(jobs, 'job')} in the queue.",
    )  # fmt: skip


def tiles(frame: Frame, columns: Mapping[str, list[float | None]], slo_s: float, local: Local | None) -> list[Any]:
    """Six numbers, each with its window and definition."""
    lag_ms, oldest_ms = frame.lag_p99_ms, frame.oldest_ms
    accepted, behind = _accepted(local), _behind(frame, local)
    jobs = frame.waiting + frame.taken
    queued = [_plus(*pair) for pair in zip(columns["queue_waiting"], columns["queue_taken"], strict=True)]
    known = frame.reached and frame.served
    per_s = f"last {RATE_S:.0f} s"
    return [
        _tile(
            "Fan-out lag p99", None if lag_ms is None else words.seconds(lag_ms / 1000),
            f"last {LAG_WINDOW_S:.0f} s", LAG_TEXT,
            raw=None if lag_ms is None else lag_ms / 1000, slo=slo_s,
            trend=[None if ms is None else ms / 1000 for ms in columns["lag_p99"]],
        ),
        _tile(
            "Oldest waiting", words.seconds((oldest_ms or 0.0) / 1000) if known else None, "now",
            "How long ago the post of the oldest job that is not done was accepted.",
            raw=(oldest_ms or 0.0) / 1000 if known else None, slo=slo_s,
            trend=[None if ms is None else ms / 1000 for ms in columns["lag_oldest"]],
        ),
        _tile(
            "Queue depth", _many(jobs, "job") if known else None,
            f"{frame.taken:,} in hand" if known else "now", QUEUE_TEXT, trend=queued,
        ),
        _tile(
            "Deliveries", _rate(frame.deliveries_per_s, "copies"), per_s, DELIVERIES_TEXT,
            trend=columns["deliveries_per_s"],
        ),
        _tile(
            "Planned", _rate(frame.planned_per_s, "entries"), per_s,
            f"{_PLANNED_TEXT} {accepted}".strip(), trend=columns["planned_per_s"],
        ),
        _tile(
            "Behind the journal", None if behind is None else _many(behind, "entry", "entries"),
            "now" if behind is not None else "only its server knows",
            f"{_BEHIND_TEXT} {accepted}".strip(), trend=[],
        ),
    ]  # fmt: skip


def facts(frame: Frame, local: Local | None) -> list[list[str]]:
    """(what, how much) of what needs no tile."""
    server = frame.server
    told = [
        ["Dead letters", f"{frame.dead:,}"],
        ["Jobs taken over since this watch began", f"{frame.taken_over:,}"],
        ["Planned up to entry", "not known" if frame.mark is None else f"{frame.mark:,}"],
    ]
    if local and "accepted" in local.state:
        told.append(["Posts accepted by this server", f"{local.state['accepted']:,}"])
    if server:
        most = f" of {_megabytes(server.most_bytes)}" if server.most_bytes else ""
        told.append(["Redis", f"{server.version}, up {words.seconds(server.up_s)}"])
        told.append(["Its memory", f"{_megabytes(server.used_bytes)}{most}"])
        told.append(["Its connections", f"{server.clients:,}"])
    return told


def worker_rows(frame: Frame, local: Local | None) -> list[dict[str, str]]:
    """A row for each worker: those at work first."""
    rows = [
        {
            "Worker": one.name,
            "State": state_of(one.name, one.idle_ms, local),
            "In hand": f"{one.pending:,}",
            "Last seen": f"{words.seconds(one.idle_ms / 1000)} ago",
        }
        for one in frame.workers
    ]
    return sorted(rows, key=lambda row: row["State"] != "at work")


def state_of(name: str, idle_ms: int, local: Local | None) -> str:
    """Of a worker: at work, killed, or silent."""
    if local is not None and pid_of(name) and pid_of(name) not in local.pids:
        return "killed"
    return "at work" if idle_ms < ALIVE_MS else "silent"


def picture(
    frame: Frame,
    columns: Mapping[str, list[float | None]],
    flags: Sequence[tuple[float, str]],
    now_s: float,
    slo_s: float,
    local: Local | None,
) -> dict[str, Any]:
    """All that the live element draws. `flags`: (t, what happened)."""
    wrong, said = trouble(frame, now_s), verdict(frame, now_s, slo_s, local)
    return {
        "verdict": {"status": said.status, "line": said.line, "why": said.why, "try": said.advice},
        "degraded": bool(wrong) and not (frame.reached and frame.trouble),
        "banner": _banner(wrong, frame, local),
        "tiles": tiles(frame, columns, slo_s, local),
        "facts": facts(frame, local),
        "series": _series(columns),
        "flags": [{"t": round(t, 2), "label": label, "kind": "change"} for t, label in flags],
        "slo_s": slo_s,
    }


def _series(columns: Mapping[str, list[float | None]]) -> dict[str, list[float | None]]:
    """Four significant digits, but for the time: a watch may last."""
    times = [None if t is None else round(t, 2) for t in columns["t"]]
    return {key: rounded([_nan(value) for value in values]) for key, values in columns.items()} | {"t": times}


def _banner(wrong: str | None, frame: Frame, local: Local | None) -> str:
    """What is wrong and what goes on meanwhile; it stays the same while nothing changes, for it is read out."""
    if not wrong:
        return ""
    if frame.reached and frame.trouble:
        return f"{wrong} Workers hold what they have, and go on when it takes writes again."
    on = " Posts go on being accepted into the journal." if local and not local.ended else ""
    return f"{wrong}{on} The table and the charts end with what was seen before."


def _tile(
    label: str,
    value: str | None,
    window: str,
    text: str,
    *,
    trend: Sequence[float | None],
    raw: float | None = None,
    slo: float | None = None,
) -> dict[str, Any]:
    return {
        "label": label,
        "value": _NOTHING if value is None else value,
        "window": window,
        "text": text,
        "kind": MEASURED,
        "raw": raw,
        "slo": slo,
        "unit": "",
        "trend": rounded(thinned([_nan(each) for each in trend], _TREND_POINTS)) if trend else [],
    }


def _accepted(local: Local | None) -> str:
    if local is None or "accepted" not in local.state:
        return ""
    return f"Its server has accepted {_many(local.state['accepted'], 'post')}."


def _behind(frame: Frame, local: Local | None) -> int | None:
    """Entries accepted and not planned, as the server said last."""
    journal = local.state.get("journal") if local else None
    planned = local.state.get("planned") if local else None
    return max(int(journal) - int(planned), 0) if journal is not None and planned is not None else None


def _rate(per_s: float | None, what: str) -> str | None:
    return None if per_s is None else f"{words.number(per_s, 3)} {what}/s"


def _plus(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a + b


def _nan(value: float | None) -> float:
    return float("nan") if value is None else value


def _many(number: float, thing: str, things: str = "") -> str:
    return f"{words.count(number)} {thing if number == 1 else things or f'{thing}s'}"


def _do(number: int, one: str = "does", many: str = "do") -> str:
    return one if number == 1 else many


def _megabytes(size: int) -> str:
    return f"{words.number(size / 1e6, 3)} MB"
