"""What a client may ask in JSON: `{"do": name, ...}`, the same over the socket and over HTTP."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.errors import InvalidInput
from engine.live import guests
from engine.live.fields import Json, field, optional
from engine.live.hub import Outbox
from engine.live.told import ROUNDS, Bets
from engine.live.world import LiveWorld


def perform(live: LiveWorld, message: Any, box: Outbox | None = None) -> Json:
    """Carry out one command and answer it. Blocks until the world has answered, two seconds at most.

    `box` is the socket that asked; without one there is no lens.

    Raises:
        MurmurationError: one sentence; nothing was changed.
    """
    if not isinstance(message, Mapping) or not isinstance(message.get("do"), str):
        raise InvalidInput('A command is a JSON object with a word in "do".')
    name = message["do"]
    if name not in _COMMANDS:
        raise InvalidInput(f"There is no command {name!r}; allowed: {', '.join(_COMMANDS)}.")
    answer = _COMMANDS[name](live, message, box)
    return {"type": "done", "do": name} | (answer or {})


def _inject(live: LiveWorld, message: Mapping[str, Any], _: Outbox | None) -> None:
    live.inject(field(message, "name", str))


def _break(live: LiveWorld, message: Mapping[str, Any], _: Outbox | None) -> Json:
    return {"fault": str(live.break_(field(message, "fault", str)))}


def _speed(live: LiveWorld, message: Mapping[str, Any], _: Outbox | None) -> None:
    live.set_speed(field(message, "x", int))


def _pause(live: LiveWorld, _message: Mapping[str, Any], _: Outbox | None) -> None:
    live.pause()


def _resume(live: LiveWorld, _message: Mapping[str, Any], _: Outbox | None) -> None:
    live.resume()


def _reset(live: LiveWorld, _message: Mapping[str, Any], _: Outbox | None) -> None:
    live.reset()


def _slow_to_watch(live: LiveWorld, message: Mapping[str, Any], _: Outbox | None) -> None:
    live.slow_to_watch(field(message, "on", bool))


def _strategy(live: LiveWorld, message: Mapping[str, Any], _: Outbox | None) -> None:
    live.set_strategy(field(message, "name", str), message.get("side"))


def _knobs(live: LiveWorld, message: Mapping[str, Any], _: Outbox | None) -> None:
    live.set_knobs(field(message, "set", dict), message.get("side"))


def _lens(live: LiveWorld, message: Mapping[str, Any], box: Outbox | None) -> Json:
    if box is None:
        raise InvalidInput("A lens belongs to a socket; over HTTP there is nothing to see through it.")
    lens = live.set_lens(box, field(message, "lens", str), message.get("post"), message.get("author"))
    return {"lens": lens.kind.name.lower(), "post": lens.row if lens.row >= 0 else None}


def _view(live: LiveWorld, message: Mapping[str, Any], box: Outbox | None) -> Json:
    if box is None:
        raise InvalidInput("A view belongs to a socket; over HTTP there is nothing to see.")
    view = field(message, "view", str)
    live.set_view(box, view)
    return {"view": view}


def _person(live: LiveWorld, message: Mapping[str, Any], box: Outbox | None) -> Json:
    user = field(message, "user", int)
    return {"type": "person", "user": user, "line": live.person(user, side_of(message, box))}


def _why(live: LiveWorld, message: Mapping[str, Any], box: Outbox | None) -> Json:
    user = field(message, "user", int)
    post = optional(message, "post", int)
    return {"type": "why", **live.why(user, post, side_of(message, box)).to_json()}


def _life(live: LiveWorld, message: Mapping[str, Any], box: Outbox | None) -> Json:
    return {"type": "life", **live.life(field(message, "post", int), side_of(message, box)).to_json()}


def _scrub(live: LiveWorld, message: Mapping[str, Any], box: Outbox | None) -> Json:
    if box is None:
        raise InvalidInput("Looking back belongs to a socket; over HTTP there is nothing to see.")
    t_s = optional(message, "t", int | float)
    scrubbed = live.scrub(box, None if t_s is None else float(t_s))
    return {"t": scrubbed.t_s, "from": scrubbed.from_s, "to": scrubbed.to_s}


def _story(live: LiveWorld, message: Mapping[str, Any], box: Outbox | None) -> Json:
    if box is None:
        raise InvalidInput("A story belongs to a socket; over HTTP there is nobody to tell it to.")
    if not field(message, "on", bool):
        return live.tell_story(box, None)
    return live.tell_story(box, Bets(_answer(message, "first", 0), _answer(message, "second", 1)))


def _answer(message: Mapping[str, Any], name: str, number: int) -> str | None:
    """A bet that was made before; one that is no answer of that round is none."""
    slug = message.get(name)
    return slug if slug in [answer.slug for answer in ROUNDS[number]] else None


def _bet(live: LiveWorld, message: Mapping[str, Any], box: Outbox | None) -> Json:
    answer = optional(message, "answer", str)
    return {"round": live.bet(answer, box)}


def _link(live: LiveWorld, message: Mapping[str, Any], box: Outbox | None) -> Json:
    return {"type": "link", "query": live.link(side_of(message, box))}


def _fast_forward(live: LiveWorld, _message: Mapping[str, Any], _: Outbox | None) -> None:
    live.fast_forward()


def _of_guest(
    command: Callable[[LiveWorld, Mapping[str, Any], int], Json],
) -> Callable[[LiveWorld, Mapping[str, Any], Outbox | None], Json]:
    return lambda live, message, box: command(live, message, side_of(message, box))


def side_of(message: Mapping[str, Any], box: Outbox | None) -> Any:
    """Which side of a twin is asked: the one that is named, else the socket's, else the first."""
    return message.get("side", 0 if box is None else box.side)


_COMMANDS: Mapping[str, Callable[[LiveWorld, Mapping[str, Any], Outbox | None], Json | None]] = {
    "inject": _inject,
    "break": _break,
    "speed": _speed,
    "pause": _pause,
    "resume": _resume,
    "reset": _reset,
    "slow_to_watch": _slow_to_watch,
    "strategy": _strategy,
    "knobs": _knobs,
    "lens": _lens,
    "story": _story,
    "bet": _bet,
    "fast_forward": _fast_forward,
    "link": _link,
    "view": _view,
    "person": _person,
    "why": _why,
    "life": _life,
    "scrub": _scrub,
    **{name: _of_guest(command) for name, command in guests.COMMANDS.items()},
}
