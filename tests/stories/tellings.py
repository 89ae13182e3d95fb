"""Stories as they were told: each telling is run once for all tests of a process."""

from functools import cache

from engine.experiments.stories import STORIES, Told, tell


def told_once(name: str, *on: str) -> Told:
    """The telling of a story with these mitigations on. Its world is everybody's: who changes it mends it."""
    return _told(name, frozenset(on))


@cache
def _told(name: str, on: frozenset[str]) -> Told:
    return tell(STORIES[name], on)
