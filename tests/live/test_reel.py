"""Looking back: the kept frames are what was to be seen then, and nobody else is disturbed by who looks."""

import json

import numpy as np
import pytest

from engine.errors import InvalidInput, MurmurationError
from engine.live.commands import perform
from engine.live.dots import Bands
from engine.live.reel import CHEAP, KEPT_S, Reel
from engine.live.run import Run
from tests.live.helpers import Client, Wall, ask, small_config, small_run, small_world, unthreaded

S = 1_000_000_000
HALF = S // 2
BANDS = ("quiet", "some", "late", "very_late")


def filmed(seconds, **changes):
    """A run with a burst in it, and what `world.behind()` said at every half second."""
    run, behind = small_run(seconds=0, **changes), {}
    for step in range(round(seconds * 10)):
        if step == 30:
            run.inject("celebrity")
            run.inject("celebrity")
        run.step(S // 10, pooled=False)
        if run.world.now_ns % HALF == 0:
            behind[run.world.now_ns] = run.world.behind()
    return run, behind


def bands_of(behind_ns):
    return np.searchsorted([S, 5 * S, 15 * S], behind_ns, side="right")


def test_every_kept_moment_is_what_the_world_said_at_that_instant():
    run, behind = filmed(14)
    assert len(run.reel) == len(behind) == 28
    worst = 0
    for at_ns, behind_ns in behind.items():
        moment = run.reel.at(at_ns / S)
        assert moment.at_ns == at_ns
        assert moment.bands.tolist() == bands_of(behind_ns).tolist()
        assert list(moment.counts.values()) == np.bincount(bands_of(behind_ns), minlength=4).tolist()
        assert moment.furthest_ns == behind_ns.max()
        worst = max(worst, moment.bands.max())
    assert worst >= 2, "the burst has to show, or this test saw nothing"


def test_bands_are_cut_where_a_search_among_the_edges_cuts_them():
    bands = Bands(5_000)
    ages = np.concatenate([bands.edges_ns + shift for shift in (-1, 0, 1)] + [np.array([0, 10**12])])
    assert bands.of(ages).tolist() == np.searchsorted(bands.edges_ns, ages, side="right").tolist()


def test_the_last_minute_is_kept_and_no_more():
    run, _ = filmed(75, **{"load.posts_per_s": 2, "load.reads_per_s": 2})
    assert run.reel.span_s == (75 - KEPT_S, 75)
    assert len(run.reel) == 2 * KEPT_S + 1
    assert sum(moment.bands.nbytes for moment in run.reel._moments) == 121 * 300
    assert run.reel.at(0).at_ns == 15 * S
    assert run.reel.at(1e9).at_ns == 75 * S
    assert run.reel.at(20.2).at_ns == 20 * S
    for wrong in (float("nan"), float("inf")):
        with pytest.raises(InvalidInput):
            run.reel.at(wrong)


def test_of_a_small_world_moments_are_always_kept():
    assert Reel(CHEAP).cheap
    run = small_run(seconds=0)
    for _ in range(10):
        run.step(S // 10, pooled=False, watched=False)
    assert run.reel.span_s == (0.5, 1.0)


def test_of_a_large_world_moments_are_kept_while_somebody_watches():
    assert not Reel(CHEAP + 1).cheap
    run = small_run(seconds=0)
    run.reel.cheap = False
    for watched in (False, True, False):
        for _ in range(10):
            run.step(S // 10, pooled=False, watched=watched)
    assert [moment.at_ns / S for moment in run.reel._moments] == [1.5, 2.0]
    run.step(S // 2, pooled=True, watched=False)
    assert run.reel.span_s == (1.5, 3.5)


def test_after_a_long_sleep_no_more_than_a_minute_can_be_looked_back():
    reel = Reel(CHEAP + 1)
    for at_s in (10, 11, 100, 101):
        reel.take(at_s * S, np.zeros(3, np.int64), np.arange(3, dtype=np.int32), 5_000)
    assert reel.span_s == (100, 101)
    assert reel.at(11).at_ns == 100 * S


def test_before_the_first_half_second_there_is_nothing_to_look_back_at():
    run = Run(small_world(small_config()))
    with pytest.raises(MurmurationError, match="nothing to look back at yet"):
        run.reel.at(1)


# Over a live world


class Watching:
    """A world turned by hand, two clients, and what was to be seen at every half second."""

    def __init__(self):
        self.clock = Wall()
        self.worlds = unthreaded(self.clock)
        self.live = self.worlds.open(small_config())
        self.client, self.other = Client(), Client()
        self.past = []
        self.counted = {}
        for client in (self.client, self.other):
            ask(self.worlds, self.live.subscribe, client.box)
        self.receive()

    def play(self, seconds):
        for _ in range(round(seconds / 0.05)):
            self.clock.at_s += 0.05
            self.worlds.scheduler.round()
            self.receive()
            if self.other.ticks:
                tick = self.other.tick  # what its dots are when it comes, they are of the same instant
                self.counted.setdefault(tick["t"], (tick["bands"], self.other.dots.copy()))

    def receive(self):
        for message in self.client.box.take():
            if isinstance(message, str) and json.loads(message)["type"] == "past":
                self.past.append(json.loads(message))
            else:
                self.client.take(message)
        self.other.receive()

    def scrub(self, t):
        answer = ask(self.worlds, perform, self.live, {"do": "scrub", "t": t}, self.client.box)
        self.receive()
        return answer


@pytest.fixture
def show():
    show = Watching()
    show.play(1)
    ask(show.worlds, show.live.inject, "celebrity")
    show.play(9)
    return show


def test_who_looks_back_sees_the_dots_and_the_counts_of_that_instant(show):
    for t_s, (bands, dots) in show.counted.items():
        answer = show.scrub(t_s)
        assert (answer["type"], answer["do"], answer["t"]) == ("done", "scrub", t_s)
        past = show.past[-1]
        assert (past["t"], past["bands"]) == (t_s, bands)
        assert show.client.dots.tolist() == dots.tolist()
        assert np.bincount(dots, minlength=4).tolist() == list(bands.values())
        assert [count for _, count in past["table"]] == list(bands.values())
        late = bands["late"] + bands["very_late"]
        assert past["text"].startswith(f"{late} of 300 people are more than 5 s behind; furthest ")
    assert len({tuple(past["bands"].values()) for past in show.past}) > 5


def test_the_numbers_of_the_past_are_those_of_the_charts_then(show):
    run = show.live._stage.run
    index = run.series.columns["t"].index(6.0)
    show.scrub(6.0)
    values = show.past[-1]["values"]
    assert values["t"] == 6.0
    assert values["lag_oldest"] == pytest.approx(run.series.columns["lag_oldest"][index], rel=1e-3)
    assert values["queue_rest"] == run.series.columns["queue_rest"][index] > 0
    assert show.past[-1]["clock"] == "00:00:06"


def test_the_verdict_of_then_is_repeated(show):
    said = {tick["t"]: tick["verdict"] for tick in show.other.ticks}
    show.scrub(6.0)
    assert show.past[-1]["verdict"] == said[6.0]
    show.scrub(1.0)
    assert "verdict" not in show.past[-1] or show.past[-1]["verdict"] == show.other.full["tick"]["verdict"]


def test_the_world_goes_on_and_nobody_else_notices(show):
    show.scrub(2.0)
    before_ns, dots, ticks = show.live._stage.run.world.now_ns, show.client.dots.copy(), len(show.client.ticks)
    flashes, others = len(show.client.flashes), len(show.other.flashes)
    show.play(3)
    assert show.live._stage.run.world.now_ns > before_ns
    assert (show.client.dots == dots).all(), "no live frame comes to who looks back"
    assert len(show.client.flashes) == flashes
    assert len(show.other.flashes) > others
    assert len(show.client.ticks) >= ticks + 5, "the charts go on"
    assert show.other.tick["bands"] == show.client.tick["bands"]


def test_coming_back_shows_the_present_at_once_and_goes_on(show):
    show.scrub(4.0)
    show.play(1)
    assert show.client.dots.tolist() != show.other.dots.tolist()
    answer = show.scrub(None)
    assert answer["t"] is None
    assert answer["to"] - answer["from"] > 5
    show.play(0.05)
    assert show.client.dots.tolist() == show.other.dots.tolist()
    show.play(2)
    assert show.client.dots.tolist() == show.other.dots.tolist()


def test_outside_of_what_is_kept_the_nearest_instant_is_shown_and_the_range_is_told(show):
    answer = show.scrub(-50)
    assert answer["t"] == answer["from"] == show.past[-1]["t"] == 0.5
    answer = show.scrub(10**6)
    assert answer["t"] == answer["to"] == show.past[-1]["t"]
    assert answer["to"] == pytest.approx(show.live._stage.run.world.now_ns / S, abs=0.5)


def test_a_paused_world_can_be_looked_back_into(show):
    ask(show.worlds, show.live.pause)
    show.scrub(5.0)
    assert show.past[-1]["t"] == 5.0
    show.play(1)
    assert show.client.tick["paused"]
    dots = show.client.dots.copy()
    assert np.bincount(dots, minlength=4).tolist() == list(show.past[-1]["bands"].values())


def test_a_whole_picture_is_of_now(show):
    show.scrub(4.0)
    ask(show.worlds, show.live.reset)
    show.play(1)
    assert show.client.box.past_s is None
    assert show.client.full["tick"]["t"] == 1.0
    assert show.client.dots.tolist() == show.other.dots.tolist()


@pytest.mark.parametrize("t", ["5", True, [1]])
def test_an_instant_is_a_number(show, t):
    with pytest.raises(InvalidInput, match="'scrub' needs a number in 't'"):
        ask(show.worlds, perform, show.live, {"do": "scrub", "t": t}, show.client.box)


def test_over_http_there_is_nothing_to_see(show):
    with pytest.raises(InvalidInput, match="Looking back belongs to a socket"):
        ask(show.worlds, perform, show.live, {"do": "scrub", "t": 1})
