"""Text of load posts, made from (seed, key) when somebody looks at them; nothing is stored.

Some 60,000 different sentences of everyday life, without names of people, places or brands.
"""

import hashlib

_OPENINGS = (
    "", "", "", "Honestly: ", "Small update: ", "Today I learned: ", "Note to self: ", "Hot take: ", "Good news: ",
    "Unpopular opinion: ", "Just saying: ", "Overheard on the bus: ", "Reminder: ", "Strange but true: ",
)  # fmt: skip
_SUBJECTS = (
    "the bakery on the corner", "my neighbour's cat", "this new keyboard", "the evening train", "our book club",
    "the second cup of coffee", "a walk along the river", "the last episode", "my sourdough", "the library",
    "this tiny tomato plant", "the office printer", "the choir next door", "a long bike ride", "the morning fog",
    "our garden", "the old radio", "yesterday's match", "the spare umbrella", "a quiet afternoon", "the night shift",
    "my first pull request", "the lake", "the slow queue at the post office",
)  # fmt: skip
_VERDICTS = (
    "is better than I remembered", "has ruined my schedule again", "deserves far more attention", "saved the day",
    "made everybody laugh", "is exactly what I needed", "surprised me for once", "is worth getting up early for",
    "was over far too soon", "never gets old", "taught me some patience", "is the best thing this week",
    "looks different in this light", "is suspiciously quiet today", "finally makes sense", "still does not work",
    "has a mind of its own", "beats any plan I had",
)  # fmt: skip
_ENDINGS = (
    ".", ".", ".", "!", ", and nobody told me.", ". More tomorrow.", ". Who else?", ". I regret nothing.",
    ", as always.", ". Discuss.", ". Pictures later.", ". That is all.", ". Ask me again on Monday.",
    ", or so they say.", ". What would you do?",
)  # fmt: skip

_PICTURED, _PICTURES = 8, 1_000_000
"""One post in so many has a picture; so many different ones there are."""


def load_text(seed: int, key: int) -> str:
    """The text of the load post with this content key: one line of 20 to 120 characters; about 3 us."""
    lot = int.from_bytes(hashlib.blake2b(f"{seed}/{key}".encode(), digest_size=16).digest(), "little")
    words = []
    for choices in (_OPENINGS, _SUBJECTS, _VERDICTS, _ENDINGS):
        lot, chosen = divmod(lot, len(choices))
        words.append(choices[chosen])
    opening, subject, verdict, ending = words
    sentence = f"{opening}{subject} {verdict}{ending}"
    return sentence[0].upper() + sentence[1:]


def load_media(seed: int, key: int) -> int | None:
    """The picture of the load post with this content key, by its id; seven posts in eight have none."""
    lot = int.from_bytes(hashlib.blake2b(f"{seed}/{key}/media".encode(), digest_size=8).digest(), "little")
    return None if lot % _PICTURED else lot // _PICTURED % _PICTURES
