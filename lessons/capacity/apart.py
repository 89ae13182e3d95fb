"""The long work in processes of its own, so that a page and the worlds beside it stay quick."""

from engine.experiments.pool import own_pool
from engine.experiments.run import RunRequest
from lessons.capacity.assumptions import Assumptions
from lessons.capacity.claims import Line, check
from lessons.capacity.measuring import Measured, Told, measure, scaled


def measure_apart(assumptions: Assumptions, told: Told) -> Measured:
    """As `measure`, both runs at once."""
    with own_pool([RunRequest(config=scaled(assumptions).config)]) as (pool, _):
        return measure(assumptions, told, pool)


def check_apart(told: Told) -> dict[str, Line]:
    """As `check`; it tells that it has begun, and no more."""
    with own_pool([]) as (pool, _):
        told(0.05)
        return pool.submit(check).result()
