"""The Graph explorer's parts: a search, a person among their neighbours, what one can do, and who is a celebrity where.

Numbers and sentences come from the engine and from graph_words; here they are put on the page.
"""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from engine.errors import MurmurationError, UnknownUser
from engine.live import LiveWorld
from engine.live.explorer import (
    Around,
    Effect,
    Look,
    Overview,
    find,
    follow,
    look,
    make_celebrity,
    stranger,
    unfollow,
)
from engine.observe import words
from pages.parts import graph_charts as charts
from pages.parts import graph_words as lines
from pages.parts.graph_words import Name
from pages.parts.palette import colours
from pages.parts.person_search import person_search

PERSON, WORLD, ACTOR, FIND, ALIKE, THRESHOLD = (
    f"graph_{name}" for name in ("person", "world", "actor", "find", "alike", "threshold")
)
SAID, REFUSED = "graph_said", "graph_refused"
_STEPS = (1, 2, 3, 5, 7)

_HELP = {
    "Followers": "How many accounts follow this one now (measured). A post that is pushed is copied to as many.",
    "Follows": "How many accounts this one follows now (measured). A home page that is pulled asks as many.",
    "Mutual": "Accounts that this one follows and that follow it back, now (measured). With lanes on, copies for them "
    "go first.",
    "Clustering": "Of all pairs of the neighbours drawn below, the share that are linked (measured in the sample). "
    "High: they know each other; low: a crowd of strangers.",
}

_BILL = (
    "Copies: followers with a stored list, as the plan for a post would count them now (measured). Workers' time: "
    "copies x the price of a copy / workers, if nothing else waits (modelled)."
)
_SHARES = (
    "Accounts and follows are counted in the graph of now (measured). Copies: every account posts as often as the load "
    "lets it, and everything is pushed (modelled)."
)


def explorer(live: LiveWorld) -> None:
    """The whole page of a live world.

    Raises:
        MurmurationError: the world does not answer.
    """
    state = st.session_state
    if state.get(WORLD) != live.id:
        _settle_in(live)
    seen = look(live, state[PERSON])
    st.title("Graph", anchor=False)
    st.markdown(lines.headline(seen.overview, seen.name))
    _search(live, seen)
    who, near, all_of_them = st.columns([3, 4, 4], gap="medium")
    with who:
        _person(live, seen.overview, seen.around)
    with near:
        _neighbourhood(seen.around)
    with all_of_them:
        _thresholds(seen.overview, seen.around)
    st.caption(lines.instant_line(seen.overview))


def _settle_in(live: LiveWorld) -> None:
    """Begin with the largest account of this world."""
    state = st.session_state
    for key in (ALIKE, REFUSED, THRESHOLD):
        state.pop(key, None)
    seen = look(live)
    _choose(live, seen.around.standing.user, seen.name)
    state[WORLD], state[FIND] = live.id, ""


def _choose(live: LiveWorld, user: int, name: Name) -> None:
    """Look at somebody; somebody else stands ready to follow them."""
    state = st.session_state
    state[PERSON], state[SAID] = user, None
    state[ACTOR] = f"@{name(stranger(live, user))}"


def _guarded(action: Callable[..., None]) -> Callable[..., None]:
    """For callbacks: what is refused is said on the page."""

    def guarded(*args: object) -> None:
        st.session_state[REFUSED] = None
        try:
            action(*args)
        except MurmurationError as refused:
            st.session_state[SAID] = None
            st.session_state[REFUSED] = str(refused)

    return guarded


# Who


def _search(live: LiveWorld, seen: Look) -> None:
    name = seen.name
    choose = _guarded(partial(_choose, live, name=name))
    person_search("Find a person", seen.shortcuts, choose, key=FIND, on_change=_guarded(_look_for), args=(live, name))
    alike: Sequence[int] = st.session_state.get(ALIKE) or ()
    if alike:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown("Also found:")
            for user in alike:
                st.button(
                    f"@{name(user)}", key=f"graph_alike_{user}", on_click=_guarded(_choose), args=(live, user, name)
                )
    if st.session_state.get(REFUSED):
        st.warning(st.session_state[REFUSED])


def _look_for(live: LiveWorld, name: Name) -> None:
    text = st.session_state[FIND].strip()
    st.session_state[ALIKE] = ()
    if text:
        user, *alike = _found(live, text)
        st.session_state[ALIKE] = tuple(alike)
        _choose(live, user, name)


def _found(live: LiveWorld, text: str) -> list[int]:
    """Whom a text may mean.

    Raises:
        UnknownUser: nobody.
    """
    found = find(live, text)
    if not found:
        raise UnknownUser(lines.nobody_line(text, live.users))
    return found


# One person


def _person(live: LiveWorld, seen: Overview, person: Around) -> None:
    user, standing = person.standing.user, person.standing
    name = person.names[user]
    st.header(f"@{name}", anchor=False)
    st.markdown(lines.person_line(person, seen.distribution.users), help=_BILL)
    with st.form("graph_acts", border=False):
        st.text_input(f"As somebody else, towards @{name}", key=ACTOR, help="A name, an @name or a number.")
        for place, label, act in zip(st.columns(2), ("Follow", "Unfollow"), (follow, unfollow), strict=True):
            place.form_submit_button(label, on_click=_guarded(_act), args=(live, act, user, name), width="stretch")
    st.button(
        f"Make @{name} a celebrity",
        help=f"Three quarters of the {words.count(seen.distribution.users)} people here become followers, each by a "
        "follow of their own, from all communities.",
        on_click=_guarded(_celebrate),
        args=(live, user, name),
        width="stretch",
    )
    if st.session_state.get(SAID):
        st.info(st.session_state[SAID])
    shown = {
        "Followers": words.count(standing.followers),
        "Follows": words.count(standing.followees),
        "Mutual": words.count(standing.mutuals),
        "Clustering": "–" if person.clustering is None else words.share(person.clustering),
    }
    for place, (label, value) in zip([*st.columns(2), *st.columns(2)], shown.items(), strict=True):
        place.metric(label, value, help=_HELP[label])


def _act(live: LiveWorld, act: Callable[[LiveWorld, int, int], Effect], user: int, name: str) -> None:
    actor = _found(live, st.session_state[ACTOR])[0]
    st.session_state[SAID] = lines.effect_line(act(live, actor, user), name)


def _celebrate(live: LiveWorld, user: int, name: str) -> None:
    st.session_state[SAID] = lines.effect_line(make_celebrity(live, user), name)


def _neighbourhood(person: Around) -> None:
    st.header("Neighbourhood", anchor=False)
    st.caption(lines.sample_line(person))
    rows = lines.neighbour_rows(person)
    if rows:
        st.plotly_chart(
            charts.neighbourhood_chart(person, colours()), theme=None, config=charts.CONFIG, key="graph_neighbours"
        )
        with st.expander("The same as a table"):
            st.table(rows)


# Everybody


@st.fragment
def _thresholds(seen: Overview, person: Around) -> None:
    """A fragment: the slider redraws this alone, from what was last measured."""
    st.header("Who is a celebrity", anchor=False)
    steps = sorted({seen.rule.threshold, *_round_numbers(seen.distribution.users)})
    if st.session_state.get(THRESHOLD) not in steps:
        st.session_state[THRESHOLD] = seen.rule.threshold
    threshold = st.select_slider(
        "Celebrity from how many followers on",
        steps,
        key=THRESHOLD,
        format_func=words.count,
        help=f"Hybrid's own threshold is {words.count(seen.rule.threshold)} followers; it is set in the Load lab.",
    )
    (at,) = seen.celebrities([threshold])
    st.markdown(lines.threshold_line(at, seen), help=_SHARES)
    st.plotly_chart(
        charts.distribution_chart(seen, at, person, colours()), theme=None, config=charts.CONFIG, key="graph_followers"
    )
    st.caption(lines.tail_line(seen))
    with st.expander("The same as a table"):
        st.table(lines.threshold_rows(seen))


def _round_numbers(users: int) -> list[int]:
    """1, 2, 3, 5, 7, 10, 20, ... below the number of people."""
    return [step * 10**power for power in range(len(str(users))) for step in _STEPS if step * 10**power < users]
