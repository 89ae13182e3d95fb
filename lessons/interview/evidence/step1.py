"""Requirements: what is in, what is out, promises, numbers that follow from each other."""

from lessons.interview.base import Level
from lessons.interview.estimates import Estimate, estimates_of
from lessons.interview.evidence.credit import (
    Credit,
    Judge,
    choice,
    halves,
    lacking,
    named,
    reasoned,
    tell_estimate,
    why_estimate,
)  # fmt: skip
from lessons.interview.evidence.own import configured, largest
from lessons.interview.figures import told
from lessons.interview.reader import Reading
from lessons.interview.sheet import Sheet1
from lessons.interview.transcript import Transcript

_CORE = ("post", "follow", "home", "profile")
_MOST_MUSTS = 8
_LEFT_OUT = ("ads", "dm", "ranking", "search", "trust_safety")
_FEWEST_LEFT_OUT = 3
_BUILDS = {
    "search_cluster": "search", "ad_server": "ads", "message_store": "dm", "ranking_models": "ranking",
    "moderation_pipeline": "trust_safety",
}  # fmt: skip
_FRESH_S = (1.0, 60.0)
_PEAK = (3.0, 30.0)
_ABSURD_PEAK = 1000.0
_SKEW = 100.0
_DIGITS = 5
_SAME_S = 2.0
_FOLLOWS_FROM = {
    "reads_per_post": ("ready_made_lists", "references_only", "cache_tiers"),
    "deliveries_s": ("fan_out_later", "more_workers", "merge_at_read", "active_lists_only"),
    "peak_deliveries_s": ("fan_out_later", "more_workers"),
    "followers_max": ("largest_apart", "merge_at_read"),
    "home_ms": ("ready_made_lists",),
    "fresh_s": ("more_workers", "largest_apart", "ready_made_lists"),
    "timeline_gb": ("references_only", "active_lists_only"),
}


def requirements(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """1a."""
    must = transcript.steps.s1.structured.must
    if not must:
        return lacking("requirement")
    core = [one for one in _CORE if one in must]
    order = {one: place for place, one in enumerate(must)}
    swallowed = any(order.get(one, 99) < order.get("home", 99) for one in ("search", "dm"))
    first, many = must[0] in ("home", "post"), len(must) > _MOST_MUSTS
    shown = f"must: {named(must)}"
    if len(core) == len(_CORE) and first and not swallowed and not many:
        return choice(1, shown, "All four are in, and the feed comes first.")
    if len(core) >= 3 and {"home", "post"} <= set(core) and not swallowed:
        missing = named(one for one in _CORE if one not in core)
        why = (
            f"Missing: {missing}." if len(core) < 4 else "More than eight." if many else "Neither home nor post first."
        )
        return choice(0.5, shown, why)
    return choice(0, shown, "Search or messages stand above home." if swallowed else "Too much of the core is missing.")


def non_goals(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """1b."""
    given = transcript.steps.s1.structured.non_goals
    if not given:
        return lacking("non-goal")
    stores = transcript.steps.s4.structured.extra_stores
    built = [one for one in stores if _BUILDS.get(one) in given]
    shown = f"left out: {named(given)}"
    if built:
        return choice(0, shown, f"It returns as a component: {named(built)}.")
    out = len([one for one in _LEFT_OUT if one in given])
    if out >= _FEWEST_LEFT_OUT:
        return choice(1, shown, f"{out} of the five large subjects are out.")
    return choice(0.5 if out == 2 else 0, shown, f"{out} of the five large subjects are out; 3 are enough.")


def slo(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """1c."""
    given = transcript.steps.s1.structured.slo
    if not given.model_fields_set:
        return lacking("promise")
    shown = "; ".join(
        f"{name} = {value:g}" if isinstance(value, float | int) else f"{name} = {value}"
        for name, value in given.model_dump(exclude_none=True).items()
    )
    if given.home_consistency in ("strong", "total_order") or given.post_ack == "exactly_once" or given.fresh_s == 0:
        return choice(0, shown, "Every list right at every instant is more than can be paid for.")
    parts = [
        given.post_ack == "durable",
        given.home_consistency == "eventual",
        given.fresh_s is not None and _FRESH_S[0] <= given.fresh_s <= _FRESH_S[1],
        given.home_ms is not None and given.home_pct is not None,
    ]
    good = sum(parts)
    return choice({4: 1, 3: 0.5}.get(good, 0), shown, f"{good} of 4 promises have what they need.")


def rates(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """1d."""
    made = estimates_of(transcript)
    three = [made[name] for name in ("posts_s", "reads_s", "deliveries_s")]
    if all(one.value is None for one in three):
        return lacking("rate per second", "E")
    shown = "; ".join(tell_estimate(one) for one in three if one.value is not None)
    credits = [one.credit for one in three]
    worst = min(three, key=lambda one: one.credit)
    if min(credits) == 1:
        if any(_digits(one.value) >= _DIGITS for one in three):
            return Credit(0.5, "E", "More digits than the assumptions carry.", shown)
        return Credit(1.0, "E", "All three follow from the own assumptions within a factor of 2.", shown)
    if _took_the_users_mean(transcript.steps.s1.structured, three[2]):
        why = "deliveries_s fits the follows of the mean person; it needs the followers of the mean post."
        return Credit(0.5 if min(credits[:2]) >= 0.5 else 0.0, "E", why, shown)
    good = len([one for one in credits if one >= 0.5])
    return Credit(0.5 if good >= 2 else 0.0, "E", why_estimate(worst), shown)


def skew(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """1e."""
    given = transcript.steps.s1.structured.assume
    if given.peak is None and given.followers_max is None:
        return lacking("peak or largest account", "S+E")
    times, most = told(given.peak, "x", "not given"), told(given.followers_max, "followers", "not given")
    shown = f"peak = {times}, largest account = {most} (your numbers)"
    if given.peak is not None and given.peak >= _ABSURD_PEAK:
        return Credit(0.0, "S+E", "Nobody builds for a thousand times the mean.", shown)
    peak = given.peak is not None and _PEAK[0] <= given.peak <= _PEAK[1]
    top = bool(given.followers_max and given.fanout_mean and given.followers_max >= _SKEW * given.fanout_mean)
    why = (
        f"The peak is {'' if peak else 'not '}3 to 30 times the mean; the largest account is {'' if top else 'not '}"
        + ("100 times the mean post's followers.")
    )
    return Credit(halves((peak + top) / 2), "S+E", why, shown)


def driver(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """1f."""
    given = transcript.steps.s1.structured.driver
    if given.number is None or given.decision is None:
        return lacking("number with the decision that it implies", "S")
    shown = f"{given.number} decides {given.decision}"
    if given.decision not in _FOLLOWS_FROM[given.number]:
        return choice(0, shown, "The decision does not follow from this number.")
    alone = choice(0.5, shown, "Number and decision fit; what carries the decision was not found.")
    if _in_the_design(given.decision, transcript):
        return Credit(1.0, "S+R", "Number and decision fit, and the design that was run has the decision.", shown)
    said = reasoned(reading.reason("1f"))
    if said.credit >= 1:
        return Credit(1.0, "S+T", "Number and decision fit, and the text says why.", shown, said.quote, said.confidence)
    return Credit(alone.credit, alone.kind, alone.reason, alone.figure, None, said.confidence)


def _took_the_users_mean(sheet: Sheet1, deliveries: Estimate) -> bool:
    """Whether the deliveries are right for the follows of the mean person, and wrong for those of the mean post."""
    follows, fanout = sheet.assume.follows_mean, sheet.assume.fanout_mean
    if deliveries.credit == 1 or deliveries.value is None or not follows or deliveries.reference is None or not fanout:
        return False
    mistaken = deliveries.reference / fanout * follows
    return max(deliveries.value / mistaken, mistaken / deliveries.value) <= _SAME_S if deliveries.value else False


def _digits(value: float | None) -> int:
    """Significant digits; the zeros at the end of a whole number are none."""
    if value is None:
        return 0
    return len(f"{value:.12g}".partition("e")[0].replace(".", "").strip("0"))


def _in_the_design(decision: str, transcript: Transcript) -> bool:
    """Whether the world that was run has what the number decided."""
    strategy, base = configured(transcript), transcript.run.base
    if base is None or strategy is None:
        return False
    lists = strategy not in ("pull", "cached_pull")
    top = largest(base)
    return {
        "ready_made_lists": lists,
        "merge_at_read": strategy in ("pull", "cached_pull", "hybrid", "adaptive", "per_edge"),
        "largest_apart": strategy in ("hybrid", "adaptive", "delayed", "per_edge") or (top is not None and not lists),
        "fan_out_later": lists and transcript.steps.s5.structured.queue in ("durable", "in_process"),
        "more_workers": "workers.count" in transcript.config,
        "active_lists_only": strategy == "push_active",
        "references_only": transcript.steps.s2.structured.timeline_holds == "references",
        "cache_tiers": "cache.posts" in transcript.config,
    }[decision]


JUDGES: dict[str, Judge] = {
    "1a": requirements, "1b": non_goals, "1c": slo, "1d": rates, "1e": skew, "1f": driver,
}  # fmt: skip
