"""What a person inside a world may ask in JSON: act, read a page, look somebody up, see what the system did."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.errors import ListOutOfReach
from engine.guard.validate import check_user
from engine.live import faces
from engine.live.explorer import find
from engine.live.fields import Json, field, optional
from engine.live.outage import backend
from engine.live.run import Run
from engine.live.world import LiveWorld
from engine.requests import Ask, Paged
from engine.timelines import StoredKey
from engine.world import World

NEWS = 80
"""Posts above a mark that are counted; more are told as "at least"."""
STORED = 10

Side = int


def act(live: LiveWorld, message: Mapping[str, Any], _: Side) -> Json:
    """Do something as a person; on both sides of a twin."""
    ask = _asked(message)
    acted = live.act(ask)
    post = acted.post
    shown = None
    if post is not None:
        shown = live.ask(lambda run: faces.post_face(run.world, run.people, run.people.view(post.row), ask.user))
    return {"type": "acted", "what": ask.what, "changed": acted.changed, "post": shown, "trace": acted.trace.to_json()}


def page(live: LiveWorld, message: Mapping[str, Any], side: Side) -> Json:
    """Read a page."""
    ask = _asked(message)
    cursor, limit = optional(message, "cursor", str), message.get("limit", 20)

    def read(run: Run) -> tuple[Paged, list[Json]]:
        paged = run.requests.page(ask, cursor, limit)
        return paged, [faces.post_face(run.world, run.people, view, ask.user) for view in paged.page.posts]

    paged, posts = live.ask(read, side)
    return {
        "type": "page", "what": ask.what, "posts": posts, "next": paged.page.next, "mark": paged.mark,
        "trace": paged.trace.to_json(),
    }  # fmt: skip


def news(live: LiveWorld, message: Mapping[str, Any], side: Side) -> Json:
    """How many posts of home are newer than what was read."""
    user, mark = field(message, "user", int), field(message, "mark", int)

    def count(run: Run) -> int:
        if run.world.tables.posts.size <= mark:
            _known(run.world, user)
            return 0
        try:
            return int((run.people.reader.home(user, None, NEWS, shown=False).rows >= mark).sum())
        except ListOutOfReach:
            return 0  # whoever wants to see them is told why they cannot

    new = live.ask(count, side)
    return {"type": "news", "count": new, "capped": new == NEWS}


def trace(live: LiveWorld, message: Mapping[str, Any], side: Side) -> Json:
    """One trace as far as it has come."""
    number = field(message, "id", int)
    return {"type": "trace", "trace": live.ask(lambda run: run.requests.trace(number), side).to_json()}


def found(live: LiveWorld, message: Mapping[str, Any], side: Side) -> Json:
    """Whom a name, an @name or a number means."""
    users = find(live, field(message, "text", str)[:80])
    return {"type": "found", "users": live.do(_faces, users, None, side=side)}


def shortcuts(live: LiveWorld, _: Mapping[str, Any], side: Side) -> Json:
    """People worth being."""
    short = live.do(faces.shortcuts, side=side)
    users = live.do(_faces, [one.user for one in short], None, side=side)
    told = [{"label": one.label, "why": one.why, "user": user} for one, user in zip(short, users, strict=True)]
    return {"type": "shortcuts", "users": told}


def user(live: LiveWorld, message: Mapping[str, Any], side: Side) -> Json:
    """One person, in the eyes of another."""
    viewer = optional(message, "viewer", int)
    return {"type": "user", "user": live.do(_faces, [field(message, "user", int)], viewer, side=side)[0]}


def store(live: LiveWorld, message: Mapping[str, Any], side: Side) -> Json:
    """What is stored for one person."""
    whom = field(message, "user", int)

    def look(world: World) -> tuple[str, StoredKey]:
        stored = world.tables.lists.stored(_known(world, whom))
        return backend(world), stored

    kept_in, key = live.do(look, side=side)
    shown = {
        "key": key.key, "type": key.type, "size": key.size, "rows": key.rows[:STORED],
        "note": "; ".join(key.raw[:STORED]),
    }  # fmt: skip
    return {"type": "store", "backend": kept_in, "keys": [shown]}


def _faces(world: World, users: list[int], viewer: int | None) -> list[Json]:
    eyes = None if viewer is None else _known(world, viewer)
    return [faces.user_face(world, _known(world, one), eyes) for one in users]


def _known(world: World, whom: int) -> int:
    return check_user(whom, world.population.users)


def _asked(message: Mapping[str, Any]) -> Ask:
    other = message.get("other", message.get("author"))
    picture = message.get("picture") is True
    return Ask(
        field(message, "what", str),
        field(message, "user", int),
        message.get("text"),
        message.get("post"),
        other,
        picture,
    )


COMMANDS: Mapping[str, Callable[[LiveWorld, Mapping[str, Any], Side], Json]] = {
    "act": act,
    "page": page,
    "news": news,
    "trace": trace,
    "find": found,
    "shortcuts": shortcuts,
    "user": user,
    "store": store,
}
