"""A small world, a wall clock in one's hand, and a client that draws what it is sent."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np

from datasets.population import Names, Population
from engine.config import WorldConfig
from engine.graph.graph import Graph
from engine.live import LiveWorlds, Outbox
from engine.live.openings import twin
from engine.live.run import Run
from engine.observe.metric import Metric
from engine.world import World

BEHIND, POST, READING, FLASHES = 0, 1, 2, 255
SMALL = {"load.posts_per_s": 8, "load.reads_per_s": 40, "workers.count": 1, "load.follows_per_s": 0}


class Wall:
    """A wall clock that stands still, but for `drift` seconds at every look at it."""

    def __init__(self, drift=0.0):
        self.at_s, self.drift = 1_000.0, drift

    def now_s(self):
        self.at_s += self.drift
        return self.at_s

    def sleep_s(self, seconds):
        self.at_s += seconds


def small_config(**changes):
    return WorldConfig().with_knobs({**SMALL, **changes})


def small_world(config=None, users=300):
    """People follow 20 others each, and three quarters of them follow user 0, who posts only when told to."""
    config = config or small_config()
    rng = np.random.default_rng(config.seed)
    follower = np.concatenate([np.repeat(np.arange(users), 20), np.arange(1, users * 3 // 4)])
    followee = np.concatenate([rng.integers(1, users, users * 20), np.zeros(users * 3 // 4 - 1, int)])
    graph = Graph.from_edges(users, follower.astype(np.int32), followee.astype(np.int32))
    largest = np.argsort(-graph.follower_counts, kind="stable")[:6].astype(np.int32)
    weight = np.ones(users)
    weight[largest[0]] = 0
    population = Population(
        graph=graph,
        names=Names(users, largest),
        community=np.zeros(users, np.int32),
        last_seen_days=np.zeros(users, np.float32),
        author_weight=weight,
        posting_weight=weight,
        reader_weight=np.ones(users),
        away=np.zeros(0, np.int32),
        largest=largest,
        history_posts=3 * users,
    )
    return World(config, population, logged_deliveries=100_000)


def small_run(seconds=2.0, **changes):
    """A run of a small world that is some seconds old."""
    return twin(_model(seconds, small_config(**changes)))


@cache
def _model(seconds, config):
    run = Run(small_world(config))
    advance(run, seconds)
    return run


def advance(run, seconds):
    """Step to the end of a quantum each time, as the live world does above 1x."""
    for _ in range(round(seconds * 10)):
        run.step(100_000_000, pooled=False)
    run.catch_up()


def everything(run):
    """All by which two worlds could be told apart: lists, many pages, what was measured."""
    world, lists = run.world, run.world.tables.lists
    everybody = np.arange(world.population.users, dtype=np.int32)
    return {
        "lists": [part.tolist() for part in lists.entries(everybody)],
        "horizons": lists.horizons(everybody).tolist(),
        "pages": [
            [view.row for view in run.people.home(user, None, 40).posts]
            for user in everybody[:: max(1, len(everybody) // 60)].tolist()
        ],
        "totals": [world.metrics.total(metric) for metric in Metric if metric.kind == "count"],
        "lag": world.metrics.histogram(Metric.FANOUT_LAG).quantile(0.99),
    }


def unthreaded(clock, **options):
    """A registry whose scheduler is turned by hand."""
    worlds = LiveWorlds(build=small_world, clock=clock, **{"history_s": 1.0, **options})
    worlds.scheduler.start = lambda: None
    return worlds


def ask(worlds, question, *args):
    """Call something that waits for the scheduler, turning it meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(question, *args)
        while not answer.done():
            worlds.scheduler.round()
        return answer.result()


class Client:
    """Keeps what the page would: the last whole picture, the ticks since, and the value of every dot."""

    def __init__(self, limit=10_000):
        self.box = Outbox(limit=limit)
        self.full, self.ticks, self.flashes = None, [], []
        self.lens, self.dots = None, None

    def receive(self):
        for message in self.box.take():
            self.take(message)
        return self

    def take(self, message):
        if isinstance(message, str):
            parsed = json.loads(message)
            if parsed["type"] == "full":
                self.full, self.ticks = parsed, []
            elif parsed["type"] == "tick":
                self.ticks.append(parsed)
            return
        lens, kind, body = message[0], message[1], message[2:]
        if lens == FLASHES:
            self.flashes.append((kind, np.frombuffer(body, "<u2").tolist()))
        elif kind == 0:
            self.lens, self.dots = lens, np.frombuffer(body, np.uint8).copy()
        else:
            assert lens == self.lens, "changes of a lens whose whole frame was never sent"
            changes = np.frombuffer(body, [("dot", "<u2"), ("value", "u1")])
            self.dots[changes["dot"]] = changes["value"]

    @property
    def tick(self):
        return self.ticks[-1]
