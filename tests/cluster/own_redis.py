"""A redis-server of a test's own: skipped with a reason where there is none, and able to hold the line."""

import signal
from pathlib import Path

from engine.cluster.private_redis import LASTING, PrivateRedis, installed
from tests.conftest import missing

__all__ = ["FORGETFUL", "LASTING", "OwnRedis"]

FORGETFUL = ("--appendonly", "no")


class OwnRedis(PrivateRedis):
    """At `url`, in a folder; runs until killed."""

    def __init__(self, folder: Path, *options: str) -> None:
        if not installed():
            missing("no redis-server binary")
        super().__init__(folder, options or FORGETFUL)

    def hang(self, on: bool) -> None:
        """It is there and says nothing, or goes on."""
        self.process.send_signal(signal.SIGSTOP if on else signal.SIGCONT)
