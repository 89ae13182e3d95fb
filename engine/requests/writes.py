"""The hops of what a person does: the rules, the journal, and what follows from it."""

import numpy as np

from engine.domain import NO_LIST
from engine.journal.journal import Journal
from engine.observe import words
from engine.observe.life import Life, life
from engine.observe.trace import Hop, State
from engine.world import World


def checked(facts: str) -> Hop:
    """The rules let it pass."""
    return Hop("guard", "Rules", facts, kind="real")


def journalled(journal: Journal) -> Hop:
    """The last entry is where the journal keeps it; the time is the wall's."""
    where = "on disk" if journal.on_disk else "in memory"
    facts = f"entry {journal.last_seq}, {where} before the answer"
    return Hop("journal", "Journal", facts, service_ns=round(journal.commit_s * 1e9), kind="real")


def unchanged(why: str) -> Hop:
    """There was nothing to do."""
    return Hop("accept", "Database", why, kind="real")


# Posts


def fan_out(world: World, row: int) -> tuple[str, list[Hop]]:
    """(summary, hops) of a post from its acceptance to the last reader's list, as far as it has come."""
    told = life(world, row)
    index = f"row {row}, id {told.id}, in the author index and in your own list"
    first = [Hop("accept", "Database", index, kind="real"), Hop("plan", "Plan", told.reason, kind="real")]
    if told.planned is None or not told.chunks:
        return _pulled(told), [*first, *(Hop(hop, label, "no copies", state="skipped") for hop, label in _COPYING)]
    return _pushed(told), [*first, _queue(told), _workers(told), _shards(told)]


_COPYING = (("queue", "Broker"), ("worker", "Workers"), ("shard", "Timeline shards"))


def _copies(told: Life) -> int:
    return sum(chunk.copies for chunk in told.chunks)


def _pulled(told: Life) -> str:
    followers = told.planned.followers if told.planned else 0
    if followers == 0:
        return "Nobody follows you yet, so nothing is copied."
    fetch = "follower fetches" if followers == 1 else "followers fetch"
    return f"No copies: your {words.count(followers)} {fetch} it when they open home."


def _pushed(told: Life) -> str:
    copies, waiting, dead = _copies(told), told.counts["waiting"], told.counts["dead"]
    chunks = f"{words.count(len(told.chunks))} {'chunk' if len(told.chunks) == 1 else 'chunks'}"
    made = f"{words.count(copies)} {'copy' if copies == 1 else 'copies'} in {chunks}"
    lost = f"; {words.count(dead)} given up, their readers fetch it" if dead else ""
    if waiting:
        here = sum(chunk.received for chunk in told.chunks)
        return f"{made}: {words.count(here)} readable, {words.count(waiting)} waiting{lost}."
    last = max((chunk.last_ns for chunk in told.chunks if chunk.last_ns is not None), default=told.accepted_ns)
    return f"{made}, the last readable after {_span(last - told.accepted_ns)}{lost}."


def _queue(told: Life) -> Hop:
    """From the plan until a worker has taken the last chunk."""
    taken_ns = [chunk.attempts[0].polled_ns for chunk in told.chunks if chunk.attempts]
    waiting = len(told.chunks) - len(taken_ns)
    lanes: dict[str, int] = {}
    for chunk in told.chunks:
        lanes[chunk.lane] = lanes.get(chunk.lane, 0) + 1
    split = ", ".join(f"{count} in lane {lane}" for lane, count in lanes.items())
    taken = f"{words.count(waiting)} not taken yet" if waiting else "all taken"
    facts = f"{words.count(len(told.chunks))} {'chunk' if len(told.chunks) == 1 else 'chunks'} ({split}); {taken}"
    end = None if waiting else max(taken_ns) - told.accepted_ns
    return Hop(
        "queue",
        "Broker",
        facts,
        0,
        end,
        end,
        0 if end is not None else None,
        _state(taken_ns, waiting == 0),
        "measured",
    )


def _workers(told: Life) -> Hop:
    """From the first poll until the last batch has ended; what the broker hands out a second time does not count."""
    attempts = [attempt for chunk in told.chunks for attempt in chunk.attempts if not attempt.duplicate]
    if not attempts:
        return Hop("worker", "Workers", "no worker has taken a chunk yet", state="waiting")
    begun = min(attempt.polled_ns for attempt in attempts) - told.accepted_ns
    over = all(chunk.state in ("written", "dead") for chunk in told.chunks)
    crashed = sum(attempt.outcome in ("failed", "dead") for attempt in attempts)
    workers = len({attempt.worker for attempt in attempts})
    tries = f"{words.count(len(attempts))} {'attempt' if len(attempts) == 1 else 'attempts'}"
    facts = f"{tries} by {workers} {'worker' if workers == 1 else 'workers'}"
    if crashed:
        facts += f", {words.count(crashed)} crashed"
    end = max(attempt.done_ns for attempt in attempts) - told.accepted_ns if over else None
    return Hop("worker", "Workers", facts, begun, end, None, None, "done" if over else "running", "measured")


def _shards(told: Life) -> Hop:
    """From the first batch's end until the last copy is readable."""
    ends = [a.done_ns for chunk in told.chunks for a in chunk.attempts if a.outcome == "written"]
    readable_ns = [chunk.last_ns for chunk in told.chunks if chunk.last_ns is not None]
    received, waiting = sum(chunk.received for chunk in told.chunks), told.counts["waiting"]
    if not ends:
        return Hop("shard", "Timeline shards", "no copy has arrived yet", state="waiting" if waiting else "skipped")
    lag = told.lag_ns
    facts = f"{words.count(received)} of {words.count(_copies(told))} readable"
    if lag:
        facts += f"; half within {_span(lag['p50'])}"
    begun = min(ends) - told.accepted_ns
    end = None if waiting or not readable_ns else max(readable_ns) - told.accepted_ns
    return Hop(
        "shard", "Timeline shards", facts, begun, end, None, None, "done" if not waiting else "running", "measured"
    )


def _state(begun: list[int], over: bool) -> State:
    return "done" if over else "running" if begun else "waiting"


def _span(ns: int) -> str:
    return words.millis(ns / 1e6) if ns < 1_000_000_000 else words.seconds(ns / 1e9)


# Graph and flags


def followed(world: World, user: int, other: int, before: int | None) -> list[Hop]:
    """The edge, and what entered the follower's list; `before`: its size then, None without one."""
    name = world.population.name(other)
    edge = Hop("graph", "Follow graph", f"you follow {name}; {_followers(world, other)}", kind="real")
    held = list_size(world, user)
    if before is None or held is None:
        return [edge, Hop("back-fill", "Back-fill", "you have no stored list to fill", state="skipped")]
    return [edge, Hop("back-fill", "Back-fill", f"your list went from {before:,} to {held:,} entries", kind="real")]


def unfollowed(world: World, user: int, other: int, before: int | None) -> list[Hop]:
    """The edge, and what left the list."""
    name = world.population.name(other)
    edge = Hop("graph", "Follow graph", f"you no longer follow {name}; {_followers(world, other)}", kind="real")
    held = list_size(world, user)
    if before is None or held is None:
        return [edge, Hop("sweep", "Sweep", "you have no stored list to sweep", state="skipped")]
    return [edge, Hop("sweep", "Sweep", f"{_entries(before - held)} of theirs left your list", kind="real")]


def judged(label: str, facts: str) -> list[Hop]:
    """A flag or a relation changed; lists stay as they are, and pages are judged when they are made."""
    return [
        Hop("accept", "Database", label, kind="real"),
        Hop("judge", "Lists", facts, kind="real"),
    ]


def list_size(world: World, user: int) -> int | None:
    """Entries of a stored list; None without one."""
    lists, one = world.tables.lists, np.array([user], np.int32)
    return None if lists.horizons(one)[0] == NO_LIST else int(lists.sizes(one)[0])


def _entries(count: int) -> str:
    return f"{words.count(count)} {'entry' if count == 1 else 'entries'}"


def _followers(world: World, other: int) -> str:
    count = int(world.tables.graph.follower_counts[other])
    return f"they have {words.count(count)} {'follower' if count == 1 else 'followers'} now"
