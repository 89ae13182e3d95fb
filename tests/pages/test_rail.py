"""The rail: generated from the engine's declarations, and the commands that open another world."""

from typing import Any

import pytest

from datasets.worlds import WORLDS, preset_config
from engine.config import KNOBS, WorldConfig
from engine.write_path.strategies import STRATEGIES
from pages.parts import commands
from pages.parts.knob_form import UNITS, knob_form


def all_fields() -> list[dict[str, Any]]:
    form = knob_form()
    groups = [form["always"], form["more"], [form["seed"]], *form["only_for"].values()]
    return [field for group in groups for field in group]


def test_every_strategy_and_world_of_the_engine_is_offered() -> None:
    form = knob_form()
    assert {s["slug"] for s in form["strategies"]} == set(STRATEGIES)
    assert {w["slug"] for w in form["worlds"]} == set(WORLDS)


def test_the_parameters_of_every_strategy_are_offered_with_it() -> None:
    shown = {slug: [field["name"] for field in fields] for slug, fields in knob_form()["only_for"].items()}
    assert shown == {slug: list(strategy.params.values()) for slug, strategy in STRATEGIES.items()}


@pytest.mark.parametrize("field", all_fields(), ids=lambda field: field["name"])
def test_a_field_says_what_the_engine_allows(field: dict[str, Any]) -> None:
    knob = KNOBS[field["name"]]
    unit = UNITS.get(knob.unit, knob.unit)
    assert (field["lo"], field["hi"], field["unit"], field["default"]) == (knob.lo, knob.hi, unit, knob.default)
    assert knob.doc in field["text"]
    assert "." not in field["label"]


class FakeLive:
    config = commands.with_strategy(preset_config("classroom"), "hybrid")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[WorldConfig]:
    """The configurations that the commands open worlds with."""
    configs: list[WorldConfig] = []
    monkeypatch.setattr(commands, "session_world", FakeLive)
    monkeypatch.setattr(commands, "replace_world", configs.append)
    monkeypatch.setattr(commands, "reopen_world", configs.append)
    return configs


def test_another_world_comes_with_its_own_knobs_and_the_strategy_in_force(opened: list[WorldConfig]) -> None:
    assert commands.run_command({"do": "open", "world": "city", "seed": "11"}) is None
    assert opened == [commands.with_strategy(preset_config("city", seed=11), "hybrid")]


def test_a_world_that_stood_idle_is_opened_again_as_the_browser_last_saw_it(opened: list[WorldConfig]) -> None:
    seen = {name: preset_config("classroom").knob(name) for name in KNOBS} | {"workers.count": 9, "seed": 3}
    assert commands.run_command({"do": "reopen", "world": "classroom", "strategy": "pull", "knobs": seen}) is None
    assert opened == [commands.with_strategy(preset_config("classroom", seed=3, **{"workers.count": 9}), "pull")]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ({"do": "open", "world": "atlantis", "seed": 7}, "no world"),
        ({"do": "open", "world": "classroom", "seed": -1}, "seed"),
        ({"do": "open", "world": "classroom", "seed": "seven"}, "seed"),
        ({"do": "open"}, "not complete"),
        ({"do": "reopen", "world": "classroom", "strategy": "magic", "knobs": {}}, "no strategy"),
        (
            {"do": "reopen", "world": "classroom", "strategy": "push", "knobs": {"workers.count": 0}},
            "1 to 10,000 workers",
        ),
        ({"do": "reopen", "world": "classroom", "strategy": "push", "knobs": 7}, "not complete"),
        ({"do": "fly"}, "no command"),
        ({}, "no command"),
    ],
)
def test_what_is_refused_is_said_in_a_sentence(opened: list[WorldConfig], command: dict[str, Any], words: str) -> None:
    assert words in (commands.run_command(command) or "")
    assert opened == []
