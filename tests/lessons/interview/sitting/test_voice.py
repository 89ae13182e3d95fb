"""The voice: words a line anew, and where it fails, is slow or says something else, the line itself is said."""

import json
import threading
import time
from collections.abc import Mapping

import pytest

from lessons.interview.sitting.voice import Endpoint, Voice, endpoint, faithful

LINE = "One account has 1,000 times the mean followers and posts. What happens, in seconds?"
WORDED = "An account posts with 1,000 times the mean followers: what happens, in seconds?"
WHERE = Endpoint("http://voice.example/v1", "small", "secret")


def answering(text: object) -> bytes:
    return json.dumps({"choices": [{"message": {"content": text}}]}).encode()


class Post:
    """Answers as it is told to, and notes what it was asked."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.asked: list[tuple[str, Mapping[str, str], dict[str, object]]] = []

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> bytes:
        self.asked.append((url, headers, json.loads(body)))
        return self.answer


def test_a_faithful_wording_is_said_and_asked_for_once():
    post = Post(answering(f'"{WORDED}"'))
    voice = Voice(WHERE, post)
    assert voice.say(LINE) == voice.say(LINE) == WORDED
    assert len(post.asked) == 1
    url, headers, body = post.asked[0]
    assert url == "http://voice.example/v1/chat/completions"
    assert headers["Authorization"] == "Bearer secret"
    messages = body["messages"]
    assert isinstance(messages, list)
    assert [one["content"] for one in messages][1:] == [LINE], "one line, and nothing of the interview"


@pytest.mark.parametrize(
    "line",
    ["", 'You said "we push" and configured pull. Which?', "What breaks if I remove the service mesh?",
     "Your sentence says 4 s, the fields say 40 s. Which of the two?", "A line from somewhere else?"],
)  # fmt: skip
def test_what_has_something_of_the_candidate_goes_nowhere(line: str):
    post = Post(answering(WORDED))
    assert Voice(WHERE, post).say(line) == line
    assert post.asked == []


def test_without_an_endpoint_the_line_is_said():
    assert Voice(None).say(LINE) == LINE


@pytest.mark.parametrize(
    "answer",
    [b"", b"not json", b"{}", b"[]", b'{"choices": []}', answering(None), answering(3), answering(""), answering("\n"),
     b'{"choices": [{"message": null}]}', b"\xff\xfe"],
)  # fmt: skip
def test_an_answer_that_is_none_leaves_the_line(answer: bytes):
    assert Voice(WHERE, Post(answer)).say(LINE) == LINE


def test_an_endpoint_that_fails_or_is_slow_leaves_the_line():
    def fails(*_: object) -> bytes:
        raise OSError("refused")

    assert Voice(WHERE, fails).say(LINE) == LINE
    released = threading.Event()

    def slow(*_: object) -> bytes:
        released.wait(5)
        return answering(WORDED)

    began = time.monotonic()
    assert Voice(WHERE, slow, waits_s=0.1).say(LINE) == LINE
    assert time.monotonic() - began < 2
    released.set()


def test_an_address_where_nobody_listens_leaves_the_line():
    assert Voice(Endpoint("http://127.0.0.1:9/v1", "small")).say(LINE) == LINE


@pytest.mark.parametrize(
    "worded",
    [
        "Great work. One account has 1,000 times the mean followers and posts: what happens, in seconds?",
        "One account has 10,000 times the mean followers and posts. What happens, in seconds?",
        "One account has many times the mean followers and posts. What happens, in seconds?",
        "One account has 1,000 times the mean followers and posts. Say what happens, in seconds.",
        "What do you think of pushing posts to workers, caches and queues with lanes 1,000 times?",
        "One account has 1,000 times the mean followers and posts. What happens, in seconds? You forgot the celebrity?",
        "One account has 1,000 times the mean followers and posts. What never happens, in seconds?",
        "One account has 1,000 times the mean followers and posts, 5 of 10 points so far. What happens, in seconds?",
        LINE + " " + LINE,
        "One account has 1,000 times\nthe mean followers and posts. What happens, in seconds?",
        "<b>One account</b> has 1,000 times the mean followers and posts. What happens, in seconds?",
        "One account has 1,000 times the mean followers; pull merge shard cache lane. What happens, in seconds?",
        "",
    ],
)
def test_what_lies_praises_blames_adds_or_leaves_out_is_not_said(worded: str):
    assert not faithful(LINE, worded)
    assert Voice(WHERE, Post(answering(worded))).say(LINE) == LINE


def test_denials_and_counts_stay():
    line = "New requirement: no acknowledged post may be lost."
    assert not faithful(line, "New requirement: an acknowledged post may be lost.")
    assert faithful(line, "The new requirement: no post that was acknowledged may be lost.")
    half = "New requirement: half of the memory and two thirds of the workers. What do you change?"
    assert not faithful(half, "New requirement: two thirds of the memory and of the workers. What do you change?")


def test_every_line_is_faithful_to_itself():
    from tests.lessons.interview.sitting.test_script import LONGEST, lines

    for line in lines():
        told = line.format_map(LONGEST)
        assert faithful(told, told), told


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        ({}, None),
        ({"MURMURATION_VOICE_URL": "http://x/v1/"}, None),
        ({"MURMURATION_VOICE_URL": "file:///etc", "MURMURATION_VOICE_MODEL": "m"}, None),
        ({"MURMURATION_VOICE_URL": " http://x/v1/ ", "MURMURATION_VOICE_MODEL": "m"}, Endpoint("http://x/v1", "m", "")),
    ],
)
def test_the_environment_names_it(environ: dict[str, str], found: Endpoint | None):
    assert endpoint(environ) == found
