"""The hops of a page: from the gateway to its bodies, as the stations serve it."""

import numpy as np

from engine.observe.trace import Hop, State
from engine.read_path.serve import ReadBill, Visit, Watched
from engine.reader import Reading
from engine.world import World

_HOPS = {
    "gateway": ("gateway", "Gateway"),
    "timeline shards": ("list", "Home list"),
    "author index": ("pull", "Author index"),
    "post cache": ("hydrate", "Post cache"),
    "replicas": ("database", "Database replica"),
}
"""Station -> hop and label, in the order in which a read passes them."""
_ON_THE_WAY: tuple[State, ...] = ("waiting", "running")


def facts_of(world: World, user: int, reading: Reading, bill: ReadBill) -> dict[str, str]:
    """What each station did for a page, in words; an empty one was not needed."""
    held = bill.bodies - bill.missing
    facts = {
        "gateway": "your request, in its line of the front door",
        "timeline shards": "",
        "author index": f"{_count(bill.asked, 'author')} asked" if bill.asked else "",
        "post cache": f"{_count(bill.bodies, 'body', 'bodies')} asked, {_count(held, 'hit')}",
        "replicas": f"{_count(bill.missing, 'body', 'bodies')} missed the cache" if bill.missing else "",
    }
    if bill.hit is None:
        facts["author index"] = f"{_count(bill.touched, 'row')} of one index"
    elif bill.asked:
        facts["author index"] += f", {_count(bill.touched, 'row')} touched in all"
    if reading.stale:
        facts["timeline shards"] = "its shard is down: the page seen last is shown again"
    elif bill.hit is not None:
        stored = int(world.tables.lists.sizes(np.array([user], np.int32))[0])
        facts["timeline shards"] = (
            f"hit: the page lies within a list of {_count(stored, 'entry', 'entries')}"
            if bill.hit
            else "miss: no list reaches as far, so everybody they follow is asked"
        )
    return facts


def hops(facts: dict[str, str], reading: Reading, watched: Watched, at_ns: int, now_ns: int) -> list[Hop]:
    """As far as the page has come."""
    visits = {visit.station: visit for visit in watched.visits}
    answered = watched.answered_ns is not None and watched.answered_ns <= now_ns
    made = [
        _hop(station, facts[station], visits.get(station), answered, at_ns, now_ns)
        for station in _HOPS
        if facts[station] or station in visits or station == "replicas"
    ]
    shown = len(reading.rows)
    judged = f"{_count(shown, 'post')} shown, {_count(reading.dropped, 'row')} hidden or repeated"
    return [*made, Hop("filter", "Filter and page", judged, kind="real")]


def _hop(station: str, facts: str, visit: Visit | None, answered: bool, at_ns: int, now_ns: int) -> Hop:
    hop, label = _HOPS[station]
    if not facts:
        return Hop(hop, label, "not needed", state="skipped")
    if visit is None:
        return Hop(hop, label, facts, state="skipped" if answered else "waiting")
    wait_ns = visit.done_ns - visit.service_ns - visit.at_ns
    ended, begun = visit.done_ns <= now_ns, visit.done_ns - visit.service_ns <= now_ns
    return Hop(
        hop,
        label,
        facts,
        start_ns=visit.at_ns - at_ns,
        end_ns=visit.done_ns - at_ns if ended else None,
        wait_ns=wait_ns if begun else None,
        service_ns=visit.service_ns if ended else None,
        state="done" if ended else _ON_THE_WAY[begun],
    )


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n:,} {one if n == 1 else many or one + 's'}"
