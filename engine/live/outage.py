"""A world whose lists are in Redis, and a Redis that is lost: what is told where the world is shown."""

from engine.clock import NS_PER_S
from engine.errors import StoreClash, StoreError, StoreFull, StoreRefused, StoreUnreachable
from engine.observe import words
from engine.world import World

FLAG = "Redis lost"
EMBEDDED = "ring"
_REMEDY: tuple[tuple[type[StoreError], str], ...] = (
    (StoreUnreachable, "start the server"),
    (StoreFull, "give the server memory or disk"),
    (StoreRefused, "mend the password, or what its user may do"),
    (StoreClash, "take that key away"),
)


def banner(world: World) -> str | None:
    """What happened, since when, and what to do; None while the lists are where they were asked for."""
    outage = world.tables.lists.outage
    if outage is None:
        return None
    remedy = next((what for kind, what in _REMEDY if isinstance(outage.error, kind)), "see that the server is well")
    return (
        f"{outage.error} Since {words.clock(outage.at_ns / NS_PER_S)} this world goes on with its home lists in this "
        f"process; nothing is lost, and no page differs. To have them in Redis again, {remedy}, then reset this world "
        "in the Load lab: it begins anew."
    )


def backend(world: World) -> str:
    """What the lists are kept in now, as the knob `timeline.backend` names it."""
    return EMBEDDED if world.tables.lists.outage else world.config.timeline.backend
