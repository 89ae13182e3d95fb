"""`python -m engine serve-world`, `worker`, `redrive`, `audit-world`: JSON to stdout, progress to stderr."""

import argparse
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from datasets.worlds import WORLDS, find_world, preset_config
from engine.clock import NS_PER_S, SystemWallClock, WallClock
from engine.cluster.checked import audit_served, compare
from engine.cluster.edges import Edges
from engine.cluster.feed import Feed, PacedFeed, RecordedFeed
from engine.cluster.keys import Keys
from engine.cluster.queue import Queue
from engine.cluster.relay import REWIND_S, Relay
from engine.cluster.served import JOURNALS, Served, open_journal, served_by, store_of
from engine.cluster.server import Server
from engine.cluster.worker import Worker, WorkerOptions
from engine.config import WorldConfig
from engine.errors import InvalidInput, StoreError, StoreUnreachable
from engine.load.audience import Audience
from engine.load.recording import Load
from engine.timelines.connection import connect
from engine.write_path.strategies import with_strategy

_STARTING_S, _ASKED_AGAIN_S = 5.0, 0.25
"""How long a server is waited for that is not there, or still reads its file."""


class _Commands(Protocol):
    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser: ...


def add_cluster(commands: _Commands) -> None:
    """Declare the commands."""
    serving = _place(commands.add_parser("serve-world", help="a world whose fan-out is done by workers over Redis"))
    serving.add_argument("--world", choices=[slug for slug, world in WORLDS.items() if not world.memory_gb])
    serving.add_argument("--seed", type=int, help="of people and load (7)")
    serving.add_argument("--strategy", help="NAME[:param=value,...] (push)")
    serving.add_argument("--set", action="append", default=[], metavar="KNOB=VALUE", help="any of `knobs`")
    serving.add_argument("--journal", type=Path, metavar="FILE", help=f"its journal ({JOURNALS}/NAME.db)")
    serving.add_argument("--posts", type=int, help="accept so many posts, and end; else the recorded load")
    serving.add_argument("--rate", type=float, default=0.0, help="of --posts, each second; 0: as fast as it goes")
    serving.add_argument("--seconds", type=float, help="of the recorded load; else until a signal")
    serving.add_argument("--drain", type=float, default=60.0, help="seconds to wait for the queue at the end (60)")
    serving.add_argument("--rewind", type=float, default=REWIND_S, help="seconds a restarted Redis may have forgotten")
    serving.add_argument("--no-audit", action="store_true", help="do not compare all lists at the end")
    serving.set_defaults(handle=_serve)
    working = _place(commands.add_parser("worker", help="write the copies of a served world's posts"))
    defaults = WorkerOptions()
    working.add_argument("--batch", type=int, default=defaults.batch, help="jobs taken at a time, at most")
    working.add_argument("--block", type=int, default=defaults.block_ms, help="ms that a poll waits")
    working.add_argument("--min-idle", type=int, default=defaults.min_idle_ms, help="ms until a job is taken over")
    working.add_argument("--patience", type=float, default=defaults.patience_s, help="seconds without Redis or world")
    working.set_defaults(handle=_work)
    again = _place(commands.add_parser("redrive", help="queue the dead letters of a served world again"))
    again.set_defaults(handle=_redrive)
    checking = _place(commands.add_parser("audit-world", help="compare all lists of a served world with its journal"))
    checking.add_argument("--journal", type=Path, metavar="FILE", help=f"its journal ({JOURNALS}/NAME.db)")
    checking.set_defaults(handle=_audit)


def _place(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    given = os.environ.get("REDIS_URL")
    parser.add_argument("--redis", metavar="URL", default=given, required=not given, help="the server, or REDIS_URL")
    parser.add_argument("--name", default="world", help="of the served world: its keys begin with it (world)")
    return parser


def _connected(url: str, wall: WallClock, patience_s: float, stop: Callable[[], bool]) -> Any:
    """A client of a server that may be about to start."""
    until_s = wall.now_s() + patience_s
    while True:
        try:
            return connect(url)
        except StoreUnreachable:
            if stop() or wall.now_s() > until_s:
                raise
            wall.sleep_s(_ASKED_AGAIN_S)


def _serve(options: argparse.Namespace) -> None:
    _check(options, "posts", "rate", "seconds", "drain", "rewind")
    keys, wall = Keys(options.name), SystemWallClock()
    path = options.journal or JOURNALS / f"{options.name}.db"
    asked = [options.world, options.seed, options.strategy, *options.set]
    new = not path.exists() or any(value is not None for value in asked)
    config = _config(options) if new else None
    with ExitStack() as stack:
        stopped, held = stack.enter_context(_signals()), stack.enter_context(_holding())
        client = stack.enter_context(closing(_connected(options.redis, wall, _STARTING_S, stopped.is_set)))
        journal = stack.enter_context(open_journal(path, config))
        served = served_by(path)
        queue, lists = Queue(client, keys), store_of(client, keys, served.tables.graph.n, served.config.timeline.cap)
        edges = Edges(client, keys, lists.follows_key)
        print(f"{path}: {journal.last_seq} entries; bringing {options.name} to Redis", file=sys.stderr)
        relay = Relay(journal, served, queue, edges, lists, options.rewind)
        relay.step()
        feed = _feed(options, served, journal.reached_ns)
        say = partial(print, file=sys.stderr, flush=True)
        tell = lambda state: say(json.dumps(state))  # noqa: E731
        server = Server(journal, relay, queue, feed, served.config.seed, wall, tell, held.is_set)
        summary = server.run(stopped.is_set, options.drain)
        checked = None
        if summary["drained"] and not options.no_audit:
            relay.note()
            checked = compare(served, queue, edges, lists).to_json()
        named = {"world": served.config.world, "strategy": served.config.strategy.name, "journal": str(path)}
        print(json.dumps({**named, **summary, "audit": checked}))


def _config(options: argparse.Namespace) -> WorldConfig:
    changes = dict(pair.partition("=")[::2] for pair in options.set)
    config = preset_config(
        options.world or find_world("classroom").slug, seed=7 if options.seed is None else options.seed
    )
    return with_strategy(config, options.strategy or "push").with_knobs(changes)


def _feed(options: argparse.Namespace, served: Served, reached_ns: int) -> Feed:
    people, config = served.population, served.config
    audience = Audience(
        graph=people.graph, author_weight=people.author_weight, reader_weight=people.reader_weight, away=people.away,
        largest=people.largest, users=people.users,
    )  # fmt: skip
    load, from_block = Load(audience, config.load, config.seed), -(-reached_ns // NS_PER_S)
    if options.posts is not None:
        return PacedFeed(load, from_block, options.posts, options.rate)
    return RecordedFeed(load, from_block, options.seconds)


def _work(options: argparse.Namespace) -> None:
    _check(options, "batch", "block", "min_idle", "patience")
    keys = Keys(options.name)
    name = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:6]}"
    how, wall = WorkerOptions(options.batch, options.block, options.min_idle, options.patience), SystemWallClock()
    with _signals() as stopped, closing(_connected(options.redis, wall, how.patience_s, stopped.is_set)) as client:
        print(f"{name}: at work for {options.name}", file=sys.stderr, flush=True)
        print(json.dumps({"worker": name, **Worker(name, client, keys, wall, stopped.is_set, how).run()._asdict()}))


def _redrive(options: argparse.Namespace) -> None:
    with closing(connect(options.redis)) as client:
        print(json.dumps({"redriven": Queue(client, Keys(options.name)).redrive()}))


def _audit(options: argparse.Namespace) -> None:
    path = options.journal or JOURNALS / f"{options.name}.db"
    found = audit_served(path, options.redis, options.name)
    print(json.dumps(found.to_json()))
    if not found.clean:
        raise StoreError(f"The lists of {options.name} are not what its journal says; see the counts.")


_BOUNDS = {"batch": (1, 1_000), "block": (1, 4_000), "min_idle": (100, 3_600_000), "posts": (0, 10_000_000)}
_ANY = (0, 1_000_000)


def _check(options: argparse.Namespace, *names: str) -> None:
    for name in names:
        value, (low, high) = getattr(options, name), _BOUNDS.get(name, _ANY)
        if value is not None and not low <= value <= high:
            raise InvalidInput(f"--{name.replace('_', '-')} is {value:g}; allowed: {low:,} to {high:,}.")


@contextmanager
def _signals() -> Iterator[threading.Event]:
    """Set by Ctrl-C or a request to end; whoever works looks at it between two pieces of work."""
    stopped = threading.Event()
    before = {number: signal.signal(number, lambda *_: stopped.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _holding() -> Iterator[threading.Event]:
    """Set by SIGUSR1 and cleared by SIGUSR2: for somebody who wants to see the world at rest."""
    held = threading.Event()
    change = {signal.SIGUSR1: held.set, signal.SIGUSR2: held.clear}
    before = {number: signal.signal(number, lambda *_, do=do: do()) for number, do in change.items()}
    try:
        yield held
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
