"""Posts and pages as people see them."""

from dataclasses import dataclass

import numpy as np

from engine.clock import NS_PER_MS, NS_PER_S
from engine.domain import NO_ROW, Flag, Kind
from engine.history import HISTORY_S
from engine.ids import snowflake
from engine.load.text import load_media, load_text
from engine.posts.store import PostStore
from engine.queueing.hashing import shard_of


@dataclass(frozen=True)
class PostView:
    """A post as people see it. `id` is its content key, by which actions name it; times are virtual seconds."""

    id: int
    snowflake: int
    """The id as Twitter would show it: it sorts by time."""
    row: int
    author: int
    kind: str
    text: str
    at_s: float
    root: int | None
    """The post that a reply answers or a repost repeats, as its id."""
    likes: int
    reposts: int
    replies: int
    media: int | None
    """The id of its picture."""
    deleted: bool


@dataclass(frozen=True)
class PageView:
    """One page, newest first. `next` continues it; None only at the true end."""

    posts: list[PostView]
    next: str | None


def post_view(posts: PostStore, row: int, seed: int) -> PostView:
    """One post by row; the text of generated posts is made from the world's seed."""
    key, kind, root = int(posts.key[row]), Kind(posts.kind[row]), int(posts.ref[row])
    return PostView(
        id=key,
        snowflake=_snowflake(posts, row),
        row=row,
        author=int(posts.author[row]),
        kind=kind.name.lower(),
        text="" if kind == Kind.REPOST else posts.text.get(row) or load_text(seed, key),
        at_s=created_ns(posts, row) / NS_PER_S,
        root=None if root == NO_ROW else int(posts.key[root]),
        likes=int(posts.likes[row]),
        reposts=int(posts.reposts[row]),
        replies=int(posts.replies[row]),
        media=None if kind == Kind.REPOST else _media(posts, row, seed),
        deleted=bool(posts.flags[row] & Flag.DELETED),
    )


def created_ns(posts: PostStore, row: int) -> int:
    """What is stamped on a post: when it was accepted, by the clock of the API server that took it. Nothing in the
    engine goes by it."""
    accepted_ns = stamped_ns = int(posts.accepted_ns[row])
    for skew in posts.skews:
        wrong = shard_of(posts.author[row : row + 1], skew.servers)[0] % 2 == 0
        if wrong and skew.from_ns <= accepted_ns < skew.until_ns:
            stamped_ns += skew.ahead_ns
    return stamped_ns


def _media(posts: PostStore, row: int, seed: int) -> int | None:
    return posts.media.get(row) if row in posts.text else load_media(seed, int(posts.key[row]))


def _snowflake(posts: PostStore, row: int) -> int:
    """Milliseconds since history began, and how many posts the same millisecond had before."""
    ms = int(posts.accepted_ns[row]) // NS_PER_MS
    earlier = int(np.searchsorted(posts.accepted_ns[: posts.size], ms * NS_PER_MS))
    return snowflake(ms + HISTORY_S * 1_000, row - earlier)
