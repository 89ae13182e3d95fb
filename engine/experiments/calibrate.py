"""What the steps of the request path cost on this machine, measured, as a table and as a price list.

Every figure is microseconds for one item. A repetition times many items together; the figure is the median of the
repetitions, the spread its quartiles. One repetition goes ahead unmeasured.
"""

import os
import platform
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np

from engine.clock import SystemWallClock, WallClock, wall_epoch_s
from engine.domain import I32, NO_LIST, Ragged
from engine.errors import MurmurationError, UnknownName
from engine.experiments.prices import PRICES, PriceList
from engine.journal.actions import Posted
from engine.journal.journal import Journal, Origin
from engine.timelines import BACKENDS, TimelineStore, make_store
from engine.timelines.plain import server_cpu_s, server_identity, write_each, write_pipelined
from engine.timelines.redis_store import RedisStore

_PAGE = 20
_TEXT = "a post of the usual length, which is not long: people have 280 characters and mostly use fewer"


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How much is measured."""

    repetitions: int = 50
    cap: int = 800
    """Entries in each list; they are full, so that every write trims."""
    lists: int = 1_000
    """In Redis: copies of one push."""
    reads: int = 200
    ring_lists: int = 10_000
    ring_posts: int = 5
    """Pushed together, so that a batch on the ring is posts x lists copies."""


@dataclass(frozen=True)
class Figure:
    """One measured figure: microseconds for one item, a sample for each repetition of `items` of them."""

    place: str
    name: str
    how: str
    items: int
    samples_us: tuple[float, ...]

    @property
    def median_us(self) -> float:
        return float(np.median(self.samples_us))

    @property
    def quartiles_us(self) -> tuple[float, float]:
        low, high = np.percentile(self.samples_us, [25, 75])
        return float(low), float(high)

    @property
    def sentence(self) -> str:
        """How a price of this figure was got."""
        low, high = self.quartiles_us
        repeated = f"median of {len(self.samples_us)} x {self.items}, quartiles {_short(low)} to {_short(high)}"
        return f"Measured on {self.place}: {self.how}; {repeated}."


_PRICED: Mapping[str, Mapping[str, str]] = {
    "redis": {
        "costs.delivery_us": "push, client",
        "costs.list_write_us": "push, server",
        "costs.list_read_us": "read, server",
    },
    "fakeredis": {"costs.delivery_us": "push", "costs.list_read_us": "read"},
    "ring": {"costs.delivery_us": "push", "costs.list_read_us": "read"},
}
"""Price -> figure. Only a real server can be told from its client; in this process the worker's time is all there is,
and a shard's price for a copy stays unmeasured."""


@dataclass(frozen=True)
class Calibration:
    """All figures by backend (and "journal", "duckdb")."""

    figures: Mapping[str, tuple[Figure, ...]]

    def price_list(self, backend: str | None = None) -> PriceList:
        """The prices of one backend, and the journal's commit; by default of Redis, without a server of the ring.

        Raises:
            UnknownName: a backend that was not measured.
        """
        measured = [backend for backend in BACKENDS if backend in self.figures]
        backend = backend or ("redis" if "redis" in measured else "ring")
        if backend not in measured:
            raise UnknownName(f"The backend {backend!r} was not measured; allowed here: {', '.join(measured)}.")
        by_name = {figure.name: figure for figure in self.figures[backend]}
        (commit,) = self.figures["journal"]
        priced = {"costs.commit_us": commit} | {price: by_name[figure] for price, figure in _PRICED[backend].items()}
        return PriceList(
            name=f"calibrated-{backend}",
            date=datetime.fromtimestamp(wall_epoch_s(), UTC).date().isoformat(),
            prices={price: _rounded(figure.median_us) for price, figure in priced.items()},
            sources={price: figure.sentence for price, figure in priced.items()},
            machine=machine(),
            kept=tuple(price for price in PRICES if price not in priced),
        )

    def table(self) -> str:
        """For a terminal: one line for each figure."""
        head = ("place", "figure", "median us", "quartiles us", "repetitions", "how measured")
        rows = [head]
        for figures in self.figures.values():
            for one in figures:
                low, high = one.quartiles_us
                repeated = f"{len(one.samples_us)} x {one.items}"
                spread = f"{_short(low)} - {_short(high)}"
                rows.append((one.place, one.name, _short(one.median_us), spread, repeated, one.how))
        widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
        lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
        return "\n".join(line.rstrip() for line in lines)


def calibrate(
    redis_url: str | None, folder: Path, effort: Effort | None = None, wall: WallClock | None = None
) -> Calibration:
    """Measure everything that is here; without `redis_url` all but a real Redis. `folder`: whose disk is measured.

    Raises:
        StoreError: no server answers at redis_url, or it fails on the way.
        MurmurationError: nothing can be written in the folder.
    """
    effort, wall = effort or Effort(), wall or SystemWallClock()
    figures = {}
    if redis_url:
        figures["redis"] = _measure_redis(redis_url, effort, wall)
    small = replace(effort, lists=min(effort.lists, 100), repetitions=min(effort.repetitions, 20))
    figures["fakeredis"] = _measure_fakeredis(small, wall)
    figures["ring"] = _measure_ring(effort, wall)
    with _scratch(folder) as place:
        figures["journal"] = (_measure_journal(place, effort, wall),)
        figures["duckdb"] = (_measure_duckdb(place, effort, wall),)
    return Calibration(figures)


def machine() -> dict[str, Any]:
    """What a figure depends on."""
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "simd": _simd(),
    }


@dataclass(frozen=True)
class _Bench:
    """Times work at one place. Work is given the number of its repetition; 0 goes ahead unmeasured."""

    place: str
    repetitions: int
    wall: WallClock

    def figure(self, name: str, how: str, items: int, work: Callable[[int], object]) -> Figure:
        """One figure, of wall time."""
        return self.split(name, how, items, work, lambda: 0.0)[0]

    def split(
        self, name: str, how: str, items: int, work: Callable[[int], object], server_s: Callable[[], float]
    ) -> tuple[Figure, Figure, Figure]:
        """Figures of wall time, of the server's share by its own clock of processor time, and of what is left."""
        wholes, servers = [], []
        work(0)
        for number in range(1, self.repetitions + 1):
            used_s, began_s = server_s(), self.wall.now_s()
            work(number)
            wholes.append((self.wall.now_s() - began_s) * 1e6 / items)
            servers.append((server_s() - used_s) * 1e6 / items)
        left = (max(whole - server, 0.0) for whole, server in zip(wholes, servers, strict=True))
        return (
            Figure(self.place, name, f"{how}, wall time", items, tuple(wholes)),
            Figure(self.place, f"{name}, server", f"{how}, processor time of the server", items, tuple(servers)),
            Figure(self.place, f"{name}, client", f"{how}, wall time less that of the server", items, tuple(left)),
        )


_PUSH = "one copy into full lists, by the engine's script for 100 lists"
_READ = f"one page of {_PAGE}, one list a call (SCRIPT EXISTS and EVALSHA)"


def _measure_redis(url: str, effort: Effort, wall: WallClock) -> tuple[Figure, ...]:
    with _full("redis", effort.lists, effort.cap, url) as store:
        assert isinstance(store, RedisStore)
        bench = _Bench(f"Redis {server_identity(store)[0]}", effort.repetitions, wall)
        push, read = _redis_work(store, effort)

        def server_s() -> float:
            return server_cpu_s(store)

        return (
            *bench.split("push", _PUSH, effort.lists, push, server_s),
            *bench.split("read", _READ, effort.reads, read, server_s)[:2],
            *_plain_writes(bench, store, effort),
        )


def _measure_fakeredis(effort: Effort, wall: WallClock) -> tuple[Figure, ...]:
    with _full("fakeredis", effort.lists, effort.cap) as store:
        assert isinstance(store, RedisStore)
        bench = _Bench("fakeredis", effort.repetitions, wall)
        push, read = _redis_work(store, effort)
        return (
            bench.figure("push", _PUSH, effort.lists, push),
            bench.figure("read", _READ, effort.reads, read),
            *_plain_writes(bench, store, effort),
        )


def _redis_work(store: RedisStore, effort: Effort) -> tuple[Callable[[int], object], Callable[[int], object]]:
    """A push of one post to every list, and as many single reads as a repetition has."""
    owners = np.arange(effort.lists, dtype=np.int32)
    readers = [owners[i % effort.lists :][:1] for i in range(effort.reads)]
    top = np.array([NO_LIST], np.int32)

    def read(_: int) -> None:
        for reader in readers:
            store.read(reader, _PAGE, top)

    return (lambda number: store.push(owners, np.full(effort.lists, effort.cap + number, np.int32))), read


def _plain_writes(bench: _Bench, store: RedisStore, effort: Effort) -> tuple[Figure, Figure]:
    """Last, for these leave lists longer than they may be."""
    above = effort.cap + 10 * effort.repetitions
    few = np.arange(min(effort.lists, 200), dtype=np.int32)
    many = np.arange(effort.lists, dtype=np.int32)
    return (
        bench.figure(
            "write, alone", "one ZADD, waiting for each answer", len(few),
            lambda number: write_each(store, few, above + 2 * number),
        ),
        bench.figure(
            "write, pipelined", f"one ZADD of {len(many)} in a pipeline", len(many),
            lambda number: write_pipelined(store, many, above + 2 * number + 1),
        ),
    )  # fmt: skip


def _measure_ring(effort: Effort, wall: WallClock) -> tuple[Figure, ...]:
    rng = np.random.default_rng(7)
    users, posts = effort.ring_lists, effort.ring_posts
    owners = np.concatenate([rng.permutation(users).astype(np.int32) for _ in range(posts)])
    readers, top = owners[:users], np.full(users, NO_LIST, np.int32)
    of_post = np.repeat(np.arange(posts, dtype=np.int32), users)
    bench = _Bench("numpy ring", effort.repetitions, wall)
    with _full("ring", users, effort.cap) as store:
        how = f"one copy into full lists, {posts} posts to {users} lists in one call"
        return (
            bench.figure(
                "push", how, len(owners),
                lambda number: store.push(owners, of_post + np.int32(effort.cap + posts * number)),
            ),
            bench.figure(
                "read", f"one page of {_PAGE}, {users} lists in one call", users,
                lambda _: store.read(readers, _PAGE, top),
            ),
        )  # fmt: skip


@contextmanager
def _full(backend: str, users: int, cap: int, url: str | None = None) -> Iterator[TimelineStore]:
    """A store in which everybody has a full list; emptied at the end."""
    store = make_store(backend, users, cap, url)
    rows: I32 = np.tile(np.arange(cap, dtype=np.int32), users)
    try:
        store.load(Ragged(rows, np.arange(users + 1, dtype=np.int64) * cap), np.zeros(users, np.int32))
        yield store
    finally:
        store.clear()


def _measure_journal(folder: Path, effort: Effort, wall: WallClock) -> Figure:
    bench = _Bench("SQLite journal", effort.repetitions, wall)
    origin = Origin(config={}, generator="calibrate")
    with Journal.open(folder / "journal.sqlite", create=True, origin=origin) as journal:
        how = "one action committed (WAL, synchronous=FULL)"
        return bench.figure("commit", how, 1, lambda number: journal.append_action(number, Posted(1, _TEXT)))


def _measure_duckdb(folder: Path, effort: Effort, wall: WallClock) -> Figure:
    bench = _Bench("DuckDB", effort.repetitions, wall)
    with duckdb.connect(str(folder / "rows.duckdb")) as connection:
        connection.execute("CREATE TABLE entries (seq BIGINT PRIMARY KEY, at_ns BIGINT, kind VARCHAR, body VARCHAR)")

        def commit(number: int) -> None:
            connection.execute("INSERT INTO entries VALUES (?, ?, ?, ?)", [number, number, Posted.kind, _TEXT])

        return bench.figure("commit", "one row committed, the alternative to the journal", 1, commit)


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    try:
        scratch = TemporaryDirectory(dir=folder, prefix="calibrate-")
    except OSError as error:
        raise MurmurationError(
            f"{folder}: cannot be written, so no commit can be measured: {error.strerror}."
        ) from error
    with scratch as name:
        yield Path(name)


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or platform.machine())


def _simd() -> str:
    """What numpy uses of this processor, widest last."""
    shown: Any = np.show_config(mode="dicts")
    extensions = shown.get("SIMD Extensions", {})
    return " ".join([*extensions.get("baseline", []), *extensions.get("found", [])])


def _rounded(price_us: float) -> float:
    """Four figures: more would be noise."""
    return float(f"{price_us:.4g}")


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 1_000 else f"{number:.3g}"
