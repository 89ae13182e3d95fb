"""A running world goes on under another configuration, and strategies are told what they asked to know."""

from typing import TYPE_CHECKING

from engine.clock import NS_PER_S
from engine.config import WorldConfig
from engine.errors import InvalidKnob
from engine.expected import expected_rates, reading_shares
from engine.write_path.strategies import Seen, make_strategy
from engine.write_path.upkeep import hand_over

if TYPE_CHECKING:
    from engine.world import World

_FIXED = ("seed", "timeline.cap", "timeline.backend")


def allow(world: "World", config: WorldConfig) -> None:
    """See `World.allow`."""
    for fixed in _FIXED:
        old = world.config.knob(fixed)
        if config.knob(fixed) != old:
            raise InvalidKnob(f"{fixed} is fixed for a world's life ({old}); open a new world to change it.")


def reconfigure(world: "World", config: WorldConfig) -> None:
    """Go on under another configuration from now on; what is queued stays queued.

    Raises:
        InvalidKnob: as `World.allow`; nothing was changed.
    """
    allow(world, config)
    before, world.config = world.config, config
    if config.load != before.load:
        world.load = world.load.with_config(config.load, -(-world.now_ns // NS_PER_S))
    world.gateway.configure(config)
    world.primary.configure(config)
    world.fanout.configure(config, world.now_ns)
    world.reads.configure(config)
    world.recorder.configure(config.slo)
    world.incidents.resized(world)
    world.notes.reconfigured(world.now_ns, before, config)
    if (config.strategy, config.cache.ttl_s) != (before.strategy, before.cache.ttl_s):
        retiring, world.strategy = world.strategy, make_strategy(config)
        world.rebuilds.forget(world.tables)
        with world.notes.handing_over(world.now_ns, retiring.title, world.strategy.title, world.tables.lists):
            hand_over(world.tables, retiring, world.strategy, world.now_ns)
        world.told_rows = world.tables.posts.size  # what was before is not news
        introduce(world)
    elif config.load != before.load:
        introduce(world)


def introduce(world: "World") -> None:
    """Tell a strategy that asks for it what the load makes people do, and how the world stands."""
    if world.strategy.by_edge:
        load = world.config.load
        edges = world.tables.unpushed.decide_by_edge(reading_shares(world.population, load), world.tables.posts.size)
        rates = expected_rates(world.population, load)
        edges.meet(rates.reads)
        world.strategy.meet(rates)
    if world.strategy.watches:
        tell(world)


def tell(world: "World") -> None:
    """Let the strategy see how the world stands now, and who has posted since it was told last."""
    posts = world.tables.posts
    authors = posts.author[world.told_rows : posts.size]
    world.told_rows = posts.size
    world.strategy.observe(Seen(world.now_ns, sum(world.queue_copies()), authors))
