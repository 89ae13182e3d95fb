// A station and an edge of the living diagram, as SVG. Each is made once and then only told what is new.

import { put } from "./format.js";

const NS = "http://www.w3.org/2000/svg";
export const STATES = { ok: "on time", watch: "watch", bad: "late", idle: "idle" };
const MARKS = {
  ok: "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0Z",
  watch: "M0 -5.5L5.8 5L-5.8 5Z",
  bad: "M-5 -5H5V5H-5Z",
  idle: "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z",
};
const TALL = 50; // from this height on a station has room for its wait

export function svg(tag, attributes = {}, parent = null) {
  const element = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  parent?.append(element);
  return element;
}

export const stateMark = (state) => MARKS[state];

export class NodeView {
  /** `open(id)` is called by a click, Enter or Space. */
  constructor(parent, { id }, { x, y, w, h }, open) {
    Object.assign(this, { w, h });
    this.g = svg("g", { class: "node", transform: `translate(${x} ${y})`, tabindex: 0, role: "button", "data-node": id }, parent);
    svg("rect", { class: "plate", width: w, height: h, rx: 7 }, this.g);
    this.bar = svg("rect", { class: "bar", x: 5, y: 5, width: 5, height: h - 10, rx: 2 }, this.g);
    this.busy = svg("rect", { class: "busy", x: 5, width: 5, rx: 2 }, this.g);
    this.name = svg("text", { class: "name", x: 15, y: h >= TALL ? 17 : 15 }, this.g);
    this.count = svg("text", { class: "count", x: 15, y: h >= TALL ? 31 : h - 6 }, this.g);
    this.wait = svg("text", { class: "count", x: 15, y: h - 7 }, this.g);
    this.line = svg("g", { class: "capsule" }, this.g);
    this.mark = svg("path", { class: "mark", transform: `translate(${w - 3} 3)` }, this.g);
    this.g.addEventListener("click", () => open(id));
    this.g.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      open(id);
    });
  }

  show(node, open) {
    const { w, h, g } = this;
    g.dataset.state = node.state;
    g.classList.toggle("ghost", node.ghost);
    g.setAttribute("aria-expanded", String(open));
    g.setAttribute("aria-label", describe(node));
    put(this.name, node.short);
    if (node.count === null) this.name.setAttribute("y", h / 2 + 4);
    put(this.count, node.count === null ? "" : `× ${node.count.toLocaleString("en-US")}`);
    put(this.wait, h >= TALL && node.figures.wait_ms && node.figures.wait_ms.value !== null ? `waits ${node.figures.wait_ms.text}` : "");
    this.mark.setAttribute("d", MARKS[node.state]);
    const busy = node.utilisation;
    this.bar.style.display = this.busy.style.display = busy === null ? "none" : "";
    const high = (h - 10) * (busy ?? 0);
    this.busy.setAttribute("y", 5 + (h - 10) - high);
    this.busy.setAttribute("height", high);
    this.capsule(node.slots, w, h >= TALL ? 22 : h - 14);
  }

  /** As many slots as it has: emptiness is drawn too. Slots are made anew only when their number changes. */
  capsule(slots, w, y) {
    const total = slots?.total ?? 0;
    const [left, right] = [15 + 32, w - (this.h >= TALL ? 14 : 10)];
    const wide = (right - left) / Math.max(1, total);
    if (total !== this.total) {
      this.total = total;
      this.line.replaceChildren();
      this.slots = Array.from({ length: total }, (_, i) => {
        const at = { x: left + i * wide + 0.5, y, height: 9, rx: 1 };
        svg("rect", { class: "slot", ...at, width: wide - 1.5 }, this.line);
        return svg("rect", { class: "filled", ...at, width: 0 }, this.line);
      });
      if (total) svg("rect", { class: "shell", x: left - 2, y: y - 2, width: right - left + 3, height: 13, rx: 6.5 }, this.line);
      if (total) svg("path", { class: "more", d: `M${right + 2} ${y}l4 4.5l-4 4.5` }, this.line);
    }
    if (!total) return;
    this.slots.forEach((slot, i) => {
      const share = Math.max(0, Math.min(1, slots.filled - i));
      slot.setAttribute("width", share > 0 ? Math.max(1.5, share * (wide - 1.5)) : 0);
    });
    this.line.classList.toggle("over", slots.over);
  }
}

/** The station in words, for who does not see it. */
export function describe(node) {
  const said = [node.name, node.ghost ? "not used now" : STATES[node.state]];
  if (node.count !== null) said.push(`${node.count.toLocaleString("en-US")} ${node.of}`);
  if (node.utilisation !== null) said.push(`busy ${Math.round(node.utilisation * 100)} %`);
  if (node.figures.queue) said.push(`in line ${node.figures.queue.text}`);
  if (node.figures.wait_ms?.value !== null && node.figures.wait_ms) said.push(`mean wait ${node.figures.wait_ms.text}`);
  return said.join(", ");
}

const LABEL_ABOVE = 12;

export class EdgeView {
  constructor(lines, labels, edge, { points, at, anchor }) {
    const d = path(points);
    svg("path", { class: "wide", d }, lines);
    this.path = svg("path", { class: "edge", d }, lines);
    this.head = svg("path", { class: "head", d: `M${at[0]} ${at[1] - 1}l-4 -7h8Z` }, lines);
    const dx = { middle: 0, end: 2, start: -2 }[anchor];
    this.label = svg("text", { class: "rate", x: at[0] + dx, y: at[1] - LABEL_ABOVE, "text-anchor": anchor }, labels);
    this.places = null;
  }

  show(edge) {
    this.rate = edge.ghost ? 0 : edge.rate_per_s;
    for (const part of [this.path, this.head, this.label]) part.classList.toggle("ghost", edge.ghost);
    put(this.label, edge.ghost && !edge.rate_per_s ? "" : edge.label);
  }

  /** Where a dot is after a share of the way; measured once. */
  point(share) {
    if (!this.places) {
      const long = this.path.getTotalLength();
      this.places = Array.from({ length: 61 }, (_, i) => this.path.getPointAtLength((long * i) / 60));
    }
    return this.places[Math.min(60, Math.floor(share * 61))];
  }
}

function path(points) {
  let d = `M${points[0][0]} ${points[0][1]}`;
  for (let i = 1; i < points.length; i++) {
    const [[x0, y0], [x1, y1]] = [points[i - 1], points[i]];
    d += x0 === x1 ? `L${x1} ${y1}` : `C${x0} ${y0 + (y1 - y0) * 0.6} ${x1} ${y0 + (y1 - y0) * 0.4} ${x1} ${y1}`;
  }
  return d;
}

/** Dots a second on an edge: the low end is lifted and the top capped, so that every rate is seen as more or less. */
const STEPS = [[0.05, 0.05], [1, 0.2], [10, 0.6], [100, 1.6], [1_000, 3.6], [10_000, 6], [100_000, 7]];

export function dotsPerSecond(rate) {
  if (rate < STEPS[0][0]) return 0;
  const i = STEPS.findIndex(([from]) => rate < from);
  if (i < 0) return STEPS.at(-1)[1];
  const [[r0, d0], [r1, d1]] = [STEPS[i - 1], STEPS[i]];
  return d0 + ((d1 - d0) * Math.log(rate / r0)) / Math.log(r1 / r0);
}
