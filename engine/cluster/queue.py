"""Fan-out jobs on a Redis Stream with one consumer group; at least once, with takeovers, attempts and dead letters."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from engine.clock import wall_epoch_s
from engine.cluster import scripts
from engine.cluster.keys import Keys
from engine.errors import StoreError
from engine.timelines.connection import Line

GROUP = "fanout"
_LOW_KEPT = 600
"""Records of how far everything was done: ten minutes."""
_REDRIVEN_AT_ONCE = 200


class NotServed(StoreError):
    """There is no world under this name, or not a whole one."""


class Job(NamedTuple):
    """One post for some of its author's followers: after < id <= upto, whoever that is when it is applied."""

    seq: int
    """The journal's entry that the post is."""
    row: int
    author: int
    after: int
    upto: int
    at_ns: int
    """When the post was accepted."""


class Taken(NamedTuple):
    """A job in the hands of a worker."""

    id: str
    job: Job
    attempt: int
    """How often it has been handed out, this time included."""


class Mark(NamedTuple):
    """How far the journal has been planned, as Redis knows."""

    seq: int
    run: str
    """Of the server process that the relay last agreed with."""


class Depth(NamedTuple):
    """What is in the queue now."""

    jobs: int
    """Not done: waiting, or in the hands of a worker."""
    taken: int
    """Of those, in the hands of a worker, alive or dead."""
    dead: int
    """Given up."""
    workers: int
    """Consumers that have asked in the last ten seconds."""


class Consumer(NamedTuple):
    """A worker as Redis knows it, alive or dead."""

    name: str
    pending: int
    """Jobs in its name."""
    idle_ms: int
    """Since it last asked for work, or took some over."""


class ServerSeen(NamedTuple):
    """How the Redis server is."""

    version: str
    run: str
    """Another one after each restart."""
    up_s: int
    used_bytes: int
    most_bytes: int
    """That it may use; 0: no limit."""
    clients: int
    """Connections."""


class Queue:
    """The stream of one world. Calls raise `StoreError` of the kind that fits."""

    def __init__(self, client: Any, keys: Keys) -> None:
        self.keys = keys
        self.line = Line("The queue in Redis")
        self._client = client
        self._enqueue = client.register_script(scripts.ENQUEUE)
        self._done = client.register_script(scripts.DONE)
        self._give_up = client.register_script(scripts.GIVE_UP)
        self._redrive = client.register_script(scripts.REDRIVE)
        self._leave = client.register_script(scripts.LEAVE)

    # The world

    def world(self) -> dict[str, str]:
        """What is written of the world under this name; empty if there is none, or not a whole one."""
        with self.line.asking():
            return _texts(self._client.hgetall(self.keys.world))

    def begin(self, world: Mapping[str, str | int], seq: int, run: str) -> None:
        """Everything up to an entry is in the lists: an empty queue, and the world is there. One transaction."""
        keys = self.keys
        with self.line.asking(), self._client.pipeline(transaction=True) as pipe:
            pipe.delete(keys.world, keys.mark, keys.jobs, keys.dead, keys.late, keys.low, keys.told)
            pipe.xgroup_create(keys.jobs, GROUP, id="0", mkstream=True)
            pipe.hset(keys.mark, mapping={"seq": seq, "run": run})
            pipe.hset(keys.world, mapping=dict(world))
            pipe.execute()

    def forget(self) -> None:
        """The world is not there any more: nobody takes it for complete."""
        with self.line.asking():
            self._client.delete(self.keys.world)

    def run(self) -> str:
        """Which process the server is; another one after each restart."""
        with self.line.asking():
            return str(self._client.info("server")["run_id"])

    # The relay's side

    def mark(self) -> Mark | None:
        """How far the journal has been planned; None if Redis knows of nothing."""
        with self.line.asking():
            found = _texts(self._client.hgetall(self.keys.mark))
        return Mark(int(found["seq"]), found.get("run", "")) if "seq" in found else None

    def enqueue(self, jobs: Sequence[Job], expected: int, upto: int, late: bool = False) -> bool:
        """Add jobs and move the mark, in one step; False, and nothing happened, if the mark did not stand as expected.

        `late`: younger jobs may stand ahead of them.
        """
        keys, values = self.keys, [value for job in jobs for value in job]
        with self.line.asking():
            moved = self._enqueue([keys.mark, keys.jobs, keys.late], [expected, upto, int(late), *values])
        return bool(moved)

    def rewind(self, seq: int, run: str) -> None:
        """Begin again from an entry up to which everything was done, and agree with the server process as it is now.

        What is in the queue goes: all of it will be planned anew. Whoever has such a job in hand may finish it.
        """
        with self.line.asking(), self._client.pipeline(transaction=True) as pipe:
            pipe.xtrim(self.keys.jobs, maxlen=0, approximate=False)
            pipe.delete(self.keys.late)
            pipe.hset(self.keys.mark, mapping={"seq": seq, "run": run})
            pipe.execute()

    def done_up_to(self) -> int:
        """The entry up to which every job has been done or given up."""
        keys = self.keys
        with self.line.asking(), self._client.pipeline(transaction=True) as pipe:
            pipe.hget(keys.mark, "seq")
            pipe.xrange(keys.jobs, count=1)
            pipe.zrange(keys.late, 0, 0, withscores=True)
            seq, head, late = pipe.execute()
        seqs = [int(seq or 0)]
        seqs += [_job(fields).seq - 1 for _, fields in head]
        seqs += [int(score) - 1 for _, score in late]
        return min(seqs)

    def note_low(self, at_ms: int, seq: int) -> None:
        """Remember that by then everything up to an entry was done."""
        with self.line.asking(), self._client.pipeline(transaction=True) as pipe:
            pipe.zadd(self.keys.low, {f"{at_ms}:{seq}": at_ms})
            pipe.zremrangebyrank(self.keys.low, 0, -_LOW_KEPT - 1)
            pipe.execute()

    def low_before_last(self, margin_ms: int) -> int:
        """The entry up to which everything was done `margin_ms` before the last note, and has not been given out again
        since; 0 if that is not known."""
        with self.line.asking():
            notes = [(int(ms), _text(note)) for note, ms in self._client.zrange(self.keys.low, 0, -1, withscores=True)]
        then = [i for i, (ms, _) in enumerate(notes) if ms <= notes[-1][0] - margin_ms]
        return min((int(note.partition(":")[2]) for _, note in notes[then[-1] :]), default=0) if then else 0

    # The worker's side

    def take(self, worker: str, most: int, block_ms: int) -> list[Taken]:
        """Jobs that nobody has had yet; waits for the first one."""
        with self._served(), self.line.asking():
            answer = self._client.xreadgroup(GROUP, worker, {self.keys.jobs: ">"}, count=most, block=max(1, block_ms))
        return [Taken(_text(id_), _job(fields), 1) for id_, fields in _entries(answer)]

    def claim(self, worker: str, min_idle_ms: int, most: int, start: str = "0-0") -> tuple[str, list[Taken]]:
        """Take over jobs that were handed out so long ago and are not done; where to go on, "0-0" at the end."""
        with self._served(), self.line.asking():
            answer = self._client.xautoclaim(self.keys.jobs, GROUP, worker, min_idle_ms, start, count=most)
            found = [(_text(id_), fields) for id_, fields in answer[1] if fields]
            attempts = self._attempts(worker, [id_ for id_, _ in found])
        return _text(answer[0]), [Taken(id_, _job(fields), attempts.get(id_, 1)) for id_, fields in found]

    @contextmanager
    def _served(self) -> Iterator[None]:
        """Tells a group that has gone, with all that Redis knew, from a failure."""
        try:
            yield
        except StoreError as error:
            if "NOGROUP" in str(error) or "UNBLOCKED" in str(error):
                raise NotServed(f"World {self.keys.name!r} is not served there any more.") from error
            raise

    def _attempts(self, worker: str, ids: list[str]) -> dict[str, int]:
        """How often each of the jobs that a worker holds has been handed out."""
        with self._client.pipeline(transaction=False) as pipe:
            for id_ in ids:
                pipe.xpending_range(self.keys.jobs, GROUP, id_, id_, 1, worker)
            return {
                _text(found["message_id"]): int(found["times_delivered"]) for one in pipe.execute() for found in one
            }

    def keep(self, worker: str, ids: Sequence[str]) -> None:
        """A worker is still at these jobs: nobody else's time for them begins before now, and no attempt is counted."""
        with self.line.asking():
            self._client.xclaim(self.keys.jobs, GROUP, worker, 0, list(ids), justid=True)

    def done(self, ids: Sequence[str], counts: Mapping[str, int]) -> int:
        """Jobs are applied: they leave the queue, and what was counted is added; how many had not been done before."""
        keys, values = self.keys, [value for pair in counts.items() for value in pair]
        with self.line.asking():
            return int(self._done([keys.jobs, keys.late, keys.told], [GROUP, len(ids), *ids, *values]))

    def give_up(self, id_: str, why: str) -> bool:
        """A job goes to the dead letters; False if it was done meanwhile."""
        keys = self.keys
        with self.line.asking():
            return bool(self._give_up([keys.jobs, keys.dead, keys.late], [GROUP, id_, why]))

    def leave(self, worker: str) -> None:
        """A worker ends; jobs that it still holds stay in its name until somebody takes them over."""
        with self.line.asking():
            self._leave([self.keys.jobs], [GROUP, worker])

    def forget_gone(self, idle_ms: int) -> None:
        """Workers that were killed so long ago leave; whoever still holds jobs stays until they are taken over."""
        for one in self.consumers():
            if one.idle_ms > idle_ms:
                self.leave(one.name)

    def consumers(self) -> list[Consumer]:
        """All workers that Redis knows of."""
        with self._served(), self.line.asking():
            found = [_texts(one) for one in self._client.xinfo_consumers(self.keys.jobs, GROUP)]
        return [Consumer(one["name"], int(one["pending"]), int(one["idle"])) for one in found]

    # The operator's side

    def redrive(self) -> int:
        """Queue all dead letters again; how many jobs.

        Raises:
            StoreError: no world under this name.
        """
        if not self.world():
            raise StoreError(f"No world {self.keys.name!r} is served there; allowed: the --name of one that is.")
        keys, moved, now_ms = self.keys, 0, round(1_000 * wall_epoch_s())
        with self.line.asking():
            while some := int(self._redrive([keys.dead, keys.jobs, keys.late, keys.low], [_REDRIVEN_AT_ONCE, now_ms])):
                moved += some
        return moved

    def dead_letters(self, after: str = "-") -> list[tuple[str, Job, str]]:
        """(id, job, why) of what was given up, from an id on ("(id" excludes it)."""
        with self.line.asking():
            found = self._client.xrange(self.keys.dead, min=after)
        return [(_text(id_), _job(fields), _texts(fields).get("why", "")) for id_, fields in found]

    def waiting(self) -> list[Job]:
        """All jobs that are not done."""
        with self.line.asking():
            return [_job(fields) for _, fields in self._client.xrange(self.keys.jobs)]

    def depth(self) -> Depth:
        """How much is in the queue."""
        keys = self.keys
        with self.line.asking(), self._client.pipeline(transaction=False) as pipe:
            pipe.xlen(keys.jobs)
            pipe.xpending(keys.jobs, GROUP)
            pipe.xlen(keys.dead)
            pipe.xinfo_consumers(keys.jobs, GROUP)
            jobs, pending, dead, consumers = pipe.execute()
        alive = sum(int(consumer["idle"]) < 10_000 for consumer in consumers)
        return Depth(int(jobs), int(pending["pending"]), int(dead), alive)

    def oldest_ns(self) -> int | None:
        """When the post of the oldest job was accepted; None where nothing waits."""
        keys = self.keys
        with self.line.asking(), self._client.pipeline(transaction=False) as pipe:
            pipe.xrange(keys.jobs, count=1)
            pipe.zrange(keys.late, 0, 0)
            found, late = pipe.execute()
            if late:  # stands behind younger ones
                found += self._client.xrange(keys.jobs, min=late[0], max=late[0])
        return min((_job(fields).at_ns for _, fields in found), default=None)

    def server(self) -> ServerSeen:
        """How the server is."""
        with self.line.asking():
            said = self._client.info()
        return ServerSeen(
            str(said["redis_version"]),
            str(said["run_id"]),
            int(said["uptime_in_seconds"]),
            int(said["used_memory"]),
            int(said.get("maxmemory", 0)),
            int(said["connected_clients"]),
        )

    def expect_writes(self) -> None:
        """Ask for a write that changes nothing: of no bytes, to a key that is not there.

        Raises:
            StoreFull: the server takes none. StoreRefused: it takes none from us.
        """
        with self.line.asking():
            self._client.setrange(self.keys.nothing, 0, "")

    def told(self) -> dict[str, int]:
        """All that workers have counted, by name."""
        with self.line.asking():
            return {name: int(value) for name, value in _texts(self._client.hgetall(self.keys.told)).items()}


def _entries(answer: Any) -> list[Any]:
    """What was read of the one stream, as either version of the protocol has it."""
    if not answer:
        return []
    found = next(iter(answer.values())) if isinstance(answer, dict) else answer[0][1]
    return list(found[0]) if found and isinstance(found[0], list) else list(found)


def _job(fields: Any) -> Job:
    texts = _texts(fields)
    return Job(*(int(texts[name]) for name in ("seq", "row", "author", "after", "upto", "at")))


def _texts(fields: Any) -> dict[str, str]:
    return {_text(name): _text(value) for name, value in fields.items()}


def _text(answer: Any) -> str:
    return answer.decode() if isinstance(answer, bytes) else str(answer)
