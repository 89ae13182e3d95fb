"""The Hunts page's frame: the list by level, or one hunt with its evidence, its hints, and the two questions."""

from zlib import crc32

import streamlit as st

from engine.errors import MurmurationError, TooManyStudies, UnknownName
from lessons.hunts import (
    FULL,
    HINT_COSTS,
    HUNTS,
    LEVELS,
    SEED,
    WRONG_COSTS,
    Evidence,
    Hunt,
    Option,
    Standing,
    explained,
    find_hunt,
    investigate,
    judge,
    keep_answer,
    keep_shown,
    offer,
    standing,
)
from lessons.progress import Progress
from pages.parts.hunts_evidence import evidence_tabs
from pages.parts.learner import learner, learner_id
from pages.parts.plain_text import plain
from pages.parts.shelf import SHELF, Telling

HUNT = "hunt"
"""In the address, and in the session what was open last."""
SAID, HINTS = "hunts_said", "hunts_hints"
REFRESH_S = 0.4
_AT_ONCE_S = 0.1


def hunts_page() -> None:
    """The whole page."""
    progress = learner()
    st.title("Bug hunts", anchor=False)
    hunt, wrong = _asked()
    if wrong:
        st.warning(plain(wrong))
    if hunt is None:
        _list(progress)
    else:
        _one(progress, hunt)


def _asked() -> tuple[Hunt | None, str]:
    """The hunt that the address names; without one the list."""
    if HUNT not in st.query_params:
        return None, ""
    try:
        return find_hunt(st.query_params[HUNT]), ""
    except UnknownName:
        name = st.query_params[HUNT][:40]
        del st.query_params[HUNT]
        return None, f"There is no hunt {name!r}; choose one of these."


def _open(name: str | None) -> None:
    st.session_state[SAID] = None
    if name is None:
        st.query_params.pop(HUNT, None)
    else:
        st.query_params[HUNT] = name


# The list


def _list(progress: Progress) -> None:
    events = progress.events("hunted")
    standings = {name: standing(events, hunt) for name, hunt in HUNTS.items()}
    solved = [found for found in standings.values() if found.solved]
    points = sum(found.points or 0 for found in solved)
    st.markdown(
        "In each of these feeds one thing is wrong, as it was in a real one. Look at the evidence, then name the cause "
        "and the fix."
    )
    st.caption(
        f"{len(solved)} of {len(HUNTS)} found, {points:,} points. Each is worth {FULL}; hints cost "
        f"{', '.join(map(str, HINT_COSTS))}, a wrong cause or fix {WRONG_COSTS}."
    )
    for column, (level, title) in zip(st.columns(len(LEVELS), gap="medium"), LEVELS.items(), strict=True):
        with column:
            st.header(f"{level}. {title}", anchor=False)
            for name, hunt in HUNTS.items():
                if hunt.level == level:
                    _card(hunt, standings[name])


def _card(hunt: Hunt, now: Standing) -> None:
    with st.container(border=True):
        st.button(
            f"{hunt.title}{_state(now)}", key=f"hunts_open_{hunt.name}", on_click=_open, args=(hunt.name,),
            width="stretch", icon=":material/check:" if now.solved else None,
        )  # fmt: skip
        st.caption(f"{plain(hunt.symptom.partition('. ')[0].rstrip('.'))}.")


def _state(now: Standing) -> str:
    if now.solved:
        return f" · {now.points} points"
    if now.shown:
        return " · told"
    return f" · {now.tries} {'try' if now.tries == 1 else 'tries'}" if now.tries else ""


# One hunt


def _one(progress: Progress, hunt: Hunt) -> None:
    now = standing(progress.events("hunted", hunt.name), hunt)
    rail, stage = st.columns([7, 12], gap="large")
    with rail:
        st.button("All hunts", icon=":material/arrow_back:", on_click=_open, args=(None,))
        st.header(hunt.title, anchor=False)
        st.markdown(plain(hunt.symptom))
        _hints(hunt, now)
        if now.over:
            _story(hunt, now)
        else:
            _questions(progress, hunt, now)
    with stage:
        _evidence(hunt)


def _taken(hunt: Hunt, now: Standing) -> int:
    """Hints taken so far."""
    return max(now.hints, st.session_state.get(HINTS, {}).get(hunt.name, 0))


def _take_hint(hunt: Hunt, number: int) -> None:
    st.session_state[HINTS] = {**st.session_state.get(HINTS, {}), hunt.name: number}


def _hints(hunt: Hunt, now: Standing) -> None:
    taken = _taken(hunt, now)
    for place, hint in enumerate(hunt.hints[:taken]):
        st.info(f"Hint {place + 1} (costs {HINT_COSTS[place]}): {plain(hint)}")
    if taken < len(hunt.hints) and not now.over:
        st.button(
            f"Hint {taken + 1}, costs {HINT_COSTS[taken]} points", icon=":material/lightbulb:",
            on_click=_take_hint, args=(hunt, taken + 1), key="hunts_hint",
        )  # fmt: skip


def _questions(progress: Progress, hunt: Hunt, now: Standing) -> None:
    """Cause and fix, in this learner's order."""
    offered = offer(hunt, crc32(learner_id().encode()))
    if st.session_state.get(SAID):
        st.warning(plain(st.session_state[SAID]))
    _choice("What is the cause?", offered.causes, _key("cause", hunt))
    _choice("What would mend it?", offered.fixes, _key("fix", hunt))
    with st.container(horizontal=True):
        st.button("Answer", type="primary", on_click=_answer, args=(progress, hunt, _taken(hunt, now)))
        st.button(
            "Tell me", on_click=_tell, args=(progress, hunt, _taken(hunt, now)),
            help="Ends this hunt without points. It comes again as a drill.",
        )  # fmt: skip


def _key(what: str, hunt: Hunt) -> str:
    return f"hunts_{what}_{hunt.name}"


def _choice(question: str, options: tuple[Option, ...], key: str) -> None:
    labels = {option.defect: option.label for option in options}
    st.radio(question, list(labels), index=None, key=key, format_func=labels.__getitem__)


def _answer(progress: Progress, hunt: Hunt, hints: int) -> None:
    cause, fix = (st.session_state.get(_key(what, hunt)) for what in ("cause", "fix"))
    if cause is None or fix is None:
        st.session_state[SAID] = "Choose a cause and a fix first."
        return
    verdict = judge(hunt, cause, fix)
    try:
        keep_answer(progress, hunt, cause, fix, hints, verdict)
    except MurmurationError as failed:
        st.session_state[SAID] = str(failed)
        return
    st.session_state[SAID] = None if verdict.right else verdict.sentence


def _tell(progress: Progress, hunt: Hunt, hints: int) -> None:
    try:
        keep_shown(progress, hunt, hints)
    except MurmurationError as failed:
        st.session_state[SAID] = str(failed)


def _story(hunt: Hunt, now: Standing) -> None:
    """What it was."""
    story = explained(hunt)
    if now.solved:
        tries = f"{now.tries} {'try' if now.tries == 1 else 'tries'}"
        st.success(f"Found, {now.points} points: {tries}, {now.hints} hint{'' if now.hints == 1 else 's'}.")
    st.subheader(story.title, anchor=False)
    st.markdown(f"**Cause.** {plain(story.cause)}. {plain(story.because)}")
    st.markdown(f"**Fix.** {plain(story.fix)}.")
    st.markdown(f"**The right way.** {plain(story.right)}")
    st.markdown(f"**Seen in**: {plain(story.real_engine)}.")
    with st.expander(f"The right way in code: {story.code}"):
        st.code(story.source, language="python", wrap_lines=True)
    names = list(HUNTS)
    following = names[(names.index(hunt.name) + 1) % len(names)]
    st.button(f"Next: {HUNTS[following].title}", type="primary", on_click=_open, args=(following,))


# The evidence


def _evidence(hunt: Hunt) -> None:
    try:
        work = _work(hunt)
    except TooManyStudies as refused:
        st.warning(str(refused))
        st.button("Try again")
        return
    work.wait(_AT_ONCE_S)
    if not work.over:
        _follow(work)
        return
    try:
        evidence = work.found()
    except MurmurationError as failed:
        st.error(plain(str(failed)))
        st.button("Try again")
        return
    evidence_tabs(hunt, evidence)


def _work(hunt: Hunt) -> Telling[Evidence]:
    """The two runs of a hunt; made once for all who look at it."""
    return SHELF.ask(("hunt", hunt.name, SEED), hunt.title, lambda told: investigate(hunt, SEED, told))


@st.fragment(run_every=REFRESH_S)
def _follow(work: Telling[Evidence]) -> None:
    """How far it is; drawn again while it is under way."""
    if work.over:
        st.rerun()
    if work.state == "waiting":
        st.progress(0.0, f"The two runs wait for their turn: {work.ahead} before them.")
        return
    st.progress(min(work.share, 1.0), "This feed and a healthy one are run on the same load, then audited.")
