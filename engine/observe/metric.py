"""Every raw measurement by name, with its unit and the definition that a learner reads."""

from enum import StrEnum
from typing import Literal

MetricKind = Literal["latency", "count", "level"]


class Metric(StrEnum):
    """What is measured. A member is its own name in JSON, CSV and DuckDB.

    `unit`: of the values in a series: ms for latencies, things per second for counts, things for levels.
    `kind`: latency (an int64 ns for each event), count (an amount for each event) or level (a state).
    """

    unit: str
    kind: MetricKind
    label: str
    text: str

    def __new__(cls, name: str, kind: MetricKind, unit: str, label: str, text: str) -> "Metric":
        member = str.__new__(cls, name)
        member._value_ = name
        member.kind = kind
        member.unit = unit
        member.label = label
        member.text = text
        return member

    FANOUT_LAG = (
        "fanout_lag",
        "latency",
        "ms",
        "Fan-out lag",
        "Of the copies delivered in this window, 99 in 100 became readable within this time after the post was "
        "accepted. Waiting measured, service times modelled.",
    )
    VISIBLE_LAG = (
        "visible_lag",
        "latency",
        "ms",
        "Visible lag",
        "The same for every pair of a post and a follower, pulled posts too: fair between strategies. "
        "Waiting measured, service times modelled.",
    )
    POST_LATENCY = (
        "post_latency",
        "latency",
        "ms",
        "Post, time to accept",
        'Time to answer "publish this": 99 in 100 are faster; fan-out follows. Queueing measured, prices modelled.',
    )
    HOME_LATENCY = (
        "home_latency",
        "latency",
        "ms",
        "Home read",
        'Time to answer "show my home": 99 in 100 are faster. Queueing measured, prices modelled.',
    )
    POSTS = "posts", "count", "posts/s", "Posts", "Posts, replies and reposts accepted in a second. Measured."
    REPLIES = "replies", "count", "posts/s", "Replies", "Of the accepted posts, those that answer another. Measured."
    REPOSTS = "reposts", "count", "posts/s", "Reposts", "Of the accepted posts, those that pass one on. Measured."
    LIKES = "likes", "count", "likes/s", "Likes", "Likes accepted in a second. Measured."
    FOLLOWS = "follows", "count", "follows/s", "Follows", "New follows made in a second. Measured."
    UNFOLLOWS = "unfollows", "count", "unfollows/s", "Unfollows", "Follows ended in a second. Measured."
    READS = "reads", "count", "reads/s", "Home reads", "Openings of the home page in a second. Measured."
    DELIVERIES = (
        "deliveries",
        "count",
        "copies/s",
        "Deliveries",
        "Copies that became readable in a follower's stored list in a second. Measured.",
    )
    PLANNED = (
        "planned",
        "count",
        "copies/s",
        "Planned copies",
        "Copies that joined the line in a second: pushed posts times their followers. Measured.",
    )
    PAIRS = (
        "pairs",
        "count",
        "pairs/s",
        "Visible pairs",
        "Pairs of a post and a follower who should see it, pushed or pulled; given-up ones stay in. Measured.",
    )
    FRESH_PAIRS = (
        "fresh_pairs",
        "count",
        "pairs/s",
        "Fresh goodput",
        "Pairs per second visible within the SLO. Throughput can rise while this falls. Measured.",
    )
    TIMELINE_HITS = (
        "timeline_hits",
        "count",
        "pages/s",
        "Timeline hits",
        "Home pages answered from the ready-made list alone. Measured.",
    )
    TIMELINE_MISSES = (
        "timeline_misses",
        "count",
        "pages/s",
        "Timeline misses",
        "Home pages that had to fetch from authors. Measured.",
    )
    BODY_HITS = "body_hits", "count", "posts/s", "Post cache hits", "Post bodies found in memory. Measured."
    BODY_MISSES = (
        "body_misses",
        "count",
        "posts/s",
        "Post cache misses",
        "Post bodies asked of the database because memory had none. Measured.",
    )
    ROWS_READ = (
        "rows_read",
        "count",
        "rows/s",
        "Rows read",
        "Rows touched to assemble home pages, from lists and from authors. Measured.",
    )
    AUTHORS_ASKED = (
        "authors_asked",
        "count",
        "authors/s",
        "Authors asked",
        "Author indexes that home reads had to ask: the work that pull moves to readers. Measured.",
    )
    TRIMS = (
        "trims",
        "count",
        "entries/s",
        "Trimmed entries",
        "Oldest entries dropped from lists that reached their cap; still found by pull. Measured.",
    )
    FAILED_HYDRATIONS = (
        "failed_hydrations",
        "count",
        "posts/s",
        "Failed hydrations",
        "Posts on a page whose body could not be fetched. Measured.",
    )
    SHED = (
        "shed",
        "count",
        "copies/s",
        "Shed copies",
        "Copies refused because the line was full; their readers find the post only by pull. Measured.",
    )
    DEAD_LETTERED = (
        "dead_lettered",
        "count",
        "copies/s",
        "Dead-lettered copies",
        "Copies in jobs given up after their last attempt, kept aside for a redrive. Measured.",
    )
    DROPPED = (
        "dropped",
        "count",
        "copies/s",
        "Dropped copies",
        "Copies that a lossy strategy did not make on purpose; their readers never see these posts. Measured.",
    )
    RETRIES = "retries", "count", "jobs/s", "Retries", "Job attempts that failed and were queued again. Measured."
    REDELIVERIES = (
        "redeliveries",
        "count",
        "jobs/s",
        "Redeliveries",
        "Finished jobs that the broker handed out again; a list holds a post once all the same. Measured.",
    )
    FAILED_READS = (
        "failed_reads",
        "count",
        "reads/s",
        "Failed reads",
        "Home reads answered with an error: their list was out of reach. Measured.",
    )
    REFUSED_READS = (
        "refused_reads",
        "count",
        "reads/s",
        "Refused reads",
        "Home reads turned away at the door because stores were behind. Measured.",
    )
    STALE_READS = (
        "stale_reads",
        "count",
        "reads/s",
        "Stale reads",
        "Home reads answered with an older page because the list was out of reach, or just expired. Measured.",
    )
    INCOMPLETE_READS = (
        "incomplete_reads",
        "count",
        "reads/s",
        "Incomplete reads",
        "Home pages shown without some of their bodies: the database was not asked. Measured.",
    )
    TIMEOUTS = (
        "timeouts",
        "count",
        "reads/s",
        "Timeouts",
        "Home reads that an app gave up waiting for; the work for them is done all the same. Measured.",
    )
    REPEATED_READS = (
        "repeated_reads",
        "count",
        "reads/s",
        "Reads tried again",
        "Home reads that an app sent once more after it had given up; counted among home reads too. Measured.",
    )
    REBUILDS = (
        "rebuilds",
        "count",
        "lists/s",
        "Rebuilds",
        "Dropped home lists made anew for people who came back. Measured.",
    )
    QUEUE_CLOSE = (
        "queue_close",
        "level",
        "copies",
        "Queue, close friends",
        "Copies accepted for mutual follows and not yet readable. This lane is served first. Measured.",
    )
    QUEUE_REST = (
        "queue_rest",
        "level",
        "copies",
        "Queue, everybody else",
        "Copies accepted and not yet readable. Divide by the workers' rate: seconds of wait. Measured.",
    )
    QUEUE_JOBS = (
        "queue_jobs",
        "level",
        "jobs",
        "Queued jobs",
        "Fan-out jobs waiting at the broker; a job is a post and a slice of its followers. Measured.",
    )
