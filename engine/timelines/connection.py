"""The line to a Redis server: bounded patience, and every failure as one typed sentence.

A call that finds no server tries again a few times, with growing, jittered pauses, and gives up within about a second;
one whose server holds the line and says nothing gives up after five. For a moment after that further calls fail at
once: a page that asks for a hundred lists says so after one second, not after a hundred. Everything that is sent
through here may be sent twice: stores are idempotent, and scripts that are not compare before they change.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import redis
from redis import exceptions
from redis.backoff import EqualJitterBackoff
from redis.retry import Retry

from engine.clock import SystemWallClock, WallClock
from engine.errors import StoreClash, StoreError, StoreFull, StoreRefused, StoreUnreachable

_RETRIES = 5
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 0.4
_CONNECT_S, _ANSWER_S = 2.0, 5.0
_REST_S = 0.25
"""So long after a call that found no server the next ones do not try."""
_REFUSED = (redis.AuthenticationError, exceptions.AuthorizationError, exceptions.NoPermissionError)


class StartedAnew(redis.RedisError):
    """Another server answers at the address, or the same one after an end."""


class Guard:
    """Looks, at each new line to a server, whether it is still the one that it was. Off until it `holds` to one.

    A server has one run id from its start to its end. One that does not tell it to this user is believed.
    """

    def __init__(self) -> None:
        self.holds = False
        self._run_id: str | None = None
        """None: whichever server the next line leads to is the right one."""

    def hold(self, client: redis.Redis) -> None:
        """From now on the server that is there now is the right one."""
        self.holds, self._run_id = True, None
        try:
            self._run_id = str(client.info("server").get("run_id", ""))
        except redis.ResponseError:
            self._run_id = ""

    def __call__(self, connection: Any) -> None:
        """Shake hands with the server on a new connection, as the client would.

        Raises:
            StartedAnew: it is not the server that it was.
        """
        connection.on_connect()
        if not self.holds:
            return
        run_id = _run_id_at(connection)
        if self._run_id is None:
            self._run_id = run_id
        elif run_id != self._run_id:
            raise StartedAnew("the server was started anew and may have forgotten what it held")


def _run_id_at(connection: Any) -> str:
    connection.send_command("INFO", "server")
    try:
        said = connection.read_response()
    except redis.ResponseError:
        return ""
    found = re.search(r"run_id:(\w+)", said.decode() if isinstance(said, bytes) else str(said))
    return found[1] if found else ""


def guard_of(client: redis.Redis) -> Guard | None:
    """The guard of a client that `connect` made; None of another one."""
    pool = getattr(client, "connection_pool", None)
    guard = getattr(pool, "connection_kwargs", {}).get("redis_connect_func")
    return guard if isinstance(guard, Guard) else None


class _Patience(Retry):
    """Tries again what may go better: not a password, which the client counts among lost connections, and not a server
    that was waited for already."""

    def call_with_retry(
        self, do: Callable[[], Any], fail: Any, is_retryable: Any = None, with_failure_count: bool = False
    ) -> Any:
        def may_go_better(error: Exception) -> bool:
            hopeless = isinstance(error, redis.TimeoutError) or _is_refusal(error)
            return not hopeless and (is_retryable is None or is_retryable(error))

        return super().call_with_retry(do, fail, may_go_better, with_failure_count)


def connect(url: str) -> redis.Redis:
    """A client of the server at `url`, which has answered.

    Raises:
        StoreRefused: a wrong name or password. StoreUnreachable: nobody answers. StoreError: not an address.
    """
    place = place_of(url)
    try:
        client = redis.Redis.from_url(
            url,
            socket_connect_timeout=_CONNECT_S,
            socket_timeout=_ANSWER_S,
            retry=_Patience(EqualJitterBackoff(cap=_LONGEST_PAUSE_S, base=_FIRST_PAUSE_S), _RETRIES),
            redis_connect_func=Guard(),
        )
        client.ping()
    except ValueError as error:
        raise StoreError(f"No Redis server answers at {place} (ValueError).") from error
    except (redis.RedisError, OSError) as error:
        if _is_refusal(error):
            raise StoreRefused(f"The Redis server at {place} refuses the name or password; check both.") from error
        raise StoreUnreachable(f"No Redis server answers at {place} ({type(error).__name__}).") from error
    return client


def place_of(url: str) -> str:
    """Where an address points to, without name and password."""
    return url.rpartition("@")[2]


class Line:
    """What calls to one server have met. A page may show `trouble` as long as it is there."""

    def __init__(self, what: str = "The timeline store in Redis", wall: WallClock | None = None) -> None:
        """`what` failed, as the sentence begins."""
        self.trouble: str | None = None
        """What went wrong with the last call, in one sentence; None while all is well."""
        self._what = what
        self._wall = wall or SystemWallClock()
        self._rests_until_s = -float("inf")

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Make calls inside; what the client raises comes out as a `StoreError` of the right kind."""
        if self._wall.now_s() < self._rests_until_s:
            raise StoreUnreachable(self.trouble or self._what)
        try:
            yield
        except (redis.RedisError, OSError) as error:
            failure = in_one_sentence(error, self._what)
            self.trouble = str(failure)
            if isinstance(failure, StoreUnreachable):
                self._rests_until_s = self._wall.now_s() + _REST_S
            raise failure from error
        self.trouble = None

    def expect(self) -> None:
        """The next call tries, whatever the last one met."""
        self._rests_until_s = -float("inf")


def in_one_sentence(error: Exception, what: str) -> StoreError:
    """What a client raised, as the error that a person or a program can act upon."""
    reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    if "WRONGTYPE" in reason:
        told = "WRONGTYPE, a key under one of its names holds something else; delete that key, or use another server"
        return StoreClash(f"{what} failed: {told}.")
    if isinstance(error, redis.OutOfMemoryError) or "OOM " in reason or "MISCONF " in reason:
        return StoreFull(f"{what} failed: the server takes no writes ({_short(reason)}); give it memory or disk.")
    if _is_refusal(error):
        return StoreRefused(f"{what} failed: the server refuses the name or password, or what they may do.")
    if isinstance(error, redis.ConnectionError | redis.TimeoutError | redis.ReadOnlyError | OSError):
        return StoreUnreachable(f"{what} failed: the server does not answer ({_short(reason)}).")
    return StoreError(f"{what} failed: {reason}.")


def _is_refusal(error: Exception) -> bool:
    """A server that wants a password says so to the first command, as an error like any other."""
    said = ("NOAUTH", "WRONGPASS", "NOPERM", "The user executing the script can't run")
    return isinstance(error, _REFUSED) or any(words in str(error) for words in said)


def _short(reason: str) -> str:
    """Without the command and the script that a reply was to."""
    return reason.rpartition("caused error: ")[2].partition(" script:")[0].rstrip(".")
