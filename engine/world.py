"""One running Twitter. Read `World._segment` first: it is the architecture diagram."""

from collections.abc import Iterable
from functools import partial

import numpy as np

from datasets.population import Population
from engine.caches.post_cache import PostCache
from engine.clock import GROUP_NS, NS_PER_MS, NS_PER_S, QUANTUM_NS
from engine.config import WorldConfig
from engine.domain import I32, I64, Bool, Op
from engine.expected import load_of
from engine.faults.fault import Fault
from engine.faults.incidents import Incidents
from engine.gateway import Gateway
from engine.graph.relations import Relations
from engine.history import hand_out, old_posts
from engine.load.arrivals import Arrivals, Stream
from engine.load.recording import Load
from engine.load.scenarios import SCENARIOS, Scenario
from engine.observe import inspect
from engine.observe.delivery_log import DeliveryLog
from engine.observe.job_log import JobLog
from engine.observe.life import Life, life
from engine.observe.logbook import Logbook
from engine.observe.metrics import SLOT_NS, Metrics
from engine.observe.notes import Notes
from engine.observe.recorder import Recorder
from engine.observe.stations import StationLog
from engine.observe.why import Why, why
from engine.read_path.home import HomeReads
from engine.read_path.serve import Answered, ReadBill, Watched
from engine.steering import allow, introduce, reconfigure, tell
from engine.tables import Activity, KeptLists, Tables, Unpushed
from engine.timelines import PushResult, TimelineStore, make_store
from engine.timelines.outliving import opened, outliving
from engine.timelines.push import push_beside
from engine.write_path.accept import Primary
from engine.write_path.fanout import Copies, Fanout
from engine.write_path.later import Later
from engine.write_path.plan import Plan, cut_off_ns, plan, plan_later, stale_ns
from engine.write_path.strategies import make_strategy, with_strategy
from engine.write_path.upkeep import Rebuilds, follow, follow_all, hand_over, unfollow

_NONE: I64 = np.zeros(0, np.int64)
LOGGED_ENTRIES = 4_096
"""Of the logbook: some minutes of a classroom."""
_FEWEST_ATTEMPTS = 1_024
_COPIES_PER_ATTEMPT = 8
"""Job attempts are remembered in proportion to deliveries; a job has 100 copies at most, in quiet worlds about 20."""


class World:
    """Posts, follows and reads of one population under one load, advanced by `step`.

    Single-threaded: whoever owns a world calls it. Same config, population and calls: same state, bit for bit.
    """

    def __init__(
        self,
        config: WorldConfig,
        population: Population,
        opening: Scenario | Load = SCENARIOS["steady"],
        redis_url: str | None = None,
        logged_deliveries: int = 0,
    ) -> None:
        """Open the world at instant 0, with its generated history already in place.

        `opening`: what happens, or the load that `load_of` made of it for these very people and this config.
        `logged_deliveries`: how many single deliveries are remembered, for those who watch; with any, also a logbook.
        """
        self.config = config
        self.population = population
        self.now_ns = 0
        self.strategy = make_strategy(config)
        self.load = opening if isinstance(opening, Load) else load_of(config, population, opening)
        self.load_ends_ns = np.iinfo(np.int64).max
        self.injections = 0
        self._injected = Arrivals.empty()
        users = population.users
        graph = population.graph.copy()
        posts = old_posts(population, config.seed)
        self.tables = Tables(
            graph=graph,
            relations=Relations(users),
            posts=posts,
            lists=self._empty_lists(config.timeline.backend, users, config.timeline.cap, redis_url),
            unpushed=Unpushed(graph),
            activity=Activity(population.last_seen_days),
            kept=KeptLists(users),
            cache=PostCache(config.cache.posts),
        )
        self.gateway = Gateway(config)
        self.primary = Primary(config, self.tables.posts)
        self.fanout = Fanout(config)
        self.reads = HomeReads(config, self.tables)
        self.rebuilds = Rebuilds()
        self.later = Later()
        self.incidents = Incidents()
        self.metrics = Metrics()
        self.recorder = Recorder(self.metrics, self.tables.posts, config.slo)
        self.deliveries = DeliveryLog(logged_deliveries) if logged_deliveries else None
        if logged_deliveries:
            self.fanout.job_log = JobLog(max(_FEWEST_ATTEMPTS, logged_deliveries // _COPIES_PER_ATTEMPT))
        self.stations = StationLog(self)
        self.notes = Notes(Logbook(LOGGED_ENTRIES) if logged_deliveries else None, population.name, config.slo)
        self._timed_reads = 0
        self._steady_need = inspect.SteadyNeed()
        self._unfollowed_ns: I64 = np.full(users, np.iinfo(np.int64).min, np.int64)
        self.told_rows = posts.size
        """Posts of which a strategy that watches has been told."""
        hand_out(self.tables, self.strategy, population)
        introduce(self)
        opened(self.tables.lists)

    def _empty_lists(self, backend: str, users: int, cap: int, redis_url: str | None) -> TimelineStore:
        return outliving(make_store(backend, users, cap, redis_url), lambda: self.now_ns)

    # Time

    def step(self, dt_ns: int) -> None:
        """Advance virtual time. How it is cut into steps never changes a result (docs/architecture.md)."""
        end_ns = self.now_ns + dt_ns
        tick_ns = self.config.tick_ms * NS_PER_MS
        while self.now_ns < end_ns:
            self._segment(min(end_ns, self._barrier_ns(), self.now_ns + tick_ns))

    def _barrier_ns(self) -> int:
        """The next instant at which something breaks or is whole again, or may flow back: the graph's next group, or a
        quantum before it."""
        group_ns, quantum_ns = ((self.now_ns // every + 1) * every for every in (GROUP_NS, QUANTUM_NS))
        return min(self.incidents.faults.next_ns(), self._next_ns(group_ns, quantum_ns))

    def _next_ns(self, group_ns: int, quantum_ns: int) -> int:
        """The next group, or a quantum before it at which retries or dead letters may come, a rebuild goes on, or apps
        or mitigations act. What reads keep is kept once in a segment at most, so no segment is longer than that lasts.
        Notes are made at every quantum, strategies that watch are told at each, and readers when a late fan-out has
        reached everybody."""
        if quantum_ns == group_ns or self.notes.book is not None or not self.fanout.sure:
            return quantum_ns
        if self.strategy.watches or self.later or self.incidents.steered(self):
            return quantum_ns
        if self.strategy.keep_ns:
            shortest = 2 if self.config.mitigations.ttl_jitter else 1
            return group_ns if self.strategy.keep_ns >= shortest * GROUP_NS else quantum_ns
        arrivals = self._arrivals(group_ns)
        reads = np.flatnonzero(arrivals.op == int(Op.READ_HOME))
        missing = reads.compress(self.reads.without_list(arrivals.actor.take(reads), group_ns, self.strategy))
        return max(quantum_ns, min(group_ns, self.rebuilds.next_ns(arrivals.at_ns.take(missing))))

    def _segment(self, end_ns: int) -> None:
        self.recorder.begin(self.now_ns)
        self.incidents.begin_and_end(self)
        if self.now_ns % QUANTUM_NS == 0:
            self._feed_back()
        arrivals = self._draw(end_ns)
        list_reads, reads = self.gateway.admit(arrivals, self.reads.stations, end_ns)
        reads = self.incidents.let_in(self, reads, end_ns)
        accepted = self.primary.commit(self.gateway.writes(end_ns), end_ns)
        self.recorder.accepted(accepted)
        planned, own = self._fan_out(accepted.rows)
        self._fan_out_late(end_ns)
        attempts = self.fanout.work(end_ns)
        self.recorder.attempts(*attempts)
        self.notes.attempts(end_ns, *attempts)
        list_reads = self.reads.list_reads(list_reads)
        delivered, listed_ns = self.incidents.at_shards(self, list_reads, end_ns)
        arriving, is_own = self._arriving(own, delivered)
        answers = self.reads.assemble(reads, arriving, self.strategy, accepted.rows)
        self._without_copies(accepted.rows, planned)
        self.rebuilds.ask(answers.without_list, answers.without_list_ns)
        self.reads.stations.listed(list_reads.slot, list_reads.key, list_reads.at_ns, listed_ns, self.reads.list_ns)
        advance = partial(self.reads.advance, end_ns)  # pages are fixed: what is pushed meanwhile changes none
        answered, pushed = push_beside(advance, self.tables.lists, arriving.owner, arriving.row)
        self.recorder.reads(answers, answered)
        self.notes.reads(answers, answered)
        self._applied(arriving, is_own, pushed)
        self.now_ns = end_ns
        if end_ns % QUANTUM_NS == 0:
            self.recorder.levels(end_ns, self.fanout.broker.waiting_jobs)
        if end_ns % SLOT_NS == 0:
            self.stations.sample()
        if end_ns % NS_PER_S == 0:
            self.fanout.forget_done()

    def step_writes(self, dt_ns: int) -> None:
        """Advance posts and graph only, as a world is made again from its journal: no fan-out, no reads.

        By whole seconds: no post depends on the graph, so that its changes may follow in one go, in their order. Those
        of the very instant reached wait, as in `step`, for what people do at it.
        """
        end_ns = self.now_ns + dt_ns
        while self.now_ns < end_ns:
            self.incidents.faults.advance(self)
            until_ns = min(end_ns, (self.now_ns // NS_PER_S + 1) * NS_PER_S, self.incidents.faults.next_ns())
            self.gateway.admit(self._draw(until_ns), None, until_ns)
            self.primary.commit(self.gateway.writes(until_ns), until_ns)
            self._commit_graph(until_ns - 1)
            self.now_ns = until_ns

    def awake(self) -> None:
        """Go on in full after `step_writes`: everybody who should hold a list gets one with every post."""
        self.gateway.forget_reads()
        hand_over(self.tables, self.strategy, self.strategy, self.now_ns)
        self.told_rows = self.tables.posts.size  # what was only replayed says nothing of rates

    def _arrivals(self, end_ns: int) -> Arrivals:
        """The recorded load and what was injected, from now to an instant."""
        recorded = self.load.between(self.now_ns, max(self.now_ns, min(end_ns, self.load_ends_ns)))
        return Arrivals.concat([recorded, self._injected.between(self.now_ns, end_ns)])

    def _draw(self, end_ns: int) -> Arrivals:
        """The arrivals up to an instant, which come only once."""
        drawn = self._arrivals(end_ns)
        if len(self._injected):
            self._injected = self._injected.between(end_ns, np.iinfo(np.int64).max)
        return drawn

    def _feed_back(self) -> None:
        """What flows against the data flow, at multiples of the quantum: graph commits, rebuilds, dead letters."""
        self.notes.quantum(self.now_ns)
        self.recorder.graph_changes(*self._commit_graph(self.now_ns))
        rebuilt = self.rebuilds.advance(self.tables, self.now_ns)
        self.recorder.rebuilt(len(rebuilt.committed))
        self.notes.rebuilt(self.now_ns, rebuilt)
        given_up = self.fanout.given_up(self.now_ns)
        if len(given_up.row):
            rows = np.unique(given_up.row)
            self.tables.unpushed.raise_to(self.tables.posts.author[rows], rows)
            self.later.given_up(rows)
            self.recorder.given_up(given_up)
            self.notes.given_up(self.now_ns, given_up)
        for row in self.later.settled():
            self.tables.unpushed.settle(int(self.tables.posts.author[row]), row)
        if self.strategy.watches:
            tell(self)
        self.incidents.quantum(self)

    def _commit_graph(self, until_ns: int) -> tuple[int, int]:
        """Let follows and unfollows of the load take effect, up to an instant; how many were made and ended."""
        changes = self.primary.graph_changes(until_ns)
        made = ended = 0
        for is_follow, a, b in zip(changes.follow, changes.follower.tolist(), changes.followee.tolist(), strict=True):
            if is_follow:
                made += self.follow(a, b)
            else:
                ended += self.unfollow(a, b)
        return made, ended

    def _fan_out(self, rows: I32) -> tuple[Plan, Copies]:
        """Plan accepted rows and queue their jobs; also the entries for the authors' own lists, readable at once."""
        posts = self.tables.posts
        self.incidents.faults.accepted(self, rows)
        largest, arena = self.incidents.mitigations.largest_pushed, self.fanout.arena
        planned = plan(rows, self.tables, self.strategy, arena, self.config.fanout, self.config.seed, largest)
        self.fanout.enqueue(planned.jobs)
        if self.fanout.job_log:
            self.fanout.job_log.plan(rows, posts.pushed[rows], planned.pairs, planned.jobs, self.strategy)
        self.recorder.planned(posts.accepted_ns[rows], planned)
        if self.strategy.later_ns:
            put_off = rows[~posts.pushed[rows]]
            self.later.put_off(put_off, posts.accepted_ns[put_off] + self.strategy.later_ns)
        lane, first = np.zeros(len(rows), np.int8), np.ones(len(rows), np.bool_)
        return planned, Copies(posts.accepted_ns[rows], posts.author[rows], rows, lane, first)

    def _fan_out_late(self, end_ns: int) -> None:
        """Queue the jobs of posts whose fan-out was put off until now."""
        rows, due_ns = self.later.take_before(end_ns)
        if len(rows) == 0:
            return
        jobs, copies = plan_later(rows, due_ns, self.tables, self.fanout.arena, self.config.fanout)
        self.fanout.enqueue(jobs)
        self.later.begun(rows, copies)
        if self.fanout.job_log:
            self.fanout.job_log.replan(rows, jobs)
        self.recorder.joined_late(due_ns, copies, jobs)

    def _without_copies(self, rows: I32, planned: Plan) -> None:
        """Record when followers who get no copy see these posts."""
        stale = stale_ns(rows, self.tables) if self.strategy.keep_ns else _NONE
        cut_off = _NONE if self.config.mitigations.fallback else cut_off_ns(rows, self.tables)
        self.recorder.undelivered(planned, np.concatenate([stale, cut_off]))

    def publish(self, rows: I32, key: int, fan_out: bool = True) -> None:
        """A person's accepted post: fan it out, and into the author's own list before this returns.

        Without `fan_out` it is only there, as what `step_writes` accepts.
        """
        self.primary.register(key, int(rows[0]))
        if not fan_out:
            return
        self.recorder.posted(rows)
        self.tables.cache.insert(rows)
        self.recorder.begin(self.now_ns)
        planned, own = self._fan_out(rows)
        self._without_copies(rows, planned)
        self._applied(own, np.ones(1, np.bool_), self.tables.lists.push(own.owner, own.row))

    def _arriving(self, own: Copies, delivered: Copies) -> tuple[Copies, Bool]:
        """This segment's entries by owner and time, without those whose follow has ended (timeline law, rule 5)."""
        stays = np.ones(len(delivered.row), np.bool_)
        posts = self.tables.posts
        author = posts.author.take(delivered.row)
        doubtful = np.flatnonzero(self._unfollowed_ns.take(author) >= posts.accepted_ns.take(delivered.row))
        if len(doubtful):
            stays[doubtful] = self.tables.graph.follows(delivered.owner[doubtful], author[doubtful])
        self.recorder.left(delivered)
        if self.later:
            self.later.readable(delivered.row[delivered.first])
        kept = delivered if stays.all() else delivered.take(stays)
        if len(own.row) == 0 and (kept.owner[1:] > kept.owner[:-1]).all():  # one post to many
            return kept, np.zeros(len(kept.row), np.bool_)
        both = own.followed_by(kept) if len(own.row) else kept
        order = both.by_owner()
        return both.take(order), order < len(own.row)

    def _applied(self, arriving: Copies, is_own: Bool, result: PushResult) -> None:
        """Record the entries that became readable and were let into the lists."""
        if len(arriving.row):
            trims = 0 if self.strategy.keep_ns else result.trims  # a kept list is no capped timeline
            back_ns = None if self.config.mitigations.fallback else self.tables.back_ns
            self.recorder.delivered(arriving, is_own, result, trims, back_ns)
            if self.deliveries:
                new = np.flatnonzero(result.inserted & ~is_own)
                new = new[arriving.at_ns.take(new).argsort(kind="stable")]
                self.deliveries.add(arriving.owner[new], arriving.row[new], arriving.at_ns[new], arriving.lane[new])

    # Changes from outside, each at the current instant

    def follow(self, follower: int, followee: int) -> bool:
        """Make a follow, back-filling the follower's list; False if it existed."""
        moved = follow(self.tables, self.strategy, follower, followee, self.now_ns)
        self.notes.moved(moved)
        if moved.changed:
            self.rebuilds.cancel(follower)
        return moved.changed

    def follow_all(self, followers: I32, followee: int) -> int:
        """As `follow` by each of these in turn, many times faster; how many follows were made."""
        made = follow_all(self.tables, self.strategy, followers, followee, self.now_ns)
        for follower in followers[made].tolist():
            self.rebuilds.cancel(follower)
        self.notes.followed_by_many(self.now_ns, followee, int(made.sum()))
        return int(made.sum())

    def unfollow(self, follower: int, followee: int) -> bool:
        """End a follow, sweeping the follower's list; False if there was none."""
        moved = unfollow(self.tables, self.strategy, follower, followee, self.now_ns)
        self.notes.moved(moved)
        if moved.changed:
            self.rebuilds.cancel(follower)
            self._unfollowed_ns[followee] = self.now_ns
        return moved.changed

    def time_read(self, user: int, bill: ReadBill) -> Watched:
        """Let a person's read, whose page is fixed already, wait and be served from now on like any other read.

        Its visits are written down as it goes; only at the gateway it takes nobody's turn.
        """
        stations, one = self.reads.stations, np.array([user], np.int32)
        slot = int(stations.admit(one, np.array([self.now_ns], np.int64))[0])
        counts = (np.array([n], np.int64) for n in (bill.asked, bill.touched, bill.bodies, bill.missing))
        stations.price(np.array([slot], np.int64), *counts)
        watched = stations.watch(slot, home=bill.hit is not None)
        gateway = self.gateway.let_in(user, self.now_ns)
        watched.visits.append(gateway)
        self._timed_reads += 1
        key = Stream.PEOPLE << 48 | 1 << 40 | self._timed_reads
        if bill.hit is None:
            stations.without_list(slot, key, gateway.done_ns)
            return watched
        self.gateway.queue_read(user, slot, key, gateway.done_ns)
        self.reads.rows_of_last[user], self.reads.last_ns[user] = bill.touched, self.now_ns
        self.recorder.begin(self.now_ns)
        self.recorder.person_reads(bill)
        return watched

    def hydrate(self, rows: I32) -> int:
        """Ask the post cache for the bodies of a page, filling it; how many it did not have."""
        bodies = self.tables.posts.identity[rows]
        hits = self.tables.cache.play(bodies.astype(np.int32), np.zeros(len(bodies), np.bool_))
        return int(np.count_nonzero(~hits))

    def evict(self, user: int) -> None:
        """Drop a user's stored list, as a store short of memory does; who should have one gets it when they read."""
        owner = np.array([user], np.int32)
        self.notes.evicted(self.now_ns, user, int(self.tables.lists.sizes(owner)[0]))
        self.tables.lists.drop(owner)

    def move_lists(self, backend: str, redis_url: str | None = None) -> None:
        """Keep the home lists in another backend from now on; what they hold goes along.

        Raises:
            UnknownName, InvalidKnob, StoreError: nothing was changed.
        """
        config = self.config.with_knobs({"timeline.backend": backend})
        old, everybody = self.tables.lists, np.arange(self.tables.graph.n, dtype=np.int32)
        new = self._empty_lists(backend, old.users, old.cap, redis_url)
        new.load(old.entries(everybody), old.horizons(everybody))
        opened(new)
        self.config, self.tables.lists = config, new
        old.clear()

    def schedule(self, faults: Iterable[Fault]) -> None:
        """Let faults happen when their time comes.

        Raises:
            InvalidInput: one of them would have begun already; none was taken.
        """
        self.incidents.faults.schedule(faults, self.now_ns)

    def redrive(self) -> int:
        """Queue the dead letters again; how many jobs."""
        jobs = self.fanout.redrive(self.now_ns)
        self.notes.redriven(self.now_ns, jobs)
        return jobs

    def to_inject(self, name: str) -> Arrivals:
        """What would arrive if a scenario's events were started now.

        Raises:
            UnknownName: no such scenario, or one with nothing to trigger.
        """
        return self.load.inject(name, self.now_ns, self.injections + 1)

    def inject(self, name: str) -> Arrivals:
        """Start a scenario's events now; what will arrive.

        Raises:
            UnknownName: no such scenario, or one with nothing to trigger.
        """
        arrivals = self.to_inject(name)
        self.injections += 1
        self._injected = Arrivals.concat([self._injected, arrivals])
        self.notes.injected(self.now_ns, name, arrivals)
        return arrivals

    def set_knobs(self, changes: dict[str, object]) -> None:
        """Change settings now.

        Raises:
            InvalidKnob: unknown, out of bounds, or fixed for a world's life; nothing was changed.
        """
        reconfigure(self, self.config.with_knobs(changes))

    def set_strategy(self, spec: str) -> None:
        """Change the fan-out strategy now: `name` or `name:param=value`. Lists are made for those who get one.

        Raises:
            UnknownName, InvalidKnob: nothing was changed.
        """
        reconfigure(self, with_strategy(self.config, spec))

    def allow(self, config: WorldConfig) -> None:
        """Check that this world can go on under another configuration.

        Raises:
            InvalidKnob: it changes what is fixed for a world's life.
        """
        allow(self, config)

    def close(self) -> None:
        """Give back what the world keeps elsewhere: no key of it stays on a Redis server that answers."""
        self.tables.lists.clear()

    # What is asked about the running world

    @property
    def logbook(self) -> Logbook | None:
        """What happened of late; None in a world that nobody watches."""
        return self.notes.book

    @property
    def at_rest(self) -> bool:
        """Nothing is queued, in a batch, at a shard or in flight."""
        return not (
            len(self.gateway)
            + len(self.primary)
            + len(self.fanout)
            + len(self.reads)
            + len(self.rebuilds)
            + len(self.later)
            + len(self.incidents)
        )

    @property
    def whole(self) -> bool:
        """Nothing is broken, or will be."""
        return not self.incidents.faults.any

    def queue_copies(self) -> tuple[int, int]:
        """Copies accepted and not yet readable, in the lanes (close, rest): queued, in batches and at shards."""
        return self.recorder.depth[0], self.recorder.depth[1]

    def oldest_waiting_ns(self) -> int:
        """Age of the oldest copy that is not yet readable; 0 if none waits."""
        return inspect.oldest_waiting_ns(self)

    def behind(self) -> I64:
        """Per user the age in ns of the oldest post that is on its way to them; 0 where nothing waits."""
        return inspect.behind_ns(self)

    def recipients(self, row: int) -> inspect.Recipients:
        """Where one post is for each follower of its author."""
        return inspect.recipients(self, row)

    def why(self, user: int, row: int | None = None) -> Why:
        """Why this person has not got a post, or when they did; without a row, the oldest that waits for them.

        Raises:
            InvalidInput: the world keeps no log of deliveries.
        """
        return why(self, user, row)

    def life(self, row: int) -> Life:
        """All that became of one post.

        Raises:
            InvalidInput: the world keeps no log of deliveries.
        """
        return life(self, row)

    def person(self, user: int) -> inspect.PersonCard:
        """What is known about one person now."""
        return inspect.person(self, user)

    def last_posts(self, user: int, k: int) -> I32:
        """The newest `k` rows of one author, newest first."""
        return self.tables.posts.rows_of(user)[:k]

    def reads_since(self, at_ns: int) -> Answered:
        """Home reads answered since an instant, of those that are remembered (a few virtual seconds)."""
        return self.reads.answered_since(at_ns)

    @property
    def rows_of_last_read(self) -> I32:
        """Rows touched by each user's last home read, shape (users,); -1 for never."""
        return self.reads.rows_of_last

    def utilisation(self) -> dict[str, float]:
        """Share of time that each station was busy over the last 10 virtual seconds."""
        return self.stations.over_last_10s()

    def steady_need(self) -> float:
        """Workers that the configured steady load keeps busy."""
        return self._steady_need.of(self)
