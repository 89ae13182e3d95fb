"""The History page's frame: where runs are kept, which are listed, and a short run for whoever has none yet."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from engine import STRATEGIES, RunRequest, preset_config, with_strategy
from engine.experiments.history import (
    HERE,
    KeptRun,
    RunHistory,
    RunState,
    Underway,
    Wanted,
    difference,
    history_path,
    run_and_keep,
)
from pages.parts import history_words as lines
from pages.parts.history_console import QUESTION, SQL, console
from pages.parts.history_run import BESIDE, OPEN, SAID, TOGETHER, guarded, opened_run, refused_line

VIEW = "history"
"""Also its name in the address, where the views go by their labels: `?history=SQL+console`."""
VIEWS = {"runs": "Runs", "console": "SQL console"}
UNDERWAY, TABLE, LINK = (f"history_{name}" for name in ("underway", "table", "link"))
WORLD, STRATEGY, SCENARIO, STATE, DIGEST, PINNED = FILTERS = tuple(
    f"history_{name}" for name in ("world", "strategy", "scenario", "state", "digest", "pinned")
)
TRY = "history_try"
_ANY = "any"
_SECONDS = 20
"""Virtual seconds of the page's own run: long enough for a celebrity's burst, about a second of real time."""
_PATIENCE_S = 4.0
"""Real seconds that a click waits for its run before the page says that it is under way."""
_MOST = 200
_ROW_PX, _HEAD_PX, _MOST_PX = 35, 38, 283


def history_page() -> None:
    """The whole page.

    Raises:
        MurmurationError: the file of the history cannot be used.
    """
    st.title("History", anchor=False)
    history = RunHistory(history_path())
    for key in (*FILTERS, OPEN, BESIDE, SQL, QUESTION):  # else what one view does not draw is forgotten in the other
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]
    _settle(history)
    everything = history.runs(Wanted(limit=_MOST))
    st.caption(lines.headline(everything, history.path, _MOST))
    view = st.segmented_control(
        "What to look at",
        list(VIEWS),
        default="runs",
        required=True,
        format_func=VIEWS.__getitem__,
        key=VIEW,
        bind="query-params",
        label_visibility="collapsed",
    )
    if view == "console":
        console(history)
    else:
        _runs(history, everything)


def _runs(history: RunHistory, everything: Sequence[KeptRun]) -> None:
    _from_link()
    wanted = _wanted()
    _messages()
    if not everything:
        _how_to_keep(history)
        return
    found = _filtered(history, wanted)
    if found:
        _table(found)
        opened_run(history, found)
    else:
        st.info("No kept run fits these filters.")
        st.button("Show all runs", on_click=_clear_filters)
    _how_to_keep(history, folded=True)


def _messages() -> None:
    if isinstance(st.session_state.get(UNDERWAY), Underway):
        _waiting()
    refused_line()
    if st.session_state.get(SAID):
        st.info(st.session_state[SAID])


# Which


def _from_link() -> None:
    """`?run=3` opens run 3, once; from then on the address follows the page."""
    asked = st.query_params.get("run", "")
    if asked and st.session_state.get(LINK) != asked:
        st.session_state[LINK] = asked
        if asked.isascii() and asked.isdigit() and len(asked) < 10:
            st.session_state[OPEN] = int(asked)
        else:
            st.session_state[SAID] = f"The address asks for run {asked[:40]!r}; a run is a whole number."


def _wanted() -> Wanted:
    state = st.session_state
    world, strategy, scenario = (_chosen(key) for key in (WORLD, STRATEGY, SCENARIO))
    status = _chosen(STATE)
    return Wanted(
        world=world,
        strategy=strategy,
        scenario=scenario,
        state=RunState(status) if status else None,
        digest=(state.get(DIGEST) or "").strip().lower() or None,
        pinned=True if state.get(PINNED) else None,
        limit=_MOST,
    )


def _chosen(key: str) -> str | None:
    value = st.session_state.get(key, _ANY)
    return None if value in (_ANY, None) else str(value)


def _clear_filters() -> None:
    for key in FILTERS:
        st.session_state.pop(key, None)


def _filtered(history: RunHistory, wanted: Wanted) -> list[KeptRun]:
    """The runs that fit, below the fields that say which."""
    there = history.choices()
    choices = [
        (WORLD, "World", there["world"]),
        (STRATEGY, "Strategy", there["strategy"]),
        (SCENARIO, "Scenario", there["scenario"]),
        (STATE, "State", [str(state) for state in RunState]),
    ]
    places = st.columns([1, 1, 1, 1, 1, 1], gap="small", vertical_alignment="bottom")
    for place, (key, label, values) in zip(places[:4], choices, strict=True):
        options = [_ANY, *values]
        if st.session_state.get(key) not in options:  # the last run of this kind was deleted
            st.session_state[key] = _ANY
        place.selectbox(label, options, key=key, format_func=lines.choice)
    places[4].text_input(
        "Load, first digits",
        key=DIGEST,
        max_chars=64,
        help="Of the digest of the recorded load. Runs with the same digest were given the same people, posts and "
        "reads: only those can be compared.",
    )
    places[5].checkbox("Baselines only", key=PINNED)
    return history.runs(wanted)


def _table(found: list[KeptRun]) -> None:
    """The list; the open run's row is marked, so it is another widget when another run is open."""
    ids = [run.run_id for run in found]
    there = st.session_state.get(OPEN) or ids[0]
    marked = [ids.index(there)] if there in ids else []
    key = f"{TABLE}_{there}_{ids[0]}_{len(ids)}"
    st.dataframe(
        lines.run_rows(found),
        key=key,
        hide_index=True,
        height=min(_HEAD_PX + _ROW_PX * len(found), _MOST_PX),
        on_select=partial(_pick, key, ids),
        selection_mode="single-row",
        selection_default={"selection": {"rows": marked}},
        placeholder=lines.NOTHING,
        alt="Kept runs, newest first; the list Open below has the same runs.",
        column_config=lines.run_columns(),
    )


def _pick(key: str, ids: list[int]) -> None:
    """A click on a row opens its run."""
    rows = st.session_state[key]["selection"]["rows"]
    if rows and rows[0] < len(ids):
        st.session_state[OPEN], st.session_state[SAID] = ids[rows[0]], None


# A first run


def _how_to_keep(history: RunHistory, *, folded: bool = False) -> None:
    place = st.expander("Keep another run") if folded else st.container()
    with place:
        st.markdown(
            f"A celebrity posts in the classroom, {_SECONDS} virtual seconds. The run is made here and kept; it takes "
            "a second or two. Keep one of each of two fan-outs, and lay one over the other."
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox("Fan-out", list(STRATEGIES), index=list(STRATEGIES).index("push"), key=TRY, width=240)
            st.button("Run and keep", on_click=_keep, args=(history,))
        st.markdown("From the command line, any run is kept that is asked to be:")
        st.code(
            "python -m engine run --strategy hybrid --scenario celebrity --keep\n"
            "python -m engine compare --strategy push --strategy hybrid --scenario celebrity --keep",
            language=None,
        )


def _keep(history: RunHistory) -> None:
    strategy = st.session_state[TRY]
    config = with_strategy(preset_config("classroom"), strategy)
    request = RunRequest(config=config, scenario="celebrity", seconds=_SECONDS)
    begin = partial(HERE.begin, f"{strategy} on classroom, celebrity", partial(run_and_keep, request, history))
    guarded(lambda: st.session_state.__setitem__(UNDERWAY, begin()))()


def _settle(history: RunHistory) -> None:
    """Take the run that was begun by a click, once it has ended, and say what came of it."""
    underway = st.session_state.get(UNDERWAY)
    if not isinstance(underway, Underway):
        return
    if not underway.ended:
        with st.spinner(f"Running {underway.title}."):
            if not underway.wait(_PATIENCE_S if st.session_state.get(TOGETHER) != underway.title else 0.0):
                st.session_state[TOGETHER] = underway.title
                return
    st.session_state[UNDERWAY] = st.session_state[TOGETHER] = None
    guarded(_take)(history, underway)


def _take(history: RunHistory, underway: Underway) -> None:
    run_id = underway.run_id()
    if underway.again is None:
        st.session_state[SAID] = f"Kept as run {run_id}."
    else:
        found = difference(history.run(underway.again), history.run(run_id))
        st.session_state[SAID] = found.repeat_in_words
    st.session_state[OPEN] = run_id


@st.fragment(run_every=1.0)
def _waiting() -> None:
    underway = st.session_state.get(UNDERWAY)
    if not isinstance(underway, Underway):
        return
    if underway.ended:
        st.rerun()
    st.info(f"{underway.title} is being run; it opens here when it has ended. You may leave this page meanwhile.")
