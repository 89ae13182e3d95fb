"""What people ask of a world, in order, for the one thread that may touch it."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from engine.errors import MurmurationError

T = TypeVar("T")


class Mailbox:
    """Callables with a future each. Anybody submits; the scheduler's thread drains, also while a world is paused."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._closed: str | None = None

    def submit(self, action: Callable[[], T]) -> "Future[T]":
        """Queue an action. Its result or its exception comes through the future; a cancelled one is not run."""
        future: Future[T] = Future()
        self._waiting.append((future, action))
        if self._closed is not None:
            self.close(self._closed)
        self._wake()
        return future

    def drain(self) -> int:
        """Run what was waiting when this was called, oldest first; how many ran."""
        ran = 0
        for _ in range(len(self._waiting)):
            try:
                future, action = self._waiting.popleft()
            except IndexError:  # closed meanwhile
                break
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(action())
            except Exception as error:
                future.set_exception(error)
            ran += 1
        return ran

    def close(self, reason: str) -> None:
        """Refuse what waits and what will come, with `MurmurationError(reason)`."""
        self._closed = reason
        while self._waiting:
            future, _ = self._waiting.popleft()
            if future.set_running_or_notify_cancel():
                future.set_exception(MurmurationError(reason))

    def __len__(self) -> int:
        return len(self._waiting)
