"""What Compare and Sweep ask for alike: strategies, and what all of them meet; and how a field is refused."""

from collections.abc import Callable

import streamlit as st

from engine import SCENARIOS, STRATEGIES, WORLDS
from engine.errors import InvalidField, MurmurationError
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
KEEP_HELP = (
    "When it is over its runs go to the page History, with settings and figures, as `--keep` does on the command line; "
    "the address of this page then finds it for as long as it is kept there. Otherwise it is forgotten after an hour."
)
_COMPACT = """<style>
[class*="_refusal"] [data-testid="stAlertContainer"] { padding: 6px 12px; }
[class*="_refusal"] [data-testid="stAlertContainer"] p { font-size: 14px; line-height: 1.35; }
</style>"""
"""So that the button below stays in sight."""
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
    refusal(page, "strategies")


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
    refusal(page, "world", "scenario")
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
    refusal(page, "seconds", "replications", "seed")


def filled_in(page: str) -> Setting:
    """What the form says now."""
    return Setting(**{name: st.session_state[f"{page}_{name}"] for name in _FIELDS})


def run_button(page: str, busy: bool, ask: Callable[[], CompareRequest | SweepRequest]) -> None:
    """Begins the study that `ask` describes; what is refused is said at its field, or else below the button."""
    run, keeping = st.columns([2, 3], gap="small", vertical_alignment="center")
    run.button(
        "Run", type="primary", width="stretch", disabled=busy, on_click=_start, args=(page, ask), key=f"{page}_run"
    )
    keeping.checkbox("Keep in History", key=f"{page}_keep", help=KEEP_HELP)
    refusal(page, "run")


def refusal(page: str, *fields: str) -> None:
    """Why the last press of Run was refused, if it was because of what one of these fields has, and still has."""
    refused = st.session_state.get(f"{page}_refused")
    if refused is None or refused[0] not in fields:
        return
    field, sentence, value = refused
    if field == "run" or st.session_state.get(f"{page}_{field}") == value:
        with st.container(key=f"{page}_refusal"):
            st.html(_COMPACT)
            st.warning(sentence)


def _start(page: str, ask: Callable[[], CompareRequest | SweepRequest]) -> None:
    state = st.session_state
    state[f"{page}_refused"] = None
    try:
        keep(page, STUDIES.start(ask(), keep=state[f"{page}_keep"]))
    except InvalidField as refused:
        state[f"{page}_refused"] = (refused.field, str(refused), state.get(f"{page}_{refused.field}"))
    except MurmurationError as refused:
        state[f"{page}_refused"] = ("run", str(refused), None)


def keep(page: str, study: Study) -> None:
    """This study is the page's: in the session, for who comes back by the menu, and in the address."""
    st.session_state[f"{page}_study"] = study.id
    if st.query_params.get("study") != study.id:
        st.query_params["study"] = study.id
