"""The verdict: a sentence for each rule, their order, and no flicker."""

import dataclasses

import pytest

from engine.observe.rules import RULES
from engine.observe.verdict import Injection, VerdictMachine, Vitals, judge


def vitals(**changes):
    """A calm classroom under push, with some things changed."""
    calm = Vitals(
        t_s=98.4, posts=500, workers=4, steady_need=2.9, arrive_per_s=1200, leave_per_s=1200, lag_s=0.1,
        fresh_share=0.998, home_p99_ms=14.2, rows_per_read=26, miss_share=0.1, usual_miss_share=0.1,
    )  # fmt: skip
    return dataclasses.replace(calm, **changes)


NOVA = Injection(author="Nova", posts=8, deliveries=12_000, age_s=0.5)
OLD = dataclasses.replace(NOVA, age_s=6)
PEAK = {"peak_lag_s": 7.1}

CASES = [
    (1, "off", {"paused": True, "queue_copies": 1200},
     "Paused at 00:01:38. 1,200 deliveries wait; nothing moves, and you can still look and post."),
    (2, "watch", {"injected": NOVA}, "Nova posted 8 times: 12,000 deliveries joined the line."),
    (2, "watch", {"injected": dataclasses.replace(NOVA, deliveries=0, posts=1)},
     "Nova posted 1 time: no deliveries, readers will fetch them."),
    (3, "bad", {"given_up": 320, "people_missing": 41},
     "320 deliveries given up; 41 people will find those posts only by pull."),
    (4, "bad", {"shards": 8, "shards_down": 2, "cut_off_share": 0.25},
     "2 of 8 shards down: 25 % of people are cut off from new posts, the rest are fine."),
    (4, "bad", {"shards": 8, "shards_down": 8, "cut_off_share": 1.0},
     "8 of 8 shards down: 100 % of people are cut off from new posts."),
    (4, "bad", {"shards": 8, "shards_down": 1, "cut_off_share": 0.12, "home_p99_ms": 900},
     "1 of 8 shards down: 12 % of people are cut off from new posts."),
    (4, "bad", {"shards": 8, "shards_down": 1, "cut_off_share": 0.125, "workers_down": 3},
     "1 of 8 shards and 3 of 4 workers down: 12 % of people are cut off from new posts."),
    (4, "bad", {"shards": 8, "shards_down": 1, "cut_off_share": 0.12, "fallback": True},
     "1 of 8 shards down: 12 % of people have no list and pull."),
    (4, "watch", {"shards": 8, "shards_down": 1},
     "1 of 8 shards down: nobody's list was there, so nobody is cut off."),
    (4, "bad", {"workers_down": 1, "leave_per_s": 1240},
     "1 of 4 workers down: the others deliver 1,240/s, 1,200/s arrive."),
    (5, "bad", {"lag_s": 5.2, "growth_s_per_s": 0.6, "arrive_per_s": 2400, "leave_per_s": 1650, "injected": OLD},
     "Fan-out is 5.2 s behind and growing 0.60 s each second: 2,400/s arrive, 1,650/s leave."),
    (5, "bad", {"lag_s": 5.2, "growth_s_per_s": 0.6, "leave_per_s": 1650, "queue_copies": 4100},
     "Fan-out is 5.2 s behind and growing 0.60 s each second: 4,100 copies wait, 1,650/s leave."),
    (5, "bad", {"lag_s": 8, "arrive_per_s": 1640, "leave_per_s": 1650, "queue_copies": 4100},
     "Fan-out is 8.0 s behind and stays there: 4,100 copies wait, 1,650/s leave."),
    (6, "bad", {"lag_s": 20, "growth_s_per_s": 0.4, "grown_for_s": 31, "steady_need": 5.84},
     "Overloaded for good: steady load needs 5.8 of 4 workers."),
    (7, "bad", {"home_p99_ms": 420, "hottest_station": "the author index"},
     "Posts arrive in time, but opening home takes 420 ms (p99); the author index is full."),
    (8, "watch", {"miss_share": 0.62, "usual_miss_share": 0.15, "warm_in_s": 12},
     "Cache is cold: 62 % of reads go to the database (4.1x the usual); warm again in about 12 s."),
    (8, "bad", {"miss_share": 1.0, "usual_miss_share": 0.0, "home_p99_ms": 900},
     "Cache is cold: 100 % of reads go to the database (usually none)."),
    (9, "watch", {"herd_people": 1500, "read_wait_ms": 180},
     "1,500 people refreshed at once: reads wait 180 ms in line, not in work."),
    (10, "watch", {"lag_s": 5.4, "growth_s_per_s": -0.8, "clear_in_s": 3.2, **PEAK},
     "Catching up: 5.4 s behind, down from 7.1 s; clear in about 3.2 s."),
    (10, "watch", {"lag_s": 0.4, **PEAK}, "Caught up to 0.40 s, down from 7.1 s; normal after 5 s under 1 s."),
    (11, "watch", {"lag_s": 2.1, "growth_s_per_s": 0.2, "grown_for_s": 6},
     "Warming: lag is still fine (2.1 s), but the line has grown for 6.0 s."),
    (12, "ok", {"recovered_for_s": 4, "late_share": 0.31, "recovery_s": 14, **PEAK},
     "Back to normal: peak 7.1 s, 31 % of copies late, 14 s to recover."),
    (13, "ok", {}, "Healthy: 99.8 % reach readers within 5 s; opening home takes 14 ms (p99)."),
    (13, "ok", {"fresh_share": None, "home_p99_ms": None}, "Healthy: nobody waits."),
    (13, "watch", {"fresh_share": 0.93},
     "Below promise: 93 % reach readers within 5 s."),
    (14, "ok", {"pulls": "Nova", "rows_per_read": 41, "home_p99_ms": 19},
     "Nobody waits for Nova: readers fetch the posts, 41 rows and 19 ms per home (p99)."),
    (14, "watch", {"pulls": "Nova", "fresh_share": 0.5},
     "Below promise: 50 % reach readers within 5 s."),
    (15, "off", {"posts": 12}, "Starting: 12 posts so far, 30 needed for a verdict."),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "status", "changes", "line"), CASES)
def test_each_rule_says_its_sentence(rule, status, changes, line):
    verdict = judge(vitals(**changes))
    assert (verdict.rule, verdict.status, verdict.line) == (rule, status, line)
    assert len(verdict.line.split()) <= 20
    assert verdict.why.endswith(".")
    assert verdict.try_.endswith(".")


def test_every_rule_has_a_case():
    assert {case[0] for case in CASES} == {rule.number for rule in RULES} == set(range(1, 16))
    assert [rule.number for rule in RULES] == list(range(1, 16))


def test_the_first_rule_that_holds_wins():
    everything = {}
    for _, _, changes, _ in reversed(CASES):
        everything.update(changes)
    for rule, undo in [
        (1, {"paused": False}),
        (2, {"injected": None}),
        (3, {"given_up": 0}),
        (4, {"workers_down": 0, "shards_down": 0}),
    ]:
        assert judge(vitals(**everything)).rule == rule
        everything.update(undo)
    assert judge(vitals(lag_s=6, growth_s_per_s=1, home_p99_ms=900, miss_share=0.9)).rule == 5
    assert judge(vitals(home_p99_ms=900, miss_share=0.9, herd_people=9)).rule == 8
    assert judge(vitals(home_p99_ms=900, lag_s=6, growth_s_per_s=-1, **PEAK)).rule == 10


def test_lag_up_to_a_second_is_never_remarked_on():
    assert judge(vitals(lag_s=1.0, growth_s_per_s=0.3, grown_for_s=60)).status == "ok"


def test_a_calm_world_is_ok_at_the_defaults():
    assert judge(vitals()).status == "ok"


BAD = {"lag_s": 6, "growth_s_per_s": 1.0}


def play(machine, moments):
    """The rules shown for (virtual s, wall s, changes)."""
    return [machine.update(vitals(t_s=t_s, **changes), wall_s).rule for t_s, wall_s, changes in moments]


def test_a_rule_is_entered_after_one_second_and_left_after_two():
    enter = [(0, 0, {}), (10, 10, {}), (11, 11, BAD), (11.9, 11.9, BAD), (12, 12, BAD)]
    leave = [(20, 20, {}), (21.9, 21.9, {}), (22, 22, {})]
    assert play(VerdictMachine(), enter + leave) == [13, 13, 13, 13, 5, 5, 5, 13]


def test_a_spike_is_not_shown():
    assert set(play(VerdictMachine(), [(t / 2, t / 2, BAD if t % 4 == 2 else {}) for t in range(40)])) == {13}


def test_a_sentence_stays_for_two_wall_seconds_at_any_speed():
    fast = [(t * 50, t * 0.5, BAD if t in (4, 5) else {}) for t in range(12)]
    # at 100x the rule is on at t = 5 and off again at t = 7, half a wall second apart
    assert play(VerdictMachine(), [(-9, -9, {}), *fast]) == [13] * 6 + [5] * 4 + [13] * 3


def test_pausing_and_events_answer_at_once():
    machine = VerdictMachine()
    moments = [(0, 0, {}), (9, 9, {}), (9, 9.1, {"paused": True}), (9, 9.2, {}), (9.1, 9.3, {"injected": NOVA})]
    moments += [(20, 20, {}), (20.1, 20.1, {"workers_down": 2})]
    assert play(machine, moments) == [13, 13, 1, 13, 2, 13, 4]


def test_numbers_are_those_of_the_moment_while_true_and_the_last_true_ones_after():
    machine = VerdictMachine()
    machine.update(vitals(t_s=0, **BAD), 0)
    machine.update(vitals(t_s=1, **BAD), 1)
    assert machine.update(vitals(t_s=3, **{**BAD, "lag_s": 9}), 3).line.startswith("Fan-out is 9.0 s behind")
    assert machine.update(vitals(t_s=4, lag_s=0.2), 4).line.startswith("Fan-out is 9.0 s behind")


def test_a_rule_that_went_false_behind_another_is_not_brought_back():
    cold = {"miss_share": 0.9}
    moments = [(0, 0, cold), (2, 2, cold), (2, 3, {"paused": True}), (2.1, 6, {"miss_share": None})]
    assert play(VerdictMachine(), moments) == [8, 8, 1, 13]


def test_bad_news_replaces_a_sentence_that_has_ceased_to_be_true_at_once():
    machine = VerdictMachine()
    for t_s in (0.0, 0.5, 1.0, 1.5):
        assert machine.update(vitals(t_s=t_s, lag_s=4.0, grown_for_s=4, growth_s_per_s=0.9), wall_s=t_s).rule == 11
    late = machine.update(vitals(t_s=2.0, lag_s=5.4, grown_for_s=4.5, growth_s_per_s=0.9), wall_s=1.6)
    assert late.rule == 5
    assert "5.4 s" in late.line


def test_a_broken_promise_names_only_what_is_broken():
    late = judge(vitals(lag_s=6, growth_s_per_s=-0.5, fresh_share=1.0, recovered_for_s=20))
    assert late.line == "Below promise: fan-out is 6.0 s behind."


def test_between_an_event_and_the_lag_it_causes_nothing_is_called_healthy():
    def after_event(age_s: float) -> dict[str, object]:
        injected = dataclasses.replace(NOVA, age_s=age_s)
        return {"injected": injected, "lag_s": age_s, "grown_for_s": max(0.0, age_s - 0.6), "growth_s_per_s": 0.9}

    machine = VerdictMachine()
    calm = [(t_s / 10, t_s / 10, {}) for t_s in range(30)]
    burst = [(3 + age / 10, 3 + age / 10, after_event(age / 10)) for age in range(60)]
    shown = play(machine, [*calm, *burst])[len(calm) :]
    assert list(dict.fromkeys(shown)) == [2, 11, 5]
