// One station of the living diagram opened: how it is, what theory makes of it, its figures and its knobs.

import { put } from "./format.js";
import { STATES } from "./diagram_parts.js";
import { fieldRow, stepped } from "./rail.js";

const SETTLE_MS = 350;

export class Panel {
  /** `knobs`: name -> what is known of a knob. `closed()` is called when it is shut by its reader. */
  constructor(box, knobs, send, closed) {
    Object.assign(this, { box, knobs, send, closed });
    box.innerHTML = `<header><h2></h2><button type="button" class="icon close" aria-label="Close">✕</button></header>
      <p class="how"></p><p class="theory"></p><div class="fields"></div><dl></dl><p class="source"></p>`;
    this.find = (selector) => box.querySelector(selector);
    this.find(".close").addEventListener("click", () => closed());
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      closed();
    });
    this.values = {};
    this.rows = new Map();
    this.inputs = new Map();
  }

  open(node) {
    this.box.hidden = false;
    this.box.scrollTop = 0;
    this.box.setAttribute("aria-label", node.name);
    this.names = null;
    this.rows.clear();
    this.find("dl").replaceChildren();
    this.show(node);
    this.find(".close").focus({ preventScroll: true });
  }

  close() {
    this.box.hidden = true;
  }

  show(node) {
    this.box.dataset.state = node.state;
    put(this.find("h2"), node.name);
    const many = node.count === null ? "" : `, ${node.count.toLocaleString("en-US")} ${node.of}`;
    put(this.find(".how"), `${node.ghost ? "Not used now" : capital(STATES[node.state])}${many}${node.slots ? `; ${node.slots.each}.` : "."}`);
    put(this.find(".theory"), node.theory);
    put(this.find(".source"), node.source && !node.ghost ? `Formula: ${node.source}` : "");
    for (const [key, figure] of Object.entries(node.figures)) this.figure(key, figure);
    const names = node.knobs.filter((name) => this.knobs[name]);
    if (names.join() !== this.names) this.fields(names);
  }

  figure(key, { label, text, window, kind, definition }) {
    if (!this.rows.has(key)) {
      const row = Object.assign(document.createElement("div"), { tabIndex: 0 });
      row.innerHTML = "<dt></dt><dd></dd><dd class='window'></dd>";
      this.find("dl").append(row);
      this.rows.set(key, row);
    }
    const row = this.rows.get(key);
    row.dataset.hint = definition;
    [label, text, `${window}, ${kind}`].forEach((said, i) => put(row.children[i], said));
  }

  fields(names) {
    this.names = names.join();
    this.inputs.clear();
    this.find(".fields").replaceChildren(...names.map((name, i) => this.field(this.knobs[name], i === 0)));
    this.knobsChanged(this.values);
  }

  /** The first one is large, with steps. */
  field(spec, first) {
    const { row, input } = fieldRow(spec, first && spec.kind !== "switch");
    const set = (value) => this.send({ do: "knobs", set: { [spec.name]: value } }, input, () => this.restore(spec.name, true));
    if (spec.kind === "switch") input.addEventListener("change", () => set(input.checked));
    else input.addEventListener("change", () => set(asNumber(input.value)));
    row.querySelectorAll("[data-step]").forEach((button) =>
      button.addEventListener("click", () => {
        input.value = stepped(Number(input.value), Number(button.dataset.step), spec);
        clearTimeout(input.settle);
        input.settle = setTimeout(() => set(asNumber(input.value)), SETTLE_MS);
      }));
    this.inputs.set(spec.name, input);
    return row;
  }

  knobsChanged(values) {
    this.values = values;
    for (const name of this.inputs.keys()) this.restore(name);
  }

  restore(name, force = false) {
    const [input, value] = [this.inputs.get(name), this.values[name]];
    if (!input || value === undefined) return;
    if (input.type === "checkbox") input.checked = Boolean(value);
    else if (force || document.activeElement !== input || input.value === input.shown) input.value = input.shown = String(value);
  }
}

const asNumber = (raw) => (raw.trim() !== "" && Number.isFinite(Number(raw)) ? Number(raw) : raw);
const capital = (text) => `${text[0].toUpperCase()}${text.slice(1)}`;
