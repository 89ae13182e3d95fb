"""A served world in memory: what its journal says of posts, follows and push decisions; and how it enters Redis.

Everything here is a function of the population and the journal, in the journal's order. So a server that starts anew
decides about every post as the one before it did, and an audit elsewhere knows what the lists should hold.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import numpy as np

from datasets.population import Population
from datasets.worlds import build_population, find_world
from engine.caches.post_cache import PostCache
from engine.clock import wall_epoch_s
from engine.cluster.edges import Edges
from engine.cluster.keys import SHARDS, Keys
from engine.cluster.queue import Job
from engine.config import WorldConfig
from engine.domain import I32, NO_LIST, NO_ROW, Bool, Kind
from engine.errors import InvalidInput, InvalidKnob, JournalError, StoreError
from engine.graph.relations import Relations
from engine.history import hand_out, old_posts
from engine.journal import actions as act
from engine.journal.journal import Entry, Journal, Origin
from engine.load.arrivals import Stream
from engine.people import post_key
from engine.posts.store import NewPosts
from engine.queueing.broker import JobBatch
from engine.reopen import config_of, origin_of
from engine.tables import Activity, KeptLists, Tables, Unpushed
from engine.timelines.redis_store import RedisStore
from engine.timelines.ring import RingStore
from engine.write_path.arena import FollowerArena
from engine.write_path.plan import plan, plan_later
from engine.write_path.strategies import Strategy, make_strategy
from engine.write_path.upkeep import entries, follow, unfollow

GENERATOR = "served 1"
"""Of journals that hold every post; a world that lives in one process journals only what people do."""
JOURNALS = Path("var", "served")
"""Where journals of served worlds are, unless they are given."""
_KEY_BITS = 48


class _Planned(Tables):
    """Tables as the planner sees them: who should hold a list. Whether they do is asked when the copy is written."""

    should_hold: Bool

    def holders(self, users: I32) -> Bool:
        held: Bool = self.should_hold[users]
        return held


class Absorbed(NamedTuple):
    """What entries of the journal brought."""

    rows: I32
    jobs: list[Job]


class Served:
    """The state that the journal describes, up to entry `known`."""

    def __init__(self, config: WorldConfig, population: Population) -> None:
        """The world before its first entry; nobody has a list."""
        self.config = replace(config, fanout=replace(config.fanout, lanes=False))
        self.strategy = _checked(make_strategy(config))
        self.population = population
        self.known = 0
        graph = population.graph.copy()
        self.tables = Tables(
            graph=graph,
            relations=Relations(graph.n),
            posts=old_posts(population, config.seed),
            lists=RingStore(graph.n, 1),
            unpushed=Unpushed(graph),
            activity=Activity(population.last_seen_days),
            kept=KeptLists(graph.n),
            cache=PostCache(1),
        )
        self._everybody = np.arange(graph.n, dtype=np.int32)
        hand_out(self.tables, self.strategy, population)
        self.tables.lists.drop(self._everybody)
        self._history = self.tables.posts.size
        self._row_of: dict[int, int] = {}
        self._seq_of: list[int] = []
        self._arena = FollowerArena()
        self.holds = self.strategy.holds_list(self.tables.activity.members(self._everybody, 0))

    # The journal, for the first time

    def absorb(self, found: Iterable[Entry], edges: Edges | None = None) -> Absorbed:
        """Take in entries that are new, in order: posts get rows and are decided upon, links are made and ended.

        With `edges` links reach Redis too, with back-fill and sweep of the lists there; without, only memory changes.
        The jobs of the posts follow from who follows when they are planned.
        """
        rows: list[I32] = []
        jobs: list[Job] = []
        for posted, single in _runs(found):
            if posted:
                new = self._append(posted)
                rows.append(new)
                jobs += self._jobs(plan(new, *self._planner(), self._arena, self.config.fanout, self.config.seed).jobs)
                self.known = posted[-1].seq
            if single:
                self._change(single, edges)
                self.known = single.seq
        return Absorbed(np.concatenate([np.zeros(0, np.int32), *rows]), jobs)

    def _planner(self) -> tuple[Tables, Strategy]:
        tables = _Planned(**{spec.name: getattr(self.tables, spec.name) for spec in fields(Tables)})
        tables.should_hold = self.holds
        return tables, self.strategy

    def _append(self, posted: list[Entry]) -> I32:
        """Rows for posts, ascending; a reference may name a post of this very batch."""
        first = self.tables.posts.size
        users, kinds, refs = [], [], []
        for i, entry in enumerate(posted):
            action = entry.action()
            assert isinstance(action, act.Posted)
            kind = Kind.REPLY if action.reply_to else Kind.REPOST if action.repost_of else Kind.POST
            self._row_of[entry.seq] = first + i
            self._seq_of.append(entry.seq)
            users.append(action.user)
            kinds.append(int(kind))
            refs.append(self._row(action.reply_to or action.repost_of, entry))
        keys = [post_key(entry.seq) for entry in posted]
        columns = (users, [entry.at_ns for entry in posted], kinds, refs, keys)
        types = (np.int32, np.int64, np.int8, np.int32, np.int64)
        if users and not 0 <= min(users) <= max(users) < self.tables.graph.n:
            raise JournalError(f"The journal's entries up to {posted[-1].seq} do not fit its world; restore a copy.")
        return self.tables.posts.append(
            NewPosts(*(np.array(column, kind) for column, kind in zip(columns, types, strict=True)))
        )

    def _row(self, key: int | None, entry: Entry) -> int:
        if key is None:
            return NO_ROW
        source, number = key >> _KEY_BITS, key & ((1 << _KEY_BITS) - 1)
        row = self._row_of.get(number) if source == Stream.PEOPLE else number if source == Stream.HISTORY else None
        if row is None or (source == Stream.HISTORY and row >= self._history):
            raise JournalError(
                f"Entry {entry.seq} of the journal answers a post that it does not have; restore a copy."
            )
        return row

    def _change(self, entry: Entry, edges: Edges | None) -> None:
        action = entry.action()
        if isinstance(action, act.Followed | act.Unfollowed):
            made = isinstance(action, act.Followed)
            try:
                self._link(action.user, action.other, made, entry.at_ns, edges)
            except StoreError:  # Redis will be told again; memory has it
                self._set_link(action.user, action.other, made)
                self.known = entry.seq
                raise

    def _link(self, user: int, other: int, made: bool, at_ns: int, edges: Edges | None) -> None:
        """The link first, then the author's posts (rule 3): into the list, or out of it."""
        if edges:
            (edges.follow if made else edges.unfollow)(user, other)
        (follow if made else unfollow)(self.tables, self.strategy, user, other, at_ns)

    def _set_link(self, user: int, other: int, there: bool) -> None:
        """In memory only."""
        graph = self.tables.graph
        if (graph.follow if there else graph.unfollow)([user], [other])[0]:
            self.tables.unpushed.graph_changed(user, other)

    # The journal, again

    def again(self, found: Iterable[Entry], edges: Edges) -> Absorbed:
        """What entries that are known already mean for Redis now, which may have forgotten them.

        Posts that were pushed are planned anew, to those who follow now; the decision stands. Links are set as they are
        now, with back-fill or sweep. All of it changes nothing where nothing was forgotten.
        """
        pairs: dict[tuple[int, int], int] = {}
        rows: list[int] = []
        for entry in found:
            action = entry.action()
            if isinstance(action, act.Posted):
                rows.append(self._row_of[entry.seq])
            elif isinstance(action, act.Followed | act.Unfollowed):
                pairs[action.user, action.other] = entry.at_ns
        for (user, other), at_ns in pairs.items():
            self._mend_link(user, other, at_ns, edges)
        known = np.array(rows, np.int32)
        pushed = known[self.tables.posts.pushed[known]]
        due_ns = self.tables.posts.accepted_ns[pushed]
        jobs, _ = plan_later(pushed, due_ns, self._planner()[0], self._arena, self.config.fanout)
        return Absorbed(known, self._jobs(jobs))

    def _mend_link(self, user: int, other: int, at_ns: int, edges: Edges) -> None:
        """Undo in memory what is so, and then let it become so, with all that belongs to it."""
        there = bool(self.tables.graph.follows([user], [other])[0])
        self._set_link(user, other, not there)
        try:
            self._link(user, other, there, at_ns, edges)
        finally:
            self._set_link(user, other, there)

    # Into Redis

    def fill(self, lists: RedisStore, edges: Edges) -> None:
        """Make everything in Redis as the journal has it; whatever was there is replaced."""
        edges.load(self.tables.graph)
        self.tables.lists = lists
        values, floors = entries(self.tables, only_pushed=True)
        lists.load(values, np.where(self.holds, floors, NO_LIST).astype(np.int32))

    def own_entries(self, rows: I32) -> tuple[I32, I32]:
        """(owner, row): a post stands in its author's own list whatever the strategy."""
        return self.tables.posts.author[rows], rows

    def give_up(self, rows: I32) -> None:
        """Copies of these posts are in the dead letters: readers pull them (rule 4)."""
        some = np.unique(rows)
        self.tables.unpushed.raise_to(self.tables.posts.author[some], some)

    def _jobs(self, batch: JobBatch) -> list[Job]:
        """Jobs for ranges of ids that touch: whoever follows from now on is in one of them.

        batch: chunks of each post one after the other, ids ascending.
        """
        if len(batch.row) == 0:
            return []
        last = self._arena.gather(batch.start + batch.length - 1, np.ones(len(batch.row), np.int64))
        upto = last.astype(np.int64)
        ends = np.append(batch.row[1:] != batch.row[:-1], True)
        after = np.append(-1, upto[:-1])
        after[1:][ends[:-1]] = -1
        upto[ends] = self.tables.graph.n
        self._arena.release(self._arena.end)
        author, at_ns = self.tables.posts.author[batch.row], self.tables.posts.accepted_ns[batch.row]
        seqs = [self._seq_of[row - self._history] for row in batch.row.tolist()]
        columns = (batch.row, author, after, upto, at_ns)
        return [Job(*job) for job in zip(seqs, *(column.tolist() for column in columns), strict=True)]


def _runs(found: Iterable[Entry]) -> Iterator[tuple[list[Entry], Entry | None]]:
    """Posts that follow each other, and the entry after them that is no post."""
    posted: list[Entry] = []
    for entry in found:
        if entry.kind == act.Posted.kind:
            posted.append(entry)
        else:
            yield posted, entry
            posted = []
    yield posted, None


def _checked(strategy: Strategy) -> Strategy:
    """A strategy whose every decision can be made from the journal alone."""
    if strategy.lossy or strategy.by_edge or strategy.watches or strategy.keep_ns or strategy.later_ns:
        allowed = "push, hybrid, push_active, pull"
        raise InvalidKnob(f"Strategy {strategy.slug} cannot be served past one process; allowed: {allowed}.")
    return strategy


# The journal of a served world


def open_journal(path: Path, config: WorldConfig | None) -> Journal:
    """The journal at `path`, or a new one for this configuration; without one it must be there.

    Raises:
        JournalError: it cannot be used, or is not one of a served world.
        InvalidInput: it belongs to another world, seed or strategy.
    """
    if config is None or path.exists():
        journal = Journal.open(path, origin=Origin(config={}, generator=GENERATOR))
        if config is not None and dict(journal.origin.config) != {**journal.origin.config, **origin_of(config).config}:
            journal.close()
            raise InvalidInput(f"{path} belongs to a world with other settings; allowed: those, or another file.")
        return journal
    path.parent.mkdir(parents=True, exist_ok=True)
    described: Mapping[str, Any] = origin_of(config).config
    served = {"served": uuid4().hex, "opened_ns": round(wall_epoch_s() * 1e9)}
    return Journal.open(path, create=True, origin=Origin(config={**described, **served}, generator=GENERATOR))


def served_by(path: Path, population: Population | None = None) -> Served:
    """The world that a journal belongs to, before its first entry.

    Raises:
        JournalError, InvalidInput: see `open_journal`; a world that is too large to be served.
    """
    config = config_of(path)
    people = population or _people(config)
    return Served(config, people)


def _people(config: WorldConfig) -> Population:
    if find_world(config.world).memory_gb:
        raise InvalidKnob(f"World {config.world} is kept in one process only; allowed: classroom, city.")
    return build_population(config)


def store_of(client: Any, keys: Keys, users: int, cap: int) -> RedisStore:
    """The lists of a served world."""
    return RedisStore(client, users, cap, keys.prefix, "sorted sets in Redis", SHARDS)


def opened_ns(journal: Journal) -> int:
    """The instant 0 of a served world, in ns since 1970."""
    return int(journal.origin.config["opened_ns"])


def elapsed_ns(opened: int) -> int:
    """The instant that it is now in a world opened then."""
    return round(wall_epoch_s() * 1e9) - opened
