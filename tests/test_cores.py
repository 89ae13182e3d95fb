"""Work shared among cores: the same results in the same order, nothing left behind when some of it fails."""

from threading import Event, get_ident

import pytest

from engine import cores
from engine.cores import in_pair, on_all_cores, shares


@pytest.mark.parametrize(
    ("count", "few", "most"), [(0, 5, None), (5, 5, None), (6, 5, None), (100, 5, 7), (101, 1, 50)]
)
def test_shares_cover_everything_once(count, few, most):
    parts = shares(count, few, most)
    assert [i for part in parts for i in range(part.start, part.stop)] == list(range(count))
    longest = max(part.stop - part.start for part in parts)
    assert longest <= max(few, most or count)
    assert len(parts) % cores.CORES == 0 or count <= few, "as many for every core"


def test_results_come_in_order_and_the_first_task_is_the_callers():
    ran = on_all_cores((lambda k=k: (k, get_ident())) for k in range(20))
    assert [k for k, _ in ran] == list(range(20))
    assert ran[0][1] == get_ident()


def test_a_failure_is_raised_when_the_other_tasks_have_ended():
    ended = Event()

    def slow() -> None:
        Event().wait(0.05)
        ended.set()

    def fails() -> None:
        raise ArithmeticError("no result")

    for work in (lambda: on_all_cores([fails, slow]), lambda: in_pair(fails, slow)):
        ended.clear()
        with pytest.raises(ArithmeticError):
            work()
        assert ended.is_set(), "nothing goes on behind the caller's back"
    with pytest.raises(ArithmeticError):
        in_pair(slow, fails)
