"""The living diagram in a real browser: a burst fills the broker, workers are changed where they stand, by keyboard."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_load_lab import button, open_lab, wait_until

pytestmark = pytest.mark.browser

SLOTS_FILLED = (
    "[...document.querySelectorAll('[data-node=queue_rest] .filled')].filter((s) => s.width.baseVal.value > 1).length"
)


def open_diagram(page: Page, url: str) -> None:
    open_lab(page, url)
    button(page, "Diagram").click()
    wait_until(page, "m.tick.diagram?.nodes.length > 0", seconds=10)
    expect(station(page, "gateway")).to_be_visible()


def station(page: Page, name: str) -> Any:
    return page.locator(f"[data-node={name}]")


def node(name: str) -> str:
    return f"m.tick.diagram.nodes.find((n) => n.id === '{name}')"


@pytest.mark.long
def test_a_burst_fills_the_broker_and_more_workers_drain_it(page: Page, app_url: str) -> None:
    open_diagram(page, app_url)
    assert page.evaluate(SLOTS_FILLED) <= 2
    expect(station(page, "queue_rest")).to_have_attribute("data-state", "ok")

    button(page, "Celebrity posts").click()
    wait_until(page, f"{node('queue_rest')}.queue > 5000")
    page.wait_for_function(f"{SLOTS_FILLED} >= 8", timeout=5_000)
    expect(station(page, "queue_rest")).to_have_attribute("data-state", "bad")

    station(page, "workers").click()
    panel = page.get_by_role("group", name="Workers", exact=True)
    expect(panel).to_contain_text("s of work came for each second of a server")
    workers = panel.get_by_label("Workers", exact=True)
    workers.fill("12")
    workers.press("Enter")
    wait_until(page, f"{node('workers')}.count === 12", seconds=10)
    wait_until(page, f"{node('queue_rest')}.queue < 500")
    wait_until(page, f"{node('queue_rest')}.state === 'ok'")
    expect(station(page, "workers").locator(".count").first).to_have_text("× 12")
    page.wait_for_function(f"{SLOTS_FILLED} <= 2", timeout=5_000)


@pytest.mark.long
def test_the_diagram_by_keyboard(page: Page, app_url: str) -> None:
    open_diagram(page, app_url)
    button(page, "As table").focus()
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(station(page, "gateway")).to_be_focused()
    page.keyboard.press("Enter")
    panel = page.get_by_role("group", name="Gateway", exact=True)
    expect(panel.get_by_role("button", name="Close")).to_be_focused()
    expect(panel.get_by_text("M/D/1")).to_be_visible()
    page.keyboard.press("Tab")
    expect(panel.get_by_label("Gateways", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(station(page, "gateway")).to_be_focused()


@pytest.mark.long
def test_ghosts_follow_the_strategy_and_the_table_says_so(page: Page, app_url: str) -> None:
    open_diagram(page, app_url)
    ghost = "document.querySelector('[data-node={}]').classList.contains('ghost')"
    assert page.evaluate(ghost.format("index"))
    assert not page.evaluate(ghost.format("workers"))
    button(page, "Pull").click()
    page.wait_for_function(ghost.format("workers"), timeout=30_000)
    assert not page.evaluate(ghost.format("index"))
    button(page, "As table").click()
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Workers", exact=True))
    expect(row).to_contain_text("not used")
    expect(page.get_by_role("row", name="Gateway to Author index")).to_contain_text("authors/s")


@pytest.mark.long
def test_words_are_large_enough_and_inside_and_nothing_moves_that_should_not(page: Page, app_url: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    open_diagram(page, app_url)
    small = page.evaluate(
        "[...document.querySelectorAll('.diagram *')].filter((e) => e.childElementCount === 0 && e.textContent.trim() "
        "&& parseFloat(getComputedStyle(e).fontSize) < 12).map((e) => e.outerHTML)"
    )
    assert small == []
    outside = page.evaluate(
        """(() => { const box = document.querySelector('.diagram .drawing').getBoundingClientRect();
        const beyond = ({ left, right, bottom }) => left < box.left || right > box.right || bottom > box.bottom;
        return [...document.querySelectorAll('.drawing text, .node .plate')]
          .filter((e) => e.textContent || e.tagName === 'rect')
          .filter((e) => beyond(e.getBoundingClientRect())).map((e) => e.outerHTML); })()"""
    )
    assert outside == []
    page.wait_for_timeout(500)
    assert page.evaluate("[...document.querySelectorAll('.drawing .dot')].every((d) => d.cx.baseVal.value < 0)")


@pytest.mark.long
def test_the_crowd_comes_back_whole(page: Page, app_url: str) -> None:
    open_diagram(page, app_url)
    button(page, "Crowd").click()
    expect(page.locator(".crowd canvas")).to_be_visible()
    wait_until(page, "!m.tick.diagram")
    wait_until(page, "Object.values(m.bands()).reduce((a, b) => a + b) === 2000")
    box = page.locator(".crowd canvas").bounding_box()
    assert box["width"] > 300
    assert page.locator(".author").count() >= 4
