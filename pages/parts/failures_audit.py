"""The audit after a story: every stored list against the posts, one of them beside what it should hold, and mended."""

from threading import Lock

import streamlit as st

from engine.errors import MurmurationError
from engine.experiments.stories import ListBeside, Told, beside, rebuild, wrong_lists
from engine.observe import words

USER, OPEN, SAID = (f"failures_audit_{name}" for name in ("user", "open", "said"))
_SHOWN = 12
_LOOKED_THROUGH = 500
"""People asked for a list before the first one is taken anyway."""
_DEFINITIONS = {
    "missing": ("Missing", "It should be in the list, would not be pulled, and is not on its way."),
    "duplicate": ("Duplicate", "It is in the list twice."),
    "foreign": ("Foreign", "By somebody whom the reader does not follow, or from before the list begins."),
    "out_of_order": ("Out of order", "It stands before an older post."),
}
_WORLDS = Lock()
"""Visitors share a run and its world; a rebuild moves that world on."""


def audit_section(run: Told) -> None:
    """The section."""
    left, right = st.columns([8, 6], gap="medium")
    with left:
        st.header("Audit", anchor=False)
        st.markdown(f"#### {headline(run)}")
        st.table(audit_rows(run), border="horizontal", hide_index=True)
        st.caption("Measured at rest, after the last queue was empty: real lists against the real posts and follows.")
    with right:
        _one_list(run)


def headline(run: Told) -> str:
    """The audit in a line."""
    wrong = entries_wrong(run)
    users = words.count(run.audit["users"])
    if wrong or run.debrief.lost.posts:
        return f"{wrong:,} wrong entries in {users} people's timelines, {run.debrief.lost.posts:,} posts lost."
    return f"Clean: {users} people's timelines hold exactly what they should, and no post was lost."


def entries_wrong(run: Told) -> int:
    """Over all users."""
    return int(sum(run.audit[name] for name in _DEFINITIONS))


def audit_rows(run: Told) -> list[dict[str, str]]:
    """Each count in total and per user."""
    users = run.audit["users"]
    counts = [(label, run.audit[name], text) for name, (label, text) in _DEFINITIONS.items()]
    counts.append(("Lost posts", run.debrief.lost.posts, "Somebody sent it, and the store does not have it."))
    return [
        {
            "Entries": label,
            "In total": words.count(count),
            "Per user": words.exactly(round(count / users, 4)),
            "Meaning": text,
        }
        for label, count, text in counts
    ]


# One list


def _one_list(run: Told) -> None:
    """Of somebody whose list is wrong; where none is, of anybody."""
    st.header("One list beside what it should be", anchor=False)
    people = run.world.tables.graph.n
    mark = (run.story.name, run.on, run.seed)
    if st.session_state.get(OPEN) != mark:
        st.button("Show a wrong list" if entries_wrong(run) else "Show a list", on_click=_open, args=(run,))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        user = st.number_input(f"User, 0 to {people - 1:,}", 0, people - 1, key=USER, width=160)
        st.button(
            "Rebuild this list",
            on_click=_rebuild,
            args=(run,),
            help="Drops the list and makes it again from the posts.",
        )
    if st.session_state.get(SAID):
        st.info(st.session_state[SAID])
    with _WORLDS:
        found = beside(run.world, int(user or 0))
    st.markdown(list_in_words(found, run))
    rows = list_rows(found)
    if rows:
        st.table(rows, border="horizontal", hide_index=True)


def _open(run: Told) -> None:
    """Choose whom to show: looking through all lists takes half a second, so only where something is wrong."""
    state = st.session_state
    state[OPEN], state[SAID] = (run.story.name, run.on, run.seed), None
    with _WORLDS:
        wrong = wrong_lists(run.world) if entries_wrong(run) else []
        some = range(min(_LOOKED_THROUGH, run.world.tables.graph.n))
        state[USER] = wrong[0] if wrong else next((user for user in some if beside(run.world, user).stored), 0)
    if wrong:
        state[SAID] = f"{words.count(len(wrong))} lists are not what they should be; the first is user {wrong[0]}'s."


def _rebuild(run: Told) -> None:
    user = int(st.session_state.get(USER) or 0)
    try:
        with _WORLDS:
            before = beside(run.world, user)
            after = rebuild(run.world, user)
    except MurmurationError as refused:
        st.session_state[SAID] = str(refused)
        return
    mended = "It was right before, and still is." if before.right else "It was wrong, and now it is right."
    st.session_state[SAID] = (
        f"Made again from the posts: {len(after.stored):,} entries. "
        f"{mended if after.right else 'It is still not what it should be.'}"
    )


def list_in_words(found: ListBeside, run: Told) -> str:
    """What the comparison says."""
    if not found.held:
        return (
            f"Under {run.world.strategy.title.lower()} user {found.user} has no list that posts are pushed to: home is "
            "pulled from the authors, and what a read keeps for a while expires."
        )
    if found.right:
        return f"User {found.user}: {len(found.stored):,} entries, the same posts in the same order as they should be."
    lacks = f"{len(found.missing):,} missing, {len(found.foreign):,} foreign"
    return f"User {found.user}: {len(found.stored):,} entries; **{lacks}**. Rebuild mends it."


def list_rows(found: ListBeside) -> list[dict[str, str]]:
    """The newest entries side by side, or those around the first that differs."""
    long = max(len(found.stored), len(found.should_be))
    pairs = [(_at(found.stored, place), _at(found.should_be, place)) for place in range(long)]
    first = next((place for place, (stored, should) in enumerate(pairs) if stored != should), 0)
    begin = max(0, first - _SHOWN // 4)
    return [
        {
            "Place": f"{place + 1}",
            "Stored": _post(stored),
            "Should be": _post(should),
            "": "" if stored == should else "≠",
        }
        for place, (stored, should) in enumerate(pairs[begin : begin + _SHOWN], begin)
    ]


def _at(rows: tuple[int, ...], place: int) -> int | None:
    return rows[place] if place < len(rows) else None


def _post(row: int | None) -> str:
    return "–" if row is None else f"post {row:,}"
