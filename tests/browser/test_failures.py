"""A story from its question to the second run, as a stranger meets it in a browser."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_predict_run_switch_on_and_run_again(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/failures?story=celebrity_shard_loss")
    run = page.get_by_role("button", name="Run", exact=True)
    expect(run).to_be_visible(timeout=30_000)
    for seen in (
        page.get_by_role("heading", name="Celebrity during a shard loss"),
        page.get_by_text("What breaks"),
        run,
    ):
        expect(seen.first).to_be_in_viewport(ratio=1)
    run.click()
    expect(page.get_by_text("Choose an answer first")).to_be_visible(timeout=20_000)
    page.get_by_text("Posts come later than promised").click()
    run.click()
    page.wait_for_url("**said=visible_lag*", timeout=20_000)
    expect(page.get_by_text("What broke, in order")).to_be_visible(timeout=60_000)
    expect(page.get_by_text(re.compile("^(✓ Right|✗ You predicted)"))).to_be_in_viewport(ratio=1)
    expect(page.locator(".js-plotly-plot")).to_have_count(1, timeout=20_000)
    expect(page.get_by_text("predicted: this first")).to_be_visible()
    page.get_by_text("Fallback to pull").click()
    page.get_by_role("button", name="Run again on the same load").click()
    said = page.get_by_text(re.compile("^With fallback to pull: failed home pages"))
    expect(said).to_be_in_viewport(ratio=1, timeout=60_000)
    page.reload()
    expect(said).to_be_visible(timeout=60_000)
    expect(page.locator(".stException")).to_have_count(0)


BREAK = """async () => {
  const world = window.__murmuration.world;
  const message = { do: "break", fault: "cache_tier_down+600" };
  return (await fetch(`/v1/worlds/${world}/do`, { method: "POST", body: JSON.stringify(message) })).status;
}"""


def test_who_cannot_reach_their_list_reads_one_sentence_where_it_would_be(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/playground")
    page.wait_for_function("window.__murmuration?.posts().length > 0", timeout=30_000)
    assert page.evaluate(BREAK) == 200
    sentence = page.locator(".playground .end")
    expect(page.get_by_text("No home list is stored")).to_be_visible(timeout=20_000)
    page.get_by_role("tab", name="Home").click()
    expect(sentence).to_be_visible(timeout=20_000)
    expect(sentence).to_have_text(re.compile("^The home list of user .* cannot be reached: .* stale if error.$"))
    expect(sentence).to_be_in_viewport(ratio=1)


def test_back_is_the_story_before(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/failures?story=poison_post&on=dead_letters")
    page.get_by_role("radiogroup", name="Story").get_by_text("Retry storm").click(timeout=30_000)
    page.wait_for_url("**/failures?story=retry_storm", timeout=20_000)
    page.go_back()
    page.wait_for_url("**/failures?story=poison_post&on=dead_letters", timeout=20_000)
    expect(page.get_by_role("heading", name="Poison post")).to_be_visible(timeout=20_000)
