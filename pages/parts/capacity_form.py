"""The assumptions: eight that most designs are argued with, and behind a fold the others."""

import math
from collections.abc import Iterator

import streamlit as st

from lessons.capacity import ASSUMED, PRESETS, Asked, figure, source_of
from pages.parts.capacity_state import PRESET, change, choose_preset, field_key, refusal

_OTHERS = {"posts": "Posts and fan-out", "reads": "Reads", "lists": "Lists and storage", "money": "Prices"}
_LARGE = 10_000
"""From here on a value is said in words beside its field: nobody counts zeros."""


def form(asked: Asked) -> None:
    """All fields; what they have goes to the address at once."""
    st.selectbox(
        "Begin with", list(PRESETS), key=PRESET, format_func=lambda name: PRESETS[name].title, on_change=choose_preset,
        help=" ".join(preset.text for preset in PRESETS.values()),
    )  # fmt: skip
    for pair in _pairs([name for name, each in ASSUMED.items() if each.group == "main"]):
        for column, name in zip(st.columns(2, gap="small"), pair, strict=False):
            with column:
                _field(asked, name)
    others = [name for name, each in ASSUMED.items() if each.group in _OTHERS]
    with st.expander(f"{len(others)} more assumptions"):
        for group, title in _OTHERS.items():
            st.markdown(f"**{title}**")
            for name in others:
                if ASSUMED[name].group == group:
                    _field(asked, name)


def _pairs(names: list[str]) -> Iterator[list[str]]:
    yield from (names[at : at + 2] for at in range(0, len(names), 2))


def _field(asked: Asked, name: str) -> None:
    declared = ASSUMED[name]
    help_ = f"{declared.help} " if declared.help else ""
    st.number_input(
        _label(name, asked.assumptions.values()[name]),
        value=None,  # it may be emptied, and is then refused
        key=field_key(name),
        format="%.6g",
        step=_step(float(declared.default)),
        on_change=change,
        args=(name,),
        help=f"{help_}{declared.unit}, {declared.allowed}. Source: {source_of(asked, name)}.",
    )
    refusal(name)


def _label(name: str, value: float) -> str:
    """What it is, and its unit, or a large value in words."""
    declared = ASSUMED[name]
    said = figure(value) if value >= _LARGE else declared.unit
    return f"{declared.label[:1].upper()}{declared.label[1:]} ({said})"


def _step(default: float) -> float:
    """A tenth of the default's power of ten."""
    return 10.0 ** (math.floor(math.log10(default)) - 1) if default else 1.0
