"""What is shown equals what is: counts, dots, numbers and words, at every instant."""

import csv
import io
import json
from itertools import pairwise

import numpy as np
import pytest

from engine.live.dots import Lens, LensKind
from engine.live.picture import Picture
from engine.live.run import Run
from engine.live.series import KEYS
from engine.live.stage import Stage
from engine.observe import words
from engine.observe.inspect import RecipientStatus
from tests.live.helpers import POST, READING, Client, Wall, advance, small_config, small_run, small_world

S = 1_000_000_000
BANDS = ("quiet", "some", "late", "very_late")


class Show:
    """A stage, its clock, and one client."""

    def __init__(self, run=None, **changes):
        self.clock = Wall()
        self.stage = Stage("w", run or small_run(**changes), self.clock)
        self.client = Client()
        self.stage.subscribe(self.client.box)
        self.client.receive()
        self.world = self.stage.run.world

    def play(self, seconds, each=lambda: None):
        """Run, and look after every turn."""
        for _ in range(round(seconds / 0.05)):
            self.clock.at_s += 0.05
            self.stage.turn(0.02, awake=True)
            self.client.receive()
            each()


def counted_directly(behind_ns, slo_s=5):
    edges = [0, S, slo_s * S, 3 * slo_s * S, np.inf]
    return [int(((behind_ns >= low) & (behind_ns < high)).sum()) for low, high in pairwise(edges)]


def test_the_bands_equal_a_count_over_everybody_and_the_dots_equal_the_bands():
    show, seen, counted_at = Show(), set(), []
    show.play(1)
    show.stage.inject("celebrity")
    show.stage.inject("celebrity")

    def look():
        if show.client.tick["t"] * S != show.world.now_ns or show.client.tick["t"] in counted_at:
            return
        counted_at.append(show.client.tick["t"])
        expected = counted_directly(show.world.behind())
        assert [show.client.tick["bands"][name] for name in BANDS] == expected
        assert np.bincount(show.client.dots, minlength=4).tolist() == expected
        assert [count for _, count in show.client.tick["table"]] == expected
        assert show.client.tick["lens"]["counts"] == show.client.tick["bands"]
        late = expected[2] + expected[3]
        assert show.client.tick["text"].startswith(f"{late} of 300 people are more than 5 s behind; furthest ")
        seen.update(np.flatnonzero(expected).tolist())

    show.play(12, look)
    assert len(counted_at) >= 20
    assert seen >= {0, 1, 2}, "the burst has to show, or this test saw nothing"


def test_verdict_tile_chart_end_and_text_give_the_same_lag():
    show, rules, shown = Show(), set(), []
    show.stage.inject("celebrity")
    show.stage.inject("celebrity")

    def look():
        tick = show.client.tick
        points = tick["series"]
        if not points["t"] or points["t"][-1] != tick["t"]:
            return
        tile = tick["tiles"][0]
        ends = [points["lag_p99"][-1] or 0, points["lag_oldest"][-1]]
        assert tile["raw"] == pytest.approx(max(ends) / 1000, rel=1e-3)
        assert tile["value"] == words.seconds(tile["raw"])
        if tile["window"] == "still waiting":
            assert f"furthest {tile['value']}" in tick["text"]
            assert ends[1] > ends[0]
        line = tick["verdict"]["line"]
        rules.add(tick["verdict"]["rule"])
        if tick["verdict"]["rule"] == 5 and "growing" in line:
            shown.append((line, tile["value"]))

    show.play(12, look)
    assert 5 in rules
    assert any(f"Fan-out is {value} behind" in line for line, value in shown)


def test_ticks_go_on_where_the_whole_picture_ended_without_gap_or_repetition():
    show = Show()
    end_s = show.client.full["series"]["t"][-1]
    assert set(show.client.full["series"]) == set(KEYS)
    show.play(5)
    times = [t for tick in show.client.ticks for t in tick["series"]["t"]]
    assert times == [end_s + 0.5 * (i + 1) for i in range(len(times))]
    assert len(times) >= 9
    assert all(set(tick["series"]) == set(KEYS) for tick in show.client.ticks)
    again = Client()
    show.stage.subscribe(again.box)
    assert again.receive().full["series"]["t"][-len(times) :] == times


def test_whoever_watches_again_is_not_told_twice_of_the_time_between():
    show = Show()
    show.play(1)
    show.stage.hub.remove(show.client.box)
    show.stage.running().set_knobs({"workers.count": 2})
    show.play(5)
    show.stage.subscribe(show.client.box)
    show.play(1)
    assert show.client.full["flags"][0]["label"] == "workers 1 → 2"
    assert len(show.client.full["series"]["t"]) > 10
    assert show.client.full["world"]["knobs"]["workers.count"] == 2
    first = show.client.ticks[0]
    assert first["series"]["t"][0] > show.client.full["series"]["t"][-1]
    assert (first["flags"], first["config_changed"]) == ([], False)


def test_numbers_come_twice_a_second_and_dots_ten_times_at_most():
    show = Show()
    show.play(10)
    assert 19 <= len(show.client.ticks) <= 21


def test_chart_points_are_computed_from_the_metrics_over_their_windows():
    run = small_run(seconds=12)
    points, metrics = run.series.columns, run.world.metrics
    assert points["t"][-1] == 12.0
    deliveries = metrics.count_in("deliveries", 12 * S, 1)
    assert points["deliveries_per_s"][-1] == deliveries > 0
    posts = metrics.count_in("posts", 12 * S, 10)
    assert points["amplification"][-1] == pytest.approx(metrics.count_in("deliveries", 12 * S, 10) / posts)
    assert points["timeline_hit"][-1] == 1.0
    lag_ns = metrics.latency_in("fanout_lag", 12 * S, 2).quantile(0.99)
    assert points["lag_p99"][-1] == pytest.approx(lag_ns / 1e6)
    assert points["queue_close"][-1] + points["queue_rest"][-1] == sum(run.world.queue_copies())


def test_points_do_not_depend_on_how_often_one_looks():
    seldom, often = small_run(seconds=0), small_run(seconds=0)
    advance(seldom, 6)
    for _ in range(30):
        advance(often, 0.2)
    for key in KEYS:
        np.testing.assert_array_equal(seldom.series.columns[key], often.series.columns[key])


def test_flags_come_once_and_changed_knobs_are_told():
    show = Show()
    show.play(1)
    show.stage.running().set_knobs({"workers.count": 3})
    show.stage.running().set_knobs({"workers.count": 3})
    show.stage.running().set_strategy("hybrid")
    show.stage.inject("celebrity")
    show.play(3)
    flags = [flag for tick in show.client.ticks for flag in tick["flags"]]
    assert [(flag["label"], flag["kind"]) for flag in flags] == [
        ("workers 1 → 3", "change"),
        ("Hybrid", "change"),
        ("Nova posts 8x", "inject"),
    ]
    assert flags[2]["user"] == 0
    told = [tick for tick in show.client.ticks if tick["config_changed"]]
    assert len(told) == 1
    assert told[0]["knobs"]["workers.count"] == 3
    assert show.client.tick["strategy"] == "hybrid"


def test_everything_sent_is_strict_json_and_tells_of_no_numbers_it_does_not_have():
    run = Run(small_world(small_config(**{"load.posts_per_s": 0, "load.reads_per_s": 0})))
    advance(run, 1)
    show = Show(run)
    show.play(1)
    json.dumps(show.client.full, allow_nan=False)
    tiles = show.client.tick["tiles"]
    assert [tile["value"] for tile in tiles] == ["–", "–", "–", "0 copies"]
    assert [tile["raw"] for tile in tiles] == [None, None, None, 0]
    assert show.client.tick["verdict"]["line"] == "Starting: 0 posts so far, 30 needed for a verdict."


def test_tiles_name_value_unit_window_definition_and_promise():
    tick = Show().client.full["tick"]
    assert [tile["label"] for tile in tick["tiles"]] == [
        "Fan-out lag p99", "Home read p99", "Timeline hit rate", "Queue depth",
    ]  # fmt: skip
    assert [tile["slo"] for tile in tick["tiles"]] == [5.0, 300.0, None, None]
    for tile in tick["tiles"]:
        assert {"metric", "label", "value", "raw", "unit", "window", "text", "kind", "slo", "trend"} == set(tile)
        assert tile["window"].startswith(("last ", "now", "still waiting"))
        assert tile["text"].endswith(".")


# One post


def test_filled_dots_are_the_delivery_records_of_that_post():
    show = Show()
    show.stage.inject("celebrity")
    show.play(1.5)
    row = int(show.world.last_posts(0, 1)[0])
    show.stage.look_through(show.client.box, Lens(LensKind.POST, row))
    seen = set()

    def look():
        owner, _ = show.world.deliveries.of(row)
        received = np.flatnonzero((show.client.dots >= 5) & (show.client.dots <= 8))
        assert show.client.lens == POST
        if show.client.tick["t"] * S != show.world.now_ns or show.client.tick["lens"]["lens"] != "post":
            return
        assert sorted(owner.tolist()) == received.tolist()
        counts = show.client.tick["lens"]["counts"]
        assert counts["received"] == len(owner)
        assert counts["received"] + counts["waiting"] == 224
        assert sum(count for _, count in show.client.tick["table"]) == 300
        assert f"{len(owner)} of 224 copies delivered" in show.client.tick["text"]
        seen.add(len(owner))

    show.play(8, look)
    assert len(seen) >= 3
    assert max(seen) == 224
    assert (show.client.dots[np.setdiff1d(np.arange(300), np.append(np.arange(1, 225), 0))] == 0).all()


def test_a_pulled_post_is_open_to_whoever_opened_home_since():
    show = Show(**{"strategy.threshold": 100})
    show.stage.running().set_strategy("hybrid")
    show.stage.inject("celebrity")
    show.play(1.5)
    row = int(show.world.last_posts(0, 1)[0])
    show.stage.look_through(show.client.box, Lens(LensKind.POST, row))
    show.play(2)
    tally = show.client.tick["lens"]["counts"]
    assert tally["waiting"] == tally["received"] == 0
    assert tally["opened"] > 0
    assert tally["pulled"] + tally["opened"] == 224
    recipients = show.world.recipients(row)
    assert (show.client.dots[recipients.users[recipients.status == RecipientStatus.OPENED]] == 11).all()


def test_each_lens_gets_its_own_words_and_dots():
    show, other = Show(), Client()
    show.stage.subscribe(other.box)
    show.stage.look_through(other.box, Lens(LensKind.READING))
    show.play(3)
    other.receive()
    assert (show.client.tick["lens"]["lens"], other.tick["lens"]["lens"]) == ("behind", "reading")
    assert other.lens == READING
    assert "home pages; each touched" in other.tick["text"]
    rows = show.world.rows_of_last_read
    assert (other.dots > 0).tolist() == (rows > 0).tolist()
    assert show.client.tick["tiles"] == other.tick["tiles"]


def test_under_pull_the_caption_says_who_pays():
    show = Show()
    show.stage.running().set_strategy("pull")
    show.stage.inject("celebrity")
    show.play(4)
    assert show.client.tick["text"].startswith("0 of 300 people are more than 5 s behind; furthest 0 s")
    assert show.client.tick["lens"]["caption"].startswith("Nobody waits: readers fetch. Last 10 s: ")
    assert "authors asked per read" in show.client.tick["lens"]["caption"]


def test_of_many_people_a_sample_is_drawn_and_everybody_counted():
    world = small_world(users=3_000)
    run = Run(world)
    show = Show(run)
    assert show.client.full["world"]["dots"] == len(show.client.full["bands"]) == 2_000
    show.stage.inject("celebrity")
    show.play(2.5)
    assert sum(show.client.tick["bands"].values()) == 3_000
    assert len(show.client.dots) == 2_000
    ids = np.array(show.client.full["world"]["dot_ids"])
    behind_ns = world.behind()
    if show.client.tick["t"] * S == world.now_ns:
        assert np.bincount(show.client.dots, minlength=4).tolist() == counted_directly(behind_ns[ids])
        assert list(show.client.tick["bands"].values()) == counted_directly(behind_ns)
    assert "1 dot for 2 people; counts are for all." in show.client.tick["lens"]["caption"]
    assert [account["user"] for account in show.client.full["world"]["strip"]] == world.population.largest.tolist()


def test_reads_and_posting_authors_light_up():
    show = Show()
    show.stage.inject("celebrity")
    show.play(3)
    kinds = {kind for kind, _ in show.client.flashes}
    assert {0, 2} <= kinds
    assert (2, [0]) in show.client.flashes
    reads = [dots for kind, dots in show.client.flashes if kind in (0, 1)]
    assert max(map(len, reads)) <= 3
    assert len(reads) <= 60


def test_the_burst_is_counted_until_its_last_copy():
    show = Show()
    show.stage.inject("celebrity")
    lines = []
    show.play(14, lambda: lines.append(show.client.tick["text"]))
    counts = [int(line.split("; ")[2].split()[0].replace(",", "")) for line in lines if "copies of Nova's" in line]
    assert counts == sorted(counts)
    assert counts[0] < 300
    assert counts[-1] == 1_792
    assert "1,792 of 1,792 copies of Nova's posts delivered." in lines[-1]


def test_a_person_is_told_in_one_line():
    run = small_run(seconds=1)
    run.inject("celebrity")
    advance(run, 2)
    from engine.live.lines import person_line

    line = person_line(run.world.person(5), run.world.now_ns)
    assert line.startswith(f"@{run.world.population.name(5)}, ")
    assert "follows 21 (Nova" in line or "follows 20 (Nova" in line
    assert "by Nova" in line
    assert " behind: " in line
    assert "List " in line
    nova = person_line(run.world.person(0), run.world.now_ns)
    assert nova.startswith("@Nova, 224 followers")


def test_a_whole_picture_has_every_part_of_the_contract():
    full = Show().client.full
    assert set(full) == {"type", "world", "series", "ghost", "flags", "tick", "bands"}
    assert set(full["world"]) == {
        "id", "name", "users", "dots", "dot_ids", "people_per_dot", "strip", "strategy", "knobs", "slo_ms", "seed",
    }  # fmt: skip
    assert set(full["tick"]) == {
        "type", "t", "clock", "speed", "achieved", "paused", "slowed", "verdict", "tiles", "series", "flags", "since",
        "text", "bands", "table", "lens", "strategy", "banner", "config_changed",
    }  # fmt: skip
    assert set(full["tick"]["verdict"]) == {"status", "rule", "line", "why", "try"}


def test_csv_has_a_line_for_each_half_second():
    from engine.observe.export import to_csv

    run = small_run(seconds=3)
    rows = list(csv.reader(io.StringIO(to_csv(run.world.metrics, run.world.now_ns))))
    assert [row[0] for row in rows] == ["t_s", "0.5", "1", "1.5", "2", "2.5", "3"]


def test_looking_twice_at_one_instant_shows_the_same():
    run = small_run(seconds=3)
    picture = Picture("w", run)
    stage = Stage("w", run, Wall())
    controls = stage._controls(0.0)
    look = picture.look((Lens(LensKind.BEHIND),))
    assert picture.full(look, controls) == picture.full(look, controls)
