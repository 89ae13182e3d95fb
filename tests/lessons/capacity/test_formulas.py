"""A formula's text, value, words and unit are one thing; nothing but a formula is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.capacity.formula import Formula
from lessons.capacity.units import Unit, parse_unit

NAMES = {"a": 7.0, "b": 3.0, "c": 2.0, "on": 1.0, "off": 0.0}
LETTERS = {name: name for name in NAMES}


@st.composite
def expressions(draw, depth=3):
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from("abc"))
    left, right = draw(expressions(depth - 1)), draw(expressions(depth - 1))
    return draw(st.sampled_from([f"({left} {sign} {right})" for sign in "+-*/"] + [f"min({left}, {right})"]))


def python(words: str) -> str:
    return words.replace("×", "*").replace("÷", "/").replace("−", "-")


@given(expressions())
def test_the_words_say_what_is_computed(text):
    words = Formula(text).written(LETTERS)
    if "smaller" in words:
        words = python(text)
    try:
        wanted = eval(text, {"min": min}, dict(NAMES))
    except ZeroDivisionError:
        return
    assert Formula(text).value(NAMES) == wanted
    assert eval(python(words), {"min": min}, dict(NAMES)) == pytest.approx(wanted)


def test_brackets_stand_where_they_are_needed_and_nowhere_else():
    assert Formula("a - (b + c)").written(LETTERS) == "a − (b + c)"
    assert Formula("a / (b * c)").written(LETTERS) == "a ÷ (b × c)"
    assert Formula("a * (b / c)").written(LETTERS) == "a × b ÷ c"
    assert Formula("(a * b) + c").written(LETTERS) == "a × b + c"
    assert Formula("a * (b if on else c)").written(LETTERS) == "a × (b if on, else c)"


def test_a_switch_chooses():
    assert Formula("a if on else b").value(NAMES) == 7
    assert Formula("a if off else b").value(NAMES) == 3
    assert Formula("min(a, b)").value(NAMES) == 3


@pytest.mark.parametrize(
    "text", ["", "a +", "a ** b", "__import__('os')", "a.b", "2 * a", "max(a, b)", "a if b > c else a"]
)
def test_nothing_else_is_a_formula(text):
    with pytest.raises(ValueError, match="is no formula"):
        Formula(text)


def test_units_multiply_and_cancel():
    units = {"a": parse_unit("posts/person/day"), "b": parse_unit("people"), "c": parse_unit("s/day")}
    assert Formula("a * b / c").unit(units) == parse_unit("posts/s")
    assert str(parse_unit("worker us/copy")) == "us worker/copy"
    assert parse_unit("x") == parse_unit("") == Unit() == parse_unit("post/posts")


@pytest.mark.parametrize("text", ["a + b", "a - b", "min(a, b)", "a if c else b"])
def test_apples_and_pears_are_not_joined(text):
    units = {"a": parse_unit("posts/s"), "b": parse_unit("reads/s"), "c": Unit()}
    with pytest.raises(ValueError, match="joins post/s and read/s"):
        Formula(text).unit(units)


def test_an_empty_part_is_no_unit():
    with pytest.raises(ValueError, match="is no unit"):
        parse_unit("posts//s")
