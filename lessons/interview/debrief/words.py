"""How a debrief says things: quotations, closed words by their labels, figures with their units."""

import re
import unicodedata
from functools import cache

from engine.config import KNOBS
from engine.errors import UnknownName
from lessons.interview import labels
from lessons.interview.figures import told
from lessons.interview.runs.moves import MOVES
from lessons.interview.units import FIGURES, STATIONS

MOST_WORDS = 20
_MOST_LETTERS = 240
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
"""Kinds of characters that show nothing, or turn around how others are shown."""
_JOINERS = "\u200c\u200d"
"""These belong to the spelling of some languages."""
_RUNS = {
    "base": "the base run", "change_before": "the run under the new requirement",
    "change_after": "the run after the change", "shard_down": "the run with a server down",
}  # fmt: skip
_FIELDS = {
    "must": "must", "left out": "must", "api": "api", "ids": "ids", "post_retry": "post_retry",
    "celebrity": "celebrity", "pulls": "pulls", "queue": "queue", "why": "queue_why", "body_cache": "body_cache",
    "lanes": "lanes", "bound": "bound", "natural_key": "natural_key", "deletes": "deletes", "limits": "limits",
    "rollout": "rollout", "bottleneck": "bottleneck", "largest cost": "bottleneck", "not modelled": "not_modelled",
    "given up in this order": "degrade", "drawback": "consequence", "remedies": "stampede|hot_key",
}  # fmt: skip
"""The field, or the fields, whose words stand behind a name in the evidence: `queue: durable`."""
_PAIR = re.compile(rf"\b({'|'.join(sorted(_FIELDS, key=len, reverse=True))}): ([a-z_]+(?:, [a-z_]+(?![a-z_]*:))*)")
_NAMED = re.compile(r"\b[a-z][a-z0-9]*(?:[._][a-z0-9]+)+\b")
_SHARE = re.compile(r"(\d[\d,]*(?:\.\d+)?) share\b")
_LIMIT = re.compile(rf"\b({'|'.join(labels.ALARM_UNITS)}) (beyond|above) ([\d,.]+\d|\d)")
_LONG = re.compile(r"\d(?:\.\d+)?e\+\d+")
_TIMES = ("s", "ms", "times")
"""Units that are the same for one."""
_UNITS = (
    (re.compile(r"\bfrom your run\b"), "in the own run (measured)"),
    (re.compile(r"\bfresh_s = ([\d.e+]+)"), r"fresh_s = \1 s"),
    (re.compile(r"\bhome_ms = ([\d.e+]+)"), r"home_ms = \1 ms"),
    (re.compile(r"\bhome_pct = (\d+)"), r"home_pct = p\1"),
    (re.compile(r"\b(availability =|utilisation) ([\d.]+\d|\d)(?! share)"), r"\1 \2 share"),
    (re.compile(r"(\d[\d.]*) of (the base|all)\b"), r"\1 share of \2"),
    (re.compile(r"\bfailed hydrations = ([\d,]+)"), r"failed hydrations = \1 pages"),
    (re.compile(r"\butil(?= =| is)"), "‘Utilisation of workers, at the mean’"),
    (re.compile(r"\bfirst alarm at not measured\b"), "no alarm"),
    (re.compile(r"\b(in|against) base\b"), r"\1 the base run"),
    (re.compile(r"(?:(?<=^)|(?<=\())base(?=[:)])"), "the base run"),
    (re.compile(r"\bNone above nothing\b"), "nothing"),
    (re.compile(r"\bNone\b"), "not found"),
    (re.compile(r"\bTrue\b"), "yes"),
    (re.compile(r"\bFalse\b"), "no"),
)
"""What the evidence says in short, and how people say it."""


def tidy(text: str) -> str:
    """On one line, without characters that hide something."""
    joined = " ".join(text.split())
    return "".join(one for one in joined if one in _JOINERS or unicodedata.category(one) not in _HIDDEN)


def quoted(text: str) -> str:
    """The candidate's words as they stand, the first twenty of them."""
    words = tidy(text).split()
    short = " ".join(words[:MOST_WORDS])
    cut = len(words) > MOST_WORDS or len(short) > _MOST_LETTERS
    return f"“{short[:_MOST_LETTERS]}{' …' if cut else ''}”"


def spoken(text: str) -> str:
    """Evidence of a report in words: choices and figures by their labels, shares in per cent. Settings keep the names
    that they have everywhere."""
    text = tidy(text)
    for short, long in _UNITS:
        text = short.sub(long, text)
    text = _LIMIT.sub(_limited, text)
    text = _LONG.sub(lambda found: f"{float(found[0]):,.0f}", text)
    text = _SHARE.sub(lambda found: percent(float(found[1].replace(",", ""))), text)
    text = _PAIR.sub(lambda found: f"{found[1].replace('_', ' ')}: {_chosen(_FIELDS[found[1]], found[2])}", text)
    return _NAMED.sub(lambda found: named(found[0]), text).replace("by ‘by ", "‘by ")


def station_word(name: str) -> str:
    """A station in the middle of a sentence."""
    return _lower(labels.label("bottleneck", name)) if name in STATIONS else tidy(name).replace("_", " ")


def run_word(scope: str) -> str:
    """A run in the middle of a sentence."""
    return _RUNS.get(scope, f"the run of {tidy(scope).replace('_', ' ')}")


def choice_word(field: str, value: str) -> str:
    """What was chosen in a field, as the page shows it."""
    for one in field.split("|"):
        try:
            return f"‘{labels.label(one, value)}’"
        except UnknownName:
            continue
    return value.replace("_", " ")


def named(name: str) -> str:
    """A setting, figure, run, move, choice or field by what people call it; else its own words."""
    if name in KNOBS:
        return name
    if name in MOVES:
        return f"‘{MOVES[name].title}’"
    if name in FIGURES:
        return labels.figure_label(name)
    if name in _RUNS:
        return _RUNS[name]
    known = _unique().get(name)
    if known is not None:
        return f"‘{known}’"
    try:
        return f"‘{labels.title(name)}’"
    except UnknownName:
        return tidy(name).replace("_", " ")


def percent(share: float) -> str:
    """A share as people read it: the nines of an availability whole, else three digits."""
    if 0.99 < share < 1:
        return f"{100 * share:.6g} %"
    return f"{100 * share:.3g} %" if 100 * share < 999.5 else f"{100 * share:,.0f} %"


def shown(value: float | None, unit: str) -> str:
    """A number with its unit."""
    if value is not None and unit == "share":
        return percent(value)
    if value == 1 and unit not in _TIMES:
        unit = f"{unit[:-3]}y" if unit.endswith("ies") else unit.removesuffix("s")
    return told(value, unit)


def times(ratio: float) -> str:
    """A ratio as people read it: two digits, or all before the point."""
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2g}"


def many(count: int, noun: str) -> str:
    """A count with its noun: "1 run", "3 runs"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _limited(found: re.Match[str]) -> str:
    """A limit of an alarm, with its unit."""
    return f"‘{labels.label('alarmed', found[1])}’ {found[2]} {found[3]} {labels.ALARM_UNITS[found[1]]}"


def _chosen(field: str, values: str) -> str:
    return ", ".join(choice_word(field, value) for value in values.split(", "))


@cache
def _unique() -> dict[str, str]:
    """Label by word, for words with one label only."""
    every: dict[str, set[str]] = {}
    for field in (one for several in _all_fields() for one in several.split("|")):
        for word, label in labels.words(field).items():
            every.setdefault(word, set()).add(label)
    return {word: next(iter(found)) for word, found in every.items() if len(found) == 1}


def _all_fields() -> tuple[str, ...]:
    return (
        *dict.fromkeys(_FIELDS.values()), "number", "decision", "reason", "store", "key", "post_partition", "alarmed",
        "action", "extra_stores", "strategy",
    )  # fmt: skip


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
