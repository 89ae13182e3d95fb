"""What the Inspect page says, where it needs more than a word: definitions, sentences, figures with their units."""

import json
from typing import Any

from engine.live.inspection import LogEntry, PostLine, StoredList
from engine.observe import words

RAW = {
    "zset": "What Redis answers to `ZREVRANGE {key} 0 -1 WITHSCORES`: member, score. A row is its own score. The "
    "member `h` is the horizon, scored half below it, so that it always sorts last.",
    "int32 slots": "The slots of one flat int32 array that this list takes: slot number, row. Arrays have no names, so "
    "the key is what it would be called in a store with names.",
}
"""By the type of a key: what its raw content is."""

HELP = {
    "Entries": "Entries in this list now, and the cap: above it the oldest entry is dropped (measured).",
    "Horizon": "Row of the oldest post from which on this list is complete, now. Whatever is older is pulled from the "
    "authors (measured).",
    "Type": "In what the backend keeps this list.",
    "Keys": "Stored lists in this world now (measured). People without one are pulled for.",
    "Copies": "Copies planned when the post was accepted: one for each follower with a list (measured).",
    "Received": "Followers in whose list the post is readable now (measured).",
    "Lag p50": "Half of the copies delivered so far were readable within this time after acceptance. Waiting measured, "
    "service times modelled.",
    "Lag p99": "99 in 100 of the copies delivered so far were readable within this time after acceptance. Waiting "
    "measured, service times modelled.",
    "Opened": "Followers who opened home since the post was accepted (measured).",
    "Age": "Virtual time since the post was accepted.",
    "Took": "From the request to the end of its last hop, in virtual time. Waiting measured, service times modelled.",
    "Hops": "Parts of the system that this request passed through (measured).",
}


def memory(bytes_: int) -> str:
    """1536 -> '1.5 kB'."""
    return f"{words.number(bytes_ / 1000)} kB" if bytes_ >= 1000 else f"{bytes_} B"


def memory_help(seen: StoredList) -> str:
    """How the memory of a list is known."""
    if seen.stored.bytes_are == "measured":
        return "Memory this list takes now, as the Redis server tells it with MEMORY USAGE (measured)."
    if seen.stored.type == "zset":
        return "Key, members and 8 bytes a score, now; a server adds its own overhead (modelled)."
    return "Slots set aside for this list, and its places in the columns beside them, now (measured)."


def list_rows(seen: StoredList) -> list[dict[str, Any]]:
    """The content of a list, for a table."""
    return [
        {
            "Row": entry.row,
            "Author": entry.author,
            "Post": entry.text,
            "Age (s)": round(entry.age_s, 1),
            "Pushed": "yes" if entry.pushed else "no",
        }
        for entry in seen.entries
    ]


def lag(value_ms: float) -> str:
    """In ms below a second, in seconds from there on."""
    return words.seconds(value_ms / 1000) if value_ms >= 1000 else words.millis(value_ms)


def hop_rows(trace: dict[str, Any]) -> list[dict[str, Any]]:
    """The hops of a request, for a table; times in ms since the request."""
    return [
        {
            "Hop": hop["label"],
            "Start (ms)": ms(hop["start_ms"]),
            "Waited (ms)": ms(hop["wait_ms"]),
            "Worked (ms)": ms(hop["service_ms"]),
            "End (ms)": ms(hop["end_ms"]),
            "State": hop["state"],
            "Times are": hop["kind"],
            "What it did": hop["facts"],
        }
        for hop in trace["hops"]
    ]


def ms(value: float | None) -> float | None:
    """To a hundredth."""
    return None if value is None else round(value, 2)


def post_label(post: PostLine) -> str:
    """One post in a list to choose from."""
    text = post.text if len(post.text) <= 60 else f"{post.text[:60]}…"
    followers = f"{words.count(post.followers)} follower{'' if post.followers == 1 else 's'}"
    return f"{post.name}, {followers}, {words.seconds(max(post.age_s, 0))} ago: {text}"


def log_rows(entries: list[LogEntry]) -> list[dict[str, Any]]:
    """Log entries, for a table."""
    return [
        {
            "Time": stamp(entry.at_ns),
            "Level": entry.level,
            "Source": entry.source,
            "What": entry.text,
            "Figures": figures(entry),
        }
        for entry in entries
    ]


def figures(entry: LogEntry) -> str:
    """'retries=3 users=4,7'."""
    known = {name: value for name, value in (("user", entry.user), ("post", entry.row)) if value is not None}
    return " ".join(
        f"{name}={','.join(map(str, value)) if isinstance(value, tuple) else _plain(value)}"
        for name, value in {**entry.fields, **known}.items()
    )


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def stamp(at_ns: int) -> str:
    """98.4 s -> '00:01:38.4'."""
    tenths = at_ns // 100_000_000
    return f"{words.clock(tenths // 10)}.{tenths % 10}"


def table_height(rows: int) -> int:
    """Of a table with so many rows, in px: what they need, up to a screenful."""
    return min(38 + 35 * rows, 520)


def many(number: int, thing: str, things: str = "") -> str:
    """'1 copy', '3 copies'."""
    return f"{words.count(number)} {thing if number == 1 else things or thing + 's'}"
