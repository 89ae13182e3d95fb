"""Which world a visitor comes to: by a link, by an address, after an eviction, and in a second tab."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from datasets import worlds
from datasets.worlds import WORLDS, preset_config
from engine.errors import TooManyWorlds
from engine.live import LiveWorlds
from engine.write_path.strategies import with_strategy
from pages.parts import session

APP = str(Path(__file__).parents[2] / "app.py")
LOAD, TWIN = "pages/lab/load.py", "pages/lab/twin.py"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "worlds"


@pytest.fixture
def kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveWorlds]:
    """A registry with journals."""
    registry = LiveWorlds(history_s=0.5, folder=folder)
    monkeypatch.setattr(session, "LIVE", registry)
    yield registry
    registry.stop()


def visit(page: str = LOAD, **query: str) -> AppTest:
    """A new session at a page."""
    app = AppTest.from_file(APP, default_timeout=60)
    for name, value in query.items():
        app.query_params[name.replace("__", ".")] = value
    return app.switch_page(page).run()


def data_of(app: AppTest) -> dict[str, Any]:
    assert not app.exception
    (element,) = app.get("bidi_component")
    return json.loads(element.proto.json)


def query_of(app: AppTest) -> dict[str, str]:
    return {name: value[0] if isinstance(value, list) else value for name, value in app.query_params.items()}


def notice_of(app: AppTest) -> str | None:
    notice = data_of(app)["notice"]
    return None if notice is None else notice["text"]


# Links


def test_a_link_opens_its_experiment_and_the_address_then_names_the_world(kept: LiveWorlds) -> None:
    app = visit(world="classroom", seed="11", strategy="hybrid", scenario="celebrity", workers__count="9", user="412")
    live = kept.get(data_of(app)["world"])
    wanted = with_strategy(preset_config("classroom", seed=11), "hybrid").with_knobs({"workers.count": 9})
    assert live.config == wanted
    assert [flag["kind"] for flag in live.full()["flags"]] == ["inject"]
    assert query_of(app) == {"world": live.id, "user": "412"}
    assert notice_of(app) is None
    assert data_of(app.run())["world"] == live.id, "a rerun opens no second one"
    assert len(kept) == 1


def test_a_link_may_name_a_load_which_its_settings_overrule(kept: LiveWorlds) -> None:
    less = {"load__reads_per_s": "60", "load__posts_per_s": "20", "load__likes_per_s": "20"}
    app = visit(world="classroom", load="twitter-2012", **less)
    live = kept.get(data_of(app)["world"])
    assert (live.config.load.burst_factor, live.config.load.reads_per_s) == (2.6, 60)
    assert query_of(app) == {"world": live.id}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"seed": "-1"}, "seed is '-1'"),
        ({"strategy": "telepathy"}, "There is no strategy 'telepathy'"),
        ({"scenario": "earthquake"}, "There is no scenario 'earthquake'"),
        ({"workers__count": "0"}, "workers.count is '0'"),
        ({"no__such": "1"}, "There is no setting 'no.such'"),
    ],
)
def test_a_bad_link_says_why_and_opens_the_usual_world(kept: LiveWorlds, wrong: dict[str, str], said: str) -> None:
    app = visit(world="classroom", **wrong)
    live = kept.get(data_of(app)["world"])
    assert live.config == session.FIRST
    notice = notice_of(app)
    assert notice is not None
    assert notice.startswith(said)
    assert notice.endswith(". So this is the usual world.")
    assert query_of(app) == {"world": live.id}
    count = data_of(app)["notice"]["count"]
    assert data_of(app.run())["notice"]["count"] == count, "said once"


def test_a_link_that_finds_no_place_is_kept_for_the_next_try(kept: LiveWorlds, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise TooManyWorlds("All 24 worlds of this server are in use; try again when somebody has left.")

    with monkeypatch.context() as full:
        full.setattr(kept, "open", refuse)
        app = visit(world="classroom", seed="11")
        assert not app.exception
        assert any("All 24 worlds" in warning.value for warning in app.warning)
    app.button[0].click().run()
    assert kept.get(data_of(app)["world"]).config.seed == 11


def test_a_world_for_which_memory_is_short_is_refused_in_a_sentence(
    kept: LiveWorlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = replace(WORLDS["classroom"], memory_gb=1_000_000.0)
    monkeypatch.setattr(worlds, "WORLDS", {**WORLDS, "classroom": large})
    app = visit(world="classroom", seed="12")
    assert not app.exception
    assert any("needs 1e+06 GB of free memory" in warning.value for warning in app.warning)
    assert len(kept) == 0
    monkeypatch.undo()
    monkeypatch.setattr(session, "LIVE", kept)
    app.button[0].click().run()
    assert kept.get(data_of(app)["world"]).config.seed == 12


def test_a_link_in_a_session_that_has_a_world_opens_another(kept: LiveWorlds) -> None:
    app = visit()
    first = data_of(app)["world"]
    app.query_params["world"] = "classroom"
    app.query_params["seed"] = "12"
    second = data_of(app.run())["world"]
    assert second != first
    assert kept.get(second).config.seed == 12


# Coming back


def test_a_world_that_was_evicted_comes_back_with_a_notice(kept: LiveWorlds) -> None:
    app = visit()
    world = data_of(app)["world"]
    post = kept.get(world).as_people(lambda people, _: people.post(5, "still here"))
    kept.close(world)
    back = app.run()
    assert data_of(back)["world"] == world
    notice = notice_of(back)
    assert notice is not None
    assert notice.startswith("This world had been closed after its last visitor left. It is back from its journal, at ")
    texts = kept.get(world).as_people(lambda people, _: [view.text for view in people.profile(5, 5).posts[:1]])
    assert texts == [post.text]
    assert query_of(back)["world"] == world


def test_an_address_from_last_week_does_too(kept: LiveWorlds) -> None:
    world = kept.open(with_strategy(preset_config("classroom"), "pull")).id
    kept.close(world)
    app = visit(world=world)
    assert data_of(app)["world"] == world
    assert kept.get(world).config.strategy.name == "pull"
    assert "back from its journal" in (notice_of(app) or "")


def test_a_second_session_with_the_same_address_gets_the_same_world(kept: LiveWorlds) -> None:
    first = visit()
    world = data_of(first)["world"]
    second = visit(world=world)
    assert data_of(second)["world"] == world
    assert notice_of(second) is None
    kept.close(world)
    assert data_of(second.run())["world"] == data_of(first.run())["world"] == world
    assert len(kept) == 1
    assert notice_of(first) is None, "it was back before this session asked"


def test_a_world_without_a_journal_is_replaced_by_one_like_it(
    kept: LiveWorlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept._archive, "_folder", None)
    app = visit()
    live = kept.get(data_of(app)["world"])
    live.set_knobs({"workers.count": 9})
    app.run()
    kept.close(live.id)
    fresh = kept.get(data_of(app.run())["world"])
    assert fresh.id != live.id
    assert fresh.config.workers.count == 9


@pytest.mark.parametrize("page", [LOAD, TWIN])
def test_a_journal_that_cannot_be_read_is_said_and_nobody_is_stuck_with_it(
    kept: LiveWorlds, folder: Path, page: str
) -> None:
    app = visit(page)
    world = data_of(app)["world"]
    kept.close(world)
    (folder / world / "a.journal").write_bytes(b"garbage" * 100)
    fresh = data_of(app.run())["world"]
    assert fresh != world
    assert (notice_of(app) or "").endswith("is not a journal: it is not a SQLite database. So this is another world.")
    assert data_of(app.run())["world"] == fresh


# Twins


def test_a_twin_has_its_own_place_in_the_address_and_comes_back(kept: LiveWorlds) -> None:
    app = visit(TWIN)
    twin = kept.get(data_of(app)["world"])
    assert [config.strategy.name for config in twin.configs] == ["push", "hybrid"]
    assert query_of(app)["twin"] == twin.id
    assert data_of(visit(TWIN, twin=twin.id))["world"] == twin.id
    twin.set_knobs({"workers.count": 9}, side=1)
    kept.close(twin.id)
    back = app.run()
    assert data_of(back)["world"] == twin.id
    assert "back from its journal" in (notice_of(back) or "")
    assert [config.workers.count for config in kept.get(twin.id).configs][1] == 9
    assert kept.get(twin.id).sides == 2


def test_a_world_is_no_twin_and_a_twin_is_no_world(kept: LiveWorlds) -> None:
    single = kept.open(session.FIRST)
    twin = kept.open_twin(session.FIRST, session.FIRST)
    assert kept.get(data_of(visit(TWIN, twin=single.id))["world"]).sides == 2
    assert kept.get(data_of(visit(LOAD, world=twin.id))["world"]).sides == 1
