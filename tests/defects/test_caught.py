"""Every planted defect is caught by ordinary tests: the same test functions, over worlds in which it was planted."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest
from _pytest.assertion import util

from engine.defects import DEFECTS, plant
from engine.world import World
from tests.behaviours import (
    test_a_insert_order_cap,
    test_c_follows_and_filters,
    test_d_fan_out,
    test_e_cold_lists_and_pages,
    test_h_hybrid,
    test_often_wrong,
)
from tests.incidents import test_nothing_is_lost
from tests.law import test_bill, test_rules

Test = Callable[[], Any]

CAUGHT_BY: Mapping[str, tuple[Test, ...]] = {
    "undo_ignored": (
        partial(test_often_wrong.test_defect_1_a_hidden_repost_that_is_undone_is_not_promoted_later, "push"),
    ),
    "rebuild_compares_receiver": (partial(test_rules.test_8_a_follow_during_a_rebuild_starts_it_again, "follow"),),
    "index_cut_short": (
        partial(test_rules.test_10_a_page_of_prolific_and_quiet_authors_is_complete, "pull"),
        partial(test_rules.test_11_a_page_is_full_until_the_true_end_however_much_is_filtered, "pull"),
    ),
    "marker_never_cleared": (test_rules.test_8_a_list_evicted_during_its_rebuild_is_rebuilt_all_the_same,),
    "unfollow_sweeps_nothing": (
        partial(test_c_follows_and_filters.test_row_23_unfollow_takes_exactly_that_author_s_entries, "push"),
        partial(test_rules.test_6_unfollow_takes_the_reposts_too_but_not_what_came_through_others, "push"),
    ),
    "follow_without_backfill": (
        partial(test_c_follows_and_filters.test_row_21_a_follow_brings_the_posts_of_before, "push"),
    ),
    "never_trims": (
        test_a_insert_order_cap.test_row_1_a_full_list_keeps_its_length_and_loses_its_lowest_id,
        test_bill.test_what_the_cap_drops_is_counted_once,
    ),
    "unfollow_wrong_column": (
        test_often_wrong.test_defect_6_an_unfollow_ends_the_right_direction,
        test_bill.test_the_line_of_hybrid_is_drawn_at_each_post,
    ),
    "followers_capped": (partial(test_often_wrong.test_defect_7_no_follower_is_beyond_reach, "push"),),
    "keyed_by_time": (partial(test_often_wrong.test_defect_8_two_posts_of_one_instant_are_two_posts, "push"),),
    "keeps_one_more": (partial(test_often_wrong.test_defect_9_a_cap_of_n_keeps_n, 5),),
    "pushes_into_cold": (
        partial(test_e_cold_lists_and_pages.test_row_37_a_push_to_an_evicted_list_is_no_full_feed, "push"),
        test_rules.test_2_a_copy_that_comes_to_an_evicted_list_makes_no_list,
    ),
    "offset_paging": (
        partial(test_e_cold_lists_and_pages.test_row_39_pages_neither_repeat_nor_skip_while_posts_arrive, "push"),
    ),
    "unfollow_leaves_reposts": (
        partial(test_rules.test_6_unfollow_takes_the_reposts_too_but_not_what_came_through_others, "push"),
    ),
    "keeps_twice": (test_a_insert_order_cap.test_row_4_delivering_twice_is_delivering_once,),
    "counts_twice": (
        test_often_wrong.test_retries_count_no_delivery_twice,
        test_bill.test_a_redelivery_and_a_retry_are_no_deliveries,
    ),
    "lag_at_first_follower": (test_often_wrong.test_lag_is_taken_at_every_follower,),
    "limit_before_filter": (
        partial(test_rules.test_11_a_page_is_full_until_the_true_end_however_much_is_filtered, "push"),
    ),
    "order_by_arrival": (test_a_insert_order_cap.test_row_2_the_order_is_that_of_creation_not_of_arrival,),
    "no_check_on_apply": (
        partial(test_c_follows_and_filters.test_row_25_a_fan_out_in_flight_leaves_nothing_behind_an_unfollow, "push"),
        partial(test_rules.test_5_a_copy_on_its_way_when_the_follow_ends_leaves_no_residue, "push"),
    ),
    "celebrities_now": (
        test_h_hybrid.test_row_h2_crossing_the_line_neither_loses_nor_doubles,
        partial(
            test_rules.test_4_a_celebrity_who_becomes_small_keeps_the_posts_that_were_not_pushed, "hybrid:threshold=2"
        ),
    ),
    "dead_letters_forgotten": (test_rules.test_4_readers_pull_what_was_given_up,),
    "rebuild_loses_pushes": (test_rules.test_8_a_push_during_a_rebuild_is_not_lost,),
    "own_post_in_queue": (
        partial(test_a_insert_order_cap.test_row_9_authors_see_their_own_post_before_any_worker_has_run, "push"),
        partial(test_rules.test_13_one_s_own_post_is_there_when_post_returns, "push"),
    ),
    "block_one_way": (partial(test_c_follows_and_filters.test_row_28_four_parties_hide_a_post, "push", "blocked by"),),
    "strangers_first": (test_d_fan_out.test_row_33_a_backlog_of_the_rest_does_not_delay_close_friends,),
    "acknowledges_first": (
        partial(
            test_nothing_is_lost.test_each_fault_alone_ends_in_the_pages_of_the_oracle,
            kind="worker_crash",
            strategy="push",
        ),
    ),
}
"""By defect, the ordinary tests that it fails."""
CASES = [
    pytest.param(defect, test, id=f"{defect}-{getattr(test, 'func', test).__name__}")
    for defect, tests in CAUGHT_BY.items()
    for test in tests
]


def every_world_with(defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on all worlds that open have this planted in them."""
    opened = World.__init__

    def opened_and_planted(world: World, *args: Any, **named: Any) -> None:
        opened(world, *args, **named)
        plant(world, defect)

    monkeypatch.setattr(World, "__init__", opened_and_planted)


def test_no_defect_goes_uncaught():
    assert [name for name in DEFECTS if not CAUGHT_BY.get(name)] == []
    assert set(CAUGHT_BY) == set(DEFECTS)


@pytest.mark.parametrize(("defect", "test"), CASES)
def test_a_planted_defect_fails_an_ordinary_test_that_passes_without_it(defect, test, monkeypatch):
    test()
    every_world_with(defect, monkeypatch)
    monkeypatch.setattr(util, "_reprcompare", None)  # CI tells differences in full, and of 5,000 rows for minutes
    with pytest.raises(AssertionError):
        test()
