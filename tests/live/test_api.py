"""The wire as a browser, or anybody else, meets it: routes, commands, errors in one sentence, and who is refused."""

import json
import threading

import pytest
from starlette.websockets import WebSocketDisconnect

from engine.api import GONE_CODE, MOST_BYTES, UNEXPECTED
from tests.live.helpers import Client


def answer_of(socket, command):
    """Send a command, and take what comes until it is answered; also everything that came before."""
    socket.send_text(command if isinstance(command, str) else json.dumps(command))
    seen = []
    while True:
        message = next_of(socket)
        if not isinstance(message, bytes) and message["type"] in ("done", "error", "person"):
            return message, seen
        seen.append(message)


def next_of(socket):
    """The next message, parsed if it is text."""
    received = socket.receive()
    assert received["type"] == "websocket.send", received
    return json.loads(received["text"]) if received.get("text") is not None else received["bytes"]


def listening(live, http, **options):
    return http.websocket_connect(f"/worlds/{live.id}/live", **options)


def do(http, live, command, **options):
    return http.post(f"/worlds/{live.id}/do", content=json.dumps(command), **options)


def test_health_counts_the_worlds(http, live):
    assert http.get("/health").json() == {"status": "ok", "worlds": 1}


def test_the_socket_begins_with_a_whole_picture_and_goes_on_with_ticks_and_dots(http, live):
    client = Client()
    with listening(live, http) as socket:
        while len(client.ticks) < 2 or client.dots is None:
            received = socket.receive()
            client.take(received["text"] if received.get("text") is not None else received["bytes"])
    assert client.full["world"]["id"] == live.id
    assert client.full["world"]["users"] == len(client.dots) == 300
    assert client.ticks[1]["t"] > client.ticks[0]["t"] >= 2.0


@pytest.mark.parametrize(
    "command",
    [
        {"do": "inject", "name": "celebrity"},
        {"do": "speed", "x": 10},
        {"do": "pause"},
        {"do": "resume"},
        {"do": "slow_to_watch", "on": False},
        {"do": "strategy", "name": "hybrid"},
        {"do": "knobs", "set": {"workers.count": 2}},
        {"do": "reset"},
    ],
)
def test_the_same_commands_over_the_socket_and_over_http(http, live, command):
    assert do(http, live, command).json() == {"type": "done", "do": command["do"]}
    with listening(live, http) as socket:
        assert answer_of(socket, command)[0] == {"type": "done", "do": command["do"]}


def test_a_command_does_what_it_says(http, live):
    do(http, live, {"do": "strategy", "name": "hybrid:threshold=50"})
    do(http, live, {"do": "knobs", "set": {"workers.count": 3}})
    do(http, live, {"do": "pause"})
    full = live.full()
    assert (full["world"]["strategy"], full["world"]["knobs"]["strategy.threshold"]) == ("hybrid", 50)
    assert full["world"]["knobs"]["workers.count"] == 3
    assert full["tick"]["paused"]


def test_a_lens_belongs_to_the_socket_that_asked(http, live):
    with listening(live, http) as socket, listening(live, http) as other:
        done, _ = answer_of(socket, {"do": "lens", "lens": "reading"})
        assert done == {"type": "done", "do": "lens", "lens": "reading", "post": None}
        kinds = set()
        for listener, kind in ((socket, 2), (other, 0)):
            frames = []
            while len(frames) < 1:
                message = next_of(listener)
                if isinstance(message, bytes) and message[0] != 255:
                    frames.append(message[0])
            kinds.add((kind, frames[-1]))
        assert (0, 0) in kinds
        assert (2, 2) in kinds or (2, 0) in kinds  # a frame from before may have been under way
    refused = do(http, live, {"do": "lens", "lens": "reading"})
    assert refused.status_code == 400


def test_a_post_is_looked_at_by_row_by_author_or_as_the_last_burst(http, live):
    with listening(live, http) as socket:
        error, _ = answer_of(socket, {"do": "lens", "lens": "post", "post": None})
        nova = live.do(lambda world: world.last_posts(0, 1).tolist())
        assert error["type"] == ("error" if not nova else "done")
        answer_of(socket, {"do": "inject", "name": "celebrity"})
        live.do(lambda world: world.step(1_500_000_000))
        row = live.do(lambda world: int(world.last_posts(0, 1)[0]))
        assert answer_of(socket, {"do": "lens", "lens": "post"})[0]["post"] == row
        assert answer_of(socket, {"do": "lens", "lens": "post", "author": 0})[0]["post"] == row
        assert answer_of(socket, {"do": "lens", "lens": "post", "post": row - 1})[0]["post"] == row - 1
        for wrong in ({"post": 10**9}, {"post": -1}, {"post": "x"}, {"author": 300}, {"author": "Nova"}):
            error, _ = answer_of(socket, {"do": "lens", "lens": "post"} | wrong)
            assert error["type"] == "error"
            assert error["message"].startswith("There is no ")
        error, _ = answer_of(socket, {"do": "lens", "lens": "x-ray"})
        assert error["message"] == 'There is no lens "x-ray"; allowed: behind, post, reading.'


def test_a_person_is_answered_with_their_line(http, live):
    with listening(live, http) as socket:
        person, _ = answer_of(socket, {"do": "person", "user": 0})
    assert person["type"] == "person"
    assert person["user"] == 0
    assert person["line"].startswith("@Nova, 224 followers")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{nonsense", "That is not JSON."),
        ("[]", 'A command is a JSON object with a word in "do".'),
        ('{"do": 3}', 'A command is a JSON object with a word in "do".'),
        ('{"do": "fly"}', "There is no command 'fly'; allowed: inject, break, speed,"),
        ('{"do": "speed"}', "'speed' needs a whole number in 'x'."),
        ('{"do": "speed", "x": true}', "'speed' needs a whole number in 'x'."),
        ('{"do": "speed", "x": 3}', "speed is 3; allowed: 1, 10, 100, or 0 for max."),
        ('{"do": "inject", "name": "flood"}', "There is no scenario 'flood'"),
        ('{"do": "inject", "name": "steady"}', "Scenario 'steady' cannot be triggered"),
        ('{"do": "slow_to_watch", "on": 1}', "'slow_to_watch' needs true or false in 'on'."),
        ('{"do": "strategy", "name": "magic"}', "There is no strategy 'magic'"),
        ('{"do": "knobs", "set": {"workers.count": 1e9}}', "workers.count is 1000000000.0; allowed: a whole number"),
        ('{"do": "knobs", "set": {"workers.count": null}}', "workers.count is None; allowed: a whole number"),
        ('{"do": "knobs", "set": {"timeline.cap": 4}}', "timeline.cap is fixed for a world's life"),
        ('{"do": "person", "user": 300}', "There is no user 300; allowed: 0 to 299."),
        ('{"do": "pad", "x": "' + "x" * MOST_BYTES + '"}', "A command has at most 65,536 bytes."),
    ],
)
def test_what_cannot_be_done_is_answered_in_a_sentence_and_the_connection_stays(http, live, text, sentence):
    refused = http.post(f"/worlds/{live.id}/do", content=text)
    assert 400 <= refused.status_code < 500
    assert refused.json()["message"].startswith(sentence)
    with listening(live, http) as socket:
        error, _ = answer_of(socket, text)
        assert error["type"] == "error"
        assert error["message"].startswith(sentence)
        assert answer_of(socket, {"do": "resume"})[0]["type"] == "done"


def test_an_unexpected_error_is_logged_and_not_shown(http, live, monkeypatch, caplog):
    def fails(_name):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(live, "inject", fails)
    refused = do(http, live, {"do": "inject", "name": "celebrity"})
    assert (refused.status_code, refused.json()["message"]) == (500, UNEXPECTED)
    with listening(live, http) as socket:
        error, _ = answer_of(socket, {"do": "inject", "name": "celebrity"})
        assert error == {"type": "error", "do": "inject", "message": UNEXPECTED}
    assert "secret detail" in caplog.text


def test_an_unknown_world_is_a_404_and_a_socket_is_told_why_it_ends(http):
    for path in ("/worlds/nope/series.csv", "/worlds/nope/do"):
        answer = http.get(path) if path.endswith("csv") else http.post(path, content="{}")
        assert answer.status_code == 404
        assert answer.json()["message"].startswith("There is no live world 'nope'")
    with http.websocket_connect("/worlds/nope/live") as socket:
        assert json.loads(socket.receive_text())["message"].startswith("There is no live world 'nope'")
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == GONE_CODE


def test_a_world_that_closes_ends_its_sockets_with_a_sentence(http, worlds, live):
    with listening(live, http) as socket:
        worlds.close(live.id)
        message = {}
        while not isinstance(message, dict) or message.get("type") != "error":
            message = next_of(socket)
        assert message["message"] == "This world was closed after its last visitor had left."
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
        assert closed.value.code == GONE_CODE


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://testserver.evil.example", "null", "http://testserver:81"]
)
def test_another_sites_page_gets_nothing(http, live, origin):
    refused = do(http, live, {"do": "pause"}, headers={"origin": origin})
    assert refused.status_code == 403
    with pytest.raises(WebSocketDisconnect), listening(live, http, headers={"origin": origin}):
        pass
    assert not live.full()["tick"]["paused"]


def test_our_own_page_is_let_in(http, live):
    own = {"origin": "http://testserver"}
    assert do(http, live, {"do": "resume"}, headers=own).status_code == 200
    with listening(live, http, headers=own) as socket:
        assert next_of(socket)["type"] == "full"


def test_series_are_a_csv_file(http, live):
    answer = http.get(f"/worlds/{live.id}/series.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="murmuration-classroom-7.csv"'
    assert answer.text.startswith("t_s,fanout_lag p50 (ms),")
    assert len(answer.text.splitlines()) >= 5


def test_a_socket_that_leaves_is_forgotten(http, live):
    with listening(live, http) as socket:
        next_of(socket)
        assert live.do(lambda _: len(live._stage.hub)) == 1
    done = threading.Event()
    for _ in range(100):
        if live.do(lambda _: len(live._stage.hub)) == 0:
            break
        done.wait(0.02)
    assert live.do(lambda _: len(live._stage.hub)) == 0
