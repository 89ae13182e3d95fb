"""What the children of the nursery do with a world, by the same commands as its pages, and what they tell of it.

A life that may be struck says of each act that it begins ("try"), and then that it was answered ("did"): what was
answered is owed, and of what was only begun nobody knows.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from engine.domain import Flag, Kind
from engine.errors import MurmurationError
from engine.faults import Fault
from engine.live import LiveWorld, LiveWorlds, openings
from engine.live.commands import perform
from engine.live.run import Run
from engine.load.arrivals import Stream
from engine.observe.audit import audit
from engine.world import World
from engine.write_path.strategies import with_strategy
from tests.faults.promised import ACTORS, Command, Promised, acts, as_broken
from tests.faults.strikes import arm, die, strike
from tests.live.helpers import small_config, small_world

Say = Callable[[Any], None]
SPEED = 10
OLD_S = 0.5
"""Virtual seconds of history that a world is opened with."""
BEGUN = {"workers.count": 1, "load.posts_per_s": 8}
QUIET = {"load.likes_per_s": 0, "load.unfollows_per_s": 0}
"""So that all likes and follows are those of the actors."""
CONFIG = small_config(**BEGUN, **QUIET)
BESIDE = with_strategy(CONFIG, "pull")


# Lives


def acting(
    say: Say, folder: str, seed: int, point: str | None, after: int, delay_us: int, most: int = 400, twin: bool = False
) -> None:
    """Open a world, or two beside each other, and act there until one is struck at `point`, or killed."""
    arm(point, after, delay_us)
    worlds = worlds_in(folder)
    world = worlds.open_twin(CONFIG, BESIDE) if twin else worlds.open(CONFIG)
    say({"opened": world.id})
    perform(world, {"do": "speed", "x": SPEED})
    without = frozenset({"knobs", "strategy"} if twin else ())  # which reach one side
    _act(say, world, acts(promised := begun(), np.random.default_rng(seed), without), promised, most)
    worlds.stop()


def coming_back(
    say: Say, folder: str, world: str, rerun_s: float, point: str | None, after: int, delay_us: int
) -> None:
    """Reopen a world, and be struck meanwhile, or else right afterwards."""
    arm(point, after, delay_us)
    openings.HISTORY_S = rerun_s
    worlds = worlds_in(folder)
    worlds.reopen(world)
    die()


def looking(say: Say, folder: str, world: str, rerun_s: float) -> None:
    """Reopen a world, tell what is in it, act on, close it, reopen it once more, and tell that again."""
    openings.HISTORY_S = rerun_s
    worlds, first = worlds_in(folder), []
    _look_before_it_runs(worlds, first)
    found = worlds.reopen(world)
    made = perform(found, {"do": "act", "what": "post", "user": 1, "text": "life goes on"})["post"]
    drained = [found.ask(at_rest, side) for side in range(found.sides)]
    worlds.stop()
    worlds, second = worlds_in(folder), []
    _look_before_it_runs(worlds, second)
    worlds.reopen(world)
    say({"first": first, "made": made["id"], "second": second, "audit": drained})


def _look_before_it_runs(worlds: LiveWorlds, found: list[dict[str, Any]]) -> None:
    """Let `found` have what is in each side of a world that is reopened, at the very instant of that."""
    reopened = worlds._openings.reopened

    def looked_at(paths: Sequence[Path]) -> list[Run]:
        runs = reopened(paths)
        found.extend(map(seen, runs))
        return runs

    worlds._openings.reopened = looked_at  # type: ignore[method-assign]


def asking(say: Say, folder: str, world: str) -> None:
    """Try to reopen a world, and tell the refusal."""
    say(refusal(partial(worlds_in(folder).reopen, world)))


def refusal(action: Callable[[], Any]) -> list[str] | None:
    """What somebody is told who is refused; None where it is done."""
    try:
        action()
    except MurmurationError as error:
        return [type(error).__name__, str(error)]
    return None


# What is in a world


def seen(run: Run) -> dict[str, Any]:
    """What people did, as the world has it now; shaped as `Promised.to_json`, and more."""
    world, people = run.world, run.people
    tables = world.tables
    posts, relations = tables.posts, tables.relations
    rows = np.flatnonzero(posts.key[: posts.size] >> 48 == Stream.PEOPLE).tolist()
    keys = [int(key) for key in posts.key[rows]]
    views = [people.view(row) for row in rows]
    pairs = [(a, b) for a in range(ACTORS) for b in range(ACTORS) if a != b]
    return {
        "posts": [
            [key, view.author, view.text, Kind(posts.kind[row]).name.lower(), _ref(world, row), _deleted(world, row)]
            for key, row, view in zip(keys, rows, views, strict=True)
        ],
        "likes": sorted(map(list, people._likes)),
        "counted": {str(key): int(posts.likes[row]) for key, row in zip(keys, rows, strict=True)},
        "follows": sorted(map(list, _follows(world))),
        "blocks": [list(pair) for pair in pairs if relations.blocks(*pair)],
        "mutes": [list(pair) for pair in pairs if relations.mutes(*pair)],
        "knobs": {name: world.config.knob(name) for name in BEGUN},
        "strategy": _strategy(world),
        "injections": world.injections,
        "broken": sorted(map(as_broken, _faults(world))),
        "entries": people.journal.last_seq,
        "faces": {str(view.id): [view.row, str(view.snowflake), view.at_s, view.media] for view in views},
        "twice": _twice(world),
        "now_ns": world.now_ns,
    }


def at_rest(run: Run) -> dict[str, float]:
    """What the audit finds once all has arrived, and no more load comes."""
    world = run.world
    world.load_ends_ns = world.now_ns
    while not world.at_rest:
        world.step(100_000_000)
    return audit(world.tables, world.strategy, world.now_ns, world.fanout.outstanding()).to_json()


def _faults(world: World) -> list[Fault]:
    """All that ever broke here, or will."""
    faults = world.incidents.faults
    return [*faults.past, *faults.on, *faults._coming]


def _ref(world: World, row: int) -> int | None:
    ref = int(world.tables.posts.ref[row])
    return None if ref < 0 else int(world.tables.posts.key[ref])


def _deleted(world: World, row: int) -> bool:
    return bool(world.tables.posts.flags[row] & Flag.DELETED)


def _follows(world: World) -> set[tuple[int, int]]:
    """Of the actors, and every difference from the beginning that they did not make."""
    now = set(zip(*(column.tolist() for column in world.tables.graph.edges()), strict=True))
    among = {(a, b) for a, b in now if a < ACTORS and b < ACTORS}
    return among | ((now ^ _edges()) - {(a, b) for a in range(ACTORS) for b in range(ACTORS)})


def _strategy(world: World) -> str:
    chosen = world.config.strategy
    return chosen.name if chosen.name != "hybrid" else f"hybrid:threshold={chosen.threshold}"


def _twice(world: World) -> int:
    """Rows beyond the first that posts have, whoever made them."""
    keys = world.tables.posts.key[: world.tables.posts.size]
    return int(len(keys) - len(np.unique(keys)))


@cache
def _edges() -> frozenset[tuple[int, int]]:
    graph = small_world().tables.graph
    return frozenset(zip(*(column.tolist() for column in graph.edges()), strict=True))


def begun() -> Promised:
    """What is owed when nobody has done anything."""
    return Promised({(a, b) for a, b in _edges() if a < ACTORS and b < ACTORS}, knobs=dict(BEGUN))


# Acting


def worlds_in(folder: str | Path) -> LiveWorlds:
    """The worlds of a process that keeps its journals there."""
    return LiveWorlds(build=small_world, history_s=OLD_S, folder=Path(folder))


def _act(say: Say, world: LiveWorld, commands: Iterator[Command], promised: Promised, most: int) -> None:
    for number, command in enumerate(islice(commands, most)):
        do, told = command
        at_ns = world.do(lambda now: now.now_ns)
        say({"try": command, "at_ns": at_ns})
        answer = perform(world, {"do": do, **told})
        strike("answered")
        say({"did": {"changed": answer.get("changed"), "face": _face(answer)}})
        promised.do(command)
        if number % 7 == 6:
            world.note_progress()


def _face(answer: dict[str, Any]) -> list[Any] | None:
    post = answer.get("post")
    return post and [post["id"], post["row"], post["snowflake"], post["at_s"], post["media"]]
