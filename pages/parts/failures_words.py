"""What the Failures page says of a run, or of two, in words and in rows of tables."""

from collections.abc import Collection, Sequence

from engine.experiments.stories import FIGURES, MITIGATIONS, Breach, Effect, Lost, Told, Verdict
from engine.observe import words

Row = dict[str, str]
_WORTH_SAYING = 1.1
"""From here on a change is so many times as much."""
NOTHING_ON, SWITCHED_ON = "Nothing on", "Switched on"


def names_in_words(on: Collection[str]) -> str:
    """'coalescing and cache warming'."""
    names = [MITIGATIONS[name].title.lower() for name in on]
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def amount(value: float, unit: str) -> str:
    """A figure with its unit."""
    if unit == "ms":
        return words.millis(value, 3) if value < 1_000 else words.seconds(value / 1_000, 3)
    if unit == "s":
        return words.seconds(value, 3)
    if unit == "%":
        return f"{words.number(value, 3)} %"
    return f"{words.count(value) if value == round(value) else words.number(value, 3)} {unit}"


def verdict_line(verdict: Verdict, said: str, run: Told) -> str:
    """Right or not, and what the run answered; the details stand in the debrief."""
    labels = {option.key: option.label for option in run.story.options}
    answer = labels[run.answer]
    return f"✓ Right: “{answer}”." if verdict.right else f"✗ You predicted “{labels[said]}”; it was “{answer}”."


def cause_line(run: Told) -> str | None:
    """Of a run in which something else could be seen before what was asked about."""
    breaches = run.debrief.breaches
    asked = {option.key for option in run.story.options}
    answered = next((breach for breach in breaches if str(breach.chart) == run.answer), None)
    if answered is None or str(breaches[0].chart) in asked:
        return None
    first = breaches[0]
    return (
        f"First of what was asked about, at {answered.at_s:g} s. What could be seen before it: {first.what.lower()}, "
        f"from {first.at_s:g} s on."
    )


def seen(breach: Breach) -> str:
    """One breach in a line."""
    span = f"until {breach.until_s:g} s" if breach.until_s > breach.at_s else "then well again"
    return (
        f"**{breach.what.lower()}**, first visible at {breach.at_s:g} s in *{breach.chart.label}*, {span}; "
        f"at worst {amount(breach.worst, breach.unit)}."
    )


def lost_rows(run: Told, other: Told | None) -> list[Row]:
    """What people did not get or got late: of the run, beside the one with nothing on."""
    runs = [(run, "This run")] if other is None else [(other, NOTHING_ON), (run, SWITCHED_ON)]
    told = [(name, _lost_lines(each.debrief.lost, _sent(each))) for each, name in runs]
    return [
        {"Measured": label, **{name: lines[place][1] for name, lines in told}}
        for place, (label, _, always) in enumerate(told[0][1])
        if always or any(lines[place][1] != "0" for _, lines in told)
    ]


def _sent(run: Told) -> int:
    return int(run.report["load"]["posts"])


def _lost_lines(lost: Lost, sent: int) -> list[tuple[str, str, bool]]:
    """(what, how much, whether it is always said)."""
    late = f"{lost.late_pairs:,} of {lost.pairs:,}" if lost.late_pairs else "0"
    asked = lost.reads + lost.refused
    return [
        ("Posts lost", f"{lost.posts:,} of {sent:,}", True),
        ("Freshness: seen late, of all copies", late, True),
        ("the longest wait", words.seconds(lost.longest_lag_s, 3), True),
        ("late ones kept coming for", words.seconds(lost.late_for_s, 3), True),
        ("Completeness: home pages failed", _of(lost.failed, asked), True),
        ("home pages refused", _of(lost.refused, asked), False),
        ("home pages out of date", _of(lost.stale, asked), False),
        ("home pages without some bodies", _of(lost.incomplete, asked), False),
        ("home pages given up by apps", _of(lost.given_up, asked), False),
        ("Home lists lost, made again", f"{lost.lists:,}", True),
    ]


def _of(count: int, total: int) -> str:
    return f"{count:,} of {total:,}" if count else "0"


def difference(run: Told, other: Told) -> list[str]:
    """What the switches changed, by the figures that this story is about; the largest change first."""
    changes = [(name, other.debrief.figures[name], run.debrief.figures[name]) for name in run.story.harm]
    changes.sort(key=lambda change: -_weight(*change[1:]))
    return [_change(*change) for change in changes]


def _weight(before: float, after: float) -> float:
    low, high = sorted((before + 1, after + 1))
    return high / low


def _change(name: str, before: float, after: float) -> str:
    figure = FIGURES[name]
    label = f"{figure.label[:1].upper()}{figure.label[1:]}"
    if before == after:
        return f"{label}: {amount(before, figure.unit)} both times."
    way = "less" if after < before else "more"
    low, high = sorted((before, after))
    times = f", {words.times(high / low)} {way}" if low and high / low >= _WORTH_SAYING else f", {way}"
    return f"{label}: **{amount(before, figure.unit)} → {amount(after, figure.unit)}**{times}."


def in_sentence(run: Told, other: Told) -> str:
    """The two runs in one line."""
    names = names_in_words([name for name in run.story.mitigations if name in run.on])
    same = f"With {names}, on the same load (digest {run.digest[:12]})"
    if other.debrief.breaches and not run.debrief.breaches:
        return f"{same}: nothing breaks any more."
    gone = [breach.what.lower() for breach in other.debrief.breaches if run.debrief.breach(breach.chart) is None]
    new = [breach.what.lower() for breach in run.debrief.breaches if other.debrief.breach(breach.chart) is None]
    parts = [f"no longer {'; '.join(gone)}"] if gone else []
    parts += [f"new: {'; '.join(new)}"] if new else []
    if not parts:
        return f"{same}: {difference(run, other)[0].replace('*', '')}"
    return f"{same}, {'. '.join(parts)}."


def effect_rows(effects: Sequence[Effect]) -> list[Row]:
    """A row for each mitigation, tried alone."""
    return [
        {
            "Switch": MITIGATIONS[each.mitigation].title,
            "Moves": FIGURES[each.figure].label,
            "Without it": amount(each.without, each.unit),
            "With it": amount(each.with_, each.unit),
            "Says": each.sentence,
        }
        for each in effects
    ]
