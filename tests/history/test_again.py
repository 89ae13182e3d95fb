"""A row is enough to make its run again."""

import json
import shlex
from dataclasses import replace
from types import SimpleNamespace

import pytest

from datasets.worlds import preset_config
from engine.__main__ import main
from engine.errors import InvalidInput, UnknownRun
from engine.experiments.acts import parse_act
from engine.experiments.history import RunHistory, command_of, request_of, run_again, run_and_keep
from engine.experiments.prices import BUILT_IN, PriceList
from engine.experiments.run import RunRequest, config_of
from engine.faults.fault import parse_fault
from engine.write_path.strategies import with_strategy
from tests.history.conftest import asked

SAME = ("config", "load", "summary", "slo", "audit", "cost", "virtual_seconds")


@pytest.fixture
def files(tmp_path):
    graph, trace = tmp_path / "who follows; $(whom) 'now'.csv", tmp_path / "volume.csv"
    graph.write_text("".join(f"{a},{a * 7 % 50}\n{a},{a % 5}\n" for a in range(200)))
    trace.write_text("timestamp,value\n" + "".join(f"2015-02-26 21:{m:02}:00,{1 + m % 3}\n" for m in range(5)))
    return graph, trace


def with_everything(files) -> RunRequest:
    """Nothing about this run is usual."""
    graph, trace = files
    config = with_strategy(preset_config("classroom"), "hybrid:threshold=17")
    config = (
        BUILT_IN["seed"]
        .apply(config)
        .with_knobs(
            {
                "seed": 11,
                "fanout.lanes": False,
                "load.posts_per_s": 12.345678901234567,
                "costs.row_us": 0.1,
                "tick_ms": 100,
            }
        )
    )
    return RunRequest(
        config=config,
        scenario="trace+herd",
        seconds=2,
        graph=graph,
        trace=trace,
        prices=BUILT_IN["seed"],
        faults=(parse_fault("shard_slow@0.5+1x10#3"),),
        acts=(parse_act("delete@1x7"),),
    )


def printed(capsys, command: str) -> dict:
    """What the command line prints, typed in again."""
    words = shlex.split(command)
    assert words[:3] == ["python", "-m", "engine"]
    capsys.readouterr()
    assert main(words[3:]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_plain_run_has_a_short_command_that_makes_it_again(recorded, capsys):
    kept = RunHistory(recorded.path).run(2)
    command = command_of(kept)
    assert command == (
        "python -m engine run --world classroom --strategy hybrid --scenario celebrity --seconds 3 --seed 7 "
        "--set strategy.threshold=100 --json"
    )
    again, before = printed(capsys, command), recorded.results[2].report
    assert {part: again[part] for part in SAME} == {part: before[part] for part in SAME}


def test_the_command_of_an_unusual_run_gives_the_same_digest_and_every_figure(files, tmp_path, capsys):
    history = RunHistory(tmp_path / "history.duckdb")
    run_id, result = run_and_keep(with_everything(files), history)
    again = printed(capsys, command_of(history.run(run_id)))
    assert again["load"]["digest"] == result.report["load"]["digest"]
    assert {part: again[part] for part in SAME} == {part: result.report[part] for part in SAME}


def test_a_request_comes_back_as_it_was(files, tmp_path):
    history = RunHistory(tmp_path / "history.duckdb")
    own = PriceList(name="mine", date="2026-11-21", prices={"costs.row_us": 3.0}, kept=("costs.pull_us",))
    plain = asked("cached_pull", **{"cache.ttl_s": 0.7})
    for request in (with_everything(files), asked(), replace(asked(), prices=own), replace(plain, celebrity_share=0.5)):
        run_id, _ = run_and_keep(request, history, play=lambda asked: FAKE)
        assert request_of(history.run(run_id)) == request


FAKE = SimpleNamespace(report={}, world=SimpleNamespace(metrics=SimpleNamespace(series=lambda *_: ([], []))))
"""A result without figures: what is kept of the request does not hang on it."""


def test_running_again_keeps_a_new_run_with_the_same_figures(history):
    run_id, result = run_again(history, 2)
    assert run_id == 3
    assert history.run(3).summary == history.run(2).summary == result.report["summary"]


def test_a_file_that_is_not_what_it_was_is_refused(files, tmp_path):
    history = RunHistory(tmp_path / "history.duckdb")
    run_id, _ = run_and_keep(with_everything(files), history, play=lambda asked: FAKE)
    kept = history.run(run_id)
    files[0].write_text("1,2\n")
    with pytest.raises(UnknownRun, match=r"the file has changed since\.$"):
        request_of(kept)
    files[0].unlink()
    with pytest.raises(UnknownRun, match="not there any more"):
        run_again(history, run_id)
    assert len(history.runs()) == 1
    with pytest.raises(InvalidInput, match="cannot be read"):
        run_and_keep(with_everything(files), history)


def test_what_is_handed_out_names_files_and_no_places(files, tmp_path):
    history = RunHistory(tmp_path / "history.duckdb")
    run_id, _ = run_and_keep(with_everything(files), history, play=lambda asked: FAKE)
    kept = history.run(run_id)
    assert str(files[0]) in shlex.split(command_of(kept))
    for shown in (command_of(kept, places=False), json.dumps(kept.to_json())):
        assert str(tmp_path) not in shown
        assert "volume.csv" in shown


OWN = """
from engine.write_path.strategies import Strategy, Writers
import numpy as np

class Mine(Strategy):
    slug = "mine"
    idea = "Push, as everybody does."

    def pushes(self, writers):
        return np.ones(len(writers.author), dtype=bool)
"""


def test_somebodys_own_strategy_is_kept_by_hash_and_its_code_runs_only_where_that_is_allowed(tmp_path):
    code = tmp_path / "private" / "my.py"
    code.parent.mkdir()
    code.write_text(OWN)
    base = asked()
    config = replace(base.config, strategy=replace(base.config.strategy, name=f"{code}:Mine"))
    history = RunHistory(tmp_path / "history.duckdb")
    request = replace(base, config=config)
    report = {"config": config_of(request)}
    fake = SimpleNamespace(report=report, world=FAKE.world)
    run_id, _ = run_and_keep(request, history, play=lambda asked: fake)
    kept = history.run(run_id)
    assert kept.config["strategy"] == "my.py:Mine"
    assert "private" not in json.dumps(kept.to_json()) + command_of(kept, places=False)
    assert f"--strategy {code}:Mine" in command_of(kept)
    with pytest.raises(UnknownRun, match="somebody's own code, which is not run here"):
        request_of(kept)
    code.write_text(OWN + "# changed\n")
    with pytest.raises(UnknownRun, match="has changed since"):
        request_of(kept, own=True)


def test_a_setting_that_is_gone_is_named(history):
    kept = history.run(1)
    old = replace(kept, config={**kept.config, "fanout.magic": 3})
    for call in (request_of, command_of):
        with pytest.raises(UnknownRun, match=r"'fanout\.magic', which this version does not have"):
            call(old)
