"""A twin, and looking back, over the real socket and over HTTP."""

import json

import pytest
from starlette.websockets import WebSocketDisconnect

from engine.api import GONE_CODE
from engine.write_path.strategies import with_strategy
from tests.live.helpers import Client, small_config


@pytest.fixture
def twin(worlds):
    live = worlds.open_twin(small_config(), with_strategy(small_config(), "hybrid:threshold=100"))
    yield live
    worlds.close(live.id)


def listening(http, live, query=""):
    return http.websocket_connect(f"/worlds/{live.id}/live{query}")


def burst(http, live):
    """Nova posts, and both sides stand still two seconds later."""
    do(http, live, {"do": "inject", "name": "celebrity"})
    do(http, live, {"do": "pause"})
    live.do(lambda _: [side.run.step(100_000_000, False) for side in live._stage.sides for _ in range(20)])


def do(http, live, command):
    return http.post(f"/worlds/{live.id}/do", content=json.dumps(command))


class Socket:
    """What comes over a socket, sorted."""

    def __init__(self, socket):
        self.socket, self.client, self.past = socket, Client(), []

    def next(self):
        """The next message, parsed if it is text."""
        received = self.socket.receive()
        assert received["type"] == "websocket.send", received
        raw = received["text"] if received.get("text") is not None else received["bytes"]
        self.client.take(raw)
        return json.loads(raw) if isinstance(raw, str) else raw

    def until(self, *kinds):
        while True:
            message = self.next()
            if not isinstance(message, bytes) and message["type"] in kinds:
                return message

    def ask(self, command):
        """The answer, and before it in `past` what was shown of an earlier instant."""
        self.socket.send_text(json.dumps(command))
        while True:
            message = self.until("done", "error", "past", "person")
            if message["type"] != "past":
                return message
            self.past.append(message)


def test_each_side_has_its_own_socket_and_its_ticks_tell_of_both(http, twin):
    with listening(http, twin) as first, listening(http, twin, "?side=1") as second:
        a, b = Socket(first), Socket(second)
        ticks = [a.until("tick"), b.until("tick")]
        assert a.client.full["world"]["strategy"] == "push"
        assert b.client.full["world"]["strategy"] == "hybrid"
        assert [tick["twin"]["side"] for tick in ticks] == [0, 1]
        assert ticks[0]["twin"]["line"]
        part = ticks[1]["twin"]["parts"][0]
        assert {"label", "a", "b", "unit", "window"} <= set(part)
        done = b.ask({"do": "strategy", "name": "pull", "side": 1})
        assert done == {"type": "done", "do": "strategy"}
        assert b.ask({"do": "strategy", "name": "pull"})["message"].startswith("A strategy of a twin is set on one")
    assert [config.strategy.name for config in twin.configs] == ["push", "pull"]


@pytest.mark.parametrize("query", ["?side=2", "?side=-1", "?side=b", "?side=1.0"])
def test_a_side_that_is_not_there_is_told_and_the_socket_closed(http, twin, query):
    with listening(http, twin, query) as socket:
        message = json.loads(socket.receive_text())
        assert message["type"] == "error"
        assert message["message"].startswith("There is no side ")
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == GONE_CODE
    assert twin.do(lambda _: twin._stage.watchers) == 0


def test_over_http_the_side_is_a_field_and_the_first_by_default(http, twin):
    burst(http, twin)
    behind = twin.do(lambda world: world.behind())
    asked = {"do": "person", "user": int(behind.argmax())}
    lines = [do(http, twin, asked | extra).json()["line"] for extra in ({}, {"side": 0}, {"side": 1})]
    assert " by Nova" in lines[0]
    assert " by Nova" in lines[1]
    assert "by Nova" not in lines[2]
    assert do(http, twin, asked | {"side": 2}).status_code == 400
    assert do(http, twin, {"do": "knobs", "set": {"workers.count": 2}}).status_code == 400
    assert do(http, twin, {"do": "knobs", "set": {"workers.count": 2}, "side": 1}).json()["type"] == "done"
    assert do(http, twin, {"do": "knobs", "set": {"load.posts_per_s": 6}, "side": 1}).json()["type"] == "done"
    a, b = twin.configs
    assert (a.workers.count, b.workers.count) == (1, 2)
    assert a.load.posts_per_s == b.load.posts_per_s == 6


def test_the_series_of_each_side_are_a_file_of_their_own(http, twin):
    burst(http, twin)
    files = [http.get(f"/worlds/{twin.id}/series.csv{query}") for query in ("", "?side=0", "?side=1", "?side=2")]
    assert [file.status_code for file in files] == [200, 200, 200, 400]
    heads, bodies = zip(*(file.text.split("\n", 1) for file in files[:3]), strict=True)
    assert heads[0] == heads[2]
    assert bodies[1] == bodies[0] != bodies[2]


def test_looking_back_over_a_socket_leaves_the_other_one_alone(http, twin):
    with listening(http, twin) as first, listening(http, twin, "?side=1") as second:
        a, b = Socket(first), Socket(second)
        a.until("tick")
        done = a.ask({"do": "scrub", "t": 2.0})
        assert (done["type"], done["do"], done["t"], done["from"]) == ("done", "scrub", 2.0, 0.5)
        assert done["to"] >= 4.0
        past = a.past[-1] if a.past else a.until("past")  # it comes by another way than the answer
        assert (past["t"], past["clock"]) == (2.0, "00:00:02")
        assert {"text", "bands", "table", "values", "twin"} <= set(past)
        assert (past["twin"]["side"], past["twin"]["window"]) == (0, "last 10 s")
        assert sum(past["bands"].values()) == 300
        later = [a.next() for _ in range(6)]
        assert all(not isinstance(message, bytes) for message in later), "no live frame"
        assert {message["type"] for message in later} == {"tick"}
        assert a.client.dots.tolist() == twin.do(lambda _: twin._stage.run.reel.at(2.0).bands.tolist())
        frames = 0
        while frames < 3:
            frames += isinstance(b.next(), bytes)
        assert a.ask({"do": "scrub", "t": None})["t"] is None
        while not isinstance(a.next(), bytes):
            pass
        error = a.ask({"do": "scrub", "t": "soon"})
        assert error["message"] == "'scrub' needs a number in 't'."
    assert do(http, twin, {"do": "scrub", "t": 1}).status_code == 400
