"""Compare and Sweep in a real browser: real runs in real processes, a reload midway, a cancel midway."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.own_strategy import TEMPLATE
from tests.browser.conftest import Server

pytestmark = pytest.mark.browser

CANCELLED = re.compile(r"Cancelled after ([\d,]+) of ([\d,]+) runs")


def fill(page: Page, **fields: str) -> None:
    for label, value in fields.items():
        page.get_by_label(label, exact=True).fill(value)
        page.keyboard.press("Enter")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def ready(page: Page) -> None:
    """The form has come whole; what is pressed before that may reach the server ahead of the form's own values."""
    expect(page.get_by_label("Seed", exact=True)).to_have_value("7", timeout=30_000)
    page.wait_for_function("document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'")


def test_a_comparison_survives_a_reload_says_what_it_found_and_is_found_in_the_history(
    page: Page, app_url: str
) -> None:
    page.goto(f"{app_url}/compare")
    expect(page.get_by_text("No comparison yet.")).to_be_visible(timeout=30_000)
    ready(page)
    fill(page, Seconds="1", Repeats="2")
    page.get_by_text("Keep in History").click()
    press(page, "Run")
    page.wait_for_url("**/compare?study=*", timeout=20_000)
    page.reload()
    expect(page.get_by_text("The same elsewhere")).to_be_visible(timeout=60_000)
    expect(page.get_by_label("Seconds", exact=True)).to_have_value("1")
    expect(page.get_by_text(re.compile("^All strategies met the same recording: digest [0-9a-f]{12}"))).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(3, timeout=20_000)
    assert page.locator("[data-testid=stMarkdown] h4").inner_text().count("machine") >= 1
    expect(page.locator("code", has_text="--seconds 1 --seed 7 --strategy pull")).to_be_visible()
    with page.expect_download() as download:
        press(page, "Download report")
    assert download.value.suggested_filename == "comparison.html"

    address = page.url
    page.goto(f"{app_url}/history?history=Studies")
    expect(
        page.get_by_role("heading", name=re.compile(r"^Study \d+: Comparison of pull, push, hybrid$"))
    ).to_be_visible(timeout=30_000)
    press(page, "Open on Compare")
    expect(page.get_by_role("heading", name="The same elsewhere")).to_be_visible(timeout=30_000)
    assert page.url == address
    page.goto(f"{app_url}/history?history=Studies")
    press(page, "Show its runs")
    expect(
        page.get_by_role("heading", name=re.compile(r"^Run \d+: hybrid on classroom, celebrity, 1 s"))
    ).to_be_visible(timeout=30_000)


def test_a_sweep_that_is_cancelled_midway_keeps_what_has_ended(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/sweep")
    expect(page.get_by_text("No sweep yet.")).to_be_visible(timeout=30_000)
    fill(page, Seconds="5", Repeats="20")
    press(page, "Run")
    expect(page.locator("[data-testid=stProgress]")).to_contain_text(re.compile("[2-9] of 160 runs"), timeout=60_000)
    press(page, "Cancel")
    said = page.get_by_text(CANCELLED)
    expect(said).to_be_visible(timeout=20_000)
    ended = CANCELLED.search(said.inner_text())
    assert ended
    assert 2 <= int(ended[1]) < int(ended[2]) == 160
    expect(page.get_by_text("As a table")).to_be_visible(timeout=20_000)
    expect(page.locator(".js-plotly-plot")).to_have_count(2, timeout=20_000)
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled()


def test_bad_values_are_said_at_their_field_in_sight(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/sweep")
    field = page.get_by_role("textbox", name="Values of strategy.threshold")
    field.fill("banana:1:", timeout=30_000)
    press(page, "Run")
    said = page.get_by_text("Values of strategy.threshold: 'banana' is not a number")
    expect(said).to_be_in_viewport(ratio=1, timeout=20_000)
    above, below, button = (found.bounding_box() for found in (field, said, page.get_by_role("button", name="Run")))
    assert above
    assert below
    assert button
    assert 0 < below["y"] - (above["y"] + above["height"]) < 40
    assert button["y"] + button["height"] < 800


@pytest.mark.long  # tests/pages/test_own_in_compare.py asks the same of the page
def test_code_of_ones_own_is_off_for_who_comes_from_elsewhere(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/compare")
    page.get_by_text("Bring your own strategy").click(timeout=30_000)
    expect(page.get_by_text("Off here, because others can reach this server")).to_be_visible()
    expect(page.get_by_text("MURMURATION_OWN_CODE=allow")).to_be_visible()
    expect(page.get_by_label("Your strategy, a Python class", exact=True)).to_have_count(0)


@pytest.mark.long  # tests/pages/test_own_in_compare.py takes the same way without a browser
def test_code_of_ones_own_is_checked_and_compared_on_the_same_load(page: Page, tmp_path: Path) -> None:
    server = Server(MURMURATION_OWN_CODE="allow", MURMURATION_HISTORY=str(tmp_path / "history.duckdb"))
    server.start()
    try:
        page.goto(f"{server.url}/compare")
        ready(page)
        page.get_by_text("Bring your own strategy").click(timeout=30_000)
        editor = page.get_by_label("Your strategy, a Python class", exact=True)
        expect(editor).to_have_value(TEMPLATE)
        press(page, "Check it")
        expect(page.get_by_text(re.compile("^The law holds in 10 random histories"))).to_be_visible(timeout=60_000)
        fill(page, Seconds="1", Repeats="1")
        page.get_by_text("Keep in History").click()
        press(page, "Run")
        expect(page.get_by_text("Kept as study 1, with its 4 runs")).to_be_visible(timeout=120_000)
        expect(editor).not_to_be_visible()
        expect(page.locator("th", has_text="mine.py:Mine").first).to_be_visible()
        page.reload()
        expect(page.get_by_text("Kept as study 1, with its 4 runs")).to_be_visible(timeout=60_000)
        ready(page)
        page.get_by_text("Bring your own strategy").click()
        expect(editor).to_have_value(TEMPLATE)
    finally:
        server.stop()
