"""Studies of pages in the run history: kept only if asked for, opened again as they were, and in a sentence if not."""

from dataclasses import replace

import pytest

from engine.errors import UnknownStudy
from engine.experiments.history import RunHistory
from engine.experiments.replicate import Played
from engine.experiments.run import config_of
from engine.experiments.studies import InHistory, Setting, Studies, comparison_asked, json_of, sweep_asked
from engine.observe.metric import Metric
from tests.experiments.executors import Scripted, Synchronous
from tests.experiments.test_studies import Clock, figures

SETTING = Setting(seconds=1, replications=3, seed=11)


class Reporting(Scripted):
    """Its reports have their settings, too, as they are kept."""

    def _made_up(self, task) -> Played:
        played = super()._made_up(task)
        return replace(played, report=played.report | {"config": config_of(task.request)})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history.duckdb"


@pytest.fixture
def registry(path):
    return server(path)


def server(path, executor=None):
    return Studies(Clock(), executor or Reporting(figures), Synchronous(), InHistory(lambda: path))


def asked_comparison():
    return comparison_asked(SETTING, ["pull", "push", "hybrid:threshold=50"])


def asked_sweep():
    vary = [("strategy.threshold", "10:1000:3:log"), ("fanout.lanes", "on,off")]
    return sweep_asked(SETTING, ["push", "hybrid"], vary, "home_p99_ms", keep_promises=True)


def test_nothing_is_left_behind_unless_it_is_asked_for(registry, path):
    look = registry.start(asked_comparison()).look()
    assert (look.state, look.kept, look.not_kept) == ("done", None, None)
    assert not path.exists()


@pytest.mark.parametrize("asked", [asked_comparison, asked_sweep])
def test_a_kept_one_has_its_runs_and_is_opened_by_another_server_as_it_was(registry, path, asked):
    study = registry.start(asked(), keep=True)
    look = study.look()
    assert (look.state, look.kept, look.not_kept) == ("done", 1, None)
    history = RunHistory(path)
    _, run_ids = history.study(1)
    assert len(run_ids) == look.total
    assert {history.run(run_id).config["seed"] for run_id in run_ids} == {11, 12, 13}
    again = server(path).find(study.id)
    assert again.request == study.request
    assert (again.look().state, again.look().kept) == ("done", 1)
    said, was = again.look().found.to_json(), look.found.to_json()
    assert {name: said[name] for name in said if name != "runs"} == {name: was[name] for name in was if name != "runs"}


def test_series_of_a_comparison_are_in_the_history_and_nowhere_else(path):
    study = server(path, Synchronous()).start(
        comparison_asked(Setting(seconds=1, replications=1), ["push", "pull"]), keep=True
    )
    look = study.look()
    assert look.kept == 1
    assert set(RunHistory(path).series(1)) <= set(Metric)
    assert len(RunHistory(path).series(1)) > 3
    assert all("series" not in run for run in look.found.runs)
    assert '"series"' not in json_of(look.found)


def test_one_that_was_cancelled_is_kept_as_far_as_it_came(path):
    class Stopped(Reporting):
        def submit(self, fn, /, *args, **kwargs):
            future = super().submit(fn, *args, **kwargs)
            if self.submitted == 4:
                registry.close()
            return future

    registry = server(path, Stopped(figures))
    study = registry.start(asked_comparison(), keep=True)
    assert study.look().kept == 1
    look = server(path).find(study.id).look()
    assert (look.state, look.done, look.total) == ("cancelled", 4, 9)
    assert look.found.text.startswith("Stopped after 4 of 9 runs.")


def test_what_cannot_be_kept_is_said_and_found_all_the_same(path):
    path.write_text("somebody else's file")
    look = server(path).start(asked_comparison(), keep=True).look()
    assert (look.state, look.kept) == ("done", None)
    assert look.not_kept.startswith("It is not kept in History: ")
    assert look.found is not None
    assert path.read_text() == "somebody else's file"


def test_one_of_the_command_line_is_on_the_page_history(registry, path):
    found = registry.start(asked_comparison()).look().found
    number = RunHistory(path).keep_study("comparison", found.to_json(), found.runs)
    with pytest.raises(UnknownStudy, match="on the page History"):
        registry.find(f"kept-{number}")


def test_one_of_another_version_is_on_the_page_history(registry, path):
    study = registry.start(asked_comparison(), keep=True)
    history = RunHistory(path)
    result, _ = history.study(1)
    result["page_study"]["request"]["knobs"] = {"no.such_knob": 1}
    history.keep_study("comparison", result, [], address="another")
    with pytest.raises(UnknownStudy, match="another version"):
        server(path).find("another")
    assert server(path).find(study.id).look().found


@pytest.mark.parametrize("address", ["", "kept-", "kept-99", "' or 1=1", "ünï", "0" * 16])
def test_an_address_that_nobody_has_is_a_sentence(registry, path, address):
    registry.start(asked_comparison(), keep=True)
    with pytest.raises(UnknownStudy, match="no study of this address"):
        registry.find(address)
