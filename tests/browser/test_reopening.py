"""A world is there again after a reload, after its server was restarted, and for whoever opens its address."""

import json
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server

pytestmark = pytest.mark.browser

TEXT = "This must survive"


def ask(url: str, world: str, **command: Any) -> dict[str, Any]:
    """A command over HTTP, as a second visitor."""
    body = json.dumps(command).encode()
    request = urllib.request.Request(f"{url}/v1/worlds/{world}/do", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        told: dict[str, Any] = json.loads(answer.read())
        return told


def opened(page: Page, address: str) -> str:
    page.goto(address)
    page.wait_for_function("window.__murmuration?.tick", timeout=60_000)
    world: str = page.evaluate("window.__murmuration.world")
    return world


def test_a_reload_keeps_the_world_and_two_tabs_agree(page: Page, app_url: str) -> None:
    world = opened(page, app_url + "/load")
    ask(app_url, world, do="knobs", set={"workers.count": 7})
    before = page.evaluate("window.__murmuration.tick.t")
    page.reload()
    page.wait_for_function("window.__murmuration?.tick", timeout=60_000)
    assert page.evaluate("window.__murmuration.world") == world
    assert page.evaluate("window.__murmuration.tick.t") >= before
    expect(page.get_by_label("Workers", exact=True)).to_have_value("7")
    other = page.context.new_page()
    assert opened(other, page.url) == world
    other.get_by_role("button", name="Hybrid", exact=True).click()
    page.wait_for_function("window.__murmuration.tick.strategy === 'hybrid'", timeout=10_000)
    other.get_by_role("button", name="Pause", exact=True).click()
    page.wait_for_function("window.__murmuration.tick.paused", timeout=10_000)
    ours, theirs = (one.evaluate("JSON.stringify(window.__murmuration.tick.bands)") for one in (page, other))
    assert ours == theirs


def test_a_world_comes_back_from_its_journal_after_the_server_was_restarted(page: Page, server: Server) -> None:
    url = server.url
    world = opened(page, url + "/load")
    posted = ask(url, world, do="act", what="post", user=5, text=TEXT)["post"]["id"]
    ask(url, world, do="act", what="follow", user=6, other=5)
    ask(url, world, do="knobs", set={"workers.count": 9})
    reached = page.evaluate("window.__murmuration.tick.t")
    server.stop()
    server.start()
    assert opened(page, page.url) == world
    expect(page.get_by_text("It is back from its journal")).to_be_visible()
    expect(page.get_by_label("Workers", exact=True)).to_have_value("9")
    assert page.evaluate("window.__murmuration.tick.t") >= reached
    posts = ask(url, world, do="page", what="profile", user=6, author=5)["posts"]
    assert [post["text"] for post in posts if post["id"] == posted] == [TEXT]
    home = ask(url, world, do="page", what="home", user=6, limit=100)["posts"]
    assert posted in [post["id"] for post in home]
    assert ask(url, world, do="user", user=5, viewer=6)["user"]["follows"]


def test_a_link_carries_the_experiment(page: Page, app_url: str) -> None:
    world = opened(page, app_url + "/load?world=classroom&seed=3&strategy=hybrid&scenario=celebrity&workers.count=6")
    told = page.evaluate("window.__murmuration.tick")
    assert told["strategy"] == "hybrid"
    expect(page.get_by_text("Nova posts 8x").first).to_be_visible()
    expect(page.get_by_text("classroom, 2,000 people, seed 3")).to_be_visible()
    assert ask(app_url, world, do="link")["query"] == (
        "world=classroom&seed=3&strategy=hybrid&scenario=celebrity&workers.count=6"
    )
    assert f"world={world}" in page.url


@pytest.mark.long  # tests/pages/test_session.py has more links of that kind
def test_a_link_that_cannot_be_is_said_and_the_usual_world_opens(page: Page, app_url: str) -> None:
    opened(page, app_url + "/load?world=classroom&workers.count=-3")
    expect(page.get_by_text("workers.count is '-3'")).to_be_visible()
