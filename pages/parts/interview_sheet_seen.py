"""What the fields of a sheet show. Each begins with what is kept; when that has changed elsewhere, in another tab,
it is made anew. So nothing is written over what somebody is typing, and what was not taken stays in its field."""

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

_SEEN, _REFUSED = "interview_seen", "interview_refused"


@dataclass(frozen=True)
class _Seen:
    """Of one field. `kept`: on the sheet, as of its last drawing or writing; `begins`: what it began with; `turn`: how
    often it has been made anew."""

    kept: Any
    begins: Any
    turn: int


@dataclass(frozen=True)
class Refused:
    """A text that was not taken, and why."""

    text: Any
    sentence: str


def key_of(name: str) -> str:
    """Of the field in the session now."""
    seen = _all().get(name)
    return f"{name}_{seen.turn if seen else 0}"


def begin(name: str, kept: Any, show: Any) -> tuple[str, Any]:
    """Before a field is drawn: its key, and what it begins with. `show`: how what is kept is shown in it."""
    seen, refused = _all().get(name), refusal_of(name)
    gone = seen is None or key_of(name) not in st.session_state
    if seen is None or gone or seen.kept != kept:
        if not gone:
            accept(name, kept)
        elif refused is not None:
            show = refused.text
        _all()[name] = seen = _Seen(kept, show, seen.turn + 1 if seen else 0)
    return key_of(name), seen.begins


def entered(name: str) -> Any:
    """What stands in the field."""
    return st.session_state.get(key_of(name))


def accept(name: str, kept: Any) -> None:
    """What stands in the field is kept as this."""
    _refusals().pop(name, None)
    if name in _all():
        _all()[name] = replace(_all()[name], kept=kept)


def refuse(name: str, sentence: str) -> None:
    """What stands in the field is not taken; it stays there."""
    _refusals()[name] = Refused(entered(name), sentence)


def refusal_of(name: str) -> Refused | None:
    """Why what stands in the field was not taken, if it was not."""
    return _refusals().get(name)


def _all() -> dict[str, _Seen]:
    found: dict[str, _Seen] = st.session_state.setdefault(_SEEN, {})
    return found


def _refusals() -> dict[str, Refused]:
    found: dict[str, Refused] = st.session_state.setdefault(_REFUSED, {})
    return found
