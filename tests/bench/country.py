"""A country under loads with a name, against real time."""

from datasets.worlds import build_population, preset_config
from engine.clock import NS_PER_S
from engine.load.named import named_load
from engine.world import World
from engine.write_path.strategies import with_strategy
from tests.bench.row import Row, Timer

WARM_UP_S, MEASURED_S = 5, 10


def country(load: str) -> World:
    """The country at its opening; when it is opened for the first time its people are made, which takes a minute."""
    config = with_strategy(preset_config("country", **{**named_load(load), "seed": 7}), "hybrid")
    return World(config, build_population(config))


def real_time(load: str, floor: float, aim: float) -> Row:
    """Virtual seconds in a second of real time."""
    world = country(load)
    world.step(WARM_UP_S * NS_PER_S)
    took_s = []
    for _ in range(MEASURED_S):
        with Timer() as timer:
            world.step(NS_PER_S)
        took_s.append(timer.seconds)
    pace = MEASURED_S / sum(took_s)
    return Row(
        name=load,
        what=f"country (1,000,000 users), hybrid, {MEASURED_S} virtual seconds after {WARM_UP_S} of warm-up against "
        "real time; load, writes, fan-out and reads included, on all cores; spread: of single seconds",
        ours=pace,
        reference=1.0,
        unit="virtual s/s",
        ratio=pace,
        spread=(1 / max(took_s), 1 / min(took_s)),
        floor=floor,
        aim=aim,
    )
