"""The projector view: readable from the last row, driven by keys."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import visitor

pytestmark = pytest.mark.browser

SMALL_TEXT = """() => {
  const walker = document.createTreeWalker(document.querySelector(".projector"), NodeFilter.SHOW_TEXT);
  const small = [];
  while (walker.nextNode()) {
    const { parentElement: parent, textContent: text } = walker.currentNode;
    const style = getComputedStyle(parent);
    const seen = text.trim() && parent.tagName !== "STYLE";
    if (seen && parseFloat(style.fontSize) < 22) small.push(`${text}: ${style.fontSize}`);
  }
  return small;
}"""


@pytest.fixture(params=[(1920, 1080), pytest.param((1280, 720), marks=pytest.mark.long)], ids=["1920", "1280"])
def wall(request: pytest.FixtureRequest, browser: BrowserContext, app_url: str) -> Any:
    """The view on a screen of this size, in a browser that prefers dark."""
    width, height = request.param
    with visitor(browser, width, height, color_scheme="dark") as page:
        page.goto(app_url + "/load?view=projector")
        page.wait_for_function("window.__murmuration?.tick && document.querySelector('.xtick')", timeout=30_000)
        yield page


def ask(page: Page, expression: str) -> Any:
    return page.evaluate(f"(() => {{ const m = window.__murmuration; return {expression}; }})()")


def wait_until(page: Page, condition: str, seconds: float = 15) -> None:
    page.wait_for_function(
        f"(() => {{ const m = window.__murmuration; return {condition}; }})()", timeout=seconds * 1e3
    )


def test_nothing_is_small_or_cut_and_the_room_is_told_how_to_bet(wall: Page) -> None:
    size = wall.viewport_size
    expect(wall.get_by_text("No predictions yet. Open Start and bet.")).to_be_visible()
    assert (
        wall.evaluate("getComputedStyle(document.querySelector('.projector')).backgroundColor") == "rgb(255, 255, 255)"
    )
    assert wall.evaluate("getComputedStyle(document.querySelector('.line')).fontSize") == "40px"
    assert wall.evaluate("getComputedStyle(document.querySelector('.crowd-text')).fontSize") == "28px"

    wall.keyboard.press("c")
    wait_until(wall, "m.tick.verdict.line.includes('joined the line')")
    command = """(answer) => fetch(`/v1/worlds/${window.__murmuration.world}/do`, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ do: "bet", answer }) })"""
    for answer in ("about_3", "about_7", "about_7"):
        wall.evaluate(command, answer)
    expect(wall.locator(".bars")).to_be_visible()
    bars = dict(
        zip(wall.locator(".bars dt").all_inner_texts(), wall.locator(".bars dd").all_inner_texts(), strict=True)
    )
    assert bars == {"under 1 s": "0", "about 3 s": "1", "about 7 s": "2", "over 20 s": "0"}
    widths = [box.bounding_box()["width"] for box in wall.locator(".bars i").all()]
    assert widths[2] == pytest.approx(2 * widths[1], rel=0.02)

    for _ in range(3):
        assert wall.evaluate(SMALL_TEXT) == []
        for part in (".verdict", ".line", ".crowd", ".crowd-text", ".charts", ".room"):
            box = wall.locator(part).bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= size["width"]
            assert box["y"] + box["height"] <= size["height"]
            assert wall.locator(part).evaluate("(e) => e.scrollHeight <= e.clientHeight + 8"), part
        wall.wait_for_timeout(1_500)
    wall.keyboard.press("?")
    assert wall.evaluate(SMALL_TEXT) == []
    assert wall.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_every_key_does_what_the_help_says(page: Page, app_url: str) -> None:
    page.goto(app_url + "/load?view=projector")
    page.wait_for_function("window.__murmuration?.tick && document.querySelector('.xtick')", timeout=30_000)
    for key, slug in (("h", "hybrid"), ("p", "push"), ("H", "hybrid")):
        page.keyboard.press(key)
        wait_until(page, f"m.tick.strategy === '{slug}'")
    page.keyboard.press("p")
    for key, words in (("c", "posts 8x"), ("v", "goes viral"), ("r", "Everyone refreshes")):
        page.keyboard.press(key)
        expect(page.locator(".heard")).to_be_visible()
        wait_until(page, f"m.flags().some((label) => label.includes('{words}'))")
    for key, paused in ((" ", "true"), (".", "false"), (".", "true"), (" ", "false")):
        page.keyboard.press(key)
        wait_until(page, f"m.tick.paused === {paused}")
    for lens in ("post", "reading", "behind"):
        page.keyboard.press("l")
        wait_until(page, f"m.tick.lens.lens === '{lens}'")
    for key, title in (("2", "Queue depth"), ("6", "Hit rate"), ("3", "Home read"), ("1", "Fan-out lag")):
        page.keyboard.press(key)
        expect(page.locator(".chart-title")).to_have_count(1)
        expect(page.locator(".chart-name")).to_have_text(title)
    assert page.locator("body").inner_text().count("Clear caches") == 0  # Streamlit's own key for c


@pytest.mark.long
def test_help_is_an_overlay_that_escape_closes(page: Page, app_url: str) -> None:
    page.goto(app_url + "/load?view=projector")
    page.wait_for_function("window.__murmuration?.tick", timeout=30_000)
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keys")
    expect(help_).to_be_visible()
    expect(page.get_by_role("button", name="Close", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()
    page.get_by_role("button", name="Keys").click()
    world = ask(page, "m.world")
    page.get_by_role("link", name="Back to the Load lab").click()
    page.wait_for_function("window.__murmuration?.tick && document.querySelector('.lab')", timeout=30_000)
    assert ask(page, "m.world") == world
