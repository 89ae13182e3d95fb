"""The thirty claims, in our words, with the figures of the texts that make them.

The texts are named by the first three digits of their files: 000 to 004.
"""

from engine.experiments.claims.claim import Declared

DECLARED = (
    Declared(id="C01", source="001", says="one pulled home page touches 20,000 rows", figure="20,000 rows"),
    Declared(id="C02", source="001", says="100K pulled pages a second are 2 billion rows/s", figure="2 billion rows/s"),
    Declared(id="C03", source="001", says="load peaks at ten times its mean", figure="10 x"),
    Declared(
        id="C04",
        source="001",
        says="a push to 500 followers takes about 5 ms",
        figure="5 ms",
        missing="wall time on a real Redis beside it",
    ),
    Declared(id="C05", source="001", says="a push to 150M followers takes hours", figure="hours"),
    Declared(id="C06", source="001", says="pulling 20 celebrities adds about 20 ms", figure="20 ms"),
    Declared(id="C07", source="001", says="at 1 ms a write 5,000 followers wait 5 s; batches help", figure="5 s"),
    Declared(id="C08", source="001", says="500M posts a day", figure="6,000 posts/s, 60,000 at peak"),
    Declared(id="C09", source="001", says="home, freshness, availability", figure="< 300 ms, < 5 s, 99.99 %"),
    Declared(
        id="C10",
        source="001",
        says="by post id a profile asks every shard; by author one, but a hot one",
        figure="",
        missing="the partition lab: layouts to choose from, with an index on (author, time) as the third",
    ),
    Declared(id="C11", source="004", says="300M posts a day", figure="3,500 posts/s, 35,000 at peak"),
    Declared(id="C12", source="004", says="50B home reads a day", figure="580,000 reads/s, 3M-5M at peak"),
    Declared(id="C13", source="004", says="200 followers a post: 60B inserts a day", figure="700,000/s, 7M at peak"),
    Declared(id="C14", source="004", says="above the line a celebrity's post costs O(1) writes", figure="O(1)"),
    Declared(id="C15", source="004", says="1 KB a post, three copies", figure="300 GB/day, 900 GB/day"),
    Declared(
        id="C16",
        source="004",
        says="time to post, time to read home",
        figure="post p99 < 300 ms; home p50 < 200 ms, p99 < 1 s (warm < 500 ms)",
    ),
    Declared(
        id="C17",
        source="004",
        says="a lost region costs minutes of posts and an hour",
        figure="RPO minutes, RTO <= 1 h",
        missing="regions and their failover",
    ),
    Declared(
        id="C18",
        source="003",
        says="a post for 50,000 followers: store, fan-out, notify, read",
        figure="50,000 followers",
        missing="notifications, the presence push of the walk-through",
    ),
    Declared(
        id="C19",
        source="003",
        says="keep the latest 800 entries of a home list",
        figure="800 (600-2,000) entries",
        missing="readers who page deeper: all of the load reads first pages",
    ),
    Declared(
        id="C20",
        source="000",
        says="pull accounts above a number of followers",
        figure="1,000,000 (000), 500,000 (004) followers",
        missing="large graphs in this table; `sweep` draws both bills over the line",
    ),
    Declared(
        id="C21",
        source="002",
        says="choose push or pull by the reads per write",
        figure="",
        missing="the map in this table; `sweep` draws it over strategies and ratios",
    ),
    Declared(
        id="C22",
        source="002",
        says="bodies kept apart from list entries: less duplication",
        figure="",
        missing="a layout with bodies inside the lists, to compare with",
    ),
    Declared(
        id="C23",
        source="000",
        says="retries with the key (user, post) make no duplicates",
        figure="0 duplicates",
        missing="a switch that takes the key off",
    ),
    Declared(
        id="C24",
        source="000",
        says="filtering deleted posts at read is safe at once",
        figure="",
        missing="the other way: removing them from the lists, with its lag",
    ),
    Declared(id="C25", source="002", says="without back-pressure writes stall under load", figure=""),
    Declared(id="C26", source="003", says="posts can be searched within seconds", figure="seconds", missing="search"),
    Declared(
        id="C27",
        source="004",
        says="counters are written behind and reconciled",
        figure="",
        missing="counters written behind; here a like counts when it is committed",
    ),
    Declared(id="C28", source="004", says="coalescing, soft TTL and early refresh stop a stampede", figure=""),
    Declared(id="C29", source="004", says="own list first, then close friends, then the rest", figure=""),
    Declared(
        id="C30",
        source="001",
        says="with consistent hashing a new node moves few keys",
        figure="1/(n+1) of keys",
        missing="a ring; this engine gives each server an equal range of hashes",
    ),
)
"""All claims, in their order."""
