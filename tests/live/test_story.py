"""The first minute: states in order, and no sentence whose numbers this run does not bear out."""

import json

import pytest

from datasets.worlds import preset_config
from engine.errors import InvalidInput
from engine.live import told
from engine.live.bursts import Burst, Course, capacity_per_s
from engine.live.commands import perform
from engine.live.openings import Openings
from engine.live.stage import Stage
from engine.live.story import State
from engine.live.told import AND_NOW, HOW_FAR, Bets
from engine.observe import words
from engine.observe.metrics import Metric
from tests.live.helpers import Client, Wall, advance, ask, small_run, unthreaded

S = 1_000_000_000
BETS = Bets("about_3", "calm")


def lines(run, bets=BETS):
    return {line["key"]: line for line in run.story.to_wire(bets)["lines"]}


def play(run, seconds, seen=None, catch_up_s=0.5):
    """Run on; note the states that are passed."""
    for _ in range(round(seconds / catch_up_s)):
        advance(run, catch_up_s)
        if seen is not None and (not seen or seen[-1] != run.story.state):
            seen.append(run.story.state)


def until(run, state, seconds=60):
    """Run on to a state, which has to come."""
    for _ in range(seconds):
        if run.story.state is state:
            return
        play(run, 1)
    pytest.fail(f"the story stands at {run.story.state}, and not at {state}")


def tell(run, second="hybrid", catch_up_s=0.5):
    """The whole story: a burst, and when the line is drained another one under a second strategy. The states passed."""
    seen = []
    run.story.begin()
    play(run, 10, seen, catch_up_s)
    for _ in range(3):  # nothing falls on a round second
        run.step(S // 10, pooled=False)
    run.inject("celebrity")
    while run.story.state is not State.SECOND_BET and run.world.now_ns < 120 * S:
        play(run, 2, seen, catch_up_s)
        if run.story.state is State.END:
            return seen
    run.set_strategy(second)
    run.inject("celebrity")
    while run.story.state is not State.END and run.world.now_ns < 180 * S:
        play(run, 2, seen, catch_up_s)
    return seen


@pytest.fixture(scope="module")
def classroom():
    """The story of the world that a visitor gets, and the states it went through."""
    run = Openings(history_s=20.0).run(preset_config("classroom"))
    return run, tell(run)


def test_under_push_the_states_come_in_the_order_of_the_storyboard(classroom):
    _, seen = classroom
    assert seen == list(State)


def test_every_number_of_the_beginning_is_the_worlds_own(classroom):
    run, _ = classroom
    told_lines, world = lines(run), run.world
    nova = int(world.population.largest[0])
    followers = int(world.tables.graph.follower_counts[nova])
    name = world.population.name(nova)
    assert told_lines["follow"]["text"] == f"{followers:,} of these 2,000 people follow {name}."
    first, _ = [event for event in run.chronicle.events if event.injected.slug == "celebrity"]
    rows = [row for row in world.last_posts(nova, 100).tolist() if row > first.row_mark]
    written = [row for row in rows if world.tables.posts.accepted_ns[row] < first.at_ns + 2 * S]
    assert f"{name} posts {len(written)} times in a second" in told_lines["bet"]["text"]
    copies = sum(len(world.recipients(row).users) for row in written)
    assert told_lines["burst"]["facts"]["copies"] == pytest.approx(copies, rel=0.01)  # who follows may have changed
    assert told_lines["burst"]["text"].startswith(f"{words.count(first.injected.deliveries)} deliveries just joined")


def test_the_rate_that_is_told_is_the_rate_at_which_the_line_moved(classroom):
    run, _ = classroom
    told_lines = lines(run)
    first = run.chronicle.events[0].at_ns
    while_long = run.world.metrics.count_in(Metric.DELIVERIES, first + 9 * S, 7) / 7
    rate = told_lines["burst"]["facts"]["capacity_per_s"]
    assert rate == pytest.approx(while_long, rel=0.05)
    assert f"a line that moves {words.number(rate, 3)} a second" in told_lines["burst"]["text"]
    assert f"12,000 copies at {words.number(rate, 3)} a second" in told_lines["peak"]["text"]


def test_the_peak_is_the_highest_point_of_the_chart_and_names_the_bet(classroom):
    run, _ = classroom
    first, second = (event.at_ns / S for event in run.chronicle.events)
    points = run.series.between(first, second)
    lags = [max(pair) / 1000 for pair in zip(points["lag_p99"], points["lag_oldest"], strict=True)]
    said = lines(run)["peak"]["text"]
    assert said.startswith(
        f"{words.seconds(max(lags))} at the worst. You said about 3 s. 12,000 copies at 1,720 a second"
    )
    mark = run.story.to_wire(BETS)["peak"]
    assert mark["lag_s"] == max(lags)
    assert mark["t"] == points["t"][lags.index(max(lags))]
    assert run.story.to_wire(BETS)["bet"] == {"t": first, "lag_s": 3.0, "label": "about 3 s"}
    delivered = run.world.metrics.count_in(Metric.DELIVERIES, round(mark["t"] * S), mark["t"] - first)
    assert f"{words.number(delivered - 12_000)} others went in between" in said


def test_the_growing_line_is_told_when_the_chart_crosses_its_promise(classroom):
    run, _ = classroom
    growing = lines(run)["growing"]
    points = run.series.between(run.chronicle.events[0].at_ns / S, growing["t"])
    lags = [max(pair) / 1000 for pair in zip(points["lag_p99"], points["lag_oldest"], strict=True)]
    assert max(lags[:-1]) <= 5 < lags[-1]
    assert growing["text"] == "Fan-out is more than 5 s behind and growing."


def test_everyday_posts_take_the_share_that_the_workers_had_before(classroom):
    run, _ = classroom
    share = lines(run)["draining"]["facts"]["busy"]
    workers = run.world.config.workers.count
    first = run.chronicle.events[0].at_ns
    # 2.3 ms a copy, and 2 ms a poll for chunks that are hardly ever full
    copies = run.world.metrics.count_in(Metric.DELIVERIES, first, 10) / 10
    assert copies * 0.0023 / workers < share < copies * 0.0023 / workers + 0.1
    assert f"take {words.share(share)} of the workers" in lines(run)["draining"]["text"]


def test_caught_up_and_the_difference_are_read_off_the_chart(classroom):
    run, _ = classroom
    told_lines = lines(run)
    first, second = (event.at_ns / S for event in run.chronicle.events)
    caught_up = told_lines["caught_up"]["t"]
    points = run.series.between(told_lines["draining"]["t"] - 0.5, caught_up)
    lags = [max(pair) / 1000 for pair in zip(points["lag_p99"], points["lag_oldest"], strict=True)]
    assert lags[-1] <= 1 < min(lags[:-1])
    assert told_lines["caught_up"]["text"].startswith(f"Caught up, {words.number(caught_up - first)} s after")
    assert told_lines["caught_up"]["facts"]["after_s"] == pytest.approx(caught_up - first)

    calm = told_lines["calm"]
    after = run.series.between(second, calm["t"])
    worst = max(max(pair) / 1000 for pair in zip(after["lag_p99"], after["lag_oldest"], strict=True))
    before = told_lines["peak"]["facts"]["peak_s"]
    assert calm["text"] == f"{words.seconds(worst)} instead of {words.seconds(before)}. You said calm."
    assert calm["t"] - second >= run.story.to_wire(BETS)["peak"]["t"] - first, "it had as long to get late"


def test_the_bill_is_what_the_tile_shows_and_what_it_showed_before(classroom):
    run, _ = classroom
    bill = lines(run)["bill"]
    at = {
        t: (ms, rows)
        for t, ms, rows in zip(*(run.series.columns[k] for k in ("t", "home_p99", "rows_per_read")), strict=True)
    }
    before, after = at[run.chronicle.events[0].at_ns // (S // 2) / 2], at[bill["t"]]
    times = f", {words.times(after[1] / before[1])} the rows" if after[1] > 1.1 * before[1] else ""
    assert bill["text"] == (
        f"Not free: opening home went from {words.number(before[0])} to {words.number(after[0])} ms (p99){times}."
    )


def test_the_same_run_tells_the_same_story_however_often_it_is_looked_at():
    often, seldom = small_run(seconds=10), small_run(seconds=10)
    tell(often, catch_up_s=0.5)
    tell(seldom, catch_up_s=2.0)
    assert len(lines(often)) > 8
    assert often.story.to_wire(BETS)["lines"] == seldom.story.to_wire(BETS)["lines"]


# Premises


def test_a_world_with_plenty_of_workers_is_never_called_behind_and_growing():
    run = small_run(seconds=10, **{"workers.count": 20})
    seen = tell(run)
    assert State.GROWING not in seen
    assert "growing" not in lines(run)
    assert "draining" not in lines(run)
    assert "caught_up" not in lines(run)
    assert lines(run)["peak"]["text"].endswith(" s at the worst. You said about 3 s.")
    assert seen[-1] is State.END


def test_hybrid_from_the_beginning_has_no_burst_in_the_line_and_no_second_bet():
    run = small_run(seconds=10, **{"strategy.threshold": 100})
    run.set_strategy("hybrid")
    advance(run, 5)
    seen = tell(run)
    assert seen == [State.QUIET, State.BET, State.BURST, State.CALM, State.END]
    assert set(lines(run)) == {"dots", "follow", "bet", "burst", "calm", "end"}
    assert "no copies joined the line" in lines(run)["burst"]["text"]
    assert lines(run)["calm"]["text"].endswith("Nobody waits for Nova: readers fetch.")


def test_a_second_run_that_was_no_better_is_not_called_so():
    run = small_run(seconds=10, **{"strategy.threshold": 1_000})  # hybrid pushes Nova's posts, too
    seen = tell(run)
    assert State.SECOND_BURST in seen
    assert State.CALM not in seen
    assert "calm" not in lines(run)
    assert "copies joined the line" in lines(run)["second_burst"]["text"]
    assert seen[-1] is State.END


def test_a_peak_that_something_else_may_explain_is_told_without_arithmetic():
    run = small_run(seconds=10)
    run.story.begin()
    play(run, 9)
    run.inject("celebrity")
    play(run, 1)
    run.set_knobs({"workers.count": 2})
    play(run, 15)
    assert lines(run)["peak"]["text"].endswith(" s at the worst. You said about 3 s.")


def test_only_a_celebrity_is_the_burst_and_only_when_its_turn_has_come():
    run = small_run(seconds=10, **{"strategy.threshold": 100})
    run.story.begin()
    play(run, 9)
    for name in ("viral", "herd"):
        run.inject(name)
    play(run, 2)
    assert run.story.state is State.BET
    run.inject("celebrity")
    play(run, 4)
    run.set_strategy("hybrid")
    run.inject("celebrity")
    until(run, State.SECOND_BET)
    play(run, 3)
    assert run.story.state is State.SECOND_BET, "a burst while the line was long shows nothing about the second"


def test_an_event_finds_the_story_where_the_world_stands_also_when_nobody_looked():
    run = small_run(seconds=10, **{"strategy.threshold": 100})
    run.story.begin()
    play(run, 9)
    run.inject("celebrity")
    for _ in range(400):
        run.step(S // 10, pooled=False)
    assert run.story.state is State.BET, "not seen yet"
    run.set_strategy("hybrid")
    run.inject("celebrity")
    play(run, 1)
    assert run.story.state is State.SECOND_BURST


@pytest.mark.parametrize("chunk", [28, 112])  # of 224 followers
def test_the_rate_of_a_line_is_that_of_full_batches(chunk):
    alone = {"load.posts_per_s": 0}  # everyday posts make batches that are hardly ever full
    run = small_run(seconds=2, **alone, **{"costs.poll_us": 50_000, "fanout.chunk": chunk})
    run.inject("celebrity")
    advance(run, 2)
    begun = run.world.metrics.total(Metric.DELIVERIES)
    advance(run, 3)
    measured = (run.world.metrics.total(Metric.DELIVERIES) - begun) / 3
    assert capacity_per_s(run.world) == pytest.approx(measured, rel=0.04)


def burst(**changes):
    made = {
        "at_ns": 0, "author": "Nova", "posts": 8, "copies": 12_000, "capacity_per_s": 1_650.0, "strategy": "push",
        "title": "Push", "workers": 4, "busy": 0.73, "home_ms": 14.0, "rows": 50.0,
    }  # fmt: skip
    return Burst(**{**made, **changes})


def course(peak_s=7.1, **changes):
    made = {"after_s": 8.0, "rate_per_s": 1_650.0, "others": 1_000, "disturbed": False}
    return Course(peak_s=peak_s, **{**made, **changes})


def test_the_sentences_of_the_storyboard_come_out_of_its_numbers():
    said = told.peak(0, burst(), course()).to_wire(BETS)["text"]
    assert said == "7.1 s at the worst. You said about 3 s. 12,000 copies at 1,650 a second: about 7."
    assert told.calm(0, course(7.1), course(0.3)).to_wire(BETS)["text"] == "0.30 s instead of 7.1 s. You said calm."
    assert told.bill(0, burst(), 19.0, 80.0).parts == (
        "Not free: opening home went from 14 to 19 ms (p99), 1.6x the rows.",
    )
    assert told.draining(0, burst(), 4.0).parts == (
        "Everyday posts take 73 % of the workers; only the rest drains the line.",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        course(rate_per_s=1_200.0),  # the line did not move as configured
        course(disturbed=True),
        course(12.0, others=20_000),  # neither alone nor with the others
        course(3.0),  # less than the copies would take
        course(0.4),
    ],
)
def test_arithmetic_that_does_not_explain_the_peak_is_not_told(wrong):
    assert len(told.peak(0, burst(), wrong).parts) == 1


def test_what_is_not_so_is_not_said():
    assert told.growing(0, 5.0, 5.0) is None
    assert told.calm(0, course(0.3), course(0.3)) is None
    assert told.calm(0, course(3.0), course(2.9)) is None
    assert told.bill(0, burst(), 14.0, 80.0) is None
    assert told.bill(0, burst(home_ms=None), 14.0, 80.0) is None
    assert "the rows" not in told.bill(0, burst(), 19.0, 51.0).parts[0]
    assert told.draining(0, burst(busy=1.0), 4.0) is None
    assert told.draining(0, burst(), 0.9) is None
    assert told.caught_up(0, burst(), 9.0, course(0.9)) is None
    assert told.never_late(0, burst(), course(0.2)) is None
    assert told.never_late(0, burst(copies=0), course(2.0)) is None


def test_after_the_end_what_is_tried_is_compared_with_the_first_burst():
    run = small_run(seconds=10)
    tell(run)
    run.set_strategy("push")
    run.set_knobs({"workers.count": 2})
    run.inject("celebrity")
    play(run, 14)
    tried = lines(run)["tried"]
    assert tried["text"].startswith("2 workers: ")
    assert tried["facts"]["peak_s"] < tried["facts"]["before_s"] == lines(run)["peak"]["facts"]["peak_s"]


# Betting


def test_bets_are_counted_and_named_to_who_made_them_only():
    run = small_run(seconds=10)
    for answer in ("about_3", "about_3", "over_20"):
        assert run.story.bet(answer) == 1
    play(run, 9)
    run.inject("celebrity")
    play(run, 1)
    assert run.story.bet("under_1") == 1, "until the peak is known"
    play(run, 2)
    while run.story.round:
        play(run, 0.5)
    told_to = {bet: lines(run, Bets(bet))["peak"]["text"] for bet in (None, "over_20")}
    assert "You said over 20 s." in told_to["over_20"]
    assert "You said" not in told_to[None]
    counted = [["under 1 s", 1], ["about 3 s", 2], ["about 7 s", 0], ["over 20 s", 1]]
    assert run.story.to_wire(Bets())["bets"] == counted
    with pytest.raises(InvalidInput, match="nothing to bet on"):
        run.story.bet("about_3")


@pytest.mark.parametrize("answer", ["calm", "", "about 3 s", "9"])
def test_a_bet_that_is_no_answer_of_its_round_is_refused(answer):
    run = small_run(seconds=2)
    with pytest.raises(InvalidInput, match="no answer"):
        run.story.bet(answer)
    assert sum(count for _, count in run.story.to_wire(Bets())["bets"]) == 0


def test_what_is_asked_and_answered():
    run = small_run(seconds=10)
    run.story.begin()
    assert run.story.to_wire(Bets())["ask"] is None
    play(run, 9)
    asked = run.story.to_wire(Bets())["ask"]
    assert (asked["round"], asked["running"]) == (1, False)
    assert [answer["slug"] for answer in asked["answers"]] == [answer.slug for answer in HOW_FAR]
    run.inject("celebrity")
    play(run, 1)
    assert run.story.to_wire(Bets())["ask"]["running"]
    until(run, State.SECOND_BET)
    asked = run.story.to_wire(Bets())["ask"]
    assert (asked["round"], [answer["label"] for answer in asked["answers"]]) == (2, [a.label for a in AND_NOW])


class Show:
    """A stage, its clock, and one client who wants the story told."""

    def __init__(self, run):
        self.clock, self.client = Wall(), Client()
        self.stage = Stage("w", run, self.clock)
        self.stage.subscribe(self.client.box)
        self.client.box.story = Bets()
        self.stage.run.story.begin()

    def play(self, seconds, until=lambda: False):
        for _ in range(round(seconds / 0.05)):
            self.clock.at_s += 0.05
            self.stage.turn(0.02, awake=True)
            self.client.receive()
            if until():
                return

    @property
    def events(self):
        return [event.injected.slug for event in self.stage.run.chronicle.events]


def test_the_bet_is_the_click_and_only_the_first_one_runs_it():
    show = Show(small_run(seconds=10))
    show.stage.set_speed(100)
    show.stage.pause()
    assert show.stage.bet("about_3") == 1
    assert not show.stage.pace.paused
    assert show.stage.pace.rate == 1
    assert show.stage.bet("over_20") == 1
    assert show.events == ["celebrity"]


def test_the_second_bet_switches_and_runs_the_same_again_with_the_run_before_as_ghost():
    show = Show(small_run(seconds=10, **{"strategy.threshold": 100}))
    show.stage.bet("about_3")
    show.play(60, until=lambda: show.stage.run.story.state is State.SECOND_BET)
    assert show.stage.bet(None) == 2
    assert show.stage.run.world.strategy.slug == "hybrid"
    first, second = (event.injected for event in show.stage.run.chronicle.events)
    assert (first.author, first.posts) == (second.author, second.posts)
    assert first.deliveries > second.deliveries == 0
    show.play(1)
    assert show.client.tick["story"]["state"] == "second_burst"
    assert show.stage.run.chronicle.ghost["label"].startswith("Push")


def test_fast_forward_ends_at_1x_when_everybody_has_caught_up():
    show = Show(small_run(seconds=10))
    show.stage.fast_forward()
    assert show.stage.pace.rate == 1, "there is nothing to catch up on"
    show.stage.bet(None)
    show.play(4)
    show.stage.fast_forward()
    show.play(0.5)
    assert show.stage.pace.rate == 10
    assert show.stage.run.pulse.lag_s > 1
    show.play(20, until=lambda: show.stage.pace.rate == 1)
    assert show.stage.pace.rate == 1
    assert show.stage.run.pulse.lag_s < 1


def test_fast_forward_gives_way_to_a_speed_that_is_chosen():
    show = Show(small_run(seconds=10))
    show.stage.bet(None)
    show.play(4)
    show.stage.fast_forward()
    show.stage.set_speed(10)
    show.play(3)
    assert show.stage.run.pulse.lag_s < 1
    assert show.stage.pace.speed == 10


def test_only_those_who_ask_are_told_the_story():
    worlds = unthreaded(Wall(drift=0.001))
    live = ask(worlds, worlds.open, small_run().world.config)
    asking, other = Client(), Client()
    for client in (asking, other):
        ask(worlds, live.subscribe, client.box)
    answer = ask(
        worlds, perform, live, {"do": "story", "on": True, "first": "about_3", "second": "nonsense"}, asking.box
    )
    assert answer["author"] == 0
    assert len(answer["followers"]) == 224
    assert answer["story"]["state"] == "quiet"
    assert asking.box.story == Bets("about_3", None)
    assert ask(worlds, perform, live, {"do": "bet", "answer": "about_7"}, asking.box)["round"] == 1
    assert asking.box.story == Bets("about_7", None)
    for _ in range(2_000):
        worlds.scheduler.round()
        told = asking.tick.get("story") if asking.receive().ticks else None
        if told and told["bets"][2] == ["about 7 s", 1] and other.receive().ticks:  # and no tick from before the bet
            break
    assert asking.tick["story"]["bets"][2] == ["about 7 s", 1]
    assert "story" not in other.tick
    ask(worlds, perform, live, {"do": "story", "on": False}, asking.box)
    assert asking.box.story is None
    with pytest.raises(InvalidInput, match="belongs to a socket"):
        perform(live, {"do": "story", "on": True})
    with pytest.raises(InvalidInput, match="needs true or false"):
        perform(live, {"do": "story"}, asking.box)
    worlds.stop()
    json.dumps(answer)
