// The Load lab for a room: verdict, crowd, one chart, and what the room has bet. Driven by keys.

import { Crowd } from "../live/canvas.js";
import { Charts } from "../live/charts.js";
import { count, put } from "../live/format.js";
import { History } from "../live/history.js";
import { LENSES } from "../live/lenses.js";
import { Link } from "../live/link.js";
import { make } from "../live/make.js";
import { mounted } from "../live/mounted.js";
import { Theme } from "../live/theme.js";
import { Keys, bindings } from "./keys.js";

const LARGE = { font: 22, line: 4, title: 40, left: 72, bottom: 44, flags: false };
const LENS_NAMES = { behind: "Who is behind", post: "One post", reading: "What reading touches" };
const GROUND = { light: "#FFFFFF", dark: "#0F1722" };
const CHART_KEY = "murmuration.projector-chart";
const HEARD_MS = 1500;
const ANNOUNCE_MS = 5000;
const HOME_SLO_MS = 300;

class Projector {
  constructor(root, { data, setTriggerValue }) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.paint("light");
    this.defs = data.charts;
    this.history = new History((label) => data.strategies.find((s) => label.includes(s.label))?.slug);
    this.link = new Link(root, (command) => setTriggerValue("command", command), {
      full: (message) => this.reset(message),
      tick: (message) => this.onTick(message),
      binary: (bytes) => this.crowd.receive(bytes),
    });
    this.crowd = new Crowd(this.find(".crowd"), this.theme, () => {});
    this.chart(Number(localStorage.getItem(CHART_KEY) ?? 0));
    this.keys = new Keys(root, bindings(this.actions(), this.defs.map((def) => def.title)));
    this.find(".keys").addEventListener("click", () => this.help());
    this.find(".close-help").addEventListener("click", () => this.close());
    this.link.connect(data.world);
    this.link.hear(data.notice);
    this.announced = 0;
    this.exposeForTests();
  }

  update({ data }) {
    if (data.world !== this.link.world) this.link.connect(data.world);
    this.link.hear(data.notice);
  }

  actions() {
    return {
      inject: (name, said) => this.act({ do: "inject", name }, said),
      strategy: (name, said) => this.act({ do: "strategy", name }, said),
      pause: () => this.act({ do: this.tick?.paused ? "resume" : "pause" }, this.tick?.paused ? "Going on" : "Paused"),
      lens: () => this.lens(),
      chart: (index) => this.chart(index),
      theme: () => this.paint(this.ground === "light" ? "dark" : "light"),
      help: () => (this.find(".help").hidden ? this.help() : this.close()),
      close: () => this.close(),
    };
  }

  async act(command, said) {
    this.hear(said);
    return this.link.act(command);
  }

  /** A key was heard, before anything comes of it. */
  hear(said) {
    const box = this.find(".heard");
    put(box, said);
    box.hidden = false;
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => (box.hidden = true), HEARD_MS);
  }

  lens() {
    const next = LENSES[(LENSES.indexOf(this.tick?.lens?.lens ?? "behind") + 1) % LENSES.length];
    return this.act({ do: "lens", lens: next, post: null }, LENS_NAMES[next]);
  }

  chart(index) {
    if (!this.defs[index]) return;
    localStorage.setItem(CHART_KEY, String(index));
    this.charts?.stop();
    this.find(".charts").replaceChildren();
    this.charts = new Charts(this.find(".charts"), [this.defs[index]], 1, null, LARGE);
    this.shown = index;
    this.drawChart();
  }

  /** Light by default whatever the browser's theme: a projector washes dark pictures out. */
  paint(ground) {
    this.ground = ground;
    this.root.style.setProperty("--st-background-color", GROUND[ground]);
    this.theme ??= new Theme(this.root);
    this.theme.read();
    this.crowd?.repaint();
    this.drawChart();
  }

  help() {
    this.before = document.activeElement;
    this.find(".help").hidden = false;
    this.find(".keys").setAttribute("aria-expanded", "true");
    this.find(".close-help").focus();
  }

  close() {
    if (this.find(".help").hidden) return;
    this.find(".help").hidden = true;
    this.find(".keys").setAttribute("aria-expanded", "false");
    this.find(".close-help").blur();
    this.before?.focus(); // space is the presenter's pause again, unless a button had the focus
  }

  reset(full) {
    this.full = full;
    this.ghost = full.ghost;
    this.history.reset(full.series, full.tick.strategy, full.flags);
    this.crowd.reset(full.bands);
    this.find(".leave").href = `/load?world=${encodeURIComponent(full.world.id)}`;
    this.link.ask({ do: "story", on: true }).then(({ story }) => this.room(story.bets), () => {});
    this.onTick({ ...full.tick, series: {}, flags: [] });
  }

  onTick(tick) {
    this.tick = tick;
    this.history.append(tick.series, tick.strategy, tick.flags ?? []);
    if (tick.ghost !== undefined) this.ghost = tick.ghost;
    if (tick.knobs) this.full.world.knobs = tick.knobs;
    this.find(".verdict").dataset.status = tick.verdict.status;
    put(this.find(".line"), unbroken(tick.verdict.line));
    put(this.find(".crowd-text"), unbroken(tick.text));
    if (tick.story) this.room(tick.story.bets);
    this.drawChart();
    this.announce(tick);
  }

  drawChart() {
    if (!this.tick) return;
    const slo = { lag: this.full.world.slo_ms / 1000, home: this.full.world.knobs["slo.home_ms"] ?? HOME_SLO_MS };
    const fast = this.tick.speed >= 100 || this.tick.speed === 0;
    this.charts.draw({ history: this.history, ghost: this.ghost, theme: this.theme, slo, fast });
  }

  /** The first bets of everybody on this world. */
  room(bets) {
    const key = JSON.stringify(bets);
    if (key === this.bets) return;
    this.bets = key;
    const all = bets.reduce((sum, [, people]) => sum + people, 0);
    const most = Math.max(...bets.map(([, people]) => people), 1);
    put(this.find(".none"), all ? "" : "No predictions yet. Open Start and bet.");
    this.find(".none").hidden = all > 0;
    this.find(".bars").hidden = all === 0;
    this.find(".bars").replaceChildren(...bets.flatMap(([label, people]) => [
      make("dt", { text: label }),
      make("dd", { class: people ? "" : "nobody" }, make("i", { style: `width:${(people / most) * 75}%` }), count(people)),
    ]));
  }

  announce(tick) {
    const now = performance.now();
    if (now - this.announced < ANNOUNCE_MS) return;
    this.announced = now;
    put(this.find(".announcer"), `${tick.verdict.line} ${tick.text}`);
  }

  exposeForTests() {
    const projector = this;
    window.__murmuration = {
      get tick() { return projector.tick; },
      get world() { return projector.link.world; },
      get chart() { return projector.shown; },
      flags: () => projector.history.flags.map((flag) => flag.label),
    };
  }

  stop() {
    clearTimeout(this.quiet);
    for (const part of [this.link, this.crowd, this.charts, this.keys]) part.stop();
  }
}

/** Words this large wrap; but no line ends between a number and its unit. */
const unbroken = (text) => text.replace(/(\d) (?=m?s\b)/g, "$1\u00a0");

export function mount(root, component) {
  return mounted(root, component, Projector);
}
