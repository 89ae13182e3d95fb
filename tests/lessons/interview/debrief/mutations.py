"""The made-up senior, with each criterion lost once; and what else a debrief has to bear."""

from functools import cache
from typing import Any

from lessons.interview.base import Level
from lessons.interview.debrief import Debrief, debrief
from lessons.interview.debrief.shape import Flow, Listed, Paragraph, Scale, Table
from lessons.interview.grade import grade
from lessons.interview.report import Report
from lessons.interview.transcript import Transcript
from tests.lessons.interview.candidates import REASONS, Learned, made, silent

Changes = dict[str, Any]
S = "steps.{}.structured.".format
LOST: dict[str, Changes] = {
    "1a": {S(1) + "must": ["search", "home"]},
    "1b": {S(1) + "non_goals": None},
    "1c": {S(1) + "slo": {"post_ack": "durable"}},
    "1d": {S(1) + "estimate": None},
    "1e": {S(1) + "assume.peak": None},
    "1f": {S(1) + "driver": None},
    "2a": {S(2) + "entities": None},
    "2b": {S(2) + "api": ["post"]},
    "2c": {S(2) + "paging": "offset"},
    "2d": {S(2) + "ids": "random"},
    "2e": {S(2) + "post_retry": "none"},
    "3a": {"run.base.summary.visible_lag_ms.p99": 9000.0, "run.change_after": None},
    "3b": {S(3) + "who_pays": None, "steps.3.free_text": ""},
    "3c": {S(3) + "celebrity": None},
    "3d": {S(3) + "estimate": None, "run.sweep": None},
    "3e": {S(3) + "pulls": "celebrities_now"},
    "3f": {S(3) + "rejected": None, "steps.3.free_text": ""},
    "4a": {S(4) + "access": None},
    "4b": {S(4) + "consequence": "no_drawback"},
    "4c": {S(2) + "timeline_holds": "bodies"},
    "4d": {S(4) + "cap": None},
    "4e": {S(4) + "estimate.posts_gb_day": 1.0},
    "5a": {S(5) + "queue": "none"},
    "5b": {"run.base.stations.workers.util": 1.65, S(5) + "workers": 40.0},
    "5c": {S(5) + "body_cache": "with_lists"},
    "5d": {S(5) + "stampede": ["longer_ttl"]},
    "5e": {S(5) + "estimate.drain_s": 900.0},
    "5f": {S(5) + "bound": "drop_oldest"},
    "6a": {S(6) + "natural_key": "job"},
    "6b": {S(6) + "degrade": ["error_page"]},
    "6c": {S(6) + "deletes": None},
    "6d": {S(6) + "limits": None},
    "6e": {S(6) + "alarms": [{"metric": "cpu", "above": 0.8, "action": "add_workers"}]},
    "6f": {S(6) + "rollout": ["switch_at_once"]},
    "7a": {"claims": None},
    "7b": {S(7) + "bottleneck": "replicas"},
    "7c": {"change.structured.predicts": None},
    "7d": {S(7) + "next": None},
    "7e": {S(7) + "cost_largest": "indexes"},
    "7f": {S(7) + "not_modelled": ["queueing"]},
}
WHOLE: Changes = {
    S(5) + "lanes": ["own_timeline", "normal", "large_accounts"],
    S(5) + "bound": "delay_large",
    "run.base.lanes": {"own_timeline": 50.0, "normal": 300.0, "large_accounts": 900.0},
    S(6) + "rollout": ["shadow_compare", "share_of_users", "all_users"],
    S(6) + "abort": {"metric": "visible_lag_p99", "above": 4000.0},
    S(6) + "alarms": [
        {"metric": "visible_lag_p99", "above": 4000.0, "action": "add_workers"},
        {"metric": "home_latency", "above": 250.0, "action": "page_somebody"},
        {"metric": "queue_depth", "above": 1e6, "action": "shed"},
    ],
    S(7) + "cost_largest": "workers",
    S(7) + "not_modelled": ["media", "dns"],
    "claims": [
        {"text": "Lag p99 is 900 ms.", "scope": "base", "metric": "visible_lag_ms.p99", "value": 900.0,
         "cause": "workers"},
        {"text": "Home p99 is 6 ms.", "scope": "base", "metric": "home_ms.p99", "value": 6.0},
        {"text": "Lag is above 5 s.", "scope": "change_before", "metric": "visible_lag_ms.p99", "op": "above",
         "value": 5000.0},
    ],
}  # fmt: skip
"""Nothing is lost, at any level."""
OTHERS: dict[str, Changes] = {
    "as he is": {},
    "whole": WHOLE,
    "no run": {"run": None, "config": None},
    "no base run": {"run.base": None},
    "contradicted": {"claims": [{"text": "The lag is 90 s.", "metric": "visible_lag_ms.p99", "value": 90000.0}]},
    "early services": {"opened_order": ["3", "1", "2"]},
    "idle parts": {S(4) + "extra_stores": ["service_mesh", "second_cloud", "graph_database", "search_cluster"]},
    "skew ignored": {S(3) + "celebrity": "none", "probes": [{"id": "P1", "outcome": "directed"}]},
    "asked": {S(3) + "celebrity": None,
              "probes": [{"id": "P1", "outcome": "directed", "structured": {"celebrity": "pull"}}]},
    "hinted": {"mode": "practice", "hints": [{"criterion": "3c", "grade": "H2"}]},
    "half sure": {S(3) + "who_pays": None, "steps.3.free_text": f"?{REASONS['3b']}"},
    "unread": {"steps.3.free_text": "# siempre de otra manera"},
    "other": {S(3) + "strategy": "other", "change.free_text": "and so on"},
    "nothing measured": {"run.base": {}},
}  # fmt: skip
ALL = {**LOST, **OTHERS}


@cache
def told(name: str, level: Level = "staff") -> tuple[Transcript, Report, Debrief]:
    """(transcript, report, debrief) of one of them."""
    return of(silent() if name == "silent" else made(ALL[name]), level)


def of(transcript: Transcript, level: Level = "staff") -> tuple[Transcript, Report, Debrief]:
    report = grade(transcript, level, reader=Learned())
    return transcript, report, debrief(transcript, report)


def section(one: Debrief, key: str) -> str:
    """All the words of one section, block by block."""
    (found,) = [part for part in one.sections if part.key == key]
    return "\n".join(line for block in found.blocks for line in words(block))


def words(block: object) -> list[str]:
    match block:
        case Paragraph() | Scale():
            return [block.text]
        case Listed():
            return list(block.items)
        case Table():
            return [block.caption, *block.columns, *(cell for row in block.rows for cell in row)]
        case Flow():
            return [block.caption, *(word for way in block.ways for box in way.boxes for word in box)]
    return [getattr(block, "caption", ""), *(row.text for row in getattr(block, "rows", ()))]
