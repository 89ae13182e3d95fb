"""The names of everything that a served world keeps in Redis.

The part of a key in braces alone decides on which node of a cluster it lies. So the queue and all that changes with it
lie together under `{q}`, and a person's list and follows together under their shard; every script and transaction
touches keys of one such group.
"""

import re
from dataclasses import dataclass

from engine.errors import InvalidInput

SHARDS = 32
"""Groups of people's keys, at most one for each node of a cluster; fixed for a world's life."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Keys:
    """The keys of the world of this name."""

    name: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise InvalidInput(
                f"--name is {self.name!r}; allowed: up to 40 small letters, digits and hyphens, no hyphen first."
            )

    @property
    def prefix(self) -> str:
        """Ahead of every key."""
        return f"mm:{self.name}:"

    def _queue(self, what: str) -> str:
        return f"{self.prefix}{{q}}:{what}"

    @property
    def world(self) -> str:
        """Hash: which world this is, and what a worker has to know of it. Written last, so that it says: complete."""
        return self._queue("world")

    @property
    def mark(self) -> str:
        """Hash: `seq`, the entry of the journal up to which fan-out is planned; `run`, of the server that said so."""
        return self._queue("mark")

    @property
    def jobs(self) -> str:
        """Stream: jobs that are not done. What is done is deleted, so its length is the depth of the queue."""
        return self._queue("jobs")

    @property
    def dead(self) -> str:
        """Stream: jobs that were given up."""
        return self._queue("dead")

    @property
    def late(self) -> str:
        """Sorted set: jobs in the queue behind younger ones (rescanned, redriven), each scored by its entry."""
        return self._queue("late")

    @property
    def low(self) -> str:
        """Sorted set: `ms:seq` scored by ms: by that time all jobs of the entries up to seq were done."""
        return self._queue("low")

    @property
    def told(self) -> str:
        """Hash: what workers have counted."""
        return self._queue("told")

    @property
    def nothing(self) -> str:
        """Never there: the name for a write that changes nothing."""
        return self._queue("nothing")

    def followers(self, author: int) -> str:
        """Sorted set: who follows an author, scored by id, so that it is read by cursor."""
        return f"{self.prefix}{{{author % SHARDS}}}:fr:{author}"
