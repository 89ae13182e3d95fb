// The murmuration: every dot a person, drawn as the state they are in. Repaints only what changed, 20 times a second.

import { layout } from "./curve.js";
import { BANDS, LENSES, POST_STATUS, between, look, sprite } from "./lenses.js";

const FRAME_MS = 50;
const SLOW_FRAME_MS = 100;
const STILL_FRAME_MS = 1000;
const FADE_MS = 150;
const FADE_STEPS = 3;
const RING_MS = 300;
const HOLD_MS = 1500;
const BUDGET_MS = 16;

export class Crowd {
  constructor(box, theme, onAuthor) {
    this.box = box;
    this.theme = theme;
    this.onAuthor = onAuthor;
    this.canvas = box.querySelector("canvas");
    this.pen = this.canvas.getContext("2d", { alpha: false });
    this.lens = "behind";
    this.values = new Uint8Array(0);
    this.drawn = new Uint8Array(0);
    this.dirty = new Set();
    this.fades = new Map();
    this.rings = new Map();
    this.sprites = new Map();
    this.holding = false;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.gap = FRAME_MS;
    this.misses = 0;
    this.last = 0;
    this.watcher = new ResizeObserver(() => this.resize());
    this.watcher.observe(box);
    this.onVisible = () => document.hidden || this.repaint();
    document.addEventListener("visibilitychange", this.onVisible);
  }

  /** A whole picture: how many dots there are, and the band of each. Another lens waits for its own next frame. */
  reset(bands) {
    if (this.values.length === bands.length) {
      if (this.lens !== "behind") return;
      bands.forEach((value, dot) => value !== this.values[dot] && this.change(dot, value));
      return this.schedule();
    }
    this.lens = "behind";
    this.values = Uint8Array.from(bands);
    this.drawn = new Uint8Array(bands.length);
    this.resize();
  }

  resize() {
    const { width, height } = this.box.getBoundingClientRect();
    if (!width || !height) return;
    const ratio = devicePixelRatio || 1;
    if (this.width === width && this.height === height && this.ratio === ratio && this.place?.count === this.values.length) {
      return this.repaint();
    }
    Object.assign(this, { width, height, ratio });
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.place = layout(this.values.length, width, height);
    this.repaint();
  }

  /** Everything anew: after a theme, lens, size or tab change. */
  repaint() {
    if (!this.place) return;
    this.sprites.clear();
    this.fades.clear();
    this.rings.clear();
    this.pen.fillStyle = this.theme.palette.ground;
    this.pen.fillRect(0, 0, this.canvas.width, this.canvas.height);
    for (let dot = 0; dot < this.values.length; dot++) this.dirty.add(dot);
    this.frame(performance.now());
  }

  /** One binary message of the wire. */
  receive(bytes) {
    if (bytes[0] === 255) return this.flash(bytes);
    const lens = LENSES[bytes[0]];
    if (bytes[1] === 0) {
      const values = bytes.subarray(2);
      if (values.length !== this.values.length) return;
      if (lens !== this.lens) {
        this.lens = lens;
        this.values = Uint8Array.from(values);
        return this.repaint();
      }
      values.forEach((value, dot) => value !== this.values[dot] && this.change(dot, value));
    } else if (lens === this.lens) {
      for (let i = 2; i + 2 < bytes.length; i += 3) this.change(bytes[i] | (bytes[i + 1] << 8), bytes[i + 2]);
    }
    this.schedule();
  }

  change(dot, value) {
    if (dot >= this.values.length) return;
    const before = this.values[dot];
    this.values[dot] = value;
    this.dirty.add(dot);
    if (this.still.matches || document.hidden) return;
    if (this.holding && this.lens === "behind" && before >= 2 && value < before) {
      this.rings.set(dot, { until: performance.now() + HOLD_MS, mark: look("behind", before, this.theme.palette).colour });
    }
    this.fades.set(dot, { from: before, start: performance.now() });
  }

  flash(bytes) {
    const late = bytes[1] === 1;
    for (let i = 2; i + 1 < bytes.length; i += 2) {
      const index = bytes[i] | (bytes[i + 1] << 8);
      if (bytes[1] === 2) this.onAuthor(index);
      else if (this.lens === "behind" && !this.still.matches && !document.hidden && index < this.values.length) {
        const { some, late: amber } = this.theme.palette;
        this.rings.set(index, { until: performance.now() + RING_MS, mark: late ? amber : some });
        this.dirty.add(index);
      }
    }
    this.schedule();
  }

  /** A thin outline round some dots, for a while; not for those who want nothing to move. */
  outline(dots, ms) {
    if (this.still.matches || document.hidden || this.lens !== "behind") return;
    const until = performance.now() + ms;
    for (const dot of dots) {
      this.rings.set(dot, { until, mark: this.theme.palette.ink });
      this.dirty.add(dot);
    }
    this.schedule();
  }

  schedule() {
    if (this.waiting || document.hidden) return;
    this.waiting = true;
    const gap = this.still.matches ? STILL_FRAME_MS : this.gap;
    const wait = Math.max(0, this.last + gap - performance.now());
    this.timer = setTimeout(() => requestAnimationFrame((now) => {
      this.waiting = false;
      this.frame(now);
    }), wait);
  }

  frame(now) {
    if (!this.place || document.hidden || this.place.count !== this.values.length) return;
    const began = performance.now();
    this.last = now;
    for (const [dot, ring] of this.rings) if (now >= ring.until) (this.rings.delete(dot), this.dirty.add(dot));
    for (const dot of this.fades.keys()) this.dirty.add(dot);
    for (const dot of this.dirty) this.paint(dot, now);
    this.dirty.clear();
    this.watchBudget(performance.now() - began);
    if (this.fades.size || this.rings.size) this.schedule();
  }

  watchBudget(ms) {
    this.misses = ms > BUDGET_MS ? this.misses + 1 : 0;
    if (this.misses >= 2) this.gap = SLOW_FRAME_MS;
  }

  paint(dot, now) {
    const cell = this.cell(dot);
    this.pen.fillStyle = this.theme.palette.ground;
    this.pen.fillRect(cell.x, cell.y, cell.w, cell.h);
    this.stamp(dot, cell, this.mark(dot, now));
    const ring = this.rings.get(dot);
    if (ring) this.stamp(dot, cell, this.cached(`ring ${ring.mark}`, () => ({ shape: "ring", colour: ring.mark, radius: 0.5, line: 1.5 })));
    this.drawn[dot] = this.values[dot];
  }

  /** The device pixels that belong to one dot alone. */
  cell(dot) {
    const { place, ratio } = this;
    const left = place.margin + place.column[dot] * place.dx;
    const top = place.margin + place.row[dot] * place.dy;
    const [x, y] = [Math.round(left * ratio), Math.round(top * ratio)];
    return { x, y, w: Math.round((left + place.dx) * ratio) - x, h: Math.round((top + place.dy) * ratio) - y };
  }

  mark(dot, now) {
    const { lens, values, theme } = this;
    const to = values[dot];
    const fade = this.fades.get(dot);
    if (fade) {
      const step = Math.floor(((now - fade.start) / FADE_MS) * FADE_STEPS);
      if (step >= FADE_STEPS) this.fades.delete(dot);
      else {
        const key = `${lens} ${fade.from}>${to} ${step}`;
        const made = this.cached(key, () =>
          between(look(lens, fade.from, theme.palette), look(lens, to, theme.palette), (step + 1) / (FADE_STEPS + 1)));
        if (made) return made;
        this.fades.delete(dot);
      }
    }
    return this.cached(`${lens} ${to}`, () => look(lens, to, theme.palette));
  }

  cached(key, make) {
    if (!this.sprites.has(key)) {
      const mark = make();
      this.sprites.set(key, mark && sprite(mark, this.place.pitch, this.ratio));
    }
    return this.sprites.get(key);
  }

  /** Draws a sprite in the middle of its cell, and nothing outside of it: the next repaint clears the cell only. */
  stamp(dot, cell, { canvas, size }) {
    const x = Math.round((this.place.x[dot] - size / 2) * this.ratio);
    const y = Math.round((this.place.y[dot] - size / 2) * this.ratio);
    const [left, top] = [Math.max(0, cell.x - x), Math.max(0, cell.y - y)];
    const w = Math.min(x + canvas.width, cell.x + cell.w) - x - left;
    const h = Math.min(y + canvas.height, cell.y + cell.h) - y - top;
    this.pen.drawImage(canvas, left, top, w, h, x + left, y + top, w, h);
  }

  /** How many drawn dots are in each band; null under another lens. */
  bands() {
    return this.lens === "behind" ? this.count((value) => BANDS[value], BANDS) : null;
  }

  /** How many drawn dots have each status of the post; null under another lens. */
  post() {
    return this.lens === "post" ? this.count((value) => POST_STATUS[value], POST_STATUS) : null;
  }

  count(name, names) {
    const counts = Object.fromEntries(names.map((key) => [key, 0]));
    for (const value of this.drawn) counts[name(value)] += 1;
    return counts;
  }

  stop() {
    this.watcher.disconnect();
    document.removeEventListener("visibilitychange", this.onVisible);
    clearTimeout(this.timer);
    this.place = null;
  }
}
