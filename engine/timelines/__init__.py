"""Home lists: the port and its backends. `make_store` is how the rest of the engine gets one."""

from uuid import uuid4

from engine.errors import StoreError, UnknownName
from engine.timelines.port import ListPage, PushResult, TimelineStore
from engine.timelines.ring import RingStore

__all__ = ["BACKENDS", "ListPage", "PushResult", "TimelineStore", "make_store"]

BACKENDS = ("ring", "fakeredis", "redis")


def make_store(
    backend: str, users: int, cap: int, redis_url: str | None = None, prefix: str | None = None
) -> TimelineStore:
    """An empty store for `users` lists of `cap` entries.

    backend: "ring" (numpy, in this process), "fakeredis" (the Redis backend on a private imitation in this process)
        or "redis" (the server at redis_url).
    prefix: ahead of every key in Redis; made up if not given, so that two worlds on one server do not meet.

    Raises:
        UnknownName: no such backend.
        StoreError: no redis_url, or no server answers there.
    """
    if backend not in BACKENDS:
        raise UnknownName(f"There is no timeline backend {backend!r}; allowed: {', '.join(BACKENDS)}.")
    if backend == "ring":
        return RingStore(users, cap)
    # Imported here, because most worlds need neither of them.
    import redis

    from engine.timelines.redis_store import RedisStore

    if prefix is None:
        prefix = f"mm:{uuid4().hex[:12]}:"
    if backend == "fakeredis":
        import fakeredis

        return RedisStore(fakeredis.FakeRedis(server=fakeredis.FakeServer()), users, cap, prefix)
    if not redis_url:
        raise StoreError("The timeline backend 'redis' needs the address of a server: --redis URL, or REDIS_URL.")
    try:
        client = redis.Redis.from_url(redis_url)
        client.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        place = redis_url.rpartition("@")[2]  # without the password
        raise StoreError(f"No Redis server answers at {place} ({type(error).__name__}).") from error
    return RedisStore(client, users, cap, prefix)
