"""What a page is asked about its look: accessibility rules, text that is cut, controls that the keyboard misses, motion.

Each question is put in the page itself and answered with the offenders, so that an empty answer is a passed one.
"""

from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = (files("axe_playwright_python") / "axe.min.js").read_text()

MAY_BE_CUT = {
    ".sr-only": "is read out, not seen",
    "[data-testid=stSkipLink]": "is shown when focused",
    ".playground .context": "is the start of another post; its reply button opens that thread",
}
"""Besides what says itself in full on focus, by its hint or that of what holds it."""

CUT = """(allowed) => {
  const cut = [];
  const hides = (overflow) => overflow === "hidden" || overflow === "clip";
  const scrolls = (overflow) => overflow === "auto" || overflow === "scroll";
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const style = getComputedStyle(element);
    if (!own || !element.getClientRects().length || style.visibility === "hidden" || element.closest("svg")) continue;
    if (allowed.some((selector) => element.closest(selector))) continue;
    const told = element.closest("[data-hint]");
    if (told && told.tabIndex >= 0 && style.textOverflow === "ellipsis") continue;
    const said = `${element.className}: ${element.textContent.trim().slice(0, 80)}`;
    const leading = 0.25 * parseFloat(style.fontSize); // room that a font keeps above and below its letters
    if (hides(style.overflowX) && element.scrollWidth > element.clientWidth + 1) cut.push(`across: ${said}`);
    if (hides(style.overflowY) && element.scrollHeight > element.clientHeight + leading) cut.push(`down: ${said}`);
    const words = document.createRange();
    words.selectNodeContents(element);
    const { left, right, top, bottom } = words.getBoundingClientRect();
    let placed = style.position;
    for (let box = element; box !== document.body; box = box.parentElement) {
      const { overflowX, overflowY, position } = getComputedStyle(box);
      if (placed === "absolute" && position === "static") continue;
      const edge = box.getBoundingClientRect();
      if (box !== element && hides(overflowX) && (left < edge.left - 1 || right > edge.right + 1)) cut.push(`at a side: ${said}`);
      if (box !== element && hides(overflowY) && (top < edge.top - leading || bottom > edge.bottom + leading)) cut.push(`below: ${said}`);
      if (scrolls(overflowX) || scrolls(overflowY) || position === "fixed") break;
      placed = position;
    }
    if (left < -1 || right > innerWidth + 1) cut.push(`beyond the window: ${said}`);
  }
  for (const box of [document.documentElement, document.querySelector("[data-testid=stMain]")]) {
    if (box.scrollWidth > box.clientWidth) cut.push(`the page scrolls sideways: ${box.scrollWidth} px`);
  }
  return cut;
}"""

WATCH_FOCUS = """() => {
  document.activeElement?.blur();
  const around = (element) => [element, ...element.querySelectorAll("*"), element.parentElement, element.parentElement.parentElement].slice(0, 12);
  const looks = (element) => around(element).map((part) => {
    const { outlineStyle, outlineColor, outlineWidth, boxShadow, borderColor, stroke, backgroundColor } = getComputedStyle(part);
    return [outlineStyle === "none" ? "" : `${outlineStyle} ${outlineColor} ${outlineWidth}`, boxShadow, borderColor, stroke, backgroundColor].join();
  }).join();
  const enabled = "a[href], button, input, select, textarea, summary, [tabindex]";
  const controls = [...document.querySelectorAll(enabled)].filter((element) =>
    element.tabIndex >= 0 && !element.disabled && element.getClientRects().length && !element.matches("[data-testid=stMain]") &&
    element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) && !element.closest("[inert]"));
  const before = new Map(controls.map((element) => [element, looks(element)]));
  window.focused = { controls, reached: new Set(), unseen: [], changed: (element) => before.get(element) !== looks(element) };
  document.addEventListener("focusin", ({ target }) => {
    if (window.focused.reached.has(target)) return;
    window.focused.reached.add(target);
    if (before.has(target) && !window.focused.changed(target)) window.focused.unseen.push(target);
  });
  return controls.length;
}"""

FOCUS_FOUND = """() => {
  const name = (e) => `${e.tagName} ${e.className.baseVal ?? e.className} ${e.getAttribute("aria-label") ?? e.textContent.trim().slice(0, 40)}`;
  const { controls, reached, unseen } = window.focused;
  const missed = controls.filter((control) => control.isConnected && control.getClientRects().length && !reached.has(control));
  return {
    missed: missed.map(name), unseen: unseen.filter((control) => control.isConnected).map(name),
    outOfOrder: controls.filter((control) => control.tabIndex > 0).map(name),
    silent: [...document.querySelectorAll("[data-hint]")]
      .filter((e) => e.getClientRects().length && e.tabIndex < 0 && ![...e.querySelectorAll("*")].some((part) => part.tabIndex >= 0)).map(name),
  };
}"""

MOVING = """() => [...document.querySelectorAll(".stApp, .stApp *")].flatMap((element) => {
  const { animationName, animationDuration, transitionDuration } = getComputedStyle(element);
  const longest = (text) => Math.max(...text.split(",").map((part) => parseFloat(part) * (part.trim().endsWith("ms") ? 1e-3 : 1)));
  const moves = longest(transitionDuration) > 0.01 || (animationName !== "none" && longest(animationDuration) > 0.01);
  return moves ? [`${element.tagName} ${element.className.baseVal ?? element.className}`] : [];
})"""

COUNT_REPAINTS = """() => {
  window.repaints = new Map();
  const fillRect = CanvasRenderingContext2D.prototype.fillRect;
  CanvasRenderingContext2D.prototype.fillRect = function (...box) {
    if (this.canvas.closest(".crowd")) {
      const frames = window.repaints.get(this.canvas) ?? new Set();
      window.repaints.set(this.canvas, frames.add(document.timeline.currentTime));
    }
    return fillRect.apply(this, box);
  };
}"""


def violations(page: Page) -> list[str]:
    """Of WCAG 2.2 A and AA, as far as axe finds them."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found: list[dict[str, Any]] = page.evaluate("(options) => axe.run(document, options)", options)["violations"]
    return [f"{rule['id']}: {node['target']} {node['html'][:120]}" for rule in found for node in rule["nodes"]]


def cut(page: Page) -> list[str]:
    """Text that does not fit where it stands, and whatever makes the page scroll sideways."""
    return page.evaluate(CUT, list(MAY_BE_CUT))


def by_keyboard(page: Page) -> dict[str, list[str]]:
    """After Tab through the whole page: controls missed, controls whose focus is not seen, hints that nobody hears."""
    for _ in range(page.evaluate(WATCH_FOCUS) + 8):
        page.keyboard.press("Tab")
    return page.evaluate(FOCUS_FOUND)


def moving(page: Page) -> list[str]:
    """What is animated, or would be once it changes."""
    return page.evaluate(MOVING)


def repaints(page: Page, seconds: float) -> list[int]:
    """How often each crowd was painted within some seconds."""
    page.evaluate(COUNT_REPAINTS)
    page.wait_for_timeout(seconds * 1e3)
    return page.evaluate("[...window.repaints.values()].map((frames) => frames.size)")
