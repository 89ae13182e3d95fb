"""Somebody inside a world that stands still but for what they do: short words for asking it in JSON."""

import json

from engine.live.commands import perform
from tests.live.helpers import Wall, ask, unthreaded

STAR, USERS, HUGE = 0, 300, 2**70
QUIET = {f"load.{name}_per_s": 0 for name in ("posts", "reads", "likes", "follows", "unfollows")}


class Asked:
    """A world that goes on only when told to, and short words for asking it in JSON."""

    def __init__(self, *configs, **options):
        self.worlds = unthreaded(Wall(), **options)
        opened = self.worlds.open if len(configs) == 1 else self.worlds.open_twin
        self.live = opened(*configs)

    def __call__(self, do, **message):
        answer = ask(self.worlds, perform, self.live, {"do": do, **message})
        assert answer["do"] == do
        assert json.loads(json.dumps(answer, allow_nan=False)) == answer
        return answer

    def world(self, side=0):
        return self.live._stage.sides[side].run.world

    def people(self, side=0):
        return self.live._stage.sides[side].run.people

    def step(self, ms):
        for side in self.live._stage.sides:
            side.run.world.step(ms * 1_000_000)

    def post(self, user=STAR, text="hello"):
        return self("act", what="post", user=user, text=text)["post"]
