"""Why a post that nobody is sent is, or is not yet, on somebody's page: pulled, kept from before, or no list."""

import pytest

from engine.domain import Op
from engine.observe.why import Cause
from tests.law.small import MS, S
from tests.observe.why import SLOW, STAR, logged, opens, said


def test_pulled_because_of_the_threshold_and_then_opened():
    small = logged("hybrid:threshold=3", STAR | {(1, 2)})
    opens(small, 1)
    small.step(S)
    row, near = small.post(0), small.post(2)
    small.step(3 * S)
    assert said(small, 1, near).cause == Cause.RECEIVED
    why, never = said(small, 1, row), said(small, 4, row)
    assert (why.cause, never.cause) == (Cause.PULLED, Cause.PULLED)
    assert (why.facts["followers"], why.facts["threshold"], why.facts["strategy"]) == (7, 3, "hybrid")
    last_s = (small.world.now_ns - small.world.reads.last_ns[1]) / S
    assert why.line == (
        "This post is pulled, not pushed: Nova had 7 followers, the threshold is 3."
        f" Ines has not opened home since; last {last_s:.1f} s ago."
    )
    assert never.line.endswith("has not opened home yet.")
    opens(small, 1)
    why = said(small, 1, row)
    assert (why.cause, why.facts["opened"]) == (Cause.PULLED_AND_OPENED, True)
    assert why.facts["last_opened_at_s"] == pytest.approx(small.world.reads.last_ns[1] / S, abs=1e-6)
    assert "opened home at 00:00:04, 3.0 s after it was posted" in why.line


def test_pulled_as_all_are_and_after_a_change_of_strategy():
    small = logged("push", {(1, 0)}, SLOW)
    pushed = small.post(0)
    small.world.set_strategy("pull")
    pulled = small.post(0)
    why = said(small, 1, pulled)
    assert (why.cause, why.facts["strategy"]) == (Cause.PULLED, "pull")
    assert "like all under Pull" in why.line
    why = said(small, 1, pushed)
    assert (why.cause, why.facts["pushed"]) == (Cause.PULLED, True)
    assert "Under Pull nobody keeps a list" in why.line


def test_a_kept_page_is_from_before_the_post():
    small = logged("cached_pull:ttl=3", {(1, 0)})
    opens(small, 1)
    made_ns = int(small.world.reads.last_ns[1])
    row = small.post(0)
    small.step(S)
    why = said(small, 1, row)
    assert why.cause == Cause.KEPT_LIST
    assert why.facts["kept_age_s"] == pytest.approx((small.world.now_ns - made_ns) / S, abs=1e-6)
    assert why.facts["valid_s"] == pytest.approx((made_ns + 3 * S - small.world.now_ns) / S, abs=1e-6)
    opens(small, 1)
    assert (said(small, 1, row).cause, small.home(1)) == (Cause.KEPT_LIST, []), "served again as it is"
    small.step(2 * S)
    why = said(small, 1, row)
    assert (why.cause, "served a page kept from before" in why.line) == (Cause.PULLED, True)
    opens(small, 1)
    assert (said(small, 1, row).cause, small.home(1)) == (Cause.PULLED_AND_OPENED, [row])


def test_no_list_because_they_are_away():
    small = logged("push_active:days=30", {(1, 0), (2, 0)}, away_days={1: 41})
    row = small.post(0)
    small.step(S)
    assert said(small, 2, row).cause == Cause.RECEIVED
    why = said(small, 1, row)
    assert (why.cause, why.facts["list"], why.facts["active_days"]) == (Cause.NO_LIST, "away", 30)
    assert why.facts["away_days"] == pytest.approx(41, abs=0.001)
    assert "has been away for 41 days" in why.line
    opens(small, 1)
    assert said(small, 1, row).cause == Cause.PULLED_AND_OPENED
    small.settle()
    why = said(small, 1, row)
    assert (why.cause, why.facts["lag_s"]) == (Cause.RECEIVED, None), "in the list that was made"


def test_no_list_because_it_was_dropped_and_while_it_is_made_again():
    small = logged("push", {(1, 0)}, SLOW)
    opened_before = small.world.now_ns
    small.world.evict(1)
    small.script.add(opened_before, Op.READ_HOME, 1)
    small.step(10 * MS)  # the read asks for a list; the post comes after it
    row = small.post(0)
    why = said(small, 1, row)
    assert (why.cause, why.facts["list"]) == (Cause.NO_LIST, "being made")
    ready_s = why.facts["ready_at_s"]
    seen = []
    while small.world.now_ns < ready_s * S:
        small.step(10 * MS)
        seen.append(said(small, 1, row))
    assert {why.cause for why in seen} == {Cause.NO_LIST}
    small.step(10 * MS)
    assert said(small, 1, row).cause == Cause.RECEIVED, "ready when it was said to be"
    small.world.evict(1)
    why = said(small, 1, small.post(0))
    assert (why.cause, why.facts["list"]) == (Cause.NO_LIST, "dropped")
    assert "it was dropped" in why.line
