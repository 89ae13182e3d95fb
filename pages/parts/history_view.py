"""The History page's frame: where runs are kept, which are listed, and a short run for whoever has none yet."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from engine import STRATEGIES, RunRequest, preset_config, with_strategy
from engine.experiments.history import (
    KeptRun,
    KeptStudy,
    RunHistory,
    RunState,
    Wanted,
    history_path,
    run_and_keep,
)
from pages.parts import history_words as lines
from pages.parts.history_console import QUESTION, SQL, console
from pages.parts.history_job import OPEN, SAID, begin, guarded, messages, pick, settle, underway
from pages.parts.history_run import BESIDE, opened_run
from pages.parts.history_studies import ALONE, BELONGS, STUDY, VIEW, belongs_options, studies_view

VIEWS = {"runs": "Runs", "studies": "Studies", "console": "SQL console"}
TABLE, LINK = (f"history_{name}" for name in ("table", "link"))
WORLD, STRATEGY, SCENARIO, STATE, DIGEST, PINNED = (
    f"history_{name}" for name in ("world", "strategy", "scenario", "state", "digest", "pinned")
)
FILTERS = (WORLD, STRATEGY, SCENARIO, STATE, BELONGS, DIGEST, PINNED)
TRY = "history_try"
_ANY = "any"
_SECONDS = 20
"""Virtual seconds of the page's own run: long enough for a celebrity's burst, about a second of real time."""
_MOST = 200
_ROW_PX, _HEAD_PX, _MOST_PX = 35, 38, 283


def history_page() -> None:
    """The whole page.

    Raises:
        MurmurationError: the file of the history cannot be used.
    """
    st.title("History", anchor=False)
    history = RunHistory(history_path())
    for key in (
        *FILTERS,
        OPEN,
        BESIDE,
        STUDY,
        SQL,
        QUESTION,
    ):  # else what one view does not draw is forgotten in the other
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]
    settle(history)
    everything, studies = history.runs(Wanted(limit=_MOST)), history.studies()
    st.caption(lines.headline(everything, studies, history.path, _MOST))
    view = st.segmented_control(
        "What to look at",
        list(VIEWS),
        default=None if VIEW in st.session_state else "runs",
        required=True,
        format_func=VIEWS.__getitem__,
        key=VIEW,
        bind="query-params",
        label_visibility="collapsed",
    )
    if view == "console":
        console(history)
    elif view == "studies":
        studies_view(history, studies)
    else:
        _runs(history, everything, studies)


def _runs(history: RunHistory, everything: Sequence[KeptRun], studies: Sequence[KeptStudy]) -> None:
    _from_link()
    messages()
    if not everything:
        _how_to_keep(history)
        return
    found = _filtered(history, studies)
    if found:
        _table(found)
        opened_run(history, found)
    else:
        st.info("No kept run fits these filters.")
        st.button("Show all runs", on_click=_clear_filters)
    _how_to_keep(history, folded=True)


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
    status, belongs = _chosen(STATE), _chosen(BELONGS)
    return Wanted(
        world=world,
        strategy=strategy,
        scenario=scenario,
        state=RunState(status) if status else None,
        digest=(state.get(DIGEST) or "").strip().lower() or None,
        pinned=True if state.get(PINNED) else None,
        study_id=int(belongs) if belongs not in (None, ALONE) else None,
        in_study=False if belongs == ALONE else None,
        limit=_MOST,
    )


def _chosen(key: str) -> str | None:
    value = st.session_state.get(key, _ANY)
    return None if value in (_ANY, None) else str(value)


def _clear_filters() -> None:
    for key in FILTERS:
        st.session_state.pop(key, None)


def _filtered(history: RunHistory, studies: Sequence[KeptStudy]) -> list[KeptRun]:
    """The runs that fit, below the fields that say which."""
    there, of_studies = history.choices(), belongs_options(studies)
    choices = [
        (WORLD, "World", there["world"]),
        (STRATEGY, "Strategy", there["strategy"]),
        (SCENARIO, "Scenario", there["scenario"]),
        (STATE, "State", [str(state) for state in RunState]),
        (BELONGS, "Study", list(of_studies)),
    ]
    places = st.columns(7, gap="small", vertical_alignment="bottom")
    for place, (key, label, values) in zip(places[:5], choices, strict=True):
        options = [_ANY, *values]
        if st.session_state.get(key) not in options:  # the last run of this kind was deleted
            st.session_state[key] = _ANY
        place.selectbox(label, options, key=key, format_func=lambda value: of_studies.get(value) or lines.choice(value))
    places[5].text_input(
        "Load, first digits",
        key=DIGEST,
        max_chars=64,
        help="Of the digest of the recorded load. Runs with the same digest were given the same people, posts and "
        "reads: only those can be compared.",
    )
    places[6].checkbox("Baselines only", key=PINNED)
    return history.runs(_wanted())


def _table(found: list[KeptRun]) -> None:
    """The list; the open run's row is marked, so it is another widget when another run is open."""
    ids = [run.run_id for run in found]
    there = st.session_state.get(OPEN) or ids[0]
    marked = [ids.index(there)] if there in ids else []
    key = f"{TABLE}_{there}_{ids[0]}_{len(ids)}"
    st.dataframe(
        lines.run_table(found),
        key=key,
        hide_index=True,
        height=min(_HEAD_PX + _ROW_PX * len(found), _MOST_PX),
        on_select=partial(pick, OPEN, key, ids),
        selection_mode="single-row",
        selection_default={"selection": {"rows": marked}},
        placeholder=lines.NOTHING,
        alt="Kept runs, newest first; the list Open below has the same runs.",
        column_config=lines.run_columns(),
    )


# A first run


def _how_to_keep(history: RunHistory, *, folded: bool = False) -> None:
    place = st.expander("Keep another run") if folded else st.container()
    with place:
        st.markdown(
            f"Run a celebrity's posts in the classroom for {_SECONDS} virtual seconds, and keep the run: a second or "
            "two. Then keep one with another strategy, and lay one over the other."
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox("Strategy to run", list(STRATEGIES), index=list(STRATEGIES).index("push"), key=TRY, width=240)
            st.button("Run and keep", on_click=guarded(_keep), args=(history,), disabled=underway() is not None)
        st.markdown("On the command line, add `--keep`:")
        st.code(
            "python -m engine run --strategy hybrid --scenario celebrity --keep\n"
            "python -m engine compare --strategy push --strategy hybrid --scenario celebrity --keep",
            language=None,
        )


def _keep(history: RunHistory) -> None:
    strategy = st.session_state[TRY]
    config = with_strategy(preset_config("classroom"), strategy)
    request = RunRequest(config=config, scenario="celebrity", seconds=_SECONDS)
    begin(f"{strategy} on classroom, celebrity", partial(run_and_keep, request, history), _SECONDS)
