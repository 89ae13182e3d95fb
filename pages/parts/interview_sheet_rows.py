"""Fields of the sheet that are tables: entities, access patterns, what is dear, what was rejected, alarms."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.errors import InvalidInput
from lessons.interview.form import MOST_ROWS, ROWS, kind_of
from lessons.interview.labels import drawn_order, title
from lessons.interview.runs import MOVES
from lessons.interview.written import read_entities, written_entities
from pages.parts import interview_sheet_seen as seen
from pages.parts.interview_sheet_fields import ROW, Place, choice, number, one, refusal
from pages.parts.plain_text import plain

_HEIGHT = 132
_PATTERNS = ("followers_of", "followees_of", "follows_check", "latest_by_author", "timeline_of", "posts_by_ids")
_ASKED = (9, 7, 6)
_ALARM = (19, 9, 9, 20)


def entities(place: Place) -> None:
    """One entity a line, in the candidate's own names."""
    kept = place.value or {}
    key, begins = seen.begin(place.name, kept, written_entities(kept))
    st.markdown("One a line, with its fields: `name: field, field`")
    st.text_area(
        title(place.path), begins, key=key, height=_HEIGHT, max_chars=4_000, disabled=place.closed,
        label_visibility="collapsed", on_change=_keep_entities, args=(place,),
    )  # fmt: skip
    told = ", ".join(f"{name} ({len(fields)})" for name, fields in kept.items())
    st.caption(plain(f"Understood, with the number of fields: {told}" if told else "Nothing entered yet."))
    refusal(place)


def _keep_entities(place: Place) -> None:
    try:
        found = read_entities(place.entered or "")
    except InvalidInput as wrong:
        seen.refuse(place.name, str(wrong))
        return
    place.keep(found)


def access(place: Place) -> None:
    """A store and a key for each access pattern."""
    _head(_ASKED, ("", title("store"), title("key")))
    for pattern in _PATTERNS:
        with st.container():
            asked, *cells = st.columns(_ASKED, vertical_alignment="center", gap="small")
            asked.markdown(plain(title(pattern)))
            _cells(cells, [place.at(f"{place.path}.{pattern}.{part}") for part in ("store", "key")])


def who_pays(place: Place) -> None:
    """Low or high, at write and at read, for push and for pull."""
    _head((6, 8, 8), ("Cost", "of a post written", "of a home page read"))
    for way in ("push", "pull"):
        asked, *cells = st.columns((6, 8, 8), vertical_alignment="center", gap="small")
        asked.markdown(title(way))
        for cell, part in zip(cells, ("write", "read"), strict=True):
            with cell:
                choice(place.at(f"{place.path}.{way}.{part}"))


def rejected(place: Place) -> None:
    """Alternatives, each with the reason; a further row comes when the last is filled."""
    _head((1, 1), (title("option"), title("reason")))
    for row in range(_rows(place, 2)):
        with st.container():
            cells = st.columns(2, vertical_alignment="center", gap="small")
            _cells(cells, [place.at(f"{place.path}.{row}.{part}") for part in ROWS[place.path]])


def alarms(place: Place) -> None:
    """Metric, limit, for how long, and what happens then; a further row comes when the last is filled."""
    _head(_ALARM, ("Metric", "Limit", "For", "Then"), "xsmall")
    for row in range(_rows(place, 3)):
        metric = place.at(f"{place.path}.{row}.metric")
        waits = metric.value is None
        parts = [metric, *(place.at(f"{place.path}.{row}.{part}", waits=waits) for part in ROWS[place.path][1:])]
        with st.container():
            _cells(st.columns(_ALARM, vertical_alignment="center", gap="xsmall"), parts)


def move(place: Place) -> None:
    """What the engine can run as a next step."""
    asked, there = st.columns(ROW, vertical_alignment="center", gap="small")
    asked.markdown(title(place.path))
    with there:
        one(place, drawn_order(place.path, list(MOVES), place.pad.seed), lambda name: MOVES[name].title)
    refusal(place)


def _cells(cells: Sequence[DeltaGenerator], places: Sequence[Place]) -> None:
    """Fields beside each other, and below them what was refused."""
    for cell, place in zip(cells, places, strict=True):
        with cell:
            if kind_of(type(place.sheet), place.path) == "number":
                number(place, beside=not place.waits)
            else:
                choice(place)
    for place in places:
        refusal(place)


def _rows(place: Place, least: int) -> int:
    """So many as are filled, and one more to fill."""
    return min(max(len(place.value or ()) + 1, least), MOST_ROWS)


def _head(widths: tuple[int, ...], titles: tuple[str, ...], gap: Literal["small", "xsmall"] = "small") -> None:
    for cell, said in zip(st.columns(widths, gap=gap), titles, strict=True):
        cell.caption(said or " ")
