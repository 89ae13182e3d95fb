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
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run"]


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """README's app, running, with a run history of its own."""
    history = tmp_path_factory.mktemp("history") / "history.duckdb"
    with serving(free_port(), MURMURATION_HISTORY=str(history)) as url:
        yield url


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(port: int, **environment: str) -> Iterator[str]:
    """README's app on a port, with these variables besides; at its end it must have said nothing of errors."""
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    server = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    url = f"http://localhost:{port}"
    _wait_for(url + "/v1/health", server)
    yield url
    os.killpg(server.pid, signal.SIGTERM)
    output = server.communicate(timeout=20)[0].decode()
    assert "Traceback" not in output, output


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the app did not start")


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=QUIET)
        yield chromium
        chromium.close()


@contextmanager
def visitor(browser: Browser, width: int = 1280, height: int = 800, **wishes: Any) -> Iterator[Page]:
    """Somebody new, at a laptop's screen unless told; whatever the page's scripts complain about fails the test.

    `wishes` are of the browser's context, as `reduced_motion="reduce"`.
    """
    context = browser.new_context(viewport={"width": width, "height": height}, **wishes)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        yield page
    finally:
        context.close()
    assert errors == []


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh visitor."""
    with visitor(browser) as page:
        yield page
