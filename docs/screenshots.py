"""Takes README's screenshots from the running pages: `python docs/screenshots.py`. Needs a Chromium on the PATH.

It starts the app on a free port, does what a visitor would do, and writes docs/pictures/*.png.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
EXAMPLE_SEED = 11
"""Of the example's runs, so that its readings fit them."""
LAPTOP = {"width": 1280, "height": 800}
PROJECTOR = {"width": 1920, "height": 1080}


def start(page: Page) -> None:
    """The first bet."""
    wait_until(page, "document.querySelectorAll('.start [data-answer]').length || m.tick.t > 105")
    page.wait_for_timeout(12_000)


def load_lab(page: Page) -> None:
    """A celebrity has posted, under push."""
    page.get_by_role("button", name="Celebrity posts", exact=True).click()
    wait_until(page, "m.tick.bands.late > 900")


def diagram(page: Page) -> None:
    """The same in the living diagram."""
    page.get_by_role("button", name="Diagram", exact=True).click()
    page.get_by_role("button", name="Celebrity posts", exact=True).click()
    page.wait_for_timeout(4_000)


def playground(page: Page) -> None:
    """A celebrity posts, and the copies are on their way."""
    page.get_by_role("button", name="Celebrity", exact=True).click()
    page.wait_for_timeout(1_500)
    page.locator("textarea").first.fill("Hello from a very large account")
    page.get_by_role("button", name="Post", exact=True).click()
    page.wait_for_timeout(700)


def twin(page: Page) -> None:
    """Push and hybrid under the same burst."""
    page.get_by_role("button", name="Celebrity posts", exact=True).click()
    page.wait_for_timeout(6_500)


def study(page: Page) -> None:
    """What stands in the form, run to its end."""
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("heading", name="The same elsewhere").wait_for(timeout=180_000)
    page.wait_for_timeout(1_500)


def failures(page: Page) -> None:
    """A prediction, what broke first, and what was lost."""
    page.get_by_text("Posts come later than promised").click()
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("heading", name="What was lost").wait_for(timeout=60_000)
    page.wait_for_timeout(2_500)


def history(page: Page) -> None:
    """A run under push, kept, and one under hybrid laid over it."""
    keep = page.get_by_role("button", name="Run and keep")
    fan_out = page.get_by_role("combobox", name="Strategy to run")
    keep.click()
    page.get_by_role("heading", name="Run 1: push").wait_for(timeout=60_000)
    page.get_by_text("Keep another run").click()
    page.wait_for_timeout(1_500)
    choose(fan_out, "hybrid")
    keep.click()
    page.get_by_role("heading", name="Run 2: hybrid").wait_for(timeout=60_000)
    choose(page.get_by_role("combobox", name="Lay over it"), "1: push")
    page.get_by_text("Run 2 (hybrid) against run 1 (push)").wait_for()
    page.wait_for_timeout(2_500)
    page.get_by_role("combobox", name="Open").evaluate("field => field.closest('.stSelectbox').scrollIntoView()")
    page.get_by_test_id("stMain").evaluate("main => main.scrollBy(0, -60)")  # from below the navigation
    page.wait_for_timeout(1_000)


def choose(field: Locator, option: str) -> None:
    """An option of a list."""
    field.scroll_into_view_if_needed()
    field.page.wait_for_timeout(500)  # a list that scrolls with its page closes
    field.click()
    field.page.get_by_role("option", name=option).first.click()


def capacity(page: Page) -> None:
    """A design, and the engine's figures beside its formulas."""
    page.get_by_role("button", name="Measure at the same ratios").click()
    page.get_by_text("Measured in:").wait_for(timeout=180_000)
    page.wait_for_timeout(2_000)


def lesson(page: Page) -> None:
    """A bet, and what the run says."""
    page.get_by_role("button", name="3,000 to 10,000").click()
    page.get_by_role("heading", name="What you saw").wait_for(timeout=60_000)
    page.wait_for_timeout(6_000)


def nothing(page: Page) -> None:
    """The page as it opens."""
    page.wait_for_timeout(3_000)


SHOTS: list[tuple[str, str, dict[str, int], str, Callable[[Page], None]]] = [
    ("start", "/", LAPTOP, "light", start),
    ("load_lab", "/load", LAPTOP, "light", load_lab),
    ("diagram", "/load", LAPTOP, "dark", diagram),
    ("playground", "/playground", LAPTOP, "light", playground),
    ("twin", "/twin", LAPTOP, "dark", twin),
    ("graph", "/graph", LAPTOP, "light", nothing),
    ("inspect", "/inspect", LAPTOP, "light", nothing),
    ("compare", "/compare", LAPTOP, "light", study),
    ("sweep", "/sweep", LAPTOP, "dark", study),
    ("failures", "/failures?story=poison_post", LAPTOP, "light", failures),
    ("history", "/history", LAPTOP, "light", history),
    ("capacity", "/capacity?preset=twitter-2012", LAPTOP, "light", capacity),
    ("lesson", "/lessons?lesson=07-celebrity", LAPTOP, "light", lesson),
    ("projector", "/load?view=projector", PROJECTOR, "light", nothing),
]


def interviews(folder: Path) -> list[tuple[str, str, dict[str, int], str, Callable[[Page], None]]]:
    """The example's answers once more, in step 3 and to the end, its design run; and how to take their pictures."""
    sys.path.insert(0, str(ROOT))
    from lessons.interview import runs
    from lessons.interview.sitting import PHASES, Sitting
    from lessons.interview.transcript import read

    example = read(ROOT / "docs" / "interview-example.json")
    level, steps = example.level_target or "senior", example.steps
    under_way, over = (
        Sitting.begin(folder, level=level, mode="practice", seed=EXAMPLE_SEED, now_s=time.time) for _ in range(2)
    )  # fmt: skip
    for sitting, last in ((under_way, "3"), (over, "7")):
        for phase in PHASES[: PHASES.index(last) + 1]:
            if phase != "1":
                sitting.go(phase)
            if phase == "change":
                first = runs.first(sitting.transcript(), sitting.state().drawn)
                sitting.keep_runs("first", first.ran, first)
                sitting.change(sitting.state().steps, example.change.structured.predicts, "")
            elif phase != "debrief":
                one = getattr(steps, f"s{phase}")
                sitting.write(int(phase), one.structured, one.free_text)
    drawn, changed_steps = over.state().drawn, over.state().changed_steps
    over.keep_runs("second", runs.second(over.transcript(), drawn, changed=changed_steps))
    for claim in example.claims:
        over.claim(claim)
    over.finish()
    over.keep_last(runs.last(over.transcript(), drawn, changed=changed_steps))
    return [
        ("interview_sheet", f"/interview?interview={under_way.id}", LAPTOP, "light", nothing),
        ("interview_debrief", f"/interview?interview={over.id}", LAPTOP, "light", nothing),
    ]


def wait_until(page: Page, condition: str, seconds: float = 40) -> None:
    """Until something holds of `m`, what the page shows tests of itself."""
    page.wait_for_function(
        f"() => {{ const m = window.__murmuration; return m?.tick && ({condition}); }}", timeout=1000 * seconds
    )


def take(
    browser: Browser, address: str, name: str, path: str, size: dict[str, int], theme: str, act: Callable[[Page], None]
) -> None:
    """One picture, as a visitor of its own."""
    context = browser.new_context(viewport=size, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address + path)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(2_500)
    act(page)
    page.screenshot(path=PICTURES / f"{name}.png")
    print(f"docs/pictures/{name}.png")
    context.close()


def main() -> None:
    """All pictures, or those named on the command line."""
    PICTURES.mkdir(exist_ok=True)
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    kept = Path(tempfile.mkdtemp(prefix="pictures-"))  # not the history of whoever takes the pictures
    environment = os.environ | {"MURMURATION_HISTORY": str(kept / "history.duckdb"), "MURMURATION_PROGRESS": str(kept)}
    shots = SHOTS
    if not sys.argv[1:] or any(name.startswith("interview") for name in sys.argv[1:]):
        shots = [*SHOTS, *interviews(kept / "interviews" / "me")]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_for_server(f"http://localhost:{port}/v1/health")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for name, path, size, theme, act in shots:
                if not sys.argv[1:] or name in sys.argv[1:]:
                    take(browser, f"http://localhost:{port}", name, path, size, theme, act)
            browser.close()
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=20)
        shutil.rmtree(kept)


def wait_for_server(url: str) -> None:
    """Until the app answers, a minute at most."""
    for _ in range(120):
        try:
            with urllib.request.urlopen(url, timeout=1):
                time.sleep(6)  # its first world is being opened
                return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("The app did not start.")


if __name__ == "__main__":
    main()
