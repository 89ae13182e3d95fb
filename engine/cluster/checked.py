"""The audit past one process: every list in Redis against the journal's posts and the follow graph."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from datasets.population import Population
from engine.cluster.edges import Edges
from engine.cluster.keys import Keys
from engine.cluster.queue import Job, Queue
from engine.cluster.served import Served, open_journal, served_by, store_of
from engine.domain import I32, NO_LIST
from engine.errors import StoreError
from engine.observe.audit import Audit, audit
from engine.timelines.connection import connect
from engine.timelines.redis_store import RedisStore


@dataclass(frozen=True)
class ServedAudit:
    """What an audit of a served world found."""

    lists: Audit
    without_list: int
    """Users who should hold a list and have none: readers would pull everything, so they miss nothing, but slowly."""
    links_differ: int
    """Follows that Redis has and the journal does not, or the other way round, in either of its two places."""
    dead_letters: int
    """Jobs given up; their posts are pulled, and not missing."""
    waiting: int
    """Jobs that were on their way; their copies are not missing."""

    def to_json(self) -> dict[str, float]:
        """As the command line prints it."""
        rest = {name: value for name, value in asdict(self).items() if name != "lists"}
        return {**self.lists.to_json(), **rest}

    @property
    def clean(self) -> bool:
        """Nothing is missing, twice, foreign, out of order or different."""
        lists = self.lists
        wrong = (lists.missing, lists.duplicate, lists.foreign, lists.out_of_order, self.links_differ)
        return not any(wrong) and self.without_list == 0


def audit_served(journal_path: Path, url: str, name: str, population: Population | None = None) -> ServedAudit:
    """Audit the world `name` on the server at `url` against its journal, from outside; changes nothing.

    The world is best at rest: what workers and server do meanwhile may count as wrong.

    Raises:
        JournalError: no journal there. StoreError: no server, or it has no such world.
    """
    keys = Keys(name)
    served = served_by(journal_path, population)
    with open_journal(journal_path, None) as journal:
        client = connect(url)
        try:
            queue = Queue(client, keys)
            if queue.world().get("served") != journal.origin.config["served"]:
                raise StoreError(f"The world of {journal_path} is not served there under the name {name!r}.")
            mark = queue.mark()
            served.absorb(entry for entry in journal.entries() if mark is None or entry.seq <= mark.seq)
            lists = store_of(client, keys, served.tables.graph.n, served.config.timeline.cap)
            served.tables.lists = lists
            return compare(served, queue, Edges(client, keys, lists.follows_key), lists)
        finally:
            client.close()


def compare(served: Served, queue: Queue, edges: Edges, lists: RedisStore) -> ServedAudit:
    """Audit lists against a world that has taken in the journal up to the mark."""
    letters, waiting = queue.dead_letters(), queue.waiting()
    served.give_up(np.array([job.row for _, job, _ in letters], np.int32))
    found = audit(served.tables, served.strategy, 0, _on_their_way(served, waiting), served.tables.graph.n)
    everybody = np.arange(served.tables.graph.n, dtype=np.int32)
    without = int(((lists.horizons(everybody) == NO_LIST) & served.holds).sum())
    return ServedAudit(found, without, edges.differences(served.tables.graph), len(letters), len(waiting))


def _on_their_way(served: Served, jobs: list[Job]) -> tuple[I32, I32]:
    """(owner, row) of the copies that jobs will offer."""
    owners, rows = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
    for job in jobs:
        followers = served.tables.graph.followers([job.author]).values
        some = followers[(followers > job.after) & (followers <= job.upto)]
        owners.append(some)
        rows.append(np.full(len(some), job.row, np.int32))
    return np.concatenate(owners), np.concatenate(rows)
