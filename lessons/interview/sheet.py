"""The candidate's sheet: what is written in the seven steps, in closed words and numbers. All fields start empty."""

from typing import Literal

from pydantic import Field

from lessons.interview.base import Amount, Figure, Model, Name, Share, Text

Feature = Literal[
    "post", "follow", "home", "profile", "like", "repost", "reply", "media", "notifications", "trends",
    "search", "dm", "ads", "ranking", "trust_safety", "analytics", "authentication",
]  # fmt: skip
"""What a Twitter may do. `ranking`: recommendations; `trust_safety`: complex workflows, not the deletes of step 6."""
Endpoint = Literal[
    "post", "delete_post", "follow", "unfollow", "home", "profile", "thread", "like", "unlike", "repost", "get_user",
    "edit_user", "list_followers", "list_followees", "search", "send_message", "upload_media", "graphql_federation",
    "crud_per_table",
]  # fmt: skip
StrategyName = Literal["pull", "cached_pull", "push", "hybrid", "active_only", "other"]
Weight = Literal["low", "high"]
Station = Literal["gateways", "primaries", "workers", "timeline_shards", "indexes", "post_caches", "replicas"]
"""As the engine's cost report calls them."""

Celebrity = Literal["pull", "delay_lane", "push_capacity", "none"]
Consequence = Literal[
    "profile_asks_all_shards", "hot_author", "index_written_too", "newest_shard_is_hot", "no_drawback"
]
QueueWhy = Literal[
    "post_does_not_wait", "bursts_are_smoothed", "failed_writes_are_retried", "workers_scale_apart",
    "total_order", "exactly_once", "industry_standard", "no_limit_needed",
]  # fmt: skip
HotKey = Literal["copies_of_the_key", "local_cache", "larger_server", "longer_ttl"]
Stampede = Literal["coalescing", "soft_ttl", "ttl_jitter", "warming", "longer_ttl"]
NaturalKey = Literal["owner_post", "post", "owner", "job", "exactly_once", "none"]
Deletes = Literal["filter", "remove", "both", "remove_before_answering"]
Rollout = Literal["shadow_compare", "share_of_users", "all_users", "back_fill", "switch_at_once"]


class Slo(Model):
    """What is promised, in the candidate's own numbers."""

    post_ack: Literal["durable", "in_memory", "exactly_once"] | None = None
    home_consistency: Literal["eventual", "strong", "total_order"] | None = None
    fresh_s: Amount | None = Field(default=None, description="seconds until a post is readable by its followers")
    home_ms: Amount | None = Field(default=None, description="milliseconds for a home page, at `home_pct`")
    home_pct: Literal[50, 95, 99] | None = None
    availability: Share | None = Field(default=None, description="as a share: 0.9999")


class Assume(Model):
    """Own assumptions, in real units, for the whole service."""

    dau: Amount | None = Field(default=None, description="people a day")
    posts_per_day: Amount | None = Field(default=None, description="posts a day, all people together")
    home_reads_per_day: Amount | None = Field(default=None, description="home pages a day, all people together")
    follows_mean: Amount | None = Field(default=None, description="accounts that the mean person follows")
    fanout_mean: Amount | None = Field(default=None, description="followers that the mean post goes to")
    followers_max: Amount | None = Field(default=None, description="followers of the largest account")
    peak: Amount | None = Field(default=None, description="times the mean")
    payload_kb: Amount | None = Field(default=None, description="kB of one stored post")


class Estimate1(Model):
    posts_s: Amount | None = None
    reads_s: Amount | None = None
    deliveries_s: Amount | None = None
    peak_deliveries_s: Amount | None = None


class Driver(Model):
    """The one number that decides the design, and what it decides."""

    number: Literal[
        "reads_per_post", "deliveries_s", "peak_deliveries_s", "followers_max", "home_ms", "fresh_s", "timeline_gb"
    ] | None = None  # fmt: skip
    decision: Literal[
        "ready_made_lists", "merge_at_read", "largest_apart", "fan_out_later", "more_workers", "active_lists_only",
        "references_only", "cache_tiers",
    ] | None = None  # fmt: skip


class Sheet1(Model):
    """Requirements."""

    must: tuple[Feature, ...] = Field(default=(), description="the most important first")
    non_goals: tuple[Feature, ...] = ()
    slo: Slo = Slo()
    assume: Assume = Assume()
    estimate: Estimate1 = Estimate1()
    driver: Driver = Driver()


class Sheet2(Model):
    """Entities and API."""

    entities: dict[Name, tuple[Name, ...]] = Field(
        default_factory=dict, description="fields by entity, in the candidate's own names"
    )
    api: tuple[Endpoint, ...] = ()
    paging: Literal["cursor", "offset"] | None = None
    ids: Literal["time_sortable", "auto_increment", "random"] | None = None
    timeline_holds: Literal["references", "bodies"] | None = None
    post_retry: Literal["client_token", "none"] | None = None
    read_your_writes: bool | None = None


class Cost(Model):
    """Of one way of making timelines: how dear a write and a read are."""

    write: Weight | None = None
    read: Weight | None = None


class WhoPays(Model):
    push: Cost = Cost()
    pull: Cost = Cost()


class Estimate3(Model):
    deliveries_saved_share: Share | None = Field(
        default=None, description="of all copies that pushing everybody would make"
    )
    rows_per_read: Amount | None = None


class Rejected(Model):
    option: StrategyName | None = None
    reason: Literal[
        "write_cost", "read_cost", "memory_cost", "lag_of_large_accounts", "staleness", "merge_complexity",
        "rebuild_cost", "unpopular", "old_fashioned", "hard_to_explain",
    ] | None = None  # fmt: skip


class Sheet3(Model):
    """How home timelines are made."""

    strategy: StrategyName | None = None
    threshold: Amount | None = Field(default=None, description="followers, in real units")
    who_pays: WhoPays = WhoPays()
    celebrity: Celebrity | None = None
    pulls: Literal["not_pushed", "celebrities_now"] | None = None
    estimate: Estimate3 = Estimate3()
    rejected: tuple[Rejected, ...] = ()


class Access(Model):
    """Where one access pattern is answered, and by which key."""

    store: Literal[
        "relational", "wide_column", "key_value", "document", "memory_list", "cache", "graph_db", "search_index",
        "queue", "object_store",
    ] | None = None  # fmt: skip
    key: Literal[
        "followee_id", "follower_id", "follower_followee", "author_time", "owner", "post_id", "created_at", "body",
        "handle", "none",
    ] | None = None  # fmt: skip


class AccessPatterns(Model):
    followers_of: Access = Access()
    followees_of: Access = Access()
    follows_check: Access = Access()
    latest_by_author: Access = Access()
    timeline_of: Access = Access()
    posts_by_ids: Access = Access()


class Estimate4(Model):
    timeline_gb: Amount | None = None
    posts_gb_day: Amount | None = None


class Sheet4(Model):
    """Storage by access pattern."""

    access: AccessPatterns = AccessPatterns()
    post_partition: Literal["post_id", "author", "post_id_plus_author_index", "time"] | None = None
    consequence: Consequence | None = None
    cap: Amount | None = Field(default=None, description="entries kept for each home list")
    estimate: Estimate4 = Estimate4()
    extra_stores: tuple[
        Literal[
            "search_cluster", "graph_database", "service_mesh", "second_cloud", "ad_server", "message_store",
            "ranking_models", "moderation_pipeline", "data_warehouse", "object_store",
        ], ...
    ] = ()  # fmt: skip


class Estimate5(Model):
    util: Amount | None = Field(default=None, description="of the workers at the mean, as a share")
    drain_s: Amount | None = Field(default=None, description="seconds from the end of the peak to an empty queue")


class Sheet5(Model):
    """Cache, queue, hot users."""

    queue: Literal["durable", "in_process", "none"] | None = None
    queue_why: tuple[QueueWhy, ...] = ()
    workers: Amount | None = None
    per_worker_s: Amount | None = Field(default=None, description="deliveries per second that one worker can do")
    batch: Amount | None = None
    pipeline: bool | None = None
    estimate: Estimate5 = Estimate5()
    body_cache: Literal["one_batch", "one_by_one", "with_lists", "three_tiers", "none"] | None = None
    hot_key: tuple[HotKey, ...] = ()
    stampede: tuple[Stampede, ...] = ()
    lanes: tuple[
        Literal["own_timeline", "close_followers", "normal", "large_accounts", "back_fill", "retries", "by_region"], ...
    ] = Field(default=(), description="who is served first stands first")  # fmt: skip
    bound: Literal["hold_posts", "delay_large", "shed_reads", "drop_oldest", "none"] | None = None


Alarmed = Literal[
    "visible_lag_p99", "home_latency", "hit_rate", "queue_depth", "failed_hydrations", "cpu", "disk", "memory", "errors"
]


class Alarm(Model):
    metric: Alarmed
    above: float | None = Field(default=None, description="the limit; for hit_rate the alarm is below it")
    for_s: Amount | None = None
    action: Literal["page_somebody", "add_workers", "lower_threshold", "shed", "roll_back", "look_at_it"] | None = None


class Abort(Model):
    metric: Alarmed | None = None
    above: float | None = None


class Region(Model):
    mode: Literal["one", "home_region_for_writes", "all_write", "standby"] | None = None
    rpo_s: Amount | None = None
    rto_s: Amount | None = None


class Sheet6(Model):
    """Reliability, abuse, watching, rollout."""

    natural_key: NaturalKey | None = None
    backoff: Literal["exponential_with_jitter", "fixed", "none"] | None = None
    dlq: bool | None = None
    degrade: tuple[
        Literal[
            "serve_stale", "pull_instead", "page_without_bodies", "without_large_accounts", "shed_reads", "error_page",
            "standby_of_everything",
        ], ...
    ] = Field(default=(), description="the first thing given up stands first")  # fmt: skip
    deletes: Deletes | None = None
    limits: tuple[Literal["posts", "follows", "likes", "reads", "captcha"], ...] = ()
    alarms: tuple[Alarm, ...] = ()
    rollout: tuple[Rollout, ...] = ()
    abort: Abort = Abort()
    region: Region = Region()


class Next(Model):
    """One next step: which knob, and what it does to which figure."""

    change: Name | None = None
    metric: Figure | None = None
    from_: float | None = Field(default=None, alias="from")
    to: float | None = None


NotModelled = Literal[
    "media", "network_between_regions", "garbage_collection", "people_on_call", "ranking_quality", "compaction", "dns",
    "queueing", "skewed_followers", "worker_crash", "cache_misses", "bursts", "shard_down", "retries",
]  # fmt: skip


class Sheet7(Model):
    """Reading the own run."""

    bottleneck: Station | None = None
    next: Next = Next()
    cost_largest: Station | None = None
    not_modelled: tuple[NotModelled, ...] = ()


class Step1(Model):
    structured: Sheet1 = Sheet1()
    free_text: Text = ""


class Step2(Model):
    structured: Sheet2 = Sheet2()
    free_text: Text = ""


class Step3(Model):
    structured: Sheet3 = Sheet3()
    free_text: Text = ""


class Step4(Model):
    structured: Sheet4 = Sheet4()
    free_text: Text = ""


class Step5(Model):
    structured: Sheet5 = Sheet5()
    free_text: Text = ""


class Step6(Model):
    structured: Sheet6 = Sheet6()
    free_text: Text = ""


class Step7(Model):
    structured: Sheet7 = Sheet7()
    free_text: Text = ""


class Steps(Model):
    """The seven steps, by their number as a string."""

    s1: Step1 = Field(default=Step1(), alias="1")
    s2: Step2 = Field(default=Step2(), alias="2")
    s3: Step3 = Field(default=Step3(), alias="3")
    s4: Step4 = Field(default=Step4(), alias="4")
    s5: Step5 = Field(default=Step5(), alias="5")
    s6: Step6 = Field(default=Step6(), alias="6")
    s7: Step7 = Field(default=Step7(), alias="7")

    def text(self, step: int) -> str:
        """What was written freely in one step, 1 to 7."""
        return (self.s1, self.s2, self.s3, self.s4, self.s5, self.s6, self.s7)[step - 1].free_text
