"""The app as a person meets it: a server on a free port, and the machine's own Chromium."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parents[2]
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run"]


class Server:
    """README's app on a port of its own; at each of its ends it must have said nothing of errors."""

    def __init__(self, **environment: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port: int = probe.getsockname()[1]
        self._environment = os.environ | environment
        self.url = f"http://localhost:{self._port}"
        self.visited = False
        """Whether somebody has been on it since it started."""

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self._port)],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.visited = False
        _wait_for(self.url + "/v1/health", self._process)

    def stop(self) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        output = self._process.communicate(timeout=20)[0].decode()
        assert "Traceback" not in output, output


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app, running, with a run history of its own; a test may stop it and start it again."""
    kept = tmp_path_factory.mktemp("kept")
    server = Server(MURMURATION_HISTORY=str(kept / "history.duckdb"), MURMURATION_PROGRESS=str(kept))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def app_url(server: Server) -> str:
    return server.url


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    process.kill()
    pytest.fail(f"the app did not start: {process.communicate()[0].decode()}")


@pytest.fixture(scope="session")
def browser(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """One window of one Chromium, with a profile on disk: visitors are its tabs.

    A window and an empty profile for each of them would have the app's scripts compiled again for each, at a second of
    a core.
    """
    profile = tmp_path_factory.mktemp("profile")
    with sync_playwright() as playwright:
        window = playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium_path, args=QUIET, viewport={"width": 1280, "height": 800}
        )
        yield window
        window.close()


LEAVE = """async () => {
  const world = window.__murmuration?.world;
  if (world) await fetch(`/v1/worlds/${world}/do`, { method: "POST", body: JSON.stringify({ do: "pause" }) });
  localStorage.clear();
}"""


@contextmanager
def visitor(browser: BrowserContext, width: int = 1280, height: int = 800, **wishes: Any) -> Iterator[Page]:
    """Somebody new, at a laptop's screen unless told; whatever the page's scripts complain about fails the test.

    `wishes` are those of `Page.emulate_media`, as `reduced_motion="reduce"`. Who leaves has paused their world, which
    would go on for a minute and slow down the next, and leaves nothing that a page would remember.
    """
    there = set(browser.pages)
    page = browser.new_page()
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(**wishes)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        yield page
    finally:
        if page.url.startswith("http"):
            page.evaluate(LEAVE)
        for tab in set(browser.pages) - there:  # also those that the test has opened
            tab.close()
    assert errors == []


@pytest.fixture
def page(browser: BrowserContext) -> Iterator[Page]:
    """A fresh visitor."""
    with visitor(browser) as page:
        yield page


@pytest.fixture
def warm(browser: BrowserContext, server: Server) -> str:
    """The address of a server on which somebody has been."""
    if not server.visited:
        with visitor(browser) as other:
            other.goto(server.url)
            other.wait_for_function("window.__murmuration?.tick && window.__murmuration.story", timeout=30_000)
        server.visited = True
    return server.url


def first_visit(page: Page) -> Page:
    """The same page, of somebody whose browser has nothing of the app yet."""
    page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    return page
