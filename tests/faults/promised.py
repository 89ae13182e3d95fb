"""What a world owes to those who acted in it, told by their acts alone: posts, likes, follows, blocks, settings.

An act is a command of the wire: `("act", {"what": "like", "user": 5, "post": id})`. `Promised.do` lets one take effect,
by rules written here a second time, and as simply as they can be; `some_act` finds one that is allowed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, NamedTuple

import numpy as np

from engine.faults import Fault, parse_fault
from engine.people import post_key

Command = tuple[str, dict[str, Any]]
Pair = tuple[int, int]
ACTORS = 12
"""People 0 .. 11 act; 0 is the largest account. Few, so that they get in each other's way."""


@dataclass
class Post:
    """A post that a person made."""

    id: int
    user: int
    text: str
    kind: str = "post"
    ref: int | None = None
    """The id of what it repeats or answers."""
    deleted: bool = False


@dataclass
class Promised:
    """The world of these people as it has to be, once all they did is done."""

    follows: set[Pair]
    """Of the actors among each other, at the beginning."""
    posts: dict[int, Post] = field(default_factory=dict)
    likes: set[Pair] = field(default_factory=set)
    """(user, post)."""
    blocks: set[Pair] = field(default_factory=set)
    mutes: set[Pair] = field(default_factory=set)
    knobs: dict[str, Any] = field(default_factory=dict)
    strategy: str = "push"
    injections: int = 0
    broken: list[str] = field(default_factory=list)
    """What was let break, as `as_broken` writes it."""
    entries: int = 0
    """How many acts are in the journal."""

    def __post_init__(self) -> None:
        self._began = frozenset(self.follows)

    def do(self, command: Command) -> int | None:
        """An allowed act takes effect; the id of the post that it makes."""
        do, told = command
        if do == "reset":
            self.posts, self.entries, self.injections, self.broken = {}, 0, 0, []
            self.likes, self.blocks, self.mutes = set(), set(), set()
            self.follows = set(self._began)
            return None
        changed, made = True, None
        match do:
            case "knobs":
                self.knobs |= told["set"]
            case "strategy":
                self.strategy = told["name"]
            case "inject":
                self.injections += 1
            case "break":
                self.broken.append(as_broken(parse_fault(told["fault"], now_ns=0)))
            case _:
                changed, made = self._act(told)
        self.entries += changed
        return made

    def _act(self, told: dict[str, Any]) -> tuple[bool, int | None]:
        what, user = told["what"], told["user"]
        if what in ("post", "reply", "repost"):
            made = post_key(self.entries + 1)
            ref = self.root(told["post"]) if "post" in told else None
            self.posts[made] = Post(made, user, told.get("text", ""), what, ref)
            return True, made
        if what in ("delete", "restore"):
            post = self.posts[told["post"]]
            changed = post.deleted == (what == "restore")
            post.deleted = what == "delete"
            return changed, None
        if what == "undo_repost":
            (repost,) = self.reposts(user, told["post"])
            repost.deleted = True
            return True, None
        pair = (user, told["other"] if "other" in told else self.root(told["post"]))
        if what == "block" and pair not in self.blocks:
            self.follows -= {pair, pair[::-1]}
        kept = {"like": self.likes, "follow": self.follows, "block": self.blocks, "mute": self.mutes}
        members = kept[what.removeprefix("un")]
        changed = (pair in members) == what.startswith("un")
        (members.discard if what.startswith("un") else members.add)(pair)
        return changed, None

    def root(self, post: int) -> int:
        """What a post shows: itself, or what it repeats."""
        known = self.posts.get(post)
        return known.ref if known and known.kind == "repost" and known.ref is not None else post

    def reposts(self, user: int, post: int) -> list[Post]:
        """Reposts that stand, of what a post shows."""
        mine = (one for one in self.posts.values() if one.user == user and one.kind == "repost")
        return [one for one in mine if one.ref == self.root(post) and not one.deleted]

    def open_to(self, user: int, post: int) -> bool:
        """Whether somebody may answer, like or repost a post: it stands, and nobody blocks."""
        shown = [self.posts[one] for one in {post, self.root(post)} if one in self.posts]
        blocked = any((one.user, user) in self.blocks or (user, one.user) in self.blocks for one in shown)
        return not blocked and not any(one.deleted for one in shown)

    def to_json(self) -> dict[str, Any]:
        """As `lives.seen` tells it of a world."""
        return {
            "posts": [[p.id, p.user, p.text, p.kind, p.ref, p.deleted] for p in self.posts.values()],
            "likes": sorted(map(list, self.likes)),
            "counted": {str(post): sum(liked == post for _, liked in self.likes) for post in self.posts},
            "follows": sorted(map(list, self.follows)),
            "blocks": sorted(map(list, self.blocks)),
            "mutes": sorted(map(list, self.mutes)),
            "knobs": self.knobs,
            "strategy": self.strategy,
            "injections": self.injections,
            "broken": sorted(self.broken),
            "entries": self.entries,
        }


def as_broken(fault: Fault) -> str:
    """A fault without its instant, which the world knows better than who asks for it."""
    return str(replace(fault, at_ns=0))


class _Kind(NamedTuple):
    what: str
    weight: float


_KINDS = (
    _Kind("post", 8), _Kind("reply", 4), _Kind("repost", 4), _Kind("like", 8), _Kind("unlike", 2), _Kind("follow", 5),
    _Kind("unfollow", 3), _Kind("delete", 4), _Kind("restore", 2), _Kind("undo_repost", 2), _Kind("block", 1),
    _Kind("unblock", 1), _Kind("mute", 1), _Kind("unmute", 1), _Kind("knobs", 2), _Kind("strategy", 1),
    _Kind("inject", 1), _Kind("break", 2), _Kind("reset", 1),
)  # fmt: skip
_SHARES = np.array([kind.weight for kind in _KINDS]) / sum(kind.weight for kind in _KINDS)
_FAULTS = (
    "cache_flushed", "shard_down+2#3", "shard_slow+1x4", "database_slow+3x2", "workers_gone+2x0.5", "worker_crash",
)  # fmt: skip
_STRATEGIES = ("push", "pull", "hybrid:threshold=100", "hybrid:threshold=10")


def acts(promised: Promised, rng: np.random.Generator, without: frozenset[str] = frozenset()) -> Iterator[Command]:
    """Allowed acts without end, each of which has to be done before the next is asked for."""
    for number in count(1):
        act = None
        while act is None:
            what = _KINDS[rng.choice(len(_KINDS), p=_SHARES)].what
            act = None if what in without else some_act(promised, rng, what, number)
        yield act


def some_act(promised: Promised, rng: np.random.Generator, what: str, number: int) -> Command | None:
    """An act of this kind that would be allowed now, if the dice find one. Texts are told apart by `number`."""
    user, other = rng.choice(ACTORS, 2, replace=False).tolist()
    match what:
        case "post":
            return "act", {"what": what, "user": user, "text": f"number {number}"}
        case "knobs":
            changes = {"workers.count": int(rng.integers(1, 5)), "load.posts_per_s": int(rng.integers(6, 13))}
            return what, {"set": changes}
        case "strategy":
            return what, {"name": _STRATEGIES[rng.integers(len(_STRATEGIES))]}
        case "inject":
            return what, {"name": ("celebrity", "herd")[rng.integers(2)]}
        case "break":
            return what, {"fault": _FAULTS[rng.integers(len(_FAULTS))]}
        case "reset":
            return what, {}
        case "follow" | "unfollow" | "block" | "unblock" | "mute" | "unmute":
            blocked = {(user, other), (other, user)} & promised.blocks
            return None if what == "follow" and blocked else ("act", {"what": what, "user": user, "other": other})
    if not promised.posts:
        return None
    post = list(promised.posts.values())[rng.integers(len(promised.posts))]
    told = {"what": what, "user": user, "post": post.id}
    match what:
        case "delete" | "restore":
            twice = what == "restore" and post.kind == "repost" and promised.reposts(post.user, post.id)
            return None if twice else ("act", told | {"user": post.user})
        case "undo_repost":
            return ("act", told) if promised.reposts(user, post.id) else None
        case "repost" if promised.reposts(user, post.id):
            return None
        case "reply":
            told |= {"text": f"number {number}"}
    return ("act", told) if promised.open_to(user, post.id) else None
