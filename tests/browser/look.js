// What a page is asked about its look. Each question answers with the offenders: an empty answer is a passed one.

window.look = {};

/** What to call an element in an answer. */
const named = (element) =>
  `${element.tagName} ${element.className.baseVal ?? element.className}: ${(element.getAttribute("aria-label") ?? element.textContent).trim().slice(0, 80)}`;

const seen = (element) => element.getClientRects().length && element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });

/** Text that does not fit where it stands, and whatever makes the page scroll sideways. An ellipsis is no fault where focus says the whole. */
window.look.cut = (allowed) => {
  const cut = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
    if (!own || !seen(element) || element.closest("svg") || allowed.some((selector) => element.closest(selector))) continue;
    const style = getComputedStyle(element);
    if (style.textOverflow === "ellipsis" && element.closest("[data-hint]")?.tabIndex >= 0) continue;
    cut.push(...faults(element, style).map((fault) => `${fault}: ${named(element)}`));
  }
  for (const box of [document.documentElement, document.querySelector("[data-testid=stMain]")]) {
    if (box.scrollWidth > box.clientWidth) cut.push(`the page scrolls sideways: ${box.scrollWidth} px`);
  }
  return cut;
};

const hides = (overflow) => overflow === "hidden" || overflow === "clip";
const scrolls = (overflow) => overflow === "auto" || overflow === "scroll";

function faults(element, style) {
  const faults = [];
  const leading = 0.25 * parseFloat(style.fontSize); // room that a font keeps above and below its letters
  if (hides(style.overflowX) && element.scrollWidth > element.clientWidth + 1) faults.push("too long");
  if (hides(style.overflowY) && element.scrollHeight > element.clientHeight + leading) faults.push("too high");
  const words = document.createRange();
  words.selectNodeContents(element);
  const { left, right, top, bottom } = words.getBoundingClientRect();
  let placed = style.position;
  for (let box = element.parentElement; box !== document.body; box = box.parentElement) {
    const { overflowX, overflowY, position } = getComputedStyle(box);
    if (placed === "fixed" || scrolls(overflowX) || scrolls(overflowY)) break;
    if (placed === "absolute" && position === "static") continue;
    const edge = box.getBoundingClientRect();
    if (hides(overflowX) && (left < edge.left - 1 || right > edge.right + 1)) faults.push("cut at a side");
    if (hides(overflowY) && (top < edge.top - leading || bottom > edge.bottom + leading)) faults.push("cut above or below");
    placed = position;
  }
  if (left < -1 || right > innerWidth + 1) faults.push("beyond the window");
  return faults;
}

/** From now on it is noted what has the focus, and whether that changes how it looks. Returns the number of controls. */
window.look.watchFocus = () => {
  document.activeElement?.blur();
  document.head.append(Object.assign(document.createElement("style"), { textContent: "* { transition: none !important; }" }));
  const controls = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")].filter(isControl);
  const before = new Map(controls.map((element) => [element, appearance(element)]));
  window.focused = { controls, reached: new Set(), unseen: [] };
  document.addEventListener("focusin", ({ target }) => {
    if (window.focused.reached.has(target)) return;
    window.focused.reached.add(target);
    if (before.has(target) && before.get(target) === appearance(target)) window.focused.unseen.push(target);
  });
  return controls.length;
};

/** Of a group of radio buttons one is reached by Tab, the others by arrow keys. */
const isControl = (element) =>
  element.tabIndex >= 0 && !element.disabled && seen(element) && !element.closest("[inert]") &&
  !element.matches("[data-testid=stMain], [role=radio] ~ [role=radio]") && !isSpareRadio(element);

/** As long as none of its group is chosen: Tab goes to the first of them. */
const isSpareRadio = (element) => {
  if (element.type !== "radio") return false;
  const group = [...document.getElementsByName(element.name)];
  return group.indexOf(element) > 0 && !group.some((radio) => radio.checked);
};

/** Of an element, what is in it, and the four around it, for focus may be drawn on any of them. */
function appearance(element) {
  const around = [element];
  for (let box = element.parentElement; box && around.length < 5; box = box.parentElement) around.push(box);
  around.push(...[...element.querySelectorAll("*")].slice(0, 8));
  return around.map((part) => {
    const style = getComputedStyle(part);
    const outline = style.outlineStyle === "none" ? "" : style.outline;
    return [outline, style.boxShadow, style.borderColor, style.stroke, style.backgroundColor].join();
  }).join();
}

window.look.focusFound = () => {
  const { controls, reached, unseen } = window.focused;
  const there = controls.filter((control) => control.isConnected && seen(control));
  const hints = [...document.querySelectorAll("[data-hint]")].filter(seen);
  return {
    missed: there.filter((control) => !reached.has(control)).map(named),
    // a table is a canvas, on which its focused cell is drawn
    unseen: unseen.filter((control) => control.isConnected && control.tagName !== "CANVAS").map(named),
    outOfOrder: there.filter((control) => control.tabIndex > 0).map(named),
    silent: hints.filter((element) => ![element, ...element.querySelectorAll("*")].some((part) => part.tabIndex >= 0)).map(named),
  };
};

/** What is animated, or would be once it changes. */
window.look.moving = () => [...document.querySelectorAll(".stApp, .stApp *")].filter((element) => {
  const { animationName, animationDuration, transitionDuration } = getComputedStyle(element);
  const longest = (times) => Math.max(...times.split(",").map((time) => parseFloat(time))); // computed times are in s
  return longest(transitionDuration) > 0.01 || (animationName !== "none" && longest(animationDuration) > 0.01);
}).map(named);

/** From now on the frames are counted in which each crowd is painted. */
window.look.countRepaints = () => {
  window.repaints = new Map();
  const { fillRect } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fillRect = function (...box) {
    if (this.canvas.closest(".crowd")) {
      const frames = window.repaints.get(this.canvas) ?? new Set();
      window.repaints.set(this.canvas, frames.add(document.timeline.currentTime));
    }
    return fillRect.apply(this, box);
  };
};
