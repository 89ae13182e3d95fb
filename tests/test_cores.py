"""Work shared among cores: the same results in the same order, nothing left behind when some of it fails."""

from functools import partial
from threading import Barrier, Event, get_ident

import pytest

from engine import cores
from engine.cores import beside, on_all_cores, shares


@pytest.mark.parametrize(
    ("count", "few", "most"), [(0, 5, None), (5, 5, None), (6, 5, None), (100, 5, 7), (101, 1, 50)]
)
def test_shares_cover_everything_once(count, few, most):
    parts = shares(count, few, most)
    assert [i for part in parts for i in range(part.start, part.stop)] == list(range(count))
    longest = max(part.stop - part.start for part in parts)
    assert longest <= max(few, most or count)
    assert len(parts) % cores.CORES == 0 or count <= few, "as many for every core"


def test_results_come_in_order_and_every_core_works():
    both = Barrier(min(2, cores.CORES), timeout=10)

    def task(k: int) -> tuple[int, int]:
        if k < both.parties:
            both.wait()  # until another core has begun one too
        return k, get_ident()

    ran = on_all_cores(partial(task, k) for k in range(20))
    assert [k for k, _ in ran] == list(range(20))
    assert get_ident() in {thread for _, thread in ran}
    assert len({thread for _, thread in ran}) == both.parties
    assert on_all_cores([]) == []


def test_many_tasks_are_shared_evenly():
    if cores.CORES < 2:
        pytest.skip("one core")
    began = Event()
    ran = on_all_cores(partial(lambda k: (k == 0 and began.wait(0.2), get_ident())[1], k) for k in range(9))
    assert ran.count(ran[0]) == 1, "while one task takes long, the other core does the rest"


def test_one_thing_beside_others():
    assert beside(lambda: "pages", [partial(pow, 2, k) for k in range(3)]) == ("pages", [1, 2, 4])
    assert beside(lambda: "pages", []) == ("pages", [])


def test_a_failure_is_raised_when_what_was_begun_has_ended():
    begun, ended = Event(), Event()

    def slow() -> None:
        begun.set()
        Event().wait(0.05)
        ended.set()

    def fails() -> None:
        begun.wait(5)
        raise ArithmeticError("no result")

    works = [lambda: beside(fails, [slow]), lambda: beside(slow, [fails]), lambda: on_all_cores([slow, fails])]
    for work in works if cores.CORES > 1 else works[1:]:
        begun.clear(), ended.clear()
        with pytest.raises(ArithmeticError):
            work()
        assert ended.is_set(), "nothing goes on behind the caller's back"


def test_after_a_failure_nothing_more_is_begun():
    def fails(k: int) -> None:
        begun.append(k)
        raise ArithmeticError("no result")

    begun: list[int] = []
    with pytest.raises(ArithmeticError):
        on_all_cores(partial(fails, k) for k in range(100))
    assert len(begun) <= cores.CORES


def test_who_leaves_the_cores_to_others_works_alone_and_finds_the_same(monkeypatch):
    monkeypatch.setattr(cores, "CORES", 4)
    cores.use_at_most(2)
    cores.use_at_most(3)
    assert cores.CORES == 2, "what was left to others is not taken back"
    cores.use_at_most(0)
    assert cores.CORES == 1
    assert {get_ident()} == {*on_all_cores([get_ident] * 9)}
    assert shares(100, few=5) == [slice(0, 100)]
