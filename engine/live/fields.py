"""The fields of a command's message, checked: what a client sent, or a sentence that says what is wanted."""

from collections.abc import Mapping
from types import UnionType
from typing import Any

from engine.errors import InvalidInput

Json = dict[str, Any]

_WORDS: Mapping[type | UnionType, str] = {
    str: "a text", int: "a whole number", int | float: "a number", bool: "true or false", dict: "an object",
}  # fmt: skip


def field(message: Mapping[str, Any], name: str, kind: type | UnionType) -> Any:
    """The field `name`, of that kind.

    Raises:
        InvalidInput: it is missing, or of another kind; true and false are no numbers.
    """
    value = message.get(name)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise InvalidInput(f"{message['do']!r} needs {_WORDS[kind]} in {name!r}.")
    return value


def optional(message: Mapping[str, Any], name: str, kind: type | UnionType) -> Any:
    """The field `name`, of that kind; None where it is missing or null.

    Raises:
        InvalidInput: it is there, and of another kind.
    """
    return None if message.get(name) is None else field(message, name, kind)
