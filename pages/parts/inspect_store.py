"""Inspect, Store: one person's list as the backend holds it, what is in it, and all keys."""

from collections.abc import Callable

import streamlit as st

from engine.errors import MurmurationError
from engine.live import LiveWorld
from engine.live.inspection import (
    Instant,
    StoredList,
    drop_list,
    find_keys,
    find_person,
    look_at_list,
    open_home,
    shortcuts,
)
from engine.observe import words
from pages.parts import inspect_words as lines
from pages.parts.person_search import person_search

PERSON, KEY = "list", "key_prefix"
SAID = "inspect_store_said"
RAW_SHOWN = 200
KEYS_SHOWN = 100


def store_view(live: LiveWorld, _seen: Instant) -> None:
    """The view."""
    wanted, (again,) = person_search(
        "Whose list", shortcuts(live), _choose, places=1, key=PERSON, bind="query-params", on_change=_hush
    )
    again.button("Look again", help="Reads the list as it is now.", on_click=_hush, width="stretch")
    left, right = st.columns([7, 3], gap="large")
    with left:
        _person(live, wanted)
    with right:
        _keys(live)


def _person(live: LiveWorld, wanted: str) -> None:
    """The largest account, until somebody is asked for."""
    try:
        user = find_person(live, wanted)
        seen = look_at_list(live, user)
    except MurmurationError as refused:
        st.warning(str(refused))
        return
    st.subheader(seen.name, anchor=False)
    st.markdown(f"Key `{seen.stored.key}`. {seen.complete_from}")
    _figures(seen)
    drop, read, _ = st.columns([1, 1, 1])
    drop.button(
        "Drop this list",
        disabled=not seen.exists,
        help="Takes the list away, as a store short of memory does. Nothing is lost: posts stay with their authors.",
        on_click=_guarded(drop_list),
        args=(live, user),
        width="stretch",
    )
    read.button(
        "Open their home",
        help="Opens home as this person would; without a list, that starts its rebuild.",
        on_click=_guarded(open_home),
        args=(live, user),
        width="stretch",
    )
    if st.session_state.get(SAID):
        st.info(st.session_state[SAID])
    _content(seen)


def _figures(seen: StoredList) -> None:
    stored = seen.stored
    shown = {
        "Entries": f"{words.count(stored.size)} of {words.count(seen.cap)}" if seen.exists else "no list",
        "Horizon": words.count(stored.horizon) if seen.exists else "–",
        "Memory": lines.memory(stored.bytes),
        "Type": stored.type,
    }
    for place, (label, value) in zip(st.columns(len(shown)), shown.items(), strict=True):
        text = lines.memory_help(seen) if label == "Memory" else lines.HELP[label]
        place.metric(label, value, help=text)


def _content(seen: StoredList) -> None:
    if not seen.exists:
        st.info(
            f"{seen.name} has no stored list. Either the strategy keeps none for this person, or it was dropped and "
            "nobody has opened home since: the next home page pulls from the authors."
        )
        return
    if not seen.entries:
        st.info("The list is empty and waits for posts: nothing has been pushed to this person since it began.")
        return
    st.dataframe(
        lines.list_rows(seen),
        height=360,
        hide_index=True,
        alt=f"Posts in the stored list of {seen.name}, newest first",
        column_config={
            "Row": st.column_config.NumberColumn(width=70, help="Number of the post; larger is newer."),
            "Author": st.column_config.TextColumn(width=105),
            "Post": st.column_config.TextColumn(width=515),
            "Age (s)": st.column_config.NumberColumn(
                width=75, format="%.1f", help="Virtual seconds since the post was accepted."
            ),
            "Pushed": st.column_config.TextColumn(
                width=75, help="Whether the post goes to lists. A post that is pulled stands in its author's only."
            ),
        },
    )
    with st.expander("Raw content"):
        st.caption(lines.RAW[seen.stored.type].format(key=seen.stored.key))
        raw = seen.stored.raw
        shown = raw if len(raw) <= RAW_SHOWN else [*raw[: RAW_SHOWN - 1], "...", raw[-1]]
        st.code("\n".join(shown), language=None, height=300)
        if len(raw) > RAW_SHOWN:
            st.caption(f"The newest {RAW_SHOWN - 1} of {words.count(len(raw))} lines, and the last.")


def _keys(live: LiveWorld) -> None:
    st.subheader("Keys", anchor=False)
    prefix = st.text_input(
        "Key begins with",
        key=KEY,
        placeholder="42, or a whole key",
        persist_state="session",
        help="A number means a user.",
    )
    try:
        keys = find_keys(live, prefix or "", KEYS_SHOWN)
    except MurmurationError as refused:
        st.warning(str(refused))
        return
    st.metric("Keys in this world", words.count(keys.total), help=lines.HELP["Keys"])
    if not keys.total:
        st.info(
            "No list is stored: under this strategy every home page is pulled from the authors. Choose Push or Hybrid "
            "in the Load lab to see lists appear."
        )
    elif not keys.found:
        st.info("No key begins so. Type the number of a user, or nothing to see the first keys.")
    else:
        more = "" if len(keys.found) < KEYS_SHOWN else f" The first {KEYS_SHOWN} by user."
        st.caption(f"{lines.many(len(keys.found), 'key')} shown.{more}")
        st.dataframe(
            {"Key": keys.found}, height=360, hide_index=True, alt="Keys of stored lists, by user", key="inspect_keys"
        )


def _choose(user: int) -> None:
    st.session_state[PERSON] = str(user)
    _hush()


def _hush() -> None:
    st.session_state[SAID] = None


def _guarded(action: Callable[[LiveWorld, int], str]) -> Callable[[LiveWorld, int], None]:
    """For callbacks: what became of it, or why it was refused, is said on the page."""

    def guarded(live: LiveWorld, user: int) -> None:
        try:
            st.session_state[SAID] = action(live, user)
        except MurmurationError as refused:
            st.session_state[SAID] = str(refused)

    return guarded
