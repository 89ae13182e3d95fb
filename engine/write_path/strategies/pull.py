"""Fan-out on read: nothing is delivered, every home page asks everyone the reader follows."""

import numpy as np

from engine.domain import Bool
from engine.write_path.strategies.base import Members, Strategy, Writers, nobody


class Pull(Strategy):
    """Cheapest to write, dearest to read."""

    slug = "pull"
    title = "Pull"
    idea = "Write once; every reader asks all the people they follow."

    def pushes(self, posts: Writers) -> Bool:
        return np.zeros(len(posts.author), np.bool_)

    def holds_list(self, members: Members) -> Bool:
        return nobody(members)
