"""Seven sheets with every field filled in; made up."""

from lessons.interview.sheet import Steps
from lessons.interview.sitting.events import as_tuples

_SHEETS = {
    1: {
        "must": ["home", "post", "follow", "profile"], "non_goals": ["ads", "dm", "search"],
        "slo": {"post_ack": "durable", "home_consistency": "eventual", "fresh_s": 5.0, "home_ms": 300.0, "home_pct": 99,
                "availability": 0.9999},
        "assume": {"dau": 1e8, "posts_per_day": 4.32e8, "home_reads_per_day": 2e10, "follows_mean": 300.0,
                   "fanout_mean": 75.5, "followers_max": 3.1e7, "peak": 10.0, "payload_kb": 0.5},
        "estimate": {"posts_s": 4630.0, "reads_s": 231481.48, "deliveries_s": 350000.0, "peak_deliveries_s": 3.5e6},
        "driver": {"number": "reads_per_post", "decision": "ready_made_lists"},
    },
    2: {
        "entities": {"User": ["id", "name"], "Post": ["id", "author_id", "body"], "Follow": ["follower", "followee"],
                     "TimelineItem": []},
        "api": ["post", "follow", "unfollow", "home", "profile"], "paging": "cursor", "ids": "time_sortable",
        "timeline_holds": "references", "post_retry": "client_token", "read_your_writes": False,
    },
    3: {
        "strategy": "hybrid", "threshold": 2e5, "celebrity": "pull", "pulls": "not_pushed",
        "who_pays": {"push": {"write": "high", "read": "low"}, "pull": {"write": "low", "read": "high"}},
        "estimate": {"deliveries_saved_share": 0.4, "rows_per_read": 60.0},
        "rejected": [{"option": "pull", "reason": "read_cost"}, {"option": "push", "reason": "write_cost"},
                     {"option": "active_only", "reason": "rebuild_cost"}],
    },
    4: {
        "access": {"followers_of": {"store": "wide_column", "key": "followee_id"},
                   "followees_of": {"store": "wide_column", "key": "follower_id"},
                   "follows_check": {"store": "key_value", "key": "follower_followee"},
                   "latest_by_author": {"store": "wide_column", "key": "author_time"},
                   "timeline_of": {"store": "memory_list", "key": "owner"},
                   "posts_by_ids": {"store": "key_value", "key": "post_id"}},
        "post_partition": "author", "consequence": "hot_author", "cap": 800.0,
        "estimate": {"timeline_gb": 1280.0, "posts_gb_day": 600.5}, "extra_stores": ["object_store", "second_cloud"],
    },
    5: {
        "queue": "durable", "queue_why": ["workers_scale_apart", "post_does_not_wait"], "workers": 600.0,
        "per_worker_s": 800.0, "batch": 100.0, "pipeline": True, "estimate": {"util": 1.2, "drain_s": 20.0},
        "body_cache": "one_batch", "hot_key": ["local_cache"], "stampede": ["coalescing", "ttl_jitter"],
        "lanes": ["own_timeline", "normal", "large_accounts"], "bound": "delay_large",
    },
    6: {
        "natural_key": "owner_post", "backoff": "exponential_with_jitter", "dlq": False,
        "degrade": ["serve_stale", "pull_instead", "error_page"], "deletes": "both", "limits": ["posts", "follows"],
        "alarms": [{"metric": "visible_lag_p99", "above": 4000.0, "for_s": 60.0, "action": "add_workers"},
                   {"metric": "hit_rate", "above": 0.9, "for_s": 10.0, "action": "page_somebody"},
                   {"metric": "queue_depth", "above": 1e6, "for_s": 5.0, "action": "shed"},
                   {"metric": "failed_hydrations", "above": 20.0, "for_s": 0.0, "action": "look_at_it"}],
        "rollout": ["shadow_compare", "share_of_users", "all_users"],
        "abort": {"metric": "home_latency", "above": 250.0},
        "region": {"mode": "home_region_for_writes", "rpo_s": 0.0, "rto_s": 60.0},
    },
    7: {
        "bottleneck": "workers",
        "next": {"change": "workers_double", "metric": "visible_lag_ms.p99", "from": 900.0, "to": 500.0},
        "cost_largest": "timeline_shards", "not_modelled": ["dns", "media"],
    },
}  # fmt: skip


def whole() -> Steps:
    """All of it, and a sentence in each step."""
    told = {
        str(step): {"structured": sheet, "free_text": f"Step {step}: 50 reads a post, so lists.\nLine `two` $x$"}
        for step, sheet in _SHEETS.items()
    }
    return Steps.model_validate(as_tuples(told))
