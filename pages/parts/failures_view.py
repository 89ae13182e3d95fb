"""The Failures page's frame: which story, what is asked for, the runs that are under way, and what came of them."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from engine.errors import MurmurationError, TooManyStudies
from engine.experiments.stories import MITIGATIONS, STORIES, Told, tell
from pages.parts.failures_audit import audit_section
from pages.parts.failures_debrief import aftermath
from pages.parts.failures_effects import effects_section
from pages.parts.failures_link import MOST_SEED, PARAMS, Asked, asked_in, in_order
from pages.parts.failures_live import break_it_live
from pages.parts.failures_take import take_away
from pages.parts.failures_words import names_in_words
from pages.parts.shelf import SHELF, Telling

ASKED, STORY, BET, SEED, REFUSED = (f"failures_{name}" for name in ("asked", "story", "bet", "seed", "refused"))
REFRESH_S = 0.4
_AT_ONCE_S = 0.1
"""Real seconds in which a run that is there already answers."""


def failures_page() -> None:
    """The whole page."""
    asked, wrong = _asked()
    st.title("Failures", anchor=False)
    rail, stage = st.columns([5, 14], gap="medium")
    with rail:
        _stories(asked)
        if asked.said is not None:
            _locked(asked)
            _switches(asked)
    with stage:
        for sentence in wrong:
            st.warning(sentence)
        if asked.said is None:
            _question(asked)
        else:
            _runs(asked)
    break_it_live()


# The address and the session


def _asked() -> tuple[Asked, list[str]]:
    """What the address says; without a story in it, what this session last saw here."""
    there = {name: st.query_params[name] for name in PARAMS if name in st.query_params}
    if not there and ASKED in st.session_state:
        go(st.session_state[ASKED])
        return st.session_state[ASKED], []
    asked, wrong = asked_in(there)
    if st.session_state.get(ASKED) != asked:
        _remember(asked)
    return asked, wrong


def _remember(asked: Asked) -> None:
    """Let the fields say what the address says."""
    state = st.session_state
    state[ASKED], state[REFUSED] = asked, None
    state[SEED] = asked.seed
    for name in asked.told.mitigations:
        state[_switch(name)] = name in asked.on


def go(asked: Asked) -> None:
    """Put it in the address, from which everything else follows."""
    _remember(asked)
    others = {name: text for name, text in st.query_params.items() if name not in PARAMS}
    st.query_params.from_dict(others | asked.to_params())  # at once: each change by itself would be a step back


def _switch(name: str) -> str:
    return f"failures_on_{name}"


# What is chosen


def _stories(asked: Asked) -> None:
    """One sentence each, until one of them has been run."""
    st.session_state[STORY] = asked.story
    st.radio(
        "Story",
        list(STORIES),
        key=STORY,
        format_func=lambda name: STORIES[name].title,
        captions=[story.what for story in STORIES.values()] if asked.said is None else None,
        on_change=_other_story,
    )


def _other_story() -> None:
    go(Asked(st.session_state[STORY], seed=_seed()))


def _question(asked: Asked) -> None:
    """What happens, and the prediction that is locked by Run."""
    story = asked.told
    st.header(story.title, anchor=False)
    st.markdown(story.what)
    labels = {option.key: option.label for option in story.options}
    key = f"{BET}_{story.name}"
    with st.container(border=True, width=640):
        st.radio(
            f"{story.question} Predict it: the run locks your answer.",
            list(labels),
            index=None,
            key=key,
            format_func=labels.__getitem__,
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.button("Run", type="primary", on_click=_run, args=(asked, key), width=140)
            st.number_input("Seed", 0, MOST_SEED, key=SEED, width=140, help="Of people and load.")
        if st.session_state.get(REFUSED):
            st.warning(st.session_state[REFUSED])
    st.markdown(
        "1. **Predict** what breaks, then **run**: watch it in the charts, with what you predicted drawn over them.\n"
        "2. Read what broke first, when it could first be seen, and what was lost.\n"
        "3. **Switch** on what may help and run the same load again: both runs lie over each other.\n"
        "4. See which switch helps most, and what the audit of every list says."
    )
    st.caption(
        f"{story.seconds} virtual seconds of a classroom of 2,000 people under {story.strategy}, about two seconds of "
        "real time. Lists, posts and queues are real; service times are modelled. Nothing is switched on that would "
        "help" + (f", and then the same load with {names_in_words(asked.on)}." if asked.on else "; that comes after.")
    )


def _run(asked: Asked, key: str) -> None:
    bet = st.session_state.get(key)
    if bet is None:
        st.session_state[REFUSED] = "Choose an answer first: a guess is enough, and a wrong one teaches more."
        return
    go(replace(asked, said=bet, seed=_seed()))


def _seed() -> int:
    seed = st.session_state.get(SEED)
    return st.session_state[ASKED].seed if seed is None else seed


def _locked(asked: Asked) -> None:
    label = next(option.label for option in asked.told.options if option.key == asked.said)
    st.markdown(f"**{asked.told.question}** Predicted: *{label}* (locked).")


def _switches(asked: Asked) -> None:
    """What may help, and the run that tries it."""
    st.markdown("**What would help?** Switch something on.")
    for name in asked.told.mitigations:
        st.toggle(MITIGATIONS[name].title, key=_switch(name), help=_sentence(MITIGATIONS[name].text))
    st.button(
        "Run again on the same load",
        type="primary",
        width="stretch",
        on_click=_again,
        args=(asked,),
        key="failures_again",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            "Seed", 0, MOST_SEED, key=SEED, width=110, help="Of people and load: another one is another load."
        )
        st.button("Predict anew", on_click=_anew, args=(asked,), help="The same story from its beginning.")
    if st.session_state.get(REFUSED):
        st.info(st.session_state[REFUSED])


def _again(asked: Asked) -> None:
    on = in_order(asked.told, [name for name in asked.told.mitigations if st.session_state.get(_switch(name))])
    if (on, _seed()) == (asked.on, asked.seed):
        st.session_state[REFUSED] = "Nothing has changed: the same run gives the same figures. Switch something first."
        return
    go(replace(asked, on=on, seed=_seed()))


def _anew(asked: Asked) -> None:
    st.session_state.pop(f"{BET}_{asked.story}", None)
    go(Asked(asked.story, seed=_seed()))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


# The runs


def _runs(asked: Asked) -> None:
    """The run with nothing on, and the one with something on over it."""
    try:
        works = [_work(each) for each in ([asked.plain, asked] if asked.on else [asked])]
    except TooManyStudies as refused:
        st.warning(f"{refused} Your prediction is kept.")
        st.button("Try again")
        return
    works[-1].wait(_AT_ONCE_S)
    if not all(work.over for work in works):
        _follow(works)
    ended = [work for work in works if work.over]
    try:
        told = [work.found() for work in ended]
    except MurmurationError as failed:
        st.error(str(failed))
        st.button("Try again")
        return
    if told:
        _drawn(asked, told)


def _work(asked: Asked) -> Telling[Told]:
    """The run of this story with this on; made once for all who ask for it."""
    story = asked.told

    def make(done: Callable[[float], None]) -> Told:
        return tell(story, asked.on, asked.seed, told=lambda at_s: done(min(at_s / story.seconds, 1.0)))

    with_ = f" with {names_in_words(asked.on)}" if asked.on else ""
    return SHELF.ask(("told", asked.story, asked.on, asked.seed), f"{story.title}{with_}", make)


@st.fragment(run_every=REFRESH_S)
def _follow(works: Sequence[Telling[Told]]) -> None:
    """How far they are; drawn again while one is under way."""
    under_way = [work for work in works if not work.over]
    if not under_way:
        st.rerun()
    st.progress(sum(work.share for work in works) / len(works), progress_line(under_way[0]))


def progress_line(work: Telling[Told]) -> str:
    """How far it is, in a sentence."""
    if work.state == "waiting":
        before = {0: "it is next", 1: "one study or run comes before it"}
        return f"{work.title} waits for its turn: {before.get(work.ahead, f'{work.ahead} come before it')}."
    if work.share >= 1:
        return f"{work.title}: the load has ended; queues are being emptied, and every list is audited."
    return f"{work.title}: {100 * work.share:.0f} % of its load has arrived."


def _drawn(asked: Asked, told: Sequence[Told]) -> None:
    """What came out. While the second run is under way, the first one stands."""
    run, other = (told[1], told[0]) if len(told) == 2 else (told[0], None)
    aftermath(asked, run, other)
    effects_section(asked)
    audit_section(run)
    take_away(run)
