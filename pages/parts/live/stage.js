// Around the crowd: the largest accounts, the lens switch with its caption and legend, and the counts as a table.

import { count, put } from "./format.js";
import { legend, look, sprite } from "./lenses.js";

const LARGEST_RADIUS = 22;
const NAME_HEIGHT = 39;
const FEWEST = 4;
const SAMPLED = /1 dot for [\d,]+ people; counts are for all\./;
const CAPTIONS = {
  behind: "Each dot is a person. Bigger and warmer: further behind.",
  post: "Hollow waits, filled has it, coloured by how late. Specks do not follow.",
  reading: "Larger: the last home page touched more rows.",
};

export class Stage {
  constructor(root, send) {
    this.root = root;
    this.send = send;
    this.find = (selector) => root.querySelector(selector);
    root.querySelectorAll("[data-event]").forEach((button) =>
      button.addEventListener("click", () => send({ do: "inject", name: button.dataset.event }, button)));
    root.querySelectorAll("[data-lens]").forEach((button) =>
      button.addEventListener("click", () => this.choose(button.dataset.lens, button)));
    const asTable = this.find(".as-table");
    asTable.addEventListener("click", () => {
      const box = this.find(".table-box");
      box.hidden = !box.hidden;
      asTable.setAttribute("aria-expanded", String(!box.hidden));
      this.drawTable();
    });
  }

  /** Asks for a lens; it is drawn when the engine's first picture of it arrives. */
  choose(lens, button, which = {}) {
    this.markLens(lens);
    this.wanted = lens;
    this.send({ do: "lens", lens, post: null, ...which }, button, () => (this.wanted = null));
  }

  markLens(lens) {
    this.root.querySelectorAll("[data-lens]").forEach((button) =>
      button.setAttribute("aria-pressed", String(button.dataset.lens === lens)));
  }

  reset(full) {
    this.world = full.world;
    this.slo = full.world.slo_ms / 1000;
    const sizes = circleSizes(full.world.strip, this.find(".strip").clientHeight);
    this.authors = sizes.map((size, i) => this.author(full.world.strip[i], size));
    this.find(".strip").replaceChildren(...this.authors);
    this.shown = null;
    const scale = this.find(".scale");
    const perDot = full.world.people_per_dot;
    put(scale, perDot > 1 ? `1 dot for ${count(perDot)} people` : "");
    scale.dataset.hint = `The dots are a sample. Every number in words and in the table is for all ${count(full.world.users)} people.`;
  }

  author(author, size) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "author";
    button.dataset.hint = `${author.name}, ${count(author.followers)} followers. Click to follow their latest post from person to person.`;
    button.innerHTML = '<i></i><b></b><span></span>';
    button.querySelector("i").style.cssText = `width:${size}px;height:${size}px`;
    put(button.querySelector("b"), author.name);
    put(button.querySelector("span"), `${compact(author.followers)} followers`);
    button.addEventListener("click", () => this.choose("post", button, { author: author.user }));
    return button;
  }

  /** An author posted: their circle rings once. */
  flash(index) {
    const circle = this.authors?.[index]?.firstChild;
    if (!circle) return;
    circle.classList.remove("posted");
    void circle.offsetWidth; // restarts the animation
    circle.classList.add("posted");
  }

  show(tick, drawnLens, theme) {
    const lens = tick.lens?.lens ?? drawnLens;
    if (this.wanted === lens) this.wanted = null;
    this.markLens(this.wanted ?? lens);
    put(this.find(".caption-text"), this.caption(tick));
    this.rows = tick.table;
    if (!this.find(".table-box").hidden) this.drawTable();
    const key = `${drawnLens} ${theme.key}`;
    if (key !== this.shown) {
      this.shown = key;
      this.drawLegend(drawnLens, theme.palette);
    }
  }

  /** What the engine says of this lens; how many people a dot stands for has its own place, beside the legend. */
  caption({ lens }) {
    return lens.caption.replace(SAMPLED, "").trim() || CAPTIONS[lens.lens];
  }

  drawLegend(lens, palette) {
    const ratio = devicePixelRatio || 1;
    const items = legend(lens, this.slo).map(([value, text]) => {
      const item = document.createElement("span");
      const { canvas, size } = sprite(look(lens, value, palette), 13, ratio);
      canvas.style.cssText = `width:${size}px;height:${size}px`;
      item.append(canvas, text);
      return item;
    });
    this.find(".legend").replaceChildren(...items);
  }

  drawTable() {
    const table = document.createElement("table");
    table.innerHTML = "<caption></caption><thead><tr><th scope='col'>How far behind</th><th scope='col'>People</th></tr></thead><tbody></tbody>";
    put(table.caption, `All ${count(this.world.users)} people, now`);
    for (const [label, people] of this.rows ?? []) {
      const row = table.tBodies[0].insertRow();
      const head = document.createElement("th");
      head.scope = "row";
      put(head, label);
      row.append(head);
      put(row.insertCell(), count(people));
    }
    this.find(".table-box").replaceChildren(table);
  }
}

/** Diameters, areas by followers; in a low strip fewer authors, and then smaller circles all together. */
function circleSizes(strip, height) {
  const largest = Math.max(...strip.map((author) => author.followers), 1);
  const sizes = strip.map((author) => Math.max(10, Math.sqrt(author.followers / largest) * LARGEST_RADIUS * 2));
  const fit = () => (height - sizes.length * NAME_HEIGHT) / sizes.reduce((sum, size) => sum + size, 0);
  while (height && sizes.length > FEWEST && fit() < 0.6) sizes.pop();
  return sizes.map((size) => Math.max(8, size * (height ? Math.min(1, fit()) : 1)));
}

const compact = (n) => (n >= 1_000_000 ? `${(n / 1e6).toFixed(1)}M` : n >= 10_000 ? `${Math.round(n / 1000)}k` : count(n));
