"""What was measured: the engine's report of each run of the design, and what a few criteria need beside it."""

from typing import Literal

from pydantic import Field

from lessons.interview.base import Amount, Measured, Model, Name, Share

Scalar = float | int | str | bool | None
Unforeseen = Literal["U1", "U2", "U3", "U4", "U5", "U6"]
UNFORESEEN: tuple[Unforeseen, ...] = ("U1", "U2", "U3", "U4", "U5", "U6")


class Quantiles(Measured):
    """Milliseconds."""

    p50: Amount | None = None
    p95: Amount | None = None
    p99: Amount | None = None
    max: Amount | None = None


class Summary(Measured):
    """`summary` of a run."""

    fanout_lag_ms: Quantiles = Quantiles()
    visible_lag_ms: Quantiles = Quantiles()
    post_ms: Quantiles = Quantiles()
    home_ms: Quantiles = Quantiles()
    timeline_hit_rate: Share | None = None
    post_hit_rate: Share | None = None
    queue_depth_peak: Amount | None = None
    deliveries: Amount | None = None
    write_amplification: Amount | None = None
    rows_per_read: Amount | None = None
    fresh_goodput: Amount | None = None
    trims: Amount | None = None
    failed_hydrations: Amount | None = None
    shed: Amount | None = None
    dead_lettered: Amount | None = None
    retries: Amount | None = None
    failed_reads: Amount | None = None
    refused_reads: Amount | None = None
    stale_reads: Amount | None = None
    incomplete_reads: Amount | None = None


class Promise(Measured):
    """One entry of `slo`."""

    target: float | None = None
    measured: float | None = None
    unit: str = ""
    met: bool | None = None


class AuditReport(Measured):
    """`audit`: the first four are 0 when nothing is wrong."""

    missing: Amount | None = None
    duplicate: Amount | None = None
    foreign: Amount | None = None
    out_of_order: Amount | None = None


class StationReport(Measured):
    """One station over a run."""

    util: Amount | None = Field(
        default=None, description="busy share; above 1: work asked of it, against what it can do"
    )
    wait_ms: Amount | None = None
    breached_at_s: Amount | None = Field(default=None, description="when its waiting alone first broke a promise")


class Peak(Measured):
    queue_depth_peak: Amount | None = None
    drain_s: Amount | None = None
    extrapolated: bool | None = Field(
        default=None, description="whether the queue was not empty in the end, and `drain_s` follows from two depths"
    )


class AuthorSize(Measured):
    """Posts of accounts of one size; the largest account is the one with the most followers."""

    followers: Amount
    post_p99_ms: Amount | None = None
    lag_p99_ms: Amount | None = None


class Paging(Measured):
    """Pages of 20 read one after the other while posts arrive."""

    repeats: Amount | None = None
    skips: Amount | None = None


class OwnPosts(Measured):
    """Posts sent twice by their client, and own pages read right after a post."""

    doubled: Amount | None = None
    unseen: Amount | None = None


class Shards(Measured):
    per_profile_read: Amount | None = None
    max_over_mean: Amount | None = None


class Expiry(Measured):
    database_reads: Amount | None = None
    keys: Amount | None = None


class Deleted(Measured):
    served: Amount | None = None
    longest_s: Amount | None = Field(default=None, description="seconds after the delete at which it was last served")


class Part(Measured):
    """One run, as `python -m engine run --json` prints it, and what was looked at beside it. Nothing is required."""

    config: dict[str, object] | None = None
    load: dict[str, Scalar] | None = None
    summary: Summary = Summary()
    slo: dict[str, Promise] = Field(default_factory=dict)
    audit: AuditReport = AuditReport()
    cost: dict[str, Scalar] = Field(default_factory=dict)
    virtual_seconds: Amount | None = None
    wall_seconds: Amount | None = None
    build_seconds: Amount | None = None
    stations: dict[Name, StationReport] = Field(default_factory=dict)
    peak: Peak = Peak()
    by_followers: tuple[AuthorSize, ...] = ()
    paging: Paging = Paging()
    own_posts: OwnPosts = OwnPosts()
    shards: Shards = Shards()
    below_horizon_share: Share | None = Field(default=None, description="of home reads that went below the stored list")
    expiry: Expiry = Expiry()
    lanes: dict[Name, Amount] = Field(default_factory=dict, description="lag p99 in ms by lane")
    deleted: Deleted = Deleted()
    breached_at_s: Amount | None = Field(default=None, description="when a promise was first broken")
    alarms: dict[Name, tuple[Amount, ...]] = Field(
        default_factory=dict,
        description="when each alarm of the sheet, replayed over this run, fired, in s; empty: never",
    )
    noise: dict[str, Amount] = Field(
        default_factory=dict, description="standard deviation over five replications, by figure"
    )


class SweepPoint(Part):
    """One run of a sweep over one knob."""

    knob: Name
    value: float


class Runs(Model):
    """All runs of one candidate's design. `ablation`: by mechanism and scope, the same run without the mechanism;
    `change_single`: the new requirement with one knob of the change alone; `faults`: loads that the candidate chose;
    `next`: the next step of step 7, run."""

    base: Part | None = None
    change_before: Part | None = None
    change_after: Part | None = None
    unforeseen: dict[Unforeseen, Part] = Field(default_factory=dict)
    faults: dict[Name, Part] = Field(default_factory=dict)
    next: Part | None = None
    change_single: dict[Name, Part] = Field(default_factory=dict)
    ablation: dict[Name, dict[Name, Part]] = Field(default_factory=dict)
    sweep: tuple[SweepPoint, ...] = Field(default=(), max_length=500)

    def scopes(self) -> dict[str, Part]:
        """The runs that a claim may be about, by name, in the order in which they are shown."""
        named: dict[str, Part | None] = {
            "base": self.base, "change_before": self.change_before, "change_after": self.change_after,
            **{name: self.unforeseen.get(name) for name in UNFORESEEN},
            **{name: self.faults[name] for name in sorted(self.faults)},
        }  # fmt: skip
        return {name: part for name, part in named.items() if part is not None}
