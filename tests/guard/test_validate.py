"""What is let in, and the sentence for what is not."""

import numpy as np
import pytest

from engine.errors import InvalidInput, InvalidPost, NotAllowed, UnknownUser
from engine.guard.validate import check_limit, check_not_self, check_text, check_user, count_characters

FAMILY = "👨‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("text", "characters"),
    [
        ("hello", 5),
        (FAMILY, 1),
        ("🇩🇪🇫🇷", 2),
        ("👍🏽", 1),
        ("e\u0301", 1),
        ("한국어", 3),
        ("각", 1),
        ("क्षि", 1),
        ("ab\r\nc", 4),
    ],
)
def test_characters_are_counted_as_readers_see_them(text, characters):
    assert count_characters(text) == characters


@pytest.mark.parametrize("text", ["x", "x" * 280, FAMILY * 280, "e\u0301" * 280, "two\nlines", "  padded  ", "🙂"])
def test_texts_that_are_let_in(text):
    assert check_text(text) == text.strip()


@pytest.mark.parametrize("text", ["", "   \n\t ", "\u200b\u200d", "\u00a0", "\ufeff \u2060"])
def test_nothing_to_be_seen_is_empty(text):
    with pytest.raises(InvalidPost, match="is empty; allowed: 1 to 280"):
        check_text(text)


@pytest.mark.parametrize("text", ["x" * 281, FAMILY * 281, "x " * 150])
def test_too_long(text):
    with pytest.raises(InvalidPost, match=r"has \d+ characters; allowed: 1 to 280"):
        check_text(text)


def test_one_character_under_a_tower_of_accents():
    with pytest.raises(InvalidPost, match="code points"):
        check_text("e" + "\u0301" * 5000)


@pytest.mark.parametrize("text", ["a\0b", "a\ud800", "\x1b[31mred"])
def test_what_no_text_has(text):
    with pytest.raises(InvalidPost, match=r"U\+"):
        check_text(text)


@pytest.mark.parametrize("text", [None, 5, b"bytes"])
def test_no_text_at_all(text):
    with pytest.raises(InvalidPost, match="allowed: text"):
        check_text(text)


def test_users():
    assert check_user(np.int32(3), 5) == 3
    assert type(check_user(np.int32(3), 5)) is int
    for user in (-1, 5, True, 2.0, "2", None):
        with pytest.raises(UnknownUser, match="users 0 to 4"):
            check_user(user, 5)


def test_nobody_follows_themselves():
    check_not_self(1, 2, "follow")
    with pytest.raises(NotAllowed, match="User 2 cannot follow themselves"):
        check_not_self(2, 2, "follow")


def test_page_limits():
    assert check_limit(100, 100) == 100
    for limit in (0, 101, None, "20", True):
        with pytest.raises(InvalidInput, match="from 1 to 100"):
            check_limit(limit, 100)
