"""Home lists in Redis: one sorted set per user, every change one Lua script (lua.py).

Calls go out in pipelines of 1,000, and pushes and reads a hundred lists in one script. The same code runs on a real
server and on fakeredis, where learners look at the keys.

A list's key is `PREFIXtl:USER`. For a cluster it is `PREFIX{SHARD}:tl:USER`, with SHARD = USER modulo the number of
shards: the part in braces alone decides where a key lies, so all lists of a shard are on one node, and a script is
given lists of one shard only.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import redis

from engine.domain import I32, I64, NO_LIST, NO_ROW, Bool, Ragged, runs
from engine.timelines import lua
from engine.timelines.connection import Line, guard_of
from engine.timelines.port import ListPage, Outage, PushResult, StoredKey

_PIPELINE = 1_000
_LISTS_AT_ONCE, _ROWS_AT_ONCE = 100, 2_000
"""What one script works on: so little that other clients of the server hardly wait for it."""
_SENTINEL = "h"
_SCORE_BYTES = 8
"""Of a double."""


class RedisStore:
    """`TimelineStore` on a `redis.Redis` client (real or fake).

    Each user's list changes atomically; a batch does not. `prefix` keeps worlds on one server apart. `shards`: of a
    cluster's keys; 0: all keys are on one server. `line.trouble` says what the last call met, if it failed.
    """

    def __init__(
        self,
        client: redis.Redis,
        users: int,
        cap: int,
        prefix: str,
        place: str = "sorted sets in Redis",
        shards: int = 0,
    ) -> None:
        self.line = Line()
        self.shards = shards
        self.users = users
        self.cap = cap
        self.prefix = prefix
        self.by_owners = False
        self.place = place
        self.outage: Outage | None = None
        self.client = client
        self._seen: I32 = np.full(users, NO_LIST, np.int32)
        """Horizons as they last passed by here."""
        self._push = client.register_script(lua.PUSH)
        self._push_followed = client.register_script(lua.PUSH_FOLLOWED)
        self._merge = client.register_script(lua.MERGE)
        self._commit = client.register_script(lua.COMMIT)
        self._reset = client.register_script(lua.RESET)
        self._read = client.register_script(lua.READ)
        self._horizons = client.register_script(lua.HORIZONS)

    def hold_to_server(self) -> None:
        """From now on a server that was started anew is a `StoreError`: it may have forgotten what this one was told.

        `clear` begins anew with whatever is there then, and so does `load`.
        """
        guard = guard_of(self.client)
        if guard is not None:
            with self.line.asking():
                guard.hold(self.client)

    def key(self, user: int) -> str:
        """The key of a user's list."""
        return f"{self.stem(user)}tl:{user}"

    def follows_key(self, user: int) -> str:
        """The key of the set of those whom a user follows, where that is kept: beside the list, on the same node."""
        return f"{self.stem(user)}fo:{user}"

    def stem(self, user: int) -> str:
        """What all keys begin with that lie beside a user's list."""
        return f"{self.prefix}{{{user % self.shards}}}:" if self.shards else self.prefix

    def _keys_of(self, users: I32) -> list[str]:
        return [self.key(user) for user in users.tolist()]

    def push(self, owners: I32, rows: I32) -> PushResult:
        """See the port."""
        return self._pushed(owners, rows, None)

    def push_followed(self, owners: I32, rows: I32, authors: I32) -> PushResult:
        """As `push`, but only where the owner follows the row's author at that very instant, as `follows_key` has it.

        That and the horizon are all that is checked when a copy is applied (timeline law, rule 5).
        """
        return self._pushed(owners, rows, authors)

    def _pushed(self, owners: I32, rows: I32, authors: I32 | None) -> PushResult:
        order = np.lexsort((owners, owners % self.shards)) if self.shards else np.argsort(owners, kind="stable")
        offered = rows[order] if authors is None else np.stack([rows[order], authors[order]], axis=1)
        first, _ = runs(owners[order]) if len(owners) else (np.zeros(0, np.int64), None)
        groups = np.split(offered, first[1:]) if len(first) else []
        send = self._push_batch if authors is None else self._push_followed_batch
        answers = self._pipelined(send, _batches(owners[order][first], groups, self.shards))
        inserted = np.zeros(len(rows), dtype=np.bool_)
        inserted[order] = [flag == 1 for answer in answers for flag in answer[:-1]]
        return PushResult(inserted, sum(answer[-1] for answer in answers))

    def _push_batch(self, pipe: Any, batch: list[tuple[int, I32]]) -> None:
        values = [value for _, rows in batch for value in (len(rows), *rows.tolist())]
        self._push([self.key(user) for user, _ in batch], [self.cap, *values], client=pipe)

    def _push_followed_batch(self, pipe: Any, batch: list[tuple[int, I32]]) -> None:
        values = [value for _, pairs in batch for value in (len(pairs), *pairs.ravel().tolist())]
        keys = [key for user, _ in batch for key in (self.key(user), self.follows_key(user))]
        self._push_followed(keys, [self.cap, *values], client=pipe)

    def read(self, owners: I32, limit: int, before: I32) -> ListPage:
        """See the port."""
        batches = list(self._together(owners))
        pages = self._pipelined(
            lambda pipe, batch: self._read(self._keys_of(owners[batch]), [limit, *before[batch].tolist()], client=pipe),
            batches,
        )
        rows = np.full((len(owners), limit), NO_ROW, dtype=np.int32)
        floors = np.full(len(owners), NO_LIST, dtype=np.int32)
        for i, answer in zip(_places(batches), (page for batch in pages for page in batch), strict=True):
            if answer:
                page = [int(row) for row in answer[1:]]
                rows[i, : len(page)] = page[:limit]
                floors[i] = page[limit - 1] if len(page) > limit else _horizon(answer[0])
        return ListPage(rows, floors)

    def horizons(self, owners: I32) -> I32:
        """See the port."""
        batches = list(self._together(owners))
        answers = self._pipelined(
            lambda pipe, batch: self._horizons(self._keys_of(owners[batch]), client=pipe), batches
        )
        horizons = np.empty(len(owners), np.int32)
        horizons[_places(batches)] = [_horizon(mark or None) for marks in answers for mark in marks]
        self._seen[owners] = horizons
        return horizons

    def sizes(self, owners: I32) -> I64:
        """See the port."""
        cards = self._pipelined(lambda pipe, user: pipe.zcard(self.key(user)), owners.tolist())
        return np.maximum(np.array(cards, dtype=np.int64) - 1, 0)

    def contains(self, owners: I32, rows: I32) -> Bool:
        """See the port."""
        scores = self._pipelined(
            lambda pipe, pair: pipe.zscore(self.key(pair[0]), pair[1]),
            zip(owners.tolist(), rows.tolist(), strict=True),
        )
        return np.array([score is not None for score in scores], dtype=np.bool_)

    def entries(self, owners: I32) -> Ragged:
        """See the port."""
        lists = self._pipelined(lambda pipe, user: pipe.zrange(self.key(user), 1, -1), owners.tolist())
        offsets = np.zeros(len(owners) + 1, dtype=np.int64)
        np.cumsum([len(rows) for rows in lists], out=offsets[1:])
        return Ragged(np.array([int(row) for rows in lists for row in rows], dtype=np.int32), offsets)

    def create(self, owners: I32) -> None:
        """See the port."""
        self.begin_rebuild(owners, 0)

    def drop(self, owners: I32) -> None:
        """See the port."""
        self._pipelined(lambda pipe, user: pipe.delete(self.key(user)), owners.tolist())
        self._seen[owners] = NO_LIST

    def remove(self, owners: I32, rows: I32) -> None:
        """See the port."""
        self._pipelined(
            lambda pipe, pair: pipe.zrem(self.key(pair[0]), pair[1]),
            zip(owners.tolist(), rows.tolist(), strict=True),
        )

    def merge(self, owner: int, rows: I32, floor: int) -> None:
        """See the port."""
        with self.line.asking():
            self._merge([self.key(owner)], [self.cap, floor, *rows.tolist()])
        self._seen[owner] = max(self._seen[owner], floor)

    def begin_rebuild(self, owners: I32, at_row: int | I32) -> None:
        """See the port."""
        horizons = np.broadcast_to(at_row, owners.shape)
        self._pipelined(
            lambda pipe, call: self._reset([self.key(call[0])], [call[1]], client=pipe),
            zip(owners.tolist(), horizons.tolist(), strict=True),
        )
        self._seen[owners] = horizons

    def commit_rebuild(self, owner: int, rows: I32, floor: int, at_row: int) -> bool:
        """See the port."""
        with self.line.asking():
            committed = bool(self._commit([self.key(owner)], [self.cap, floor, at_row, *rows.tolist()]))
        self._seen[owner] = floor if committed else NO_LIST
        return committed

    def load(self, lists: Ragged, floors: I32) -> None:
        """See the port."""
        self.clear()
        self._pipelined(self._load_list, self._as_sets(lists, floors))
        self._seen[:] = floors

    def _load_list(self, pipe: Any, call: tuple[int, dict[str | int, float]]) -> None:
        pipe.zadd(self.key(call[0]), call[1])

    def _as_sets(self, lists: Ragged, floors: I32) -> Iterator[tuple[int, dict[str | int, float]]]:
        for user, floor in enumerate(floors.tolist()):
            if floor == NO_LIST:
                continue
            rows = lists.values[lists.offsets[user] : lists.offsets[user + 1]]
            rows = rows[rows >= floor]
            if len(rows) > self.cap:
                rows = rows[-self.cap :]
                floor = int(rows[0])
            yield user, {_SENTINEL: floor - 0.5} | {row: row for row in rows.tolist()}

    def clear(self) -> None:
        """See the port."""
        guard = guard_of(self.client)
        if guard is not None and guard.holds:
            self.hold_to_server()
        self._pipelined(lambda pipe, user: pipe.unlink(self.key(user)), range(self.users))
        self._seen[:] = NO_LIST

    # Looking

    def glance(self, owners: I32) -> I32:
        """See the port."""
        return self._seen[owners]

    def keys(self, prefix: str = "", limit: int = 100) -> list[str]:
        """See the port. By SCAN, which lets other clients in between."""
        return [key for key in self._scanned() if key.startswith(prefix)][:limit]

    def count(self) -> int:
        """See the port."""
        return len(self._scanned())

    def _scanned(self) -> list[str]:
        """Every key of this world that is on the server now, by user."""
        pattern = f"{self.prefix}{{*}}:tl:*" if self.shards else f"{self.prefix}tl:*"
        with self.line.asking():
            found = {_text(key) for key in self.client.scan_iter(match=pattern, count=_PIPELINE)}
        users = sorted(int(key.rpartition(":")[2]) for key in found)
        return [self.key(user) for user in users]

    def stored(self, owner: int) -> StoredKey:
        """See the port. `raw` is what ZREVRANGE WITHSCORES answers, the horizon's member "h" last."""
        key = self.key(owner)
        with self.line.asking():
            kind = _text(self.client.type(key))
            pairs: Any = self.client.zrevrange(key, 0, -1, withscores=True)
        if not pairs:
            return StoredKey.nothing(key, "computed")
        named = [(_text(member), float(score)) for member, score in pairs]
        rows = [int(member) for member, _ in named if member != _SENTINEL]
        horizon = _horizon(dict(named).get(_SENTINEL))
        raw = [f"{member} {score:.15g}" for member, score in named]
        measured = self._memory(key)
        if measured is not None:
            return StoredKey(key, kind, len(rows), horizon, rows, raw, measured, "measured")
        bytes_ = len(key) + sum(len(member) + _SCORE_BYTES for member, _ in named)
        return StoredKey(key, kind, len(rows), horizon, rows, raw, bytes_, "computed")

    def _memory(self, key: str) -> int | None:
        """What the server says the key takes; None from one that cannot tell."""
        try:
            taken = self.client.memory_usage(key, samples=0)
        except redis.ResponseError:
            return None
        return None if taken is None else int(taken)

    def _pipelined(self, send: Callable[[Any, Any], Any], calls: Iterable[Any]) -> list[Any]:
        """One answer per call, in order; 1,000 travel together, not as one transaction."""
        answers: list[Any] = []
        with self.line.asking(), self.client.pipeline(transaction=False) as pipe:
            for call in calls:
                send(pipe, call)
                if len(pipe) >= _PIPELINE:
                    answers += pipe.execute()
            answers += pipe.execute()
        return answers

    def _together(self, owners: I32) -> Iterator[I64]:
        """Places in `owners` of lists that one script may work on, all places once."""
        if not self.shards:
            parts = [np.arange(len(owners))]
        else:
            shard = owners % self.shards
            order = np.argsort(shard, kind="stable")
            parts = np.split(order, runs(shard[order])[0][1:]) if len(order) else []
        for part in parts:
            for start in range(0, len(part), _LISTS_AT_ONCE):
                yield part[start : start + _LISTS_AT_ONCE]


def _places(batches: list[I64]) -> I64:
    return np.concatenate([np.zeros(0, np.int64), *batches])


def _batches(users: I32, groups: list[I32], shards: int) -> Iterator[list[tuple[int, I32]]]:
    """Users with what they are offered, as many of one shard together as one script takes."""
    batch: list[tuple[int, I32]] = []
    values = 0
    for user, group in zip(users.tolist(), groups, strict=True):
        elsewhere = bool(batch) and shards > 0 and user % shards != batch[-1][0] % shards
        if batch and (elsewhere or len(batch) == _LISTS_AT_ONCE or values + group.size > _ROWS_AT_ONCE):
            yield batch
            batch, values = [], 0
        batch.append((user, group))
        values += group.size
    if batch:
        yield batch


def _horizon(mark: Any) -> int:
    """The horizon that a sentinel's score (number, text or bytes) stands for; NO_LIST without one."""
    return NO_LIST if mark is None else int(float(mark) + 0.5)


def _text(answer: Any) -> str:
    """What a client that does not decode answers, decoded."""
    return answer.decode() if isinstance(answer, bytes) else str(answer)
