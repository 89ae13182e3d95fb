"""A Redis server for one measurement: the machine's own binary, on a free port, gone afterwards."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from engine.clock import WallClock
from engine.errors import StoreError
from engine.timelines import make_store
from engine.timelines.plain import server_identity
from engine.timelines.redis_store import RedisStore

_ATTEMPTS = 5
_PATIENCE_S, _PAUSE_S = 5.0, 0.02


@contextmanager
def local_redis(wall: WallClock, binary: str = "redis-server") -> Iterator[str | None]:
    """The address of a server without persistence, stopped at the end; None where there is no such binary.

    Raises:
        StoreError: the binary is there, but no server came up.
    """
    path = shutil.which(binary)
    if path is None:
        yield None
        return
    with TemporaryDirectory() as folder:
        server, url = _started(path, folder, wall)
        try:
            yield url
        finally:
            _stop(server)


def _started(path: str, folder: str, wall: WallClock) -> "tuple[subprocess.Popen[bytes], str]":
    for _ in range(_ATTEMPTS):  # somebody else may take the port first
        port = _free_port()
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
        server = subprocess.Popen([path, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            if _answers(server, f"redis://127.0.0.1:{port}/0", wall):
                return server, f"redis://127.0.0.1:{port}/0"
        except BaseException:
            _stop(server)
            raise
        _stop(server)
    raise StoreError(f"{path} does not start; give the address of a running server with --redis-url.")


def _answers(server: "subprocess.Popen[bytes]", url: str, wall: WallClock) -> bool:
    """Whether this very server comes up in time."""
    for _ in range(round(_PATIENCE_S / _PAUSE_S)):
        if server.poll() is not None:
            return False
        try:
            store = make_store("redis", 1, 1, url)
        except StoreError:
            wall.sleep_s(_PAUSE_S)
            continue
        assert isinstance(store, RedisStore)
        return server_identity(store)[1] == server.pid
    return False


def _stop(server: "subprocess.Popen[bytes]") -> None:
    server.terminate()
    try:
        server.wait(timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
