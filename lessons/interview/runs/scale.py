"""The small world that stands for a candidate's service: one person here is so many there.

Rates of posts and reads are divided by one factor N, chosen so that the largest account of the small world is the
candidate's largest; followers of the mean post stay as they are. So a post of the largest account waits as many seconds
for a pool of workers that is scaled by N too, and the queue of ordinary posts is about as long. What cannot stay in
proportion is said in `notes`.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from datasets.population import Population
from engine import build_population, preset_config
from engine.domain import I32
from engine.errors import InvalidInput
from engine.graph.measures import gamma_for_mean_fanout, mean_fanout_per_post, posting_weights
from lessons.interview.sheet import Assume

WORLD = "town"
_DAY_S = 86_400
_POSTS_PER_S = (3.0, 12.0)
"""Fewer show nothing in two minutes, and there is no time for more."""
_READS_PER_S, _READS_AT_PEAK, _COPIES_AT_PEAK = (1.0, 1_500.0), 6_000.0, 12_000.0
_PEAK = (1.0, 30.0)
_MOST_FOLLOWERS = 10_000_000.0
"""Of a threshold; more is none."""
_LARGEST_SHARE = 0.1
"""Of all people a day, as followers of the largest account where none was named."""
_FANOUT, _FOLLOWS, _USUAL_PEAK = 75.0, 200.0, 3.0
"""What a run takes where nothing was assumed: deliveries a post (High Scalability 2013), follows of the mean person,
busiest hour over the mean."""


@dataclass(frozen=True)
class Scaled:
    """A service in the small world."""

    factor: float
    """N: real rates over those here."""
    posts_per_s: float
    reads_per_s: float
    peak: float
    reads_peak: float
    author_exponent: float
    copies_post: float
    """Followers of the mean post here."""
    copies_factor: float
    """Real deliveries a second over those here: N, but where no graph has the candidate's followers a post."""
    follows_factor: float
    """Accounts that the mean person follows there over those here: so much dearer is asking one of them here."""
    fanout_mean: float
    """As assumed, or taken."""
    followers_max: float
    notes: tuple[str, ...]

    def followers_here(self, followers: float) -> int:
        """A threshold of the candidate's in this world: at the same place, by factors, between the mean post's
        followers and those of the largest account."""
        largest = float(_followers().max())
        if followers <= self.fanout_mean or self.followers_max <= self.fanout_mean:
            return max(1, round(min(followers, _MOST_FOLLOWERS)))
        place = math.log(followers / self.fanout_mean) / math.log(self.followers_max / self.fanout_mean)
        here: float = self.copies_post * (largest / self.copies_post) ** place
        return max(1, round(min(here, _MOST_FOLLOWERS)))


def scaled(assume: Assume) -> Scaled:
    """The small world for these assumptions.

    Raises:
        InvalidInput: without posts or reads a day there is nothing to run.
    """
    for value, what in ((assume.posts_per_day, "posts a day"), (assume.home_reads_per_day, "home pages a day")):
        if not value:
            raise InvalidInput(f"Step 1 has no {what}: a run needs them to know its load.")
    assert assume.posts_per_day
    assert assume.home_reads_per_day
    notes: list[str] = []
    fanout = _or_usual(assume.fanout_mean, _FANOUT, "followers of the mean post", notes)
    follows = _or_usual(assume.follows_mean, _FOLLOWS, "accounts that the mean person follows", notes)
    peak = _or_usual(assume.peak, _USUAL_PEAK, "times the mean at the peak", notes)
    counts = _followers()
    largest = float(counts.max())
    most = assume.followers_max or (_LARGEST_SHARE * assume.dau if assume.dau else 0.0) or 400 * fanout
    if not assume.followers_max:
        notes.append(f"You named no largest account; the run takes one with {most:,.0f} followers.")
    real_posts, real_reads = assume.posts_per_day / _DAY_S, assume.home_reads_per_day / _DAY_S
    wanted = max(most / largest, 1e-3)
    posts = min(max(real_posts / wanted, _POSTS_PER_S[0]), _POSTS_PER_S[1])
    posts = min(posts, _READS_PER_S[1] * real_posts / real_reads)
    factor = real_posts / posts
    if not math.isclose(factor, wanted, rel_tol=0.02):
        here = largest * factor
        notes.append(f"The largest account has {here:,.0f} followers in this run, not {most:,.0f}.")
    reads = max(real_reads / factor, _READS_PER_S[0])
    exponent, copies = _exponent(fanout)
    if not math.isclose(copies, fanout, rel_tol=0.03):
        notes.append(f"The mean post goes to {copies:.0f} followers in this run; its graph has none with {fanout:g}.")
    most_peak = max(1.0, min(_PEAK[1], _COPIES_AT_PEAK / (posts * copies)))
    bounded = min(max(peak, _PEAK[0]), most_peak)
    reads_peak = max(1.0, min(bounded, _READS_AT_PEAK / reads))
    if bounded != peak:
        notes.append(f"The peak of the run is {bounded:.3g} times the mean, not {peak:g}.")
    if reads_peak != bounded:
        notes.append(
            f"Reads rise to {reads_peak:.3g} times their mean at the peak of the run; there is time for no more."
        )
    return Scaled(
        factor=factor, posts_per_s=posts, reads_per_s=reads, peak=bounded, reads_peak=reads_peak,
        author_exponent=exponent, copies_post=copies, copies_factor=factor * fanout / copies,
        follows_factor=follows / _followees(),
        fanout_mean=fanout, followers_max=most, notes=tuple(notes),
    )  # fmt: skip


@lru_cache(maxsize=2)
def people(seed: int, exponent: float = 0.0) -> Population:
    """The small world's people."""
    return build_population(preset_config(WORLD, **{"seed": seed, "load.author_exponent": exponent}))


@lru_cache(maxsize=1)
def _followers() -> I32:
    """Of each account. The shape of the graph is the same for all seeds."""
    counts: I32 = people(0).graph.follower_counts
    return counts


def _followees() -> float:
    return float(_followers().mean())


@lru_cache(maxsize=64)
def _exponent(fanout: float) -> tuple[float, float]:
    """(how much more those with followers post, followers of the mean post that this gives)."""
    posting = np.sort(_followers())[: -_silent()]
    lowest, highest = (mean_fanout_per_post(posting, posting_weights(posting, gamma)) for gamma in (0.0, 1.0))
    if fanout <= lowest or fanout >= highest:
        gamma = 0.0 if fanout <= lowest else 1.0
        return gamma, lowest if gamma == 0 else highest
    gamma = gamma_for_mean_fanout(posting, fanout)
    return gamma, mean_fanout_per_post(posting, posting_weights(posting, gamma))


def _silent() -> int:
    """So many of the largest accounts post only when told to."""
    return len(np.flatnonzero(people(0).author_weight == 0))


def _or_usual(given: float | None, usual: float, what: str, notes: list[str]) -> float:
    if given:
        return given
    notes.append(f"You assumed no {what}; the run takes {usual:g}.")
    return usual
