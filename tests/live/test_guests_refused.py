"""What nobody inside a live world may ask: refused in one sentence, changing nothing; and over HTTP and the socket."""

import json
import threading

import pytest

from engine.api import UNEXPECTED
from engine.errors import InvalidCursor, InvalidInput, UnknownName, UnknownPost, UnknownUser
from engine.live.commands import perform
from engine.live.guests import COMMANDS
from tests.live.guests import HUGE, USERS
from tests.live.helpers import ask

NONSENSE = (None, True, "7", 1.5, [], {}, [1], float("nan"))
BAD_USERS = (-1, USERS, HUGE, -HUGE)
REFUSED = [
    *[({"do": "act", "what": "post", "text": "x", "user": bad}, InvalidInput) for bad in NONSENSE],
    *[({"do": "act", "what": "post", "text": "x", "user": bad}, UnknownUser) for bad in BAD_USERS],
    *[({"do": "act", "what": bad, "user": 1}, InvalidInput) for bad in (*NONSENSE[:2], 1.5, [], "sing", "")],
    *[({"do": "act", "what": "post", "user": 1, "text": bad}, InvalidInput) for bad in (None, 7, [], "", "x" * 281)],
    *[({"do": "act", "what": "like", "user": 1, "post": bad}, InvalidInput) for bad in NONSENSE],
    *[({"do": "act", "what": "like", "user": 1, "post": bad}, UnknownPost) for bad in (0, HUGE, -HUGE)],
    *[({"do": "act", "what": "follow", "user": 1, "other": bad}, InvalidInput) for bad in (*NONSENSE, 1)],
    *[({"do": "act", "what": "follow", "user": 1, "other": bad}, UnknownUser) for bad in BAD_USERS],
    ({"do": "act", "what": "post"}, InvalidInput),
    ({"do": "act", "user": 1}, InvalidInput),
    *[({"do": "page", "what": "home", "user": bad}, InvalidInput) for bad in NONSENSE],
    *[({"do": "page", "what": "home", "user": bad}, UnknownUser) for bad in BAD_USERS],
    *[({"do": "page", "what": bad, "user": 1}, InvalidInput) for bad in (None, 3, "away", "post")],
    *[({"do": "page", "what": "home", "user": 1, "cursor": bad}, InvalidInput) for bad in (1, True, [], {}, 1.5)],
    *[({"do": "page", "what": "home", "user": 1, "cursor": bad}, InvalidCursor) for bad in ("", "x", "ü", "\ud800")],
    *[
        ({"do": "page", "what": "home", "user": 1, "limit": bad}, InvalidInput)
        for bad in (None, 0, -1, 101, HUGE, True, "20", 2.5, [])
    ],
    *[({"do": "page", "what": "profile", "user": 1, "author": bad}, InvalidInput) for bad in NONSENSE],
    *[({"do": "page", "what": "profile", "user": 1, "author": bad}, UnknownUser) for bad in BAD_USERS],
    *[({"do": "page", "what": "replies", "user": 1, "post": bad}, InvalidInput) for bad in NONSENSE],
    *[({"do": "page", "what": "replies", "user": 1, "post": bad}, UnknownPost) for bad in (3, HUGE)],
    *[({"do": "news", "user": 1, "mark": bad}, InvalidInput) for bad in NONSENSE],
    *[({"do": "news", "user": bad, "mark": 0}, InvalidInput) for bad in NONSENSE],
    *[({"do": "news", "user": bad, "mark": mark}, UnknownUser) for bad in BAD_USERS for mark in (0, HUGE)],
    *[({"do": "trace", "id": bad}, InvalidInput) for bad in NONSENSE],
    *[({"do": "trace", "id": bad}, UnknownName) for bad in (0, -1, 10**6, HUGE)],
    *[({"do": "find", "text": bad}, InvalidInput) for bad in (None, True, 7, [], {})],
    *[({"do": "user", "user": bad}, InvalidInput) for bad in NONSENSE],
    *[({"do": "user", "user": bad}, UnknownUser) for bad in BAD_USERS],
    *[({"do": "user", "user": 1, "viewer": bad}, InvalidInput) for bad in NONSENSE[1:]],
    *[({"do": "user", "user": 1, "viewer": bad}, UnknownUser) for bad in BAD_USERS],
    *[({"do": "store", "user": bad}, InvalidInput) for bad in NONSENSE],
    *[({"do": "store", "user": bad}, UnknownUser) for bad in BAD_USERS],
    *[
        ({"do": do, "side": bad, **fields}, InvalidInput)
        for bad in (1, -1, "0", True, 1.5, HUGE)
        for do, fields in (
            ("page", {"what": "home", "user": 1}),
            ("news", {"user": 1, "mark": 0}),
            ("trace", {"id": 1}),
            ("find", {"text": "nova"}),
            ("shortcuts", {}),
            ("user", {"user": 1}),
            ("store", {"user": 1}),
        )
    ],
]


def test_nonsense_is_answered_with_one_sentence_and_changes_nothing(busy):
    world, people = busy.world(), busy.people()
    before = people.journal.last_seq, world.tables.posts.size, [c.tolist() for c in world.tables.graph.edges()]
    assert {message["do"] for message, _ in REFUSED} == set(COMMANDS)
    for message, error in REFUSED:
        with pytest.raises(error) as refused:
            ask(busy.worlds, perform, busy.live, message)
        text = str(refused.value)
        assert text.endswith("."), message
        assert len(text) < 300, message
        assert "\n" not in text, message
    after = people.journal.last_seq, world.tables.posts.size, [c.tolist() for c in world.tables.graph.edges()]
    assert after == before
    assert not busy.live._stage._failed


def test_cursors_of_others_are_refused(busy):
    mine = busy("page", what="home", user=5, limit=1)["next"]
    assert mine is not None
    profile = busy("page", what="profile", user=5, author=7, limit=1)["next"]
    assert busy("page", what="home", user=5, cursor=mine)["posts"]
    assert busy("page", what="profile", user=9, author=7, cursor=profile)["posts"], "a profile is everybody's"
    for message in (
        {"what": "home", "user": 6, "cursor": mine},
        {"what": "profile", "user": 5, "author": 7, "cursor": mine},
        {"what": "home", "user": 5, "cursor": profile},
        {"what": "home", "user": 5, "cursor": mine + mine},
        {"what": "profile", "user": 5, "author": 8, "cursor": profile},
    ):
        with pytest.raises(InvalidCursor):
            busy("page", **message)


# Over the wire


def over_socket(http, live, command):
    with http.websocket_connect(f"/worlds/{live.id}/live") as socket:
        socket.send_text(json.dumps(command))
        while True:
            received = socket.receive()
            text = received.get("text")
            if text is not None and json.loads(text)["type"] not in ("full", "tick"):
                return json.loads(text)


def over_http(http, live, command):
    return http.post(f"/worlds/{live.id}/do", content=json.dumps(command))


COMPLETE = [
    ({"do": "act", "what": "post", "user": 5, "text": "über 🐦"}, "acted"),
    ({"do": "page", "what": "home", "user": 5}, "page"),
    ({"do": "news", "user": 5, "mark": 0}, "news"),
    ({"do": "trace", "id": 1}, "trace"),
    ({"do": "find", "text": "nova"}, "found"),
    ({"do": "shortcuts"}, "shortcuts"),
    ({"do": "user", "user": 5, "viewer": 6}, "user"),
    ({"do": "store", "user": 5}, "store"),
]


def test_every_command_is_answered_alike_over_http_and_the_socket(http, live):
    live.pause()
    assert {command["do"] for command, _ in COMPLETE} == set(COMMANDS)
    for command, kind in COMPLETE:
        sent, asked = over_http(http, live, command), over_socket(http, live, command)
        assert sent.status_code == 200
        assert (sent.json()["type"], sent.json()["do"]) == (kind, command["do"])
        assert set(asked) == set(sent.json())
        if command["do"] not in ("act", "page"):
            assert asked == sent.json()
    post = over_http(http, live, COMPLETE[0][0]).json()["post"]
    assert post["text"] == "über 🐦"
    assert post["snowflake"].isdecimal(), "a text, for JavaScript would round it"
    assert post["id"] < 2**53


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ({"do": "act", "what": "post", "user": 5}, 400),
        ({"do": "act", "what": "follow", "user": 5, "other": 5}, 403),
        ({"do": "act", "what": "sing", "user": 5}, 404),
        ({"do": "act", "what": "like", "user": 5, "post": HUGE}, 400),
        ({"do": "page", "what": "home", "user": 10**4_000}, 400),
        ({"do": "news", "user": 5, "mark": 1e400}, 400),
        ({"do": "trace", "id": 10**9}, 404),
        ({"do": "user", "user": 300}, 400),
    ],
)
def test_refusals_over_the_wire_are_one_sentence(http, live, command, status):
    text = json.dumps(command) if status else ""
    refused = http.post(f"/worlds/{live.id}/do", content=text)
    assert refused.status_code == status
    told = over_socket(http, live, command)
    assert told["message"] == refused.json()["message"]
    assert told["type"] == "error"
    assert told["do"] == command["do"]
    assert told["message"] != UNEXPECTED


def test_many_at_once_are_all_answered(http, live):
    answers = []

    def post(number):
        answers.append(over_http(http, live, {"do": "act", "what": "post", "user": number, "text": "x"}).json())

    threads = [threading.Thread(target=post, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer["post"]["id"] for answer in answers}) == 20
    assert sorted(answer["trace"]["id"] for answer in answers) == list(range(1, 21))
