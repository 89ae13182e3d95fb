// The living diagram: stations and what flows between them, from the engine's nodes and edges. Dots on an edge mean a
// rate, never single things; colour and mark of a station mean its wait, the bar at its left how busy it is.

import { put } from "./format.js";
import { layout } from "./diagram_layout.js";
import { Panel } from "./diagram_panel.js";
import { dotsPerSecond, EdgeView, NodeView, STATES, stateMark, svg } from "./diagram_parts.js";

const TRAVEL_S = 1.6;
const MOST_DOTS = 100;
const FRAME_MS = 40;

export class Diagram {
  /** `send` as of the rail; `knobForm` is the knobs by name. `box` is filled, and sized by its page. */
  constructor(box, theme, { send, knobForm }) {
    Object.assign(this, { box, theme });
    box.classList.add("diagram");
    box.innerHTML = `<div class="key-box"></div><div class="drawing"><svg role="group" aria-label="Stations and what flows between them"></svg></div>
      <div class="stations-box" tabindex="0" role="region" aria-label="Stations as a table" hidden></div><div class="panel" role="group" hidden></div>`;
    this.find = (selector) => box.querySelector(selector);
    this.svg = this.find(".drawing svg");
    this.drawKey();
    this.panel = new Panel(this.find(".panel"), knobForm, send, () => this.close(true));
    this.find(".to-table").addEventListener("click", () => this.toggleTable());
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.size = new ResizeObserver(() => this.draw(true));
    this.size.observe(this.find(".drawing"));
    this.dots = [];
    this.phase = 0;
    this.frame = requestAnimationFrame((now) => this.move(now));
  }

  /** The "diagram" of a tick; `paused` stops the dots. */
  show(diagram, paused = false) {
    Object.assign(this, { diagram, paused });
    this.draw();
    const node = this.opened && diagram.nodes.find(({ id }) => id === this.opened);
    if (node) this.panel.show(node);
    else if (this.opened) this.close(false);
    if (!this.find(".stations-box").hidden) this.drawTable();
  }

  /** The settings now in force, by name. */
  knobsChanged(values) {
    this.panel.knobsChanged(values);
  }

  draw(again = false) {
    const { width, height } = this.svg.getBoundingClientRect(); // where there is no room for words it scrolls
    if (!this.diagram?.nodes.length || !height) return;
    const { nodes, edges } = this.diagram;
    const key = [...nodes.map(({ id }) => id), ...edges.map(({ from, to }) => from + to)].join();
    if (again || key !== this.key) this.build(key, nodes, edges, Math.round(width), Math.round(height));
    for (const node of nodes) this.nodes.get(node.id).show(node, node.id === this.opened);
    edges.forEach((edge) => this.edges.get(`${edge.from} ${edge.to}`).show(edge));
  }

  build(key, nodes, edges, width, height) {
    const focused = document.activeElement?.dataset?.node;
    this.key = key;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.replaceChildren();
    const [lines, dots, stations, labels] = ["edges", "dots", "stations", "rates"].map((name) => svg("g", { class: name }, this.svg));
    const { places, routes } = layout(nodes, edges, width, height);
    this.places = places;
    this.edges = new Map(routes.map((route) => [`${route.from} ${route.to}`, new EdgeView(lines, labels, null, route)]));
    this.nodes = new Map(nodes.map((node) => [node.id, new NodeView(stations, node, places.get(node.id), (id) => this.toggle(id))]));
    this.dots = Array.from({ length: MOST_DOTS }, () => svg("circle", { class: "dot", r: 2.4, cx: -9, cy: -9 }, dots));
    this.width = width;
    if (focused) this.nodes.get(focused)?.g.focus({ preventScroll: true });
  }

  drawKey() {
    const marks = Object.entries(STATES).map(([state, said]) =>
      `<span data-state="${state}"><svg viewBox="-7 -7 14 14" aria-hidden="true"><path class="mark" d="${stateMark(state)}"/></svg>${said}</span>`);
    this.find(".key-box").innerHTML = `<p>${marks.join("")}</p>
      <p><span><i class="bar-key"></i>share of time busy</span></p><p><span><i class="line-key"></i>line: full is the whole SLO</span></p>
      <p><button type="button" class="link to-table" aria-expanded="false">As table</button></p>`;
  }

  // Dots

  /** All dots are a function of the clock, so that nothing piles up; a world that stands still has none that move. */
  move(now) {
    this.frame = requestAnimationFrame((next) => this.move(next));
    const passed = now - (this.moved ?? now);
    if (passed < FRAME_MS && this.moved !== undefined) return;
    this.moved = now;
    if (!this.edges || !this.box.offsetParent) return;
    if (!this.paused) this.phase += Math.min(passed, 200) / 1000;
    const flows = [...this.edges.values()].map((edge) => [edge, Math.round(dotsPerSecond(edge.rate) * TRAVEL_S * 8) / 8]);
    const total = flows.reduce((sum, [, many]) => sum + many, 0);
    const fit = Math.min(1, (MOST_DOTS - flows.length) / Math.max(1, total));
    let used = 0;
    if (!this.still.matches) {
      for (const [edge, many] of flows) used = this.moveAlong(edge, many * fit, used);
    }
    for (; used < this.dots.length; used++) this.dots[used].setAttribute("cx", -9);
  }

  /** `many` dots on an edge, evenly apart; less than one is one that comes seldom. */
  moveAlong(edge, many, used) {
    if (many <= 0) return used;
    const slots = Math.max(1, Math.round(many));
    const period = many < 1 ? 1 / many : 1;
    for (let i = 0; i < slots && used < this.dots.length; i++) {
      const share = (this.phase / TRAVEL_S + i / slots) % period;
      if (share >= 1) continue;
      const { x, y } = edge.point(share);
      const dot = this.dots[used++];
      dot.setAttribute("cx", x);
      dot.setAttribute("cy", y);
    }
    return used;
  }

  // One station

  toggle(id) {
    if (id === this.opened) return this.close(true);
    this.opened = id;
    const place = this.places.get(id);
    this.find(".panel").classList.toggle("left", place.x + place.w / 2 > this.width / 2);
    this.panel.open(this.diagram.nodes.find((node) => node.id === id));
    this.draw();
  }

  close(back) {
    const id = this.opened;
    this.opened = null;
    this.panel.close();
    this.draw();
    if (back) this.nodes?.get(id)?.g.focus({ preventScroll: true });
  }

  // In words

  toggleTable() {
    const box = this.find(".stations-box");
    box.hidden = !box.hidden;
    this.find(".drawing").hidden = !box.hidden;
    this.box.classList.toggle("as-words", !box.hidden);
    put(this.find(".to-table"), box.hidden ? "As table" : "As picture");
    this.find(".to-table").setAttribute("aria-expanded", String(!box.hidden));
    if (this.opened) this.close(false);
    if (box.hidden) this.draw(true);
    else this.drawTable();
  }

  drawTable() {
    const { nodes, edges, window_s: window } = this.diagram ?? { nodes: [], edges: [] };
    const name = new Map(nodes.map((node) => [node.id, node.name]));
    const stations = nodes.map((n) => [n.name, n.ghost ? "not used" : STATES[n.state], n.count?.toLocaleString("en-US") ?? "–", n.utilisation === null ? "–" : `${Math.round(n.utilisation * 100)} %`,
      n.figures.queue?.text ?? "–", n.figures.wait_ms?.text ?? "–"]);
    const flows = edges.map((e) => [`${name.get(e.from)} to ${name.get(e.to)}`, e.label]);
    this.find(".stations-box").replaceChildren(
      table(`Stations; means of the last ${window} s`, ["Station", "State", "How many", "Busy", "In line", "Mean wait"], stations),
      table(`What flows; last ${window} s`, ["From and to", "Rate"], flows));
  }

  repaint() {
    this.draw(true);
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.size.disconnect();
  }
}

function table(caption, heads, rows) {
  const made = document.createElement("table");
  put(made.createCaption(), caption);
  const head = made.createTHead().insertRow();
  for (const text of heads) head.append(Object.assign(document.createElement("th"), { scope: "col", textContent: text }));
  const body = made.createTBody();
  for (const [first, ...rest] of rows) {
    const row = body.insertRow();
    row.append(Object.assign(document.createElement("th"), { scope: "row", textContent: first }));
    for (const text of rest) put(row.insertCell(), String(text));
  }
  return made;
}
