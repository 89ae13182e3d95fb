"""Reading the own run, the change, the next step, the cost, and what was not modelled."""

from lessons.interview import claims
from lessons.interview.base import Level
from lessons.interview.evidence.credit import Credit, Judge, Seen, choice, lacking, named, with_run
from lessons.interview.evidence.own import keeps_all
from lessons.interview.figures import figure, measured, told
from lessons.interview.measured import Part
from lessons.interview.reader import Reading
from lessons.interview.sheet import Station
from lessons.interview.transcript import Predicted, Transcript
from lessons.interview.units import FIGURES

_NEEDED = {"mid": 1, "senior": 2, "staff": 3}
_FACTOR = {"mid": float("inf"), "senior": 2.0, "staff": 1.5}
"""How near a prediction has to be; at mid the direction suffices."""
_NOTICED = 0.05
_MANY_KNOBS = 4
_READ_OFF = 0.25
_NEARLY = 0.8
_WAITS = ("visible_lag_ms", "fanout_lag_ms", "home_ms", "post_ms", "queue_depth_peak", "peak")
_SHOWN = ("base", "change_before", "change_after")
"""Runs whose charts everybody has seen."""
_LEFT_OUT = (
    "media", "network_between_regions", "garbage_collection", "people_on_call", "ranking_quality", "compaction", "dns",
)  # fmt: skip


def statements(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """7a."""
    checked = claims.check(transcript)
    if not checked:
        return lacking("statement about the own run", "R")
    against = [one for one in checked if one.counts_against]
    if against:
        first = against[0]
        return Credit(0.0, "R", f"Contradicted by the own run ({first.scope}).", first.figure, _short(first.claim.text))
    true = [one for one in checked if one.verdict == "true" and not one.claim.retracted]
    need = _NEEDED[level]
    shown = true[0] if true else checked[0]
    causes = level == "mid" or any(one.claim.cause for one in true)
    credit = 1.0 if len(true) >= need and causes else 0.5 if 2 * len(true) >= need and true else 0.0
    why = f"{len(true)} of {len(checked)} statements are true; {need} are expected" + (
        "." if causes else ", one of them with a cause."
    )
    return Credit(credit, "R", why, shown.figure, _short(shown.claim.text))


def bottleneck(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """7b."""
    given = transcript.steps.s7.structured.bottleneck
    if given is None:
        return lacking("bottleneck")
    scopes = {name: part for name, part in transcript.run.scopes().items() if part.stations}
    if not scopes:
        return Credit(0.0, "S", "No stations were measured.", f"bottleneck: {given}")
    first = {name: _first(part) for name, part in scopes.items()}
    broken = {name: part for name, part in scopes.items() if any(_at(part, one) is not None for one in part.stations)}
    elsewhere = any(given in first[name] for name in broken)
    decides = next((name for name in _SHOWN if name in broken), next(iter(scopes)))
    if decides in broken:
        credit = 1.0 if given in first[decides] else 0.5 if elsewhere else 0.0
    else:  # of the loads that nobody named only three were shown, so the busiest of the base is as right as their first
        credit = 1.0 if given in first[decides] or elsewhere else 0.0
    one = scopes[decides].stations.get(given)
    shown = f"bottleneck: {given}, utilisation {told(one.util if one else None, '')} in {decides} (measured)"
    said = {
        1.0: "It broke a promise or was full first.",
        0.5: f"It was first in another load; in {decides} it was {named(first[decides])}.",
        0.0: f"In {decides} it was {named(first[decides])}.",
    }
    return Credit(credit, "S+R", said[credit], shown)


def change(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """7c."""
    changed, runs = transcript.change.structured, transcript.run
    if not changed.config_diff:
        return _nothing_changed(transcript, level)
    if runs.change_before is None or runs.change_after is None:
        return Credit(0.0, "R", "The change was not run.", f"changed: {named(changed.config_diff)}")
    if not changed.predicts:
        return Credit(0.0, "R", "Nothing was predicted of the change.", f"changed: {named(changed.config_diff)}")
    first = {one.metric: one for one in reversed(changed.predicts)}
    graded = [_predicted(one, runs.change_before, runs.change_after, transcript.scale, level)
              for one in first.values()]  # fmt: skip
    credit, shown = max(graded)
    if credit == 1 and len(changed.config_diff) > _MANY_KNOBS and _one_sufficed(transcript):
        many = f"{len(changed.config_diff)} knobs were turned where one alone sufficed."
        return Credit(0.5, "R", many, shown)
    near = "in the right direction" if level == "mid" else f"within a factor of {_FACTOR[level]:g}"
    why = {1.0: f"The change moved it {near}.", 0.5: "The direction is right, the size is not.",
           0.0: "The change did not move it as predicted."}  # fmt: skip
    return Credit(credit, "R", why[credit], shown)


def next_step(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """7d."""
    given = transcript.steps.s7.structured.next
    if given.change is None or given.metric is None:
        return lacking("next step with a figure")
    unit = FIGURES[given.metric]
    shown = (
        f"{given.change}: {given.metric} from {told(given.from_, unit, 'nowhere')} to {told(given.to, unit, 'nowhere')}"
    )
    now = figure(transcript.run.base, given.metric, transcript.scale)
    if given.from_ is None or given.to is None:
        return choice(0, shown, "Without from and to it is a wish.")
    known = now is None or abs(given.from_ - now) <= _READ_OFF * abs(now) * (1 + 1e-9)
    why = (
        "A step with a figure, from where to where." if known else f"It starts elsewhere: {told(now, unit)} (measured)."
    )
    chosen = choice(1 if known else 0.5, shown, why)
    after = figure(transcript.run.next, given.metric, transcript.scale)
    if after is None or now is None:
        return with_run(chosen, Seen(None, "the step was not run"))
    verdict = _moved(now, after, given.to, 2.0)
    return with_run(chosen, Seen(verdict, f"run: {told(after, unit)} (measured)"))


def largest_cost(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """7e."""
    given = transcript.steps.s7.structured.cost_largest
    if given is None:
        return lacking("largest cost")
    cost = transcript.run.base.cost if transcript.run.base else {}
    work = {name.removesuffix("_s"): float(value) for name, value in cost.items()
            if name.endswith("_s") and isinstance(value, int | float) and not isinstance(value, bool)}  # fmt: skip
    if not work:
        return Credit(0.0, "S", "No cost was measured.", f"largest cost: {given}")
    most, own = max(work.values()), work.get(given, 0.0)
    largest = sorted(name for name, value in work.items() if value == most)
    shown = f"{given}: {told(own, 's of work')}; {named(largest)}: {told(most, 's of work')} (modelled)"
    credit = 1.0 if given in largest else 0.5 if own >= _NEARLY * most else 0.0
    said = {1.0: "It is the largest.", 0.5: "It is nearly as large as the largest.", 0.0: "Another is far larger."}
    return Credit(credit, "S+R", said[credit], shown)


def not_modelled(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """7f."""
    given = set(transcript.steps.s7.structured.not_modelled)
    if not given:
        return lacking("thing that is not modelled")
    right = [one for one in _LEFT_OUT if one in given]
    wrong = sorted(given - set(right))
    shown = f"not modelled: {named(sorted(given))}"
    why = f"{len(right)} are left out" + (f"; the engine does have {named(wrong)}." if wrong else ".")
    if len(right) >= 2 and not wrong:
        return choice(1, shown, why)
    return choice(0.5 if (len(right) >= 2 and len(wrong) == 1) or (right and not wrong) else 0, shown, why)


def _nothing_changed(transcript: Transcript, level: Level) -> Credit:
    """A design that keeps its promises under the new requirement needs no change; that has to be predicted, too."""
    before, predicts = transcript.run.change_before, transcript.change.structured.predicts
    if not predicts or not keeps_all(transcript, before):
        return Credit(0.0, "R", "Nothing was changed, and nothing predicted that held.", "no change")
    factor = _FACTOR["senior"] if level == "mid" else _FACTOR[level]
    best, shown = 0.0, "not measured"
    for one in predicts:
        found = figure(before, one.metric, transcript.scale)
        near = found is not None and _within(found, one.to, factor)
        if near or shown == "not measured":
            best, shown = max(best, float(near)), _told(one, None, found)
    why = "Nothing had to change, and that was predicted." if best else "Nothing had to change; the prediction is off."
    return Credit(best, "R", why, shown)


def _predicted(one: Predicted, before: Part, after: Part, scale: float, level: Level) -> tuple[float, str]:
    was, now = figure(before, one.metric, scale), figure(after, one.metric, scale)
    credit = 0.0 if was is None or now is None else _moved(was, now, one.to, _FACTOR[level])
    if was and now and not credit and _falls_back(one, was, now, _FACTOR[level] ** 2):
        credit = 0.5
    return credit, _told(one, was, now)


def _falls_back(one: Predicted, was: float, now: float, factor: float) -> bool:
    """Whether a wait or a queue fell to about what was predicted, though that is more than it was: what it was before
    the change is not known when the prediction is made."""
    waits = one.metric.partition(".")[0] in _WAITS
    return waits and now < was * (1 - _NOTICED) and was < one.to and _within(now, one.to, factor)


def _moved(was: float, now: float, to: float, factor: float) -> float:
    """1: in the direction that was predicted and near enough; 0.5: in that direction; 0: not."""
    if abs(now - was) <= _NOTICED * abs(was) or (now - was) * (to - was) <= 0:
        return 0.0
    return 1.0 if _within(now, to, factor) else 0.5


def _within(found: float, stated: float, factor: float) -> bool:
    if min(found, stated) <= 0:
        return found == stated or factor == float("inf")
    return max(found / stated, stated / found) <= factor * (1 + 1e-9)


def _one_sufficed(transcript: Transcript) -> bool:
    single = transcript.run.change_single
    return any(keeps_all(transcript, single[name]) for name in sorted(single) if measured(single[name]))


def _told(one: Predicted, was: float | None, now: float | None) -> str:
    unit = FIGURES[one.metric]
    before = f"{told(was, unit)} before, " if was is not None else ""
    return f"{one.metric}: {told(one.to, unit)} (your estimate); {before}{told(now, unit)} after (measured)"


def _first(part: Part) -> tuple[str, ...]:
    """The stations that broke a promise first; the busiest where none did."""
    breached = {name: at for name in part.stations if (at := _at(part, name)) is not None}
    return tuple(sorted(name for name, at in breached.items() if at == min(breached.values()))) or claims.guilty(part)


def _at(part: Part, station: Station | str) -> float | None:
    return part.stations[station].breached_at_s


def _short(text: str) -> str | None:
    """The first twenty words of a sentence."""
    words = text.split()
    return " ".join(words[:20]) + (" …" if len(words) > 20 else "") if words else None


JUDGES: dict[str, Judge] = {
    "7a": statements, "7b": bottleneck, "7c": change, "7d": next_step, "7e": largest_cost, "7f": not_modelled,
}  # fmt: skip
