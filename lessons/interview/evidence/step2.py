"""Entities and API."""

from lessons.interview.base import Level
from lessons.interview.evidence.credit import Credit, Judge, Seen, choice, lacking, named, unless_run
from lessons.interview.figures import told
from lessons.interview.reader import Reading
from lessons.interview.transcript import Transcript

_MOST_ENTITIES = 9
_CALLS = ("post", "follow", "unfollow", "home", "profile")
_MOST_CALLS = 12
_ENTITIES = {
    "user": ("user", "account", "person", "member"),
    "post": ("post", "tweet", "message", "status"),
    "follow": ("follow", "follower", "following", "edge", "relationship", "subscription"),
    "timeline entry": ("timelineentry", "timelineitem", "timeline", "hometimeline", "feed", "feedentry", "feeditem",
                       "inbox", "inboxentry", "homelist", "hometimelineentry", "hometimelineitem", "homelistentry"),
}  # fmt: skip
"""Names that mean the same, without spaces, marks and plural."""


def entities(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """2a."""
    given = transcript.steps.s2.structured.entities
    if not given:
        return lacking("entity")
    shown = "; ".join(f"{name}({', '.join(fields)})" for name, fields in sorted(given.items()))[:400]
    names = {_plain(name): [_plain(one) for one in fields] for name, fields in given.items()}
    found = [what for what, words in _ENTITIES.items() if any(name in words for name in names)]
    links = [fields for name, fields in names.items() if name in _ENTITIES["follow"]]
    if len(found) == len(_ENTITIES) and any(_directed(fields) for fields in links):
        if len(given) > _MOST_ENTITIES:
            return choice(0.5, shown, f"{len(given)} entities; nine are more than enough.")
        return choice(1, shown, "All four are there, and a follow says who follows whom.")
    if len(found) >= 3 and (not links or any(_directed(fields) for fields in links)):
        missing = named(what for what in _ENTITIES if what not in found)
        return choice(0.5, shown, f"Missing: {missing}.")
    if links and not any(_directed(fields) for fields in links):
        return choice(0, shown, "A follow has no two ids, so it cannot say who follows whom.")
    return choice(0, shown, "Too few of user, post, follow and timeline entry.")


def calls(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """2b."""
    api = transcript.steps.s2.structured.api
    if not api:
        return lacking("call")
    missing = [one for one in _CALLS if one not in api]
    over = len(api) > _MOST_CALLS or "crud_per_table" in api or "graphql_federation" in api
    shown = f"api: {named(api)}"
    if not missing:
        return choice(0.5 if over else 1, shown, "All five calls are there, among too many." if over else "All five.")
    return choice(0.5 if len(missing) == 1 and not over else 0, shown, f"Missing: {named(missing)}.")


def paging(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """2c."""
    given = transcript.steps.s2.structured.paging
    if given is None:
        return lacking("way of paging")
    if given == "offset":
        return choice(0, "paging by offset", "While posts arrive, an offset moves: posts are seen twice.")
    measured = transcript.run.base.paging if transcript.run.base else None
    counted = [one for one in (measured.repeats, measured.skips) if one is not None] if measured else []
    verdict = None if not counted else len([one for one in counted if one == 0]) / len(counted)
    shown = f"{told(measured.repeats if measured else None, 'repeats')}, " + (
        f"{told(measured.skips if measured else None, 'skips')} over pages of 20 (measured)"
    )
    return unless_run(choice(1, "paging by cursor", "A cursor stands still while posts arrive."), Seen(verdict, shown))


def ids(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """2d."""
    given = transcript.steps.s2.structured.ids
    if given is None:
        return lacking("kind of id")
    why = {
        "time_sortable": "Ids sort by time, whoever made them.",
        "auto_increment": "One counter makes one database the door for all posts.",
        "random": "Random ids do not sort: each page needs another index.",
    }[given]
    return choice(given == "time_sortable", f"ids: {given}", why)


def own_posts(transcript: Transcript, level: Level, reading: Reading) -> Credit:
    """2e."""
    given = transcript.steps.s2.structured
    if given.post_retry is None and given.read_your_writes is None:
        return lacking("word on posts sent again or on reading one's own")
    token, own = given.post_retry == "client_token", given.read_your_writes is True
    shown = f"post_retry: {given.post_retry}, read_your_writes: {given.read_your_writes}"
    measured = transcript.run.base.own_posts if transcript.run.base else None
    counted = [one for one in (measured.doubled, measured.unseen) if one is not None] if measured else []
    verdict = None if not counted else float(not any(counted))
    seen = f"{told(measured.doubled if measured else None, 'doubled')}, " + (
        f"{told(measured.unseen if measured else None, 'own posts unseen')} (measured)"
    )
    return unless_run(choice((token + own) / 2, shown, f"{token + own} of the two."), Seen(verdict, seen))


def _plain(name: str) -> str:
    """Lower case, letters only, singular."""
    letters = "".join(one for one in name.lower() if one.isalpha())
    return f"{letters[:-3]}y" if letters.endswith("ies") else letters.removesuffix("s")


def _directed(fields: list[str]) -> bool:
    """Whether a follow has both its ends."""
    ends = ("follower", "source", "from"), ("followee", "following", "followed", "target", "to")
    return all(any(field.removesuffix("id") in names for field in fields) for names in ends)


JUDGES: dict[str, Judge] = {"2a": entities, "2b": calls, "2c": paging, "2d": ids, "2e": own_posts}
