"""Reliability, abuse, alarms, rollout."""

from collections.abc import Iterator

from lessons.interview.base import LEVELS, Level
from lessons.interview.evidence.credit import (
    Credit,
    Judge,
    Seen,
    better,
    choice,
    lacking,
    named,
    reasoned,
    with_run,
)  # fmt: skip
from lessons.interview.evidence.own import home_path, wrong_entries
from lessons.interview.figures import figure, told
from lessons.interview.measured import Part
from lessons.interview.reader import Reading
from lessons.interview.sheet import Alarm
from lessons.interview.transcript import Transcript

_GOODPUT = (0.9, 0.5)
_MOVED = (1.2, 2.0)
"""So many times the p99 without the burst."""
_MOST_ALARMS = 20
_FELT = ("home_latency", "hit_rate", "queue_depth", "failed_hydrations")
_LATE_S = 60.0
"""A deleted post may be seen so long where no freshness was promised."""


def retries(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """6a."""
    sheet = transcript.steps.s6.structured
    if sheet.natural_key is None:
        return lacking("key that makes a retry safe")
    shown = f"natural_key: {sheet.natural_key}, dead letters: {sheet.dlq}"
    if sheet.natural_key != "owner_post":
        return choice(0, shown, "A row of a list is one owner and one post; another key doubles or loses rows.")
    if level == "mid":
        return choice(1, shown, "Written twice, a row with this key is one row.")
    ends = sheet.dlq is True
    chosen = choice(
        1 if ends else 0.5, shown, f"The key is right; hopeless jobs {'' if ends else 'do not '}end somewhere."
    )
    part = transcript.run.unforeseen.get("U3")
    doubled = part.audit.duplicate if part else None
    verdict = None if doubled is None else float(doubled == 0)
    return with_run(chosen, Seen(verdict, f"{told(doubled, 'doubled rows')} under redelivery, U3 (measured)"))


def ladder(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """6b."""
    steps = transcript.steps.s6.structured.degrade
    if not steps:
        return lacking("order in which things are given up")
    shown = f"given up in this order: {named(steps)}"
    if steps[0] in ("error_page", "standby_of_everything"):
        return choice(0, shown, "Nothing is given up before everything is.")
    if "standby_of_everything" in steps:
        return choice(0.5, shown, "A standby of everything is no order.")
    ordered = len(steps) >= 2 and ("error_page" not in steps or steps[-1] == "error_page")
    chosen = choice(1 if ordered else 0.5, shown, "An order, the error page last." if ordered else "Not yet an order.")
    return with_run(chosen, _while_down(transcript))


def deletes(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """6c."""
    given = transcript.steps.s6.structured.deletes
    if given is None:
        return lacking("way to delete")
    shown = f"deletes: {given}"
    if given == "remove_before_answering":
        return choice(0, shown, "The answer would wait for every list.")
    said, seen = reasoned(reading.reason("6c")), _deleted_seen(transcript)
    measured = with_run(choice(1, shown, "What happens to a deleted post is fixed."), seen)
    if not said.credit:
        return better(measured, Credit(0.0, "T", said.reason, shown, None, said.confidence))
    why = f"What happens is fixed, and what it costs is said. {said.reason}"
    spoken = Credit(1.0 if said.credit == 1 else 0.5, "S+T", why, shown, said.quote, said.confidence)
    return better(measured, spoken)


def limits(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """6d."""
    given = transcript.steps.s6.structured.limits
    good = [one for one in ("posts", "follows") if one in given]
    if not given:
        return lacking("limit")
    chosen = choice(len(good) / 2, f"limits: {named(given)}", f"{len(good)} of posts and follows.")
    base, burst = transcript.run.base, transcript.run.unforeseen.get("U4")
    moved = [_times(base, burst, path) for path in (home_path(transcript), "visible_lag_ms.p99")]
    counted = [one for one in moved if one is not None]
    if not counted:
        return with_run(chosen, Seen(None, "no burst of spam was run"))
    worst = max(counted)
    verdict = 1.0 if worst <= _MOVED[0] else 0.5 if worst <= _MOVED[1] else 0.0
    return with_run(chosen, Seen(verdict, f"others' p99 under U4 = {told(worst, 'times')} (measured)"))


def alarms(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """6e. mid: the right figures; senior: with limits; staff: with actions, and before the promise breaks."""
    given = transcript.steps.s6.structured.alarms
    if not given:
        return lacking("alarm")
    shown = "; ".join(_told_alarm(one) for one in given[:6])
    ready = [one for one in given if _complete(one, level)]
    lag = any(one.metric == "visible_lag_p99" for one in ready)
    others = len({one.metric for one in ready if one.metric in _FELT})
    if len(given) > _MOST_ALARMS:
        return choice(0.5 if lag and others >= 2 else 0, shown, f"{len(given)} alarms are too many to answer.")
    need = {"mid": "", "senior": " with a limit", "staff": " with a limit and an action"}[level]
    why = f"Lag{need}: {'yes' if lag else 'no'}; others that people feel{need}: {others}, 2 are enough."
    chosen = choice(1 if lag and others >= 2 else 0.5 if lag + others >= 2 else 0, shown, why)
    return chosen if level == "mid" else with_run(chosen, _fired(transcript, level))


def rollout(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """6f."""
    sheet = transcript.steps.s6.structured
    if not sheet.rollout:
        return lacking("order of a rollout")
    stop = sheet.abort.metric is not None and sheet.abort.above is not None
    limit = told(sheet.abort.above, "", "nothing")
    shown = f"rollout: {named(sheet.rollout)}; stops at: {sheet.abort.metric} above {limit}"
    order = [one for one in sheet.rollout if one in ("shadow_compare", "share_of_users", "all_users")]
    if "switch_at_once" in sheet.rollout or order[:2] != ["shadow_compare", "share_of_users"]:
        return choice(0, shown, "First compared where nobody sees it, then given to a share of people.")
    return choice(
        1 if stop else 0.5, shown, "The order is safe" + (", and a figure stops it." if stop else "; nothing stops it.")
    )


def _while_down(transcript: Transcript) -> Seen:
    """What was still fresh while something was broken, in the loads that the candidate chose; wrong pages void it.

    Of all copies that were due in that run, those in time, where the run counted them: its load is not the base's.
    """
    runs = transcript.run
    parts = [(name, runs.faults[name]) for name in sorted(runs.faults)]
    shares = [(name, share) for name, part in parts if (share := _in_time(runs.base, part)) is not None]
    if not shares:
        return Seen(None, "no fault was run")
    name, share = min(shares, key=lambda one: one[1])
    wrong = sum(wrong_entries(part) or 0 for _, part in parts)
    shown = f"in time in {name} = {told(share, 'of all')}, {told(wrong, 'wrong entries')} (measured)"
    return Seen(0.0 if wrong else 1.0 if share >= _GOODPUT[0] else 0.5 if share >= _GOODPUT[1] else 0.0, shown)


def _in_time(base: Part | None, part: Part) -> float | None:
    """The share of copies in time; of the base's goodput, where the run did not count what was due."""
    due = part.slo.get("fresh_share")
    if due is not None and due.measured is not None:
        return due.measured
    good, now = figure(base, "fresh_goodput"), figure(part, "fresh_goodput")
    return None if not good or now is None else now / good


def _deleted_seen(transcript: Transcript) -> Seen:
    """How long deleted posts were served, in the first run that tells."""
    promised = transcript.steps.s1.structured.slo.fresh_s or _LATE_S
    for name, part in transcript.run.scopes().items():
        longest = part.deleted.longest_s
        if longest is None and part.deleted.served == 0:
            longest = 0.0
        if longest is not None:
            verdict = 1.0 if longest <= promised else 0.5 if longest <= 2 * promised else 0.0
            kind = "measured" if part.deleted.served is not None else "modelled"
            return Seen(verdict, f"deleted posts were served for {told(longest, 's')} at most, in {name} ({kind})")
    return Seen(None, "no delete was measured")


def _times(base: Part | None, burst: Part | None, path: str) -> float | None:
    before, after = figure(base, path), figure(burst, path)
    return None if not before or after is None else after / before


def _complete(alarm: Alarm, level: Level) -> bool:
    needs = [alarm.above is not None, alarm.action is not None]
    return all(needs[: LEVELS.index(level)])


def _told_alarm(alarm: Alarm) -> str:
    limit = "" if alarm.above is None else f" beyond {told(alarm.above)}"
    return f"{alarm.metric}{limit}{f', {alarm.action}' if alarm.action else ''}"


def _fired(transcript: Transcript, level: Level) -> Seen:
    """The alarms, replayed: where a promise broke one has to have fired; at staff before it broke."""
    replayed = {name: part for name, part in transcript.run.scopes().items() if part.alarms}
    broken = list(_answers(replayed))
    if not replayed:
        return Seen(None, "no alarm was replayed")
    if not broken:
        return Seen(1.0, f"no promise broke in {named(replayed)}, so none had to fire (measured)")
    needed = [one for one in broken if one[2] is None or (level == "staff" and one[2] > one[1])]
    scope, at_s, fired = min(needed or broken, key=lambda one: one[1])
    shown = f"{scope}: broken at {told(at_s, 's')}, first alarm at {told(fired, 's')} (measured)"
    if not needed:
        return Seen(1.0, shown)
    return Seen(0.5 if len(needed) < len(broken) or fired is not None else 0.0, shown)


def _answers(parts: dict[str, Part]) -> Iterator[tuple[str, float, float | None]]:
    """(scope, when a promise broke, when the first alarm fired) of each run with a breach."""
    for name, part in parts.items():
        breaches = [one.breached_at_s for one in part.stations.values() if one.breached_at_s is not None]
        at_s = part.breached_at_s if part.breached_at_s is not None else min(breaches, default=None)
        if at_s is not None:
            yield name, at_s, min((at for fired in part.alarms.values() for at in fired), default=None)


JUDGES: dict[str, Judge] = {
    "6a": retries, "6b": ladder, "6c": deletes, "6d": limits, "6e": alarms, "6f": rollout,
}  # fmt: skip
