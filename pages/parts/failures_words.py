"""What the Failures page says of a run, or of two, in words and in rows of tables."""

from collections.abc import Collection, Sequence

from engine.experiments.stories import FIGURES, MITIGATIONS, Breach, Effect, Lost, Told, Verdict
from engine.observe import words

Row = dict[str, str]
_WORTH_SAYING = 1.1
"""From here on a change is so many times as much."""
_NAMED = ("reads", "pages", "pairs", "posts", "jobs")
NOTHING_ON, SWITCHED_ON, NEITHER = "Nothing on", "Switched on", "–"


def names_in_words(on: Collection[str]) -> str:
    """'coalescing and cache warming'."""
    names = [_lowered(MITIGATIONS[name].title) for name in on]
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _lowered(title: str) -> str:
    """Within a sentence; 'TTL jitter' stays."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _raised(text: str) -> str:
    """At the head of a sentence; 'TTL' stays."""
    return text[:1].upper() + text[1:]


def amount(value: float, unit: str) -> str:
    """A figure with its unit. Figures in seconds count half seconds: they are exact."""
    if unit == "ms":
        return words.millis(value, 3) if value < 1_000 else words.seconds(value / 1_000, 3)
    if unit == "s":
        return f"{words.exactly(value)} s"
    if unit == "%":
        return f"{words.number(value, 3)} %"
    return f"{words.count(value) if value == round(value) else words.number(value, 3)} {unit}"


def figure_amount(value: float, unit: str) -> str:
    """The same beside a figure's name, which says what is counted."""
    return words.count(value) if unit in _NAMED else amount(value, unit)


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
    if first.at_s == answered.at_s:
        return f"It came at {first.at_s:g} s, and with it something that was no answer: {_lowered(first.what)}."
    return (
        f"Of the answers it was the first, at {answered.at_s:g} s. Something else could be seen before: "
        f"{_lowered(first.what)}, from {first.at_s:g} s on."
    )


def seen(breach: Breach) -> str:
    """One breach in a line."""
    span = (
        f"{breach.at_s:g} s to {breach.until_s:g} s" if breach.until_s > breach.at_s else f"at {breach.at_s:g} s only"
    )
    return (
        f"**{breach.what}**, {span}. At worst {amount(breach.worst, breach.unit)}; allowed: {breach.allowed} "
        f"(chart: {breach.chart.label})."
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
        ("Freshness: pairs visible late", late, True),
        ("Longest wait for a post", words.seconds(lost.longest_lag_s, 3), True),
        ("Time with late posts", amount(lost.late_for_s, "s"), True),
        ("Completeness: failed home pages", _of(lost.failed, asked), True),
        ("Refused home pages", _of(lost.refused, asked), False),
        ("Home pages out of date", _of(lost.stale, asked), False),
        ("Home pages without some bodies", _of(lost.incomplete, asked), False),
        ("Home pages that apps gave up on", _of(lost.given_up, asked), False),
        ("Home lists lost and made again", f"{lost.lists:,}", True),
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
    label = _raised(figure.label)
    if before == after:
        return f"{label}: unchanged, {figure_amount(before, figure.unit)}."
    change = f"{label}: **{figure_amount(before, figure.unit)} → {figure_amount(after, figure.unit)}**"
    low, high = sorted((before, after))
    if not low:
        return f"{change}."
    if high / low < _WORTH_SAYING:
        return f"{change}, nearly the same."
    return f"{change}, {words.times(high / low)} {'less' if after < before else 'more'}."


def in_sentence(run: Told, other: Told) -> str:
    """What the switches did, in one line: the largest change."""
    names = names_in_words([name for name in run.story.mitigations if name in run.on])
    if other.debrief.breaches and not run.debrief.breaches:
        return f"With {names}, nothing breaks any more."
    if all(run.debrief.figures[name] == other.debrief.figures[name] for name in run.story.harm):
        return f"With {names}, nothing changes of what this story is about."
    largest = _lowered(difference(run, other)[0]).replace("*", "").replace(": ", " ", 1)
    return f"With {names}: {largest}"


def also_in_words(run: Told, other: Told) -> str:
    """What is over and what is new, and that the load was the same."""
    gone = [_lowered(breach.what) for breach in other.debrief.breaches if run.debrief.breach(breach.chart) is None]
    new = [_lowered(breach.what) for breach in run.debrief.breaches if other.debrief.breach(breach.chart) is None]
    parts = [f"{label}: {'; '.join(names)}." for label, names in (("Over", gone), ("New", new)) if names]
    return " ".join([*parts, f"Both runs met the same load (digest {run.digest[:12]})."])


def effect_rows(effects: Sequence[Effect]) -> list[Row]:
    """A row for each mitigation, tried alone."""
    return [
        {
            "Switch": MITIGATIONS[each.mitigation].title,
            "Moves": "nothing here" if each.without == each.with_ else FIGURES[each.figure].label,
            "Without it": NEITHER if each.without == each.with_ else figure_amount(each.without, each.unit),
            "With it": NEITHER if each.without == each.with_ else figure_amount(each.with_, each.unit),
        }
        for each in effects
    ]
