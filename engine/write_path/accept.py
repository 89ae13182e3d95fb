"""From a request to a row: commit on the database primary, and with its completion the post is accepted."""

from typing import NamedTuple

import numpy as np

from engine.clock import ceil_group
from engine.config import WorldConfig
from engine.domain import I8, I32, I64, NO_ROW, Flag, Op
from engine.posts.store import NewPosts, PostStore
from engine.queueing.pending import Columns, Pending
from engine.queueing.station import Station, shard_of

_KEYS_KEPT = 1 << 16
"""Posts that replies, reposts and likes of the load can name: they come within half a minute."""

_POST, _LIKE, _FOLLOW, _UNFOLLOW = int(Op.POST), int(Op.LIKE), int(Op.FOLLOW), int(Op.UNFOLLOW)
_DELETED = int(Flag.DELETED)
"""Plain ints: comparing with a member of an enum takes ten times as long."""


class Requests(NamedTuple):
    """Writes that passed the gateway, in order of time; columns of shape (n,)."""

    at_ns: I64
    op: I8
    actor: I32
    target: I64
    key: I64
    arrived_ns: I64


class Accepted(NamedTuple):
    """What the commit of a segment brought."""

    rows: I32
    arrived_ns: I64
    likes_ns: I64
    """Instants of likes."""


class GraphChanges(NamedTuple):
    """Follows and unfollows that take effect together, in order of their commit."""

    follow: I8
    follower: I32
    followee: I32


class Primary:
    """The database partitions that commit writes; posts get their rows in order of completion."""

    def __init__(self, config: WorldConfig, posts: PostStore) -> None:
        self.station = Station(config.stations.primaries)
        self.configure(config)
        self.rejected = 0
        """Replies, reposts and likes whose post was not there, or not there yet."""
        self._posts = posts
        self._row_of: dict[int, int] = {}
        self._committing = Pending(op=np.int8, actor=np.int32, target=np.int64, arrived_ns=np.int64)
        self._graph = Pending(op=np.int8, actor=np.int32, target=np.int64)

    def configure(self, config: WorldConfig) -> None:
        """Take over changed knobs."""
        self._commit_ns = round(1_000 * config.costs.commit_us * config.costs.scale)
        self.station.resize(config.stations.primaries)

    def commit(self, requests: Requests, until_ns: int) -> Accepted:
        """Queue requests at their partitions; accept what is committed before `until_ns`."""
        if len(requests.at_ns):
            server = shard_of(requests.actor, self.station.servers)
            service_ns = np.full(len(server), self._commit_ns, np.int64)
            done_ns = self.station.serve(server, requests.at_ns, service_ns)
            self._committing.push(
                done_ns, requests.key, op=requests.op, actor=requests.actor, target=requests.target,
                arrived_ns=requests.arrived_ns,
            )  # fmt: skip
        done = self._committing.take_before(until_ns)
        changes = (done["op"] == _FOLLOW) | (done["op"] == _UNFOLLOW)
        if changes.any():
            self._commit_in_groups({name: column[changes] for name, column in done.items()})
        return self._accept(done)

    def _commit_in_groups(self, done: Columns) -> None:
        """The graph changes in groups, at multiples of half a second: it is constant inside a segment."""
        effective = np.array([ceil_group(int(t) + 1) for t in done["due_ns"]], np.int64)
        self._graph.push(effective, done["key"], op=done["op"], actor=done["actor"], target=done["target"])

    def graph_changes(self, now_ns: int) -> GraphChanges:
        """Follows and unfollows that take effect at this instant or before."""
        due = self._graph.take_before(now_ns + 1)
        follow = (due["op"] == _FOLLOW).astype(np.int8)
        return GraphChanges(follow, due["actor"], due["target"].astype(np.int32))

    def _accept(self, done: Columns) -> Accepted:
        posted, refs, liked, likes_ns = [], [], [], []
        next_row = self._posts.size
        for i, (op, target, key, at_ns) in enumerate(
            zip(
                done["op"].tolist(), done["target"].tolist(), done["key"].tolist(), done["due_ns"].tolist(), strict=True
            )
        ):
            if op in (_FOLLOW, _UNFOLLOW):
                continue
            ref = NO_ROW if op == _POST else self._find(target)
            if ref is None:
                self.rejected += 1
            elif op == _LIKE:
                liked.append(ref)
                likes_ns.append(at_ns)
            else:
                posted.append(i)
                refs.append(ref)
                self._row_of[key] = next_row
                next_row += 1
        index = np.array(posted, np.int64)
        rows = self._append(done, index, np.array(refs, np.int32))
        np.add.at(self._posts.likes, np.array(liked, np.int64), 1)
        return Accepted(rows, done["arrived_ns"][index], np.array(likes_ns, np.int64))

    def _find(self, key: int) -> int | None:
        """The row of a committed post that is still there; it may be of this very batch."""
        row = self._row_of.get(key)
        posts = self._posts
        gone = row is None or (posts.any_hidden and row < posts.size and posts.flags[row] & _DELETED)
        return None if gone else row

    def _append(self, done: Columns, index: I64, refs: I32) -> I32:
        if len(index) == 0:
            return np.zeros(0, np.int32)
        if len(self._row_of) > 2 * _KEYS_KEPT:
            self._row_of = dict(list(self._row_of.items())[-_KEYS_KEPT:])
        kind = done["op"][index].astype(np.int8)  # Op.POST, REPLY and REPOST are numbered like Kind
        return self._posts.append(NewPosts(done["actor"][index], done["due_ns"][index], kind, refs, done["key"][index]))

    def register(self, key: int, row: int) -> None:
        """A person's post, accepted outside the load, that later requests may name."""
        self._row_of[key] = row

    @property
    def committing(self) -> int:
        """Writes at the partitions: in line or being committed."""
        return len(self._committing)

    def __len__(self) -> int:
        """Writes in flight."""
        return len(self._committing) + len(self._graph)
