"""Redis without the engine's scripts, and what a server says of itself: for measuring, never for keeping lists."""

from engine.domain import I32
from engine.timelines.redis_store import RedisStore


def write_each(store: RedisStore, owners: I32, row: int) -> None:
    """One ZADD for each owner, each waiting for its answer. Heeds neither horizon nor cap: clear the store after."""
    with store.line.asking():
        for owner in owners.tolist():
            store.client.zadd(store.key(owner), {str(row): row})


def write_pipelined(store: RedisStore, owners: I32, row: int) -> None:
    """The same ZADDs, all in one pipeline."""
    with store.line.asking(), store.client.pipeline(transaction=False) as pipe:
        for owner in owners.tolist():
            pipe.zadd(store.key(owner), {str(row): row})
        pipe.execute()


def server_cpu_s(store: RedisStore) -> float:
    """Processor time that the server has used since it started, in seconds; of all its clients together."""
    with store.line.asking():
        said = store.client.info("cpu")
    return float(said["used_cpu_user"]) + float(said["used_cpu_sys"])


def server_identity(store: RedisStore) -> tuple[str, int]:
    """The server's version and the number of its process."""
    with store.line.asking():
        said = store.client.info("server")
    return str(said["redis_version"]), int(said["process_id"])
