// The design of the world: strategy, its parameter, workers, and the rest behind "More knobs". Drawn from knob_form.py.

import { put } from "./format.js";
import { SVG_DASH } from "./theme.js";

const OPEN_KEY = "murmuration.more-knobs";
const OPEN_WORLD = "Open this world";

export class Rail {
  /** `send` takes a command, the element that shows it was heard, and what to do if it is refused. */
  constructor(box, form, send, openWorld) {
    Object.assign(this, { box, form, send, openWorld });
    this.fields = new Map();
    this.build();
  }

  build() {
    const { form } = this;
    const strategies = part("div", "strategies");
    strategies.setAttribute("role", "group");
    strategies.setAttribute("aria-label", "Strategy");
    this.buttons = form.strategies.map((s) => strategyButton(s, () => this.choose(s.slug)));
    strategies.append(...this.buttons);
    this.only = Object.entries(form.only_for).map(([slug, fields]) => {
      const group = part("div", "fields only");
      group.dataset.slug = slug;
      group.append(...fields.map((field) => this.field(field, true)));
      return group;
    });
    const always = part("div", "fields");
    always.append(...form.always.map((field) => this.field(field, true)));
    this.box.replaceChildren(heading("Strategy"), strategies, ...this.only, always, this.moreKnobs());
  }

  moreKnobs() {
    const details = part("details", "more-knobs");
    details.open = localStorage.getItem(OPEN_KEY) === "1";
    details.addEventListener("toggle", () => localStorage.setItem(OPEN_KEY, details.open ? "1" : "0"));
    const summary = part("summary");
    put(summary, "More knobs");
    const fields = part("div", "fields");
    fields.append(...this.form.more.map((field) => this.field(field)), this.watchField());
    details.append(summary, fields, heading("World"), this.worldForm());
    return details;
  }

  /** Slowing down for events is this viewer's wish, not the world's design: it takes the socket. */
  watchField() {
    const { row, input } = fieldRow({ label: "Slow to watch", kind: "switch", text: "At more than 4x, an event drops the speed to 1x until lag is under 1 s again." });
    input.checked = true;
    input.addEventListener("change", () => this.send({ do: "slow_to_watch", on: input.checked }, row));
    this.watch = input;
    return row;
  }

  worldForm() {
    const form = part("form", "world-form fields");
    this.world = part("select");
    this.world.setAttribute("aria-label", "World");
    this.world.append(...this.form.worlds.map(({ slug, label }) => new Option(label, slug)));
    this.backend = part("select");
    this.backend.setAttribute("aria-label", "Where lists are kept");
    this.backend.append(...this.form.backends.map(({ name, label }) => new Option(label, name)));
    const seed = fieldRow(this.form.seed);
    this.seed = seed.input;
    const open = part("button", "wide");
    open.type = "submit";
    put(open, OPEN_WORLD);
    this.openButton = open;
    form.append(this.world, this.backend, seed.row, open);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      open.setAttribute("aria-busy", "true");
      put(open, "Opening takes some seconds");
      this.openWorld({ world: this.world.value, seed: this.seed.value, backend: this.backend.value });
    });
    return form;
  }

  field(spec, large = false) {
    const { row, input } = fieldRow(spec, large);
    const send = (raw) => {
      const value = spec.kind !== "switch" && raw.trim() !== "" && Number.isFinite(Number(raw)) ? Number(raw) : raw;
      this.send({ do: "knobs", set: { [spec.name]: value } }, input, () => this.restore(spec.name, true));
    };
    if (spec.kind === "switch") input.addEventListener("change", () => send(input.checked));
    else {
      input.addEventListener("change", () => send(input.value));
      row.querySelectorAll("[data-step]").forEach((button) =>
        button.addEventListener("click", () => {
          input.value = stepped(Number(input.value), Number(button.dataset.step), spec);
          clearTimeout(input.settle);
          input.settle = setTimeout(() => send(input.value), 350);
        }));
    }
    if (!this.fields.has(spec.name)) this.fields.set(spec.name, []);
    this.fields.get(spec.name).push({ row, input, spec });
    return row;
  }

  choose(slug) {
    this.mark(slug);
    const button = this.buttons.find((b) => b.dataset.slug === slug);
    this.send({ do: "strategy", name: slug }, button, () => this.mark(this.strategy));
  }

  /** Python has opened another world, or said why not. */
  opened() {
    this.openButton.removeAttribute("aria-busy");
    put(this.openButton, OPEN_WORLD);
  }

  mark(slug) {
    this.buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.slug === slug)));
    this.only.forEach((group) => (group.hidden = group.dataset.slug !== slug));
    const shown = new Set((this.form.only_for[slug] ?? []).map((spec) => spec.name));
    for (const [name, copies] of this.fields) copies.forEach(({ row }) => row.closest(".only") || (row.hidden = shown.has(name)));
  }

  /** The engine's own state, from a full message. */
  reset(world) {
    this.knobs = { ...world.knobs };
    this.world.value = world.name;
    this.seed.value = world.seed;
    this.backend.value = world.knobs["timeline.backend"];
    for (const name of this.fields.keys()) this.restore(name);
    this.tick(world.strategy);
  }

  /** A tick says that settings changed, here or elsewhere. */
  knobsChanged(knobs, world) {
    world.knobs = knobs;
    world.slo_ms = knobs["slo.lag_ms"] ?? world.slo_ms;
    this.knobs = { ...knobs };
    for (const name of this.fields.keys()) this.restore(name);
  }

  restore(name, force = false) {
    const value = this.knobs?.[name];
    for (const { input, spec } of this.fields.get(name) ?? []) {
      const typing = document.activeElement === input && ![input.shown, String(value)].includes(input.value);
      if (typing && !force) continue;
      if (spec.kind === "switch") input.checked = Boolean(value);
      else if (value !== undefined) input.value = input.shown = String(value);
    }
  }

  tick(strategy) {
    const changed = strategy !== this.strategy;
    this.strategy = strategy;
    const waits = this.buttons.some((button) => button.getAttribute("aria-busy"));
    if (changed || !waits) this.mark(strategy);
  }
}

const part = (tag, className = "") => Object.assign(document.createElement(tag), { className });

function heading(text) {
  const element = part("h2");
  put(element, text);
  return element;
}

export function strategyButton({ slug, label, text }, choose) {
  const button = part("button", "strategy");
  button.type = "button";
  button.dataset.slug = slug;
  button.dataset.hint = text;
  button.innerHTML = `<svg viewBox="0 0 34 6" aria-hidden="true"><path d="M0 3H34" stroke="var(--strategy-${slug})" stroke-width="4" stroke-dasharray="${SVG_DASH[slug]}"/></svg><span></span>`;
  put(button.lastChild, label);
  button.addEventListener("click", choose);
  return button;
}

let fieldCount = 0;

/** A label with its input: large ones have steps, and their unit above. */
export function fieldRow(spec, large = false) {
  const row = part("div", large ? "field large" : "field");
  row.dataset.hint = spec.text;
  const name = part("label", "name");
  put(name, spec.label);
  const input = part("input");
  input.id = name.htmlFor = `lab-field-${++fieldCount}`;
  if (spec.kind === "switch") input.type = "checkbox";
  else Object.assign(input, { type: "text", inputMode: "decimal", autocomplete: "off" });
  row.append(name);
  if (large) row.append(stepper("−", -1, spec), input, stepper("+", 1, spec));
  else row.append(input);
  const unit = part("span", "unit");
  put(unit, spec.unit === spec.label.toLowerCase() ? "" : spec.unit ?? "");
  row.append(unit);
  return { row, input };
}

function stepper(sign, step, spec) {
  const button = part("button", "step");
  button.type = "button";
  button.tabIndex = -1; // the arrow keys of the field itself are enough for the keyboard
  button.dataset.step = step;
  button.setAttribute("aria-label", `${spec.label} ${step < 0 ? "down" : "up"}`);
  put(button, sign);
  return button;
}

export function stepped(value, direction, { lo, hi }) {
  const size = value + Math.min(0, direction);
  const step = size >= 1000 ? 500 : size >= 100 ? 50 : size >= 20 ? 5 : 1;
  return Math.min(hi, Math.max(lo, value + direction * step));
}
