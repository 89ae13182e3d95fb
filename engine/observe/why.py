"""Why somebody has not got a post, or when they did: one sentence, and the records that it was made from.

Everything said here is looked up in the world's state and logs; nothing is guessed but the estimate of a turn, and that
is called so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from engine.clock import NS_PER_S
from engine.domain import NO_LIST
from engine.observe import words
from engine.observe.case import Case, Facts, check_logged, clock, seconds, span
from engine.observe.job_log import LANES, Fate, chunk_of
from engine.queueing.hashing import shard_of
from engine.write_path.fanout import Stage, Whereabouts
from engine.write_path.strategies.hybrid import Hybrid
from engine.write_path.strategies.push_active import PushActive

if TYPE_CHECKING:
    from engine.world import World

CLOSE_WINDOW_S = 10
"""Over so long the close lane's share of the workers is taken, for the estimate of a turn in the lane behind it."""


class Cause(StrEnum):
    """Where the reason lies."""

    NOTHING = "nothing"
    NOT_FOLLOWER = "not_follower"
    OWN = "own"
    RECEIVED = "received"
    TRIMMED = "trimmed"
    """Older than their list reaches; pulled when they page down."""
    QUEUED = "queued"
    IN_BATCH = "in_batch"
    AT_SHARD = "at_shard"
    RETRY = "retry"
    """A worker crashed over it; its job is enqueued later, or waits again."""
    DEAD_LETTER = "dead_letter"
    KEPT_LIST = "kept_list"
    """They are served a page that was kept since before the post."""
    NO_LIST = "no_list"
    DROPPED = "dropped"
    """A lossy strategy did not make their copy, on purpose."""
    PULLED = "pulled"
    PULLED_AND_OPENED = "pulled_and_opened"
    LOST = "lost"
    """No record accounts for it: a fault of the engine."""


@dataclass(frozen=True)
class Why:
    """An answer."""

    user: int
    row: int | None
    cause: Cause
    line: str
    facts: Facts

    def to_json(self) -> Facts:
        """As the wire carries it."""
        return {"user": self.user, "post": self.row, "cause": str(self.cause), "line": self.line, "facts": self.facts}


class _Answer(NamedTuple):
    cause: Cause
    line: str
    facts: Facts


def why(world: "World", user: int, row: int | None = None) -> Why:
    """Why this person has not got the post, or when they did; without a row: the oldest that waits for them.

    Raises:
        InvalidInput: the world keeps no log of deliveries.
    """
    check_logged(world)
    row = _oldest_awaited(world, user) if row is None else row
    if row is None:
        return Why(user, None, Cause.NOTHING, f"Nothing waits for {world.population.name(user)}.", {})
    case = Case(world, user, row)
    answer = next(answer for ask in _QUESTIONS if (answer := ask(case)) is not None)
    there = answer.cause in (Cause.RECEIVED, Cause.OWN, Cause.PULLED_AND_OPENED)
    line = answer.line + ("" if answer.cause is Cause.NOT_FOLLOWER else case.unseen_line(there))
    return Why(user, row, answer.cause, line, {**case.facts(), **answer.facts})


def _oldest_awaited(world: "World", user: int) -> int | None:
    """The oldest post on its way to somebody that they have not; None if there is none."""
    owner, rows = world.fanout.outstanding()
    mine = np.unique(rows[owner == user])
    me = np.full(len(mine), user, np.int32)
    mine = mine[(mine >= world.tables.lists.horizons(me)) & world.tables.posts.pushed[mine]]
    if len(mine) == 0:
        return None
    me = me[: len(mine)]
    lacking = world.tables.graph.follows(me, world.tables.posts.author[mine]) & ~world.tables.lists.contains(me, mine)
    return int(mine[lacking.argmax()])  # the oldest of all if none is lacking: a copy that will be dropped


# The questions, in order: the first that has an answer is the cause


def _own(case: Case) -> _Answer | None:
    if case.user != case.author:
        return None
    line = f"It is {case.name}'s own post, in their own home since the instant it was accepted."
    return _Answer(Cause.OWN, line, {})


def _stranger(case: Case) -> _Answer | None:
    if case.follows:
        return None
    coming = any(place.first and place.stage is not Stage.DEAD for place in case.places)
    line = f"{case.name} does not follow {case.author_name}."
    if coming:
        line += " A copy is still on its way, from when they did, and will be dropped."
    return _Answer(Cause.NOT_FOLLOWER, line, {"copy_on_its_way": coming})


def _received(case: Case) -> _Answer | None:
    if case.delivered is None:
        return _listed(case) if case.held and not case.kept else None
    at_ns, lane = case.delivered
    lag_ns = at_ns - case.accepted_ns
    facts: Facts = {"received_at_s": seconds(at_ns), "lag_s": seconds(lag_ns)}
    said = f"It reached {case.name} at {clock(at_ns)}, {span(lag_ns)} after it was posted"
    wrote = case.log.of(case.row)
    mine = (wrote.lane == lane) & (wrote.first_owner <= case.user) & (case.user <= wrote.last_owner)
    wrote = wrote.take(mine & (wrote.fate == Fate.WRITTEN) & (wrote.done_ns <= at_ns))
    if wrote.size:
        key = int(wrote.key[0])
        said += f", in {case.chunk(key)} by worker {wrote.worker[0]}"
        facts |= {**case.chunk_facts(key), "worker": int(wrote.worker[0]), "attempt": int(wrote.attempt[0])}
    if case.held:
        return _Answer(Cause.RECEIVED, f"{said}.", facts)
    if case.row < case.horizon != NO_LIST and case.ready_ns is None and not case.kept:
        facts |= _reach(case)
        return _Answer(Cause.TRIMMED, f"{said}; newer entries have pushed it out of their list since.", facts)
    return _Answer(Cause.RECEIVED, f"{said}; that list is gone, and their pages are pulled now.", facts)


def _listed(case: Case) -> _Answer:
    """In the list, by no delivery that is recorded."""
    assert case.world.deliveries is not None
    if case.accepted_ns < 0:
        line = f"It was in {case.name}'s list when the world was opened."
    elif case.world.deliveries.remembers(case.accepted_ns):
        line = f"It is in {case.name}'s list without a delivery: it came when the list was filled, not by fan-out."
    else:
        line = f"It is in {case.name}'s list; when it came is no longer recorded."
    return _Answer(Cause.RECEIVED, line, {"received_at_s": None, "lag_s": None})


def _on_its_way(case: Case) -> _Answer | None:
    places = [place for place in case.places if place.first and place.stage is not Stage.DEAD]
    if not places or case.row < case.horizon or not case.world.tables.posts.pushed[case.row]:  # a late copy is pulled
        return None
    return _PLACES[places[0].stage](case, places[0])


def _queued(case: Case, place: Whereabouts) -> _Answer:
    turn = _turn(case, place)
    line = f"{case.chunk(place.key).capitalize()} {turn.where}; {turn.before}, {turn.when}."
    return _Answer(Cause.QUEUED, line, turn.facts)


class _Turn(NamedTuple):
    """A place in line, in words and numbers."""

    where: str
    """'waits behind 21,000 deliveries in lane rest of partition 3'"""
    before: str
    when: str
    facts: Facts


def _turn(case: Case, place: Whereabouts) -> _Turn:
    broker, (lane, _) = case.world.fanout.broker, chunk_of(place.key)
    turn = broker.turn(place.key, case.now_ns)
    assert turn is not None
    wait_ns = turn.polled_ns - case.now_ns
    share = _close_share(case) if lane else 0.0
    estimate_ns = None if share >= 1 else wait_ns / (1 - share) + turn.done_ns - turn.polled_ns
    facts = {
        **case.chunk_facts(place.key),
        "partition": turn.partition, "attempt": place.attempt, "queued_at_s": seconds(place.due_ns),
        "jobs_ahead": turn.jobs_ahead, "copies_ahead": turn.copies_ahead, "copies_before": turn.copies_before,
        "turn_in_s": seconds(wait_ns), "done_in_s": seconds(turn.done_ns - case.now_ns), "close_share": round(share, 3),
        "estimate_s": None if estimate_ns is None else seconds(estimate_ns),
    }  # fmt: skip
    where = f"in lane {LANES[lane]} of partition {turn.partition}"
    again = " again" if place.attempt > 1 else ""
    queue = f"behind {_deliveries(turn.copies_ahead)}" if turn.copies_ahead else "as the first"
    ahead = words.count(turn.copies_before)
    before = f"workers make {ahead} before it" if turn.copies_before else "none is made before it"
    when = "the close lane takes all workers" if estimate_ns is None else f"written in about {span(estimate_ns)}"
    return _Turn(f"waits{again} {queue} {where}", before, when, facts)


def _close_share(case: Case) -> float:
    """The share of the workers' time that the close lane's new jobs took lately: they go first."""
    since_ns = max(0, case.now_ns - CLOSE_WINDOW_S * NS_PER_S)
    if case.now_ns == since_ns:
        return 0.0
    first = int(case.world.tables.posts.mark(np.array([since_ns - 1]))[0])
    copies, jobs = case.log.planned_since(first, 0)
    return case.world.fanout.broker.share(copies, jobs, case.now_ns - since_ns)


def _again(case: Case, place: Whereabouts) -> _Answer:
    """A crash lies behind; the job waits for its back-off, or is in line again."""
    crash = case.log.attempts_at(place.key)
    crash = crash.take(crash.fate == Fate.FAILED)
    if crash.size == 0:
        held, facts = f"A worker that held {case.chunk(place.key)} crashed", case.chunk_facts(place.key)
    else:
        if crash.done_ns[-1] > case.now_ns:  # settled at its poll; at this instant the worker is still at it
            return _batch(case, place._replace(due_ns=int(crash.done_ns[-1])))
        at_ns, attempt = int(crash.done_ns[-1]), int(crash.attempt[-1])
        held = f"The worker that held {case.chunk(place.key)} crashed at {clock(at_ns)} (attempt {attempt})"
        facts = {
            **case.chunk_facts(place.key),
            "crashed_at_s": seconds(at_ns), "worker": int(crash.worker[-1]), "crashes": crash.size,
        }  # fmt: skip
    if place.stage is Stage.QUEUED:
        turn = _turn(case, place)
        line = f"{held}; it {turn.where}, {turn.when}."
        return _Answer(Cause.RETRY, line, {**facts, **turn.facts, "waits_again": True})
    again_ns = place.due_ns - case.now_ns
    facts |= {"attempt": place.attempt, "again_in_s": seconds(again_ns), "waits_again": False}
    soon = f"in {span(again_ns)}" if again_ns else "now"
    return _Answer(Cause.RETRY, f"{held}; the chunk is handed out again {soon}.", facts)


def _in_line(case: Case, place: Whereabouts) -> _Answer:
    return _queued(case, place) if place.attempt == 1 else _again(case, place)


def _batch(case: Case, place: Whereabouts) -> _Answer:
    facts = {**case.chunk_facts(place.key), "done_in_s": seconds(place.due_ns - case.now_ns)}
    tries = case.log.attempts_at(place.key)
    tries = tries.take(tries.done_ns == place.due_ns)
    done = f"done in {span(place.due_ns - case.now_ns)}"
    if tries.size == 0:
        return _Answer(Cause.IN_BATCH, f"A worker is writing {case.chunk(place.key)} now, {done}.", facts)
    worker = int(tries.worker[-1])
    copies = case.log.batch_copies(worker, int(tries.polled_ns[-1]))
    facts |= {"worker": worker, "batch_copies": copies, "attempt": int(tries.attempt[-1])}
    line = f"Worker {worker} is writing {case.chunk(place.key)} now: batch of {_copies(copies)}, {done}."
    return _Answer(Cause.IN_BATCH, line, facts)


def _at_shard(case: Case, place: Whereabouts) -> _Answer:
    shard = int(shard_of(np.array([case.user]), case.world.fanout.shards.servers)[0])
    wait_ns = place.due_ns - case.now_ns
    line = f"It waits in the line of timeline shard {shard}; readable in {span(wait_ns)}."
    return _Answer(
        Cause.AT_SHARD, line, {**case.chunk_facts(place.key), "shard": shard, "readable_in_s": seconds(wait_ns)}
    )


def _telling(case: Case, place: Whereabouts) -> _Answer:
    tries = case.log.attempts_at(place.key)
    if tries.size and tries.done_ns[-1] > case.now_ns:
        return _batch(case, place._replace(due_ns=int(tries.done_ns[-1])))
    return _given_up(case, place, f"readers are told to pull it at {clock(place.due_ns)}")


_PLACES: dict[Stage, Callable[[Case, Whereabouts], _Answer]] = {
    Stage.QUEUED: _in_line,
    Stage.AGAIN: _again,
    Stage.WRITING: _batch,
    Stage.AT_SHARD: _at_shard,
    Stage.TELLING: _telling,
}


def _dead(case: Case) -> _Answer | None:
    """In the dead letters, or handed out once more from there; readers pull it either way."""
    for place in case.places:
        if place.stage is Stage.DEAD:
            seen = "they have opened home since" if case.opened else "they have not opened home since"
            return _given_up(case, place, f"it is pulled, and {seen}")
        if not place.first and (case.log.attempts_at(place.key).fate == Fate.DEAD).any():
            return _given_up(case, place, "it was handed out once more, and is pulled until it comes")
    return None


def _given_up(case: Case, place: Whereabouts, then: str) -> _Answer:
    tries = case.log.attempts_at(place.key)
    tries = tries.take(tries.fate == Fate.DEAD)
    facts = {**case.chunk_facts(place.key), "redriven": place.stage not in (Stage.DEAD, Stage.TELLING)}
    if tries.size == 0:
        return _Answer(Cause.DEAD_LETTER, f"{case.chunk(place.key).capitalize()} was given up; {then}.", facts)
    at_ns, attempts = int(tries.done_ns[-1]), int(tries.attempt[-1])
    facts |= {"given_up_at_s": seconds(at_ns), "attempts": attempts}
    after = "1 attempt" if attempts == 1 else f"{attempts} attempts"
    line = f"{case.chunk(place.key).capitalize()} was given up at {clock(at_ns)} after {after}; {then}."
    return _Answer(Cause.DEAD_LETTER, line, facts)


def _kept(case: Case) -> _Answer | None:
    if not (case.kept_from_ns < case.accepted_ns and case.now_ns < case.kept_until_ns):
        return None
    age_ns, left_ns = case.now_ns - case.kept_from_ns, case.kept_until_ns - case.now_ns
    kept, more = span(age_ns), span(left_ns)
    line = f"{case.name} is served the page kept {kept} ago, before this post; it is valid for {more} more."
    return _Answer(Cause.KEPT_LIST, line, {"kept_age_s": seconds(age_ns), "valid_s": seconds(left_ns)})


def _no_list(case: Case) -> _Answer | None:
    """Pushed, but not to them: they have no list, or one that is being made."""
    strategy, being_made = case.world.strategy, case.ready_ns is not None and case.row < case.horizon
    if not case.pushed or case.kept or case.opened or not (case.horizon == NO_LIST or being_made):
        return None
    members = case.world.tables.activity.members(np.array([case.user], np.int32), case.now_ns)
    if case.ready_ns is not None:
        line = f"{case.name}'s list is being made, complete at {clock(case.ready_ns)}; until then pages are pulled."
        return _Answer(Cause.NO_LIST, line, {"list": "being made", "ready_at_s": seconds(case.ready_ns)})
    if strategy.holds_list(members)[0]:
        line = f"{case.name} has no list: it was dropped. When they open home, the post is pulled and a list is made."
        return _Answer(Cause.NO_LIST, line, {"list": "dropped"})
    if isinstance(strategy, PushActive):
        days = float(members.away_days[0])
        line = (
            f"{case.name} has been away for {words.number(days)} days and has no list: copies go to people seen in the"
            f" last {words.exactly(strategy.days)}. The post is pulled when they return."
        )
        return _Answer(Cause.NO_LIST, line, {"list": "away", "away_days": days, "active_days": strategy.days})
    return None


def _pulled(case: Case) -> _Answer | None:
    if case.pushed and not case.kept and case.horizon != NO_LIST and not (case.opened and case.ready_ns is not None):
        return None
    reason, facts = _why_pulled(case)
    if case.opened:
        after_ns = case.last_ns - case.accepted_ns
        line = f"{reason} {case.name} opened home at {clock(case.last_ns)}, {span(after_ns)} after it was posted."
        return _Answer(Cause.PULLED_AND_OPENED, line, facts)
    if case.last_ns >= max(0, case.accepted_ns):
        line = f"{reason} {case.name} opened home at {clock(case.last_ns)}, but was served a page kept from before."
    elif case.last_ns >= 0:
        line = f"{reason} {case.name} has not opened home since; last {span(case.now_ns - case.last_ns)} ago."
    else:
        line = f"{reason} {case.name} has not opened home yet."
    return _Answer(Cause.PULLED, line, facts)


def _why_pulled(case: Case) -> tuple[str, Facts]:
    """A sentence on why the post is not, or not any more, delivered."""
    if case.pushed:
        return f"Under {case.world.strategy.title} nobody keeps a list for {case.name}; posts are pulled.", {}
    if case.plan is None:
        return "This post is pulled, not pushed.", {}
    strategy, followers = case.plan.strategy, case.plan.followers
    facts: Facts = {"strategy": strategy.slug, "followers": followers}
    if isinstance(strategy, Hybrid):
        line = (
            f"This post is pulled, not pushed: {case.author_name} had {words.count(followers)} followers,"
            f" the threshold is {words.count(strategy.threshold)}."
        )
        if case.later_ns is not None:
            line += f" Its copies are made from {clock(case.later_ns)} on."
        elif strategy.later_ns:
            line += " Its copies are being made, or have been made since."
        return line, {**facts, "threshold": strategy.threshold}
    if strategy.by_edge:
        return (
            f"It is not pushed to {case.name}, who opens home too seldom for how often {case.author_name} posts.",
            facts,
        )
    if strategy.watches:
        had = f"{case.author_name} had {words.count(followers)} followers"
        return f"This post is pulled, not pushed: so {strategy.title} decided when it was accepted; {had}.", facts
    return f"This post is pulled, not pushed, like all under {strategy.title}.", facts


def _dropped(case: Case) -> _Answer | None:
    if not case.dropped or case.row < case.horizon:
        return None
    follows = int(case.world.tables.graph.followee_counts[case.user])
    line = (
        f"{case.name}'s copy was dropped on purpose: they follow {words.count(follows)} accounts, and get only a share"
        " of their posts. They will not see it."
    )
    return _Answer(Cause.DROPPED, line, {"follows": follows})


def _trimmed(case: Case) -> _Answer | None:
    if case.row >= case.horizon:
        return None
    reach = _reach(case)
    from_s = reach["list_from_at_s"]
    begins = "" if from_s is None or from_s < 0 else f" from {words.clock(from_s)}"
    line = f"{case.name}'s list begins at a later post{begins}; this one is pulled when they page down to it."
    return _Answer(Cause.TRIMMED, line, reach)


def _reach(case: Case) -> Facts:
    """How far back their list goes."""
    posts = case.world.tables.posts
    begins_ns = int(posts.accepted_ns[case.horizon]) if case.horizon < posts.size else None
    return {
        "cap": case.world.tables.lists.cap,
        "list_from_row": case.horizon,
        "list_from_at_s": None if begins_ns is None else seconds(begins_ns),
    }


def _lost(case: Case) -> _Answer:
    return _Answer(Cause.LOST, f"No record accounts for {case.name}'s copy; this is a fault of the engine.", {})


_QUESTIONS: tuple[Callable[[Case], _Answer | None], ...] = (
    _own, _stranger, _received, _on_its_way, _dead, _kept, _no_list, _pulled, _trimmed, _dropped, _lost,
)  # fmt: skip


def _deliveries(copies: int) -> str:
    return "1 delivery" if copies == 1 else f"{words.count(copies)} deliveries"


def _copies(copies: int) -> str:
    return "1 copy" if copies == 1 else f"{words.count(copies)} copies"
