"""Links from one page of this app to another, as texts have them: "/load", "/lessons?lesson=push"."""

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import streamlit as st
from streamlit.errors import StreamlitAPIException

_PAGES = Path(__file__).parents[1]


def inner_link(link: str, label: str) -> None:
    """A link that stays in this session; nothing where no page has that address."""
    there = urlsplit(link)
    file = page_file(there.path)
    if file is None:
        return
    try:
        st.page_link(file, label=label, icon=":material/arrow_forward:", query_params=dict(parse_qsl(there.query)))
    except (StreamlitAPIException, KeyError):  # the page is there, and not in the menu
        return


def page_file(path: str) -> str | None:
    """The file of the page at this address, from the top of the repository."""
    name = path.strip("/") or "start"
    if not name.replace("_", "").isalnum():
        return None
    return next((f"pages/{file.parent.name}/{file.name}" for file in sorted(_PAGES.glob(f"*/{name}.py"))), None)
