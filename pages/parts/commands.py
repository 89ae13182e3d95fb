"""What the live part asks of Python: another world. All else it asks of the world itself, over the websocket."""

from collections.abc import Callable, Mapping
from typing import Any

from engine import preset_config, with_strategy
from engine.config import WorldConfig
from engine.errors import InvalidInput, MurmurationError
from pages.parts.session import reopen_twin, reopen_world, replace_world, session_world


def run_command(command: Mapping[str, Any]) -> str | None:
    """Carry out one command. The sentence to show if it was refused, else None."""
    try:
        _COMMANDS.get(str(command.get("do")), _unknown)(command)
    except MurmurationError as refused:
        return str(refused)
    except (KeyError, TypeError):
        return "That command is not complete; nothing was changed."
    return None


def _open(command: Mapping[str, Any]) -> None:
    """Another world as it comes, but under the strategy in force."""
    kept = {"timeline.backend": command.get("backend", "ring")}
    fresh = preset_config(str(command["world"]), seed=command["seed"], **kept)
    replace_world(with_strategy(fresh, session_world().config.strategy.name))


def _reopen(command: Mapping[str, Any]) -> None:
    """The world was closed after standing idle: the same again; without a journal, one as the browser last saw it."""
    reopen_world(None if command.get("world") is None else _as_seen(command))


def _reopen_twin(command: Mapping[str, Any]) -> None:
    """The twin was closed after standing idle: the same designs again, as the browser last saw them."""
    sides = command.get("sides") or []
    reopen_twin([_as_seen({"world": command["world"], **side}) for side in sides] or None)


def _as_seen(command: Mapping[str, Any]) -> WorldConfig:
    config = preset_config(str(command["world"])).with_knobs(dict(command["knobs"]))
    return with_strategy(config, str(command["strategy"]))


def _unknown(command: Mapping[str, Any]) -> None:
    raise InvalidInput(f"There is no command {command.get('do')!r}; allowed: {', '.join(_COMMANDS)}.")


_COMMANDS: dict[str, Callable[[Mapping[str, Any]], None]] = {
    "open": _open,
    "reopen": _reopen,
    "reopen_twin": _reopen_twin,
}
