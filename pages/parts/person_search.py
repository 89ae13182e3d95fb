"""How a page of Streamlit's widgets asks for a person: a field, and in the same row people worth a look."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.live.inspection import Shortcut

PLACEHOLDER = "Name, @name or number"


def person_search(
    label: str, shortcuts: Sequence[Shortcut], choose: Callable[[int], object], *, places: int = 0, **field: Any
) -> tuple[str, list[DeltaGenerator]]:
    """Draw both. A shortcut calls `choose` with its user; `field` is passed to the text input.

    Returns: what stands in the field; `places` empty places at the end of the row.
    """
    first, *others = st.columns([3, *[1] * (len(shortcuts) + places)], vertical_alignment="bottom")
    text = first.text_input(label, placeholder=PLACEHOLDER, **field)
    for place, shortcut in zip(others, shortcuts, strict=False):
        why = f"{shortcut.why[0].upper()}{shortcut.why[1:]}."
        place.button(shortcut.label, help=why, on_click=choose, args=(shortcut.user,), width="stretch")
    return text or "", others[len(shortcuts) :]
