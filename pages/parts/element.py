"""Live elements: each its own markup, style and scripts, fed by its own websocket, so that nothing has to rerun.

An element NAME is the folder of that name beside this file: NAME.html (its root is `<section class="live NAME">`),
NAME.css and main.js, which exports `mount(root, component)`. What elements share is in `live/`: where a NAME.html says
`<!-- live/FRAGMENT.html -->`, that file is put in.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from pages.parts.commands import run_command
from pages.parts.session import NOTICE, tell

HERE = Path(__file__).parent
SHARED = "live"
_MARKER = re.compile(rf"<!-- ({SHARED}/\S+) -->")


def live_element(part: str, data: Mapping[str, Any]) -> None:
    """Draw the element in folder `part`. A rerun with the same data changes nothing on the screen.

    `data` reaches its script with two more entries: `part`, and `notice`, what became of the last command to Python.
    """
    markup, style, boot = _sources(part)
    element = st.components.v2.component(f"murmuration_{part}", html=markup, css=style, js=boot, isolate_styles=False)
    key = f"live_{part}"
    element(
        data={**data, "part": part, "notice": st.session_state.get(NOTICE)},
        key=key,
        on_command_change=lambda: _on_command(key),
    )


def _on_command(key: str) -> None:
    """The browser asks for what needs Python: another world. What became of it is told in any case."""
    command = st.session_state[key].command
    if command:
        before = st.session_state.get(NOTICE)
        refused = run_command(command)
        if refused or st.session_state.get(NOTICE) is before:
            tell(refused)


@cache
def _sources(part: str) -> tuple[str, str, str]:
    """(markup, style, script) of an element."""
    markup = _markup(f"{part}/{part}.html")
    style = "\n".join((HERE / name / f"{name}.css").read_text() for name in (SHARED, part))
    boot = (HERE / SHARED / "boot.js").read_text()
    return markup, style, boot


def _markup(path: str) -> str:
    """The file's text with every fragment that it names, and those that they name, in place.

    Raises:
        FileNotFoundError: there is no such fragment; the page would lack what its script looks for.
    """
    return _MARKER.sub(lambda marker: _markup(marker[1]).strip(), (HERE / path).read_text())
