"""What Compare and Sweep ask for alike: strategies, and what all of them meet."""

from collections.abc import Callable

import streamlit as st

from engine import SCENARIOS, STRATEGIES, WORLDS
from engine.errors import MurmurationError
from engine.experiments.studies import (
    MOST_REPLICATIONS,
    MOST_SECONDS,
    SIZES,
    STUDIES,
    CompareRequest,
    Setting,
    Study,
    SweepRequest,
)

STRATEGIES_HELP = (
    "Choose some, or type one with its parameter, as `hybrid:threshold=50`, and press Enter. "
    "`python -m engine strategies` lists them all."
)
_FIELDS = ("world", "scenario", "seconds", "replications", "seed")


def fill_in(page: str, setting: Setting, **more: object) -> None:
    """Begin the form with these values, unless somebody has filled it in."""
    state = st.session_state
    values = {name: getattr(setting, name) for name in _FIELDS} | more
    for name, value in values.items():
        state.setdefault(f"{page}_{name}", value)


def setting_of(request: CompareRequest | SweepRequest) -> Setting:
    """What a study was asked for, to show it in the form."""
    run = request.run
    return Setting(
        world=run.config.world,
        scenario=run.scenario,
        seconds=run.seconds,
        replications=request.replications,
        seed=run.config.seed,
    )


def strategies_field(page: str) -> None:
    """Of the registry, or typed in."""
    key = f"{page}_strategies"
    typed = [spec for spec in st.session_state[key] if spec not in STRATEGIES]
    st.multiselect(
        "Strategies",
        [*STRATEGIES, *typed],
        key=key,
        accept_new_options=True,
        wrap=True,
        help=STRATEGIES_HELP,
        placeholder="Choose, or type name:param=value",
    )


def setting_fields(page: str) -> None:
    """World, scenario, seconds, replications, seed."""
    world, scenario = st.columns(2, gap="small")
    world.selectbox(
        "World",
        SIZES,
        key=f"{page}_world",
        format_func=lambda slug: WORLDS[slug].title,
        help="; ".join(f"{WORLDS[slug].title}: {WORLDS[slug].users:,} people" for slug in SIZES) + ".",
    )
    scenario.selectbox(
        "Scenario",
        list(SCENARIOS),
        key=f"{page}_scenario",
        help=" ".join(f"{slug}: {each.doc}" for slug, each in SCENARIOS.items()),
    )
    seconds, replications, seed = st.columns(3, gap="small")
    seconds.number_input(
        "Seconds", 1, MOST_SECONDS, key=f"{page}_seconds", help="Virtual seconds of load in each run (s)."
    )
    replications.number_input(
        "Repeats",
        1,
        MOST_REPLICATIONS,
        key=f"{page}_replications",
        help="Replications: each has a seed of its own, and all strategies meet the same load in it. With one there "
        "are no intervals.",
    )
    seed.number_input("Seed", 0, 2**31 - 1, key=f"{page}_seed", help="Of the first repeat; the next has one more.")


def filled_in(page: str) -> Setting:
    """What the form says now."""
    return Setting(**{name: st.session_state[f"{page}_{name}"] for name in _FIELDS})


def run_button(page: str, busy: bool, ask: Callable[[], CompareRequest | SweepRequest]) -> None:
    """Begins the study that `ask` describes; what is refused is said below the button."""
    st.button(
        "Run", type="primary", width="stretch", disabled=busy, on_click=_start, args=(page, ask), key=f"{page}_run"
    )
    refused = st.session_state.get(f"{page}_refused")
    if refused:
        st.warning(refused)


def _start(page: str, ask: Callable[[], CompareRequest | SweepRequest]) -> None:
    state = st.session_state
    state[f"{page}_refused"] = None
    try:
        keep(page, STUDIES.start(ask()))
    except MurmurationError as refused:
        state[f"{page}_refused"] = str(refused)


def keep(page: str, study: Study) -> None:
    """This study is the page's: in the session, for who comes back by the menu, and in the address."""
    st.session_state[f"{page}_study"] = study.id
    if st.query_params.get("study") != study.id:
        st.query_params["study"] = study.id
