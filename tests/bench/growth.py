"""Ten times the people under ten times the load: how much longer a virtual second takes."""

from engine.clock import NS_PER_S
from engine.config import WorldConfig
from engine.world import World
from tests.bench.crowds import people, village
from tests.bench.row import Row, Timer, in_turns

PER_USER_S = {
    "load.posts_per_s": 0.015, "load.reads_per_s": 0.15, "load.likes_per_s": 0.015, "load.follows_per_s": 0.00025,
    "load.unfollows_per_s": 0.00005,
}  # fmt: skip
"""A classroom's load."""
PER_1000 = {
    "workers.count": 2, "timeline.shards": 4, "stations.gateways": 4, "stations.primaries": 2, "stations.indexes": 8,
    "stations.replicas": 8, "stations.post_caches": 1, "cache.posts": 750,
}  # fmt: skip
"""A classroom's machines, for each 1,000 people."""
WARM_UP_S = 2


def growth(short: bool) -> Row:
    """Time of a virtual second with ten times the users, at the same load and machines for each of them."""
    users = 2_000 if short else 20_000
    few, many = _world(users), _world(10 * users)

    def seconds(world: World) -> float:
        with Timer(short) as timer:
            world.step(NS_PER_S)
        return 1 / timer.seconds

    pair = in_turns(lambda _: seconds(few), lambda _: seconds(many), 4 if short else 8)
    return Row(
        name="growth",
        what=f"time of a virtual second with {10 * users:,} users against {users:,}: each follows 40, and has a "
        "classroom's load and machines; push; load, posts, fan-out and reads included",
        ours=1 / pair.reference,
        reference=1 / pair.ours,
        unit="s per virtual second",
        ratio=pair.ratio,
        spread=pair.spread,
        floor=12,
        at_most=True,
    )


def _world(users: int) -> World:
    knobs = {name: users * rate for name, rate in PER_USER_S.items()}
    knobs |= {name: users // 1_000 * count for name, count in PER_1000.items()}
    graph, community = village(users, 40, communities=users // 400, largest_share=0.1, tail_cap=users // 20)
    world = World(WorldConfig().with_knobs(knobs), people(graph, community, history_posts=3 * users))
    world.step(WARM_UP_S * NS_PER_S)
    return world
