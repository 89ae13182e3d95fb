"""The audit has to be able to say no: lists are spoilt one way at a time, and it counts exactly that."""

import numpy as np
import pytest

from engine.domain import Op, Ragged
from engine.observe import audit as audit_module
from engine.observe.audit import audit
from tests.law.small import MS, Small

ZERO = {
    "missing": 0, "duplicate": 0, "foreign": 0, "out_of_order": 0, "users": 8, "lost_by_design": 0, "lost_share": 0,
}  # fmt: skip


def counts(small: Small) -> dict[str, int]:
    """What the audit finds wrong, without what it finds right."""
    return {name: count for name, count in small.audit().to_json().items() if count and name != "users"}


def one(user: int) -> np.ndarray:
    return np.array([user], np.int32)


@pytest.fixture(params=["ring", "fakeredis"])
def small(request: pytest.FixtureRequest) -> Small:
    """Users 0 and 4 follow 1 and 2, who have written five posts; all is delivered and nothing is wrong."""
    world = Small("push", {(0, 1), (0, 2), (4, 1), (4, 2)}, {"timeline.backend": request.param})
    for author in (1, 2, 1, 2, 1):
        world.post(author)
    world.settle()
    assert world.audit().to_json() == ZERO
    return world


def test_an_entry_that_went_is_missing_once_for_its_owner(small):
    small.world.tables.lists.remove(one(0), one(3))
    assert counts(small) == {"missing": 1}
    small.world.tables.lists.remove(one(1), one(0))
    assert counts(small) == {"missing": 2}, "one's own posts count too"


def test_a_list_that_claims_to_be_complete_and_is_empty_misses_everything(small):
    small.world.tables.lists.create(one(4))
    assert counts(small) == {"missing": 5}


def test_an_entry_by_somebody_not_followed_is_foreign(small):
    stranger = small.post(3)
    small.world.tables.lists.push(one(0), one(stranger))
    assert counts(small) == {"foreign": 1}


def test_entries_that_stand_twice_or_not_in_order_are_counted(small, monkeypatch):
    entries = small.world.tables.lists.entries

    def spoilt(owners: np.ndarray) -> Ragged:
        lists = entries(owners)
        values = lists.values.copy()
        start = lists.offsets[np.flatnonzero(owners == 0)[0]]
        values[start : start + 5] = [0, 1, 1, 3, 2]
        return Ragged(values, lists.offsets)

    monkeypatch.setattr(small.world.tables.lists, "entries", spoilt)
    assert counts(small) == {"missing": 1, "duplicate": 1, "out_of_order": 1}


def test_an_entry_below_its_list_s_horizon_is_foreign(small, monkeypatch):
    horizons = small.world.tables.lists.horizons
    monkeypatch.setattr(small.world.tables.lists, "horizons", lambda owners: np.maximum(horizons(owners), 2))
    assert counts(small) == {"foreign": 2 + 2 + 1 + 1}


def test_copies_on_their_way_are_not_missing_and_would_be_if_they_were_forgotten():
    small = Small("push", {(0, 1), (2, 1)}, {"costs.delivery_us": 300_000})
    small.post(1)
    small.step(100 * MS)
    assert counts(small) == {}
    world = small.world
    nothing = (np.zeros(0, np.int32), np.zeros(0, np.int32))
    assert audit(world.tables, world.strategy, world.now_ns, nothing).missing == 2


def test_what_a_pull_leaves_out_is_missing(monkeypatch):
    small = Small("pull", {(0, 1)})
    for _ in range(3):
        small.post(1)
    assert counts(small) == {}
    gather = audit_module.gather

    def forgetful(*question):
        merged = gather(*question)
        merged.rows[merged.rows == 1] = -1
        return merged

    monkeypatch.setattr(audit_module, "gather", forgetful)
    assert counts(small) == {"missing": 2}, "for the follower and for the author"


def test_a_kept_list_answers_for_what_was_there_when_it_was_merged():
    small = Small("cached_pull:ttl=2", {(0, 1)})
    small.post(1)
    small.script.add(50 * MS, Op.READ_HOME, 0)
    small.step(100 * MS)
    small.post(1)
    assert counts(small) == {}
    small.world.tables.lists.remove(one(0), one(0))
    assert counts(small) == {"missing": 1}
    small.step(2_000 * MS)
    assert counts(small) == {}, "expired"


def test_a_sample_is_taken_when_there_are_too_many(small):
    world = small.world
    found = audit(world.tables, world.strategy, world.now_ns, world.fanout.outstanding(), most=3)
    assert found.to_json() == {**ZERO, "users": 3}
