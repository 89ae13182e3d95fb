"""The look of every page, light and dark: no WCAG violation, nothing cut, all by keyboard, still where asked to be."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import look

pytestmark = pytest.mark.browser

LAPTOP, DESKTOP = {"width": 1280, "height": 800}, {"width": 1920, "height": 1080}
LIVE = "window.__murmuration?.tick"
DRAWN = "!document.querySelector('[data-testid=stSkeleton], [data-testid=stSpinner]') && document.querySelector('h1')"


def press(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("button", name=name, exact=True).first.click()


def panel_open(page: Page) -> None:
    press("Diagram")(page)
    page.locator("[data-node=workers]").click()
    expect(page.get_by_role("group", name="Workers", exact=True)).to_be_visible()


def card_pinned(page: Page) -> None:
    page.locator(".crowd").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".card").first).to_be_visible()


def notice_shown(page: Page) -> None:
    page.locator(".rail").get_by_label("Workers", exact=True).fill("99999999")
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_be_visible()


def all_open(page: Page) -> None:
    press("Crowd")(page)
    page.locator(".more-knobs summary").click()
    page.locator(".more summary").click()
    press("As table")(page)


def search_open(page: Page) -> None:
    page.locator("#pg-search").fill("mi")
    expect(page.locator("#pg-found")).to_be_visible()


def pill_shown(page: Page) -> None:
    page.locator("#pg-search").press("Escape")
    expect(page.locator(".pill")).to_be_visible(timeout=20_000)


@dataclass(frozen=True)
class Look:
    """A page: its address, when it is there, what is above the fold, and what else it shows once asked."""

    path: str
    ready: str = LIVE
    above: tuple[str, ...] = ("h1",)
    states: tuple[Callable[[Page], None], ...] = ()


PAGES = {
    "start": Look("/", f"{LIVE} && {LIVE.replace('tick', 'story')}", (".verdict", ".crowd", ".charts", ".story"), (press("Skip"), card_pinned)),
    "load": Look(
        "/load", LIVE, (".verdict", ".tiles", ".rail", ".crowd", ".charts", ".since"),
        (panel_open, all_open, card_pinned, notice_shown),
    ),
    "projector": Look("/load?view=projector", LIVE, (".verdict", ".crowd", ".charts", ".room"), (press("Keys"),)),
    "playground": Look(
        "/playground", "window.__murmuration?.posts?.().length > 0", (".composer", ".happened", ".kept", ".world-strip"),
        (search_open, pill_shown, press("Diagram")),
    ),
    "twin": Look("/twin", "window.__murmuration?.ticks", (".difference", ".sides", ".scrubber", ".twin .charts"), (card_pinned,)),
    "graph": Look("/graph", f"{DRAWN} && document.querySelectorAll('.js-plotly-plot').length == 2", ("h1", "input", "h2")),
    "store": Look("/inspect", f"{DRAWN} && document.querySelector('canvas')", ("h1", "input", "canvas")),
    "post": Look("/inspect?inspect=Post", f"{DRAWN} && document.querySelector('.js-plotly-plot')", ("h1", "input", ".js-plotly-plot")),
    "traces": Look("/inspect?inspect=Traces", f"{DRAWN} && document.querySelector('input')", ("h1", "input")),
    "log": Look("/inspect?inspect=Log", f"{DRAWN} && document.querySelector('canvas')", ("h1", "input", "canvas")),
}  # fmt: skip


@pytest.fixture(scope="module", params=["light", "dark"])
def theme(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    """A visitor whose machine prefers this theme."""
    context = browser.new_context(viewport=LAPTOP, color_scheme=request.param)
    yield context
    context.close()


@pytest.fixture(scope="module", params=PAGES)
def shown(request: pytest.FixtureRequest, theme: BrowserContext, app_url: str) -> Iterator[tuple[Page, Look, set[str]]]:
    """A page, opened once for all questions about it, and the hosts that it has asked."""
    wanted, page, hosts = PAGES[request.param], theme.new_page(), set[str]()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.goto(app_url + wanted.path)
    page.wait_for_function(wanted.ready, timeout=60_000)
    page.wait_for_timeout(500)
    yield page, wanted, hosts
    page.close()


def test_nothing_is_cut_at_a_laptop_and_at_a_desktop(shown: tuple[Page, Look, set[str]]) -> None:
    page, wanted, _ = shown
    for size in (DESKTOP, LAPTOP):
        page.set_viewport_size(size)
        page.wait_for_timeout(300)
        assert look.cut(page) == []
        boxes = {part: page.locator(part).first.bounding_box() for part in wanted.above}
        assert {
            part for part, box in boxes.items() if not box or box["y"] < 0 or box["y"] > size["height"] - 20
        } == set()


def test_every_control_is_reached_and_its_focus_seen(shown: tuple[Page, Look, set[str]]) -> None:
    page, _, _ = shown
    assert look.by_keyboard(page) == {"missed": [], "unseen": [], "outOfOrder": [], "silent": []}


def test_axe_finds_nothing_in_any_state(shown: tuple[Page, Look, set[str]]) -> None:
    page, wanted, _ = shown
    assert look.violations(page) == []
    for state in wanted.states:
        state(page)
        page.wait_for_timeout(200)
        assert look.violations(page) == []
        assert look.cut(page) == []


def test_no_other_host_is_asked(shown: tuple[Page, Look, set[str]], app_url: str) -> None:
    _, _, hosts = shown
    assert hosts == {app_url.split("/")[2]}


@pytest.fixture
def still(browser: Browser, app_url: str) -> Iterator[Page]:
    """The page of somebody who wants nothing to move."""
    context = browser.new_context(viewport=LAPTOP, reduced_motion="reduce")
    page = context.new_page()
    yield page
    context.close()


@pytest.mark.parametrize("name", ["start", "load", "playground", "twin"])
def test_nothing_moves_for_who_wants_it_still(still: Page, app_url: str, name: str) -> None:
    still.goto(app_url + PAGES[name].path)
    still.wait_for_function(PAGES[name].ready, timeout=60_000)
    assert look.moving(still) == []
    if name in ("load", "twin"):
        press("Celebrity posts")(still)
        painted = look.repaints(still, seconds=5)
        assert len(painted) == (2 if name == "twin" else 1)
        assert all(1 <= times <= 6 for times in painted), painted


def test_what_is_no_plain_button_answers_to_keys(page: Page, app_url: str) -> None:
    page.goto(app_url + "/load")
    page.wait_for_function(LIVE, timeout=60_000)
    card_pinned(page)
    expect(page.locator(".card")).to_have_class("card pinned")
    page.keyboard.press("Escape")
    expect(page.locator(".card")).to_be_hidden()

    press("Celebrity posts")(page)
    flag = page.locator(".flag.inject").first
    expect(flag).to_be_visible(timeout=10_000)
    for control, key in ((flag, "Enter"), (page.locator(".author").nth(1), "Space")):
        press("Behind")(page)
        control.focus()
        page.keyboard.press(key)
        expect(page.get_by_role("button", name="One post", exact=True)).to_have_attribute("aria-pressed", "true")
        page.wait_for_function("window.__murmuration.tick.lens.lens === 'post'")


def test_a_hint_is_heard_on_focus_and_gone_with_escape(page: Page, app_url: str) -> None:
    page.goto(app_url + "/load")
    page.wait_for_function(LIVE, timeout=60_000)
    tile = page.locator(".tile").first
    tile.focus()
    expect(page.get_by_role("tooltip")).to_contain_text("Waiting measured, service times modelled")
    expect(tile).to_have_attribute("aria-describedby", "live-hint")
    page.keyboard.press("Escape")
    expect(page.locator(".hint")).to_be_hidden()
