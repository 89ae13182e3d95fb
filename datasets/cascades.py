"""Cascades: who reposted a post, and when. Reading real ones, measuring them, drawing ones like them.

A drawn cascade grows in generations. A share of the reposts comes from the post itself, the others from earlier
reposts, in proportion to their followers. A repost follows what it reposts after a delay with the published power law
of human reaction times, unless the post has gone stale first; and while the day is quiet, everything takes longer.

Sources: Zhao, Erdogdu, He, Rajaraman and Leskovec, SEISMIC (KDD 2015): the delays, and the data, of which the files are
16 cascades. Kobayashi and Lambiotte, TiDeH (ICWSM 2016): staleness and the rhythm of the day. What is fitted here, and
how well: datasets/README.md.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from datasets.day import DAY_HOURS, volume_until
from engine.domain import F64, I64
from engine.errors import InvalidTrace

LEAST_REPOSTS = 2_000
"""The files hold cascades of this size and above."""
SIZE_EXPONENT = 2.77
"""P(reposts = x) ~ x ** -exponent from LEAST_REPOSTS on: maximum likelihood over the 16, standard error 0.44."""
DIRECT_SHARES = (0.15, 0.9)
"""Least and largest share of reposts that come from the post itself; drawn evenly on a log scale. Fitted."""
MEDIAN_FOLLOWERS = (32, 524)
"""Median followers of reposters in the real cascades: least and largest. The more direct a cascade, the fewer."""

_FOLLOWERS_SIGMAS = (0.92, 1.57)
"""Spread (of the logarithm) of reposters' followers within a real cascade: least and largest."""
_PROMPT_S = 300.0
_DELAY_POWER = 0.242
"""SEISMIC's memory kernel: even for 5 minutes, then density ~ s ** -(1 + 0.242). Published."""
_STALE_S = 15 * 3600.0
"""Mean of the exponential time for which a post or a repost is still looked at. Fitted."""


@dataclass(frozen=True, eq=False)
class Cascade:
    """One post's reposts. `at_s` F64[n] ascending, seconds after the post; `followers` I64[n] of each reposter."""

    name: str
    root_followers: int
    at_s: F64
    followers: I64


@dataclass(frozen=True, kw_only=True)
class CascadeFigures:
    """What one cascade measures; times in hours, shares of its reposts."""

    reposts: int
    half_h: float
    """When half of all reposts had come."""
    first_hour: float
    """Share of reposts within an hour."""
    t10: float
    """When 10 % had come, over the half-time; likewise t25, t75 and t90."""
    t25: float
    t75: float
    t90: float
    first_day: float
    """Share of reposts within 24 hours."""
    median_followers: float
    followers_ratio: float
    """Ninth decile of the reposters' followers over the median."""


def load_cascade(path: str | Path) -> Cascade:
    """Read a cascade file: `<reposts> <start in days>`, then `<seconds> <followers>` of the post and of each repost.

    Raises:
        InvalidTrace: naming the file, what is wrong with it and what is allowed.
    """
    file = Path(path)
    try:
        rows = [[float(word) for word in line.split()] for line in file.read_text().splitlines() if line.strip()]
        head, *table = rows
        at_s, followers = np.array([(seconds, count) for seconds, count in table]).reshape(-1, 2).T
    except (OSError, ValueError) as error:
        raise _invalid(file, "cannot be read", "lines of two numbers") from error
    if len(at_s) < 2 or len(head) != 2 or head[0] != len(at_s) - 1:
        raise _invalid(file, f"{max(0, len(at_s) - 1)} reposts", "at least one, and as many as the first line says")
    ordered = np.isfinite(at_s).all() and at_s[0] == 0 and (np.diff(at_s) >= 0).all()
    if not ordered or not np.isfinite(followers).all() or (followers < 0).any():
        raise _invalid(file, "times or followers out of order", "seconds from 0 on that do not fall, followers >= 0")
    return Cascade(file.name, int(followers[0]), at_s[1:], followers[1:].astype(np.int64))


def measure_cascade(cascade: Cascade) -> CascadeFigures:
    """The figures by which cascades are compared."""
    t10, t25, half, t75, t90 = np.quantile(cascade.at_s, (0.1, 0.25, 0.5, 0.75, 0.9)).tolist()
    middle, ninth = np.quantile(cascade.followers, (0.5, 0.9)).tolist()
    return CascadeFigures(
        reposts=len(cascade.at_s),
        half_h=half / 3600,
        first_hour=float((cascade.at_s <= 3600).mean()),
        t10=t10 / half,
        t25=t25 / half,
        t75=t75 / half,
        t90=t90 / half,
        first_day=float((cascade.at_s <= 86_400).mean()),
        median_followers=middle,
        followers_ratio=ninth / max(middle, 1.0),
    )


def draw_sizes(rng: np.random.Generator, count: int) -> I64:
    """Reposts of `count` cascades of LEAST_REPOSTS and more, shape (count,).

    The power law by inversion: below LEAST_REPOSTS nothing is known here, so nothing is drawn.
    """
    sizes: I64 = np.floor(LEAST_REPOSTS * (1 - rng.random(count)) ** (-1 / (SIZE_EXPONENT - 1))).astype(np.int64)
    return sizes


def draw_cascade(
    rng: np.random.Generator, reposts: int, *, direct_share: float | None = None, hour: float | None = None
) -> Cascade:
    """A cascade of exactly `reposts` reposts, of a post written at `hour` of the day (UTC).

    Without `direct_share` one is drawn from DIRECT_SHARES, without `hour` any hour: at which hours of their readers'
    day the real ones were written is not known. The root's followers are not modelled: 0.

    Raises:
        ValueError: no reposts, or a direct share outside (0, 1].
    """
    low, high = DIRECT_SHARES
    direct = _between(DIRECT_SHARES, rng.random()) if direct_share is None else direct_share
    if reposts < 1 or not 0 < direct <= 1:
        raise ValueError(f"{reposts} reposts, direct share {direct:g}; allowed: 1 or more, above 0 and up to 1.")
    written_at = rng.uniform(0, DAY_HOURS) if hour is None else hour
    travelled = float(np.clip(np.log(high / direct) / np.log(high / low), 0, 1))
    followers = _followers(rng, reposts, travelled)
    at_s = _by_the_day(_generations(rng, followers, direct), written_at)
    order = np.argsort(at_s, kind="stable")
    return Cascade("drawn", 0, at_s[order], followers[order])


def _generations(rng: np.random.Generator, followers: I64, direct: float) -> F64:
    """Seconds after the post of each repost in a day that is always the same, parents first; shape of `followers`."""
    at_s = np.zeros(len(followers))
    begin, parents, pull = 0, np.zeros(1), np.ones(1)
    while begin < len(followers):
        end = begin + max(1, int(np.ceil(direct * (len(followers) - begin))))
        edges = np.cumsum(pull)
        parent = np.searchsorted(edges, rng.random(end - begin) * edges[-1], side="right")
        at_s[begin:end] = parents[np.minimum(parent, len(parents) - 1)] + _delays(rng, end - begin)
        parents, pull = at_s[begin:end], np.maximum(followers[begin:end], 1).astype(np.float64)
        begin = end
    return at_s


def _delays(rng: np.random.Generator, count: int) -> F64:
    """Seconds from seeing to reposting: the memory kernel, cut short where the post is stale first; shape (count,)."""
    prompt = _DELAY_POWER / (1 + _DELAY_POWER)  # the kernel's share within _PROMPT_S
    left = 1 - rng.random(count)
    late = _PROMPT_S * (left * (1 + _DELAY_POWER)) ** (-1 / _DELAY_POWER)
    delay_s = np.where(left > 1 - prompt, (1 - left) / prompt * _PROMPT_S, late)
    return np.minimum(delay_s, rng.exponential(_STALE_S, count))


def _followers(rng: np.random.Generator, count: int, travelled: float) -> I64:
    """Followers of reposters: log-normal around a median that is larger in a cascade that travels; shape (count,)."""
    # the root bends the line so that half of the cascades lie above a median of 231, as of the real ones above 270
    median = _between(MEDIAN_FOLLOWERS, np.sqrt(travelled))
    sigma = rng.uniform(*_FOLLOWERS_SIGMAS)
    drawn: I64 = np.round(median * rng.lognormal(0.0, sigma, count)).astype(np.int64)
    return drawn


def _between(ends: tuple[float, float], way: float) -> float:
    """From the first (way 0) to the second (way 1), evenly on a log scale."""
    return float(ends[0] * (ends[1] / ends[0]) ** way)


def _by_the_day(even_s: F64, hour: float) -> F64:
    """When it happens if people are there by the day's curve: a second's worth of activity takes longer at night."""
    minute = np.linspace(0, DAY_HOURS, 1_441)
    days, rest = np.divmod(volume_until(np.array(hour)) + even_s / 3600, DAY_HOURS)
    clock = days * DAY_HOURS + np.interp(rest, volume_until(minute), minute)
    stretched: F64 = np.maximum(clock - hour, 0) * 3600  # a rounding error is no repost before the post
    return stretched


def _invalid(file: Path, reason: str, allowed: str) -> InvalidTrace:
    return InvalidTrace(f"{file}: {reason}; allowed: {allowed}.")
