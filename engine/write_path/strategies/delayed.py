"""Push at once for most; the posts of large accounts are pushed when the rush is over, and pulled until then."""

from typing import ClassVar, Self

from engine.clock import NS_PER_S
from engine.config import WorldConfig
from engine.write_path.strategies.hybrid import Hybrid


class Delayed(Hybrid):
    """Takes a celebrity's copies out of everybody else's way, without leaving them to the readers for good.

    A post of an account at or over the threshold is pulled at first, as under hybrid. Some seconds later it is fanned
    out to those who follow then; when its last copy is readable nobody pulls it any more.

    Source: a variation on R. Krikorian, Timelines at Scale (QCon San Francisco 2012): copies of the most followed
    accounts' tweets take minutes, and such accounts are merged in when a timeline is read. Here the merging ends.
    """

    slug = "delayed"
    title = "Delayed fan-out"
    idea = "Push, but accounts with many followers wait: readers fetch their posts until the copies have been made."
    params: ClassVar = {"threshold": "strategy.threshold", "delay": "strategy.delay_s"}

    def __init__(self, threshold: int, delay_s: float) -> None:
        super().__init__(threshold)
        self.later_ns = round(delay_s * NS_PER_S)

    @classmethod
    def of(cls, config: WorldConfig) -> Self:
        return cls(config.strategy.threshold, config.strategy.delay_s)
