"""A voice for the interviewer: an endpoint of one's own choice that words a line anew, and does nothing else.

    MURMURATION_VOICE_URL=http://localhost:11434/v1  MURMURATION_VOICE_MODEL=...  MURMURATION_VOICE_KEY=...

It is told one line of the script, and never a sheet, an answer or a score; lines that quote the candidate are said as
they are. Whatever goes wrong, and whatever comes back that says
more, less or something else, the line itself is said.
"""

import json
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from urllib.request import HTTPRedirectHandler, Request, build_opener

from lessons.interview.sitting.script import own_lines

URL, MODEL, KEY = "MURMURATION_VOICE_URL", "MURMURATION_VOICE_MODEL", "MURMURATION_VOICE_KEY"
WAITS_S = 3.0
"""Longer nobody waits for a line."""
MOST_WORDS = 25
_MOST_KEPT = 1000
_MOST_BYTES = 100_000
_NUMBERS = re.compile(r"\d[\d,.]*")
_WORDS = re.compile(r"[^\W\d_]+")
_MARKS = frozenset("\n<>`*#{}|!")

Post = Callable[[str, Mapping[str, str], bytes], bytes]
"""(address, headers, body) -> the body of the answer; raises whatever it likes."""


@dataclass(frozen=True)
class Endpoint:
    """Where the voice is. `url`: as far as `/chat/completions`, which OpenAI's interface has made usual."""

    url: str
    model: str
    key: str = ""


def endpoint(environ: Mapping[str, str]) -> Endpoint | None:
    """The endpoint that the environment names; None without address or model."""
    url, model = environ.get(URL, "").strip().rstrip("/"), environ.get(MODEL, "").strip()
    if not url.startswith(("http://", "https://")) or not model:
        return None
    return Endpoint(url, model, environ.get(KEY, "").strip())


class Voice:
    """Says lines, each in the same words whenever it is said again."""

    def __init__(self, where: Endpoint | None, post: Post | None = None, waits_s: float = WAITS_S) -> None:
        self._where = where
        self._post = post or _over_http
        self._waits_s = waits_s
        self._said: dict[str, str] = {}
        self._lock = Lock()

    def say(self, line: str) -> str:
        """The line in other words, or itself. Takes three seconds at most, and that once for each line."""
        if self._where is None or line not in own_lines():
            return line
        with self._lock:
            known = self._said.get(line)
        if known is not None:
            return known
        worded = self._ask(self._where, line)
        said = worded if worded is not None and faithful(line, worded) else line
        with self._lock:
            if len(self._said) >= _MOST_KEPT:
                self._said.clear()
            return self._said.setdefault(line, said)

    def _ask(self, where: Endpoint, line: str) -> str | None:
        """What the endpoint answers; None if it does not, or not in time. In a thread, because an answer that trickles
        in byte by byte keeps within every time-out of a connection."""
        answer: Future[str] = Future()

        def ask() -> None:
            try:
                told = self._post(f"{where.url}/chat/completions", _headers(where), _body(where, line))
                answer.set_result(_content(told))
            except Exception as failed:
                answer.set_exception(failed)

        Thread(target=ask, daemon=True, name="voice").start()
        try:
            return answer.result(self._waits_s)
        except Exception:
            # Whatever it is, the line is there to be said.
            return None


def say(line: str) -> str:
    """The line in the words of the endpoint that this process's environment names, or itself."""
    where = endpoint(os.environ)
    with _LOCK:
        voice = _VOICES.setdefault(where, Voice(where))
    return voice.say(line)


_VOICES: dict[Endpoint | None, Voice] = {}
_LOCK = Lock()


def faithful(line: str, worded: str) -> bool:
    """Whether other words say the same and no more: short, one line, the same numbers, still a question or none, most
    of the line's own words of content, and neither praise, blame nor advice."""
    said, own, theirs = worded.strip(), _words(line), _words(worded)
    if not said or _MARKS & set(said) or len(said.split()) > MOST_WORDS:
        return False
    if sorted(_numbers(line)) != sorted(_numbers(said)) or said.endswith("?") != line.strip().endswith("?"):
        return False
    if theirs & _listed("barred") - own or theirs & _listed("counts") != own & _listed("counts"):
        return False
    if bool(theirs & _listed("denies")) != bool(own & _listed("denies")):
        return False
    content, added = own - _listed("plain"), theirs - own - _listed("plain")
    return len(content & theirs) * 2 >= len(content) and len(added) <= max(3, len(content) // 2)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("voice.toml").read_text("utf-8"))


@cache
def _listed(name: str) -> frozenset[str]:
    return frozenset(_table()[name].split())


def _numbers(text: str) -> list[str]:
    return [found.rstrip(".,").replace(",", "") for found in _NUMBERS.findall(text)]


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORDS.findall(text)}


def _headers(where: Endpoint) -> dict[str, str]:
    key = {"Authorization": f"Bearer {where.key}"} if where.key else {}
    return {"Content-Type": "application/json", **key}


def _body(where: Endpoint, line: str) -> bytes:
    said = [{"role": "system", "content": _table()["asked"]}, {"role": "user", "content": line}]
    return json.dumps({"model": where.model, "messages": said, "temperature": 0, "max_tokens": 80}).encode()


def _content(answer: bytes) -> str:
    told = json.loads(answer)["choices"][0]["message"]["content"]
    if not isinstance(told, str):
        raise ValueError("no text")
    return told.strip().strip('"').strip()


class _Stay(HTTPRedirectHandler):
    """A key goes to the address that was named, and nowhere else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _over_http(url: str, headers: Mapping[str, str], body: bytes) -> bytes:
    request = Request(url, body, dict(headers))
    with build_opener(_Stay).open(request, timeout=WAITS_S) as answer:
        content: bytes = answer.read(_MOST_BYTES)
        return content
