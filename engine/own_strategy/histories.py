"""Random histories of a few people: what somebody does, what happens to lists and workers, and time that passes."""

from typing import Any, NamedTuple

import numpy as np

from datasets.population import Names, Population
from engine.clock import NS_PER_MS, NS_PER_S, QUANTUM_NS
from engine.config import WorldConfig
from engine.errors import InvalidInput
from engine.graph.graph import Graph
from engine.load.streams import stream
from engine.people import People
from engine.world import World

USERS = 8
ACTS = 45
_QUIET = {f"load.{name}_per_s": 0.0 for name in ("posts", "likes", "follows", "unfollows", "reads")}
_SLOW = {"costs.delivery_us": 300_000, "workers.count": 1, "fanout.chunk": 2, "costs.poll_us": 0}
_FAILING = {"fanout.fail_rate": 0.5, "fanout.max_attempts": 2, "fanout.redeliver_rate": 0.3}
_SHORT = {"timeline.cap": 4, "read.per_author": 2, "read.context": 2}
_KINDS: tuple[dict[str, Any], ...] = ({}, _SLOW, {**_SLOW, **_FAILING}, _SHORT, {**_SHORT, **_SLOW})
_VERBS = ("post",) * 8 + ("crowd", "desert", "follow", "unfollow", "repost", "evict", "away") + ("step",) * 6
_MOST_RESTING_STEPS = 20_000


class Act(NamedTuple):
    """One thing that happens."""

    verb: str
    user: int
    other: int
    amount: int


class History(NamedTuple):
    """A world's beginning and what happens in it; a pure function of (seed, number)."""

    number: int
    follows: frozenset[tuple[int, int]]
    knobs: dict[str, Any]
    acts: tuple[Act, ...]


def history(seed: int, number: int) -> History:
    """The history of this number; kinds of worlds take turns."""
    rng = stream(seed, "own_strategy.history", number)
    pairs = {(int(a), int(b)) for a, b in rng.integers(0, USERS, (24, 2)) if a != b}
    acts = tuple(
        Act(_VERBS[rng.integers(len(_VERBS))], *(int(x) for x in rng.integers(0, (USERS, USERS - 1, 2_000))))
        for _ in range(ACTS)
    )
    return History(number, frozenset(pairs), {"seed": seed, **_KINDS[number % len(_KINDS)]}, acts)


class Played:
    """A world in which a history has happened, and its people."""

    def __init__(self, config: WorldConfig, told: History) -> None:
        self.world = World(config.with_knobs({**_QUIET, "load.reads_per_s": 8.0, **told.knobs}), _people(told.follows))
        self.world.load_ends_ns = 0
        self.people = People(self.world, _NoJournal())  # type: ignore[arg-type]
        for act in told.acts:
            self._do(act)
        self._rest()

    def pages(self, user: int, limit: int) -> list[int]:
        """The rows of all pages of a person's home, newest first."""
        rows: list[int] = []
        cursor = None
        while True:
            page = self.people.home(user, cursor, limit)
            rows += [view.row for view in page.posts]
            cursor = page.next
            if cursor is None or len(rows) > self.world.tables.posts.size:
                return rows

    def _do(self, act: Act) -> None:
        world, people = self.world, self.people
        other = (act.user + 1 + act.other) % USERS
        crowd = [user for user in range(USERS) if user != act.user]
        try:
            match act.verb:
                case "post":
                    people.post(act.user, "hello")
                case "repost" if world.tables.posts.size:
                    people.repost(act.user, int(world.tables.posts.key[act.amount % world.tables.posts.size]))
                case "follow" | "unfollow":
                    getattr(people, act.verb)(act.user, other)
                case "crowd" | "desert":
                    for one in crowd:
                        getattr(people, "follow" if act.verb == "crowd" else "unfollow")(one, act.user)
                case "evict":
                    world.evict(act.user)
                case "away":
                    world.tables.activity.seen_ns[act.user] = world.now_ns - 60 * 86_400 * NS_PER_S
                case "step":
                    people.home(other, None, 3)
                    world.step(act.amount * NS_PER_MS)
        except InvalidInput as error:
            if type(error).__name__ == "OwnCodeFailed":
                raise  # anything else is what people may not do

    def _rest(self) -> None:
        """Let time pass until nothing is on its way and no kept list is served."""
        for _ in range(2):  # the looks of the first round ask for lists
            for _ in range(_MOST_RESTING_STEPS):
                if self.world.at_rest and self.world.now_ns >= int(self.world.tables.kept.until_ns.max()):
                    break
                self.world.step(QUANTUM_NS)
            for user in range(USERS):
                self.people.home(user, None, 1)
            self.world.step(5 * QUANTUM_NS)
        self.world.step(self.world.strategy.keep_ns)


class _NoJournal:
    """Numbers what people do and forgets it: the real one is a database, which own code may not come near."""

    def __init__(self) -> None:
        self.last_seq = 0

    def append_action(self, at_ns: int, action: object) -> int:
        self.last_seq += 1
        return self.last_seq


def _people(follows: frozenset[tuple[int, int]]) -> Population:
    pairs = np.array(sorted(follows), np.int32).reshape(-1, 2)
    ones, largest = np.ones(USERS), np.arange(6, dtype=np.int32)
    return Population(
        graph=Graph.from_edges(USERS, pairs[:, 0], pairs[:, 1]),
        names=Names(USERS, largest),
        community=np.zeros(USERS, np.int32),
        last_seen_days=np.zeros(USERS, np.float32),
        author_weight=ones,
        posting_weight=ones,
        reader_weight=ones + np.arange(USERS) % 3.0,
        away=np.zeros(0, np.int32),
        largest=largest,
        history_posts=0,
    )
