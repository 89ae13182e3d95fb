"""A lesson, an estimate, a bug hunt and a change of capacity, each from start to end as a stranger takes it."""

import re

import pytest
from playwright.sync_api import Page, expect

from lessons.front import CONTENT, read_lessons
from lessons.hunts import HUNTS, explained
from lessons.play import play_lesson

pytestmark = pytest.mark.browser
SOON = 30_000
RUN = 90_000
"""A run takes a second, on a machine that does nothing else."""


def test_a_lesson_from_the_bet_to_the_next_one(page: Page, app_url: str) -> None:
    lessons = list(read_lessons(CONTENT).values())
    first, second = lessons[:2]
    asked = first.front.prediction
    outcome = play_lesson(first.front)
    right = asked.answer(outcome.value(asked.figure) or 0.0)
    wrong = next(option for option in asked.options if option.key != right.key)
    page.goto(f"{app_url}/lessons")
    page.get_by_role("button", name="Begin", exact=True).click(timeout=SOON)
    page.wait_for_url(f"**lesson={first.name}*", timeout=SOON)
    bet = page.get_by_role("button", name=wrong.label, exact=True)
    expect(bet).to_be_in_viewport(ratio=1, timeout=SOON)
    expect(page.get_by_text("What you saw")).to_have_count(0)
    bet.click()
    expect(page.get_by_role("heading", name="What you saw")).to_be_visible(timeout=RUN)
    expect(page.get_by_role("heading", name=re.compile(re.escape(outcome.said(asked.figure))))).to_be_in_viewport()
    expect(page.locator(".bet .right")).to_contain_text("this run")
    expect(page.locator(".bet .mine")).to_contain_text("your bet")
    expect(page.locator(".js-plotly-plot")).to_be_visible(timeout=SOON)
    page.reload()
    expect(page.get_by_role("heading", name="What you saw")).to_be_visible(timeout=SOON)
    change = page.locator("[class*=st-key-change_] button").first
    change.click()
    expect(page.get_by_text("With your change").first).to_be_visible(timeout=RUN)
    page.get_by_role("button", name=f"Next: {second.front.title}").click()
    expect(page.get_by_role("heading", name=second.front.title)).to_be_visible(timeout=SOON)
    page.get_by_role("button", name="All lessons").click()
    expect(page.get_by_text(re.compile(rf"Done: [1-9]\d* of {len(lessons)}"))).to_be_visible(timeout=SOON)
    expect(page.get_by_text("done, surprised").first).to_be_visible()
    page.goto(f"{app_url}/drills")
    expect(page.get_by_text("tomorrow").first).to_be_visible(timeout=SOON)


def test_an_estimate_is_kept_before_its_answer(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/estimates")
    field = page.get_by_role("textbox", name="Your estimate")
    keep = page.get_by_role("button", name="Keep it and show the answer")
    field.fill("about many", timeout=SOON)
    keep.click()
    expect(page.get_by_text(re.compile("no number|not a number|allowed", re.IGNORECASE)).first).to_be_visible(
        timeout=SOON
    )
    field.fill("1")
    keep.click()
    expect(page.get_by_role("button", name="Next question")).to_be_visible(timeout=SOON)
    expect(keep).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name="Next question")).to_be_visible(timeout=SOON)
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=SOON)


def test_a_bug_is_found_named_and_explained(page: Page, app_url: str) -> None:
    name, hunt = next(iter(HUNTS.items()))
    story = explained(hunt)
    page.goto(f"{app_url}/hunts")
    page.get_by_role("button", name=hunt.title).click(timeout=SOON)
    page.wait_for_url(f"**{name}*", timeout=SOON)
    expect(page.get_by_role("tab").first).to_be_visible(timeout=RUN)
    page.get_by_role("button", name=re.compile("^Hint 1")).click()
    expect(page.get_by_text("Hint 1 (costs 10)")).to_be_visible(timeout=SOON)
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("Choose a cause and a fix first.")).to_be_visible(timeout=SOON)
    page.get_by_text(story.cause, exact=False).first.click()
    page.get_by_text(story.fix, exact=False).first.click()
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("Found, 90 points: 1 try, 1 hint.")).to_be_visible(timeout=SOON)
    expect(page.get_by_text("Seen in")).to_be_visible()


def test_an_assumption_changed_changes_what_follows_and_the_address(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/capacity")
    headline = page.get_by_role("heading", name=re.compile("people make"))
    expect(headline).to_contain_text("3,472 posts/s", timeout=SOON)
    field = page.get_by_role("spinbutton", name="Posts each")
    field.fill("6")
    field.press("Enter")
    expect(headline).to_contain_text("6,944 posts/s", timeout=SOON)
    address = page.url
    assert "6" in address.partition("?")[2]
    page.goto("about:blank")
    page.goto(address)
    expect(headline).to_contain_text("6,944 posts/s", timeout=SOON)
    with page.expect_download() as download:
        page.get_by_role("tab", name="Take it away").click()
        page.get_by_role("button", name=re.compile("Markdown")).click()
    text = download.value.path().read_text(encoding="utf-8")
    assert "6,944" in text
