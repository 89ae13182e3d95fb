"""The look of every page, light and dark: no WCAG violation, nothing cut, all by keyboard, still where asked to be."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import look
from tests.browser.conftest import visitor

pytestmark = pytest.mark.browser

LAPTOP, DESKTOP = {"width": 1280, "height": 800}, {"width": 1920, "height": 1080}
LIVE = "window.__murmuration?.tick"
PAINTED = """async (scheme) => {
  const still = () => getComputedStyle(document.querySelector(".stApp")).colorScheme === scheme
    && document.querySelector(".stApp").dataset.testScriptState === "notRunning"
    && [...document.querySelectorAll(".live:not(.projector)")].every((live) => live.dataset.theme === scheme)
    && !document.getAnimations().some((animation) => animation instanceof CSSTransition);
  for (let frames = 0; frames < 10; frames = still() ? frames + 1 : 0) await new Promise(requestAnimationFrame);
  return true;
}"""
"""In this scheme, the page's run over and every colour arrived at, for ten frames on end."""
DRAWN = "!document.querySelector('[data-testid=stSkeleton], [data-testid=stSpinner]') && document.querySelector('h1')"


def press(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("button", name=name, exact=True).first.click()


def together(*states: Callable[[Page], None]) -> Callable[[Page], None]:
    def all_of_them(page: Page) -> None:
        for state in states:
            state(page)

    return all_of_them


def panel_open(page: Page) -> None:
    press("Diagram")(page)
    page.locator("[data-node=workers]").click()
    expect(page.get_by_role("group", name="Workers", exact=True)).to_be_visible()


def card_pinned(page: Page) -> None:
    if (crowd := page.get_by_role("button", name="Crowd", exact=True)).is_visible():
        crowd.click()
    page.locator(".crowd").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".card").first).to_be_visible()


def notice_shown(page: Page) -> None:
    page.locator(".rail").get_by_label("Workers", exact=True).fill("99999999")
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_be_visible()


def all_open(page: Page) -> None:
    page.locator(".more-knobs summary").click()
    page.locator(".more summary").click()
    press("As table")(page)


def search_open(page: Page) -> None:
    page.locator("#pg-search").fill("mi")
    expect(page.locator("#pg-found")).to_be_visible()


def pill_shown(page: Page) -> None:
    page.locator("#pg-search").press("Escape")
    expect(page.locator(".pill")).to_be_visible(timeout=20_000)


def study_made(page: Page) -> None:
    for label in ("Seconds", "Repeats"):
        page.get_by_label(label, exact=True).fill("2")
        page.keyboard.press("Enter")
    press("Run")(page)
    expect(page.get_by_role("heading", name="The same elsewhere")).to_be_visible(timeout=90_000)


def story_told(page: Page) -> None:
    page.get_by_text("Posts come later than promised").click()
    press("Run")(page)
    expect(page.get_by_role("heading", name="What was lost")).to_be_visible(timeout=60_000)
    expect(page.locator(".js-plotly-plot")).to_have_count(1, timeout=20_000)
    page.wait_for_function("document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'")


def lesson_run(page: Page) -> None:
    page.locator(BET).first.click()
    expect(page.get_by_role("heading", name="What you saw")).to_be_visible(timeout=60_000)
    expect(page.locator(".js-plotly-plot")).to_have_count(1, timeout=20_000)
    page.wait_for_function("document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'")


@dataclass(frozen=True)
class Look:
    """A page: its address, when it is there, what is above the fold, and what else it shows once asked."""

    path: str
    ready: str
    above: tuple[str, ...]
    states: tuple[Callable[[Page], None], ...] = ()


STORY = f"{LIVE} && window.__murmuration.story"
POSTS = "window.__murmuration?.posts?.().length > 0"
CHARTS = "document.querySelectorAll('.js-plotly-plot').length"
TABLE = "document.querySelector('canvas')"
RUN = "[data-testid=stButton] button[kind=primary]"
FORM = f"document.querySelector('{RUN}')"
BET = "[class*=st-key-bet_] button"
BETS = f"document.querySelectorAll('{BET}').length"
FORM_SENT = "document.querySelector('[data-testid=stFormSubmitButton], [data-testid=stTextInput]')"
PAGES = {
    "start": Look("/", STORY, (".verdict", ".crowd", ".charts", ".story"), (together(press("Skip"), card_pinned),)),
    "load": Look(
        "/load",
        LIVE,
        (".verdict", ".tiles", ".rail", ".crowd", ".charts", ".since"),
        (together(panel_open, notice_shown), together(card_pinned, all_open)),
    ),
    "projector": Look("/load?view=projector", LIVE, (".verdict", ".crowd", ".charts", ".room"), (press("Keys"),)),
    "playground": Look(
        "/playground",
        POSTS,
        (".composer", ".happened", ".kept", ".world-strip"),
        (search_open, pill_shown, press("Diagram")),
    ),
    "twin": Look("/twin", f"{LIVE}s", (".difference", ".sides", ".scrubber", ".twin .charts"), (card_pinned,)),
    "graph": Look("/graph", f"{DRAWN} && {CHARTS} == 2", ("h1", "input", "h2", ".js-plotly-plot")),
    "store": Look("/inspect", f"{DRAWN} && {TABLE}", ("h1", "input", "canvas")),
    "post": Look("/inspect?inspect=Post", f"{DRAWN} && {CHARTS} == 1", ("h1", "input", ".js-plotly-plot")),
    "traces": Look("/inspect?inspect=Traces", f"{DRAWN} && document.querySelector('input')", ("h1", "input")),
    "log": Look("/inspect?inspect=Log", f"{DRAWN} && {TABLE}", ("h1", "input", "canvas")),
    "compare": Look("/compare", f"{DRAWN} && {FORM}", ("h1", "input", "h4", RUN), (study_made,)),
    "failures": Look("/failures", f"{DRAWN} && {FORM}", ("h1", "h2", "[role=radiogroup]", RUN), (story_told,)),
    "sweep": Look("/sweep", f"{DRAWN} && {FORM}", ("h1", "input", "h4", RUN), (study_made,)),
    "lesson": Look("/lessons?lesson=07-celebrity", f"{DRAWN} && {BETS}", ("h1", BET), (lesson_run,)),
    "lessons": Look("/lessons", f"{DRAWN} && {FORM}", ("h1", RUN)),
    "charts": Look("/charts", f"{DRAWN} && {CHARTS} == 1", ("h1", ".js-plotly-plot")),
    "capacity": Look("/capacity", f"{DRAWN} && {CHARTS} == 1", ("h1", "input", ".js-plotly-plot")),
    "estimates": Look("/estimates", f"{DRAWN} && {FORM_SENT}", ("h1", "input")),
    "interview": Look("/interview", f"{DRAWN} && {FORM}", ("h1", "[role=radiogroup]", "input", RUN)),
    "hunts": Look("/hunts", f"{DRAWN} && document.querySelector('h2')", ("h1", "h2")),
    "drills": Look("/drills", f"{DRAWN} && document.querySelector('h2')", ("h1", "h2")),
    "servers": Look("/servers", f"{DRAWN} && document.querySelector('h2, h3')", ("h1",)),
}
OFTEN = ("start", "load", "playground", "failures", "lesson")
"""Looked at in the gate; the others with `--long`."""


@pytest.fixture(scope="module")
def worlds() -> dict[str, str]:
    """World and twin of somebody who goes from page to page, which go with them."""
    return {}


Shown = tuple[Page, Look, set[str]]


@pytest.fixture(
    scope="module",
    params=[name if name in OFTEN else pytest.param(name, marks=pytest.mark.long) for name in PAGES],
)
def shown(
    request: pytest.FixtureRequest, browser: BrowserContext, worlds: dict[str, str], app_url: str
) -> Iterator[Shown]:
    """A page, opened once for all questions about it, and the hosts that it has asked."""
    wanted, page, hosts = PAGES[request.param], browser.new_page(), set[str]()
    page.set_viewport_size(LAPTOP)
    page.on("request", lambda request: request.url.startswith("http") and hosts.add(urlsplit(request.url).netloc))
    page.goto(f"{app_url}{wanted.path}{'&' if '?' in wanted.path else '?'}{urlencode(worlds)}")
    page.wait_for_function(wanted.ready, timeout=60_000)
    address = parse_qs(urlsplit(page.url).query)
    worlds |= {name: address[name][0] for name in ("world", "twin") if name in address}
    look.prepare(page)
    yield page, wanted, hosts
    page.close()


def test_nothing_is_cut_at_a_desktop_and_at_a_laptop(shown: Shown) -> None:
    page, wanted, _ = shown
    for size in (DESKTOP, LAPTOP):
        page.set_viewport_size(size)
        page.wait_for_timeout(200)
        assert look.cut(page) == []
        boxes = {part: page.locator(part).first.bounding_box() for part in wanted.above}
        below = {part for part, box in boxes.items() if not box or box["y"] < 0 or box["y"] > size["height"] - 20}
        assert below == set()


def test_every_control_is_reached_and_its_focus_seen(shown: Shown) -> None:
    page, _, _ = shown
    assert look.by_keyboard(page) == {"missed": [], "unseen": [], "outOfOrder": [], "silent": []}


def test_axe_finds_nothing_in_any_state_light_or_dark(shown: Shown) -> None:
    page, wanted, _ = shown
    for state in (None, *wanted.states):
        if state:
            state(page)
            page.wait_for_timeout(100)
            assert look.cut(page) == []
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function(PAINTED, arg=scheme)
            assert look.violations(page, of_colour_only=scheme == "dark") == []


def test_no_other_host_is_asked(shown: Shown, app_url: str) -> None:
    _, _, hosts = shown
    assert hosts == {urlsplit(app_url).netloc}


@pytest.fixture
def still(browser: BrowserContext) -> Iterator[Page]:
    """The page of somebody who wants nothing to move."""
    with visitor(browser, reduced_motion="reduce") as page:
        yield page


LONG = pytest.mark.long


@pytest.mark.parametrize(
    "name", ["load", *(pytest.param(name, marks=LONG) for name in ("start", "playground", "twin"))]
)
def test_nothing_moves_for_who_wants_it_still(still: Page, app_url: str, name: str) -> None:
    still.goto(app_url + PAGES[name].path)
    still.wait_for_function(PAGES[name].ready, timeout=60_000)
    look.prepare(still)
    if name in ("load", "twin"):
        press("Celebrity posts")(still)
        painted = look.repaints(still, seconds=4)
        assert 1 <= max(painted) <= 6, painted
    if name == "load":
        expect(still.locator(".author i.posted").first).to_be_attached()
    assert look.moving(still) == []


def test_hints_are_heard_on_focus_and_what_is_no_plain_button_answers_to_keys(page: Page, app_url: str) -> None:
    page.goto(app_url + "/load")
    page.wait_for_function(LIVE, timeout=60_000)
    page.locator(".tile").first.focus()
    expect(page.get_by_role("tooltip")).to_contain_text("Waiting measured, service times modelled")
    expect(page.locator(".tile").first).to_have_attribute("aria-describedby", "live-hint")
    page.keyboard.press("Escape")
    expect(page.locator(".hint")).to_be_hidden()

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


def test_the_keyboard_walks_the_posts_and_gets_out_of_the_list(page: Page, app_url: str) -> None:
    page.goto(app_url + "/playground")
    page.wait_for_function(POSTS, timeout=60_000)
    shown = page.locator(".feed article")
    shown.nth(0).locator(".like").focus()
    page.keyboard.press("PageDown")
    expect(shown.nth(1)).to_be_focused()
    page.keyboard.press("Control+End")
    expect(page.get_by_role("button", name="Hops", exact=True)).to_be_focused()
    page.keyboard.press("Shift+Tab")  # back into the list, which does not grow meanwhile
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.closest('.feed') !== null")
    page.keyboard.press("Control+Home")
    expect(page.get_by_role("tab", name="Home", exact=True)).to_be_focused()
