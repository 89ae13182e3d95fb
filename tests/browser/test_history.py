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
