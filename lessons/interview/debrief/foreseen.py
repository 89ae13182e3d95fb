"""The new requirement and the unforeseen loads: what was predicted beside what was measured; and the readings."""

from engine.config import KNOBS
from lessons.interview.debrief.kept import LAG, promises
from lessons.interview.debrief.shape import Block, Paragraph, Table
from lessons.interview.debrief.words import many, quoted, run_word, shown, spoken, tidy, times
from lessons.interview.evidence.own import home_path, wrong_entries
from lessons.interview.figures import figure, told
from lessons.interview.labels import figure_label
from lessons.interview.measured import UNFORESEEN, Part
from lessons.interview.report import Report
from lessons.interview.runs.drawn import NEW_REQUIREMENTS, UNFORESEEN_LOADS
from lessons.interview.transcript import Transcript
from lessons.interview.units import FIGURES

_VERDICTS = {"true": "holds", "near": "near", "contradicted": "contradicted", "not measured": "not measured"}


def foreseen(transcript: Transcript) -> tuple[Block, ...]:
    """The change, then the loads."""
    return (*_change(transcript), *_loads(transcript))


def readings(report: Report) -> tuple[Block, ...]:
    """What was said of the own run, each beside what it measured."""
    if not report.claims:
        return (Paragraph("No reading of the own run was found."),)
    rows = tuple(
        (quoted(one.text) if one.text.strip() else "not found", run_word(one.scope), _VERDICTS[one.verdict]
         + (", taken back" if one.retracted else ""), spoken(one.figure))
        for one in report.claims
    )  # fmt: skip
    return (Table("Readings of the own run", ("Your words", "Run", "Result", "Beside the run"), rows),)


def _change(transcript: Transcript) -> tuple[Block, ...]:
    variant, runs = transcript.change.variant, transcript.run
    if variant is None and runs.change_before is None:
        return (Paragraph("No new requirement was reached."),)
    title = NEW_REQUIREMENTS[variant].title if variant is not None else "not named"
    diff = transcript.change.structured.config_diff
    changed = ", ".join(f"{_setting(name)} = {_plain(value)}" for name, value in sorted(diff.items())) or "nothing"
    told_of = [f"New requirement: {title}. Changed in the design: {changed}."]
    told_of += [_outcome(transcript, "change_before", "Before the change")]
    if runs.change_after is not None:
        told_of += [_outcome(transcript, "change_after", "After the change")]
    last = runs.change_after if diff else runs.change_before
    rows = tuple(
        (figure_label(one.metric), _of(transcript, runs.change_before, one.metric),
         f"{told(one.to, FIGURES[one.metric])} (your estimate)", _of(transcript, last, one.metric),
         _off(figure(last, one.metric, transcript.scale), one.to))
        for one in transcript.change.structured.predicts
    )  # fmt: skip
    paragraph = Paragraph(" ".join(told_of))
    if not rows:
        return paragraph, Paragraph("No prediction of the change was found.")
    table = Table("The change, predicted and measured", ("Figure", "Before", "Predicted", "After", "Off by"), rows)
    return paragraph, table


def _loads(transcript: Transcript) -> tuple[Block, ...]:
    runs = transcript.run.unforeseen
    made = [name for name in UNFORESEEN if name in runs]
    if not made:
        return (Paragraph("No unforeseen load was run."),)
    rows = tuple(
        (f"{name}: {UNFORESEEN_LOADS[name]}", _of(transcript, runs[name], LAG),
         _of(transcript, runs[name], home_path(transcript)), _wrong(runs[name]), _verdict(transcript, runs[name]),
         _read(transcript, name))
        for name in made
    )  # fmt: skip
    broken = [name for name in made if _verdict(transcript, runs[name]) == "broken"]
    lead = f"{many(len(made), 'unforeseen load')} ran; the promises broke under {', '.join(broken) or 'none of them'}."
    columns = ("Load", "Lag p99", "Home page", "Audit", "Promises", "Your readings")
    return Paragraph(lead + " A promise that breaks here costs no points by itself."), Table(
        "Unforeseen loads", columns, rows
    )


def _outcome(transcript: Transcript, scope: str, when: str) -> str:
    part = transcript.run.scopes().get(scope)
    if part is None:
        return f"{when}: not run."
    found = promises(transcript, scope, part)
    if not found:
        return f"{when}: no number that a promise could be held against."
    worst = max(found, key=lambda one: one.share)
    return f"{when}: {worst.what} was {worst.told}. {'Broken.' if worst.share > 1 else 'Kept.'}"


def _verdict(transcript: Transcript, part: Part) -> str:
    found = promises(transcript, "", part)
    if not found:
        return "not measured"
    return "broken" if any(one.share > 1 for one in found) else "kept"


def _read(transcript: Transcript, scope: str) -> str:
    """The readings of one run."""
    told_of = [f"{figure_label(one.metric)} {told(one.value, FIGURES[one.metric])}" for one in transcript.claims
               if one.scope == scope and one.value is not None]  # fmt: skip
    return "; ".join(told_of) or "not found"


def _wrong(part: Part) -> str:
    wrong = wrong_entries(part)
    return "not audited" if wrong is None else f"{shown(wrong, 'wrong entries')} (measured)"


def _of(transcript: Transcript, part: Part | None, path: str) -> str:
    value = figure(part, path, transcript.scale)
    return "not measured" if value is None else f"{shown(value, FIGURES[path])} (measured)"


def _off(found: float | None, to: float) -> str:
    if found is None:
        return "not measured"
    if min(found, to) <= 0:
        return "0 times" if found == to else "one of the two is 0"
    return f"{times(max(found / to, to / found))} times"


def _setting(name: str) -> str:
    """Settings of the engine keep their names."""
    return name if name in KNOBS else name.replace("_", " ")


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None:
        return "as it comes"
    return f"{value:,.6g}" if isinstance(value, int | float) else tidy(str(value)).replace("_", " ")
