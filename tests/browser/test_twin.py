"""The live twin in a real browser: two designs under one load, looked back at, and asked why."""

import json
import time
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def open_twin(page: Page, url: str) -> None:
    page.goto(f"{url}/twin")
    page.wait_for_function("window.__murmuration?.tick", timeout=90_000)


def wait_until(page: Page, condition: str, seconds: float = 60) -> None:
    """`condition`: JavaScript over `m`, the page's own account of itself, and `a` and `b`, the last ticks."""
    page.wait_for_function(
        f"(() => {{ const m = window.__murmuration, [a, b] = m.ticks; return {condition}; }})()", timeout=seconds * 1e3
    )


def ticks(page: Page) -> tuple[dict[str, Any], dict[str, Any]]:
    """The last ticks of both sides, of the same instant: two sockets bring them."""
    both = "(() => { const [a, b] = window.__murmuration.ticks; return a.t === b.t ? [a, b] : null; })()"
    a, b = page.wait_for_function(both, timeout=20_000).json_value()
    return a, b


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def do(page: Page, url: str, command: dict[str, Any]) -> dict[str, Any]:
    """The same over HTTP, as another visitor asks."""
    world = page.evaluate("window.__murmuration.world")
    request = urllib.request.Request(f"{url}/v1/worlds/{world}/do", json.dumps(command).encode())
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def click_dot(page: Page, side: int, dot: int) -> None:
    at = page.evaluate("([side, dot]) => window.__murmuration.place(side, dot)", [side, dot])
    page.locator(".side .crowd").nth(side).click(position=at)


def card(page: Page, side: int) -> Any:
    return page.locator(".side .card").nth(side)


def line(page: Page) -> str:
    return page.locator(".difference-line").inner_text()


@pytest.mark.long
def test_push_falls_behind_where_hybrid_stays_calm_and_the_sentence_says_so(page: Page, app_url: str) -> None:
    open_twin(page, app_url)
    a, b = ticks(page)
    assert (a["strategy"], b["strategy"]) == ("push", "hybrid")
    button(page, "Celebrity posts").click()
    wait_until(page, "a.bands.late > 1000 && a.verdict.status === 'bad'")
    a, b = ticks(page)
    assert a["t"] == b["t"]
    assert b["bands"]["late"] == b["bands"]["very_late"] == 0
    assert b["verdict"]["status"] != "bad"
    wait_until(page, "/^B is [0-9.]+ s fresher/.test(document.querySelector('.difference-line').textContent)", 20)
    told, parts = line(page), ticks(page)[0]["twin"]["parts"]
    assert parts[0]["a"] - parts[0]["b"] > 3
    assert "writes" in told
    assert "fewer copies" in told
    wait_until(page, "m.bands()[0].late > 1000 && m.bands()[1].late === 0")
    assert "Nova posts 8x" in page.locator(".difference-window").inner_text()


@pytest.mark.long
def test_looking_back_shows_both_crowds_as_they_were_and_leaves_the_present_alone(page: Page, app_url: str) -> None:
    open_twin(page, app_url)
    button(page, "Celebrity posts").click()
    seen: dict[float, list[dict[str, int]]] = {}
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(seen) < 26:
        a, b = ticks(page)
        seen[a["t"]] = [a["bands"], b["bands"]]
        time.sleep(0.15)
    scrubber = page.get_by_label("Look back")
    scrubber.focus()
    newest = page.evaluate("Number(document.querySelector('#twin-scrub').max)")
    for _ in range(20):  # half a second each
        scrubber.press("ArrowLeft")
    wait_until(page, "m.scrubbed !== null && m.past.every((p) => p?.t === m.scrubbed)", 20)
    then = page.evaluate("window.__murmuration.scrubbed")
    assert newest - 11 <= then <= newest - 8
    assert then in seen
    past = page.evaluate("window.__murmuration.past")
    assert [side["bands"] for side in past] == seen[then]
    drawn = json.dumps(seen[then], separators=(",", ":"))
    wait_until(page, f"JSON.stringify(m.bands()) === '{drawn}'", 10)
    assert past[0]["bands"] != ticks(page)[0]["bands"], "it has changed since, or this saw nothing"
    expect(page.locator(".crowd-text").first).to_have_text(past[0]["text"])
    assert past[0]["clock"] in page.locator(".difference-window").inner_text()
    assert line(page) == past[0]["twin"]["line"]
    before = ticks(page)[0]["t"]
    wait_until(page, f"a.t > {before} + 1")
    assert page.evaluate("window.__murmuration.bands()") == seen[then], "the picture stays while the world goes on"
    button(page, "Pause").click()
    wait_until(page, "a.paused && b.paused")
    button(page, "Now").click()
    wait_until(page, "m.scrubbed === null && m.past.every((p) => !p)")
    wait_until(page, "JSON.stringify(m.bands()) === JSON.stringify([a.bands, b.bands])", 10)
    expect(page.locator(".instant")).to_have_text("now")


def pulled_on_b(page: Page, url: str, user: int) -> bool:
    """Whether what waits longest for a person on A is left to be fetched on B, and they have not opened home since."""
    post = do(page, url, {"do": "why", "user": user, "side": 0})["post"]
    return post is not None and do(page, url, {"do": "why", "user": user, "post": post, "side": 1})["cause"] == "pulled"


def test_a_dark_dot_is_explained_on_both_sides_by_click_and_by_keyboard(page: Page, app_url: str) -> None:
    open_twin(page, app_url)
    button(page, "Celebrity posts").click()
    wait_until(page, "a.bands.late > 300")
    button(page, "Pause").click()
    wait_until(page, "a.paused && m.bands()[0].late === a.bands.late")
    dot = page.evaluate("window.__murmuration.dot(0, 2).dot")
    answer = do(page, app_url, {"do": "why", "user": dot, "side": 0})
    assert answer["cause"] in ("queued", "in_batch", "at_shard")
    click_dot(page, 0, dot)
    told = card(page, 0)
    expect(told).to_contain_text(answer["line"], timeout=10_000)
    pulled = do(page, app_url, {"do": "why", "user": dot, "post": answer["post"], "side": 1})
    expect(told).to_contain_text(pulled["line"])

    fetcher = next(user for user in range(2_000) if pulled_on_b(page, app_url, user))
    crowd = page.locator(".side .crowd").nth(1)
    crowd.focus()
    click_dot(page, 1, fetcher)
    told = card(page, 1)
    expect(told).to_contain_text("This post is pulled, not pushed", timeout=10_000)
    expect(told).to_contain_text("has not opened home since")
    page.keyboard.press("Escape")
    expect(told).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(told).to_be_visible()
    expect(told).not_to_contain_text("A, the same post")
    page.keyboard.press("Enter")
    expect(told).to_contain_text("B: ")


def test_a_crashed_worker_is_named_as_the_reason(page: Page, app_url: str) -> None:
    open_twin(page, app_url)
    button(page, "Crashes").first.click()
    wait_until(page, "document.querySelector('.crashes').getAttribute('aria-pressed') === 'true'")
    button(page, "Celebrity posts").click()
    wait_until(page, "a.bands.late > 300")
    button(page, "Pause").click()
    wait_until(page, "a.paused && m.bands()[0].late === a.bands.late")
    crashed = next(
        answer for answer in (do(page, app_url, {"do": "why", "user": user, "side": 0}) for user in range(2_000))
        if answer["cause"] == "retry"
    )  # fmt: skip
    assert "crashed" in crashed["line"]
    click_dot(page, 0, crashed["user"])
    expect(card(page, 0)).to_contain_text(crashed["line"], timeout=10_000)
    assert ticks(page)[1]["bands"]["late"] == 0


@pytest.mark.long
def test_designs_are_changed_one_side_at_a_time_and_time_for_both(page: Page, app_url: str) -> None:
    open_twin(page, app_url)
    second = page.locator(".side").nth(1)
    second.get_by_role("button", name="Pull", exact=True).click()
    wait_until(page, "b.strategy === 'pull' && a.strategy === 'push'")
    second.get_by_label("Workers of B", exact=True).fill("7")
    second.get_by_label("Workers of B", exact=True).press("Enter")
    wait_until(page, "b.knobs === undefined || b.knobs['workers.count'] === 7")
    button(page, "10x").click()
    wait_until(page, "a.speed === 10 && b.speed === 10")
    started = ticks(page)[0]["t"]
    wait_until(page, f"a.t > {started} + 5 && a.t === b.t")
    button(page, "Reset both, same seed").click()
    wait_until(page, f"a.t < {started} && a.t === b.t && b.strategy === 'pull'")
    assert second.get_by_label("Workers of B", exact=True).input_value() == "7"


@pytest.mark.long
@pytest.mark.parametrize(("width", "height", "scheme"), [(1280, 800, "light"), (1280, 800, "dark")])
def test_all_that_matters_is_above_the_fold(page: Page, app_url: str, width: int, height: int, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": height})
    open_twin(page, app_url)
    page.wait_for_selector(".charts .main-svg")
    parts = [".difference-line", ".scrubber", ".charts"]
    boxes = [page.locator(f".twin {part}").bounding_box() for part in parts]
    boxes += [
        page.locator(f".side {part}").nth(side).bounding_box() for part in (".verdict", "canvas") for side in (0, 1)
    ]
    for box in boxes:
        assert box["y"] >= 44
        assert box["y"] + box["height"] <= height
        assert box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
