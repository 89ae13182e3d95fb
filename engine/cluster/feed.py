"""What a served world accepts, and when: its recorded load in wall time, or so many posts at a stated rate."""

from typing import Protocol

import numpy as np

from engine.clock import NS_PER_S
from engine.domain import I8, Op
from engine.journal import actions as act
from engine.load.arrivals import Arrivals
from engine.load.recording import Load
from engine.load.text import load_text
from engine.people import post_key

_POSTS: I8 = np.array([Op.POST, Op.REPLY, Op.REPOST], np.int8)
_WRITES: I8 = np.array([Op.POST, Op.REPLY, Op.REPOST, Op.FOLLOW, Op.UNFOLLOW], np.int8)
_KEYS_KEPT = 1 << 16


class Feed(Protocol):
    """Arrivals of writes, in order."""

    def due(self, elapsed_ns: int, most: int) -> Arrivals:
        """What has arrived in the first so many ns and was not handed out yet; `most` of it."""

    @property
    def over(self) -> bool:
        """Nothing more will come."""


class RecordedFeed:
    """The posts, follows and unfollows of a load as they are recorded, from a second of it on."""

    def __init__(self, load: Load, from_block: int, seconds: float | None) -> None:
        """`seconds`: how long; None: without end."""
        self._load = load
        self._start_ns = from_block * NS_PER_S
        self._end_ns = None if seconds is None else round(seconds * NS_PER_S)
        self._reached_ns = 0
        self._left = Arrivals.empty()

    def due(self, elapsed_ns: int, most: int) -> Arrivals:
        """See `Feed`."""
        until_ns = elapsed_ns if self._end_ns is None else min(elapsed_ns, self._end_ns)
        if until_ns > self._reached_ns:
            new = self._load.between(self._start_ns + self._reached_ns, self._start_ns + until_ns)
            self._left = Arrivals.concat([self._left, _only(new, _WRITES)])
            self._reached_ns = until_ns
        some, self._left = _split(self._left, most)
        return some

    @property
    def over(self) -> bool:
        """See `Feed`."""
        return self._end_ns is not None and self._reached_ns >= self._end_ns and len(self._left) == 0


class PacedFeed:
    """The first posts of a load, as many as wanted, evenly at a rate; as fast as they are taken where it is 0."""

    def __init__(self, load: Load, from_block: int, posts: int, per_s: float) -> None:
        self._load, self._block = load, from_block
        self._posts, self._per_s = posts, per_s
        self._handed_out = 0
        self._left = Arrivals.empty()

    def due(self, elapsed_ns: int, most: int) -> Arrivals:
        """See `Feed`."""
        earned = self._posts if self._per_s == 0 else min(self._posts, int(elapsed_ns * self._per_s / NS_PER_S))
        wanted = min(earned - self._handed_out, most)
        while len(self._left) < wanted:
            self._left = Arrivals.concat([self._left, _only(self._load.block(self._block), _POSTS)])
            self._block += 1
        some, self._left = _split(self._left, max(0, wanted))
        self._handed_out += len(some)
        return some

    @property
    def over(self) -> bool:
        """See `Feed`."""
        return self._handed_out >= self._posts


class Actions:
    """From arrivals to actions for the journal. The load names posts by keys of its own, which are remembered for a
    while; whoever answers a post that is not (of before a restart) writes something of their own."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._key_of: dict[int, int] = {}

    def of(self, arrivals: Arrivals, last_seq: int) -> list[act.Action]:
        """Actions in order, given the number of the journal's last entry; each will be one entry."""
        made: list[act.Action] = []
        columns = (arrivals.op, arrivals.actor, arrivals.target, arrivals.key)
        for op, actor, target, key in zip(*(column.tolist() for column in columns), strict=True):
            action = self._action(Op(op), actor, target, key)
            made.append(action)
            if isinstance(action, act.Posted):
                self._key_of[key] = post_key(last_seq + len(made))
        if len(self._key_of) > 2 * _KEYS_KEPT:
            self._key_of = dict(list(self._key_of.items())[-_KEYS_KEPT:])
        return made

    def _action(self, op: Op, actor: int, target: int, key: int) -> act.Action:
        if op == Op.FOLLOW:
            return act.Followed(actor, target)
        if op == Op.UNFOLLOW:
            return act.Unfollowed(actor, target)
        answered = self._key_of.get(target)
        if answered is None:
            return act.Posted(actor, load_text(self._seed, key))
        if op == Op.REPLY:
            return act.Posted(actor, load_text(self._seed, key), reply_to=answered)
        return act.Posted(actor, "", repost_of=answered)


def _only(arrivals: Arrivals, ops: I8) -> Arrivals:
    which = np.flatnonzero(np.isin(arrivals.op, ops))
    return Arrivals(*(column[which] for column in _columns(arrivals)))


def _split(arrivals: Arrivals, most: int) -> tuple[Arrivals, Arrivals]:
    head = Arrivals(*(column[:most] for column in _columns(arrivals)))
    return head, Arrivals(*(column[most:] for column in _columns(arrivals)))


def _columns(arrivals: Arrivals) -> tuple[np.ndarray, ...]:
    return arrivals.at_ns, arrivals.op, arrivals.actor, arrivals.target, arrivals.key
