"""Real servers in a browser: started from the page, broken, audited, stopped."""

import re
from collections.abc import Iterator

import psutil
import pytest
from playwright.sync_api import Page, expect

from engine.cluster.private_redis import installed
from tests.browser.conftest import Server
from tests.conftest import missing

pytestmark = [pytest.mark.browser, pytest.mark.redis_server]

PICTURE = "window.__murmurationServers"


@pytest.fixture
def open_server() -> Iterator[Server]:
    """The app where processes may be started."""
    if not installed():
        missing("no redis-server binary")
    server = Server(MURMURATION_SERVERS="allow")
    server.start()
    yield server
    server.stop()


def test_start_kill_audit_and_stop(page: Page, open_server: Server) -> None:
    page.goto(f"{open_server.url}/servers")
    page.get_by_label("Posts per second", exact=True).fill("80", timeout=60_000)
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_function(f"{PICTURE}?.verdict.line.startsWith('On time')", timeout=90_000)
    expect(page.locator(".live.servers .plot .main-svg").first).to_be_visible(timeout=60_000)
    expect(page.locator(".live.servers .tile")).to_have_count(6)
    page.wait_for_function(f"{PICTURE}.series.deliveries_per_s.at(-1) > 0", timeout=60_000)

    page.get_by_role("button", name="Kill a worker").click()
    expect(page.get_by_text(re.compile(r"^Worker \d+ was killed"))).to_be_visible(timeout=60_000)
    expect(page.locator(".flag", has_text="Worker killed")).to_be_visible(timeout=60_000)

    page.get_by_role("button", name="Audit every list").click()
    clean = page.get_by_text("2,000 people's lists hold exactly what they should")
    expect(clean).to_be_visible(timeout=60_000)

    started = [
        one for one in psutil.Process().children(recursive=True) if set(one.cmdline()) & {"worker", "serve-world"}
    ]
    assert len(started) == 3  # the server and two of three workers
    page.get_by_role("button", name="Stop everything").click()
    expect(page.get_by_text("Everything was stopped, and its folder is gone.")).to_be_visible(timeout=60_000)
    assert [one for one in started if one.is_running()] == []
    expect(page.locator(".stException")).to_have_count(0)
