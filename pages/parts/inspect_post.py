"""Inspect, Post: one post's whole life, from its acceptance to every reader's list."""

from typing import Any

import streamlit as st

from engine.errors import MurmurationError
from engine.live import LiveWorld
from engine.live.inspection import Instant, find_post, newest_posts
from engine.observe import words
from pages.parts import inspect_words as lines
from pages.parts.inspect_chart import CONFIG, life_chart
from pages.parts.palette import colours

POST, CHOICE = "post", "inspect_post_choice"
_STATES = {
    "waiting": "waits in its lane",
    "again": "waits to be tried again",
    "writing": "is in a worker's batch",
    "written": "is written",
    "dead": "was given up",
}


def post_view(live: LiveWorld, _seen: Instant) -> None:
    """The view."""
    posts = {post.row: post for post in newest_posts(live)}
    wanted = st.session_state.get(POST) or st.query_params.get(POST, "")
    if not wanted and posts:
        wanted = str(next(iter(posts)))
    choose, find, again = st.columns([5, 3, 1], vertical_alignment="bottom")
    choose.selectbox(
        "Choose among the newest posts",
        list(posts),
        index=None,
        format_func=lambda row: lines.post_label(posts[row]) if row in posts else f"Post {row}",
        key=CHOICE,
        placeholder="Most followed authors first",
        on_change=_chosen,
    )
    find.text_input("Or find one", value="", key=POST, placeholder="Row, id, or its author", bind="query-params")
    again.button("Look again", help="Reads the post's life as it is now.", width="stretch")
    if not wanted:
        st.info("Nobody has posted yet. Post as somebody in the Playground, or let the world run for a moment.")
        return
    try:
        row = find_post(live, wanted)
        life = live.life(row).to_json()
    except MurmurationError as refused:
        st.warning(str(refused))
        return
    _show(life)


def _chosen() -> None:
    """The chosen post is written into the field, which is what counts."""
    row = st.session_state[CHOICE]
    if row is not None:
        st.session_state[POST] = str(row)
        st.session_state[CHOICE] = None


def _show(life: dict[str, Any]) -> None:
    st.subheader(f"Post {life['row']} by {life['name']}", anchor=False)
    st.markdown(_told(life))
    _figures(life)
    if life["chunks"]:
        st.plotly_chart(life_chart(life, colours()), theme=None, config=CONFIG, key="inspect_life")
        with st.expander("The same as a table"):
            st.dataframe(
                _chunk_rows(life), hide_index=True, placeholder="–", alt="Chunks of this post and every attempt at them"
            )
    else:
        st.info(_no_chunks(life))
    _readers(life)


def _told(life: dict[str, Any]) -> str:
    """The life in sentences: also what the picture shows, for whoever does not see it."""
    parts = [f"Accepted at {lines.stamp(round(life['accepted_at_s'] * 1e9))} of virtual time.", life["reason"]]
    planned = life["planned"]
    if planned:
        copies, chunks = sum(planned["copies"].values()), sum(planned["chunks"].values())
        parts.append(
            f"Planned for {lines.many(planned['followers'], 'follower')}: {lines.many(copies, 'copy', 'copies')} in "
            f"{lines.many(chunks, 'chunk')}; {words.count(planned['copies']['close'])} of them go by lane close, which "
            "is served first."
        )
    states = [chunk["state"] for chunk in life["chunks"]]
    for state, meaning in _STATES.items():
        if states.count(state):
            parts.append(f"{lines.many(states.count(state), 'chunk')} {_verb(states.count(state), meaning)}.")
    return " ".join(parts)


def _verb(number: int, meaning: str) -> str:
    """'waits' -> 'wait', 'is' -> 'are', 'was' -> 'were' for several."""
    if number == 1:
        return meaning
    verb, _, rest = meaning.partition(" ")
    return f"{ {'waits': 'wait', 'is': 'are', 'was': 'were'}[verb] } {rest.replace('its lane', 'their lanes')}"


def _figures(life: dict[str, Any]) -> None:
    counts, lag, planned = life["counts"], life["lag_ms"], life["planned"]
    copies = sum(planned["copies"].values()) if planned else counts["waiting"] + counts["received"] + counts["dead"]
    shown = {
        "Age": words.seconds(life["age_ms"] / 1000),
        "Copies": words.count(copies),
        "Received": words.count(counts["received"]),
        "Lag p50": lines.lag(lag["p50"]) if lag else "–",
        "Lag p99": lines.lag(lag["p99"]) if lag else "–",
        "Opened": words.count(life["openers"]),
    }
    for place, (label, value) in zip(st.columns(len(shown)), shown.items(), strict=True):
        place.metric(label, value, help=lines.HELP[label])


def _no_chunks(life: dict[str, Any]) -> str:
    if not life["pushed"]:
        return "No copies were made: followers fetch this post when they open home. There is no fan-out to show."
    return "The jobs of this post are no longer remembered, or nobody with a list follows its author."


def _chunk_rows(life: dict[str, Any]) -> list[dict[str, Any]]:
    """One row an attempt; times are ms since the post was accepted."""
    rows = []
    for chunk in life["chunks"]:
        shared = {
            "Lane": chunk["lane"],
            "Chunk": chunk["number"],
            "Partition": chunk["partition"],
            "Copies": chunk["copies"],
            "Followers": f"{chunk['first_user']} to {chunk['last_user']}",
        }
        after = {
            "First readable (ms)": lines.ms(chunk["first_ms"]),
            "Median (ms)": lines.ms(chunk["median_ms"]),
            "Last readable (ms)": lines.ms(chunk["last_ms"]),
        }
        for attempt in chunk["attempts"] or [None]:
            tried = {
                "Attempt": attempt["attempt"] if attempt else 0,
                "Enqueued (ms)": lines.ms(attempt["enqueued_ms"] if attempt else chunk["enqueued_ms"]),
                "Polled (ms)": lines.ms(attempt["polled_ms"]) if attempt else None,
                "Done (ms)": lines.ms(attempt["done_ms"]) if attempt else None,
                "Worker": attempt["worker"] if attempt else None,
                "Outcome": attempt["outcome"] if attempt else chunk["state"],
            }
            rows.append(shared | tried | after)
    return rows


def _readers(life: dict[str, Any]) -> None:
    counts = life["counts"]
    st.subheader("Readers", anchor=False)
    known = [
        (counts["waiting"], "wait for their copy"),
        (counts["received"], "have it in their list"),
        (counts["dead"], "lost their copy to the dead letters and pull it"),
        (counts.get("dropped", 0), "get no copy, on purpose, and never see it"),
        (counts["opened"], "fetched it when they opened home"),
        (counts["pulled"], "will fetch it and have not opened home since"),
    ]
    said = [f"{words.count(number)} {what}" for number, what in known if number]
    st.markdown(f"Of the followers now: {'; '.join(said)}." if said else "Nobody follows this author.")
    if life["opened"]:
        first = [{"Reader": o["name"], "Opened home after (s)": round(o["at_ms"] / 1000, 2)} for o in life["opened"]]
        with st.expander(f"Who opened home since: {words.count(life['openers'])}"):
            if life["openers"] > len(first):
                st.caption(f"The first {len(first)} of {words.count(life['openers'])}.")
            st.dataframe(first, hide_index=True, height=300, alt="Followers who opened home since, first of all first")
