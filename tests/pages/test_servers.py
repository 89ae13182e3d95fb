"""The page of real servers without a browser: two ways in, what is refused, what one sees, and what one may do."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from engine.clock import SystemWallClock
from engine.cluster.checked import ServedAudit
from engine.cluster.room import MEASURED, SWITCH, Place, Room, Rules, Wanted
from engine.cluster.watch import KEYS
from engine.errors import StoreError
from engine.experiments.studies import Studies
from engine.journal.actions import Posted
from engine.observe.audit import Audit
from pages.parts import servers_audit, servers_start, servers_view, shelf
from pages.parts.chart_list import MAIN, MORE
from pages.parts.servers_audit import in_words
from pages.parts.servers_charts import CHARTS
from tests.cluster.conftest import MakePlace, place  # noqa: F401
from tests.cluster.place import everybody_follows
from tests.experiments.executors import Synchronous
from tests.pages.conftest import ROOT
from tests.pages.helpers import data_of


@pytest.fixture(autouse=True)
def room(monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    """A room of the test's own, in a place where everything is allowed."""
    room = Room()
    for module in (servers_start, servers_view, servers_audit):
        monkeypatch.setattr(module, "ROOM", room)
    monkeypatch.setenv(SWITCH, "allow")
    monkeypatch.delenv("REDIS_URL", raising=False)
    registry = Studies(SystemWallClock(), turns=Synchronous())
    monkeypatch.setattr(shelf, "STUDIES", registry)
    shelf.SHELF.clear()
    yield room
    room.close()
    registry.close()


def opened(there: Place | None = None) -> AppTest:
    page = AppTest.from_file(str(ROOT / "pages" / "lab" / "servers.py"), default_timeout=60)
    if there is not None:
        page.session_state[servers_start.PLACE] = there
    return shown(page.run())


def shown(page: AppTest) -> AppTest:
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    kinds = (page.title, page.header, page.markdown, page.caption, page.info, page.warning, page.error, page.success)
    return "\n".join(str(each.value) for kind in kinds for each in kind)


def click(page: AppTest, label: str) -> AppTest:
    (button,) = [button for button in page.button if button.label == label]
    return shown(button.click().run())


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


# Two ways in


def test_the_empty_page_says_what_this_is_and_how_to_begin():
    page = opened()
    assert page.title[0].value == "Real servers"
    for said in ("real Redis", "measured in wall time", "an accepted post is never lost"):
        assert said in words(page)
    assert [header.value for header in page.header] == ["Start one here", "Attach to a running one"]
    assert labels(page) == ["Start", "Watch"]
    assert "python -m engine worker --redis redis://localhost:6379" in page.code[0].value
    assert not page.get("bidi_component")


def test_in_a_shared_room_nothing_is_started_and_only_redis_url_is_asked(monkeypatch):
    monkeypatch.setenv(SWITCH, "off")
    page = opened()
    assert labels(page) == []
    assert "in a shared room, no processes are started from a page" in words(page)
    assert "set `REDIS_URL` for it" in words(page)
    assert page.code[0].value.startswith("MURMURATION_SERVERS=allow streamlit run app.py")
    monkeypatch.setenv("REDIS_URL", "redis://:secret@127.0.0.1:1/0")
    page = opened()
    assert labels(page) == ["Watch"]
    assert [field.label for field in page.text_input] == ["Name of the world"]
    assert "secret" not in words(page) + page.code[-1].value
    page = click(page, "Watch")
    assert page.session_state[servers_start.PLACE].url == "redis://:secret@127.0.0.1:1/0"
    assert "secret" not in words(page) + str(data_of(page))


def test_a_world_of_before_is_not_shown_where_it_is_not_allowed(monkeypatch):
    monkeypatch.setenv(SWITCH, "off")
    there = Place("redis://127.0.0.1:1/0", "here", ROOT / "x.db", here=True)
    monkeypatch.setattr(Room, "place_here", lambda _: there)
    page = opened(there)
    assert "has been stopped" in page.info[0].value
    assert not page.get("bidi_component")


def test_a_switch_in_no_position_is_a_sentence(monkeypatch):
    monkeypatch.setenv(SWITCH, "perhaps")
    assert opened().warning[0].value == "MURMURATION_SERVERS is 'perhaps'; allowed: allow, off."


def test_without_redis_server_there_is_one_sentence(monkeypatch):
    monkeypatch.setattr(servers_start, "redis_installed", lambda: False)
    page = opened()
    assert labels(page) == ["Watch"]
    (warning,) = page.warning
    assert warning.value.startswith("There is no `redis-server` on this machine's PATH; install it")


NONSENSE = ("", "zzz", "http://localhost", "redis://host:99999", "<script>", "ünï ☃ \x00", "redis://" + "a" * 280)


@pytest.mark.parametrize("text", NONSENSE)
def test_a_nonsense_address_is_refused_at_its_field(text):
    page = opened()
    page.text_input(key=servers_start.ADDRESS).set_value(text)
    page = click(page, "Watch")
    (error,) = page.error
    assert error.value.startswith("Address is ")
    assert "allowed: redis://HOST:PORT/DATABASE" in error.value
    fields = [kind for kind in _in_order(page) if kind in ("Address of its Redis", "error", "Name of the world")]
    assert fields == ["Address of its Redis", "error", "Name of the world"]
    assert servers_start.PLACE not in page.session_state


def _in_order(page: AppTest) -> list[str]:
    """Labels of fields, and "error" where there is one, from the top."""

    def walk(block: Any) -> Iterator[str]:
        for child in getattr(block, "children", {}).values():
            if child.type == "error":
                yield "error"
            yield getattr(child, "label", None) or ""
            yield from walk(child)

    return list(walk(page.main))


def test_a_nonsense_name_is_refused_at_its_field():
    page = opened()
    page.text_input(key=servers_start.NAME).set_value("{q}")
    page = click(page, "Watch")
    assert page.error[0].value.startswith("Name is '{q}'; allowed: up to 40 small letters")


def test_start_asks_for_what_the_form_says(monkeypatch, room):
    asked: list[tuple[Rules, Wanted]] = []

    def start(rules: Rules, wanted: Wanted) -> Place:
        asked.append((rules, wanted))
        raise StoreError("It does not start.")

    monkeypatch.setattr(room, "start", start)
    page = opened()
    page.selectbox(key="servers_strategy").set_value("hybrid")
    page.number_input(key="servers_workers").set_value(5)
    page = click(page, "Start")
    assert asked[0][1] == Wanted(strategy="hybrid", workers=5, posts=10_000, per_s=50)
    assert page.error[0].value == "It does not start."


# What one sees


def test_the_charts_are_the_load_labs():
    lag, queue, deliveries = CHARTS
    assert [chart["id"] for chart in CHARTS] == ["lag", "queue", "deliveries"]
    assert (lag["title"], lag["unit"], lag["slo"]) == (MAIN[0]["title"], MAIN[0]["unit"], MAIN[0]["slo"])
    assert queue["title"] == MAIN[1]["title"]
    assert deliveries["series"] == next(chart for chart in MORE if chart["id"] == "deliveries")["series"]
    assert {key for chart in CHARTS for line in chart["series"] for key in line["keys"]} <= set(KEYS)
    assert all(MEASURED in chart["text"].lower() for chart in CHARTS)
    assert not any("modelled" in chart["text"] for chart in CHARTS)


@pytest.mark.redis_server
def test_a_served_world_is_watched_and_its_dead_letters_are_redriven(place: MakePlace, redis_url, room):  # noqa: F811
    world = place(everybody_follows(6))
    there = Place(redis_url, world.keys.name, world.path)
    world.did(Posted(0, "a"))
    world.relay_all()
    (job,) = world.queue.take("host-1-abcdef", 1, 1)
    world.queue.give_up(job.id, "no")
    room.look(there)
    assert _soon(lambda: room.look(there).dead_letters == 1)
    page = opened(there)
    data = data_of(page)
    assert data["charts"] == CHARTS
    assert data["picture"]["series"]["queue_waiting"][-1] == 1
    assert len(data["picture"]["tiles"]) == 6
    assert list(page.table[0].value.columns) == ["Worker", "State", "In hand", "Last seen"]
    assert page.table[0].value["State"].tolist() == ["at work"]
    assert labels(page) == ["Leave", "Redrive dead letters: 1", "Audit every list"]
    page = click(page, "Redrive dead letters: 1")
    assert page.info[0].value == "1 job was queued again."
    page = click(page, "Leave")
    assert [header.value for header in page.header] == ["Start one here", "Attach to a running one"]


def _soon(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 10
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    return holds()


def test_redis_that_is_away_is_a_banner(room):
    there = Place("redis://127.0.0.1:1/0", "w", ROOT / "w.db")
    room.look(there)
    assert _soon(lambda: bool(room.look(there).picture["degraded"]))
    picture = data_of(opened(there))["picture"]
    assert picture["banner"].startswith("No Redis server answers at redis://127.0.0.1:1/0 (ConnectionError).")
    assert picture["verdict"] == picture["verdict"] | {"status": "bad", "line": "Degraded: Redis cannot be asked."}


def test_what_was_started_here_and_is_gone_leads_back():
    page = opened(Place("redis://127.0.0.1:1/0", "here", ROOT / "x.db", here=True))
    assert page.info[0].value == "What was started here has been stopped, and its folder is gone."
    assert "Start" in labels(page)


# The audit


def _found(**counts: int) -> ServedAudit:
    lists = {"missing": 0, "duplicate": 0, "foreign": 0, "out_of_order": 0, "users": 2_000, "lost_by_design": 0}
    rest = {"without_list": 0, "links_differ": 0, "dead_letters": 0, "waiting": 0}
    named = {name: counts.get(name, value) for name, value in lists.items()}
    return ServedAudit(
        Audit(**named, lost_share=0.0), **{name: counts.get(name, value) for name, value in rest.items()}
    )


def test_an_audit_is_a_sentence():
    assert in_words(_found()) == (
        "Clean: 2,000 people's lists hold exactly what they should; none missing, none twice."
    )
    assert in_words(_found(missing=3, links_differ=1)) == (
        "Not clean, in 2,000 people's lists: missing 3, differing follows 1."
    )
    assert "Beside them: 2 dead letters, whose posts are pulled; 4 jobs on their way." in in_words(
        _found(dead_letters=2, waiting=4)
    )


def test_the_audit_is_made_when_asked_and_each_time_anew(monkeypatch, room):
    found = iter([_found(), _found(missing=2)])
    asked: list[Place] = []
    monkeypatch.setattr(room, "audit", lambda one: asked.append(one) or next(found))
    there = Place("redis://127.0.0.1:1/0", "w", ROOT / "w.db")
    page = opened(there)
    assert asked == []
    page = click(page, "Audit every list")
    assert page.success[0].value.startswith("Clean: ")
    page = click(shown(page.run()), "Audit every list")
    assert page.error[0].value.startswith("Not clean, in 2,000 people's lists: missing 2.")
    assert asked == [there, there]


def test_an_audit_that_cannot_be_made_is_a_sentence():
    there = Place("redis://127.0.0.1:1/0", "w", ROOT / "no-such.db")
    page = click(opened(there), "Audit every list")
    assert page.warning[0].value.startswith("No Redis server answers at")
