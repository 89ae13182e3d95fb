"""Panel: one has answered, the others score by the same rubric, each for themselves; then all are laid side by side."""

from collections.abc import Mapping

import streamlit as st

from engine.errors import InvalidInput, MurmurationError
from lessons.interview.debrief.panel import GRADER, Panel, Score, Scores, beside, checked_name
from lessons.interview.debrief.words import quoted, spoken
from lessons.interview.form import FORMS
from lessons.interview.report import Line
from lessons.interview.rubric import Rubric
from lessons.interview.sitting import Sitting, State
from pages.parts.interview_address import address_button
from pages.parts.interview_debrief import Graded, graded_of
from pages.parts.plain_text import plain
from pages.parts.refusal import refusal_kept, show_refusal

NAME = "interview_panel_name"
_CREDITS: Mapping[float, str] = {0.0: "0", 0.5: "½", 1.0: "1"}


def draw(sitting: Sitting, state: State) -> None:
    """The whole page."""
    show_refusal()
    st.title("Panel", anchor=False)
    address_button("Back to the interview", {"interview": sitting.id}, ":material/arrow_back:")
    if not state.over:
        st.markdown("A panel scores an interview that is over. Come back when this one is.")
        return
    rubric = sitting.rubric()
    graded, panel = graded_of(sitting), Panel.of(sitting.folder, sitting.id, rubric)
    st.markdown(
        "One has answered; everybody else scores the same criteria, for themselves. Scores of others and of the grader "
        "are shown once you have scored."
    )
    name = _name(panel)
    if name is None:
        return
    mine = panel.read(name)
    score, differences = st.tabs(["Score", "Differences"])
    with score:
        _scoring(panel, mine, graded, rubric)
    with differences:
        _side_by_side(panel, mine, graded, rubric)


def _name(panel: Panel) -> str | None:
    """Who scores; None as long as that is no name."""
    said = st.text_input("Your name", key=NAME, max_chars=60, width=420,
                         help="Your scores are kept under it, with the interview.")  # fmt: skip
    there = panel.names()
    if there:
        st.caption(f"So far: {plain(', '.join(there))}.")
    if not (said or "").strip():
        return None
    try:
        return checked_name(said)
    except InvalidInput as refused:
        st.warning(plain(str(refused)))
        return None


def _scoring(panel: Panel, mine: Scores, graded: Graded, rubric: Rubric) -> None:
    """Each criterion of this level with what was said to it; nothing that tells what the grader gave."""
    for step, form in FORMS.items():
        lines = [line for line in graded.report.lines if line.step == step and line.expected]
        if not lines:
            continue
        st.subheader(f"{step}. {form.title}", anchor=False)
        text = graded.transcript.steps.text(step).strip()
        if text:
            st.markdown(f"In their own words: “{plain(text)}”")
        for line in lines:
            _criterion(panel, mine, line, rubric)


def _criterion(panel: Panel, mine: Scores, line: Line, rubric: Rubric) -> None:
    asked, credit, note = st.columns([8, 3, 5], vertical_alignment="center", gap="small")
    evidence = ", ".join(
        plain(one) for one in (quoted(line.quote) if line.quote else "", spoken(line.figure or "")) if one
    )
    asked.markdown(f"**{line.criterion}** {plain(line.title)}  \n{evidence}", help=plain(_wrong(line, rubric)))
    keys = [f"interview_panel_{mine.name}_{line.criterion}_{part}" for part in ("credit", "note")]
    there = mine.scores.get(line.criterion, Score())
    for key, value in zip(keys, (there.credit, there.note), strict=True):
        if key not in st.session_state:
            st.session_state[key] = value
    credit.segmented_control(
        f"Credit for {line.criterion}", list(_CREDITS), key=keys[0], format_func=_CREDITS.__getitem__,
        label_visibility="collapsed", on_change=_keep, args=(panel, mine.name, line.criterion, keys),
    )  # fmt: skip
    note.text_input(
        f"Note on {line.criterion}", key=keys[1], max_chars=2_000, placeholder="Which words decided?",
        label_visibility="collapsed", on_change=_keep, args=(panel, mine.name, line.criterion, keys),
    )  # fmt: skip


def _wrong(line: Line, rubric: Rubric) -> str:
    one = rubric.criteria[line.criterion]
    return f"Wrong: {one.wrong}. Over-engineered: {one.over}."


def _keep(panel: Panel, name: str, criterion: str, keys: list[str]) -> None:
    """At once, on top of what is kept now."""
    credit, note = (st.session_state.get(key) for key in keys)
    with refusal_kept():
        kept = panel.read(name)
        scores = {**kept.scores, criterion: Score(credit=credit, note=note or "")}
        panel.write(kept.model_copy(update={"scores": scores}))


def _side_by_side(panel: Panel, mine: Scores, graded: Graded, rubric: Rubric) -> None:
    """Everybody beside the grader, the largest differences first."""
    if not any(one.credit is not None for one in mine.scores.values()):
        st.markdown("Score a criterion first: whoever has seen the other scores is no second opinion any more.")
        return
    try:
        found = beside(graded.report, panel.all(), rubric)
    except MurmurationError as refused:
        st.warning(plain(str(refused)))
        return
    scored = {name for name, one in mine.scores.items() if one.credit is not None}
    rows = [
        {"Criterion": f"{one.criterion} {plain(one.title)}"}
        | {plain(name): _shown(one.credits.get(name)) for name in found.people}
        | {"Gap": f"{one.gap:g}", "To discuss": plain(one.discuss)}
        for one in found.differences
        if one.criterion in scored
    ]
    st.table(rows, border="horizontal", hide_index=True)
    st.caption("Credit of 1, without what questions and hints left of it; the grader's is rounded to 0, ½ or 1.")
    for one in found.differences:
        for name, note in one.notes.items():
            if one.criterion in scored:
                st.markdown(f"- {one.criterion}, {plain(name)}: “{plain(note)}”")
    st.subheader("Agreement", anchor=False)
    pairs = [
        {
            "Between": f"{plain(one.first)} and {plain(one.second)}",
            "Criteria": f"{one.agreement.count}",
            "Exact": f"{one.agreement.exact:.0%}",
            "At most ½ apart": f"{one.agreement.adjacent:.0%}",
            "Mean difference": f"{one.agreement.mean_difference:+.2f}",
            "Weighted kappa": "not told" if one.agreement.kappa is None else f"{one.agreement.kappa:.2f}",
        }
        for one in found.pairs
    ]
    st.table(pairs, border="horizontal", hide_index=True)
    st.caption(
        "Mean difference: the first less the second, in credits. Kappa: quadratic weights; 1 is full agreement, 0 what "
        f"chance would give; on few criteria it says little. “{GRADER}” is this page's grader."
    )


def _shown(credit: float | None) -> str:
    return "–" if credit is None else _CREDITS.get(credit, f"{credit:g}")
