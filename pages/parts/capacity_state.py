"""What the Capacity page is asked for: the address says it, the fields show it, and a refusal stands at its field."""

import math

import streamlit as st

from engine.errors import InvalidField
from lessons.capacity import ASSUMED, PARAMS, Asked, asked_in, figure, find_assumption, of_preset, value_of

ASKED, PRESET, REFUSED = "capacity_asked", "capacity_preset", "capacity_refused"


def field_key(name: str) -> str:
    """Of the field of one assumption."""
    return f"capacity_of_{name}"


def asked_now() -> tuple[Asked, list[str]]:
    """What the address says; where it says nothing, what this session last saw here."""
    there = st.query_params.to_dict()
    if not there.keys() & set(PARAMS) and ASKED in st.session_state:
        go(st.session_state[ASKED])
        return st.session_state[ASKED], []
    asked, wrong = asked_in(there)
    if st.session_state.get(ASKED) != asked:
        st.session_state[REFUSED] = {}
        _remember(asked)
    return asked, wrong


def go(asked: Asked) -> None:
    """Put it in the address, from which everything else follows."""
    _remember(asked)
    wanted = asked.to_params()
    for name in PARAMS:
        if name in wanted:
            st.query_params[name] = wanted[name]
        elif name in st.query_params:
            del st.query_params[name]


def keep_fields() -> None:
    """Before the fields are drawn: those that were not there for a while show what is asked for."""
    asked: Asked = st.session_state[ASKED]
    st.session_state.setdefault(PRESET, asked.preset)
    for name in ASSUMED:
        if field_key(name) not in st.session_state:
            st.session_state[REFUSED].pop(name, None)
            _fill_in(asked, name)


def choose_preset() -> None:
    """Begin anew from the chosen preset."""
    st.session_state[REFUSED] = {}
    go(of_preset(st.session_state[PRESET]))


def change(name: str) -> None:
    """Take what a field has, or say at the field why not; everything else stays as it was."""
    refused: dict[str, str] = st.session_state[REFUSED]
    asked: Asked = st.session_state[ASKED]
    value = st.session_state[field_key(name)]
    try:
        checked = find_assumption(name).check(math.nan if value is None else value)
    except InvalidField:
        kept = value_of(name, asked.assumptions.values()[name])
        what = "A number is needed" if value is None else f"{figure(value)} is not allowed"
        refused[name] = f"{what} ({ASSUMED[name].allowed}); it stays at {kept}."
        return
    refused.pop(name, None)
    go(Asked(asked.preset, asked.assumptions.with_changes({name: checked})))


def refusal(name: str) -> None:
    """Why the field's last value was not taken, if it was not."""
    said = st.session_state.get(REFUSED, {}).get(name)
    if said:
        st.warning(said)


def _remember(asked: Asked) -> None:
    """Let the fields say what is asked for; what was refused stands until it is mended."""
    state = st.session_state
    state[ASKED], state[PRESET] = asked, asked.preset
    for name in ASSUMED:
        if name not in state.setdefault(REFUSED, {}):
            _fill_in(asked, name)


def _fill_in(asked: Asked, name: str) -> None:
    value = asked.assumptions.values()[name]
    st.session_state[field_key(name)] = value if ASSUMED[name].switch else float(value)
