"""Who follows whom, in Redis, so that workers need not hold the graph.

Each link stands twice. `fo:USER`, the set of those whom a user follows, lies beside the user's list: whether the follow
exists is asked in the very script that writes the copy. `fr:AUTHOR`, a sorted set by id, is read in pages by cursor: a
page is found by the id that it begins after, so followers who come and go meanwhile move nobody else.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from engine.cluster.keys import Keys
from engine.domain import I32, Ragged
from engine.graph.graph import Graph
from engine.timelines.connection import Line

_PIPELINE = 1_000
_MEMBERS_AT_ONCE = 1_000


class Span(NamedTuple):
    """The followers of an author with after < id <= upto."""

    author: int
    after: int
    upto: int


class Edges:
    """The links of one world. `follows_key`: of the set beside each user's list."""

    def __init__(self, client: Any, keys: Keys, follows_key: Callable[[int], str]) -> None:
        self._client = client
        self._followers_key = keys.followers
        self._follows_key = follows_key
        self.line = Line("The follow lists in Redis")

    def load(self, graph: Graph) -> None:
        """Replace everything by this graph; not in one step."""
        with self.line.asking(), self._client.pipeline(transaction=False) as pipe:
            for user in range(graph.n):
                self._write(pipe, user, graph.followees([user]).values, graph.followers([user]).values)
                if len(pipe) >= _PIPELINE:
                    pipe.execute()
            pipe.execute()

    def _write(self, pipe: Any, user: int, follows: I32, followers: I32) -> None:
        pipe.unlink(self._follows_key(user))
        pipe.unlink(self._followers_key(user))
        for start in range(0, len(follows), _MEMBERS_AT_ONCE):
            pipe.sadd(self._follows_key(user), *follows[start : start + _MEMBERS_AT_ONCE].tolist())
        for start in range(0, len(followers), _MEMBERS_AT_ONCE):
            some = followers[start : start + _MEMBERS_AT_ONCE].tolist()
            pipe.zadd(self._followers_key(user), dict(zip(some, some, strict=True)))

    def follow(self, follower: int, followee: int) -> None:
        """Make a link; a link that is there stays."""
        with self.line.asking():
            self._client.sadd(self._follows_key(follower), followee)
            self._client.zadd(self._followers_key(followee), {str(follower): follower})

    def unfollow(self, follower: int, followee: int) -> None:
        """End a link. From the first of the two steps on no copy is let in; the second spares workers the question."""
        with self.line.asking():
            self._client.srem(self._follows_key(follower), followee)
            self._client.zrem(self._followers_key(followee), follower)

    def followers(self, spans: Sequence[Span], most: int) -> list[I32]:
        """Of each span the first `most` followers, ascending; a full page goes on after its last."""
        with self.line.asking(), self._client.pipeline(transaction=False) as pipe:
            for author, after, upto in spans:
                pipe.zrange(self._followers_key(author), f"({after}", upto, byscore=True, offset=0, num=most)
            pages = pipe.execute()
        return [np.array([int(member) for member in page], np.int32) for page in pages]

    def differences(self, graph: Graph) -> int:
        """How many links stand in Redis and not in the graph, or the other way round; in either of the two places."""
        wrong = 0
        for start in range(0, graph.n, _PIPELINE):
            users = list(range(start, min(start + _PIPELINE, graph.n)))
            with self.line.asking(), self._client.pipeline(transaction=False) as pipe:
                for user in users:
                    pipe.smembers(self._follows_key(user))
                for user in users:
                    pipe.zrange(self._followers_key(user), 0, -1)
                found = pipe.execute()
            truth = [*_lists(graph.followees(users)), *_lists(graph.followers(users))]
            wrong += sum(
                len({int(member) for member in theirs} ^ set(ours)) for theirs, ours in zip(found, truth, strict=True)
            )
        return wrong


def _lists(lists: Ragged) -> list[list[int]]:
    return [part.tolist() for part in np.split(lists.values, lists.offsets[1:-1])]
