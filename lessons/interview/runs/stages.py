"""The three times at which a design is run: after step 5, after step 6, and for the debrief."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, replace
from statistics import stdev
from typing import Any

from engine import KNOBS, RunRequest, WorldConfig, with_strategy
from engine.errors import ExperimentFailed
from engine.experiments.pool import own_pool
from lessons.interview.base import Level
from lessons.interview.evidence.own import home_promised_ms
from lessons.interview.figures import figure
from lessons.interview.measured import UNFORESEEN, Part, Runs, SweepPoint, Unforeseen
from lessons.interview.runs import course as courses
from lessons.interview.runs.course import Course
from lessons.interview.runs.design import IMPLIED, SWITCHES, Design, config_diff, design_of, words_of
from lessons.interview.runs.drawn import NEW_REQUIREMENTS, Drawn, Variant
from lessons.interview.runs.looks import Watching
from lessons.interview.runs.moves import MOVES
from lessons.interview.runs.play import Job, play
from lessons.interview.runs.ran import First, Ran
from lessons.interview.sheet import Steps
from lessons.interview.transcript import Transcript

Told = Callable[[float], None]
"""Is told how much has been done, from 0 to 1."""
MOST_ABLATIONS, MOST_SINGLES, NOISE_SEEDS = 16, 4, 4
_SWEPT = {"hybrid": "strategy.threshold", "adaptive": "strategy.threshold", "delayed": "strategy.threshold",
          "cached_pull": "cache.ttl_s", "push_active": "strategy.active_days"}  # fmt: skip
_FEWER_WORKERS = (1.0, 2.0, 4.0)
_UNTOLD = 0.5
"""Of a new requirement about deletes, which are asked of in step 6 only: it is put where the other is no strain."""
_TELLS: Mapping[str, tuple[str, ...]] = {
    "mitigations.coalescing": ("U2",), "mitigations.soft_ttl": ("U2",), "mitigations.ttl_jitter": ("U2",),
    "mitigations.cache_warming": ("U2", "shard_down"), "mitigations.hot_key_copies": ("U2", "U1"),
    "mitigations.stale_if_error": ("shard_down",), "mitigations.fallback": ("shard_down",),
    "mitigations.circuit_breaker": ("U2",), "mitigations.shedding": ("U2",), "mitigations.back_pressure": ("U4", "U1"),
    "mitigations.celebrity_circuit": ("U1",), "mitigations.autoscaling": ("U4", "U1"),
    "fanout.lanes": ("U1", "U4"),
}  # fmt: skip
"""In which loads a mechanism is left out to see whether anything changes: those that it is for. None of the loads has a
job that never succeeds, so nothing is known of dead letters."""


def first(transcript: Transcript, drawn: Drawn, told: Told = lambda _: None) -> First:
    """The base run, and the design under both of the new requirements that were drawn: the one that bites is asked.

    Raises:
        InvalidInput: what the sheet lacks for a run.
    """
    design, level = design_of(transcript, seed=drawn.seed), _level(transcript)
    asked = [courses.changed(design, variant, level, variant) for variant in drawn.variants]
    ran = _play([courses.base(design), *asked], transcript, design, drawn.seed, told)
    strain = {variant: _strain(transcript, variant, ran[variant].part) for variant in drawn.variants}
    chosen = max(drawn.variants, key=lambda variant: strain[variant])
    broken = strain[chosen] > 1
    title = NEW_REQUIREMENTS[chosen].title
    why = (
        f"{title}: it breaks a promise of this design, {strain[chosen]:.3g} times what was promised (measured)."
        if broken
        else f"{title}: neither of two breaks a promise; it comes nearest, {strain[chosen]:.2g} of it (measured)."
    )
    before = replace(ran[chosen], scope="change_before")
    return First(design.knobs, design.scale, design.notes, chosen, why, (ran["base"], before))


def second(
    transcript: Transcript, drawn: Drawn, told: Told = lambda _: None, *, changed: Steps | None = None
) -> tuple[Ran, ...]:
    """The design as changed under the new requirement, the three unforeseen loads, and a lost server of home lists.

    The unforeseen loads meet the design as it is after the change.
    """
    before = design_of(transcript, seed=drawn.seed)
    after = design_of(transcript, changed, drawn.seed) if changed is not None else before
    jobs = [*(courses.unforeseen(after, which) for which in drawn.unforeseen), courses.shard_down(after)]
    variant = transcript.change.variant
    if variant is not None and config_diff(before, after):
        jobs.append(courses.changed(after, variant, _level(transcript), "change_after"))
    ran = _play(jobs, transcript, after, drawn.seed, told)
    return tuple(ran[job.scope] for job in jobs)


def last(transcript: Transcript, drawn: Drawn, told: Told = lambda _: None, *, changed: Steps | None = None) -> Runs:
    """What only the debrief needs: each mechanism left out, the threshold ten times lower and higher, fewer workers,
    each knob of the change alone, the next step, the base run with other seeds, the loads that were not shown."""
    before = design_of(transcript, seed=drawn.seed)
    after = design_of(transcript, changed, drawn.seed) if changed is not None else before
    jobs = {
        **{f"unforeseen/{which}": courses.unforeseen(after, which) for which in UNFORESEEN if which not in
           drawn.unforeseen},
        **{f"ablation/{name}": made for name, made in _ablations(transcript, after)},
        **{f"sweep/{name}": made for name, made in _sweeps(transcript, before)},
        **{f"single/{name}": made for name, made in _singles(transcript, before, after)},
        **{f"next/{name}": made for name, made in _next(transcript, after)},
    }  # fmt: skip
    named = [replace(made, scope=name) for name, made in jobs.items()]
    seeds = {f"noise/{number}": number for number in range(1, NOISE_SEEDS + 1)}
    ran = _play(named, transcript, after, drawn.seed, told, seeds, courses.short(before))
    return _runs(ran)


def config_of_change(transcript: Transcript, changed: Steps) -> Mapping[str, Any]:
    """What a changed sheet changes in what is run."""
    return config_diff(design_of(transcript), design_of(transcript, changed))


def _level(transcript: Transcript) -> Level:
    return transcript.level_target or "mid"


def _strain(transcript: Transcript, variant: Variant, part: Part) -> float:
    """The promise that is strained most: what was measured over what was promised."""
    found = []
    lag, promised = figure(part, "visible_lag_ms.p99"), part.slo.get("visible_lag")
    if lag is not None and promised is not None and promised.target:
        found.append(lag / promised.target)
    home, allowed = figure(part, "home_ms.p99"), home_promised_ms(transcript, part)
    if home is not None and allowed:
        found.append(home / allowed)
    if variant == "V6" and _level(transcript) != "mid":
        found = [(part.peak.drain_s or 0.0) / courses.CUT_OFF_S]
    if variant == "V4":
        how = transcript.steps.s6.structured.deletes
        late_s = figure(part, "deleted.longest_s")
        found = [late_s if late_s is not None else _UNTOLD if how is None else 0.0]
    return max(found, default=0.0)


# The runs of the debrief


def _ablations(transcript: Transcript, design: Design) -> Iterator[tuple[str, Course]]:
    made = 0
    for knob, scopes in _TELLS.items():
        if design.config.knob(knob) is not True:
            continue
        name = _said(transcript, knob)
        for scope in scopes:
            if made >= MOST_ABLATIONS:
                return
            course = courses.shard_down(design) if scope == "shard_down" else courses.unforeseen(design, scope)  # type: ignore[arg-type]
            made += 1
            yield f"{name}/{scope}", replace(course, config=course.config.with_knobs({knob: False}))


def _said(transcript: Transcript, knob: str) -> str:
    """The mechanism by the word that the candidate chose."""
    chosen = words_of(transcript.steps.s5.structured, transcript.steps.s6.structured)
    words = [word.partition(":")[2] for word in SWITCHES.get(knob, ()) if word in chosen]
    return words[0] if words and words[0] != "True" else knob.rpartition(".")[2]


def _sweeps(transcript: Transcript, design: Design) -> Iterator[tuple[str, Course]]:
    """A tenth, itself and ten times of what the strategy is set by, while all large accounts post; fewer workers, at
    the own peak all the time: whoever sized for it has not bought too much.

    A threshold is a tenth in real followers; it is named by a tenth of its value here, where its place is another.
    """
    course = courses.stars(design)
    knob = _SWEPT.get(design.config.strategy.name)
    if knob:
        own, real = design.config.knob(knob), transcript.steps.s3.structured.threshold
        for factor in (0.1, 1.0, 10.0):
            value = design.scaled.followers_here(factor * real) if knob.endswith("threshold") and real else own * factor
            bounded = KNOBS[knob].parse(round(value) if isinstance(own, int) else value)
            yield f"{knob}={own * factor}", replace(course, config=design.config.with_knobs({knob: max(1, bounded)}))
    for fewer in _FEWER_WORKERS:
        count = max(1, round(design.config.workers.count / fewer))
        yield (
            f"workers.count={count}",
            replace(courses.at_peak(design), config=design.config.with_knobs({"workers.count": count})),
        )


def _singles(transcript: Transcript, before: Design, after: Design) -> Iterator[tuple[str, Course]]:
    """Each knob of the change alone, where there are several."""
    diff, variant = config_diff(before, after), transcript.change.variant
    if len(diff) < 2 or variant is None:
        return
    for name in list(diff)[:MOST_SINGLES]:
        config = _with(before.config, {one: after.config.knob(one) for one in (name, *IMPLIED.get(name, ()))}
                       if name in KNOBS else {name: diff[name]})  # fmt: skip
        if config is not None:
            alone = replace(before, config=config)
            yield name, courses.changed(alone, variant, _level(transcript), "change_after")


def _next(transcript: Transcript, design: Design) -> Iterator[tuple[str, Course]]:
    move = MOVES.get(transcript.steps.s7.structured.next.change or "")
    if move is not None:
        config = _with(design.config, move.apply(design.config))
        if config is not None:
            yield "base", replace(courses.base(design), config=config)


def _with(config: WorldConfig, knobs: Mapping[str, Any]) -> WorldConfig | None:
    """With other settings; None for what the engine has no setting for, or where nothing changes."""
    own = {name: value for name, value in knobs.items() if name not in ("strategy", "world")}
    if set(own) - set(KNOBS) or not knobs:
        return None
    strategy = knobs.get("strategy")
    return (with_strategy(config, strategy) if strategy else config).with_knobs(own)


def together(ran: Mapping[str, Ran], rest: Runs | None = None) -> Runs:
    """All runs of an interview as its transcript has them: those of the first two stages by scope, and the last."""
    parts = {scope: one.part for scope, one in ran.items()}
    rest = rest or Runs()
    base = parts.get("base")
    if base is not None and rest.base is not None:
        base = base.model_copy(update={"noise": rest.base.noise})
    unforeseen = {**rest.unforeseen, **{one: parts[one] for one in UNFORESEEN if one in parts}}
    faults = {"shard_down": parts["shard_down"]} if "shard_down" in parts else {}
    return rest.model_copy(update={
        "base": base, "change_before": parts.get("change_before"), "change_after": parts.get("change_after"),
        "unforeseen": unforeseen, "faults": faults,
    })  # fmt: skip


def _runs(ran: Mapping[str, Ran]) -> Runs:
    unforeseen: dict[Unforeseen, Part] = {}
    ablation: dict[str, dict[str, Part]] = {}
    single: dict[str, Part] = {}
    sweep: list[SweepPoint] = []
    noise: list[Part] = []
    following = None
    for name, one in ran.items():
        kind, _, rest = name.partition("/")
        if kind == "unforeseen":
            unforeseen[rest] = one.part  # type: ignore[index]
        elif kind == "ablation":
            mechanism, _, scope = rest.partition("/")
            ablation.setdefault(mechanism, {})[scope] = one.part
        elif kind == "sweep":
            knob, _, value = rest.partition("=")
            sweep.append(SweepPoint.model_validate({**dict(one.part), "knob": knob, "value": float(value)}))
        elif kind == "single":
            single[rest] = one.part
        elif kind == "next":
            following = one.part
        elif kind == "noise":
            noise.append(one.part)
    base = Part(noise=_deviations(noise)) if len(noise) > 1 else None
    return Runs(base=base, unforeseen=unforeseen, ablation=ablation, change_single=single, sweep=tuple(sweep),
                next=following)  # fmt: skip


def _deviations(parts: Sequence[Part]) -> dict[str, float]:
    """Standard deviation of figures that claims compare, over replications."""
    found = {}
    for path in ("visible_lag_ms.p99", "visible_lag_ms.p95", "home_ms.p99", "home_ms.p95", "queue_depth_peak",
                 "write_amplification", "rows_per_read", "timeline_hit_rate"):  # fmt: skip
        values = [value for part in parts if (value := figure(part, path)) is not None]
        if len(values) > 1:
            found[path] = stdev(values)
    return found


# In processes of their own


@dataclass(frozen=True)
class _Order:
    name: str
    job: Job


def _play(jobs: Sequence[Course], transcript: Transcript, design: Design, seed: int, told: Told,
          others: Mapping[str, int] | None = None, again: Course | None = None) -> dict[str, Ran]:  # fmt: skip
    """All of them, by scope, as many at once as this machine has cores; `again`: with other seeds, by `others`."""
    slo = transcript.steps.s1.structured.slo
    watching = Watching(slo.home_pct or 99, transcript.steps.s6.structured.alarms, design.scale)
    full = others is None
    orders = [_Order(one.scope, Job(one, seed, watching, design.knobs, design.worker_share, full)) for one in jobs]
    if others and again is not None:
        orders += [_Order(name, Job(again, seed + number, watching, design.knobs, design.worker_share, False))
                   for name, number in others.items()]  # fmt: skip
    with own_pool([RunRequest(config=design.config)]) as (pool, _):
        return _gathered(pool, orders, told)


def _gathered(pool: Executor, orders: Sequence[_Order], told: Told) -> dict[str, Ran]:
    waiting: dict[Future[Ran], str] = {pool.submit(play, order.job): order.name for order in orders}
    ran: dict[str, Ran] = {}
    while waiting:
        done, _ = wait(waiting, return_when=FIRST_COMPLETED)
        for future in done:
            name = waiting.pop(future)
            try:
                ran[name] = future.result()
            except BrokenExecutor as error:
                raise ExperimentFailed(
                    "A process that ran the design died, perhaps for want of memory; try again."
                ) from error
            told(len(ran) / len(orders))
    return {order.name: ran[order.name] for order in orders}
