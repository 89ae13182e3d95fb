"""What a page is asked about its look: accessibility rules, cut text, controls that the keyboard misses, motion.

The questions themselves are in look.js, and are put in the page.
"""

from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
LOOK = Path(__file__).with_name("look.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

MAY_BE_CUT = {
    ".sr-only": "is read out, not seen",
    "[data-testid=stSkipToContent]": "is shown when it has the focus",
    ".playground .context": "is the start of another post; the reply button opens that thread",
}
"""Besides what says itself in full on focus."""


def prepare(page: Page) -> None:
    """Before the first question."""
    for script in (AXE, f"(() => {{ {LOOK} }})()"):
        page.evaluate(script)


def violations(page: Page, of_colour_only: bool = False) -> list[str]:
    """Of WCAG 2.2 A and AA, as far as axe finds them; what does not depend on the theme need not be asked twice."""
    rules = {"type": "rule", "values": ["color-contrast"]} if of_colour_only else {"type": "tag", "values": RULES}
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    found: list[dict[str, Any]] = page.evaluate("(options) => axe.run(document, options)", options)["violations"]
    return [f"{rule['id']}: {node['target']} {node['html'][:120]}" for rule in found for node in rule["nodes"]]


def cut(page: Page) -> list[str]:
    """Text that does not fit where it stands, and whatever makes the page scroll sideways."""
    return page.evaluate("(allowed) => look.cut(allowed)", list(MAY_BE_CUT))


def by_keyboard(page: Page) -> dict[str, list[str]]:
    """After Tab through the whole page: controls missed, controls whose focus is not seen, hints that nobody hears."""
    controls = page.evaluate("look.watchFocus()")
    for _ in range(2):  # again where the page has grown meanwhile
        for _ in range(controls + 8):
            page.keyboard.press("Tab")
        found = page.evaluate("look.focusFound()")
        if not found["missed"]:
            break
    return found


def moving(page: Page) -> list[str]:
    """What is animated, or would be once it changes."""
    return page.evaluate("look.moving()")


def repaints(page: Page, seconds: float) -> list[int]:
    """In how many frames each crowd was painted, within some seconds."""
    page.evaluate("look.countRepaints()")
    page.wait_for_timeout(seconds * 1e3)
    return page.evaluate("[...window.repaints.values()].map((frames) => frames.size)")
