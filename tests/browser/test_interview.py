"""A whole mock interview in practice mode, from the start page to its debrief, with a reload that loses nothing."""

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Locator, Page, TimeoutError, expect

from lessons.interview.labels import figure_label, title, words

pytestmark = pytest.mark.browser
SOON = 30_000
RUN = 120_000
"""A stage of runs takes ten seconds, on a machine that does nothing else."""


def test_an_interview_from_the_start_page_to_the_debrief(page: Page, app_url: str) -> None:
    _begin(page, app_url)
    interview = page.url
    _type(page, "assume.posts_per_day", "400M", "400M posts a day")
    _type(page, "assume.home_reads_per_day", "20 billion", "20B pages a day")
    _type(page, "assume.fanout_mean", "75", "75 followers")
    _type(page, "assume.followers_max", "30M", "30M followers")
    _type(page, "slo.fresh_s", "5 s", "5 s")
    for step in ("2 Entities, API", "3 Strategy"):
        _step(page, step)
    _choose(page, title("strategy"), words("strategy")["hybrid"])
    _type(page, "threshold", "200k", "200k followers")
    for step in ("4 Storage", "5 Cache, queue"):
        _step(page, step)
    _type(page, "workers", "600", "600 workers")
    page.reload()
    _expect_typed(page, "workers", "600")
    _step(page, "1 Requirements")
    _expect_typed(page, "assume.posts_per_day", "400M")
    _step(page, "New requirement")
    expect(page.get_by_text("What you predict of the changed design")).to_be_visible(timeout=RUN)
    _type(page, "workers", "1200", "1,200 workers")
    expect(page.get_by_text("600 → 1,200")).to_be_visible(timeout=SOON)
    _step(page, "6 Reliability")
    _step(page, "7 Read the run")
    expect(page.get_by_text("After your change")).to_be_visible(timeout=RUN)
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=SOON)
    _read(page)
    page.goto("about:blank")
    page.goto(interview)
    expect(page.get_by_text("(your reading)")).to_be_visible(timeout=SOON)
    for band in ("Borderline", "Developing", "of 100"):
        expect(page.get_by_text(band, exact=False)).to_have_count(0)
    _finish(page)
    expect(page.get_by_role("heading", name=re.compile("^Debrief"))).to_be_visible(timeout=SOON)
    expect(page.get_by_role("heading", name="10. What the next level would have asked")).to_be_visible(timeout=SOON)
    expect(page.get_by_text(re.compile(r"\d of 100 points")).first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Markdown").click()
    text = download.value.path().read_text(encoding="utf-8")
    sentence = page.get_by_text(re.compile(r"at level mid: [\d.]+ of 100 points")).first.inner_text()
    assert re.search(r"[\d.]+ of 100 points", sentence)[0] in text  # type: ignore[index]
    expect(page.get_by_text("still being run")).to_have_count(0, timeout=3 * RUN)


def _begin(page: Page, app_url: str) -> None:
    page.goto(app_url)
    page.get_by_role("button", name="Practise").click(timeout=SOON)
    page.get_by_role("menuitem", name="Mock interview").click(timeout=SOON)
    page.get_by_role("button", name="Begin", exact=True).wait_for(timeout=SOON)
    page.get_by_text("Mid", exact=True).click()
    page.get_by_role("textbox", name="Seed").fill("7")
    page.get_by_role("button", name="Begin", exact=True).click()
    page.wait_for_url("**interview=*", timeout=SOON)


def _step(page: Page, name: str) -> None:
    """Open a step; its button is the one in colour then."""
    page.get_by_role("button", name=name).click(timeout=SOON)
    expect(page.locator("[data-testid=stBaseButton-primary]", has_text=name)).to_be_visible(timeout=SOON)


def _field(page: Page, path: str) -> Locator:
    return page.get_by_role("textbox", name=re.compile("^" + re.escape(title(path))))


def _type(page: Page, path: str, text: str, read_as: str) -> None:
    """A number as people write it, and what it is taken for."""
    field = _field(page, path)
    field.fill(text, timeout=SOON)
    field.press("Enter")
    expect(page.get_by_text(read_as, exact=True).first).to_be_visible(timeout=SOON)


def _expect_typed(page: Page, path: str, text: str) -> None:
    expect(_field(page, path)).to_have_value(text, timeout=SOON)


def _choose(page: Page, name: str, option: str) -> None:
    """One of a list; opened again where the page was drawn anew meanwhile, which closes it."""
    box = page.get_by_role("combobox", name=re.compile(re.escape(name)))
    for _ in range(5):
        box.click(timeout=SOON)
        with suppress(TimeoutError):
            page.get_by_role("option", name=option).click(timeout=3_000)
            return
    raise AssertionError(f"{option!r} cannot be chosen")


def _read(page: Page) -> None:
    """One reading of the base run, first as nonsense."""
    _choose(page, "Figure of the run", figure_label("visible_lag_ms.p99"))
    value = page.get_by_role("textbox", name="Value", exact=True)
    value.fill("fast")
    value.press("Enter")
    expect(page.get_by_text("'fast' is not understood").first).to_be_visible(timeout=SOON)
    value.fill("1 s")
    value.press("Enter")
    expect(page.get_by_text("Read as 1,000 ms.")).to_be_visible(timeout=SOON)
    page.get_by_role("button", name="Keep this reading").click()
    expect(page.get_by_text("(your reading)")).to_be_visible(timeout=SOON)


def _finish(page: Page) -> None:
    """Questions that come are left open."""
    done = page.get_by_role("button", name="Done with this step")
    finish = page.get_by_role("button", name="Finish", exact=True)
    expect(done.or_(finish).first).to_be_visible(timeout=SOON)
    if not finish.is_visible():
        done.click()
    dont = page.get_by_role("button", name="I do not know")
    expect(finish.or_(dont).first).to_be_visible(timeout=SOON)
    while dont.is_visible():
        dont.click()
        page.wait_for_timeout(500)
        expect(finish.or_(dont).first).to_be_visible(timeout=SOON)
    finish.click()
    page.get_by_role("button", name="Finish the interview").click(timeout=SOON)
