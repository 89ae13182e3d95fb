"""The bodies of pages: which of them the post cache has, asked in order of arrival while new posts come in."""

from functools import partial

import numpy as np

from engine.caches.post_cache import PostCache
from engine.cores import on_all_cores, shares
from engine.domain import I32, I64, NO_ROW
from engine.posts.store import PostStore

_FEW_PAGES = 4_096
"""Up to here a second core is not worth its while."""
_SPARE = 8
"""A body that stays even if this part of the cache were replaced cannot be missed; it changes nothing either."""


def missing_bodies(posts: PostStore, cache: PostCache, arrived_ns: I64, pages: I32, accepted: I32) -> I64:
    """How many bodies of each page the post cache does not have, shape (n,).

    Pages, shape (n, limit), ask in order of arrival; posts enter the cache when they are accepted.
    """
    new = accepted[posts.identity[accepted] == accepted]
    replaced = cache.capacity // _SPARE
    spans = shares(len(pages), _FEW_PAGES)
    found = on_all_cores(partial(_doubtful, posts, cache, pages, span, replaced) for span in spans)
    place = np.concatenate(found)
    if len(place) + len(new) > replaced:
        place = np.flatnonzero(pages != NO_ROW)
    reader = place // pages.shape[1]
    asked = posts.identity.take(pages.reshape(-1).take(place))
    first_of_reader = arrived_ns.searchsorted(posts.accepted_ns[new])
    turn = reader.searchsorted(first_of_reader) + np.arange(len(new))
    is_insert = np.zeros(len(asked) + len(new), np.bool_)
    is_insert[turn] = True
    sequence = np.empty(len(is_insert), np.int32)
    sequence[turn], sequence[~is_insert] = new, asked
    hits = cache.play(sequence, is_insert)[~is_insert]
    missed: I64 = np.bincount(reader[~hits], minlength=len(pages))
    return missed


def _doubtful(posts: PostStore, cache: PostCache, pages: I32, span: slice, replaced: int) -> I64:
    """Places, in all pages, of bodies that the cache may not have once so many posts were inserted."""
    rows = pages[span].reshape(-1)
    place = np.flatnonzero(cache.may_lack(rows, replaced))  # by row, which is the identity of all but reposts
    rows = rows.take(place)
    there = np.flatnonzero(rows != NO_ROW)
    place, rows = place.take(there), rows.take(there)
    doubtful = place[cache.may_lack(posts.identity.take(rows), replaced)]
    doubtful += span.start * pages.shape[1]
    return doubtful
