"""Any history of a small world, as a Hypothesis state machine: the engine under test and the oracle beside it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from typing import Any
from unittest.mock import patch

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.clock import NS_PER_S
from engine.domain import Flag, Op
from engine.errors import InvalidInput
from engine.observe.metric import Metric
from tests import oracle
from tests.law.small import MS, STRATEGIES, Small

USERS = 8
DAY = 86_400 * NS_PER_S

users = st.integers(0, USERS - 1)
shifts = st.integers(1, USERS - 1)
picks = st.integers(0, 40)
limits = st.integers(1, 4)
spans = st.one_of(
    st.sampled_from([MS, 7 * MS, 33 * MS, 100 * MS, 250 * MS, 1_000 * MS]),
    st.integers(1, 2_500 * MS),
)

knobs = st.fixed_dictionaries(
    {
        "timeline.cap": st.sampled_from([4, 4, 2, 800]),
        "read.limit": st.sampled_from([3, 3, 20]),
        "read.context": st.sampled_from([2, 2, 0, 40]),
        "read.per_author": st.sampled_from([2, 2, 50]),
        "read.ahead": st.sampled_from([0, 2, 12, 52]),
        "fanout.chunk": st.sampled_from([2, 2, 100]),
        "fanout.partitions": st.sampled_from([1, 2, 8]),
        "fanout.lanes": st.booleans(),
        "workers.count": st.sampled_from([1, 1, 4]),
        "workers.batch": st.sampled_from([1, 4, 64]),
        "costs.delivery_us": st.sampled_from([300_000, 60_000, 2_400]),
        "tick_ms": st.sampled_from([500, 30]),
    }
)
mishaps = st.sampled_from(
    [
        {},
        {"fanout.fail_rate": 0.3, "fanout.max_attempts": 4, "fanout.redeliver_rate": 0.5},
        {
            "fanout.fail_rate": 0.5,
            "fanout.max_attempts": 2,
            "fanout.redeliver_rate": 0.5,
            "fanout.retry_base_ms": 1_000,
        },
        {"fanout.fail_rate": 0.5, "fanout.max_attempts": 1},
        {"fanout.redeliver_rate": 1.0, "fanout.max_attempts": 3, "fanout.retry_base_ms": 100},
    ]
)
sizes = st.fixed_dictionaries(
    {
        "engine.write_path.upkeep._PER_AUTHOR": st.sampled_from([1, 3, 64]),
    }
)
"""Sizes that only say how much is done at once: with small ones the rare paths are the usual ones."""


class History(RuleBasedStateMachine):
    """Rules are what people, load, time and operators do; at the end, and now and then, the law is checked."""

    strategy = "push"
    backend = "ring"
    redis_url: str | None = None
    happened: Counter[Metric]
    """What all histories of one kind together have seen happen."""

    @initialize(
        follows=st.sets(st.tuples(users, users), min_size=6, max_size=30),
        away=st.sets(users, max_size=3),
        authors=st.lists(users, min_size=2, max_size=12),
        seed=st.integers(0, 3),
        knobs=knobs,
        mishaps=mishaps,
        sizes=sizes,
    )
    def open(
        self,
        follows: set[tuple[int, int]],
        away: set[int],
        authors: list[int],
        seed: int,
        knobs: dict,
        mishaps: dict,
        sizes: dict,
    ) -> None:
        self.patches = [patch(name, value) for name, value in sizes.items()]
        for started in self.patches:
            started.start()
        self.small = Small(
            self.strategy,
            follows,
            {"seed": seed, "timeline.backend": self.backend, **knobs, **mishaps},
            n=USERS,
            away_days=dict.fromkeys(away, 90.0),
            redis_url=self.redis_url,
        )
        self.world, self.people, self.script = self.small.world, self.small.people, self.small.script
        self.post(authors)

    # What people do

    @rule(authors=st.lists(users, min_size=1, max_size=5))
    def post(self, authors: list[int]) -> None:
        for user in authors:
            assert self.small.post(user) in self.small.home(user), "one's own post is there at once"

    @rule(user=users, k=picks)
    def reply(self, user: int, k: int) -> None:
        row = self.pick(k)
        with allowed():
            self.small.reply(user, row)

    @rule(user=users, k=picks)
    def repost(self, user: int, k: int) -> None:
        row = self.pick(k)
        with allowed():
            self.small.repost(user, row)

    @rule(crowd=st.sets(users, min_size=2, max_size=5), k=picks)
    def pass_on(self, crowd: set[int], k: int) -> None:
        """A post goes round: several people repost it in a row."""
        row = self.pick(k)
        for user in sorted(crowd):
            with allowed():
                self.small.repost(user, row)

    @rule(user=users, k=picks)
    def undo_repost(self, user: int, k: int) -> None:
        row = self.pick(k)
        with allowed():
            self.people.undo_repost(user, self.small.key(row))

    @rule(k=picks)
    def delete(self, k: int) -> None:
        row = self.pick(k)
        with allowed():
            self.small.delete(row)

    @rule(k=picks)
    def restore(self, k: int) -> None:
        row = self.pick(k)
        with allowed():
            self.small.restore(row)

    @rule(k=picks, on=st.booleans())
    def restrict(self, k: int, on: bool) -> None:
        row = self.pick(k)
        with allowed():
            self.world.tables.posts.set_flag(row, Flag.RESTRICTED, on)

    @rule(user=users, shift=shifts, verb=st.sampled_from(["follow", "follow", "unfollow", "unfollow", "refollow"]))
    def change_graph(self, user: int, shift: int, verb: str) -> None:
        other = (user + shift) % USERS
        with allowed():
            if verb == "refollow":
                self.people.unfollow(user, other)
                self.people.follow(user, other)
            else:
                getattr(self.people, verb)(user, other)
        self.look(user, 4)

    @rule(user=users, shift=shifts, verb=st.sampled_from(["block", "unblock", "mute", "unmute"]))
    def hide(self, user: int, shift: int, verb: str) -> None:
        getattr(self.people, verb)(user, (user + shift) % USERS)
        self.look(user, 4)

    # What arrives by itself, through gateway and commit

    @rule(user=users, delay_ns=spans)
    def load_posts(self, user: int, delay_ns: int) -> None:
        self.script.add(self.world.now_ns + delay_ns, Op.POST, user)

    @rule(user=users, k=picks, delay_ns=spans, op=st.sampled_from([Op.REPLY, Op.REPOST]))
    def load_answers(self, user: int, k: int, delay_ns: int, op: Op) -> None:
        row = self.pick(k)
        with allowed():
            self.script.add(self.world.now_ns + delay_ns, op, user, self.small.key(row))

    @rule(user=users, shift=shifts, delay_ns=spans, op=st.sampled_from([Op.FOLLOW, Op.UNFOLLOW]))
    def load_changes_graph(self, user: int, shift: int, delay_ns: int, op: Op) -> None:
        self.script.add(self.world.now_ns + delay_ns, op, user, (user + shift) % USERS)

    @rule(user=users, delay_ns=spans, again_ns=st.sampled_from([0, MS, 90 * MS]))
    def load_reads(self, user: int, delay_ns: int, again_ns: int) -> None:
        for at_ns in {delay_ns, delay_ns + again_ns}:
            self.script.add(self.world.now_ns + at_ns, Op.READ_HOME, user)

    # What happens to the lists

    @rule(user=users)
    def evict(self, user: int) -> None:
        self.world.evict(user)

    @rule(user=users, evicted=st.booleans())
    def go_away(self, user: int, evicted: bool) -> None:
        self.world.tables.activity.seen_ns[user] = self.world.now_ns - 60 * DAY
        if evicted:
            self.world.evict(user)

    @rule(
        user=users, shift=shifts, verb=st.sampled_from(["follow", "unfollow", "post"]), wait_ns=st.integers(0, 250 * MS)
    )
    def come_back(self, user: int, shift: int, verb: str, wait_ns: int) -> None:
        """Somebody without a list opens home, and something happens before, while or after it is rebuilt."""
        self.world.evict(user)
        self.people.home(user)
        self.small.step(wait_ns)
        other = (user + shift) % USERS
        with allowed():
            if verb == "post":
                self.small.post(other)
            else:
                getattr(self.people, verb)(user, other)

    @rule()
    def redrive(self) -> None:
        self.world.redrive()

    @rule(threshold=st.integers(1, 6))
    def cross_threshold(self, threshold: int) -> None:
        self.world.set_knobs({"strategy.threshold": threshold, "strategy.push_pull_ratio": threshold / 2})

    @rule(user=users)
    def cross_by_followers(self, user: int) -> None:
        """Somebody's audience comes or goes at once, so that they cross the line of hybrid."""
        crowd = [other for other in range(USERS) if other != user]
        verb = "follow" if self.world.tables.graph.follower_counts[user] < 4 else "unfollow"
        for other in crowd:
            with allowed():
                getattr(self.people, verb)(other, user)

    @rule(spec=st.sampled_from(STRATEGIES))
    def switch(self, spec: str) -> None:
        self.world.set_strategy(spec)

    # Time

    @rule(dt_ns=spans)
    def step(self, dt_ns: int) -> None:
        self.small.step(dt_ns)

    # The law

    @rule(user=users, limit=limits)
    def look(self, user: int, limit: int) -> None:
        """At any instant a page shows only what is visible, in order; what it lacks is on its way, or kept from it."""
        facts = oracle.facts_of(self.world)
        rows = [row for page in self.small.pages(user, limit) for row in page]
        visible = oracle.visible(facts, user)
        assert all(newer > older for newer, older in pairwise(rows)), "order"
        assert set(rows) <= {p.row for p in visible}, "foreign"
        on_way = {row for owner, row in self.small.on_its_way() if owner == user}
        seen_roots = {oracle.root(facts, facts.posts[row]) for row in rows}
        for p in visible:
            explained = p.row in rows or p.row in on_way or self.kept_from(user, p)
            assert explained or (p.kind == oracle.Kind.REPOST and oracle.root(facts, p) in seen_roots), f"missing {p}"

    @rule(user=users, limit=limits)
    def judge_one(self, user: int, limit: int) -> None:
        """Come to rest in the middle of a history, look once, and go on from there."""
        self.rest()
        self.same_as_oracle(oracle.facts_of(self.world), user, limit)

    @invariant()
    def the_live_audit_finds_nothing(self) -> None:
        if hasattr(self, "small"):
            found = self.small.audit()
            assert found.to_json() == {**dict.fromkeys(found.to_json(), 0), "users": USERS}

    def teardown(self) -> None:
        if not hasattr(self, "small"):
            return
        try:
            self.settle_and_judge()
            totals = {m: self.world.metrics.total(m) for m in Metric if m.kind == "count"}
            self.happened.update(m for m, total in totals.items() if total)
        finally:
            self.world.tables.lists.clear()
            for started in self.patches:
                started.stop()

    def settle_and_judge(self) -> None:
        """At rest everybody's pages are the oracle's; and again, when the lists that this asked for have been made."""
        for shift in range(2):
            self.rest()
            self.the_live_audit_finds_nothing()
            assert self.world.queue_copies() == (0, 0), "the queue's depth comes back to nothing"
            facts = oracle.facts_of(self.world)
            for user in range(USERS):
                self.same_as_oracle(facts, user, 1 + (user + 2 * shift) % 4)
                self.same_as_oracle(facts, user, 1 + (user + 1 + 2 * shift) % 4)

    def same_as_oracle(self, facts: oracle.Facts, user: int, limit: int) -> None:
        expected = oracle.pages(facts, user, limit, self.world.config.read.context)
        assert self.small.pages(user, limit) == expected, f"user {user}, limit {limit}"

    # Helpers

    def rest(self) -> None:
        """Come to rest; a long line is worked off by fast workers, for in the minutes of slow ones nothing happens."""
        took_us = self.world.config.costs.delivery_us
        self.world.set_knobs({"costs.delivery_us": 2_400})
        self.small.settle()
        self.world.set_knobs({"costs.delivery_us": took_us})

    def pick(self, k: int) -> int:
        """The k-th newest post, and round again."""
        size = self.world.tables.posts.size
        return size - 1 - k % size

    def kept_from(self, user: int, p: oracle.Post) -> bool:
        """Whether a kept list keeps this post from the user until it expires (rule 12)."""
        kept, now_ns = self.world.tables.kept, self.world.now_ns
        if not self.world.strategy.keep_ns or kept.until_ns[user] <= now_ns or p.author == user:
            return False
        return p.row >= int(self.world.tables.posts.mark(kept.from_ns[user : user + 1])[0])


@contextmanager
def allowed() -> Iterator[None]:
    """What people may not do, they do not do; everything else must work."""
    with suppress(InvalidInput):
        yield


def machine(strategy: str, **where: Any) -> type[History]:
    """The histories of one strategy on one backend."""
    return type(
        f"History_{strategy.partition(':')[0]}", (History,), {"strategy": strategy, "happened": Counter(), **where}
    )
