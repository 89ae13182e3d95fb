"""What a request must be before anything is changed: each check returns the clean value or raises one sentence."""

import operator
import unicodedata
from typing import Any

import regex  # type: ignore[import-untyped]

from engine.errors import InvalidInput, InvalidPost, NotAllowed, UnknownUser

MAX_CHARACTERS = 280
MAX_CODE_POINTS = 12 * MAX_CHARACTERS
"""A family emoji with skin tones has 11 code points. More in the mean is no text: one character may carry any number
of accents, and the body store must stay bounded."""

_CHARACTER = regex.compile(r"\X")
_UNSEEN = {"Cc", "Cf", "Cs", "Cn", "Co", "Zs", "Zl", "Zp"}
_BREAKS = {"\n", "\t", "\r"}


def count_characters(text: str) -> int:
    """How many characters a reader sees: extended grapheme clusters. Source: Unicode UAX #29, section 3."""
    return sum(1 for _ in _CHARACTER.finditer(text))


def check_text(text: Any) -> str:
    """The text of a post without the white space around it: 1 to 280 characters as readers count them.

    Raises:
        InvalidPost: no text, nothing in it to be seen, too long, or characters that no text has.
    """
    if not isinstance(text, str):
        raise InvalidPost(f"A post's text is {type(text).__name__}; allowed: text of 1 to {MAX_CHARACTERS} characters.")
    clean: str = text.strip()
    if len(clean) > MAX_CODE_POINTS:
        raise InvalidPost(f"The post has {len(clean):,} code points; allowed: up to {MAX_CODE_POINTS:,}.")
    kinds = {char: unicodedata.category(char) for char in set(clean)}
    for char, kind in kinds.items():
        if kind == "Cs" or (kind == "Cc" and char not in _BREAKS):
            raise InvalidPost(f"The post holds the control character U+{ord(char):04X}; allowed: text and line breaks.")
    if all(kind in _UNSEEN for kind in kinds.values()):
        raise InvalidPost(f"The post is empty; allowed: 1 to {MAX_CHARACTERS} characters.")
    length = count_characters(clean)
    if length > MAX_CHARACTERS:
        raise InvalidPost(f"The post has {length:,} characters; allowed: 1 to {MAX_CHARACTERS}.")
    return clean


def check_user(user: Any, users: int) -> int:
    """A user id of a world of `users` people.

    Raises:
        UnknownUser: not a whole number from 0 to users - 1.
    """
    number = _whole(user)
    if number is None or not 0 <= number < users:
        raise UnknownUser(f"There is no user {user!r}; this world has users 0 to {users - 1:,}.")
    return number


def check_not_self(user: int, other: int, doing: str) -> None:
    """`doing` is a verb: 'follow', 'block'.

    Raises:
        NotAllowed: `user` and `other` are the same person.
    """
    if user == other:
        raise NotAllowed(f"User {user} cannot {doing} themselves; choose somebody else.")


def check_limit(limit: Any, most: int) -> int:
    """How many posts a page may have.

    Raises:
        InvalidInput: not a whole number from 1 to `most`.
    """
    number = _whole(limit)
    if number is None or not 1 <= number <= most:
        raise InvalidInput(f"The page limit is {limit!r}; allowed: a whole number from 1 to {most}.")
    return number


def _whole(value: Any) -> int | None:
    """Any whole number (numpy's too) as an int; True is not one."""
    if isinstance(value, bool):
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None
