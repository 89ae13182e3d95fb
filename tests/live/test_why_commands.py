"""The commands "why" and "life" on a running world."""

import json

import pytest

from engine.errors import InvalidInput, UnknownPost, UnknownUser
from engine.live.commands import perform
from tests.live.helpers import Wall, ask, small_config, unthreaded


@pytest.fixture
def asked():
    """A busy world that stands still, and a way to ask it in JSON."""
    worlds = unthreaded(Wall(drift=0.001))
    live = ask(worlds, worlds.open, small_config(**{"load.posts_per_s": 40}))
    ask(worlds, live.pause)
    for _ in range(100):
        worlds.scheduler.round()
    yield live, lambda **message: ask(worlds, perform, live, message)
    worlds.stop()


def test_why_and_life_are_the_worlds_own_answers(asked):
    live, say = asked
    world = live._stage.run.world
    user = next(u for u in range(world.population.users) if world.why(u).row is not None)
    answer = say(do="why", user=user)
    assert (answer["type"], answer["do"], answer["user"]) == ("why", "why", user)
    assert answer == {"do": "why", "type": "why"} | world.why(user).to_json()
    row = answer["post"]
    assert say(do="why", user=user, post=row) == answer
    life = say(do="life", post=row)
    assert life == {"do": "life", "type": "life"} | world.life(row).to_json()
    assert json.loads(json.dumps([answer, life])) == [answer, life]


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ({"do": "why", "user": 300}, UnknownUser),
        ({"do": "why", "user": -1}, UnknownUser),
        ({"do": "why", "user": 1, "post": 10**6}, UnknownPost),
        ({"do": "why", "user": 1, "post": -1}, UnknownPost),
        ({"do": "why", "user": True}, InvalidInput),
        ({"do": "why"}, InvalidInput),
        ({"do": "why", "user": 1, "post": "7"}, InvalidInput),
        ({"do": "why", "user": 1, "side": 4}, InvalidInput),
        ({"do": "life"}, InvalidInput),
        ({"do": "life", "post": 10**6}, UnknownPost),
        ({"do": "life", "post": 1.5}, InvalidInput),
    ],
)
def test_what_does_not_exist_is_refused(asked, message, error):
    _, say = asked
    with pytest.raises(error):
        say(**message)
