// Verdict, clock, tiles and the strip: words and numbers of each tick.

import { put } from "./format.js";
import { Transport, speedName } from "./transport.js";

export class Status {
  constructor(root, send) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.send = send;
    this.transport = new Transport(root, send);
    this.find(".reset").addEventListener("click", (event) => this.reset(event.currentTarget));
    this.find(".slowed").addEventListener("click", () => this.send({ do: "slow_to_watch", on: false }));
    this.announced = 0;
  }

  /** Building the world anew takes a moment; until then the old numbers must not look like the new ones. */
  reset(button) {
    this.root.classList.add("restarting");
    put(this.find(".achieved"), "starting again");
    this.send({ do: "reset" }, button, () => this.root.classList.remove("restarting"));
  }

  show(tick, palette) {
    this.tick = tick;
    this.verdict(tick.verdict);
    this.time(tick);
    this.root.querySelectorAll(".tile").forEach((tile, i) => tick.tiles[i] && showTile(tile, tick.tiles[i], palette));
    put(this.find(".crowd-text"), tick.text);
    const since = this.find(".since");
    put(since, tick.since ?? "Change something, and what it did to lag, home read and copies stands here.");
    since.classList.toggle("empty", !tick.since);
    this.announce(tick);
  }

  verdict(verdict) {
    showVerdict(this.find, verdict);
  }

  time(tick) {
    this.transport.show(tick);
    const chip = this.find(".slowed");
    chip.hidden = !tick.slowed;
    put(chip, `Slowed: back to ${speedName(tick.speed)}`);
  }

  /** Read out at most every five seconds, and only what changed. */
  announce(tick) {
    const now = performance.now();
    if (now - this.announced < 5000) return;
    this.announced = now;
    put(this.find(".announcer"), `${tick.verdict.line} ${tick.text}`);
  }
}

/** `find` looks an element up by its selector. */
export function showVerdict(find, { status, line, why, try: advice }) {
  find(".verdict").dataset.status = status;
  put(find(".line"), line);
  put(find(".why"), why ?? "");
  const hint = advice ? tryThis(advice) : "";
  put(find(".try"), hint);
  find(".because").dataset.hint = [line, why, hint].filter(Boolean).join(" ");
}

const tryThis = (advice) => `Try: ${advice[0].toLowerCase()}${advice.slice(1)}`;

export function showTile(element, tile, palette) {
  put(element.querySelector(".label"), tile.label);
  put(element.querySelector(".window"), tile.window);
  showValue(element.querySelector(".value"), tile.value);
  const kind = tile.kind && !tile.text.toLowerCase().includes(tile.kind) ? ` ${tile.kind[0].toUpperCase()}${tile.kind.slice(1)}.` : "";
  element.dataset.hint = `${tile.text}${kind}`;
  element.setAttribute("aria-label", `${tile.label}: ${tile.value}, ${tile.window}`);
  const over = tile.slo !== null && tile.slo !== undefined && typeof tile.raw === "number" && tile.raw > tile.slo;
  element.classList.toggle("over", over);
  trend(element.querySelector(".trend"), tile, palette);
}

/** The digits large, the unit after them small. */
function showValue(element, text) {
  if (element.dataset.text === text) return;
  element.dataset.text = text;
  const [, digits, unit] = text.match(/^([\d.,]+)\s*(.*)$/) ?? [null, text, ""];
  element.replaceChildren(digits);
  if (unit) {
    const small = document.createElement("small");
    small.textContent = ` ${unit}`;
    element.append(small);
  }
}

const WIDE = 96;
const HIGH = 24;

function trend(svg, tile, palette) {
  const values = (tile.trend ?? []).map((v) => (typeof v === "number" ? v : null));
  const known = values.filter((v) => v !== null);
  if (known.length < 2) return svg.replaceChildren();
  const slo = tile.slo ?? null;
  const highest = Math.max(...known);
  const withSlo = slo !== null && highest > slo * 0.25;
  const top = Math.max(highest, withSlo ? slo : 0) * 1.1 || 1;
  const floor = tile.unit === "%" ? Math.min(...known, top * 0.5) * 0.9 : 0;
  const y = (v) => (HIGH - 1 - ((v - floor) / (top - floor)) * (HIGH - 2)).toFixed(1);
  const step = WIDE / (values.length - 1);
  let pen = "M";
  const path = values.map((v, i) => {
    if (v === null) return ((pen = "M"), "");
    const piece = `${pen}${(i * step).toFixed(1)} ${y(v)}`;
    pen = "L";
    return piece;
  });
  const tick = withSlo ? `<path d="M0 ${y(slo)}H${WIDE}" stroke="${palette.late}" stroke-width="1" stroke-dasharray="3 3"/>` : "";
  svg.setAttribute("viewBox", `0 0 ${WIDE} ${HIGH}`);
  svg.innerHTML = `${tick}<path d="${path.join("")}" fill="none" stroke="${palette.muted}" stroke-width="1.5"/>`;
}
