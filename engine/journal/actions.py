"""What people do, as values: everything that a world cannot make again from its seed.

An action and the virtual instant at which it took effect are one journal entry. Posts are named by their content key
(int64, engine/load): rows depend on service times, keys do not. The key of a person's own post comes from the number
of its entry, so it is not written again here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, get_args, get_origin, get_type_hints

from engine.errors import JournalError


@dataclass(frozen=True)
class Action:
    """Anything that goes into the journal. `kind` is its name there and must never change."""

    kind: ClassVar[str]

    def to_json(self) -> dict[str, Any]:
        """The body of the entry: JSON types only."""
        values = ((spec.name, getattr(self, spec.name)) for spec in fields(self))
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values}


@dataclass(frozen=True)
class Posted(Action):
    """A post; a reply or a repost where it names another post."""

    kind = "posted"
    user: int
    text: str
    reply_to: int | None = None
    repost_of: int | None = None
    media: tuple[str, ...] = ()


@dataclass(frozen=True)
class Liked(Action):
    """`user` likes `post`."""

    kind = "liked"
    user: int
    post: int


@dataclass(frozen=True)
class Unliked(Action):
    """`user` takes a like back."""

    kind = "unliked"
    user: int
    post: int


@dataclass(frozen=True)
class Followed(Action):
    """`user` follows `other`."""

    kind = "followed"
    user: int
    other: int


@dataclass(frozen=True)
class Unfollowed(Action):
    """`user` follows `other` no more."""

    kind = "unfollowed"
    user: int
    other: int


@dataclass(frozen=True)
class Deleted(Action):
    """`user` deletes their own `post`."""

    kind = "deleted"
    user: int
    post: int


@dataclass(frozen=True)
class Restored(Action):
    """`user` brings their deleted `post` back."""

    kind = "restored"
    user: int
    post: int


@dataclass(frozen=True)
class Blocked(Action):
    """`user` blocks `other`."""

    kind = "blocked"
    user: int
    other: int


@dataclass(frozen=True)
class Unblocked(Action):
    """`user` blocks `other` no more."""

    kind = "unblocked"
    user: int
    other: int


@dataclass(frozen=True)
class Muted(Action):
    """`user` mutes `other`."""

    kind = "muted"
    user: int
    other: int


@dataclass(frozen=True)
class Unmuted(Action):
    """`user` mutes `other` no more."""

    kind = "unmuted"
    user: int
    other: int


@dataclass(frozen=True)
class KnobsChanged(Action):
    """Knobs by public name and their new values, as given to `WorldConfig.with_knobs`."""

    kind = "knobs_changed"
    changes: Mapping[str, Any] = field(hash=False)

    def to_json(self) -> dict[str, Any]:
        return {"changes": dict(self.changes)}


@dataclass(frozen=True)
class StrategyChanged(Action):
    """The strategy as written on the command line: `hybrid:threshold=300`."""

    kind = "strategy_changed"
    spec: str


@dataclass(frozen=True)
class Injected(Action):
    """A scenario poured into the running world; `number` counts the injections, so each draws its own stream."""

    kind = "injected"
    scenario: str
    number: int


@dataclass(frozen=True)
class Broke(Action):
    """Something breaks in the running world: a fault, as engine/faults has it."""

    kind = "broke"
    fault: str
    at_ns: int
    lasts_ns: int
    size: float
    server: int | None = None


@dataclass(frozen=True)
class Rejected(Action):
    """What somebody asked for and did not get: the kind of action, and the sentence they were told."""

    kind = "rejected"
    action: str
    reason: str


@dataclass(frozen=True)
class Elsewhere(Action):
    """Something was done to the other side of a twin only. It changes nothing here; it takes a number, so that what
    people do to both sides has the same number on both, and their posts the same key."""

    kind = "elsewhere"


ACTIONS: Mapping[str, type[Action]] = {cls.kind: cls for cls in Action.__subclasses__()}
"""All kinds of entries by name."""


def parse_action(kind: str, body: Mapping[str, Any]) -> Action:
    """The action of an entry.

    Raises:
        JournalError: a kind that this version does not know, or a body that does not fit it.
    """
    cls = ACTIONS.get(kind)
    if cls is None:
        raise JournalError(f"The journal holds an entry of kind {kind!r}; this version knows {', '.join(ACTIONS)}.")
    hints = {name: hint for name, hint in get_type_hints(cls).items() if get_origin(hint) is not ClassVar}
    if set(body) != set(hints):
        raise JournalError(f"A {kind!r} entry has {sorted(body)}; this version expects {sorted(hints)}.")
    for name, hint in hints.items():
        if not _fits(body[name], hint):
            raise JournalError(f"A {kind!r} entry has {name} = {body[name]!r}, which is not of the expected type.")
    return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in body.items()})


def _fits(value: Any, hint: Any) -> bool:
    if get_origin(hint) is tuple:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if get_origin(hint) is not None and issubclass(get_origin(hint), Mapping):
        return isinstance(value, dict)
    return type(value) in (get_args(hint) or (hint,))
