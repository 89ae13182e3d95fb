"""The forms of the seven steps: which fields stand under which heading, what a number is in; and one field changed.

A field is named by its path in the sheet: "slo.fresh_s", "alarms.0.metric", "next.from". All start empty.
"""

import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from lessons.interview.base import Model
from lessons.interview.labels import ALARM_UNITS
from lessons.interview.sheet import Steps
from lessons.interview.units import FIGURES
from lessons.interview.written import Measure, measure_of

Kind = Literal["one", "many", "yes_no", "number", "entities", "grid", "rows", "table", "move", "figure"]
"""`grid`: what is dear under which strategy; `table`: store and key for each access pattern; `rows`: as many as wanted;
`move`: a change that the engine can run; `figure`: a figure of a run."""
Wants = Mapping[str, tuple[Measure, str]]
MOST_ROWS = 24
"""Of alarms, and of alternatives that were rejected."""

NUMBERS: Wants = {
    "slo.fresh_s": ("seconds", ""), "slo.home_ms": ("ms", ""), "slo.availability": ("share", ""),
    "assume.dau": ("count", "people"), "assume.posts_per_day": ("per_day", "posts"),
    "assume.home_reads_per_day": ("per_day", "pages"), "assume.follows_mean": ("count", "accounts"),
    "assume.fanout_mean": ("count", "followers"), "assume.followers_max": ("count", "followers"),
    "assume.peak": ("times", "the mean"), "assume.payload_kb": ("kb", ""),
    "estimate.posts_s": ("per_s", "posts"), "estimate.reads_s": ("per_s", "pages"),
    "estimate.deliveries_s": ("per_s", "copies"), "estimate.peak_deliveries_s": ("per_s", "copies"),
    "threshold": ("count", "followers"), "estimate.deliveries_saved_share": ("share", ""),
    "estimate.rows_per_read": ("count", "rows"), "cap": ("count", "entries"), "estimate.timeline_gb": ("gb", ""),
    "estimate.posts_gb_day": ("gb", ""), "workers": ("count", "workers"), "per_worker_s": ("per_s", "copies"),
    "batch": ("count", "copies"), "estimate.util": ("load", ""), "estimate.drain_s": ("seconds", ""),
    "alarms.for_s": ("seconds", ""), "region.rpo_s": ("seconds", ""), "region.rto_s": ("seconds", ""),
    "seconds": ("seconds", ""), "deliveries_s": ("per_s", "copies"), "queue_depth": ("count", "copies"),
    "drain_s": ("seconds", ""),
}  # fmt: skip
"""What each number is kept in, and what it counts; also those of an answer to the interviewer."""


@dataclass(frozen=True)
class Group:
    """Fields under one heading."""

    title: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Form:
    """One step. `question`: what the free text answers."""

    step: int
    title: str
    short: str
    question: str
    left: tuple[Group, ...]
    right: tuple[Group, ...]
    text_left: bool = False
    """Below which column the free text stands: the shorter one."""

    @property
    def groups(self) -> tuple[Group, ...]:
        """All, left before right."""
        return self.left + self.right

    def group(self, field: str) -> Group:
        """The one that has this field."""
        return next(group for group in self.groups if field in group.fields)


_ASSUMED = (
    "assume.dau", "assume.posts_per_day", "assume.home_reads_per_day", "assume.follows_mean", "assume.fanout_mean",
    "assume.followers_max", "assume.peak", "assume.payload_kb",
)  # fmt: skip
_RATES = ("estimate.posts_s", "estimate.reads_s", "estimate.deliveries_s", "estimate.peak_deliveries_s")
_FORMS = (
    Form(
        1, "Requirements", "Requirements", "Which number decides this design, and why?",
        (
            Group("What it does", ("must", "non_goals")),
            Group("Promises", ("slo.post_ack", "slo.home_consistency", "slo.fresh_s", "slo.home_ms", "slo.home_pct",
                               "slo.availability")),
            Group("What decides", ("driver.number", "driver.decision")),
        ),
        (Group("Own assumptions, for the whole service", _ASSUMED), Group("What follows from them", _RATES)),
    ),
    Form(
        2, "Entities and API", "Entities, API", "Why these ids, and this paging?",
        (Group("Entities", ("entities",)), Group("Calls", ("api",))),
        (
            Group("Home timeline", ("paging", "timeline_holds", "read_your_writes")),
            Group("Posts", ("ids", "post_retry")),
        ),
    ),
    Form(
        3, "Strategy of fan-out", "Strategy", "Why this strategy? Who pays, and when? What was left out, and why?",
        (
            Group("How home timelines are made", ("strategy", "threshold")),
            Group("The largest accounts", ("celebrity", "pulls")),
            Group("Estimates", ("estimate.deliveries_saved_share", "estimate.rows_per_read")),
        ),
        (Group("What is dear", ("who_pays",)), Group("Alternatives that were rejected", ("rejected",))),
    ),
    Form(
        4, "Storage by access pattern", "Storage", "Why this partition of posts?",
        (Group("Where each question is answered, and by which key", ("access",)),),
        (
            Group("Posts", ("post_partition", "consequence")),
            Group("Home lists", ("cap",)),
            Group("Estimates", ("estimate.timeline_gb", "estimate.posts_gb_day")),
            Group("Other parts", ("extra_stores",)),
        ),
        text_left=True,
    ),
    Form(
        5, "Cache, queue, hot users", "Cache, queue", "Why this queue, and this cache?",
        (
            Group("Queue", ("queue", "queue_why", "bound", "lanes")),
            Group("Workers", ("workers", "per_worker_s", "batch", "pipeline")),
        ),
        (
            Group("Estimates", ("estimate.util", "estimate.drain_s")),
            Group("Cache", ("body_cache", "hot_key", "stampede")),
        ),
    ),
    Form(
        6, "Reliability, abuse, rollout", "Reliability", "Why these ways to retry, to delete and to give things up?",
        (
            Group("Retries", ("natural_key", "backoff", "dlq")),
            Group("Degradation and deletes", ("degrade", "deletes", "limits")),
            Group("Regions", ("region.mode", "region.rpo_s", "region.rto_s")),
        ),
        (Group("Alarms", ("alarms",)), Group("Rollout", ("rollout", "abort.metric", "abort.above"))),
    ),
    Form(
        7, "Read the run, and improve it", "Read the run", "What was measured, what caused it, and what followed?",
        (
            Group("Bottleneck", ("bottleneck",)),
            Group("Next step", ("next.change", "next.metric", "next.from", "next.to")),
        ),
        (Group("Cost", ("cost_largest",)), Group("Limits of the model", ("not_modelled",))),
    ),
)  # fmt: skip
FORMS: Mapping[int, Form] = {form.step: form for form in _FORMS}
ORDERED = ("must", "lanes", "degrade", "rollout", "queue_why")
"""Lists in which what was chosen first stands first."""
_SPECIAL: Mapping[str, Kind] = {
    "entities": "entities", "who_pays": "grid", "access": "table", "rejected": "rows", "alarms": "rows",
    "next.change": "move", "next.metric": "figure", "moves": "figure",
}  # fmt: skip
ROWS: Mapping[str, tuple[str, ...]] = {
    "rejected": ("option", "reason"), "alarms": ("metric", "above", "for_s", "action"),
}  # fmt: skip
"""Columns of the fields that have rows."""


def sheet_of(steps: Steps, step: int) -> Model:
    """The closed part of one step, 1 to 7."""
    found: Model = getattr(steps, f"s{step}").structured
    return found


def kind_of(model: type[BaseModel], path: str) -> Kind:
    """How a field is filled in."""
    plain = _without_places(path)
    if plain in _SPECIAL:
        return _SPECIAL[plain]
    annotation = _annotation(model, plain)
    if annotation is bool:
        return "yes_no"
    if get_origin(annotation) is tuple:
        return "many"
    return "one" if get_origin(annotation) is Literal else "number"


def wants(path: str, sheet: Model | None = None) -> tuple[Measure, str]:
    """What a number is kept in, and what it counts; a limit's depend on its metric, which stands on the sheet."""
    plain = _without_places(path)
    if plain in NUMBERS:
        return NUMBERS[plain]
    metric = str(value_at(sheet, f"{path.rpartition('.')[0]}.metric")) if sheet is not None else ""
    if metric.endswith(".util"):
        return "load", ""
    unit = _unit(metric)
    measure = measure_of(unit)
    return measure, unit.removesuffix("/s") if measure in ("count", "per_s") else ""


def value_at(sheet: Model, path: str) -> Any:
    """What stands at a path; None or an empty value where nothing does."""
    here: Any = sheet.model_dump(by_alias=True)
    for part in path.split("."):
        if isinstance(here, Mapping):
            here = here.get(part)
        elif isinstance(here, tuple) and part.isdecimal():
            here = here[int(part)] if int(part) < len(here) else None
        else:
            return None
    return here


def put(sheet: Model, path: str, value: Any) -> Model:
    """The sheet with one field changed; None or an empty value takes it away, and what is empty then was never filled.

    A row of which nothing is left is gone. Raises pydantic's ValidationError for what the sheet cannot have.
    """
    whole: Any = sheet.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True)
    here, parts = whole, path.split(".")
    for place, part in enumerate(parts[:-1]):
        following: Any = [] if parts[place + 1].isdecimal() else {}
        if part.isdecimal():
            while len(here) <= int(part):
                here.append({})
            here = here[int(part)]
        else:
            there = here.get(part, following)
            here[part] = list(there) if isinstance(there, tuple) else there
            here = here[part]
    here[parts[-1]] = value
    if parts[-1] == "metric":
        _other_metric(sheet, path, here)
    return type(sheet).model_validate(_filled(whole) or {})


def _other_metric(sheet: Model, path: str, row: dict[str, Any]) -> None:
    """Limits that were in the unit of another metric are no limits of this one; an alarm without a metric is none."""
    before, after = (_unit(str(metric)) for metric in (value_at(sheet, path), row["metric"]))
    if row["metric"] is None and path.startswith("alarms."):
        row.clear()
    elif before != after:
        for name in ("above", "from", "to"):
            row.pop(name, None)


def _unit(metric: str) -> str:
    return ALARM_UNITS.get(metric) or FIGURES.get(metric, "")


def _filled(value: Any) -> Any:
    """Without what is empty, but for entities without fields; lists as tuples."""
    if isinstance(value, Mapping):
        kept = {name: inner if name == "entities" else _filled(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if not _empty(inner)} or None
    if isinstance(value, list | tuple):
        return tuple(inner for one in value if not _empty(inner := _filled(one)))
    return value


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, tuple | Mapping) and not value)


def _without_places(path: str) -> str:
    return ".".join(part for part in path.split(".") if not part.isdecimal())


def _annotation(model: type[BaseModel], path: str) -> Any:
    """Of a field, without `| None`."""
    here: Any = model
    for part in path.split("."):
        fields = {info.alias or name: info for name, info in here.model_fields.items()}
        here = _bare(fields[part].annotation)
        if get_origin(here) is tuple and isinstance(get_args(here)[0], type):
            here = get_args(here)[0]
    return here


def _bare(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, types.UnionType):
        (annotation,) = [one for one in get_args(annotation) if one is not type(None)]
    return _bare(get_args(annotation)[0]) if hasattr(annotation, "__metadata__") else annotation
