// The charts: Plotly.js out of the plotly wheel, redrawn twice a second, never animated.

import { put, seconds, short } from "./format.js";
import { Figure, combined } from "./panels.js";

const WINDOW_S = 90;
const FAST_WINDOW_S = 600;
const CONFIG = { displayModeBar: false, responsive: false, doubleClick: false, showTips: false };
/** Sizes in pixels; `flags`: a lane above a stack for the flags and the ribbon of strategies. */
const LOOK = { font: 11, line: 2, title: 24, left: 38, bottom: 20, flags: true };
const FLAG_ROW = 16;
const FLAG_LANE = 2 * FLAG_ROW + 8; // two rows, and the ribbon of strategies below them

let loading;
const plotly = () =>
  (loading ??= new Promise((done, failed) => {
    if (window.Plotly) return done(window.Plotly);
    const script = document.createElement("script");
    script.src = new URL("/assets/plotly.min.js", location.origin).href;
    script.onload = () => done(window.Plotly);
    script.onerror = () => failed(new Error("Plotly.js did not load"));
    document.head.append(script);
  }));

/** One group of panels in a box. `columns` 1: a stack on one time axis, with a lane for flags. */
export class Charts {
  constructor(box, defs, columns, onFlag, look = {}) {
    Object.assign(this, { box, defs, columns, onFlag, look: { ...LOOK, ...look } });
    this.laned = columns === 1 && this.look.flags;
    this.plot = document.createElement("div");
    this.plot.className = "plot";
    this.lane = document.createElement("div");
    this.lane.className = "flags";
    box.replaceChildren(this.lane, this.plot);
    this.titles = defs.map((def) => title(box, def));
    this.flagButtons = new Map();
    this.watcher = new ResizeObserver(() => this.redraw());
    this.watcher.observe(box);
  }

  /** `state`: history, ghost, theme, slo, fast, and if wanted `marks`: by chart, points and levels to be drawn on it. */
  async draw(state) {
    this.state = state;
    if (this.busy || document.hidden) return;
    this.busy = true;
    try {
      await this.paint(await plotly());
    } finally {
      this.busy = false;
      if (this.stopped) window.Plotly?.purge(this.plot);
    }
  }

  redraw() {
    if (this.state) this.draw(this.state);
  }

  async paint(Plotly) {
    const { width, height } = this.box.getBoundingClientRect();
    if (width < 120 || height < 120 || this.stopped) return;
    const { history, ghost, theme, slo, fast, marks = {} } = this.state;
    const { look } = this;
    const margin = { l: look.left, r: 8, t: this.laned ? FLAG_LANE : 0, b: look.bottom };
    const boxes = this.arrange(width, height, margin);
    const key = `${width} ${height}`;
    if (key !== this.key) {
      this.key = key;
      const tops = this.figure?.tops;
      this.figure = new Figure(boxes);
      if (tops) this.figure.tops = tops;
      this.boxes = boxes;
    }
    const span = fast ? FAST_WINDOW_S : WINDOW_S;
    const size = { width, height, margin };
    const ribbonY = this.laned ? 1 + 5 / (height - margin.t - margin.b) : null;
    const { traces, layout, range } = this.figure.build({ history, ghost, palette: theme.palette, span, slo, font: theme.font, size, ribbonY, marks, look });
    await Plotly.react(this.plot, traces, layout, CONFIG);
    this.range = range;
    this.placeTitles();
    if (this.laned) this.placeFlags(history.flags, range, width, margin);
    this.describe(history);
  }

  arrange(width, height, margin) {
    const rows = Math.ceil(this.defs.length / this.columns);
    const inner = { w: width - margin.l - margin.r, h: height - margin.t - margin.b };
    const gapX = this.columns === 1 ? 0 : 46;
    const gapY = this.columns === 1 ? 6 : 28;
    const w = (inner.w - gapX * (this.columns - 1)) / this.columns;
    const h = (inner.h - gapY * (rows - 1)) / rows;
    return this.defs.map((def, i) => {
      const [column, row] = [i % this.columns, Math.floor(i / this.columns)];
      const left = column * (w + gapX);
      const top = row * (h + gapY);
      const number = i ? i + 1 : "";
      return {
        def,
        x: [left / inner.w, (left + w) / inner.w],
        y: [1 - (top + h) / inner.h, 1 - (top + this.look.title) / inner.h],
        xaxis: this.columns === 1 ? "x" : `x${number}`,
        yaxis: `y${number}`,
        left: margin.l + left,
        top: margin.t + top,
        width: w,
      };
    });
  }

  placeTitles() {
    this.boxes.forEach((box, i) => {
      const element = this.titles[i];
      const out = this.look.left - 4;
      const where = `left:${box.left - out}px;top:${box.top - 1}px;max-width:${box.width + out}px`;
      if (element.dataset.where !== where) element.style.cssText = element.dataset.where = where;
      element.querySelector(".key-ghost").hidden = !(box.def.ghost && this.state.ghost);
    });
  }

  /** Newest first, each label takes the first free place: right or left of its line, in one of two rows. */
  placeFlags(flags, range, width, margin) {
    const scale = (width - margin.l - margin.r) / (range[1] - range[0]);
    const taken = [[], []];
    const seen = new Set();
    for (const flag of [...flags].reverse()) {
      const x = Math.round(margin.l + (flag.t - range[0]) * scale);
      if (x < margin.l) break;
      const key = `${flag.t} ${flag.label}`;
      seen.add(key);
      const button = this.flagButtons.get(key) ?? this.addFlag(key, flag);
      const wide = button.wide ??= Math.ceil(button.getBoundingClientRect().width);
      const free = ([row, from]) => from >= 0 && from + wide <= width && taken[row].every(([a, b]) => from + wide < a || from > b);
      const spot = [[0, x], [0, x - wide], [1, x], [1, x - wide]].find(free);
      button.style.visibility = spot ? "visible" : "hidden"; // its line stays
      if (!spot) continue;
      taken[spot[0]].push([spot[1], spot[1] + wide]);
      button.style.transform = `translate(${spot[1]}px, ${spot[0] * FLAG_ROW}px)`;
      button.classList.toggle("left", spot[1] < x);
    }
    for (const [key, button] of this.flagButtons) if (!seen.has(key)) (button.remove(), this.flagButtons.delete(key));
  }

  addFlag(key, flag) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `flag ${flag.kind}`;
    button.innerHTML = "<span></span>";
    button.firstChild.textContent = flag.label;
    button.dataset.hint = `${flag.label}, at ${seconds(flag.t)}.${flag.kind === "inject" ? " Click to follow one of its posts." : ""}`;
    button.setAttribute("aria-label", button.dataset.hint);
    button.addEventListener("click", () => this.onFlag?.(flag));
    this.lane.append(button);
    this.flagButtons.set(key, button);
    return button;
  }

  /** The text alternative: the last value of every line. */
  describe(history) {
    const words = this.defs.map((def) => {
      const values = def.series.map((s) => {
        const last = combined(history.series, s, -1)[0] ?? null;
        return `${s.label} ${last === null ? "no data" : `${short(last)} ${def.unit}`}`;
      });
      return `${def.title}: ${values.join(", ")}`;
    });
    this.plot.setAttribute("role", "img");
    this.plot.setAttribute("aria-label", `${words.join(". ")}. At ${seconds(history.end)}.`);
  }

  /** The figure as an image, for the export. */
  async image() {
    const Plotly = await plotly();
    const { width, height } = this.box.getBoundingClientRect();
    return Plotly.toImage(this.plot, { format: "png", width, height, scale: 2 });
  }

  stop() {
    this.stopped = true;
    this.watcher.disconnect();
    if (!this.busy) window.Plotly?.purge(this.plot); // else when what is being drawn is drawn
  }
}

function title(box, def) {
  const element = document.createElement("p");
  element.className = "chart-title";
  const name = document.createElement("span");
  name.className = "chart-name";
  name.tabIndex = 0;
  name.dataset.hint = def.text;
  put(name, def.title);
  const unit = document.createElement("span");
  put(unit, `, ${def.unit}`);
  element.append(name, unit);
  for (const series of [...def.series, { role: "ghost", label: "before" }]) {
    if (def.series.length === 1 && series === def.series[0] && !def.ghost) continue;
    const key = document.createElement("span");
    key.className = `key key-${series.role}`;
    put(key, series.label);
    element.append(key);
  }
  if (!element.querySelector(".key-ghost")) element.append(document.createElement("span"));
  box.append(element);
  return element;
}
