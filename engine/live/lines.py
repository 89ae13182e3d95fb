"""The canvas in words: text line, caption, table and card. Everything is counted over all people, never over dots."""

from itertools import pairwise
from typing import Any

import numpy as np

from engine.clock import NS_PER_S
from engine.domain import I32
from engine.live.dots import BAND_NAMES, Bands
from engine.live.pulse import pulled_authors
from engine.live.series import WINDOW_S
from engine.observe import words
from engine.observe.derived import AUTHORS_PER_READ, ROWS_PER_READ
from engine.observe.inspect import PersonCard, Recipients, RecipientStatus
from engine.observe.metrics import Metric
from engine.world import World
from engine.write_path.strategies.adaptive import Adaptive
from engine.write_path.strategies.delayed import Delayed
from engine.write_path.strategies.hybrid import Hybrid
from engine.write_path.strategies.lossy import Lossy
from engine.write_path.strategies.per_edge import PerEdge
from engine.write_path.strategies.push_active import PushActive

Table = list[list[Any]]
"""Rows of [label, count]."""

_STATUS_LABELS = {
    RecipientStatus.WAITING: "Waiting for their copy",
    RecipientStatus.RECEIVED: "Received",
    RecipientStatus.DEAD: "Given up; only by pull",
    RecipientStatus.PULLED: "To be fetched, home not opened yet",
    RecipientStatus.OPENED: "Opened home and saw it",
    RecipientStatus.DROPPED: "Dropped on purpose; never shown",
}


def behind_line(late: int, users: int, slo_s: float, furthest: str, burst: str) -> str:
    """'1,214 of 2,000 people are more than 5 s behind; furthest 7.1 s; ...'; `burst` may be empty."""
    parts = [
        f"{words.count(late)} of {words.count(users)} people are more than {words.exactly(slo_s)} s behind",
        f"furthest {furthest}",
        burst,
    ]
    return "; ".join(part for part in parts if part) + "."


def burst_part(name: str, delivered: int, copies: int) -> str:
    """'9,850 of 12,000 copies of Nova's posts delivered'."""
    return f"{words.count(delivered)} of {words.count(copies)} copies of {name}'s posts delivered"


def post_line(name: str, age_s: float, recipients: Recipients) -> str:
    """What has become of one post."""
    tally = status_counts(recipients)
    waiting = tally[RecipientStatus.WAITING]
    delivered, copies = tally[RecipientStatus.RECEIVED], waiting + tally[RecipientStatus.RECEIVED]
    copies += tally[RecipientStatus.DEAD]
    dropped = tally[RecipientStatus.DROPPED]
    fetchers = len(recipients.users) - copies - dropped
    said = [f"{words.count(delivered)} of {words.count(copies)} copies delivered"] if copies else []
    if waiting:
        oldest_ns = int(recipients.lag_ns[recipients.status == RecipientStatus.WAITING].max())
        said.append(f"the others wait for {words.seconds(oldest_ns / NS_PER_S)}")
    if fetchers:
        opened = words.count(tally[RecipientStatus.OPENED])
        said.append(f"{opened} of {words.count(fetchers)} people who fetch it have opened home")
    if dropped:
        said.append(f"{words.count(dropped)} dropped on purpose")
    return f"{name}'s post, {words.seconds(age_s)} ago: {'; '.join(said) or 'nobody follows its author'}."


def reading_line(world: World) -> str:
    """What home pages cost of late."""
    reads = world.metrics.count_in(Metric.READS, world.now_ns, WINDOW_S)
    rows = ROWS_PER_READ.value(world.metrics, world.now_ns, WINDOW_S)
    authors = AUTHORS_PER_READ.value(world.metrics, world.now_ns, WINDOW_S)
    if rows is None or authors is None:
        return f"Nobody opened home in the last {WINDOW_S:.0f} s."
    return (
        f"Last {WINDOW_S:.0f} s: {words.count(reads)} home pages; each touched {words.number(rows)} rows "
        f"and asked {words.number(authors)} authors."
    )


def behind_table(counts: dict[str, int], bands: Bands) -> Table:
    """The four bands with their bounds."""
    edges = [words.exactly(ns / NS_PER_S) for ns in bands.edges_ns.tolist()]
    labels = [
        f"Under {edges[0]} s behind",
        f"{edges[0]} to {edges[1]} s behind",
        f"{edges[1]} to {edges[2]} s behind",
        f"{edges[2]} s or more behind",
    ]
    return [[label, counts[name]] for label, name in zip(labels, BAND_NAMES, strict=True)]


def status_counts(recipients: Recipients) -> dict[RecipientStatus, int]:
    """How many followers are in each status."""
    tally = np.bincount(recipients.status, minlength=len(RecipientStatus)).tolist()
    return {status: tally[status] for status in RecipientStatus}


def post_table(users: int, recipients: Recipients) -> Table:
    """Followers by status, and who does not follow."""
    counts = status_counts(recipients)
    if not counts[RecipientStatus.DROPPED]:
        del counts[RecipientStatus.DROPPED]
    rows: Table = [[_STATUS_LABELS[status], people] for status, people in counts.items()]
    return [*rows, ["Do not follow the author", users - len(recipients.users)]]


def reading_table(rows: I32) -> Table:
    """People by what their last home read touched."""
    read = rows[rows >= 0]
    edges = [0, 16, 64, 256, 1024]
    tally = np.histogram(read, [*edges, np.inf])[0].tolist()
    labels = [f"{low:,} to {high - 1:,} rows" for low, high in pairwise(edges)]
    labels.append(f"{edges[-1]:,} rows or more")
    table: Table = [[label, people] for label, people in zip(labels, tally, strict=True)]
    return [["Have not opened home", len(rows) - len(read)], *table]


def fetch_caption(world: World) -> str:
    """Under pull and hybrid nobody waits, and the readers pay: said, or it looks broken."""
    pulled = pulled_authors(world)
    if not pulled:
        return ""
    asked = AUTHORS_PER_READ.value(world.metrics, world.now_ns, WINDOW_S)
    whom = "Nobody waits" if pulled == "anything" else f"Nobody waits for {pulled}"
    bill = "" if asked is None else f" Last {WINDOW_S:.0f} s: {words.number(asked)} authors asked per read."
    return f"{whom}: readers fetch.{bill}"


def pooled_caption(speed: int, achieved: float, frame_s: float) -> str:
    """Above 10x a frame covers many states."""
    name = f"{speed}x" if speed else "Max"
    covered = words.seconds(max((speed or achieved) * frame_s, frame_s))
    return f"{name}: one frame is {'' if speed else 'about '}{covered}; showing the worst of each."


def sampled_caption(people_per_dot: int) -> str:
    """Where there are more people than dots."""
    if people_per_dot == 1:
        return ""
    return f"1 dot for {words.count(people_per_dot)} people; counts are for all."


def person_line(card: PersonCard, now_ns: int) -> str:
    """The card: who this is, how far behind and why, their list, their last visit."""
    idols = f" ({' and '.join(card.follows_largest[:2])} among them)" if card.follows_largest else ""
    said = [f"@{card.name}, {_many(card.followers, 'follower')}, follows {words.count(card.followees)}{idols}."]
    if card.waiting:
        posts = sum(number for _, number in card.waiting)
        names = ", ".join(f"{number} by {author}" for author, number in card.waiting[:3])
        more = ", ..." if len(card.waiting) > 3 else ""
        behind = words.seconds(card.behind_ns / NS_PER_S)
        said.append(f"{behind} behind: {_many(posts, 'post')} on the way ({names}{more}).")
    else:
        said.append("Nothing is on the way to them.")
    size = card.list_size
    said.append("No stored list." if size is None else f"List {words.count(size)} of {words.count(card.cap)}.")
    last_ns = card.last_read_ns
    ago = "" if last_ns is None else words.seconds(max(now_ns - last_ns, 0) / NS_PER_S)
    said.append(f"Opened home {ago} ago." if ago else "Has not opened home yet.")
    return " ".join(said)


def audience_line(world: World, followers: int, pushed: bool) -> str:
    """What the strategy makes of an author with so many followers, whose next post is `pushed` or is not."""
    whom = _many(followers, "follower")
    match world.strategy:
        case Delayed(threshold=threshold, later_ns=later_ns) if not pushed:
            after = words.seconds(later_ns / NS_PER_S)
            line = words.count(threshold)
            return f"{whom}: not under the threshold of {line}, so readers fetch these posts for {after}."
        case Adaptive() as strategy:
            side, then = (
                ("under", "each post is copied into their lists") if pushed else ("not under", "readers fetch them")
            )
            return (
                f"{whom}: {side} the line of {words.count(round(strategy.line))} that the queue draws now, so {then}."
            )
        case PerEdge() if pushed:
            return f"{whom}: each post is copied into the lists of those who look more often than it is worth fetching."
        case Lossy(reasonable_follows=limit):
            most = words.count(limit)
            return f"{whom}: each post is copied into their lists; of those who follow over {most}, into some."
        case Hybrid(threshold=threshold) if pushed:
            return f"{whom}: under the threshold of {words.count(threshold)}, so each post is copied into their lists."
        case Hybrid(threshold=threshold):
            return f"{whom}: not under the threshold of {words.count(threshold)}, so readers fetch these posts."
        case PushActive(days=days):
            return f"{whom}: each post is copied into the lists of those seen within {words.exactly(days)} days."
    if pushed:
        return f"{whom}: each post is copied into their lists."
    return f"{whom}: no copies are made; they fetch these posts when they open home."


def _many(number: int, thing: str) -> str:
    return f"{words.count(number)} {thing}{'' if number == 1 else 's'}"
