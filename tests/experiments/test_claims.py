"""The claims: all thirty are there, arithmetic is right, and what was measured agrees with small sums made here."""

import json
from heapq import heapreplace

import numpy as np
import pytest

from datasets.worlds import build_population, preset_config
from engine import __main__ as command
from engine.experiments.claims import check
from engine.experiments.claims.check import CHECKS, check_claims
from engine.experiments.claims.claim import Claim, Declared, Figure, Finding
from engine.experiments.claims.declared import DECLARED
from engine.experiments.claims.writes import Pool, push_s

IDS = [f"C{number:02}" for number in range(1, 31)]
NOT_YET = {"C17", "C26", "C27"}
COMPUTED_ONLY = {"C08", "C11", "C12", "C15"}


@pytest.fixture(scope="module")
def claims() -> dict[str, Claim]:
    return {claim.id: claim for claim in check_claims()}


def formula(claim: Claim) -> list[float]:
    return [figure.value for figure in claim.finding.formula]


def measured(claim: Claim) -> list[float]:
    return [figure.value for figure in claim.finding.measured]


def classroom_followers() -> np.ndarray:
    return build_population(preset_config("classroom", seed=7)).graph.follower_counts.astype(float)


# Structure


def test_all_thirty_are_there_in_their_order(claims):
    assert list(claims) == IDS
    assert [declared.id for declared in DECLARED] == IDS


def test_every_claim_is_computed_measured_or_says_what_is_missing(claims):
    assert set(CHECKS) == set(IDS) - NOT_YET
    assert {id_ for id_, claim in claims.items() if not claim.finding.measured} == NOT_YET | COMPUTED_ONLY
    for id_, claim in claims.items():
        assert claim.finding.formula or claim.finding.measured or claim.not_yet, id_
        assert (id_ in NOT_YET) <= bool(claim.not_yet), id_


def test_what_was_measured_and_nothing_else_names_its_run(claims):
    for id_, claim in claims.items():
        assert bool(claim.finding.run) == bool(claim.finding.measured), id_
        if claim.finding.run:
            assert any(word in claim.finding.run for word in ("seed 7", "nothing drawn")), id_


def test_every_figure_has_a_unit_and_is_a_number(claims):
    for id_, claim in claims.items():
        for figure in (*claim.finding.formula, *claim.finding.measured):
            assert figure.unit, id_
            assert np.isfinite(figure.value), id_


def test_every_check_says_where_its_formula_comes_from():
    for id_, found in CHECKS.items():
        assert found.__doc__, id_
        assert any(word in found.__doc__ for word in ("seed", "Redis", "C01")), id_


# Arithmetic


@pytest.mark.parametrize(
    ("id_", "place", "value"),
    [
        ("C01", 0, 20_000),
        ("C02", 0, 2e9),
        ("C07", 0, 5),
        ("C08", 0, 5_787),
        ("C08", 1, 57_870),
        ("C11", 0, 3_472),
        ("C11", 1, 34_722),
        ("C12", 0, 578_704),
        ("C13", 0, 694_444),
        ("C13", 1, 6_944_444),
        ("C15", 0, 300),
        ("C15", 1, 900),
    ],
)
def test_the_formula_gives(claims, id_, place, value):
    assert round(formula(claims[id_])[place]) == value


# Measured, beside sums made here


def test_a_pulled_page_touches_every_recent_post_of_every_followee(claims):
    rows, authors, took_ms = measured(claims["C01"])
    assert (rows, authors) == (400 * 50, 400 + 1)
    assert took_ms == pytest.approx(0.3 + 1.4 + 401 * 0.1 + 20_000 * 0.001 + 0.8 + 20 * 0.005)


def test_the_index_servers_answer_no_more_than_their_prices_allow(claims):
    asked_rate, answered_per_s, rows_per_s = measured(claims["C02"])
    page_s = (1_400 + 401 * 100 + 20_000 * 1) / 1e6
    assert asked_rate == 2e9
    assert answered_per_s == pytest.approx(16 / page_s, rel=0.03)
    assert rows_per_s == answered_per_s * 20_000


def test_a_push_takes_as_long_as_workers_played_by_hand(claims):
    def by_hand_s(copies: int, batch: int, workers: int) -> float:
        free = [0.0] * workers
        for _ in range(copies // batch):
            heapreplace(free, free[0] + 975e-6 + batch * 25e-6)
        return max(free)

    wanted = [
        by_hand_s(5_000, 1, 1),
        by_hand_s(5_000, 100, 1),
        by_hand_s(5_000, 1, 8),
        by_hand_s(5_000, 100, 8),
        by_hand_s(10_000, 1, 1),
    ]
    assert measured(claims["C07"]) == pytest.approx(wanted)


def test_a_push_to_five_hundred_is_what_its_writes_take(claims):
    class_ms, city_ms, alone_ms, piped_ms = measured(claims["C04"])
    assert class_ms == pytest.approx(2 * (2 + 100 * 2.3), rel=0.01)  # five jobs over four workers: two rounds
    assert city_ms == pytest.approx(0.5 + 100 * 0.11, rel=0.03)  # eight workers: one round
    assert (alone_ms, piped_ms) == pytest.approx((500 * 0.1185, 500 * 0.0251))


def test_a_hundred_and_fifty_million_is_extrapolated_and_says_so(claims):
    hours, batched_hours, hundred_s = measured(claims["C05"])
    assert claims["C05"].finding.run.startswith("extrapolated")
    assert hours == pytest.approx(150e6 * 1e-3 / 3_600)
    assert batched_hours == pytest.approx(150e6 / 100 * 3.475e-3 / 3_600)
    assert hundred_s == pytest.approx(batched_hours * 3_600 / 100)


def test_a_push_is_linear_in_followers():
    knobs = Pool(1, 100, 0.0, 1_000.0).knobs()
    assert push_s(2_000, knobs) == pytest.approx(2 * push_s(1_000, knobs))


def test_twenty_celebrities_cost_what_the_price_list_says(claims):
    batched_ms, in_turn_ms, none_ms, with_stars_ms = measured(claims["C06"])
    assert in_turn_ms == pytest.approx(20)
    assert 1.4 + 20 * 0.1 < batched_ms < 1.4 + 20 * 0.1 + 0.2  # and the rows
    assert with_stars_ms - none_ms == pytest.approx(batched_ms)


def test_copies_a_post_are_followers_weighted_by_posting(claims):
    per_user, alike, eager = measured(claims["C13"])
    followers = classroom_followers()
    assert per_user == pytest.approx(followers.mean())
    assert alike == pytest.approx(per_user, rel=0.05)
    posting = np.where(followers == followers.max(), 0, followers**0.45)  # the largest is silent
    assert formula(claims["C13"])[2] == pytest.approx((posting * followers).sum() / posting.sum())
    assert eager == pytest.approx(formula(claims["C13"])[2], rel=0.1)
    assert eager > 1.1 * alike


def test_a_celebrity_is_copied_to_every_follower_or_to_nobody(claims):
    assert measured(claims["C14"]) == [classroom_followers().max(), 0, 0]


def test_a_list_is_trimmed_to_its_cap(claims):
    trimmed, kept, size_bytes = measured(claims["C19"])
    assert (trimmed, kept) == (1_000 - 800, 800)
    assert size_bytes >= 800 * 4


def test_promises_are_kept_when_calm_and_broken_by_a_burst(claims):
    home_ms, visible_ms, answered, burst_ms = measured(claims["C09"])
    assert home_ms < 300
    assert visible_ms < 5_000 < burst_ms
    assert answered == 100
    assert all(value <= limit for value, limit in zip(measured(claims["C16"]), formula(claims["C16"]), strict=False))


def test_the_line_is_cheapest_where_the_break_even_says(claims):
    here, in_this_load, *_ = measured(claims["C21"])
    pulling, *_, pushing, pulling_many, pushing_many = measured(claims["C20"])
    assert formula(claims["C21"])[0] == pytest.approx(39.8 * 2.32 / (1.4 + 40.8 * 0.1 + 0.072), rel=0.01)
    assert in_this_load < here < 3 * in_this_load, "so few reads favour pull, three times as many favour push"
    assert pulling < pushing
    assert pushing_many < pulling_many


def test_bodies_in_memory_spare_the_database(claims):
    hits, hits_without, home_ms, home_without_ms = measured(claims["C22"])
    assert hits > 80
    assert hits_without < 1
    assert home_ms < home_without_ms


def test_redelivery_happens_and_makes_no_duplicates(claims):
    duplicates, missing, redelivered, retried, copies = measured(claims["C23"])
    assert (duplicates, missing) == (0, 0)
    assert redelivered > 100
    assert retried > 50
    assert copies > 10_000


def test_deleted_posts_stay_in_lists_and_are_shown_to_nobody(claims):
    assert measured(claims["C24"]) == [0, 5 * 100, 5 * 100]


def test_a_bounded_queue_moves_the_wait_from_the_readers_to_the_author(claims):
    post, visible, fresh, held_post, held_visible, held_fresh = measured(claims["C25"])
    config = preset_config("classroom", **{"seed": 7, "load.posts_per_s": 60})
    copies_s = 60 * classroom_followers()[1:].mean()
    works_s = config.workers.count * 1e6 / config.costs.delivery_us
    assert copies_s > 1.2 * works_s, "more than the workers write"
    assert visible / 1e3 > 20 * (copies_s / works_s - 1), "the queue grows all the while, and workers also poll"
    assert post < 10
    assert held_post > 1_000
    assert held_visible / 1e3 < 2 * 2_000 / works_s
    assert held_fresh > 1.5 * fresh


def test_coalescing_and_a_soft_ttl_spare_and_spread_expiry_does_not(claims):
    alone, together, hard, soft, spread = measured(claims["C28"])
    assert alone > 300 * 5 * 15, "five seconds of pages whose bodies all come from the database"
    assert together < 0.9 * alone
    assert soft < 0.8 * hard
    assert spread > hard


def test_close_friends_hardly_wait_while_the_rest_do(claims):
    own, close_ms, rest_ms, close, rest = measured(claims["C29"])
    assert own == 20
    assert 20 * close_ms < rest_ms
    assert close + rest > 8 * 1_500


def test_a_reader_of_a_large_account_waits_for_the_last_round(claims):
    accepted_ms, first_ms, last_ms, copies = measured(claims["C18"])
    assert copies == 50_000
    assert accepted_ms == pytest.approx(0.1 + 2)
    assert first_ms == pytest.approx(11.5, rel=0.05)
    assert last_ms == pytest.approx(np.ceil(500 / 8) * 11.5, rel=0.01)


def test_shards_by_author_are_less_even_and_growing_moves_half(claims):
    by_post, by_author, _ = measured(claims["C10"])
    assert 1 <= by_post < by_author
    assert measured(claims["C30"]) == pytest.approx([50], abs=1)


# The command


@pytest.fixture
def quick(monkeypatch, claims):
    def checked(progress):
        progress("working")
        return list(claims.values())

    monkeypatch.setattr(check, "check_claims", checked)


def test_the_table_has_a_line_for_each_claim_that_begins_with_its_id(quick, capsys):
    assert command.main(["claims"]) == 0
    out, err = capsys.readouterr()
    heading, *lines = out.splitlines()
    assert [line[:5] for line in lines] == [f"{id_}  " for id_ in IDS]
    assert heading.startswith("id ")
    place = heading.index("measured here")
    assert all(line[place - 2 : place].strip() == "" for line in lines), "columns are aligned"
    assert lines[0][place:].startswith("20,000 rows; 401 authors asked")
    assert "not yet: search" in lines[25]
    assert err == "working\n"


def test_json_is_one_object_with_the_same_claims(quick, capsys):
    assert command.main(["claims", "--json"]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    rows = json.loads(out)["claims"]
    assert [row["id"] for row in rows] == IDS
    keys = {"id", "claim", "source", "seed", "formula", "measured", "run", "why", "not_yet"}
    assert all(set(row) == keys for row in rows)
    assert rows[0]["formula"] == [{"value": 20_000, "unit": "rows", "what": ""}]
    assert rows[25]["not_yet"] == "search"


def test_progress_names_the_claim_that_is_worked_on(monkeypatch):
    monkeypatch.setattr(check, "CHECKS", {})
    told: list[str] = []
    check_claims(told.append)
    assert [line[:3] for line in told] == IDS


@pytest.mark.parametrize(
    ("value", "text"),
    [(20_000, "20,000"), (694_444.4, "694,444"), (5.0, "5"), (99.99, "99.99"), (0.17375, "0.174"), (41.6667, "41.7")],
)
def test_numbers_are_written_as_people_do(value, text):
    assert str(Figure(value, "x", "here")) == f"{text} x here"


def test_a_claim_without_a_check_shows_what_is_missing():
    claim = Claim(Declared(id="C99", source="000", says="it flies", figure="", missing="wings"), Finding())
    assert claim.not_yet == "not yet: wings"
    assert claim.to_json()["measured"] == []
