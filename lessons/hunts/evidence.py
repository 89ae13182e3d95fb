"""What may be looked at in a hunt: charts beside the healthy run's, figures, the audit, requests, and single lists.

All of it comes from the engine's own facilities, read off the planted world at rest; nothing here knows the defect.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from engine.clock import NS_PER_S
from engine.domain import NO_LIST, Kind, Op
from engine.errors import InvalidInput
from engine.experiments.run import record
from engine.experiments.stories.audit_view import ListBeside, beside
from engine.observe import words
from engine.observe.metric import Metric
from engine.world import World
from lessons.hunts.acts import Seen
from lessons.hunts.figures import FIGURES, Figure
from lessons.hunts.hunt import Hunt
from lessons.hunts.play import SEED, Played, Told, play

_LISTS = 3
"""Lists that are shown."""
_ROWS = 12
_TRACES = 8
_PAGES = 4
_AUDITED = ("missing", "duplicate", "foreign", "out_of_order")
_KINDS = {Kind.POST: "post", Kind.REPLY: "reply", Kind.REPOST: "repost"}


@dataclass(frozen=True)
class Chart:
    """One metric over time, of both runs. Values are None where nothing was measured."""

    metric: str
    label: str
    unit: str
    text: str
    seconds: tuple[float, ...]
    """Ends of half seconds, virtual."""
    here: tuple[float | None, ...]
    healthy: tuple[float | None, ...]


@dataclass(frozen=True)
class Line:
    """One figure of both runs."""

    name: str
    label: str
    unit: str
    text: str
    here: float | None
    healthy: float | None


@dataclass(frozen=True)
class Entry:
    """One place of a list: what stands there, and what should."""

    place: int
    stored: str
    should_be: str
    differs: bool
    written_s: float
    """Virtual second in which the post was accepted; negative: before the world was opened."""
    kind: str
    follows: str
    """Whether the list's owner follows its author, and since or until when, if that changed."""


@dataclass(frozen=True)
class ListLook:
    """One person, their stored list, and what it should be."""

    user: int
    name: str
    sentence: str
    facts: Mapping[str, str]
    entries: tuple[Entry, ...]
    """Around the first place that differs; from the top where none does."""
    whys: tuple[str, ...]
    """What the engine's records say of posts that are missing or should not be there."""


@dataclass(frozen=True)
class PageSeen:
    """A page of home as somebody was shown it, newest first."""

    at_s: float
    user: int
    number: int
    """1 for the top."""
    posts: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """Everything about one hunt that may be looked at; plain data."""

    hunt: str
    seed: int
    digest: str
    charts: tuple[Chart, ...]
    figures: tuple[Line, ...]
    audit: Mapping[str, tuple[int, int]]
    """Wrong entries by kind: (here, healthy)."""
    lists: tuple[ListLook, ...]
    traces: tuple[Mapping[str, Any], ...] = field(default=())
    """Requests of people, the oldest first, as the engine keeps them."""
    pages: tuple[PageSeen, ...] = ()
    """What the first of these people was shown, the oldest first."""

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def investigate(hunt: Hunt, seed: int = SEED, told: Told | None = None) -> Evidence:
    """Run a hunt with and without its defect, and gather what there is to see.

    Raises:
        InvalidKnob: a seed out of bounds.
    """
    recording = record(hunt.request(seed))
    here = play(hunt, True, seed, recording, None if told is None else lambda share: told(0.6 * share))
    healthy = play(hunt, False, seed, recording, None if told is None else lambda share: told(0.6 + 0.3 * share))
    evidence = gathered(here, healthy)
    for played in (here, healthy):
        played.world.close()
    return evidence


def gathered(here: Played, healthy: Played) -> Evidence:
    """What there is to see of two runs. The first one's world goes on for a moment: somebody opens home in it."""
    audit = {name: (int(here.audit[name]), int(healthy.audit[name])) for name in _AUDITED}
    figures = tuple(_line(figure, here, healthy) for figure in FIGURES.values() if _shown(figure, here.hunt))
    charts = tuple(_chart(metric, here, healthy) for metric in here.hunt.watch)
    users = _worth_a_look(here, any(wrong for wrong, _ in audit.values()))
    lists = tuple(_look(here, user) for user in users)
    traces = _traces(here, users[0])
    pages = tuple(_page(here, seen) for seen in here.cast.pages if seen.user == users[0])[:_PAGES]
    seed = here.request.config.seed
    return Evidence(here.hunt.name, seed, here.digest, charts, figures, audit, lists, traces, pages)


def _shown(figure: Figure, hunt: Hunt) -> bool:
    """Figures of what people counted by hand are there where they counted it."""
    return not figure.of_acts or figure.name == hunt.figure


def _line(figure: Figure, here: Played, healthy: Played) -> Line:
    return Line(figure.name, figure.label, figure.unit, figure.text, figure.measure(here), figure.measure(healthy))


def _chart(metric: Metric, here: Played, healthy: Played) -> Chart:
    ends, values = here.series(metric)
    others = healthy.series(metric)[1]
    count = min(len(values), len(others))
    return Chart(
        str(metric), metric.label, metric.unit, metric.text, tuple(ends[:count].tolist()),
        _plain(values[:count].tolist()), _plain(others[:count].tolist()),
    )  # fmt: skip


def _plain(values: list[float]) -> tuple[float | None, ...]:
    return tuple(None if value != value else value for value in values)


# Whose list


def _worth_a_look(played: Played, wrong: bool) -> list[int]:
    """Up to three people: to whom it happened, or whose lists are wrong, or longest, or not there."""
    if played.cast.user is not None:
        return [played.cast.user, *played.cast.involved][:_LISTS]
    world = played.world
    everybody = np.arange(world.tables.graph.n, dtype=np.int32)
    if wrong:
        found = (user for user in range(world.tables.graph.n) if not beside(world, user).right)
        some = [user for _, user in zip(range(_LISTS), found, strict=False)]
        if some:
            return some
    if (world.tables.lists.horizons(everybody) == NO_LIST).any():
        readers = np.flatnonzero((world.tables.lists.horizons(everybody) == NO_LIST) & (world.reads.last_ns > 0))
        return [int(user) for user in readers[:_LISTS]] or [0]
    longest = np.argsort(-world.tables.lists.entries(everybody).lengths(), kind="stable")
    return [int(user) for user in longest[:_LISTS]]


def _look(played: Played, user: int) -> ListLook:
    world = played.world
    found, card = beside(world, user), world.person(user)
    changes = _changes(played, user)
    held = world.tables.lists.stored(user)
    facts = {
        "Stored entries": words.count(len(found.stored)) if found.held else "no list",
        "Cap": words.count(card.cap),
        "Complete from": f"post {held.horizon:,}" if found.held else "–",
        "Follows": words.count(card.followees),
        "Followers": words.count(card.followers),
        "Last opened home": "never" if card.last_read_ns is None else f"{card.last_read_ns / NS_PER_S:.1f} s",
    }
    wrong = [*found.missing[:2], *found.foreign[:2]]
    if played.cast.row is not None and user == played.cast.user:
        wrong.insert(0, played.cast.row)
    return ListLook(
        user, card.name, _sentence(found), facts, tuple(_entries(world, found, changes)),
        tuple(_why(world, user, row) for row in dict.fromkeys(wrong)),
    )  # fmt: skip


def _sentence(found: ListBeside) -> str:
    if not found.held:
        return "There is no stored list: every page is pulled from the authors."
    if found.right:
        return f"{len(found.stored):,} entries: the list holds just what it should, in the right order."
    twice = len(found.stored) - len(set(found.stored))
    parts = {"missing": len(found.missing), "that do not belong there": len(found.foreign), "twice": twice}
    told = ", ".join(f"{count:,} {what}" for what, count in parts.items() if count)
    return f"{len(found.stored):,} entries; {told or 'all there, but not in the right order'}."


def _entries(world: World, found: ListBeside, changes: Mapping[int, str]) -> Iterator[Entry]:
    """The list beside what it should be, row by row of the union, so that one missing entry does not shift the rest."""
    stored, should = list(found.stored), list(found.should_be)
    if sorted(set(stored), reverse=True) == stored:  # strictly in order: line equal posts up
        rows = sorted(set(stored) | set(should), reverse=True)
        held, due = set(stored), set(should)
        pairs = [(row if row in held else None, row if row in due else None) for row in rows]
    else:
        long = max(len(stored), len(should))
        pairs = [(_at(stored, place), _at(should, place)) for place in range(long)]
    first = next((place for place, (left, right) in enumerate(pairs) if left != right), 0)
    begin = max(0, first - _ROWS // 4)
    for place, (left, right) in enumerate(pairs[begin : begin + _ROWS], begin + 1):
        row = left if left is not None else right
        assert row is not None
        author = int(world.tables.posts.author[row])
        yield Entry(
            place, _post(world, left), _post(world, right), left != right,
            round(float(world.tables.posts.accepted_ns[row]) / NS_PER_S, 2),
            _KINDS[Kind(int(world.tables.posts.kind[row]))], _follows(world, found.user, author, changes),
        )  # fmt: skip


def _at(rows: list[int], place: int) -> int | None:
    return rows[place] if place < len(rows) else None


def _post(world: World, row: int | None) -> str:
    if row is None:
        return "–"
    return f"post {row:,} by {world.population.name(int(world.tables.posts.author[row]))}"


def _follows(world: World, user: int, author: int, changes: Mapping[int, str]) -> str:
    if user == author:
        return "own"
    does = bool(world.tables.graph.follows([user], [author])[0])
    when = changes.get(author)
    return ("yes" if does else "no") + (f", {'since' if does else 'not since'} {when}" if when else "")


def _changes(played: Played, user: int) -> dict[int, str]:
    """When the load made or ended a follow of this person last, by whom they follow."""
    arrivals = played.world.load.between(0, played.hunt.seconds * NS_PER_S)
    mine = (arrivals.actor == user) & ((arrivals.op == int(Op.FOLLOW)) | (arrivals.op == int(Op.UNFOLLOW)))
    pairs = zip(arrivals.target[mine].tolist(), arrivals.at_ns[mine].tolist(), strict=True)
    return {int(target): f"{at_ns / NS_PER_S:.1f} s" for target, at_ns in pairs}


def _why(world: World, user: int, row: int) -> str:
    try:
        return f"Post {row:,}: {world.why(user, row).line}"
    except InvalidInput as unknown:
        return f"Post {row:,}: {unknown}"


# Requests


def _page(played: Played, seen: Seen) -> PageSeen:
    posts, name = played.world.tables.posts, played.world.population.name

    def told(row: int) -> str:
        root = int(posts.identity[row])
        passed_on = f" passes on {root:,} by {name(int(posts.author[root]))}" if root != row else ""
        return f"{row:,} by {name(int(posts.author[row]))}{passed_on}"

    return PageSeen(seen.at_s, seen.user, seen.number, tuple(map(told, seen.rows)))


def _traces(played: Played, user: int) -> tuple[Mapping[str, Any], ...]:
    """What these people asked for, the oldest first; where nobody did, one of them opens home now."""
    cast = played.cast
    wanted = {user, *cast.involved}
    mine = [trace for trace in cast.requests.traces(limit=400) if trace.user in wanted][:_TRACES]
    if not mine:
        cast.home(user)
        played.world.step(NS_PER_S)
        mine = cast.requests.traces(limit=1)
    return tuple(trace.to_json() for trace in reversed(mine))
