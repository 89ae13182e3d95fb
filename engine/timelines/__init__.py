"""Home lists: the port and its backends. `make_store` is how the rest of the engine gets one."""

from uuid import uuid4

from engine.errors import UnknownName
from engine.timelines.port import ListPage, Outage, PushResult, StoredKey, TimelineStore
from engine.timelines.ring import RingStore

__all__ = ["BACKENDS", "ListPage", "Outage", "PushResult", "StoredKey", "TimelineStore", "make_store"]

BACKENDS = ("ring", "fakeredis", "redis")


def make_store(
    backend: str, users: int, cap: int, redis_url: str | None = None, prefix: str | None = None
) -> TimelineStore:
    """An empty store for `users` lists of `cap` entries.

    backend: "ring" (numpy, in this process), "fakeredis" (the Redis backend on a private imitation in this process)
        or "redis" (the server at redis_url; without an address the imitation too, and `place` says so).
    prefix: ahead of every key in Redis; made up if not given, so that two worlds on one server do not meet.

    Raises:
        UnknownName: no such backend.
        StoreError: no server answers at redis_url, or it refuses the password.
    """
    if backend not in BACKENDS:
        raise UnknownName(f"There is no timeline backend {backend!r}; allowed: {', '.join(BACKENDS)}.")
    if backend == "ring":
        return RingStore(users, cap)
    # Imported here, because most worlds need neither of them.
    from engine.timelines.connection import connect, place_of
    from engine.timelines.redis_store import RedisStore

    if prefix is None:
        prefix = f"mm:{uuid4().hex[:12]}:"
    if backend == "fakeredis" or not redis_url:
        import fakeredis

        imitation = fakeredis.FakeRedis(server=fakeredis.FakeServer())
        where = "sorted sets in fakeredis, an imitation of Redis in this process"
        return RedisStore(imitation, users, cap, prefix, where)
    where = f"sorted sets in the Redis server at {place_of(redis_url).rpartition('//')[2]}"
    return RedisStore(connect(redis_url), users, cap, prefix, where)
