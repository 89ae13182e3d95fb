"""Published figures beside which an assumption is held: one that is far outside is asked about, and then used as given.

Sources: M. Kleppmann, Designing Data-Intensive Applications (2017), chapter 1, for November 2012; Twitter's record of
2013-08-03 (143,199 tweets in a second, 25 times the mean); the primer and the design texts for deliveries a post.
"""

from collections.abc import Mapping
from types import MappingProxyType

FAR = 100.0
"""Times beyond the smallest or the largest published figure."""
_DAY_S = 86_400
PUBLISHED: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "assume.posts_per_day": (3e8, 5e8),
        "assume.home_reads_per_day": (300_000.0 * _DAY_S, 300_000.0 * _DAY_S),
        "assume.fanout_mean": (10.0, 200.0),
        "assume.followers_max": (3e7, 3.1e7),
        "assume.peak": (2.6, 25.0),
    }
)
"""(smallest, largest) of each assumption that has any, by its path on the sheet of step 1."""


def is_far(path: str, value: float | None) -> bool:
    """Whether a value lies more than a hundred times outside of what was published; False where nothing was."""
    if value is None or path not in PUBLISHED:
        return False
    low, high = PUBLISHED[path]
    return not low / FAR <= value <= FAR * high


def question(path: str, value: float | None) -> str:
    """What the interviewer asks about such a value; empty for any other."""
    if not is_far(path, value):
        return ""
    return "More than 100 times off every published figure. Is it meant? It is used as it stands."
