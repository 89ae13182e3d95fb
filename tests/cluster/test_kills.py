"""Workers, Redis and the server killed -9 while posts fan out: nothing is lost, nothing comes twice."""

import time
from collections.abc import Iterator

import numpy as np
import pytest

from tests.cluster.crew import Crew, lists_of, oracle
from tests.cluster.own_redis import LASTING

pytestmark = pytest.mark.redis_server


@pytest.fixture
def crew(own_redis, tmp_path) -> Iterator[Crew]:
    crew = Crew(own_redis(*LASTING), tmp_path)
    yield crew
    crew.close()


SOME = ["redis", "worker", "worker", "server"]
MANY = ["worker", "any", "redis", "worker", "server", "any"] * 3 + ["any"] * 8
"""The last ones after the last restart of Redis, which would have everything of the seconds before planned again."""


@pytest.mark.parametrize(
    ("posts", "rate", "blows", "seed"),
    [(450, 110, SOME, 1), pytest.param(20_000, 0, MANY, 2, marks=pytest.mark.long)],
    ids=["gate", "long"],
)
def test_whatever_is_killed_every_list_ends_as_the_oracle_says(crew, posts, rate, blows, seed):
    rng = np.random.default_rng(seed)
    pace = ("--rate", str(rate), "--drain", "30" if rate else "200")
    crew.hire(3)
    crew.serve("--posts", str(posts), *pace)
    for blow in blows:
        time.sleep(float(rng.uniform(0.1, 0.6)) * (1 if rate else 2))
        match blow:
            case "worker":
                crew.replace_worker()
            case "any":
                crew.replace_any(int(rng.integers(3)))
            case "redis":
                crew.kill_redis(float(rng.uniform(0.1, 0.4)))
            case "server":
                crew.kill_server()
                crew.serve("--posts", str(posts - crew.accepted()), *pace)
    summary = crew.at_the_end()
    workers = crew.dismiss()
    print({"killed": crew.killed, "with jobs": crew.left_jobs}, summary, workers)

    assert crew.accepted() == posts
    assert crew.left_jobs > 0, "no worker was killed with a job in its hands, so nothing was put to the test"
    assert crew.taken_over() > 0
    assert summary["drained"]
    assert summary["dead_letters"] == summary["queue_jobs"] == 0
    wrong = ("missing", "duplicate", "foreign", "out_of_order", "without_list", "links_differ", "waiting")
    assert {name: summary["audit"][name] for name in wrong} == dict.fromkeys(wrong, 0)
    assert lists_of(crew.redis, 2_000) == oracle(crew.journal)


@pytest.mark.long
def test_a_server_killed_between_commit_and_enqueue_goes_on_where_it_was(crew):
    crew.serve("--posts", "100000", "--rate", "2000")
    crew.kill_server()
    accepted = crew.accepted()
    assert accepted > 0
    crew.hire(2)
    crew.serve("--posts", "100", "--rate", "100")
    summary = crew.at_the_end()
    assert crew.accepted() == accepted + 100
    assert summary["drained"]
    assert summary["fills"] == 0
    assert lists_of(crew.redis, 2_000) == oracle(crew.journal)
