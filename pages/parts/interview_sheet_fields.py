"""Single fields of the mock interview's sheet: each shows what is kept, and what is changed is kept at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import streamlit as st
from pydantic import ValidationError

from engine.errors import InvalidInput, MurmurationError
from lessons.interview.base import Model
from lessons.interview.form import ORDERED, kind_of, put, sheet_of, value_at, wants
from lessons.interview.labels import figure_label, label, shuffled, title
from lessons.interview.published import question
from lessons.interview.sheet import Steps
from lessons.interview.units import FIGURES
from lessons.interview.written import read, shown, unit_of, written
from pages.parts import interview_sheet_seen as seen
from pages.parts.plain_text import plain

ROW, NUMBER = (10, 13), (7, 6)
"""Shares of a row's width: what is asked, and the field; of a field, the number, and its unit."""
TEXT = "free_text"
"""Path of what stands beside the closed part."""
_CHOOSE, _ADD = "Choose", "Choose, one after the other"


class Paper(Protocol):
    """What is written on. `key` belongs to it alone; `step` tells its sheets apart."""

    @property
    def key(self) -> str: ...
    @property
    def seed(self) -> int: ...
    @property
    def locked(self) -> bool: ...

    def kept(self, step: int) -> tuple[Model, str]:
        """Closed part and free text as they are kept now: another tab may have written meanwhile."""

    def keep(self, step: int, sheet: Model, text: str) -> None:
        """Keep both. Raises MurmurationError where that is refused."""


@dataclass(frozen=True)
class Pad:
    """A sheet of seven steps: that of the interview, or the changed one."""

    key: str
    steps: Callable[[], Steps]
    write: Callable[[int, Model, str], None]
    seed: int
    locked: bool = False

    def kept(self, step: int) -> tuple[Model, str]:
        """See Paper."""
        steps = self.steps()
        return sheet_of(steps, step), steps.text(step)

    def keep(self, step: int, sheet: Model, text: str) -> None:
        """See Paper."""
        self.write(step, sheet, text)


@dataclass(frozen=True)
class Place:
    """One field of one step on a pad. `sheet`: as it is kept when the field is drawn."""

    pad: Paper
    step: int
    path: str
    sheet: Model
    waits: bool = False
    """For another field, without which this one means nothing."""

    @property
    def closed(self) -> bool:
        """Whether nothing can be entered now."""
        return self.waits or self.pad.locked

    @property
    def name(self) -> str:
        """Of the field, in this session."""
        return f"interview_{self.pad.key}_{self.step}_{self.path}"

    @property
    def asked(self) -> str:
        """What the field asks for, as it is read out: in a table with its row."""
        first, *rest = self.path.split(".")
        if first == "access":
            return f"{title(self.path)}: {title(rest[0])}"
        row = next((part for part in rest if part.isdecimal()), None)
        return title(self.path) + (f", {int(row) + 1}" if row else "")

    @property
    def entered(self) -> Any:
        """What stands in the field."""
        return seen.entered(self.name)

    def at(self, path: str, *, waits: bool = False) -> "Place":
        """Another field of the same step."""
        return Place(self.pad, self.step, path, self.sheet, waits)

    @property
    def value(self) -> Any:
        """What is kept of it."""
        return value_at(self.sheet, self.path)

    def keep(self, value: Any) -> bool:
        """Write this field, and nothing else, on the sheet as it is kept now; whether that was taken."""
        sheet, text = self.pad.kept(self.step)
        return self._write(lambda: put(sheet, self.path, value), text, value)

    def keep_text(self, text: str) -> bool:
        """Write the step's free text; whether that was taken."""
        sheet, _ = self.pad.kept(self.step)
        return self._write(lambda: sheet, text, text)

    def _write(self, sheet: Callable[[], Model], text: str, shows: Any) -> bool:
        try:
            self.pad.keep(self.step, sheet(), text)
        except ValidationError as wrong:
            told = wrong.errors(include_url=False)[0]["msg"]
            seen.refuse(self.name, f"This is not taken: {told[:1].lower()}{told[1:]}.")
            return False
        except MurmurationError as refused:
            seen.refuse(self.name, str(refused))
            return False
        seen.accept(self.name, shows)
        return True


def field(place: Place) -> None:
    """One field with what it asks for, in a row.

    A row is a box of its own: a refusal that comes or goes must not move the fields below it from their places on the
    page, where the browser would make them anew and forget what is being typed.
    """
    with st.container():
        _row(place)


def _row(place: Place) -> None:
    kind = kind_of(type(place.sheet), place.path)
    if kind == "number":
        _number_row(place)
    elif kind == "many":  # what is chosen needs the width
        st.markdown(plain(title(place.path)))
        many(place)
    else:
        asked, there = st.columns(ROW, vertical_alignment="center", gap="small")
        asked.markdown(plain(title(place.path)))
        with there:
            choice(place)
    refusal(place)


def choice(place: Place) -> None:
    """The field alone, of any kind but a number's."""
    kind = kind_of(type(place.sheet), place.path)
    if kind == "yes_no":
        options_in_sight(place, (True, False))
    elif kind == "many":
        many(place)
    elif kind == "figure":
        one(place, sorted(FIGURES, key=figure_label), figure_label)
    elif place.path.endswith(("write", "read")):
        options_in_sight(place, ("low", "high"))
    else:
        one(place, _words(place), lambda word: label(place.path, word))


def one(place: Place, options: Sequence[Any], said: Callable[[Any], str]) -> None:
    """One of a list; nothing at first."""
    key, begins = seen.begin(place.name, place.value, place.value)
    st.selectbox(
        place.asked, list(options), index=None if begins not in options else options.index(begins), key=key,
        format_func=said, placeholder=_CHOOSE, disabled=place.closed, label_visibility="collapsed",
        on_change=_keep_as_is, args=(place,),
    )  # fmt: skip


def many(place: Place) -> None:
    """Several of a list, in the order in which they were chosen."""
    key, begins = seen.begin(place.name, place.value or (), place.value or ())
    ordered = place.path in ORDERED
    st.multiselect(
        place.asked, _words(place), list(begins), key=key, format_func=lambda word: label(place.path, word),
        placeholder=_ADD if ordered else _CHOOSE, disabled=place.closed, label_visibility="collapsed",
        select_all=False, wrap=True, on_change=_keep_many, args=(place,),
    )  # fmt: skip


def options_in_sight(place: Place, options: Sequence[Any]) -> None:
    """Two or three short answers beside each other; a second click takes one away."""
    key, begins = seen.begin(place.name, place.value, place.value)
    st.segmented_control(
        place.asked, list(options), default=begins, key=key, format_func=lambda word: label(place.path, word),
        disabled=place.closed, label_visibility="collapsed", on_change=_keep_as_is, args=(place,),
    )  # fmt: skip


def _number_row(place: Place) -> None:
    """A number: what is asked, the field, and its unit or how it was understood."""
    asked, there = st.columns(ROW, vertical_alignment="center", gap="small")
    asked.markdown(plain(title(place.path)))
    with there:
        digits, unit = st.columns(NUMBER, vertical_alignment="center", gap="small")
    with digits:
        number(place)
    measure, noun = wants(place.path, place.sheet)
    value = place.value
    unit.markdown(plain(shown(value, measure, noun) if value is not None else unit_of(measure, noun)))
    doubt = question(place.path, value)
    if doubt:
        st.caption(plain(doubt))


def number(place: Place, *, beside: bool = False) -> None:
    """The field of a number alone: a text, so that 500M can be written, and an empty one is no zero.

    beside: nothing stands beside it, so the empty field says its unit itself.
    """
    measure, noun = wants(place.path, place.sheet)
    value = place.value
    key, begins = seen.begin(place.name, value, "" if value is None else written(value, measure))
    unit = unit_of(measure, noun)
    st.text_input(
        f"{place.asked}{f' ({unit})' if unit else ''}", begins, key=key, max_chars=60, disabled=place.closed,
        label_visibility="collapsed", on_change=_keep_number, args=(place,), placeholder=unit if beside else None,
    )  # fmt: skip


def refusal(place: Place) -> None:
    """Why what stands in the field was not taken, if it was not; and what is kept instead."""
    said = seen.refusal_of(place.name)
    if said is None:
        return
    kept = place.value
    number = isinstance(kept, float | int) and not isinstance(kept, bool)
    rest = f" Kept: {shown(kept, *wants(place.path, place.sheet))}." if number else ""
    st.warning(plain(f"{said.sentence}{rest}"))


def free_text(place: Place, kept: str, asked: str, height: int) -> None:
    """The free text that stands beside the closed part."""
    key, begins = seen.begin(place.name, kept, kept)
    st.text_area(
        asked, begins, key=key, max_chars=20_000, height=height, disabled=place.closed,
        label_visibility="collapsed", on_change=_keep_text, args=(place,),
    )  # fmt: skip
    refusal(place)


def _words(place: Place) -> list[Any]:
    known: list[Any] = list(shuffled(place.path, place.pad.seed))
    return [int(word) for word in known] if place.path.endswith("home_pct") else known


def _keep_as_is(place: Place) -> None:
    place.keep(place.entered)


def _keep_many(place: Place) -> None:
    place.keep(tuple(place.entered))


def _keep_text(place: Place) -> None:
    place.keep_text(place.entered or "")


def _keep_number(place: Place) -> None:
    text = place.entered or ""
    fresh, _ = place.pad.kept(place.step)
    try:
        value = read(text, wants(place.path, fresh)[0]) if text.strip() else None
    except InvalidInput as wrong:
        seen.refuse(place.name, str(wrong))
        return
    place.keep(value)
