"""All planted defects: where each was seen, and the one place that switches it on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.defects import counters, lists, paths
from engine.errors import UnknownName

if TYPE_CHECKING:
    from engine.world import World

OFTEN = "often in home-made engines"


@dataclass(frozen=True)
class Defect:
    """One thing that is wrong. `plant` puts it into one running world, and nowhere else."""

    name: str
    title: str
    real_engine: str
    """Where it was seen."""
    what: str
    """In a sentence."""
    plant: Callable[["World"], None]


DEFECTS: Mapping[str, Defect] = MappingProxyType(
    {
        defect.name: defect
        for defect in (
            Defect(
                "undo_ignored", "An undo that is ignored", "Mastodon (D1)",
                "Taking back a repost that readers do not see does nothing, and later it is shown after all.",
                paths.undo_ignored,
            ),
            Defect(
                "rebuild_compares_receiver", "The wrong person's last post", "Mastodon (D2)",
                "A rebuild skips followees by how long ago the reader has posted, not they.",
                lists.rebuild_compares_receiver,
            ),
            Defect(
                "index_cut_short", "A cut answer taken for all", "Mastodon (D3)",
                "The newest rows of each author are taken for all rows, and filters then leave nothing of them.",
                paths.index_cut_short,
            ),
            Defect(
                "marker_never_cleared", "The marker that stays", "Mastodon (D4)",
                "Whoever had a list made anew once is never given another one.",
                paths.marker_never_cleared,
            ),
            Defect(
                "unfollow_sweeps_nothing", "Unfollow without a sweep", "DeathStarBench, Retwis (D5)",
                "An unfollow changes the graph and leaves the stored list as it is.",
                paths.unfollow_sweeps_nothing,
            ),
            Defect(
                "follow_without_backfill", "Follow without back-fill", "DeathStarBench, Retwis (D5)",
                "A new follow brings nothing of what was posted before it.",
                lists.follow_without_backfill,
            ),
            Defect(
                "never_trims", "A list without an end", "DeathStarBench (D5)",
                "Lists are written to and never cut to their cap.",
                lists.never_trims,
            ),
            Defect(
                "unfollow_wrong_column", "The wrong column", "Twissandra (D6)",
                "An unfollow is removed from one direction of the graph, and fan-out reads the other.",
                paths.unfollow_wrong_column,
            ),
            Defect(
                "followers_capped", "The silent limit", "Twissandra (D7)",
                "The followers of an author are read with a limit that nobody notices.",
                paths.followers_capped,
            ),
            Defect(
                "keyed_by_time", "Time as a key", "Twissandra (D8)",
                "Entries are keyed by the second alone, so two posts of one second overwrite each other.",
                lists.keyed_by_time,
            ),
            Defect(
                "keeps_one_more", "One too many", "Retwis (D9)",
                "A trim keeps one entry more than the cap.",
                lists.keeps_one_more,
            ),
            Defect(
                "pushes_into_cold", "A push that makes a list", OFTEN,
                "A copy that reaches a list that is gone makes a new one, which passes for complete.",
                lists.pushes_into_cold,
            ),
            Defect(
                "offset_paging", "Pages by offset", "DeathStarBench (row 39), and " + OFTEN,
                "The next page is counted from the top of the list, which has moved meanwhile.",
                lists.offset_paging,
            ),
            Defect(
                "unfollow_leaves_reposts", "Reposts left behind", OFTEN,
                "An unfollow sweeps what an author wrote and leaves what they passed on.",
                paths.unfollow_leaves_reposts,
            ),
            Defect(
                "keeps_twice", "A redelivery stands twice", OFTEN,
                "A copy that is delivered again is stored again.",
                lists.keeps_twice,
            ),
            Defect(
                "counts_twice", "Retries counted as deliveries", OFTEN,
                "Every attempt counts its copies as delivered, new or not.",
                counters.counts_twice,
            ),
            Defect(
                "lag_at_first_follower", "Lag of the luckiest", OFTEN,
                "The lag of a post is taken when its first follower has it.",
                counters.lag_at_first_follower,
            ),
            Defect(
                "limit_before_filter", "Limit before filter", OFTEN,
                "Twenty entries are fetched, then filtered, and what is left is the page and the end.",
                lists.limit_before_filter,
            ),
            Defect(
                "order_by_arrival", "Order of arrival", OFTEN,
                "A list is in the order in which copies came, not in that of the posts.",
                lists.order_by_arrival,
            ),
            Defect(
                "no_check_on_apply", "Too late to unfollow", "Mastodon, by reading (row 25)",
                "A copy on its way when a follow ends is written all the same.",
                paths.no_check_on_apply,
            ),
            Defect(
                "celebrities_now", "Who is a celebrity now", OFTEN,
                "Readers pull whoever has many followers now, not whoever has posts that were not pushed.",
                paths.celebrities_now,
            ),
            Defect(
                "dead_letters_forgotten", "Given up and forgotten", OFTEN,
                "Nobody is told to pull the posts whose copies were given up.",
                paths.dead_letters_forgotten,
            ),
            Defect(
                "rebuild_loses_pushes", "A rebuild over a push", OFTEN,
                "What is pushed while a list is made anew is overwritten when that is done.",
                lists.rebuild_loses_pushes,
            ),
            Defect(
                "own_post_in_queue", "Where is my post?", OFTEN,
                "An author's own entry waits in line with everybody's.",
                paths.own_post_in_queue,
            ),
            Defect(
                "block_one_way", "A block that hides one side", OFTEN,
                "Whoever was blocked still sees what others pass on of the one who blocked them.",
                paths.block_one_way,
            ),
            Defect(
                "strangers_first", "The lanes mixed up", OFTEN,
                "Copies for close friends go to the lane for all the others, and theirs to the friends' lane.",
                paths.strangers_first,
            ),
            Defect(
                "acknowledges_first", "Confirmed before it is done", OFTEN,
                "Workers confirm jobs when they take them, so a crash loses what they had in hand.",
                paths.acknowledges_first,
            ),
        )
    }
)  # fmt: skip
"""By name. D10 and D11 of the list of known defects have no counterpart: deletes are judged on the page here, so there
is no delete fan-out to be slow, and a fan-out that reaches some followers earlier than others is how this engine works
(its lag shows that)."""


def find_defect(name: str) -> Defect:
    """The defect of this name.

    Raises:
        UnknownName: there is none.
    """
    if name not in DEFECTS:
        raise UnknownName(f"There is no defect {name!r}; allowed: {', '.join(DEFECTS)}.")
    return DEFECTS[name]


def plant(world: "World", name: str) -> None:
    """Put a defect into one world, for good.

    Raises:
        UnknownName: there is no such defect; nothing was changed.
    """
    find_defect(name).plant(world)
