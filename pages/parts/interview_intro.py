"""Before a mock interview: what it is, level and mode, and the interviews that were kept."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path

import streamlit as st

from engine.errors import InvalidInput
from lessons.interview.base import LEVELS, Level
from lessons.interview.form import FORMS
from lessons.interview.rubric import standard
from lessons.interview.sitting import EXTRAS, Kept, Mode, Sitting, kept
from lessons.interview.sitting.instructor import Instructor, of_text
from pages.parts import interview_history
from pages.parts.interview_talk import name_of
from pages.parts.learner import wall_s
from pages.parts.plain_text import plain
from pages.parts.refusal import refusal_kept, show_refusal

INTERVIEW, SEED, LEVEL = "interview", "seed", "level"
"""In the address."""
_LEVEL, _MODE, _EXTRA, _SEED, _FILE = (f"interview_new_{name}" for name in ("level", "mode", "extra", "seed", "file"))
_LARGEST_SEED = 10**9
_SHOWN = 6
_LEVELS: Mapping[Level, str] = {
    "mid": "A path that works from a post to its readers, and push against pull.",
    "senior": "Leads with the largest accounts, and goes deep in two or three parts.",
    "staff": "Drives: operations, rollout, cost, and numbers that hold.",
}
_MODES: Mapping[Mode, str] = {
    "practice": "The clock can be paused, five hints can be had, and nothing locks.",
    "strict": "45 minutes, no pause and no hints; then the sheets lock. Leaving the page does not stop the clock.",
}
_WHAT = (
    "You design a Twitter for one interviewer: seven steps, a sheet for each, and one requirement that changes midway. "
    "Your design is then run, as you wrote it, in a small world, and you read what it did. Grades come at the end."
)
_GRADING = (
    "- What the design *did* in its own run counts more than what was said of it.\n"
    "- Any design that keeps its own promises passes. Estimates are held against your own assumptions.\n"
    "- All fields begin empty; what is left empty earns nothing and costs nothing else.\n"
    "- Free text decides at most 20 of 100 points. What could not be read is asked again, and is no mistake.\n"
    "- Never scored: speed, spelling, length, language, names of products, hints that were not taken.\n"
    "- A part that changes nothing when it is taken out costs points, after the first two or three."
)


def intro(folder: Path) -> None:
    """The page without an interview."""
    show_refusal()
    st.title("Mock interview", anchor=False)
    new, before = st.columns([6, 5], gap="large")
    with new:
        st.markdown(_WHAT)
        _begin_form(folder)
        with st.expander("How it is graded"):
            _grading()
    with before:
        _kept(folder)
        interview_history.draw()


def _begin_form(folder: Path) -> None:
    wrong = _from_address()
    if wrong:
        st.warning(plain(wrong))
    with st.container(border=True):
        st.radio(
            "Level", LEVELS, index=None, key=_LEVEL, format_func=str.capitalize,
            captions=[_LEVELS[level] for level in LEVELS],
        )  # fmt: skip
        st.session_state.setdefault(_MODE, "practice")
        st.radio("Mode", list(_MODES), key=_MODE, format_func=str.capitalize, captions=list(_MODES.values()))
        seed, extra = st.columns(2, gap="small")
        seed.text_input(
            "Seed", key=_SEED, max_chars=12, placeholder="a new one",
            help="Whoever takes the same seed gets the same changes, loads and order of options.",
        )  # fmt: skip
        st.session_state.setdefault(_EXTRA, 1.0)
        extra.selectbox(
            "Time", EXTRAS, key=_EXTRA, format_func=_time,
            help="Extra time stays private: it is not scored, and no export tells it.",
        )  # fmt: skip
        with st.expander("For instructors"):
            st.file_uploader(
                "Own weights and questions (TOML)", "toml", key=_FILE,
                help="The tables weights, points and probes, as the documentation of the mock interview has them.",
            )  # fmt: skip
        st.button("Begin", type="primary", on_click=_begin, args=(folder,))
        st.caption("It ends with an uncalibrated practice score: no real interviewers have been compared with it yet.")


def _time(extra: float) -> str:
    return f"{45 * extra:g} minutes" + ("" if extra == 1 else f" ({extra:g} times)")


def _from_address() -> str:
    """Take seed and level of a link into the form, once; what is wrong with them."""
    for name, key in ((LEVEL, _LEVEL), (SEED, _SEED)):
        said = st.query_params.get(name)
        if said is None or st.session_state.get(f"{key}_from") == said:
            continue
        st.session_state[f"{key}_from"] = said
        if (said not in LEVELS) if name == LEVEL else not _is_seed(said):
            allowed = ", ".join(LEVELS) if name == LEVEL else "a whole number"
            return f"The address has {name}={said[:40]!r}; allowed: {allowed}. Choose here."
        st.session_state[key] = said
    return ""


def _is_seed(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= len(str(_LARGEST_SEED)) and int(text) <= _LARGEST_SEED


def _begin(folder: Path) -> None:
    with refusal_kept():
        state = st.session_state
        level, text = state.get(_LEVEL), (state.get(_SEED) or "").strip()
        if level is None:
            raise InvalidInput("Choose a level first: mid, senior or staff.")
        if text and not _is_seed(text):
            raise InvalidInput(f"The seed is {text[:20]!r}; allowed: up to {_LARGEST_SEED:,}, or nothing.")
        sitting = Sitting.begin(
            folder, level=level, mode=state[_MODE], seed=int(text) if text else secrets.randbelow(_LARGEST_SEED),
            now_s=wall_s, extra=state[_EXTRA], language=st.context.locale, instructor=_instructor(),
        )  # fmt: skip
        _open(sitting.id)


def _instructor() -> Instructor | None:
    """The uploaded file.

    Raises:
        InvalidInput: what is wrong with it.
    """
    file = st.session_state.get(_FILE)
    return None if file is None else of_text(file.getvalue().decode("utf-8", "replace"), file.name)


def _open(name: str) -> None:
    for param in (SEED, LEVEL):
        st.query_params.pop(param, None)
    st.query_params[INTERVIEW] = name


def _same_seed(one: Kept) -> None:
    """Into the form: the same again, to improve the answer."""
    st.session_state[_SEED], st.session_state[_LEVEL] = str(one.seed), one.level


# Those that were kept


def _kept(folder: Path) -> None:
    st.header("Your interviews", anchor=False)
    found = kept(folder)
    if not found:
        st.markdown("None yet. One that is left can be gone on with; one that is over shows its debrief here.")
        return
    for place, one in enumerate(found[:_SHOWN]):
        _row(one, first=place == 0)
    if len(found) > _SHOWN:
        with st.expander(f"{len(found) - _SHOWN} older"):
            for one in found[_SHOWN:]:
                _row(one)


def _row(one: Kept, *, first: bool = False) -> None:
    told, look, again = st.columns([6, 3, 3], vertical_alignment="center", gap="small")
    where = "over" if one.over else f"in {name_of(one.phase)}"
    told.markdown(f"{_day(one.began_at)}: {one.level}, {one.mode}, seed {one.seed}, {where}")
    look.button(
        "Debrief" if one.over else "Go on", key=f"interview_open_{one.id}", on_click=_open, args=(one.id,),
        type="primary" if first and not one.over else "secondary", width="stretch",
    )  # fmt: skip
    again.button(
        "Same seed", key=f"interview_again_{one.id}", on_click=_same_seed, args=(one,), width="stretch",
        help=f"Puts its seed and level into the form. A link for others: ?seed={one.seed}&level={one.level}",
    )  # fmt: skip


def _day(at_s: float) -> str:
    """In the visitor's own time where the browser told it: "24 Nov, 21:40"."""
    behind_min = st.context.timezone_offset
    zone = timezone(-timedelta(minutes=behind_min if isinstance(behind_min, int | float) else 0))
    return f"{datetime.fromtimestamp(at_s, zone):%-d %b, %H:%M}"


def _grading() -> None:
    """From the rubric that grades."""
    rubric = standard()
    st.markdown(_GRADING)
    rows = [
        {"Step": f"{step}. {form.title}"} | {
            f"{level.capitalize()}, points": f"{rubric.points[level][step - 1]:g}" for level in LEVELS
        } | {f"{level.capitalize()}, min": f"{rubric.minutes[level].steps[step - 1]:g}" for level in LEVELS}
        for step, form in FORMS.items()
    ]  # fmt: skip
    st.table(rows, border="horizontal", hide_index=True)
    st.markdown("The new requirement between steps 5 and 6 takes 4 to 6 minutes and counts in step 7.")
