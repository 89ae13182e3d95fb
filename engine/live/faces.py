"""Posts and people as the wire carries them, in the eyes of whoever looks."""

from typing import NamedTuple

import numpy as np

from engine.domain import NO_LIST
from engine.live.fields import Json
from engine.live.lines import audience_line
from engine.people import People
from engine.views import PostView
from engine.world import World
from engine.write_path.strategies import Writers


class Shortcut(NamedTuple):
    """Somebody to be, and why."""

    label: str
    why: str
    user: int


def post_face(world: World, people: People, view: PostView, viewer: int, with_root: bool = True) -> Json:
    """A post; of a repost or a reply with the post that it is about."""
    root = view.root if with_root else None
    shown = view.id if view.kind != "repost" or view.root is None else view.root
    return {
        "id": view.id, "row": view.row, "snowflake": str(view.snowflake), "author": view.author,
        "name": world.population.name(view.author), "kind": view.kind, "text": view.text, "at_s": view.at_s,
        "media": view.media, "likes": view.likes, "reposts": view.reposts, "replies": view.replies,
        "liked": people.likes(viewer, shown), "reposted": people.reposts(viewer, view.row),
        "mine": view.author == viewer, "deleted": view.deleted,
        "root": None if root is None else post_face(world, people, people.view(people.row(root)), viewer, False),
    }  # fmt: skip


def user_face(world: World, user: int, viewer: int | None = None) -> Json:
    """A person; with a viewer, also what stands between the two."""
    tables, one = world.tables, np.array([user], np.int32)
    followers = tables.graph.follower_counts[one]
    horizon = int(tables.lists.horizons(one)[0])
    pushed = bool(world.strategy.pushes(Writers(one, followers, np.array([world.now_ns])))[0])
    face = {
        "user": user, "name": world.population.name(user),
        "followers": int(followers[0]), "followees": int(tables.graph.followee_counts[user]),
        "posts": len(tables.posts.rows_of(user)), "away_days": round(_away_days(world, user), 1),
        "celebrity": not pushed, "view": audience_line(world, int(followers[0]), pushed),
        "list": None if horizon == NO_LIST else int(tables.lists.sizes(one)[0]),
    }  # fmt: skip
    if viewer is None or viewer == user:
        return face
    relations = tables.relations
    return face | {
        "follows": bool(tables.graph.follows([viewer], [user])[0]),
        "followed_by": bool(tables.graph.follows([user], [viewer])[0]),
        "blocks": relations.blocks(viewer, user),
        "mutes": relations.mutes(viewer, user),
    }


def shortcuts(world: World) -> list[Shortcut]:
    """Four people worth being: a newcomer, somebody in the middle, the largest account, one who was away longest."""
    population, graph = world.population, world.tables.graph
    base = population.graph
    follows, followers = base.followee_counts, base.follower_counts
    here = np.flatnonzero(population.last_seen_days <= 1)
    here = here if len(here) else np.arange(base.n)
    newcomer = int(here[np.lexsort((followers[here], follows[here]))[0]])
    middle = int(here[np.argsort(followers[here], kind="stable")[len(here) // 2]])
    largest = int(graph.follower_counts.argmax())
    away_days = world.tables.activity.members(np.arange(base.n, dtype=np.int32), world.now_ns).away_days
    lurker = int(np.lexsort((follows, away_days))[-1])
    return [
        Shortcut("Newcomer", f"follows {graph.followee_counts[newcomer]:,}, the fewest", newcomer),
        Shortcut("Normal", f"{graph.follower_counts[middle]:,} followers, as half of all have at most", middle),
        Shortcut("Celebrity", f"{graph.follower_counts[largest]:,} followers, the most", largest),
        Shortcut("Lurker", f"away for {away_days[lurker]:,.0f} days, the longest", lurker),
    ]


def _away_days(world: World, user: int) -> float:
    members = world.tables.activity.members(np.array([user], np.int32), world.now_ns)
    return float(members.away_days[0])
