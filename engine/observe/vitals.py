"""What the verdict looks at: one moment of a world in a few numbers, smoothed by the caller over 3 virtual seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Injection:
    """An event that a person has just poured in."""

    author: str
    posts: int
    deliveries: int
    """Copies that joined the line; 0 where readers fetch these posts."""
    age_s: float
    """Virtual seconds ago."""


@dataclass(frozen=True, kw_only=True)
class Vitals:
    """The state of a world at one moment. Defaults are those of a calm one; None is 'not known, or not going on'."""

    t_s: float
    """Virtual time."""
    paused: bool = False
    posts: int = 0
    """Accepted so far."""
    injected: Injection | None = None
    """The latest event, whatever its age."""

    given_up: int = 0
    """Copies shed or dead-lettered lately and not redriven."""
    people_missing: int = 0

    workers: int = 1
    workers_down: int = 0
    """Of `workers`: those that are away, but for a worker that starts again after a crash."""
    shards: int = 1
    shards_down: int = 0
    cut_off_share: float = 0.0
    """Of the people: those whose list cannot be written now."""
    fallback: bool = False
    """Whether they pull meanwhile."""

    lag_s: float = 0.0
    """How far fan-out is behind: *the* number, the same in tile, chart and text line. Of the age of the oldest waiting
    copy and the p99 of what completed, whichever the caller shows there."""
    growth_s_per_s: float = 0.0
    """Slope of `lag_s`."""
    grown_for_s: float = 0.0
    """For how long the line has been growing on end."""
    arrive_per_s: float = 0.0
    """Copies that join the line."""
    leave_per_s: float = 0.0
    """Copies that become readable."""
    queue_copies: int = 0
    steady_need: float = 0.0
    """Workers that the load needs without any event, as a decimal."""

    peak_lag_s: float = 0.0
    """Largest `lag_s` of the present episode, or of the one just over; 0 when there was none."""
    clear_in_s: float | None = None
    recovered_for_s: float | None = None
    """Seconds since the last episode was over; None while one goes on, or before the first."""
    recovery_s: float = 0.0
    """How long the episode just over took."""
    late_share: float = 0.0
    """Of its copies: later than the SLO."""

    fresh_share: float | None = None
    """Of the (post, follower) pairs: visible within the SLO."""
    slo_s: float = 5.0
    pulls: str = ""
    """What readers fetch themselves ('Nova', 'big accounts', 'anything'); empty when all is pushed."""

    home_p99_ms: float | None = None
    home_slo_ms: float = 300.0
    rows_per_read: float | None = None
    hottest_station: str = ""
    """The station of the read path with the longest wait."""
    miss_share: float | None = None
    """Of the bodies read: those that memory did not have."""
    usual_miss_share: float | None = None
    warm_in_s: float | None = None
    herd_people: int = 0
    """How many refreshed at once, while their reads are in line; else 0."""
    read_wait_ms: float = 0.0
    """Of it: spent in line (p99)."""
