"""The bodies of pages: which of them the post cache has, asked in order of arrival while new posts come in."""

import numpy as np

from engine.caches.coalescing import Coalescing
from engine.caches.post_cache import PostCache
from engine.domain import I32, I64, NO_ROW
from engine.posts.store import PostStore

_SPARE = 8
"""A body that stays even if this part of the cache were replaced cannot be missed; it changes nothing either."""


def doubtful_bodies(posts: PostStore, cache: PostCache, pages: I32) -> I64:
    """Places, in the flattened pages, of bodies that the cache may not have when they are asked for.

    It changes nothing: pages may be looked through by several threads.
    """
    rows, replaced = pages.reshape(-1), cache.capacity // _SPARE
    if cache.down:
        return np.zeros(0, np.int64)
    place = np.flatnonzero(cache.may_lack(rows, replaced))  # by row, which is the identity of all but reposts
    rows = rows.take(place)
    there = np.flatnonzero(rows != NO_ROW)
    place, rows = place.take(there), rows.take(there)
    return place.compress(cache.may_lack(posts.identity.take(rows), replaced))


def missing_bodies(
    posts: PostStore, cache: PostCache, arrived_ns: I64, pages: I32, doubtful: I64, accepted: I32, fetched: bool = True
) -> I64:
    """How many bodies of each page the post cache does not have, shape (n,).

    Pages, shape (n, limit), ask in order of arrival; posts enter the cache when they are accepted, and when they are
    missed, unless what is missed is not `fetched`.
    """
    new = accepted[posts.identity[accepted] == accepted]
    place = doubtful
    if not fetched or len(doubtful) + len(new) > cache.capacity // _SPARE:
        place = np.flatnonzero(pages != NO_ROW)
    reader = place // pages.shape[1]
    asked = posts.identity.take(pages.reshape(-1).take(place))
    first_of_reader = arrived_ns.searchsorted(posts.accepted_ns[new])
    turn = reader.searchsorted(first_of_reader) + np.arange(len(new))
    is_insert = np.zeros(len(asked) + len(new), np.bool_)
    is_insert[turn] = True
    sequence = np.empty(len(is_insert), np.int32)
    sequence[turn], sequence[~is_insert] = new, asked
    hits = (cache.play if fetched else cache.look)(sequence, is_insert)[~is_insert]
    missed: I64 = np.bincount(reader[~hits], minlength=len(pages))
    return missed


def fetched_bodies(posts: PostStore, arrived_ns: I64, pages: I32, coalescing: Coalescing | None) -> I64:
    """How many bodies of each page, shape (n,), the database has to fetch while the post cache is down: all, or where
    requests are coalesced those that nobody else is just asking for. Pages, shape (n, limit), in order of arrival."""
    place = np.flatnonzero(pages != NO_ROW)
    reader = place // pages.shape[1]
    if coalescing is not None:
        asked = posts.identity.take(pages.reshape(-1).take(place))
        reader = reader.compress(coalescing.first(arrived_ns.take(reader), asked))
    fetched: I64 = np.bincount(reader, minlength=len(pages))
    return fetched
