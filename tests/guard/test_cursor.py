"""Cursors: their own come back, nothing else is taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidCursor
from engine.guard.cursor import Cursors

CURSORS = Cursors(b"seed 7")
ROWS = st.integers(-1, 2**31 - 1)


@given(ROWS, st.text(max_size=20))
def test_a_cursor_comes_back(row, scope):
    text = CURSORS.encode(row, scope)
    assert len(text) == 16
    assert CURSORS.decode(text, scope) == row


@given(ROWS, st.integers(0, 15), st.characters(codec="ascii"))
def test_a_changed_cursor_is_refused(row, position, char):
    text = CURSORS.encode(row, "home:1")
    forged = text[:position] + char + text[position + 1 :]
    if forged != text:
        with pytest.raises(InvalidCursor):
            CURSORS.decode(forged, "home:1")


@given(st.text(max_size=30))
def test_what_was_never_a_cursor_is_refused(text):
    with pytest.raises(InvalidCursor, match="not issued"):
        CURSORS.decode(text, "home:1")


@pytest.mark.parametrize("text", [None, 5, b"AQAAAAVqsPGgierq", "", "A" * 17, "größe"])
def test_other_types_are_refused(text):
    with pytest.raises(InvalidCursor):
        CURSORS.decode(text, "home:1")


def test_foreign_cursors_are_refused():
    text = CURSORS.encode(5, "home:1")
    for cursors, scope in ((CURSORS, "home:2"), (CURSORS, "profile:1"), (Cursors(b"seed 8"), "home:1")):
        with pytest.raises(InvalidCursor):
            cursors.decode(text, scope)
    for padded in (text + "\n", " " + text, text + "===="):
        with pytest.raises(InvalidCursor):
            CURSORS.decode(padded, "home:1")
