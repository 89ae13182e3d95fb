"""What stands under the keys that a request touched, read from the stores themselves."""

from typing import Any

from engine.domain import NO_LIST, Kind
from engine.observe.trace import KeyContent
from engine.world import World

SHOWN = 10
"""Entries of each key."""


def timeline(world: World, user: int) -> KeyContent:
    """One person's home list as the backend holds it."""
    stored = world.tables.lists.stored(user)
    whose = world.population.name(user)
    if stored.horizon == NO_LIST:
        note = f"{whose} has no stored list: home is put together from the authors at every read."
    elif stored.horizon == 0:
        note = f"The home list of {whose}, complete from the first post on."
    else:
        note = f"The home list of {whose}, complete from row {stored.horizon} on; what is older is fetched."
    return KeyContent(stored.key, stored.type, stored.size, _rows(world, stored.rows[:SHOWN]), note)


def author_index(world: World, author: int) -> KeyContent:
    """The posts of one author, newest first: what a pull asks."""
    rows = world.tables.posts.rows_of(author)
    note = f"All posts of {world.population.name(author)}; readers fetch from here what was not pushed to them."
    return KeyContent(f"author-index:{author}", "list", len(rows), _rows(world, rows[:SHOWN].tolist()), note)


def post(world: World, row: int) -> KeyContent:
    """One post: the one place where its body is."""
    posts = world.tables.posts
    note = "Lists hold its row number only, so a delete or an edit touches this one place."
    pushed = "pushed" if posts.pushed[row] else "not pushed"
    counters = {"likes": int(posts.likes[row]), "reposts": int(posts.reposts[row]), "replies": int(posts.replies[row])}
    entry = {**_rows(world, [row])[0], "fan-out": pushed, **counters}
    return KeyContent(f"post:{int(posts.key[row])}", "row", 1, (entry,), note)


def _rows(world: World, rows: list[int]) -> tuple[dict[str, Any], ...]:
    return tuple(_entry(world, row) for row in rows)


def _entry(world: World, row: int) -> dict[str, Any]:
    posts = world.tables.posts
    author = int(posts.author[row])
    kind = Kind(posts.kind[row])
    entry = {"row": row, "author": author, "by": world.population.name(author)}
    if kind != Kind.POST:
        entry["kind"] = kind.name.lower()
    return entry
