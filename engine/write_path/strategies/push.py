"""Fan-out on write: every post is written into every follower's list."""

import numpy as np

from engine.domain import Bool
from engine.write_path.strategies.base import Members, Strategy, Writers, everybody


class Push(Strategy):
    """Cheapest to read; one post of a celebrity is millions of writes."""

    slug = "push"
    title = "Push"
    idea = "Write every post into the list of every follower; reading is one look-up."

    def pushes(self, posts: Writers) -> Bool:
        return np.ones(len(posts.author), np.bool_)

    def holds_list(self, members: Members) -> Bool:
        return everybody(members)
