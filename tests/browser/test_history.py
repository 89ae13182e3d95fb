"""The run history in a real browser: a hostile query gets one sentence, and the page lives on."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def button(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_hostile_query_is_one_sentence_and_the_page_lives_on(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/history")
    button(page, "Run and keep")
    expect(page.get_by_text("Kept as run 1.")).to_be_visible(timeout=60_000)
    page.get_by_role("radio", name="SQL console").click()
    sql = page.get_by_label("SQL: one SELECT or EXPLAIN")
    for query, says in (
        ("SELECT * FROM read_text('/etc/passwd')", "read_text() cannot be asked here"),
        ("DROP TABLE runs", "Only SELECT and EXPLAIN are allowed here, not DROP."),
    ):
        sql.fill(query)
        button(page, "Ask")
        expect(page.get_by_role("alert")).to_contain_text(says, timeout=30_000)
        expect(sql).to_have_value(query)
    expect(page.locator(".stException")).to_have_count(0)
    sql.fill("SELECT run_id, strategy FROM runs")
    button(page, "Ask")
    expect(page.get_by_text(re.compile(r"^1 row\. Took "))).to_be_visible(timeout=30_000)
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("radio", name="Runs").click()
    expect(page.get_by_role("heading", name="Run 1: push on classroom, celebrity, 20 s, seed 7")).to_be_visible()


def test_a_kept_study_is_listed_opens_again_and_its_runs_are_found(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/compare")
    for name, value in (("Seconds", "3"), ("Repeats", "1")):
        page.get_by_role("spinbutton", name=name).fill(value)
        page.keyboard.press("Tab")
    page.get_by_text("Keep in History").click()
    button(page, "Run")
    expect(page.get_by_role("heading", name="The same elsewhere")).to_be_visible(timeout=120_000)
    address = page.url
    page.goto(f"{app_url}/history?history=Studies")
    expect(
        page.get_by_role("heading", name=re.compile(r"^Study \d+: Comparison of pull, push, hybrid$"))
    ).to_be_visible(timeout=30_000)
    button(page, "Open on Compare")
    expect(page.get_by_role("heading", name="The same elsewhere")).to_be_visible(timeout=30_000)
    assert page.url == address
    page.goto(f"{app_url}/history?history=Studies")
    button(page, "Show its runs")
    expect(
        page.get_by_role("heading", name=re.compile(r"^Run \d+: hybrid on classroom, celebrity, 3 s"))
    ).to_be_visible(timeout=30_000)
