"""Relay and worker die at every single thing that they ask of Redis, before it is sent and after; nothing is lost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import redis
from redis.connection import AbstractConnection

from engine.errors import StoreFull
from engine.journal.actions import Followed, Posted, Unfollowed
from tests.cluster.place import Place, ring

pytestmark = pytest.mark.redis_server


class Killed(BaseException):
    """As by kill -9: no error that anybody would catch."""


@contextmanager
def killed_at(number: int, after: bool, by: BaseException) -> Iterator[list[int]]:
    """The process dies at what it sends for the n-th time; yields a list that counts what was sent."""
    sent, send = [0], AbstractConnection.send_packed_command

    def dying(self: AbstractConnection, *args: object, **named: object) -> None:
        sent[0] += 1
        if sent[0] == number and not after:
            raise by
        send(self, *args, **named)
        if sent[0] == number:
            raise by

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AbstractConnection, "send_packed_command", dying)
        yield sent


def lives(world: Place, work: Callable[[], object], number: int, after: bool) -> bool:
    """Whether it was done before it could die."""
    try:
        with killed_at(number, after, Killed()):
            work()
    except Killed:
        world.client.connection_pool.disconnect()
        return False
    return True


def act(world: Place) -> None:
    """Something to back-fill and to sweep, and then all kinds of entries."""
    world.did(Posted(4, "before"), Posted(3, "before"))
    world.drain()
    world.did(Posted(1, "a"), Followed(1, 4), Posted(4, "b"), Unfollowed(2, 3), Posted(3, "c"), Posted(1, "d"))


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_relay_may_die_at_anything_it_asks(place, after):
    number, done = 1, False
    while not done:
        world = place(ring(6))
        act(world)
        done = lives(world, world.relay_all, number, after)
        world.restart()
        world.drain()
        assert world.audit().clean, f"killed at {number}"
        assert world.queue.done_up_to() == 8
        number += 1
    assert number > 8


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_worker_may_die_at_anything_it_asks(place, after):
    number, done = 1, False
    while not done:
        world = place(ring(6))
        act(world)
        world.relay_all()
        done = lives(world, world.worker("dies").run, number, after)
        heir = world.worker("heir").run()
        assert world.audit().clean, f"killed at {number}"
        assert world.queue.depth().jobs == 0
        assert heir.dead == 0
        number += 1
    assert number > 6


def test_a_relay_that_is_refused_anything_goes_on_in_the_same_process(place):
    number, done = 1, False
    while not done:
        world = place(ring(6))
        act(world)
        with killed_at(number, False, redis.ResponseError("MISCONF the disk is full")) as sent:
            try:
                world.relay_all()
            except StoreFull:
                world.relay.look_again()
            else:
                done = sent[0] < number
        world.client.connection_pool.disconnect()
        world.drain()
        assert world.audit().clean, f"refused at {number}"
        number += 1
    assert number > 8


def test_the_first_bringing_to_redis_may_die_too(place):
    number, done = 1, False
    while not done:
        world = place(ring(6))
        act(world)
        world.queue.forget()
        world.restart()
        done = lives(world, world.relay.step, number, False)
        world.restart()
        world.drain()
        assert world.audit().clean, f"killed at {number}"
        number += 1
    assert number > 5
