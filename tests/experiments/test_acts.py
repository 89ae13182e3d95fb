"""What people do in a run beside the load."""

import pytest

from engine import preset_config
from engine.errors import InvalidInput
from engine.experiments.acts import Act, parse_act
from engine.experiments.run import RunRequest, run

SECONDS = 4


def ran(*acts, told=None):
    request = RunRequest(config=preset_config("classroom"), seconds=SECONDS, acts=tuple(sorted(map(parse_act, acts))))
    return run(request, told=told)


def test_an_act_as_people_write_it():
    assert parse_act(" delete@8x500 ") == Act(8, "delete", 500)
    assert str(parse_act("restore@12x5")) == "restore@12x5"


@pytest.mark.parametrize("text", ["", "delete", "delete@8", "delete@8.5x1", "burn@8x1", "delete@8x0", "delete@8x-1"])
def test_what_is_no_act(text):
    with pytest.raises(InvalidInput, match="posts"):
        parse_act(text)


def test_deleted_posts_stay_in_lists_and_are_shown_to_nobody():
    report = ran("delete@2x50").report
    acts = report["acts"]
    assert acts["deleted"] == 50
    assert acts["entries"] > 50
    assert acts["shown"] == 0
    assert acts["pages"] == 100
    assert report["config"]["acts"] == ["delete@2x50"]
    assert report["audit"]["missing"] == 0


def test_they_are_the_newest_of_that_second_and_come_back():
    posts = ran("delete@2x50").world.tables.posts
    gone = [row for row in range(posts.size) if posts.flags[row]]
    assert posts.accepted_ns[gone].max() <= 2_000_000_000
    assert len(gone) == 50
    assert gone[-1] - gone[0] == 49, "side by side"
    assert posts.accepted_ns[gone[-1] + 1] > 2_000_000_000, "the next one came later"
    assert ran("delete@1x50", "restore@2x20").report["acts"]["deleted"] == 30


def test_it_makes_no_difference_whether_somebody_looks_on():
    alone, watched = ran("delete@2x50"), ran("delete@2x50", told=lambda _: None)
    for name in ("load", "summary", "audit", "acts", "cost"):
        assert alone.report[name] == watched.report[name], name


def test_where_nobody_acts_a_run_is_as_ever():
    assert "acts" not in ran().report
    assert "acts" not in ran().report["config"]
