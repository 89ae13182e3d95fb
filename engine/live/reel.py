"""The last minute of a world as it was seen, to be looked at again: a moment every half second of virtual time.

Kept are the band of every dot, the counts and the verdict, about 2.5 kB a moment and 0.3 MB a world whatever its size;
the numbers of the charts at that instant are the series' own, which reach back further.
"""

import math
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.clock import NS_PER_S
from engine.domain import I32, I64, U8
from engine.errors import InvalidInput, MurmurationError
from engine.live.dots import BAND_NAMES, Bands, LensKind
from engine.observe.metrics import SLOT_NS

KEPT_S = 60.0
_MOMENTS = round(KEPT_S * NS_PER_S) // SLOT_NS + 1
"""Both ends of the minute."""
CHEAP = 10_000
"""People up to whom a moment costs so little (0.1 to 0.4 ms, of some 12 ms that the half second takes) that it is kept
also while nobody watches; of a city it is a tenth of the time."""


@dataclass
class Moment:
    """What was to be seen at the end of one half second."""

    at_ns: int
    bands: U8
    """Of each dot."""
    counts: dict[str, int]
    """Of all people, by band."""
    furthest_ns: int
    slo_ms: float
    verdict: dict[str, Any] | None = None
    """As on the wire; None where nobody watched, so that none was given."""

    def frame(self) -> bytes:
        """A whole frame of dots."""
        return bytes([LensKind.BEHIND, 0]) + self.bands.tobytes()


class Reel:
    """The newest moments of one run, oldest first. Moments come in order."""

    def __init__(self, users: int) -> None:
        self.cheap = users <= CHEAP
        self._moments: deque[Moment] = deque(maxlen=_MOMENTS)

    def take(self, at_ns: int, behind_ns: I64, dots: I32, slo_ms: float) -> None:
        """Keep an instant: how far behind everybody is, shape (users,), and who of them are dots."""
        bands = Bands(slo_ms)
        of_all = bands.of(behind_ns)
        tally = np.bincount(of_all, minlength=len(BAND_NAMES)).tolist()
        counts = dict(zip(BAND_NAMES, tally, strict=True))
        self._moments.append(Moment(at_ns, of_all[dots], counts, int(behind_ns.max(initial=0)), slo_ms))

    def note_verdict(self, at_ns: int, verdict: dict[str, Any]) -> None:
        """What was said of the newest moment; of any other instant it is not kept."""
        if self._moments and self._moments[-1].at_ns == at_ns:
            self._moments[-1].verdict = verdict

    def __len__(self) -> int:
        return len(self._moments)

    @property
    def span_s(self) -> tuple[float, float]:
        """From when to when it can be looked back, virtual seconds.

        Raises:
            MurmurationError: nothing is kept yet.
        """
        if not self._moments:
            raise MurmurationError("There is nothing to look back at yet; it begins with the next half second.")
        newest_ns = self._moments[-1].at_ns
        oldest_ns = next(m.at_ns for m in self._moments if newest_ns - m.at_ns <= KEPT_S * NS_PER_S)
        return oldest_ns / NS_PER_S, newest_ns / NS_PER_S

    def at(self, t_s: float) -> Moment:
        """The moment nearest to an instant, the earlier of two; outside of the span its end.

        Raises:
            InvalidInput: no number.
            MurmurationError: nothing is kept yet.
        """
        if not math.isfinite(t_s):
            raise InvalidInput("An instant is a number of virtual seconds.")
        from_s, to_s = self.span_s
        wanted_ns = min(max(t_s, from_s), to_s) * NS_PER_S
        return min(self._moments, key=lambda moment: abs(moment.at_ns - wanted_ns))
