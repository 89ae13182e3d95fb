"""Pull, with the merged list kept for a while: cheap reads, bought with staleness."""

from typing import ClassVar, Self

from engine.clock import NS_PER_S
from engine.config import WorldConfig
from engine.write_path.strategies.pull import Pull


class CachedPull(Pull):
    """What a reader merged is served again until it expires; their own posts are written through."""

    slug = "cached_pull"
    title = "Cached pull"
    idea = "Like pull, but the merged list is kept for a while, and is stale meanwhile."
    params: ClassVar = {"ttl": "cache.ttl_s"}

    def __init__(self, ttl_s: float) -> None:
        self.keep_ns = round(ttl_s * NS_PER_S)

    @classmethod
    def of(cls, config: WorldConfig) -> Self:
        return cls(config.cache.ttl_s)
