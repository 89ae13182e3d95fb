// The live twin: two designs under the same load, one pace, one scrubber, and the one sentence that tells them apart.

import { showBanner } from "../live/banner.js";
import { put } from "../live/format.js";
import { Hint } from "../live/hint.js";
import { legend, look, sprite } from "../live/lenses.js";
import { make } from "../live/make.js";
import { mounted } from "../live/mounted.js";
import { Notice, news } from "../live/notice.js";
import { Theme } from "../live/theme.js";
import { Transport, speedName } from "../live/transport.js";
import { Pair } from "./pair.js";
import { Scrubber } from "./scrubber.js";
import { NAMES, Side } from "./side.js";
import { askWhy } from "./why.js";

const KEPT_S = 60;
const REOPEN_MS = 2500;
const LOST = "The connection to these worlds was lost; trying again by itself.";
const ANNOUNCE_MS = 5000;
const HOME_SLO_MS = 300;
const LONG = 115; // characters of the sentence that fit in one line

class Twin {
  constructor(root, { data, setTriggerValue }) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.python = (command) => setTriggerValue("command", command);
    this.theme = new Theme(root);
    const on = {
      full: (side) => this.onFull(side),
      tick: (side) => this.onTick(side),
      past: () => this.showDifference(),
      state: (side, up) => this.online(side, up),
      gone: () => this.reopen(),
      refused: (sentence) => this.say(sentence),
      ask: (side, user, pinned) => this.askAbout(side, user, pinned),
    };
    const box = this.find(".sides");
    this.sides = [0, 1].map((number) => new Side(box, number, { theme: this.theme, form: data.form, on }));
    this.transport = new Transport(root, (command, element) => this.both(command, element));
    this.pair = new Pair(root, data.charts, data.form);
    this.scrubber = new Scrubber(root, (t) => this.lookAt(t));
    this.hint = new Hint(root);
    this.announced = 0;
    this.up = [false, false];
    root.querySelectorAll("[data-event]").forEach((button) =>
      button.addEventListener("click", () => this.both({ do: "inject", name: button.dataset.event }, button)));
    this.find(".reset").addEventListener("click", (event) => this.reset(event.currentTarget));
    this.find(".slowed").addEventListener("click", () => this.both({ do: "slow_to_watch", on: false }));
    this.notice = new Notice(root);
    this.connect(data.world);
    this.hear(data.notice);
    this.exposeForTests();
  }

  /** Streamlit ran the page again: only what it brought new matters. */
  update({ data }) {
    if (data.world !== this.world) this.connect(data.world);
    this.hear(data.notice);
    if (this.theme.read()) this.repaint();
  }

  connect(world) {
    clearTimeout(this.again);
    this.world = world;
    this.scrubber.reset();
    for (const side of this.sides) side.connect(world);
  }

  /** Both sides hear of it over the first one's socket. */
  async both(command, element) {
    const answer = await this.sides[0].ask(command, element);
    if (answer) this.say(null);
    return answer;
  }

  async reset(button) {
    this.root.classList.add("restarting");
    put(this.find(".achieved"), "starting again");
    await this.both({ do: "reset" }, button);
    this.root.classList.remove("restarting");
  }

  /** They were closed after standing idle: Python opens them again. */
  reopen() {
    clearTimeout(this.again);
    const designs = this.sides.map((side) => ({ strategy: side.tick?.strategy, knobs: side.knobs }));
    const { name } = this.sides[0].full?.world ?? {};
    this.python({ do: "reopen_twin", world: name, sides: this.sides.every((side) => side.full) ? designs : null });
    this.again = setTimeout(() => this.connect(this.world), REOPEN_MS); // they may be there again by then; else once more
  }

  // Showing

  onFull(side) {
    this.root.classList.remove("restarting");
    this.scrubber.reset();
    for (const other of this.sides) if (other !== side && other.past) other.lookAt(null).then(() => other.present());
    this.drawLegend();
  }

  onTick(side) {
    if (this.theme.read()) this.repaint();
    if (side.number !== 1 || !this.sides[0].tick) return; // both have been told of this instant
    const { tick } = side;
    this.transport.show(tick);
    const chip = this.find(".slowed");
    chip.hidden = !tick.slowed;
    put(chip, `Slowed: back to ${speedName(tick.speed)}`);
    const to = Math.floor(tick.t * 2) / 2;
    this.scrubber.reach(Math.max(0.5, to - KEPT_S, this.kept ?? 0), to);
    showBanner(this.root, [...new Set(this.sides.map((each) => each.tick.banner).filter(Boolean))].join(" "));
    this.showDifference();
    this.drawCharts();
    this.announce();
  }

  /** The sentence of the instant that is looked at. */
  showDifference() {
    const past = this.sides[0].past ?? this.sides[1].past;
    const twin = (past ?? this.sides[1].tick ?? this.sides[0].tick)?.twin;
    if (!twin) return;
    const line = this.find(".difference-line");
    put(line, twin.line);
    line.classList.toggle("long", twin.line.length > LONG);
    put(this.find(".difference-window"), `Same people, posts and reads. Compared ${past ? `as of ${past.clock}: ` : ""}${twin.window}.`);
    this.root.classList.toggle("looking-back", Boolean(past));
    this.showParts(twin.parts);
  }

  showParts(parts) {
    this.parts ??= parts.map(() => this.find(".parts").appendChild(make("button", { class: "part" }, make("span", { class: "label" }), make("span", { class: "values" }))));
    parts.forEach((part, i) => {
      const [a, b] = part.shown;
      const words = `A ${a}, B ${b} ${part.unit}`;
      const element = this.parts[i];
      element.dataset.hint = `${words}; ${part.window}. ${part.text}${part.text.toLowerCase().includes(part.kind) ? "" : ` ${part.kind[0].toUpperCase()}${part.kind.slice(1)}.`}`;
      element.setAttribute("aria-label", `${part.label}: ${words}, ${part.window}`);
      put(element.querySelector(".label"), part.label.toLowerCase().split(" ").includes(part.unit.split("/")[0]) ? part.label : `${part.label}, ${part.unit}`);
      const values = element.querySelector(".values");
      const key = `${words} ${part.window}`;
      if (values.dataset.text === key) return;
      values.dataset.text = key;
      const waiting = part.window.match(/(A and B|A|B) still waiting/)?.[1] ?? "";
      values.replaceChildren(...[a, b].flatMap((text, i) => [
        make("i", { text: `${i ? "  " : ""}${NAMES[i]} ` }), make("b", { text }), waiting.includes(NAMES[i]) ? make("em", { text: " waits" }) : "",
      ]));
    });
  }

  drawCharts() {
    const [a, b] = this.sides;
    if (!a.full || !b.full) return;
    const slo = { lag: a.knobs["slo.lag_ms"] / 1000, home: a.knobs["slo.home_ms"] ?? HOME_SLO_MS };
    const { tick } = b;
    const fast = (tick.speed >= 100 || tick.speed === 0) && !tick.slowed;
    this.pair.draw(this.sides, { theme: this.theme, slo, fast, cursor: this.scrubber.t });
  }

  drawLegend() {
    const slo = this.sides[0].full?.world.slo_ms / 1000;
    if (!slo) return;
    this.find(".legend").replaceChildren(...legend("behind", slo).map(([value, text]) => {
      const { canvas, size } = sprite(look("behind", value, this.theme.palette), 13, devicePixelRatio || 1);
      canvas.style.cssText = `width:${size}px;height:${size}px`;
      return make("span", {}, canvas, text);
    }));
  }

  repaint() {
    for (const side of this.sides) side.crowd.repaint();
    this.drawLegend();
    this.drawCharts();
  }

  /** Read out at most every five seconds. */
  announce() {
    const now = performance.now();
    if (now - this.announced < ANNOUNCE_MS) return;
    this.announced = now;
    const [a, b] = this.sides.map((side) => `${side.name}: ${(side.past ?? side.tick).text}`);
    put(this.find(".announcer"), `${this.find(".difference-line").textContent} ${a} ${b}`);
  }

  // Asking

  async lookAt(t) {
    const answers = await Promise.all(this.sides.map((side) => side.lookAt(t)));
    if (answers.every(Boolean)) this.kept = Math.max(...answers.map((answer) => answer.from));
    if (t === null) this.sides.forEach((side) => side.present());
    this.showDifference();
    this.drawCharts();
  }

  async askAbout(side, user, pinned) {
    const there = this.sides[1 - side.number];
    const person = await side.ask({ do: "person", user });
    if (!person) return;
    const lines = [["who", person.line]];
    if (pinned) {
      const author = [...side.history.flags].reverse().find((flag) => flag.kind === "inject" && flag.user !== null)?.user ?? null;
      lines.push(...(await askWhy(side, there, user, author)));
      if (side.past) lines.push(["also", "All of this is as it is now, not as it was then."]);
    }
    side.card.tell(user, pinned, lines);
  }

  online(side, up) {
    this.up[side.number] = up;
    const all = this.up.every(Boolean);
    this.root.classList.toggle("offline", !all);
    if (all) this.notice.unsay(LOST);
    if (!up && side.full && !this.offline) this.say(LOST);
    this.offline = !all && Boolean(side.full);
  }

  say(text) {
    this.notice.say(text);
  }

  /** What Python has to say, if that is new. */
  hear(notice) {
    const told = news(notice);
    if (told) this.say(told.text);
  }

  exposeForTests() {
    const twin = this;
    window.__murmuration = {
      get world() { return twin.world; },
      get ticks() { return twin.sides.map((side) => side.tick); },
      get past() { return twin.sides.map((side) => side.past); },
      get scrubbed() { return twin.scrubber.t; },
      get tick() { return twin.sides[1].tick && twin.sides[0].tick; },
      get flags() { return twin.sides[0].history.flags; },
      bands: () => twin.sides.map((side) => side.crowd.bands()),
      dot: (number, value) => {
        const { crowd } = twin.sides[number];
        const dot = crowd.drawn.findIndex((drawn) => drawn === value);
        return dot < 0 ? null : { dot, x: crowd.place.x[dot], y: crowd.place.y[dot] };
      },
      place: (number, dot) => ({ x: twin.sides[number].crowd.place.x[dot], y: twin.sides[number].crowd.place.y[dot] }),
    };
  }

  stop() {
    clearTimeout(this.again);
    for (const side of this.sides) side.stop();
    this.pair.stop();
    this.hint.hide();
  }
}

/** Called by boot.js at every run of the page; the twin itself is made once. */
export function mount(root, component) {
  return mounted(root, component, Twin);
}
