"""The Estimates page's frame: a question, an estimate that is kept, and only then the answer."""

from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

import streamlit as st

from engine.errors import InvalidInput, MurmurationError
from lessons.estimates.draw import question
from lessons.estimates.numbers import Unit, read_number
from lessons.estimates.question import LEVELS, Question
from lessons.estimates.record import Taken, next_seed, reveal, revealed, take, taken, truth_of
from lessons.estimates.score import Done
from lessons.estimates.shown import times
from lessons.progress import Progress
from pages.parts.estimates_record import record_section
from pages.parts.inner_link import inner_link
from pages.parts.learner import learner
from pages.parts.plain_text import plain
from pages.parts.shelf import SHELF, Telling

ASKED, LEVEL, REFUSED = "estimates_asked", "estimates_level", "estimates_refused"
REFRESH_S = 0.4
_AT_ONCE_S = 0.1
_SUCH_AS: dict[Unit, str] = {
    "count": "such as 3.5k or 60 billion",
    "per_s": "such as 3.5k/s",
    "seconds": "such as 90 s or 2 min",
    "bytes": "such as 300 GB",
    "bits_per_s": "such as 12 Gbit/s",
    "usd_per_month": "such as $2,000",
}


class Asked(NamedTuple):
    """Which question the page shows."""

    level: int
    seed: int


def estimates_page() -> None:
    """The whole page."""
    progress = learner()
    asked, wrong = _asked(progress)
    st.title("Estimate drills", anchor=False)
    work, record = st.columns([9, 10], gap="large")
    with work:
        for sentence in wrong:
            st.warning(plain(sentence))
        _question(progress, asked)
    with record:
        record_section(progress)


# The address and the session


def _asked(progress: Progress) -> tuple[Asked, list[str]]:
    """What the address says; else what this session last saw here; else the learner's next question."""
    there = {name: st.query_params[name] for name in ("level", "seed") if name in st.query_params}
    if there:
        try:
            asked = _asked_in(there, progress)
        except InvalidInput as refused:
            return _go(_next(progress, 1)), [f"{refused} So this is your next one."]
        return (asked if st.session_state.get(ASKED) == asked and len(there) == 2 else _go(asked)), []
    return _go(st.session_state.get(ASKED) or _next(progress, 1)), []


def _asked_in(said: dict[str, str], progress: Progress) -> Asked:
    numbers = {}
    for name, text in said.items():
        if not (text.isascii() and text.isdecimal() and len(text) <= 7):
            raise InvalidInput(f"The address has {name}={text[:40]!r}; allowed: a whole number.")
        numbers[name] = int(text)
    level = numbers.get("level", 1)
    question(numbers.get("seed", 1), level)
    return Asked(level, numbers["seed"]) if "seed" in numbers else _next(progress, level)


def _next(progress: Progress, level: int) -> Asked:
    return Asked(level, next_seed(progress, level))


def _go(asked: Asked) -> Asked:
    """Put it in the address."""
    st.session_state[ASKED], st.session_state[LEVEL], st.session_state[REFUSED] = asked, asked.level, None
    st.query_params["level"], st.query_params["seed"] = str(asked.level), str(asked.seed)
    return asked


def _other_level() -> None:
    _go(_next(learner(), st.session_state[LEVEL] or st.session_state[ASKED].level))


def _go_on(level: int) -> None:
    _go(_next(learner(), level))


# The question


def _question(progress: Progress, asked: Asked) -> None:
    one = question(asked.seed, asked.level)
    st.segmented_control(
        "Level", list(LEVELS), key=LEVEL, format_func=LEVELS.__getitem__, on_change=_other_level,
        help="From one step of arithmetic to three.",
    )  # fmt: skip
    st.header(one.family.title, anchor=False)
    st.markdown(f"**{plain(one.text)}**")
    st.caption(
        "Measured: the answer is a run of this engine, made after you have answered. Lists, posts and queues are real; "
        "service times are modelled."
        if one.measured
        else "Reckoned: the answer follows from these numbers. No calculator, no search: round numbers will do."
    )
    said = taken(progress, one)
    if said is None:
        _form(one)
    else:
        _answer(progress, one, said)


def _form(one: Question) -> None:
    """One number, and a range if they like."""
    keys = _Fields.of(one)
    with st.container(border=True, width=560):
        st.text_input("Your estimate", key=keys.said, max_chars=60)
        st.caption(plain(_read_back(one, keys.said)))
        st.markdown("I am 90 % sure that the answer lies between (optional)")
        with st.container(horizontal=True):
            st.text_input("From", key=keys.low, max_chars=60, label_visibility="collapsed", placeholder="at least")
            st.text_input("To", key=keys.high, max_chars=60, label_visibility="collapsed", placeholder="at most")
        st.button("Keep it and show the answer", type="primary", on_click=_keep, args=(one,))
        if st.session_state.get(REFUSED):
            st.warning(plain(st.session_state[REFUSED]))
    st.caption(
        "What you say is kept before the answer is looked up, and stays. A guess is enough: no guess teaches nothing."
    )


class _Fields(NamedTuple):
    """Names of a question's fields in the session."""

    said: str
    low: str
    high: str

    @classmethod
    def of(cls, one: Question) -> "_Fields":
        return cls(*(f"estimates_{name}_{one.id}" for name in ("said", "low", "high")))


def _read_back(one: Question, key: str) -> str:
    """What the number is taken for, so that a slip of the pen is seen before it counts.

    There is always a line: one that came and went would take the field below it away from under the typing hand.
    """
    text = st.session_state.get(key) or ""
    with suppress(InvalidInput):
        if text.strip():
            return f"Read as {one.shown(read_number(text, one.family.unit))}."
    return f"One number, {_SUCH_AS[one.family.unit]}."


def _keep(one: Question) -> None:
    said, low, high = (st.session_state.get(key) or "" for key in _Fields.of(one))
    try:
        take(learner(), one, said, low, high)
        st.session_state[REFUSED] = None
    except MurmurationError as refused:
        st.session_state[REFUSED] = str(refused)


# The answer


def _answer(progress: Progress, one: Question, said: Taken) -> None:
    done = revealed(progress, one)
    if done is None and one.measured:
        work = _work(one)
        work.wait(_AT_ONCE_S)
        if not work.over:
            st.markdown(f"You said **{plain(one.shown(said.estimate))}**. It is kept.")
            _follow(work)
            return
        done = reveal(progress, one, said, work.found())
    elif done is None:
        done = reveal(progress, one, said, truth_of(one))
    _shown(one, done)


def _work(one: Question) -> Telling[float]:
    """The run that measures it; made once for all who ask."""

    def make(told: Callable[[float], None]) -> float:
        return truth_of(one, told)

    return SHELF.ask(("estimate", one.id), f"The run for {one.family.title!r}", make)


@st.fragment(run_every=REFRESH_S)
def _follow(work: Telling[float]) -> None:
    if work.over:
        st.rerun()
    waits = f"{work.ahead} come before it" if work.ahead > 1 else "one comes before it" if work.ahead else "it is next"
    under_way = "posts, copies and reads are being made; a second or two"
    st.progress(work.share, f"{work.title}: {waits if work.state == 'waiting' else under_way}.")


def _shown(one: Question, done: Done) -> None:
    cells = st.columns(3)
    kind = "measured" if one.measured else "reckoned"
    cells[0].metric("You said", done.said)
    cells[1].metric(f"Answer ({kind})", done.shown)
    cells[2].metric(
        "Off by", times(10 ** abs(done.grade.off)), help=f"log10(estimate / answer) = {done.grade.off:+.2f}"
    )
    tell = st.success if not done.grade.wrong else st.warning
    tell(done.grade.sentence + (" It comes back tomorrow among your drills." if done.grade.wrong else ""))
    if done.range is not None:
        st.markdown(f"Your 90 % range {'held' if done.range.holds(done.truth) else 'did not hold'} the answer.")
    st.markdown("**Step by step**" + (", as one could have reckoned it" if one.measured else ""))
    st.code("\n".join(one.worked.steps), language=None, wrap_lines=True)
    st.markdown(f"**To remember.** {plain(one.family.rule)}")
    if one.run is not None:
        st.markdown("The run that measured it:")
        st.code(one.run.command, language="bash", wrap_lines=True)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Next question", type="primary", on_click=_go_on, args=(one.family.level,))
        inner_link(one.family.link, "Learn it")
