"""What all tests share: the --long switch, and the programs that some tests need (a Redis server, a Chromium).

A program that is missing skips the tests that need it, and only those; where CI=true it fails them, so that nothing
goes untested unseen.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

settings.register_profile("untimed", deadline=None)  # how long an example takes says nothing on a busy machine
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run the tests marked `long`")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=_turn)
    if config.getoption("--long"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="takes long; run with --long"))


SOON = (
    "stories/test_ablation.py", "stories/test_stories.py", "law/test_law.py", "incidents/test_ticks_of_faults.py",
    "conformance/test_ticks.py", "cluster/test_kills.py", "cluster/test_server.py", "pages/test_failures.py",
    "incidents/test_nothing_is_lost.py", "faults/test_kill.py", "pages/test_history.py", "own_strategy/test_hostile.py",
    "live/test_reopening.py", "live/test_story.py", "pages/test_own_in_compare.py", "experiments/test_replicate.py",
    "live/test_difference.py", "pages/test_inspect.py", "requests/test_reads.py", "experiments/test_run.py",
)  # fmt: skip
"""Files of more than ten seconds of a core: one that began last would be played while the other cores have nothing."""
TOGETHER = ("tests/browser", "tests/stories")
"""Folders whose files have much in common that is made but once in each process."""


def _turn(item: pytest.Item) -> int:
    """The longest pieces of work begin first: what drives a browser is one."""
    if item.get_closest_marker("browser"):
        return 0
    soon = [turn for turn, name in enumerate(SOON, 1) if item.nodeid.partition("::")[0].endswith(name)]
    return soon[0] if soon else len(SOON) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> "OneBrowser":
    return OneBrowser(config, log)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Whoever plays tests without a browser steps back for the process that has the browser, and its gates."""
    if item.get_closest_marker("browser") is None and os.nice(0) == 0:
        os.nice(5)


class OneBrowser(LoadFileScheduling):
    """A file is played by one process, and so is a folder of TOGETHER: all that drive a browser by the same one.

    A browser keeps most of a core busy while its test waits: two at once would be slow both, and miss their gates.
    """

    def _split_scope(self, nodeid: str) -> str:
        folder = nodeid.partition("::")[0].rpartition("/")[0]
        return folder if folder in TOGETHER else super()._split_scope(nodeid)


def missing(what: str) -> NoReturn:
    """Skip the asking test because `what` is not here; under CI=true fail it instead."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"{what}; under CI nothing may be missing", pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real Redis server: REDIS_URL, or one started here, one for each pytest-xdist worker.

    Tests that share REDIS_URL keep apart by the prefix of their keys.
    """
    given = os.environ.get("REDIS_URL")
    if given:
        yield given
        return
    binary = shutil.which("redis-server")
    if not binary:
        missing("no REDIS_URL and no redis-server binary")
    server, url = _start_redis(binary, tmp_path_factory.mktemp("redis"))
    yield url
    server.terminate()
    server.wait(timeout=10)


def _start_redis(binary: str, folder: Path) -> "tuple[subprocess.Popen[bytes], str]":
    """A server without persistence; a port that somebody else takes first is tried again with another."""
    for _ in range(5):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
        server = subprocess.Popen([binary, *options], stdout=subprocess.DEVNULL)
        if _answers(server, port):
            return server, f"redis://127.0.0.1:{port}/0"
        server.kill()
        server.wait()
    missing("redis-server does not start")


def _answers(server: "subprocess.Popen[bytes]", port: int) -> bool:
    """Whether this very server (not another one on the same port) comes up within ten seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as link:
                link.sendall(b"INFO server\r\n")
                if f"process_id:{server.pid}\r\n".encode() in link.recv(65_536):
                    return True
        except OSError:
            pass
        time.sleep(0.02)
    return False


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Path of a Chromium for browser tests."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    missing("no chromium, chromium-browser or google-chrome on the PATH")
